"""The four seasons as bands behind a time axis; they have names, not colours, because colours mean learners."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from agent.seasons import season

South = Callable[[date], bool]  # whether the garden is in the south on a date


def south_on(scenario: Mapping[str, Any]) -> South:
    """Where the garden is, from a scenario as the configuration of a run has it.

    >>> south = south_on({"southern": False, "crosses_equator": "2030-06-27"})
    >>> south(date(2030, 6, 26)), south(date(2030, 6, 27))
    (False, True)
    """
    first, crosses = bool(scenario.get("southern", False)), scenario.get("crosses_equator")
    turn = date.fromisoformat(crosses) if crosses else date.max
    return lambda day: first != (day >= turn)


def bands(start: date, days: int, *, south: South = lambda day: False) -> list[tuple[str, date, date]]:
    """Season, first day and the day after its last, for every stretch of a life.

    >>> [(name, str(first)) for name, first, _ in bands(date(2030, 4, 1), 70)]
    [('spring', '2030-04-01'), ('summer', '2030-06-01')]
    """
    calendar = (start + timedelta(days=n) for n in range(days))
    stretches = [(name, list(group)) for name, group in groupby(calendar, key=lambda d: season(d, southern=south(d)))]
    return [(name, group[0], group[-1] + timedelta(days=1)) for name, group in stretches]
