"""The tables of a moment, as the kernels take them."""

from typing import NamedTuple

import numpy as np

# Places in `LookArrays.numbers`
SUN_X, SUN_Y, SUN_Z = range(3)  # unit vector to the sun: east, north, up
GLOW = 3  # strength of the sun's halo, 0..1
CLOUD_X, CLOUD_Y = 4, 5  # how far the clouds have drifted [texels]
FOG = 6  # extinction [1/m]
LOAD = 7  # snow on branches, 0..255
SNOWCAP = 8  # snow on walls [m]
HEDGE_SNOW = 9  # share of a hedge's face under snow, 0..255
STREAKS, FLAKES = 10, 11  # raindrops and snowflakes in the air in view
TICK = 12  # changes with every moment: seeds the fall of rain
LEAN_X, LEAN_Y = 13, 14  # how far scripted wind bends plants: metres east and north per metre of height
DISEASE = 15  # how large the brown spots on leaves are, 0..255
NUMBERS = 16


class LookArrays(NamedTuple):
    """Colour tables (sRGB; uint32 is packed, red lowest) and places of a moment.

    P plants, B = P plants + Q props, W walls.

    Attributes:
        numbers: (NUMBERS,) float64, see the constants above.
        haze: (3,) int64, the colour into which distance fades.
        palette: (10 + P, 2, 32) uint32, ground surface x (lit, in shadow) x shade.
        cover: (4, 5, 256) uint8, share covered by each of `codes.COVERS` on each material, by patch code.
        covers_on: (n,) int64, the covers that lie anywhere, from the bottom up.
        shadow: (R, C) uint8, share of direct light missing.
        sky: (64, 3) uint8 from the horizon up; halo: (256,) float64 by the cosine of the angle to the sun.
        cloud_alpha: (256,) uint8; cloud_rgb: (256, 3) uint8, by noise.
        wall_rgb: (W, 2, 4, 32) uint32, wall x face x part x shade.
        board_place: (B, 3) float64, x, y, side of the sprite [m]; 0 is not there.
        board_code: (B, 5) int64, sprite, mirrored, thresholds of leaf, petal and fruit ranks.
        board_label: (B, 6) uint8 and board_rgb: (B, 6) uint32, by part.
    """

    numbers: np.ndarray
    haze: np.ndarray
    palette: np.ndarray
    cover: np.ndarray
    covers_on: np.ndarray
    shadow: np.ndarray
    sky: np.ndarray
    halo: np.ndarray
    cloud_alpha: np.ndarray
    cloud_rgb: np.ndarray
    wall_rgb: np.ndarray
    board_place: np.ndarray
    board_code: np.ndarray
    board_label: np.ndarray
    board_rgb: np.ndarray
