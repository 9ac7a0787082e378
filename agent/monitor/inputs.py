"""What frames look like, in seven numbers each: nothing is learned here, and nothing but the frames is looked at.

They are what a photographer would name: how bright, which hue, how colourful, how contrasty, how sharp, and how bright
the sky is beside the ground. An eighth, the norm of an embedding, comes from `agent.monitor.fixed_features`.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

FROM_PIXELS = ("lightness", "green_red", "blue_yellow", "saturation", "contrast", "edges", "sky_to_ground")
STATISTICS = (*FROM_PIXELS, "embedding_norm")
"""Of a frame, in the order of the columns everywhere."""
DARK = 1e-3  # linear luminance that is added above and below before they are divided: black has no ratio


def pixel_statistics(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Describe frames.

    Args:
        images: (n, 3, H, W) uint8, sRGB.

    Returns:
        (n, 7) float64, columns `FROM_PIXELS`: mean CIELAB L* (0..100), a* and b*; mean saturation (HSV, 0..1);
        standard deviation of L*; mean squared gradient of L* by Sobel's operator [L*^2 per px^2]; and the natural
        logarithm of the mean linear luminance of the upper third of the rows over that of the lower third.

    Raises:
        ValueError: not frames of that shape and type.

    >>> grey = np.full((1, 3, 6, 6), 119, np.uint8)
    >>> pixel_statistics(grey).round(1).tolist()
    [[49.9, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]
    """
    if images.ndim != 4 or images.shape[1] != 3 or images.dtype != np.uint8:
        raise ValueError(f"frames are (n, 3, H, W) uint8; given {images.shape} {images.dtype}")
    return np.array([_describe(np.ascontiguousarray(frame.transpose(1, 2, 0))) for frame in images]).reshape(-1, 7)


def _describe(rgb: NDArray[np.uint8]) -> list[float]:
    """One frame (H, W, 3)."""
    unit = rgb.astype(np.float32) / np.float32(255)
    lab = cv2.cvtColor(unit, cv2.COLOR_RGB2LAB)
    light = np.ascontiguousarray(lab[..., 0], np.float32)
    most = unit.max(axis=2)
    saturation = (most - unit.min(axis=2)) / np.maximum(most, np.float32(1e-6))
    across, down = (cv2.Sobel(light, cv2.CV_32F, *axis, ksize=3, scale=1 / 8) for axis in ((1, 0), (0, 1)))
    third = max(len(rgb) // 3, 1)
    above, below = (float(_luminance(rows).mean()) + DARK for rows in (light[:third], light[-third:]))
    return [
        *(float(level) for level in lab.mean(axis=(0, 1), dtype=np.float64)),
        float(saturation.mean(dtype=np.float64)),
        float(light.std(dtype=np.float64)),
        float((across * across + down * down).mean(dtype=np.float64)),
        float(np.log(above / below)),
    ]


def _luminance(lightness: NDArray[np.float32]) -> NDArray[np.float32]:
    """Relative luminance Y from L*, 0..1 (CIE 15, the inverse of L*)."""
    root = (lightness + 16) / 116
    return np.where(lightness > 8, root**3, lightness / 903.3).astype(np.float32)
