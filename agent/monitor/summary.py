"""From the log of a life to its numbers: everything in `summary.json`, a pure function of `metrics.jsonl`.

docs/report.md explains each number with its unit.
"""

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.energy import joules
from agent.expiry import told as shelf_life
from agent.monitor import calibration, causes, continual, detection, evidence, health, since
from agent.monitor.log import Log, headline_bank
from agent.monitor.matrix import (
    CEILING,
    FLOOR,
    days_stood_for,
    first_best,
    floor_scores,
    lived,
    marks,
    number,
    numbers,
    past,
    phases_of,
    reference_scores,
    scores,
)
from agent.monitor.metrics import iou, mean_iou, share_of_gap
from agent.monitor.stability import forgetting_over_life, resample_blocks

Floats = NDArray[np.float64]
BOOTSTRAP_SEED = 20300401  # fixed, so that a log has one summary
REGULARISER, REPLAY = "the regulariser", "replay"
__all__ = ["CEILING", "FLOOR", "floor_scores", "headline_bank", "lived", "past", "reference_scores", "scores"]
COMPARED = (  # who, beside whom, what that adds
    ("er+ewc", "er", REGULARISER),
    ("ewc", "finetune", REGULARISER),
    ("er+ewc", "ewc", REPLAY),
)


def summarise(log: Log) -> dict[str, Any]:
    """Work out all numbers of a run.

    Args:
        log: the log, finished or not.

    Returns:
        JSON-able; shares of 1 for every mIoU, None where the life was too short to say.
    """
    bank = headline_bank(log)
    return {
        "ended": log.ended,
        "days_lived": max([row["day"] for rows in log.stream.values() for row in rows] + _probe_days(log) + [0]),
        "days": log.life.days,
        "headline_bank": bank,
        "phases": [phase.name for phase in log.life.phases],
        "learners": {name: _learner(log, name, bank) for name in log.learners},
        "references": _references(log),
        "drift": detection.told(log),
        "comparisons": [entry for pair in COMPARED if (entry := _comparison(log, *pair, bank)) is not None],
    } | ({"fork": since.told(log)} if log.fork else {})


def _learner(log: Log, name: str, bank: str) -> dict[str, Any]:
    return {
        "miou": {b: _levels(log, name, b) for b in log.banks},
        "present": _present(log, name, bank),
        "stability": _stability(log, name, bank),
        "plasticity": _plasticity(log, name, bank),
        "gap_closed": _gap(log, name, bank),
        "memorisation": _memorisation(log, name),
        "stream": _stream(log, name),
        "causes": causes.told(log, name),
        "cost": _cost(log, name),
        "continual": continual.told(log, name),
        "calibration": calibration.told(log, name),
        "health": health.told(log, name),
        "diagnosis": evidence.told(log, name),
        "expiry": shelf_life.told(log, name),
    }


def _levels(log: Log, name: str, bank: str) -> dict[str, Any]:
    days, matrix = scores(log, name, bank)
    _, known = scores(log, name, bank, known=True)
    if not len(days):
        return {"end": None, "anytime": None, "known_end": None, "known_anytime": None, "by_phase": []}
    weights = days_stood_for(log, days)
    return {
        "end": number(np.nanmean(matrix[-1])),
        "anytime": number(np.average(np.nanmean(matrix, axis=1), weights=weights)),
        "known_end": number(np.nanmean(known[-1])),
        "known_anytime": number(np.average(np.nanmean(known, axis=1), weights=weights)),
        "by_phase": numbers(matrix[-1]),
        "known_by_phase": numbers(known[-1]),
        "by_phase_at_start": numbers(matrix[0]),
    }


def _present(log: Log, name: str, bank: str) -> dict[str, Any] | None:
    """How well the learner sees the phase that it is in: the diagonal of the matrix."""
    days, matrix = scores(log, name, bank)
    if not len(days):
        return None
    phase = log.life.phase_of_day[days]
    now = matrix[np.arange(len(days)), phase]
    lowest = int(np.nanargmin(now))
    return {
        "mean": number(np.average(now, weights=days_stood_for(log, days))),
        "first": number(now[0]),
        "first_phase": log.life.phases[phase[0]].name,
        "lowest": number(now[lowest]),
        "lowest_day": int(days[lowest]),
        "lowest_phase": log.life.phases[phase[lowest]].name,
    }


def _stability(log: Log, name: str, bank: str) -> dict[str, Any] | None:
    days, matrix = scores(log, name, bank)
    if not len(days):
        return None
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    behind = past(log, days)
    usable = np.isfinite(matrix).all(axis=0)
    result = forgetting_over_life(np.nan_to_num(matrix), first_best(log, days), behind & usable, rng)
    if result is None:
        return None
    told = {key: number(value) for key, value in asdict(result).items() if isinstance(value, float)}
    return told | {
        "worst_phase": log.life.phases[result.worst_phase].name,
        "by_phase": numbers(result.by_phase),
        "past_phases": int(behind[-1].sum()),
    }


