"""Where a life stands in the circle of the year: which phase a day belongs to, and which phases lie behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby

import numpy as np

from agent.monitor.scores import Phase

YEAR_DAYS = 365.25


@dataclass(frozen=True)
class Visit:
    """A stretch of days that belong to one phase.

    Attributes:
        phase: index of the phase.
        first_day: its first day of the life.
        last_day: its last day of the life.
        complete: whether it has ended and was long enough to be learned from (half of the phase).
    """

    phase: int
    first_day: int
    last_day: int
    complete: bool


@dataclass(frozen=True)
class Life:
    """The calendar of a life.

    A day belongs to the phase whose middle is nearest on the circle of the year. A phase has been *lived through*
    once a visit of at least half its length has ended; commissioning is part of the life.

    Attributes:
        start: the date of day 0.
        days: length of the life [days].
        commissioning_days: days at the start on which the robot is trained by its owner.
        phases: the stations of the year.
    """

    start: date
    days: int
    commissioning_days: int
    phases: tuple[Phase, ...]

    @cached_property
    def phase_of_day(self) -> np.ndarray:
        """(days + 1,) int, index of the phase that each day belongs to; the last is the morning after."""
        turns = np.array([_year_angle(self.date_of(day)) for day in range(self.days + 1)])
        middles = np.array([_middle(phase.dates) for phase in self.phases])
        apart = np.abs((turns[:, None] - middles + np.pi) % (2 * np.pi) - np.pi)
        return apart.argmin(axis=1)

    @cached_property
    def visits(self) -> tuple[Visit, ...]:
        """All stretches of the life, in order."""
        lengths = self._phase_lengths()
        found = []
        for phase, stretch in groupby(range(self.days), key=lambda day: int(self.phase_of_day[day])):
            days = list(stretch)
            ended = days[-1] < self.days - 1 or self.phase_of_day[self.days] != phase
            found.append(Visit(phase, days[0], days[-1], bool(ended and len(days) >= lengths[phase] / 2)))
        return tuple(found)

    def first_lived(self, phase: int) -> Visit | None:
        """The first complete visit to a phase, or None."""
        return next((visit for visit in self.visits if visit.phase == phase and visit.complete), None)

    def date_of(self, day: int) -> date:
        """The calendar date of a day of the life."""
        return self.start + timedelta(days=int(day))

    def _phase_lengths(self) -> np.ndarray:
        middles = np.sort([_middle(phase.dates) for phase in self.phases])
        order = np.argsort([_middle(phase.dates) for phase in self.phases])
        to_next = (np.roll(middles, -1) - middles) % (2 * np.pi)
        if len(self.phases) == 1:
            to_next = np.array([2 * np.pi])
        to_next = np.minimum(to_next, 2 * to_next.min())  # phases need not go all the way around the year
        lengths = np.empty(len(self.phases))
        lengths[order] = (to_next + np.roll(to_next, 1)) / 2 / (2 * np.pi) * YEAR_DAYS
        return lengths


def _year_angle(day: date) -> float:
    return 2 * np.pi * (day.timetuple().tm_yday - 1) / YEAR_DAYS


def _middle(dates: Sequence[date]) -> float:
    """The mean direction of dates on the circle of the year [rad, 0..2 pi]."""
    angles = np.array([_year_angle(day) for day in dates])
    return float(np.arctan2(np.sin(angles).mean(), np.cos(angles).mean()) % (2 * np.pi))
