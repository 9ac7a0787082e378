"""What frames look like, in seven numbers each: nothing is learned here, and nothing but the frames is looked at.

They are what a photographer would name: how bright, which hue, how colourful, how contrasty, how sharp, and how bright
the sky is beside the ground. An eighth, the norm of an embedding, comes from `agent.monitor.fixed_features`.
"""

import cv2
import numpy as np
from numba import njit
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
    frames, _, height, width = images.shape
    if not frames:
        return np.zeros((0, len(FROM_PIXELS)))
    unit = images.transpose(0, 2, 3, 1).astype(np.float32, order="C") / np.float32(255)
    lab = cv2.cvtColor(unit.reshape(frames * height, width, 3), cv2.COLOR_RGB2LAB).reshape(unit.shape)
    light = np.ascontiguousarray(lab[..., 0], np.float32)
    across, down = (
        np.stack([cv2.Sobel(frame, cv2.CV_32F, *axis, ksize=3, scale=1 / 8) for frame in light])
        for axis in ((1, 0), (0, 1))
    )
    third = max(height // 3, 1)
    above, below = (
        _luminance(rows).reshape(frames, -1).mean(1).astype(np.float64) + DARK
        for rows in (light[:, :third], light[:, -third:])
    )
    told = np.empty((frames, len(FROM_PIXELS)))
    _describe(unit, lab, across, down, told)
    told[:, 4] = light.reshape(frames, -1).std(1, dtype=np.float64)
    told[:, 6] = np.log(above / below)
    return told


@njit(cache=True)
def _describe(unit, lab, across, down, told):
    """Fill in the numbers of every frame that are plain means; sums are taken in float64, pixels are float32."""
    for frame in range(len(unit)):
        lightness, green_red, blue_yellow, saturation, edges = 0.0, 0.0, 0.0, 0.0, 0.0
        height, width = unit.shape[1:3]
        for row in range(height):
            for column in range(width):
                red, green, blue = unit[frame, row, column]
                most = max(red, green, blue)
                saturation += (most - min(red, green, blue)) / max(most, np.float32(1e-6))
                lightness += lab[frame, row, column, 0]
                green_red += lab[frame, row, column, 1]
                blue_yellow += lab[frame, row, column, 2]
                x, y = across[frame, row, column], down[frame, row, column]
                edges += x * x + y * y
        pixels = height * width
        told[frame, 0], told[frame, 1], told[frame, 2] = lightness / pixels, green_red / pixels, blue_yellow / pixels
        told[frame, 3], told[frame, 5] = saturation / pixels, edges / pixels


def _luminance(lightness: NDArray[np.float32]) -> NDArray[np.float32]:
    """Relative luminance Y from L*, 0..1 (CIE 15, the inverse of L*)."""
    root = (lightness + 16) / 116
    return np.where(lightness > 8, root**3, lightness / 903.3).astype(np.float32)
