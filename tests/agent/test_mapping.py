"""The robot's map: what lies on the ground is laid where it is, what stands where it stands, and all of it fades."""

import math

import numpy as np
import pytest

from agent.ground_geometry import ground_points, to_world
from agent.mapping import BODY_M, FARTHEST_M, PRIOR, SemanticMap
from scenarios.spec import CameraSpec
from scenarios.tables import CLASS_NAMES, FOLIAGE, LAWN, OBSTACLE, PATH, SKY, SNOW, WILTED

CAMERA = CameraSpec()
SHAPE = CAMERA.height_px // 2, CAMERA.width_px // 2
POSE = np.array([5.0, 4.0, 0.7])


def blank(half_life_steps: float = 100.0) -> SemanticMap:
    return SemanticMap(10.0, 8.0, CAMERA, half_life_steps=half_life_steps)


def ground_view(kind: int) -> np.ndarray:
    """Nothing but one kind of ground up to the horizon, and the sky."""
    below = ground_points(CAMERA)[..., 0] < np.inf
    return np.where(below, kind, SKY).astype(np.uint8)


def test_ground_is_laid_where_its_pixels_meet_the_plane():
    drawn = blank()
    drawn.look(ground_view(PATH), POSE, 0)
    points = ground_points(CAMERA).astype(float)
    near = points[..., 0] <= FARTHEST_M
    places = to_world(points[near], POSE)
    inside = (places >= 0.0).all(-1) & (places < [10.0, 8.0]).all(-1)
    expected = np.zeros(drawn.seen_step.shape, bool)
    rows, columns = np.floor(places[inside, ::-1] / drawn.cell_m).astype(int).T
    expected[rows, columns] = True
    np.testing.assert_array_equal(drawn.evidence[..., PATH] > 0.0, expected)
    assert drawn.evidence.sum() == drawn.evidence[..., PATH].sum()


def test_a_turn_of_the_robot_turns_the_map_and_changes_nothing_else():
    ahead, behind = blank(), blank()
    ahead.look(ground_view(LAWN), np.array([5.0, 4.0, 0.0]), 0)
    behind.look(ground_view(LAWN), np.array([5.0, 4.0, math.pi]), 0)
    np.testing.assert_allclose(ahead.evidence, behind.evidence[::-1, ::-1], atol=1e-4)


def test_what_stands_is_where_its_foot_is_and_hides_what_is_behind():
    guess = ground_view(LAWN)
    column, foot = SHAPE[1] // 2, SHAPE[0] - 6
    guess[foot - 8 : foot + 1, column] = OBSTACLE  # far above the horizon as seen on the plane
    drawn = blank()
    drawn.look(guess, POSE, 0)
    rows, columns = np.nonzero(drawn.evidence[..., OBSTACLE])
    x_m, y_m = (columns + 0.5) * drawn.cell_m, (rows + 0.5) * drawn.cell_m
    foot_m = float(ground_points(CAMERA)[foot, column, 0])
    ahead_m = (x_m - POSE[0]) * math.cos(POSE[2]) + (y_m - POSE[1]) * math.sin(POSE[2])
    assert len(ahead_m)
    assert (ahead_m > foot_m - 0.1).all()
    assert (ahead_m < foot_m + BODY_M + 0.1).all()


def test_leaves_seen_through_gaps_belong_to_the_plant_before_them():
    guess = ground_view(LAWN)
    column, foot = SHAPE[1] // 2, SHAPE[0] - 5
    guess[foot, column], guess[foot - 4, column] = FOLIAGE, WILTED  # three pixels of lawn in between
    drawn = blank()
    drawn.look(guess, POSE, 0)
    rows, columns = np.nonzero(drawn.evidence[..., WILTED])
    far_m = math.hypot((columns[0] + 0.5) * drawn.cell_m - POSE[0], (rows[0] + 0.5) * drawn.cell_m - POSE[1])
    assert far_m < float(ground_points(CAMERA)[foot, column, 0]) + BODY_M + 0.2


def test_evidence_halves_with_every_half_life_and_then_nothing_is_known():
    drawn = blank(half_life_steps=10.0)
    drawn.look(ground_view(SNOW), POSE, 0)
    before = drawn.evidence.copy()
    drawn.fade(10)
    np.testing.assert_allclose(drawn.evidence, before / 2, rtol=1e-6)
    drawn.fade(400)
    np.testing.assert_allclose(drawn.probabilities(), 1 / len(CLASS_NAMES), atol=1e-6)
    assert (drawn.classes() == 255).all()
    with pytest.raises(ValueError, match="lies before"):
        drawn.fade(399)


def test_probabilities_are_the_mean_of_the_dirichlet():
    drawn = blank()
    drawn.touch(1.23, 4.56, OBSTACLE, 3.0)
    share = drawn.probabilities()[45, 12]
    assert share[OBSTACLE] == pytest.approx((3.0 + PRIOR) / (3.0 + 12 * PRIOR))
    assert share.sum() == pytest.approx(1.0)
    drawn.touch(-1.0, 99.0, OBSTACLE, 3.0)  # outside: nothing
    assert drawn.evidence.sum() == 3.0


def test_newer_looks_overrule_older_ones():
    drawn = blank(half_life_steps=1000.0)
    for step in range(30):
        drawn.look(ground_view(LAWN), POSE, step)
    for step in range(30, 60):
        drawn.look(ground_view(SNOW), POSE, step)
    seen = drawn.classes() != 255
    assert (drawn.classes()[seen] == SNOW).mean() > 0.9
    assert drawn.evidence.sum(2).max() < 20.0


def test_a_map_needs_a_half_life():
    with pytest.raises(ValueError, match="half_life_steps is 0"):
        blank(half_life_steps=0.0)
