"""Billboards: plants and props, each a sprite at one depth that faces the camera.

Large ones hide what is behind them and are sampled once a pixel; small ones are sampled four times and let it shine
through. What no texel can fill is passed over: of each row of a sprite it is known where it begins and ends.
"""

import math

import numpy as np
from numba import njit

from garden_env.render.codes import P_EYE, P_FRUIT, P_LEAF, P_PETAL, P_SNOW, P_WOOD, TILE_PX
from garden_env.render.look_arrays import DISEASE, FOG, LOAD
from garden_env.render.sampling import NEAR_M, TILE_MASK, U, level_of
from garden_env.render.texture import hash01
from scenarios.tables import IGNORE, OBSTACLE

SMALL_PX = 40.0  # sprites smaller than this are sampled four times a pixel
SPRITE_PX, SPRITE_LEVELS = 128, 5
SPOT_SEED = 911  # of spots of disease, one in every 8 x 8 texels of the finest sprite
RAGGED = 0.6  # texels a pixel, below which edges are made ragged instead of square
JITTER = (np.arange(256) - 128) / 200.0  # texels that a ragged edge is moved, by a texture's shade
NOWHERE = -(1 << 40)  # no shear of a row


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
def place_of(look, cam, board, t, side):
    """The side of a board's square, and its left and lower edge [px]; it stands `side` metres right of the axis."""
    size_px = cam[0] * look.board_place[board, 2] / t
    return size_px, cam[1] + cam[0] * side / t - 0.5 * size_px, cam[2] + cam[0] * cam[3] / t


@njit(cache=True, error_model="numpy")
def moods_of(look, board, lean):
    """Snow on branches, 0..255, how sick leaves are, 0..255, and how far wind shears; props are not sick and stand."""
    load = np.int64(look.numbers[LOAD])
    return (load, 0.0, 0.0) if look.board_label[board, P_WOOD] == OBSTACLE else (load, look.numbers[DISEASE], lean)


@njit(cache=True, error_model="numpy")
def haze_at(look, t):
    """Of 256 parts, how many of a thing at depth t are haze; and its red, green and blue."""
    fog = np.int64(256.0 * (1.0 - math.exp(-look.numbers[FOG] * t)))
    return fog, np.int64(look.haze[0]), np.int64(look.haze[1]), np.int64(look.haze[2])


@njit(cache=True, error_model="numpy")
def shaded(colour, shade):
    """Red, green and blue of a packed colour at a texel's shade, of which 128 leaves it as it is."""
    red, green, blue = (colour & 255) * shade >> 7, (colour >> 8 & 255) * shade >> 7, (colour >> 16) * shade >> 7
    return min(red, 255), min(green, 255), min(blue, 255)


@njit(cache=True, error_model="numpy")
def browned(red, green):
    """What a spot of disease makes of a leaf's colour."""
    both = red + green
    return min(both * 130 >> 8, 255), both * 92 >> 8, both * 46 >> 8


