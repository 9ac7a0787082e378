"""The teacher answers where a pixel of the net sees one class, and says nothing where it sees several."""

import numpy as np
from hypothesis import given
from hypothesis.extra.numpy import arrays

from agent.teacher import answer, pick
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
