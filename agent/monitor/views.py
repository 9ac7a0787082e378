"""What a robot remembers of each view: standing where it stood before, it compares the picture with the last ones.

On a round trip the same views come again every few days, in other light, wet or dry. What is odd about a part of a
picture is how far it is from the *nearest* of the past looks at it, beside how far looks at it usually are from all
looks before: shadow and sun, puddle and dry path are all in memory once they have been seen.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from garden_env.exact import total

Floats = NDArray[np.floating]
SAME_VIEW = 0.1  # how far apart poses of one view may be [m; a radian of turning counts as much as a metre]
LOOKS = 16  # that are kept of a view
FEWEST_LOOKS = 6  # before anything can be odd
FEWEST_JUDGED = 3  # looks whose distance was taken before one can be said to be unusual
JUDGED = 20  # looks over which the usual distance is averaged, about
USUAL = 0.1  # distance of a part that is taken for usual at first: a tenth of a class
TRUST = 4  # looks for which that first guess counts
MOST_VIEWS = 600  # those that were not seen for longest are forgotten: 16 looks of 144 parts are up to 17 MB
SURE = np.float32(255)  # of a class, as answers are counted
_SHARES = np.arange(256, dtype=np.float32) / SURE  # by answer
ODDEST = 3.0  # usual distances for which a look counts at most in what is usual


@dataclass(frozen=True)
class Odd:
    """A look beside the past ones, part by part.

    Attributes:
        usual: (parts, K) float32, what was seen there on average.
        away: (parts, K) float32, what is seen, less the nearest of the past looks.
        scale: (parts,) float64, the usual length of that.
    """

    usual: Floats
    away: Floats
    scale: Floats


@dataclass
class View:
    """The last looks from a pose, and what is usual there."""

    looks: NDArray[np.uint8]  # (n, parts, K) the last, as they were seen
    distance2: NDArray[np.float64]  # (parts,) usual squared distance from the nearest look before
    judged: int
    last_seen: int


class Views:
    """A memory of views, keyed by where the robot believes to be.

    A look is compared as soon as it comes, and compared with only after some days, so that a change is odd for as long.

    Args:
        after_days: from which day on after its own a look is something to compare with, at least 1.
    """

    def __init__(self, after_days: int) -> None:
        self._poses = np.zeros((0, 4))
        self._views: list[View] = []
        self._after_days = after_days
        self._new: list[list[tuple[View, NDArray[np.uint8]]]] = [[]]  # looks by day, today's last
        self._count = 0

    def compare(self, pose: NDArray[np.float64], look: NDArray[np.uint8]) -> Odd | None:
        """Compare a look with the last ones from there; None as long as there were too few.

        Args:
            pose: (3,) float64, believed x [m], y [m], heading [rad].
            look: (parts, K) uint8, how sure the net is of each class [1/255].
        """
        view = self._at(pose, look)
        self._new[-1].append((view, look))
        if len(view.looks) < FEWEST_LOOKS:
            return None
        usual, away, near2 = np.empty(look.shape, np.float32), np.empty(look.shape, np.float32), np.empty(len(look))
        _compare(view.looks, look, _SHARES, usual, away, near2)
        enough = view.judged >= FEWEST_JUDGED
        usual2 = (view.judged * view.distance2 + TRUST * USUAL**2) / (view.judged + TRUST)
        odd = Odd(usual, away, np.sqrt(usual2))
        if view.judged:
            near2 = np.minimum(near2, ODDEST**2 * np.maximum(view.distance2, USUAL**2))
        view.judged += 1
        view.distance2 = view.distance2 + (near2 - view.distance2) / min(view.judged, JUDGED)
        return odd if enough else None

    def sleep(self) -> None:
        """End the day: what was seen is remembered, and what was not seen for longest is forgotten."""
        if len(self._new) == self._after_days:
            for view, look in self._new.pop(0):
                view.looks = np.concatenate([view.looks[1 - LOOKS :], look[None]])
        self._new.append([])
        if len(self._views) > MOST_VIEWS:
            order = np.argsort([-view.last_seen for view in self._views], kind="stable")
            kept = np.sort(order[:MOST_VIEWS])
            self._poses, self._views = self._poses[kept], [self._views[i] for i in kept]

    def _at(self, pose: NDArray[np.float64], look: NDArray[np.uint8]) -> View:
        """The view at a pose; a new one if none is near enough."""
        self._count += 1
        here = np.array([pose[0], pose[1], np.cos(pose[2]), np.sin(pose[2])])
        nearest, apart2 = _closest(self._poses, here)
        if apart2 <= SAME_VIEW**2:
            view = self._views[nearest]
            view.last_seen = self._count
            return view
        view = View(np.zeros((0, *look.shape), np.uint8), np.zeros(len(look)), 0, self._count)
        self._poses, self._views = np.vstack([self._poses, here]), [*self._views, view]
        return view


@njit(cache=True)
def _compare(looks, look, shares, usual, away, near2):
    """Fill in, by part, the mean of past looks, the difference from the nearest of them and its squared length.

    All in float32, in the order in which NumPy adds up rows of a dozen numbers: results are the same bits.

    Args:
        looks: (n, P, K) uint8.
        look: (P, K) uint8.
        shares: (256,) float32, what an answer stands for.
        usual, away: (P, K) float32, filled in.
        near2: (P,) float64, filled in.
    """
    count, parts, classes = looks.shape
    squares = np.empty(classes, np.float32)
    for part in range(parts):
        least, nearest = np.float32(np.inf), 0
        for i in range(count):
            for k in range(classes):
                difference = shares[look[part, k]] - shares[looks[i, part, k]]
                squares[k] = difference * difference
            length2 = total(squares)
            if length2 < least:
                least, nearest = length2, i
        near2[part] = least
        for k in range(classes):
            added = np.float32(0.0)
            for i in range(count):
                added += shares[looks[i, part, k]]
            usual[part, k] = added / np.float32(count)
            away[part, k] = shares[look[part, k]] - shares[looks[nearest, part, k]]


@njit(cache=True)
def _closest(poses, here):
    """The first of poses (n, 4) float64 that are closest to one (4,), and its squared distance; (0, inf) of none."""
    least, nearest = np.inf, 0
    for i in range(len(poses)):
        apart2 = 0.0
        for axis in range(len(here)):
            apart2 += (poses[i, axis] - here[axis]) ** 2
        if apart2 < least:
            least, nearest = apart2, i
    return nearest, least
