"""Claims about lens and sensor."""

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from garden_env.camera import aimed, pinhole
from garden_env.garden import plant_garden
from garden_env.marks import Marks
from garden_env.optics import CLEAR, Optics, blurred, expose, gains, kill_pixels, vignette
from garden_env.render.light import FINE_RESPONSE, RADIANCE
from garden_env.world import World
from scenarios.drift import DriftEvent
from scenarios.spec import CameraSpec, Scenario

MARKS = Marks(3)
BASE = Scenario(name="optics", days=40)
OPTICS = {
    "exposure_ev": 1.5, "white_balance": -0.7, "auto_exposure": 1.0, "blur_px": 1.5, "noise": 12.0, "vignetting": 0.8,
    "dirt": 0.6, "droplets": 0.6, "dead_pixels": 0.1,
}  # fmt: skip
MOUNTS = {"pitch_deg": -12.0, "height_m": 0.3, "fov_deg": 20.0}


@cache
def planted():
    return plant_garden(BASE, 3)


def garden(**camera):
    """The garden of the tests with axes of the camera at constant values: only the course is another."""
    drift = tuple(DriftEvent(axis=f"camera.{name}", set=value) for name, value in camera.items())
    scenario, almanac = BASE.model_copy(update={"drift": drift}), planted().almanac
    course = scenario.course(days=almanac.course.days, before=almanac.course.before)
    return replace(planted(), scenario=scenario, almanac=replace(almanac, course=course))


def view(moment=None, **camera):
    return garden(**camera).view(20, 11.0, np.array([4.0, 3.0, 0.6]), moment=moment)


def noisy(shape=(64, 64), low=0, high=256):
    return np.random.default_rng(5).integers(low, high, (*shape, 3)).astype(np.uint8)


def exposed(rgb, **optics):
    rgb = rgb.copy()
    expose(Optics(**optics), rgb, MARKS)
    return rgb


def brightness(rgb):
    return RADIANCE[rgb].mean()


def test_every_level_develops_to_itself():
    levels = np.arange(256)
    assert (FINE_RESPONSE[np.minimum(RADIANCE * len(FINE_RESPONSE) / 2 + 0.5, 16383).astype(int)] == levels).all()


def test_optics_at_their_defaults_change_no_bit():
    rgb = noisy()
    assert (exposed(rgb) == rgb).all()
    kill_pixels(CLEAR, rgb, MARKS)
    assert (rgb == noisy()).all()
    assert Optics.on(garden().almanac.course, 10) is CLEAR


def test_an_exposure_value_doubles_the_light():
    dark = noisy(low=20, high=110)
    ratio = RADIANCE[exposed(dark, exposure_ev=1.0)] / RADIANCE[dark]
    assert ratio.mean() == pytest.approx(2.0, abs=0.01) and np.abs(ratio - 2.0).max() < 0.1


def test_the_kernel_that_develops_does_what_its_plain_version_does():
    rgb, optics = noisy(), Optics(exposure_ev=0.7, white_balance=0.4, vignetting=0.5)
    light = RADIANCE[rgb] * vignette(0.5, (64, 64))[..., None]
    tones = light * gains(optics, light) * (len(FINE_RESPONSE) / 2) + 0.5
    plain = FINE_RESPONSE[np.clip(tones, 0, len(FINE_RESPONSE) - 1).astype(int)]
    assert (exposed(rgb, exposure_ev=0.7, white_balance=0.4, vignetting=0.5) == plain).mean() > 0.999


def test_exposing_less_brings_back_what_was_nearly_white():
    bright = exposed(noisy(low=180, high=250), exposure_ev=-1.0)
    assert np.abs(exposed(bright, exposure_ev=1.0).astype(int) - noisy(low=180, high=250)).max() <= 1


