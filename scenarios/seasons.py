"""The four meteorological seasons."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import groupby

NAMES = ("winter", "spring", "summer", "autumn")
South = Callable[[date], bool]  # whether the garden is in the south on a date


def season(day: date, *, southern: bool = False) -> str:
    """The meteorological season of a date.

    >>> season(date(2030, 4, 1)), season(date(2030, 4, 1), southern=True)
    ('spring', 'autumn')
    """
    return NAMES[(day.month % 12 // 3 + 2 * southern) % 4]


def begins(name: str, day: date, *, southern: bool = False, southern_before: bool | None = None) -> bool:
    """Whether a season begins on a date: it is that season then, and was another the day before.

    Args:
        name: one of `NAMES`.
        day: the date.
        southern: which hemisphere it is on.
        southern_before: and which it was on the day before; the same if not given.

    >>> begins("spring", date(2030, 3, 1)), begins("spring", date(2030, 9, 1), southern=True)
    (True, True)
    >>> begins("spring", date(2030, 10, 5), southern=True, southern_before=False)  # it came from an autumn
    True
    """
    before = season(day - timedelta(days=1), southern=southern if southern_before is None else southern_before)
    return season(day, southern=southern) == name != before


def bands(start: date, days: int, *, south: South = lambda day: False) -> list[tuple[str, date, date]]:
    """Season, first day and the day after its last, for every stretch of a life.

    >>> [(name, str(first)) for name, first, _ in bands(date(2030, 4, 1), 70)]
    [('spring', '2030-04-01'), ('summer', '2030-06-01')]
    """
    calendar = (start + timedelta(days=n) for n in range(days))
    stretches = [(name, list(group)) for name, group in groupby(calendar, key=lambda d: season(d, southern=south(d)))]
    return [(name, group[0], group[-1] + timedelta(days=1)) for name, group in stretches]
