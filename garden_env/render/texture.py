"""Texture tiles: what grass, gravel, planks and clouds look like up close, hashed from place.

One tile is 512 x 512 texels of 4 mm and repeats without a seam. Levels halve it down to 8 x 8, so that a far pixel
reads one texel of about its own size. All layers and levels lie behind each other in one array of bytes.
"""

from functools import cache

import cv2
import numpy as np
from numba import njit

from garden_env.layout import BOARDS, BRICK, DOOR, FENCE, HEDGE
from garden_env.render.codes import (
    S_LAWN,
    S_LITTER,
    S_PATH,
    S_PETALS,
    S_PUDDLE,
    S_SNOW,
    S_SOIL,
    S_STONE,
    S_WATER,
    T_RANK,
    T_SMOOTH,
    T_WALL,
    TILE_LAYERS,
    TILE_LEVELS,
    TILE_PX,
)


@njit(cache=True)
def hash01(x, y, seed):
    """Noise in [0, 1) from two whole numbers and a seed: the same on every machine."""
    h = np.uint32(x * 0x9E3779B1 + y * 0x85EBCA77 + seed * 0xC2B2AE3D)  # compiled integers wrap at 64 bits: cut to 32
    h = np.uint32((h ^ (h >> np.uint32(15))) * np.uint32(0x2C1B3C6D))
    h = np.uint32((h ^ (h >> np.uint32(12))) * np.uint32(0x297A2D39))
    h = np.uint32(h ^ (h >> np.uint32(15)))
    return np.float64(h) / 4294967296.0


@njit(cache=True)
def white(rows, cols, seed):
    """(rows, cols) float64 of independent noise in [0, 1)."""
    out = np.empty((rows, cols))
    for y in range(rows):
        for x in range(cols):
            out[y, x] = hash01(x, y, seed)
    return out


def cloudy(rows: int, cols: int, grain_px: float, seed: int, *, wrap: bool = True) -> np.ndarray:
    """Smooth noise with zero mean and unit variance whose bumps are about `grain_px` wide."""
    coarse = max(1.0, grain_px / 4)
    small = white(max(4, round(rows / coarse)), max(4, round(cols / coarse)), seed)
    border = cv2.BORDER_WRAP if wrap else cv2.BORDER_REFLECT
    pad = 16 if wrap else 0
    sigma = grain_px / coarse / 2
    if wrap:
        small = np.pad(small, pad, mode="wrap")
    small = cv2.GaussianBlur(small, (0, 0), sigma, borderType=cv2.BORDER_REFLECT if wrap else border)
    scale_y, scale_x = rows / (small.shape[0] - 2 * pad), cols / (small.shape[1] - 2 * pad)
    size = (round(small.shape[1] * scale_x), round(small.shape[0] * scale_y))
    large = cv2.resize(small, size, interpolation=cv2.INTER_CUBIC)
    top, left = round(pad * scale_y), round(pad * scale_x)
    large = large[top : top + rows, left : left + cols]
    return (large - large.mean()) / max(float(large.std()), 1e-9)


@njit(cache=True)
def strokes(out, count, length, width, lean, seed):
    """Lay short bright and dark strokes over a tile: blades of grass (each covers what was there)."""
    size = out.shape[0]
    for n in range(count):
        x, y = hash01(n, 1, seed) * size, hash01(n, 2, seed) * size
        angle = (hash01(n, 3, seed) - 0.5) * 2.0 * lean + (1.5708 if hash01(n, 6, seed) < 0.5 else 0.0)
        long = length * (0.5 + hash01(n, 4, seed))
        shade = hash01(n, 5, seed)
        dx, dy = np.cos(angle), np.sin(angle)
        for k in range(int(long) + 1):
            for w in range(width):
                px, py = int(x + dx * k - dy * w) % size, int(y + dy * k + dx * w) % size
                out[py, px] = 0.25 + 0.6 * shade + 0.25 * (k / long - 0.5)
    return out


@njit(cache=True)
def flakes(shade, rank, count, radius, slim, seed):
    """Strew leaf-shaped grains, the highest ranks first, so that lower ones lie on top of them."""
    size = shade.shape[0]
    for n in range(count):
        x, y = hash01(n, 1, seed) * size, hash01(n, 2, seed) * size
        angle = hash01(n, 3, seed) * 6.2832
        long = radius * (0.7 + 0.6 * hash01(n, 4, seed))
        tone = hash01(n, 5, seed)
        c, s = np.cos(angle), np.sin(angle)
        reach = int(long) + 1
        own_rank = 254.0 * (1.0 - (n + 1.0) / count) ** 0.5
        for oy in range(-reach, reach + 1):
            for ox in range(-reach, reach + 1):
                a, b = (ox * c + oy * s) / long, (oy * c - ox * s) / (long * slim)
                if a * a + b * b <= 1.0 and abs(b) <= 1.0 - a * a * 0.8:
                    py, px = (int(y) + oy) % size, (int(x) + ox) % size
                    rank[py, px] = own_rank
                    shade[py, px] = 0.25 + 0.5 * tone + 0.16 * b - (0.12 if abs(b) < 0.12 else 0.0)


