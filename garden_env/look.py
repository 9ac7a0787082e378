"""Look: the almanac's day, the hour and the plants' thirst, turned into the colour tables of a moment.

A look is tables, not branches: the kernels stay the same through the year. What lies on the ground is given as the
share of the ground that it covers, by material and by how much a place collects it; see `docs/rendering.md` for the
rules of the two labels at partial cover.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from garden_env import alter
from garden_env.almanac import Almanac
from garden_env.arrivals import DUG_STEPS
from garden_env.layout import BRICK, FENCE, HEDGE, Layout
from garden_env.moments import Days, Hours
from garden_env.plants import (
    PROP_NAMES,
    PROPS,
    Atlas,
    Pigments,
    build_atlas,
    foliage_rgb,
    pigments,
    plant_jitter,
    side_m,
)
from garden_env.render import codes, day_arrays
from garden_env.render.day_arrays import DayArrays
from garden_env.render.light import LAMP_LIGHT, LIGHT_NUMBERS, Light, daylight_tint, lamplight, to_linear
from garden_env.render.look_arrays import LookArrays
from garden_env.render.tables import DEAD_FOLIAGE, fill, leaves, light_of_day, room_for
from garden_env.surface import FULL_COVER_MM
from scenarios.tables import BLOSSOM, FOLIAGE, MATERIALS, OBSTACLE, SNOW, SPECIES, WOOD

PROP_SIDE = 1.05  # a prop's sprite over its height
SNOW_RGB, OLD_SNOW_RGB = (240, 244, 252), (206, 210, 214)
PUDDLE_SHARE = 0.16  # of the ground lies in hollows
PATCHINESS = (0.12, 0.55, 0.55, 0.45)  # how gradually each of `codes.COVERS` thins out from place to place
FENCE_RGB = ((146, 108, 72), (134, 130, 122), (70, 92, 66), (206, 200, 188), (112, 62, 48))
BRICK_RGB = ((168, 92, 66), (186, 156, 110), (150, 84, 72), (176, 172, 164))
BOARDS_RGB = ((140, 52, 44), (92, 112, 128), (120, 88, 60), (116, 134, 104), (196, 186, 160))
DOOR_RGB = ((226, 222, 210), (64, 96, 84), (70, 74, 92), (178, 128, 70), (96, 44, 48))
TRIM_RGB = ((232, 228, 220), (74, 66, 60), (200, 190, 172))
PAINT_RGB = {FENCE: (62, 112, 158), HEDGE: (134, 52, 66), BRICK: (226, 216, 196)}
PAINTED_BOARDS_RGB, PAINTED_DOOR_RGB = (214, 164, 58), (58, 66, 110)
HEDGE_RGB = ((66, 104, 50), (84, 116, 54), (56, 92, 58))
LUSH, STRAW = to_linear(np.array([SPECIES["lawn"].leaf_rgb, SPECIES["lawn"].dead_rgb]))
EARTH, GRAVEL, SLAB = to_linear(np.array([MATERIALS[name].rgb for name in ("soil", "path", "stone")]))
SNOW_WHITE, OLD_SNOW = to_linear(np.array([SNOW_RGB, OLD_SNOW_RGB]))
CLOUD_LIT, CLOUD_BASE = to_linear(np.array([(250, 250, 250), (168, 174, 184)]))
PATCH = np.arange(256) / 255.0
SPROUT_M = 0.03  # smaller plants are not drawn


@dataclass(frozen=True, eq=False)
class Look:
    """The tables of a moment: everything that the kernels need to know about it.

    Attributes:
        arrays: the tables.
        light: where they got their light from.
        day, hour: the moment; of a mixture, the day of its camera and the hour of its light.
        lamplit: the same in the light of the robot's lamp alone, all at a metre; None if the lamp is off.
        dug: how far a new bed is dug: which of the scene's arrays to draw, see `garden_env.render.scene.Scene.at`.
    """

    arrays: LookArrays
    light: Light
    day: int
    hour: float
    lamplit: LookArrays | None = None
    dug: int = 0


@dataclass(frozen=True, eq=False)
class _Fixed:
    """What a layout's looks have in common."""

    atlas: Atlas
    palette: Pigments
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
    new_dark: np.ndarray  # (W, 4, 3) when walls are painted over
    new_light: np.ndarray
    normal: np.ndarray  # (W, 2, 2) of both faces
    litter: np.ndarray  # (2, 3) linear, dark and light
    petals: np.ndarray
    place: np.ndarray  # (B, 2)
    mirrored: np.ndarray  # (B,)
    crown: np.ndarray  # (P,) share of the height below which a tree has no leaves


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
    return mixed_look(layout, almanac, Days.same(day), Hours.same(hour), ks, wetness)


