"""How different two colours look: CIEDE2000 (Sharma, Wu & Dalal 2005)."""

import cv2
import numpy as np


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB of a picture under D65: (H, W, 3) uint8 sRGB to (H, W, 3) float64, L* 0..100.

    >>> lab(np.full((1, 1, 3), 255, np.uint8)).round(1).tolist()
    [[[100.0, 0.0, 0.0]]]
    """
    return cv2.cvtColor(rgb.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB).astype(np.float64)


def delta_e(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Colour difference by CIEDE2000 with unit weights; about 1 can just be seen, black and white are 100 apart.

    Args:
        first, second: (..., 3) float64, CIELAB.

    Returns:
        (...) float64.

    >>> delta_e(np.array([50.0, 2.5, 0.0]), np.array([73.0, 25.0, -18.0])).round(4)  # Sharma et al., table 1, pair 17
    np.float64(27.1492)
    """
    chroma = (np.hypot(first[..., 1], first[..., 2]) + np.hypot(second[..., 1], second[..., 2])) / 2
    stretch = 1.5 - 0.5 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7))
    l1, a1, b1 = first[..., 0], first[..., 1] * stretch, first[..., 2]
    l2, a2, b2 = second[..., 0], second[..., 1] * stretch, second[..., 2]
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    grey = c1 * c2 == 0
    turn = np.where(grey, 0.0, (h2 - h1 + 180) % 360 - 180)
    turn = np.where(turn == -180, 180.0, turn)
    hue = np.where(grey, h1 + h2, h1 + (h2 - h1) / 2 + np.where(np.abs(h2 - h1) > 180, 180.0, 0.0))
    light, colour = (l1 + l2) / 2, (c1 + c2) / 2
    off = np.where(grey, 0.0, 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2)))
    t = (1 - 0.17 * np.cos(np.radians(hue - 30)) + 0.24 * np.cos(np.radians(2 * hue))
         + 0.32 * np.cos(np.radians(3 * hue + 6)) - 0.20 * np.cos(np.radians(4 * hue - 63)))  # fmt: skip
    in_l = (l2 - l1) / (1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2))
    in_c = (c2 - c1) / (1 + 0.045 * colour)
    in_h = off / (1 + 0.015 * colour * t)
    blue = 30 * np.exp(-((((hue % 360) - 275) / 25) ** 2))
    mixed = -np.sin(np.radians(2 * blue)) * 2 * np.sqrt(colour**7 / (colour**7 + 25.0**7))
    return np.sqrt(np.maximum(in_l**2 + in_c**2 + in_h**2 + mixed * in_c * in_h, 0.0))
