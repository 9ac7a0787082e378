"""Runs that are killed at random moments and gone on with, against one that never stopped; and what checkpoints cost.

    python benchmarks/resume.py                 # 50 kills of a short run, SIGKILL to its whole process group
    python benchmarks/resume.py --workers 2     # the same with two processes a run
    python benchmarks/resume.py --cost          # share of a default life's time that checkpoints take

A run is begun in a process group of its own, killed after a time drawn from the seed (from nothing to the time that a
whole run takes), gone on with, perhaps killed again, and so on until it comes to its end. Then its weights, its log and
its page without the part on time are compared with those of the run that never stopped, byte for byte. A run that dies
before there is anything to go on with is begun anew, as its user would be told to.
"""

import contextlib
import io
import os
import re
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tyro
from safetensors.numpy import load_file

from agent.checkpoint import Checkpoint, LifeKeeper, Saved, path_of
from agent.history import FOLDER as HISTORY
from agent.live import Loop
from agent.options import Pace, RunOptions, paced
from agent.resume import ResumeOptions, resume
from agent.run import RunError, _Chronicle, garden_place, run
from scenarios.files import load, parse

SHORT = """
name: short
days: 54
steps_per_day: 6
commissioning_days: 12
camera: {width_px: 32, height_px: 32}
garden: {beds: 3, trees: 1, props: 1}
teacher: {budget: 0.4, delay_d: 2.0, asks: entropy}
"""
LEARNERS = ("er+ewc@alarm",)
PACE = Pace(commission_updates=5, converge_updates=20, home_frames=1, away_frames=2, next_year_frames=1)
NOTHING, FINISHED = 3, 4  # exit statuses: there was nothing to go on with, or nothing was left to do
TRIES = 200  # ends of a process after which a run should long have come to its own


@dataclass(frozen=True)
class Options:
    """What to measure."""

    kills: int = 50
    """How often a process is killed, in all runs together."""
    workers: int = 0
    """Processes of a run beside the one that keeps its log."""
    seed: int = 0
    """Draws the moments."""
    cost: bool = False
    """Measure what checkpoints cost instead."""
    learner: str = "er+ewc"
    """Whose, with --cost."""
    every_days: int = 30
    """Days between two checkpoints, with --cost."""
    days: int = 100
    """Length of the life, with --cost."""


def short_run(out: Path, *, workers: int = 0) -> Path:
    """A run of a learner behind a gate and two references through 54 days."""
    return run(_short_options(out, workers), scenario=parse(SHORT), pace=PACE)


def warm_up() -> None:
    """Draw the garden and its exam once, so that the processes that are killed need not load everything anew."""
    options, scenario, _ = paced(_short_options(Path(), 0), parse(SHORT))
    place = garden_place(options, scenario, PACE)
    next(iter(place.stream()))
    place.banks()


def ended(work: Callable[[], Any], after_s: float | None) -> int | None:
    """Do something in a process group of its own: its exit status, or None if it was killed after so long."""
    child = os.fork()
    if child == 0:
        os.setsid()
        try:
            work()
            os._exit(0)
        except RunError as error:
            known = {"begin a run anew": NOTHING, "has finished": FINISHED}
            os._exit(next((status for says, status in known.items() if says in str(error)), None) or _told(error))
        except BaseException as error:
            os._exit(_told(error))
    until_s = None if after_s is None else time.monotonic() + after_s
    while True:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        if until_s is not None and time.monotonic() > until_s:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return None
        time.sleep(0.002)


def difference(folder: Path, other: Path) -> str | None:
    """What differs between the outcomes of two runs; None where nothing does."""
    names = [sorted(p.relative_to(f).as_posix() for p in f.rglob("*") if p.is_file()) for f in (folder, other)]
    if names[0] != names[1]:
        return f"files: {sorted(set(names[0]) ^ set(names[1]))}"
    for name in names[0]:
        ours, theirs = folder / name, other / name
        if name == "report.html":
            same = _page(ours) == _page(theirs)
        elif name.startswith("weights/"):
            a, b = load_file(ours), load_file(theirs)
            same = a.keys() == b.keys() and all(np.array_equal(a[key], b[key]) for key in a)
        elif name.startswith(f"{HISTORY}/") and name.endswith(".ckpt"):
            same = _state(ours) == _state(theirs)
        elif name in ("summary.json", "timing.jsonl"):
            continue  # seconds
        else:
            same = ours.read_bytes() == theirs.read_bytes()
        if not same:
            return name
    return None


def _state(path: Path) -> dict[str, Any]:
    """What a checkpoint holds beside its outline, in which seconds stand."""
    kept = Checkpoint.load(path)
    parts = {"told": kept.told} | ({} if kept.life is None else {"life": kept.life})
    arrays = {
        (part, name): (array.dtype, array.shape, array.tobytes())
        for part, held in parts.items()
        for name, array in held.arrays.items()
    }
    return {"step": kept.step, "day": kept.day, "counts": kept.counts, "arrays": arrays}


