"""Projectors: what may not rise does not, what is stored stays, and the nearest vector is the nearest."""

import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from torch import nn

from learners.adamw import Optimizer
from learners.base import IGNORE, Batch, Seen
from learners.cost import Meter
from learners.disk import load_state, save_state
from learners.memory import Reservoir
from learners.online import Online
from learners.projectors.agem import AGEM, without_conflict
from learners.projectors.gem import GEM, without_conflicts
from learners.projectors.gpm import GPM, unfolded, widen
from learners.projectors.ogd import OGD
from learners.terms.fit import Fit

DECAYING = Optimizer(learning_rate=1e-2, weight_decay=0.1)


class Odd(nn.Module):
    """Strides, groups, dilation, padding of several kinds, biases and a normalisation."""

    def __init__(self, seed=0):
        super().__init__()
        torch_rng = torch.Generator().manual_seed(seed)
        self.first = nn.Conv2d(3, 8, 3, stride=2, padding=1, padding_mode="reflect")
        self.norm = nn.GroupNorm(2, 8)
        self.second = nn.Conv2d(8, 8, 3, padding=2, dilation=2, groups=2, bias=False)
        self.third = nn.Conv2d(8, 8, (1, 3), padding="same")
        self.mix = nn.Linear(8, 8)
        self.head = nn.Conv2d(8, 3, 1)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.copy_(0.4 * torch.randn(parameter.shape, generator=torch_rng))
        self.to(memory_format=torch.channels_last)

    def forward(self, images):
        features = self.norm(self.first(images)).relu()
        features = self.third(self.second(features).relu()).relu()
        features = self.mix(features.movedim(1, -1)).movedim(-1, 1).relu()
        return Seen(self.head(features), features)


def vectors(seed, rows=5, size=40):
    generator = torch.Generator().manual_seed(seed)
    common = torch.randn(size, generator=generator)
    gradient = torch.randn(size, generator=generator) - common
    return gradient, torch.randn(rows, size, generator=generator) + common


@pytest.mark.parametrize("seed", range(5))
def test_agem_projects_only_what_conflicts_and_then_onto_the_boundary(seed):
    gradient, references = vectors(seed)
    reference = references[0]
    if torch.dot(gradient, reference) > 0:
        reference = -reference
    bent = without_conflict(gradient, reference)
    assert torch.dot(bent, reference).abs() < 1e-4
    assert torch.dot(bent, gradient) > 0
    taken = gradient - bent  # along the reference, and nowhere else
    torch.testing.assert_close(taken, torch.dot(taken, reference) / torch.dot(reference, reference) * reference)
    assert without_conflict(gradient, -reference) is gradient


@pytest.mark.parametrize("seed", range(5))
def test_gem_solves_its_quadratic_programme(seed):
    gradient, references = vectors(seed)
    bent = without_conflicts(gradient, references).double().numpy()
    g, rows = gradient.double().numpy(), references.double().numpy()
    assert (rows @ g < 0).any()
    assert (rows @ bent > -1e-3).all()
    found = minimize(
        lambda x: 0.5 * ((x - g) ** 2).sum(),
        g,
        jac=lambda x: x - g,
        constraints={"type": "ineq", "fun": lambda x: rows @ x, "jac": lambda x: rows},
        method="SLSQP",
        options={"ftol": 1e-12, "maxiter": 500},
    )
    assert found.success
    np.testing.assert_allclose(bent, found.x, atol=1e-3)


def test_gem_with_a_margin_keeps_its_dual_above_it():
    gradient, references = vectors(1)
    bent = without_conflicts(gradient, references, margin=0.5)
    dual = torch.linalg.lstsq(references.T, (bent - gradient)[:, None]).solution
    assert dual.min() > 0.5 - 1e-4
    assert (references @ bent >= (references @ without_conflicts(gradient, references)).min() - 1e-3).all()


def test_gem_bears_references_that_are_the_same_or_zero():
    gradient, references = vectors(2)
    same = references[:1].repeat(3, 1)
    against = without_conflict(gradient, references[0])
    torch.testing.assert_close(without_conflicts(gradient, same), against, atol=1e-3, rtol=1e-3)
    assert without_conflicts(gradient, torch.zeros(2, 40)) is gradient


