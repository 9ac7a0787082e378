"""Daily weather from twelve monthly normals: the generator WGEN (Richardson 1981; Richardson & Wright 1984).

Rain comes and goes as a two-state Markov chain whose parameters follow from the number of wet days (Geng et al. 1986);
amounts are gamma-distributed. Temperature and sunshine share one autoregressive residual of three parts. Three things
are added, because plain WGEN lacks them: a slow anomaly of whole years (its years are too alike), normals that the
sample means hit exactly (pseudo-values after Killworth 1996; folded temperature ranges), and sunshine that enters as a
quantile, so that it stays between 0 and 1.

Every random number of a day is drawn ahead, from one generator per kind: a longer life has the same beginning.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.special import ndtr

from garden_env.sun import EQUINOX_DOY
from scenarios.tables import Climate

Days = NDArray[np.float64]

# Richardson & Wright 1984: residuals of (tmax, tmin, radiation) follow x' = A x + B e, e ~ N(0, I).
A = np.array([[0.567, 0.086, -0.002], [0.253, 0.504, -0.050], [-0.006, -0.039, 0.244]])
B = np.array([[0.781, 0.0, 0.0], [0.328, 0.637, 0.0], [0.238, -0.341, 0.873]])

WET_COOLER = (0.5, -0.1)  # wet days are cooler than dry ones by these shares of the spread (max, min); a plain choice
WET_SUNSHINE = 0.4  # sunshine of wet days as a share of that of dry ones; a plain choice
MIN_MEAN_MM = 2.6  # below this, Geng's line for the gamma scale would leave the range it was fitted in


@dataclass(frozen=True)
class Weather:
    """Days of weather, one row a day; all arrays (D,) float64."""

    tmax_c: Days
    tmin_c: Days
    precipitation_mm: Days  # rain and the water of snow
    sunshine: Days  # bright hours as a share of the day length, 0..1
    wind_m_s: Days  # at 2 m
    haze: Days  # uniform 0..1: the day's own inclination to fog


@dataclass(frozen=True)
class Push:
    """What a script does to the climate, one row a day; every field is (D,) float64, or None for nothing."""

    warming_c: Days | None = None  # added to both temperatures
    rain_factor: Days | None = None  # multiplies rain and snow
    cloud: Days | None = None  # -1..1: how far the sky clears up (-) or closes (+)
    wind_m_s: Days | None = None  # added


@dataclass(frozen=True)
class Calendar:
    """Dates as arrays, one row a day; the southern hemisphere reads its seasons half a year later."""

    month: NDArray[np.int64]  # (D,) 0 in January
    doy: NDArray[np.int64]  # (D,) day of the year, 1 on 1 January
    year: NDArray[np.int64]  # (D,) years since the first row's
    season_doy: NDArray[np.int64]  # (D,) day of the year in the hemisphere's own season: 1 in early winter
    season_month: NDArray[np.int64]  # (D,) the month whose northern normals hold


def calendar(first: np.datetime64, days: int, *, southern: bool = False, seasonal: bool = True) -> Calendar:
    """Lay out the dates.

    Args:
        first: first date.
        days: number of rows.
        southern: shift seasons by half a year.
        seasonal: False lets the sun and the normals stand still, at the spring equinox.

    Returns:
        Calendar with arrays (days,).
    """
    dates = first.astype("datetime64[D]") + np.arange(days)
    months, years = dates.astype("datetime64[M]"), dates.astype("datetime64[Y]")
    month = months.astype(np.int64) % 12
    doy = (dates - years.astype("datetime64[D]")).astype(np.int64) + 1
    year = years.astype(np.int64)
    if not seasonal:
        month, doy = np.full_like(month, 2), np.full_like(doy, EQUINOX_DOY)
        return Calendar(month=month, doy=doy, year=year - year[0], season_doy=doy, season_month=month)
    return Calendar(
        month=month,
        doy=doy,
        year=year - year[0],
        season_doy=(doy - 1 + 183) % 365 + 1 if southern else doy,
        season_month=(month + 6) % 12 if southern else month,
    )


def stationary_covariance() -> NDArray[np.float64]:
    """Solve M = A M A' + B B': the covariance that the residuals settle to, (3, 3); its diagonal is 1."""
    system = np.eye(9) - np.kron(A, A)
    return np.asarray(np.linalg.solve(system, (B @ B.T).ravel()).reshape(3, 3), dtype=np.float64)


def _knot_weights() -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """For each of 366 days: the two months between whose middles it lies, and the weight of the second."""
    lengths = np.array([31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    middles = np.cumsum(lengths) - lengths / 2
    day = np.arange(366) + 0.5
    after = np.searchsorted(middles, day) % 12
    before = (after - 1) % 12
    gap = (middles[after] - middles[before]) % 365.25
    return before, after, ((day - middles[before]) % 365.25) / gap


_BEFORE, _AFTER, _WEIGHT = _knot_weights()


def _mean_of_month() -> NDArray[np.float64]:
    """(12, 12): the month means of a line drawn through 12 knots, as a matrix acting on the knots."""
    dates = np.datetime64("2001-01-01") + np.arange(365)
    month = dates.astype("datetime64[M]").astype(np.int64) % 12
    means = np.zeros((12, 12))
    for day in range(365):
        means[month[day], _BEFORE[day]] += 1 - _WEIGHT[day]
        means[month[day], _AFTER[day]] += _WEIGHT[day]
    return means / np.bincount(month)[:, None]


_TO_KNOTS = np.linalg.inv(_mean_of_month())


def by_day(normals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Draw a continuous year through monthly means without changing them (Killworth 1996).

    Args:
        normals: (12, K) float64, means of the months.

    Returns:
        (366, K) float64; the mean over each month is the normal again.
    """
    knots = _TO_KNOTS @ normals
    weight = _WEIGHT[:, None]
    return (1 - weight) * knots[_BEFORE] + weight * knots[_AFTER]


