"""Shrinking, and channels begun anew."""

import numpy as np
import pytest
import torch
from torch import nn

from learners.adamw import Optimizer
from learners.base import Batch, Seen, trainable
from learners.cost import Meter
from learners.nets import Perceptron, SegNet, TinyNet
from learners.online import Online
from learners.plasticity.cbp import CBP
from learners.plasticity.redo import ReDo, dormancy
from learners.plasticity.renewing import Renewing
from learners.plasticity.shrink import Shrink
from learners.plasticity.units import activity, find_units, renew
from learners.terms.fit import Fit


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def perceptron():
    """None of its channels is dormant."""
    net = Perceptron((12, 6, 5, 3), generator=seeded())
    with torch.no_grad():
        net.head.weight.mul_(10)
        for layer in net.hidden:
            layer.weight.mul_(0.3)
            layer.bias.add_(1.0)
    return net


def small_batch(step=0, rows=6):
    rng = np.random.default_rng(step)
    images = torch.from_numpy(rng.integers(0, 256, (rows, 3, 2, 2), dtype=np.uint8))
    return Batch(images, torch.from_numpy(rng.integers(0, 3, (rows, 1, 1), dtype=np.uint8)))


def silence(layer, channel, level):
    """Make a channel say `level`, whatever comes in."""
    with torch.no_grad():
        layer.weight[channel] = 0.0
        layer.bias[channel] = level


def test_units_are_the_channels_that_one_layer_alone_reads():
    """Of the default net, all but those that a skip carries on or into which one is added."""
    net = SegNet(4, generator=seeded())
    names = {units.name: units.reader for units in find_units(net, torch.rand(1, 3, 16, 16, generator=seeded()))}
    assert list(names) == ["down2.0.0", "down4.0.0", "down4.1.0", "down8.0.0", "down8.1.0", "up4.0", "up2.0"]
    assert names["down8.1.0"] is net.narrow4
    assert names["up4.0"] is net.narrow2
    assert names["up2.0"] is net.head


def test_finding_units_leaves_the_net_alone(tiny_net):
    net, images = tiny_net().train(), torch.rand(1, 3, 8, 8, generator=seeded())
    find_units(net, images)
    assert net.training
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), tiny_net().parameters(), strict=True))
    assert torch.equal(net(images).logits, tiny_net()(images).logits)


def test_the_bias_of_the_reader_takes_over_a_constant_channel():
    """A channel that always says the same can be begun anew, and not one answer changes."""
    net, images = perceptron(), small_batch().images / 255.0
    silence(net.hidden[0], 2, 1.7)
    learner = Online(net, [Fit()])
    units = find_units(net, images[:1])[0]
    assert units.maker is net.hidden[0]
    before = learner.predict(images)
    mean = activity(net, [units], images, Meter())[0].mean(1)
    old = net.hidden[1].weight[:, 2].detach().clone()
    renew(learner, units, torch.tensor([2]), mean, np.random.default_rng(0))
    torch.testing.assert_close(learner.predict(images), before, atol=1e-6, rtol=1e-6)
    assert old.abs().sum() > 0
    assert (net.hidden[1].weight[:, 2] == 0).all()
    assert net.hidden[0].weight[2].abs().min() > 0
    torch.testing.assert_close(net.hidden[1].bias.detach(), 1.0 + 1.7 * old)


