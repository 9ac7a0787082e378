"""`run_sim.py why RUN`: what a loss of a finished run was made of, from its folder alone."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import tyro
from rich import box
from rich.console import Console
from rich.table import Table

from agent.arguments import parsed
from agent.causes import PLAYERS
from agent.garden_place import GardenPlace
from agent.live import grade, sit
from agent.monitor.causes import sentence
from agent.monitor.log import Log
from agent.monitor.metrics import mean_iou
from agent.monitor.scores import Causes
from agent.monitor.summary import headline_bank, scores
from agent.past import PastRun
from agent.perception import recognise
from agent.why import class_set_of, explain_between, home_phase, worst_phase
from learners.base import Learner
from scenarios.names import nearest

MEANS = {
    "light": "sun, hour, colour of daylight, lamp",
    "weather": "clouds, fog, what falls, wet ground",
    "leaf colour": "autumn, frost, disease; green of the lawn",
    "bloom": "flowers, fruit, petals on the ground",
    "cover": "snow, fallen leaves, ice",
    "geometry": "sizes, leaf area, things, beds, thirst",
    "camera": "mount, lens and its dirt, sensor",
    "class shares": "which classes fill the picture",
}


@dataclass(frozen=True)
class WhyOptions:
    """What to explain."""

    run: Annotated[Path, tyro.conf.Positional]
    """Folder of a run in a garden, runs/<time>-<scenario>."""
    learner: str | None = None
    """One of the run's learners; all of them if not given."""
    from_: Annotated[str | None, tyro.conf.arg(name="from")] = None
    """Phase to compare with; that of commissioning if not given."""
    to: str | None = None
    """Phase to explain; the one that the learner knows worst at the end of its life if not given."""
    bank: str | None = None
    """Bank whose poses are looked from: away, home or next_year; the one of the headlines if not given."""
    frames: int | None = None
    """Frames of the bank's phase to look at; all if not given."""
    pairs: int | None = None
    """Sample so many pairs of orders instead of all 256 coalitions."""


def why(options: WhyOptions, console: Console | None = None) -> list[Causes]:
    """Explain losses of a run and print them.

    Args:
        options: what to explain.
        console: where to; the standard output if not given.

    Returns:
        One entry a learner; none for a learner that is nowhere worse than in its home phase.

    Raises:
        ValueError: no such run, learner, phase or bank; the run had no garden; weights that are not there or do not
            fit the net; a number of frames or pairs below 1.
    """
    console = console or Console()
    for name in ("frames", "pairs"):
        given = getattr(options, name)
        if given is not None and given < 1:
            raise ValueError(f"{name} is {given}; give at least 1")
    past = _opened(options.run)
    log, place = past.log, past.place
    if not past.same_world:
        _warn(f"the world has changed since {options.run} was made: its pictures are drawn anew, and may differ")
    bank = options.bank or headline_bank(log)
    if bank not in log.banks:
        raise ValueError(nearest(bank, log.banks, kind="probe bank"))
    if options.learner is not None and options.learner not in log.learners:
        raise ValueError(nearest(options.learner, log.learners, kind="learner of this run"))
    names = [phase.name for phase in place.phases]
    then, now = (None if given is None else _number(given, names) for given in (options.from_, options.to))
    then = home_phase(place) if then is None else then
    if then == now:
        raise ValueError(f"--from and --to are both '{names[then]}'; name two phases: {', '.join(names)}")
    found = []
    for learner in [options.learner] if options.learner is not None else log.learners:
        worst = worst_phase(_last_exam(log, learner, bank, options.run), then) if now is None else now
        if worst is None:
            console.print(f"{learner} is nowhere worse than in {names[then]}; name a phase with --to.")
            continue
        student = past.eyes(learner)
        _compare(log, learner, student, place, bank, worst)
        causes = explain_between(
            lambda images, student=student: recognise(student, images), learner, place, bank,
            then=then, now=worst, frames=options.frames, pairs=options.pairs,
        )  # fmt: skip
        print_causes(causes, console)
        found.append(causes)
    return found


def print_causes(causes: Causes, console: Console) -> None:
    """A table of 80 columns, the largest share first, and the sentence."""
    title = f"{causes.learner}: mIoU {100 * causes.then:.1f} % in {causes.from_phase}, "
    title += f"{100 * causes.now:.1f} % in {causes.to_phase}"
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left", caption_justify="left")
    table.add_column("cause", no_wrap=True)
    table.add_column("points", justify="right", no_wrap=True)
    table.add_column("95 % of poses", justify="right", no_wrap=True)
    table.add_column("what it is")
    for name in sorted(PLAYERS, key=lambda name: -causes.shares[name]):
        table.add_row(name, _points(causes.shares[name]), _interval(causes, name), MEANS[name])
    table.add_section()
    table.add_row("lost", _points(causes.lost), _interval(causes, "lost"), "the sum")
    table.caption = f"{causes.scenes} poses of '{causes.bank}', {causes.renders} pictures, {causes.forwards} recognised"
    console.print(table)
    console.print(sentence({**vars(causes), "lost": causes.lost}), style="bold")


def _opened(folder: Path) -> PastRun:
    """The run, if there is a garden in which things can be switched."""
    past = PastRun.open(folder)
    if not past.had_garden or past.of_gardeners:
        raise ValueError(
            f"{folder} is no run of learners in a garden, so there is nothing to switch between then and now; "
            "give the folder of a `run_sim.py run` with a scenario"
        )
    return past


def _number(given: str, names: Sequence[str]) -> int:
    if given not in names:
        raise ValueError(nearest(given, names, kind="phase"))
    return names.index(given)


def _last_exam(log: Log, learner: str, bank: str, folder: Path) -> np.ndarray:
    by_phase = scores(log, learner, bank)[1]
    if not len(by_phase):
        raise ValueError(f"{learner} sat no exam on '{bank}' in {folder}; name the phase to explain with --to")
    return by_phase[-1]


def _compare(log: Log, learner: str, student: Learner, place: GardenPlace, bank: str, phase: int) -> None:
    """Warn where weights alone do not give the answers of the last exam."""
    ticks = log.probes.get((learner, bank))
    if not ticks:
        return
    taken = place.banks()[bank]
    alone = grade(taken, sit(student, taken), len(place.classes)).sum(1)[phase]
    if not np.array_equal(alone, ticks[-1].confusion[phase]):
        levels = [float(100 * mean_iou(c, class_set_of(place, bank))) for c in (alone, ticks[-1].confusion[phase])]
        _warn(
            f"the weights of {learner} alone reach {levels[0]:.1f} % where its last exam has {levels[1]:.1f} %: it "
            "answers by more than its weights, or world, net or processor are others; what follows is of its weights"
        )


def _warn(text: str) -> None:
    print(f"run_sim.py: warning: {text}", file=sys.stderr)


def _points(points: float) -> str:
    return f"{points + 0.0:.1f}".replace("-0.0", "0.0").replace("-", "−")


def _interval(causes: Causes, name: str) -> str:
    ends = causes.interval.get(name)
    return "–" if ends is None else f"{_points(ends[0])} to {_points(ends[1])}"


def main(arguments: list[str]) -> int:
    """The command; returns its exit status."""
    options = parsed(
        WhyOptions,
        arguments,
        "why",
        "Say what a loss of a finished run was made of: light, weather, leaves, flowers, snow and litter, "
        "geometry, camera, class shares. See docs/causes.md.",
    )
    why(options)
    return 0