def _unfold(mean: NDArray[np.float64], sd: NDArray[np.float64]) -> NDArray[np.float64]:
    """Location m of a normal so that E|N(m, sd)| is `mean`; where that is impossible, the nearest: 0."""
    located = mean.copy()
    for _ in range(30):  # Newton; the slope is 2 ndtr(m / sd) - 1
        z = located / sd
        folded = located * (2 * ndtr(z) - 1) + 2 * sd * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
        located = np.maximum(located - (folded - mean) / np.maximum(2 * ndtr(z) - 1, 0.2), 0.0)
    return located


@dataclass(frozen=True)
class _Normals:
    """A climate's parameters by month (12, 2) and by day (366, 2), second axis: dry, wet."""

    p_wet_after_dry: NDArray[np.float64]  # (12,)
    p_wet_after_wet: NDArray[np.float64]
    gamma_shape: NDArray[np.float64]
    gamma_scale_mm: NDArray[np.float64]
    wet_share: NDArray[np.float64]
    daily: NDArray[np.float64]  # (366, 6): tmax, tmin, their spreads, sunshine, wind
    fold: NDArray[np.float64]  # (12, 2): how much too narrow the temperature range is drawn, because it is folded


@lru_cache(maxsize=64)
def _normals(climate: Climate) -> _Normals:
    lengths = np.array([31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    wet = np.array(climate.wet_days) / lengths
    p01 = 0.75 * wet  # Geng et al. 1986
    mean_mm = np.array(climate.rain_mm) / np.array(climate.wet_days)
    scale = np.where(mean_mm > MIN_MEAN_MM, -2.16 + 1.83 * mean_mm, mean_mm)
    sds = np.array([climate.tmax_sd_c, climate.tmin_sd_c])
    monthly = np.array([climate.tmax_c, climate.tmin_c, *sds, climate.sunshine, climate.wind_m_s])
    offsets, spreads = _wet_and_dry(wet, sds[0], sds[1])
    correlation = stationary_covariance()[0, 1]
    range_sd = np.sqrt(spreads[0] ** 2 + spreads[1] ** 2 - 2 * correlation * spreads[0] * spreads[1])
    gap = (np.array(climate.tmax_c) - np.array(climate.tmin_c))[:, None]
    range_c = np.maximum(gap + offsets[0] - offsets[1], 0.1)
    return _Normals(
        p_wet_after_dry=p01,
        p_wet_after_wet=0.25 + p01,
        gamma_shape=mean_mm / scale,
        gamma_scale_mm=scale,
        wet_share=wet,
        daily=by_day(monthly.T),
        fold=range_c - _unfold(range_c, np.broadcast_to(range_sd[:, None], range_c.shape)),
    )


def _wet_and_dry(
    wet_share: NDArray[np.float64], tmax_sd: NDArray[np.float64], tmin_sd: NDArray[np.float64]
) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]:
    """Split normals of all days into dry and wet days so that mean and spread of all days stay.

    Args:
        wet_share: (M,) share of wet days.
        tmax_sd: (M,) spread over all days [deg C].
        tmin_sd: (M,) the same of the minimum.

    Returns:
        For maximum and minimum: offsets (M, 2) of dry and wet days, and the spread (M,) within either.
    """
    offsets, spreads = [], []
    for cooler, sd in zip(WET_COOLER, (tmax_sd, tmin_sd), strict=True):
        step = cooler * sd
        offsets.append(np.stack([wet_share * step, (wet_share - 1) * step], axis=1))
        spreads.append(sd * np.sqrt(1 - wet_share * (1 - wet_share) * cooler**2))
    return offsets, spreads


@njit(cache=True)
def _chain(p01, p11, uniform):  # pragma: no cover
    """(D,) bool: wet days of the two-state Markov chain."""
    wet = np.empty(len(uniform), dtype=np.bool_)
    before = False
    for day in range(len(uniform)):
        before = uniform[day] < (p11[day] if before else p01[day])
        wet[day] = before
    return wet


@njit(cache=True)
def _residuals(a, noise, start):  # pragma: no cover
    """(D, 3): x' = a x + noise."""
    out = np.empty_like(noise)
    x0, x1, x2 = start[0], start[1], start[2]
    for day in range(len(noise)):
        y0 = a[0, 0] * x0 + a[0, 1] * x1 + a[0, 2] * x2 + noise[day, 0]
        y1 = a[1, 0] * x0 + a[1, 1] * x1 + a[1, 2] * x2 + noise[day, 1]
        y2 = a[2, 0] * x0 + a[2, 1] * x1 + a[2, 2] * x2 + noise[day, 2]
        x0, x1, x2 = y0, y1, y2
        out[day, 0], out[day, 1], out[day, 2] = x0, x1, x2
    return out


def year_anomalies_c(climate: Climate, years: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Slow weather: the anomaly of each whole year, first-order autoregressive, stationary from the first.

    Returns:
        (years,) float64 [deg C].
    """
    shocks = rng.standard_normal(years)
    out = np.empty(years)
    for year in range(years):
        fresh = np.sqrt(1 - climate.year_memory**2) if year else 1.0
        out[year] = fresh * shocks[year] + (climate.year_memory * out[year - 1] if year else 0.0)
    return climate.year_sd_c * out


def make_weather(
    climate: Climate, dates: Calendar, rng: np.random.Generator, *, spring_shift_d: Days | None = None
) -> Weather:
    """Draw the weather of every day of a calendar.

    Args:
        climate: normals, northern hemisphere; a southern calendar shifts them by six months.
        dates: the days, D of them.
        rng: spawns one generator per kind of number.
        spring_shift_d: (D,) days by which the normals of temperature are read ahead, rounded; the random numbers of a
            day stay the same.

    Returns:
        Weather with arrays (D,).
    """
    wet_rng, rain_rng, air_rng, wind_rng, haze_rng, year_rng = rng.spawn(6)
    days, month = len(dates.doy), dates.season_month
    normals = _normals(climate)
    wet = _chain(normals.p_wet_after_dry[month], normals.p_wet_after_wet[month], wet_rng.random(days))
    amount_mm = rain_rng.standard_gamma(normals.gamma_shape[month]) * normals.gamma_scale_mm[month]

    noise = air_rng.standard_normal((days + 1, 3))
    start = np.linalg.cholesky(stationary_covariance()) @ noise[0]
    x = _residuals(A, noise[1:] @ B.T, start)

    share = normals.wet_share[month]
    tmax, tmin, tmax_sd, tmin_sd, sunshine, wind = normals.daily[dates.season_doy - 1].T
    warmth_month = month
    if spring_shift_d is not None:  # rain and sunshine stay with the calendar: only warmth moves
        shift_d = np.rint(spring_shift_d).astype(np.int64)
        ahead = (dates.season_doy - 1 + shift_d) % 366
        tmax, tmin, tmax_sd, tmin_sd = normals.daily[ahead, :4].T
        nearest = np.where(_WEIGHT[ahead] < 0.5, _BEFORE[ahead], _AFTER[ahead])
        warmth_month = np.where(shift_d == 0, month, nearest)
    offsets, spreads = _wet_and_dry(share, tmax_sd, tmin_sd)
    state, row = wet.astype(np.int64), np.arange(days)
    anomaly = year_anomalies_c(climate, int(dates.year[-1]) + 1, year_rng)[dates.year]
    half_fold = normals.fold[warmth_month, state] / 2
    high = tmax + offsets[0][row, state] - half_fold + spreads[0] * x[:, 0] + anomaly
    low = tmin + offsets[1][row, state] + half_fold + spreads[1] * x[:, 1] + anomaly

    dry_sun = sunshine / (1 - share + share * WET_SUNSHINE)
    sun = np.clip(np.where(wet, WET_SUNSHINE, 1.0) * dry_sun, 0.02, 0.98)
    return Weather(
        tmax_c=np.maximum(high, low),
        tmin_c=np.minimum(high, low),
        precipitation_mm=np.where(wet, amount_mm, 0.0),
        sunshine=ndtr(x[:, 2]) ** ((1 - sun) / sun),  # a power of a uniform number, with mean `sun`
        wind_m_s=wind * np.sqrt(-np.log1p(-wind_rng.random(days))) * 2 / np.sqrt(np.pi),  # Rayleigh, mean `wind`
        haze=haze_rng.random(days),
    )


def pushed(weather: Weather, push: Push) -> Weather:
    """Weather, drawn or measured, with what a script adds to it.

    >>> day = Weather(*(np.array([value]) for value in (20.0, 10.0, 4.0, 0.5, 2.0, 0.3)))
    >>> moved = pushed(day, Push(warming_c=np.array([2.0]), rain_factor=np.array([3.0]), cloud=np.array([-0.5])))
    >>> moved.tmax_c.item(), moved.precipitation_mm.item(), moved.sunshine.item()
    (22.0, 12.0, 0.75)
    """
    changes: dict[str, Days] = {}
    if push.warming_c is not None:
        changes |= {"tmax_c": weather.tmax_c + push.warming_c, "tmin_c": weather.tmin_c + push.warming_c}
    if push.rain_factor is not None:
        changes["precipitation_mm"] = weather.precipitation_mm * push.rain_factor
    if push.cloud is not None:
        changes["sunshine"] = toward(weather.sunshine, -push.cloud)
    if push.wind_m_s is not None:
        changes["wind_m_s"] = weather.wind_m_s + push.wind_m_s
    return replace(weather, **changes) if changes else weather


def toward(share: NDArray[np.float64], push: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Move shares, 0..1, a part of the way to 1 (`push` above 0) or to 0 (below); 0 leaves every bit.

    >>> toward(np.array([0.5]), 0.5), toward(np.array([0.5]), -1.0)
    (array([0.75]), array([0.]))
    """
    return np.where(np.greater(push, 0), share + push * (1 - share), share * (1 + np.minimum(push, 0)))
