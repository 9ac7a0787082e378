"""Claims about looks: what season, hour and thirst do to the tables."""

from functools import cache

import numpy as np
import pytest

from garden_env.almanac import make_almanac
from garden_env.layout import plan_garden
from garden_env.look import make_look
from garden_env.render import codes, look_arrays
from garden_env.render.light import beam_tint, light_of, seen, to_linear
from scenarios.spec import Scenario
from scenarios.tables import FOLIAGE, IGNORE, WILTED

SCENARIO = Scenario(name="test", days=400)


@cache
def garden():
    return plan_garden(SCENARIO.garden, np.random.default_rng(1)), make_almanac(SCENARIO, 3)


def look_at(day, hour=11.0, ks=1.0, wetness=0.4):
    layout, almanac = garden()
    plants = len(layout.plant_species)
    return make_look(layout, almanac, int(day), hour, np.full(plants, float(ks)), np.full(plants, float(wetness)))


def rgb(packed):
    return np.stack([packed & 255, packed >> 8 & 255, packed >> 16 & 255], axis=-1).astype(int)


def test_the_same_moment_looks_the_same_bit_for_bit():
    for one, other in zip(look_at(50).arrays, look_at(50).arrays, strict=True):
        assert (one == other).all()


def test_shadow_is_darker_than_light():
    day = int(np.argmin(garden()[1].cloud))
    palette = rgb(look_at(day, 12.0).arrays.palette[: codes.S_SNOW + 1]).sum(-1)
    assert (palette[:, 1] <= palette[:, 0]).all() and (palette[:, 1] < palette[:, 0]).mean() > 0.9


def test_a_straw_lawn_is_less_green_than_a_lush_one():
    green = garden()[1].lawn_green
    lush, straw = (rgb(look_at(pick).arrays.palette[codes.S_LAWN, 0, 16]) for pick in (green.argmax(), green.argmin()))
    assert lush[1] / lush[0] > straw[1] / straw[0]


@pytest.mark.parametrize(("cover", "column"), [(1, "litter"), (2, "petals"), (3, "snow_cover")])
def test_covers_lie_on_as_much_ground_as_the_almanac_says(cover, column):
    values = getattr(garden()[1], column)
    day = int(np.argmin(np.abs(values - 0.5 * values.max())))
    share = look_at(day).arrays.cover[cover, 0].mean() / 255  # patch codes are spread evenly
    assert share == pytest.approx(values[day], abs=0.12)
    bare = int(np.argmin(values))
    if values[bare] == 0:
        assert not look_at(bare).arrays.cover[cover].any()


def test_more_bloom_opens_more_petals():
    layout, almanac = garden()
    species = int(layout.plant_species[0])
    plant = np.flatnonzero(layout.plant_species == species)[0]
    bloom = almanac.bloom[20:-20, species]
    most, none = int(bloom.argmax()) + 20, int(bloom.argmin()) + 20
    assert look_at(most).arrays.board_code[plant, 3] > look_at(none).arrays.board_code[plant, 3]


def test_thirst_changes_label_droop_and_colour_and_nothing_else_of_a_plant():
    plants = len(garden()[0].plant_species)
    fresh, dry = look_at(60).arrays, look_at(60, ks=0.2).arrays
    label = dry.board_label[:plants, codes.P_LEAF]
    assert set(label.tolist()) <= {WILTED, FOLIAGE} and (label == WILTED).mean() > 0.8
    assert set(look_at(60, ks=0.5).arrays.board_label[:plants, codes.P_LEAF].tolist()) <= {IGNORE, FOLIAGE}
    assert (fresh.board_code[:, 1:] == dry.board_code[:, 1:]).all()
    assert (fresh.board_place == dry.board_place).all()


def test_soil_is_darker_where_it_is_wet():
    wet, dry = (rgb(look_at(60, wetness=value).arrays.palette[codes.ZONE0 :, 0]).sum() for value in (1.0, 0.0))
    assert wet < 0.8 * dry


def test_clouds_move_within_a_day():
    one, other = look_at(60, 10.0).arrays.numbers, look_at(60, 11.0).arrays.numbers
    assert one[look_arrays.CLOUD_X] != other[look_arrays.CLOUD_X]


def test_a_low_sun_is_yellow_and_an_overcast_sky_is_shadeless():
    high, low = (np.array([0.0, -np.cos(angle), np.sin(angle)]) for angle in np.radians([60.0, 8.0]))
    assert beam_tint(low[2])[2] < beam_tint(high[2])[2]
    clear, grey = light_of(high, 10, 12.0, 0.0), light_of(high, 10, 12.0, 1.0)
    assert clear.beam.max() > 1.5 * clear.ambient.max() and grey.beam.max() == 0.0


def test_dusk_stays_visible_and_is_darker_than_noon():
    low, high = (np.array([0.0, -np.cos(angle), np.sin(angle)]) for angle in np.radians([3.0, 60.0]))
    dusk, noon = light_of(low, 10, 16.0, 0.8), light_of(high, 10, 12.0, 0.1)
    grey = to_linear(np.array([120.0, 120.0, 120.0]))
    assert 20 < seen(grey * dusk.on_ground()).mean() < seen(grey * noon.on_ground()).mean()


def test_a_table_colour_keeps_its_brightness_on_a_bright_day():
    high = np.array([0.0, -0.6, 0.8])
    light = light_of(high, 10, 12.0, 0.0)
    shown = seen(to_linear(np.array([150.0, 150.0, 150.0])) * light.on_ground())
    assert abs(shown.mean() - 150) < 25


def test_wrong_input_is_named():
    layout, almanac = garden()
    plants = len(layout.plant_species)
    with pytest.raises(ValueError, match="one a plant"):
        make_look(layout, almanac, 0, 11.0, np.ones(plants + 1), np.ones(plants))
    with pytest.raises(IndexError, match="outside the almanac"):
        make_look(layout, almanac, 99_999, 11.0, np.ones(plants), np.ones(plants))