def test_white_balance_moves_red_against_blue_and_leaves_green():
    rgb = noisy(low=40, high=160)
    warm, cold = exposed(rgb, white_balance=1.0).astype(int), exposed(rgb, white_balance=-1.0).astype(int)
    assert (warm[..., 1] == rgb[..., 1]).all() and (cold[..., 1] == rgb[..., 1]).all()
    assert (warm[..., 0] > rgb[..., 0]).all() and (warm[..., 2] < rgb[..., 2]).all()
    assert (cold[..., 0] < rgb[..., 0]).all() and (cold[..., 2] > rgb[..., 2]).all()


def test_automatic_exposure_evens_out_bright_and_dark_by_its_share():
    bright, dark = noisy(low=130, high=180), noisy(low=40, high=80)
    apart = [
        np.log2(brightness(exposed(bright, auto_exposure=share)) / brightness(exposed(dark, auto_exposure=share)))
        for share in (0.0, 0.5, 1.0)
    ]
    assert apart[1] == pytest.approx(apart[0] / 2, abs=0.05) and abs(apart[2]) < 0.05


def test_automatic_exposure_does_not_undo_an_exposure_that_is_set():
    light = RADIANCE[noisy(low=60, high=120)]
    assert gains(Optics(auto_exposure=1.0, exposure_ev=1.0), light) == pytest.approx(
        2 * gains(Optics(auto_exposure=1.0), light)
    )


