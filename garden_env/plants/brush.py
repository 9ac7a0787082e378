"""Paint strokes into layers of codes, and halve them by choosing, never by blending.

A sprite is eight bytes a pixel (`LAYERS`). The kernels know four shapes and nothing of plants: what a tulip is,
`garden_env.plants.bulbs` says in strokes.
"""

import math

import numpy as np
from numba import njit

LAYERS = ("wood", "leaf", "leaf_rank", "petal", "petal_rank", "fruit", "fruit_rank", "catch")
WOOD, LEAF, LEAF_RANK, PETAL, PETAL_RANK, FRUIT, FRUIT_RANK, CATCH = range(8)

# Shapes: how a stroke's axis (x0, y0) -> (x1, y1) and half-widths (w0, w1) make an outline.
TAPER, DISC, BLADE, LOBE = range(4)
# Inks: the layer a stroke goes to. EYE is the second colour of the petal layer (codes 128..255).
INK_WOOD, INK_LEAF, INK_PETAL, INK_EYE, INK_FRUIT = range(5)

STROKE = np.dtype(
    [
        ("shape", "f8"),
        ("ink", "f8"),
        ("x0", "f8"),
        ("y0", "f8"),
        ("x1", "f8"),
        ("y1", "f8"),
        ("w0", "f8"),
        ("w1", "f8"),
        ("shade", "f8"),  # brightness of the middle of the stroke, 0..1; at 0.8 it has its table colour
        ("relief", "f8"),  # how much brighter its upper side is than its lower one
        ("grain", "f8"),  # amplitude of texture, 0..1
        ("rank", "f8"),  # 0..1: from which fraction of leaf, bloom or fruit on its base is seen
        ("span", "f8"),  # how much later its tip is seen: leaves and petals grow from the base
        ("order", "f8"),  # what is drawn first lies behind: by falling order
        ("catch", "f8"),  # 0..1: how readily snow lies on its upper side; negative leaves the layer as it is
    ]
)
_ALONG = (np.arange(64) + 0.5) / 64
PROFILES = np.stack(  # half-width along the axis, as a share of w0
    [
        # BLADE: pointed at both ends, widest below the middle
        np.sqrt(np.sin(np.pi * _ALONG**0.8)) * (1.0 - 2.2 * np.maximum(0.0, _ALONG - 0.5) ** 2),
        # LOBE: a narrow base and a round tip
        1.12 * _ALONG**0.55 * np.sqrt(1.0 - _ALONG**4),
    ]
)
SHADE_ONE = 160.0  # code of a shade of 1: a stroke of shade 0.8, the usual one, has the code 128, its table colour
UNSEEN = 256  # a rank above every code: nothing there


@njit(cache=True)
def _hash01(x, y, seed):
    """Noise in 0..1 from a place: the same on every machine."""
    h = np.uint32(x * 374761393 + y * 668265263 + seed * 69069 + 12345)
    h = np.uint32((h ^ (h >> np.uint32(13))) * np.uint32(1274126177))
    h = h ^ (h >> np.uint32(16))
    return (h & np.uint32(0xFFFF)) / 65535.0


