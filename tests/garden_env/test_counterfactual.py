"""A view of now is the live frame, and looking at other moments changes nothing."""

from datetime import date

import numpy as np
import pytest

from garden_env.counterfactual import KEPT_SCRIPTS, Moment, _kept, pair, render_at, under
from garden_env.garden import plant_garden
from garden_env.world import World
from scenarios.drift import DriftEvent
from scenarios.files import load

WORN = (
    DriftEvent(axis="camera.noise", set=8),
    DriftEvent(axis="camera.dead_pixels", set=0.05),
    DriftEvent(axis="camera.pitch_deg", set=-5),
    DriftEvent(axis="weather.fog", set=0.3),
)
SCENARIO = load("four_seasons").model_copy(update={"drift": WORN, "speed": 3.0})
FIELDS = ("rgb", "mask", "mask_under", "depth_m")


@pytest.fixture(scope="module")
def garden():
    return plant_garden(SCENARIO, 4)


def live(garden, steps, *, each=lambda world: None):
    world = World([garden])
    for action in np.random.default_rng(0).uniform(-1, 1, (steps, 1, 3)):
        world.advance(action)
        each(world)
    return world


def test_a_view_of_now_is_the_live_frame_bit_for_bit(garden):
    def compare(world):
        live, now, clean = world.frame(0), world.render_at(0, noise=True), world.render_at(0)
        for field in FIELDS:
            np.testing.assert_array_equal(getattr(now, field), getattr(live, field), err_msg=field)
        assert (clean.rgb != live.rgb).any()
        np.testing.assert_array_equal(clean.rgb, world.draw(0).rgb)

    live(garden, 20, each=compare)


def test_rendering_a_years_probes_does_not_change_a_step_of_the_life(garden):
    def spy(world):
        for day in range(0, 400, 40):
            world.render_at(0, when=day, hour=11.0, water="wilted", noise=True)
        world.render_at(0, scenario=load("dry_summers"), when=100)
        world.render_at(0, weather_seed=8)
        world.frame(0)

    watched, alone = live(garden, 12, each=spy), live(garden, 12)
    for name, array in watched.snapshot().arrays.items():
        np.testing.assert_array_equal(array, alone.snapshot().arrays[name])
    np.testing.assert_array_equal(watched.frame(0).rgb, alone.frame(0).rgb)


def test_dates_and_days_name_the_same_moment(garden):
    pose = np.array([4.0, 3.0, 1.0])
    by_date, by_day = render_at(garden, pose, date(2030, 5, 10), hour=9.0), render_at(garden, pose, 30, hour=9.0)
    np.testing.assert_array_equal(by_date.rgb, by_day.rgb)
    np.testing.assert_array_equal(by_day.rgb, garden.view(30, 9.0, pose).rgb)


def test_one_scene_in_two_seasons_keeps_its_walls_and_its_camera(garden):
    pose = np.array([5.0, 4.0, 2.0])
    summer, winter = pair(garden, pose, Moment(date(2030, 7, 10)), Moment(date(2031, 1, 15), hour=11.0))
    assert (summer.mask != winter.mask).mean() > 0.2
    sky = np.isinf(summer.depth_m) & np.isinf(winter.depth_m)
    assert sky.any()
    np.testing.assert_array_equal(summer.pose, winter.pose)


def test_water_states_show_in_the_labels(garden):
    pose, wilted = np.array([4.0, 3.0, 0.5]), []
    views = [render_at(garden, pose, date(2030, 7, 10), water=water) for water in ("unstressed", "exam", "wilted")]
    wilted = [int((view.mask != views[0].mask).sum()) for view in views]
    assert 0 == wilted[0] <= wilted[1] <= wilted[2]
    assert wilted[2] > 0
    ks = np.ones(len(garden.layout.plant_species))
    given = render_at(garden, pose, date(2030, 7, 10), water=(ks, 0.6 * ks))
    np.testing.assert_array_equal(given.rgb, views[0].rgb)


def test_another_script_is_lived_in_the_same_garden_by_the_same_camera(garden):
    dry = load("dry_summers")
    other = under(garden, dry)
    assert other.layout is garden.layout
    assert other.scene is garden.scene
    assert other.scenario.camera == garden.scenario.camera
    alone = plant_garden(dry.model_copy(update={"garden": SCENARIO.garden}), 4)
    np.testing.assert_array_equal(other.almanac.tmax_c, alone.almanac.tmax_c)
    assert under(garden, dry) is other
    assert under(garden) is garden


def test_an_event_that_was_never_scripted_can_be_imagined(garden):
    pose = np.array([4.0, 3.0, 0.5])
    clear, foggy = pair(
        garden, pose, Moment(50), Moment(50, events=(DriftEvent(axis="weather.fog", add=0.7),)), noise=3
    )
    assert (clear.rgb != foggy.rgb).any()
    np.testing.assert_array_equal(clear.mask, foggy.mask)


def test_only_the_last_few_scripts_are_kept(garden):
    for seed in range(KEPT_SCRIPTS + 3):
        under(garden, weather_seed=100 + seed)
    assert len(_kept) == KEPT_SCRIPTS


def test_moments_that_do_not_exist_are_told(garden):
    pose = np.array([4.0, 3.0, 0.5])
    with pytest.raises(IndexError, match="2050-01-01 is outside the almanac"):
        render_at(garden, pose, date(2050, 1, 1))
    with pytest.raises(IndexError, match="day -1 is outside the almanac"):
        render_at(garden, pose, -1)
    with pytest.raises(ValueError, match="did you mean 'wilted'"):
        render_at(garden, pose, 3, water="wilting")
    with pytest.raises(ValueError, match="one a plant"):
        render_at(garden, pose, 3, water=(np.ones(2), np.ones(2)))