@njit(cache=True, error_model="numpy")
def draw_large(scene, look, cam, board, t, side, lean, rgb, mask, under, depth):
    """Draw a plant or prop of at least SMALL_PX at depth t, where nothing is nearer.

    `lean` shears it to the right, by whole pixels a row.
    """
    height, width = mask.shape
    size_px, left, bottom = place_of(look, cam, board, t, side)
    ratio = SPRITE_PX / size_px
    level = level_of(ratio, SPRITE_LEVELS - 1)
    size = SPRITE_PX >> level
    per_px, per_texel = size / size_px, size_px / size
    sprite, mirrored = look.board_code[board, 0], look.board_code[board, 1] == 1
    leaf, bloom, fruit = look.board_code[board, 2], look.board_code[board, 3], look.board_code[board, 4]
    sprites, span, texels = scene.sprites, scene.sprite_span[level, sprite], scene.texels
    start = scene.sprite_offset[level] + sprite * size * size
    colours, labels = look.board_rgb[board], look.board_label[board]
    load, sick, lean = moods_of(look, board, lean)
    fog, haze_r, haze_g, haze_b = haze_at(look, t)
    ragged = ratio < RAGGED
    texel, along, grain = np.empty(width, np.int64), np.empty(width), np.empty(width, np.int64)
    sheared = NOWHERE
    for row in range(max(math.ceil(bottom - size_px - 0.5), 0), min(math.ceil(bottom - 0.5), height)):
        v = (row + size_px - bottom + 0.5) * per_px
        line = min(max(np.int64(v), 0), size - 1)
        first, end = np.int64(span[line, 0]), np.int64(span[line, 1])
        if ragged:
            for near in (max(line - 1, 0), min(line + 1, size - 1)):
                first, end = min(first, np.int64(span[near, 0])), max(end, np.int64(span[near, 1]))
            first, end = first - 1, end + 1
        if first >= end:
            continue
        if mirrored:
            first, end = size - end, size - first
        off = math.floor(lean * (bottom - row - 0.5) + 0.5) if lean != 0.0 else 0
        edge = left + off - 0.5
        col0, col1 = max(math.ceil(edge), 0), min(math.ceil(edge + size_px), width)
        if off != sheared:
            sheared = off
            for col in range(col0, col1):
                u = (col - off - left + 0.5) * per_px
                at = min(max(np.int64(u), 0), size - 1)
                texel[col], along[col] = size - 1 - at if mirrored else at, u
                grain[col] = np.int64(u * 9.0) & TILE_MASK
        col0 = max(col0, math.floor(first * per_texel + edge))
        col1 = min(col1, math.ceil(end * per_texel + edge) + 1)
        line, ty = line * size, np.int64(v * 9.0) & TILE_MASK
        pixels, classes, lower, depths = rgb[row].reshape(-1), mask[row], under[row], depth[row]
        for column in range(col0, col1):
            col = U(column)
            if depths[col] <= t:
                continue
            if ragged:
                tx = grain[col]
                u_off, v_off = JITTER[texels[U(ty * TILE_PX + tx)]], JITTER[texels[U(tx * TILE_PX + ty)]]
                at = min(max(np.int64(along[col] + u_off), 0), size - 1)
                at = min(max(np.int64(v + v_off), 0), size - 1) * size + (size - 1 - at if mirrored else at)
            else:
                at = line + texel[col]
            code = sprites[U(start + at)]
            seen = decode(code, leaf, bloom, fruit, load) if code != 0 else 0
            if seen == 0:
                continue
            part, shade = (seen & 15) - 1, seen >> 8
            r, g, b = shaded(np.int64(colours[U(part)]), shade)
            if sick > 0.0 and part == P_LEAF and spotted(at, level, sprite, sick):
                r, g, b = browned(r, g)
            pixels[U(3) * col] = r + ((haze_r - r) * fog >> 8)
            pixels[U(3) * col + U(1)] = g + ((haze_g - g) * fog >> 8)
            pixels[U(3) * col + U(2)] = b + ((haze_b - b) * fog >> 8)
            classes[col] = labels[U(part)]
            lower[col] = labels[U((seen >> 4) & 15)]
            depths[col] = t


