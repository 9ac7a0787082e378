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
    FLAKES,
    FOG,
    GLOW,
    HEDGE_SNOW,
    LOAD,
    SNOWCAP,
    STREAKS,
    SUN_X,
    SUN_Y,
    SUN_Z,
    TICK,
)
from garden_env.render.texture import hash01
from scenarios.tables import IGNORE, SKY, SNOW

NEAR_M = 0.12  # nothing nearer than this along the optical axis is drawn
FINE_PX = 100.0  # focal length [px] from which shadows are interpolated
MOST_WALLS = 12  # walls that one column of pixels can meet
CAP_M, DOOR_HALF_M, DOOR_HIGH_M, FRAME_M = 0.10, 0.40, 1.70, 0.05
TILE_MASK = TILE_PX - 1
PER_M = 1.0 / TEXEL_M
SPRITE_PX, SPRITE_LEVELS = 128, 5
SKY_STEPS, SKY_TOP = 64, 1.2  # the sky's gradient: steps, and the slope at which it ends


@njit(cache=True)
def texel(texels, offset, level, layer, x, y):
    """One texel; x and y in texels of level 0, any whole numbers."""
    size = TILE_PX >> level
    row = (y & TILE_MASK) >> level
    col = (x & TILE_MASK) >> level
    return int(texels[offset[level] + (layer * size + row) * size + col])


@njit(cache=True)
def level_of(ratio, last):
    """The level whose texels are nearest to `ratio` texels of level 0."""
    level = 0
    while level < last and ratio > 1.5 * (1 << level):
        level += 1
    return level


@njit(cache=True)
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


@njit(cache=True)
def wall_part(kind, z, top, along, length, snowcap):
    """What a wall shows at height z, `along` metres from its first end."""
    if z > top - snowcap:
        return W_SNOW
    if (kind == BOARDS or kind == DOOR) and z > top - CAP_M:
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


@njit(cache=True)
def draw_walls(scene, look, pose, cam, rgb, mask, under, depth, ground_top, sky_end):
    """Draw the walls of every column, nearest first; note the rows where ground begins and sky ends."""
    height, width = mask.shape
    f, cx, cy, eye = cam[0], cam[1], cam[2], cam[3]
    c, s = math.cos(pose[2]), math.sin(pose[2])
    hit_t, hit_s, hit_wall = np.empty(MOST_WALLS), np.empty(MOST_WALLS), np.empty(MOST_WALLS, np.int64)
    fog = look.numbers[FOG]
    haze_r, haze_g, haze_b = int(look.haze[0]), int(look.haze[1]), int(look.haze[2])
    for col in range(width):
        side = (col + 0.5 - cx) / f
        dx, dy = c + side * s, s - side * c
        count = meet_walls(scene.walls, pose[0], pose[1], dx, dy, hit_t, hit_s, hit_wall)
        first_ground = int(math.floor(cy)) if cy > 0 else 0
        while first_ground < height and first_ground + 0.5 <= cy:
            first_ground += 1
        water_mark = first_ground
        for k in range(count):
            t, w = hit_t[k], hit_wall[k]
            kind = scene.wall_kind[w]
            length = scene.walls[w, 6]
            along = hit_s[k] * length
            top = scene.walls[w, 4] + hit_s[k] * scene.walls[w, 5] + scene.wall_tops[kind, int(along * 50.0) & 511]
            foot_row = int(math.ceil(cy + f * eye / t - 0.5))
            top_row = int(math.ceil(cy + f * (eye - top) / t - 0.5))
            if k == 0:
                first_ground = min(max(foot_row, 0), height)
                water_mark = first_ground
            last = min(water_mark, foot_row)
            first = max(top_row, 0)
            if first >= last:
                continue
            ex, ey = scene.walls[w, 2] - scene.walls[w, 0], scene.walls[w, 3] - scene.walls[w, 1]
            face = 0 if ex * dy - ey * dx > 0.0 else 1
            level = level_of(t / f * PER_M, TILE_LEVELS - 1)
            tx = int(along * PER_M)
            hazed = int(256.0 * (1.0 - math.exp(-fog * t)))
            for row in range(first, last):
                z = eye + (cy - (row + 0.5)) * t / f
                tz = int(z * PER_M)
                part = wall_part(kind, z, top, along, length, look.numbers[SNOWCAP])
                shade = texel(scene.texels, scene.texel_offset, level, T_WALL + kind, tx, tz)
                if kind == HEDGE and part == W_BODY:
                    if (
                        texel(scene.texels, scene.texel_offset, min(level, 3), T_RANK + 3, tx, tz)
                        < look.numbers[HEDGE_SNOW]
                    ):
                        part = W_SNOW
                colour = look.wall_rgb[w, face, part, shade >> 3]
                r, g, b = int(colour[0]), int(colour[1]), int(colour[2])
                rgb[row, col, 0] = r + ((haze_r - r) * hazed >> 8)
                rgb[row, col, 1] = g + ((haze_g - g) * hazed >> 8)
                rgb[row, col, 2] = b + ((haze_b - b) * hazed >> 8)
                mask[row, col] = SNOW if part == W_SNOW else WALL_CLASS
                under[row, col] = WALL_CLASS
                depth[row, col] = t
            water_mark = min(water_mark, first)
        ground_top[col] = first_ground
        sky_end[col] = water_mark


