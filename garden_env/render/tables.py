"""The tables of a moment, made in one compiled pass: a day's arrays, the light of an hour, and the plants' thirst."""

from functools import cache
from typing import NamedTuple

import numpy as np
from numba import njit

from garden_env.plants.colours import mix_leaves
from garden_env.render import codes, day_arrays, look_arrays
from garden_env.render.day_arrays import DayArrays
from garden_env.render.light import (
    AMBIENT,
    BEAM,
    LEVEL,
    RESPONSE,
    SUN,
    TINT,
    VISIBLE,
    light_up,
    raised,
    to_linear,
)
from garden_env.render.look_arrays import LookArrays
from garden_env.render.paint import paint_boards, paint_clouds, paint_ground, paint_sky, paint_walls, reflect, tone
from garden_env.render.shadows import cast_shadows
from garden_env.render.texture import hash01
from garden_env.soil import HEALTHY_KS, WILTED_KS
from garden_env.sun import towards
from scenarios.tables import IGNORE, MATERIALS, WILTED

DEAD_FOLIAGE = 0.5  # share killed from which leaves can no longer wilt
EARTH, POND = to_linear(np.array([MATERIALS[name].rgb for name in ("soil", "water")]))
HORIZON, LOW_SUN, ZENITH, GREY, ICE = to_linear(
    np.array([(196, 218, 236), (250, 206, 150), (74, 130, 206), (196, 201, 206), (196, 206, 214)])
)
HEIGHT = np.linspace(0, 1, 64) ** 0.6  # of the steps of the sky's gradient
MIRRORED = 12  # the step of the sky that water shows
HAZE_AT = 3  # the step of the sky into which distance fades


class Kept(NamedTuple):
    """What stays from one moment to the next where the light has not moved.

    Attributes:
        sun: (3,) float64, from where the shadows of `LookArrays.shadow` were cast; not a number: none were.
        lit: (B,) float64, the share of direct light that reaches each board.
    """

    sun: np.ndarray
    lit: np.ndarray


def room_for(day: DayArrays, cells: tuple[int, int]) -> tuple[LookArrays, Kept]:
    """Tables to be filled for moments of a day, or of another day of the same garden and script.

    Args:
        day: whose cover and places they have.
        cells: rows and columns of the garden's shadows.
    """
    boards, ground, walls = len(day.place), len(day.dark), len(day.walls)
    look = LookArrays(
        numbers=np.empty(look_arrays.NUMBERS),
        haze=np.empty(3, np.int64),
        palette=np.empty((ground, 2, codes.SHADES), np.uint32),
        cover=day.cover,
        covers_on=day.covers_on,
        shadow=np.empty(cells, np.uint8),
        sky=np.empty((len(HEIGHT), 3), np.uint8),
        halo=_halo(),
        cloud_alpha=np.empty(256, np.uint8),
        cloud_rgb=np.empty((256, 3), np.uint8),
        wall_rgb=np.empty((walls, 2, 4, codes.SHADES), np.uint32),
        board_place=day.place,
        board_code=np.empty((boards, 5), np.int64),
        board_label=np.empty((boards, 6), np.uint8),
        board_rgb=np.empty((boards, 6), np.uint32),
    )
    return look, Kept(np.full(3, np.nan), np.empty(boards))


@cache
def _halo() -> np.ndarray:
    """(256,) float64, brightness about the sun by the cosine of the angle to it."""
    cosine = np.minimum(np.arange(256) / 255.0, 1.0)
    return np.clip(0.35 * cosine**12 + 0.5 * cosine**160 + (cosine > 0.9985), 0.0, 1.0)


@njit(cache=True, error_model="numpy")
def light_of_day(sun_day, weather_day, sun_hour, hour, row):
    """Write the light of a moment into a row of LIGHT_NUMBERS.

    Args:
        sun_day, weather_day: `DayArrays.numbers` of the days whose sun shines and whose clouds pass: mostly one.
        sun_hour, hour: solar time of the sun, and of the clouds [h].
        row: written.
    """
    sun = towards(sun_day[day_arrays.LATITUDE_RAD], sun_day[day_arrays.DECLINATION_RAD], sun_hour)
    sun = raised(sun, sun_day[day_arrays.RAISED_DEG])
    tint = sun_day[day_arrays.DAYLIGHT : day_arrays.DAYLIGHT + 3]
    day, cloud = np.int64(weather_day[day_arrays.DAY]), weather_day[day_arrays.CLOUD]
    light_up(sun, day, hour, cloud, tint, sun_day[day_arrays.LAMP], row)


