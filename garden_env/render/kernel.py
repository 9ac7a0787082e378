"""The pass that draws: sky, walls, ground and billboards, each pixel's colour, class, class below and depth.

The image plane is vertical, so a point at height z and depth t (along the optical axis) lies at
`row = cy + f (h - z) / t`, `column = cx + f x / t`: a row of ground has one depth, a column of wall has one.
Codes are looked up in the look's tables; the arithmetic on colours is in whole numbers, so that the plain twin in
`tests/garden_env/plain_render.py` can agree to the bit.
"""

import math

import numpy as np
from numba import njit

from garden_env.layout import BOARDS, BRICK, DOOR, HEDGE
from garden_env.render.codes import (
    COVERS,
    GRAIN_M,
    HARDLY,
    MOSTLY,
    P_EYE,
    P_FRUIT,
    P_LEAF,
    P_PETAL,
    P_SNOW,
    P_WOOD,
    S_SOIL,
    SHADES,
    SURFACE_CLASS,
    T_RANK,
    T_SMOOTH,
    T_WALL,
    TEXEL_M,
    TILE_LEVELS,
    TILE_PX,
    W_BODY,
    W_DOOR,
    W_SNOW,
    W_TRIM,
    WALL_CLASS,
    ZONE0,
)
from garden_env.render.look_arrays import (
    CLOUD_X,
    CLOUD_Y,
    DISEASE,
    FLAKES,
    FOG,
    GLOW,
    HEDGE_SNOW,
    LEAN_X,
    LEAN_Y,
    LOAD,
    SNOWCAP,
    STREAKS,
    SUN_X,
    SUN_Y,
    SUN_Z,
    TICK,
)
from garden_env.render.texture import hash01
from scenarios.tables import IGNORE, OBSTACLE, SKY, SNOW

CLOUD_PX = 128.0  # focal length [px] at which a pixel sees about one texel of cloud
RANK_LEVELS = 5  # ranks are picked, not averaged: coarser levels would be noise
NEAR_M = 0.12  # nothing nearer than this along the optical axis is drawn
FINE_PX = 100.0  # focal length [px] from which shadows are interpolated
SMALL_PX = 40.0  # sprites smaller than this are sampled four times a pixel
MOST_WALLS = 12  # walls that one column of pixels can meet
CAP_M, DOOR_HALF_M, DOOR_HIGH_M, FRAME_M = 0.10, 0.40, 1.70, 0.05
TILE_MASK = TILE_PX - 1
CLASS_OF = np.array(SURFACE_CLASS)
KIND_OF_COVER, GRAIN_OF_COVER = np.array(COVERS), np.array(GRAIN_M)
PER_M = 1.0 / TEXEL_M
SPRITE_PX, SPRITE_LEVELS = 128, 5
SPOT_SEED = 911  # of spots of disease, one in every 8 x 8 texels of the finest sprite
SKY_STEPS, SKY_TOP = 64, 1.2  # the sky's gradient: steps, and the slope at which it ends


