"""What lens and sensor do to a picture, in the order in which light meets them.

The picture is turned back into radiance. Drops, dirt, blur and vignetting come first, as the lens has them; then
exposure and white balance, and the sensor's response. Noise follows (`garden_env.camera.SensorNoise`), and dead pixels
last. All are functions of their arguments: looking twice changes nothing. Labels and depth are what they were.
"""

import math
from dataclasses import dataclass, fields
from functools import lru_cache

import cv2
import numpy as np
from numba import njit

from garden_env.marks import Marks, lens
from garden_env.render.light import FINE_RESPONSE, RADIANCE
from scenarios.drift import Course

MIDDLE = 0.125  # mean radiance to which automatic exposure brings a picture (about what ISO 2720 calibrates meters to)
MOST_AUTO_EV = 3.0  # and by how much at most it can do so
CAST = 1.6  # gain of red, and loss of blue, at a white balance of 1
CORNER = math.sqrt(0.5)  # of a square picture, from its centre [widths]
DROP_BLUR = 0.012  # [widths]
DIRT_RGB, DIRT_GLOW = np.array([1.0, 0.86, 0.68]), 0.3  # colour, and share of the view's mean light
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])  # of sRGB


@dataclass(frozen=True)
class Optics:
    """Lens and sensor on one day; the fields are the axes `camera.*` of `scenarios.axes`."""

    exposure_ev: float = 0.0
    white_balance: float = 0.0
    auto_exposure: float = 0.0
    blur_px: float = 0.0
    noise: float = 0.0
    vignetting: float = 0.0
    dirt: float = 0.0
    droplets: float = 0.0
    dead_pixels: float = 0.0

    @classmethod
    def on(cls, course: Course, day: int) -> "Optics":
        """The optics of a day."""
        if not any(axis.startswith("camera.") for axis in course.active):
            return CLEAR
        return cls(**{field.name: course.at(f"camera.{field.name}", day) for field in fields(cls)})

    @property
    def develops(self) -> bool:
        """Whether it changes more than noise and dead pixels."""
        return any((
            self.exposure_ev, self.white_balance, self.auto_exposure, self.blur_px, self.vignetting, self.dirt,
            self.droplets,
        ))  # fmt: skip


CLEAR = Optics()


def expose(optics: Optics, rgb: np.ndarray, marks: Marks) -> None:
    """Take a picture through a lens onto a sensor, in place; noise and dead pixels are left out.

    Args:
        optics: of the day.
        rgb: (H, W, 3) uint8, what a faultless camera would see; changed.
        marks: dirt and drops.
    """
    if not optics.develops:
        return
    shape = rgb.shape[:2]
    light = cv2.LUT(rgb, RADIANCE)
    if optics.droplets > 0.0:
        _see_through_drops(light, *marks.drops(optics.droplets, shape))
    if optics.dirt > 0.0:
        glow = DIRT_GLOW * mean_rgb(light) * DIRT_RGB  # a dirty spot is lit from all sides
        _cover(light, marks.dirt(optics.dirt, shape), glow)
    if optics.blur_px > 0.0:
        light = blurred(light, optics.blur_px / 64.0)
    if optics.vignetting > 0.0:
        _cover(light, 1.0 - vignette(optics.vignetting, shape), np.zeros(3))
    _develop(light, gains(optics, light), FINE_RESPONSE, rgb)


def kill_pixels(optics: Optics, rgb: np.ndarray, marks: Marks) -> None:
    """Set the sensor's dead pixels, in place; `rgb` (H, W, 3) uint8 is contiguous."""
    if optics.dead_pixels > 0.0:
        black, white = marks.dead(optics.dead_pixels, rgb.shape[:2])
        pixels = rgb.reshape(-1, 3)
        pixels[black], pixels[white] = 0, 255


def gains(optics: Optics, light: np.ndarray) -> np.ndarray:
    """What the sensor multiplies radiance by, (3,) float64: exposure, automatic and set, and white balance.

    >>> gains(Optics(exposure_ev=1.0), np.ones((2, 2, 3), np.float32)).tolist()
    [2.0, 2.0, 2.0]
    """
    gain = 2.0**optics.exposure_ev
    if optics.auto_exposure > 0.0:
        mean = max(float(mean_rgb(light) @ LUMINANCE), 1e-6)
        gain *= 2.0 ** min(max(optics.auto_exposure * math.log2(MIDDLE / mean), -MOST_AUTO_EV), MOST_AUTO_EV)
    return gain * CAST ** (optics.white_balance * np.array([1.0, 0.0, -1.0]))


def mean_rgb(light: np.ndarray) -> np.ndarray:
    """Mean of a picture (H, W, 3) by channel, (3,) float64."""
    return np.array(cv2.mean(light)[:3])


def blurred(light: np.ndarray, spread: float) -> np.ndarray:
    """Spread every point as a bell of a standard deviation, given in widths; the mean of the picture stays."""
    return cv2.GaussianBlur(light, (0, 0), spread * light.shape[1], borderType=cv2.BORDER_REFLECT)


@lru_cache(maxsize=16)
def vignette(share: float, shape: tuple[int, int]) -> np.ndarray:
    """Light that reaches each pixel, (H, W) float32: 1 in the centre, 1 - share in the corner of a square picture.

    It falls as the fourth power of the cosine of an angle that is 45 degrees in that corner. Not to be changed.
    """
    right, down = lens(shape)
    cos4 = (1 + (right**2 + down**2) / CORNER**2) ** -2
    return (1 - share * (1 - cos4) / 0.75).astype(np.float32)


def _see_through_drops(light: np.ndarray, columns, rows, shown, bright) -> None:
    far_off = blurred(light, DROP_BLUR)  # a drop is no good lens
    bent = cv2.remap(far_off, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    _overlay(light, shown, bright, bent)


@njit(cache=True, error_model="numpy")
def _overlay(light, shown, bright, over):
    for row in range(light.shape[0]):
        for col in range(light.shape[1]):
            for channel in range(3):
                own = light[row, col, channel]
                light[row, col, channel] = own + shown[row, col] * (bright[row, col] * over[row, col, channel] - own)


@njit(cache=True, error_model="numpy")
def _cover(light, share, rgb):
    for row in range(light.shape[0]):
        for col in range(light.shape[1]):
            for channel in range(3):
                light[row, col, channel] += share[row, col] * (rgb[channel] - light[row, col, channel])


@njit(cache=True, error_model="numpy")
def _develop(light, gain, response, rgb):
    top, scale = len(response) - 1, 0.5 * len(response)
    for row in range(rgb.shape[0]):
        for col in range(rgb.shape[1]):
            for channel in range(3):
                tone = light[row, col, channel] * gain[channel] * scale + 0.5
                rgb[row, col, channel] = response[np.int64(min(max(tone, 0.0), top))]
