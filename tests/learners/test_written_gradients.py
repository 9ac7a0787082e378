"""What a spring adds to the gradient at once is what autograd would have brought."""

import pytest
import torch

from learners.online import Online
from learners.terms.fit import Fit
from learners.terms.l2 import L2
from learners.terms.l2init import L2Init


class Recorded(Fit):
    """Another term's loss, whose spring the learner does not get to know."""

    def __init__(self, term):
        self.name, self._term = term.name, term

    def loss(self, mixed, seen, net):
        return self._term.loss(mixed, seen, net)

    def consolidate(self, net, frames, reason):
        self._term.consolidate(net, frames, reason)


class NotFinite(Fit):
    """A term without a finite loss until it is healed."""

    name = "not finite"
    healed = False

    def loss(self, mixed, seen, net):
        return seen.logits.sum() * (0.0 if self.healed else torch.nan)


def weights_after(learner, tiny_batch, updates=6):
    for step in range(updates):
        learner.learn(tiny_batch(step))
        if step == 2:
            learner.consolidate("test")
    return learner.weights.vector.detach().clone()


def test_two_springs_pull_as_autograd_lets_them(tiny_net, tiny_batch):
    found = []
    for wrap in (lambda term: term, Recorded):
        net = tiny_net()
        springs = [L2(strength=3.0), L2Init(net, strength=2.0)]
        found.append(weights_after(Online(net, [Fit(), *map(wrap, springs)]), tiny_batch))
    torch.testing.assert_close(*found)
    assert not torch.allclose(found[0], weights_after(Online(tiny_net(), [Fit()]), tiny_batch), atol=1e-4)


def test_the_pull_is_told_among_the_losses(tiny_net, tiny_batch):
    told = []
    for wrap in (lambda term: term, Recorded):
        net = tiny_net()
        learner = Online(net, [Fit(), wrap(L2Init(net, strength=2.0))])
        told.append([learner.learn(tiny_batch(step)) for step in range(4)])
    for ours, theirs in zip(*told, strict=True):
        assert ours == pytest.approx(theirs, rel=1e-5)
    assert told[0][3]["l2init"] > 0


def test_a_skipped_update_leaves_nothing_of_its_pull_behind(tiny_net, tiny_batch):
    net, sick = tiny_net(), NotFinite()
    learner = Online(net, [Fit(), L2Init(net, strength=2.0), sick])
    with torch.no_grad():
        learner.weights.vector.add_(0.1)
    other = tiny_net()
    healthy = Online(other, [Fit(), L2Init(other, strength=2.0)])
    with torch.no_grad():
        healthy.weights.vector.add_(0.1)
    assert learner.learn(tiny_batch(0)) == {}
    sick.healed = True
    learner.learn(tiny_batch(1))
    healthy.learn(tiny_batch(1))
    torch.testing.assert_close(learner.weights.vector, healthy.weights.vector)