@njit(cache=True)
def pebbles(size, cells, seed):
    """Gravel: rounded stones from a jittered lattice, each with its own tone, dark joints between them."""
    out = np.empty((size, size))
    step = size / cells
    for y in range(size):
        for x in range(size):
            cx, cy = int(x / step), int(y / step)
            best, second, tone = 1e9, 1e9, 0.0
            for j in range(-1, 2):
                for i in range(-1, 2):
                    kx, ky = (cx + i) % cells, (cy + j) % cells
                    ax = (cx + i + 0.15 + 0.7 * hash01(kx, ky, seed)) * step - x
                    ay = (cy + j + 0.15 + 0.7 * hash01(kx, ky, seed + 1)) * step - y
                    d = np.sqrt(ax * ax + ay * ay)
                    if d < best:
                        best, second, tone = d, best, hash01(kx, ky, seed + 2)
                    elif d < second:
                        second = d
            joint = min(1.0, (second - best) / (0.35 * step))
            out[y, x] = (0.3 + 0.55 * tone) * (0.45 + 0.55 * joint) + 0.1 * (1.0 - best / step)
    return out


def ranked(values: np.ndarray) -> np.ndarray:
    """Replace values by their rank, 0 to 254: a threshold f then covers the fraction f / 255."""
    order = np.empty(values.size, np.float64)
    order[np.argsort(values, axis=None, kind="stable")] = np.arange(values.size)
    return np.floor(order / values.size * 255).reshape(values.shape)


