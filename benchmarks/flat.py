"""Whether a step costs more late in a life than early: it goes on from year 1 and from year 5, block by block in turn.

    python benchmarks/flat.py
    python benchmarks/flat.py --kept build/flat     # keeps what was lived, and finds it there the next time

One run lives through five years and leaves, at the same date of its first and its fifth, what a run leaves that dies
there. Both are gone on with (`run_sim.py resume`, everything in one process: world, camera, learners, exams, monitor,
log), each in a process of its own, of which one waits while the other lives through a block. The time is that of the
processor (`time.process_time`), from one block to the next; the second of each pair is the first of the next, lest one
of them always comes first. That is repeated, and a block's time is the median: it does the same each time. Printed are
the ratio of the medians, and the median of the ratios of pairs with its 95 % interval (order statistics of the pairs).
"""

import os
import shutil
import tempfile
import time
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import tyro
from scipy.stats import binom

from agent.brief import Brief
from agent.checkpoint import Saved
from agent.monitor.life import YEAR_DAYS
from agent.monitor.monitor import Monitor
from agent.monitor.scores import StreamScore
from agent.options import LEARN_EVERY, QUICK_PACE, RunOptions
from agent.resume import ResumeOptions, resume
from agent.run import Watcher, run
from scenarios.files import load

EARLY, LATE, YEARS_LEFT = 1, 5, 2  # years lived, and to live from then on
CHECKPOINT_DAYS = 73  # five a year, so both go on from the same date; rare, as in a run, lest they be what is timed
WARM_UP = 4  # blocks that are not counted: the first ones load and compile


@dataclass(frozen=True)
class Options:
    """What to live through, and how long to watch."""

    pairs: int = 180
    """Blocks that each of the two lives through."""
    repeats: int = 5
    """How often that is done, always from the same day on: a block's time is the median."""
    steps_per_day: int = 4
    """Control steps a day."""
    exam_every_days: int = 30
    """Days between two exams."""
    learner: str = "er+ewc"
    """Who lives."""
    scenario: str = "four_seasons"
    """Whose garden and climate; its length is replaced."""
    kept: Path | None = None
    """Where the folders of the two are kept for another time, and found; by default they are made anew and thrown
    away."""
    seed: int = 0
    """Of the run."""


def main(options: Options) -> None:
    """Measure, and print.

    Raises:
        ValueError: the life ends before so many blocks.
    """
    most = int(YEARS_LEFT * YEAR_DAYS - 2 * CHECKPOINT_DAYS) * options.steps_per_day // LEARN_EVERY - WARM_UP
    if options.pairs > most:
        raise ValueError(f"pairs is {options.pairs}; with {options.steps_per_day} steps a day, give at most {most}")
    with tempfile.TemporaryDirectory() as scratch:
        kept = options.kept or Path(scratch) / "kept"
        if not (kept / f"year {LATE}").is_dir():
            lived_until(LATE, options, Path(scratch), kept)
        spent = np.median([once(kept, options.pairs) for _ in range(options.repeats)], axis=0)
    early, late = spent[:, 0], spent[:, 1]
    low, middle, high = median_with_interval(late / early)
    print(
        f"CPU time of a block, median of {options.pairs}: year {EARLY} {1e3 * np.median(early):.1f} ms, year {LATE} "
        f"{1e3 * np.median(late):.1f} ms, ratio {np.median(late) / np.median(early):.3f}; median of the pairs' ratios "
        f"{middle:.3f} [{low:.3f}, {high:.3f}]"
    )
    print(f"all blocks together, exams and checkpoints among them: ratio {late.sum() / early.sum():.3f}")


