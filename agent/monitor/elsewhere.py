"""Is it the weather? What also happened elsewhere today to what usually looks the same is no change of this place.

A flood, a shadow at an hour that was never seen from here, a dark afternoon: they make a picture odd, but they do to
this lawn what they do to the lawn over there. Chairs and a new bed do not.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
AWAY_M = 1.5  # from how far on a place is elsewhere
ALIKE = 3.0  # usual distances within which parts usually look the same
WITNESSES = 5  # parts elsewhere that must look like this one now
CHUNK = 200  # parts at a time: their distances from all parts of a day are in memory


def unexplained(
    asked: NDArray[np.int64], usual: Floats, now: Floats, places_m: Floats, scale: Floats, length: Floats
) -> NDArray[np.float64]:
    """How far parts are from anything that is usual, or that the same thing looks like elsewhere today.

    Args:
        asked: (a,) int, the parts in question.
        usual, now: (m, K) what all parts of the day usually look like, and do today.
        places_m: (m, 2) where on the ground they look [m].
        scale: (m,) how far they usually are from what they were.
        length: (m,) how far they are from it today.

    Returns:
        (a,) at most `length` of those asked: the distance of the fifth nearest part elsewhere that usually looks like
        it, if that is less.
    """
    left = length[asked].astype(np.float64)
    for begin in range(0, len(asked), CHUNK):
        some = asked[begin : begin + CHUNK]
        alike = _squared(usual[some], usual) < (ALIKE * scale[some, None]) ** 2
        elsewhere = _squared(places_m[some], places_m) > AWAY_M**2
        apart2 = np.where(alike & elsewhere, _squared(now[some], now), np.inf)
        if apart2.shape[1] >= WITNESSES:
            fifth = np.sqrt(np.partition(apart2, WITNESSES - 1, axis=1)[:, WITNESSES - 1])
            left[begin : begin + CHUNK] = np.minimum(left[begin : begin + CHUNK], fifth)
    return left


def _squared(one: Floats, other: Floats) -> Floats:
    """Squared distances (a, b) of rows (a, K) and (b, K)."""
    return np.maximum((one**2).sum(1)[:, None] + (other**2).sum(1) - 2 * one @ other.T, 0.0)
