"""What every recipe must do, without exception, and what mixtures of several must do."""

import json
import math
import os
import subprocess
import sys

import pytest
import torch
from safetensors.torch import save_file

from learners.base import IGNORE, Batch, Learner
from learners.disk import load_state, save_state
from learners.recipes import FRAMES_PER_UPDATE, RECIPES, find_recipe, make_learner, refuse_past_data
from learners.terms.heads import weights_that_predict
from learners.weight_files import put_weights, read_weights

MIXTURES = (
    "er+agem",
    "der+++lwf",
    "er+ewc+shrink",
    "mir+si+gem+ogd",
    "er-ace+hat+cassle+l2init",
    "er-balanced+packnet+ssl+mas",
    "er+adapters+lwf",
    "l2+ewc+cbp+redo",
    "ssl+cassle+gpm+shrink",
)
NAMES = (*RECIPES, *MIXTURES)
EVERY_RECIPE = pytest.mark.parametrize("name", NAMES)

CONTINUE = """
import json, sys
from pathlib import Path
import torch
from learners.base import Batch
from learners.disk import load_state, save_state
from learners.nets import TinyNet
from learners.recipes import make_learner

torch.set_num_threads(1)
folder, names, memory_bytes, settings = Path(sys.argv[1]), *map(json.loads, sys.argv[2:])
stream = load_state(folder / "stream.safetensors")
for name in names:
    net = TinyNet(3, generator=torch.Generator().manual_seed(99))
    learner = make_learner(name, net, seed=99, memory_bytes=memory_bytes, **settings)
    learner.load_state_dict(load_state(folder / f"{name}.half.safetensors"))
    for batch in stream.values():
        learner.learn(Batch(batch["images"], batch["labels"]))
    learner.consolidate("end")
    save_state(folder / f"{name}.end.safetensors", learner.state_dict())
"""


@EVERY_RECIPE
def test_it_is_a_learner_that_is_told_of_in_the_table(name, tiny_learner):
    learner, recipe = tiny_learner(name), find_recipe(name)
    assert isinstance(learner, Learner)
    assert recipe.name == name
    assert recipe.summary.endswith(".")
    assert recipe.source
    assert recipe.learns_without_labels == learner.learns_without_labels
    assert recipe.new_frames_per_update + recipe.recalled_frames_per_update == FRAMES_PER_UPDATE


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
    assert all(bool(torch.isfinite(value).all()) for value in learner.net.state_dict().values())
    assert bool(torch.isfinite(learner.predict(tiny_batch(12).images)).all())


@EVERY_RECIPE
def test_the_same_seed_gives_the_same_life(name, tiny_learner, tiny_batch):
    assert_same(flat(live(tiny_learner(name), tiny_batch)), flat(live(tiny_learner(name), tiny_batch)))


@EVERY_RECIPE
def test_what_it_learns_it_gets_better_at(name, tiny_learner, tiny_batch):
    """Without renewal, and in one regime, which would both begin something anew."""
    learner = tiny_learner(name, learning_rate=1e-2, tent_learning_rate=1e-2, regime_radius=9.0, redo_tau=0, cbp_rate=0)
    before = learner.net.head.weight.detach().clone()
    told = [learner.learn(tiny_batch(step % 3)) for step in range(61)]
    aim = next(iter(told[0]), None)  # the fit, where there is one
    if aim is None:
        assert torch.equal(before, learner.net.head.weight)
    else:
        assert told[-1][aim] < (0.7 if aim == "fit" else 0.99) * told[0][aim]


@EVERY_RECIPE
def test_a_batch_without_answers_takes_no_step_unless_that_is_declared(name, tiny_learner, tiny_batch):
    learner = tiny_learner(name)
    learner.learn(tiny_batch(0))
    before = flat(learner.state_dict(), without="meter")
    losses = learner.learn(tiny_batch(1, labels=IGNORE))
    steps = learner.cost.updates - (name != "frozen")
    if find_recipe(name).learns_without_labels:
        assert steps == 1
        assert all(map(math.isfinite, losses.values()))
    else:
        assert (steps, losses) == (0, {})
        assert_same(before, flat(learner.state_dict(), without="meter"))


@EVERY_RECIPE
@pytest.mark.parametrize("consolidated", [False, True], ids=["young", "consolidated"])
def test_the_supervised_loss_has_no_gradient_at_logits_that_nobody_answers(
    name, consolidated, tiny_learner, tiny_batch
):
    """Looked for where the loss is taken: on the pass over the mixed frames, whatever other passes are made."""
    learner, batch = tiny_learner(name), tiny_batch(7)
    for step in range(6):  # so that a memory is full
        learner.learn(tiny_batch(step))
    if consolidated:
        learner.consolidate("schedule")
    online = getattr(learner, "learner", learner)
    fits = [term for term in getattr(online, "terms", ()) if term.name == "fit"]
    if not fits:  # then no gradient of any label exists: the weights go where they would go without labels
        deaf = tiny_learner(name)
        deaf.load_state_dict(learner.state_dict())
        learner.learn(batch)
        deaf.learn(Batch(batch.images, torch.full_like(batch.labels, IGNORE)))
        assert_same(dict(learner.net.named_parameters()), dict(deaf.net.named_parameters()))
        return
    [fit], found = fits, []
    take = fit.loss

    def watched(mixed, seen, net):
        loss = take(mixed, seen, net)
        found.append((mixed, *torch.autograd.grad(loss, seen.logits, retain_graph=True)))
        return loss

    fit.loss = watched
    learner.learn(batch)
    [(mixed, gradient)] = found
    unanswered = (mixed.labels == IGNORE)[:, None].expand_as(gradient)
    assert unanswered[: len(batch)].any()
    assert (gradient[unanswered] == 0).all()
    new = gradient[: len(batch)]
    assert (new[~unanswered[: len(batch)]] != 0).all()


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
    updates = learner.cost.updates
    learner.learn(good)
    assert learner.cost.updates - updates == (name != "frozen")


