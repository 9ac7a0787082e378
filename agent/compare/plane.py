"""The plane of stability and plasticity: a point a learner, and curves over what trades one for the other (--vary)."""

from collections.abc import Sequence
from typing import Any

from agent.compare.intervals import estimate, measure
from agent.compare.variants import own_value
from agent.trial import Row

STABILITY = "forgetting of past seasons beyond noise, negative [points]"
INTRANSIGENCE = "what it failed to learn of each season while it lasted, negative [points]"
PRESENT = "mIoU on the season at hand [%]"


def plane(rows: Sequence[Row]) -> dict[str, Any]:
    """Where everybody stands; both axes grow towards what is better.

    Stability is forgetting at the end of the life beyond what noise alone would show, negative: 0 forgot nothing.
    Plasticity is intransigence, negative: the mark of the learner on each season when it leaves it minus that of
    joint@converged (Chaudhry et al. 2018). Where a row has no reference it is the mark on the season at hand instead,
    for all, so that the axis means one thing.

    Args:
        rows: of shadow lives, each with its `label`.

    Returns:
        `axes` (what is measured), `points` (label, recipe, estimates `stability` and `plasticity`, and `seeds`, the
        pairs of plasticity and stability by seed), and `curves` (recipe, setting, and its points in the order of the
        setting's value, the recipe's own among them). Shares of 1; None where a life was too short to say.
    """
    against_joint = all(row["plasticity_gap"] is not None for row in rows)
    labels = list(dict.fromkeys(row["label"] for row in rows))
    points = {label: _point([row for row in rows if row["label"] == label], against_joint) for label in labels}
    curves: dict[tuple[str, str], dict[float, dict[str, Any]]] = {}
    for row in rows:
        for setting, value in row["changes"].items():
            curves.setdefault((row["recipe"], setting), {})[float(value)] = points[row["label"]]
    told = []
    for (recipe, setting), found in curves.items():
        if recipe in points:
            found[own_value(recipe, setting)] = points[recipe]
        along = [{"value": value} | found[value] for value in sorted(found)]
        told.append({"recipe": recipe, "setting": setting, "points": along})
    axes = {"stability": STABILITY, "plasticity": INTRANSIGENCE if against_joint else PRESENT}
    return {"axes": axes, "points": list(points.values()), "curves": told}


def _point(rows: Sequence[Row], against_joint: bool) -> dict[str, Any]:
    stability = [measure(row, "stability") for row in rows]
    plasticity = [-row["plasticity_gap"] if against_joint else row["present"] for row in rows]
    seeds = [pair for pair in zip(plasticity, stability, strict=True) if None not in pair]
    return {
        "label": rows[0]["label"],
        "recipe": rows[0]["recipe"],
        "stability": estimate(stability),
        "plasticity": estimate(plasticity),
        "seeds": seeds,
    }
