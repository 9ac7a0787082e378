"""Claims about the camera."""

import numpy as np
import pytest

from garden_env.camera import SensorNoise, empty_frame, pinhole
from scenarios.spec import CameraSpec


def test_the_field_of_view_spans_the_picture():
    f, cx, _, _ = pinhole(CameraSpec(width_px=160, height_px=120, fov_deg=70))
    assert np.degrees(2 * np.arctan(cx / f)) == pytest.approx(70)


def test_an_empty_frame_has_the_cameras_size():
    frame = empty_frame(CameraSpec(width_px=32, height_px=24))
    assert frame.rgb.shape == (24, 32, 3) and frame.mask.shape == frame.mask_under.shape == (24, 32)
    assert frame.depth_m.dtype == np.float32


def test_noise_has_the_strength_asked_for_and_no_colour():
    rgb = np.full((240, 320, 3), 128, np.uint8)
    SensorNoise(np.random.default_rng(0)).add(rgb, 4.0, 1)
    off = rgb.astype(float) - 128
    assert off.std() == pytest.approx(4.0, rel=0.03) and abs(off.mean()) < 0.1


def test_noise_of_one_frame_is_not_that_of_the_next_and_a_seed_repeats_it():
    def two(seed):
        noise = SensorNoise(np.random.default_rng(seed))
        frames = np.full((2, 32, 32, 3), 100, np.uint8)
        for moment, frame in enumerate(frames):
            noise.add(frame, 3.0, moment)
        return frames

    assert (two(1) == two(1)).all() and (two(1)[0] != two(1)[1]).mean() > 0.5 and (two(1) != two(2)).mean() > 0.5


def test_looking_at_a_moment_twice_shows_the_same_noise():
    noise = SensorNoise(np.random.default_rng(0))
    frames = np.full((2, 16, 16, 3), 90, np.uint8)
    for frame in frames:
        noise.add(frame, 3.0, 41)
    assert (frames[0] == frames[1]).all()


def test_no_noise_leaves_the_picture_alone():
    rgb = np.full((8, 8, 3), 7, np.uint8)
    SensorNoise(np.random.default_rng(0)).add(rgb, 0.0, 0)
    assert (rgb == 7).all()
