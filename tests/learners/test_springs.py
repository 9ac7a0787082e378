"""L2, L2 to initialisation, synaptic intelligence and memory aware synapses, by hand on two parameters."""

import numpy as np
import pytest
import torch
from torch import nn

from learners.adamw import Optimizer
from learners.base import Batch, Seen
from learners.cost import Meter
from learners.online import Online
from learners.plasticity.shrink import Shrink
from learners.terms.fit import Fit
from learners.terms.l2 import L2
from learners.terms.l2init import L2Init
from learners.terms.mas import MAS, sensitivity
from learners.terms.quadratic import Spring
from learners.terms.si import SI


class TwoParameters(nn.Module):
    """Logits are theta times the image's one pixel."""

    def __init__(self, first, second):
        super().__init__()
        self.theta = nn.Parameter(torch.tensor([first, second]))

    def forward(self, images):
        return Seen(self.theta.reshape(1, 2, 1, 1) * images, images)


def frames(*pixels):
    return Batch(torch.tensor(pixels).reshape(-1, 1, 1, 1), torch.zeros(len(pixels), 1, 1, dtype=torch.uint8))


def moved_to(net, *theta):
    with torch.no_grad():
        net.theta.copy_(torch.tensor(theta))


def penalty_and_gradient(term, net, batch):
    loss = term.loss(batch, net(batch.images), net)
    (gradient,) = torch.autograd.grad(loss, [net.theta])
    return loss.item(), gradient.tolist()


def test_l2_holds_all_weights_alike_to_the_last_consolidation():
    net, term, batch = TwoParameters(1.0, 2.0), L2(strength=3.0), frames(1.0)
    assert term.loss(batch, net(batch.images), net).item() == 0
    term.consolidate(net, batch, "test")
    moved_to(net, 1.5, 1.0)
    assert penalty_and_gradient(term, net, batch) == (0.5 * 3 * (0.25 + 1.0), [1.5, -3.0])
    term.consolidate(net, batch, "test")
    assert penalty_and_gradient(term, net, batch) == (0.0, [0.0, 0.0])
    assert term.nbytes == 2 * 4


def test_l2_to_initialisation_never_forgets_where_it_began():
    net, batch = TwoParameters(1.0, 2.0), frames(1.0)
    term = L2Init(net, strength=3.0)
    moved_to(net, 1.5, 1.0)
    term.consolidate(net, batch, "test")
    assert penalty_and_gradient(term, net, batch) == (3 * (0.25 + 1.0), [3.0, -6.0])


def test_mas_is_the_sensitivity_of_the_squared_logits_image_by_image():
    """||f||^2 = theta_1^2 x^2 + theta_2^2 x^2, so its gradient is 2 theta x^2; |.| before the mean over images."""
    net, batch, meter = TwoParameters(1.0, -2.0), frames(1.0, 3.0), Meter()
    assert sensitivity(net, batch, meter)["theta"].tolist() == [2 * (1 + 9) / 2, 4 * (1 + 9) / 2]
    assert (meter.counts["forward_passes"], meter.counts["backward_frames"]) == (2, 2)


def test_mas_penalty_gradient_and_accumulation():
    net, batch = TwoParameters(1.0, -2.0), frames(1.0)
    term = MAS(strength=5.0, meter=Meter(), decay=0.5)
    term.consolidate(net, batch, "test")  # importance 2, 4
    moved_to(net, 2.0, -1.0)
    assert penalty_and_gradient(term, net, batch) == (5 * (2 * 1 + 4 * 1), [2 * 5 * 2, 2 * 5 * 4])
    term.consolidate(net, batch, "test")
    assert term.spring.stiffness["theta"].tolist() == [0.5 * 2 + 4, 0.5 * 4 + 2]


def test_mas_needs_no_answers(tiny_net, tiny_batch):
    net = tiny_net()
    with_labels = sensitivity(net, tiny_batch(0).as_float(), Meter())
    without = sensitivity(net, tiny_batch(0, labels=255).as_float(), Meter())
    assert all(torch.equal(with_labels[name], without[name]) for name in with_labels)
    assert with_labels["head.weight"].abs().sum() > 0


def test_si_by_hand():
    """Two steps: w = -(g delta) summed, Omega = max(w, 0) / (Delta^2 + xi)."""
    net, batch = TwoParameters(1.0, 2.0), frames(1.0)
    term = SI(net, strength=2.0, xi=0.5, decay=0.5)
    for gradient, change in (([1.0, 1.0], [-0.5, 0.25]), ([2.0, -1.0], [-0.5, 0.0])):
        term.loss(batch, net(batch.images), net)
        moved_to(net, *(net.theta.detach() + torch.tensor(change)).tolist())
        term.witness(torch.tensor(gradient), torch.tensor(change), net)
    assert term.gain.tolist() == [1.5, -0.25]
    term.consolidate(net, batch, "test")
    assert term.spring.stiffness["theta"].tolist() == [1.5 / (1 + 0.5), 0.0]  # the negative gain is cut
    assert term.gain.tolist() == [0.0, 0.0]
    moved_to(net, 1.0, 9.0)  # from the anchor 0.0, 2.25
    assert penalty_and_gradient(term, net, batch) == (2 * 1.0 * 1, [2 * 2 * 1.0 * 1, 0.0])


