"""Light of an hour: how much comes from the sun and from the sky, of what colour, and what the sensor makes of it.

Clear-sky irradiance after Haurwitz, clouds after Kasten and Czeplak, the beam's colour from Rayleigh and Angstrom
extinction along the air mass of Kasten and Young. Below the horizon, twilight falls by a power of ten in three degrees,
down to what moon and stars give.
"""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numba import njit

from garden_env.exact import length
from garden_env.render.texture import hash01

WAVELENGTH_UM = np.array([0.61, 0.55, 0.465])  # of red, green and blue
TURBIDITY = 0.08  # Angstrom's beta, clean country air
EXTINCTION = 0.008735 * WAVELENGTH_UM**-4.08 + TURBIDITY * WAVELENGTH_UM**-1.3  # in one air mass
REFERENCE = 0.8  # irradiance at which table colours are what they say; 1 is 1 kW m-2
FOLLOW = 0.66  # share (in the logarithm) by which the sensor's fixed response evens out the level of light
CLEAR_TINT, GREY_TINT = np.array([0.78, 0.93, 1.22]), np.array([0.97, 1.0, 1.04])
NEUTRAL_K = 6500.0  # temperature at which daylight has the tints of these tables
REFRACTION_DEG = 0.83  # the sun's upper edge is seen until its centre is this far below the horizon
DUSK_PER_DEG = 0.35  # powers of ten that twilight loses by degree: 400 lx at sunset, 3.4 lx at -6 degrees
MOONLIGHT = 1.2e-4  # of the light at sunset is left in the night
LAMP = 0.04  # irradiance a metre before the robot's lamp, as `REFERENCE`: a work light
LAMP_METERED = 0.01  # what of it the sensor's response goes by: the mean over a view
LAMP_TINT = np.array([0.98, 1.0, 1.03])
TONES = 4096  # steps of the response, over 0..2 times white
# Places of a `Light` in a row of numbers, as the kernels take it; the first four begin a triple
SUN, BEAM, AMBIENT, TINT, VISIBLE, LEVEL, LAMP_LIGHT = 0, 3, 6, 9, 12, 13, 14
LIGHT_NUMBERS = 15


@dataclass(frozen=True)
class Light:
    """Light of a moment, in units in which table colours keep their brightness.

    Attributes:
        sun: (3,) float64, unit vector to the sun (east, north, up).
        beam: (3,) float64, direct light on a plane that faces the sun, by channel.
        ambient: (3,) float64, light of the sky on level ground, by channel.
        visible: 0..1, how free of cloud the sun's disc is.
        level: brightness of the whole scene; 1 is a bright day.
        tint: (3,) float64, what the colour temperature does to all that the sky shows, too; ones at 6500 K.
        lamp: light of the robot's lamp at a metre, as the sensor shows it.
    """

    sun: np.ndarray
    beam: np.ndarray
    ambient: np.ndarray
    visible: float
    level: float
    tint: np.ndarray
    lamp: float = 0.0

    def on_ground(self) -> np.ndarray:
        """(3,) float64, light on level, unshaded ground."""
        return self.beam * max(self.sun[2], 0.0) + self.ambient

    @classmethod
    def of(cls, row: np.ndarray) -> Self:
        """The light of a row of `LIGHT_NUMBERS` numbers."""
        sun, beam, ambient, tint = (row[at : at + 3].copy() for at in (SUN, BEAM, AMBIENT, TINT))
        return cls(sun, beam, ambient, float(row[VISIBLE]), float(row[LEVEL]), tint, float(row[LAMP_LIGHT]))


@njit(cache=True, error_model="numpy")
def beam_tint(sin_elevation: float) -> np.ndarray:
    """Colour of the direct beam, brightest channel 1.

    >>> beam_tint(math.sin(math.radians(62))).round(2).tolist(), beam_tint(math.sin(math.radians(8))).round(2).tolist()
    ([1.0, 0.94, 0.8], [1.0, 0.68, 0.26])
    """
    elevation_deg = math.degrees(math.asin(max(sin_elevation, 0.01)))
    air_mass = 1.0 / (max(sin_elevation, 0.01) + 0.50572 * (elevation_deg + 6.07995) ** -1.6364)
    passed = np.exp(-EXTINCTION * air_mass)
    return passed / passed.max()


