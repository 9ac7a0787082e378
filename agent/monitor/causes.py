"""What a log says about causes: the row of a learner, and the sentence that it amounts to."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

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
    """A loss in words: whole points that add up, the largest first; what is less than one is left to the rest.

    Args:
        found: a row, or another mapping with `from_phase`, `to_phase`, `lost` [points] and `shares` [points].

    >>> sentence({"from_phase": "spring", "to_phase": "deep winter", "lost": 31.2,
    ...           "shares": {"cover": 18.1, "light": 7.4, "leaf colour": 4.2, "bloom": 1.1, "geometry": 0.4}})
    'Of 31 points lost between spring and deep winter, 18 are snow and litter, 7 light, 4 colours of leaves and lawn, \
1 flowers, and the rest 1.'
    """
    names, values = list(found["shares"]), list(found["shares"].values())
    between = f"between {found['from_phase']} and {found['to_phase']}"
    lost = round(found["lost"])
    if lost < 1:
        return f"Nothing was lost {between}." if lost == 0 else f"{-lost} points were gained {between}."
    whole = in_whole(values, lost)
    order = sorted((k for k, value in enumerate(whole) if value), key=lambda k: -whole[k])
    large = [k for k in order if abs(values[k]) >= 1.0]
    rest = lost - sum(whole[k] for k in large)
    costs = [f"{whole[k]} {IN_WORDS.get(names[k], names[k])}" for k in large if whole[k] > 0]
    gains = [f"{IN_WORDS.get(names[k], names[k])} gave {-whole[k]} back" for k in large if whole[k] < 0]
    if costs:
        number, _, what = costs[0].partition(" ")
        costs[0] = f"{number} {'is' if number == '1' else 'are'} {what}"
    ends = [*gains, *([f"the rest {rest}".replace("-", "−")] if rest else [])]
    clauses = [*costs, *ends[:-1], *([f"and {ends[-1]}"] if ends and (costs or ends[:-1]) else ends[-1:])]
    if not ends and len(costs) > 1:
        clauses[-1] = f"and {clauses[-1]}"
    joined = ", ".join(clauses) if len(clauses) > 2 or ends else " ".join(clauses)
    return f"Of {lost} point{'s' if lost != 1 else ''} lost {between}, {joined}."


def in_whole(values: Sequence[float], total: int) -> list[int]:
    """Whole numbers near `values` that add up to `total`: rounded down, then up where most was cut off.

    >>> in_whole([18.4, 7.5, 4.3, -0.1], 30)
    [18, 8, 4, 0]
    """
    floors = np.floor(np.asarray(values, float))
    missing = total - int(floors.sum())
    order = np.argsort(floors - np.asarray(values), kind="stable")
    for k in order[: max(missing, 0)]:
        floors[k] += 1
    for k in order[::-1][: max(-missing, 0)]:
        floors[k] -= 1
    return [int(value) for value in floors]