@njit(cache=True, error_model="numpy")
def level_of(ratio, last):
    """The level whose texels are nearest to `ratio` texels of level 0."""
    level = 0
    while level < last and ratio > 1.5 * (1 << level):
        level += 1
    return level


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
    texels, offset, wall_rgb, walls, wall_tops = (
        scene.texels,
        scene.texel_offset,
        look.wall_rgb.reshape(-1),
        scene.walls,
        scene.wall_tops,
    )
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
                rgb[row, col, 0], rgb[row, col, 1], rgb[row, col, 2] = 0, 0, 0
                mask[row, col], under[row, col], depth[row, col] = 0, 0, 0.0
            ex, ey = walls[w, 2] - walls[w, 0], walls[w, 3] - walls[w, 1]
            face = 0 if ex * dy - ey * dx > 0.0 else 1
            level = level_of(t / f * PER_M, TILE_LEVELS - 1)
            level_at, size, m_per_px = offset[level], TILE_PX >> level, t / f
            tx = (np.int64(along * PER_M) & TILE_MASK) >> level
            hazed = np.int64(256.0 * (1.0 - math.exp(-fog * t)))
            for row in range(first, last):
                z = eye + (cy - (row + 0.5)) * m_per_px
                part = wall_part(kind, z, top, along, length, snowcap)
                at = level_at + ((np.int64(z * PER_M) & TILE_MASK) >> level) * size + tx
                shade = np.int64(texels[at + (T_WALL + kind) * size * size])
                if kind == HEDGE and part == W_BODY and texels[at + (T_RANK + 3) * size * size] < hedge_snow:
                    part = W_SNOW
                colour = np.int64(wall_rgb[((w * 2 + face) * 4 + part) * SHADES + (shade >> 3)])
                r, g, b = colour & 255, (colour >> 8) & 255, colour >> 16
                rgb[row, col, 0] = r + ((haze_r - r) * hazed >> 8)
                rgb[row, col, 1] = g + ((haze_g - g) * hazed >> 8)
                rgb[row, col, 2] = b + ((haze_b - b) * hazed >> 8)
                mask[row, col] = SNOW if part == W_SNOW else WALL_CLASS
                under[row, col] = WALL_CLASS
                depth[row, col] = t
            water_mark = min(water_mark, first)
        ground_top[col] = first_ground
        sky_end[col] = water_mark


@njit(cache=True, error_model="numpy")
def draw_sky(scene, look, pose, cam, rgb, mask, under, depth, sky_end):
    """Fill what nothing covers above the horizon: gradient, glow about the sun, clouds."""
    width = mask.shape[1]
    f, cx, cy = cam[0], cam[1], cam[2]
    c, s = math.cos(pose[2]), math.sin(pose[2])
    sun_x, sun_y, sun_z, glow = look.numbers[SUN_X], look.numbers[SUN_Y], look.numbers[SUN_Z], look.numbers[GLOW]
    texels, halo, cloud_alpha, cloud_rgb = scene.texels, look.halo, look.cloud_alpha, look.cloud_rgb
    cloud_x, cloud_y = look.numbers[CLOUD_X], look.numbers[CLOUD_Y]
    level = level_of(CLOUD_PX / f, TILE_LEVELS - 1)
    size = TILE_PX >> level
    cloud_at = scene.texel_offset[level] + T_SMOOTH * size * size
    lowest, ray = 0, np.empty((width, 3))
    for col in range(width):
        lowest = max(lowest, sky_end[col])
        side = (col + 0.5 - cx) / f
        ray[col, 0], ray[col, 1], ray[col, 2] = c + side * s, s - side * c, 1.0 + side * side
    for row in range(lowest):
        up = (cy - (row + 0.5)) / f
        step = min(max(np.int64(up * (SKY_STEPS / SKY_TOP)), 0), SKY_STEPS - 1)
        sky_r, sky_g, sky_b = np.int64(look.sky[step, 0]), np.int64(look.sky[step, 1]), np.int64(look.sky[step, 2])
        far = 90.0 / (max(up, 0.0) + 0.12)
        thin = np.int64(256.0 * min(1.0, max(up, 0.0) * 6.0 + 0.35))  # clouds at the horizon drown in haze
        for col in range(width):
            if row >= sky_end[col] or depth[row, col] < np.inf:
                continue
            dx, dy = ray[col, 0], ray[col, 1]
            r, g, b = sky_r, sky_g, sky_b
            near = dx * sun_x + dy * sun_y + up * sun_z
            if glow > 0.0 and near > 0.5:  # not yet divided by the ray's length, which is at least 1
                near /= math.sqrt(ray[col, 2] + up * up)
                if near > 0.5:
                    part = np.int64(256.0 * glow * halo[np.int64(near * 255.0)])
                    r += (255 - r) * part >> 8
                    g += (250 - g) * part >> 8
                    b += (228 - b) * part >> 8
            tx, ty = np.int64(dx * far + cloud_x) & TILE_MASK, np.int64(dy * far + cloud_y) & TILE_MASK
            dense = np.int64(texels[cloud_at + (ty >> level) * size + (tx >> level)])
            alpha = np.int64(cloud_alpha[dense]) * thin >> 8
            if alpha > 0:
                r += (np.int64(cloud_rgb[dense, 0]) - r) * alpha >> 8
                g += (np.int64(cloud_rgb[dense, 1]) - g) * alpha >> 8
                b += (np.int64(cloud_rgb[dense, 2]) - b) * alpha >> 8
            rgb[row, col, 0], rgb[row, col, 1], rgb[row, col, 2] = r, g, b
            mask[row, col] = SKY
            under[row, col] = SKY


