"""Look: the almanac's day, the hour and the plants' thirst, turned into the colour tables of a moment.

A look is tables, not branches: the kernels stay the same through the year. What lies on the ground is given as the
share of the ground that it covers, by material and by how much a place collects it; see `docs/rendering.md` for the
rules of the two labels at partial cover.
"""

import math
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numba import njit

from garden_env import sun
from garden_env.almanac import Almanac
from garden_env.layout import BRICK, FENCE, HEDGE, Layout
from garden_env.plants import PROP_NAMES, PROPS, Atlas, build_atlas, foliage_rgb, pigments, plant_jitter, side_m
from garden_env.render import codes, look_arrays
from garden_env.render.light import RESPONSE, Light, light_of, packed, seen, to_linear
from garden_env.render.look_arrays import LookArrays
from garden_env.render.shadows import cast_shadows
from garden_env.render.texture import hash01
from scenarios.tables import BLOSSOM, FOLIAGE, IGNORE, MATERIALS, OBSTACLE, SNOW, SPECIES, WILTED, WOOD

WILTED_KS, DOUBTFUL_KS = 0.4, 0.6  # below: class wilted; below: no answer
DEAD_FOLIAGE = 0.5  # share killed from which leaves can no longer wilt
PROP_SIDE = 1.05  # a prop's sprite over its height
SNOW_RGB, OLD_SNOW_RGB = (240, 244, 252), (206, 210, 214)
ICE_RGB = (196, 206, 214)
PUDDLE_SHARE = 0.16  # of the ground lies in hollows
PATCHINESS = (0.12, 0.55, 0.55, 0.45)  # how gradually each of `codes.COVERS` thins out from place to place
FENCE_RGB = ((146, 108, 72), (134, 130, 122), (70, 92, 66), (206, 200, 188), (112, 62, 48))
BRICK_RGB = ((168, 92, 66), (186, 156, 110), (150, 84, 72), (176, 172, 164))
BOARDS_RGB = ((140, 52, 44), (92, 112, 128), (120, 88, 60), (116, 134, 104), (196, 186, 160))
DOOR_RGB = ((226, 222, 210), (64, 96, 84), (70, 74, 92), (178, 128, 70), (96, 44, 48))
TRIM_RGB = ((232, 228, 220), (74, 66, 60), (200, 190, 172))
HEDGE_RGB = ((66, 104, 50), (84, 116, 54), (56, 92, 58))
LUSH, STRAW = to_linear(np.array([SPECIES["lawn"].leaf_rgb, SPECIES["lawn"].dead_rgb]))
EARTH, GRAVEL, SLAB, POND = to_linear(np.array([MATERIALS[name].rgb for name in ("soil", "path", "stone", "water")]))
ICE, SNOW_WHITE, OLD_SNOW = to_linear(np.array([ICE_RGB, SNOW_RGB, OLD_SNOW_RGB]))
HORIZON, LOW_SUN, ZENITH, GREY, CLOUD_LIT, CLOUD_BASE = to_linear(
    np.array([(196, 218, 236), (250, 206, 150), (74, 130, 206), (196, 201, 206), (250, 250, 250), (168, 174, 184)])
)
PATCH, HEIGHT = np.arange(256) / 255.0, np.linspace(0, 1, 64)[:, None] ** 0.6
SPROUT_M = 0.03  # smaller plants are not drawn


@dataclass(frozen=True, eq=False)
class Look:
    """The tables of a moment: everything that the kernels need to know about it.

    Attributes:
        arrays: the tables.
        light: where they got their light from.
        day, hour: the moment.
    """

    arrays: LookArrays
    light: Light
    day: int
    hour: float


