"""Where a reported garden is; seasons as bands behind a time axis have names, not colours: those mean learners."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from scenarios.seasons import South


def south_on(scenario: Mapping[str, Any]) -> South:
    """Where the garden is, from a scenario as the configuration of a run has it.

    >>> south = south_on({"southern": False, "crosses_equator": "2030-06-27"})
    >>> south(date(2030, 6, 26)), south(date(2030, 6, 27))
    (False, True)
    """
    first, crosses = bool(scenario.get("southern", False)), scenario.get("crosses_equator")
    turn = date.fromisoformat(crosses) if crosses else date.max
    return lambda day: first != (day >= turn)