def _plasticity(log: Log, name: str, bank: str) -> dict[str, Any] | None:
    """Intransigence: the converged reference on a phase minus the learner when it leaves that phase."""
    ceiling = reference_scores(log, CEILING, bank)
    days, matrix = scores(log, name, bank)
    gaps: list[float | None] = [None] * len(log.life.phases)
    for s in phases_of(log):
        visit = log.life.first_lived(s)
        inside = [t for t, day in enumerate(days) if visit and visit.first_day <= day <= visit.last_day + 1]
        if ceiling is not None and inside and visit and visit.last_day >= log.life.commissioning_days:
            gaps[s] = number(ceiling[s] - matrix[inside[-1], s])
    known = [gap for gap in gaps if gap is not None]
    return {"gap": float(np.mean(known)), "by_phase": gaps} if known else None


def _gap(log: Log, name: str, bank: str) -> dict[str, float | None] | None:
    floor, ceiling = floor_scores(log, bank), reference_scores(log, CEILING, bank)
    days, matrix = scores(log, name, bank)
    if floor is None or ceiling is None or not len(days):
        return None
    cells = lived(log, days)
    weights = np.where(cells, days_stood_for(log, days)[:, None], 0.0)
    seen = [np.where(cells, x, np.nan) * weights for x in np.broadcast_arrays(matrix, floor, ceiling)]
    scale = weights[cells].mean() if cells.any() else 1.0
    return {
        "end": share_of_gap(matrix[-1], floor, ceiling),
        "anytime": share_of_gap(*(x / scale for x in seen)),
    }


def _memorisation(log: Log, name: str) -> dict[str, float | None] | None:
    """Home minus away: what it knows of its own garden only."""
    (days, home), (away_days, away) = scores(log, name, "home"), scores(log, name, "away")
    days, at_home, at_away = np.intersect1d(days, away_days, return_indices=True)  # home is sat less often
    if not len(days):
        return None
    home, away = home[at_home], away[at_away]
    by_tick = np.nanmean(home, axis=1) - np.nanmean(away, axis=1)
    return {
        "end": number(by_tick[-1]),
        "anytime": number(np.average(by_tick, weights=days_stood_for(log, days))),
    }


def _stream(log: Log, name: str) -> dict[str, Any] | None:
    rows = log.stream.get(name, [])
    if not rows:
        return None
    frames = np.array([row["frames"] for row in rows])
    own, copied = (np.sum([np.asarray(row[key]) for row in rows], axis=0) for key in ("confusion", "copy_confusion"))
    return {
        "miou": number(mean_iou(own)),
        "copy_miou": number(mean_iou(copied)),
        "prior_miou": _prior(rows),
        "by_class": numbers(iou(own)),
        "copy_by_class": numbers(iou(copied)),
        "loss": _mean_loss(rows),
        "frames": int(frames.sum()),
        "not_finite": sum(row.get("not_finite", 0) for row in rows),
    }


def _mean_loss(rows: list[dict[str, Any]]) -> float | None:
    """Over the frames that have a finite one; None where there is none."""
    known = [(row["loss"], row["frames"] - row.get("not_finite", 0)) for row in rows if row["loss"] is not None]
    losses, frames = np.array(known or [(0.0, 0)]).T
    return number(np.average(losses, weights=frames)) if frames.any() else None


def _prior(rows: list[dict[str, Any]]) -> float | None:
    """mIoU of the blind guesser, where it was scored."""
    if any(row.get("prior_confusion") is None for row in rows):
        return None
    return number(mean_iou(np.sum([row["prior_confusion"] for row in rows], axis=0)))


def _comparison(log: Log, name: str, other: str, adds: str, bank: str) -> dict[str, Any] | None:
    """What one learner has over another, on average over the life: a paired difference with its interval over ticks."""
    (days, own), (other_days, others) = scores(log, name, bank), scores(log, other, bank)
    if len(days) < 4 or not np.array_equal(days, other_days):
        return None
    ahead = np.nanmean(own - others, axis=1, keepdims=True)
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    low, high = np.quantile(resample_blocks(ahead, rng, 2000).mean(axis=1), (0.025, 0.975))
    return {
        "learner": name,
        "beside": other,
        "adds": adds,
        "anytime": float(ahead.mean()),
        "low": float(low),
        "high": float(high),
        "end": float(ahead[-1, 0]),
    }


def _references(log: Log) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for (name, bank), confusion in sorted(log.references.items(), key=lambda item: item[0][0]):
        by_phase = marks(log, confusion, bank)
        entry = told.setdefault(name, {"miou": {}, "gap_closed": None, "cost": _cost(log, name)})
        floor, ceiling = floor_scores(log, bank), reference_scores(log, CEILING, bank)
        if bank == headline_bank(log) and floor is not None and ceiling is not None:
            entry["gap_closed"] = share_of_gap(by_phase, floor, ceiling)
        entry["miou"][bank] = {"mean": number(np.nanmean(by_phase)), "by_phase": numbers(by_phase)}
    return told


def _cost(log: Log, name: str) -> dict[str, float]:
    """What the log says that it took, and the energy that is estimated from it."""
    told = log.costs.get(name, {})
    return told | {"energy_j_estimate": joules(told["flops"])} if "flops" in told else told


def _probe_days(log: Log) -> list[int]:
    return [tick.day for ticks in log.probes.values() for tick in ticks]
