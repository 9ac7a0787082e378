"""Methods against numbers and programs that others have written down: by hand, by scipy, by scikit-learn."""

import copy

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy import stats
from scipy.optimize import lsq_linear
from sklearn.datasets import load_digits
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from torch import nn

from learners.adamw import Optimizer
from learners.base import IGNORE, Batch, Seen
from learners.cost import Meter
from learners.masks import ChannelMasked
from learners.memory import Reservoir
from learners.nets import Perceptron, TinyNet
from learners.online import Online
from learners.projectors.gem import without_conflicts
from learners.projectors.ogd import OGD
from learners.recipes import make_learner
from learners.slda import SLDA
from learners.terms.ewc import EWC, fisher_named
from learners.terms.fit import Fit


class Logistic(nn.Module):
    """Two logits, theta_k x each, for an image of one pixel x."""

    def __init__(self, *theta):
        super().__init__()
        self.theta = nn.Parameter(torch.tensor(theta))

    def forward(self, images):
        return Seen(self.theta.reshape(1, 2, 1, 1) * images, images)


def test_ewc_of_a_logistic_regression_from_its_fisher_to_its_gradient():
    """F_k = mean of p (1 - p) x^2; the pull is lambda F (theta - theta*), beside the fit's (p - y) x."""
    x = torch.tensor([1.0, 2.0])
    batch = Batch(x.reshape(2, 1, 1, 1), torch.tensor([0, 1], dtype=torch.uint8).reshape(2, 1, 1))
    net, anchors, fishers = Logistic(0.5, -0.25), ((0.5, -0.25), (0.25, 0.25)), []
    ewc = EWC(strength=3.0, decay=0.5, fisher=fisher_named("exact", Meter()), rng=np.random.default_rng(0))
    for theta in anchors:
        net.theta.data = torch.tensor(theta)
        ewc.consolidate(net, batch, "test")
        p = torch.sigmoid((theta[0] - theta[1]) * x)
        fishers.append((p * (1 - p) * x**2).mean().item())
    stiff = 0.5 * fishers[0] + fishers[1]
    away = torch.tensor([0.75, -0.5])
    net.theta.data = torch.tensor(anchors[-1]) + away
    seen = net(batch.images)
    penalty, fit = ewc.loss(batch, seen, net), Fit().loss(batch, seen, net)
    assert penalty.item() == pytest.approx(0.5 * 3.0 * stiff * (0.75**2 + 0.5**2), rel=1e-6)
    (gradient,) = torch.autograd.grad(penalty + fit, [net.theta])
    p = torch.sigmoid((net.theta[0] - net.theta[1]).detach() * x)
    of_the_fit = torch.stack((((p - torch.tensor([1.0, 0.0])) * x).mean(), ((torch.tensor([1.0, 0.0]) - p) * x).mean()))
    torch.testing.assert_close(gradient, of_the_fit + 3.0 * stiff * away)


