"""A change at one place is found where no average shows it; weather, a single odd day and dusk are not changes."""

from dataclasses import replace

import numpy as np
import pytest

from agent.ground_geometry import to_world
from agent.monitor import elsewhere
from agent.monitor.detectors import Thresholds
from agent.monitor.elsewhere import unexplained
from agent.monitor.local import DAYS_SILENT, Local
from agent.monitor.scores import Alarm
from agent.monitor.views import FEWEST_JUDGED, FEWEST_LOOKS, LOOKS, MOST_VIEWS, USUAL, Views
from agent.monitor.watch import Judge, parts_on_ground
from garden_env.env import STATE
from scenarios.spec import CameraSpec

CAMERA = CameraSpec()
GROUND = parts_on_ground(CAMERA)
ROUND = [np.array([x, 0.0, 0.0]) for x in np.arange(2.0, 8.0)]  # six views along a line, looking along it
PLACE_M = np.array([5.2, 0.2])  # where something may be put
DAYS, CHANGE = 52, 46
LIMIT = Thresholds().local


def senses(poses):
    felt = np.zeros((len(poses), len(STATE)), np.float32)
    for row, (x, y, turn) in zip(felt, poses, strict=True):
        row[5:] = x, y, np.cos(turn), np.sin(turn)
    return felt


def day(rng, *, thing=0.0, flood=0.0):
    """A day of (6, 16, 16, 3) answers: lawn everywhere, with noise; something at the place, or water on all of it."""
    answers = []
    for pose in ROUND:
        lawn = np.clip(0.9 + 0.03 * rng.standard_normal(GROUND.shape[:2]), 0, 1)
        where = to_world(GROUND, pose)
        near = np.nan_to_num(((where - PLACE_M) ** 2).sum(-1), nan=1e9) < 0.5**2
        wet, stands = flood * lawn, thing * near * lawn
        answers.append(np.stack([np.clip(lawn - wet - stands, 0, 1), np.clip(wet, 0, 1), stands], -1))
    return senses(ROUND), (255 * np.stack(answers)).round().astype(np.uint8)


def signals(seed=0, **changes):
    """What `Local` says on each day, nan as long as it says nothing; `changes` give, by day, what is there."""
    rng, local = np.random.default_rng(seed), Local(GROUND)
    said = [local.hear(*day(rng, **{name: of(t) for name, of in changes.items()})) for t in range(DAYS)]
    return [np.nan if value is None else value for value in said]


def test_nothing_is_said_before_views_are_known_and_a_still_garden_stays_silent():
    said = [signals(seed) for seed in range(2)]
    assert np.isnan(said[0][:DAYS_SILENT]).all()
    assert max(value for life in said for value in life[DAYS_SILENT:]) < LIMIT / 2  # the largest of all places and days


def test_a_thing_that_comes_to_stay_is_found_when_it_was_seen_on_two_days():
    said = signals(thing=lambda t: 0.8 * (t >= CHANGE))
    assert max(said[DAYS_SILENT : CHANGE + 1]) < LIMIT / 2
    assert said[CHANGE + 1] > LIMIT


def test_what_was_there_for_one_day_is_no_change():
    assert max(signals(thing=lambda t: 0.8 * (t == CHANGE))[DAYS_SILENT:]) < LIMIT / 2


def test_a_flood_of_the_whole_lawn_is_weather_however_long_it_lasts():
    assert max(signals(flood=lambda t: 0.8 * (t >= CHANGE))[DAYS_SILENT:]) < LIMIT / 2


def test_a_place_that_was_odd_before_must_be_odder_to_count():
    fresh = signals(thing=lambda t: 0.8 * (t >= CHANGE))[CHANGE + 1]
    known = signals(thing=lambda t: 0.8 * (t >= CHANGE or t == CHANGE - 7))[CHANGE + 1]
    assert known < 0.5 * fresh


def test_the_judge_raises_one_alarm_about_it_and_none_if_local_is_not_heard():
    def alarms(families):
        rng, judge = np.random.default_rng(1), Judge(families, Thresholds(), GROUND)
        told = []
        for t in range(DAYS):
            felt, answers = day(rng, thing=0.8 * (t >= CHANGE))
            told += judge.day(t, 0, rng.standard_normal((len(felt), 8 + 12)), felt, answers)
        return [event for event in told if isinstance(event, Alarm)]

    [alarm] = alarms(("local",))
    assert (alarm.day, alarm.detector, alarm.signal) == (CHANGE + 1, "local", "local")
    assert alarms(("step",)) == []


