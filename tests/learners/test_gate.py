"""The gate serves what does no harm, keeps what it replaced, and writes down what it decided."""

import numpy as np
import pytest
import torch

from learners.base import Learner
from learners.disk import load_state, save_state
from learners.gate import Gate, mean_iou
from learners.memory import Reservoir
from learners.recipes import RECIPES


@pytest.fixture
def gate(tiny_learner):
    def make(seed=3, **settings):
        guard = Reservoir(12 * 208, frames=8, rng=np.random.default_rng(seed))
        return Gate(tiny_learner("er", seed=seed, learning_rate=2e-2), guard, **{"every": 5, **settings})

    return make


def same(net, other):
    return all(torch.equal(a, b) for a, b in zip(net.state_dict().values(), other.state_dict().values(), strict=True))


def test_what_is_served_changes_only_when_it_is_promoted(gate, tiny_batch):
    gate = gate(tolerance=1.0)
    assert isinstance(gate, Learner)
    images, first = tiny_batch(0).images, gate.predict(tiny_batch(0).images)
    for step in range(4):
        gate.learn(tiny_batch(step))
        assert torch.equal(gate.predict(images), first)
    gate.learn(tiny_batch(4))
    assert torch.equal(gate.predict(images), gate.learner.predict(images))
    assert not torch.equal(gate.predict(images), first)
    assert [decision["promoted"] for decision in gate.decisions] == [True]


@pytest.mark.parametrize("name", RECIPES)
def test_whatever_learns_is_served_as_it_is_when_promoted_and_taken_back(name, tiny_learner, tiny_batch):
    """With all that its answers depend on: statistics, regimes, adapters."""
    guard = Reservoir(12 * 208, frames=8, rng=np.random.default_rng(0))
    gate = Gate(tiny_learner(name, learning_rate=2e-2, adabn_momentum=0.5), guard, every=2, tolerance=1.0)
    images = tiny_batch(0).images
    gate.remember(tiny_batch(50))
    first = gate.predict(images)
    for step in range(3):
        gate.learn(tiny_batch(3 * step))
    assert [decision["update"] for decision in gate.decisions] == ([] if name == "frozen" else [2])
    gate.decide("now")
    assert torch.equal(gate.predict(images), gate.learner.predict(images))
    assert torch.equal(gate.predict(images), first) == (name == "frozen")


def test_what_does_harm_is_not_served(gate, tiny_batch):
    gate = gate()
    for step in range(40):
        gate.learn(tiny_batch(step % 5))
    gate.decide("ready")
    served = gate.predict(tiny_batch(0).images)
    with torch.no_grad():
        gate.learner.net.head.bias.copy_(torch.tensor([0.0, 0.0, 99.0]))
    assert gate.decide("spoiled") is False
    assert torch.equal(gate.predict(tiny_batch(0).images), served)
    last = gate.decisions[-1]
    assert (last["reason"], last["promoted"], last["update"]) == ("spoiled", False, 40)
    assert last["learning"] < last["served"]


def test_what_was_replaced_comes_back_once(gate, tiny_batch):
    gate = gate(tolerance=1.0)
    images, first = tiny_batch(0).images, gate.predict(tiny_batch(0).images)
    for step in range(5):
        gate.learn(tiny_batch(step))
    learning = gate.learner.predict(images)
    gate.roll_back("a person said so")
    assert torch.equal(gate.predict(images), first)
    assert torch.equal(gate.learner.predict(images), learning)
    assert gate.decisions[-1]["reason"] == "rolled back: a person said so"
    with pytest.raises(ValueError, match="nothing to roll back to"):
        gate.roll_back("again")


def test_commissioned_weights_are_served_at_once(gate, tiny_batch):
    gate = gate()
    gate.learn(tiny_batch(0))
    assert not same(gate.net, gate.learner.net)
    gate.consolidate("commissioning")
    assert same(gate.net, gate.learner.net)


def test_the_gate_is_on_the_bill(gate, tiny_batch):
    gate = gate(tolerance=1.0)
    for step in range(5):
        gate.learn(tiny_batch(step))
    net_bytes = sum(value.nbytes for value in gate.net.state_dict().values())
    assert gate.cost.bytes_kept - gate.learner.cost.bytes_kept == 12 * 208 + 2 * net_bytes
    assert gate.cost.forward_frames - gate.learner.cost.forward_frames == 2 * 8
    assert gate.cost.updates == gate.learner.cost.updates == 5


def test_mean_iou_is_that_of_one_confusion_matrix():
    found, labels = np.array([[0, 0, 1], [2, 2, 1]]), np.array([[0, 1, 1], [2, 255, 0]])
    assert mean_iou(found, labels) == pytest.approx((1 / 3 + 1 / 3 + 1) / 3)


def test_saved_and_continued_is_never_having_stopped(gate, tiny_batch, tmp_path):
    one, other = gate(1), gate(2)
    for step in range(13):
        one.learn(tiny_batch(step))
    save_state(tmp_path / "state.safetensors", one.state_dict())
    other.load_state_dict(load_state(tmp_path / "state.safetensors"))
    for step in range(13, 21):
        assert one.learn(tiny_batch(step)) == other.learn(tiny_batch(step)) != {}
    assert same(one.net, other.net)
    assert same(one.learner.net, other.learner.net)
    assert one.decisions == other.decisions
    assert len(one.decisions) == 4
    assert one.cost == other.cost