def test_a_convolution_that_reads_takes_over_all_of_its_kernel():
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 2, 3))
    for parameter in net.parameters():
        nn.init.normal_(parameter, generator=seeded(1))
    silence(net[0], 1, 2.5)

    class Whole(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = net

        def forward(self, images):
            return Seen(self.layers(images), images)

    whole, images = Whole(), torch.rand(2, 3, 8, 8, generator=seeded())
    learner = Online(whole, [Fit()])
    (units,) = find_units(whole, images)
    before = learner.predict(images)
    mean = activity(whole, [units], images, Meter())[0].mean(1)
    renew(learner, units, torch.tensor([1]), mean, np.random.default_rng(0))
    torch.testing.assert_close(learner.predict(images), before, atol=1e-5, rtol=1e-5)


def test_a_new_channel_has_fresh_moments_and_the_others_keep_theirs():
    learner = Online(perceptron(), [Fit()])
    for step in range(3):
        learner.learn(small_batch(step))
    units = find_units(learner.net, torch.rand(1, 3, 2, 2, generator=seeded()))[1]
    before = learner.optimizer.state_dict()
    renew(learner, units, torch.tensor([0, 3]), torch.zeros(5), np.random.default_rng(0))
    after = learner.optimizer.state_dict()
    others = [1, 2, 4]
    assert (after["mean"]["hidden.1.weight"][[0, 3]] == 0).all()
    assert (after["mean"]["head.weight"][:, [0, 3]] == 0).all()
    assert torch.equal(after["mean"]["hidden.1.weight"][others], before["mean"]["hidden.1.weight"][others])
    assert torch.equal(after["mean"]["head.weight"][:, others], before["mean"]["head.weight"][:, others])
    assert before["mean"]["head.weight"][:, others].abs().sum() > 0
    square = after["square"]["hidden.1.weight"]
    torch.testing.assert_close(square[0], before["square"]["hidden.1.weight"].mean().expand(6))
    assert torch.equal(after["mean"]["hidden.0.weight"], before["mean"]["hidden.0.weight"])


def test_the_least_useful_mature_channel_is_the_one_begun_anew():
    learner = Online(perceptron(), [Fit()], optimizer=Optimizer(learning_rate=0.0))
    with torch.no_grad():
        learner.net.head.weight[:, 3] *= 1e-3
    others = [0, 1, 2, 4]
    before = learner.net.hidden[1].weight.detach().clone()
    upkeep = CBP(rng=np.random.default_rng(0), rate=0.2, maturity=2, every=1)
    both = Renewing(learner, [upkeep])
    for step in range(3):
        assert both.learn(small_batch(step))
    # Three looks: mature at the third, when 0.2 * 5 channels are owed in this layer (and 0.2 * 6 = 1 in the other).
    assert upkeep.renewed == 2
    assert not torch.equal(learner.net.hidden[1].weight[3], before[3])
    same = learner.net.hidden[1].weight[others] == before[others]
    assert same.sum(1).tolist() == [5] * 4  # each lost the one input from the channel renewed in the layer before
    assert upkeep.layers["hidden.1"]["looks"].tolist() == [3, 3, 3, 0, 3]


def test_a_constant_channel_is_of_no_use_however_loud():
    """Its reader's bias can say the same: utility looks at what varies."""
    learner = Online(perceptron(), [Fit()], optimizer=Optimizer(learning_rate=0.0))
    silence(learner.net.hidden[0], 4, 100.0)
    upkeep = CBP(rng=np.random.default_rng(0), rate=0.0, every=1)
    both = Renewing(learner, [upkeep])
    for step in range(4):
        both.learn(small_batch(step))
    assert upkeep.layers["hidden.0"]["utility"].argmin() == 4
    assert upkeep.layers["hidden.0"]["utility"][4] < 1e-3


def test_looking_is_paid_for():
    learner = Online(perceptron(), [Fit()])
    both = Renewing(learner, [CBP(rng=np.random.default_rng(0), every=2, frames=3)])
    for step in range(4):
        both.learn(small_batch(step))
    assert both.cost.forward_frames == 4 * 6 + 2 * 3
    assert both.cost.backward_frames == 4 * 6
    assert both.cost.bytes_kept == (6 + 5) * 3 * 4 + 2 * 8


def test_no_step_no_upkeep():
    learner = Online(perceptron(), [Fit()])
    upkeep = ReDo(rng=np.random.default_rng(0), every=1)
    batch = small_batch()
    assert Renewing(learner, [upkeep]).learn(Batch(batch.images, torch.full_like(batch.labels, 255))) == {}
    assert upkeep.watch.updates == 0


def test_dormant_channels_wake_and_nothing_else_changes():
    learner = Online(perceptron(), [Fit()], optimizer=Optimizer(learning_rate=0.0))
    silence(learner.net.hidden[0], 1, -5.0)  # never passes the nonlinearity
    images = small_batch().images
    before = learner.predict(images)
    weights = {name: p.detach().clone() for name, p in learner.net.named_parameters()}
    upkeep = ReDo(rng=np.random.default_rng(0), tau=0.0, every=1)
    Renewing(learner, [upkeep]).learn(small_batch())
    assert upkeep.renewed == 1
    torch.testing.assert_close(learner.predict(images), before)
    after = dict(learner.net.named_parameters())
    assert after["hidden.0.weight"][1].abs().min() > 0
    assert after["hidden.0.bias"][1] == 0
    kept = [0, 2, 3, 4, 5]
    assert torch.equal(after["hidden.0.weight"][kept], weights["hidden.0.weight"][kept])
    assert torch.equal(after["hidden.1.weight"][:, kept], weights["hidden.1.weight"][:, kept])


def test_a_silent_layer_has_scores():
    assert dormancy(torch.zeros(3, 4)).tolist() == [0.0, 0.0, 0.0]


def test_shrinking_is_a_factor_and_noise_of_the_first_spread(tiny_batch):
    net = TinyNet(3, generator=seeded(), width=64)
    learner = Online(
        net,
        [Fit()],
        projectors=[Shrink(rng=np.random.default_rng(0), keep=0.8, noise=0.5, every=2)],
        optimizer=Optimizer(learning_rate=0.0, weight_decay=0.0),
    )
    before = {name: p.detach().clone() for name, p in net.named_parameters()}
    learner.learn(tiny_batch(0))
    assert all(torch.equal(p, before[name]) for name, p in net.named_parameters())
    learner.learn(tiny_batch(1))
    for name, parameter in trainable(net).items():
        if parameter.ndim < 2:
            assert torch.equal(parameter, before[name])
    noise = (net.body[0].weight - 0.8 * before["body.0.weight"]).detach() / (2 / 27) ** 0.5
    assert noise.mean().abs() < 4 * 0.5 / noise.numel() ** 0.5
    assert noise.std() == pytest.approx(0.5, rel=0.08)


@pytest.mark.parametrize(
    "make",
    [
        lambda rng: Shrink(rng=rng, keep=1.5),
        lambda rng: CBP(rng=rng, rate=-1.0),
        lambda rng: ReDo(rng=rng, every=0),
    ],
)
def test_numbers_out_of_range_are_refused(make):
    with pytest.raises(ValueError, match="every"):
        make(np.random.default_rng(0))


def test_upkeep_of_another_learner_is_refused(tiny_net):
    def make(upkeep):
        return Renewing(Online(tiny_net(), [Fit()]), [upkeep])

    state = make(ReDo(rng=np.random.default_rng(0))).state_dict()
    with pytest.raises(ValueError, match="this one has"):
        make(CBP(rng=np.random.default_rng(0))).load_state_dict(state)