@njit(cache=True)
def draw_sky(scene, look, pose, cam, rgb, mask, under, depth, sky_end):
    """Fill what no wall covers above the horizon: gradient, glow about the sun, clouds."""
    height, width = mask.shape
    f, cx, cy = cam[0], cam[1], cam[2]
    c, s = math.cos(pose[2]), math.sin(pose[2])
    sun_x, sun_y, sun_z, glow = look.numbers[SUN_X], look.numbers[SUN_Y], look.numbers[SUN_Z], look.numbers[GLOW]
    lowest = 0
    for col in range(width):
        lowest = max(lowest, sky_end[col])
    for row in range(lowest):
        up = (cy - (row + 0.5)) / f
        step = min(max(int(up * (SKY_STEPS / SKY_TOP)), 0), SKY_STEPS - 1)
        sky_r, sky_g, sky_b = int(look.sky[step, 0]), int(look.sky[step, 1]), int(look.sky[step, 2])
        far = 90.0 / (max(up, 0.0) + 0.12)
        thin = int(256.0 * min(1.0, max(up, 0.0) * 6.0 + 0.35))  # clouds at the horizon drown in haze
        for col in range(width):
            if row >= sky_end[col]:
                continue
            side = (col + 0.5 - cx) / f
            dx, dy = c + side * s, s - side * c
            r, g, b = sky_r, sky_g, sky_b
            if glow > 0.0:
                near = (dx * sun_x + dy * sun_y + up * sun_z) / math.sqrt(1.0 + side * side + up * up)
                if near > 0.5:
                    part = int(256.0 * glow * look.halo[int(near * 255.0)])
                    r += (255 - r) * part >> 8
                    g += (250 - g) * part >> 8
                    b += (228 - b) * part >> 8
            tx = int(dx * far + look.numbers[CLOUD_X])
            ty = int(dy * far + look.numbers[CLOUD_Y])
            dense = texel(scene.texels, scene.texel_offset, 0, T_SMOOTH, tx, ty)
            alpha = int(look.cloud_alpha[dense]) * thin >> 8
            if alpha > 0:
                r += (int(look.cloud_rgb[dense, 0]) - r) * alpha >> 8
                g += (int(look.cloud_rgb[dense, 1]) - g) * alpha >> 8
                b += (int(look.cloud_rgb[dense, 2]) - b) * alpha >> 8
            rgb[row, col, 0], rgb[row, col, 1], rgb[row, col, 2] = r, g, b
            mask[row, col] = SKY
            under[row, col] = SKY
            depth[row, col] = np.inf


@njit(cache=True)
def shadow_at(shadow, x, y, cell, smooth):
    """How much of the direct light is missing at a place of the ground, 0..255."""
    rows, cols = shadow.shape
    if not smooth:
        return int(shadow[min(int(y / cell), rows - 1), min(int(x / cell), cols - 1)])
    gx, gy = max(x / cell - 0.5, 0.0), max(y / cell - 0.5, 0.0)
    col, row = min(int(gx), cols - 2), min(int(gy), rows - 2)
    px, py = min(int((gx - col) * 256.0), 256), min(int((gy - row) * 256.0), 256)
    near = int(shadow[row, col]) * (256 - px) + int(shadow[row, col + 1]) * px
    far = int(shadow[row + 1, col]) * (256 - px) + int(shadow[row + 1, col + 1]) * px
    return (near * (256 - py) + far * py) >> 16