def mixed_look(layout: Layout, almanac: Almanac, days: Days, hours: Hours, ks: np.ndarray, wetness: np.ndarray) -> Look:
    """As `make_look`, with every group of causes read on a day, and at an hour, of its own."""
    count = len(layout.plant_species)
    if np.shape(ks) != (count,) or np.shape(wetness) != (count,):
        raise ValueError(
            f"ks and wetness need ({count},) values, one a plant; given {np.shape(ks)}, {np.shape(wetness)}"
        )
    if not 0 <= min(days) <= max(days) < len(almanac.doy):
        day = min(days) if min(days) < 0 else max(days)
        raise IndexError(f"day {day} is outside the almanac, which has rows 0 .. {len(almanac.doy) - 1}")
    ks, wetness = np.asarray(ks, float), np.asarray(wetness, float)
    day, light = day_arrays_of(layout, almanac, days), np.empty(LIGHT_NUMBERS)
    light_of_day(day.numbers, day.numbers, float(hours.light), float(hours.weather), light)
    leaf_rgb = leaf_colours(day, ks, float(almanac.course.at("plants.leaf_colour", days.leaf_colour)))

    def arrays(light: np.ndarray) -> LookArrays:
        look, kept = room_for(day, layout.material.shape)
        fill(day, light, float(hours.weather), ks, wetness, leaf_rgb, kept, look)
        return look

    lamplit = None
    if light[LAMP_LIGHT] > 0.0:
        lamplight(light, by_lamp := np.empty(LIGHT_NUMBERS))
        lamplit = arrays(by_lamp)
    dug = dug_on(almanac, days.geometry)
    return Look(arrays(light), Light.of(light), days.camera, hours.light, lamplit, dug)


def dug_on(almanac: Almanac, day: int) -> int:
    """How far a new bed is dug on a day, in `arrivals.DUG_STEPS`."""
    return math.ceil(DUG_STEPS * almanac.course.at("garden.bed_dug", day))


def leaf_colours(day: DayArrays, ks: np.ndarray, turn: float) -> np.ndarray:
    """The colours of leaves at a thirst, (P, 3) float32, sRGB 0..1; `turn` is the axis plants.leaf_colour."""
    leaf_rgb = np.empty((len(ks), 3), np.float32)
    leaves(day, ks, leaf_rgb)
    return alter.turned(leaf_rgb, turn)


def day_arrays_of(layout: Layout, almanac: Almanac, days: Days) -> DayArrays:
    """What the looks of a day have in common, as the kernels take it; days of the kernels' groups may differ."""
    today, course = _today(layout, almanac, days._replace(light=0, camera=0)), almanac.course
    numbers = today.numbers.copy()
    numbers[day_arrays.LATITUDE_RAD] = math.radians(almanac.latitude_on(days.light))
    numbers[day_arrays.DECLINATION_RAD] = almanac.declination_rad[days.light]
    numbers[day_arrays.RAISED_DEG] = course.at("light.sun_elevation_deg", days.light)
    numbers[day_arrays.LAMP] = course.at("light.headlamp", days.light)
    numbers[day_arrays.DAYLIGHT : day_arrays.DAYLIGHT + 3] = daylight_tint(course.at("light.temperature_k", days.light))
    return today._replace(numbers=numbers)


# What does not change with the moment

_PARTS = {
    codes.P_WOOD: "wood_rgb",
    codes.P_PETAL: "petal_rgb",
    codes.P_EYE: "centre_rgb",
    codes.P_FRUIT: "fruit_rgb",
}


