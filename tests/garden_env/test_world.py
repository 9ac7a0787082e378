"""Gardens side by side are gardens alone, and their water adds up."""

import gc
import tracemalloc

import numpy as np
import pytest

from agent.patrol import Patrol
from garden_env.garden import dock_pose, plant_garden
from garden_env.world import World
from scenarios.drift import DriftEvent
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
    fast = plant_garden(SCENARIO.model_copy(update={"speed": 3.0}), 1)
    with pytest.raises(ValueError, match=r"share their speed; given \[1\.0, 3\.0\]"):
        World([gardens[0], fast])


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


@pytest.mark.parametrize("speed", [0.5, 2.5, 50.0])
def test_at_any_speed_every_night_is_lived_in_order_and_every_hour_is_light(speed):
    scenario = SCENARIO.model_copy(update={"days": 30, "commissioning_days": 5, "speed": speed})
    garden = plant_garden(scenario, 1)
    world, nights = World([garden]), []
    night = world._night
    world._night = lambda i, day: nights.append(day) or night(i, day)
    for step in range(scenario.life_steps):
        assert world.day == scenario.moment(step)[0]
        assert world.drift(0)["sun_elevation_deg"] > 0
        world.advance(np.zeros((1, 3)))
    assert nights == list(range(world.day))
    assert world.day >= 30
    assert scenario.life_steps == pytest.approx(30 * 24 / speed, abs=1)


def test_soils_dry_by_the_calendar_not_by_the_step():
    slow, fast = (plant_garden(SCENARIO.model_copy(update={"speed": speed}), 1) for speed in (1.0, 8.0))
    worlds = World([slow]), World([fast])
    for world in worlds:
        while world.day < 40:
            world.advance(np.array([[0.0, 0.0, -1.0]]))
    np.testing.assert_array_equal(worlds[0].depletion_mm, worlds[1].depletion_mm)


def with_axis(axis, value, seed=1):
    return plant_garden(SCENARIO.model_copy(update={"drift": (DriftEvent(axis=axis, set=value),)}), seed)


def test_odometry_is_right_until_a_wheel_slips_and_again_at_the_shed(gardens):
    good, slipping = World([gardens[0]]), World([with_axis("robot.wheel_slip", 0.4)])
    for world in (good, slipping):
        world.pose[0, :2] = gardens[0].layout.route[0]
        start = world.pose[0].copy()
        world.pose[0, 2] = np.arctan2(*(gardens[0].layout.route[1] - gardens[0].layout.route[0])[::-1])
        began = world.odometry(0)
        world.advance(np.array([[0.2, 0.0, -1.0]]))
        come, believed = np.hypot(*(world.pose[0] - start)[:2]), np.hypot(*(world.odometry(0) - began)[:2])
        assert believed == pytest.approx(0.2 * SCENARIO.robot.metres_per_step)
        assert come == pytest.approx(believed * (0.6 if world is slipping else 1.0))
    np.testing.assert_array_equal(good.odometry(0), good.pose[0] - dock_pose(gardens[0].layout))
    assert slipping.state(0)[0] == pytest.approx(0.2)
    slipping.pose[0] = dock_pose(gardens[0].layout)
    slipping.advance(np.zeros((1, 3)))
    np.testing.assert_array_equal(slipping.odometry(0), np.zeros(3))


def test_wheels_that_slip_spin_on_at_a_wall_and_wheels_that_grip_stall(gardens):
    for garden, counted_m in ((gardens[0], 0.0), (with_axis("robot.wheel_slip", 0.4), SCENARIO.robot.metres_per_step)):
        world = World([garden])
        world.pose[0] = (*garden.layout.route[0], 0.0)
        while not world.bumped[0]:
            world.advance(np.array([[1.0, 0.0, -1.0]]))
        stood, believed = world.pose[0].copy(), world.odometry(0)
        world.advance(np.array([[1.0, 0.0, -1.0]]))
        np.testing.assert_array_equal(world.pose[0], stood)
        np.testing.assert_allclose(world.odometry(0) - believed, [counted_m, 0.0, 0.0], atol=1e-12)