@njit(cache=True, error_model="numpy")
def leaves(day, ks, out):
    """Write the plants' leaf colours, (P, 3) float32 sRGB 0..1, at a thirst `ks` (P,); see `foliage_rgb`."""
    mix_leaves(
        day.young, day.mature, day.unmasked, day.autumn, day.dead, day.evergreen, day.species, day.unfolded,
        day.ageing, day.killed, 1.0 - ks, day.winter, day.jitter, out,
    )  # fmt: skip


@njit(cache=True, error_model="numpy")
def fill(day, light, hour, ks, wetness, leaf_rgb, kept, look):
    """Write the tables of a moment.

    Args:
        day: `DayArrays`.
        light: (LIGHT_NUMBERS,) float64.
        hour: solar time of the weather [h].
        ks, wetness: (P,) float64, see `garden_env.look.make_look`.
        leaf_rgb: (P, 3) float32, see `leaves`.
        kept: `Kept`; shadows are cast anew where the light comes from elsewhere than it did.
        look: `LookArrays`, written.
    """
    numbers = day.numbers
    cast(numbers, light, day.walls, day.casts, day.strength, kept.sun, kept.lit, look.shadow)
    paint_air(numbers, light, look.haze, look.sky, look.cloud_alpha, look.cloud_rgb)
    pave(numbers, light, day.dark, day.bright, wetness, look.sky[MIRRORED], look.palette)
    sun, beam, ambient = light[SUN : SUN + 3], light[BEAM : BEAM + 3], light[AMBIENT : AMBIENT + 3]
    paint_walls(day.wall_dark, day.wall_light, day.normal, sun, beam, ambient, RESPONSE, look.wall_rgb)
    look.board_code[:], look.board_label[:] = day.code, day.label
    droop(ks, day.killed, look.board_code, look.board_label)
    paint_boards(day.part_rgb, leaf_rgb, kept.lit, sun[2], beam, ambient, RESPONSE, look.board_rgb)
    count(numbers, light, hour, look.numbers)


@njit(cache=True, error_model="numpy")
def cast(numbers, light, walls, casts, strength, kept_sun, lit, shadow):
    """Share of direct light missing on the ground, and reaching each board."""
    # Without a visible sun what is left is a short darkness at the foot of things.
    visible = light[VISIBLE]
    sun = light[SUN : SUN + 3] * visible
    sun[2] += 1.0 - visible
    if sun[0] == kept_sun[0] and sun[1] == kept_sun[1] and sun[2] == kept_sun[2]:
        return
    kept_sun[:] = sun
    cast_shadows(walls, casts, sun, numbers[day_arrays.CELL_M], strength, shadow, lit)


@njit(cache=True, error_model="numpy")
def paint_air(numbers, light, haze, sky, cloud_alpha, cloud_rgb):
    """The colour into which distance fades, the clear sky from the horizon up, and the clouds."""
    horizon, zenith, lit, base = np.empty(3), np.empty(3), np.empty(3), np.empty(3)
    low_sun = min(max((0.35 - light[SUN + 2]) / 0.35, 0.0), 1.0) * light[VISIBLE]
    greyed, overcast = numbers[day_arrays.GREYED], numbers[day_arrays.OVERCAST]
    bright = min(light[LEVEL], 1.15)
    for c in range(3):
        low = HORIZON[c] + (LOW_SUN[c] - HORIZON[c]) * low_sun
        low = low + (GREY[c] - low) * greyed
        high = ZENITH[c] + (0.8 * GREY[c] - ZENITH[c]) * overcast
        tint = light[TINT + c]
        horizon[c], zenith[c] = low * tint, high * tint
        lit[c], base[c] = numbers[day_arrays.CLOUD_LIT + c] * tint, numbers[day_arrays.CLOUD_BASE + c] * tint
        haze[c] = tone((horizon[c] + (zenith[c] - horizon[c]) * HEIGHT[HAZE_AT]) * bright * 0.97, RESPONSE)
    paint_sky(horizon, zenith, HEIGHT, bright, RESPONSE, sky)
    cloud = numbers[day_arrays.CLOUD]
    paint_clouds(cloud, lit, base, min(light[LEVEL], 1.1), RESPONSE, cloud_alpha, cloud_rgb)