@njit(cache=True, error_model="numpy")
def paint(strokes, size_px):
    """Paint strokes in order: a later one covers an earlier one of the same ink.

    Args:
        strokes: (N,) of dtype `STROKE`, in plant units: x in -0.5..0.5, y from 0 (ground) to 1, upwards.
        size_px: side of the sprite [px].

    Returns:
        (size_px, size_px, 8) uint8, row 0 at the top, layers as in `LAYERS`.
    """
    codes = np.zeros((size_px, size_px, 8), np.uint8)
    for n in range(len(strokes)):
        s = strokes[n]
        x0, y0, x1, y1, w0, w1 = s.x0, s.y0, s.x1, s.y1, s.w0, s.w1
        dx, dy = x1 - x0, y1 - y0
        length2 = max(dx * dx + dy * dy, 1e-12)
        length = math.sqrt(length2)
        lean_along, lean_across = dx / length2, dy / length
        wide = max(w0, w1) + 0.5 / size_px
        if s.shape == DISC:
            wide = max(wide, length)
        left = max(0, int((min(x0, x1) - wide + 0.5) * size_px))
        right = min(size_px - 1, int((max(x0, x1) + wide + 0.5) * size_px))
        top = max(0, int((1.0 - max(y0, y1) - wide) * size_px))
        bottom = min(size_px - 1, int((1.0 - min(y0, y1) + wide) * size_px))
        pixel = 1.0 / size_px
        for row in range(top, bottom + 1):
            y = 1.0 - (row + 0.5) * pixel
            along_row = ((y - y0) * dy - x0 * dx) / length2
            across_row = ((y - y0) * dx + x0 * dy) / length
            for col in range(left, right + 1):
                x = (col + 0.5) * pixel - 0.5
                across = across_row - x * lean_across
                if abs(across) > wide:
                    continue
                along = along_row + x * lean_along
                rib = 0.0
                if s.shape == TAPER:
                    t = min(1.0, max(0.0, along))
                    half = w0 + (w1 - w0) * t
                    ox, oy = x - (x0 + t * dx), y - (y0 + t * dy)
                    if ox * ox + oy * oy > half * half:
                        continue
                    edge = across / half
                    sky = dx * edge / length  # a steep stem holds no snow
                    up = edge * (0.85 * dx + 0.5 * dy) / length  # light from above and a little from the left
                    rib = -0.20 * edge * edge * edge * edge
                elif s.shape == DISC:  # an ellipsoid: axis is the half-length, w0 the half-width
                    r2 = along * along + across * across / (w0 * w0)
                    if r2 > 1.0:
                        continue
                    t = math.sqrt(r2)
                    up = (y - y0) / max(w0, abs(dy)) * 0.9 - 0.35 * (x - x0) / max(w0, abs(dx))
                else:
                    if along < 0.0 or along > 1.0:
                        continue
                    t = along
                    half = w0 * PROFILES[int(s.shape) - BLADE, int(t * 63.999)]
                    if abs(across) > half:
                        continue
                    v = across / half
                    up = v if dx >= 0.0 else -v
                    rib = -0.16 * v * v * v * v  # edges fall back: each leaf stands out from the next
                    if s.shape == BLADE and abs(v) < 0.16 and t < 0.85:
                        rib = -0.10
                if s.shape != TAPER:
                    sky = up
                grain = 0.0
                if s.grain > 0.0:  # bark runs along the wood; leaves and stones are freckled
                    if s.ink == INK_WOOD and s.shape == TAPER and half > 0.008:
                        grain = s.grain * (_hash01(int((edge + 2.0) * half * 150.0), row // 7, 1) - 0.5)
                    else:
                        grain = s.grain * (_hash01(col // 2, row // 2, n) - 0.5)
                light = s.shade * (1.0 + s.relief * up + rib) + grain
                shade = min(255, max(1, int(light * SHADE_ONE)))
                rank = min(254, max(0, int(255.0 * (s.rank + s.span * t))))
                if s.ink == INK_WOOD:
                    codes[row, col, WOOD] = shade
                elif s.ink == INK_LEAF:
                    codes[row, col, LEAF] = shade
                    codes[row, col, LEAF_RANK] = rank
                elif s.ink == INK_FRUIT:
                    codes[row, col, FRUIT] = shade
                    codes[row, col, FRUIT_RANK] = rank
                else:
                    half_shade = min(127, max(1, shade // 2))
                    codes[row, col, PETAL] = half_shade + (128 if s.ink == INK_EYE else 0)
                    codes[row, col, PETAL_RANK] = rank
                if s.catch >= 0.0:  # even codes: on wood alone; odd ones: on leaves too
                    bare = 1.4 * sky - 0.1 if s.ink == INK_WOOD else 0.10 + 0.85 * sky
                    lies = int(255.0 * s.catch * min(1.0, max(0.0, bare)))
                    codes[row, col, CATCH] = (lies | 1) if s.ink == INK_LEAF and lies > 0 else (lies & 254)
    return codes


@njit(cache=True)
def _second_smallest(a, b, c, d):
    low, high = (a, b) if a <= b else (b, a)
    for v in (c, d):
        if v < low:
            low, high = v, low
        elif v < high:
            high = v
    return high


@njit(cache=True)
def halve(codes):
    """Halve a sprite: a pixel is covered, at any leaf fraction, when two of its four are.

    The rank of the new pixel is the second smallest of the four, so coverage at every fraction is decided by the
    same majority, and a line of one pixel stays a line of one pixel.

    Args:
        codes: (S, S, 8) uint8.

    Returns:
        (S / 2, S / 2, 8) uint8.
    """
    size = codes.shape[0] // 2
    out = np.zeros((size, size, 8), np.uint8)
    pairs = ((WOOD, -1), (LEAF, LEAF_RANK), (PETAL, PETAL_RANK), (FRUIT, FRUIT_RANK))
    ranks = np.empty(4, np.int64)
    for row in range(size):
        for col in range(size):
            for shade_at, rank_at in pairs:
                total, count, eyes = 0, 0, 0
                for k in range(4):
                    y, x = 2 * row + k // 2, 2 * col + k % 2
                    shade = codes[y, x, shade_at]
                    ranks[k] = UNSEEN
                    if shade > 0:
                        ranks[k] = codes[y, x, rank_at] if rank_at >= 0 else 0
                        count += 1
                        if shade_at == PETAL:
                            eyes += shade >= 128
                            total += max(1, shade & 127)
                        else:
                            total += shade
                if count < 2:
                    continue
                shade = total // count
                if shade_at == PETAL and 2 * eyes >= count:
                    shade += 128
                out[row, col, shade_at] = max(1, shade)
                if rank_at >= 0:
                    out[row, col, rank_at] = _second_smallest(ranks[0], ranks[1], ranks[2], ranks[3])
            if out[row, col, WOOD] == 0 and out[row, col, LEAF] == 0:
                continue  # nothing that snow could lie on
            y, x = 2 * row, 2 * col
            out[row, col, CATCH] = max(
                max(codes[y, x, CATCH], codes[y, x + 1, CATCH]), max(codes[y + 1, x, CATCH], codes[y + 1, x + 1, CATCH])
            )
    return out
