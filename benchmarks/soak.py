"""A life of ten years as `run_sim.py run` lives it, and whether memory and files grow with the years.

    python benchmarks/soak.py               # frozen and er+ewc, 4 steps a day, exams every 30 days: as --quick has it
    python benchmarks/soak.py --years 3     # shorter

Real processes, a real log, checkpoints. At the end of every year of the life: resident size of the process that keeps
the log and of those that live (VmRSS, from /proc), and the bytes of its files. Then how the last year compares with the
second.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tyro

from agent.brief import Brief
from agent.checkpoint import FOLDER
from agent.monitor.journal import METRICS, TIMING
from agent.monitor.life import YEAR_DAYS
from agent.monitor.monitor import Monitor
from agent.monitor.scores import StreamScore
from agent.options import QUICK_CHECKPOINT_DAYS, QUICK_PACE, RunOptions
from agent.run import Watcher, run
from scenarios.files import load


@dataclass(frozen=True)
class Options:
    """What to live through."""

    years: int = 10
    """Length of the life."""
    steps_per_day: int = 4
    """Control steps a day."""
    learners: tuple[str, ...] = ("frozen", "er+ewc")
    """Who lives."""
    exam_every_days: int = 30
    """Days between two exams."""
    scenario: str = "four_seasons"
    """Whose garden and climate; its length is replaced."""
    references: bool = False
    """Train joint and joint@converged, too, which hold all labelled frames of the life at once."""
    workers: int = 1
    """Processes beside the one that keeps the log."""
    seed: int = 0
    """Of the run."""
    out: Path | None = None
    """Where the run's folder is made, and stays; by default it is thrown away."""


def main(options: Options) -> None:
    """Live, and print a table."""
    with tempfile.TemporaryDirectory() as thrown_away:
        out = options.out or Path(thrown_away)
        scenario = load(options.scenario).model_copy(
            update={"days": round(options.years * YEAR_DAYS), "steps_per_day": options.steps_per_day}
        )
        wanted = RunOptions(
            learners=options.learners,
            seed=options.seed,
            exam_every_days=options.exam_every_days,
            checkpoint_every_days=QUICK_CHECKPOINT_DAYS,
            references=options.references,
            workers=options.workers,
            out=out,
        )
        years = Years()
        began_s = time.perf_counter()
        folder = run(wanted, years, scenario=scenario, pace=QUICK_PACE)
        took_s = time.perf_counter() - began_s
        sizes = (f"{path.name} {path.stat().st_size:,}" for path in sorted(folder.iterdir()) if path.is_file())
        print(f"in the end: {', '.join(sizes)} bytes")
    years.conclude()
    print(f"at most, with the report at the end, {peak_mb('self'):.0f} MB where the log is kept; {took_s:.0f} s in all")


@dataclass
class Year:
    """What there was at the end of a year of the life: MB, and bytes of files."""

    log_mb: float
    lives_mb: list[float]
    metrics_bytes: int
    timing_bytes: int
    checkpoint_bytes: int


@dataclass
class Years(Watcher):
    """Takes the measure at the end of every year of the life."""

    rows: list[Year] = field(default_factory=list)
    _brief: Brief | None = None

    def begin(self, brief: Brief, tasks: list[str]) -> None:
        """Remember where the run is."""
        self._brief = brief
        print("year  log [MB]  lives [MB]  metrics.jsonl  timing.jsonl  checkpoints [bytes]", flush=True)

    def message(self, message: Any, monitor: Monitor | None) -> None:
        """Measure when a year is over."""
        assert self._brief is not None
        if not isinstance(message, StreamScore) or message.day + 1 < (len(self.rows) + 1) * YEAR_DAYS - 3:
            return
        folder = self._brief.folder
        row = Year(
            resident_mb("self"),
            sorted(resident_mb(child) for child in crew()),
            (folder / METRICS).stat().st_size,
            (folder / TIMING).stat().st_size,
            sum(path.stat().st_size for path in (folder / FOLDER).glob("*.ckpt")),
        )
        self.rows.append(row)
        resident = " + ".join(f"{mb:.1f}" for mb in row.lives_mb)
        print(
            f"{len(self.rows):4d}  {row.log_mb:8.1f}  {resident:>10}  {row.metrics_bytes:13,}  {row.timing_bytes:12,}"
            f"  {row.checkpoint_bytes:,}", flush=True,
        )  # fmt: skip

    def conclude(self) -> None:
        """How the last year compares with the second."""
        if len(self.rows) < 3:
            return
        second, last = self.rows[1], self.rows[-1]
        print(
            f"year {len(self.rows)} over year 2: where the log is kept {last.log_mb / second.log_mb:.3f}, "
            f"where life is lived {sum(last.lives_mb) / sum(second.lives_mb):.3f}"
        )


def crew() -> Iterator[str]:
    """The numbers of the processes of the crew, which this one has started."""
    for thread in Path("/proc/self/task").iterdir():
        for child in (thread / "children").read_text().split():
            if "spawn_main" in Path(f"/proc/{child}/cmdline").read_text():
                yield child


def resident_mb(process: str) -> float:
    """Resident size of a process [MB]."""
    return _status(process)["VmRSS"]


def peak_mb(process: str) -> float:
    """The largest resident size that it ever had [MB]."""
    return _status(process)["VmHWM"]


def _status(process: str) -> dict[str, float]:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return {name: int(size.split()[0]) / 1024 for name, size in (line.split(":", 1) for line in lines) if " kB" in size}


if __name__ == "__main__":
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
    main(tyro.cli(Options, description=__doc__))
