"""Gardens side by side are gardens alone, and their water adds up."""

import numpy as np
import pytest

from garden_env.garden import plant_garden
from garden_env.world import World
from scenarios.files import load

SCENARIO = load("four_seasons")


@pytest.fixture(scope="module")
def gardens():
    return [plant_garden(SCENARIO, seed) for seed in (1, 2)]


def actions(steps, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (steps, 1, 3))


def test_gardens_side_by_side_live_as_they_would_alone(gardens):
    together, alone = World(gardens), [World([garden]) for garden in gardens]
    for action in actions(60):
        together.advance(np.repeat(action, 2, 0))
        for world in alone:
            world.advance(action)
    for i, world in enumerate(alone):
        plants = len(gardens[i].layout.plant_species)
        np.testing.assert_array_equal(together.pose[i], world.pose[0])
        np.testing.assert_array_equal(together.depletion_mm[i, :plants], world.depletion_mm[0])
        np.testing.assert_array_equal(together.frame(i).rgb, world.frame(0).rgb)
        np.testing.assert_array_equal(together.state(i), world.state(0))


def test_nobody_watering_is_what_the_almanac_foresaw(gardens):
    garden = gardens[0]
    world = World([garden])
    for _ in range(20 * SCENARIO.steps_per_day):
        world.advance(np.array([[0.0, 0.0, -1.0]]))
    foreseen = garden.almanac.depletion_mm[20, garden.layout.plant_species]
    drift_mm = np.abs(world.depletion_mm[0] - foreseen)
    # the world starts where the almanac's first evening ended, one day ahead of it
    assert np.median(drift_mm) < 5.0


def test_water_given_is_water_held_or_wasted_or_still_in_the_tank(gardens):
    garden = gardens[0]
    world = World([garden])
    world.depletion_mm[0] += 15.0
    for action in actions(SCENARIO.steps_per_day - 1, seed=3):
        held_mm, tank_l = world.depletion_mm[0].copy(), world.tank_l[0]
        terms = world.advance(action)
        relieved_l = ((held_mm - world.depletion_mm[0]) * world.root_area_m2(0)).sum()
        assert terms["relieved_l"][0] + terms["stored_l"][0] == pytest.approx(relieved_l, abs=1e-9)
        sprayed_l = relieved_l + terms["wasted_l"][0]
        assert sprayed_l == pytest.approx(min(max(action[0, 2], 0) * SCENARIO.robot.flow_l_per_step, tank_l), abs=1e-9)


def test_watering_a_wilted_plant_relieves_it(gardens):
    garden = gardens[0]
    world = World([garden])
    plant = int(np.flatnonzero(garden.layout.plant_radius_m == 0)[0])
    world.pose[0] = (garden.layout.plant_x_m[plant] - 1.0, garden.layout.plant_y_m[plant], 0.0)
    world.depletion_mm[0] = 1e3
    world.ks[0] = 0.0
    terms = world.advance(np.array([[0.0, 0.0, 1.0]]))
    assert terms["relieved_l"][0] > 0
    assert world.depletion_mm[0, plant] < 1e3


def test_water_for_a_plant_that_lacks_none_relieves_nothing(gardens):
    garden = gardens[0]
    world = World([garden])
    plant = int(np.flatnonzero(garden.layout.plant_radius_m == 0)[0])
    world.pose[0] = (garden.layout.plant_x_m[plant] - 1.0, garden.layout.plant_y_m[plant], 0.0)
    world.depletion_mm[0] = 0.5
    terms = world.advance(np.array([[0.0, 0.0, 1.0]]))
    assert terms["relieved_l"][0] == 0.0
    assert terms["stored_l"][0] > 0.0


def test_the_tank_empties_with_spraying_and_fills_at_the_shed(gardens):
    world = World([gardens[0]])
    world.advance(np.array([[0.0, 0.0, 1.0]]))
    assert world.tank_l[0] == SCENARIO.robot.tank_l  # it stands at the dock
    centre = gardens[0].layout.route[0]
    world.pose[0, :2] = centre
    world.advance(np.array([[0.0, 0.0, 1.0]]))
    assert world.tank_l[0] == pytest.approx(SCENARIO.robot.tank_l - SCENARIO.robot.flow_l_per_step)


def test_the_robot_stays_in_the_garden_whatever_it_does(gardens):
    world = World(gardens)
    for action in actions(500, seed=9):
        world.advance(np.sign(action).repeat(2, 0))
        for i, garden in enumerate(gardens):
            x_m, y_m, _ = world.pose[i]
            cell = garden.layout.cell_m
            assert not garden.layout.blocked[int(y_m / cell), int(x_m / cell)]


def test_days_pass_after_so_many_steps_and_all_of_them_are_light(gardens):
    world = World([gardens[0]])
    for step in range(3 * SCENARIO.steps_per_day):
        assert world.day == step // SCENARIO.steps_per_day
        assert world.drift(0)["sun_elevation_deg"] > 0
        world.advance(np.zeros((1, 3)))


def test_a_world_without_gardens_or_with_two_rhythms_is_refused(gardens):
    with pytest.raises(ValueError, match="at least one garden"):
        World([])
    other = plant_garden(SCENARIO.model_copy(update={"steps_per_day": 12}), 1)
    with pytest.raises(ValueError, match=r"share their steps_per_day; given \[12, 24\]"):
        World([gardens[0], other])


def test_a_wrong_number_of_actions_is_told(gardens):
    with pytest.raises(ValueError, match=r"actions are \(2, 3\)"):
        World(gardens).advance(np.zeros((1, 3)))


def test_nothing_is_learned_of_the_future_by_rendering_it(gardens):
    """`Garden.view` of any date leaves the world as it was."""
    plain, spied = World([gardens[0]]), World([gardens[0]])
    for action in actions(30):
        plain.advance(action)
        gardens[0].view(200, 12.0, spied.pose[0])
        spied.advance(action)
    np.testing.assert_array_equal(plain.frame(0).rgb, spied.frame(0).rgb)