# Loops are written out: a helper that takes arrays, called for every pixel, costs more than the pixel does, because
# arrays are counted references.


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
    patch_rows, patch_cols, patch_per_m = scene.patch.shape[0], scene.patch.shape[1], 1.0 / scene.cell_m[2]
    texels, ground, covers_on, per_m = scene.texels, scene.ground, look.covers_on, 1.0 / scene.cell_m[1]
    patch, palette = scene.patch.reshape(-1), look.palette.reshape(-1)
    cover, shadow = look.cover.reshape(-1), look.shadow.reshape(-1)
    wide, high = cols * scene.cell_m[1], rows * scene.cell_m[1]
    pixels, labels, lower, depths = rgb.reshape(-1), mask.reshape(-1), under.reshape(-1), depth.reshape(-1)
    fog = look.numbers[FOG]
    haze_r, haze_g, haze_b = np.int64(look.haze[0]), np.int64(look.haze[1]), np.int64(look.haze[2])
    for row in range(start.min(), height):
        x_left, y_left, x_step, y_step = lines[row, 0], lines[row, 1], lines[row, 2], lines[row, 3]
        footprint, t = lines[row, 4], lines[row, 5]
        level = level_of(footprint * PER_M, TILE_LEVELS - 1)
        rank_level = min(level, RANK_LEVELS - 1)
        level_at, rank_at = scene.texel_offset[level], scene.texel_offset[rank_level]
        size, rank_size = TILE_PX >> level, TILE_PX >> rank_level
        ground_level = level_of(footprint / scene.cell_m[0], scene.ground_size.shape[0] - 1)
        ground_at, ground_per_m = scene.ground_offset[ground_level], 1.0 / (scene.cell_m[0] * (1 << ground_level))
        size_r, size_c = scene.ground_size[ground_level, 0], scene.ground_size[ground_level, 1]
        hazed = np.int64(256.0 * (1.0 - math.exp(-fog * t)))
        for col in range(width):
            if row < start[col] or depths[row * width + col] < np.inf:
                continue
            x = min(max(x_left + (col + 0.5) * x_step, 0.0), wide)
            y = min(max(y_left + (col + 0.5) * y_step, 0.0), high)
            line = min(np.int64(y * ground_per_m), size_r - 1) * size_c
            code = np.int64(ground[ground_at + line + min(np.int64(x * ground_per_m), size_c - 1)])
            cell = min(np.int64(y * per_m), rows - 1) * cols + min(np.int64(x * per_m), cols - 1)
            if smooth:
                gx, gy = max(x * per_m - 0.5, 0.0), max(y * per_m - 0.5, 0.0)
                left, low = min(np.int64(gx), cols - 2), min(np.int64(gy), rows - 2)
                px, py = min(np.int64((gx - left) * 256.0), 256), min(np.int64((gy - low) * 256.0), 256)
                at = low * cols + left
                near = np.int64(shadow[at]) * (256 - px) + np.int64(shadow[at + 1]) * px
                far = np.int64(shadow[at + cols]) * (256 - px) + np.int64(shadow[at + cols + 1]) * px
                dark = (near * (256 - py) + far * py) >> 16
            else:
                dark = np.int64(shadow[cell])
            material = S_SOIL if code >= ZONE0 else code
            patch_at = min(np.int64(y * patch_per_m), patch_rows - 1) * patch_cols
            patch_at = 8 * (patch_at + min(np.int64(x * patch_per_m), patch_cols - 1))
            tint = np.int64(patch[patch_at + 4]) - 128
            tx, ty = np.int64(x * PER_M) & TILE_MASK, np.int64(y * PER_M) & TILE_MASK
            texel_at = level_at + (ty >> level) * size + (tx >> level)
            shade = min(max(np.int64(texels[texel_at + material * size * size]) + tint, 0), 255)
            at = code * (2 * SHADES) + (shade >> 3)
            lit, dim = np.int64(palette[at]), np.int64(palette[at + SHADES])
            r, g, b = mix(lit, dim, 0, dark), mix(lit, dim, 8, dark), mix(lit, dim, 16, dark)
            below = CLASS_OF[material]
            label = below
            for n in range(len(covers_on)):
                k = covers_on[n]
                share = np.int64(cover[(k * 5 + material) * 256 + np.int64(patch[patch_at + k])])
                if share == 0:
                    continue
                kind = KIND_OF_COVER[k]
                part = share
                if footprint <= GRAIN_OF_COVER[k]:
                    at = rank_at + ((T_RANK + k) * rank_size + (ty >> rank_level)) * rank_size + (tx >> rank_level)
                    if np.int64(texels[at]) >= share:
                        continue
                    part = 256
                shade = min(max(np.int64(texels[texel_at + kind * size * size]) + (tint >> 1), 0), 255)
                at = kind * (2 * SHADES) + (shade >> 3)
                lit, dim = np.int64(palette[at]), np.int64(palette[at + SHADES])
                r += (mix(lit, dim, 0, dark) - r) * part >> 8
                g += (mix(lit, dim, 8, dark) - g) * part >> 8
                b += (mix(lit, dim, 16, dark) - b) * part >> 8
                if part >= MOSTLY:
                    label = CLASS_OF[kind]
                elif part > HARDLY:
                    label = IGNORE
            at = row * width + col
            pixels[3 * at] = r + ((haze_r - r) * hazed >> 8)
            pixels[3 * at + 1] = g + ((haze_g - g) * hazed >> 8)
            pixels[3 * at + 2] = b + ((haze_b - b) * hazed >> 8)
            labels[at] = label
            lower[at] = below
            depths[at] = t


