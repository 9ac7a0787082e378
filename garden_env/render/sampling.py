"""What the drawing passes share: where a texture is read, and at which grain.

Loops over pixels are written out in each pass: a helper that takes arrays, called for every pixel, costs more than the
pixel does, because arrays are counted references. An index that cannot be negative is passed through `U`.
"""

import numpy as np
from numba import njit

from garden_env.render.codes import TEXEL_M, TILE_PX

U = np.uint64  # as an index, it spares the test whether to count from an array's end
TILE_MASK = TILE_PX - 1
PER_M = 1.0 / TEXEL_M
NEAR_M = 0.12  # nothing nearer than this along the optical axis is drawn


@njit(cache=True, error_model="numpy")
def level_of(ratio, last):
    """The level whose texels are nearest to `ratio` texels of level 0."""
    level = 0
    while level < last and ratio > 1.5 * (1 << level):
        level += 1
    return level
