"""Claims about the renderer."""

import hashlib
import subprocess
import sys
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from garden_env.almanac import make_almanac
from garden_env.camera import empty_frame, pinhole
from garden_env.layout import plan_garden, sample_pose
from garden_env.look import make_look
from garden_env.render import codes
from garden_env.render.draw import Scene, draw, draw_map
from garden_env.render.shadows import cast_shadows
from scenarios.spec import CameraSpec, Scenario
from scenarios.tables import CLASSES, IGNORE, LITTER, OBSTACLE, SKY, SNOW, WATER
from tests.garden_env.plain_render import PlainView

SMALL = CameraSpec(noise=0)
SCENARIO = Scenario(name="test", days=400)


@cache
def garden(seed=1):
    layout = plan_garden(SCENARIO.garden, np.random.default_rng(seed))
    return layout, make_almanac(SCENARIO, 3), Scene(layout)


def look_at(day, hour=11.0, ks=1.0, seed=1):
    layout, almanac, _ = garden(seed)
    plants = len(layout.plant_species)
    return make_look(layout, almanac, day, hour, np.full(plants, float(ks)), np.full(plants, 0.4))


def poses(count, seed=0):
    rng = np.random.default_rng(seed)
    return [np.array(sample_pose(garden()[0], rng)) for _ in range(count)]


def snowy_day():
    return int(np.argmax(garden()[1].snow_cover[:300] + garden()[1].snowfall_mm[:300] / 5))


@pytest.mark.parametrize(
    ("day", "camera"),
    [
        (30, SMALL), (100, SMALL), (150, CameraSpec(noise=0, width_px=80, height_px=60, fov_deg=70, horizon=0.5)),
        (210, CameraSpec(noise=0, width_px=240, height_px=160)), (290, SMALL), (None, SMALL),
        (None, CameraSpec(noise=0, width_px=220, height_px=150, height_m=0.4)),
    ],
)  # fmt: skip
def test_the_kernel_agrees_with_the_plain_twin(day, camera):
    _, _, scene = garden()
    look = look_at(snowy_day() if day is None else day, 10.0)
    pixels = wrong = 0
    for pose in poses(3, seed=7 if day is None else day):
        frame = draw(scene, look, pose, camera)
        plain = PlainView(scene.arrays, look.arrays, pose, pinhole(camera), frame.mask.shape)
        same = (frame.mask == plain.mask) & (frame.mask_under == plain.under)
        pixels, wrong = pixels + same.size, wrong + int((~same).sum())
        assert np.abs(frame.rgb.astype(int) - plain.rgb)[same].max() <= 1
        far = np.isinf(plain.depth)
        assert (np.isinf(frame.depth_m) == far)[same].all()
        near = same & ~far
        assert np.abs(frame.depth_m[near] - plain.depth[near]).max() <= 1e-4
    assert wrong <= pixels / 10_000


def test_drawing_twice_gives_the_same_picture_and_changes_nothing():
    _, _, scene = garden()
    look = look_at(40)
    before = [array.copy() for array in (*scene.arrays, *look.arrays)]
    frames = [draw(scene, look, poses(1)[0], SMALL) for _ in range(2)]
    assert (frames[0].rgb == frames[1].rgb).all() and (frames[0].mask == frames[1].mask).all()
    for was, now in zip(before, (*scene.arrays, *look.arrays), strict=True):
        assert (was == now).all()


def test_a_frame_that_is_handed_in_is_drawn_into():
    _, _, scene = garden()
    out = empty_frame(SMALL)
    assert draw(scene, look_at(40), poses(1)[0], SMALL, out) is out
    assert out.rgb.any()
    with pytest.raises(ValueError, match="empty_frame"):
        draw(scene, look_at(40), poses(1)[0], CameraSpec(width_px=32), out)