@njit(cache=True, error_model="numpy")
def mix(under, over, channel, share):
    """Go `share` of 256 of the way between two packed colours; the channel is at bit 0, 8 or 16."""
    low, high = (under >> channel) & 255, (over >> channel) & 255
    return low + ((high - low) * share >> 8)


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
def decode(code, leaf, bloom, fruit, load):
    """What a sprite's pixel shows, front to back: petals, fruit, leaves, wood; then the snow that lies on it.

    Args:
        code: its eight bytes, in the order of `garden_env.plants.brush.LAYERS`, the first lowest.
        leaf, bloom, fruit: ranks below these are seen.
        load: snow on branches, 0..255.

    Returns:
        0 for nothing, else the part + 1, the part under snow in bits 4 to 7 and the shade from bit 8 on.
    """
    petal = (code >> 24) & 255
    if petal > 0 and (code >> 32) & 255 < bloom:
        part = P_EYE if petal >= 128 else P_PETAL
        return part + 1 | part << 4 | min((petal & 127) * 2, 255) << 8
    if (code >> 40) & 255 > 0 and (code >> 48) & 255 < fruit:
        return P_FRUIT + 1 | P_FRUIT << 4 | ((code >> 40) & 255) << 8
    catch = (code >> 56) & 255
    if (code >> 8) & 255 > 0 and (code >> 16) & 255 < leaf:
        part, shade = P_LEAF, (code >> 8) & 255
        lies = catch & 1 == 1 and catch + load >= 256
    elif code & 255 > 0:
        part, shade = P_WOOD, code & 255
        lies = catch > 0 and catch + load >= 256
    else:
        return 0
    if lies:
        return P_SNOW + 1 | part << 4 | (128 + (shade >> 1)) << 8
    return part + 1 | part << 4 | shade << 8


