"""How different two colours look: CIEDE2000 (Sharma, Wu & Dalal 2005)."""

import math

import cv2
import numpy as np
from numba import njit


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB of a picture under D65: (H, W, 3) uint8 sRGB to (H, W, 3) float32, L* 0..100.

    >>> lab(np.full((1, 1, 3), 255, np.uint8)).round(1).tolist()
    [[[100.0, 0.0, 0.0]]]
    """
    return cv2.cvtColor(rgb.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)


def delta_e(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Colour difference by CIEDE2000 with unit weights; about 1 can just be seen, black and white are 100 apart.

    Args:
        first, second: (..., 3) float, CIELAB.

    Returns:
        (...) float64.

    >>> round(float(delta_e(np.array([50.0, 2.5, 0.0]), np.array([73.0, 25.0, -18.0]))), 4)  # Sharma et al., pair 17
    27.1492
    """
    a, b = (np.ascontiguousarray(colours, np.float64).reshape(-1, 3) for colours in (first, second))
    return _delta_e(a, b).reshape(first.shape[:-1])


@njit(cache=True)
def _delta_e(first, second):  # pragma: no cover
    out = np.empty(len(first))
    for i in range(len(first)):
        l1, a1, b1 = first[i, 0], first[i, 1], first[i, 2]
        l2, a2, b2 = second[i, 0], second[i, 1], second[i, 2]
        stretch = 1.5 - 0.5 * _vivid((math.hypot(a1, b1) + math.hypot(a2, b2)) / 2)
        a1, a2 = a1 * stretch, a2 * stretch
        c1, c2 = math.hypot(a1, b1), math.hypot(a2, b2)
        h1, h2 = math.degrees(math.atan2(b1, a1)) % 360, math.degrees(math.atan2(b2, a2)) % 360
        if c1 * c2 == 0.0:
            turn, hue = 0.0, h1 + h2
        else:
            turn, hue = h2 - h1, (h1 + h2) / 2
            if abs(turn) > 180:  # the shorter way round
                turn -= math.copysign(360.0, turn)
                hue += 180.0
        light, colour, at = (l1 + l2) / 2, (c1 + c2) / 2, math.radians(hue)
        t = (1 - 0.17 * math.cos(at - math.pi / 6) + 0.24 * math.cos(2 * at)
             + 0.32 * math.cos(3 * at + math.pi / 30) - 0.20 * math.cos(4 * at - 0.35 * math.pi))  # fmt: skip
        in_l = (l2 - l1) / (1 + 0.015 * (light - 50) ** 2 / math.sqrt(20 + (light - 50) ** 2))
        in_c = (c2 - c1) / (1 + 0.045 * colour)
        in_h = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn / 2)) / (1 + 0.015 * colour * t)
        blue = math.exp(-(((hue % 360 - 275) / 25) ** 2))
        mixed = -2 * math.sin(math.radians(60 * blue)) * _vivid(colour)
        out[i] = math.sqrt(max(in_l**2 + in_c**2 + in_h**2 + mixed * in_c * in_h, 0.0))
    return out


@njit(cache=True)
def _vivid(chroma):  # pragma: no cover
    """0 for greys to 1 for vivid colours."""
    seventh = (chroma / 25) ** 7
    return math.sqrt(seventh / (seventh + 1))
