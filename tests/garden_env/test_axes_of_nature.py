"""Every axis of climate, weather, plants, ground and garden does what its line in `scenarios.axes` says."""

import dataclasses
from datetime import timedelta
from functools import cache

import numpy as np
import pytest

from garden_env.almanac import GROUND, LIGHT, PLANTS, WEATHER, make_almanac
from garden_env.arrivals import DUG_STEPS, inside_dug
from garden_env.camera import pinhole
from garden_env.garden import plant_garden
from garden_env.layout import SOIL
from garden_env.render import codes, look_arrays
from garden_env.render.draw import draw_map
from garden_env.world import World
from scenarios.axes import AXES
from scenarios.drift import DriftEvent
from scenarios.spec import CameraSpec, GardenSpec, Scenario
from scenarios.tables import BLOSSOM, FOLIAGE, IGNORE, LAWN, LITTER, OBSTACLE, SNOW, WATER, WILTED
from scenarios.tables import SOIL as SOIL_CLASS
from tests.garden_env.plain_render import PlainView

BASE = Scenario(name="nature", days=400)
GROUPS = ("climate", "weather", "plants", "ground", "garden")
NATURAL = [axis for axis in AXES.values() if axis.name.split(".")[0] in GROUPS]
GROUND_COLUMNS = ("ground.litter", "ground.puddles", "ground.snow_cover", "ground.bleaching")
IN_ALMANAC = [axis for axis in NATURAL if axis.name.startswith(("climate.", "weather.")) or axis.name in GROUND_COLUMNS]
SUMMER = 90  # 9 July
CAMERA = CameraSpec(width_px=96, height_px=72, noise=0)


@cache
def garden(*moves):
    """Garden 3 with axes set for good: pairs of axis and value."""
    drift = tuple(DriftEvent(axis=axis, set=value) for axis, value in moves)
    return plant_garden(BASE.model_copy(update={"drift": drift}), 3)


def almanac(*moves):
    return garden(*moves).almanac


def look_of(*moves, day=SUMMER, hour=11.0):
    return garden(*moves).look(day, hour, *garden().exam_water)


def poses(count=8):
    route = garden().layout.route
    at = np.linspace(0, len(route), count, endpoint=False).astype(int)
    ahead = route[(at + 5) % len(route)] - route[at]
    return [np.array([*route[k], np.arctan2(dy, dx)]) for k, (dx, dy) in zip(at, ahead, strict=True)]


def frames(*moves, day=SUMMER, hour=11.0):
    return [garden(*moves).view(day, hour, pose, CAMERA) for pose in poses()]


def share(shots, label):
    return np.mean([shot.mask == label for shot in shots])


def rgb(packed):
    return np.stack([packed & 255, packed >> 8 & 255, packed >> 16 & 255], axis=-1).astype(float)


# Climate and weather


def test_warming_is_added_to_both_temperatures():
    for column in ("tmax_c", "tmin_c"):
        assert getattr(almanac(("climate.warming_c", 3.0)), column) == pytest.approx(getattr(almanac(), column) + 3.0)
    assert almanac(("climate.warming_c", 6.0)).snowfall_mm.sum() < 0.5 * almanac().snowfall_mm.sum()


def test_rain_is_multiplied_and_falls_on_the_same_days():
    wet, dry = almanac(("climate.rain_factor", 2.0)), almanac()
    assert wet.rain_mm + wet.snowfall_mm == pytest.approx(2 * (dry.rain_mm + dry.snowfall_mm))
    assert (wet.tmax_c == dry.tmax_c).all()
    assert almanac(("climate.rain_factor", 0.0)).rain_mm.max() == 0


def test_clouds_come_and_go_and_dim_the_sun():
    clear, usual, grey = almanac(("climate.cloud", -1.0)), almanac(), almanac(("climate.cloud", 1.0))
    assert clear.cloud.max() == pytest.approx(0) and grey.cloud.min() == pytest.approx(1)
    assert (clear.solar_mj >= usual.solar_mj).all() and (usual.solar_mj >= grey.solar_mj).all()
    assert clear.et0_mm.sum() > usual.et0_mm.sum() > grey.et0_mm.sum()


