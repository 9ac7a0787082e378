"""The desk: a budget is met to the frame whoever chooses, updates are equal, and a student sees no more than it may."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from agent.asking import disagreement, entropy
from agent.desk import Desk, Person, make_desk
from agent.garden_place import GardenPlace
from agent.live import Student, live
from agent.nets import fresh_net
from agent.stream import Block
from agent.teacher import Teacher
from learners.base import Batch
from learners.cost import Meter
from learners.frozen import Frozen
from learners.recipes import make_learner
from scenarios.drift import DriftEvent
from scenarios.spec import Scenario, TeacherSpec
from scenarios.tables import CHOOSERS, CLASS_NAMES, IGNORE
from tests.agent.tiny import tiny

EVERY, FIRST, CLASSES = 12, 24, len(CLASS_NAMES)


class Listener:
    """Sees frames by their number, finds multiples of 7 doubtful, and keeps a diary of its batches."""

    def __init__(self):
        self.net = fresh_net(0, CLASSES)
        self.batches: list[Batch] = []

    def predict(self, images):
        doubtful = images[:, 0, 0, 0] % 7 == 0
        height, width = images.shape[2] // 2, images.shape[3] // 2
        logits = torch.zeros(len(images), CLASSES, height, width)
        logits[~doubtful, 1] = 9.0
        logits[doubtful, 1, :, : width // 2] = 9.0  # sure of the left half only, so that its mirror image disagrees
        return logits

    def learn(self, batch):
        self.batches.append(batch)
        return {"fit": 0.0}


def a_scenario(*events, **teacher):
    drift = tuple(DriftEvent.model_validate(event) for event in events)
    return Scenario(name="school", days=100, drift=drift, teacher=TeacherSpec.model_validate(teacher))


def a_block(end, first=None):
    numbers = np.arange(end - EVERY, end) if first is None else np.arange(first, end)
    images = np.broadcast_to(numbers[:, None, None, None] % 250, (len(numbers), 3, 8, 8)).astype(np.uint8)
    truth = np.broadcast_to(numbers[:, None, None] % CLASSES, (len(numbers), 4, 4)).astype(np.uint8)
    return Block(
        end, end // 24, images, truth, (images[-8:], truth[-8:]), 8, np.zeros((len(numbers), 3)), numbers * 1.0
    )


def a_desk(scenario, reuses=True, new_frames=8, chooser=None):
    meter = Meter()
    teacher = Teacher(scenario, scenario.course(days=100), 3, scenario.teacher)
    person = Person(teacher, scenario.teacher.budget, chooser, first_step=FIRST, at_most=8, meter=meter)
    return Desk(person, None, new_frames=new_frames, learn_every=EVERY, reuses=reuses, meter=meter)


def lived(desk, blocks=100, learner=None, change=lambda block: block):
    """What a desk hands out in a life, block by block."""
    for end in range(EVERY, FIRST + 1, EVERY):
        desk.commission(a_block(end))
    learner = learner or Listener()
    ends = range(FIRST + EVERY, FIRST + blocks * EVERY + 1, EVERY)
    return [desk.hand_out(change(a_block(end)), learner) for end in ends]


def fresh(batch):
    return [] if batch is None else batch.fresh.images[:, 0, 0, 0].tolist()


def a_chooser(name):
    from agent.asking import make_chooser

    return make_chooser(name, 3)


@pytest.mark.parametrize("asks", CHOOSERS)
@pytest.mark.parametrize("budget", [0.002, 0.01, 0.05, 0.5])
def test_the_share_is_met_to_the_frame_whoever_chooses(asks, budget):
    desk = a_desk(a_scenario(budget=budget), chooser=a_chooser(asks))
    lived(desk)
    assert desk.labels == int(budget * 100 * EVERY + 1e-9)


@pytest.mark.parametrize("asks", CHOOSERS)
def test_a_frame_is_asked_about_after_it_was_seen_and_before_its_window_is_over(asks):
    asked = []

    class Noting(Teacher):
        def say(self, truth, step):
            asked.append(step)
            return super().say(truth, step)

    scenario = a_scenario(budget=0.01)
    teacher = Noting(scenario, scenario.course(days=100), 3)
    person = Person(teacher, 0.01, a_chooser(asks), first_step=FIRST, at_most=8, meter=Meter())
    told: list[int] = []
    for end in range(FIRST + EVERY, FIRST + 1201, EVERY):
        came = [step for step, _, _ in person.answers(a_block(end), Listener(), asks=True)]
        assert all(end - 100 - EVERY <= step < end for step in came)
        told += came
    assert told == asked and len(set(told)) == 12


def test_evenly_is_equally_far_apart():
    batches = lived(a_desk(a_scenario(budget=0.25)))
    assert fresh(batches[0]) == [27, 31, 35]
    came = [number for batch in lived(a_desk(a_scenario(budget=1 / 24)), blocks=10) for number in fresh(batch)]
    assert came == [47, 71, 95, 119, 143]


@pytest.mark.parametrize("asks", ["entropy", "disagreement"])
def test_the_learner_asks_where_it_doubts(asks):
    batches = lived(a_desk(a_scenario(budget=0.05), chooser=a_chooser(asks)), blocks=15)
    came = [number for batch in batches for number in fresh(batch)]
    assert len(came) == 9 and all(number % 7 == 0 for number in came)


def test_doubt_is_counted_as_it_is_defined():
    images, listener = a_block(36).images, Listener()
    sure, torn = images[:1] * 0 + 1, images[:1] * 0
    meter = Meter()
    shares = np.exp([9.0] + [0.0] * (CLASSES - 1)) / (np.exp(9.0) + CLASSES - 1)
    certain = -(shares * np.log(shares)).sum()
    assert entropy(listener, np.zeros(1, int), sure, meter)[0] == pytest.approx(certain, rel=1e-4)
    assert entropy(listener, np.zeros(1, int), torn, meter)[0] == pytest.approx((np.log(CLASSES) + certain) / 2)
    assert disagreement(listener, np.zeros(1, int), sure, meter)[0] == pytest.approx(0.0, abs=1e-6)
    assert disagreement(listener, np.zeros(1, int), torn, meter)[0] > 0.3


def test_asking_by_doubt_costs_the_passes_it_takes():
    costs = {}
    for asks in CHOOSERS:
        desk = a_desk(a_scenario(budget=0.05), chooser=a_chooser(asks))
        lived(desk, blocks=10, learner=Frozen(fresh_net(0, CLASSES)))
        costs[asks] = desk.cost.forward_frames
        assert (desk.cost.flops > 0) == (asks in ("entropy", "disagreement"))
    assert costs == {"evenly": 0, "random": 0, "entropy": 10 * EVERY, "disagreement": 2 * 10 * EVERY}


def test_every_block_makes_a_full_update_and_no_frame_is_fresh_twice():
    batches = lived(a_desk(a_scenario(budget=0.01)))
    assert all(batch is not None and len(batch) == 8 for batch in batches)
    came = [number for batch in batches for number in fresh(batch)]
    assert len(came) == 12
    last = batches[-1]
    assert last is not None and set(last.images[:, 0, 0, 0].tolist()) <= {*came[-8:], 0}


def test_what_was_learned_from_before_enters_no_memory():
    learner = make_learner("er", fresh_net(0, CLASSES), seed=0, memory_bytes=10**6)
    images = np.random.default_rng(0).integers(0, 255, (8, 3, 16, 16)).astype(np.uint8)
    labels = np.random.default_rng(1).integers(0, CLASSES, (8, 8, 8)).astype(np.uint8)
    whole = Batch(torch.from_numpy(images), torch.from_numpy(labels))
    learner.learn(whole)
    known = len(learner.memory)
    assert known == 8
    learner.learn(replace(whole, again=8))
    assert len(learner.memory) == 8 and learner.cost.updates == 2 and learner.cost.labelled_frames == 8
    learner.learn(replace(whole, again=5))
    assert len(learner.memory) == 11 and learner.cost.labelled_frames == 11
    with pytest.raises(ValueError, match="again=9"):
        replace(whole, again=9)


def test_who_counts_every_frame_once_is_handed_out_each_once():
    batches = lived(a_desk(a_scenario(budget=0.05), reuses=False))
    assert sum(batch is not None for batch in batches) <= 60
    assert sum(len(batch) for batch in batches if batch is not None) == 60
    assert all(batch is None or not batch.again for batch in batches)


def test_an_answer_comes_as_many_days_late_as_scenario_and_script_say():
    event = {"axis": "teacher.delay_d", "set": 2}
    batches = lived(a_desk(a_scenario(event, budget=0.5, delay_d=3)), blocks=20)
    assert not any(fresh(batch) for batch in batches[: 5 * 2])
    assert fresh(batches[10]) == [25, 27, 29, 31, 33, 35]


def test_a_teacher_whom_the_script_silences_answers_fewer():
    event = {"axis": "teacher.answered", "set": 0.25}
    desk = a_desk(a_scenario(event, budget=0.5))
    lived(desk, blocks=200)
    assert desk.labels / (200 * EVERY) == pytest.approx(0.125, abs=0.02)


def test_wrong_answers_of_scenario_and_script_add_up():
    event = {"axis": "teacher.label_noise", "set": 0.5}
    scenario = a_scenario(event, label_noise=0.5)
    teacher = Teacher(scenario, scenario.course(days=100), 3, scenario.teacher)
    truth = np.full((32, 32), 4, np.uint8)
    assert (teacher.say(truth, 5) != 4).mean() == pytest.approx(0.75)
    np.testing.assert_array_equal(teacher.say(truth, 5), teacher.say(truth, 5))


def test_sloppy_borders_leave_the_inside_alone():
    scenario = a_scenario(border_px=2)
    teacher = Teacher(scenario, scenario.course(days=100), 3, scenario.teacher)
    truth = np.zeros((32, 32), np.uint8)
    truth[:, 16:] = 5
    said = np.stack([teacher.say(truth, step) for step in range(20)])
    assert (said[:, :, :14] == 0).all() and (said[:, :, 18:] == 5).all()
    assert 0.0 < (said != truth).mean() < 0.1
    assert (said[0] != said[1]).any()


def test_the_student_sees_no_truth_of_frames_that_were_not_answered():
    def poisoned(block):
        unasked = np.ones(len(block.truth), bool)
        unasked[3::4] = False  # a quarter is asked about, evenly
        truth = block.truth.copy()
        truth[unasked] = (truth[unasked] + 5) % CLASSES
        return replace(block, truth=truth, poses=block.poses + 1e6, hours=block.hours + 1e6, day=10**6)

    clean, dirty = lived(a_desk(a_scenario(budget=0.25))), lived(a_desk(a_scenario(budget=0.25)), change=poisoned)
    for ours, theirs in zip(clean, dirty, strict=True):
        assert ours is not None and theirs is not None
        assert torch.equal(ours.images, theirs.images) and torch.equal(ours.labels, theirs.labels)


@pytest.mark.parametrize("asks", ["entropy", "disagreement", "random"])
def test_who_is_asked_about_does_not_depend_on_the_truth(asks):
    def silenced(block):
        return replace(block, truth=np.full_like(block.truth, 3), poses=block.poses * np.nan)

    clean, dirty = (
        lived(a_desk(a_scenario(budget=0.05), chooser=a_chooser(asks)), change=change)
        for change in (lambda block: block, silenced)
    )
    assert [fresh(batch) for batch in clean] == [fresh(batch) for batch in dirty]


def a_place(**teacher):
    scenario = tiny(14, steps_per_day=6, commissioning_days=4, teacher=TeacherSpec.model_validate(teacher))
    return GardenPlace(scenario, 7, learn_every=EVERY, home_frames=1, away_frames=1, next_year_frames=1)


def test_todays_teacher_needs_no_desk():
    assert make_desk(a_place(), new_frames=8, reuses=True) is None


def test_the_stream_is_the_same_whoever_teaches():
    for ours, theirs in zip(a_place().stream(), a_place(budget=0.05, asks="entropy").stream(), strict=True):
        assert np.array_equal(ours.images, theirs.images) and np.array_equal(ours.labelled[1], theirs.labelled[1])


def test_where_nobody_answers_nothing_is_learned():
    place = a_place(budget=0)
    desk = make_desk(place, new_frames=8, reuses=True)
    student = Student("er", Listener(), 8, desk=desk)
    live(place.stream(), [student], {}, lambda event: None, first_step=24, exam_every_days=99)
    assert desk is not None and desk.labels == 0 and student.learner.batches == []  # type: ignore[attr-defined]


def test_students_side_by_side_are_answered_each_for_itself():
    place = a_place(budget=0.1, asks="entropy")
    desks = [make_desk(place, new_frames=8, reuses=True) for _ in range(2)]
    students = [
        Student(name, learner, 8, desk=desk)
        for name, learner, desk in zip(("a", "b"), (Listener(), Frozen(fresh_net(1, CLASSES))), desks, strict=True)
    ]
    live(place.stream(), students, {}, lambda event: None, first_step=24, exam_every_days=99)
    assert [desk.labels for desk in desks if desk is not None] == [6.0, 6.0]


def test_contact_without_a_robot_is_an_error_that_says_what_to_do():
    place = a_place(budget=0, contact=True)
    desk = make_desk(place, new_frames=8, reuses=True)
    assert desk is not None
    with pytest.raises(ValueError, match=r"teacher\.contact.*false"):
        desk.hand_out(a_block(36), Listener())


def test_labels_of_a_short_last_block_are_not_asked_for():
    desk = a_desk(a_scenario(budget=0.5))
    assert desk.hand_out(a_block(30, first=24), Listener()) is None
    assert desk.labels == 0 and IGNORE == 255
