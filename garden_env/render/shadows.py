"""Shadows on the ground: walls cast parallelograms, plants and props ellipses, longer the lower the sun."""

import math

import numpy as np
from numba import njit

LONGEST = 14.0  # shadow length over height: below about four degrees of sun


@njit(cache=True, error_model="numpy")
def _span(shadow, row, x0, x1, value):
    first, last = max(math.ceil(x0 - 0.5), 0), min(math.floor(x1 - 0.5), shadow.shape[1] - 1)
    if first > last:
        return
    deep, cells = np.uint8(value), shadow[row, first : last + 1]
    for k in range(len(cells)):  # without a branch, so that the compiler takes many cells at once
        cells[k] = deep if deep > cells[k] else cells[k]


@njit(cache=True, error_model="numpy")
def _ellipse(shadow, x, y, ux, uy, along, across, value):
    """Fill an ellipse: middle (x, y), axis (ux, uy), semi-axes along and across it, all in cells."""
    a2, b2 = 1.0 / (along * along), 1.0 / (across * across)
    qa, qb, qc = ux * ux * a2 + uy * uy * b2, ux * uy * (a2 - b2), uy * uy * a2 + ux * ux * b2
    tall = math.sqrt(qa / (qa * qc - qb * qb))
    for row in range(max(int(y - tall), 0), min(int(y + tall) + 1, shadow.shape[0] - 1) + 1):
        dy = row + 0.5 - y
        root = qb * qb * dy * dy - qa * (qc * dy * dy - 1.0)
        if root <= 0.0:
            continue
        root = math.sqrt(root)
        _span(shadow, row, x + (-qb * dy - root) / qa, x + (-qb * dy + root) / qa, value)


@njit(cache=True, error_model="numpy")
def _quad(shadow, xs, ys, value, x0, x1):
    """Fill a convex polygon, corners in cells; x0, x1 (R,) float64 are room for where rows begin and end."""
    count = len(xs)
    first, last = max(math.ceil(ys.min() - 0.5), 0), min(math.floor(ys.max() - 0.5), shadow.shape[0] - 1)
    x0[first : last + 1], x1[first : last + 1] = 1e9, -1e9
    for k in range(count):  # edge by edge, as a row knows only by comparing which edges cross it
        xa, ya, xb, yb = xs[k], ys[k], xs[(k + 1) % count], ys[(k + 1) % count]
        begin, end = max(math.ceil(min(ya, yb) - 0.5), first), min(math.floor(max(ya, yb) - 0.5), last)
        for row in range(begin, end + 1):
            y = row + 0.5
            if (ya <= y) == (yb <= y):
                continue
            x = xa + (xb - xa) * (y - ya) / (yb - ya)
            x0[row], x1[row] = min(x0[row], x), max(x1[row], x)
    for row in range(first, last + 1):
        if x1[row] > x0[row]:
            _span(shadow, row, x0[row], x1[row], value)


@njit(cache=True, error_model="numpy")
def cast_shadows(walls, boards, sun, cell_m, strength, shadow, lit):
    """Rasterise the shadows of a moment.

    Args:
        walls: (W, 7) float64, as in `SceneArrays`.
        boards: (B, 5) float64: x, y [m], height of the top and of the lowest leaves [m], half-width [m].
        sun: (3,) float64, unit vector to the sun.
        cell_m: side of a cell [m].
        strength: (B,) float64, how much light a thing keeps off, 0..1.
        shadow: (R, C) uint8, written: share of the direct light that is missing.
        lit: (B,) float64, written: share of direct light that reaches a thing, as walls shade it.
    """
    shadow[:] = 0
    flat = math.hypot(sun[0], sun[1])
    reach = min(flat / max(sun[2], 1e-3), LONGEST)
    ux, uy = (-sun[0] / flat, -sun[1] / flat) if flat > 1e-9 else (1.0, 0.0)
    xs, ys, begins, ends = np.empty(4), np.empty(4), np.empty(shadow.shape[0]), np.empty(shadow.shape[0])
    for w in range(walls.shape[0]):
        h0, h1 = walls[w, 4], walls[w, 4] + walls[w, 5]
        xs[0], ys[0], xs[1], ys[1] = walls[w, 0], walls[w, 1], walls[w, 2], walls[w, 3]
        xs[2], ys[2] = walls[w, 2] + ux * reach * h1, walls[w, 3] + uy * reach * h1
        xs[3], ys[3] = walls[w, 0] + ux * reach * h0, walls[w, 1] + uy * reach * h0
        _quad(shadow, xs / cell_m, ys / cell_m, 255, begins, ends)
    for b in range(boards.shape[0]):
        row, col = int(boards[b, 1] / cell_m), int(boards[b, 0] / cell_m)
        shaded = shadow[min(row, shadow.shape[0] - 1), min(col, shadow.shape[1] - 1)] / 255.0
        wall_top = 1.4 / max(boards[b, 2], 1.4)  # the top of a tree looks over the fence
        lit[b] = 1.0 - shaded * wall_top
    for b in range(boards.shape[0]):
        if strength[b] <= 0.0:
            continue
        top, bottom, half = boards[b, 2], boards[b, 3], boards[b, 4]
        middle, stretch = 0.5 * (top + bottom) * reach, 0.5 * (top - bottom) * reach
        x, y = boards[b, 0] / cell_m, boards[b, 1] / cell_m
        along, across = math.hypot(stretch, half) / cell_m, half / cell_m
        cx, cy = x + ux * middle / cell_m, y + uy * middle / cell_m
        value = int(255.0 * strength[b])
        _ellipse(shadow, cx, cy, ux, uy, along + 1.0, across + 1.0, value // 2)
        _ellipse(shadow, cx, cy, ux, uy, max(along * 0.92, 0.6), max(across * 0.92, 0.6), value)
        if bottom > 0.2:  # a trunk under a crown
            _ellipse(shadow, x + ux * 0.5 * middle / cell_m, y + uy * 0.5 * middle / cell_m, ux, uy,
                     max(0.5 * middle / cell_m, 1.0), 1.4, 200)  # fmt: skip