def test_spring_comes_as_many_days_earlier_as_said_and_rain_stays():
    early, usual = almanac(("climate.spring_shift_d", 40.0)), almanac()
    days = np.arange(usual.days)

    def warm_by(one):  # the warmest day, by the year's wave
        wave = np.exp(2j * np.pi * days / 365.25)
        return np.angle((one.tmean_c[:730] * wave[:730]).sum()) / (2 * np.pi) * 365.25

    assert warm_by(usual) - warm_by(early) == pytest.approx(40, abs=4)
    assert (early.rain_mm + early.snowfall_mm) == pytest.approx(usual.rain_mm + usual.snowfall_mm)


def test_scripted_rain_is_rain_even_in_frost_and_falls_at_every_hour():
    rainy, usual = almanac(("weather.rain_mm_d", 20.0)), almanac()
    assert rainy.rain_mm == pytest.approx(usual.rain_mm + 20) and rainy.snowfall_mm == pytest.approx(usual.snowfall_mm)
    assert rainy.puddle.mean() > 3 * usual.puddle.mean() and rainy.cloud.min() >= 0.85
    streaks = [look_of(("weather.rain_mm_d", 20.0), hour=h).arrays.numbers[look_arrays.STREAKS] for h in range(7, 18)]
    assert min(streaks) > 100


def test_scripted_snow_lies_in_summer_and_its_water_is_not_lost():
    snowy, usual = almanac(("weather.snow_mm_d", 20.0)), almanac()
    assert snowy.snowfall_mm == pytest.approx(usual.snowfall_mm + 20)
    assert snowy.snow_cover.min() == 1 and snowy.tmean_c[SUMMER] > 15
    gained = (snowy.snowfall_mm - snowy.melt_mm)[1:].sum()
    assert snowy.swe_mm[-1] - snowy.swe_mm[0] == pytest.approx(gained)
    shots = frames(("weather.snow_mm_d", 20.0))
    assert share(shots, SNOW) > 0.2 and share(shots, LAWN) == 0
    assert look_of(("weather.snow_mm_d", 20.0), hour=15.0).arrays.numbers[look_arrays.FLAKES] > 100


def test_scripted_wind_strips_leaves_and_bends_plants_but_nothing_else():
    windy, usual = almanac(("weather.wind_m_s", 15.0)), almanac()
    assert windy.wind_m_s == pytest.approx(usual.wind_m_s + 15)
    coloured = (usual.senescence > 0.1) & (usual.senescence < 1) & (usual.leaf > 0.05)
    assert windy.leaf[coloured].mean() < usual.leaf[coloured].mean()
    still, bent = look_of().arrays, look_of(("weather.wind_m_s", 15.0)).arrays
    assert (still.numbers[look_arrays.LEAN_X : look_arrays.LEAN_Y + 1] == 0).all()
    assert bent.numbers[look_arrays.LEAN_X] == pytest.approx(0.03 * 15 / np.hypot(1, 0.3))
    layout = garden().layout
    tree = int(np.argmax(layout.plant_radius_m))
    x_m, y_m = layout.plant_x_m[tree], layout.plant_y_m[tree]
    side = 1.0 if y_m > 3.2 else -1.0  # the wind blows east: seen northwards plants lean to the right
    pose = np.array([x_m, y_m - 3.0 * side, side * np.pi / 2])
    column = []
    for moves in ((), (("weather.wind_m_s", 15.0),)):
        shot = garden(*moves).view(SUMMER, 11.0, pose, CAMERA)
        rows, cols = np.nonzero(np.isclose(shot.depth_m, 3.0, atol=1e-5))
        column.append(cols[rows < 36].mean())
    assert side * (column[1] - column[0]) > 5


