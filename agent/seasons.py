"""The four meteorological seasons."""

from datetime import date

NAMES = ("winter", "spring", "summer", "autumn")


def season(day: date, *, southern: bool = False) -> str:
    """The meteorological season of a date.

    >>> season(date(2030, 4, 1)), season(date(2030, 4, 1), southern=True)
    ('spring', 'autumn')
    """
    return NAMES[(day.month % 12 // 3 + 2 * southern) % 4]
