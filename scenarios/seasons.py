"""The four meteorological seasons."""

from datetime import date, timedelta

NAMES = ("winter", "spring", "summer", "autumn")


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