def test_fog_is_added_and_seen():
    assert almanac(("weather.fog", 0.5)).fog == pytest.approx(np.minimum(almanac().fog + 0.5, 1))
    thin, thick = frames(), frames(("weather.fog", 1.0))
    far = np.stack([shot.depth_m > 4 for shot in thin])
    spread = [np.stack([shot.rgb for shot in shots])[far].std() for shots in (thin, thick)]
    assert spread[1] < 0.6 * spread[0]


# Plants


def test_plants_ahead_look_as_the_same_plants_later():
    ahead, later = (look_of(*m, day=d).arrays for m, d in (((("plants.phenology_shift_d", 20.0),), 40), ((), 60)))
    assert (ahead.board_place == later.board_place).all() and (ahead.board_code == later.board_code).all()
    assert (look_of(day=40).arrays.board_place != later.board_place).any()


@pytest.mark.parametrize(("value", "channel"), [(-1.0, 2), (1.0, 0)])
def test_leaves_turn_bluish_or_red(value, channel):
    plants = len(garden().layout.plant_species)
    usual, turned = (
        rgb(look_of(*moves).arrays.board_rgb)[:plants, codes.P_LEAF] for moves in ((), (("plants.leaf_colour", value),))
    )
    assert (turned[:, channel] / turned.sum(1) > usual[:, channel] / usual.sum(1) + 0.1).all()


def test_the_hue_of_petals_turns_and_nothing_else():
    usual, turned = (look_of(*moves).arrays for moves in ((), (("plants.bloom_hue_deg", 120.0),)))
    plants = len(garden().layout.plant_species)
    same = usual.board_rgb == turned.board_rgb
    assert same[:, [k for k in range(6) if k != codes.P_PETAL]].all() and same[plants:].all()
    red = [garden().layout.species[k] == "rose" for k in garden().layout.plant_species]
    petal = rgb(turned.board_rgb)[:plants][red][:, codes.P_PETAL]
    assert (petal.argmax(1) == 1).all()  # red has become green


def test_flowers_open_where_none_would_and_close_where_some_are():
    usual, more, fewer = (look_of(*m).arrays.board_code[:, 3] for m in (
        (), (("plants.bloom", 1.0),), (("plants.bloom", -1.0),)))  # fmt: skip
    layout = garden().layout
    names = np.array([layout.species[k] for k in layout.plant_species])
    flowering = ~np.isin(names, ("spruce", "lettuce"))
    assert (more[: len(names)][flowering] == 255).all() and (fewer[: len(names)] == 0).all()
    assert (more[: len(names)][~flowering] == usual[: len(names)][~flowering]).all()
    assert share(frames(("plants.bloom", 1.0)), BLOSSOM) > share(frames(), BLOSSOM)


def test_newcomers_come_up_and_take_nothing_from_the_others():
    grown, half, none = garden(("plants.newcomer", 1.0)), garden(("plants.newcomer", 0.5)), garden()
    assert none.almanac.newcomer is None and grown.layout.arrivals.species not in grown.layout.species
    day = 110
    one, other = (look_of(*m, day=day).arrays for m in ((), (("plants.newcomer", 1.0),)))
    known = len(one.board_place)
    for name in ("board_place", "board_code", "board_label", "board_rgb"):
        assert (getattr(one, name) == getattr(other, name)[:known]).all()
    tall = other.board_place[known:, 2]
    small = look_of(("plants.newcomer", 0.5), day=day).arrays.board_place[known:, 2]
    assert len(tall) >= 4 and tall == pytest.approx(2 * small) and tall.max() > 1.0
    assert (other.board_label[known:, codes.P_LEAF] == FOLIAGE).all()
    cells = (np.stack([grown.layout.arrivals.y_m, grown.layout.arrivals.x_m]) / grown.layout.cell_m).astype(int)
    assert (grown.layout.material[tuple(cells)] == SOIL).all()
    assert (half.layout.plant_x_m == none.layout.plant_x_m).all()
    assert (half.exam_water[0] == none.exam_water[0]).all()
    assert look_of(("plants.newcomer", 1.0), day=0).arrays.board_place[known:, 2].max() == 0  # not sown in April


