"""The teacher answers where a pixel of the net sees one class, and says nothing where it sees several."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays

from agent.teacher import Teacher, answer, mistaken, pick
from scenarios.drift import DriftEvent
from scenarios.spec import Scenario
from scenarios.tables import IGNORE


def plainly(mask):
    """The rule once more, in words: the class that at least three of four camera pixels show."""
    height, width = mask.shape[0] // 2, mask.shape[1] // 2
    out = np.full((height, width), IGNORE, np.uint8)
    for row in range(height):
        for column in range(width):
            values, counts = np.unique(mask[2 * row : 2 * row + 2, 2 * column : 2 * column + 2], return_counts=True)
            if counts.max() >= 3:
                out[row, column] = values[counts.argmax()]
    return out


@given(arrays(np.uint8, (2, 6, 8), elements={"min_value": 0, "max_value": 3}))
def test_answers_are_what_three_of_four_pixels_say(masks):
    np.testing.assert_array_equal(answer(masks), np.stack([plainly(mask) for mask in masks]))


def test_no_answer_stays_no_answer():
    assert (answer(np.full((1, 4, 4), IGNORE, np.uint8)) == IGNORE).all()


def test_answered_frames_are_evenly_spaced_and_end_with_the_last():
    for frames in range(1, 30):
        for answered in range(1, frames + 1):
            chosen = pick(frames, answered)
            assert len(chosen) == answered
            assert chosen[-1] == frames - 1
            assert (np.diff(chosen) > 0).all()
            assert np.ptp(np.diff(chosen, prepend=-1)) <= 1


def test_asking_for_more_answers_than_frames_gives_all():
    assert pick(3, 8).tolist() == [0, 1, 2]


def a_teacher(*events, seed=3, **changes):
    drift = tuple(DriftEvent.model_validate(event) for event in events)
    scenario = Scenario(name="school", days=100, drift=drift, **changes)
    return Teacher(scenario, scenario.course(days=100), seed)


def blocks_of(steps, every=12):
    ends = list(range(every, steps + 1, every))
    return [end - every + pick(every, 8) for end in ends], ends, [8] * len(ends)


def test_a_scripted_mistake_is_as_large_as_the_script_says_and_lies_in_patches():
    truth = np.random.default_rng(1).integers(0, 12, (32, 32)).astype(np.uint8)
    truth[:4] = IGNORE
    said = mistaken(truth, 0.3, np.random.default_rng(2))
    wrong = said != truth
    assert wrong.sum() == round(0.3 * 28 * 32)
    assert (said[:4] == IGNORE).all() and said[4:].max() < 12
    edges = (wrong[:, 1:] != wrong[:, :-1]).mean()
    assert edges < 0.15  # strewn singly, 0.42 of all neighbours would differ
    assert (mistaken(truth, 1.0, np.random.default_rng(2)) != truth).sum() == 28 * 32


def test_the_same_frame_gets_the_same_answer_whoever_asks():
    noisy = {"axis": "teacher.label_noise", "set": 0.5}
    truth = np.full((32, 32), 4, np.uint8)
    one, other = a_teacher(noisy), a_teacher(noisy)
    other.say(truth, 6)
    np.testing.assert_array_equal(one.say(truth, 7), other.say(truth, 7))
    assert (one.say(truth, 7) != one.say(truth, 8)).any()
    assert a_teacher().say(truth, 7) is truth


def test_the_share_of_frames_answered_is_the_scripts():
    teacher = a_teacher({"axis": "teacher.answered", "set": 0.25})
    came = list(teacher.arrivals(*blocks_of(2400)))
    assert sum(map(len, came)) / (200 * 8) == pytest.approx(0.25, abs=0.04)
    assert max(map(len, came)) <= 8


def test_a_late_answer_comes_as_many_days_later_at_any_speed():
    for speed in (1.0, 2.0):
        teacher = a_teacher({"axis": "teacher.delay_d", "set": 10}, speed=speed)
        came = list(teacher.arrivals(*blocks_of(960)))
        late_blocks = int(10 * 24 / speed / 12)
        assert not any(came[:late_blocks])
        assert [list(steps) for steps in came[late_blocks:]] == [list(s) for s in blocks_of(960)[0][:-late_blocks]]


def test_answers_that_come_all_at_once_wait_their_turn():
    late = {"axis": "teacher.delay_d", "set": 10, "shape": "window", "at": date(2030, 4, 10), "days": 10}
    came = list(a_teacher(late).arrivals(*blocks_of(2400)))
    assert max(map(len, came)) == 8
    assert sorted(step for steps in came for step in steps) == sorted(
        np.concatenate(blocks_of(2400)[0])[: sum(map(len, came))].tolist()
    )
