"""When exams are sat: every so many whole days, and daily for a while after a season's turn or an alarm.

Everything is counted in whole days, so that the day and the night do not beat into a curve.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Sitting:
    """What is sat on a day.

    Attributes:
        whole: whether it is a tick: the headline's bank is sat in full. If not, only the small bank is.
        others: whether the other banks are sat, too.
        burst_day: the day on which the burst began that it belongs to; None outside one.
        turned: whether a season has turned since the last tick, or it is an end.
        end: whether it is the first or the last tick of the life.
    """

    whole: bool
    others: bool
    burst_day: int | None
    turned: bool
    end: bool = False


class Timetable:
    """Says day by day what is to be sat.

    Args:
        every_days: days between two ticks, at least 1.
        others: when the other banks are sat: at every tick, at the first of a season and both ends, or at the ends.
        burst_days: length of a burst; 0 for none.
        burst_sittings: how often the small bank may be sat outside a tick, in the whole life: what the budget leaves.
        season: of a day, to know when it turns.
    """

    def __init__(
        self,
        every_days: int,
        *,
        others: Literal["tick", "season", "ends"] = "tick",
        burst_days: int = 0,
        burst_sittings: int = 10**9,
        season: Callable[[int], str] = lambda day: "",
    ) -> None:
        self.every_days, self.burst_days = every_days, burst_days
        self._others, self._left, self._season = others, burst_sittings, season
        self._begun, self._next_day, self._last_day = False, -1, -1
        self._now: str | None = None
        self._burst: int | None = None
        self._turned = True

    def alarm(self, day: int) -> None:
        """Something has changed, somebody says: a burst begins on this day unless there is one."""
        if self.burst_days and not self._in_burst(day):
            self._burst = day

    def due(self, day: int) -> Sitting | None:
        """What is sat before anything is learned on that day; None for nothing, or if it was asked before."""
        if day == self._last_day:
            return None
        now = self._season(day)
        if self._now is not None and now != self._now:
            self._turned = True
            self.alarm(day)
        self._now = now
        burst_day = self._burst if self._in_burst(day) else None
        if day >= self._next_day:
            sitting = self._tick(burst_day)
            self._next_day = (day // self.every_days + 1) * self.every_days
        elif burst_day is not None and self._left > 0:
            self._left -= 1
            sitting = Sitting(False, False, burst_day, False)
        else:
            return None
        self._last_day = day
        return sitting

    def last(self, day: int) -> Sitting:
        """The last tick of a life, on the morning after it: everything is sat."""
        return Sitting(True, True, self._burst if self._in_burst(day) else None, True, True)

    def _tick(self, burst_day: int | None) -> Sitting:
        first = not self._begun
        others = {"tick": True, "season": self._turned, "ends": first}[self._others]
        sitting = Sitting(True, others, burst_day, self._turned, first)
        self._begun, self._turned = True, False
        return sitting

    def _in_burst(self, day: int) -> bool:
        return self._burst is not None and self._burst <= day < self._burst + self.burst_days