@njit(cache=True, error_model="numpy")
def sun_visible(day: int, hour: float, cloud: float) -> float:
    """How free the sun's disc is: clouds of the day's cover pass in about an hour."""
    slot = hour * 1.3
    first = math.floor(slot)
    low, high = hash01(day, first, 977), hash01(day, first + 1, 977)
    part = slot - first
    chance = low + (high - low) * part * part * (3 - 2 * part)
    return min(1.0, max(0.0, (chance - cloud + 0.12) / 0.24))


@njit(cache=True, error_model="numpy")
def raised(sun: np.ndarray, by_deg: float) -> np.ndarray:
    """The sun higher (+) or lower (-) by an angle, in the same quarter of the sky; at most in the zenith.

    >>> raised(np.array([1.0, 0.0, 0.0]), 30.0).round(3).tolist()
    [0.866, 0.0, 0.5]
    """
    if by_deg == 0.0:
        return sun
    level = length(sun[0], sun[1])
    elevation = min(max(math.atan2(sun[2], level) + math.radians(by_deg), -math.pi / 2), math.pi / 2)
    east, north = (sun[0] / level, sun[1] / level) if level > 0.0 else (0.0, -1.0)
    return np.array([math.cos(elevation) * east, math.cos(elevation) * north, math.sin(elevation)])


@njit(cache=True, error_model="numpy")
def twilight(sun_up: float) -> float:
    """Light of the sky as a share of that at sunset: 1 while the sun is up, `MOONLIGHT` deep in the night.

    >>> [round(twilight(math.sin(math.radians(d))), 5) for d in (5, 0, -3, -6, -40)]
    [1.0, 1.0, 0.08913, 0.00794, 0.00012]
    """
    depression_deg = -math.degrees(math.asin(min(max(sun_up, -1.0), 0.0)))
    return max(10.0 ** (-DUSK_PER_DEG * depression_deg), MOONLIGHT)


def daylight_tint(temperature_k: float) -> np.ndarray:
    """Colour of a black body against one of 6500 K (Planck's law at the wavelengths of the channels), equally bright.

    Returns:
        (3,) float64, red, green and blue, linear; ones at 6500 K.

    >>> [daylight_tint(kelvin).round(2).tolist() for kelvin in (2500.0, 6500.0, 12000.0)]
    [[1.65, 0.88, 0.27], [1.0, 1.0, 1.0], [0.86, 1.01, 1.36]]
    """
    if temperature_k == NEUTRAL_K:
        return np.ones(3)
    second_um_k = 14_387.77  # Planck's second radiation constant
    tint = np.expm1(second_um_k / (WAVELENGTH_UM * NEUTRAL_K)) / np.expm1(second_um_k / (WAVELENGTH_UM * temperature_k))
    return tint / (tint @ np.array([0.2126, 0.7152, 0.0722]))  # the luminance of sRGB


def light_of(
    sun: np.ndarray, day: int, hour: float, cloud: float, *, temperature_k: float = NEUTRAL_K, lamp: float = 0.0
) -> Light:
    """The light of an hour.

    Args:
        sun: (3,) float64, unit vector to the sun.
        day, hour: number of the day, solar time; they hash when clouds pass.
        cloud: share of the sky, 0..1.
        temperature_k: of daylight.
        lamp: how bright the robot's lamp is, 0..1.
    """
    row = np.empty(LIGHT_NUMBERS)
    light_up(
        np.asarray(sun, np.float64), day, float(hour), float(cloud), daylight_tint(temperature_k), float(lamp), row
    )
    return Light.of(row)