def _planks(width_px: int, seed: int, *, along: bool) -> np.ndarray:
    """Boards beside each other (or above each other) with grain, nail holes and dark gaps."""
    size = TILE_PX
    across = np.arange(size)
    board, place = across // width_px, across % width_px
    tone = white(1, size // width_px + 1, seed)[0][board]
    gap = np.where((place < 2) | (place > width_px - 2), -0.34, 0.0) + 0.08 * (1 - np.abs(place / width_px - 0.5) * 2)
    grain = cv2.blur(white(size, size, seed + 1), (1, 61), borderType=cv2.BORDER_REFLECT) - 0.5
    blotch = 0.05 * cloudy(size, size, 90, seed + 2)
    face = 0.46 + 0.2 * (tone - 0.5)[None, :] + gap[None, :] + 1.3 * grain + blotch
    return face if not along else face.T


def _bricks(seed: int) -> np.ndarray:
    size, tall, long = TILE_PX, 16, 52  # 64 mm courses, 21 cm stretchers
    y, x = np.mgrid[0:size, 0:size]
    course = y // tall
    shifted = x + (course % 2) * (long // 2)
    number = shifted // long
    tone = white(size // tall + 1, size // long + 3, seed)[course, number]
    mortar = (y % tall < 3) | (shifted % long < 3)
    face = (
        0.34 + 0.3 * (tone - 0.5) + 0.05 * (white(size, size, seed + 1) - 0.5) + 0.04 * cloudy(size, size, 24, seed + 2)
    )
    return np.where(mortar, 0.72 + 0.08 * (white(size, size, seed + 3) - 0.5), face)


def _hedge(seed: int) -> np.ndarray:
    shade, rank = np.full((TILE_PX, TILE_PX), 0.12), np.zeros((TILE_PX, TILE_PX))
    flakes(shade, rank, 15000, 6.5, 0.55, seed)
    return shade + 0.09 * cloudy(TILE_PX, TILE_PX, 70, seed + 1) + 0.04 * cloudy(TILE_PX, TILE_PX, 24, seed + 2)


def _paving(seed: int) -> np.ndarray:
    size, slab = TILE_PX, 128
    y, x = np.mgrid[0:size, 0:size]
    row = y // (slab // 2)
    shifted = x + (row % 2) * slab // 2
    tone = white(size // 32, size // slab + 3, seed)[row, shifted // slab]
    joint = np.minimum(
        np.minimum(y % (slab // 2), slab // 2 - y % (slab // 2)), np.minimum(shifted % slab, slab - shifted % slab)
    )
    face = (
        0.52 + 0.24 * (tone - 0.5) + 0.06 * cloudy(size, size, 40, seed + 1) + 0.1 * (white(size, size, seed + 2) - 0.5)
    )
    return np.where(joint < 2, 0.16, face)


def _fractal(seed: int, *, octaves: tuple[float, ...] = (256, 128, 64, 32, 16)) -> np.ndarray:
    return sum(
        (grain / octaves[0]) ** 0.8 * cloudy(TILE_PX, TILE_PX, grain, seed + i) for i, grain in enumerate(octaves)
    )  # pyright: ignore[reportReturnType]


def _paint() -> np.ndarray:
    """(TILE_LAYERS, 512, 512) float64 in 0..255."""
    size = TILE_PX
    tile = np.zeros((TILE_LAYERS, size, size))
    blades = strokes(np.full((size, size), 0.4), 42000, 11.0, 1, 0.7, 11)
    tile[S_LAWN] = blades + 0.05 * cloudy(size, size, 60, 12)
    crumbs = 0.45 * pebbles(size, 96, 21) + 0.35 * pebbles(size, 37, 24) + 0.1
    tile[S_SOIL] = crumbs + 0.06 * cloudy(size, size, 80, 27) + 0.14 * (white(size, size, 28) - 0.5)
    tile[S_PATH] = pebbles(size, 128, 31) * 0.9 + 0.06 * cloudy(size, size, 50, 34)
    tile[S_WATER] = 0.5 + 0.12 * cloudy(size, size, 36, 41) + 0.05 * cloudy(size, size, 12, 42)
    tile[S_STONE] = _paving(51)
    tile[S_PUDDLE] = 0.5 + 0.1 * cloudy(size, size, 60, 61)
    tile[S_SNOW] = (
        0.62
        + 0.07 * cloudy(size, size, 70, 81)
        + 0.04 * cloudy(size, size, 16, 82)
        + 0.1 * (white(size, size, 83) - 0.5)
    )
    ranks = np.full((2, size, size), 254.0)
    tile[S_LITTER] = 0.3
    flakes(tile[S_LITTER], ranks[0], 8600, 6.2, 0.5, 71)
    tile[S_PETALS] = 0.6
    flakes(tile[S_PETALS], ranks[1], 18000, 3.2, 0.75, 75)
    rough = {
        0: cloudy(size, size, 90, 62) + 0.3 * cloudy(size, size, 20, 63),
        3: cloudy(size, size, 30, 84) + 0.7 * blades * 2 + 0.5 * white(size, size, 85),
    }
    for cover in range(4):
        tile[T_RANK + cover] = (ranked(rough[cover]) if cover in rough else _ranked_grains(ranks[cover - 1])) / 255
    tile[T_WALL + FENCE] = _planks(32, 91, along=False)
    tile[T_WALL + HEDGE] = _hedge(95)
    tile[T_WALL + BRICK] = _bricks(101)
    tile[T_WALL + BOARDS] = _planks(32, 111, along=True)
    tile[T_WALL + DOOR] = tile[T_WALL + BOARDS]
    sky = ranked(_fractal(121))
    tile[T_SMOOTH] = sky / 255
    return np.clip(tile, 0, 1) * 255


def _ranked_grains(rank: np.ndarray) -> np.ndarray:
    """Even out the ranks of grains, keeping every grain of one rank."""
    _, inverse, counts = np.unique(rank, return_inverse=True, return_counts=True)
    start = np.concatenate([[0], np.cumsum(counts)[:-1]])
    return np.floor(start / rank.size * 255)[inverse].reshape(rank.shape)


@cache
def tiles() -> tuple[np.ndarray, np.ndarray]:
    """Paint the tiles, once a process.

    Returns:
        texels: (N,) uint8, level after level, layer after layer, row after row.
        offset: (TILE_LEVELS,) int64, where each level starts.
    """
    base = _paint()
    levels, offset, at = [], [], 0
    shade = base
    for level in range(TILE_LEVELS):
        grains = base[T_RANK : T_RANK + 4, :: 1 << level, :: 1 << level]
        whole = shade.copy()
        whole[T_RANK : T_RANK + 4] = grains  # a rank is picked, not averaged: half a leaf is no leaf
        levels.append(np.rint(whole).astype(np.uint8).ravel())
        offset.append(at)
        at += levels[-1].size
        shade = (shade[:, ::2, ::2] + shade[:, 1::2, ::2] + shade[:, ::2, 1::2] + shade[:, 1::2, 1::2]) / 4
    return np.concatenate(levels), np.array(offset, np.int64)


@cache
def wall_tops() -> np.ndarray:
    """(5, 512) float64: how far a wall's top stands out above its height, every 2 cm along it [m]."""
    along = np.arange(512)
    tops = np.zeros((5, 512))
    tops[FENCE] = -0.012 * (along * 5 % 32 < 5) + 0.02 * (white(1, 81, 131)[0][along * 5 // 32] - 0.5)
    tops[HEDGE] = 0.02 * cloudy(4, 512, 14, 132)[0] + 0.012 * (white(1, 512, 133)[0] - 0.5)
    return tops
