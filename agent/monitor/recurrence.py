"""What a season's return shows: a learner that kept something gets there faster the second time.

`savings` is Ebbinghaus' (1885) measure of memory by relearning, in days. `phase_regret` is for drift without a moment
at which it happens: seasons glide, and there is no time 0 from which a recovery could be counted.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agent.monitor.recovery import SHARE, Recovery, recover

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Savings:
    """A phase's first visit and a later one.

    Attributes:
        first: of the first visit, to 95 % of its own best mark.
        again: of the later visit, to 95 % of that same mark.
        first_mark, again_mark: at the first tick of either visit [share].
    """

    first: Recovery
    again: Recovery
    first_mark: float
    again_mark: float

    @property
    def share(self) -> float | None:
        """1 - days again / days first: 1 = was there at once, 0 = began from nothing, below 0 = slower than before.

        None where the first visit was there at once, so that nothing could be saved, or a wait was not seen to its end
        (then `again` says more than so many days).
        """
        if self.first.days <= 0 or self.first.censored or self.again.censored:
            return None
        return 1.0 - self.again.days / self.first.days


def savings(
    first_days: ArrayLike, first_scores: ArrayLike, again_days: ArrayLike, again_scores: ArrayLike
) -> Savings | None:
    """Compare two visits to one phase.

    Args:
        first_days: (T,) of the ticks of the first visit, since its first tick.
        first_scores: (T,) marks on the phase.
        again_days, again_scores: (U,) the same of the later visit.

    Returns:
        None where a visit has fewer than two ticks.

    >>> told = savings([0, 10, 20], [0.4, 0.6, 0.8], [0, 10, 20], [0.7, 0.8, 0.8])
    >>> told.share, told.first_mark, told.again_mark
    (0.5, 0.4, 0.7)
    """
    first, again = np.asarray(first_scores, dtype=np.float64), np.asarray(again_scores, dtype=np.float64)
    if len(first) < 2 or len(again) < 2:
        return None
    best = float(first.max())
    return Savings(
        recover(first_days, first, level=best, share=SHARE, hold_ticks=1),
        recover(again_days, again, level=best, share=SHARE, hold_ticks=1),
        float(first[0]),
        float(again[0]),
    )


def phase_regret(days: ArrayLike, present: ArrayLike, ceiling: ArrayLike) -> tuple[float, float]:
    """What was lost against a reference on the season at hand, over a life: the integral of (A* - A)^+.

    Args:
        days: (T,) of the ticks, rising.
        present: (T,) marks on the phase at hand.
        ceiling: (T,) the reference's marks on that phase.

    Returns:
        regret [share x d] and its mean a day [share]; NaN where there are fewer than two ticks.

    >>> phase_regret([0, 10, 20], [0.5, 0.5, 0.7], [0.7, 0.7, 0.7])
    (3.0, 0.15)
    """
    when = np.asarray(days, dtype=np.float64)
    short = np.maximum(np.asarray(ceiling, dtype=np.float64) - np.asarray(present, dtype=np.float64), 0.0)
    if len(when) < 2:
        return float("nan"), float("nan")
    regret = float(np.trapezoid(short, when).round(12))
    return regret, regret / float(when[-1] - when[0])
