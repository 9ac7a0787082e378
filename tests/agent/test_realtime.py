"""The world does not wait: who is fast loses nothing, who is slow misses frames, and the same ones every time."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from agent.live import Student, live
from agent.perception import as_batch
from agent.realtime import Hurried, RealTime
from agent.stream import Block
from learners.base import Learner, Seen
from learners.cost import count_flops
from learners.recipes import make_learner

SHAPE, FRAMES, CLASSES = (3, 16, 16), 12, 4


class Tiny(nn.Module):
    """Two layers, so that many updates take no time."""

    def __init__(self):
        super().__init__()
        self.classes = CLASSES
        self.body, self.head = nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.Conv2d(8, CLASSES, 1)
        for weight, generator in zip(self.parameters(), map(torch.Generator().manual_seed, range(4)), strict=True):
            weight.data = torch.randn(weight.shape, generator=generator) / 3

    def forward(self, images):
        features = self.body(images).relu()
        return Seen(self.head(features), features)


def net():
    return Tiny()


def batch(number, frames=8):
    rng = np.random.default_rng(number)
    images = rng.integers(0, 256, (frames, *SHAPE), np.uint8)
    return as_batch(images, rng.integers(0, CLASSES, (frames, 8, 8), np.uint8))


LOOKING, BACK = count_flops(net(), SHAPE)
UPDATE = 8 * (LOOKING + BACK)


def hurried(blocks_per_update, name="finetune", **real):
    """A learner whose update of 8 frames takes so many blocks."""
    free = UPDATE / blocks_per_update / FRAMES
    gflops = (free + LOOKING) / 1e9
    learner = make_learner(name, net(), seed=1, memory_bytes=1_000_000, recalled_frames=0)
    return Hurried(learner, RealTime(machine_gflops=gflops, **real), frame_shape=SHAPE, block_frames=FRAMES)


def lived(learner, blocks=12):
    """Which blocks were learned from, and the answers to one image at every block."""
    image, learned, said = batch(99).images, [], []
    for number in range(blocks):
        learner.time_passes(FRAMES)
        said.append(learner.predict(image))
        before = learner.cost.updates
        learner.learn(batch(number))
        learned.append(learner.cost.updates > before)
    return learned, said


def test_a_learner_in_real_time_is_a_learner():
    assert isinstance(hurried(1.0), Learner)


def test_who_is_fast_enough_loses_nothing_and_answers_as_if_the_world_waited():
    plain = make_learner("finetune", net(), seed=1)
    learner = hurried(0.99)
    for number in range(6):
        learner.time_passes(FRAMES)
        image = batch(50 + number).images
        assert torch.equal(learner.predict(image), plain.predict(image))
        assert learner.learn(batch(number)) == plain.learn(batch(number))
    assert (learner.missed, learner.stale) == (0, 0)


@pytest.mark.parametrize(("blocks_per_update", "share"), [(2.0, 1 / 2), (3.0, 1 / 3), (4 / 3, 3 / 4), (1.5, 2 / 3)])
def test_an_update_of_c_blocks_learns_from_every_cth_block(blocks_per_update, share):
    learner = hurried(blocks_per_update)
    learned, _ = lived(learner)
    assert sum(learned) == pytest.approx(12 * share, abs=1)
    assert learner.missed == 12 - sum(learned)
    assert learner.stale > 0


def test_until_an_update_is_done_the_answers_are_those_from_before():
    plain = make_learner("finetune", net(), seed=1)
    learner, image = hurried(2.0), batch(99).images
    first = plain.predict(image)
    plain.learn(batch(0))
    second = plain.predict(image)
    _, said = lived(learner, 3)
    assert torch.equal(said[0], first) and torch.equal(said[1], first)  # the update of block 0 takes two blocks
    assert torch.equal(said[2], second) and not torch.equal(first, second)


def test_a_slow_life_lived_twice_misses_the_same_blocks():
    (learned, said), (again, said_again) = (lived(hurried(1.7)) for _ in range(2))
    assert learned == again
    assert all(torch.equal(a, b) for a, b in zip(said, said_again, strict=True))


def test_answers_of_a_missed_block_are_lost_or_kept_in_a_memory():
    held = {}
    for missed in ("lost", "kept"):
        learner = hurried(3.0, "er", missed=missed)
        lived(learner, 9)
        assert learner.missed == 6
        held[missed] = len(learner.learner.memory)
    assert held == {"lost": 3 * 8, "kept": 9 * 8}


def test_a_consolidation_is_work_too_and_waits_where_a_block_was_missed():
    learner = hurried(0.9, "ewc")
    learner.time_passes(FRAMES)
    learner.learn(batch(0))
    learner.consolidate("schedule")  # 16 frames twice and more: longer than a block
    learner.time_passes(FRAMES)
    assert not learner.learn(batch(1)) and learner.missed == 1
    spent = learner.cost.flops
    learner.consolidate("schedule")
    assert learner.cost.flops == spent  # not now
    for number in range(2, 12):
        learner.time_passes(FRAMES)
        if learner.learn(batch(number)):
            break
    assert learner.cost.flops > spent + UPDATE  # the update and what waited for it


def test_who_learns_nothing_misses_nothing():
    learner = hurried(50.0, "frozen")
    learned, _ = lived(learner, 5)
    assert not any(learned) and (learner.missed, learner.stale) == (0, 0)


def test_a_machine_too_slow_to_look_is_refused():
    slow = RealTime(machine_gflops=0.5 * LOOKING / 1e9)
    with pytest.raises(ValueError, match=r"too slow even to look at each frame, which takes [\d.e-]+ GFLOP/s"):
        Hurried(make_learner("finetune", net(), seed=1), slow, frame_shape=SHAPE, block_frames=FRAMES)


def test_by_the_clock_what_takes_longer_than_a_block_is_missed():
    learner = make_learner("finetune", net(), seed=1)
    in_no_time = RealTime("wall", step_s=1e-9)
    learned, _ = lived(Hurried(learner, in_no_time, frame_shape=SHAPE, block_frames=FRAMES), 5)
    assert learned == [True, False, False, False, False]
    assert "NOT REPRODUCIBLE" in in_no_time.told
    patient = replace(in_no_time, step_s=1e6)
    assert all(lived(Hurried(learner, patient, frame_shape=SHAPE, block_frames=FRAMES), 5)[0])


def test_a_life_goes_on_from_its_state():
    learner, other = hurried(1.7), hurried(1.7)
    lived(learner, 7)
    other.load_state_dict(learner.state_dict())
    for number in range(7, 12):
        for each in (learner, other):
            each.time_passes(FRAMES)
        assert torch.equal(learner.predict(batch(99).images), other.predict(batch(99).images))
        assert learner.learn(batch(number)) == other.learn(batch(number))
    assert (learner.missed, learner.stale) == (other.missed, other.stale)


def test_the_loop_lets_time_pass_and_the_last_answers_are_ready_for_the_exam():
    def block(number):
        images = batch(number, FRAMES)
        pair = images.images.numpy(), images.labels.numpy().astype(np.uint8)
        told = (pair[0][:8], pair[1][:8])
        return Block((number + 1) * FRAMES, number, *pair, told, 8, np.zeros((FRAMES, 3)), np.zeros(FRAMES))

    counted = []
    for blocks_per_update in (0.9, 2.0):
        learner = hurried(blocks_per_update)
        events: list = []
        live(
            (block(number) for number in range(9)), [Student("finetune", learner, 8)], {}, events.append,
            first_step=FRAMES, exam_every_days=1, classes=CLASSES,
        )  # fmt: skip
        assert len(events) == 8
        counted.append((learner.cost.updates, learner.missed))
    assert counted == [(8, 0), (4, 4)]
