"""What a plant does when: chill, then warmth, then day length (sources by species in `scenarios.tables`).

Sequential chill and forcing: cold days end dormancy, after which degree-days accumulate and thresholds in the species'
table say when shoots show, leaves unfold and flowers open. Autumn colour follows cold and shortening days (the form of
Delpierre et al. 2009). Frost kills tender foliage; wind takes coloured leaves. Process models of autumn barely beat the
mean date (see `docs/world.md`), so simple forms are used and said to be simple.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from scenarios.tables import SPECIES

Array = NDArray[np.float64]

GRASS, BULB, HERBACEOUS, SUBSHRUB, DECIDUOUS, EVERGREEN, ANNUAL = range(7)
HABITS = {
    "grass": GRASS,
    "bulb": BULB,
    "herbaceous": HERBACEOUS,
    "subshrub": SUBSHRUB,
    "deciduous": DECIDUOUS,
    "evergreen": EVERGREEN,
    "annual": ANNUAL,
}

AUTUMN_DOY = 274  # 1 October: chill starts to count
MIDSUMMER_DOY = 172  # before it, short days are those of spring
LAST_DOY = 334  # leaves that still hang on 30 November come down whatever the weather
COLOUR_TOP_C = 28.5  # Delpierre et al. 2009: no ageing above
COLOUR_SHOWS = 0.55  # share of the ageing sum at which colour begins to show; calibrated to date bands
FALL_DAYS = 20.0  # leaf fall of a coloured tree in still air [d]
CHILLED_K = 3.0  # annuals also die of a week of nights this much colder than those they were sown in
CLEAR_DAYS = 25.0  # dead foliage withdraws, or is cleared away [d]
STILL_M_S, WINDY_M_S = 2.5, 2.5  # leaf fall doubles, at most, when the wind is this much above still


class Traits(NamedTuple):
    """The species' thresholds as arrays (S,), in the order of `scenarios.tables.Species`."""

    habit: NDArray[np.int64]
    base_c: Array
    cap_c: Array
    chill_days: Array
    force_from_day: Array
    emerge_gdd: Array
    full_gdd: Array
    bloom_gdd: Array
    bloom_days: Array
    bloom_above_h: Array
    bloom_below_h: Array
    rebloom_gdd: Array
    fruit_gdd: Array
    dieback_gdd: Array
    sow_day: Array
    sow_tmin_c: Array
    frost_kill_c: Array
    colour_below_h: Array
    colour_sum: Array
    kc_ini: Array
    kc_mid: Array
    kc_end: Array


class Stages(NamedTuple):
    """What each species does on each day; all arrays (D, S) float64, 0..1 but for `kc` and `gdd`."""

    growth: Array  # share of full height above the ground
    leaf: Array  # share of full leaf area
    senescence: Array  # 0 green .. 1 fully coloured
    bloom: Array  # share of flowers open
    fruit: Array  # share of fruit ripe
    killed: Array  # share of the foliage that frost has killed
    kc: Array  # crop coefficient
    gdd: Array  # degree-days since dormancy ended, or since sowing [deg C d]


def traits(species: Sequence[str]) -> Traits:
    """Gather rows of `scenarios.tables.SPECIES`.

    Args:
        species: S names.

    Returns:
        Traits with arrays (S,).
    """
    rows = [SPECIES[name] for name in species]
    columns = {
        field: np.array([getattr(row, field) for row in rows], dtype=np.float64)
        for field in Traits._fields
        if field != "habit"
    }
    return Traits(habit=np.array([HABITS[row.habit] for row in rows], dtype=np.int64), **columns)


def growing_degree_days(tmax_c: Array, tmin_c: Array, base_c: float, cap_c: float = np.inf) -> Array:
    """Warmth of each day: max(0, min((tmax + tmin) / 2, cap) - base), the simple average form.

    Args:
        tmax_c: (D,) daily maximum [deg C].
        tmin_c: (D,) daily minimum [deg C].
        base_c: no growth below.
        cap_c: no faster growth above.

    Returns:
        (D,) float64, never negative [deg C d].

    >>> growing_degree_days(np.array([20.0, 4.0]), np.array([10.0, 0.0]), 5.0)
    array([10.,  0.])
    """
    return np.maximum(0.0, np.minimum((tmax_c + tmin_c) / 2, cap_c) - base_c)


@njit(cache=True)
def _ramp(x, start, end):  # pragma: no cover
    """0 before `start`, 1 after `end`, smooth between."""
    if end <= start:
        return 1.0 if x >= start else 0.0
    t = min(max((x - start) / (end - start), 0.0), 1.0)
    return t * t * (3 - 2 * t)