@njit(cache=True)
def tone(look, surface, shade, dark):
    """A surface's colour at a shade (0..255), `dark` of 256 in shadow."""
    step = min(max(shade, 0), 255) >> 3
    lit = look.palette[surface, 0, step]
    r, g, b = int(lit[0]), int(lit[1]), int(lit[2])
    if dark > 0:
        dim = look.palette[surface, 1, step]
        r += (int(dim[0]) - r) * dark >> 8
        g += (int(dim[1]) - g) * dark >> 8
        b += (int(dim[2]) - b) * dark >> 8
    return r, g, b


@njit(cache=True)
def ground_pixel(scene, look, x, y, ground_level, tile_level, footprint, smooth):
    """Colour and classes of one place of the ground, seen by a pixel that covers `footprint` metres of it."""
    size_r, size_c = scene.ground_size[ground_level, 0], scene.ground_size[ground_level, 1]
    cell = scene.cell_m[0] * (1 << ground_level)
    row, col = min(int(y / cell), size_r - 1), min(int(x / cell), size_c - 1)
    surface = int(scene.ground[scene.ground_offset[ground_level] + row * size_c + col])
    material = S_SOIL if surface >= ZONE0 else surface
    cell = scene.cell_m[1]
    prow, pcol = min(int(y / cell), scene.patch.shape[1] - 1), min(int(x / cell), scene.patch.shape[2] - 1)
    tint = int(scene.patch[4, prow, pcol]) - 128
    tx, ty = int(x * PER_M), int(y * PER_M)
    dark = shadow_at(look.shadow, x, y, cell, smooth) if look.has_shadow[0] else 0
    shade = texel(scene.texels, scene.texel_offset, tile_level, material, tx, ty) + tint
    r, g, b = tone(look, surface, shade, dark)
    below = SURFACE_CLASS[material]
    label = below
    for k in range(4):
        if look.covers_on[k] == 0:
            continue
        share = int(look.cover[k, material, scene.patch[k, prow, pcol]])
        if share == 0:
            continue
        kind = COVERS[k]
        if footprint <= GRAIN_M[k]:
            if texel(scene.texels, scene.texel_offset, min(tile_level, 4), T_RANK + k, tx, ty) < share:
                shade = texel(scene.texels, scene.texel_offset, tile_level, kind, tx, ty) + (tint >> 1)
                r, g, b = tone(look, kind, shade, dark)
                label = SURFACE_CLASS[kind]
        else:
            shade = texel(scene.texels, scene.texel_offset, tile_level, kind, tx, ty) + (tint >> 1)
            r2, g2, b2 = tone(look, kind, shade, dark)
            r += (r2 - r) * share >> 8
            g += (g2 - g) * share >> 8
            b += (b2 - b) * share >> 8
            if share >= MOSTLY:
                label = SURFACE_CLASS[kind]
            elif share > HARDLY:
                label = IGNORE
    return r, g, b, label, below


@njit(cache=True)
def draw_ground(scene, look, pose, cam, rgb, mask, under, depth, ground_top):
    """Cast every pixel below the walls onto the ground."""
    height, width = mask.shape
    f, cx, cy, eye = cam[0], cam[1], cam[2], cam[3]
    c, s = math.cos(pose[2]), math.sin(pose[2])
    wide = scene.patch.shape[2] * scene.cell_m[1]
    high = scene.patch.shape[1] * scene.cell_m[1]
    fog = look.numbers[FOG]
    haze_r, haze_g, haze_b = int(look.haze[0]), int(look.haze[1]), int(look.haze[2])
    smooth = f >= FINE_PX
    highest = height
    for col in range(width):
        highest = min(highest, ground_top[col])
    for row in range(highest, height):
        t = f * eye / (row + 0.5 - cy)
        footprint = t / f * math.sqrt(t / eye)  # the side of a square as large as what the pixel sees
        tile_level = level_of(footprint * PER_M, TILE_LEVELS - 1)
        ground_level = level_of(footprint / scene.cell_m[0], scene.ground_size.shape[0] - 1)
        hazed = int(256.0 * (1.0 - math.exp(-fog * t)))
        for col in range(width):
            if row < ground_top[col]:
                continue
            side = (col + 0.5 - cx) / f
            x = min(max(pose[0] + t * (c + side * s), 0.0), wide)
            y = min(max(pose[1] + t * (s - side * c), 0.0), high)
            r, g, b, label, below = ground_pixel(scene, look, x, y, ground_level, tile_level, footprint, smooth)
            rgb[row, col, 0] = r + ((haze_r - r) * hazed >> 8)
            rgb[row, col, 1] = g + ((haze_g - g) * hazed >> 8)
            rgb[row, col, 2] = b + ((haze_b - b) * hazed >> 8)
            mask[row, col] = label
            under[row, col] = below
            depth[row, col] = t


