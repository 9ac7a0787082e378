"""Pixels and places on the ground belong together as the camera that draws the garden has it."""

import numpy as np
import pytest

from agent.ground_geometry import ground_points, line_of_sight, open_ground, to_pixels, to_robot, to_world
from garden_env.garden import plant_garden
from scenarios.spec import CameraSpec, Scenario
from scenarios.tables import LAWN, LITTER, MATERIALS, PATH, SNOW, SOIL, WATER

CAMERAS = (CameraSpec(), CameraSpec(width_px=96, height_px=48, fov_deg=70, height_m=0.9, horizon=0.3))


@pytest.mark.parametrize("camera", CAMERAS)
def test_ground_is_as_far_away_as_it_is_drawn(camera):
    garden = plant_garden(Scenario(name="far", camera=camera), 3)
    pose = np.array([*garden.layout.route[0], 0.8])
    frame = garden.view(20, 12.0, pose, camera)
    points = ground_points(camera, 1)
    flat = np.isin(frame.mask, [LAWN, SOIL, PATH, WATER, SNOW, LITTER]) & np.isfinite(points[..., 0])
    flat &= np.isin(frame.mask_under, [LAWN, SOIL, PATH, WATER])
    assert flat.sum() > 200
    np.testing.assert_allclose(frame.depth_m[flat], points[..., 0][flat], rtol=1e-4)


def test_what_a_pixel_shows_is_of_the_material_that_lies_there():
    garden = plant_garden(Scenario(name="where"), 5)
    layout, camera = garden.layout, garden.scenario.camera
    right, seen = 0, 0
    classes = np.array([material.class_id for material in MATERIALS.values()])
    for heading in np.arange(8) * np.pi / 4:
        pose = np.array([*layout.route[3], heading])
        frame = garden.view(40, 12.0, pose, camera)
        places = to_world(ground_points(camera, 1), pose)
        near = ground_points(camera, 1)[..., 0] < 1.5
        for class_id in (LAWN, PATH):
            shown = near & (frame.mask == class_id)
            x, y = places[shown].T
            ground = layout.material[(y / layout.cell_m).astype(int), (x / layout.cell_m).astype(int)]
            right, seen = right + (classes[ground] == class_id).sum(), seen + shown.sum()
    assert seen > 500 and right / seen > 0.97


@pytest.mark.parametrize("camera", CAMERAS)
@pytest.mark.parametrize("stride", [1, 2])
def test_a_pixel_shows_the_place_that_is_seen_at_it(camera, stride):
    pose = np.array([3.0, 2.0, 2.2])
    points = ground_points(camera, stride)
    rows, columns = np.nonzero(np.isfinite(points[..., 0]))
    places = to_world(points[rows, columns], pose)
    np.testing.assert_allclose(to_robot(places, pose), points[rows, columns], rtol=1e-3, atol=1e-4)
    again = to_pixels(camera, pose, places, stride=stride)
    assert again[2].all()
    np.testing.assert_array_equal(again[0], rows)
    np.testing.assert_array_equal(again[1], columns)


def test_left_is_left():
    points = ground_points(CameraSpec())
    assert points[-1, 0, 1] > 0.0 > points[-1, -1, 1]
    np.testing.assert_allclose(to_world(np.array([0.0, 1.0]), np.array([0.0, 0.0, 0.0])), [0.0, 1.0])


def test_the_horizon_and_what_is_above_it_show_no_ground():
    camera = CameraSpec(horizon=0.5)
    points = ground_points(camera)
    assert np.isinf(points[:16, :, 0]).all() and np.isnan(points[:16, :, 1]).all() and np.isfinite(points[16:]).all()


def test_what_is_higher_is_seen_higher_up_and_what_is_behind_not_at_all():
    camera, place = CameraSpec(), np.array([[1.5, 0.2]])
    low, high = to_pixels(camera, np.zeros(3), place), to_pixels(camera, np.zeros(3), place, height_m=0.4)
    assert high[0][0] < low[0][0] and high[1][0] == low[1][0]
    assert not to_pixels(camera, np.zeros(3), -place)[2].any()


def test_nothing_is_known_of_ground_behind_something_upright():
    labels = np.zeros((2, 4, 2), int)
    labels[0, 2, 1] = 1
    free = open_ground(labels, np.array([False, True]))
    assert free[1].all() and free[0, :, 0].all()
    assert free[0, :, 1].tolist() == [False, False, False, True]


def test_a_line_through_a_cell_that_is_not_free_is_no_line_of_sight():
    free = np.ones((20, 20), bool)
    free[10, :15] = False
    rows, columns = np.array([15, 15, 5, 25]), np.array([3, 19, 3, 3])
    assert line_of_sight(free, rows, columns, (2.5, 18.5)).tolist() == [False, True, True, False]
