"""Reference evapotranspiration, the thirst of the air (Allen et al. 1998, FAO-56 chs. 3 and 4)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

STEFAN_BOLTZMANN = 4.903e-9  # FAO-56 eq. 39 [MJ K-4 m-2 d-1]
LATENT = 0.408  # mm of water that one MJ m-2 evaporates (FAO-56 eq. 20)


def hargreaves_mm(tmax_c: ArrayLike, tmin_c: ArrayLike, extraterrestrial: ArrayLike) -> NDArray[np.float64]:
    """Reference evapotranspiration from temperature alone (FAO-56 eq. 52).

    Args:
        tmax_c: any shape, daily maximum [deg C].
        tmin_c: broadcastable, daily minimum, not above the maximum [deg C].
        extraterrestrial: broadcastable, radiation above the atmosphere [MJ m-2 d-1].

    Returns:
        Broadcast shape, float64, never negative [mm/d].

    >>> round(float(hargreaves_mm(26.6, 14.8, 40.6)), 1)  # FAO-56 example 20
    5.0
    """
    tmax, tmin = np.asarray(tmax_c, dtype=np.float64), np.asarray(tmin_c, dtype=np.float64)
    mean = (tmax + tmin) / 2
    et0 = 0.0023 * (mean + 17.8) * np.sqrt(np.maximum(tmax - tmin, 0.0)) * LATENT * np.asarray(extraterrestrial)
    return np.maximum(et0, 0.0)


def saturation_kpa(temperature_c: ArrayLike) -> NDArray[np.float64]:
    """Vapour pressure over water (FAO-56 eq. 11) [kPa]."""
    t = np.asarray(temperature_c, dtype=np.float64)
    return 0.6108 * np.exp(17.27 * t / (t + 237.3))


def wind_at_2m(wind_m_s: ArrayLike, height_m: float) -> NDArray[np.float64]:
    """Wind speed at 2 m from another height (FAO-56 eq. 47) [m/s]."""
    return np.asarray(wind_m_s, dtype=np.float64) * 4.87 / np.log(67.8 * height_m - 5.42)


def penman_monteith_mm(
    tmax_c: ArrayLike,
    tmin_c: ArrayLike,
    solar_mj: ArrayLike,
    clear_mj: ArrayLike,
    wind_m_s: ArrayLike,
    *,
    vapour_kpa: ArrayLike | None = None,
    elevation_m: float = 0.0,
) -> NDArray[np.float64]:
    """Reference evapotranspiration from radiation, wind and humidity (FAO-56 eq. 6, daily, no soil heat flux).

    Args:
        tmax_c: any shape [deg C].
        tmin_c: broadcastable [deg C].
        solar_mj: broadcastable, radiation at the ground [MJ m-2 d-1].
        clear_mj: broadcastable, the same under a clear sky, positive [MJ m-2 d-1].
        wind_m_s: broadcastable, at 2 m [m/s].
        vapour_kpa: broadcastable, actual vapour pressure; None takes the dew point for the minimum (FAO-56 eq. 48).
        elevation_m: height above the sea [m].

    Returns:
        Broadcast shape, float64, never negative [mm/d].
    """
    tmax, tmin = np.asarray(tmax_c, dtype=np.float64), np.asarray(tmin_c, dtype=np.float64)
    mean = (tmax + tmin) / 2
    wind = np.asarray(wind_m_s, dtype=np.float64)
    actual = saturation_kpa(tmin) if vapour_kpa is None else np.asarray(vapour_kpa, dtype=np.float64)
    deficit = (saturation_kpa(tmax) + saturation_kpa(tmin)) / 2 - actual
    slope = 4098 * saturation_kpa(mean) / (mean + 237.3) ** 2  # eq. 13
    pressure_kpa = 101.3 * ((293 - 0.0065 * elevation_m) / 293) ** 5.26  # eq. 7
    gamma = 0.665e-3 * pressure_kpa  # eq. 8
    clearness = np.minimum(np.asarray(solar_mj) / np.asarray(clear_mj), 1.0)
    black = STEFAN_BOLTZMANN * ((tmax + 273.16) ** 4 + (tmin + 273.16) ** 4) / 2
    longwave = black * (0.34 - 0.14 * np.sqrt(actual)) * (1.35 * clearness - 0.35)  # eq. 39
    net = 0.77 * np.asarray(solar_mj) - longwave  # eqs. 38 and 40
    et0 = LATENT * slope * net + gamma * 900 / (mean + 273) * wind * deficit
    return np.maximum(et0 / (slope + gamma * (1 + 0.34 * wind)), 0.0)
