"""Of what a checkpoint keeps, each part matters: who goes on without it tells something else.

In the middle of what somebody hears, its state is put into another one, who then has to tell the same. The same is done
once more for every attribute, as if the list of what is kept (`agent.checkpoint.KINDS`) had wrongly left it out: then
what is told must differ, or the first half would prove nothing of that attribute.
"""

from collections.abc import Callable
from dataclasses import dataclass, is_dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest

from agent.alarm import Alarm
from agent.asking import random
from agent.checkpoint import KINDS
from agent.contact import Contact
from agent.desk import Person
from agent.memento import put_back, take
from agent.monitor.watch import Judge
from agent.nets import fresh_net
from agent.teacher import Teacher
from learners.cost import Meter
from learners.frozen import Frozen
from scenarios.tables import CLASS_NAMES, LAWN, OBSTACLE, PATH, SKY, WILTED, WOOD
from tests.agent.test_stream_monitor import THRESHOLDS, days
from tests.agent.test_teacher_contact import CAMERA, ROBOT, SHUT, probable, sense
from tests.agent.test_teacher_desk import EVERY, FIRST, a_block, a_scenario

NET = fresh_net(0, len(CLASS_NAMES))


@dataclass(frozen=True)
class Case:
    """Somebody who hears one thing after the other.

    Attributes:
        make: one who has heard nothing.
        hear: what is told of a thing.
        things: that are heard.
        at: how many of them were heard when the state is taken; by attribute, and "" for all others.
    """

    make: Callable[[], Any]
    hear: Callable[[Any, Any], Any]
    things: list[Any]
    at: dict[str, int]


def rising():
    """Losses of which a reference is taken, and which then rise little by little."""
    rng = np.random.default_rng(0)
    return [*rng.normal(1.0, 0.1, 60), *rng.normal(1.1, 0.1, 60)]


def ride():
    """Blocks of a robot that drives, bumps, probes and waters: first step, images, senses, actions, probabilities."""
    blocks = [
        ([sense(0.2 * i) for i in range(5)], (SKY, PATH, LAWN), SHUT),
        ([sense(1.0), sense(1.2, bump=1.0), sense(1.0, heading=0.4, wet=0.9)], (LAWN, WOOD, OBSTACLE), SHUT),
        ([sense(0.0), sense(0.0, tank=0.8), sense(0.3, tank=0.8)], (WILTED, WOOD, SKY, PATH), 1.0),
        ([sense(0.1, tank=0.6), sense(0.2, tank=0.6)], (WILTED, LAWN, WOOD, PATH), SHUT),
        ([sense(0.0, tank=0.6)], (SKY, WILTED, WOOD), SHUT),
        ([sense(0.0, tank=0.6)], (SKY, WILTED, WOOD), SHUT),
    ]
    step = 0
    for senses, classes, valve in blocks:
        images = np.full((len(senses), 3, 64, 64), step, np.uint8)
        actions = np.array([[1.0, 0.0, valve]] * len(senses))
        yield step, images, np.stack(senses), actions, probable(*classes, frames=len(senses))
        step += len(senses)


def a_person():
    scenario = a_scenario(budget=0.03, asks="random", delay_d=3.0)
    teacher = Teacher(scenario, scenario.course(days=100), 3, scenario.teacher)
    return Person(teacher, 0.03, random(3), first_step=FIRST, at_most=8, meter=Meter())


CASES = {
    Alarm: Case(Alarm, lambda alarm, loss: alarm.hear(loss), rising(), {"": 30, "_up": 64}),
    Contact: Case(
        lambda: Contact(CAMERA, ROBOT, 12.8),
        lambda contact, block: contact.answers(*block),
        list(ride()),
        {"": 4, "_last": 3},
    ),
    Person: Case(
        a_person,
        lambda person, end: person.answers(a_block(end), Frozen(NET), asks=True),
        list(range(FIRST + EVERY, FIRST + 30 * EVERY, EVERY)),
        {"": 10},
    ),
    Judge: Case(
        lambda: Judge(("location",), THRESHOLDS),
        lambda judge, day: judge.day(day[0], 0, day[1], None),
        list(days(70, shift=1.5, at=45)),
        {"_heard": 50, "_usual": 57},
    ),
}
ATTRIBUTES = [
    *((Alarm, name) for name in ("_heard", "_mean", "_squares", "_up")),
    *((Contact, name) for name in ("_driven", "_bumped", "_watered", "_last", "_waiting")),
    *((Person, name) for name in ("_granted", "_window", "_coming")),
    *((Judge, name) for name in ("_usual", "_heard")),
]


def plain(value):
    """What was told, so that it can be compared."""
    if is_dataclass(value):
        value = vars(value)
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    return [plain(part) for part in value] if isinstance(value, list | tuple) else repr(value)


def told(case, who, things):
    return [plain(case.hear(who, thing)) for thing in things]


@cache
def told_by_one(kind):
    return told(CASES[kind], CASES[kind].make(), CASES[kind].things)


def told_after(case, at, kinds):
    """What is told after the state of one who has heard so many things was put into another."""
    first = case.make()
    told(case, first, case.things[:at])
    return told(case, put_back(take(first, kinds), case.make(), kinds), case.things[at:])


@pytest.mark.parametrize(("kind", "attribute"), ATTRIBUTES, ids=lambda part: getattr(part, "__name__", part))
def test_who_goes_on_tells_the_same_and_without_a_part_of_its_state_does_not(kind, attribute):
    case = CASES[kind]
    at = case.at[attribute] if attribute in case.at else case.at[""]
    whole = told_by_one(kind)[at:]
    assert told_after(case, at, KINDS) == whole
    assert told_after(case, at, {**KINDS, kind: (*KINDS[kind], attribute)}) != whole
