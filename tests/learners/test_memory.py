"""Memories keep what they say, in the bytes they say."""

import numpy as np
import pytest
import torch
from scipy import stats

from learners.base import IGNORE, Batch
from learners.memory import Recent, Reservoir


def numbered(numbers) -> Batch:
    """Frames of one pixel that show their own number."""
    images = torch.tensor(numbers, dtype=torch.uint8).reshape(-1, 1, 1, 1)
    return Batch(images, torch.zeros(len(images), 1, 1, dtype=torch.uint8))


def held(memory, frames) -> list[int]:
    return memory.recall(numbered([0]), torch.nn.Identity(), frames=frames).images.flatten().tolist()


def test_every_frame_is_kept_with_the_same_probability():
    """Chi-square of inclusion counts, drawn without replacement: sum (c - Rp)^2 / [Rp(1-p)N/(N-1)] ~ chi2(N-1)."""
    frames, room, runs = 40, 10, 800
    counts = np.zeros(frames)
    for run in range(runs):
        memory = Reservoir(2 * room, frames=room, rng=np.random.default_rng(run))
        for start in range(0, frames, 7):
            memory.remember(numbered(range(start, min(start + 7, frames))))
        counts[held(memory, room)] += 1
    p = room / frames
    chi_square = ((counts - runs * p) ** 2).sum() / (runs * p * (1 - p) * frames / (frames - 1))
    assert counts.sum() == runs * room
    assert 0.005 < stats.chi2.sf(chi_square, frames - 1) < 0.995


def test_a_reservoir_with_room_keeps_everything_once():
    memory = Reservoir(2 * 30, frames=4, rng=np.random.default_rng(0))
    memory.remember(numbered(range(20)))
    assert sorted(held(memory, 99)) == list(range(20))
    recalled = memory.recall(numbered([0]), torch.nn.Identity())
    assert (len(recalled), recalled.recalled) == (4, 4)


def test_frames_without_an_answer_take_no_room():
    memory = Reservoir(2 * 30, frames=4, rng=np.random.default_rng(0))
    batch = numbered(range(6))
    batch.labels[::2] = IGNORE
    memory.remember(batch)
    assert sorted(held(memory, 99)) == [1, 3, 5]


def test_a_reservoir_fills_its_bytes_and_no_more(tiny_batch):
    memory = Reservoir(1000, frames=4, rng=np.random.default_rng(0))  # a frame of tiny_batch has 208 bytes
    for step in range(10):
        memory.remember(tiny_batch(step))
    assert (len(memory), memory.nbytes) == (4, 832)


def test_extras_are_remembered_and_paid_for(tiny_batch):
    plain = tiny_batch(0)
    logits = torch.randn(4, 3, 4, 4, generator=torch.Generator().manual_seed(0)).half()
    memory = Reservoir(10 * (208 + 96), frames=4, rng=np.random.default_rng(0))
    memory.remember(Batch(plain.images, plain.labels, {"logits": logits}))
    recalled = memory.recall(plain, torch.nn.Identity())
    assert memory.nbytes == 10 * (208 + 96)
    for image, kept in zip(recalled.images, recalled.extras["logits"], strict=True):
        row = int((plain.images == image).flatten(1).all(1).nonzero()[0, 0])
        assert torch.equal(kept, logits[row])


def test_a_memory_too_small_for_a_frame_says_so(tiny_batch):
    with pytest.raises(ValueError, match="100 bytes holds no frame of 208 bytes"):
        Reservoir(100, frames=4, rng=np.random.default_rng(0)).remember(tiny_batch(0))


def test_a_reservoir_restored_goes_on_as_if_nothing_had_happened():
    one, other = (Reservoir(2 * 10, frames=4, rng=np.random.default_rng(seed)) for seed in (1, 2))
    one.remember(numbered(range(25)))
    other.load_state_dict(one.state_dict())
    for memory in (one, other):
        memory.remember(numbered(range(25, 60)))
    assert held(one, 10) == held(other, 10)


def test_recent_frames_come_back_in_their_order():
    memory = Recent(5)
    for start in range(0, 12, 3):
        memory.remember(numbered(range(start, start + 3)))
        assert memory.nbytes <= 2 * 7
    assert held(memory, 5) == [7, 8, 9, 10, 11]
    assert held(memory, 2) == [10, 11]
