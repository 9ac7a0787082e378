"""Replay of features: no picture is kept, and the last layer learns as it would from the pictures."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from learners.adamw import Optimizer
from learners.base import IGNORE, Batch, Learner
from learners.feature_replay import PixelReservoir, feature_replay
from learners.label_free.batch_norm import with_batch_norm
from learners.nets import Perceptron


def replaying(net, seed=0, pixels=200, **settings):
    memory = PixelReservoir(pixels * 9, rng=np.random.default_rng(seed))  # four features and a label: nine bytes
    return feature_replay(net, memory, optimizer=Optimizer(learning_rate=2e-2), **settings)


def test_only_the_last_layer_learns_and_the_loss_falls(tiny_net, tiny_batch):
    learner = replaying(tiny_net())
    assert isinstance(learner, Learner)
    before = {name: value.clone() for name, value in learner.net.state_dict().items()}
    first, *_, last = [learner.learn(tiny_batch(step % 3))["fit"] for step in range(60)]
    assert last < 0.8 * first
    moved = [name for name, value in learner.net.state_dict().items() if not torch.equal(value, before[name])]
    assert moved == ["head.weight", "head.bias"]
    assert learner.cost.bytes_kept == learner.memory.nbytes == 200 * 9


def test_the_loss_is_one_mean_over_new_and_kept_pixels(tiny_net, tiny_batch):
    learner = replaying(tiny_net(), pixels=1000, share=99.0)
    old, new = tiny_batch(0), tiny_batch(1)
    learner.remember(old)
    both = torch.cat((old.images, new.images)) / 255.0
    labels = torch.cat((old.labels, new.labels)).long()
    wanted = F.cross_entropy(learner.net(both).logits, labels, ignore_index=IGNORE).item()
    assert learner.learn(new)["fit"] == pytest.approx(wanted, rel=1e-3)  # kept in half precision


def test_kept_pixels_are_a_uniform_sample_of_those_answered():
    counts = np.zeros(50)
    for run in range(300):
        memory = PixelReservoir(10 * 3, rng=np.random.default_rng(run))
        for start in (0, 20):
            some = torch.arange(start, start + (20 if start == 0 else 30))
            memory.remember(some[:, None].float(), some % 5)
        features, labels = memory.recall(99)
        numbers = features[:, 0].long()
        assert torch.equal(labels, numbers % 5)
        counts[numbers] += 1
    chi_square = ((counts - 60) ** 2).sum() / (60 * 0.8 * 50 / 49)
    assert counts.sum() == 3000
    assert 25 < chi_square < 85  # 49 degrees of freedom: 0.2 % below, 0.1 % above


def test_unanswered_and_not_finite_batches_change_nothing(tiny_net, tiny_batch):
    learner = replaying(tiny_net())
    learner.learn(tiny_batch(0))
    before = learner.net.head.weight.clone()
    assert learner.learn(tiny_batch(1, labels=IGNORE)) == {}
    bad = tiny_batch(1).images / 255.0
    bad[0] = torch.nan
    offered = learner.memory.pixels.offered
    assert learner.learn(Batch(bad, tiny_batch(1).labels)) == {}
    assert torch.equal(before, learner.net.head.weight)
    assert learner.memory.pixels.offered == offered
    assert (learner.cost.updates, learner.cost.unlabelled_batches, learner.cost.skipped_updates) == (1, 1, 1)


def test_a_perceptron_learns_so_too():
    generator = torch.Generator().manual_seed(0)
    learner = replaying(Perceptron((12, 4, 2), generator=generator))
    images = torch.rand(8, 3, 2, 2, generator=generator)
    labels = (images.mean((1, 2, 3)) > 0.5).to(torch.uint8).reshape(8, 1, 1)
    first, *_, last = [learner.learn(Batch(images, labels))["fit"] for _ in range(50)]
    assert last < first


def test_kept_pixels_are_on_the_bill(tiny_net, tiny_batch):
    learner, twin = replaying(tiny_net()), replaying(tiny_net())
    twin.memory.pixels.recall = lambda pixels: (torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64))
    for each in (learner, twin):
        each.remember(tiny_batch(0))
        each.learn(tiny_batch(1))
    pixels = int((tiny_batch(1).labels != IGNORE).sum())
    head = nn.Linear(4, 3)
    with FlopCounterMode(display=False) as counter:
        head(torch.zeros(min(pixels, len(learner.memory.pixels)), 4)).sum().backward()
    assert learner.cost.flops - twin.cost.flops == counter.get_total_flops() > 0


def test_a_body_that_stands_still_keeps_its_running_statistics(tiny_net, tiny_batch):
    learner = replaying(with_batch_norm(tiny_net()))
    norm = learner.net.body[1]
    before = norm.running_mean.clone()
    features = learner.net.eval()(tiny_batch(0).images / 255.0).features
    for step in range(3):
        learner.learn(tiny_batch(step))
    assert torch.equal(norm.running_mean, before)
    assert torch.equal(learner.net.train()(tiny_batch(0).images / 255.0).features, features)


def test_a_net_without_a_last_layer_is_refused(tiny_net):
    net = tiny_net()
    net.head = nn.Conv2d(4, 3, 3, padding=1)
    with pytest.raises(ValueError, match="no last layer `head`"):
        replaying(net)
