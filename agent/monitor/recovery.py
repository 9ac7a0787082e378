"""What a change costs: how deep a mark falls, how long it takes to come back, and the area lost on the way.

A life may end, or the next change come, before the mark is back. Such a wait is *right-censored*: it is told as
"> T days", and means over waits are restricted means from the Kaplan-Meier curve (Royston & Parmar 2013), which leave
nothing out. Dropping what never came back would make the worst learner look quick.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import CensoredData, ecdf

Floats = NDArray[np.float64]
SHARE = 0.95  # of the level that counts as back there
HOLD_TICKS = 3  # in a row that must be there, so that one lucky tick is no recovery


@dataclass(frozen=True)
class Recovery:
    """How a mark took a change.

    Attributes:
        depth: level before minus the lowest after, never below 0 [share].
        days: from the change to the first of the ticks at which it was back; what was watched where it never was [d].
        censored: whether it was not back when watching ended: then it took more than `days`.
        area: what the level before is above the mark, added up over the days watched until it was back [share x d].
    """

    depth: float
    days: float
    censored: bool
    area: float

    def __str__(self) -> str:
        return f"{'> ' if self.censored else ''}{self.days:g} d"


def recover(
    days: ArrayLike, scores: ArrayLike, *, level: float, share: float = SHARE, hold_ticks: int = HOLD_TICKS
) -> Recovery:
    """Follow a mark after a change at time 0.

    Args:
        days: (T,) since the change, rising, the first 0 or later.
        scores: (T,) at these times.
        level: what it had before, or what it should have.
        share: TTR_95 is 0.95: it is back where it has this share of `level`.
        hold_ticks: ticks in a row that must be back; fewer do where watching ends sooner.

    Raises:
        ValueError: there is no tick, or times do not rise.

    >>> told = recover([0, 10, 20, 30, 40, 50], [0.5, 0.6, 0.8, 0.9, 0.9, 0.9], level=0.9)
    >>> told.days, told.censored, round(told.depth, 4), round(told.area, 4)
    (30.0, False, 0.4, 6.0)
    """
    when, marks = np.asarray(days, dtype=np.float64), np.asarray(scores, dtype=np.float64)
    if not len(when) or len(when) != len(marks) or (np.diff(when) <= 0).any():
        raise ValueError(f"expected rising times, one a mark; got {when.tolist()} for {len(marks)} marks")
    back = marks >= share * level
    first = next((t for t in range(len(when)) if back[t] and back[t : t + hold_ticks].all()), None)
    end = len(when) - 1 if first is None else first
    short = np.maximum(level - marks[: end + 1], 0.0)
    return Recovery(
        depth=float(max(0.0, level - marks.min())),
        days=float(when[end]),
        censored=first is None,
        area=float(np.trapezoid(short, when[: end + 1]) + short[0] * when[0]),
    )


def restricted_mean_days(days: Sequence[float], censored: Sequence[bool], horizon_days: float) -> float:
    """Mean wait up to a horizon: the area under the Kaplan-Meier curve from 0 to there.

    Args:
        days: waits, some of them only watched so long [d].
        censored: which of them.
        horizon_days: at most as long as the longest wait watched, or the last step of the curve is carried on [d].

    Returns:
        NaN without a wait.

    >>> round(restricted_mean_days([10.0, 20.0, 30.0], [False, False, True], 30.0), 6)
    20.0
    """
    if not len(days):
        return float("nan")
    waits, unknown = np.asarray(days, dtype=np.float64), np.asarray(censored, dtype=bool)
    curve = ecdf(CensoredData(uncensored=waits[~unknown], right=waits[unknown])).sf
    steps = curve.quantiles[curve.quantiles < horizon_days]
    edges = np.concatenate([[0.0], steps, [horizon_days]])
    alive = np.concatenate([[1.0], curve.probabilities[: len(steps)]])
    return float((alive * np.diff(edges)).sum())
