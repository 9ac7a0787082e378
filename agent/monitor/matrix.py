"""The matrix of a learner, ticks by phases, out of a log; and what its rows and columns stand for."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.monitor.log import Log, bank_info
from agent.monitor.metrics import mean_iou, only_truth

Floats = NDArray[np.float64]
FLOOR = "frozen"  # the learner that never learns after commissioning
CEILING = "joint@converged"  # the reference that had all labelled frames at once and time to converge


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
    return np.array([tick.day for tick in ticks], dtype=np.int64), marks(log, confusion, bank, known=known)


def reference_scores(log: Log, name: str, bank: str, *, known: bool = False) -> Floats | None:
    """(S,) mIoU of a reference by phase, or None if there is none."""
    confusion = log.references.get((name, bank))
    return None if confusion is None else marks(log, confusion, bank, known=known)


def floor_scores(log: Log, bank: str) -> Floats | None:
    """(S,) mIoU of the frozen model by phase: learner or reference, it is one and the same at all ticks."""
    days, matrix = scores(log, FLOOR, bank)
    return matrix[0] if len(days) else reference_scores(log, FLOOR, bank)


def lived(log: Log, days: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(T, S) whether a phase has been lived through, or is being lived, at each tick."""
    last = [visit.last_day if (visit := log.life.first_lived(s)) else log.life.days for s in phases_of(log)]
    return (days[:, None] > np.array(last)) | current(log, days)


def past(log: Log, days: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(T, S) whether a phase has been lived through and is not the current one."""
    return lived(log, days) & ~current(log, days)


def marks(log: Log, confusion: NDArray[np.int64], bank: str, *, known: bool = False) -> Floats:
    """(..., S) mIoU of confusions (..., S, C, C) on a bank, over the classes that count there."""
    info = bank_info(log, bank)
    if known:
        confusion = only_truth(confusion, info.known)
    return mean_iou(confusion, info.class_set)


def first_best(log: Log, days: NDArray[np.int64]) -> NDArray[np.int64]:
    """(S,) the tick from which on a phase's best score counts: the last one taken before its first visit ended."""
    ends = [visit.last_day + 1 if (visit := log.life.first_lived(s)) else log.life.days + 1 for s in phases_of(log)]
    return np.array([max(int(np.searchsorted(days, end, side="right")) - 1, 0) for end in ends], dtype=np.int64)


def current(log: Log, days: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(T, S) whether a phase is at hand at each tick."""
    return log.life.phase_of_day[np.minimum(days, log.life.days)][:, None] == np.arange(len(log.life.phases))


def days_stood_for(log: Log, days: NDArray[np.int64]) -> Floats:
    """(T,) the days that each tick stands for, half of the way to either neighbour."""
    if len(days) < 2:
        return np.ones(len(days))
    edges = np.concatenate([[days[0]], (days[1:] + days[:-1]) / 2, [days[-1]]])
    return np.maximum(np.diff(edges), 1e-9)


def phases_of(log: Log) -> range:
    """The indices of the phases."""
    return range(len(log.life.phases))


def number(value: Any) -> float | None:
    """As JSON has it: None for what is not finite."""
    return float(value) if np.isfinite(value) else None


def numbers(values: Any) -> list[float | None]:
    """The same of several."""
    return [number(value) for value in np.asarray(values)]