@pytest.mark.parametrize("kind", ["agem", "gem"])
def test_the_gradient_that_is_followed_does_not_raise_the_loss_of_what_is_remembered(kind, tiny_net, tiny_batch):
    meter = Meter()
    memory = Reservoir(10_000, frames=0, rng=np.random.default_rng(0))
    projector = AGEM(memory, frames=8, meter=meter) if kind == "agem" else GEM(memory, frames=8, groups=4, meter=meter)
    learner = Online(tiny_net(), [Fit()], memory=memory, projectors=[projector], meter=meter)
    old, contrary = tiny_batch(0, frames=8, labels=0), tiny_batch(1, labels=2)
    learner.remember(old)
    loss = nn.functional.cross_entropy(learner.net(old.images / 255.0).logits, old.labels.long(), ignore_index=IGNORE)
    reference = torch.autograd.grad(loss, list(learner.net.parameters()))
    plain = Online(tiny_net(), [Fit()])
    for one in (plain, learner):
        one.learn(contrary)
    along = [
        sum((a * b).sum().item() for a, b in zip(reference, one.weights.gradients, strict=True))
        for one in (plain, learner)
    ]
    assert along[0] < -1e-3
    assert along[1] > -1e-5
    passes = 1 + (1 if kind == "agem" else 4)
    cost = learner.cost
    assert (cost.forward_passes, cost.backward_passes, cost.forward_frames) == (passes, passes, 4 + 8)
    assert cost.bytes_kept == memory.nbytes


def test_a_reference_that_is_not_finite_stops_the_update(tiny_net, tiny_batch):
    class Broken:
        acts_on, nbytes, consolidation_frames = "gradient", 0, 0

        def project(self, vectors, mixed, net):
            vectors[-1].mul_(torch.nan)

    learner = Online(tiny_net(), [Fit()], projectors=[Broken()])
    assert learner.learn(tiny_batch(0)) == {}
    assert learner.cost.skipped_updates == 1
    assert all(torch.equal(a, b) for a, b in zip(learner.net.parameters(), tiny_net().parameters(), strict=True))


def test_ogd_leaves_the_stored_answers_of_a_linear_net_unchanged():
    """For a net that is linear in its weights the first order is all there is."""

    class Linear(nn.Module):
        def __init__(self):
            super().__init__()
            self.head = nn.Conv2d(3, 3, 3, padding=1)

        def forward(self, images):
            return Seen(self.head(images), images)

    generator = torch.Generator().manual_seed(0)
    learner = Online(
        Linear(),
        [Fit()],
        projectors=[OGD(directions=40, rng=np.random.default_rng(0), meter=Meter(), frames=3, pixels=99)],
        optimizer=DECAYING,
    )
    images = torch.randint(0, 256, (6, 3, 2, 2), dtype=torch.uint8, generator=generator)
    labels = torch.randint(0, 3, (6, 2, 2), generator=generator)
    labels[:3, 0, 0] = IGNORE
    learner.learn(Batch(images[:3], labels[:3]))
    learner.consolidate("test")
    basis = learner.projectors[0].basis
    assert basis.shape == (9, 84)
    torch.testing.assert_close(basis @ basis.T, torch.eye(9), atol=1e-5, rtol=0)
    before = learner.predict(images)
    for _ in range(20):
        learner.learn(Batch(images[3:], labels[3:]))
    after = learner.predict(images)
    answers = labels[:3].clamp(max=2)[:, None]
    known = (labels[:3] != IGNORE)[:, None]
    moved = (after - before)[:3].gather(1, answers)[known].abs().max()
    assert moved < 1e-4 < 0.05 < (after - before)[3:].abs().max()


def test_the_basis_of_ogd_is_bounded_and_the_oldest_leave(tiny_net, tiny_batch):
    ogd = OGD(directions=5, rng=np.random.default_rng(0), meter=Meter(), frames=4)
    learner = Online(tiny_net(), [Fit()], projectors=[ogd])
    for step in range(3):
        learner.learn(tiny_batch(step))
        last = ogd.basis
        learner.consolidate("test")
    size = sum(parameter.numel() for parameter in learner.net.parameters())
    assert ogd.basis.shape == (5, size)
    assert torch.equal(ogd.basis[0], last[-1])
    assert learner.cost.bytes_kept >= 5 * size * 4