@njit(cache=True, error_model="numpy")
def draw_small(scene, look, cam, board, t, side, lean, rgb, mask, under, depth):
    """Draw a plant or prop of less than SMALL_PX at depth t, where nothing is nearer; see `draw_large`."""
    height, width = mask.shape
    size_px, left, bottom = place_of(look, cam, board, t, side)
    level = level_of(SPRITE_PX / size_px / 2, SPRITE_LEVELS - 1)
    size = SPRITE_PX >> level
    per_px, per_texel = size / size_px, size_px / size
    sprite, mirrored = look.board_code[board, 0], look.board_code[board, 1] == 1
    leaf, bloom, fruit = look.board_code[board, 2], look.board_code[board, 3], look.board_code[board, 4]
    sprites, span = scene.sprites, scene.sprite_span[level, sprite]
    start = scene.sprite_offset[level] + sprite * size * size
    colours, labels = look.board_rgb[board], look.board_label[board]
    load, sick, lean = moods_of(look, board, lean)
    fog, haze_r, haze_g, haze_b = haze_at(look, t)
    texel = np.empty(2 * width, np.int64)
    sheared = NOWHERE
    for row in range(max(math.ceil(bottom - size_px - 0.5), 0), min(math.ceil(bottom - 0.5), height)):
        line_a = min(max(np.int64((row + size_px - bottom + 0.25) * per_px), 0), size - 1)
        line_b = min(max(np.int64((row + size_px - bottom + 0.75) * per_px), 0), size - 1)
        first, end = np.int64(span[line_a, 0]), np.int64(span[line_a, 1])
        for near in range(line_a + 1, line_b + 1):
            first, end = min(first, np.int64(span[near, 0])), max(end, np.int64(span[near, 1]))
        if first >= end:
            continue
        if mirrored:
            first, end = size - end, size - first
        off = math.floor(lean * (bottom - row - 0.5) + 0.5) if lean != 0.0 else 0
        edge = left + off - 0.5
        col0, col1 = max(math.ceil(edge), 0), min(math.ceil(edge + size_px), width)
        if off != sheared:
            sheared = off
            for col in range(col0, col1):
                for k in range(2):
                    at = min(max(np.int64((col - off - left + (0.25 + 0.5 * k)) * per_px), 0), size - 1)
                    texel[2 * col + k] = size - 1 - at if mirrored else at
        col0 = max(col0, math.floor(first * per_texel + edge - 0.5))
        col1 = min(col1, math.ceil(end * per_texel + edge + 0.5) + 1)
        row_a, row_b = start + line_a * size, start + line_b * size
        pixels, classes, lower, depths = rgb[row].reshape(-1), mask[row], under[row], depth[row]
        for column in range(col0, col1):
            col = U(column)
            if depths[col] <= t:
                continue
            col_a, col_b = texel[U(2) * col], texel[U(2) * col + U(1)]
            code_a, code_b = sprites[U(row_a + col_a)], sprites[U(row_a + col_b)]
            code_c, code_d = sprites[U(row_b + col_a)], sprites[U(row_b + col_b)]
            if code_a | code_b | code_c | code_d == 0:
                continue
            r, g, b, hits = 0, 0, 0, 0
            here, here_under = np.int64(classes[col]), np.int64(lower[col])
            label_a = label_b = label_c = label_d = here
            under_a = under_b = under_c = under_d = here_under
            for k in range(4):
                code = code_a if k == 0 else (code_b if k == 1 else (code_c if k == 2 else code_d))
                seen = decode(code, leaf, bloom, fruit, load) if code != 0 else 0
                if seen == 0:
                    continue
                hits += 1
                part, shade = (seen & 15) - 1, seen >> 8
                red, green, blue = shaded(np.int64(colours[U(part)]), shade)
                if sick > 0.0 and part == P_LEAF:
                    at = (row_a if k < 2 else row_b) + (col_a if k & 1 == 0 else col_b) - start
                    if spotted(at, level, sprite, sick):
                        red, green, blue = browned(red, green)
                r, g, b = r + red, g + green, b + blue
                label, below = np.int64(labels[U(part)]), np.int64(labels[U((seen >> 4) & 15)])
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
            miss, at = 4 - hits, U(3) * col
            pixels[at] = (r + miss * np.int64(pixels[at])) >> 2
            pixels[at + U(1)] = (g + miss * np.int64(pixels[at + U(1)])) >> 2
            pixels[at + U(2)] = (b + miss * np.int64(pixels[at + U(2)])) >> 2
            classes[col] = vote(label_a, label_b, label_c, label_d)
            lower[col] = vote(under_a, under_b, under_c, under_d)
            if hits >= 2:
                depths[col] = t


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
def vote(a, b, c, d):
    """The class that at least three of four samples show, else no answer."""
    if a == b:
        return a if (c == a or d == a) else IGNORE
    return c if c == d and (a == c or b == c) else IGNORE