@njit(cache=True)
def sprite_pixel(scene, look, board, level, row, col, load):
    """What a sprite shows at a texel: part (-1 nothing), part below snow, shade."""
    size = SPRITE_PX >> level
    at = scene.sprite_offset[level] + ((look.board_code[board, 0] * size + row) * size + col) * 8
    code = scene.sprites
    petal = int(code[at + 3])
    if petal > 0 and code[at + 4] < look.board_code[board, 3]:
        return (P_EYE if petal >= 128 else P_PETAL), -1, min((petal & 127) * 2, 255)
    if code[at + 5] > 0 and code[at + 6] < look.board_code[board, 4]:
        return P_FRUIT, -1, int(code[at + 5])
    catch = int(code[at + 7])
    if code[at + 1] > 0 and code[at + 2] < look.board_code[board, 2]:
        if catch & 1 and catch + load >= 256:
            return P_SNOW, P_LEAF, 255
        return P_LEAF, -1, int(code[at + 1])
    if code[at] > 0:
        if catch > 0 and catch + load >= 256:
            return P_SNOW, P_WOOD, 255
        return P_WOOD, -1, int(code[at])
    return -1, -1, 0


@njit(cache=True)
def draw_board(scene, look, cam, board, t, side, rgb, mask, under, depth):
    """Draw one plant or prop at depth t, `side` metres right of the optical axis, where nothing is nearer."""
    height, width = mask.shape
    f, cx, cy, eye = cam[0], cam[1], cam[2], cam[3]
    size_m = look.board_place[board, 2]
    size_px = f * size_m / t
    left, bottom = cx + f * side / t - 0.5 * size_px, cy + f * eye / t
    col0, col1 = max(int(math.ceil(left - 0.5)), 0), min(int(math.ceil(left + size_px - 0.5)), width)
    row0, row1 = max(int(math.ceil(bottom - size_px - 0.5)), 0), min(int(math.ceil(bottom - 0.5)), height)
    ratio = SPRITE_PX / size_px
    grid = 2 if ratio > 1.0 else 1
    level = level_of(ratio / grid, SPRITE_LEVELS - 1)
    size = SPRITE_PX >> level
    samples = grid * grid
    per_px = size / size_px
    load = int(look.numbers[LOAD])
    fog = int(256.0 * (1.0 - math.exp(-look.numbers[FOG] * t)))
    haze_r, haze_g, haze_b = int(look.haze[0]), int(look.haze[1]), int(look.haze[2])
    mirrored = look.board_code[board, 1] == 1
    jitter = ratio < 0.6
    for row in range(row0, row1):
        for col in range(col0, col1):
            if depth[row, col] <= t:
                continue
            r, g, b, hits = 0, 0, 0, 0
            label0 = label1 = label2 = label3 = int(mask[row, col])
            below0 = below1 = below2 = below3 = int(under[row, col])
            for k in range(samples):
                fx = (col - left + (0.5 if grid == 1 else 0.25 + 0.5 * (k & 1))) * per_px
                fy = (row + size_px - bottom + (0.5 if grid == 1 else 0.25 + 0.5 * (k >> 1))) * per_px
                if jitter:  # texels larger than pixels get ragged edges instead of square ones
                    fx += (texel(scene.texels, scene.texel_offset, 0, 0, int(fx * 9.0), int(fy * 9.0)) - 128) / 200.0
                    fy += (
                        texel(scene.texels, scene.texel_offset, 0, 0, int(fy * 9.0) + 77, int(fx * 9.0)) - 128
                    ) / 200.0
                scol, srow = min(max(int(fx), 0), size - 1), min(max(int(fy), 0), size - 1)
                if mirrored:
                    scol = size - 1 - scol
                part, below, shade = sprite_pixel(scene, look, board, level, srow, scol, load)
                if part < 0:
                    continue
                hits += 1
                colour = look.board_rgb[board, part]
                r += min(int(colour[0]) * shade >> 7, 255)
                g += min(int(colour[1]) * shade >> 7, 255)
                b += min(int(colour[2]) * shade >> 7, 255)
                label = int(look.board_label[board, part])
                lower = int(look.board_label[board, below]) if below >= 0 else label
                if k == 0:
                    label0, below0 = label, lower
                elif k == 1:
                    label1, below1 = label, lower
                elif k == 2:
                    label2, below2 = label, lower
                else:
                    label3, below3 = label, lower
            if hits == 0:
                continue
            r += ((haze_r * hits - r) * fog) >> 8
            g += ((haze_g * hits - g) * fog) >> 8
            b += ((haze_b * hits - b) * fog) >> 8
            miss = samples - hits
            rgb[row, col, 0] = (r + miss * int(rgb[row, col, 0])) // samples
            rgb[row, col, 1] = (g + miss * int(rgb[row, col, 1])) // samples
            rgb[row, col, 2] = (b + miss * int(rgb[row, col, 2])) // samples
            if grid == 1:
                mask[row, col], under[row, col] = label0, below0
            else:
                mask[row, col] = vote(label0, label1, label2, label3)
                under[row, col] = vote(below0, below1, below2, below3)
            if 2 * hits >= samples:
                depth[row, col] = t