@pytest.mark.parametrize("margin", [0.0, 0.5])
@pytest.mark.parametrize("seed", range(5))
def test_gem_with_a_margin_solves_the_dual_programme(seed, margin):
    """min 1/2 v'RR'v + (Rg)'v over v >= margin is min |R'v + g|^2: bounded least squares, by scipy."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=30)
    gradient, rows = rng.normal(size=30) - common, rng.normal(size=(6, 30)) + common
    found = lsq_linear(rows.T, -gradient, bounds=(margin, np.inf), tol=1e-14, lsmr_tol="auto")
    bent = without_conflicts(torch.from_numpy(gradient), torch.from_numpy(rows), margin=margin).numpy()
    assert (rows @ gradient < 0).any()
    np.testing.assert_allclose(bent, gradient + rows.T @ found.x, atol=1e-5)
    along = rows @ bent
    assert along.min() > -1e-5  # no constraint is broken, and one that is not met exactly does not pull
    assert np.abs((found.x - margin) * along).max() < 1e-4


class Smooth(nn.Module):
    """Twice differentiable in its weights."""

    def __init__(self):
        super().__init__()
        self.first, self.head = nn.Conv2d(3, 6, 3, padding=1), nn.Conv2d(6, 3, 1)
        generator = torch.Generator().manual_seed(4)
        for parameter in self.parameters():
            parameter.data = 0.5 * torch.randn(parameter.shape, generator=generator)

    def forward(self, images):
        features = torch.tanh(self.first(images))
        return Seen(self.head(features), features)


def test_ogd_moves_stored_answers_in_second_order_only():
    """Of half a step their change is a quarter; that of other answers is half."""
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(4, 3, 2, 2, generator=generator)
    labels = torch.randint(0, 3, (4, 2, 2), generator=generator)

    def moved(step):
        ogd = OGD(directions=40, rng=np.random.default_rng(0), meter=Meter(), frames=1, pixels=4)
        learner = Online(Smooth(), [Fit()], projectors=[ogd], optimizer=Optimizer(step, weight_decay=0.1))
        learner.remember(Batch(images[:1], labels[:1]))
        learner.consolidate("test")
        before = learner.predict(images)
        learner.learn(Batch(images[1:], labels[1:]))
        change = learner.predict(images) - before
        return change[:1].gather(1, labels[:1, None]).abs().sum().item(), change[1:].abs().sum().item()

    (stored, others), (stored_half, others_half) = moved(0.04), moved(0.02)
    assert stored / stored_half == pytest.approx(4.0, rel=0.15)
    assert others / others_half == pytest.approx(2.0, rel=0.15)


def test_every_frame_held_is_recalled_with_the_same_probability():
    """The chi-square of draws without replacement: sum (c - Rp)^2 / [Rp(1-p)N/(N-1)] ~ chi2(N-1)."""
    held, recalled, runs = 24, 8, 1500
    images = torch.arange(held, dtype=torch.uint8).reshape(-1, 1, 1, 1)
    memory = Reservoir(2 * held, frames=recalled, rng=np.random.default_rng(0))
    memory.remember(Batch(images, torch.zeros(held, 1, 1, dtype=torch.uint8)))
    counts = np.zeros(held)
    for _ in range(runs):
        rows = memory.recall(Batch(images[:1], torch.zeros(1, 1, 1).byte()), nn.Identity()).images.flatten().numpy()
        assert len(np.unique(rows)) == recalled
        counts[rows] += 1
    p = recalled / held
    chi_square = ((counts - runs * p) ** 2).sum() / (runs * p * (1 - p) * held / (held - 1))
    assert 0.005 < stats.chi2.sf(chi_square, held - 1) < 0.995


def digits():
    features, labels = load_digits(return_X_y=True)
    return torch.from_numpy(features / 16.0), torch.from_numpy(labels)


@pytest.mark.parametrize("shrinkage", [1e-3, 0.1, 0.9])
def test_streaming_analysis_is_that_of_scikit_learn(shrinkage):
    """There the identity is scaled by the mean variance, which is 1 here, and each class has its own prior."""
    features, labels = digits()
    within = torch.cat([features[labels == k] - features[labels == k].mean(0) for k in range(10)])
    features = features / within.square().mean().sqrt()
    slda = SLDA(shrinkage=shrinkage)
    for rows in torch.arange(len(labels)).split(100):
        slda.fit(features[rows], labels[rows], 10)
    theirs = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage).fit(features.numpy(), labels.numpy())
    weights, biases = (value.numpy() for value in slda.scores())
    np.testing.assert_allclose(weights, theirs.coef_, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(biases, theirs.intercept_ - np.log(theirs.priors_), rtol=1e-4, atol=1e-4)


def test_the_recipe_answers_as_scikit_learn_does_on_the_same_features():
    """As many of each class, so that priors agree; e I against s mu I is only another name for the shrinkage."""
    features, labels = digits()
    rows = torch.cat([(labels == k).nonzero()[:100, 0] for k in range(10)])
    rows = rows[torch.from_numpy(np.random.default_rng(0).permutation(len(rows)))]
    images, answers = features[rows].float().reshape(-1, 1, 8, 8), labels[rows]
    net = Perceptron((64, 24, 10), generator=torch.Generator().manual_seed(0))
    learner = make_learner("slda", net, seed=0)
    for some in torch.arange(len(rows)).split(16):
        learner.learn(Batch(images[some], answers[some, None, None]))
    seen = net(images).features.detach().flatten(1).double().numpy()
    mean_variance = np.mean([seen[answers.numpy() == k].var(0) for k in range(10)])
    e = SLDA().shrinkage
    theirs = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=e / (e + mean_variance * (1 - e)))
    said = theirs.fit(seen, answers.numpy()).predict(seen)
    ours = learner.predict(images).argmax(1).flatten().numpy()
    assert (ours == said).mean() > 0.998
    assert (ours == answers.numpy()).mean() > 0.8


@pytest.mark.parametrize("name", ["packnet+shrink", "hat+shrink"])
def test_what_a_closed_regime_owns_is_bit_identical_under_momentum_decay_and_shaking(name, tiny_batch):
    net = TinyNet(3, generator=torch.Generator().manual_seed(0), width=8)
    learner = make_learner(
        name,
        net,
        seed=0,
        learning_rate=1e-2,
        weight_decay=0.1,
        regime_source="oracle season",
        prune_after=3,
        shrink_every=1,
        shrink_keep=0.9,
        shrink_noise=0.1,
    )
    learner.consolidate("season:spring")
    for step in range(6):  # moments are under way when the regime ends
        learner.learn(tiny_batch(step))
    learner.consolidate("season:summer")
    before = {name: parameter.detach().clone() for name, parameter in net.named_parameters()}
    frozen = {name: owned(learner.net, name, parameter) for name, parameter in net.named_parameters()}
    for step in range(6, 12):
        learner.learn(tiny_batch(step))
    for name, parameter in net.named_parameters():
        mine = frozen[name]
        assert mine.any()
        assert torch.equal(parameter[mine], before[name][mine])
        assert mine.all() or (parameter[~mine] != before[name][~mine]).any()
    assert not all(mine.all() for mine in frozen.values())


def owned(net, name, parameter):
    """What the first regime owns of a parameter, as bools of its shape; the net's own table of owners is asked."""
    mine = torch.ones_like(parameter, dtype=torch.bool)
    if not isinstance(net, ChannelMasked):
        return net.owner(name) == 0 if name in net.masked else mine
    channels = net.owner(0) == 0
    if name == "head.weight":
        return mine & channels[None, :, None, None]
    return mine & channels.reshape(-1, *(1,) * (parameter.ndim - 1)) if name.startswith("body") else mine