@dataclass(frozen=True, eq=False)
class _Fixed:
    """What a layout's looks have in common."""

    atlas: Atlas
    palette: object
    jitter: np.ndarray  # (P, 3)
    species: np.ndarray  # (P,) int64
    shift: np.ndarray  # (P,) int64
    side_m: np.ndarray  # (P,) at full growth
    height_m: np.ndarray
    spread_m: np.ndarray
    form: tuple[str, ...]
    part_rgb: np.ndarray  # (B, 6, 3) linear, leaf still empty
    walls: np.ndarray  # (W, 7)
    wall_dark: np.ndarray  # (W, 4, 3) linear
    wall_light: np.ndarray
    normal: np.ndarray  # (W, 2, 2) of both faces
    litter: np.ndarray  # (2, 3) linear, dark and light
    petals: np.ndarray
    place: np.ndarray  # (B, 2)
    mirrored: np.ndarray  # (B,)
    crown: np.ndarray  # (P,) share of the height below which a tree has no leaves


@njit(cache=True)
def _fill(dark, light, lit, dim, response, out):
    """Packed colours (N, 2, 32) of surfaces from their darkest and lightest albedo (N, 3), by light (3,) and shade."""
    shades = out.shape[2]
    scale = len(response) / 2.0
    for n in range(out.shape[0]):
        for k in range(shades):
            part = (k + 0.5) / shades
            colour, shaded = 0, 0
            for channel in range(3):
                albedo = (dark[n, channel] + (light[n, channel] - dark[n, channel]) * part) * scale
                colour |= np.int64(response[min(int(albedo * lit[channel]), len(response) - 1)]) << (8 * channel)
                shaded |= np.int64(response[min(int(albedo * dim[channel]), len(response) - 1)]) << (8 * channel)
            out[n, 0, k], out[n, 1, k] = colour, shaded


@njit(cache=True)
def _fill_walls(dark, light, on_wall, response, out):
    """Packed colours (W, 2, 4, 32) of walls from albedo (W, 4, 3) and the light on both faces (W, 2, 3)."""
    walls, faces, parts, shades = out.shape
    scale = len(response) / 2.0
    for w in range(walls):
        for face in range(faces):
            for part in range(parts):
                for k in range(shades):
                    share, colour = (k + 0.5) / shades, 0
                    for channel in range(3):
                        low, high = dark[w, part, channel], light[w, part, channel]
                        seen_at = (low + (high - low) * share) * scale * on_wall[w, face, channel]
                        colour |= np.int64(response[min(int(seen_at), len(response) - 1)]) << (8 * channel)
                    out[w, face, part, k] = colour


def make_look(
    layout: Layout, almanac: Almanac, day: int, hour: float, ks: np.ndarray, wetness: np.ndarray, *,
    atlas: Atlas | None = None,
) -> Look:  # fmt: skip
    """Work out how a garden looks at a moment.

    Args:
        layout: the garden.
        almanac: its years.
        day: row of the almanac.
        hour: solar time [h].
        ks: (P,) float64, stress coefficient of every plant, 1 is unstressed.
        wetness: (P,) float64, how wet the soil over each plant's roots looks, 0..1.
        atlas: the sprites of the layout's species; drawn if not given.

    Raises:
        ValueError: ks or wetness has another length than the layout has plants.
        IndexError: the almanac has no such day.
    """
    count = len(layout.plant_species)
    if np.shape(ks) != (count,) or np.shape(wetness) != (count,):
        raise ValueError(
            f"ks and wetness need ({count},) values, one a plant; given {np.shape(ks)}, {np.shape(wetness)}"
        )
    if not 0 <= day < len(almanac.doy):
        raise IndexError(f"day {day} is outside the almanac, which has rows 0 .. {len(almanac.doy) - 1}")
    fixed = _fixed(layout)
    direction = sun.direction(math.radians(almanac.latitude_deg), almanac.declination_rad[day], hour)
    light = light_of(direction, day, hour, float(almanac.cloud[day]))
    plants = _plants(fixed, almanac, day, np.asarray(ks, float))
    snow_load = _snow_load(almanac, day)
    shadow, lit = _shadows(layout, fixed, plants, light)
    sky, haze = _sky(light, float(almanac.cloud[day]), float(almanac.fog[day]))
    frozen = _frozen(almanac, day)
    cover, covers_on = _cover(almanac, day, frozen > 0.6)
    arrays = LookArrays(
        numbers=_numbers(almanac, day, hour, light, snow_load),
        haze=haze.astype(np.int64),
        palette=_palette(fixed, almanac, day, light, np.asarray(wetness, float), sky, frozen),
        cover=cover,
        covers_on=covers_on,
        shadow=shadow,
        sky=sky,
        halo=_halo(),
        **_clouds(light, float(almanac.cloud[day])),
        wall_rgb=_walls(fixed, light),
        **_boards(layout, fixed, plants, light, lit),
    )
    return Look(arrays, light, day, hour)