@lru_cache(maxsize=64)
def _fixed(layout: Layout) -> _Fixed:
    names = layout.species
    rows = [SPECIES[names[k]] for k in layout.plant_species]
    atlas = build_atlas(layout.drawn_species)
    jitter = plant_jitter(layout.plant_seed)
    props = [PROPS[PROP_NAMES[k]] for k in layout.prop_kind]

    def colours(items, field: str) -> np.ndarray:
        return to_linear(np.array([getattr(item, field) for item in items], float).reshape(-1, 3))

    part_rgb = np.zeros((len(rows) + len(props), 6, 3))
    for part, field in _PARTS.items():
        part_rgb[: len(rows), part] = colours(rows, field) * (1 + 0.12 * jitter[:, 1:2])
        part_rgb[len(rows) :, part] = colours(props, field)
    part_rgb[len(rows) :, codes.P_LEAF] = colours(props, "leaf_rgb")
    part_rgb[:, codes.P_SNOW] = to_linear(np.array(SNOW_RGB)) / 4.0  # shades of sprites run to twice and back
    dark, bright = _wall_colours(layout, painted=False)
    new_dark, new_bright = _wall_colours(layout, painted=True)
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
        new_dark=new_dark,
        new_light=new_bright,
        normal=np.stack([normal, -normal], 1),
        litter=np.stack([0.35 * brown, 0.5 * brown + 1.1 * leaves]),
        petals=np.stack([0.6 * petal, 1.1 * petal]),
        place=np.stack([np.r_[layout.plant_x_m, layout.prop_x_m], np.r_[layout.plant_y_m, layout.prop_y_m]], 1),
        mirrored=np.r_[layout.plant_seed % 2, np.arange(len(props)) % 2].astype(np.int64),
        crown=np.array([0.3 if row.form == "tree" else 0.0 for row in rows]),
    )


