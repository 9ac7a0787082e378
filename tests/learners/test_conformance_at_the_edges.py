"""What every recipe must do where it is easily forgotten: just restored, hardly answered, in the dark."""

import math

import numpy as np
import pytest
import torch

from learners.base import IGNORE, Batch
from learners.disk import load_state, save_state
from learners.online import Online
from learners.recipes import find_recipe, make_learner
from learners.terms.fit import Fit
from tests.learners.test_conformance import NAMES, assert_same, flat, live

EVERY_RECIPE = pytest.mark.parametrize("name", NAMES)


@EVERY_RECIPE
@pytest.mark.parametrize("stop", [2, 5])
def test_what_is_kept_for_a_consolidation_is_restored_too(name, stop, tiny_net, tiny_learner, tiny_batch, tmp_path):
    """One update after the restart, so that what was restored has not been replaced by what came since."""
    one = tiny_learner(name)
    for step in range(stop):
        one.learn(tiny_batch(step))
        if step == 2:
            one.consolidate("schedule")
    save_state(tmp_path / "state", one.state_dict())
    bytes_and_numbers = {"memory_bytes": tiny_learner.memory_bytes, **tiny_learner.settings}
    other = make_learner(name, tiny_net(8), seed=9, **bytes_and_numbers)
    other.load_state_dict(load_state(tmp_path / "state"))
    assert_same(flat(one.state_dict()), flat(other.state_dict()))
    for learner in (one, other):
        learner.learn(tiny_batch(stop))
    assert_same(flat(one.state_dict()), flat(other.state_dict()))
    for learner in (one, other):
        learner.consolidate("schedule")
        learner.learn(tiny_batch(stop + 1))
    assert_same(flat(one.state_dict()), flat(other.state_dict()))
    assert one.cost == other.cost


def half_answered(batch):
    """No answer in every second frame."""
    labels = batch.labels.clone()
    labels[::2] = IGNORE
    return Batch(batch.images, labels)


def one_pixel_answered(batch):
    """One answer in the whole batch."""
    labels = torch.full_like(batch.labels, IGNORE)
    labels[1, 2, 2] = 1
    return Batch(batch.images, labels)


def of_one_class(batch):
    """The same answer everywhere."""
    return Batch(batch.images, torch.full_like(batch.labels, 2))


def dark(batch):
    """Nothing to be seen: every channel of every layer is constant."""
    return Batch(torch.zeros_like(batch.images), batch.labels)


def alone(batch):
    """A single frame."""
    return batch[:1]


@EVERY_RECIPE
def test_no_loss_is_nan_however_little_there_is_to_learn_from(name, tiny_learner, tiny_batch):
    learner, taken = tiny_learner(name), 0
    for round_ in range(3):
        for step, hard in enumerate((half_answered, one_pixel_answered, of_one_class, dark, alone)):
            losses = learner.learn(hard(tiny_batch(5 * round_ + step)))
            assert all(map(math.isfinite, losses.values())), hard.__name__
            taken += 1
        learner.consolidate("schedule")
    assert learner.cost.skipped_updates == 0
    assert learner.cost.updates == (0 if name == "frozen" else taken)
    assert all(bool(value.isfinite().all()) for value in learner.net.state_dict().values())
    assert bool(learner.predict(tiny_batch(20).images).isfinite().all())
    assert bool(learner.predict(dark(tiny_batch(20)).images).isfinite().all())


@EVERY_RECIPE
def test_a_consolidated_learner_takes_no_step_without_answers_either(name, tiny_learner, tiny_batch):
    """Teachers, springs and a full memory are at hand by now: none of them is an occasion of its own."""
    learner = tiny_learner(name)
    live(learner, tiny_batch)
    learner.consolidate("schedule")
    before, updates = flat(learner.state_dict(), without="meter"), learner.cost.updates
    losses = learner.learn(tiny_batch(9, labels=IGNORE))
    assert all(map(math.isfinite, losses.values()))
    memory = getattr(learner, "memory", None)
    if find_recipe(name).learns_without_labels or (memory is not None and memory.rehearses):
        assert learner.cost.updates == updates + 1
        return
    assert losses == {}
    assert learner.cost.updates == updates
    assert_same(before, flat(learner.state_dict(), without="meter"))


@EVERY_RECIPE
def test_predicting_changes_nothing_of_what_a_consolidated_learner_does(name, tiny_learner, tiny_batch):
    looked, plain = tiny_learner(name), tiny_learner(name)
    for learner in (looked, plain):
        live(learner, tiny_batch)
        for step in range(7, 10):
            if learner is looked:
                learner.predict(tiny_batch(90 - step, frames=7).images)
            learner.learn(tiny_batch(step))
        if learner is looked:
            learner.predict(tiny_batch(60).images)
        learner.consolidate("schedule")
    assert_same(flat(looked.state_dict()), flat(plain.state_dict()))


@pytest.mark.parametrize("name", [name for name in NAMES if find_recipe(name).needs_past_data])
def test_what_a_full_memory_writes_to_disk_is_within_its_bytes(name, tiny_learner, tiny_batch):
    """Counted on the arrays themselves, and not as the memory tells; frames are kept as bytes."""
    learner = tiny_learner(name)
    for step in range(20):
        learner.learn(tiny_batch(step))
    inner = getattr(learner, "learner", learner)
    kept = {place: value for place, value in flat(inner.memory.state_dict()).items() if isinstance(value, torch.Tensor)}
    rows = {place: value for place, value in kept.items() if len(value) == len(inner.memory)}
    held = sum(value.nbytes for value in rows.values())
    assert held == inner.memory.nbytes <= tiny_learner.memory_bytes
    images, labels = (kept[f"/shelf/columns/{column}"] for column in ("images", "labels"))
    assert images.dtype == labels.dtype == torch.uint8
    assert images.shape[1:] == (8, 8, 3)
    frame_bytes = 3 * 8 * 8 + 4 * 4
    assert frame_bytes * len(inner.memory) <= held
    assert sum(value.nbytes for place, value in kept.items() if place not in rows) <= 64  # counts of classes


def test_a_loss_that_is_not_finite_stops_the_update_though_its_gradient_is_none(tiny_net, tiny_batch):
    class Lost(Fit):
        name = "lost"

        def loss(self, mixed, seen, net):
            return torch.tensor(np.nan)

    learner = Online(tiny_net(), [Fit(), Lost()])
    assert learner.learn(tiny_batch(0)) == {}
    assert (learner.cost.updates, learner.cost.skipped_updates) == (0, 1)
    assert all(torch.equal(a, b) for a, b in zip(learner.net.parameters(), tiny_net().parameters(), strict=True))
