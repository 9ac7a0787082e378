"""The penalty of EWC, by hand."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from learners.base import IGNORE, Batch, Seen
from learners.cost import Meter
from learners.fisher import empirical_fisher, exact_fisher, sampled_fisher
from learners.freezing import learn_only
from learners.terms.ewc import EWC, fisher_named


class TwoParameters(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        self.theta = nn.Parameter(torch.tensor([first, second]))

    def forward(self, images):
        return Seen(self.theta.reshape(1, 2, 1, 1).expand(len(images), 2, 1, 1), images)


ONE_FRAME = Batch(torch.zeros(1, 1, 1, 1), torch.zeros(1, 1, 1, dtype=torch.uint8))


def two_parameter_ewc(*fishers, strength=2.0, decay=0.5):
    found = iter(fishers)

    def fisher(net, frames, rng):
        return {"theta": torch.tensor(next(found))}

    return EWC(strength=strength, decay=decay, fisher=fisher, rng=np.random.default_rng(0))


def test_before_the_first_consolidation_nothing_is_held_back():
    net = TwoParameters(1.0, 2.0)
    loss = two_parameter_ewc([3.0, 4.0]).loss(ONE_FRAME, net(ONE_FRAME.images), net)
    assert loss.item() == 0


def test_penalty_and_gradient_of_two_parameters():
    net, ewc = TwoParameters(1.0, 2.0), two_parameter_ewc([3.0, 4.0])
    ewc.consolidate(net, ONE_FRAME, "test")
    with torch.no_grad():
        net.theta.copy_(torch.tensor([1.5, 1.0]))
    loss = ewc.loss(ONE_FRAME, net(ONE_FRAME.images), net)
    loss.backward()
    assert loss.item() == pytest.approx(0.5 * 2 * (3 * 0.5**2 + 4 * 1.0**2))  # 1/2 lambda sum F (theta - theta*)^2
    torch.testing.assert_close(net.theta.grad, torch.tensor([2 * 3 * 0.5, 2 * 4 * -1.0]))


def test_the_old_fisher_fades_and_the_anchor_moves():
    net, ewc = TwoParameters(1.0, 2.0), two_parameter_ewc([3.0, 4.0], [1.0, 10.0])
    ewc.consolidate(net, ONE_FRAME, "test")
    with torch.no_grad():
        net.theta.add_(1.0)
    ewc.consolidate(net, ONE_FRAME, "test")
    assert ewc.importance["theta"].tolist() == [0.5 * 3 + 1, 0.5 * 4 + 10]
    assert ewc.anchor["theta"].tolist() == [2.0, 3.0]
    assert ewc.loss(ONE_FRAME, net(ONE_FRAME.images), net).item() == 0
    assert ewc.nbytes == 4 * 4


def test_the_written_gradient_is_what_autograd_finds(tiny_net, tiny_batch):
    net, frames = tiny_net(), tiny_batch(0).as_float()
    ewc = EWC(strength=7.0, decay=1.0, fisher=fisher_named("sampled", Meter()), rng=np.random.default_rng(0))
    ewc.consolidate(net, frames, "test")
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.1)
    seen = net(frames.images)
    written = torch.autograd.grad(ewc.loss(frames, seen, net), list(net.parameters()))
    plain = 0.5 * 7.0 * sum((ewc.importance[n] * (p - ewc.anchor[n]) ** 2).sum() for n, p in net.named_parameters())
    torch.testing.assert_close(ewc.loss(frames, seen, net), plain)
    torch.testing.assert_close(written, torch.autograd.grad(plain, list(net.parameters())))


def test_frames_without_answers_teach_nothing(tiny_net, tiny_batch):
    ewc = EWC(strength=1.0, decay=1.0, fisher=fisher_named("exact", Meter()), rng=np.random.default_rng(0))
    ewc.consolidate(tiny_net(), tiny_batch(0, labels=IGNORE).as_float(), "test")
    assert ewc.anchor == {}


def test_an_unknown_fisher_is_refused_with_what_there_is():
    with pytest.raises(ValueError, match="'batched'; there are sampled, empirical, exact"):
        fisher_named("batched", Meter())


@pytest.mark.parametrize("name", ["sampled", "empirical", "exact"])
def test_which_fisher_is_a_setting(name, tiny_learner, tiny_batch):
    learner, frames = tiny_learner("ewc", fisher=name, fisher_draws=3), tiny_batch(0)
    learner.learn(frames)
    term, frames = learner.terms[1], frames.as_float()
    rng = copy.deepcopy(term.rng)
    if name == "sampled":
        wanted = sampled_fisher(learner.net, frames, rng, Meter(), draws=3)
    elif name == "empirical":
        wanted = empirical_fisher(learner.net, frames, Meter())
    else:
        wanted = exact_fisher(learner.net, frames, Meter())
    learner.consolidate("schedule")
    assert list(wanted) == list(term.importance)
    assert all(torch.equal(value, term.importance[key]) for key, value in wanted.items())


def test_the_exact_fisher_of_a_head_is_that_of_a_net_whose_body_is_frozen(tiny_net, tiny_batch):
    """Exact is affordable where little learns: for the last layer alone it is what the whole net has there."""
    whole, frozen, frames = tiny_net(), tiny_net(), tiny_batch(0, frames=1).as_float()
    learn_only(frozen, frozen.head.parameters())
    found, wanted = exact_fisher(frozen, frames, Meter()), exact_fisher(whole, frames, Meter())
    assert list(found) == ["head.weight", "head.bias"]
    for name, value in found.items():
        torch.testing.assert_close(value, wanted[name])
