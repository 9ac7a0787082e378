"""Degree-days of a season: how far the year has come, as plants count it."""

import numpy as np
from numpy.typing import NDArray

BASE_C = 5.0  # warmth below this does not count: the usual base of cool-season growth [deg C]


def degree_days(tmean_c: NDArray[np.float64], season_doy: NDArray[np.int64], before: float = 0.0) -> np.ndarray:
    """Degree-days above `BASE_C`, added up since 1 January, in the south since the same day of its season.

    Args:
        tmean_c: (D,) float64, mean temperature by day.
        season_doy: (D,) day of the year in the hemisphere's own season; a row with 1 begins anew.
        before: what the season had gathered before the first row.

    Returns:
        (D,) float64 [deg C d], each day's own warmth included.

    >>> degree_days(np.array([7.0, 3.0, 15.0]), np.array([365, 1, 2]), before=100.0).tolist()
    [102.0, 0.0, 10.0]
    """
    gained = np.maximum(tmean_c - BASE_C, 0.0)
    total = before + np.cumsum(gained)
    begins = np.where(season_doy == 1, total - gained, 0.0)
    return total - np.maximum.accumulate(begins)