def test_newcomers_and_furniture_change_no_water_and_no_way():
    worlds = [World([garden(*moves)]) for moves in ((), (("plants.newcomer", 1.0), ("garden.furniture", 8.0)))]
    actions = np.random.default_rng(0).uniform(-1, 1, (60, 1, 3))
    for action in actions:
        for world in worlds:
            world.advance(action)
    one, other = worlds
    assert (one.depletion_mm == other.depletion_mm).all() and (one.pose == other.pose).all()
    assert (one.tank_l == other.tank_l).all()


@pytest.mark.parametrize(
    "spec",
    [
        {"species": ("apple", "spruce")},
        {"width_m": 7, "depth_m": 6, "beds": 2, "trees": 0, "props": 0, "pond": False},
        {"species": ("sunflower", "coneflower", "tulip", "boxwood")},
    ],
)
@pytest.mark.parametrize("climate", ["constant", "subarctic"])
def test_something_can_come_into_any_garden(spec, climate):
    names = ("plants.newcomer", "garden.furniture", "garden.bed_dug", "plants.growth", "plants.phenology_shift_d")
    drift = tuple(DriftEvent(axis=axis, set=AXES[axis].high) for axis in names)
    scenario = Scenario(name="any", days=60, climate=climate, garden=GardenSpec(**spec), drift=drift)
    here = plant_garden(scenario, 1)
    frame = here.view(40, 12.0, np.array([here.layout.dock_x_m, here.layout.dock_y_m, 0.3]))
    assert len(np.unique(frame.mask)) > 2
    assert (len(here.layout.arrivals.x_m) > 0) == ("apple" not in spec.get("species", ()))
    assert inside_dug(here.layout.arrivals.dug, 1.0, *here.layout.arrivals.dug[:2])


def test_growth_scales_all_but_trees_and_pruning_only_woody_plants():
    layout = garden().layout
    trees = layout.plant_radius_m > 0
    woody = trees | np.array([layout.species[k] in ("rose", "hydrangea", "forsythia") for k in layout.plant_species])
    usual, grown, pruned = (look_of(*m).arrays for m in (
        (), (("plants.growth", 1.5),), (("plants.pruning", 0.5),)))  # fmt: skip
    side_m, count = usual.board_place[: len(trees), 2], len(trees)
    assert grown.board_place[:count, 2] == pytest.approx(side_m * np.where(trees, 1.0, 1.5))
    assert pruned.board_place[:count, 2] == pytest.approx(side_m * np.where(woody, 0.5, 1.0))
    leaf, less = usual.board_code[:count, 2], pruned.board_code[:count, 2]
    assert (less[woody] <= np.ceil(leaf[woody] / 2)).all() and (less[~woody] == leaf[~woody]).all()


def test_disease_browns_leaves_and_changes_no_label():
    well, sick = frames(), frames(("plants.disease", 1.0))
    for one, other in zip(well, sick, strict=True):
        assert (one.mask == other.mask).all() and (one.depth_m == other.depth_m).all()
        changed = (one.rgb != other.rgb).any(-1)
        near = changed & (one.depth_m < 3)  # far ones share their pixels with what is behind them
        assert np.isin(one.mask[near], (FOLIAGE, WILTED, IGNORE)).mean() > 0.9
    leaves = [np.concatenate([s.rgb[w.mask == FOLIAGE] for s, w in zip(shots, well, strict=True)]).mean(0)
              for shots in (well, sick)]  # fmt: skip
    assert leaves[1][0] / leaves[1][1] > leaves[0][0] / leaves[0][1] + 0.1


# Ground


def test_grass_height_is_contrast_and_its_default_is_what_was():
    def lawn(*moves):
        return rgb(look_of(*moves).arrays.palette[codes.S_LAWN, 0]).sum(-1)

    usual = np.ptp(lawn())
    assert np.ptp(lawn(("ground.mowing_mm", 20.0))) < usual < np.ptp(lawn(("ground.mowing_mm", 150.0)))
    assert lawn(("ground.mowing_mm", 150.0))[1] < lawn()[1] < lawn(("ground.mowing_mm", 20.0))[1]
    assert (lawn(("ground.mowing_mm", 40.0)) == lawn()).all()