def measure_kills(options: Options) -> int:
    """Kill runs until there were so many kills; the number of runs that came to another outcome."""
    rng = np.random.default_rng(options.seed)
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "whole"
        warm_up()
        began_s = time.monotonic()
        assert ended(lambda: short_run(whole, workers=options.workers), None) == 0, "the whole run failed"
        takes_s = time.monotonic() - began_s
        (reference,) = whole.glob("*-short")
        counted, wrong = Counter[str](), 0
        while counted["kills"] < options.kills:
            out, kills = Path(scratch) / f"{counted['runs']}", 0
            for _ in range(TRIES):
                after_s = float(rng.uniform(0.0, takes_s)) if counted["kills"] < options.kills else None
                folders = sorted(out.glob("*-short"))
                work = _go_on(folders[-1], options) if folders else _begin(out, options)
                status = ended(work, after_s)
                if status in (0, FINISHED):  # it may have been killed in the moment after its end
                    break
                if status is None:
                    kills, counted["kills"] = kills + 1, counted["kills"] + 1
                elif status == NOTHING:
                    counted["begun anew"] += 1
                    out = out.with_name(f"{out.name}-again")
                else:
                    counted["errors"] += 1
                    return 1
            found = difference(reference, sorted(out.glob("*-short"))[-1])
            wrong += found is not None
            counted["runs"] += 1
            print(f"run {counted['runs']}: killed {kills} times, {found or 'the same bits'}", flush=True)
    print(
        f"{counted['kills']} kills in {counted['runs']} runs of {takes_s:.1f} s ({options.workers} workers), "
        f"{counted['begun anew']} before there was anything to go on with: {wrong} came to another outcome"
    )
    return wrong


def measure_cost(options: Options) -> None:
    """Live through some months of a default run and tell what share of a life's time checkpoints took."""
    scenario = load("four_seasons")
    spent_s = {"take": 0.0, "write": 0.0}
    began_s: list[float] = []
    sizes: list[int] = []
    taking, writing = LifeKeeper._save, _Chronicle._save

    def take(self: LifeKeeper, loop: Loop, *, stays: bool = False) -> None:
        began_s.append(time.perf_counter())
        before_s = spent_s["write"]
        taking(self, loop, stays=stays)
        spent_s["take"] += time.perf_counter() - began_s[-1] - (spent_s["write"] - before_s)

    def write(self: _Chronicle, saved: Saved) -> None:
        start_s = time.perf_counter()
        writing(self, saved)
        if saved.life is not None:
            spent_s["write"] += time.perf_counter() - start_s
            sizes.append(path_of(self._brief.folder, saved.name).stat().st_size)

    LifeKeeper._save, _Chronicle._save = take, write
    with tempfile.TemporaryDirectory() as scratch:
        given = RunOptions(
            out=Path(scratch), learners=(options.learner,), references=False, workers=0,
            memory_share=RunOptions.memory_share * scenario.days / options.days,  # as many frames as in the whole life
            checkpoint_every_days=options.every_days,
        )  # fmt: skip
        run(given, scenario=scenario.model_copy(update={"days": options.days}), pace=Pace(commission_updates=20))
    count, lived_s = len(sizes), began_s[-1] - began_s[0]
    take_ms, write_ms = (1e3 * spent_s[part] / count for part in ("take", "write"))
    every_s = lived_s / (count - 1)
    print(
        f"{options.learner}, {count} checkpoints, one every {options.every_days} days of {every_s:.1f} s each: "
        f"{max(sizes) / 1e6:.1f} MB at most, {take_ms:.0f} ms to take, {write_ms:.0f} ms to write, together "
        f"{(take_ms + write_ms) / every_s / 10:.2f} % of that time where one process does both; taking alone "
        f"{take_ms / every_s / 10:.2f} %"
    )


def _short_options(out: Path, workers: int) -> RunOptions:
    return RunOptions(out=out, learners=LEARNERS, quick=True, workers=workers, checkpoint_every_days=6, gate=4)


def _begin(out: Path, options: Options) -> Callable[[], Path]:
    return lambda: short_run(out, workers=options.workers)


def _go_on(folder: Path, options: Options) -> Callable[[], Path]:
    return lambda: resume(ResumeOptions(folder, workers=options.workers))


def _page(path: Path) -> str:
    return re.sub(r'<section id="timing".*?</section>', "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def _told(error: BaseException) -> int:
    text = io.StringIO()
    traceback.print_exception(error, file=text)
    sys.stderr.write(text.getvalue())
    sys.stderr.flush()
    return 1


if __name__ == "__main__":
    chosen = tyro.cli(Options, description=__doc__)
    if chosen.cost:
        measure_cost(chosen)
    else:
        sys.exit(measure_kills(chosen))
