"""Everything that a sweep says, ready for `sweep.json`: who came first, by how much, and what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from agent.compare.intervals import lines
from agent.compare.run import finite
from agent.ranking import rank, shared_worlds
from agent.sweep.critical import critical
from agent.sweep.life import Outcome
from agent.sweep.rows import Row
from agent.sweep.spec import Sweep
from agent.sweep.trials import Trial, labels_of

FORMAT = 1
Told = dict[str, Any]


def told(
    sweep: Sweep, trials: Sequence[Trial], rows: Sequence[Row], failed: Mapping[str, Outcome], *, interrupted: bool
) -> Told:
    """Work out what is said of a sweep.

    Args:
        sweep: which.
        trials: all of them.
        rows: of those that are over, in the order of the trials.
        failed: outcomes, by trial.
        interrupted: whether it was stopped.

    Returns:
        JSON-able; nothing in it is of the clock or of where trials were lived.
    """
    there = [label for label in labels_of(trials) if any(row["label"] == label for row in rows)]
    ordered = [row for label in there for row in rows if row["label"] == label and row["miou_life"] is not None]
    worlds = _shared(ordered)
    over = [trial.name for trial in trials if any(row["trial"] == trial.name for row in rows)]
    return finite(
        {
            "format": FORMAT,
            "name": sweep.name,
            "sweep": sweep.as_config(),
            "varied": list(sweep.varied),
            "interrupted": interrupted,
            "trials": [trial.name for trial in trials],
            "over": over,
            "failed": {name: outcome.said for name, outcome in failed.items()},
            "worlds": worlds,
            "lines": _lines(ordered, worlds),
            "critical": _critical(ordered, worlds),
            "rows": list(rows),
        }
    )


def _shared(rows: Sequence[Row]) -> list[str]:
    """The worlds in which all have lived who have lived at all; none where there is none."""
    try:
        return shared_worlds(_ranked(rows)) if rows else []
    except ValueError:
        return []


def _ranked(rows: Sequence[Row]) -> list[Row]:
    """Rows as `agent.ranking` and `agent.compare` take them: who is a label, where is a world.

    A world is one scenario with one seed; bootstraps draw seeds within a scenario.
    """
    return [row | {"recipe": row["label"], "place": row["world"], "climate": row["scenario"], "seed": row["world"]}
            for row in rows]  # fmt: skip


def _lines(rows: Sequence[Row], worlds: Sequence[str]) -> list[Told]:
    """A line for each who was compared, the best mean over the life first; only from worlds in which all have lived."""
    shared = [row for row in _ranked(rows) if row["place"] in worlds]
    if not shared:
        return []
    by_label = {line["label"]: line for line in lines(shared, "patrol")}
    found = []
    for place in rank(shared):
        line = by_label[place.recipe]
        found.append(
            line | {"rank": list(place.ranks), "iqm_life": _estimate(place.life), "iqm_end": _estimate(place.end)}
        )
    return found


def _estimate(interval: tuple[float, float, float]) -> dict[str, float]:
    return dict(zip(("mean", "low", "high"), interval, strict=True))


def _critical(rows: Sequence[Row], worlds: Sequence[str]) -> Told | None:
    """Mean ranks, and which of them are critically far apart."""
    labels = list(dict.fromkeys(row["label"] for row in rows))
    level = {(row["label"], row["world"]): row["miou_life"] for row in rows}
    scores = np.array([[level[label, world] for label in labels] for world in worlds], dtype=np.float64)
    found = critical(labels, scores) if scores.size else None
    return None if found is None else asdict(found)
