"""What a robot remembers of each view: standing where it stood before, it compares the picture with the last ones.

On a round trip the same views come again every few days, in other light, wet or dry. What is odd about a part of a
picture is how far it is from the *nearest* of the past looks at it, beside how far looks at it usually are from all
looks before: shadow and sun, puddle and dry path are all in memory once they have been seen.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
ODDEST = 3.0  # usual distances for which a look counts at most in what is usual


@dataclass(frozen=True)
class Odd:
    """The parts of a look that can be judged.

    Attributes:
        parts: (m,) int, which.
        usual: (m, K) what was seen there on average.
        away: (m, K) what is seen, less the nearest of the past looks.
        scale: (m,) the usual length of that.
    """

    parts: NDArray[np.int64]
    usual: Floats
    away: Floats
    scale: Floats


@dataclass
class View:
    """The last looks from a pose, and what is usual there."""

    looks: list[NDArray[np.uint8]]  # the last, each (parts, K), kept as they were seen
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
        view = self._at(pose, len(look))
        self._new[-1].append((view, look))
        if len(view.looks) < FEWEST_LOOKS:
            return None
        past = np.stack(view.looks) / SURE
        differences = look / SURE - past
        squared = (differences**2).sum(-1)
        nearest, parts = squared.argmin(0), np.arange(len(look))
        near2 = squared[nearest, parts].astype(np.float64)
        usual2 = (view.judged * view.distance2 + TRUST * USUAL**2) / (view.judged + TRUST)
        odd = Odd(parts, past.mean(0), differences[nearest, parts], np.sqrt(usual2))
        enough = view.judged >= FEWEST_JUDGED
        if view.judged:
            near2 = np.minimum(near2, ODDEST**2 * np.maximum(view.distance2, USUAL**2))
        view.judged += 1
        view.distance2 = view.distance2 + (near2 - view.distance2) / min(view.judged, JUDGED)
        return odd if enough else None

    def sleep(self) -> None:
        """End the day: what was seen is remembered, and what was not seen for longest is forgotten."""
        if len(self._new) == self._after_days:
            for view, look in self._new.pop(0):
                view.looks = [*view.looks, look][-LOOKS:]
        self._new.append([])
        if len(self._views) > MOST_VIEWS:
            order = np.argsort([-view.last_seen for view in self._views], kind="stable")
            kept = np.sort(order[:MOST_VIEWS])
            self._poses, self._views = self._poses[kept], [self._views[i] for i in kept]

    def _at(self, pose: NDArray[np.float64], parts: int) -> View:
        """The view at a pose; a new one if none is near enough."""
        self._count += 1
        here = np.array([pose[0], pose[1], np.cos(pose[2]), np.sin(pose[2])])
        apart2 = ((self._poses - here) ** 2).sum(1)
        if len(apart2) and apart2.min() <= SAME_VIEW**2:
            view = self._views[int(apart2.argmin())]
            view.last_seen = self._count
            return view
        view = View([], np.zeros(parts), 0, self._count)
        self._poses, self._views = np.vstack([self._poses, here]), [*self._views, view]
        return view
