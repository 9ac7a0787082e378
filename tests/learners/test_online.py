"""The update: recall, descend, remember."""

import numpy as np
import pytest
import torch

from learners.adamw import Optimizer
from learners.base import IGNORE, Batch
from learners.disk import load_state, save_state
from learners.memory import Reservoir
from learners.online import Online, classes_and_confidence
from learners.recipes import RECIPES, make_learner
from learners.terms.fit import Fit


class Bend:
    """Sets the first parameter's gradient or change to zero."""

    nbytes = 0
    consolidation_frames = 0

    def __init__(self, acts_on):
        self.acts_on = acts_on

    def project(self, vectors, mixed, net):
        vectors[0].zero_()

    def consolidate(self, net, frames, reason): ...

    def state_dict(self):
        return {}

    def load_state_dict(self, state): ...


class Unbounded(Fit):
    """A loss that is finite and whose gradient is not."""

    name = "unbounded"

    def loss(self, mixed, seen, net):
        return (seen.logits * 0).abs().sqrt().sum()


def test_an_update_is_adamw_on_one_mean_over_new_and_recalled_pixels(tiny_net, tiny_batch):
    learner = make_learner("er", tiny_net(), seed=0, memory_bytes=3 * 208, clip_norm=float("inf"))
    old, new = tiny_batch(0, frames=3), tiny_batch(1, frames=5)
    learner.remember(old)
    losses = learner.learn(new)
    net = tiny_net()
    images = torch.cat((new.images, old.images)) / 255.0
    labels = torch.cat((new.labels, old.labels)).long()
    loss = torch.nn.functional.cross_entropy(net(images).logits, labels, ignore_index=IGNORE)
    loss.backward()
    settings = RECIPES["er"].settings
    torch.optim.AdamW(net.parameters(), settings.learning_rate, weight_decay=settings.weight_decay).step()
    assert losses["fit"] == pytest.approx(loss.item(), rel=1e-5)
    for ours, theirs in zip(learner.net.parameters(), net.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, atol=2e-5, rtol=1e-4)


def test_a_memory_is_asked_before_it_is_told(tiny_net, tiny_batch):
    asked = []

    class Diary(Reservoir):
        def recall(self, batch, net, frames=None):
            asked.append(("recall", self.offered))
            return super().recall(batch, net, frames)

        def remember(self, batch, seen=None):
            asked.append(("remember", len(seen.logits)))
            super().remember(batch, seen)

    memory = Diary(10_000, frames=2, rng=np.random.default_rng(0))
    learner = Online(tiny_net(), [Fit()], memory=memory)
    learner.learn(tiny_batch(0))
    learner.learn(tiny_batch(1))
    assert asked == [("recall", 0), ("remember", 4), ("recall", 4), ("remember", 6)]


def test_projecting_the_change_leaves_no_way_past_it(tiny_net, tiny_batch):
    """Weight decay moves a weight whose gradient is bent to zero, but not one whose change is."""
    start = next(tiny_net().parameters()).clone()
    for acts_on, moves in (("gradient", True), ("change", False)):
        learner = Online(tiny_net(), [Fit()], projectors=[Bend(acts_on)], optimizer=Optimizer(weight_decay=0.1))
        for step in range(3):
            learner.learn(tiny_batch(step))
        first, *others = learner.net.parameters()
        assert torch.equal(first, start) != moves
        assert all(not torch.equal(a, b) for a, b in zip(others, list(tiny_net().parameters())[1:], strict=True))


def test_a_gradient_that_is_not_finite_is_not_followed(tiny_net, tiny_batch):
    learner = Online(tiny_net(), [Unbounded()])
    assert learner.learn(tiny_batch(0)) == {}
    assert learner.cost.skipped_updates == 1
    assert all(torch.equal(a, b) for a, b in zip(learner.net.parameters(), tiny_net().parameters(), strict=True))