def test_a_weak_motor_is_slow_and_odometry_notices():
    world = World([with_axis("robot.motor", 0.5)])
    world.pose[0] = (*world.gardens[0].layout.route[0], 0.0)
    world.advance(np.array([[0.0, 0.1, -1.0]]))
    assert world.pose[0, 2] == pytest.approx(np.radians(0.5 * 0.1 * SCENARIO.robot.turn_deg_per_step))
    np.testing.assert_array_equal(world.odometry(0), world.pose[0] - dock_pose(world.gardens[0].layout))
    assert world.state(0)[1] == pytest.approx(0.05)


def test_a_leaking_valve_waters_where_the_robot_stands_and_only_while_it_is_shut():
    world = World([with_axis("robot.valve_leak", 0.5)])
    garden, leak_l = world.gardens[0], 0.5 * SCENARIO.robot.flow_l_per_step
    zone, cell = garden.layout.zone, garden.layout.cell_m
    far = ~garden.layout.blocked & (zone >= 0)
    row, column = np.argwhere(far)[0]
    plant = zone[row, column]
    world.depletion_mm[0], tank_l = 500.0, world.tank_l[0]
    world.pose[0] = ((column + 0.5) * cell, (row + 0.5) * cell, 0.0)
    world.advance(np.array([[0.0, 0.0, -1.0]]))
    assert world.tank_l[0] == pytest.approx(tank_l - leak_l)
    assert np.flatnonzero(world.depletion_mm[0] < 500).tolist() == [plant]
    assert (500 - world.depletion_mm[0, plant]) * world.root_area_m2(0)[plant] == pytest.approx(leak_l)
    world.pose[0, :2] = garden.layout.route[0]
    terms = world.advance(np.array([[0.0, 0.0, 0.0]]))
    assert terms["wasted_l"][0] == pytest.approx(leak_l)
    tank_l = world.tank_l[0]
    world.advance(np.array([[0.0, 0.0, 1.0]]))
    assert world.tank_l[0] == pytest.approx(tank_l - SCENARIO.robot.flow_l_per_step)


@pytest.mark.parametrize(
    ("axis", "value"), [("robot.wheel_slip", 0.3), ("robot.wheel_slip", 0.9), ("robot.motor", 0.1)]
)
def test_a_patrol_that_loses_its_way_gets_going_again(axis, value):
    garden = with_axis(axis, value, seed=2)
    world, dock = World([garden]), dock_pose(garden.layout)
    patrol = Patrol(garden.layout.route, SCENARIO.robot, np.random.default_rng(0))
    path = []
    for _ in range(24 * 25):
        world.advance(patrol.act(world.odometry(0) + dock)[None])
        path.append(world.pose[0, :2].copy())
    moved = np.flatnonzero(np.hypot(*np.diff(path, axis=0).T) > 1e-3)
    assert np.diff(moved).max() < 48  # two days


def kept(world):
    """Numbers that a world holds on to, outside its gardens."""
    return sum(np.size(value) for value in vars(world).values() if isinstance(value, np.ndarray | list))


def test_a_long_life_keeps_no_more_than_a_short_one():
    scenario = SCENARIO.model_copy(update={"days": 3000, "speed": 100.0})
    world = World([plant_garden(scenario, 1)])
    world.frame(0), world.drift(0)
    sizes = []
    tracemalloc.start()
    for _ in range(3):
        for _ in range(60):
            world.advance(np.array([[0.4, 0.2, 0.3]]))
            world.frame(0), world.drift(0)
        gc.collect()
        sizes.append((tracemalloc.get_traced_memory()[0], kept(world)))
    tracemalloc.stop()
    assert sizes[2][1] == sizes[1][1]
    assert sizes[2][0] - sizes[1][0] < 100_000  # bytes; 250 days' plans or frames would be megabytes
