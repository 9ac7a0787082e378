"""To live through a world and be looked at: the curves of its learners.

Who never learns is only shown the days; nobody need drive there. Those who learn live their life, side by side, and are
looked at between two blocks, which changes nothing.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from agent import tasks
from agent.brief import Brief
from agent.enrolment import admission, enrol
from agent.expiry.curves import Curve, keep, kept, key_of
from agent.expiry.signals import SIGNALS, Reference, signals
from agent.expiry.stations import Stations, competence
from agent.expiry.worlds import STILL, World
from agent.garden_place import GardenPlace
from agent.live import Student, live
from agent.nets import load_weights
from agent.options import LEARN_EVERY, Pace
from agent.run import memory_bytes
from agent.schedules import Answering
from agent.stream import Block
from agent.students import read_plan
from agent.trial import Stop, brief_of
from garden_env.garden import plant_garden
from learners.frozen import Frozen

HOME_LOOKS = 7  # days of commissioning, evenly spread up to its last, on which the home value is taken
ROUND_FRAMES = 12  # of a day's rounds, without answers
MEMORY_SHARE = 0.01  # of a life's frames that a replay memory holds, as in a run


def brief_for(world: World, folder: Path, *, tick_days: int, updates: int) -> Brief:
    """What is to be known of a world; worlds that are the same until their owner leaves share its folder."""
    place = GardenPlace(world.scenario, world.seed, LEARN_EVERY, 1, 1, 1)
    pace = Pace(commission_updates=updates, home_frames=1, away_frames=1, next_year_frames=1)
    return brief_of(
        place, folder / "worlds", pace=pace, exam_every_days=tick_days, memory_bytes=memory_bytes(place, MEMORY_SHARE)
    )


def curve_file(folder: Path, brief: Brief, world: World, name: str, frames: int) -> Path:
    """Where a learner's curve is kept."""
    plan = read_plan(name)
    key = key_of(
        plan.as_config(), brief.place.fingerprint, brief.exam_every_days, brief.pace.commission_updates,
        brief.memory_bytes, frames, ROUND_FRAMES, HOME_LOOKS,
    )  # fmt: skip
    return folder / "curves" / f"{plan.name}-{world.name.replace(' ', '_').replace('/', '_')}-{world.seed}-{key}.json"


def curves(
    world: World, names: Sequence[str], folder: Path, *, tick_days: int, frames: int, updates: int, anew: bool = False,
    stop: Stop = lambda: False,
) -> list[Curve]:  # fmt: skip
    """The curves of some learners in one world; those that are kept are read, the others lived.

    Args:
        world: where.
        names: of the learners; they begin with the same weights.
        folder: keeps worlds and curves.
        tick_days: days between two looks.
        frames: of a look.
        updates: of commissioning.
        anew: whether kept curves are lived again.
        stop: asked now and then.

    Returns:
        One a learner; fewer if stopped.
    """
    brief = brief_for(world, folder, tick_days=tick_days, updates=updates)
    files = {name: curve_file(folder, brief, world, name, frames) for name in names}
    found = {name: None if anew else kept(file) for name, file in files.items()}
    missing = [name for name in names if found[name] is None]
    if missing and not stop():
        commissioned_of = brief
        if world.axis not in (
            None,
            STILL,
        ):  # until the owner leaves, all worlds of axes are the one where nothing moves
            still = World(STILL, STILL, world.scenario.model_copy(update={"drift": ()}), world.seed)
            commissioned_of = brief_for(still, folder, tick_days=tick_days, updates=updates)
        if not commissioned_of.weights("commissioned").exists():
            tasks.train_first(commissioned_of, lambda message: None, stop)
        if not stop():
            for curve in _lived(world, commissioned_of, missing, tick_days, frames, stop):
                keep(files[curve.learner], curve)
                found[curve.learner] = curve
    return [curve for curve in found.values() if curve is not None]


