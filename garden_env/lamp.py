"""The robot's lamp: its light is added to that of the sky, pixel by pixel, by how far away the pixel is.

A garden lit by the lamp alone, all of it at a metre, is drawn beside the one under the sky (`garden_env.look`). Light
adds up, so the two are turned back into radiance, the second is dimmed by distance and angle, and the sum is developed
again. Labels and depth are the same under any light.
"""

import math

import numpy as np
from numba import njit

from garden_env.render.light import FINE_RESPONSE, RADIANCE

AIM_DOWN = 0.15  # slope of the lamp's axis
SPREAD = 0.55  # of its beam: where, off the axis, it has fallen by a standard deviation [slope]


def shine(rgb: np.ndarray, lamplit: np.ndarray, depth_m: np.ndarray, cam: np.ndarray) -> None:
    """Add the lamp's light in place.

    Args:
        rgb: (H, W, 3) uint8, the view under the sky; changed.
        lamplit: (H, W, 3) uint8, the same view by lamplight, as if all of it were a metre away.
        depth_m: (H, W) float32, inf is sky.
        cam: (4,) float64, see `garden_env.camera.pinhole`.
    """
    shine_on(rgb, lamplit, depth_m, cam, RADIANCE, FINE_RESPONSE)


@njit(cache=True, error_model="numpy")
def reach(x, y, depth_m):
    """The lamp's light as a share of that at a metre on its axis; x and y are the slopes of the line of sight.

    >>> round(reach(0.0, AIM_DOWN, 1.0), 2), round(reach(0.0, AIM_DOWN, 3.0), 2), reach(0.0, 0.0, np.inf)
    (0.99, 0.2, 0.0)
    """
    off = x * x + (y - AIM_DOWN) * (y - AIM_DOWN)
    return math.exp(-0.5 * off / (SPREAD * SPREAD)) * 2.0 / (1.0 + depth_m * depth_m * (1.0 + x * x + y * y))


@njit(cache=True, error_model="numpy")
def shine_on(rgb, lamplit, depth_m, cam, radiance, response):
    """`shine`, compiled; `radiance` and `response` are those of `garden_env.render.light`."""
    height, width = depth_m.shape
    f, cx, cy = cam[0], cam[1], cam[2]
    top = len(response) - 1
    for row in range(height):
        for col in range(width):
            part = reach((col + 0.5 - cx) / f, (row + 0.5 - cy) / f, np.float64(depth_m[row, col]))
            if part < 1e-4:
                continue
            for channel in range(3):
                light = radiance[rgb[row, col, channel]] + part * radiance[lamplit[row, col, channel]]
                rgb[row, col, channel] = response[min(np.int64(light * (0.5 * len(response)) + 0.5), top)]
