"""Windowed forgetting and plasticity: the deepest fall and the steepest rise within a window (De Lange et al. 2023).

WF^D and WP^D (arXiv:2205.13452, section 3) are the largest decrease and increase of a mark between an earlier and a
later evaluation that lie within a window of D evaluations, here of one phase. In the paper's code they are running
maxima, so they never come down. A number is comparable only if window and spacing of evaluations are the same:
so the window is given both in ticks and in days.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def windowed_forgetting(scores: ArrayLike, times: ArrayLike, width: float) -> Floats:
    """The deepest fall from an evaluation to a later one that is at most `width` away.

    Args:
        scores: (T,) or (T, S).
        times: (T,) of the evaluations, rising: days, or their numbers; "within w consecutive ticks" is width w - 1.
        width: largest distance in time, both ends included.

    Returns:
        () or (S,); 0 where it never falls, NaN where no pair can be compared.

    >>> float(windowed_forgetting([0.9, 0.5, 0.6, 0.8], [0, 1, 2, 3], 1))
    0.4
    """
    return _steepest(-np.asarray(scores, dtype=np.float64), times, width)


def windowed_plasticity(scores: ArrayLike, times: ArrayLike, width: float) -> Floats:
    """The steepest rise; as `windowed_forgetting`.

    >>> float(windowed_plasticity([0.5, 0.25, 0.75, 0.875], [0, 1, 2, 3], 2).round(4))
    0.625
    """
    return _steepest(np.asarray(scores, dtype=np.float64), times, width)


def _steepest(scores: Floats, times: ArrayLike, width: float) -> Floats:
    when = np.asarray(times, dtype=np.float64)
    if len(when) != len(scores) or (np.diff(when) <= 0).any():
        raise ValueError(f"times must rise, one for each of the {len(scores)} evaluations; got {when.tolist()}")
    best = np.full(scores.shape[1:], np.nan)
    for lag in range(1, len(when)):  # pairs so many ticks apart
        near = when[lag:] - when[:-lag] <= width
        if not near.any():
            break
        rises = (scores[lag:] - scores[:-lag])[near]
        best = np.fmax(best, np.fmax.reduce(np.maximum(rises, 0.0) + 0.0 * rises, axis=0))
    return best
