"""Statistics and certainty, without labels."""

import numpy as np
import pytest
import torch
from torch import nn

from learners.adamw import Optimizer
from learners.base import IGNORE, Batch, Learner
from learners.label_free.adabn import AdaBN, InputNorm
from learners.label_free.batch_norm import with_batch_norm
from learners.label_free.tent import tent
from learners.nets import Perceptron


def coloured(seed, *, gain=1.0, offset=0.0, rows=8):
    """Float frames whose channels are tinted: each is gain * picture + offset."""
    rng = np.random.default_rng(seed)
    plain = 0.4 + 0.1 * rng.standard_normal((rows, 3, 8, 8))
    images = torch.from_numpy(plain).float() * torch.tensor(gain).reshape(-1, 1, 1) + torch.tensor(offset).reshape(
        -1, 1, 1
    )
    return Batch(images, torch.full((rows, 4, 4), IGNORE, dtype=torch.uint8))


def test_the_reference_is_the_pooled_statistics_of_what_the_net_was_trained_on(tiny_net):
    learner = InputNorm(tiny_net())
    parts = [
        coloured(0, rows=3),
        coloured(1, gain=[1.0, 2.0, 0.5], rows=5),
        coloured(2, offset=[0.3, 0.0, 0.1], rows=2),
    ]
    for part in parts:
        learner.remember(part)
    pixels = torch.cat([part.images for part in parts]).double().transpose(0, 1).flatten(1)
    torch.testing.assert_close(learner.net.reference, torch.stack((pixels.mean(1), pixels.var(1, correction=0))))
    assert torch.equal(learner.net.now, learner.net.reference)


def test_a_tint_that_stays_is_undone(tiny_net):
    tint = {"gain": [0.5, 1.0, 1.5], "offset": [0.2, -0.1, 0.0]}
    learner = InputNorm(tiny_net(), momentum=0.2)
    learner.remember(coloured(0, rows=50))
    assert isinstance(learner, Learner)
    assert learner.learns_without_labels
    for step in range(60):
        assert learner.learn(coloured(step, **tint)) == {}
    plain, tinted = coloured(99), coloured(99, **tint)
    shown = learner.net.normalise(tinted.images)
    assert (tinted.images - plain.images).abs().mean() > 0.1
    assert (shown - plain.images).abs().mean() < 0.01
    assert torch.equal(learner.predict(tinted.images), learner.net.net(shown).logits)
    assert learner.cost.updates == 60


def test_bytes_and_floats_have_the_same_statistics(tiny_net, tiny_batch):
    one, other = InputNorm(tiny_net()), InputNorm(tiny_net())
    batch = tiny_batch(0)
    one.learn(batch)
    other.learn(Batch(batch.images / 255.0, batch.labels))
    torch.testing.assert_close(one.net.now, other.net.now, atol=1e-7, rtol=1e-6)


def test_what_is_not_finite_is_no_statistic(tiny_net):
    learner, bad = InputNorm(tiny_net()), coloured(0)
    bad.images[0, 0, 0, 0] = float("inf")
    learner.learn(bad)
    assert learner.cost.skipped_updates == 1
    assert not len(learner.net.now)


def test_batch_norm_follows_the_stream_and_the_weights_do_not(tiny_net, tiny_batch):
    net = with_batch_norm(tiny_net())
    assert not any(isinstance(layer, nn.GroupNorm) for layer in net.modules())
    learner = AdaBN(net)
    assert isinstance(learner, Learner)
    weights = {name: p.detach().clone() for name, p in net.named_parameters()}
    images = tiny_batch(0).images / 255.0
    before = learner.predict(images)
    assert torch.equal(before, learner.predict(images))
    for _ in range(100):
        learner.learn(tiny_batch(0, labels=IGNORE))
    seen = net.body[0](images - 0.5)
    torch.testing.assert_close(net.body[1].running_mean, seen.mean((0, 2, 3)).detach(), atol=1e-3, rtol=1e-3)
    assert all(torch.equal(p, weights[name]) for name, p in net.named_parameters())
    assert not torch.equal(before, learner.predict(images))
    assert (learner.cost.forward_frames, learner.cost.backward_frames) == (400, 0)


def test_a_net_without_batch_norm_is_refused(tiny_net):
    with pytest.raises(ValueError, match="use InputNorm"):
        AdaBN(tiny_net())


def test_tent_becomes_surer_and_moves_scales_and_shifts_alone(tiny_net, tiny_batch):
    learner = tent(tiny_net(), Optimizer(learning_rate=5e-2, weight_decay=0.0))
    batch = tiny_batch(0, labels=IGNORE)
    losses = [learner.learn(batch)["entropy"] for _ in range(40)]
    assert losses[-1] < 0.9 * losses[0]
    start = dict(tiny_net().named_parameters())
    moved = [name for name, p in learner.net.named_parameters() if not torch.equal(p, start[name])]
    assert moved == ["body.1.weight", "body.1.bias"]
    assert learner.cost.updates == 40


def test_tent_without_normalisation_is_refused():
    with pytest.raises(ValueError, match="nothing for TENT to adapt"):
        tent(Perceptron((12, 4, 3), generator=torch.Generator().manual_seed(0)), Optimizer())
