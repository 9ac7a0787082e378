"""Rain and snow in the air."""

import numpy as np
from numba import njit

from garden_env.render.look_arrays import FLAKES, STREAKS, TICK
from garden_env.render.texture import hash01


@njit(cache=True, error_model="numpy")
def draw_weather(look, cam, rgb, depth):
    """Rain streaks and snowflakes between the camera and what it sees; they change no label."""
    height, width = depth.shape
    tick = np.int64(look.numbers[TICK])
    for kind in range(2):
        count = np.int64(look.numbers[STREAKS] if kind == 0 else look.numbers[FLAKES])
        for n in range(count):
            away = 0.4 + 5.0 * hash01(n, 1, tick + kind)
            x, y = hash01(n, 2, tick + kind) * width, hash01(n, 3, tick + kind) * height
            wide = 0.0015 if kind == 0 else 0.008
            tall = 0.12 if kind == 0 else 0.008
            px = max(1, np.int64(cam[0] * wide / away + 0.5))
            long = max(1, np.int64(cam[0] * tall / away + 0.5))
            alpha = 70 if kind == 0 else 190
            bright = 190 if kind == 0 else 250
            for row in range(max(np.int64(y), 0), min(np.int64(y) + long, height)):
                lean = (row - np.int64(y)) // 6 if kind == 0 else 0
                for col in range(max(np.int64(x) + lean, 0), min(np.int64(x) + lean + px, width)):
                    if depth[row, col] > away:
                        for channel in range(3):
                            old = np.int64(rgb[row, col, channel])
                            rgb[row, col, channel] = old + ((bright - old) * alpha >> 8)