def lived_until(years: int, options: Options, out: Path, kept: Path) -> None:
    """Live so many years of a life that would have more, and keep what there was at the dates."""
    days = round((years + YEARS_LEFT) * YEAR_DAYS)
    scenario = load(options.scenario).model_copy(update={"days": days, "steps_per_day": options.steps_per_day})
    wanted = RunOptions(
        learners=(options.learner,), seed=options.seed, exam_every_days=options.exam_every_days,
        checkpoint_every_days=CHECKPOINT_DAYS, references=False, workers=0, keep_weights=0, out=out,
    )  # fmt: skip
    try:
        run(wanted, Photographer(kept), scenario=scenario, pace=QUICK_PACE)
    except Enough:
        return


class Enough(Exception):
    """The life has been lived for as long as it is wanted."""


@dataclass
class Photographer(Watcher):
    """Copies the folder of a run at the first checkpoint after each date."""

    kept: Path
    _folder: Path = field(default_factory=Path)
    _years: tuple[int, ...] = (EARLY, LATE)

    def begin(self, brief: Brief, tasks: list[str]) -> None:
        """Remember where the run is."""
        self._folder = brief.folder

    def message(self, message: Any, monitor: Monitor | None) -> None:
        """Copy, and end the run after the last copy."""
        if not isinstance(message, Saved) or message.life is None or message.day < self._years[0] * YEAR_DAYS:
            return
        year, *left = self._years
        shutil.copytree(self._folder, self.kept / f"year {year}", ignore=shutil.ignore_patterns("writer.lock"))
        print(f"year {year}: kept as it was on day {message.day}", flush=True)
        self._years = tuple(left)
        if not left:
            raise Enough


def once(kept: Path, pairs: int) -> np.ndarray:
    """(pairs, 2) CPU seconds of blocks of copies of the two, in turn."""
    with tempfile.TemporaryDirectory() as scratch:
        names = [f"year {year}" for year in (EARLY, LATE)]
        return alternate([Path(shutil.copytree(kept / name, Path(scratch) / name)) for name in names], pairs)


def alternate(folders: list[Path], pairs: int) -> np.ndarray:
    """(pairs, 2) CPU seconds of blocks of the two, in turn; who is first changes from pair to pair."""
    context = get_context("spawn")
    ends, processes = [], []
    for folder in folders:
        end, theirs = context.Pipe()
        process = context.Process(target=go_on, args=(folder, theirs), daemon=True)
        process.start()
        ends.append(end)
        processes.append(process)
    spent = np.zeros((pairs, 2))
    for end in ends:
        end.recv()  # its first block is lived
    for pair in range(-WARM_UP, pairs):
        for which in (0, 1) if pair % 2 else (1, 0):
            ends[which].send("go")
            took_s = ends[which].recv()
            if pair >= 0:
                spent[pair, which] = took_s
    for process in processes:
        process.kill()
        process.join()
    return spent


def go_on(folder: Path, end: Connection) -> None:
    """In a process of its own: resume a run, and wait after every block until it is this one's turn."""
    resume(ResumeOptions(folder, workers=0), Patient(end))


class Patient(Watcher):
    """Lives a block when it is told to, and says what processor time that took [s]."""

    def __init__(self, end: Connection) -> None:
        self._end, self._began_s = end, time.process_time()

    def message(self, message: Any, monitor: Monitor | None) -> None:
        """After a block: tell, and wait."""
        if isinstance(message, StreamScore):
            self._end.send(time.process_time() - self._began_s)
            self._end.recv()
            self._began_s = time.process_time()


def median_with_interval(values: np.ndarray) -> tuple[float, float, float]:
    """The median of independent values, between the ends of its 95 % interval: order statistics whose ranks a fair coin
    would not leave (Conover 1999, section 3.2)."""
    ranked = np.sort(values)
    low = int(binom.ppf(0.025, len(ranked), 0.5))
    return (
        float(ranked[max(low - 1, 0)]),
        float(np.median(ranked)),
        float(ranked[min(len(ranked) - low, len(ranked) - 1)]),
    )


if __name__ == "__main__":
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
    main(tyro.cli(Options, description=__doc__))