@pytest.mark.parametrize("gradient", ["task", "total"])
def test_si_leaves_its_own_penalty_out_of_the_task(gradient):
    net, batch = TwoParameters(1.0, 2.0), frames(1.0)
    term = SI(net, strength=2.0, xi=0.5, gradient=gradient)
    term.witness(torch.tensor([1.0, 1.0]), torch.tensor([-1.0, -1.0]), net)
    moved_to(net, 0.0, 1.0)
    term.consolidate(net, batch, "test")  # Omega = 1 / 1.5 for both
    moved_to(net, 1.0, 1.0)
    term.loss(batch, net(batch.images), net)
    own = 2 * 2 / 1.5
    term.witness(torch.tensor([own + 3.0, 3.0]), torch.tensor([-1.0, -1.0]), net)
    torch.testing.assert_close(term.gain, torch.tensor([3.0 + (own if gradient == "total" else 0.0), 3.0]))


def test_si_sums_the_fall_of_the_loss_along_the_way(tiny_net, tiny_batch):
    """In small steps on one batch, the sum of w is the loss that fell; clipping does not shorten the gradient in it."""
    net, batch = tiny_net(), tiny_batch(0)
    term = SI(net, strength=1.0)
    learner = Online(net, [Fit(), term], optimizer=Optimizer(1e-4, weight_decay=0.0, clip_norm=1e-3))
    losses = [learner.learn(batch)["fit"] for _ in range(41)]
    gain = term.gain.sum().item()
    assert losses[0] - losses[40] > 0.01
    assert gain == pytest.approx(losses[0] - losses[40], rel=0.1)


def test_the_change_that_si_sees_is_the_finished_one(tiny_net, tiny_batch):
    net, seen = tiny_net(), []

    class Watching(SI):
        def witness(self, gradient, change, net):
            seen.append((gradient.clone(), change.clone()))
            super().witness(gradient, change, net)

    learner = Online(net, [Fit(), Watching(net, strength=1.0)])
    before = learner.weights.vector.detach().clone()
    learner.learn(tiny_batch(0))
    assert torch.equal(seen[0][1], learner.weights.vector.detach() - before)
    assert torch.equal(seen[0][0], learner.weights.gradient)


def test_what_a_projector_makes_of_the_change_is_in_it_and_not_in_the_gradient(tiny_net, tiny_batch):
    net, plain = tiny_net(), tiny_net()
    shrink = Shrink(rng=np.random.default_rng(0), keep=0.5, noise=0.0, every=1)
    term = SI(net, strength=1.0)
    learner = Online(net, [Fit(), term], projectors=[shrink], optimizer=Optimizer(0.0, weight_decay=0.0))
    learner.learn(tiny_batch(0))
    frames = tiny_batch(0).as_float()
    gradients = torch.autograd.grad(Fit().loss(frames, plain(frames.images), plain), list(plain.parameters()))
    halved = [-0.5 * p.detach() if p.ndim > 1 else torch.zeros_like(p) for p in plain.parameters()]
    expected = -sum((g * half).sum() for g, half in zip(gradients, halved, strict=True))
    assert expected.abs() > 1e-3
    torch.testing.assert_close(term.gain.sum(), expected)


def test_the_spring_is_what_autograd_finds_whatever_the_layout(tiny_net):
    net = tiny_net()
    stiffness = {
        name: torch.rand(p.shape, generator=torch.Generator().manual_seed(1)) for name, p in net.named_parameters()
    }
    spring = Spring()
    spring.fasten(net, stiffness)
    anchor = {name: p.detach().clone() for name, p in net.named_parameters()}
    with torch.no_grad():
        for i, parameter in enumerate(net.parameters()):
            parameter.add_(0.1 * (i + 1))
    written = torch.autograd.grad(spring.pull(net, 3.0), list(net.parameters()))
    plain = 1.5 * sum((stiffness[n] * (p - anchor[n]) ** 2).sum() for n, p in net.named_parameters())
    torch.testing.assert_close(spring.pull(net, 3.0), plain)
    torch.testing.assert_close(written, torch.autograd.grad(plain, list(net.parameters())))


@pytest.mark.parametrize(
    "make",
    [
        lambda net: L2(strength=-1.0),
        lambda net: L2Init(net, strength=-1.0),
        lambda net: MAS(strength=1.0, meter=Meter(), decay=2.0),
        lambda net: SI(net, strength=1.0, xi=0.0),
    ],
)
def test_numbers_out_of_range_are_refused(make):
    with pytest.raises(ValueError, match="expected"):
        make(TwoParameters(1.0, 2.0))
