"""Distillation, filling in and entropy."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from learners.adamw import Optimizer
from learners.base import IGNORE, Batch, Seen
from learners.cost import Meter
from learners.nets import Perceptron
from learners.online import Online
from learners.recipes import RECIPES, find_recipe
from learners.terms.cassle import Cassle
from learners.terms.entropy import Entropy
from learners.terms.fit import Fit
from learners.terms.heads import features_wide, weights_that_predict
from learners.terms.lwf import LwF, distillation
from learners.terms.selfsup import FillIn
from learners.terms.teacher import Teacher


def shaken(net):
    with torch.no_grad():
        for i, parameter in enumerate(net.parameters()):
            parameter.add_(0.05 * (i + 1))
    return net


def test_distillation_by_hand():
    """Two classes at T = 2: teacher (2 log 3, 0) is (3/4, 1/4), student (0, 0) is (1/2, 1/2)."""
    taught = torch.tensor([2 * math.log(3.0), 0.0]).reshape(1, 2, 1, 1)
    logits = torch.zeros(1, 2, 1, 1, requires_grad=True)
    loss = distillation(logits, taught, temperature=2.0)
    assert loss.item() == pytest.approx(4 * (0.75 * math.log(1.5) + 0.25 * math.log(0.5)))
    loss.backward()
    torch.testing.assert_close(logits.grad.flatten(), torch.tensor([2 * (0.5 - 0.75), 2 * (0.5 - 0.25)]))  # T (q - p)


def test_distillation_is_a_mean_over_pixels():
    one, other = torch.randn(2, 1, 3, 2, 2, generator=torch.Generator().manual_seed(0))
    four = distillation(one.repeat(2, 1, 2, 2), other.repeat(2, 1, 2, 2), 2.0)
    torch.testing.assert_close(distillation(one, other, 2.0), four)


def test_the_teacher_is_the_self_of_the_last_consolidation(tiny_net, tiny_batch):
    net, batch, meter = tiny_net(), tiny_batch(0).as_float(), Meter()
    term = LwF(strength=3.0, meter=meter)
    assert term.loss(batch, net(batch.images), net).item() == 0
    taught = net(batch.images).logits.detach()
    term.consolidate(net, batch, "test")
    shaken(net)
    loss = term.loss(batch, net(batch.images), net)
    torch.testing.assert_close(loss, 3.0 * distillation(net(batch.images).logits, taught, 2.0))
    assert loss.item() > 1e-4
    assert (meter.counts["forward_frames"], meter.counts["backward_frames"]) == (4, 0)
    assert meter.counts["flops"] == 4 * meter.flops_a_frame(net, (3, 8, 8))[0]
    assert term.nbytes == sum(parameter.nbytes for parameter in net.parameters())


def test_a_following_teacher_is_an_exponential_average(tiny_net):
    net, teacher = tiny_net(), Teacher(Meter())
    expected = {name: parameter.detach().clone() for name, parameter in net.named_parameters()}
    teacher.follow(net, 0.25)
    for _ in range(3):
        shaken(net)
        expected = {name: 0.75 * expected[name] + 0.25 * p.detach() for name, p in net.named_parameters()}
        teacher.follow(net, 0.25)
    for name, value in expected.items():
        torch.testing.assert_close(teacher.weights[name], value)


def test_who_teaches_is_a_setting(tiny_learner, tiny_batch):
    before, ema = tiny_learner("lwf"), tiny_learner("lwf", lwf_teacher="ema", lwf_follow=0.25)
    selves = []  # of the one that is followed, as they were asked
    for step in range(2):
        selves.append({name: p.detach().clone() for name, p in ema.net.named_parameters()})
        before.learn(tiny_batch(step))
        ema.learn(tiny_batch(step))
        ema.consolidate("schedule")  # is nothing to it
    assert not before.terms[1].teacher
    before.consolidate("schedule")
    for name, weight in before.terms[1].teacher.weights.items():
        assert torch.equal(weight, before.net.get_parameter(name))
    for name, weight in ema.terms[1].teacher.weights.items():
        torch.testing.assert_close(weight, torch.lerp(selves[0][name], selves[1][name], 0.25))
    with pytest.raises(ValueError, match="no teacher is called 'nobody'; there are earlier self, ema"):
        tiny_learner("lwf", lwf_teacher="nobody")


def test_asking_a_teacher_changes_neither_net_nor_teacher():
    net = nn.Sequential(nn.BatchNorm2d(3), nn.Dropout(0.5))
    teacher = Teacher(Meter())
    teacher.meter.passes = lambda *args, **kwargs: None
    teacher.take(net)
    images = torch.rand(2, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    first = teacher.see(net, images)
    assert torch.equal(first, teacher.see(net, images))
    assert net.training
    assert net[0].num_batches_tracked == 0
    assert not first.requires_grad


def test_a_head_learns_with_the_net_and_is_no_part_of_predicting(tiny_net, tiny_batch):
    net, meter = tiny_net(), Meter()
    plain = {name: value.clone() for name, value in net.state_dict().items()}
    term = FillIn(net, strength=1.0, meter=meter, rng=np.random.default_rng(0), block=4)
    assert list(net.state_dict())[: len(plain)] == list(plain)
    assert torch.equal(net(tiny_batch(0).as_float().images).logits, tiny_net()(tiny_batch(0).as_float().images).logits)
    learner = Online(net, [Fit(), term], meter=meter)
    before = net.fill_in_head[0].weight.detach().clone()
    learner.learn(tiny_batch(0))
    assert not torch.equal(before, net.fill_in_head[0].weight)


def test_weights_that_predict_fit_into_a_net_without_heads(tiny_net, tiny_batch):
    net = tiny_net()
    FillIn(net, strength=1.0, meter=Meter(), rng=np.random.default_rng(0), block=4)
    shaken(net)
    plain = tiny_net(3)
    assert len(net.state_dict()) == len(plain.state_dict()) + 2
    plain.load_state_dict(weights_that_predict(net))
    images = tiny_batch(0).as_float().images
    assert torch.equal(net(images).logits, plain(images).logits)
    assert list(weights_that_predict(plain)) == list(plain.state_dict())


def test_filling_in_counts_its_pass_and_its_head(tiny_net, tiny_batch):
    net, meter = tiny_net(), Meter()
    term = FillIn(net, strength=1.0, meter=meter, rng=np.random.default_rng(0), block=4, frames=2)
    batch = tiny_batch(0).as_float()
    term.loss(batch, net(batch.images), net)
    forward, backward = meter.flops_a_frame(net, (3, 8, 8))
    head = 3 * 2 * (4 * 12) * 16  # forward, and backward to weights and features: two operations a multiply-add
    assert meter.counts["flops"] == 2 * (forward + backward + head)
    assert meter.counts["forward_frames"] == meter.counts["backward_frames"] == 2


def test_what_is_hidden_is_whole_blocks_and_the_asked_share(tiny_net):
    term = FillIn(tiny_net(), strength=1.0, meter=Meter(), rng=np.random.default_rng(0), block=4, hidden=0.25)
    hidden = term.draw_hidden(50, 3, 16, 8)
    assert hidden.shape == (50, 1, 16, 8)
    assert (hidden.flatten(1).sum(1) == 2 * 16).all()  # a quarter of eight blocks
    blocks = F.avg_pool2d(hidden.float(), 4)
    assert ((blocks == 0) | (blocks == 1)).all()
    assert (blocks.mean((0, 1)) > 0).all()
    with pytest.raises(ValueError, match="blocks of 4"):
        term.draw_hidden(1, 3, 10, 8)


def test_only_hidden_pixels_are_asked_for(tiny_net, tiny_batch):
    net, batch = tiny_net(), tiny_batch(0).as_float()
    term = FillIn(net, strength=1.0, meter=Meter(), rng=np.random.default_rng(0), block=4)
    twin = FillIn(tiny_net(), strength=1.0, meter=Meter(), rng=np.random.default_rng(0), block=4)
    loss = term.loss(batch, net(batch.images), net)
    hidden = twin.draw_hidden(*batch.images.shape)
    told = F.pixel_shuffle(net.fill_in_head(net(batch.images.where(~hidden, 0.5)).features), 2)
    wrong = [(told - batch.images)[row][:, hidden[row, 0]].abs() for row in range(4)]
    torch.testing.assert_close(loss, torch.stack(wrong).mean())


def test_filling_in_learns_without_any_label(tiny_net, tiny_batch):
    net = tiny_net()
    meter = Meter()
    term = FillIn(net, strength=1.0, meter=meter, rng=np.random.default_rng(0), block=4)
    assert Online(tiny_net(), [Fit(), term]).learn(tiny_batch(0, labels=IGNORE)) == {}  # unless that is asked for
    net, meter = tiny_net(), Meter()
    term = FillIn(net, strength=1.0, meter=meter, rng=np.random.default_rng(0), block=4, alone=True)
    learner = Online(net, [Fit(), term], meter=meter)
    losses = [learner.learn(tiny_batch(step % 3, labels=IGNORE)) for step in range(60)]
    assert all(loss["fit"] == 0 for loss in losses)
    assert np.mean([loss["selfsup"] for loss in losses[-5:]]) < 0.8 * np.mean([loss["selfsup"] for loss in losses[:5]])


def test_without_answers_filling_in_moves_the_body_and_leaves_the_last_layer(tiny_net, tiny_batch):
    net, meter = tiny_net(), Meter()
    term = FillIn(net, strength=1.0, meter=meter, rng=np.random.default_rng(0), block=4, alone=True)
    learner = Online(net, [Fit(), term], meter=meter, optimizer=Optimizer(weight_decay=0.0))
    learner.learn(tiny_batch(0, labels=IGNORE))
    moved = [name for name, p in tiny_net().named_parameters() if not torch.equal(p, net.get_parameter(name))]
    assert moved == ["body.0.weight", "body.1.weight", "body.1.bias"]


def test_who_wants_to_be_trained_beforehand_says_for_how_long():
    assert {name for name, recipe in RECIPES.items() if recipe.pretrain_updates} == {"ssl"}
    assert find_recipe("er+ssl+ewc").pretrain_updates == RECIPES["ssl"].pretrain_updates == 60


def test_pre_training_on_half_answered_frames_keeps_the_answers(tiny_learner, tiny_batch):
    """As the agent does it: half of a batch is answered. Commissioned by the fit, then trained beforehand."""
    taught = tiny_learner("finetune", learning_rate=1e-2)
    for step in range(80):
        taught.learn(tiny_batch(step % 4))
    pupil = tiny_learner("ssl")
    pupil.net.load_state_dict({**pupil.net.state_dict(), **taught.net.state_dict()})
    for step in range(60):
        new, unknown = tiny_batch(step % 4, frames=2), tiny_batch(step % 7, labels=IGNORE)
        pupil.learn(new + unknown)
    images, labels = tiny_batch(2).images, tiny_batch(2).labels

    def right(learner):
        return (learner.predict(images).argmax(1) == labels)[labels != IGNORE].float().mean()

    assert right(taught) > 0.7
    assert right(pupil) > right(taught) - 0.1


def test_features_too_small_to_fill_in_are_refused(tiny_batch):
    net = Perceptron((12, 8, 3), generator=torch.Generator().manual_seed(0))
    term = FillIn(net, strength=1.0, meter=Meter(), rng=np.random.default_rng(0), block=1, scale=1)
    frames = tiny_batch(0).as_float()
    small = Batch(frames.images[:, :, :2, :2].contiguous(), frames.labels)
    with pytest.raises(ValueError, match="change scale="):
        term.loss(small, net(small.images), net)


def test_old_features_are_distilled_through_the_predictor(tiny_net, tiny_batch):
    net, batch, meter = tiny_net(), tiny_batch(0).as_float(), Meter()
    term = Cassle(net, strength=2.0, meter=meter, generator=torch.Generator().manual_seed(0), hidden=6)
    assert term.loss(batch, net(batch.images), net).item() == 0
    old = net(batch.images).features.detach()
    term.consolidate(net, batch, "test")
    shaken(net)
    seen = net(batch.images)
    loss = term.loss(batch, seen, net)
    told = net.cassle_head(seen.features)
    cosine = (told * old).sum(1) / (told.norm(dim=1) * old.norm(dim=1)).clamp(min=1e-8)
    torch.testing.assert_close(loss, 2 * (1 - cosine.mean()))
    gradients = torch.autograd.grad(loss, [net.body[0].weight, net.cassle_head[0].weight])
    assert all(gradient.abs().sum() > 0 for gradient in gradients)


def test_a_term_is_attached_once_and_to_what_it_knows(tiny_net):
    net = tiny_net()
    make = lambda: Cassle(net, strength=1.0, meter=Meter(), generator=torch.Generator().manual_seed(0))  # noqa: E731
    make()
    with pytest.raises(ValueError, match="'cassle_head' already"):
        make()
    with pytest.raises(ValueError, match="say features="):
        features_wide(nn.Sequential())


def test_entropy_of_answers_by_hand(tiny_batch):
    logits = torch.tensor([[math.log(3.0), 0.0], [0.0, 0.0]]).T.reshape(1, 2, 1, 2).requires_grad_()
    term = Entropy(strength=2.0)
    loss = term.loss(tiny_batch(0), Seen(logits, logits), nn.Identity())
    surer = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    assert loss.item() == pytest.approx(2 * (surer + math.log(2)) / 2)
