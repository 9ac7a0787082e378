"""Is it the weather? What also happened elsewhere today to what usually looks the same is no change of this place.

A flood, a shadow at an hour that was never seen from here, a dark afternoon: they make a picture odd, but they do to
this lawn what they do to the lawn over there. Chairs and a new bed do not.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.floating]
AWAY_M = 1.5  # from how far on a place is elsewhere
ALIKE = 3.0  # usual distances within which parts usually look the same
WITNESSES = 5  # parts elsewhere that must look like this one now
CHUNK = 200  # parts at a time: their distances from all parts of a day are in memory


class Room:
    """Memory for products of matrices, used again day after day: fresh memory costs as much as the products."""

    def __init__(self) -> None:
        self._kept: dict[int, Floats] = {}

    def product(self, number: int, one: Floats, other: Floats) -> Floats:
        """The matrix product of (a, K) and (K, b), which lasts until the next one of that number is asked for."""
        size = len(one) * other.shape[1]
        if number not in self._kept or self._kept[number].size < size or self._kept[number].dtype != one.dtype:
            self._kept[number] = np.empty(size, one.dtype)
        return np.matmul(one, other, out=self._kept[number][:size].reshape(len(one), -1))


def unexplained(
    asked: NDArray[np.int64],
    usual: Floats,
    now: Floats,
    places_m: Floats,
    scale: Floats,
    length: Floats,
    room: Room | None = None,
) -> NDArray[np.float64]:
    """How far parts are from anything that is usual, or that the same thing looks like elsewhere today.

    Args:
        asked: (a,) int, the parts in question.
        usual, now: (m, K) what all parts of the day usually look like, and do today.
        places_m: (m, 2) where on the ground they look [m].
        scale: (m,) how far they usually are from what they were.
        length: (m,) how far they are from it today.
        room: of earlier days.

    Returns:
        (a,) at most `length` of those asked: the distance of the fifth nearest part elsewhere that usually looks like
        it, if that is less.
    """
    left, room = length[asked].astype(np.float64), room or Room()
    rows = [(number, each, (each**2).sum(1)) for number, each in enumerate((usual, places_m, now))]
    for begin in range(0, len(asked), CHUNK):
        some = asked[begin : begin + CHUNK]
        looked, apart, changed = (
            (length2[some], length2, room.product(i, 2 * each[some], each.T)) for i, each, length2 in rows
        )
        _explain(looked, apart, changed, (ALIKE * scale[some]) ** 2, AWAY_M**2, left[begin : begin + CHUNK])
    return left


@njit(cache=True)
def _squared(terms, i, distances2):
    """Fill in squared distances (b,) of row i from all others, none below 0."""
    own, others, products = terms[0][i], terms[1], terms[2][i]
    for j in range(len(distances2)):
        distances2[j] = max(own + others[j] - products[j], 0)


@njit(cache=True)
def _explain(usual, places_m, now, alike2, away2, left):
    """Lower what is `left` (a,) of each part to the distance of the fifth nearest of those like it and elsewhere.

    Args:
        usual, places_m, now: terms of squared distances |a|^2 + |b|^2 - 2 ab between these parts and all of the day, of
            what they usually look like, where, and what they look like today: (a,), (b,) and (a, b) each.
        alike2: (a,) float64, within which parts look the same.
        away2: from which on a place is elsewhere [m2].
        left: (a,) float64.
    """
    parts = usual[2].shape[1]
    looked, apart = np.empty(parts, usual[2].dtype), np.empty(parts, places_m[2].dtype)
    changed, nearest2 = np.empty(parts, now[2].dtype), np.empty(WITNESSES, now[2].dtype)
    for i in range(len(left)):
        _squared(usual, i, looked)
        _squared(places_m, i, apart)
        _squared(now, i, changed)
        for j in range(parts):
            changed[j] = changed[j] if (looked[j] < alike2[i]) & (apart[j] > away2) else np.inf
        nearest2[:] = np.inf  # the first is the nearest
        for apart2 in changed:
            if apart2 < nearest2[-1]:
                at = WITNESSES - 1
                while at > 0 and nearest2[at - 1] > apart2:
                    nearest2[at] = nearest2[at - 1]
                    at -= 1
                nearest2[at] = apart2
        left[i] = min(left[i], np.sqrt(nearest2[-1]))
