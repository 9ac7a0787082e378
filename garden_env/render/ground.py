"""The ground: a row of it has one depth, and the tables are read where its pixels meet it."""

import math

import numpy as np
from numba import njit

from garden_env.render.codes import (
    COVERS,
    GRAIN_M,
    HARDLY,
    MOSTLY,
    S_SOIL,
    SHADES,
    SURFACE_CLASS,
    T_RANK,
    TILE_LEVELS,
    TILE_PX,
    ZONE0,
)
from garden_env.render.look_arrays import FOG
from garden_env.render.sampling import PER_M, TILE_MASK, U, level_of
from scenarios.tables import IGNORE

RANK_LEVELS = 5  # ranks are picked, not averaged: coarser levels would be noise
FINE_PX = 100.0  # focal length [px] from which shadows are interpolated
CLASS_OF = np.array(SURFACE_CLASS)
KIND_OF_COVER, GRAIN_OF_COVER = np.array(COVERS), np.array(GRAIN_M)


@njit(cache=True, error_model="numpy")
def draw_ground(scene, look, pose, cam, rgb, mask, under, depth, ground_top):
    """Cast every pixel below the walls onto the ground."""
    height = mask.shape[0]
    f, cx, cy, eye = cam[0], cam[1], cam[2], cam[3]
    c, s = math.cos(pose[2]), math.sin(pose[2])
    lines = np.empty((height, 6))
    for row in range(max(ground_top.min(), 0), height):
        t = f * eye / (row + 0.5 - cy)
        lines[row, 0], lines[row, 1] = pose[0] + t * (c - cx / f * s), pose[1] + t * (s + cx / f * c)
        lines[row, 2], lines[row, 3] = t / f * s, -t / f * c
        lines[row, 4] = t / f * math.sqrt(t / eye)  # the side of a square as large as what the pixel sees
        lines[row, 5] = t
    draw_rows(scene, look, lines, ground_top, f >= FINE_PX, rgb, mask, under, depth)


@njit(cache=True, error_model="numpy")
def draw_rows(scene, look, lines, start, smooth, rgb, mask, under, depth):
    """Draw rows of ground, where nothing has a depth yet: there it is infinite.

    Args:
        scene, look: tables.
        lines: (H, 6) float64, of every row the x and y of its left end, the step in x and y from one pixel to the next,
            the side of the ground that a pixel covers, and the depth [m]. A depth of 0 is no ground.
        start: (W,) int64, the first row of ground in each column.
        smooth: interpolate shadows.
        rgb, mask, under, depth: written.
    """
    height, width = mask.shape
    rows, cols = look.shadow.shape
    shadow_per_m, patch_per_m = 1.0 / scene.cell_m[1], 1.0 / scene.cell_m[2]
    wide, high = cols * scene.cell_m[1], rows * scene.cell_m[1]
    texels, ground, covers_on, patch = scene.texels, scene.ground, look.covers_on, scene.patch.reshape(-1)
    palette, cover, shadow = look.palette.reshape(-1), look.cover.reshape(-1), look.shadow.reshape(-1)
    fog = look.numbers[FOG]
    haze_r, haze_g, haze_b = np.int64(look.haze[0]), np.int64(look.haze[1]), np.int64(look.haze[2])
    x, y = np.empty(width), np.empty(width)
    part_x, part_y, shadow_at = np.empty(width, np.int32), np.empty(width, np.int32), np.empty(width, np.int32)
    texel_at, rank_at = np.empty(width, np.int32), np.empty(width, np.int32)
    code_at, patch_at = np.empty(width, np.int32), np.empty(width, np.int32)
    for row in range(start.min(), height):
        footprint, t = lines[row, 4], lines[row, 5]
        level = level_of(footprint * PER_M, TILE_LEVELS - 1)
        rank_level = min(level, RANK_LEVELS - 1)
        ground_level = level_of(footprint / scene.cell_m[0], scene.ground_size.shape[0] - 1)
        ground_per_m = 1.0 / (scene.cell_m[0] * (1 << ground_level))
        size_r, size_c = scene.ground_size[ground_level, 0], scene.ground_size[ground_level, 1]
        locate(lines[row], wide, high, x, y)
        cells(x, y, ground_per_m, size_r, size_c, code_at)
        cells(x, y, patch_per_m, scene.patch.shape[0], scene.patch.shape[1], patch_at)
        tile(x, y, level, texel_at)
        tile(x, y, rank_level, rank_at)
        if smooth:
            between(x, y, shadow_per_m, rows, cols, shadow_at, part_x, part_y)
        else:
            cells(x, y, shadow_per_m, rows, cols, shadow_at)
        ground_from, texel_from = scene.ground_offset[ground_level], scene.texel_offset[level]
        rank_from = scene.texel_offset[rank_level]
        area, rank_area = (TILE_PX >> level) ** 2, (TILE_PX >> rank_level) ** 2
        hazed = np.int64(256.0 * (1.0 - math.exp(-fog * t)))
        pixels, labels, lower, depths = rgb[row].reshape(-1), mask[row], under[row], depth[row]
        for column in range(width):
            col = U(column)
            if row < start[col] or depths[col] < np.inf:
                continue
            code = np.int64(ground[U(ground_from + code_at[col])])
            at = shadow_at[col]
            if smooth:
                px, py = np.int64(part_x[col]), np.int64(part_y[col])
                near = np.int64(shadow[U(at)]) * (256 - px) + np.int64(shadow[U(at + 1)]) * px
                far = np.int64(shadow[U(at + cols)]) * (256 - px) + np.int64(shadow[U(at + cols + 1)]) * px
                dark = (near * (256 - py) + far * py) >> 16
            else:
                dark = np.int64(shadow[U(at)])
            material = S_SOIL if code >= ZONE0 else code
            here = 8 * patch_at[col]
            tint = np.int64(patch[U(here + 4)]) - 128
            texel = texel_from + texel_at[col]
            shade = min(max(np.int64(texels[U(texel + material * area)]) + tint, 0), 255)
            at = code * (2 * SHADES) + (shade >> 3)
            lit, dim = np.int64(palette[U(at)]), np.int64(palette[U(at + SHADES)])
            r, g, b = mix(lit, dim, 0, dark), mix(lit, dim, 8, dark), mix(lit, dim, 16, dark)
            below = CLASS_OF[U(material)]
            label = below
            for n in range(len(covers_on)):
                k = covers_on[U(n)]
                share = np.int64(cover[U((k * 5 + material) * 256 + np.int64(patch[U(here + k)]))])
                if share == 0:
                    continue
                kind = KIND_OF_COVER[U(k)]
                part = share
                if footprint <= GRAIN_OF_COVER[U(k)]:
                    if np.int64(texels[U(rank_from + (T_RANK + k) * rank_area + rank_at[col])]) >= share:
                        continue
                    part = 256
                shade = min(max(np.int64(texels[U(texel + kind * area)]) + (tint >> 1), 0), 255)
                at = kind * (2 * SHADES) + (shade >> 3)
                lit, dim = np.int64(palette[U(at)]), np.int64(palette[U(at + SHADES)])
                r += (mix(lit, dim, 0, dark) - r) * part >> 8
                g += (mix(lit, dim, 8, dark) - g) * part >> 8
                b += (mix(lit, dim, 16, dark) - b) * part >> 8
                if part >= MOSTLY:
                    label = CLASS_OF[U(kind)]
                elif part > HARDLY:
                    label = IGNORE
            pixels[U(3) * col] = r + ((haze_r - r) * hazed >> 8)
            pixels[U(3) * col + U(1)] = g + ((haze_g - g) * hazed >> 8)
            pixels[U(3) * col + U(2)] = b + ((haze_b - b) * hazed >> 8)
            labels[col] = label
            lower[col] = below
            depths[col] = t