def _wall_colours(layout: Layout, *, painted: bool) -> tuple[np.ndarray, np.ndarray]:
    """(W, 4, 3) linear albedo of the darkest and lightest texels, by part."""
    base = np.zeros((len(layout.wall_kind), 4, 3))
    for w, (kind, seed) in enumerate(zip(layout.wall_kind, layout.wall_seed, strict=True)):
        body = {FENCE: FENCE_RGB, HEDGE: HEDGE_RGB, BRICK: BRICK_RGB}.get(int(kind), BOARDS_RGB)
        trim = np.array(BRICK_RGB[seed % 4]) * 0.8 if kind == BRICK else TRIM_RGB[seed // 7 % 3]
        walls, door = body[seed % len(body)], DOOR_RGB[seed // 3 % 5]
        if painted:
            walls, door = PAINT_RGB.get(int(kind), PAINTED_BOARDS_RGB), PAINTED_DOOR_RGB
        base[w] = to_linear(np.array([walls, trim, door, SNOW_RGB]))
    dark, light = base * 0.12, base * 1.9
    dark[:, codes.W_SNOW], light[:, codes.W_SNOW] = base[:, codes.W_SNOW] * 0.8, base[:, codes.W_SNOW] * 1.05
    for w in np.flatnonzero(layout.wall_kind == BRICK):  # mortar is the lightest texel of a brick wall
        light[w, codes.W_BODY] = 1.5 * base[w, codes.W_BODY] + 0.25 * to_linear(np.array((190, 184, 174)))
    return dark, light


# The day


@lru_cache(maxsize=64)
def _today(layout: Layout, almanac: Almanac, on: Days) -> DayArrays:
    """Gardens take turns within a step, so a few days are kept: one for each garden in a world."""
    fixed, course = _fixed(layout), almanac.course
    names = [layout.species[k] for k in fixed.species]
    stands, coloured, flowers = (
        (rows_lived(almanac, day, fixed.shift), fixed.species) for day in (on.geometry, on.leaf_colour, on.bloom)
    )
    left = alter.kept(course, on.geometry, fixed.form)
    growth = almanac.growth[stands] * alter.sizes(course, on.geometry, fixed.form)
    leaf = almanac.leaf[stands] * left
    bloom = alter.opened(course, on.bloom, almanac.bloom[flowers], names) * left
    fruit = almanac.fruit[flowers] * left
    recent = slice(max(0, on.leaf_colour - 14), on.leaf_colour + 1)
    cold = float(np.clip((8.0 - (almanac.tmax_c[recent].mean() + almanac.tmin_c[recent].mean()) / 2) / 14.0, 0, 1))
    frozen = _frozen(almanac, on.cover)
    cover, covers_on = _cover(almanac, on, frozen > 0.6)
    dark, bright = _ground(fixed, almanac, on)
    code, label = _upright(layout, fixed, leaf, bloom, fruit)
    casts, strength = _casts(layout, fixed, growth, leaf)
    place, part_rgb, hue = _places(layout, fixed, growth), fixed.part_rgb, course.at("plants.bloom_hue_deg", on.bloom)
    if hue != 0.0:
        part_rgb = part_rgb.copy()
        part_rgb[: len(leaf), codes.P_PETAL] = alter.hue_turned(part_rgb[: len(leaf), codes.P_PETAL], hue)
    arrived = _arrived(layout, fixed, almanac, on, cold)
    if arrived is not None:
        place, code, label = (
            np.concatenate(pair)
            for pair in ((place, arrived.place), (code, arrived.code), (label, arrived.label))
        )  # fmt: skip
        casts, strength = np.concatenate([casts, arrived.casts]), np.concatenate([strength, arrived.strength])
        part_rgb = np.concatenate([part_rgb, arrived.part_rgb])
    painted = course.at("garden.paint", on.geometry)
    dark_walls, light_walls = fixed.wall_dark, fixed.wall_light
    if painted != 0.0:
        dark_walls = dark_walls + painted * (fixed.new_dark - dark_walls)
        light_walls = light_walls + painted * (fixed.new_light - light_walls)
    swatches = fixed.palette
    return DayArrays(
        numbers=_numbers(layout, almanac, on, frozen),
        cover=cover,
        covers_on=covers_on,
        place=place,
        dark=dark,
        bright=bright,
        code=code,
        label=label,
        casts=casts,
        strength=strength,
        part_rgb=np.ascontiguousarray(part_rgb),
        wall_dark=dark_walls,
        wall_light=light_walls,
        walls=fixed.walls,
        normal=fixed.normal,
        unfolded=np.asarray(almanac.leaf[coloured] * left, float),
        killed=np.asarray(almanac.killed[coloured], float),
        ageing=np.asarray(almanac.senescence[coloured], float),
        winter=np.full(len(leaf), cold),
        species=fixed.species,
        jitter=fixed.jitter,
        young=swatches.young,
        mature=swatches.mature,
        unmasked=swatches.unmasked,
        autumn=swatches.autumn,
        dead=swatches.dead,
        evergreen=swatches.evergreen,
    )


def _numbers(layout: Layout, almanac: Almanac, on: Days, frozen: float) -> np.ndarray:
    """(DAY_NUMBERS,) float64; those of the light are left to `day_arrays_of`."""
    course, numbers = almanac.course, np.zeros(day_arrays.DAY_NUMBERS)
    cloud, fog, snow_mm_d = float(almanac.cloud[on.weather]), float(almanac.fog[on.weather]), "weather.snow_mm_d"
    numbers[day_arrays.DAY], numbers[day_arrays.CELL_M] = on.weather, layout.cell_m
    numbers[day_arrays.CLOUD], numbers[day_arrays.FOG] = cloud, fog
    load = max(_snow_load(almanac, on.cover), min(1.0, course.at(snow_mm_d, on.cover) / 10.0))
    numbers[day_arrays.SNOW_LOAD], numbers[day_arrays.FROZEN] = load, frozen
    numbers[day_arrays.TURN] = course.at("plants.leaf_colour", on.leaf_colour)
    numbers[day_arrays.SICK] = 255 * course.at("plants.disease", on.leaf_colour)
    numbers[day_arrays.LEAN_X : day_arrays.LEAN_Y + 1] = alter.lean(course, on.weather)
    numbers[day_arrays.ALL_DAY_RAIN] = min(1.0, course.at("weather.rain_mm_d", on.weather) / 10.0)
    numbers[day_arrays.ALL_DAY_SNOW] = min(1.0, course.at(snow_mm_d, on.weather) / 6.0)
    numbers[day_arrays.WIND_M_S] = almanac.wind_m_s[on.weather]
    numbers[day_arrays.RAIN_MM] = almanac.rain_mm[on.weather]
    numbers[day_arrays.SNOWFALL_MM] = almanac.snowfall_mm[on.weather]
    numbers[day_arrays.HAZE_PER_M] = 0.004 + 0.22 * fog**1.5
    numbers[day_arrays.GREYED] = min(1.0, cloud * 0.8 + fog)
    numbers[day_arrays.OVERCAST] = min(1.0, 0.5 * cloud**2 + fog)
    numbers[day_arrays.CLOUD_LIT : day_arrays.CLOUD_LIT + 3] = CLOUD_LIT * (1 - 0.25 * cloud**2)
    numbers[day_arrays.CLOUD_BASE : day_arrays.CLOUD_BASE + 3] = CLOUD_BASE * (1 - 0.18 * cloud**2)
    return numbers


def rows_lived(almanac: Almanac, day: int, shift_days: np.ndarray) -> np.ndarray:
    """Rows of the almanac that plants which are ahead by `shift_days` live in on a day; held to those there are."""
    ahead = round(almanac.course.at("plants.phenology_shift_d", day))
    return np.clip(day + shift_days + ahead, 0, len(almanac.doy) - 1)


class _Arrived(NamedTuple):
    """Sprites of what was not there when the garden was planned; as in `DayArrays`, A of them."""

    place: np.ndarray
    code: np.ndarray
    label: np.ndarray
    casts: np.ndarray
    strength: np.ndarray
    part_rgb: np.ndarray


def _arrived(layout: Layout, fixed: _Fixed, almanac: Almanac, on: Days, cold: float) -> _Arrived | None:
    """Newcomers and furniture; None in a scenario that brings in neither."""
    parts = []
    if almanac.newcomer is not None:
        parts.append(_newcomers(layout, fixed, almanac, on, cold))
    if almanac.course.moves("garden.furniture"):
        parts.append(_furniture(layout, fixed, round(almanac.course.at("garden.furniture", on.geometry))))
    return _Arrived(*(np.concatenate(columns) for columns in zip(*parts, strict=True))) if parts else None


def _newcomers(layout: Layout, fixed: _Fixed, almanac: Almanac, on: Days, cold: float) -> _Arrived:
    """Plants of a species that was not planted, as large as the axis and their own season let them be."""
    new, course, stages = layout.arrivals, almanac.course, almanac.newcomer
    assert stages is not None
    count, row = len(new.x_m), SPECIES[new.species]
    still, forms = np.zeros(count, np.int64), [row.form] * count
    stands, coloured, flowers = (
        (rows_lived(almanac, day, still), 0) for day in (on.geometry, on.leaf_colour, on.bloom)
    )  # fmt: skip
    size = new.size * stages.growth[stands] * course.at("plants.newcomer", on.geometry)
    size = size * alter.sizes(course, on.geometry, forms)
    size = np.where(size * row.height_m < SPROUT_M, 0.0, size)
    left = alter.kept(course, on.geometry, forms)
    leaf, killed = stages.leaf[stands] * left, stages.killed[coloured]
    bloom = alter.opened(course, on.bloom, stages.bloom[flowers], [new.species] * count) * left
    jitter, none = plant_jitter(new.seed), np.zeros(count)
    leaf_rgb = foliage_rgb(
        pigments((new.species,)), still, leaf=stages.leaf[coloured] * left, senescence=stages.senescence[coloured],
        killed=killed, wilt=none, winter=none + cold, jitter=jitter,
    )  # fmt: skip
    part_rgb = np.zeros((count, 6, 3))
    for part, field in _PARTS.items():
        part_rgb[:, part] = to_linear(np.array(getattr(row, field), float)) * (1 + 0.12 * jitter[:, 1:2])
    hue, turn = course.at("plants.bloom_hue_deg", on.bloom), course.at("plants.leaf_colour", on.leaf_colour)
    part_rgb[:, codes.P_PETAL] = alter.hue_turned(part_rgb[:, codes.P_PETAL], hue)
    part_rgb[:, codes.P_LEAF] = to_linear(255.0 * alter.turned(leaf_rgb, turn))
    part_rgb[:, codes.P_SNOW] = to_linear(np.array(SNOW_RGB)) / 4.0
    droop = (killed >= DEAD_FOLIAGE).astype(np.int64)
    sprite = fixed.atlas.sprite_id(len(layout.species), new.variant, 0) + droop
    shares = (np.ceil(255 * share).astype(np.int64) for share in (leaf, bloom, stages.fruit[flowers] * left))
    crown = 0.3 if row.form == "tree" else 0.0
    height_m = row.height_m * size
    return _Arrived(
        place=np.column_stack([new.x_m, new.y_m, side_m(new.species) * size]),
        code=np.column_stack([sprite, new.seed % 2, *shares]),
        label=np.tile(np.array(codes.PART_CLASS, np.uint8), (count, 1)),
        casts=np.column_stack([new.x_m, new.y_m, height_m, crown * height_m, 0.42 * row.spread_m * size]),
        strength=(0.22 + 0.68 * leaf) * (size > 0.05),
        part_rgb=part_rgb,
    )


def _furniture(layout: Layout, fixed: _Fixed, pieces: int) -> _Arrived:
    """The first so many pieces of furniture; the others are of no size."""
    new = layout.arrivals
    props = [PROPS[kind] for kind in new.furniture_kind]
    there = (np.arange(len(props)) < pieces).astype(float)
    part_rgb = np.zeros((len(props), 6, 3))
    for part, field in (*_PARTS.items(), (codes.P_LEAF, "leaf_rgb")):
        part_rgb[:, part] = to_linear(np.array([getattr(prop, field) for prop in props], float))
    part_rgb[:, codes.P_SNOW] = to_linear(np.array(SNOW_RGB)) / 4.0
    sprite = fixed.atlas.prop_id(np.array([PROP_NAMES.index(kind) for kind in new.furniture_kind]))
    full = np.full(len(props), 255)
    label = np.full((len(props), 6), OBSTACLE, np.uint8)
    label[:, codes.P_SNOW] = SNOW
    height_m = new.furniture_height_m
    parasol = np.array([kind == "parasol" for kind in new.furniture_kind])
    return _Arrived(
        place=np.column_stack([new.furniture_x_m, new.furniture_y_m, PROP_SIDE * height_m * there]),
        code=np.column_stack([sprite, np.arange(len(props)) % 2, full, full, full]),
        label=label,
        casts=np.column_stack([
            new.furniture_x_m, new.furniture_y_m, height_m, np.where(parasol, 0.7 * height_m, 0.0),
            np.where(parasol, 0.45 * height_m, new.furniture_radius_m),
        ]),
        strength=0.95 * there,
        part_rgb=part_rgb,
    )  # fmt: skip


def _places(layout: Layout, fixed: _Fixed, growth: np.ndarray) -> np.ndarray:
    """(B, 3) float64, x, y and side of every sprite [m]; 0 is not there."""
    side_m = np.where(growth * fixed.height_m < SPROUT_M, 0.0, fixed.side_m * growth)
    return np.column_stack([fixed.place, np.concatenate([side_m, PROP_SIDE * layout.prop_height_m])])


def _upright(layout: Layout, fixed: _Fixed, leaf, bloom, fruit) -> tuple[np.ndarray, np.ndarray]:
    """Codes (B, 5) and labels (B, 6) of boards when no plant thirsts."""
    count, props = len(fixed.species), len(layout.prop_kind)
    code = np.empty((count + props, 5), np.int64)
    code[:count, 0] = fixed.atlas.sprite_id(fixed.species, layout.plant_variant, 0)
    code[count:, 0] = fixed.atlas.prop_id(layout.prop_kind)
    code[:, 1] = fixed.mirrored
    code[count:, 2:] = 255
    for column, share in ((2, leaf), (3, bloom), (4, fruit)):
        code[:count, column] = np.ceil(255 * share)
    label = np.empty((count + props, 6), np.uint8)
    label[:] = (WOOD, FOLIAGE, BLOSSOM, BLOSSOM, BLOSSOM, SNOW)
    label[count:, :5] = OBSTACLE
    return code, label


def _casts(layout: Layout, fixed: _Fixed, growth: np.ndarray, leaf: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What casts shadows (B, 5), and how much light it keeps off (B,)."""
    count = len(fixed.species)
    boards = np.empty((len(fixed.place), 5))
    boards[:, :2] = fixed.place
    boards[:count, 2] = fixed.height_m * growth
    boards[:count, 3] = boards[:count, 2] * fixed.crown
    boards[:count, 4] = 0.42 * fixed.spread_m * growth
    boards[count:, 2], boards[count:, 3], boards[count:, 4] = layout.prop_height_m, 0.0, layout.prop_radius_m
    strength = np.full(len(boards), 0.95)
    strength[:count] = (0.22 + 0.68 * leaf) * (growth > 0.05)
    return boards, strength


def _snow_load(almanac: Almanac, day: int) -> float:
    """Snow on branches, 0..1: what fell in the last days, less what melted."""
    load = 0.0
    for back in range(min(day, 6), -1, -1):
        row = day - back
        thaw = max(0.0, float(almanac.tmax_c[row])) * 0.25
        load = max(0.0, load * 0.85 + float(almanac.snowfall_mm[row]) / 6.0 - thaw)
    return min(load, 1.0) * float(almanac.swe_mm[day] / FULL_COVER_MM > 0.05)


def _frozen(almanac: Almanac, day: int) -> float:
    """How thick the pond's ice is, 0..1, from the frost of the last weeks."""
    recent = slice(max(0, day - 20), day + 1)
    mean_c = (almanac.tmax_c[recent] + almanac.tmin_c[recent]) / 2
    weight = 0.9 ** np.arange(len(mean_c))[::-1]
    return float(np.clip(-(mean_c * weight).sum() / weight.sum() / 3.0, 0.0, 1.0))


def _cover(almanac: Almanac, on: Days, ice: bool) -> tuple[np.ndarray, np.ndarray]:
    """(4, 5, 256) uint8, share of the ground covered, by cover, material and patch code."""
    shares = np.array([
        PUDDLE_SHARE * float(almanac.puddle[on.weather]), float(almanac.litter[on.cover]),
        float(almanac.petals[on.bloom]), float(almanac.snow_cover[on.cover]),
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


def _ground(fixed: _Fixed, almanac: Almanac, on: Days) -> tuple[np.ndarray, np.ndarray]:
    """Albedo of the ground's darkest and lightest texels, each (10 + P, 3); `reflect` fills in water and root zones."""
    plants = len(fixed.species)
    dark, bright = np.zeros((2, codes.ZONE0 + plants, 3))

    def put(row, rgb_dark, rgb_light):
        dark[row], bright[row] = rgb_dark, rgb_light

    green, wet = float(almanac.lawn_green[on.leaf_colour]), float(almanac.soil_wet[on.weather])
    blade = np.exp(np.log(STRAW) + green * (np.log(LUSH) - np.log(STRAW)))
    course, resurfaced = almanac.course, almanac.course.at("ground.path_surface", on.geometry)
    deep, tips = 0.24 * LUSH * (0.4 + 0.6 * green) + 0.12 * STRAW * (1 - green), 1.75 * blade + 0.12 * STRAW
    put(codes.S_LAWN, *alter.mown(deep, tips, course.at("ground.mowing_mm", on.geometry), STRAW))
    put(codes.S_SOIL, 0.25 * EARTH * (1 - 0.6 * wet), 1.75 * EARTH * (1 - 0.6 * wet))
    damp = 1 - 0.45 * wet
    put(codes.S_PATH, *alter.paved(0.3 * GRAVEL * damp, 1.6 * GRAVEL * damp, resurfaced))
    put(codes.S_STONE, *alter.paved(0.2 * SLAB * damp, 1.7 * SLAB * damp, resurfaced))
    put(codes.S_LITTER, *(fixed.litter * (1 - 0.3 * wet)))
    put(codes.S_PETALS, *alter.hue_turned(fixed.petals, course.at("plants.bloom_hue_deg", on.bloom)))
    fresh = min(1.0, float(almanac.snowfall_mm[max(0, on.cover - 4) : on.cover + 1].sum()) / 4.0)
    snow = OLD_SNOW + fresh * (SNOW_WHITE - OLD_SNOW)
    put(codes.S_SNOW, 0.72 * snow, 1.12 * snow)
    return dark, bright