@njit(cache=True, error_model="numpy")
def light_up(sun, day, hour, cloud, colour, lamp, row):
    """`light_of`, compiled, into a row of LIGHT_NUMBERS; `colour` (3,) is the `daylight_tint`."""
    up = max(sun[2], 0.03)
    clear = 1.098 * up * math.exp(-0.059 / up)
    visible = sun_visible(day, hour, cloud) * setting(sun[2])
    beam_level = 0.85 * clear / up * visible
    blue = 0.10 * clear + 0.06 * (1.0 - math.exp(-clear / 0.06))  # a clear sky gives much of a low sun's light
    sky_level = (0.015 + blue * (1.0 - cloud) + clear * (0.80 * cloud - 0.45 * cloud**4.0)) * twilight(sun[2])
    shone = beam_level * up + sky_level
    exposure = (REFERENCE / (shone + LAMP_METERED * lamp)) ** FOLLOW / REFERENCE
    beam = beam_tint(up)
    for c in range(3):
        tint = CLEAR_TINT[c] + (GREY_TINT[c] - CLEAR_TINT[c]) * cloud
        row[SUN + c], row[TINT + c] = sun[c], colour[c]
        row[BEAM + c] = beam[c] * beam_level * exposure * colour[c]
        row[AMBIENT + c] = tint * sky_level * exposure * colour[c]
    row[VISIBLE], row[LEVEL], row[LAMP_LIGHT] = visible, shone * exposure, LAMP * lamp * exposure


@njit(cache=True, error_model="numpy")
def setting(sun_up: float) -> float:
    """Share of the sun's disc that is above the horizon, refraction included.

    >>> [round(setting(math.sin(math.radians(d))), 2) for d in (3.0, 0.0, -0.415, -2.0)]
    [1.0, 1.0, 0.5, 0.0]
    """
    return min(max(1.0 + math.degrees(math.asin(min(max(sun_up, -1.0), 0.0))) / REFRACTION_DEG, 0.0), 1.0)


@njit(cache=True, error_model="numpy")
def lamplight(row, out):
    """White light from everywhere, as bright as the lamp is at a metre: what `garden_env.lamp` dims by distance.

    Args:
        row: (LIGHT_NUMBERS,) float64, the light of the sky with the lamp in it.
        out: the same, written.
    """
    out[:] = 0.0
    for c in range(3):
        out[SUN + c], out[AMBIENT + c] = row[SUN + c], LAMP_TINT[c] * row[LAMP_LIGHT]


def to_linear(rgb: np.ndarray) -> np.ndarray:
    """sRGB 0..255 to linear 0..1, any shape."""
    share = np.asarray(rgb, np.float64) / 255.0
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


SHOULDER = 0.7  # radiance from which the response bends, to reach white softly


def _response(tones: int) -> np.ndarray:
    """(tones,) uint8: linear radiance 0..2 to sRGB, with a soft shoulder below white."""
    linear = np.arange(tones) * (2.0 / tones)
    room = 1.0 - SHOULDER
    rolled = np.where(linear < SHOULDER, linear, SHOULDER + room * (1 - np.exp(-(linear - SHOULDER) / room)))
    srgb = np.where(rolled <= 0.0031308, rolled * 12.92, 1.055 * rolled ** (1 / 2.4) - 0.055)
    return np.rint(255 * np.clip(srgb, 0, 1)).astype(np.uint8)


def _radiance() -> np.ndarray:
    """(256,) float32: the radiance that the response shows as a level; 2 for white."""
    rolled = to_linear(np.arange(256))
    room = 1.0 - SHOULDER
    bent = SHOULDER - room * np.log(np.maximum((1.0 - rolled) / room, 1e-9))
    return np.minimum(np.where(rolled < SHOULDER, rolled, bent), 2.0).astype(np.float32)


RESPONSE = _response(TONES)
FINE_RESPONSE = _response(1 << 14)  # for pictures that are developed anew: no level is left out, not even in the dark
RADIANCE = _radiance()


def seen(linear: np.ndarray) -> np.ndarray:
    """What the sensor makes of radiance: linear, any shape, to uint8."""
    return RESPONSE[np.clip(linear * (TONES / 2), 0, TONES - 1).astype(np.int64)]


def packed(rgb: np.ndarray) -> np.ndarray:
    """(..., 3) uint8 to (...) uint32, red in the lowest byte: one read a colour instead of three."""
    wide = rgb.astype(np.uint32)
    return wide[..., 0] | wide[..., 1] << 8 | wide[..., 2] << 16
