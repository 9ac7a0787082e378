"""Marks of a whole life: averages at any time, and what one phase does to the others.

The measures of the literature need tasks that end. Here rows are ticks and columns are phases of the year that come
again; a phase is *seen* once it was lived through or is at hand, *past* when it was lived through and is not at hand.
With one tick at the end of every task they are the measures of their sources, which the tests hold them to.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agent.monitor.metrics import worst_case_acc

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def average_anytime(scores: ArrayLike, seen: Flags, weights: ArrayLike | None = None) -> float:
    """AAA: at every tick the mean over the phases seen so far, then over ticks (Caccia et al. 2022).

    Args:
        scores: (T, S).
        seen: (T, S).
        weights: (T,) what each tick stands for, days or frames; all the same by default.

    Returns:
        NaN where nothing was seen.

    >>> average_anytime([[0.5, 0.0], [0.75, 0.25]], np.array([[True, False], [True, True]]))
    0.5
    """
    marks = np.asarray(scores, dtype=np.float64)
    usable = np.asarray(seen, dtype=bool) & np.isfinite(marks)
    ticks = usable.any(axis=1)
    if not ticks.any():
        return float("nan")
    by_tick = np.where(usable, marks, 0.0).sum(1)[ticks] / usable.sum(1)[ticks]
    shares = np.ones(len(marks)) if weights is None else np.asarray(weights, dtype=np.float64)
    return float(np.average(by_tick, weights=shares[ticks]))


def backward_transfer_by_phase(scores: ArrayLike, left: NDArray[np.integer]) -> Floats:
    """Signed BWT: the last mark of every phase minus that at the end of its last visit (Lopez-Paz & Ranzato 2017).

    Args:
        scores: (T, S).
        left: (S,) the tick at the end of a phase's last visit; -1 where it was not lived through, or is at hand.

    Returns:
        (S,) below 0 = lost since; NaN where `left` is -1.
    """
    marks = np.asarray(scores, dtype=np.float64)
    phases = np.arange(marks.shape[1])
    return np.where(left >= 0, marks[-1] - marks[left, phases], np.nan)


def forward_transfer_by_phase(scores: ArrayLike, before: NDArray[np.integer], baseline: ArrayLike) -> Floats:
    """FWT: every phase just before it is first lived, minus a baseline (Lopez-Paz & Ranzato 2017).

    In a circle of seasons only the first time is forward; later the phase has been there before.

    Args:
        scores: (T, S).
        before: (S,) the last tick before a phase's first day; -1 where it was met in commissioning, or never.
        baseline: (S,) or a number: the marks of an untrained model, or of one that has not learned since.

    Returns:
        (S,) NaN where `before` is -1.
    """
    marks = np.asarray(scores, dtype=np.float64)
    phases = np.arange(marks.shape[1])
    return np.where(before >= 0, marks[before, phases] - np.asarray(baseline, dtype=np.float64), np.nan)


def lowest_since_visit(scores: ArrayLike, past: Flags) -> Floats:
    """The lowest mark of every past phase since it was last at hand.

    The reference code of De Lange et al. (2023) never forgets a minimum; where seasons come again it would stay for
    life. So it begins anew whenever the phase was at hand.

    Args:
        scores: (T, S).
        past: (T, S).

    Returns:
        (T, S), NaN where a phase is not past.

    >>> past = np.array([[False], [True], [True], [False], [True]])
    >>> lowest_since_visit([[0.9], [0.5], [0.6], [0.9], [0.8]], past).ravel()
    array([nan, 0.5, 0.5, nan, 0.8])
    """
    marks = np.asarray(scores, dtype=np.float64)
    lowest = np.full(marks.shape, np.nan)
    for t, behind in enumerate(np.asarray(past, dtype=bool)):
        before = lowest[t - 1] if t else lowest[0]
        lowest[t] = np.where(behind, np.fmin(marks[t], before), np.nan)
    return lowest


def worst_case_by_tick(scores: ArrayLike, past: Flags, now: NDArray[np.integer]) -> tuple[Floats, Floats]:
    """min-ACC and WC-ACC at every tick (De Lange et al. 2023, eqs. 1 and 2), the minimum begun anew at every visit.

    Args:
        scores: (T, S).
        past: (T, S).
        now: (T,) the phase at hand.

    Returns:
        min_acc (T,), NaN while nothing is past; wc_acc (T,).
    """
    marks = np.asarray(scores, dtype=np.float64)
    lowest, low, worst = lowest_since_visit(marks, past), np.full(len(marks), np.nan), np.empty(len(marks))
    for t, phase in enumerate(now):
        behind = [[value] for value in lowest[t] if np.isfinite(value)]
        low[t] = np.mean(behind) if behind else np.nan
        worst[t] = worst_case_acc(marks[t, phase], behind) if behind else marks[t, phase]
    return low, worst
