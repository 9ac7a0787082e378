"""The tables of a day, as the kernels take them: what the looks of a day have in common."""

from typing import NamedTuple

import numpy as np

# Places in `DayArrays.numbers`
LATITUDE_RAD, DECLINATION_RAD = 0, 1  # where on Earth, and where the sun is overhead
RAISED_DEG = 2  # by which the script raises the sun
DAY = 3  # days since the start of the life, of the weather
CLOUD, FOG = 4, 5  # shares: of the sky, of the thickest fog
LAMP = 6  # how bright the robot's lamp is, 0..1
SNOW_LOAD, FROZEN = 7, 8  # snow on branches, thickness of the pond's ice, 0..1
TURN, SICK = 9, 10  # of leaves: see `alter.turned`; size of brown spots, 0..255
LEAN_X, LEAN_Y = 11, 12  # how far scripted wind bends plants, over their height
ALL_DAY_RAIN, ALL_DAY_SNOW = 13, 14  # scripted, in the air, 0..1
WIND_M_S, RAIN_MM, SNOWFALL_MM = 15, 16, 17
HAZE_PER_M = 18  # extinction of the air without rain or snow [1/m]
GREYED, OVERCAST = 19, 20  # how far the horizon and the zenith have gone grey, 0..1
CELL_M = 21  # side of a cell of shadow [m]
DAYLIGHT = 22  # from here on three: `daylight_tint`
CLOUD_LIT, CLOUD_BASE = 25, 28  # from here on three each: colours of thin and of thick clouds
DAY_NUMBERS = 31


class DayArrays(NamedTuple):
    """What a moment's `LookArrays` are made from. P plants, B boards (plants, then all else), W walls, S species.

    Attributes:
        numbers: (DAY_NUMBERS,) float64, see the constants above.
        cover, covers_on, place: of `LookArrays`, as they are.
        dark, bright: (10 + P, 3) float64, albedo of the ground, still without what a moment's `reflect` adds.
        code: (B, 5) int64, of plants that stand upright; label: (B, 6) uint8, of plants that do not thirst.
        casts: (B, 5) float64, what casts shadows; strength: (B,) float64; see `cast_shadows`.
        part_rgb: (B, 6, 3) float64, linear, plants' leaves still empty.
        wall_dark, wall_light: (W, 4, 3) float64, linear.
        walls: (W, 7) float64, as in `SceneArrays`; normal: (W, 2, 2) float64, of both faces.
        unfolded, killed, ageing, winter: (P,) float64, see `garden_env.plants.colours.foliage_rgb`.
        species: (P,) int64; jitter: (P, 3) float64.
        young .. dead: (S, 3) float64 and evergreen: (S,) float64, see `garden_env.plants.colours.Pigments`.
    """

    numbers: np.ndarray
    cover: np.ndarray
    covers_on: np.ndarray
    place: np.ndarray
    dark: np.ndarray
    bright: np.ndarray
    code: np.ndarray
    label: np.ndarray
    casts: np.ndarray
    strength: np.ndarray
    part_rgb: np.ndarray
    wall_dark: np.ndarray
    wall_light: np.ndarray
    walls: np.ndarray
    normal: np.ndarray
    unfolded: np.ndarray
    killed: np.ndarray
    ageing: np.ndarray
    winter: np.ndarray
    species: np.ndarray
    jitter: np.ndarray
    young: np.ndarray
    mature: np.ndarray
    unmasked: np.ndarray
    autumn: np.ndarray
    dead: np.ndarray
    evergreen: np.ndarray