def test_blur_keeps_the_mean_and_scales_with_the_picture():
    light = RADIANCE[noisy()]
    assert blurred(light, 1 / 64).mean() == pytest.approx(light.mean(), rel=1e-5)
    for width in (64, 320):  # a point spreads by the same share of the picture
        point = np.zeros((width, width, 3), np.float32)
        point[width // 2, width // 2] = 1.0
        across = blurred(point, 3 / 64)[..., 0].sum(0)
        at = (np.arange(width) - width // 2) / width
        assert np.sqrt((across * at**2).sum()) == pytest.approx(3 / 64, rel=0.02)


def test_vignetting_takes_its_share_in_the_corners_and_nothing_in_the_centre():
    shade = vignette(0.6, (1080, 1080))
    assert shade[540, 540] == pytest.approx(1.0, abs=1e-5) and shade[0, 0] == pytest.approx(0.4, abs=2e-3)
    assert (np.diff(shade[540, 540:]) < 0).all()
    edge = 1 - 0.6 * (1 - (1 + 0.5) ** -2) / 0.75  # half-way to the corner, squared
    assert shade[540, 0] == pytest.approx(edge, abs=2e-3)


def test_dead_pixels_stay_dead_and_are_as_many_as_the_axis_says():
    dead = {}
    for share in (0.05, 0.2):
        rgb = np.full((64, 64, 3), 100, np.uint8)
        kill_pixels(Optics(dead_pixels=share), rgb, MARKS)
        dead[share] = rgb
        assert (rgb[..., 0] != 100).mean() == pytest.approx(share, abs=0.02)
        assert set(np.unique(rgb)) == {0, 100, 255} and (rgb == rgb[..., :1]).all()
    few, many = dead[0.05], dead[0.2]
    assert (many[few != 100] == few[few != 100]).all()
    other = np.full((64, 64, 3), 100, np.uint8)
    kill_pixels(Optics(dead_pixels=0.05), other, Marks(4))
    assert (other != few).any()


def test_noise_leaves_dead_pixels_dead():
    dead = garden(dead_pixels=0.2, noise=20.0).view(20, 11.0, np.array([4.0, 3.0, 0.6]), moment=3).rgb.reshape(-1, 3)
    black, white = Marks(3).dead(0.2, (64, 64))
    assert (dead[black] == 0).all() and (dead[white] == 255).all()


@pytest.mark.parametrize("mark", ["dirt", "drops"])
def test_marks_only_grow_and_lie_in_the_same_places_in_every_picture(mark):
    def cover(share, shape):
        found = getattr(MARKS, mark)(share, shape)
        return found if mark == "dirt" else found[2]

    shares = (0.1, 0.3, 0.6, 1.0)
    small = [cover(share, (64, 64)) for share in shares]
    assert all(after.mean() > 1.2 * before.mean() for before, after in pairwise(small))
    assert all((after >= before - 0.35).all() for before, after in pairwise(small))  # soft rims move
    assert 0.25 < small[-1].mean() < 0.75
    large = cover(0.6, (640, 640)).reshape(64, 10, 64, 10).mean((1, 3))
    assert np.corrcoef(large.ravel(), small[2].ravel())[0, 1] > 0.95
    wide = cover(0.6, (480, 640))  # the middle of the square one
    assert np.abs(wide - cover(0.6, (640, 640))[80:560]).max() < 1e-5


def test_a_drop_shows_the_view_upside_down():
    columns, rows, shown, _ = MARKS.drops(1.0, (256, 256))
    row, col = np.mgrid[:256, :256]
    inside = shown > 0.99
    for start, here in ((rows, row), (columns, col)):
        step = np.diff(start, axis=0 if here is row else 1)
        both = inside[:-1] & inside[1:] if here is row else inside[:, :-1] & inside[:, 1:]
        assert (step[both] < 0).mean() > 0.9  # further down in the drop is further up in the view


def test_pitch_moves_all_rows_alike_and_another_lens_changes_the_focal_length():
    camera = CameraSpec(width_px=64, height_px=64, fov_deg=90)
    straight, down = pinhole(camera), pinhole(aimed(camera, pitch_deg=-20.0))
    assert down - straight == pytest.approx([0.0, 0.0, -32 * np.tan(np.radians(20)), 0.0])
    assert pinhole(aimed(camera, fov_deg=-30.0))[0] == pytest.approx(32 / np.tan(np.radians(30)))
    assert pinhole(aimed(camera, height_m=0.4))[3] == pytest.approx(1.0)
    assert aimed(camera) is camera


def test_a_view_that_is_tilted_by_whole_rows_is_the_same_view_shifted():
    rows = 9
    tilted = view(pitch_deg=np.degrees(np.arctan(rows / 32)))
    straight = view()
    assert (tilted.mask[rows:] == straight.mask[:-rows]).mean() > 0.99
    assert np.allclose(tilted.depth_m[rows:], straight.depth_m[:-rows], rtol=1e-4)


@pytest.mark.parametrize("axis", OPTICS)
def test_lens_and_sensor_change_colours_only(axis):
    plain, changed = view(moment=7), view(moment=7, **{axis: OPTICS[axis]})
    assert np.abs(plain.rgb.astype(int) - changed.rgb).mean() > 2
    for field in ("mask", "mask_under", "depth_m", "pose"):
        assert (getattr(plain, field) == getattr(changed, field)).all()


@pytest.mark.parametrize("axis", MOUNTS)
def test_how_the_camera_is_mounted_changes_what_is_seen_where(axis):
    plain, changed = view(), view(**{axis: MOUNTS[axis]})
    assert (plain.mask != changed.mask).mean() > 0.03


def test_looking_twice_sees_the_same():
    first, again = (view(moment=11, **OPTICS, **MOUNTS) for _ in range(2))
    assert (first.rgb == again.rgb).all()
    assert (view(moment=12, **OPTICS, **MOUNTS).rgb != first.rgb).any()  # the noise is another


def test_the_robot_sees_through_the_optics_of_the_day():
    world, clean = World([garden(**OPTICS, **MOUNTS)]), World([garden()])
    live = world.frame(0)
    assert np.abs(live.rgb.astype(int) - clean.frame(0).rgb).mean() > 5
    picture = world.draw(0)  # for people: without noise
    assert (picture.mask == live.mask).all() and (picture.rgb != live.rgb).any()
    world.gardens[0].expose(again := world.gardens[0].draw(world.look(0), world.pose[0]), 0, world.steps)
    assert (again.rgb == live.rgb).all()