def test_a_bleached_lawn_is_straw():
    assert almanac(("ground.bleaching", 0.5)).lawn_green == pytest.approx(0.5 * almanac().lawn_green)
    red, green, _ = rgb(look_of(("ground.bleaching", 1.0)).arrays.palette[codes.S_LAWN, 0, 16])
    assert red > green


@pytest.mark.parametrize(
    ("axis", "column", "label"),
    [
        ("ground.litter", "litter", LITTER),
        ("ground.puddles", "puddle", WATER),
        ("ground.snow_cover", "snow_cover", SNOW),
    ],
)
def test_covers_go_to_all_and_to_nothing(axis, column, label):
    assert getattr(almanac((axis, 1.0)), column) == pytest.approx(1)
    assert getattr(almanac((axis, -1.0)), column) == pytest.approx(0)
    half, usual = getattr(almanac((axis, 0.5)), column), getattr(almanac(), column)
    assert half == pytest.approx(usual + 0.5 * (1 - usual))
    usual, full = frames(), frames((axis, 1.0))
    assert share(full, label) > share(usual, label)
    for one, other in zip(usual, full, strict=True):  # what lies there hides nothing from the second label
        assert (one.mask_under == other.mask_under).all() and (one.depth_m == other.depth_m).all()


def test_snow_cover_whitens_the_ground_alone():
    bare, white = look_of(), look_of(("ground.snow_cover", 1.0))
    for name, one in bare.arrays._asdict().items():
        if name not in ("cover", "covers_on"):
            assert (one == getattr(white.arrays, name)).all(), name


def test_a_resurfaced_path_is_dark_and_still_a_path():
    def path(*moves):
        return rgb(look_of(*moves).arrays.palette[codes.S_PATH, 0]).sum(-1)

    assert path(("ground.path_surface", 1.0)).mean() < 0.6 * path().mean()
    for one, other in zip(frames(), frames(("ground.path_surface", 1.0)), strict=True):
        assert (one.mask == other.mask).all()


# What people do


def test_a_bed_is_dug_step_by_step_into_the_lawn():
    seen = [draw_map(garden().scene, look_of(*((("garden.bed_dug", s),) if s else ())))[1] for s in (0.0, 0.3, 1.0)]
    soil = [(mask == SOIL_CLASS).sum() for mask in seen]
    assert soil[0] < soil[1] < soil[2] and 0.2 < (soil[1] - soil[0]) / (soil[2] - soil[0]) < 0.55
    changed = seen[0] != seen[2]
    assert (seen[0][changed] == LAWN).mean() > 0.95 and (seen[2][changed] == SOIL_CLASS).mean() > 0.95
    assert look_of(("garden.bed_dug", 0.01)).dug == 1 and look_of(("garden.bed_dug", 1.0)).dug == DUG_STEPS
    x_m, y_m = garden().layout.arrivals.dug[:2]
    pose = np.array([x_m, y_m - 0.8, np.pi / 2])
    before, after = (garden(*m).view(SUMMER, 11.0, pose, CAMERA) for m in ((), (("garden.bed_dug", 1.0),)))
    new = before.mask_under != after.mask_under
    assert new.mean() > 0.05 and (after.mask_under[new] == SOIL_CLASS).all() and (before.depth_m == after.depth_m).all()


def test_furniture_comes_piece_by_piece_and_stands_where_nobody_drives():
    one, two, all_ = (look_of(("garden.furniture", n)).arrays.board_place for n in (1.0, 2.0, 8.0))
    known = len(look_of().arrays.board_place)
    assert [(places[known:, 2] > 0).sum() for places in (one, two, all_)] == [1, 2, 8]
    there = one[known:, 2] > 0
    assert (one[known:][there] == all_[known:][there]).all()
    layout = garden().layout
    for x, y, radius in zip(
        layout.arrivals.furniture_x_m, layout.arrivals.furniture_y_m, layout.arrivals.furniture_radius_m, strict=True
    ):
        assert np.hypot(layout.route[:, 0] - x, layout.route[:, 1] - y).min() > radius + 0.3
    assert share(frames(("garden.furniture", 8.0)), OBSTACLE) > share(frames(), OBSTACLE)


