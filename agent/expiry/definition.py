"""When a model has expired: its competence stays below a share of what it was when its owner left it alone.

*Competence* on a day is mIoU on frames of that day at random poses in the robot's own garden. The *home value* is the
competence at commissioning, on its own season. A model *expires* on the first day of the first spell in which its
competence, a median over neighbouring ticks, is below `share` of the home value at every tick for at least
`stays_days`. So a single bad day expires nothing, and in a world that goes in circles spring may bring a model back:
its date stays, and `returned_day` says when. A model of which no such spell was seen is right-censored: it is only
known to have lasted until the last tick, or until the first tick of a spell that the record does not follow for long
enough.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import median_filter

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Terms:
    """What "expired" means.

    Attributes:
        share: of the home value, above 0 and below 1.
        stays_days: how long competence stays below it, from the first tick of a spell to its last [days].
        smooth_ticks: odd; the median is taken over so many ticks, half of them before and half after. One that falls
            and stays is not moved by it. 1 for none.

    Raises:
        ValueError: one is out of range.
    """

    share: float = 0.9
    stays_days: int = 14
    smooth_ticks: int = 3

    def __post_init__(self) -> None:
        if not 0.0 < self.share < 1.0:
            raise ValueError(f"share is {self.share}; give a share of the home value, above 0 and below 1, such as 0.9")
        if self.stays_days < 0:
            raise ValueError(f"stays-days is {self.stays_days}; give at least 0")
        if self.smooth_ticks < 1 or self.smooth_ticks % 2 == 0:
            raise ValueError(f"smooth-ticks is {self.smooth_ticks}; give an odd number: 1, 3, 5")


@dataclass(frozen=True)
class Expiry:
    """What became of one model.

    Attributes:
        day: on which it expired, or else the last on which it is known not to have.
        expired: whether it did; if not, it is censored at `day`.
        returned_day: the first tick after the spell at which it is above the line again, or None.
    """

    day: int
    expired: bool
    returned_day: int | None = None


def expiry(days: ArrayLike, competence: ArrayLike, home: float, terms: Terms | None = None) -> Expiry:
    """Say when a model expired.

    Args:
        days: (T,) ticks in ascending order [days].
        competence: (T,) mIoU at each of them.
        home: the home value.
        terms: what "expired" means.

    Raises:
        ValueError: the series do not fit together, are empty, or hold something that is no number; or `home` is not
            above 0.

    >>> expiry([0, 7, 14, 21, 28], [0.5, 0.5, 0.3, 0.3, 0.3], 0.5)
    Expiry(day=14, expired=True, returned_day=None)
    >>> expiry([0, 7, 14, 21, 28], [0.5, 0.3, 0.5, 0.5, 0.3], 0.5)
    Expiry(day=28, expired=False, returned_day=None)
    """
    terms = terms or Terms()
    day, level = _checked(days, competence, home)
    below = smooth(level, terms.smooth_ticks) < terms.share * home
    edges = np.flatnonzero(np.diff(np.concatenate([[False], below, [False]]).astype(np.int8)))
    for first, after in edges.reshape(-1, 2):
        if day[after - 1] - day[first] >= terms.stays_days:
            return Expiry(int(day[first]), True, int(day[after]) if after < len(day) else None)
        if after == len(day):  # a spell that has begun; nobody knows yet whether it stays
            return Expiry(int(day[first]), False)
    return Expiry(int(day[-1]), False)


def smooth(values: ArrayLike, ticks: int) -> Floats:
    """The median over so many neighbouring ticks; at either end the last value stands for those that are missing.

    >>> smooth([1.0, 5.0, 2.0, 3.0], 3)
    array([1., 2., 3., 3.])
    """
    return median_filter(np.asarray(values, dtype=np.float64), size=ticks, mode="nearest")


def _checked(days: ArrayLike, competence: ArrayLike, home: float) -> tuple[NDArray[np.int64], Floats]:
    day, level = np.asarray(days), np.asarray(competence, dtype=np.float64)
    if day.ndim != 1 or day.shape != level.shape or not len(day):
        raise ValueError(f"{day.shape} days came with {level.shape} values; give one of each, and at least one")
    if not (np.diff(day) > 0).all():
        raise ValueError("days are not in ascending order; sort them, each once")
    if not np.isfinite(level).all():
        raise ValueError(f"competence on day {int(day[~np.isfinite(level)][0])} is not a number; leave that tick out")
    if not home > 0.0:
        raise ValueError(f"the home value is {home}; a model that saw nothing at home has nothing to lose")
    return day.astype(np.int64), level
