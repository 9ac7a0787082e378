"""From curves to answers: everything in `expiry.json`, a pure function of the curves and of what is asked of them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from itertools import combinations
from typing import Any

import numpy as np

from agent.expiry.best_before import Forecaster
from agent.expiry.curves import Curve
from agent.expiry.definition import Terms
from agent.expiry.scoring import Foresee, score
from agent.expiry.survival import Survival, apart, survival
from agent.expiry.worlds import STILL
from scenarios.axes import AXES

ALL = "all"


def rows(curves: Sequence[Curve], terms: Terms) -> list[dict[str, Any]]:
    """One row a world and learner, flat: what any tool can read.

    Args:
        curves: of all worlds.
        terms: what "expired" means.
    """
    told = []
    for curve in curves:
        found = curve.expiry(terms)
        told.append(
            {
                "learner": curve.learner, "world": curve.world, "axis": curve.axis, "climate": curve.climate,
                "seed": curve.seed, "start": curve.start, "left_day": curve.left_day, "home": round(curve.home, 5),
                "expired": found.expired, "day": found.day, "lasted_days": found.day - curve.left_day,
                "returned_day": found.returned_day, "lowest": min(curve.competence), "last_day": curve.days[-1],
                "seconds": curve.seconds, "code": curve.code,
            }
        )  # fmt: skip
    return told


def groups(curves: Sequence[Curve], terms: Terms) -> list[dict[str, Any]]:
    """Survival by learner: over all worlds, then by climate; in the order in which they came."""
    until = float(min(curve.days[-1] - curve.left_day for curve in curves))
    told = []
    for learner in dict.fromkeys(curve.learner for curve in curves):
        own = [curve for curve in curves if curve.learner == learner]
        names = list(dict.fromkeys(curve.world for curve in own))
        for name in [ALL, *names] if len(names) > 1 else [ALL]:
            found = _survival([curve for curve in own if name in (ALL, curve.world)], terms, until)
            told.append({"learner": learner, "world": name, **_plain(found)})
    return told


def comparisons(curves: Sequence[Curve], terms: Terms) -> list[dict[str, Any]]:
    """Every two learners in the worlds in which both lived."""
    told = []
    for first, second in combinations(dict.fromkeys(curve.learner for curve in curves), 2):
        lived = {name: {(c.world, c.seed): c for c in curves if c.learner == name} for name in (first, second)}
        shared = [place for place in lived[first] if place in lived[second]]
        if shared:
            outcomes = [_outcomes([lived[name][place] for place in shared], terms) for name in (first, second)]
            told.append({"first": first, "second": second, "worlds": len(shared), "p": apart(*outcomes)})
    return told


def axes(curves: Sequence[Curve], terms: Terms) -> list[dict[str, Any]]:
    """Worlds of axes, ranked: what expires a model soonest comes first, what changed nothing last.

    `days` is the restricted mean over gardens; `value` is what the axis had come to by then.

    Args:
        curves: as `at_still_home` returns them.
        terms: what "expired" means.
    """
    until = float(min(curve.days[-1] - curve.left_day for curve in curves))
    told = []
    for world in dict.fromkeys(curve.world for curve in curves):
        own = [curve for curve in curves if curve.world == world]
        found, axis, value = _survival(own, terms, until), own[0].axis, None
        if axis != STILL:
            row = AXES[str(axis)]
            value = row.default + (float(world.split()[-1]) - row.default) * min(1.0, found.mean / until)
        shares = [min(curve.competence) / curve.home for curve in own]
        told.append(
            {
                "world": world, "axis": axis, "worlds": found.worlds, "expired": found.expired, "days": found.mean,
                "until": until, "value": value, "lowest_share": float(np.mean(shares)),
                "changed": any(bool(curve.changed) for curve in own),
            }
        )  # fmt: skip
    return sorted(told, key=lambda row: (row["axis"] == STILL, not row["changed"], row["days"], row["lowest_share"]))


def at_still_home(curves: Sequence[Curve]) -> list[Curve]:
    """Worlds of axes with the home value that counts there; gardens whose control was not lived are left out.

    The home value of a garden is the mean competence where nothing moves, over all its looks: at the same poses, on the
    same days, under the same clouds.
    """
    still = {curve.seed: curve for curve in curves if curve.axis == STILL}
    return [replace(curve, home_levels=still[curve.seed].competence) for curve in curves if curve.seed in still]


def forecasts(
    curves: Sequence[Curve], who: Mapping[str, Foresee], terms: Terms, forecaster: Forecaster
) -> list[dict[str, Any]]:
    """Every forecaster's score for every learner."""
    return [
        {"learner": learner, "who": name}
        | asdict(score([c for c in curves if c.learner == learner], foresee, terms, forecaster.horizon_days))
        for learner in dict.fromkeys(curve.learner for curve in curves)
        for name, foresee in who.items()
    ]


def first_line(told: Sequence[Mapping[str, Any]]) -> str:
    """The answer in a sentence, from what `groups` returned."""
    clauses = []
    for row in told:
        if row["world"] != ALL:
            continue
        if row["median"] is None:
            lasted = f"more than half of {row['worlds']} lasted {row['until']:.0f} days ({row['expired']} expired)"
        else:
            low, high = row["median_low"], row["median_high"]
            until = "or later" if high is None else f"to {high:.0f}"
            interval = f" [{low:.0f} {until}]" if low is not None else ""
            lasted = f"half of {row['worlds']} had expired {row['median']:.0f} days after being left alone{interval}"
        clauses.append(f"{row['learner']}: {lasted}")
    return "; ".join(clauses) + "."


def _survival(curves: Sequence[Curve], terms: Terms, until: float) -> Survival:
    return survival(*_outcomes(curves, terms), until=until)


def _outcomes(curves: Sequence[Curve], terms: Terms) -> tuple[list[float], list[bool]]:
    lasted = [curve.lasted(terms) for curve in curves]
    return [float(days) for days, _ in lasted], [expired for _, expired in lasted]


def _plain(found: Survival) -> dict[str, Any]:
    """For JSON: lists, and None where there is no number."""
    told = {}
    for name, value in asdict(found).items():
        if isinstance(value, np.ndarray):
            value = [round(float(x), 5) if np.isfinite(x) else None for x in value]
        told[name] = value
    return told