@EVERY_RECIPE
def test_memory_stays_within_its_bytes(name, tiny_learner, tiny_batch):
    learner, recipe = tiny_learner(name), find_recipe(name)
    kept = 0
    for step in range(20):
        learner.learn(tiny_batch(step))
        memory = getattr(learner, "memory", None)
        kept = 0 if memory is None else memory.nbytes
        assert kept <= tiny_learner.memory_bytes
    assert (kept > 0.9 * tiny_learner.memory_bytes) == (recipe.needs_past_data or name == "feature-replay")


@EVERY_RECIPE
def test_who_keeps_pictures_of_the_past_says_so(name, tiny_learner, tiny_batch):
    """All that is kept in the shape of a frame counts, but for the latest, which the agent has anyway."""
    learner = tiny_learner(name)
    for step in range(8):
        learner.learn(tiny_batch(step))
        if step == 3:
            learner.consolidate("schedule")
    shapes = [tuple(kept.shape[1:]) for kept in tensors(flat(learner.state_dict(), without="recent"))]
    assert any(shape in ((3, 8, 8), (8, 8, 3)) for shape in shapes) == find_recipe(name).needs_past_data


@EVERY_RECIPE
def test_without_a_memory_it_lives_or_is_refused_with_a_sentence(name, tiny_net, tiny_batch):
    recipe = find_recipe(name)
    if recipe.needs_past_data:
        with pytest.raises(ValueError, match="pictures of the past; what keeps none would do, such as") as told:
            refuse_past_data(recipe)
        assert repr(recipe.name) in str(told.value)
        with pytest.raises(ValueError, match="memory_bytes=0"):
            make_learner(name, tiny_net(), seed=0, memory_bytes=0)
        return
    refuse_past_data(recipe)
    learner = make_learner(name, tiny_net(), seed=0, memory_bytes=0, ssl_block=4)
    learner.learn(tiny_batch(0))
    assert learner.cost.updates == (name != "frozen")


@EVERY_RECIPE
def test_what_is_saved_of_a_net_says_the_same_again(name, tiny_learner, tiny_net, tiny_batch, tmp_path):
    """All that predicting depends on is in the file: weights, statistics that replace some, regimes that were found."""
    learner = tiny_learner(name)
    live(learner, tiny_batch)
    save_file({key: value.contiguous() for key, value in weights_that_predict(learner.net).items()}, tmp_path / "net")
    other = make_learner(name, tiny_net(8), seed=8, memory_bytes=tiny_learner.memory_bytes, **tiny_learner.settings)
    images = tiny_batch(9).images
    assert not torch.equal(other.predict(images), learner.predict(images))
    put_weights(other.net, read_weights(tmp_path / "net"))
    assert torch.equal(other.predict(images), learner.predict(images))


def test_saved_and_continued_elsewhere_is_never_having_stopped(tiny_learner, tiny_batch, tmp_path):
    learners = {name: tiny_learner(name) for name in NAMES}
    for name, learner in learners.items():
        live(learner, tiny_batch)
        save_state(tmp_path / f"{name}.half.safetensors", learner.state_dict())
    later = {str(step): tiny_batch(step) for step in range(7, 12)}
    stream = {step: {"images": batch.images, "labels": batch.labels} for step, batch in later.items()}
    save_state(tmp_path / "stream.safetensors", stream)
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    told = [json.dumps(value) for value in (NAMES, tiny_learner.memory_bytes, tiny_learner.settings)]
    subprocess.run([sys.executable, "-c", CONTINUE, str(tmp_path), *told], check=True, env=environment)
    for name, learner in learners.items():
        for batch in later.values():
            learner.learn(batch)
        learner.consolidate("end")
        assert_same(flat(learner.state_dict()), flat(load_state(tmp_path / f"{name}.end.safetensors")))


def live(learner, batch_of):
    """A memory of commissioning, then seven batches with a consolidation amid them; returns the state at the end."""
    learner.remember(batch_of(50))
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
            leaves |= flat(value, f"{place}/{key}", without)
        else:
            leaves[f"{place}/{key}"] = value.clone() if isinstance(value, torch.Tensor) else value
    return leaves


def tensors(leaves):
    return [value for value in leaves.values() if isinstance(value, torch.Tensor)]


def assert_same(ours, theirs):
    assert list(ours) == list(theirs)
    for place, value in ours.items():
        if isinstance(value, torch.Tensor):
            torch.testing.assert_close(value, theirs[place], rtol=0, atol=0, equal_nan=True, msg=place)
        else:
            assert value == theirs[place], place
