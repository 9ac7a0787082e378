"""How much sooner a sweep is over on two workers than on one, Ray's start included; and whether it says the same.

    python benchmarks/sweep.py                  # 24 trials of at least 10 s, on one worker and on two
    python benchmarks/sweep.py --trials 8       # fewer of them

The same sweep is carried out twice, in folders of their own: one trial after another in this process, which has loaded
everything already, and as Ray tasks in workers that have not. Trials are one thread each. The first figure is the
ratio of the two wall times. What else the machine does decides about it, so its load is printed beside; the second
figure leaves that out: what the trials took of the processors, shared out between the workers, with Ray's start and
the loading of libraries by the clock. Exit status 1 if the tables differ by a byte.
"""

import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tyro

from agent.sweep.engine import Engine, InOrder
from agent.sweep.life import Outcome
from agent.sweep.on_ray import OnRay
from agent.sweep.options import SweepOptions
from agent.sweep.run import SweepWatcher, sweep
from agent.sweep.spec import Sweep, parse_sweep
from agent.sweep.table import TABLE

AT_LEAST_S = 10.0
BAR = 0.65


@dataclass(frozen=True)
class Options:
    """What to measure."""

    trials: int = 24
    """How many trials, a seed each."""
    workers: int = 2
    """Workers that Ray has."""
    days: int = 400
    """Length of each life."""
    keep: Path | None = None
    """Keep the sweeps' folders here; a temporary folder by default."""


def the_sweep(options: Options, folder: Path) -> Sweep:
    """Lives of a learner with replay, one a seed; no garden that any table tells of."""
    (folder / "life.yaml").write_text(
        f"name: life\ndays: {options.days}\nsteps_per_day: 6\ncommissioning_days: 28\n", encoding="utf-8"
    )
    seeds = list(range(9000, 9000 + options.trials))
    chosen = "{quick: true, references: false, checkups: false, burst_days: 0, keep_weights: 0}"
    return parse_sweep(f"learners: [er]\nscenarios: [life.yaml]\nseeds: {seeds}\noptions: {chosen}\n", folder=folder)


class Clock(SweepWatcher):
    """Notes what each trial took."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []

    def tell(self, message: Any) -> None:
        if isinstance(message, Outcome):
            if message.ended != "finished":
                raise SystemExit(f"{message.name} has {message.ended}: {message.said}")
            self.outcomes.append(message)
            print(".", end="", flush=True)


@dataclass(frozen=True)
class Measured:
    """One of the two times.

    Attributes:
        wall_s: from the first import of Ray, if it is used, to the page.
        start_s: of it, until trials could be handed out.
        outcomes: of the trials.
        load: of the machine, in the mean of before and after [processes that want a core].
    """

    wall_s: float
    start_s: float
    outcomes: list[Outcome]
    load: float

    @property
    def seconds(self) -> np.ndarray:
        return np.array([outcome.seconds for outcome in self.outcomes])

    @property
    def cpu_s(self) -> float:
        return sum(outcome.cpu_seconds for outcome in self.outcomes)


def measure(given: Sweep, out: Path, workers: int) -> Measured:
    """Carry the sweep out, by Ray if there is more than one worker."""
    clock, before, began_s = Clock(), os.getloadavg()[0], time.perf_counter()
    options = SweepOptions(Path("unused"), out=out, workers=workers)
    if workers == 1:
        engine: Engine = InOrder()
        start_s = 0.0
        sweep(options, clock, given=given, engine=engine)
    else:
        with OnRay(workers=workers, address=None, retries=0) as engine:
            start_s = time.perf_counter() - began_s
            sweep(options, clock, given=given, engine=engine)
    wall_s = time.perf_counter() - began_s
    print()
    return Measured(wall_s, start_s, clock.outcomes, (before + os.getloadavg()[0]) / 2)


def main() -> int:
    options = tyro.cli(Options, description=__doc__)
    with tempfile.TemporaryDirectory() as scratch:
        home = options.keep or Path(scratch)
        home.mkdir(parents=True, exist_ok=True)
        given = the_sweep(options, home)
        found = {workers: measure(given, home / f"on-{workers}", workers) for workers in (1, options.workers)}
        tables = [(home / f"on-{workers}" / TABLE).read_bytes() for workers in found]
    print(f"{options.trials} trials, one thread each, {os.cpu_count()} cores")
    print(f"{'workers':>7} {'wall s':>8} {'start s':>8} {'trial s: least, median, most':>30} {'cpu s':>8} {'load':>6}")
    for workers, told in found.items():
        spread = f"{told.seconds.min():.1f}, {np.median(told.seconds):.1f}, {told.seconds.max():.1f}"
        print(f"{workers:>7} {told.wall_s:8.1f} {told.start_s:8.1f} {spread:>30} {told.cpu_s:8.1f} {told.load:6.1f}")
    one, more = found[1], found[options.workers]
    short = " (some trials are shorter than 10 s)" if one.seconds.min() < AT_LEAST_S else ""
    ratio = more.wall_s / one.wall_s
    print(f"wall time on {options.workers} workers : on one   {ratio:.2f}   (bar: at most {BAR}){short}")
    ideal = (more.start_s + more.cpu_s / options.workers) / one.cpu_s
    print(f"the same from processor time   {ideal:.2f}   what a machine without other work would come to")
    print(f"tables: {'the same bytes' if tables[0] == tables[1] else 'THEY DIFFER'}")
    return 0 if tables[0] == tables[1] else 1


if __name__ == "__main__":
    sys.exit(main())