# Where a row's pixels lie is worked out for the whole row, hidden pixels included: compilers make vector instructions
# of such loops, if their numbers are as narrow as this.


@njit(cache=True, error_model="numpy")
def locate(line, wide, high, x, y):
    """Write where a row's pixels meet the ground [m], held within the garden."""
    for col in range(len(x)):
        x[col] = min(max(line[0] + (col + 0.5) * line[2], 0.0), wide)
        y[col] = min(max(line[1] + (col + 0.5) * line[3], 0.0), high)


@njit(cache=True, error_model="numpy")
def cells(x, y, per_m, rows, cols, out):
    """Write the index of the cell of a grid in which each place lies."""
    last_row, last_col, stride = np.int32(rows - 1), np.int32(cols - 1), np.int32(cols)
    for col in range(len(x)):
        out[col] = min(np.int32(y[col] * per_m), last_row) * stride + min(np.int32(x[col] * per_m), last_col)


@njit(cache=True, error_model="numpy")
def tile(x, y, level, out):
    """Write the index of the texel of a tile, at a level, in which each place lies."""
    coarse, stride, inside = np.int32(level), np.int32(TILE_PX >> level), np.int32(TILE_MASK)
    for col in range(len(x)):
        right, up = np.int32(x[col] * PER_M) & inside, np.int32(y[col] * PER_M) & inside
        out[col] = (up >> coarse) * stride + (right >> coarse)


@njit(cache=True, error_model="numpy")
def between(x, y, per_m, rows, cols, out, part_x, part_y):
    """Write, for each place, the cell whose centre lies left and below of it, and how far on it lies, of 256."""
    last_row, last_col, stride, whole = np.int32(rows - 2), np.int32(cols - 2), np.int32(cols), np.int32(256)
    for col in range(len(x)):
        right, up = max(x[col] * per_m - 0.5, 0.0), max(y[col] * per_m - 0.5, 0.0)
        left, low = min(np.int32(right), last_col), min(np.int32(up), last_row)
        part_x[col] = min(np.int32((right - left) * 256.0), whole)
        part_y[col] = min(np.int32((up - low) * 256.0), whole)
        out[col] = low * stride + left


@njit(cache=True, error_model="numpy")
def mix(under, over, channel, share):
    """Go `share` of 256 of the way between two packed colours; the channel is at bit 0, 8 or 16."""
    low, high = (under >> channel) & 255, (over >> channel) & 255
    return low + ((high - low) * share >> 8)