@njit(cache=True)
def vote(a, b, c, d):
    """The class that at least three of four samples show, else no answer."""
    if a == b:
        return a if (c == a or d == a) else IGNORE
    return c if c == d and (a == c or b == c) else IGNORE


@njit(cache=True)
def draw_boards(scene, look, pose, cam, rgb, mask, under, depth):
    """Draw what stands in the garden, farthest first."""
    count = look.board_place.shape[0]
    f, cx = cam[0], cam[1]
    c, s = math.cos(pose[2]), math.sin(pose[2])
    half = max(cx, mask.shape[1] - cx) / f
    order, deep, aside = np.empty(count, np.int64), np.empty(count), np.empty(count)
    seen = 0
    for board in range(count):
        size_m = look.board_place[board, 2]
        ox, oy = look.board_place[board, 0] - pose[0], look.board_place[board, 1] - pose[1]
        t, side = ox * c + oy * s, ox * s - oy * c
        if t < NEAR_M or size_m <= 0.0 or abs(side) - 0.5 * size_m > half * t:
            continue
        k = seen
        while k > 0 and deep[k - 1] < t:
            deep[k], aside[k], order[k] = deep[k - 1], aside[k - 1], order[k - 1]
            k -= 1
        deep[k], aside[k], order[k] = t, side, board
        seen += 1
    for k in range(seen):
        draw_board(scene, look, cam, order[k], deep[k], aside[k], rgb, mask, under, depth)


@njit(cache=True)
def draw_weather(look, cam, rgb, depth):
    """Rain streaks and snowflakes between the camera and what it sees; they change no label."""
    height, width = depth.shape
    tick = int(look.numbers[TICK])
    for kind in range(2):
        count = int(look.numbers[STREAKS] if kind == 0 else look.numbers[FLAKES])
        for n in range(count):
            away = 0.4 + 5.0 * hash01(n, 1, tick + kind)
            x, y = hash01(n, 2, tick + kind) * width, hash01(n, 3, tick + kind) * height
            wide = 0.0015 if kind == 0 else 0.008
            tall = 0.12 if kind == 0 else 0.008
            px = max(1, int(cam[0] * wide / away + 0.5))
            long = max(1, int(cam[0] * tall / away + 0.5))
            alpha = 70 if kind == 0 else 190
            bright = 190 if kind == 0 else 250
            for row in range(max(int(y), 0), min(int(y) + long, height)):
                lean = (row - int(y)) // 6 if kind == 0 else 0
                for col in range(max(int(x) + lean, 0), min(int(x) + lean + px, width)):
                    if depth[row, col] > away:
                        for channel in range(3):
                            old = int(rgb[row, col, channel])
                            rgb[row, col, channel] = old + ((bright - old) * alpha >> 8)


@njit(cache=True)
def draw_view(scene, look, pose, cam, rgb, mask, under, depth):
    """Draw one view.

    Args:
        scene: `SceneArrays`; look: `LookArrays`.
        pose: (3,) float64, x [m], y [m], heading [rad].
        cam: (4,) float64, focal length, column and row of the principal point [px], height [m].
        rgb: (H, W, 3) uint8, written; mask, under: (H, W) uint8, written; depth: (H, W) float32, written [m].
    """
    ground_top, sky_end = np.empty(mask.shape[1], np.int64), np.empty(mask.shape[1], np.int64)
    draw_walls(scene, look, pose, cam, rgb, mask, under, depth, ground_top, sky_end)
    draw_sky(scene, look, pose, cam, rgb, mask, under, depth, sky_end)
    draw_ground(scene, look, pose, cam, rgb, mask, under, depth, ground_top)
    draw_boards(scene, look, pose, cam, rgb, mask, under, depth)
    draw_weather(look, cam, rgb, depth)
