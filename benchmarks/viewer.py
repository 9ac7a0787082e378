"""What the window costs: CPU time a picture, how much it slows the run, and the pictures a second that it keeps.

python benchmarks/viewer.py            # all three, on SDL's dummy driver; about four minutes on a quiet machine
python benchmarks/viewer.py --blocks 2 # fewer blocks

(a) CPU time of the window's process for one picture of 1280 x 720 in the default layout, with a learner's panels: what
    comes from the run is taken in, everything is drawn, nothing is left out. Median; the bar is 12 ms.
(b) Control steps a second of a run that goes flat out, with a window that draws 30 times a second and without one, in
    blocks by turns, in one and the same run; the bar is a tenth. Beside it, where the system tells it (Linux), how much
    more CPU time the run takes for a step: that says what it does for the window, whoever else uses the machine.
(c) Pictures a second that the window keeps meanwhile; the bar is 30.
"""

import argparse
import os
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

os.environ["SDL_VIDEODRIVER"] = "dummy"
for _variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

from agent.options import Pace, RunOptions  # noqa: E402
from agent.view import life as life_module  # noqa: E402
from agent.view.life import Life  # noqa: E402
from agent.view.live import opened  # noqa: E402
from agent.view.loop import DRAWN_S, Wish  # noqa: E402
from agent.view.options import ViewOptions  # noqa: E402
from agent.view.runner import Wanted  # noqa: E402

FLAT_OUT = Wish(paused=False, rate=float("inf"))
PACE = Pace(commission_updates=50, home_frames=1, away_frames=1, next_year_frames=1)


class QuickToBegin(Wanted):
    """A run with a short commissioning, and no exams that would fall into some of the blocks."""

    def __init__(self, options: RunOptions, *parts) -> None:
        options = replace(options, exam_every_days=10_000, burst_days=0, checkups=False)
        super().__init__(options, *parts, pace=PACE)


class Measured(NamedTuple):
    """What was measured in a block: steps a second, CPU seconds of the run a step, CPU seconds of each picture."""

    steps_s: float
    step_cpu_s: float
    picture_cpu_s: list[float]


def run_cpu_s(life: Life) -> float:
    """CPU time that the run's process has used; NaN where the system does not tell."""
    path = Path(f"/proc/{life._child._process.pid}/stat")
    if not path.exists():
        return float("nan")
    fields = path.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def watch(life: Life, loop, seconds: float, *, drawn: bool) -> "Measured":
    """Let the run go flat out for so long, and draw or not.

    Without drawing the run is asked for a glimpse once at the beginning and once at the end.

    Returns:
        what was measured.
    """
    glimpse(life)
    begun_s, first, begun_cpu_s = time.perf_counter(), life.world.steps, run_cpu_s(life)
    cpu_s, due_s = [], begun_s
    while (now_s := time.perf_counter()) - begun_s < seconds:
        if not drawn:
            time.sleep(min(0.05, seconds))
            continue
        used_s = time.process_time()
        life.go_on(FLAT_OUT)
        loop._window.poll()
        loop.draw()
        cpu_s.append(time.process_time() - used_s)
        due_s = max(due_s + 1.0 / DRAWN_S, now_s)
        time.sleep(max(0.0, due_s - time.perf_counter()))
    glimpse(life)
    lasted_s, steps = time.perf_counter() - begun_s, life.world.steps - first
    return Measured(steps / lasted_s, (run_cpu_s(life) - begun_cpu_s) / max(steps, 1), cpu_s)


def glimpse(life: Life) -> None:
    """Wait for a new glimpse of the run; the first that comes may have been asked for long ago."""
    for _ in range(2):
        before = life._glimpse
        while life._glimpse is before and life.over is None:
            life.go_on(FLAT_OUT)
            time.sleep(0.002)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--blocks", type=int, default=8, help="pairs of blocks with and without a window")
    parser.add_argument("--seconds", type=float, default=8.0, help="of a block")
    parser.add_argument("--learner", default="er+ewc")
    given = parser.parse_args()
    life_module.Wanted = QuickToBegin
    with tempfile.TemporaryDirectory() as out:
        options = ViewOptions(learner=given.learner, out=Path(out))
        life = Life(options)
        loop = opened(options, life)
        loop._window.hand.rate = float("inf")
        while life._mind.doing != "learning":
            glimpse(life)
        watch(life, loop, 4.0, drawn=True)  # kernels are compiled, pictures in their caches
        cpu_s, ratios, cpu_ratios, kept = [], [], [], []
        for block in range(given.blocks):
            order = (True, False) if block % 2 == 0 else (False, True)  # neither always goes first
            found = {drawn: watch(life, loop, given.seconds, drawn=drawn) for drawn in order}
            with_one, without = found[True], found[False]
            cpu_s += with_one.picture_cpu_s
            kept.append(len(with_one.picture_cpu_s) / given.seconds)
            ratios.append(without.steps_s / with_one.steps_s - 1.0)
            cpu_ratios.append(with_one.step_cpu_s / without.step_cpu_s - 1.0)
            print(f"block {block + 1}: {with_one.steps_s:5.0f} steps/s watched, {without.steps_s:5.0f} not; "
                  f"{1e3 * with_one.step_cpu_s:.2f} and {1e3 * without.step_cpu_s:.2f} ms of CPU a step; "
                  f"{kept[-1]:4.1f} pictures/s; load {os.getloadavg()[0]:.1f}", flush=True)  # fmt: skip
            if life.over is not None:
                break
        life.close()
    ordered = sorted(cpu_s)
    print(f"(a) CPU a picture   median {1e3 * statistics.median(cpu_s):5.1f} ms, "
          f"nine in ten below {1e3 * ordered[int(0.9 * len(ordered))]:5.1f} ms   (bar 12 ms)")  # fmt: skip
    print(f"(b) run slowed by   median {statistics.median(ratios):6.1%}, "
          f"from {min(ratios):.1%} to {max(ratios):.1%}   (bar 10 %)")  # fmt: skip
    print(f"    CPU a step more median {statistics.median(cpu_ratios):6.1%}, "
          f"from {min(cpu_ratios):.1%} to {max(cpu_ratios):.1%}")  # fmt: skip
    print(f"(c) pictures kept   median {statistics.median(kept):5.1f} a second   (bar 30)")


if __name__ == "__main__":
    main()
