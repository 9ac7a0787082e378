"""What a control step of the default run costs, part by part, and what of it is learning itself.

    python benchmarks/loop.py [--days 90] [--seed 0]

The lives of a default run are lived one after another in one process: same place, net, batch and `learn_every`, exams,
checkups, checkpoints and log as in `run_sim.py`, but for a life of fewer days, which begins where commissioning ends.
Every part is charged the processor time of the thread, without what it calls of other parts. **Passes** are forward and
backward passes of a learner's net, losses included, wherever they are made: for predictions, updates, exams, checkups.
All else is **overhead**, so that a slower learner leaves it as it is. The stream monitor's net is no learner, but where
`frozen` lives with the very same weights one pass serves both (`agent/shared_pass.py`): it is charged to `frozen`, who
would make it without a monitor, too, and has a row of its own. `bare update` is an update of 16 frames without anything
around it, to tell the machine's phases apart: 20 ms in a fast one.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
import tyro
from ledger import Ledger

from agent import live, tasks
from agent.checkpoint import LifeKeeper
from agent.crew import _THREAD_VARIABLES, steady
from agent.exams import Exams
from agent.live import Student
from agent.monitor.checkups.checkup import Examiner
from agent.monitor.journal import Journal
from agent.monitor.monitor import Monitor
from agent.monitor.prequential import Prior
from agent.monitor.watch import StreamMonitor
from agent.options import Pace, RunOptions
from agent.patrol import Patrol
from agent.run import _Chronicle, run
from agent.shared_pass import Echo
from agent.stream import Block, Fingerprint, PatrolLife
from garden_env.world import World
from learners.frozen import Frozen
from learners.nets import SegNet
from learners.online import Online
from learners.terms.fit import Fit
from scenarios.files import load

PARTS = {
    "world": ((World, "advance"), (World, "state"), (World, "odometry")),
    "camera": ((World, "frame"),),
    "patrol": ((Patrol, "act"),),
    "stream": ((PatrolLife, "__next__"), (Fingerprint, "see")),
    "scoring": (
        (live, "recognise_and_grade"),
        (live, "confusions"),
        (live, "copy_last"),
        (Prior, "see"),
        (Prior, "guess"),
        (Monitor, "stream"),
    ),
    "exams": ((Exams, "sit"), (Monitor, "probe")),
    "checkups": ((Examiner, "check"), (Monitor, "checkup")),
    "monitor": ((StreamMonitor, "look"), (StreamMonitor, "close"), (Monitor, "inputs")),
    "log": ((Journal, "write"),),
    "checkpoints": ((LifeKeeper, "after_block"), (_Chronicle, "_save")),
    "learner": ((Online, "learn"), (Online, "consolidate"), (Frozen, "learn")),
}
"""By part, the functions that belong to it; what is none of these is `loop`."""
PASSES = "passes: "  # what parts that are passes begin with; the rest is who asked for them
ASKERS = {
    "learner": "updates", "scoring": "predictions", "exams": "exams", "checkups": "checkups", "monitor": "monitor",
}  # fmt: skip
WATCHING = PASSES + ASKERS["monitor"]
SHARED = PASSES + "predictions of frozen, and monitor"
BAR_MS = 1.0
BARE_FRAMES, BARE_UPDATES = 16, 9


@dataclass(frozen=True)
class Options:
    """What to live through."""

    days: int = 90
    """After commissioning."""
    seed: int = 0
    """Draws the garden, the weather and the first weights."""


def main(options: Options) -> None:
    steady()
    before_ms = bare_update_ms()
    with Ledger() as ledger, tempfile.TemporaryDirectory() as scratch:
        lives = live_and_charge(ledger, options, Path(scratch))
    print(f"bare update: {before_ms:.1f} ms before, {bare_update_ms():.1f} ms after")
    print("ms of processor time a control step:")
    for life in lives:
        tell(life)


@dataclass(frozen=True)
class Charged:
    """What a life took: control steps after commissioning, and seconds by part."""

    names: str
    steps: int
    seconds: dict[str, float]


def live_and_charge(ledger: Ledger, options: Options, scratch: Path) -> list[Charged]:
    """Carry out a run and charge the loop of each of its lives."""
    charge_parts(ledger)
    charged: list[Charged] = []
    living = tasks.live

    def lived(blocks: Iterable[Block], students: Sequence[Student], *args: Any, first_step: int, **kwargs: Any) -> None:
        last_step = first_step

        def from_first_step() -> Iterator[Block]:
            nonlocal last_step
            for block in blocks:
                if block.step == first_step:
                    ledger.forget()
                last_step = block.step
                yield block

        with ledger.part("loop"):
            living(from_first_step(), students, *args, first_step=first_step, **kwargs)
        names = " + ".join(student.name for student in students)
        seconds: dict[str, float] = dict(ledger.seconds)
        if WATCHING in seconds:
            shared = any(isinstance(student.learner, Echo) for student in students)
            seconds[SHARED if shared else "monitor's passes"] = seconds.pop(WATCHING)
        charged.append(Charged(names, last_step - first_step, seconds))

    tasks.live = lived
    try:
        whole = load(RunOptions.scenario)
        days = whole.commissioning_days + options.days
        memory_share = RunOptions.memory_share * whole.days / days  # as many frames as in the whole life
        given = RunOptions(out=scratch, seed=options.seed, references=False, workers=0, memory_share=memory_share)
        run(given, scenario=whole.model_copy(update={"days": days}), pace=Pace(commission_updates=100))
    finally:
        tasks.live = living
    return charged


def charge_parts(ledger: Ledger) -> None:
    """Say which function belongs to which part."""
    for part, places in PARTS.items():
        for owner, name in places:
            ledger.watch(owner, name, part)

    def passes() -> str:
        asker = next((part for part in reversed(ledger.open) if part in ASKERS), "")
        return PASSES + ASKERS.get(asker, "other")

    for owner, name in ((SegNet, "__call__"), (Fit, "loss"), (torch.autograd, "backward"), (torch.autograd, "grad")):
        ledger.watch(owner, name, passes)


def tell(life: Charged) -> None:
    """Print a table."""
    ms = {part: 1e3 * seconds / life.steps for part, seconds in life.seconds.items()}
    overhead = {part: each for part, each in ms.items() if not part.startswith(PASSES)}
    inside = {part: each for part, each in ms.items() if part.startswith(PASSES)}
    print(f"\n{life.names}, {life.steps} steps")
    for parts in (overhead, inside):
        for part, each in sorted(parts.items(), key=lambda pair: -pair[1]):
            print(f"  {part:42} {each:7.3f}")
    print(f"  {'overhead':42} {sum(overhead.values()):7.3f}   (bar {BAR_MS})")
    print(f"  {'passes':42} {sum(inside.values()):7.3f}   {sum(inside.values()) / sum(ms.values()):.1%} of all")


def bare_update_ms() -> float:
    """Milliseconds of an update without anything around it: the median of several."""
    generator = torch.Generator().manual_seed(0)
    net = SegNet(12, generator=generator)
    optimizer = torch.optim.AdamW(net.parameters(), 1e-5, fused=True)
    images = torch.rand((BARE_FRAMES, 3, 64, 64), generator=generator).to(memory_format=torch.channels_last)
    labels = torch.randint(0, 10, (BARE_FRAMES, 32, 32), generator=generator)
    times_s = []
    for _ in range(BARE_UPDATES):
        start_s = time.thread_time()
        optimizer.zero_grad()
        F.cross_entropy(net(images).logits, labels).backward()
        optimizer.step()
        times_s.append(time.thread_time() - start_s)
    return 1e3 * statistics.median(times_s)


if __name__ == "__main__":
    if any(os.environ.get(variable) != "1" for variable in _THREAD_VARIABLES):  # they are read when libraries load
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | dict.fromkeys(_THREAD_VARIABLES, "1"))
    main(tyro.cli(Options, description=__doc__))
