"""Contact: only what the robot itself drove over, bumped into, probed or watered is answered, and rightly."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from agent.contact import DRIVABLE, FARTHEST_M, GROWING, KEPT_STEPS, SOLID, Contact, odometry_poses
from agent.desk import make_desk
from agent.garden_place import GardenPlace
from agent.ground_geometry import ground_points, to_pixels, to_world
from agent.nets import fresh_net
from learners.frozen import Frozen
from scenarios.spec import CameraSpec, RobotSpec, Scenario, TeacherSpec
from scenarios.tables import BLOSSOM, CLASS_NAMES, FOLIAGE, IGNORE, LAWN, OBSTACLE, PATH, SKY, WILTED, WOOD

CAMERA, ROBOT, CLASSES = CameraSpec(), RobotSpec(), len(CLASS_NAMES)
SHUT, OPEN = -1.0, 1.0


def sense(x=0.0, y=0.0, heading=0.0, bump=0.0, wet=0.0, tank=1.0):
    return np.array([1, 0, tank, bump, wet, x, y, np.cos(heading), np.sin(heading)], np.float32)


def probable(*classes, frames=1):
    """Probabilities of a net that holds these classes for likely everywhere, the first of them for likeliest."""
    shares = np.full((frames, CLASSES, 32, 32), 0.01, np.float32)
    for rank, class_id in enumerate(classes):
        shares[:, class_id] = 0.5 - 0.1 * rank
    return shares


def told(first, then, shares, actions=None):
    """The labels of a first block, once the robot has felt a second one."""
    contact = Contact(CAMERA, ROBOT, 12.8)
    labels = []
    step = 0
    for senses in (first, then):
        did = np.array([[1.0, 0.0, SHUT]] * len(senses)) if actions is None else actions[step : step + len(senses)]
        images = np.zeros((len(senses), 3, 64, 64), np.uint8)
        block = np.repeat(shares, len(senses), 0)
        labels.append(contact.answers(step, images, np.stack(senses), did, block))
        step += len(senses)
    assert not len(labels[0][0])
    return labels[1]


AHEAD = [sense(x) for x in (0.5, 1.0, 1.5, 2.0, 2.5)]


def test_where_the_net_was_right_contact_has_nothing_to_say():
    _, _, labels = told([sense()], AHEAD, probable(PATH, LAWN))
    assert not len(labels)


def test_ground_that_was_driven_over_is_drivable_and_the_net_says_what_it_is():
    steps, _, labels = told([sense()], AHEAD, probable(SKY, OBSTACLE, PATH, LAWN))
    assert steps.tolist() == [0]
    answered = labels[0] != IGNORE
    assert answered.sum() > 30 and (labels[0][answered] == PATH).all()
    points = ground_points(CAMERA)[answered]
    assert (np.abs(points[:, 1]) < 0.35).all() and (points[:, 0] < FARTHEST_M).all()


def test_nothing_is_known_of_ground_that_was_not_driven_over():
    still = [sense(heading=angle) for angle in (0.5, 1.0)]
    _, _, labels = told([sense(2.0)], still, probable(SKY, PATH))
    assert not len(labels)


def test_ground_behind_a_gap_in_the_track_may_be_hidden_and_is_left_open():
    left = [sense(0.0), sense(0.0, 0.5), sense(0.5, 0.5), sense(1.0, 0.5), sense(1.5, 0.5), sense(1.5, 0.0)]
    _, _, labels = told([sense()], left, probable(SKY, PATH))  # about whatever stands at (0.7, 0)
    rows, columns, _ = to_pixels(CAMERA, np.zeros(3), np.array([[1.5, 0.0]]))
    assert not len(labels) or labels[0, rows[0], columns[0]] == IGNORE


def test_what_was_bumped_into_is_solid():
    _, _, labels = told([sense()], [sense(1.0), sense(1.2, bump=1.0)], probable(LAWN, WOOD, PATH))
    rows, columns, _ = to_pixels(CAMERA, np.zeros(3), np.array([[1.48, 0.0]]), height_m=0.1)
    assert labels[0, rows[0], columns[0]] == WOOD
    assert np.isin(labels[0][labels[0] != IGNORE], [*SOLID, *DRIVABLE]).all()


def test_who_bumps_backwards_bumps_behind():
    actions = np.array([[1.0, 0, SHUT], [-1.0, 0, SHUT], [1.0, 0, SHUT]])
    _, _, labels = told([sense(2.0)], [sense(2.0), sense(1.5, bump=1.0)], probable(LAWN, WOOD), actions)
    assert not len(labels) or not np.isin(labels, SOLID).any()


@pytest.mark.parametrize("how", ["probed", "watered"])
def test_plants_that_have_water_are_not_wilted(how):
    actions = np.array([[0.0, 0, SHUT], [0.0, 0, OPEN if how == "watered" else SHUT], [0.0, 0, SHUT]])
    after = [sense(), sense(tank=0.8, wet=0.0)] if how == "watered" else [sense(1.0, wet=0.9), sense(1.0, wet=0.9)]
    _, _, labels = told([sense()], after, probable(WILTED, BLOSSOM, FOLIAGE), actions)
    assert (labels[labels != IGNORE] == BLOSSOM).any() and not (labels == WILTED).any()


def test_a_valve_that_gives_nothing_waters_nothing():
    actions = np.array([[0.0, 0, OPEN]] * 3)
    _, _, labels = told([sense(tank=0.0)], [sense(tank=0.0), sense(tank=0.0)], probable(WILTED, BLOSSOM), actions)
    assert not np.isin(labels, GROWING).any()


def test_dry_soil_takes_back_what_wet_soil_said():
    after = [sense(1.0, wet=0.9), sense(1.0, wet=0.1)]
    _, _, labels = told([sense()], after, probable(WILTED, BLOSSOM))
    assert not np.isin(labels, GROWING).any()


def test_old_findings_are_forgotten():
    contact = Contact(CAMERA, ROBOT, 12.8)
    track = np.stack([sense(), *AHEAD, sense(0.0)])
    contact.feel(0, track, np.array([[1.0, 0, SHUT]] * len(track)))
    for step, known in ((10, True), (KEPT_STEPS + 20, False)):
        contact.answers(step, np.zeros((1, 3, 64, 64), np.uint8), track[:1], np.zeros((1, 3)), probable(SKY, PATH))
        _, _, labels = contact.answers(
            step + 1, np.zeros((1, 3, 64, 64), np.uint8), track[:1], np.zeros((1, 3)), probable(SKY, PATH)
        )
        assert bool((labels == PATH).any()) == known


def test_a_jump_of_odometry_at_the_shed_is_no_drive():
    _, _, labels = told([sense()], [sense(5.0), sense(0.1)], probable(SKY, PATH))
    near = to_world(ground_points(CAMERA)[..., :], np.zeros(3))
    assert not len(labels) or not (labels[0][near[..., 0] > 0.8] != IGNORE).any()


SCHOOL = Scenario(name="school", days=24, steps_per_day=12, teacher=TeacherSpec(budget=0.0, contact=True))
PLACE = GardenPlace(SCHOOL, 11, learn_every=12, home_frames=1, away_frames=1, next_year_frames=1)


def handed_out(change=lambda block: block):
    desk, learner = make_desk(PLACE, new_frames=8, reuses=False), Frozen(fresh_net(1, CLASSES))
    assert desk is not None
    batches = []
    for block in PLACE.stream():
        if block.step <= PLACE.commissioning_steps:
            desk.commission(block)
        else:
            batches.append(desk.hand_out(change(block), learner))
    return desk, batches


def test_contact_looks_at_no_truth_no_pose_and_no_date():
    def poisoned(block):
        nothing = np.full_like(block.truth, 7)
        labelled = block.labelled[0], np.full_like(block.labelled[1], 7)
        lost = np.full_like(block.poses, np.nan)
        return replace(block, truth=nothing, labelled=labelled, poses=lost, hours=block.hours * np.nan, day=-1)

    (clean_desk, clean), (dirty_desk, dirty) = handed_out(), handed_out(poisoned)
    assert clean_desk.labels == dirty_desk.labels > 0
    for ours, theirs in zip(clean, dirty, strict=True):
        assert (ours is None) == (theirs is None)
        if ours is not None and theirs is not None:
            assert torch.equal(ours.images, theirs.images) and torch.equal(ours.labels, theirs.labels)


def test_what_contact_calls_ground_is_ground():
    truths = {block.step: block.truth for block in PLACE.stream()}
    images = {block.step: block.images for block in PLACE.stream()}
    _, batches = handed_out()
    right, said = 0, 0
    for batch in filter(None, batches):
        for image, label in zip(batch.images.numpy(), batch.labels.numpy(), strict=True):
            step, row = next((s, i) for s in images for i in range(12) if np.array_equal(images[s][i], image))
            ground = np.isin(label, DRIVABLE) & (truths[step][row] != IGNORE)
            right, said = right + np.isin(truths[step][row][ground], DRIVABLE).sum(), said + ground.sum()
    assert said > 200 and right / said > 0.95


def test_contact_is_counted_by_the_pixels_it_answers_and_by_its_passes():
    desk, batches = handed_out()
    answered = sum(float((batch.labels != IGNORE).float().mean((1, 2)).sum()) for batch in batches if batch is not None)
    assert desk.labels == pytest.approx(answered, rel=1e-5)
    assert desk.cost.forward_frames == len(batches) * 12 and desk.cost.bytes_kept > 0


def test_what_contact_says_enters_no_memory():
    _, batches = handed_out()
    assert any(batch is not None for batch in batches)
    assert all(not len(batch.fresh) for batch in batches if batch is not None)


def test_odometry_is_read_from_the_senses():
    poses = odometry_poses(np.stack([sense(1.0, -2.0, 2.5)]))
    np.testing.assert_allclose(poses, [[1.0, -2.0, 2.5]], rtol=1e-6)