def test_views_know_what_is_usual_and_compare_with_the_nearest_look():
    rng, views, pose = np.random.default_rng(2), Views(1), np.array([1.0, 2.0, 0.5])
    sun, shade = np.full((4, 2), 51, np.uint8), np.full((4, 2), 204, np.uint8)
    for t in range(FEWEST_LOOKS + FEWEST_JUDGED):
        assert views.compare(pose + 0.01 * rng.standard_normal(3), sun if t % 2 else shade) is None
        views.sleep()
    known = views.compare(pose, sun)
    other = views.compare(pose, np.full((4, 2), 128, np.uint8))
    assert known is not None
    assert other is not None
    np.testing.assert_array_equal(known.away, 0.0)  # neither is new, though their mean was never seen
    np.testing.assert_allclose(np.abs(other.away), 76 / 255, rtol=1e-5)
    np.testing.assert_allclose(known.scale, USUAL * np.sqrt(4 / 7))  # four looks of the first guess, three without any
    assert views.compare(pose + np.array([0.5, 0.0, 0.0]), sun) is None  # another view


@pytest.mark.parametrize("classes", [3, 8, 12, 21])
def test_looks_are_compared_as_the_plain_way_compares_them(classes):
    rng, views, pose, past = np.random.default_rng(3), Views(1), np.zeros(3), []
    scale2, judged = np.zeros(30), 0
    for _ in range(LOOKS + 4):
        look = rng.integers(0, 256, (30, classes)).astype(np.uint8)
        odd = views.compare(pose, look)
        views.sleep()
        if len(past) >= FEWEST_LOOKS:
            before = np.stack(past[-LOOKS:]) / np.float32(255)
            differences = look / np.float32(255) - before
            lengths2 = (differences**2).sum(-1)
            nearest = lengths2.argmin(0), np.arange(30)
            near2 = lengths2[nearest].astype(np.float64)
            if judged >= FEWEST_JUDGED:
                assert odd is not None
                np.testing.assert_array_equal(odd.away, differences[nearest])
                np.testing.assert_allclose(odd.usual, before.mean(0), rtol=1e-6)
                np.testing.assert_allclose(odd.scale**2, (judged * scale2 + 4 * USUAL**2) / (judged + 4))
            if judged:
                near2 = np.minimum(near2, 9 * np.maximum(scale2, USUAL**2))
            judged += 1
            scale2 = scale2 + (near2 - scale2) / judged
        past.append(look)


def test_a_day_is_not_usual_to_itself_and_memory_is_bounded():
    views, look = Views(2), np.zeros((1, 1), np.uint8)
    for _ in range(3 * LOOKS):
        assert views.compare(np.zeros(3), look) is None
    views.sleep()
    for x in range(2 * MOST_VIEWS):
        views.compare(np.array([1.0 + x, 0.0, 0.0]), look)
        views.sleep()
    assert len(views._views) == len(views._poses) == MOST_VIEWS
    assert max(len(view.looks) for view in views._views) <= LOOKS


@pytest.mark.parametrize(("away_m", "left"), [(elsewhere.AWAY_M + 0.1, 0.05), (elsewhere.AWAY_M - 0.1, 0.6)])
def test_only_what_happened_elsewhere_explains(away_m, left):
    usual = np.tile([[1.0, 0.0]], (1 + elsewhere.WITNESSES, 1))
    now = usual - [[0.6, 0.0]]
    now[1:, 0] += 0.05
    places = np.array([[0.0, 0.0]] + elsewhere.WITNESSES * [[away_m, 0.0]])
    told = unexplained(np.array([0]), usual, now, places, np.full(len(usual), 0.1), np.full(len(usual), 0.6))
    assert told[0] == pytest.approx(left)


def test_what_happened_elsewhere_is_found_as_the_plain_way_finds_it():
    rng, parts = np.random.default_rng(5), 260
    usual = np.eye(4)[rng.integers(0, 4, parts)] + 0.02 * rng.standard_normal((parts, 4))
    now, places = usual + 0.1 * rng.standard_normal((parts, 4)), 6 * rng.random((parts, 2))
    scale, length = rng.uniform(0.05, 0.2, parts), rng.uniform(0.0, 0.5, parts)
    asked = np.flatnonzero(rng.random(parts) < 0.9)  # more than are looked at together
    assert len(asked) > elsewhere.CHUNK
    told = unexplained(asked, usual, now, places, scale, length)
    usual_m, apart_m, now_m = (np.sqrt(((rows[asked, None] - rows) ** 2).sum(-1)) for rows in (usual, places, now))
    alike = (usual_m < elsewhere.ALIKE * scale[asked, None]) & (apart_m > elsewhere.AWAY_M)
    fifth = np.sort(np.where(alike, now_m, np.inf), 1)[:, elsewhere.WITNESSES - 1]
    np.testing.assert_allclose(told, np.minimum(length[asked], fifth), rtol=1e-6)
    assert 0 < (told < length[asked]).sum() < len(asked)


def test_a_picture_without_ground_says_nothing():
    blind = replace(Thresholds(), local=0.0)
    assert Local(np.full((2, 2, 2), np.nan)).hear(senses(ROUND), np.zeros((len(ROUND), 2, 2, 3), np.uint8)) is None
    judge = Judge(("local",), blind)
    assert [e for e in judge.day(0, 0, np.zeros((2, 20)), None) if isinstance(e, Alarm)] == []