@njit(cache=True, error_model="numpy", inline="always")
def spotted(at, level, sprite, sick):
    """Whether a texel of a sprite (`at` counts them in its level) lies in a round brown spot; `sick` is 0..255."""
    bits = 7 - level
    x, y = (at & ((1 << bits) - 1)) << level, (at >> bits) << level
    cx, cy, seed = x >> 3, y >> 3, SPOT_SEED + 8 * sprite
    dx = (x & 7) + 0.5 - (2.0 + 4.0 * hash01(cx, cy, seed))
    dy = (y & 7) + 0.5 - (2.0 + 4.0 * hash01(cx, cy, seed + 1))
    radius = sick / 255.0 * (1.5 + 3.5 * hash01(cx, cy, seed + 2))
    return dx * dx + dy * dy < radius * radius


@njit(cache=True, error_model="numpy")
def draw_board(scene, look, cam, board, large, t, side, lean, src, rgb, mask, under, depth):
    """Draw one plant or prop at depth t, `side` metres right of the optical axis, where nothing is nearer.

    Only a large one if `large`, else only a small one: a sprite of at least SMALL_PX is sampled once a pixel, a smaller
    one four times. `lean` shears it to the right, by whole pixels a row. `src` (2, N) int64 is room for the texels that
    columns and rows read.
    """
    height, width = mask.shape
    f, cx, cy, eye = cam[0], cam[1], cam[2], cam[3]
    size_px = f * look.board_place[board, 2] / t
    if large != (size_px >= SMALL_PX):
        return
    left, bottom = cx + f * side / t - 0.5 * size_px, cy + f * eye / t
    col0, col1 = max(math.ceil(left - 0.5), 0), min(math.ceil(left + size_px - 0.5), width)
    row0, row1 = max(math.ceil(bottom - size_px - 0.5), 0), min(math.ceil(bottom - 0.5), height)
    ratio = SPRITE_PX / size_px
    grid = 2 if size_px < SMALL_PX else 1
    level = level_of(ratio / grid, SPRITE_LEVELS - 1)
    size = SPRITE_PX >> level
    per_px = size / size_px
    mirrored = look.board_code[board, 1] == 1
    for col in range(col0, col1):
        for k in range(grid):
            at = min(max(np.int64((col - left + (k + 0.5) / grid) * per_px), 0), size - 1)
            src[0, col * grid + k] = size - 1 - at if mirrored else at
    for row in range(row0, row1):
        for k in range(grid):
            at = min(max(np.int64((row + size_px - bottom + (k + 0.5) / grid) * per_px), 0), size - 1)
            src[1, row * grid + k] = at * size
    sprites, texels, rgbs, labels = scene.sprites, scene.texels, look.board_rgb, look.board_label
    leaf, bloom, fruit = look.board_code[board, 2], look.board_code[board, 3], look.board_code[board, 4]
    load = np.int64(look.numbers[LOAD])
    start = scene.sprite_offset[level] + look.board_code[board, 0] * size * size
    fog = np.int64(256.0 * (1.0 - math.exp(-look.numbers[FOG] * t)))
    haze_r, haze_g, haze_b = np.int64(look.haze[0]), np.int64(look.haze[1]), np.int64(look.haze[2])
    ragged = ratio < 0.6  # texels larger than pixels get ragged edges instead of square ones
    sick, sprite = look.numbers[DISEASE], look.board_code[board, 0]
    if labels[board, P_WOOD] == OBSTACLE:
        sick, lean = 0.0, 0.0
    off = 0
    for row in range(row0, row1):
        if lean != 0.0:
            off = math.floor(lean * (bottom - row - 0.5) + 0.5)
            col0 = max(math.ceil(left - 0.5) + off, 0)
            col1 = min(math.ceil(left + size_px - 0.5) + off, width)
            for col in range(col0, col1):
                for k in range(grid):
                    at = min(max(np.int64((col - off - left + (k + 0.5) / grid) * per_px), 0), size - 1)
                    src[0, col * grid + k] = size - 1 - at if mirrored else at
        for col in range(col0, col1):
            if depth[row, col] <= t:
                continue
            if grid == 1:
                at = src[1, row] + src[0, col]
                if ragged:
                    u, v = (col - off - left + 0.5) * per_px, (row + size_px - bottom + 0.5) * per_px
                    tx, ty = np.int64(u * 9.0) & TILE_MASK, np.int64(v * 9.0) & TILE_MASK
                    u += (np.int64(texels[ty * TILE_PX + tx]) - 128) / 200.0
                    v += (np.int64(texels[tx * TILE_PX + ty]) - 128) / 200.0
                    at = min(max(np.int64(u), 0), size - 1)
                    at = min(max(np.int64(v), 0), size - 1) * size + (size - 1 - at if mirrored else at)
                code = sprites[start + at]
                seen = decode(code, leaf, bloom, fruit, load) if code != 0 else 0
                if seen == 0:
                    continue
                part, shade = (seen & 15) - 1, seen >> 8
                colour = np.int64(rgbs[board, part])
                r = min((colour & 255) * shade >> 7, 255)
                g = min((colour >> 8 & 255) * shade >> 7, 255)
                b = min((colour >> 16) * shade >> 7, 255)
                if sick > 0.0 and part == P_LEAF and spotted(at, level, sprite, sick):
                    r, g, b = min((r + g) * 130 >> 8, 255), (r + g) * 92 >> 8, (r + g) * 46 >> 8
                rgb[row, col, 0] = r + ((haze_r - r) * fog >> 8)
                rgb[row, col, 1] = g + ((haze_g - g) * fog >> 8)
                rgb[row, col, 2] = b + ((haze_b - b) * fog >> 8)
                mask[row, col] = labels[board, part]
                under[row, col] = labels[board, (seen >> 4) & 15]
                depth[row, col] = t
                continue
            row_a, row_b = start + src[1, 2 * row], start + src[1, 2 * row + 1]
            col_a, col_b = src[0, 2 * col], src[0, 2 * col + 1]
            code_a, code_b = sprites[row_a + col_a], sprites[row_a + col_b]
            code_c, code_d = sprites[row_b + col_a], sprites[row_b + col_b]
            if code_a | code_b | code_c | code_d == 0:
                continue
            r, g, b, hits = 0, 0, 0, 0
            here, here_under = np.int64(mask[row, col]), np.int64(under[row, col])
            label_a = label_b = label_c = label_d = here
            under_a = under_b = under_c = under_d = here_under
            for k in range(4):
                code = code_a if k == 0 else (code_b if k == 1 else (code_c if k == 2 else code_d))
                at = (row_a if k < 2 else row_b) + (col_a if k & 1 == 0 else col_b) - start
                seen = decode(code, leaf, bloom, fruit, load) if code != 0 else 0
                if seen == 0:
                    continue
                hits += 1
                part, shade = (seen & 15) - 1, seen >> 8
                colour = np.int64(rgbs[board, part])
                red = min((colour & 255) * shade >> 7, 255)
                green = min((colour >> 8 & 255) * shade >> 7, 255)
                blue = min((colour >> 16) * shade >> 7, 255)
                if sick > 0.0 and part == P_LEAF and spotted(at, level, sprite, sick):
                    both = red + green
                    red, green, blue = min(both * 130 >> 8, 255), both * 92 >> 8, both * 46 >> 8
                r, g, b = r + red, g + green, b + blue
                label, below = np.int64(labels[board, part]), np.int64(labels[board, (seen >> 4) & 15])
                if k == 0:
                    label_a, under_a = label, below
                elif k == 1:
                    label_b, under_b = label, below
                elif k == 2:
                    label_c, under_c = label, below
                else:
                    label_d, under_d = label, below
            if hits == 0:
                continue
            r += (haze_r * hits - r) * fog >> 8
            g += (haze_g * hits - g) * fog >> 8
            b += (haze_b * hits - b) * fog >> 8
            miss = 4 - hits
            rgb[row, col, 0] = (r + miss * np.int64(rgb[row, col, 0])) >> 2
            rgb[row, col, 1] = (g + miss * np.int64(rgb[row, col, 1])) >> 2
            rgb[row, col, 2] = (b + miss * np.int64(rgb[row, col, 2])) >> 2
            mask[row, col] = vote(label_a, label_b, label_c, label_d)
            under[row, col] = vote(under_a, under_b, under_c, under_d)
            if hits >= 2:
                depth[row, col] = t