def test_paint_changes_walls_and_nothing_else():
    usual, painted = look_of(), look_of(("garden.paint", 1.0))
    for name, one in usual.arrays._asdict().items():
        same = (one == getattr(painted.arrays, name)).all()
        assert same == (name != "wall_rgb"), name
    body = rgb(painted.arrays.wall_rgb[:, :, codes.W_BODY]) - rgb(usual.arrays.wall_rgb[:, :, codes.W_BODY])
    assert (np.abs(body).max((1, 2, 3)) > 20).all()


# What holds for all


@pytest.mark.parametrize("axis", IN_ALMANAC, ids=lambda axis: axis.name)
def test_what_is_to_come_changes_nothing_before_it(axis):
    day = 200
    far = axis.high if axis.high != axis.default else axis.low
    event = DriftEvent(axis=axis.name, set=far, at=BASE.start + timedelta(days=day))
    moved, usual = make_almanac(BASE.model_copy(update={"drift": (event,)}), 3), almanac()
    changed = 0
    for field in dataclasses.fields(usual):
        one, other = getattr(usual, field.name), getattr(moved, field.name)
        if isinstance(one, np.ndarray):
            assert (one[:day] == other[:day]).all(), field.name
            changed += (one[day:] != other[day:]).sum()
    assert changed > 0


@pytest.mark.parametrize("axis", NATURAL, ids=lambda axis: axis.name)
def test_an_axis_at_its_default_leaves_every_bit(axis):
    usual, same = look_of(day=200).arrays, look_of((axis.name, axis.default), day=200).arrays
    count = len(usual.board_place)
    for name, one in usual._asdict().items():
        other = getattr(same, name)
        assert (one == (other[:count] if name.startswith("board") else other)).all(), name
    for name in (*LIGHT, *WEATHER, *PLANTS, *GROUND, "melt_mm", "depletion_mm"):
        assert (getattr(almanac(), name) == getattr(almanac((axis.name, axis.default)), name)).all(), name


def test_all_at_once_the_kernel_agrees_with_the_plain_twin():
    moves = (
        ("weather.wind_m_s", 14.0), ("plants.disease", 0.7), ("garden.bed_dug", 0.6), ("plants.newcomer", 1.0),
        ("garden.furniture", 8.0), ("plants.bloom", 0.5),
    )  # fmt: skip
    here, look, pixels, wrong = garden(*moves), look_of(*moves, day=110), 0, 0
    dug = here.layout.arrivals.dug
    for pose in (*poses(2), np.array([dug[0], dug[1] - 1.0, np.pi / 2])):
        frame = here.draw(look, pose, CAMERA)
        plain = PlainView(here.scene.at(look.dug), look.arrays, pose, pinhole(CAMERA), frame.mask.shape)
        off = (frame.mask != plain.mask) | (frame.mask_under != plain.under) | (frame.rgb != plain.rgb).any(-1)
        pixels, wrong = pixels + off.size, wrong + off.sum()
    assert wrong / pixels < 0.001


@pytest.mark.parametrize(
    ("group", "columns"), [("light", LIGHT), ("weather", WEATHER), ("plants", PLANTS), ("ground", GROUND)]
)
def test_a_frozen_group_stands_still_from_its_date_and_the_others_go_on(group, columns):
    day = 100
    scenario = BASE.model_copy(update={"freeze": {group: BASE.start + timedelta(days=day)}})
    frozen, usual = make_almanac(scenario, 3), almanac()
    for name in (*LIGHT, *WEATHER, *PLANTS, *GROUND):
        one, other = getattr(usual, name), getattr(frozen, name)
        if name in columns:
            assert (other[:day] == one[:day]).all() and (other[day:] == one[day]).all(), name
        else:
            assert (other == one).all(), name
    assert (frozen.melt_mm[day:].sum() == 0) == (group == "ground")