def mean_loss(logits, labels):
    return F.cross_entropy(logits, labels.long(), ignore_index=IGNORE).item()


def test_dark_experience_is_told_its_losses_by_what_was_said_before_the_first_step(tiny_net, tiny_batch):
    """The second update of DER++, whose two draws are all four frames of the first."""
    alpha, beta, stride = 0.3, 0.7, 2
    net = tiny_net()
    learner = make_learner(
        "der++", net, seed=0, memory_bytes=10_000, der_alpha=alpha, der_beta=beta, der_stride=stride, learning_rate=1e-2
    )
    old, new = tiny_batch(0), tiny_batch(1)
    said = net(old.images / 255.0).logits[:, :, ::stride, ::stride].detach().half().float()
    learner.learn(old)
    with torch.no_grad():
        now, of_new = net(old.images / 255.0).logits, net(new.images / 255.0).logits
    losses = learner.learn(new)
    distance = (now[:, :, ::stride, ::stride] - said).square().mean().item()
    assert distance > 1e-6
    assert losses["der"] == pytest.approx(alpha * distance, rel=1e-4)
    assert losses["fit"] == pytest.approx(mean_loss(of_new, new.labels) + beta * mean_loss(now, old.labels), rel=1e-5)


def test_learning_without_forgetting_is_told_its_loss_by_the_self_of_the_last_consolidation(tiny_net, tiny_batch):
    strength, warmth = 0.7, 3.0
    net = tiny_net()
    learner = make_learner("lwf", net, seed=0, lwf_strength=strength, lwf_temperature=warmth, learning_rate=5e-2)
    learner.learn(tiny_batch(0))
    learner.consolidate("schedule")
    teacher = copy.deepcopy(net)
    for step in range(1, 4):
        learner.learn(tiny_batch(step))
    images = tiny_batch(4).images / 255.0
    with torch.no_grad():
        taught, said = (one(images).logits.double() / warmth for one in (teacher, net))
    p, q = (logits.exp() / logits.exp().sum(1, keepdim=True) for logits in (taught, said))
    apart = (p * (p / q).log()).sum(1).mean().item()  # KL(teacher || student), a mean over pixels
    assert apart > 1e-4
    assert learner.learn(tiny_batch(4))["lwf"] == pytest.approx(strength * warmth**2 * apart, rel=1e-3)
