"""Odometry: wheels that slip mislead it, and bumps and the shed set it right."""

import math

import numpy as np
import pytest

from agent.minds import hand_over
from agent.odometry import Odometry
from agent.stream import owners_round
from garden_env.garden import plant_garden, wrap_rad
from garden_env.world import World
from scenarios.files import load, parse

DOCK = np.array([2.0, 1.0, 0.5])


def senses(x_m: float, y_m: float, *, tank: float = 0.5, bump: float = 0.0, heading_rad: float = 0.0) -> np.ndarray:
    return np.array([0, 0, tank, bump, 0, x_m, y_m, math.cos(heading_rad), math.sin(heading_rad)], np.float32)


def test_without_trouble_it_is_the_wheels_word():
    pose = Odometry(DOCK).update(senses(1.5, -0.5, heading_rad=1.2))
    np.testing.assert_allclose(pose, [3.5, 0.5, 1.2], atol=1e-6)


def test_a_bump_takes_back_what_the_map_says_was_not_free():
    odometry = Odometry(DOCK)
    odometry.update(senses(1.0, 0.0))
    pose = odometry.update(senses(1.5, 0.0, bump=1.0), free_m=0.2)
    np.testing.assert_allclose(pose[:2], [3.2, 1.0], atol=1e-6)
    pose = odometry.update(senses(1.5, 0.0, bump=1.0), free_m=0.0)  # on the spot: nothing to take back
    np.testing.assert_allclose(pose[:2], [3.2, 1.0], atol=1e-6)


def test_a_bump_on_a_way_that_was_free_changes_nothing():
    odometry = Odometry(DOCK)
    odometry.update(senses(1.0, 0.0))
    np.testing.assert_allclose(odometry.update(senses(1.3, 0.0, bump=1.0), free_m=0.5)[:2], [3.3, 1.0], atol=1e-6)


def test_at_the_shed_it_begins_anew():
    odometry = Odometry(DOCK)
    odometry.update(senses(1.0, 0.0))
    odometry.update(senses(1.5, 0.0, bump=1.0), free_m=0.0)
    pose = odometry.update(senses(0.1, 0.0, tank=1.0))
    np.testing.assert_allclose(pose[:2], [2.1, 1.0], atol=1e-6)


@pytest.mark.parametrize("slip", [0.0, 0.3])
def test_in_the_world_it_is_wrong_by_what_slipped_until_it_is_home(slip):
    scenario = load("four_seasons") if not slip else parse(
        f"name: slippery\ndrift:\n  - axis: robot.wheel_slip\n    set: {slip}\n", source="slippery.yaml"
    )  # fmt: skip
    garden = plant_garden(scenario, 4)
    world, odometry, dock = World([garden]), Odometry(hand_over(garden).dock), hand_over(garden).dock
    world.tank_l[:] = 100.0
    patrol, errors_m = owners_round(garden), []
    for _ in range(12):
        world.advance(patrol.act(world.odometry(0) + dock)[None])
        pose = odometry.update(world.state(0))
        errors_m.append(math.hypot(*(pose[:2] - world.pose[0, :2])))
        assert pose[2] == pytest.approx(world.pose[0, 2], abs=1e-5)
    assert (max(errors_m) > 0.05) == (slip > 0.0)
    world.tank_l[:] = 100.0
    while world.tank_l[0] < garden.scenario.robot.tank_l:  # it is led home, however wrong it is about where that is
        north_m, east_m = dock[1] - world.pose[0, 1], dock[0] - world.pose[0, 0]
        turn_rad = wrap_rad(math.atan2(north_m, east_m) - world.pose[0, 2])
        world.tank_l[:] = 100.0
        world.advance(np.array([[0.5, turn_rad / math.radians(garden.scenario.robot.turn_deg_per_step), -1.0]]))
        pose = odometry.update(world.state(0))
        assert world.steps < 200
    assert math.hypot(*(pose[:2] - world.pose[0, :2])) < 1e-5
