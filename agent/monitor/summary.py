"""From the log of a life to its numbers: everything in `summary.json`, a pure function of `metrics.jsonl`.

docs/report.md explains each number with its unit.
"""

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.monitor import detection
from agent.monitor.log import Log
from agent.monitor.metrics import mean_iou, only_truth, share_of_gap
from agent.monitor.stability import forgetting_over_life, resample_blocks

Floats = NDArray[np.float64]
FLOOR = "frozen"  # the learner that never learns after commissioning
CEILING = "joint@converged"  # the reference that had all labelled frames at once and time to converge
BOOTSTRAP_SEED = 20300401  # fixed, so that a log has one summary
REGULARISER, REPLAY = "the regulariser", "replay"
COMPARED = (  # who, beside whom, what that adds
    ("er+ewc", "er", REGULARISER),
    ("ewc", "finetune", REGULARISER),
    ("er+ewc", "ewc", REPLAY),
)


def headline_bank(log: Log) -> str:
    """The bank that headlines use: gardens never visited, if they were examined."""
    return "away" if "away" in log.banks else next(iter(log.banks))


def scores(log: Log, learner: str, bank: str, *, known: bool = False) -> tuple[NDArray[np.int64], Floats]:
    """The matrix of a learner on a bank.

    Args:
        log: the log.
        learner: its name.
        bank: the bank's name.
        known: only pixels whose true class was met in commissioning.

    Returns:
        days (T,) int64 and mIoU (T, S) float64; both empty if it was never examined.
    """
    ticks = log.probes.get((learner, bank), [])
    phases = len(log.life.phases)
    if not ticks:
        return np.zeros(0, dtype=np.int64), np.zeros((0, phases))
    confusion = np.stack([tick.confusion for tick in ticks])
    return np.array([tick.day for tick in ticks], dtype=np.int64), _mean_iou(log, confusion, bank, known=known)


def reference_scores(log: Log, name: str, bank: str, *, known: bool = False) -> Floats | None:
    """(S,) mIoU of a reference by phase, or None if there is none."""
    confusion = log.references.get((name, bank))
    return None if confusion is None else _mean_iou(log, confusion, bank, known=known)


def floor_scores(log: Log, bank: str) -> Floats | None:
    """(S,) mIoU of the frozen model by phase: learner or reference, it is one and the same at all ticks."""
    days, matrix = scores(log, FLOOR, bank)
    return matrix[0] if len(days) else reference_scores(log, FLOOR, bank)


def lived(log: Log, days: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(T, S) whether a phase has been lived through, or is being lived, at each tick."""
    last = [visit.last_day if (visit := log.life.first_lived(s)) else log.life.days for s in _phases(log)]
    return (days[:, None] > np.array(last)) | _current(log, days)


def past(log: Log, days: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(T, S) whether a phase has been lived through and is not the current one."""
    return lived(log, days) & ~_current(log, days)


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
    }


def _learner(log: Log, name: str, bank: str) -> dict[str, Any]:
    return {
        "miou": {b: _levels(log, name, b) for b in log.banks},
        "present": _present(log, name, bank),
        "stability": _stability(log, name, bank),
        "plasticity": _plasticity(log, name, bank),
        "gap_closed": _gap(log, name, bank),
        "memorisation": _memorisation(log, name),
        "stream": _stream(log, name),
        "cost": log.costs.get(name, {}),
    }


