"""What every recipe must do, without exception."""

import math
import os
import subprocess
import sys

import pytest
import torch

from learners.base import IGNORE, Batch, Learner
from learners.disk import load_state, save_state
from learners.recipes import RECIPES

EVERY_RECIPE = pytest.mark.parametrize("name", RECIPES)

CONTINUE = """
import sys
from pathlib import Path
import torch
from learners.base import Batch
from learners.disk import load_state, save_state
from learners.nets import TinyNet
from learners.recipes import RECIPES, make_learner

torch.set_num_threads(1)
folder, memory_bytes = Path(sys.argv[1]), int(sys.argv[2])
stream = load_state(folder / "stream.safetensors")
for name in RECIPES:
    net = TinyNet(3, generator=torch.Generator().manual_seed(99))
    learner = make_learner(name, net, seed=99, memory_bytes=memory_bytes)
    learner.load_state_dict(load_state(folder / f"{name}.half.safetensors"))
    for batch in stream.values():
        learner.learn(Batch(batch["images"], batch["labels"]))
    learner.consolidate("end")
    save_state(folder / f"{name}.end.safetensors", learner.state_dict())
"""


@EVERY_RECIPE
def test_it_is_a_learner(name, tiny_learner):
    assert isinstance(tiny_learner(name), Learner)


@EVERY_RECIPE
def test_predicting_changes_nothing(name, tiny_learner, tiny_batch):
    looked, plain = tiny_learner(name), tiny_learner(name)
    for step in range(3):
        before = flat(looked.state_dict())
        first, second = (looked.predict(tiny_batch(step).images) for _ in range(2))
        assert torch.equal(first, second)
        assert not first.requires_grad
        assert_same(before, flat(looked.state_dict()))
        assert looked.learn(tiny_batch(step)) == plain.learn(tiny_batch(step))
    assert_same(flat(looked.state_dict()), flat(plain.state_dict()))


@EVERY_RECIPE
def test_prediction_has_logits_for_every_pixel_and_takes_bytes_or_floats(name, tiny_learner, tiny_batch):
    images = tiny_batch(0).images
    logits = tiny_learner(name).predict(images)
    assert logits.shape == (4, 3, 4, 4)
    assert logits.dtype == torch.float32
    assert torch.equal(logits, tiny_learner(name).predict(images / 255.0))


@EVERY_RECIPE
def test_losses_are_named_and_finite(name, tiny_learner, tiny_batch):
    learner = tiny_learner(name)
    for step in range(12):
        losses = learner.learn(tiny_batch(step))
        assert all(isinstance(key, str) and math.isfinite(loss) for key, loss in losses.items())
        if step % 4 == 3:
            learner.consolidate("schedule")
    assert learner.cost.updates == (0 if name == "frozen" else 12)


@EVERY_RECIPE
def test_the_same_seed_gives_the_same_life(name, tiny_learner, tiny_batch):
    assert_same(flat(live(tiny_learner(name), tiny_batch)), flat(live(tiny_learner(name), tiny_batch)))


@EVERY_RECIPE
def test_everything_but_the_frozen_net_learns(name, tiny_learner, tiny_batch):
    learner = tiny_learner(name, learning_rate=1e-2)
    before = learner.net.head.weight.detach().clone()
    first, *_, last = [learner.learn(tiny_batch(step % 3)).get("fit", math.nan) for step in range(60)]
    assert torch.equal(before, learner.net.head.weight) == (name == "frozen")
    assert name == "frozen" or last < 0.7 * first


@EVERY_RECIPE
def test_a_batch_without_answers_takes_no_step(name, tiny_learner, tiny_batch):
    learner = tiny_learner(name)
    learner.learn(tiny_batch(0))
    before = flat(learner.state_dict(), without="meter")
    assert learner.learn(tiny_batch(1, labels=IGNORE)) == {}
    assert_same(before, flat(learner.state_dict(), without="meter"))
    assert learner.cost.updates == (0 if name == "frozen" else 1)


@EVERY_RECIPE
def test_logits_that_nobody_answers_get_no_gradient(name, tiny_learner, tiny_batch):
    learner, batch = tiny_learner(name), tiny_batch(1)
    learner.learn(tiny_batch(0))
    passes, forward = [], learner.net.forward

    def watched(images):
        seen = forward(images)
        if seen.logits.requires_grad:
            seen.logits.retain_grad()
            passes.append(seen.logits)
        return seen

    learner.net.forward = watched
    learner.learn(batch)
    assert len(passes) == (name != "frozen")
    for logits in passes:
        gradient = logits.grad[: len(batch)]
        unanswered = (batch.labels == IGNORE)[:, None].expand_as(gradient)
        assert unanswered.any()
        assert (gradient[unanswered] == 0).all()
        assert (gradient[~unanswered] != 0).all()


@EVERY_RECIPE
def test_what_is_not_finite_never_reaches_the_weights(name, tiny_learner, tiny_batch):
    learner = tiny_learner(name)
    learner.learn(tiny_batch(0))
    learner.consolidate("commissioned")
    before = flat(learner.state_dict(), without="meter")
    good = tiny_batch(1)
    for bad in (math.nan, math.inf):
        images = good.images / 255.0
        images[0, 0, 3, 3] = bad
        assert learner.learn(Batch(images, good.labels)) == {}
    assert_same(before, flat(learner.state_dict(), without="meter"))
    assert learner.cost.skipped_updates == (0 if name == "frozen" else 2)
    assert (learner.learn(good) == {}) == (name == "frozen")


@EVERY_RECIPE
def test_memory_stays_within_its_bytes(name, tiny_learner, tiny_batch):
    learner = tiny_learner(name)
    for step in range(20):
        learner.learn(tiny_batch(step))
        if hasattr(learner, "memory"):
            assert learner.memory.nbytes <= 20 * (3 * 64 + 16)


def test_saved_and_continued_elsewhere_is_never_having_stopped(tiny_learner, tiny_batch, tmp_path):
    learners = {name: tiny_learner(name) for name in RECIPES}
    for name, learner in learners.items():
        live(learner, tiny_batch)
        save_state(tmp_path / f"{name}.half.safetensors", learner.state_dict())
    later = {str(step): tiny_batch(step) for step in range(7, 12)}
    stream = {step: {"images": batch.images, "labels": batch.labels} for step, batch in later.items()}
    save_state(tmp_path / "stream.safetensors", stream)
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    command = [sys.executable, "-c", CONTINUE, str(tmp_path), str(20 * (3 * 64 + 16))]
    subprocess.run(command, check=True, env=environment)
    for name, learner in learners.items():
        for batch in later.values():
            learner.learn(batch)
        learner.consolidate("end")
        assert_same(flat(learner.state_dict()), flat(load_state(tmp_path / f"{name}.end.safetensors")))


def live(learner, batch_of):
    """Seven batches with a consolidation amid them; returns the state at the end."""
    for step in range(7):
        learner.learn(batch_of(step))
        if step == 3:
            learner.consolidate("schedule")
    return learner.state_dict()


def flat(state, place="", without=None):
    """Leaves of a nested state by their place."""
    leaves = {}
    for key, value in state.items():
        if key == without:
            continue
        if isinstance(value, dict):
            leaves |= flat(value, f"{place}/{key}")
        else:
            leaves[f"{place}/{key}"] = value.clone() if isinstance(value, torch.Tensor) else value
    return leaves


def assert_same(ours, theirs):
    assert list(ours) == list(theirs)
    for place, value in ours.items():
        if isinstance(value, torch.Tensor):
            assert torch.equal(value, theirs[place]), place
        else:
            assert value == theirs[place], place
