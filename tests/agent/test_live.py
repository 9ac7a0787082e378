"""The loop: predict before learning, learn only from answered frames, sit exams on the days agreed."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from agent.live import Picture, Recent, Student, copy_last, live, showpieces
from agent.monitor.probes import Bank
from agent.monitor.scores import ProbeScore, StreamScore
from agent.policies import Every, OnSeason
from agent.stream import Block
from learners.base import Batch
from learners.cost import Cost
from scenarios.tables import CLASS_NAMES, IGNORE

CLASSES = len(CLASS_NAMES)
SIZE, LEARN_EVERY, STEPS_PER_DAY = 4, 6, 12


class Parrot:
    """Says the class that it was last taught; keeps a diary of what it was asked to do."""

    def __init__(self):
        self.net = torch.nn.Identity()
        self.says, self.diary = 0, []

    def predict(self, images):
        self.diary.append(("predict", images[:, 0, 0, 0].tolist()))
        logits = torch.zeros(len(images), CLASSES, SIZE, SIZE)
        logits[:, self.says] = 9.0
        return logits

    def learn(self, batch: Batch):
        self.diary.append(("learn", batch.images[:, 0, 0, 0].tolist()))
        if batch.answered[-1]:
            self.says = int(batch.labels[-1, 0, 0])
        return {"fit": 0.0}

    def remember(self, batch, seen=None):
        pass

    def consolidate(self, reason):
        self.diary.append(("consolidate", reason))

    @property
    def cost(self):
        return Cost()

    def state_dict(self):
        return {}

    def load_state_dict(self, state):
        pass


def a_stream(days, answers=None):
    """Frame i shows the number i and is answered with class i // LEARN_EVERY."""
    for end in range(LEARN_EVERY, days * STEPS_PER_DAY + 1, LEARN_EVERY):
        numbers = np.arange(end - LEARN_EVERY, end)
        images = np.broadcast_to(numbers[:, None, None, None], (LEARN_EVERY, 3, 8, 8)).astype(np.uint8)
        truth = np.full((LEARN_EVERY, SIZE, SIZE), end // LEARN_EVERY % CLASSES, np.uint8)
        told = [1, 3, 5] if answers is None else [1, 3, 5][: answers[end // LEARN_EVERY - 1]]
        yield Block(
            step=end,
            day=(end - 1) // STEPS_PER_DAY,
            images=images,
            truth=truth,
            labelled=(images[told], truth[told]),
            asked=3,
            poses=np.zeros((LEARN_EVERY, 3)),
            hours=np.zeros(LEARN_EVERY),
        )


def a_bank():
    images = np.full((2, 3, 3, 8, 8), 200, np.uint8)
    truth = np.zeros((2, 3, SIZE, SIZE), np.uint8)
    truth[0, 2, :2], truth[1, 1, :2] = 1, 2
    return Bank("home", images, truth, np.zeros((2, 3), int), np.zeros((2, 3)), np.zeros((2, 3, 3)))


def a_life(days=4, stop=lambda: False, answers=None, **student):
    parrot, events = Parrot(), []
    live(
        a_stream(days, answers),
        [Student("parrot", parrot, **({"new_frames": 4} | student))],
        {"home": a_bank()},
        events.append,
        first_step=STEPS_PER_DAY,
        exam_every_days=2,
        stop=stop,
    )
    return parrot, events


def test_every_frame_is_predicted_before_it_is_learned_from():
    parrot, _ = a_life()
    stream = [entry for entry in parrot.diary if entry[0] == "learn" or 200 not in entry[1]]
    known = set(range(STEPS_PER_DAY))
    for verb, frames in stream:
        if verb == "predict":
            assert not known & set(frames)
            known |= set(frames)
        else:
            assert set(frames) <= known


def test_all_frames_after_commissioning_are_scored_once():
    _, events = a_life(days=4)
    scores = [event for event in events if isinstance(event, StreamScore)]
    assert sum(score.frames for score in scores) == 3 * STEPS_PER_DAY
    assert sum(score.confusion.sum() for score in scores) == 3 * STEPS_PER_DAY * SIZE * SIZE


def test_only_answered_frames_are_learned_from_the_latest_first():
    parrot, _ = a_life(days=2)
    learned = [frames for verb, frames in parrot.diary if verb == "learn"]
    assert learned == [[11, 13, 15, 17], [17, 19, 21, 23]]


def test_fewer_answers_make_a_smaller_update_and_none_make_none():
    parrot, events = a_life(days=3, answers=[3, 3, 1, 0, 2, 3])
    learned = [frames for verb, frames in parrot.diary if verb == "learn"]
    assert learned == [[11, 13], [13, 25, 27], [27, 31, 33, 35]]
    assert len([event for event in events if isinstance(event, StreamScore)]) == 4


def test_a_block_is_scored_with_what_was_known_before_it():
    _, events = a_life(days=2)
    scores = [event for event in events if isinstance(event, StreamScore)]
    assert scores[0].confusion[3, 0] > 0  # block 3 shows class 3; the parrot still says 0
    assert scores[1].confusion[4, 3] > 0  # then it was taught 3, and says so of block 4


def test_exams_are_sat_before_the_first_update_on_the_days_agreed_and_at_the_end():
    _, events = a_life(days=5)
    assert [event.day for event in events if isinstance(event, ProbeScore)] == [1, 2, 4, 5]
    assert len([event for event in events if isinstance(event, Picture)]) == 4


def test_a_life_that_is_stopped_still_sits_its_last_exam():
    calls = iter([False, False, True])
    _, events = a_life(days=5, stop=lambda: next(calls))
    assert len([event for event in events if isinstance(event, StreamScore)]) == 2
    assert isinstance(events[-1], Picture)


def test_consolidation_follows_its_schedule():
    parrot, _ = a_life(days=4, policy=Every(3))
    assert parrot.diary.count(("consolidate", "schedule")) == 2


def test_a_block_that_nobody_answered_is_an_occasion_for_who_learns_without_labels():
    parrot, _ = a_life(days=3, answers=[3, 3, 3, 0, 3, 3], learns_without_labels=True)
    learned = [frames for verb, frames in parrot.diary if verb == "learn"]
    assert learned == [[11, 13, 15, 17], [20, 21, 22, 23], [17, 25, 27, 29], [29, 31, 33, 35]]


def test_a_season_is_told_on_its_first_day():
    parrot, events = Parrot(), []
    live(
        a_stream(6),
        [Student("parrot", parrot, 4, OnSeason("spring"))],
        {"home": a_bank()},
        events.append,
        first_step=STEPS_PER_DAY,
        exam_every_days=9,
        season=lambda day: "spring" if day < 3 else "summer",
    )
    told = parrot.diary.index(("consolidate", "season:summer"))
    assert [entry for entry in parrot.diary[:told] if entry[0] == "learn"][-1] == ("learn", [35, 37, 39, 41])
    assert parrot.diary.count(("consolidate", "season:summer")) == 1


def test_frames_without_an_answer_are_not_scored_and_nobody_copies_them():
    silent = [
        replace(block, truth=np.where(np.arange(LEARN_EVERY)[:, None, None] < 4, IGNORE, block.truth).astype(np.uint8))
        for block in a_stream(2)
    ]
    parrot, events = Parrot(), []
    live(silent, [Student("parrot", parrot, 4)], {}, events.append, first_step=STEPS_PER_DAY, exam_every_days=9)
    scores = [event for event in events if isinstance(event, StreamScore)]
    assert [score.frames for score in scores] == [2, 2]
    assert scores[0].copy_confusion[3, 2] == SIZE * SIZE  # the last answered one was of the block before


def test_copying_the_last_mask_is_right_where_nothing_moves():
    truth = np.zeros((3, 1, 2), np.uint8)
    truth[:, 0, 1] = [1, 1, 2]
    confusion = copy_last(truth, truth[:1])
    assert confusion[0, 0] == 3
    assert confusion[1, 1] == 2
    assert confusion[2, 1] == 1


def test_where_the_last_mask_had_no_answer_copying_says_the_first_class():
    truth = np.array([[[3]], [[3]]], np.uint8)
    assert copy_last(truth, np.array([[[IGNORE]]], np.uint8))[3, 0] == 1


def test_showpieces_are_the_frames_with_most_to_see():
    assert showpieces(a_bank()).tolist() == [2, 1]


def test_recent_frames_are_the_latest_in_order():
    recent = Recent(4)
    for start in (0, 3, 6):
        numbers = np.arange(start, start + 3)
        recent.add(numbers[:, None, None, None].astype(np.uint8), numbers[:, None, None].astype(np.uint8))
    assert recent.latest(4)[0].ravel().tolist() == [5, 6, 7, 8]
    assert recent.latest(2)[1].ravel().tolist() == [7, 8]


def test_asking_for_frames_before_any_came_is_an_error():
    with pytest.raises(LookupError, match="no labelled frame"):
        Recent(4).latest(1)


class Harder(Every):
    """Makes two more updates each time."""

    extra_updates = 2


def test_extra_updates_learn_from_the_same_frames_and_mark_them_as_known():
    class Counting(Parrot):
        def learn(self, batch):
            self.diary.append(("again", [len(batch), batch.again]))
            return super().learn(batch)

    parrot = Counting()
    student = Student("parrot", parrot, new_frames=4, policy=Harder(1000))
    live(a_stream(2), [student], {}, lambda event: None, first_step=STEPS_PER_DAY, exam_every_days=99)
    learned = [frames for verb, frames in parrot.diary if verb == "learn"]
    assert learned == [[11, 13, 15, 17]] * 3 + [[17, 19, 21, 23]] * 3
    assert [told for verb, told in parrot.diary if verb == "again"] == [[4, 0], [4, 4], [4, 4]] * 2
