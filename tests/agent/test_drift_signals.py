"""What the stream monitor measures: frames as numbers, places, references, distances; each moves, and can be still."""

import numpy as np
import pytest
import torch

from agent.monitor.autocorrelation import autocorrelation_time, block_days
from agent.monitor.detectors import Adwin, Cusum, Level, PageHinkley
from agent.monitor.fixed_features import FixedFeatures
from agent.monitor.inputs import FROM_PIXELS, pixel_statistics
from agent.monitor.places import Places
from agent.monitor.reference import Reference
from agent.monitor.shape import Shape
from agent.monitor.steps import BEFORE, RECENT, Steps
from agent.nets import fresh_net
from garden_env.env import STATE
from learners.nets import Perceptron

RNG = np.random.default_rng(0)
FRAME = RNG.integers(40, 200, (3, 24, 24)).astype(np.uint8)


def look(frame):
    """The statistics of a frame by name."""
    return dict(zip(FROM_PIXELS, pixel_statistics(frame[None])[0], strict=True))


def test_white_sky_over_black_ground_is_a_large_ratio_and_much_contrast():
    frame = np.zeros((3, 30, 30), np.uint8)
    frame[:, :15] = 255
    seen = look(frame)
    assert seen["sky_to_ground"] == pytest.approx(np.log(1.001 / 0.001), abs=1e-3)
    assert seen["contrast"] == pytest.approx(50.0, abs=0.01)
    assert seen["lightness"] == pytest.approx(50.0, abs=0.01)
    assert look(frame[:, ::-1])["sky_to_ground"] == pytest.approx(-seen["sky_to_ground"])


@pytest.mark.parametrize(
    ("rgb", "name", "sign"),
    [((255, 0, 0), "green_red", 1), ((0, 255, 0), "green_red", -1), ((0, 0, 255), "blue_yellow", -1)],
)
def test_hues_go_the_way_that_they_are_named(rgb, name, sign):
    seen = look(np.tile(np.array(rgb, np.uint8)[:, None, None], (1, 6, 6)))
    assert sign * seen[name] > 50
    assert seen["saturation"] == pytest.approx(1.0)


