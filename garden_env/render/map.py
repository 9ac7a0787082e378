"""The garden from above: ground as the camera would see it, walls as lines, plants as discs."""

import math

from numba import njit

from garden_env.render.codes import P_LEAF, P_PETAL, P_WOOD, TEXEL_M, TILE_LEVELS, W_TRIM, WALL_CLASS
from garden_env.render.kernel import ground_pixel, level_of
from garden_env.render.texture import hash01

WALL_HALF_M = 0.05


@njit(cache=True)
def draw_plan(scene, look, per_m, depth_m, rgb, mask):
    """Draw into rgb (H, W, 3) and mask (H, W), both uint8, row 0 in the north."""
    height, width = mask.shape
    footprint = 1.0 / per_m
    tile_level = level_of(footprint / TEXEL_M, TILE_LEVELS - 1)
    ground_level = level_of(footprint / scene.cell_m[0], scene.ground_size.shape[0] - 1)
    for row in range(height):
        y = max(depth_m - (row + 0.5) * footprint, 0.0)
        for col in range(width):
            x = (col + 0.5) * footprint
            r, g, b, label, _ = ground_pixel(scene, look, x, y, ground_level, tile_level, footprint, True)
            rgb[row, col, 0], rgb[row, col, 1], rgb[row, col, 2] = r, g, b
            mask[row, col] = label
    for w in range(scene.walls.shape[0]):
        x0, y0, x1, y1 = scene.walls[w, 0], scene.walls[w, 1], scene.walls[w, 2], scene.walls[w, 3]
        steps = int(scene.walls[w, 6] * per_m * 2.0) + 2
        for k in range(steps):
            x, y = x0 + (x1 - x0) * k / (steps - 1), y0 + (y1 - y0) * k / (steps - 1)
            _disc(rgb, mask, x, y, WALL_HALF_M, per_m, depth_m, look.wall_rgb[w, 0, W_TRIM, 16], WALL_CLASS, 1.0, 0)
    for board in range(look.board_place.shape[0]):
        x, y, size_m = look.board_place[board, 0], look.board_place[board, 1], look.board_place[board, 2]
        leaf, bloom = look.board_code[board, 2] / 256.0, look.board_code[board, 3] / 256.0
        half, label, rgbs = 0.36 * size_m, look.board_label[board], look.board_rgb[board]
        _disc(rgb, mask, x, y, 0.06 * size_m + 0.01, per_m, depth_m, rgbs[P_WOOD], label[P_WOOD], 1.0, board)
        _disc(rgb, mask, x, y, half, per_m, depth_m, rgbs[P_LEAF], label[P_LEAF], 0.9 * leaf, board)
        _disc(rgb, mask, x, y, half, per_m, depth_m, rgbs[P_PETAL], label[P_PETAL], 0.35 * bloom, board + 7919)


@njit(cache=True)
def _disc(rgb, mask, x, y, half, per_m, depth_m, colour, label, share, seed):
    """Strew a share of the pixels of a disc, clumped, brighter in the middle."""
    if half <= 0.0:
        return
    height, width = mask.shape
    row0, row1 = int((depth_m - y - half) * per_m), int((depth_m - y + half) * per_m) + 1
    for row in range(max(row0, 0), min(row1, height)):
        for col in range(max(int((x - half) * per_m), 0), min(int((x + half) * per_m) + 1, width)):
            dx, dy = (col + 0.5) / per_m - x, depth_m - (row + 0.5) / per_m - y
            away = math.sqrt(dx * dx + dy * dy) / half
            noise = hash01(int(dx * 40.0 + 4000.0), int(dy * 40.0 + 4000.0), seed)
            if away < 1.0 and noise < share * (1.3 - away * 0.6):
                light = 0.75 + 0.35 * hash01(int(dx * 60.0 + 4000.0), int(dy * 60.0 + 4000.0), seed + 1)
                for channel in range(3):
                    rgb[row, col, channel] = min(255, int(colour[channel] * light))
                mask[row, col] = label
