"""The stability gap: knowledge of the past that falls when something new begins and comes back by itself.

Who is examined only at the ends of seasons never sees it (De Lange et al. 2023): it lasts for some updates. So after a
season's turn or an alarm a small bank is sat every day for a while, a *burst*, and this looks at what it brought.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from agent.monitor.recovery import recover

BACK_SHARE = 0.95  # of the level before that counts as come back


@dataclass(frozen=True)
class Gap:
    """What a burst brought.

    Attributes:
        day: on which it began.
        before: the mark on past phases then, before anything was learned from that day [share].
        depth: what the mark lost at its lowest during the burst, at least 0 [share].
        days: until it was back at 95 % of `before`; what was watched where it never was; 0 where it never fell [d].
        censored: whether it was not back when the burst ended.
    """

    day: int
    before: float
    depth: float
    days: float
    censored: bool

    @property
    def is_gap(self) -> bool:
        """Whether it fell below 95 % and came back: what stays away is forgetting, and no gap."""
        return not self.censored and self.depth > (1 - BACK_SHARE) * self.before


def stability_gap(days: ArrayLike, scores: ArrayLike) -> Gap:
    """Look at one burst.

    Args:
        days: (T,) its ticks; the first is where it began, before the change was learned from.
        scores: (T,) mean over the phases that were past when it began.

    Raises:
        ValueError: there are fewer than two ticks: nothing after the first.

    The sheet's example, task 1 while task 2 is learned:

    >>> gap = stability_gap([0, 1, 2, 3, 4], [0.90, 0.50, 0.60, 0.80, 0.85])
    >>> round(gap.depth, 4), gap.days, gap.censored, gap.is_gap
    (0.4, 4.0, True, False)
    """
    when, marks = np.asarray(days, dtype=np.float64), np.asarray(scores, dtype=np.float64)
    if len(when) < 2 or len(when) != len(marks):
        raise ValueError(f"a burst needs two ticks and a mark for each; got days {when.tolist()}, {len(marks)} marks")
    after, before = when[1:] - when[0], float(marks[0])
    fallen = np.flatnonzero(marks[1:] < BACK_SHARE * before)
    depth = float(max(0.0, before - marks[1:].min()))
    if not len(fallen):
        return Gap(int(when[0]), before, depth, 0.0, False)
    start = int(fallen[0])
    took = recover(after[start:], marks[1:][start:], level=before, share=BACK_SHARE, hold_ticks=1)
    return Gap(int(when[0]), before, depth, took.days, took.censored)