@njit(cache=True, error_model="numpy")
def pave(numbers, light, dark, bright, wetness, mirror, palette):
    """The palette of the ground, in the sun and in shadow; water shows the sky."""
    dark, bright, on_ground, dim = dark.copy(), bright.copy(), np.empty(3), np.empty(3)
    for c in range(3):
        on_ground[c] = light[BEAM + c] * max(light[SUN + 2], 0.0) + light[AMBIENT + c]
        dim[c] = light[AMBIENT + c] * 0.95
    reflect(dark, bright, mirror, on_ground, wetness, POND, ICE, numbers[day_arrays.FROZEN], EARTH)
    paint_ground(dark, bright, on_ground, dim, RESPONSE, palette)


@njit(cache=True, error_model="numpy")
def droop(ks, killed, code, label):
    """Thirst droops leaves and names them: changes the codes (B, 5) and labels (B, 6) of boards."""
    for p in range(len(ks)):
        # The droops of a sprite follow one another; dead leaves hang by half, thirsty or not.
        if killed[p] >= DEAD_FOLIAGE:
            code[p, 0] += 1
        elif ks[p] < WILTED_KS:
            code[p, 0] += 2
            label[p, codes.P_LEAF] = WILTED
        elif ks[p] < HEALTHY_KS:
            code[p, 0] += 1
            label[p, codes.P_LEAF] = IGNORE


@njit(cache=True, error_model="numpy")
def count(day, light, hour, numbers):
    """Write the row of numbers of a look, from that of its day."""
    number = np.int64(day[day_arrays.DAY])
    for k in range(3):
        numbers[look_arrays.SUN_X + k] = light[SUN + k]
    numbers[look_arrays.GLOW] = 0.9 * light[VISIBLE]
    drift = (number * 24.0 + hour) * day[day_arrays.WIND_M_S] * 6.0
    numbers[look_arrays.CLOUD_X], numbers[look_arrays.CLOUD_Y] = 4096 + drift, 4096 + 0.3 * drift
    wet, white = 0.0, 0.0
    if light[VISIBLE] < 0.5:
        wet, white = _falling(number, hour, day[day_arrays.RAIN_MM], day[day_arrays.SNOWFALL_MM])
    wet, white = max(wet, day[day_arrays.ALL_DAY_RAIN]), max(white, day[day_arrays.ALL_DAY_SNOW])
    snow_load = day[day_arrays.SNOW_LOAD]
    numbers[look_arrays.FOG] = day[day_arrays.HAZE_PER_M] + 0.02 * (wet + 2.0 * white)
    numbers[look_arrays.LOAD] = round(255 * snow_load)
    numbers[look_arrays.SNOWCAP] = 0.07 * min(1.0, snow_load * 1.5)
    numbers[look_arrays.HEDGE_SNOW] = 120 * snow_load
    seen_falling = min(1.0, 4.0 * light[LEVEL])  # nobody sees rain in the dark; by day the level is above 1/4
    numbers[look_arrays.STREAKS] = round(160 * wet * seen_falling)
    numbers[look_arrays.FLAKES] = round(220 * white * seen_falling)
    numbers[look_arrays.LEAN_X], numbers[look_arrays.LEAN_Y] = day[day_arrays.LEAN_X], day[day_arrays.LEAN_Y]
    numbers[look_arrays.DISEASE] = day[day_arrays.SICK]
    numbers[look_arrays.TICK] = round(number * 1440 + hour * 60)


@njit(cache=True, error_model="numpy")
def _falling(day, hour, rain_mm, snow_mm):
    """Rain and snow in the air at an hour, 0..1 each: a wet day's water falls in some of its hours."""
    if hash01(day, int(hour / 2), 4242) > min(0.9, 0.25 + 0.04 * (rain_mm + 2 * snow_mm)):
        return 0.0, 0.0
    return min(1.0, rain_mm / 10.0) if rain_mm > 0.3 else 0.0, min(1.0, snow_mm / 6.0) if snow_mm > 0.2 else 0.0
