"""Where the sun stands and how much it gives (Allen et al. 1998, FAO-56 ch. 3).

Angles in radians, hours in local solar time (the sun is in the south, or north, at 12), energy in MJ m-2 d-1.
All functions take floats or arrays and broadcast.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

SOLAR_CONSTANT = 0.0820  # FAO-56 eq. 21 [MJ m-2 min-1]
EQUINOX_DOY = 81  # day on which eq. 24 gives a declination of nearly zero


def declination_rad(doy: ArrayLike) -> NDArray[np.float64]:
    """Declination of the sun (FAO-56 eq. 24).

    Args:
        doy: any shape, day of the year, 1 on 1 January.

    Returns:
        Same shape, float64 [rad].
    """
    return 0.409 * np.sin(2 * np.pi / 365 * np.asarray(doy, dtype=np.float64) - 1.39)


def sunset_angle_rad(latitude_rad: ArrayLike, declination: ArrayLike) -> NDArray[np.float64]:
    """Hour angle of sunset (FAO-56 eq. 25); 0 in polar night, pi in midnight sun.

    Args:
        latitude_rad: any shape, north positive.
        declination: broadcastable, declination of the sun [rad].

    Returns:
        Broadcast shape, float64 [rad].
    """
    return np.arccos(np.clip(-np.tan(latitude_rad) * np.tan(declination), -1.0, 1.0))


def day_length_h(latitude_rad: ArrayLike, declination: ArrayLike) -> NDArray[np.float64]:
    """Hours from sunrise to sunset (FAO-56 eq. 34); refraction is left out.

    >>> round(float(day_length_h(np.radians(50.8), declination_rad(187))), 1)  # FAO-56 example 9 and 18
    16.1
    """
    return 24 / np.pi * sunset_angle_rad(latitude_rad, declination)


def extraterrestrial_mj(latitude_rad: ArrayLike, declination: ArrayLike, doy: ArrayLike) -> NDArray[np.float64]:
    """Radiation on a horizontal plane above the atmosphere (FAO-56 eqs. 21 and 23).

    >>> round(float(extraterrestrial_mj(np.radians(-20), declination_rad(246), 246)), 1)  # FAO-56 example 8
    32.2
    """
    near = 1 + 0.033 * np.cos(2 * np.pi / 365 * np.asarray(doy, dtype=np.float64))
    angle = sunset_angle_rad(latitude_rad, declination)
    path = angle * np.sin(latitude_rad) * np.sin(declination)
    path = path + np.cos(latitude_rad) * np.cos(declination) * np.sin(angle)
    return 24 * 60 / np.pi * SOLAR_CONSTANT * near * path


def surface_mj(extraterrestrial: ArrayLike, sunshine: ArrayLike) -> NDArray[np.float64]:
    """Radiation that reaches the ground (Angstrom; FAO-56 eq. 35).

    Args:
        extraterrestrial: any shape [MJ m-2 d-1].
        sunshine: broadcastable, bright hours as a share of the day length (0..1).

    Returns:
        Broadcast shape [MJ m-2 d-1].
    """
    return (0.25 + 0.50 * np.asarray(sunshine, dtype=np.float64)) * np.asarray(extraterrestrial, dtype=np.float64)


def clear_mj(extraterrestrial: ArrayLike, elevation_m: ArrayLike) -> NDArray[np.float64]:
    """Radiation that reaches the ground under a clear sky (FAO-56 eq. 37) [MJ m-2 d-1]."""
    height = np.asarray(elevation_m, dtype=np.float64)
    return (0.75 + 2e-5 * height) * np.asarray(extraterrestrial, dtype=np.float64)


def elevation_rad(latitude_rad: ArrayLike, declination: ArrayLike, solar_hour: ArrayLike) -> NDArray[np.float64]:
    """Height of the sun above the horizon; negative at night.

    >>> round(float(np.degrees(elevation_rad(np.radians(51.5), declination_rad(172), 12.0))), 1)
    61.9
    """
    return np.arcsin(np.clip(direction(latitude_rad, declination, solar_hour)[..., 2], -1.0, 1.0))


def direction(latitude_rad: ArrayLike, declination: ArrayLike, solar_hour: ArrayLike) -> NDArray[np.float64]:
    """Unit vector to the sun, in the garden's frame if its y axis points north.

    Args:
        latitude_rad: any shape, north positive.
        declination: broadcastable [rad].
        solar_hour: broadcastable, local solar time [h].

    Returns:
        (..., 3) float64: towards east, north and up.
    """
    angle = np.pi / 12 * (np.asarray(solar_hour, dtype=np.float64) - 12)
    east = -np.cos(declination) * np.sin(angle)
    north = np.cos(latitude_rad) * np.sin(declination) - np.sin(latitude_rad) * np.cos(declination) * np.cos(angle)
    up = np.sin(latitude_rad) * np.sin(declination) + np.cos(latitude_rad) * np.cos(declination) * np.cos(angle)
    return np.stack(np.broadcast_arrays(east, north, up), axis=-1)


@njit(cache=True)
def towards(latitude_rad, declination, solar_hour):
    """`direction` of one moment, (3,) float64, from plain numbers: compiled, because every control step asks.

    >>> bool(np.allclose(towards(0.9, 0.2, 15.5), direction(0.9, 0.2, 15.5), atol=1e-15))
    True
    """
    angle = math.pi / 12 * (solar_hour - 12)
    level, high = math.cos(latitude_rad), math.sin(latitude_rad)
    off, along = math.sin(declination), math.cos(declination)
    return np.array([
        -along * math.sin(angle),
        level * off - high * along * math.cos(angle),
        high * off + level * along * math.cos(angle),
    ])  # fmt: skip


def equation_of_time_min(doy: ArrayLike) -> NDArray[np.float64]:
    """Solar time minus mean time (FAO-56 eqs. 32-33 in minutes); only clocks need it, the garden lives by the sun."""
    b = 2 * np.pi * (np.asarray(doy, dtype=np.float64) - 81) / 364
    return 9.87 * np.sin(2 * b) - 7.53 * np.cos(b) - 1.5 * np.sin(b)
