"""What of a folder is never learned from: whole stretches of every phase are held out of the stream for the exam."""

import numpy as np

ONE_IN = 8  # of the answered frames is held out
MOST_OF_PHASE = 4  # one in so many at most, in the phase that has fewest
MOST_FRAMES = 64  # of a phase: every learner answers all of them at every exam
STRETCHES = 4  # of a phase; the fewer there are, the fewer frames of the stream are neighbours of the exam


def hold_out(phase_of: np.ndarray, answered: np.ndarray, phases: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw the stretches.

    The answered frames of a phase are cut into as many equal parts as there are to be stretches, and of each part
    one run of frames is held out, wherever it falls. What lies between two held-out frames of a run, nobody having
    answered it, goes with them.

    Args:
        phase_of: (N,) int, the phase of every frame, in the order of time.
        answered: (N,) bool, whether it has an answer; at least one frame of every phase has.
        phases: S, how many there are.
        seed: draws where.

    Returns:
        rows (S, n) int, the held-out frames with answers by phase; and (N,) bool, all frames that are not lived.
    """
    rng = np.random.default_rng([seed, 31])
    own = [np.flatnonzero(answered & (phase_of == phase)) for phase in range(phases)]
    wanted = round(int(answered.sum()) / (ONE_IN * phases))
    frames = max(1, min(wanted, MOST_FRAMES, *(len(rows) // MOST_OF_PHASE for rows in own)))
    stretches = min(STRETCHES, frames)
    length = round(frames / stretches)
    chosen, away = [], np.zeros(len(answered), bool)
    for phase, rows in enumerate(own):
        runs = []
        for part in np.array_split(rows, stretches):
            first = int(rng.integers(len(part) - length + 1))
            run = part[first : first + length]
            away[run[0] : run[-1] + 1] |= phase_of[run[0] : run[-1] + 1] == phase
            runs.append(run)
        chosen.append(np.concatenate(runs))
    return np.stack(chosen), away
