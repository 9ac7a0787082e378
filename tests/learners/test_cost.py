"""Costs are counted, and as they are by hand."""

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from learners.base import Batch, Seen
from learners.cost import Meter, count_flops
from learners.nets import SegNet
from learners.online import Online
from learners.terms.fit import Fit


class OneConvolution(nn.Module):
    """3 -> 8 channels, 3x3, stride 2, then 8 -> 4, 1x1."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.second = nn.Conv2d(8, 4, 1)

    def forward(self, images):
        features = self.first(images)
        return Seen(self.second(features), features)


FIRST = 2 * 8 * 3 * 9 * 5 * 7  # two for a multiply-add, 5x7 outputs
SECOND = 2 * 4 * 8 * 5 * 7


def test_operations_are_those_of_a_hand_count():
    forward, backward = count_flops(OneConvolution(), (3, 10, 14))
    assert forward == FIRST + SECOND
    assert backward == FIRST + 2 * SECOND  # towards weights and inputs; nobody asks for the gradient of an image


def test_operations_grow_with_the_frames(generator):
    net = SegNet(12, generator=generator)
    forward, backward = count_flops(net, (3, 32, 32))
    with FlopCounterMode(display=False) as counted:
        net(torch.zeros(5, 3, 32, 32)).logits.sum().backward()
    assert counted.get_total_flops() == 5 * (forward + backward)


def test_counting_leaves_the_net_alone(generator):
    net = SegNet(12, generator=generator).train()
    count_flops(net, (3, 32, 32))
    assert net.training
    assert all(parameter.grad is None for parameter in net.parameters())


def test_a_learner_accounts_for_what_it_does():
    learner = Online(OneConvolution(), [Fit()])
    for _ in range(3):
        learner.learn(Batch(torch.zeros(2, 3, 10, 14), torch.zeros(2, 5, 7, dtype=torch.uint8)))
    cost = learner.cost
    assert (cost.updates, cost.forward_passes, cost.backward_frames, cost.labelled_frames) == (3, 3, 6, 6)
    assert cost.flops == 6 * (2 * FIRST + 3 * SECOND)
    assert cost.bytes_kept == 0


def test_the_fisher_is_on_the_bill(tiny_learner, tiny_batch):
    learner = tiny_learner("ewc", fisher_draws=3)
    learner.learn(tiny_batch(0))
    before = learner.cost
    learner.consolidate("test")
    after = learner.cost
    assert (after.forward_frames - before.forward_frames, after.backward_frames - before.backward_frames) == (4, 12)
    forward, backward = Meter().flops_a_frame(learner.net, (3, 8, 8))
    assert after.flops - before.flops == 4 * forward + 12 * backward
    assert after.bytes_kept - before.bytes_kept == 2 * 4 * sum(p.numel() for p in learner.net.parameters())


def test_an_unknown_count_is_an_error():
    with pytest.raises(KeyError):
        Meter().count(upgrades=1)