@njit(cache=True, error_model="numpy")
def vote(a, b, c, d):
    """The class that at least three of four samples show, else no answer."""
    if a == b:
        return a if (c == a or d == a) else IGNORE
    return c if c == d and (a == c or b == c) else IGNORE


@njit(cache=True, error_model="numpy")
def find_boards(place, lean, pose, cam, width, order, deep, aside):
    """Which boards may be in view, farthest first.

    Args:
        place: (B, 3) float64, as in `LookArrays`.
        lean: metres to the right per metre of height.
        pose, cam: see `draw_view`; width: of the picture [px].
        order: (B,) int64, written: the boards. deep, aside: (B,) float64, written: depth, and how far right [m].

    Returns:
        How many.
    """
    f, cx = cam[0], cam[1]
    c, s = math.cos(pose[2]), math.sin(pose[2])
    half, reach = max(cx, width - cx) / f, 0.5 + abs(lean)
    seen = 0
    for board in range(place.shape[0]):
        size_m = place[board, 2]
        ox, oy = place[board, 0] - pose[0], place[board, 1] - pose[1]
        t, side = ox * c + oy * s, ox * s - oy * c
        if t < NEAR_M or size_m <= 0.0 or abs(side) - reach * size_m > half * t:
            continue
        k = seen
        while k > 0 and deep[k - 1] < t:
            deep[k], aside[k], order[k] = deep[k - 1], aside[k - 1], order[k - 1]
            k -= 1
        deep[k], aside[k], order[k] = t, side, board
        seen += 1
    return seen


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