# What does not change with the moment


@lru_cache(maxsize=64)
def _fixed(layout: Layout) -> _Fixed:
    names = layout.species
    rows = [SPECIES[names[k]] for k in layout.plant_species]
    atlas = build_atlas(names)
    jitter = plant_jitter(layout.plant_seed)
    props = [PROPS[PROP_NAMES[k]] for k in layout.prop_kind]

    def colours(items, field: str) -> np.ndarray:
        return to_linear(np.array([getattr(item, field) for item in items], float).reshape(-1, 3))

    parts = {
        codes.P_WOOD: "wood_rgb",
        codes.P_PETAL: "petal_rgb",
        codes.P_EYE: "centre_rgb",
        codes.P_FRUIT: "fruit_rgb",
    }
    part_rgb = np.zeros((len(rows) + len(props), 6, 3))
    for part, field in parts.items():
        part_rgb[: len(rows), part] = colours(rows, field) * (1 + 0.12 * jitter[:, 1:2])
        part_rgb[len(rows) :, part] = colours(props, field)
    part_rgb[len(rows) :, codes.P_LEAF] = colours(props, "leaf_rgb")
    part_rgb[:, codes.P_SNOW] = to_linear(np.array(SNOW_RGB)) / 4.0  # shades of sprites run to twice and back
    dark, bright = _wall_colours(layout)
    ex, ey = layout.wall_x1_m - layout.wall_x0_m, layout.wall_y1_m - layout.wall_y0_m
    normal = np.stack([ey, -ex], 1) / np.maximum(np.hypot(ex, ey), 1e-9)[:, None]
    woody = [SPECIES[name] for name in names if SPECIES[name].habit == "deciduous"] or [SPECIES["apple"]]
    trees = [row for row in woody if row.form == "tree"] or woody
    leaves = to_linear(np.array([row.autumn_rgb for row in trees]).mean(0))
    brown = to_linear(np.array([row.dead_rgb for row in trees]).mean(0))
    petal = to_linear(np.array([row.petal_rgb for row in trees]).mean(0))
    return _Fixed(
        atlas=atlas,
        palette=pigments(names),
        jitter=jitter,
        species=layout.plant_species.astype(np.int64),
        shift=np.asarray(layout.plant_shift_days, np.int64),
        side_m=np.array([side_m(row.name) for row in rows]) * layout.plant_size,
        height_m=np.array([row.height_m for row in rows]) * layout.plant_size,
        spread_m=np.array([row.spread_m for row in rows]) * layout.plant_size,
        form=tuple(row.form for row in rows),
        part_rgb=part_rgb,
        walls=np.stack(
            [
                layout.wall_x0_m,
                layout.wall_y0_m,
                layout.wall_x1_m,
                layout.wall_y1_m,
                layout.wall_height_m,
                layout.wall_rise_m,
                np.hypot(ex, ey),
            ],
            axis=1,
        ),
        wall_dark=dark,
        wall_light=bright,
        normal=np.stack([normal, -normal], 1),
        litter=np.stack([0.35 * brown, 0.5 * brown + 1.1 * leaves]),
        petals=np.stack([0.6 * petal, 1.1 * petal]),
        place=np.stack([np.r_[layout.plant_x_m, layout.prop_x_m], np.r_[layout.plant_y_m, layout.prop_y_m]], 1),
        mirrored=np.r_[layout.plant_seed % 2, np.arange(len(props)) % 2].astype(np.int64),
        crown=np.array([0.3 if row.form == "tree" else 0.0 for row in rows]),
    )