@njit(cache=True)
def chill_of(tmean_c):  # pragma: no cover
    """Cold of one day for dormancy, 0..1: full in 0..7.2 deg C, fading to none at 12.4 (after the Utah model, by day).

    The fade below freezing is slow, down to -15 deg C, because soil and snow keep bulbs and roots warmer than the air.
    """
    if tmean_c < 0.0:
        return max(0.0, 1 + tmean_c / 15.0)
    if tmean_c <= 7.2:
        return 1.0
    return max(0.0, 1 - (tmean_c - 7.2) / 5.2)


@njit(cache=True)
def _open_share(progress, opens, fades):  # pragma: no cover
    """Share of flowers open, `progress` 0..1 through the flowering: opening, full, fading."""
    if progress <= 0.0 or progress >= 1.0:
        return 0.0
    return min(_ramp(progress, 0.0, opens), 1 - _ramp(progress, 1 - fades, 1.0))


@njit(cache=True)
def live(t, season_doy, tmean_c, tmin_c, day_length_h, wind_m_s):  # pragma: no cover
    """Let the species live through the days, each on its own.

    Args:
        t: Traits of S species.
        season_doy: (D,) int64, day of the hemisphere's season year.
        tmean_c: (D,) mean temperature [deg C].
        tmin_c: (D,) minimum [deg C].
        day_length_h: (D,) [h].
        wind_m_s: (D,) at 2 m [m/s].

    Returns:
        Stages with arrays (D, S). The first year only warms up: start it before 1 October of the year before.
    """
    days, kinds = len(season_doy), len(t.habit)
    growth, leaf = np.zeros((days, kinds)), np.zeros((days, kinds))
    senescence, bloom, fruit = np.zeros((days, kinds)), np.zeros((days, kinds)), np.zeros((days, kinds))
    killed, kc, warmth = np.zeros((days, kinds)), np.zeros((days, kinds)), np.zeros((days, kinds))
    for s in range(kinds):
        habit = t.habit[s]
        chill, gdd, colour, fallen, dead, cleared = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        flush, next_flush, growing = 0.0, t.bloom_gdd[s], habit != ANNUAL
        mild, slow = 0.0, 10.0  # running means of the night (a week) and of the day (three weeks) [deg C]
        for d in range(days):
            doy, warm = season_doy[d], tmean_c[d]
            mild += (tmin_c[d] - mild) / 7
            slow += (warm - slow) / 21
            if doy == 1:  # a new year; chill stays, for it began to count in autumn
                gdd, colour, fallen, dead, cleared = 0.0, 0.0, 0.0, 0.0, 0.0
                flush, next_flush, growing = 0.0, t.bloom_gdd[s], habit != ANNUAL
            if doy == AUTUMN_DOY:
                chill = 0.0
            if doy >= AUTUMN_DOY or doy < MIDSUMMER_DOY:
                chill += chill_of(warm)

            # Annuals: sown when nights are mild, sown anew after harvest, gone after frost
            if habit == ANNUAL:
                if not growing and doy >= t.sow_day[s] and doy < 235 and mild >= t.sow_tmin_c[s]:
                    growing, gdd, cleared, dead = True, 0.0, 0.0, 0.0
                    flush, next_flush = 0.0, t.bloom_gdd[s]
                if growing and t.dieback_gdd[s] > 0 and gdd >= t.dieback_gdd[s]:
                    growing = False

            forced = growing and chill >= t.chill_days[s] and t.force_from_day[s] <= doy < LAST_DOY
            if forced or (growing and gdd > 0):
                gdd += max(0.0, min(warm, t.cap_c[s]) - t.base_c[s])
            size = _ramp(gdd, t.emerge_gdd[s], t.full_gdd[s]) if growing else 0.0

            # Autumn: cold and dark days age the leaves
            if t.colour_below_h[s] > 0 and doy > MIDSUMMER_DOY and day_length_h[d] < t.colour_below_h[s]:
                colour += max(0.0, COLOUR_TOP_C - warm) ** 2 * (day_length_h[d] / t.colour_below_h[s]) ** 2
            aged = _ramp(colour / max(t.colour_sum[s], 1.0), COLOUR_SHOWS, 1.0)
            if habit == BULB:
                aged = _ramp(gdd, t.dieback_gdd[s] - 160, t.dieback_gdd[s])

            # Frost
            tender = habit == ANNUAL or doy > MIDSUMMER_DOY  # the young shoots of perennials survive spring frosts
            chilled = habit == ANNUAL and doy > AUTUMN_DOY and mild < t.sow_tmin_c[s] - CHILLED_K
            if size > 0 and tender and (tmin_c[d] < t.frost_kill_c[s] or chilled):
                dead = min(1.0, dead + 0.5)
            elif dead > 0:
                dead = min(1.0, dead + 0.25)
            soft = habit in (HERBACEOUS, ANNUAL)
            if dead >= 1.0 or (habit == HERBACEOUS and aged >= 1.0) or (soft and doy >= LAST_DOY):
                cleared = min(1.0, cleared + 1 / CLEAR_DAYS)

            # Flowers
            if t.bloom_days[s] > 0 and dead < 0.5 and growing:
                length = day_length_h[d]
                in_season = t.bloom_above_h[s] < length < t.bloom_below_h[s]
                if t.bloom_below_h[s] < 24:
                    in_season = in_season and doy > MIDSUMMER_DOY
                if flush <= 0.0 and gdd >= max(next_flush, 0.1) and in_season and aged < 0.5:
                    flush = 1e-9
                    next_flush = gdd + t.rebloom_gdd[s] if t.rebloom_gdd[s] > 0 else np.inf
                if flush > 0.0:
                    flush += min(max(1 + 0.05 * (warm - 15), 0.4), 1.8) / t.bloom_days[s]
                    bloom[d, s] = _open_share(flush, 0.25, 0.4)
                    if flush >= 1.0:
                        flush = 0.0 if next_flush < np.inf else 1.0

            # Leaves
            if habit == DECIDUOUS:
                gust = 1 + min(max(0.0, (wind_m_s[d] - STILL_M_S) / WINDY_M_S), 1.0)
                if aged > 0.6 or doy >= LAST_DOY:
                    fallen = min(1.0, fallen + gust / FALL_DAYS * (2.0 if tmin_c[d] < -5 else 1.0))
                elif aged > 0.0:
                    fallen = min(1.0, fallen + 0.1 * aged * gust / FALL_DAYS)
                growth[d, s] = 1.0
                leaf[d, s] = size * (1 - fallen)
                bloom[d, s] *= 1 - fallen
            elif habit == BULB:
                growth[d, s] = size * (1 - _ramp(gdd, t.dieback_gdd[s], t.dieback_gdd[s] + 120))
                leaf[d, s] = growth[d, s]
            elif soft:
                growth[d, s] = size * (1 - cleared)
                leaf[d, s] = growth[d, s]
            else:  # evergreen leaves only thin a little until the new ones are out
                growth[d, s] = 1.0
                leaf[d, s] = 0.85 + 0.15 * size * (1 - _ramp(doy, AUTUMN_DOY, 360))
                aged = 0.6 * (1 - _ramp(slow, -4.0, 8.0))
            bloom[d, s] *= 1 - dead
            senescence[d, s], killed[d, s], warmth[d, s] = aged, dead, gdd
            if habit == ANNUAL and dead >= 1.0 and cleared >= 1.0:
                growing = False
            if t.fruit_gdd[s] > 0:
                fruit[d, s] = _ramp(gdd, t.fruit_gdd[s], t.fruit_gdd[s] + 250) * (1 - dead)
                fruit[d, s] *= 1 - _ramp(doy, LAST_DOY - 30, LAST_DOY + 20)
            water = t.kc_mid[s] + (t.kc_end[s] - t.kc_mid[s]) * aged
            kc[d, s] = t.kc_ini[s] + (water - t.kc_ini[s]) * leaf[d, s] * (1 - dead)
    return Stages(growth, leaf, senescence, bloom, fruit, killed, kc, warmth)


def still(t: Traits, days: int) -> Stages:
    """The stages of a garden without seasons: in full leaf, half the flowers open, every day alike.

    Args:
        t: Traits of S species.
        days: D.

    Returns:
        Stages with arrays (D, S).
    """
    shape = (days, len(t.habit))
    bloom = np.broadcast_to(np.where(t.bloom_days > 0, 0.5, 0.0), shape).copy()
    none, full = np.zeros(shape), np.ones(shape)
    return Stages(
        growth=full,
        leaf=full.copy(),
        senescence=none,
        bloom=bloom,
        fruit=none.copy(),
        killed=none.copy(),
        kc=np.broadcast_to(t.kc_mid, shape).copy(),
        gdd=none.copy(),
    )