@njit(cache=True, error_model="numpy")
def draw_view(scene, look, pose, cam, rgb, mask, under, depth):
    """Draw one view.

    Args:
        scene: `SceneArrays`; look: `LookArrays`.
        pose: (3,) float64, x [m], y [m], heading [rad].
        cam: (4,) float64, focal length, column and row of the principal point [px], height [m].
        rgb: (H, W, 3) uint8, written; mask, under: (H, W) uint8, written; depth: (H, W) float32, written [m].
    """
    height, width = mask.shape
    ground_top, sky_end = np.empty(width, np.int64), np.empty(width, np.int64)
    boards = look.board_place.shape[0]
    order, deep, aside = np.empty(boards, np.int64), np.empty(boards), np.empty(boards)
    src = np.empty((2, 2 * max(height, width)), np.int64)
    lean = look.numbers[LEAN_X] * math.sin(pose[2]) - look.numbers[LEAN_Y] * math.cos(pose[2])
    seen = find_boards(look.board_place, lean, pose, cam, width, order, deep, aside)
    depth[:] = np.inf
    draw_walls(scene, look, pose, cam, rgb, mask, under, depth, ground_top, sky_end)
    # Large sprites hide what is behind them: the nearest come first, and nothing that they hide is drawn. Small ones
    # let what is behind them shine through: they come last, the farthest first.
    for n in range(seen):
        k = seen - 1 - n
        draw_board(scene, look, cam, order[k], True, deep[k], aside[k], lean, src, rgb, mask, under, depth)
    draw_sky(scene, look, pose, cam, rgb, mask, under, depth, sky_end)
    draw_ground(scene, look, pose, cam, rgb, mask, under, depth, ground_top)
    for k in range(seen):
        draw_board(scene, look, cam, order[k], False, deep[k], aside[k], lean, src, rgb, mask, under, depth)
    draw_weather(look, cam, rgb, depth)
