"""What a log says about causes: the row of a learner, and the sentence that it amounts to."""

from collections.abc import Mapping
from typing import Any

from agent.monitor.log import Log, Row

IN_WORDS = {
    "light": "light",
    "weather": "weather",
    "leaf colour": "colours of leaves and lawn",
    "bloom": "flowers",
    "cover": "snow and litter",
    "geometry": "sizes and shapes",
    "camera": "the camera",
    "class shares": "other classes in view",
}


def told(log: Log, learner: str) -> Row | None:
    """The last word on a learner's loss: the fields of its row; None if there is none."""
    rows = [row for row in log.causes if row["learner"] == learner]
    return {key: value for key, value in rows[-1].items() if key not in ("kind", "learner")} if rows else None


def sentence(found: Mapping[str, Any]) -> str:
    """A loss in words: whole points, the largest first; what is less than one, and rounding, is left to the rest.

    Args:
        found: a row, or another mapping with `from_phase`, `to_phase`, `lost` [points] and `shares` [points].

    >>> sentence({"from_phase": "spring", "to_phase": "deep winter", "lost": 31.2,
    ...           "shares": {"cover": 18.1, "light": 7.4, "leaf colour": 4.2, "bloom": -1.1, "geometry": 0.4}})
    'Of 31 points lost between spring and deep winter, 18 are snow and litter, 7 light, 4 colours of leaves and lawn, \
flowers gave 1 back, and the rest is 3.'
    """
    between = f"between {found['from_phase']} and {found['to_phase']}"
    lost = round(found["lost"])
    if lost < 1:
        return f"{_points(-lost)} gained {between}." if lost else f"Nothing was lost {between}."
    whole = {name: round(points) for name, points in found["shares"].items() if abs(points) >= 1.0}
    costs = [f"{n} {IN_WORDS.get(name, name)}" for name, n in _largest_first(whole) if n > 0]
    if costs:
        costs[0] = costs[0].replace(" ", " is " if costs[0].startswith("1 ") else " are ", 1)
    gains = [f"{IN_WORDS.get(name, name)} gave {-n} back" for name, n in _largest_first(whole) if n < 0]
    rest = lost - sum(whole.values())
    last = [f"the rest is {rest}" if rest > 0 else f"the rest gave {-rest} back"] if rest else []
    *others, final = [*costs, *gains, *last]
    return f"Of {_points(lost)} lost {between}, " + (f"{', '.join(others)}, and {final}." if others else f"{final}.")


def _largest_first(whole: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(whole.items(), key=lambda item: -abs(item[1]))


def _points(number: int) -> str:
    return f"{number} point{'' if number == 1 else 's'}"