def _levels(log: Log, name: str, bank: str) -> dict[str, Any]:
    days, matrix = scores(log, name, bank)
    _, known = scores(log, name, bank, known=True)
    if not len(days):
        return {"end": None, "anytime": None, "known_end": None, "known_anytime": None, "by_phase": []}
    weights = _days_stood_for(log, days)
    return {
        "end": _number(np.nanmean(matrix[-1])),
        "anytime": _number(np.average(np.nanmean(matrix, axis=1), weights=weights)),
        "known_end": _number(np.nanmean(known[-1])),
        "known_anytime": _number(np.average(np.nanmean(known, axis=1), weights=weights)),
        "by_phase": _numbers(matrix[-1]),
        "known_by_phase": _numbers(known[-1]),
        "by_phase_at_start": _numbers(matrix[0]),
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
        "mean": _number(np.average(now, weights=_days_stood_for(log, days))),
        "first": _number(now[0]),
        "first_phase": log.life.phases[phase[0]].name,
        "lowest": _number(now[lowest]),
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
    result = forgetting_over_life(np.nan_to_num(matrix), _first_best(log, days), behind & usable, rng)
    if result is None:
        return None
    told = {key: _number(value) for key, value in asdict(result).items() if isinstance(value, float)}
    return told | {
        "worst_phase": log.life.phases[result.worst_phase].name,
        "by_phase": _numbers(result.by_phase),
        "past_phases": int(behind[-1].sum()),
    }


def _plasticity(log: Log, name: str, bank: str) -> dict[str, Any] | None:
    """Intransigence: the converged reference on a phase minus the learner when it leaves that phase."""
    ceiling = reference_scores(log, CEILING, bank)
    days, matrix = scores(log, name, bank)
    gaps: list[float | None] = [None] * len(log.life.phases)
    for s in _phases(log):
        visit = log.life.first_lived(s)
        inside = [t for t, day in enumerate(days) if visit and visit.first_day <= day <= visit.last_day + 1]
        if ceiling is not None and inside and visit and visit.last_day >= log.life.commissioning_days:
            gaps[s] = _number(ceiling[s] - matrix[inside[-1], s])
    known = [gap for gap in gaps if gap is not None]
    return {"gap": float(np.mean(known)), "by_phase": gaps} if known else None


def _gap(log: Log, name: str, bank: str) -> dict[str, float | None] | None:
    floor, ceiling = floor_scores(log, bank), reference_scores(log, CEILING, bank)
    days, matrix = scores(log, name, bank)
    if floor is None or ceiling is None or not len(days):
        return None
    cells = lived(log, days)
    weights = np.where(cells, _days_stood_for(log, days)[:, None], 0.0)
    seen = [np.where(cells, x, np.nan) * weights for x in np.broadcast_arrays(matrix, floor, ceiling)]
    scale = weights[cells].mean() if cells.any() else 1.0
    return {
        "end": share_of_gap(matrix[-1], floor, ceiling),
        "anytime": share_of_gap(*(x / scale for x in seen)),
    }


def _memorisation(log: Log, name: str) -> dict[str, float | None] | None:
    """Home minus away: what it knows of its own garden only."""
    (days, home), (_, away) = scores(log, name, "home"), scores(log, name, "away")
    if not len(days) or home.shape != away.shape:
        return None
    by_tick = np.nanmean(home, axis=1) - np.nanmean(away, axis=1)
    return {
        "end": _number(by_tick[-1]),
        "anytime": _number(np.average(by_tick, weights=_days_stood_for(log, days))),
    }


def _stream(log: Log, name: str) -> dict[str, Any] | None:
    rows = log.stream.get(name, [])
    if not rows:
        return None
    frames = np.array([row["frames"] for row in rows])
    own, copied = (np.sum([np.asarray(row[key]) for row in rows], axis=0) for key in ("confusion", "copy_confusion"))
    return {
        "miou": _number(mean_iou(own)),
        "copy_miou": _number(mean_iou(copied)),
        "loss": _number(np.average([row["loss"] for row in rows], weights=frames)) if frames.any() else None,
        "frames": int(frames.sum()),
    }


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
        by_phase = _mean_iou(log, confusion, bank, known=False)
        entry = told.setdefault(name, {"miou": {}, "gap_closed": None, "cost": log.costs.get(name, {})})
        floor, ceiling = floor_scores(log, bank), reference_scores(log, CEILING, bank)
        if bank == headline_bank(log) and floor is not None and ceiling is not None:
            entry["gap_closed"] = share_of_gap(by_phase, floor, ceiling)
        entry["miou"][bank] = {"mean": _number(np.nanmean(by_phase)), "by_phase": _numbers(by_phase)}
    return told


def _mean_iou(log: Log, confusion: NDArray[np.int64], bank: str, *, known: bool) -> Floats:
    info = log.banks[bank]
    if known:
        confusion = only_truth(confusion, info.known)
    return mean_iou(confusion, info.class_set)


def _first_best(log: Log, days: NDArray[np.int64]) -> NDArray[np.int64]:
    """(S,) the tick from which on a phase's best score counts: the last one taken before its first visit ended."""
    ends = [visit.last_day + 1 if (visit := log.life.first_lived(s)) else log.life.days + 1 for s in _phases(log)]
    return np.array([max(int(np.searchsorted(days, end, side="right")) - 1, 0) for end in ends], dtype=np.int64)


def _current(log: Log, days: NDArray[np.int64]) -> NDArray[np.bool_]:
    return log.life.phase_of_day[np.minimum(days, log.life.days)][:, None] == np.arange(len(log.life.phases))


def _days_stood_for(log: Log, days: NDArray[np.int64]) -> Floats:
    """(T,) the days that each tick stands for, half of the way to either neighbour."""
    if len(days) < 2:
        return np.ones(len(days))
    edges = np.concatenate([[days[0]], (days[1:] + days[:-1]) / 2, [days[-1]]])
    return np.maximum(np.diff(edges), 1e-9)


def _probe_days(log: Log) -> list[int]:
    return [tick.day for ticks in log.probes.values() for tick in ticks]


def _phases(log: Log) -> range:
    return range(len(log.life.phases))


def _number(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


def _numbers(values: Any) -> list[float | None]:
    return [_number(value) for value in np.asarray(values)]
