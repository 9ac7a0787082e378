"""The garden from above: ground as the camera would see it, walls as lines, plants as discs."""

import math

import numpy as np
from numba import njit

from garden_env.layout import BOARDS, DOOR
from garden_env.render.codes import P_LEAF, P_PETAL, P_WOOD, W_TRIM, WALL_CLASS
from garden_env.render.ground import draw_rows
from garden_env.render.texture import hash01

WALL_HALF_M = 0.05


@njit(cache=True)
def draw_plan(scene, look, per_m, depth_m, rgb, mask):
    """Draw into rgb (H, W, 3) and mask (H, W), both uint8, row 0 in the north."""
    height, width = mask.shape
    lines = np.zeros((height, 6))
    for row in range(height):
        lines[row, 1], lines[row, 2] = depth_m - (row + 0.5) / per_m, 1.0 / per_m
        lines[row, 4] = 1.0 / per_m
    unused, far = np.empty_like(mask), np.full(mask.shape, np.float32(np.inf))
    draw_rows(scene, look, lines, np.zeros(width, np.int64), True, rgb, mask, unused, far)
    _roof(scene, look, per_m, depth_m, rgb, mask)
    for w in range(scene.walls.shape[0]):
        x0, y0, x1, y1 = scene.walls[w, 0], scene.walls[w, 1], scene.walls[w, 2], scene.walls[w, 3]
        steps = np.int64(scene.walls[w, 6] * per_m * 2.0) + 2
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
def _roof(scene, look, per_m, depth_m, rgb, mask):
    """Cover what stands between the faces of the shed."""
    x0, y0, x1, y1, roof = 1e9, 1e9, -1e9, -1e9, 0
    for w in range(scene.walls.shape[0]):
        if scene.wall_kind[w] == BOARDS or scene.wall_kind[w] == DOOR:
            x0, x1 = min(x0, scene.walls[w, 0]), max(x1, scene.walls[w, 0])
            y0, y1, roof = min(y0, scene.walls[w, 1]), max(y1, scene.walls[w, 1]), w
    height, width = mask.shape
    for row in range(max(int((depth_m - y1) * per_m), 0), min(int((depth_m - y0) * per_m), height)):
        for col in range(max(int(x0 * per_m), 0), min(int(x1 * per_m), width)):
            colour = np.int64(look.wall_rgb[roof, 0, W_TRIM, 12 if (col // 4) % 2 else 14])
            for channel in range(3):
                rgb[row, col, channel] = (colour >> (8 * channel)) & 255
            mask[row, col] = WALL_CLASS


@njit(cache=True)
def _disc(rgb, mask, x, y, half, per_m, depth_m, colour, label, share, seed):
    """Strew a share of the pixels of a disc, clumped, brighter in the middle."""
    if half <= 0.0:
        return
    height, width = mask.shape
    row0, row1 = np.int64((depth_m - y - half) * per_m), np.int64((depth_m - y + half) * per_m) + 1
    for row in range(max(row0, 0), min(row1, height)):
        for col in range(max(np.int64((x - half) * per_m), 0), min(np.int64((x + half) * per_m) + 1, width)):
            dx, dy = (col + 0.5) / per_m - x, depth_m - (row + 0.5) / per_m - y
            away = math.sqrt(dx * dx + dy * dy) / half
            noise = hash01(np.int64(dx * 40.0 + 4000.0), np.int64(dy * 40.0 + 4000.0), seed)
            if away < 1.0 and noise < share * (1.3 - away * 0.6):
                light = 0.75 + 0.35 * hash01(np.int64(dx * 60.0 + 4000.0), np.int64(dy * 60.0 + 4000.0), seed + 1)
                for channel in range(3):
                    rgb[row, col, channel] = min(255, np.int64(((np.int64(colour) >> (8 * channel)) & 255) * light))
                mask[row, col] = label
