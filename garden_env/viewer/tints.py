"""Colours laid over pictures: those of classes, or all but one class grey."""

import cv2
import numpy as np

from garden_env.canvas import Rgb
from scenarios.tables import CLASSES

VEIL = 0.6  # how much of a pixel the colour of its class covers
DIM = 0.35  # of what is not the class that is shown alone
CLASS_RGB = np.zeros((256, 3), np.uint8)
for _row in CLASSES.values():
    CLASS_RGB[_row.id] = _row.rgb
ANSWERED = np.isin(np.arange(256), [row.id for row in CLASSES.values()])
_NAMED = np.where(ANSWERED, 255, 0).astype(np.uint8)


def coloured(classes: np.ndarray) -> np.ndarray:
    """Classes (H, W) uint8 in their colours, (H, W, 3) uint8; black for what is none."""
    return cv2.applyColorMap(np.ascontiguousarray(classes), CLASS_RGB[:, None])


def tinted(rgb: np.ndarray, classes: np.ndarray, opacity: float) -> np.ndarray:
    """A picture (H, W, 3) uint8 with classes (H, W) uint8 laid over it; what is no class stays as it is."""
    return laid_over(rgb, coloured(classes), opacity, cv2.LUT(np.ascontiguousarray(classes), _NAMED))


def laid_over(rgb: np.ndarray, cover: np.ndarray, opacity: float, where: np.ndarray) -> np.ndarray:
    """A picture with another (H, W, 3) uint8 laid over it where (H, W) uint8 is not 0."""
    mixed = cv2.addWeighted(rgb, 1.0 - opacity, cover, opacity, 0.0)
    return cv2.copyTo(mixed, where, rgb.copy())


def grey(rgb: np.ndarray, strength: float = 1.0) -> np.ndarray:
    """A picture without its colours, and darker."""
    without = cv2.cvtColor(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    return without if strength == 1.0 else cv2.convertScaleAbs(without, alpha=strength)


def alone(rgb: np.ndarray, where: np.ndarray) -> np.ndarray:
    """A picture in which only what is meant, (H, W) bool, has its colours."""
    return cv2.copyTo(rgb, where.view(np.uint8), grey(rgb, DIM))


def classes_there(classes: np.ndarray) -> list[tuple[str, Rgb, int]]:
    """Name, colour and number of pixels of every class."""
    counts = np.bincount(classes.ravel(), minlength=256)
    return [(name, row.rgb, int(counts[row.id])) for name, row in CLASSES.items()]
