"""Three Fishers, each with its definition."""

import numpy as np
import torch
from torch import nn

from learners.base import IGNORE, Batch, Seen
from learners.cost import Meter
from learners.fisher import draw_labels, empirical_fisher, exact_fisher, sampled_fisher
from learners.nets import Perceptron


class Softmax(nn.Module):
    """Softmax regression of each pixel's channels: logits = W x."""

    def __init__(self, weight):
        super().__init__()
        self.weight = nn.Parameter(weight)

    def forward(self, images):
        return Seen(torch.einsum("kc,bchw->bkhw", self.weight, images), images)


def regression(generator, frames=2):
    net = Softmax(torch.randn(3, 2, generator=generator))
    images = torch.randn(frames, 2, 2, 3, generator=generator)
    labels = torch.randint(0, 3, (frames, 2, 3), generator=generator)
    return net, Batch(images, labels)


def closed_form(net, batch):
    """F[k, c] = mean over pixels of p_k (1 - p_k) x_c^2."""
    p = net(batch.images).logits.softmax(1).detach()
    spread = (p * (1 - p))[:, :, None] * batch.images[:, None] ** 2
    answered = (batch.labels != IGNORE)[:, None, None].expand_as(spread)
    return (spread * answered).sum((0, 3, 4)) / (batch.labels != IGNORE).sum()


def test_exact_fisher_of_softmax_regression_is_its_closed_form(generator):
    net, batch = regression(generator)
    torch.testing.assert_close(exact_fisher(net, batch, Meter())["weight"], closed_form(net, batch))


def test_unanswered_pixels_do_not_count(generator):
    net, batch = regression(generator)
    batch.labels[0] = IGNORE
    torch.testing.assert_close(exact_fisher(net, batch, Meter())["weight"], closed_form(net, batch))
    torch.testing.assert_close(exact_fisher(net, batch, Meter())["weight"], closed_form(net, batch[1:]))


def test_sampled_fisher_is_unbiased(tiny_net, tiny_batch):
    """Many draws in passes of several frames agree with the exact Fisher, parameter by parameter."""
    net, batch = tiny_net(), tiny_batch(0, frames=3).as_float()
    with torch.no_grad():
        net.head.weight.mul_(20)  # away from the undecided answers of a new net, where empirical and sampled agree
    exact = exact_fisher(net, batch, Meter())
    rng, repeats = np.random.default_rng(0), 300
    draws = [sampled_fisher(net, batch, rng, Meter(), draws=2, group=3) for _ in range(repeats)]
    scores = []
    for name, truth in exact.items():
        each = torch.stack([draw[name] for draw in draws])
        error = each.std(0) / repeats**0.5
        scores.append(((each.mean(0) - truth) / error)[truth > 1e-9].flatten())
    z = torch.cat(scores)
    assert len(z) > 100
    assert z.abs().max() < 5
    assert z.abs().mean() < 1.2  # 0.8 for a normal one


def test_the_squared_mean_gradient_of_true_labels_is_no_fisher(generator):
    """Why the sampled one draws its labels: with true labels the cross terms stay, and grow with the pixels."""
    net = Softmax(torch.zeros(3, 2))
    images = torch.ones(1, 2, 10, 10)
    batch = Batch(images, torch.zeros(1, 10, 10).long())
    exact = exact_fisher(net, batch, Meter())["weight"]
    loss = nn.functional.cross_entropy(net(images).logits, batch.labels)
    (gradient,) = torch.autograd.grad(loss, net.weight)
    assert (100 * gradient[0] ** 2 / exact[0]).min() > 100


def test_empirical_fisher_squares_image_by_image(generator):
    net, batch = regression(generator, frames=4)
    squares = []
    for row in range(4):
        loss = nn.functional.cross_entropy(net(batch.images[row : row + 1]).logits, batch.labels[row : row + 1])
        squares.append(torch.autograd.grad(loss, net.weight)[0] ** 2)
    torch.testing.assert_close(empirical_fisher(net, batch, Meter())["weight"], torch.stack(squares).mean(0))


def test_drawn_labels_have_the_models_frequencies():
    probabilities = torch.tensor([0.1, 0.6, 0.3]).reshape(1, 3, 1, 1).expand(1, 3, 100, 100)
    labels = draw_labels(probabilities, np.random.default_rng(0))
    frequencies = torch.bincount(labels.flatten(), minlength=3) / 1e4
    assert (frequencies - torch.tensor([0.1, 0.6, 0.3])).abs().max() < 0.02


def test_a_fisher_leaves_the_net_as_it_was(generator):
    net = Perceptron((12, 5, 3), generator=generator).train()
    batch = Batch(torch.rand(3, 3, 2, 2, generator=generator), torch.zeros(3, 1, 1).long())
    before = [parameter.clone() for parameter in net.parameters()]
    for fisher in (
        sampled_fisher(net, batch, np.random.default_rng(0), Meter()),
        empirical_fisher(net, batch, Meter()),
        exact_fisher(net, batch, Meter()),
    ):
        assert all((value >= 0).all() for value in fisher.values())
    assert net.training
    assert all(parameter.grad is None for parameter in net.parameters())
    assert all(torch.equal(a, b) for a, b in zip(before, net.parameters(), strict=True))
