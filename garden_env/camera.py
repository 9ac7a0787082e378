"""The robot's camera: a pinhole with a vertical image plane, what it delivers, and the noise of its sensor."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit

from scenarios.spec import CameraSpec

SHEET = 1 << 18  # numbers in a sheet of noise


@dataclass(frozen=True, eq=False)
class Frame:
    """What a camera sees from a pose.

    Attributes:
        rgb: (H, W, 3) uint8, sRGB.
        mask: (H, W) uint8, class of the visible surface, 255 is no answer.
        mask_under: (H, W) uint8, class of what lies below snow, litter, petals and puddles.
        depth_m: (H, W) float32, distance along the optical axis; the sky is at inf [m].
        pose: (3,) float64, x [m], y [m], heading [rad].
    """

    rgb: np.ndarray
    mask: np.ndarray
    mask_under: np.ndarray
    depth_m: np.ndarray
    pose: np.ndarray


def empty_frame(camera: CameraSpec, *, wiped: bool = True) -> Frame:
    """A frame to be drawn into, so that a loop allocates nothing; not wiped where every pixel is going to be drawn."""
    shape, make = (camera.height_px, camera.width_px), np.zeros if wiped else np.empty
    return Frame(
        make((*shape, 3), np.uint8), make(shape, np.uint8), make(shape, np.uint8), make(shape, np.float32), np.zeros(3)
    )


def pinhole(camera: CameraSpec) -> np.ndarray:
    """Focal length, column and row of the principal point [px], and height above ground [m].

    Pixels are square and their centres lie at halves. A point at lateral offset s (to the right), height z and depth t
    is seen at column `cx + f s / t`, row `cy + f (h - z) / t`.

    Returns:
        (4,) float64.

    >>> pinhole(CameraSpec(width_px=64, height_px=64, fov_deg=90, height_m=0.6, horizon=0.25)).round(6).tolist()
    [32.0, 32.0, 16.0, 0.6]
    """
    focal_px = camera.width_px / 2 / math.tan(math.radians(camera.fov_deg) / 2)
    return np.array([focal_px, camera.width_px / 2, camera.horizon * camera.height_px, camera.height_m])


def aimed(camera: CameraSpec, *, pitch_deg: float = 0.0, height_m: float = 0.0, fov_deg: float = 0.0) -> CameraSpec:
    """The camera looking up (+) or down, put higher, or with another lens.

    Args:
        camera: as it is mounted.
        pitch_deg: of its optical axis; the horizon moves by `f tan(pitch)` and may leave the picture.
        height_m, fov_deg: added, and held to what a camera may have.

    Returns:
        The same object if nothing changes; else one whose horizon is not held to 0..1.

    >>> pinhole(aimed(CameraSpec(horizon=0.25), pitch_deg=45)).round(6).tolist()
    [32.0, 32.0, 48.0, 0.6]
    """
    if pitch_deg == height_m == fov_deg == 0.0:
        return camera
    lens = camera.model_copy(
        update={
            "fov_deg": min(max(camera.fov_deg + fov_deg, 20.0), 140.0),
            "height_m": min(max(camera.height_m + height_m, 0.1), 3.0),
        }
    )
    shift_px = pinhole(lens)[0] * math.tan(math.radians(pitch_deg))
    return lens.model_copy(update={"horizon": camera.horizon + shift_px / camera.height_px})


class SensorNoise:
    """Gaussian noise of the sensor: a function of the moment, so that looking twice, or not at all, changes nothing.

    A sheet of noise is drawn once and then read at an offset that is hashed from the moment, which is much cheaper
    than fresh numbers for every pixel and no different to a learner.

    Args:
        rng: draws the sheet.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.sheet = rng.standard_normal(SHEET).astype(np.float32)

    def add(self, rgb: np.ndarray, sigma: float, moment: int) -> None:
        """Add noise in place.

        Args:
            rgb: (H, W, 3) uint8, contiguous.
            sigma: standard deviation [grey levels]; 0 leaves the picture as it is.
            moment: the control step; equal moments have equal noise.
        """
        add_noise(rgb.reshape(-1), self.sheet, sigma, moment)


@njit(cache=True, error_model="numpy")
def add_noise(flat, sheet, sigma, moment):
    """`SensorNoise.add`, compiled; `flat` is (N,) uint8, `sheet` (SHEET,) float32."""
    if sigma <= 0.0:
        return
    sigma32 = np.float32(sigma)
    for start in range(0, flat.size, SHEET // 2):
        size = min(SHEET // 2, flat.size - start)
        at = np.int64(_mixed(2 * moment * SHEET + start) % np.uint64(SHEET - size))
        pixels, noise = flat[start : start + size], sheet[at : at + size]
        for k in range(size):  # of a form that becomes vector instructions: eight times as fast
            noisy = np.int32(np.rint(noise[k] * sigma32 + np.float32(pixels[k])))
            pixels[k] = np.uint8(min(max(noisy, np.int32(0)), np.int32(255)))


@njit(cache=True)
def _mixed(number):
    """A 64-bit hash (the finaliser of SplitMix64; Steele, Lea & Flood 2014)."""
    number = np.uint64(number) + np.uint64(0x9E3779B97F4A7C15)
    number = (number ^ (number >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    number = (number ^ (number >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return number ^ (number >> np.uint64(31))
