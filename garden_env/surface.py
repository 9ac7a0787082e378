"""What lies on the ground: snow, fallen leaves, petals, puddles; and how green the grass is.

Snow: a degree-day store. Grass: growth potential of cool-season turf (PACE Turf). Litter, petals, puddles and fog are
plain stores with rates chosen for looks; `docs/world.md` says which numbers those are.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]

ALL_SNOW_C, ALL_RAIN_C = 0.0, 2.0  # between them rain and snow mix (NWS SNOW-17: half at 1 deg C)
DEGREE_DAY_MM = 3.0  # melt per degree above freezing and day, within the 2-8 mm of the literature
FULL_COVER_MM = 10.0  # snow water that hides the ground
TURF_BEST_C, TURF_SPREAD_C = 20.0, 5.5  # growth potential of cool-season grass


class Ground(NamedTuple):
    """The ground by day; all arrays (D,) float64, 0..1 unless the name has a unit."""

    rain_mm: Array  # liquid
    snowfall_mm: Array  # water equivalent
    melt_mm: Array
    swe_mm: Array  # water in the snow that lies
    snow_cover: Array
    litter: Array
    petals: Array
    puddle: Array


def snow_share(tmean_c: Array) -> Array:
    """Share of precipitation that falls as snow, (D,) 0..1.

    >>> snow_share(np.array([-3.0, 1.0, 5.0]))
    array([1. , 0.5, 0. ])
    """
    return np.clip((ALL_RAIN_C - tmean_c) / (ALL_RAIN_C - ALL_SNOW_C), 0.0, 1.0)


@njit(cache=True)
def lie(tmean_c, precipitation_mm, snow_share_, et0_mm, wind_m_s, season_doy, leaves, petals_in, seep_mm, fresh_mm):
    """Follow what lies on the ground.

    Args:
        tmean_c: (D,) [deg C].
        precipitation_mm: (D,) rain and snow water [mm].
        snow_share_: (D,) share of it that is snow.
        et0_mm: (D,) [mm].
        wind_m_s: (D,) [m/s].
        season_doy: (D,) int64; the lawn is raked through spring.
        leaves: (D,) leaves that fall on this day, as a share of the ground.
        petals_in: (D,) petals that fall, likewise.
        seep_mm: water that open ground takes in a day before puddles form [mm].
        fresh_mm: (D,) part of the snow that lies through the day on which it falls, however warm [mm].

    Returns:
        Ground with arrays (D,).
    """
    days = len(tmean_c)
    rain, snow, melt = np.zeros(days), np.zeros(days), np.zeros(days)
    swe, cover, litter = np.zeros(days), np.zeros(days), np.zeros(days)
    petals, puddle = np.zeros(days), np.zeros(days)
    pack, leaf_store, petal_store, pool_mm = 0.0, 0.0, 0.0, 0.0
    for d in range(days):
        snow[d] = precipitation_mm[d] * snow_share_[d]
        rain[d] = precipitation_mm[d] - snow[d]
        pack += snow[d]
        melt[d] = min(pack - fresh_mm[d], DEGREE_DAY_MM * max(tmean_c[d], 0.0))
        pack -= melt[d]
        swe[d], cover[d] = pack, min(1.0, pack / FULL_COVER_MM)

        gone = 0.012 + 0.004 * wind_m_s[d]
        if 60 <= season_doy[d] < 200:
            gone += 0.06
        if cover[d] > 0.5:
            gone = 0.0
        leaf_store = leaf_store * (1 - gone) + leaves[d]
        petal_store = petal_store * 0.85 + petals_in[d]
        litter[d], petals[d] = 1 - np.exp(-leaf_store), 1 - np.exp(-petal_store)

        seep = seep_mm if tmean_c[d] > 0 else 0.2 * seep_mm
        pool_mm = min(max(0.5 * pool_mm + rain[d] + melt[d] - seep - 0.5 * et0_mm[d], 0.0), 30.0)
        puddle[d] = min(1.0, pool_mm / 15.0)
    return Ground(rain, snow, melt, swe, cover, litter, petals, puddle)


@njit(cache=True)
def lawn_green(tmean_c, ks, swe_mm):
    """How green unwatered grass is: 1 lush, 0 straw.

    The colour follows the fourth root of the growth potential, because grass keeps its green long after it has stopped
    growing, times a share lost to drought (grass yellows once stress has halved its water use), with a lag of ten days.

    Args:
        tmean_c: (D,) [deg C].
        ks: (D,) stress coefficient of unwatered turf.
        swe_mm: (D,) snow water; grass rests under snow.

    Returns:
        (D,) float64.
    """
    out = np.empty(len(tmean_c))
    slow, green = tmean_c[0], 0.6
    for d in range(len(tmean_c)):
        slow += (tmean_c[d] - slow) / 12
        potential = np.exp(-0.125 * ((slow - TURF_BEST_C) / TURF_SPREAD_C) ** 2)
        target = (0.05 + 0.95 * potential) * (0.1 + 0.9 * min(1.0, 2 * ks[d]))
        if swe_mm[d] < 5:
            green += (target - green) / 10
        out[d] = green
    return out
