"""What a fleet has come to: marks by garden and kind of learner, differences, transfer, and what memories were made of.

Everything here is worked out from the logs of the gardens and from what learners told at the ends of their lives.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from agent.exams import HEADLINE
from agent.fleet.life import Lived
from agent.fleet.observer import Remembered, Visited
from agent.fleet.pupils import ALONE, DRILLED, KINDS, OTHERS, SHARED
from agent.monitor.log import Log
from agent.monitor.matrix import marks, scores

Told = dict[str, Any]
CONTRASTS = (
    ("shared - alone", SHARED, ALONE, "what a robot has of the fleet, more steps of its learner included"),
    ("drilled - alone", DRILLED, ALONE, "what the steps alone bring, without a frame of another garden"),
    ("shared - drilled", SHARED, DRILLED, "what other gardens' frames and their memory bring beyond the steps"),
    ("others - start", OTHERS, "start",
     "what the others' learner knows of a garden it never saw, beyond what the owner there taught"),
    ("others - alone", OTHERS, ALONE, "what the others' learner has over the robot's own"),
)  # fmt: skip
"""Differences of two learners over the life, in every garden: name, whose mark, minus whose, and what that says."""


def garden_marks(log: Log, summary: Mapping[str, Any]) -> dict[str, Told]:
    """The marks of all kinds of learners in one garden, shares of 1; None where a life was too short to say.

    Args:
        log: of the garden.
        summary: of the log.
    """
    return {
        kind: _marks(log, kind, summary["learners"][kind]) for kind in log.learners if (kind, HEADLINE) in log.probes
    }


def whole_only(gardens: Mapping[str, Mapping[str, Told]], names: Collection[str]) -> dict[str, dict[str, Told]]:
    """The marks of those who lived to the end: who was cut short has seen other days, and is compared with nobody.

    Args:
        gardens: marks by garden and kind.
        names: of the learners that lived to the end.
    """
    return {
        garden: {kind: told for kind, told in kinds.items() if {kind, f"{kind} {garden}"} & set(names)}
        for garden, kinds in gardens.items()
    }


def contrasts(gardens: Mapping[str, Mapping[str, Told]]) -> list[Told]:
    """Differences over the life, garden by garden, and their mean.

    Args:
        gardens: marks by garden and kind, as `garden_marks` returns them.

    Returns:
        A row a contrast that every garden has: `name`, `says`, `by_garden` and `mean`, shares of 1.
    """
    found = []
    for name, first, second, says in CONTRASTS:
        pairs = {garden: (_level(kinds, first), _level(kinds, second)) for garden, kinds in gardens.items()}
        by_garden = {garden: a - b for garden, (a, b) in pairs.items() if a is not None and b is not None}
        if len(by_garden) == len(gardens):
            row = {"name": name, "says": says, "by_garden": by_garden, "mean": float(np.mean(list(by_garden.values())))}
            found.append(row)
    return found


def transfer(visits: Sequence[Visited], logs: Sequence[Log], names: Sequence[str]) -> list[Told]:
    """What who lived in one garden alone knows of all: rows `lived_in`, `start` and `end`, both mIoU by garden.

    Args:
        visits: what was told, in any order.
        logs: of the gardens, in their order.
        names: of the gardens, in their order.
    """
    found: dict[int, Told] = {}
    for visit in sorted(visits, key=lambda visit: (visit.pupil.fed, visit.garden, visit.end)):
        row = found.setdefault(visit.pupil.fed[0], {"lived_in": names[visit.pupil.fed[0]], "start": {}, "end": {}})
        by_phase = marks(logs[visit.garden], visit.confusion.sum(1), HEADLINE)
        row["end" if visit.end else "start"][names[visit.garden]] = float(np.nanmean(by_phase))
    return list(found.values())


def memory(looks: Sequence[Remembered], bounds: Mapping[str, int], names: Sequence[str]) -> dict[str, Told]:
    """What every learner's memory was made of through its life, by learner.

    Args:
        looks: what was told, of each learner in the order of its days.
        bounds: of the memories by learner [bytes].
        names: of the gardens, in their order.

    Returns:
        By learner: `days`, `held` (frames by garden, a list each; None where no frames are kept), `bytes`,
        `most_bytes` and `bound_bytes`.
    """
    found: dict[str, Told] = {}
    for name, bound in bounds.items():
        own = [look for look in looks if look.pupil.name(names) == name]
        if not own:
            continue
        held = None if own[-1].held is None else {
            garden: [0 if look.held is None else look.held[i] for look in own] for i, garden in enumerate(names)
        }  # fmt: skip
        found[name] = {
            "days": [look.day for look in own],
            "held": held,
            "bytes": [look.nbytes for look in own],
            "most_bytes": max(look.most_bytes for look in own),
            "bound_bytes": bound,
        }
    return found


def costs(lives: Sequence[Lived], names: Sequence[str]) -> dict[str, Told]:
    """What every learner took, by learner, clocks aside; `robots` is how many fed it."""
    return {life.pupil.name(names): _taken(life, names) for life in lives}


def answer(rows: Sequence[Told], gardens: Sequence[str]) -> str:
    """The answer of this one fleet in a sentence or two, from what `contrasts` returned."""
    by_name = {row["name"]: row for row in rows}
    lead = by_name.get("shared - alone")
    if lead is None:
        return "Not enough was lived to compare a shared learner with robots that live alone."
    ahead = sum(value > 0 for value in lead["by_garden"].values())
    told = (
        f"Over the life, the shared learner knew {_than(lead['mean'], 'robots alone')}, averaged over "
        f"{len(gardens)} gardens; it was ahead in {ahead} of {len(gardens)}."
    )
    beyond = by_name.get("shared - drilled")
    if beyond is not None:
        told += f" It knew {_than(beyond['mean'], 'robots alone that made as many steps')}."
    return told


def asides(data: Told) -> list[str]:
    """What must be known beside the answer."""
    said = ["Interrupted: not everybody lived to the end; who was cut short is compared with nobody."]
    said = said if data["interrupted"] else []
    said.append(
        "This is one fleet: its gardens share a learner and are no independent draws, so there is no interval here. "
        "Several fleets have one: benchmarks/fleet.py."
    )
    if data["quick"]:
        said.append("Coarse years: everybody is still learning, so more steps and more frames count for more.")
    return said


def _than(difference: float, whom: str) -> str:
    """
    >>> _than(0.0123, "er"), _than(-0.004, "er"), _than(0.0004, "er")
    ('1.2 points more than er', '0.4 points less than er', 'as much as er')
    """
    shown = round(100 * difference, 1)
    return f"{abs(shown):.1f} points {'more' if shown > 0 else 'less'} than {whom}" if shown else f"as much as {whom}"


def _marks(log: Log, kind: str, told: Mapping[str, Any]) -> Told:
    days, by_phase = scores(log, kind, HEADLINE)
    levels, stability, stream = told["miou"][HEADLINE], told["stability"] or {}, told["stream"] or {}
    curve = [round(float(level), 4) for level in np.nanmean(by_phase, axis=1)]
    return {
        "says": KINDS[kind],
        "life": levels["anytime"],
        "start": curve[0],
        "end": levels["end"],
        "at_hand": (told["present"] or {}).get("mean"),
        "forgot": stability.get("mean"),
        "forgot_noise": stability.get("noise_mean"),
        "home_end": told["miou"]["home"]["end"],
        "stream": stream.get("miou"),
        "copy": stream.get("copy_miou"),
        "days": days.tolist(),
        "curve": curve,
    }


def _taken(life: Lived, names: Sequence[str]) -> Told:
    counted = {key: value for key, value in life.cost.items() if key != "seconds"}
    labels = dict(zip(names, life.labels, strict=True))
    return counted | {"robots": len(life.pupil.fed), "whole": life.whole, "labels_by_garden": labels}


def _level(kinds: Mapping[str, Told], who: str) -> float | None:
    """A mark over the life; `start` is the robot's own as its owner left it, which is the same on all days."""
    if who == "start":
        return kinds[ALONE]["start"] if ALONE in kinds else None
    return kinds[who]["life"] if who in kinds else None