def _lived(world: World, brief: Brief, names: Sequence[str], tick_days: int, frames: int, stop: Stop) -> list[Curve]:
    began_s = time.perf_counter()
    garden = plant_garden(world.scenario, world.seed)
    stations = Stations(garden, frames=frames, round_frames=ROUND_FRAMES)
    students = _enrolled(brief, names)
    left, classes = world.scenario.commissioning_days, len(brief.place.classes)
    at_home = [left] if world.axis else home_days(left)  # where nature stands still, every day is as its first one
    ticks = list(range(left, world.scenario.days, tick_days))
    homes = [stations.question(day) for day in at_home]
    before = np.concatenate([stations.rounds(day) for day in at_home])
    net = load_weights(brief.weights("commissioned"), brief.first_net()).eval()
    references = {one.name: Reference.of(one.learner, net, before) for one in students}
    found = {
        one.name: Curve(
            one.name, world.name, world.axis, world.scenario.climate_name, world.seed, world.scenario.start.isoformat(),
            left, [competence(one.learner, asked, classes=classes) for asked in homes], [], [],
            {} if world.axis else {name: [] for name in SIGNALS}, code=brief.code,
        )
        for one in students
    }  # fmt: skip

    def look(day: int) -> None:
        asked = stations.question(day)
        seen = stations.rounds(day) if world.axis is None else None
        for one in students:
            curve = found[one.name]
            curve.days.append(day)
            curve.competence.append(round(competence(one.learner, asked, classes=classes), 5))
            noticed = {} if seen is None else signals(references[one.name], one.learner, seen)
            for name, value in noticed.items():
                curve.signals[name].append(round(value, 5))

    if all(isinstance(one.learner, Frozen | Answering) for one in students):
        for day in ticks:
            if not stop():
                look(day)
    else:
        blocks = watched(brief.place.stream(), ticks, look)
        live(
            blocks, students, {}, lambda event: None, first_step=brief.place.commissioning_steps,
            exam_every_days=tick_days, classes=classes, season=brief.place.season, stop=stop, scored=False,
        )  # fmt: skip
        for _ in blocks if not stop() else ():  # a life that has ended is looked at until its last day
            pass
    if stop():
        return []
    changed = None if world.axis is None else _differs(stations, world, brief, ticks[-1])
    seconds = round(time.perf_counter() - began_s, 2)
    return [Curve(**vars(curve) | {"changed": changed, "seconds": seconds}) for curve in found.values()]


def home_days(left: int) -> list[int]:
    """Days of commissioning on which the home value is taken.

    >>> home_days(21)
    [2, 5, 8, 11, 14, 17, 20]
    """
    return np.unique((np.linspace(0, left, HOME_LOOKS + 1)[1:].astype(int) - 1).clip(0)).tolist()


def watched(stream: Iterable[Block], ticks: Sequence[int], look: Callable[[int], None]) -> Iterator[Block]:
    """A stream that stands still at every tick for a look at those who live through it.

    Args:
        stream: blocks, in order.
        ticks: days in ascending order; a look is taken before the first block that ends on such a day or later.
        look: is told the day.
    """
    waiting = list(ticks)
    for block in stream:
        while waiting and block.day >= waiting[0]:
            look(waiting.pop(0))
        yield block
    for day in waiting:
        look(day)


def _enrolled(brief: Brief, names: Sequence[str]) -> list[Student]:
    """The learners as they leave commissioning; who is frozen needs none of its frames."""
    frames = admission(brief.place) if any(name != "frozen" for name in names) else None
    return [
        Student(name, Frozen(load_weights(brief.weights("commissioned"), brief.first_net())), 1)
        if frames is None or name == "frozen"
        else enrol(brief, name, frames)
        for name in names
    ]


def _differs(stations: Stations, world: World, brief: Brief, day: int) -> bool:
    """Whether a frame of the last look is another than where nothing moves."""
    still = plant_garden(world.scenario.model_copy(update={"drift": ()}), world.seed)
    twin = Stations(still, frames=stations.frames, round_frames=stations.round_frames)
    return not np.array_equal(twin.question(day).images, stations.question(day).images)


def task(
    world: World, names: tuple[str, ...], folder: Path, pace: tuple[int, int, int], anew: bool,
    send: Callable[[object], None], stop: Stop,
) -> None:  # fmt: skip
    """`curves` as a task of a crew: each curve is sent as it is there."""
    tick_days, frames, updates = pace
    for curve in curves(
        world, names, folder, tick_days=tick_days, frames=frames, updates=updates, anew=anew, stop=stop
    ):
        send(curve)


def tasks_of(
    worlds: Sequence[World], names: tuple[str, ...], folder: Path, pace: tuple[int, int, int], *, anew: bool
) -> list[partial]:
    """One task a world."""
    return [partial(task, world, names, folder, pace, anew) for world in worlds]
