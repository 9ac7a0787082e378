"""The robot's body obeys geometry, and water is neither created nor lost."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from garden_env.robot import STRIDE_M, manoeuvre, run_over, spray

CELL_M = 0.05
OPEN = np.zeros((200, 200), bool)


def test_a_manoeuvre_turns_first_and_then_drives_straight():
    track, bumped = manoeuvre(np.array([5.0, 5.0, 0.0]), math.pi / 2, 0.5, OPEN, CELL_M)
    assert not bumped
    assert np.hypot(*np.diff(track[:, :2], axis=0).T).max() <= STRIDE_M + 1e-9
    np.testing.assert_allclose(track[-1], [5.0, 5.5, math.pi / 2], atol=1e-12)


def test_a_wall_of_one_cell_is_not_jumped_over():
    blocked = OPEN.copy()
    blocked[:, 105] = True
    track, bumped = manoeuvre(np.array([5.0, 5.0, 0.0]), 0.0, 0.5, blocked, CELL_M)
    assert bumped
    assert track[-1, 0] < 105 * CELL_M


def test_a_long_manoeuvre_jumps_over_nothing_either():
    blocked = OPEN.copy()
    blocked[:, 105] = True
    track, bumped = manoeuvre(np.array([4.0, 5.0, 0.0]), 0.0, 2.0, blocked, CELL_M)
    assert bumped
    assert track[-1, 0] < 105 * CELL_M


def test_the_edge_of_the_world_is_a_wall():
    track, bumped = manoeuvre(np.array([0.1, 0.1, 0.0]), math.pi, 0.5, OPEN, CELL_M)
    assert bumped
    assert track[:, 0].min() >= 0.0


def test_turning_works_where_driving_does_not():
    blocked = np.ones_like(OPEN)
    track, bumped = manoeuvre(np.array([5.0, 5.0, 0.0]), 1.0, 0.5, blocked, CELL_M)
    assert bumped
    np.testing.assert_allclose(track[-1], [5.0, 5.0, 1.0])


@given(
    litres=st.floats(0.0, 20.0),
    heading=st.floats(-math.pi, math.pi),
    seed=st.integers(0, 1000),
)
def test_water_sprayed_is_water_received_or_lost(litres, heading, seed):
    rng = np.random.default_rng(seed)
    x_m, y_m, area_m2 = rng.uniform(3, 7, 8), rng.uniform(3, 7, 8), rng.uniform(0.05, 0.5, 8)
    track, _ = manoeuvre(np.array([5.0, 5.0, 0.0]), heading, 0.5, OPEN, CELL_M)
    received_l, lost_l = spray(track, litres, x_m, y_m, area_m2, 1.5, 0.6)
    assert (received_l >= 0).all()
    assert received_l.sum() + lost_l == pytest.approx(litres, abs=1e-9)


def test_only_plants_in_the_cone_are_watered():
    track, _ = manoeuvre(np.array([5.0, 5.0, 0.0]), 0.0, 0.0, OPEN, CELL_M)
    x_m, y_m = np.array([6.0, 4.0, 5.0, 6.9]), np.array([5.0, 5.0, 6.0, 5.0])  # ahead, behind, beside, too far ahead
    received_l, lost_l = spray(track, 3.0, x_m, y_m, np.ones(4), 1.5, 0.6)
    np.testing.assert_allclose(received_l, [3.0, 0.0, 0.0, 0.0])
    assert lost_l == pytest.approx(0.0)


def test_plants_share_water_by_the_size_of_their_roots():
    track, _ = manoeuvre(np.array([5.0, 5.0, 0.0]), 0.0, 0.0, OPEN, CELL_M)
    received_l, _ = spray(track, 3.0, np.array([6.0, 6.0]), np.array([4.9, 5.1]), np.array([1.0, 2.0]), 1.5, 0.6)
    np.testing.assert_allclose(received_l, [1.0, 2.0])


def test_herbs_are_driven_over_and_trees_are_not():
    track, _ = manoeuvre(np.array([5.0, 5.0, 0.0]), 0.0, 0.5, OPEN, CELL_M)
    over = run_over(track, np.array([5.3, 5.3, 5.3]), np.array([5.0, 5.0, 5.5]), np.array([0.0, 0.1, 0.0]), 0.12)
    assert over.tolist() == [True, False, False]


def test_standing_still_harms_nothing():
    track, _ = manoeuvre(np.array([5.0, 5.0, 0.0]), 1.0, 0.0, OPEN, CELL_M)
    assert not run_over(track, np.array([5.0]), np.array([5.0]), np.array([0.0]), 0.12).any()