def test_a_rehearsing_memory_learns_where_nobody_answers(tiny_net, tiny_batch):
    memory = Reservoir(10_000, frames=4, rng=np.random.default_rng(0), rehearses=True)
    learner = Online(tiny_net(), [Fit()], memory=memory)
    assert learner.learn(tiny_batch(0, labels=IGNORE)) == {}
    assert learner.cost.updates == 0
    learner.learn(tiny_batch(1))
    assert learner.learn(tiny_batch(2, labels=IGNORE))["fit"] > 0


def test_long_gradients_are_shortened(tiny_net, tiny_batch):
    learner = Online(tiny_net(), [Fit()], optimizer=Optimizer(clip_norm=1e-3))
    learner.learn(tiny_batch(0))
    norm = torch.nn.utils.get_total_norm([parameter.grad for parameter in learner.net.parameters()])
    assert norm.item() == pytest.approx(1e-3, rel=1e-4)


def test_consolidating_before_any_frame_is_refused(tiny_learner):
    with pytest.raises(ValueError, match=r"call learn\(batch\) or remember\(batch\) first"):
        tiny_learner("ewc").consolidate("schedule")


@pytest.mark.parametrize("of_its_own", [False, True])
def test_every_layer_knows_whether_the_net_learns(of_its_own, tiny_net, tiny_batch, monkeypatch):
    net, told = tiny_net(), []
    if of_its_own:  # a layer that does more when it is told

        def train(layer, mode=True):
            told.append(mode)
            return torch.nn.Module.train(layer, mode)

        monkeypatch.setattr(torch.nn.GroupNorm, "train", train)
    learner = make_learner("finetune", net, seed=0)
    learner.learn(tiny_batch(0))
    assert all(layer.training for layer in net.modules())
    learner.predict(tiny_batch(0).images)
    assert not any(layer.training for layer in net.modules())
    assert bool(told) == of_its_own


def test_a_state_of_another_composition_is_refused(tiny_learner):
    with pytest.raises(ValueError, match="this one has"):
        tiny_learner("ewc").load_state_dict(tiny_learner("er").state_dict())


def test_a_learner_without_terms_is_refused(tiny_net):
    with pytest.raises(ValueError, match="there must be one"):
        Online(tiny_net(), [])


def test_classes_and_confidence():
    logits = torch.tensor([[0.0, 0.0], [2.0, -1.0]]).reshape(1, 2, 1, 2)
    classes, confidence = classes_and_confidence(logits)
    assert classes.tolist() == [[[1, 0]]]
    torch.testing.assert_close(confidence, torch.tensor([[[2.0, 1.0]]]).sigmoid())


def test_replay_without_bytes_is_refused(tiny_net):
    with pytest.raises(ValueError, match="memory_bytes=0"):
        make_learner("er", tiny_net(), seed=0)


def test_a_state_survives_the_disk(tmp_path):
    state = {"a": {"b": torch.arange(6).reshape(2, 3).T}, "n": 2**100, "text": "x", "none": None, "empty": {}}
    save_state(tmp_path / "state.safetensors", state)
    loaded = load_state(tmp_path / "state.safetensors")
    assert torch.equal(loaded["a"].pop("b"), state["a"]["b"])
    assert loaded == {"a": {}, "n": 2**100, "text": "x", "none": None, "empty": {}}


def test_a_strange_file_is_refused(tmp_path):
    from safetensors.torch import save_file

    save_file({"w": torch.zeros(1)}, tmp_path / "strange.safetensors")
    with pytest.raises(ValueError, match="no state in its header"):
        load_state(tmp_path / "strange.safetensors")


def test_bytes_and_floats_are_the_same_frames(tiny_learner, tiny_batch):
    one, other = tiny_learner("er+ewc"), tiny_learner("er+ewc")
    for step in range(4):
        batch = tiny_batch(step)
        one.learn(batch)
        other.learn(Batch(batch.images / 255.0, batch.labels.long()))
    for ours, theirs in zip(one.net.parameters(), other.net.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-4)
