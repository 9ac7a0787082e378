"""Which days of a script to look at: evenly through the calendar, and on both sides of whatever comes at once."""

import numpy as np

from scenarios.drift import DriftEvent
from scenarios.spec import Scenario

COLUMNS = 6
LEAST, MOST = 12, 30  # views
NEAR = 0.02  # share of the life; an even view this near to a view of an event would show the same


def abrupt_days(scenario: Scenario) -> list[int]:
    """The days on which something is there at once that was not there, or gone that was, in order.

    >>> from scenarios.files import load
    >>> abrupt_days(load("four_seasons"))
    []
    """
    days = set()
    for event in scenario.drift:
        if event.axis in scenario.off or event.axis.split(".")[0] in scenario.off:
            continue
        days |= set(_edges(event, scenario))
    if scenario.crosses_equator is not None:
        days.add((scenario.crosses_equator - scenario.start).days)
    return sorted(day for day in days if 0 < day < scenario.days)


def _edges(event: DriftEvent, scenario: Scenario) -> list[int]:
    if event.at is None or event.edge_days or event.shape not in ("step", "window"):
        return []
    begin, end = event.moving(scenario.start)
    return [int(begin)] if event.shape == "step" or np.isinf(end) else [int(begin), int(end)]


def views(scenario: Scenario) -> list[int]:
    """Days to show: a multiple of `COLUMNS`; the middle of commissioning, and the eve and the day of abrupt events.

    >>> from scenarios.files import load
    >>> len(views(load("four_seasons")))
    12
    """
    chosen = [scenario.commissioning_days // 2]
    for day in abrupt_days(scenario):
        pair = [each for each in (day - 1, day) if each not in chosen]
        if len(chosen) + len(pair) <= MOST - COLUMNS:
            chosen += pair
    wanted = min(MOST, max(LEAST, -(-(len(chosen) + COLUMNS) // COLUMNS) * COLUMNS), scenario.days)
    for count in range(wanted - len(chosen), 40 * wanted):
        even = ((np.arange(count) + 0.5) / count * scenario.days).astype(int)
        apart = [int(day) for day in even if all(abs(day - other) > NEAR * scenario.days for other in chosen)]
        if len(chosen) + len(apart) >= wanted:
            return sorted({*chosen, *apart[: wanted - len(chosen)]})
    return sorted(chosen)
