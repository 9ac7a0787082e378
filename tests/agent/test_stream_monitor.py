"""The stream monitor: it hears what changes, is silent where nothing does, and sees no more than the robot."""

from dataclasses import replace

import numpy as np
import pytest

from agent.monitor.detectors import Thresholds
from agent.monitor.fixed_features import FixedFeatures
from agent.monitor.inputs import STATISTICS
from agent.monitor.loss_alarm import LossAlarm
from agent.monitor.scores import Alarm, Inputs
from agent.monitor.watch import FAMILIES, REFERENCE_DAYS, Judge, StreamMonitor
from agent.nets import fresh_net
from agent.stream import Block

FRAMES_A_DAY, FEATURES = 24, 12
THRESHOLDS = Thresholds()


def days(count, seed=0, *, shift=0.0, at=10**9, memory=0.0):
    """Days of frames as numbers, of which the features move by `shift` from a day on; `memory` ties frames together."""
    rng, before = np.random.default_rng(seed), 0.0
    for day in range(count):
        weather = 0.3 * rng.standard_normal(FEATURES)
        frames = rng.standard_normal((FRAMES_A_DAY, len(STATISTICS) + FEATURES))
        for frame in frames:
            before = memory * before + frame[-1]
            frame[-1] = before
        frames[:, len(STATISTICS) :] += weather + shift * (day >= at)
        yield day, frames


def judged(life, families=FAMILIES):
    """All that is told of a life."""
    judge = Judge(families, THRESHOLDS)
    return [told for day, frames in life for told in judge.day(day, 0, frames, None)]


def alarm_days(told):
    return [event.day for event in told if isinstance(event, Alarm)]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_healthy_stream_raises_no_alarm(family):
    assert alarm_days(judged(days(80), (family,))) == []


def test_a_change_overnight_is_found_within_three_days_once():
    found = alarm_days(judged(days(120, shift=2.0, at=60), ("step",)))
    assert len(found) == 1
    assert 60 <= found[0] <= 62


@pytest.mark.parametrize("family", ["location", "shape"])
def test_a_large_shift_of_the_features_is_found_against_the_frozen_reference(family):
    found = alarm_days(judged(days(120, shift=3.0, at=60), (family,)))
    assert found
    assert found[0] >= 60


def test_a_change_of_one_statistic_is_told_by_its_name():
    def paler(count):
        for day, frames in days(count):
            frames[:, STATISTICS.index("saturation")] -= 2.0 * (day >= 60)
            yield day, frames

    alarms = [event for event in judged(paler(120), ("page-hinkley",)) if isinstance(event, Alarm)]
    assert {alarm.signal for alarm in alarms} == {"saturation"}
    assert alarms[0].day >= 60
    assert alarms[0].value < 0


def test_every_day_is_told_and_signals_begin_when_the_reference_is_taken():
    told = [event for event in judged(days(40)) if isinstance(event, Inputs)]
    assert [event.day for event in told] == list(range(40))
    assert all(value is None for event in told[:REFERENCE_DAYS] for value in event.signals.values())
    later = [event.signals | {"local": 0.0} for event in told[REFERENCE_DAYS:]]  # which needs a camera
    assert all(value is not None for signals in later for value in signals.values())
    assert told[0].statistics.keys() == set(STATISTICS)
    assert told[-1].block_frames == FRAMES_A_DAY


def test_a_stream_that_remembers_long_is_watched_in_longer_blocks():
    told = [event for event in judged(days(160, memory=0.97)) if isinstance(event, Inputs)]
    assert told[-1].tau_frames > FRAMES_A_DAY / 2
    assert told[-1].block_frames >= 2 * FRAMES_A_DAY
    assert sum(event.signals["location"] is not None for event in told) < sum(
        e.signals["step"] is not None for e in told
    )


def test_an_unknown_family_is_told_what_there_is():
    with pytest.raises(ValueError, match="page-hinkley"):
        Judge(("psychic",), THRESHOLDS)


def a_stream(count=30, seed=0):
    """Blocks of pictures, half a day each, that get much brighter on day 25."""
    rng = np.random.default_rng(seed)
    for half in range(2 * count):
        day = half // 2
        images = rng.integers(30, 120, (4, 3, 8, 8)) + 100 * (day >= 25)
        truth, senses = np.zeros((4, 4, 4), np.uint8), rng.standard_normal((4, 9)).astype(np.float32)
        yield Block(
            4 * half + 4, day, images.astype(np.uint8), truth, (images, truth), 4, np.zeros((4, 3)), np.zeros(4), senses
        )


def watched(stream):
    told, passed = [], []
    monitor = StreamMonitor(FixedFeatures(fresh_net(0, 5), (8, 8)))
    for block in monitor.passing(stream, told.append):
        passed.append(block)
    return told, passed


def test_the_stream_passes_through_unchanged_and_the_change_is_found():
    blocks = list(a_stream())
    told, passed = watched(blocks)
    assert all(one is other for one, other in zip(blocks, passed, strict=True))
    assert len([event for event in told if isinstance(event, Inputs)]) == 30
    assert 25 <= min(alarm_days(told)) <= 29


def test_it_sees_what_the_robot_sees_and_no_truth():
    poisoned = (
        replace(
            block,
            truth=np.full_like(block.truth, 7),
            labelled=(block.images[:0], block.truth[:0]),
            poses=block.poses + np.nan,
            hours=block.hours + 99.0,
        )
        for block in a_stream()
    )
    assert watched(poisoned)[0] == watched(a_stream())[0]


def losses(count, *, rise=0.0, at=10**9):
    rng = np.random.default_rng(3)
    return [0.5 + 0.05 * rng.standard_normal() + rise * (day >= at) for day in range(count)]


def heard(values):
    alarm = LossAlarm("er")
    return [told for day, loss in enumerate(values) for told in alarm.hear(loss, day=day, step=day)]


def test_a_loss_that_rises_is_heard_and_one_that_goes_on_is_not():
    assert heard(losses(100)) == []
    [first, *_] = heard(losses(100, rise=0.3, at=60))
    assert (first.signal, first.day >= 60, first.value > 0) == ("loss of er", True, True)
    [better, *_] = heard(losses(100, rise=-0.3, at=60))
    assert better.value < 0


def test_after_an_alarm_the_loss_has_a_new_reference():
    told = heard(losses(140, rise=0.3, at=60))
    assert max(alarm.day for alarm in told) <= 60 + REFERENCE_DAYS
