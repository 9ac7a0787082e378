"""Fences, hedges and house walls: a column of wall has one depth, so they are drawn column by column."""

import math

import numpy as np
from numba import njit

from garden_env.layout import BOARDS, BRICK, DOOR, HEDGE
from garden_env.render.codes import (
    SHADES,
    T_RANK,
    T_WALL,
    TILE_LEVELS,
    TILE_PX,
    W_BODY,
    W_DOOR,
    W_SNOW,
    W_TRIM,
    WALL_CLASS,
)
from garden_env.render.look_arrays import FOG, HEDGE_SNOW, SNOWCAP
from garden_env.render.sampling import NEAR_M, PER_M, TILE_MASK, U, level_of
from scenarios.tables import SNOW

MOST_WALLS = 12  # walls that one column of pixels can meet
CAP_M, DOOR_HALF_M, DOOR_HIGH_M, FRAME_M = 0.10, 0.40, 1.70, 0.05


@njit(cache=True, error_model="numpy")
def meet_walls(walls, x, y, dx, dy, hit_t, hit_s, hit_wall):
    """Depths at which a column's ray (x, y) + t (dx, dy) crosses walls, nearest first; returns how many."""
    count = 0
    for w in range(walls.shape[0]):
        ex, ey = walls[w, 2] - walls[w, 0], walls[w, 3] - walls[w, 1]
        det = dy * ex - dx * ey
        if det == 0.0:
            continue
        ox, oy = walls[w, 0] - x, walls[w, 1] - y
        t = (oy * ex - ox * ey) / det
        s = (dx * oy - dy * ox) / det
        if t < NEAR_M or s < 0.0 or s > 1.0 or count == MOST_WALLS:
            continue
        k = count
        while k > 0 and hit_t[k - 1] > t:
            hit_t[k], hit_s[k], hit_wall[k] = hit_t[k - 1], hit_s[k - 1], hit_wall[k - 1]
            k -= 1
        hit_t[k], hit_s[k], hit_wall[k] = t, s, w
        count += 1
    return count


@njit(cache=True, error_model="numpy", inline="always")
def wall_part(kind, z, top, along, length, snowcap):
    """What a wall shows at height z, `along` metres from its first end."""
    if z > top - snowcap:
        return W_SNOW
    if kind in (BOARDS, DOOR) and z > top - CAP_M:
        return W_TRIM
    if kind == BRICK and z > top - 0.07:
        return W_TRIM
    if kind == DOOR:
        off = abs(along - 0.5 * length)
        if off < DOOR_HALF_M and z < DOOR_HIGH_M:
            return W_DOOR
        if off < DOOR_HALF_M + FRAME_M and z < DOOR_HIGH_M + FRAME_M:
            return W_TRIM
    return W_BODY


@njit(cache=True, error_model="numpy")
def draw_walls(scene, look, pose, cam, rgb, mask, under, depth, ground_top, sky_end):
    """Draw the walls of every column, nearest first; note the rows where ground begins and sky ends."""
    height, width = mask.shape
    f, cx, cy, eye = cam[0], cam[1], cam[2], cam[3]
    c, s = math.cos(pose[2]), math.sin(pose[2])
    hit_t, hit_s, hit_wall = np.empty(MOST_WALLS), np.empty(MOST_WALLS), np.empty(MOST_WALLS, np.int64)
    fog, snowcap, hedge_snow = look.numbers[FOG], look.numbers[SNOWCAP], look.numbers[HEDGE_SNOW]
    haze_r, haze_g, haze_b = np.int64(look.haze[0]), np.int64(look.haze[1]), np.int64(look.haze[2])
    texels, offset, walls, wall_tops = scene.texels, scene.texel_offset, scene.walls, scene.wall_tops
    wall_rgb, pixels = look.wall_rgb.reshape(-1), rgb.reshape(-1)
    labels, lower, depths = mask.reshape(-1), under.reshape(-1), depth.reshape(-1)
    for col in range(width):
        side = (col + 0.5 - cx) / f
        dx, dy = c + side * s, s - side * c
        count = meet_walls(walls, pose[0], pose[1], dx, dy, hit_t, hit_s, hit_wall)
        first_ground = math.floor(cy) if cy > 0 else 0
        while first_ground < height and first_ground + 0.5 <= cy:
            first_ground += 1
        water_mark = first_ground
        for k in range(count):
            t, w = hit_t[k], hit_wall[k]
            kind = scene.wall_kind[w]
            length = walls[w, 6]
            along = hit_s[k] * length
            top = walls[w, 4] + hit_s[k] * walls[w, 5] + wall_tops[kind, np.int64(along * 50.0) & 511]
            foot_row = math.ceil(cy + f * eye / t - 0.5)
            top_row = math.ceil(cy + f * (eye - top) / t - 0.5)
            if k == 0:
                first_ground = min(max(foot_row, 0), height)
                water_mark = first_ground
            last = min(water_mark, foot_row)
            first = max(top_row, 0)
            if first >= last:
                continue
            for row in range(last, water_mark):  # a camera that looks over a wall sees nothing behind it
                at = U(row * width + col)
                pixels[U(3) * at], pixels[U(3) * at + U(1)], pixels[U(3) * at + U(2)] = 0, 0, 0
                labels[at], lower[at], depths[at] = 0, 0, 0.0
            ex, ey = walls[w, 2] - walls[w, 0], walls[w, 3] - walls[w, 1]
            face = 0 if ex * dy - ey * dx > 0.0 else 1
            level = level_of(t / f * PER_M, TILE_LEVELS - 1)
            size, m_per_px = TILE_PX >> level, t / f
            wall_at = offset[level] + (T_WALL + kind) * size * size + ((np.int64(along * PER_M) & TILE_MASK) >> level)
            rank_at = (T_RANK + 3 - T_WALL - kind) * size * size
            colour_at = (w * 2 + face) * 4
            snowy = kind == HEDGE and hedge_snow > 0.0
            hazed = np.int64(256.0 * (1.0 - math.exp(-fog * t)))
            for row in range(first, last):
                z = eye + (cy - (row + 0.5)) * m_per_px
                part = wall_part(kind, z, top, along, length, snowcap)
                texel = wall_at + ((np.int64(z * PER_M) & TILE_MASK) >> level) * size
                shade = np.int64(texels[U(texel)])
                if snowy and part == W_BODY and texels[U(texel + rank_at)] < hedge_snow:
                    part = W_SNOW
                colour = np.int64(wall_rgb[U((colour_at + part) * SHADES + (shade >> 3))])
                r, g, b = colour & 255, (colour >> 8) & 255, colour >> 16
                at = U(row * width + col)
                pixels[U(3) * at] = r + ((haze_r - r) * hazed >> 8)
                pixels[U(3) * at + U(1)] = g + ((haze_g - g) * hazed >> 8)
                pixels[U(3) * at + U(2)] = b + ((haze_b - b) * hazed >> 8)
                labels[at] = SNOW if part == W_SNOW else WALL_CLASS
                lower[at] = WALL_CLASS
                depths[at] = t
            water_mark = min(water_mark, first)
        ground_top[col] = first_ground
        sky_end[col] = water_mark