def test_patches_times_weights_are_the_layers_answer():
    net = Odd()
    generator = torch.Generator().manual_seed(1)

    def drawn(*shape):
        return torch.rand(shape, generator=generator)

    inputs = {net.first: drawn(2, 3, 8, 10), net.second: drawn(2, 8, 5, 5), net.third: drawn(2, 8, 4, 6)}
    inputs[net.mix] = drawn(3, 4, 8)
    for layer, given in inputs.items():
        patches = unfolded(layer, given)
        rows = layer.weight.reshape(len(patches), -1, layer.weight[0].numel())
        if layer.bias is not None:
            rows = torch.cat((rows, layer.bias.reshape(len(patches), -1, 1)), 2)
        answer = layer(given)
        channels = answer.reshape(-1, 8).T if isinstance(layer, nn.Linear) else answer.movedim(1, 0).flatten(1)
        torch.testing.assert_close((rows @ patches).flatten(0, 1), channels, atol=1e-5, rtol=1e-5)


def test_a_basis_has_the_fewest_directions_and_counts_what_it_held():
    lengths = torch.tensor([3.0, 2.0, 1.0, 0.5])  # squares 9, 4, 1, 0.25 of 14.25
    inputs = torch.diag(lengths)
    assert [widen(inputs, None, eps, 1.0).shape[1] for eps in (0.6, 0.8, 0.95, 0.99, 1.0)] == [1, 2, 3, 4, 4]
    old = torch.eye(4)[:, :1]
    wider = widen(inputs, old, 0.8, 1.0)
    assert wider.shape[1] == 2
    assert torch.equal(wider[:, :1], old)
    assert widen(inputs, wider, 0.8, 1.0).shape[1] == 2
    assert widen(inputs, None, 1.0, 0.5).shape[1] == 2


@pytest.mark.parametrize("net_of", [Odd, None], ids=["odd", "tiny"])
def test_gpm_leaves_the_answers_to_stored_frames_unchanged(net_of, tiny_net, tiny_batch):
    gpm = GPM(eps=1.0, rng=np.random.default_rng(0), meter=Meter(), frames=1, largest_share=1.0)
    learner = Online((net_of or tiny_net)(), [Fit()], projectors=[gpm], optimizer=DECAYING)
    generator = torch.Generator().manual_seed(3)
    images = torch.randint(0, 256, (9, 3, 4, 4), dtype=torch.uint8, generator=generator)
    labels = torch.randint(0, 3, (9, 2, 2), generator=generator)
    for _ in range(3):
        learner.learn(Batch(images[:1], labels[:1]))
    learner.consolidate("test")
    before = learner.predict(images)
    for _ in range(20):
        learner.learn(Batch(images[1:], labels[1:]))
    moved = (learner.predict(images) - before).abs().amax((1, 2, 3))
    assert moved[0] < 2e-4
    assert moved[1:].max() > 0.02
    bound = sum(layer.weight[0].numel() + 1 for layer in learner.net.modules() if hasattr(layer, "weight"))
    assert 0 < gpm.nbytes <= 4 * bound**2


@pytest.mark.parametrize("kind", ["ogd", "gpm"])
def test_saved_and_continued_is_never_having_stopped(kind, tiny_net, tiny_batch, tmp_path):
    def make(seed):
        meter, rng = Meter(), np.random.default_rng(seed)
        ogd = OGD(directions=6, rng=rng, meter=meter, frames=4, pixels=2)
        gpm = GPM(eps=0.9, rng=rng, meter=meter, frames=4, patches=20)
        return Online(tiny_net(), [Fit()], projectors=[ogd if kind == "ogd" else gpm], meter=meter)

    one, other = make(1), make(2)
    for step in range(6):
        one.learn(tiny_batch(step))
        if step % 3 == 2:
            one.consolidate("test")
    save_state(tmp_path / "state.safetensors", one.state_dict())
    other.load_state_dict(load_state(tmp_path / "state.safetensors"))
    for learner in (one, other):
        learner.learn(tiny_batch(6))
        learner.consolidate("test")
        learner.learn(tiny_batch(7))
    assert all(torch.equal(a, b) for a, b in zip(one.net.parameters(), other.net.parameters(), strict=True))
    assert one.cost == other.cost