def _wall_colours(layout: Layout) -> tuple[np.ndarray, np.ndarray]:
    """(W, 4, 3) linear albedo of the darkest and lightest texels, by part."""
    base = np.zeros((len(layout.wall_kind), 4, 3))
    for w, (kind, seed) in enumerate(zip(layout.wall_kind, layout.wall_seed, strict=True)):
        body = {FENCE: FENCE_RGB, HEDGE: HEDGE_RGB, BRICK: BRICK_RGB}.get(int(kind), BOARDS_RGB)
        trim = np.array(BRICK_RGB[seed % 4]) * 0.8 if kind == BRICK else TRIM_RGB[seed // 7 % 3]
        base[w] = to_linear(np.array([body[seed % len(body)], trim, DOOR_RGB[seed // 3 % 5], SNOW_RGB]))
    dark, light = base * 0.12, base * 1.9
    dark[:, codes.W_SNOW], light[:, codes.W_SNOW] = base[:, codes.W_SNOW] * 0.8, base[:, codes.W_SNOW] * 1.05
    for w in np.flatnonzero(layout.wall_kind == BRICK):  # mortar is the lightest texel of a brick wall
        light[w, codes.W_BODY] = 1.5 * base[w, codes.W_BODY] + 0.25 * to_linear(np.array((190, 184, 174)))
    return dark, light


@cache
def _halo() -> np.ndarray:
    """(256,) float64, brightness about the sun by the cosine of the angle to it."""
    cosine = np.minimum(np.arange(256) / 255.0, 1.0)
    return np.clip(0.35 * cosine**12 + 0.5 * cosine**160 + (cosine > 0.9985), 0.0, 1.0)


# The day


@dataclass(frozen=True, eq=False)
class _Plants:
    """Stages and colours of every plant, (P,) or (P, 3)."""

    growth: np.ndarray
    leaf: np.ndarray
    bloom: np.ndarray
    fruit: np.ndarray
    label: np.ndarray
    droop: np.ndarray
    rgb: np.ndarray  # linear


def _plants(fixed: _Fixed, almanac: Almanac, day: int, ks: np.ndarray) -> _Plants:
    at = np.clip(day + fixed.shift, 0, len(almanac.doy) - 1), fixed.species
    growth, leaf, bloom, fruit, killed, ageing = (
        column[at] for column in
        (almanac.growth, almanac.leaf, almanac.bloom, almanac.fruit, almanac.killed, almanac.senescence)
    )  # fmt: skip
    recent = slice(max(0, day - 14), day + 1)
    cold = float(np.clip((8.0 - (almanac.tmax_c[recent].mean() + almanac.tmin_c[recent].mean()) / 2) / 14.0, 0, 1))
    rgb = foliage_rgb(
        fixed.palette, fixed.species, leaf=leaf, senescence=ageing, killed=killed, wilt=1.0 - ks,  # pyright: ignore[reportArgumentType]
        winter=np.full(len(ks), cold), jitter=fixed.jitter,
    )  # fmt: skip
    alive = killed < DEAD_FOLIAGE
    label = np.where(ks < WILTED_KS, WILTED, np.where(ks < DOUBTFUL_KS, IGNORE, FOLIAGE))
    droop = np.where(ks < WILTED_KS, 2, np.where(ks < DOUBTFUL_KS, 1, 0))
    return _Plants(
        growth, leaf, bloom, fruit, np.where(alive, label, FOLIAGE), np.where(alive, droop, 1),
        to_linear(rgb.astype(np.float64) * 255.0),
    )  # fmt: skip


def _snow_load(almanac: Almanac, day: int) -> float:
    """Snow on branches, 0..1: what fell in the last days, less what melted."""
    load = 0.0
    for back in range(min(day, 6), -1, -1):
        row = day - back
        thaw = max(0.0, float(almanac.tmax_c[row])) * 0.25
        load = max(0.0, load * 0.85 + float(almanac.snowfall_mm[row]) / 6.0 - thaw)
    return min(load, 1.0) * float(almanac.snow_cover[day] > 0.05)


def _frozen(almanac: Almanac, day: int) -> float:
    """How thick the pond's ice is, 0..1, from the frost of the last weeks."""
    recent = slice(max(0, day - 20), day + 1)
    mean_c = (almanac.tmax_c[recent] + almanac.tmin_c[recent]) / 2
    weight = 0.9 ** np.arange(len(mean_c))[::-1]
    return float(np.clip(-(mean_c * weight).sum() / weight.sum() / 3.0, 0.0, 1.0))


def _numbers(almanac: Almanac, day: int, hour: float, light: Light, snow_load: float) -> np.ndarray:
    numbers = np.zeros(look_arrays.NUMBERS)
    numbers[look_arrays.SUN_X : look_arrays.SUN_Z + 1] = light.sun
    numbers[look_arrays.GLOW] = 0.9 * light.visible
    drift = (day * 24.0 + hour) * float(almanac.wind_m_s[day]) * 6.0
    numbers[look_arrays.CLOUD_X], numbers[look_arrays.CLOUD_Y] = 4096 + drift, 4096 + 0.3 * drift
    falling = _falling(almanac, day, hour)
    wet, white = falling if (light.visible < 0.5) else (0.0, 0.0)
    numbers[look_arrays.FOG] = 0.004 + 0.22 * float(almanac.fog[day]) ** 1.5 + 0.02 * (wet + 2.0 * white)
    numbers[look_arrays.LOAD] = round(255 * snow_load)
    numbers[look_arrays.SNOWCAP] = 0.07 * min(1.0, snow_load * 1.5)
    numbers[look_arrays.HEDGE_SNOW] = 120 * snow_load
    numbers[look_arrays.STREAKS], numbers[look_arrays.FLAKES] = round(160 * wet), round(220 * white)
    numbers[look_arrays.TICK] = round(day * 1440 + hour * 60)
    return numbers


def _falling(almanac: Almanac, day: int, hour: float) -> tuple[float, float]:
    """Rain and snow in the air at an hour, 0..1 each: a wet day's water falls in some of its hours."""
    rain, snow = float(almanac.rain_mm[day]), float(almanac.snowfall_mm[day])
    if hash01(day, int(hour / 2), 4242) > min(0.9, 0.25 + 0.04 * (rain + 2 * snow)):
        return 0.0, 0.0
    return min(1.0, rain / 10.0) if rain > 0.3 else 0.0, min(1.0, snow / 6.0) if snow > 0.2 else 0.0


def _cover(almanac: Almanac, day: int, ice: bool) -> tuple[np.ndarray, np.ndarray]:
    """(4, 5, 256) uint8, share of the ground covered, by cover, material and patch code."""
    shares = np.array([
        PUDDLE_SHARE * float(almanac.puddle[day]), float(almanac.litter[day]), float(almanac.petals[day]),
        float(almanac.snow_cover[day]),
    ])  # fmt: skip
    collects = np.array(  # how readily each cover lies on lawn, soil, path, water, stone
        [
            [0.7, 0.6, 1.2, 0.0, 0.4],
            [1.0, 0.9, 0.6, 0.25, 0.6],
            [1.0, 0.8, 0.8, 0.6, 0.8],
            [1.0, 1.0, 1.0, float(ice), 1.0],
        ]
    )
    wide = np.array(PATCHINESS)[:, None, None]
    share = np.clip(shares[:, None] * collects, 0, 1)[..., None]
    local = np.clip((PATCH - (1.0 - share * (1.0 + wide))) / wide, 0.0, 1.0) * (share > 0.004)
    local = np.rint(255 * local * local * (3 - 2 * local)).astype(np.uint8)
    return local, np.flatnonzero(local.any(axis=(1, 2)))


# Colours


def _palette(fixed, almanac, day, light: Light, wetness, sky, frozen) -> np.ndarray:
    plants = len(wetness)
    dark, bright = np.zeros((2, codes.ZONE0 + plants, 3))

    def put(row, rgb_dark, rgb_light):
        dark[row], bright[row] = rgb_dark, rgb_light

    green, wet = float(almanac.lawn_green[day]), float(almanac.soil_wet[day])
    blade = np.exp(np.log(STRAW) + green * (np.log(LUSH) - np.log(STRAW)))
    put(codes.S_LAWN, 0.24 * LUSH * (0.4 + 0.6 * green) + 0.12 * STRAW * (1 - green), 1.75 * blade + 0.12 * STRAW)
    put(codes.S_SOIL, 0.25 * EARTH * (1 - 0.6 * wet), 1.75 * EARTH * (1 - 0.6 * wet))
    soak = (1 - 0.62 * wetness)[:, None]
    put(slice(codes.ZONE0, None), 0.25 * EARTH * soak, 1.75 * EARTH * soak)
    damp = 1 - 0.45 * wet
    put(codes.S_PATH, 0.3 * GRAVEL * damp, 1.6 * GRAVEL * damp)
    put(codes.S_STONE, 0.2 * SLAB * damp, 1.7 * SLAB * damp)
    mirror = to_linear(sky[12]) / np.maximum(light.on_ground(), 1e-6)  # water shows the sky, whatever the light on it
    put(codes.S_WATER, 0.35 * POND + 0.06 * mirror, 0.8 * POND + 0.55 * mirror)
    dark[codes.S_WATER] += frozen * (0.75 * ICE - dark[codes.S_WATER])
    bright[codes.S_WATER] += frozen * (1.05 * ICE - bright[codes.S_WATER])
    put(codes.S_PUDDLE, 0.25 * EARTH + 0.2 * mirror, 0.15 * EARTH + 0.75 * mirror)
    put(codes.S_LITTER, *(fixed.litter * (1 - 0.3 * wet)))
    put(codes.S_PETALS, *fixed.petals)
    fresh = min(1.0, float(almanac.snowfall_mm[max(0, day - 4) : day + 1].sum()) / 4.0)
    snow = OLD_SNOW + fresh * (SNOW_WHITE - OLD_SNOW)
    put(codes.S_SNOW, 0.72 * snow, 1.12 * snow)
    out = np.empty((len(dark), 2, codes.SHADES), np.uint32)
    _fill(dark, bright, light.on_ground(), light.ambient * 0.95, RESPONSE, out)
    return out


def _sky(light: Light, cloud: float, fog: float) -> tuple[np.ndarray, np.ndarray]:
    """(64, 3) uint8 gradient of the clear sky from the horizon up, and the colour of haze (3,)."""
    high = HEIGHT
    low_sun = float(np.clip((0.35 - light.sun[2]) / 0.35, 0, 1)) * light.visible
    horizon = HORIZON + (LOW_SUN - HORIZON) * low_sun
    horizon = horizon + (GREY - horizon) * min(1.0, cloud * 0.8 + fog)
    zenith = ZENITH + (0.8 * GREY - ZENITH) * min(1.0, 0.5 * cloud**2 + fog)
    bright = float(np.clip(light.level, 0.08, 1.15))
    sky = (horizon + (zenith - horizon) * high) * bright
    return seen(sky), seen(sky[3] * 0.97)


def _clouds(light: Light, cloud: float) -> dict[str, np.ndarray]:
    thick = np.clip((PATCH - (1.0 - 1.15 * cloud)) / 0.28, 0.0, 1.0)
    alpha = thick * thick * (3 - 2 * thick)
    bright = float(np.clip(light.level, 0.08, 1.1))
    lit, base = CLOUD_LIT * (1 - 0.45 * cloud**2), CLOUD_BASE * (1 - 0.35 * cloud**2)
    rgb = (lit + (base - lit) * (thick**2)[:, None]) * bright
    return {"cloud_alpha": np.rint(250 * alpha).astype(np.uint8), "cloud_rgb": seen(rgb)}


def _walls(fixed: _Fixed, light: Light) -> np.ndarray:
    """(W, 2, 4, 32) uint32, packed."""
    facing = np.maximum(fixed.normal @ light.sun[:2], 0.0)  # (W, 2)
    on_wall = 0.85 * light.ambient + light.beam * facing[..., None]
    out = np.empty((len(fixed.walls), 2, 4, codes.SHADES), np.uint32)
    _fill_walls(fixed.wall_dark, fixed.wall_light, on_wall, RESPONSE, out)
    return out


def _boards(layout: Layout, fixed: _Fixed, plants: _Plants, light: Light, lit: np.ndarray) -> dict[str, np.ndarray]:
    count, props = len(fixed.species), len(layout.prop_kind)
    size = np.r_[fixed.side_m * plants.growth, PROP_SIDE * layout.prop_height_m]
    size[:count][plants.growth * fixed.height_m < SPROUT_M] = 0.0
    code = np.empty((count + props, 5), np.int64)
    code[:count, 0] = fixed.atlas.sprite_id(fixed.species, layout.plant_variant, plants.droop)
    code[count:, 0] = fixed.atlas.prop_id(layout.prop_kind)
    code[:, 1] = fixed.mirrored
    code[count:, 2:] = 255
    for column, share in ((2, plants.leaf), (3, plants.bloom), (4, plants.fruit)):
        code[:count, column] = np.ceil(255 * share)
    label = np.empty((count + props, 6), np.uint8)
    label[:] = (WOOD, FOLIAGE, BLOSSOM, BLOSSOM, BLOSSOM, SNOW)
    label[:count, codes.P_LEAF] = plants.label
    label[count:, :5] = OBSTACLE
    albedo = fixed.part_rgb.copy()
    albedo[:count, codes.P_LEAF] = plants.rgb
    on_plant = light.beam * (0.25 + 0.45 * lit[:, None]) * (0.35 + 0.65 * max(light.sun[2], 0.0)) + 0.85 * light.ambient
    rgb = packed(seen(albedo * on_plant[:, None]))
    return {
        "board_place": np.column_stack([fixed.place, size]), "board_code": code, "board_label": label, "board_rgb": rgb,
    }  # fmt: skip


def _shadows(layout: Layout, fixed: _Fixed, plants: _Plants, light: Light) -> tuple[np.ndarray, np.ndarray]:
    count = len(fixed.species)
    boards = np.empty((len(fixed.place), 5))
    boards[:, :2] = fixed.place
    boards[:count, 2] = fixed.height_m * plants.growth
    boards[:count, 3] = boards[:count, 2] * fixed.crown
    boards[:count, 4] = 0.42 * fixed.spread_m * plants.growth
    boards[count:, 2], boards[count:, 3], boards[count:, 4] = layout.prop_height_m, 0.0, layout.prop_radius_m
    strength = np.full(len(boards), 0.95)
    strength[:count] = (0.22 + 0.68 * plants.leaf) * (plants.growth > 0.05)
    shadow, lit = np.empty(layout.material.shape, np.uint8), np.empty(len(boards))
    # Without a visible sun what is left is a short darkness at the foot of things.
    direction = light.sun * light.visible + np.array([0.0, 0.0, 1.0]) * (1.0 - light.visible)
    cast_shadows(fixed.walls, boards, direction, layout.cell_m, strength, shadow, lit)
    return shadow, lit
