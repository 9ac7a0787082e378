"""Segmentation and continual-learning metrics as pure functions, each by the definition of its source.

Frameworks disagree on several of these (BWT, FWT and forgetting above all), so every function names the definition
it follows. Scores are shares, 0..1.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agent.monitor.scores import MIN_SHARE

Floats = NDArray[np.float64]


def iou(confusion: NDArray) -> Floats:
    """Intersection over union of every class, from a pooled confusion matrix.

    Args:
        confusion: (..., C, C) pixels, rows truth, columns prediction; 'no answer' pixels left out beforehand.

    Returns:
        (..., C) float64; NaN for a class that is neither true nor predicted anywhere.

    >>> iou(np.array([[3, 1], [2, 4]])).round(4)
    array([0.5   , 0.5714])
    """
    pixels = np.asarray(confusion, dtype=np.float64)
    hit = np.diagonal(pixels, axis1=-2, axis2=-1)
    union = pixels.sum(-1) + pixels.sum(-2) - hit
    return np.divide(hit, union, out=np.full(hit.shape, np.nan), where=union > 0)


def counted(confusion: NDArray, class_set: NDArray[np.bool_] | None = None) -> NDArray[np.bool_]:
    """Say which classes a mean IoU is taken over: those of the set that fill at least `MIN_SHARE` of the true pixels.

    The choice looks at the truth alone, so all learners are averaged over the same classes. Pixels of the other
    classes still count as false alarms of whatever they were taken for.

    Args:
        confusion: (..., C, C) pixels.
        class_set: (C,) bool, the classes that may count; all by default.

    Returns:
        (..., C) bool.
    """
    truth = np.asarray(confusion, dtype=np.float64).sum(-1)
    total = truth.sum(-1, keepdims=True)
    present = (truth > 0) & (truth >= MIN_SHARE * total)
    return present if class_set is None else present & np.asarray(class_set, dtype=bool)


def mean_iou(confusion: NDArray, class_set: NDArray[np.bool_] | None = None) -> Floats:
    """Mean IoU over the counted classes (see `counted`) of one pooled confusion matrix, never a mean over images.

    Args:
        confusion: (..., C, C) pixels.
        class_set: (C,) bool, the classes that may count; all by default.

    Returns:
        (...) float64; NaN where nothing counts.

    >>> float(mean_iou(np.array([[3, 1], [2, 4]])).round(4))
    0.5357
    """
    takes_part = counted(confusion, class_set)
    total = np.where(takes_part, np.nan_to_num(iou(confusion)), 0.0).sum(-1)
    number = takes_part.sum(-1)
    return np.divide(total, number, out=np.full(np.shape(total), np.nan), where=number > 0)


def only_truth(confusion: NDArray, classes: NDArray[np.bool_]) -> NDArray:
    """Score the pixels of all other true classes as 'no answer'.

    Args:
        confusion: (..., C, C) pixels.
        classes: (C,) bool, the true classes to keep.

    Returns:
        (..., C, C) with the other rows empty.
    """
    return np.where(np.asarray(classes, dtype=bool)[:, None], confusion, 0)


def average_accuracy(scores: ArrayLike) -> float:
    """ACC, the mean of the final row of R (Lopez-Paz & Ranzato 2017, arXiv:1706.08840).

    Args:
        scores: (T, T), R[i, j] = score on task j after learning task i.
    """
    return float(_square(scores)[-1].mean())


def average_incremental_accuracy(scores: ArrayLike) -> float:
    """AIA, after every task the mean over the tasks so far, averaged (Rebuffi et al. 2017, iCaRL)."""
    matrix = _square(scores)
    return float(np.mean([matrix[i, : i + 1].mean() for i in range(len(matrix))]))


def learning_accuracy(scores: ArrayLike) -> float:
    """LA, the mean of the diagonal: each task just after it was learned (Riemer et al. 2019)."""
    return float(np.diagonal(_square(scores)).mean())


def backward_transfer(scores: ArrayLike) -> float:
    """BWT, final row minus diagonal over all tasks but the last (Lopez-Paz & Ranzato 2017); negative = forgetting."""
    matrix = _square(scores)
    return float((matrix[-1] - np.diagonal(matrix))[:-1].mean())


def forward_transfer(scores: ArrayLike, untrained: ArrayLike) -> float:
    """FWT, each task just before it is learned minus an untrained model (Lopez-Paz & Ranzato 2017).

    Args:
        scores: (T, T).
        untrained: (T,) or a number, the score of an untrained model.
    """
    matrix = _square(scores)
    baseline = np.broadcast_to(np.asarray(untrained, dtype=np.float64), len(matrix))
    return float((np.diagonal(matrix, offset=1) - baseline[1:]).mean())


def forgetting(scores: ArrayLike) -> float:
    """Best before the last task minus the final score, over all tasks but the last (Chaudhry et al. 2018).

    The maximum leaves the final row out, so the value may be negative.
    """
    matrix = _square(scores)
    return float((matrix[:-1, :-1].max(axis=0) - matrix[-1, :-1]).mean())


def min_acc(since_learned: Sequence[ArrayLike]) -> float:
    """Mean over past tasks of the lowest score since each was learned (De Lange et al. 2023, arXiv:2205.13452).

    Args:
        since_learned: for every past task, its scores at all evaluations after it was learned.
    """
    return float(np.mean([np.min(curve) for curve in since_learned]))


def worst_case_acc(current: float, since_learned: Sequence[ArrayLike]) -> float:
    """WC-ACC, the current task and the worst of the past, each task with equal weight (De Lange et al. 2023).

    >>> round(worst_case_acc(0.95, [[0.50, 0.60, 0.80, 0.85]]), 4)
    0.725
    """
    tasks = len(since_learned) + 1
    return current / tasks + (1 - 1 / tasks) * min_acc(since_learned)


def share_of_gap(learner: ArrayLike, floor: ArrayLike, ceiling: ArrayLike) -> float | None:
    """Say how much of the gap between floor and ceiling a learner closes.

    Sums are taken before dividing, so that cells in which the gap is small cannot dominate.

    Args:
        learner: scores; the two others have the same shape or broadcast to it.
        floor: scores of the frozen model.
        ceiling: scores of the reference trained to convergence.

    Returns:
        1 at the ceiling, 0 at the floor; None where the ceiling is not at least a point above the floor.

    >>> round(share_of_gap([0.5, 0.7], [0.4, 0.4], [0.6, 0.8]), 4)
    0.6667
    """
    own, low, high = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (learner, floor, ceiling)))
    usable = np.isfinite(own) & np.isfinite(low) & np.isfinite(high)
    if not usable.any() or (high - low)[usable].mean() < 0.01:
        return None
    return float((own - low)[usable].sum() / (high - low)[usable].sum())


def _square(scores: ArrayLike) -> Floats:
    matrix = np.asarray(scores, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or len(matrix) < 2:
        raise ValueError(f"expected a square matrix of at least 2 tasks, got shape {matrix.shape}")
    return matrix
