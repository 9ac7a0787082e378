"""The pass that draws: sky, walls, ground and billboards, each pixel's colour, class, class below and depth.

The image plane is vertical, so a point at height z and depth t (along the optical axis) lies at
`row = cy + f (h - z) / t`, `column = cx + f x / t`: a row of ground has one depth, a column of wall has one.
Codes are looked up in the look's tables; the arithmetic on colours is in whole numbers, so that the plain twin in
`tests/garden_env/plain_render.py` can agree to the bit.
"""

import math

import numpy as np
from numba import njit

from garden_env.render.boards import SMALL_PX, draw_large, draw_small, find_boards
from garden_env.render.ground import draw_ground
from garden_env.render.look_arrays import LEAN_X, LEAN_Y
from garden_env.render.precipitation import draw_weather
from garden_env.render.sky import draw_sky
from garden_env.render.walls import draw_walls


@njit(cache=True, error_model="numpy")
def draw_view(scene, look, pose, cam, rgb, mask, under, depth):
    """Draw one view.

    Args:
        scene: `SceneArrays`; look: `LookArrays`.
        pose: (3,) float64, x [m], y [m], heading [rad].
        cam: (4,) float64, focal length, column and row of the principal point [px], height [m].
        rgb: (H, W, 3) uint8, written; mask, under: (H, W) uint8, written; depth: (H, W) float32, written [m].
    """
    width = mask.shape[1]
    ground_top, sky_end = np.empty(width, np.int64), np.empty(width, np.int64)
    boards = look.board_place.shape[0]
    order, deep, aside = np.empty(boards, np.int64), np.empty(boards), np.empty(boards)
    lean = look.numbers[LEAN_X] * math.sin(pose[2]) - look.numbers[LEAN_Y] * math.cos(pose[2])
    seen = find_boards(look.board_place, lean, pose, cam, width, order, deep, aside)
    depth[:] = np.inf
    draw_walls(scene, look, pose, cam, rgb, mask, under, depth, ground_top, sky_end)
    # Large sprites hide what is behind them: the nearest come first, and nothing that they hide is drawn. Small ones
    # let what is behind them shine through: they come last, the farthest first.
    for n in range(seen - 1, -1, -1):
        board, t = order[n], deep[n]
        if cam[0] * look.board_place[board, 2] / t >= SMALL_PX:
            draw_large(scene, look, cam, board, t, aside[n], lean, rgb, mask, under, depth)
    draw_sky(scene, look, pose, cam, rgb, mask, under, depth, sky_end)
    draw_ground(scene, look, pose, cam, rgb, mask, under, depth, ground_top)
    for n in range(seen):
        board, t = order[n], deep[n]
        if cam[0] * look.board_place[board, 2] / t < SMALL_PX:
            draw_small(scene, look, cam, board, t, aside[n], lean, rgb, mask, under, depth)
    draw_weather(look, cam, rgb, depth)