def test_a_wall_is_as_large_as_pinhole_geometry_says():
    layout, _, scene = garden()
    camera = CameraSpec(noise=0, width_px=400, height_px=400, horizon=0.5)
    f, _, cy, eye = pinhole(camera)
    look = look_at(100)
    empty = look.arrays._replace(board_place=0 * look.arrays.board_place)  # a size of 0 is not there
    look = replace(look, arrays=empty)
    at = np.argmax(layout.route[:, 0])
    pose = np.array([layout.route[at, 0], layout.route[at, 1], 0.0])  # looks at the eastern edge, head on
    away_m = layout.width_m - pose[0]
    frame = draw(scene, look, pose, camera)
    middle = frame.depth_m[:, 200]
    wall = np.flatnonzero(np.abs(middle - away_m) < 1e-5)
    assert len(wall) > 20
    height_m = layout.wall_height_m[1]
    assert abs((wall[-1] + 1) - (cy + f * eye / away_m)) <= 1
    assert abs(wall[0] - (cy + f * (eye - height_m) / away_m)) <= 1 + 0.06 * f / away_m  # outlines are uneven
    nearer = draw(scene, look, pose + np.array([0.3, 0.0, 0.0]), camera)
    assert nearer.depth_m[wall[len(wall) // 2], 200] == pytest.approx(away_m - 0.3, abs=1e-4)


def test_depth_of_ground_is_closed_form_and_the_sky_is_at_infinity():
    _, _, scene = garden()
    camera = CameraSpec(noise=0, width_px=96, height_px=96)
    f, _, cy, eye = pinhole(camera)
    for pose in poses(5):
        frame = draw(scene, look_at(100), pose, camera)
        assert np.isinf(frame.depth_m[frame.mask == SKY]).all()
        ground = np.isin(frame.mask, [CLASSES[name].id for name in ("lawn", "path", "soil")])
        rows = np.nonzero(ground)[0]
        assert np.allclose(frame.depth_m[ground], f * eye / (rows + 0.5 - cy), atol=1e-4)
        assert (frame.depth_m > 0).all()


def test_shadows_are_longer_in_winter():
    walls = np.array([[2.0, 5.0, 4.0, 5.0, 1.0, 0.0, 2.0]])
    none = np.zeros((0, 5))
    area = {}
    for name, elevation_deg in (("winter", 15.0), ("summer", 60.0)):
        up = np.radians(elevation_deg)
        shadow = np.zeros((200, 120), np.uint8)
        cast_shadows(walls, none, np.array([0.0, -np.cos(up), np.sin(up)]), 0.05, np.zeros(0), shadow, np.zeros(0))
        area[name] = (shadow > 0).sum() * 0.05**2
    assert area["summer"] == pytest.approx(2.0 / np.tan(np.radians(60)), rel=0.1)
    assert area["winter"] == pytest.approx(2.0 / np.tan(np.radians(15)), rel=0.1)


def test_what_lies_on_the_ground_changes_mask_but_not_what_is_below():
    _, _, scene = garden()
    covers = (SNOW, LITTER, WATER, IGNORE)
    snow, bare = look_at(snowy_day()), look_at(100)
    for pose in poses(6):
        white, green = draw(scene, snow, pose, SMALL), draw(scene, bare, pose, SMALL)
        ground = (white.depth_m == green.depth_m) & np.isin(green.mask_under, (1, 2, 3, 4))
        assert (white.mask_under == green.mask_under)[ground].mean() > 0.97  # a plant's edge may lie in the pixel
        differs = (white.mask != white.mask_under) & np.isin(white.mask_under, (1, 2, 3, 4))
        assert np.isin(white.mask[differs], covers).all()
    assert not (draw(scene, snow, poses(1)[0], SMALL).mask_under == SNOW).any()


def test_snow_lies_on_the_ground_of_a_snowy_day():
    _, _, scene = garden()
    share = np.mean([(draw(scene, look_at(snowy_day()), pose, SMALL).mask == SNOW).mean() for pose in poses(6)])
    assert share > 0.2


def test_props_and_walls_are_obstacles():
    labels = look_at(100).arrays.board_label[len(garden()[0].plant_species) :, : codes.P_SNOW]
    assert (labels == OBSTACLE).all()


def test_the_map_shows_the_garden_to_scale():
    layout, _, scene = garden()
    rgb, mask = draw_map(scene, look_at(100), 20.0)
    assert rgb.shape == (round(layout.depth_m * 20), round(layout.width_m * 20), 3)
    row, col = int((layout.depth_m - layout.route[0, 1]) * 20), int(layout.route[0, 0] * 20)
    assert mask[row, col] in (CLASSES["path"].id, CLASSES["foliage"].id, CLASSES["litter"].id, IGNORE)


def test_a_map_without_scale_is_refused():
    _, _, scene = garden()
    with pytest.raises(ValueError, match="positive"):
        draw_map(scene, look_at(0), 0.0)


PRINT_A_HASH = """
import hashlib, sys
from tests.garden_env.test_render import SMALL, draw, garden, look_at, poses
frame = draw(garden()[2], look_at(200), poses(1)[0], SMALL)
print(hashlib.sha256(frame.rgb.tobytes() + frame.mask.tobytes() + frame.depth_m.tobytes()).hexdigest())
"""


def test_another_process_draws_the_same_bits():
    frame = draw(garden()[2], look_at(200), poses(1)[0], SMALL)
    here = hashlib.sha256(frame.rgb.tobytes() + frame.mask.tobytes() + frame.depth_m.tobytes()).hexdigest()
    there = subprocess.run([sys.executable, "-c", PRINT_A_HASH], capture_output=True, text=True, check=True)
    assert there.stdout.strip() == here
