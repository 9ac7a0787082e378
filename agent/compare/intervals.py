"""Means over seeds with their intervals, and differences seed by seed where seeds are shared."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from agent.ranking import BESIDE, mean_interval
from agent.trial import Row

PATROL = (
    "miou_life", "miou_end", "present", "gap_life", "gap_end", "forgetting", "forgetting_noise", "stability",
    "plasticity_gap", "in_time", "backward", "forward", "flops", "memory_bytes", "labels", "updates", "missed",
    "stale", "ceiling",
)  # fmt: skip
"""Measures of a shadow life."""
GARDENER = ("score", "share", "died", "litres", "flops", "memory_bytes", "labels", "updates", "missed", "stale")
"""Measures of a life of its own; none of them is a mark on frames."""
DECIDES = {"patrol": "miou_life", "gardener": "score"}
"""The measure by which learners are put in order, by drive."""


def measure(row: Row, name: str) -> float | None:
    """What a row says of a measure; None where it says nothing.

    `stability` is forgetting beyond what noise alone would show, negative; it is above 0 where less was forgotten than
    noise alone would show. `missed` and `stale` are shares of all blocks: not learned from, and answered with weights
    from before an update that was late.
    """
    if name == "stability":
        forgot, noise = row.get("forgetting"), row.get("forgetting_noise")
        return None if forgot is None or noise is None else noise - forgot
    if name in ("in_time", "backward", "forward"):
        return (row.get("triangle") or {}).get(name)
    if name in ("missed", "stale"):
        blocks = row.get(f"{name}_blocks")
        return None if blocks is None or not row["blocks"] else blocks / row["blocks"]
    return row.get(name)


def estimate(values: Sequence[float | None]) -> dict[str, Any] | None:
    """Mean of the values that there are, with Student's 95 % interval of it; None where there is none.

    >>> {name: round(value, 3) for name, value in estimate([1.0, 2.0, 3.0, None]).items()}
    {'mean': 2.0, 'low': -0.484, 'high': 4.484, 'n': 3}
    >>> estimate([1.0])
    {'mean': 1.0, 'low': None, 'high': None, 'n': 1}
    """
    known = [value for value in values if value is not None and math.isfinite(value)]
    if not known:
        return None
    mean, low, high = mean_interval(np.array(known, dtype=np.float64))
    low, high = (low, high) if math.isfinite(low) else (None, None)
    return {"mean": mean, "low": low, "high": high, "n": len(known)}


def lines(rows: Sequence[Row], drive: str) -> list[dict[str, Any]]:
    """The lines of the table: every label's measures over its seeds, and its lead over `beside`.

    A lead is the mean of the differences seed by seed, over the seeds that both have lived, so worlds that are easier
    than others cancel out.

    Args:
        rows: of all lives, each with its `label`.
        drive: patrol or gardener.

    Returns:
        A line a label, in the order of the rows: `label`, `recipe`, `seeds`, an estimate by measure, `beside` and
        `ahead`.
    """
    measures, decides = (PATROL if drive == "patrol" else GARDENER), DECIDES[drive]
    labels = list(dict.fromkeys(row["label"] for row in rows))
    other = beside(labels)
    by_label = {label: {row["seed"]: row for row in rows if row["label"] == label} for label in labels}
    found = []
    for label, own in by_label.items():
        line: dict[str, Any] = {"label": label, "recipe": next(iter(own.values()))["recipe"], "seeds": list(own)}
        line |= {name: estimate([measure(row, name) for row in own.values()]) for name in measures}
        line |= {"beside": other, "ahead": None if label == other else _paired(own, by_label[other], decides)}
        found.append(line)
    return found


def beside(labels: Sequence[str]) -> str:
    """With whom all others are compared in pairs: fine-tuning where it has lived, else the first."""
    return BESIDE if BESIDE in labels else labels[0]


def _paired(own: Mapping[int, Row], others: Mapping[int, Row], name: str) -> dict[str, Any] | None:
    pairs = [(measure(own[seed], name), measure(others[seed], name)) for seed in own if seed in others]
    return estimate([a - b for a, b in pairs if a is not None and b is not None])
