"""Long lives in bounded memory: old ticks are thinned out so that peaks and troughs stay.

A curve that keeps every second point loses the very dips it was kept for. Here each bucket of old ticks leaves the one
with the lowest and the one with the highest mark (Steinarsson 2013, section 4.1), and the newest ticks stay as they
are.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

LIMIT_TICKS = 10_000  # of one learner and bank; a tick a day for 27 years


def thinned(marks: ArrayLike, limit: int = LIMIT_TICKS) -> NDArray[np.int64]:
    """Which ticks stay where there are more than `limit`: all of the newer half, and of the older half's buckets of
    four the lowest and the highest.

    Args:
        marks: (T,) one number a tick; NaN counts as neither.
        limit: ticks that may stay, at least 8.

    Returns:
        (K,) int64 rising, about three quarters of T; the first and the last tick are always among them.

    >>> thinned([5, 5, 1, 5, 5, 9, 5, 5, 5, 5, 5, 5], limit=8)
    array([ 0,  2,  4,  5,  6,  7,  8,  9, 10, 11])
    """
    values = np.asarray(marks, dtype=np.float64)
    if len(values) <= limit:
        return np.arange(len(values))
    old = len(values) // 2 // 4 * 4
    buckets = np.arange(old).reshape(-1, 4)
    filled = values[:old].reshape(-1, 4)
    lowest = np.where(np.isnan(filled), np.inf, filled).argmin(1)
    highest = np.where(np.isnan(filled), -np.inf, filled).argmax(1)
    rows = np.arange(len(buckets))
    kept = np.concatenate([[0], buckets[rows, lowest], buckets[rows, highest], np.arange(old, len(values))])
    return np.unique(kept).astype(np.int64)
