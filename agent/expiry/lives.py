"""To live through a world and be looked at: the curves of its learners.

Who never learns is only shown the days; nobody need drive there. Those who learn live their life, side by side, and are
looked at between two blocks, which changes nothing.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from agent import tasks
from agent.brief import Brief
from agent.enrolment import admission, enrol
from agent.expiry.curves import Curve, keep, kept, key_of
from agent.expiry.signals import SIGNALS, Reference, signals
from agent.expiry.stations import Stations, competence
from agent.expiry.worlds import STILL, World, stilled
from agent.garden_place import GardenPlace
from agent.live import Student, live
from agent.nets import load_weights
from agent.options import LEARN_EVERY, Pace
from agent.run import memory_bytes
from agent.schedules import Answering
from agent.stream import Block
from agent.students import read_plan
from agent.trial import Stop, brief_of
from garden_env.garden import Garden, plant_garden
from learners.frozen import Frozen
from scenarios.spec import Scenario

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
    world: World, names: Sequence[str], folder: Path, *, tick_days: int, frames: int, updates: int,
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
        stop: asked now and then.

    Returns:
        One a learner; fewer if stopped.
    """
    brief = brief_for(world, folder, tick_days=tick_days, updates=updates)
    files = {name: curve_file(folder, brief, world, name, frames) for name in names}
    found = {name: kept(file) for name, file in files.items()}
    missing = [name for name in names if found[name] is None]
    if missing and not stop():
        begun = _commissioned(world, brief, folder, stop)
        if not stop():
            for curve in _lived(world, begun, missing, frames, stop):
                keep(files[curve.learner], curve)
                found[curve.learner] = curve
    return [curve for curve in found.values() if curve is not None]


def _commissioned(world: World, brief: Brief, folder: Path, stop: Stop) -> Brief:
    """The brief of the world whose net serves this one; it is trained if need be.

    Until the owner leaves, all worlds of axes are the one in which nothing moves.
    """
    if world.axis not in (None, STILL):
        still = World(STILL, STILL, stilled(world.scenario), world.seed)
        brief = brief_for(still, folder, tick_days=brief.exam_every_days, updates=brief.pace.commission_updates)
    if not brief.weights("commissioned").exists():
        tasks.train_first(brief, lambda message: None, stop)
    return brief


def _lived(world: World, brief: Brief, names: Sequence[str], frames: int, stop: Stop) -> list[Curve]:
    """Live through a world whose net is there; no curves if stopped."""
    began_s = time.perf_counter()
    students = _enrolled(brief, names)
    ticks = list(range(world.scenario.commissioning_days, world.scenario.days, brief.exam_every_days))
    stations = Stations(_garden(world), frames=frames, round_frames=ROUND_FRAMES)
    observer = _Observer(world, brief, students, stations)
    if all(isinstance(one.learner, Frozen | Answering) for one in students):
        for day in ticks:
            if not stop():
                observer.look(day)
    else:
        live(
            watched(brief.place.stream(), ticks, observer.look), students, {}, lambda event: None,
            first_step=brief.place.commissioning_steps, exam_every_days=brief.exam_every_days,
            classes=len(brief.place.classes), season=brief.place.season, stop=stop, scored=False,
        )  # fmt: skip
    if stop():
        return []
    changed = None if world.axis is None else _differs(stations, world, ticks[-1])
    seconds = round(time.perf_counter() - began_s, 2)
    return [replace(curve, changed=changed, seconds=seconds) for curve in observer.curves.values()]


class _Observer:
    """Looks at students, day by day, and writes down what it saw; changes nothing."""

    def __init__(self, world: World, brief: Brief, students: Sequence[Student], stations: Stations) -> None:
        self._students, self._stations, self._classes = students, stations, len(brief.place.classes)
        self._notices = world.axis is None
        scenario, left = world.scenario, world.scenario.commissioning_days
        at_home = home_days(left) if self._notices else [left]  # where nature stands still, a day is as its first
        before = np.concatenate([stations.rounds(day) for day in at_home])
        net = load_weights(brief.weights("commissioned"), brief.first_net()).eval()
        self._references = {one.name: Reference.of(one.learner, net, before) for one in students}
        questions = [stations.question(day) for day in at_home]
        self.curves = {
            one.name: Curve(
                learner=one.name,
                world=world.name,
                axis=world.axis,
                climate=scenario.climate_name,
                seed=world.seed,
                start=scenario.start.isoformat(),
                left_day=left,
                home_levels=[competence(one.learner, asked, classes=self._classes) for asked in questions],
                days=[],
                competence=[],
                signals={name: [] for name in SIGNALS} if self._notices else {},
                code=brief.code,
            )
            for one in students
        }

    def look(self, day: int) -> None:
        """Ask all students about a day, and what they notice on its rounds."""
        asked = self._stations.question(day)
        seen = self._stations.rounds(day) if self._notices else None
        for one in self._students:
            curve = self.curves[one.name]
            curve.days.append(day)
            curve.competence.append(round(competence(one.learner, asked, classes=self._classes), 5))
            noticed = {} if seen is None else signals(self._references[one.name], one.learner, seen)
            for name, value in noticed.items():
                curve.signals[name].append(round(value, 5))


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


def _differs(stations: Stations, world: World, day: int) -> bool:
    """Whether a frame of the last look is another than where nothing moves."""
    still = _planted(stilled(world.scenario).model_dump_json(), world.seed)
    twin = Stations(still, frames=stations.frames, round_frames=stations.round_frames)
    return not np.array_equal(twin.question(day).images, stations.question(day).images)


def _garden(world: World) -> Garden:
    """The garden of a world; those of axes share the place, and what is expensive about it."""
    if world.axis is None:
        return plant_garden(world.scenario, world.seed)
    return _planted(stilled(world.scenario).model_dump_json(), world.seed).under(world.scenario)


@lru_cache(maxsize=1)
def _planted(scenario: str, seed: int) -> Garden:
    return plant_garden(Scenario.model_validate_json(scenario), seed)


def task(
    world: World, names: tuple[str, ...], folder: Path, pace: tuple[int, int, int],
    send: Callable[[object], None], stop: Stop,
) -> None:  # fmt: skip
    """`curves` as a task of a crew: each curve is sent as it is there."""
    tick_days, frames, updates = pace
    for curve in curves(world, names, folder, tick_days=tick_days, frames=frames, updates=updates, stop=stop):
        send(curve)


def tasks_of(
    worlds: Sequence[World], names: tuple[str, ...], folder: Path, pace: tuple[int, int, int]
) -> list[partial]:
    """One task a world."""
    return [partial(task, world, names, folder, pace) for world in worlds]