def test_a_blurred_picture_has_fewer_edges_and_is_as_bright():
    blurred = FRAME.copy()
    blurred[:, :, 1:-1] = ((FRAME[:, :, :-2].astype(int) + FRAME[:, :, 1:-1] + FRAME[:, :, 2:]) // 3).astype(np.uint8)
    assert look(blurred)["edges"] < 0.6 * look(FRAME)["edges"]
    assert look(blurred)["lightness"] == pytest.approx(look(FRAME)["lightness"], abs=2.0)


def test_a_frame_is_described_alone():
    pair = np.stack([FRAME, 255 - FRAME])
    np.testing.assert_array_equal(pixel_statistics(pair)[:1], pixel_statistics(FRAME[None]))


def test_what_are_no_frames_is_said():
    with pytest.raises(ValueError, match=r"\(n, 3, H, W\) uint8"):
        pixel_statistics(np.zeros((2, 24, 24, 3), np.uint8))


def test_fixed_features_are_those_of_the_net_as_it_was():
    net = fresh_net(0, 5)
    features = FixedFeatures(net, (24, 24))
    before = features.of(FRAME[None])
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(1.0)
    np.testing.assert_array_equal(features.of(FRAME[None]), before)
    assert before.shape == (1, features.size) == (1, 32)
    assert np.abs(features.of(255 - FRAME[None]) - before).max() > 1e-3


def test_a_net_without_maps_shows_its_own_features():
    net = Perceptron((3 * 8 * 8, 10, 4), generator=torch.Generator().manual_seed(0))
    assert FixedFeatures(net, (8, 8)).of(FRAME[None, :, :8, :8]).shape == (1, 10)


@pytest.mark.parametrize("coefficient", [0.0, 0.5, 0.8])
def test_an_autoregression_remembers_as_long_as_theory_has_it(coefficient):
    rng, series = np.random.default_rng(1), np.zeros(60_000)
    for t in range(1, len(series)):
        series[t] = coefficient * series[t - 1] + rng.standard_normal()
    assert autocorrelation_time(series) == pytest.approx((1 + coefficient) / (1 - coefficient), rel=0.1)


def test_what_alternates_does_not_remember_less_than_nothing():
    assert autocorrelation_time(np.tile([1.0, -1.0], 50)) == 1.0
    assert autocorrelation_time(np.zeros(0)) == 1.0


def test_blocks_are_whole_days():
    assert [block_days(tau, 24) for tau in (1.0, 12.0, 12.1, 30.0)] == [1, 1, 2, 3]
    assert block_days(1.0, 0.0) == 2


def senses(count, rng):
    """A robot at places at random."""
    state = np.zeros((count, len(STATE)), np.float32)
    turn = rng.uniform(0, 2 * np.pi, count)
    state[:, 5:7] = rng.uniform(-3, 3, (count, 2))
    state[:, 7], state[:, 8] = np.cos(turn), np.sin(turn)
    return state


def test_what_is_usual_at_a_place_is_no_news_and_what_is_not_is():
    rng = np.random.default_rng(2)
    then, now = senses(800, rng), senses(300, rng)

    def view(state):
        return np.stack([2 * state[:, 5] + state[:, 8], state[:, 6]], 1).astype(float)

    places = Places.learn(then, view(then))
    usual = places.news(now, view(now))
    assert usual.std() < 0.2 * view(now).std()
    np.testing.assert_allclose(places.news(now, view(now) + 3.0) - usual, 3.0)


def test_without_a_robot_all_places_are_one():
    values = np.array([[1.0], [3.0]])
    np.testing.assert_allclose(Places.learn(None, values).news(None, values), [[-1.0], [1.0]])


def test_z_scores_know_how_few_blocks_the_reference_rests_on():
    blocks = np.array([[0.0], [2.0], [0.0], [2.0]])
    reference = Reference.of(blocks)
    spread = np.sqrt(4 / 3)
    assert reference.z(np.array([3.0]))[0] == pytest.approx(2.0 / (spread * np.sqrt(1.25)))
    moved = reference.moved(np.array([[5.0], [5.0], [5.0], [5.0], [5.0]]))
    assert moved.z(np.array([3.0]))[0] == pytest.approx(-2.0 / (spread * np.sqrt(1.2)))
    with pytest.raises(ValueError, match="at least 4"):
        Reference.of(blocks[:3])


def test_the_distance_is_still_for_more_of_the_same_and_moves_with_a_shift_of_all():
    rng = np.random.default_rng(3)
    reference = Reference.of(rng.standard_normal((21, 6)))
    fresh = rng.standard_normal((200, 6))
    same = np.array([reference.distance_z(block) for block in fresh])
    shifted = np.array([reference.distance_z(block + 2.0) for block in fresh])
    assert abs(np.median(same)) < 1.0
    assert np.median(shifted) > np.median(same) + 1.5


def test_shape_hears_a_spread_that_no_mean_shows():
    rng = np.random.default_rng(4)
    days = [rng.standard_normal((24, 5)) for _ in range(21)]
    shape = Shape.of(days)
    before = np.stack([shape.phi(day) for day in days])
    same = [shape.z(shape.phi(rng.standard_normal((24, 5))), before) for _ in range(60)]
    wider = [shape.z(shape.phi(3 * rng.standard_normal((24, 5))), before) for _ in range(60)]
    assert abs(np.mean(same)) < 1.0
    assert np.mean(wider) > 4.0


def agreement(blocks):
    """What the last of these blocks make `Steps` say."""
    steps = Steps()
    return [steps.hear(block) for block in blocks][-1]


def test_three_blocks_that_agree_are_a_step_and_one_odd_day_is_none():
    rng = np.random.default_rng(5)
    calm = 0.1 * rng.standard_normal((60, 4))
    stays, odd = calm.copy(), calm.copy()
    stays[-RECENT:] += 2.0
    odd[-2] += 2.0
    assert abs(agreement(calm)) < 20
    assert agreement(stays) > 200
    assert agreement(odd) < 0.1 * agreement(stays)


def test_a_slow_change_is_no_step():
    rng = np.random.default_rng(6)
    ramp = 0.1 * rng.standard_normal((60, 4)) + np.linspace(0, 2.0, 60)[:, None]
    step = 0.1 * rng.standard_normal((60, 4)) + 2.0 * (np.arange(60) >= 57)[:, None]
    assert agreement(ramp) < 0.25 * agreement(step)


def test_after_a_change_the_new_is_usual_at_once():
    rng, steps = np.random.default_rng(7), Steps()
    said = []
    for day in range(80):
        said.append(steps.hear(0.1 * rng.standard_normal(4) + 2.0 * (day >= 50)))
        if day == 52:
            assert said[-1] > 100
            steps.begin_anew()
    assert said[53] is None
    assert max(abs(value) for value in said[60:]) < 40
    assert BEFORE + RECENT < 80


def noise(seed, count=400):
    return np.random.default_rng(seed).standard_normal(count)


@pytest.mark.parametrize("make", [lambda: PageHinkley(delta=0.5, threshold=12.0), lambda: Adwin(threshold=1e-4)])
@pytest.mark.parametrize("shift", [-3.0, 3.0])
def test_rivers_detectors_hear_both_ways_and_are_silent_else(make, shift):
    silent = make()
    assert not any(silent.hear(z) for z in noise(8))
    detector = make()
    heard = [detector.hear(z) for z in noise(8) + shift * (np.arange(400) >= 200)]
    assert not any(heard[:200])
    assert any(heard[200:230])


def test_a_cumulative_sum_to_the_last_digit():
    cusum = Cusum(drift=0.75, threshold=3.0)
    assert [cusum.hear(z) for z in (2.0, 2.0, -9.0, 2.0, 2.0, 2.0)] == [False, False, False, False, False, True]
    assert cusum.sum == pytest.approx(3.75)
    assert Cusum(drift=0.0, threshold=7.0).hear(1e9) is False  # one odd day is not yet a change
    assert [Level(threshold=2.0).hear(z) for z in (2.0, 2.1)] == [False, True]
