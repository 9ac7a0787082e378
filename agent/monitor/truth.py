"""The scripted truth: what a scenario changes by its script, and when; alarms are scored against nothing else.

Nature's own course through the year is drift too, but nobody scripted when it begins, so it is not in this list.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

import numpy as np

from scenarios.axes import AXES
from scenarios.drift import DriftEvent
from scenarios.spec import Scenario

ABRUPT_DAYS = 3  # a change that is complete within so many days is abrupt
TOGETHER_DAYS = 3  # changes that begin within so many days of the first of them are one
SEEN = frozenset({"colour", "classes", "depth"})  # channels of an axis that a camera has a part in
EQUATOR = "crosses_equator"


@dataclass(frozen=True)
class Change:
    """Something that the script does to the world or to the robot.

    Attributes:
        name: the axis that moves, or the first of several and how many others.
        axes: all of them, in the order of the script; `crosses_equator` for that.
        first_day: day of the life on which it begins.
        last_day: day of the life from which nothing more is added; the first day again, if it comes overnight.
        abrupt: whether that takes at most three days.
    """

    name: str
    axes: tuple[str, ...]
    first_day: int
    last_day: int
    abrupt: bool

    @property
    def visible(self) -> bool:
        """Whether it is one of what a camera sees; the robot's body, its water and its teacher are not."""
        return any(axis == EQUATOR or axis not in AXES or not SEEN.isdisjoint(AXES[axis].touches) for axis in self.axes)

    def as_row(self) -> dict[str, Any]:
        """For the log."""
        return asdict(self) | {"axes": list(self.axes)}

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> "Change":
        """From the log."""
        return cls(row["name"], tuple(row["axes"]), row["first_day"], row["last_day"], row["abrupt"])


def changes_of(scenario: Scenario) -> list[Change]:
    """All scripted changes of a life after its commissioning, in the order in which they begin.

    A window opens and closes: two changes. A pulse, a cycle or a walk is one, as long as it lasts. What is switched
    off, what begins before commissioning is over (the robot is trained in it) and what moves nothing, because its axis
    is frozen or at its limit, is left out.

    >>> from datetime import date
    >>> wiped = DriftEvent(axis="camera.dirt", set=0.5, shape="window", at=date(2030, 6, 1), days=10)
    >>> [(c.name, c.first_day, c.last_day, c.abrupt) for c in changes_of(Scenario(name="x", drift=(wiped,)))]
    [('camera.dirt', 52, 52, True), ('camera.dirt', 62, 62, True)]
    """
    course = scenario.course(days=scenario.days)
    off = set(scenario.off)
    found: list[tuple[float, float, str]] = []
    for event in scenario.drift:
        if event.axis in off or event.axis.split(".")[0] in off:
            continue
        rows = course.rows(event.axis)
        for begin, end in _parts(event, scenario):
            before, after = max(int(begin) - 1, 0), int(min(end, scenario.days - 1))
            if scenario.commissioning_days <= begin < scenario.days and np.ptp(rows[before : after + 1]) > 0:
                found.append((begin, float(after), event.axis))
    if scenario.crosses_equator is not None:
        day = float((scenario.crosses_equator - scenario.start).days)
        found.append((day, day, EQUATOR))
    found.sort(key=lambda part: part[0])
    firsts: list[float] = []
    for begin, _, _ in found:
        firsts.append(firsts[-1] if firsts and begin - firsts[-1] <= TOGETHER_DAYS else begin)
    grouped = groupby(zip(firsts, found, strict=True), key=lambda pair: pair[0])
    return [_together([part for _, part in group]) for _, group in grouped]


def _parts(event: DriftEvent, scenario: Scenario) -> list[tuple[float, float]]:
    """The stretches of days over which an event comes into force, or goes out of it."""
    begin, end = event.moving(scenario.start)
    if not np.isfinite(begin):
        return []
    if event.shape == "window":
        edges = [(begin, begin + event.edge_days), (end - event.edge_days, end)]
        return [edge for edge in edges if np.isfinite(edge[0])]
    return [(begin, end)]


def _together(parts: list[tuple[float, float, str]]) -> Change:
    """One change of what begins together; abrupt if any of it is."""
    axes = tuple(dict.fromkeys(axis for _, _, axis in parts))
    name = axes[0] if len(axes) == 1 else f"{axes[0]} and {len(axes) - 1} more"
    abrupt = any(end - begin <= ABRUPT_DAYS for begin, end, _ in parts)
    return Change(name, axes, int(parts[0][0]), int(max(end for _, end, _ in parts)), abrupt)
