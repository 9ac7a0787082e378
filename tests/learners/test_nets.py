"""Nets draw their first weights from the generator they are given and from nothing else."""

import pytest
import torch

from learners.nets import Perceptron, SegNet, TinyNet, initialise


@pytest.fixture
def segnet():
    return lambda seed=0: SegNet(12, generator=torch.Generator().manual_seed(seed))


def test_the_default_net_has_about_a_hundred_thousand_parameters(segnet):
    assert 90_000 < sum(parameter.numel() for parameter in segnet().parameters()) < 105_000


def test_the_answer_has_half_the_resolution(segnet):
    seen = segnet()(torch.zeros(2, 3, 64, 96))
    assert seen.logits.shape == (2, 12, 32, 48)
    assert seen.features.shape == (2, 16, 32, 48)


def test_sides_that_are_no_multiple_of_eight_are_refused(segnet):
    with pytest.raises(ValueError, match="multiples of 8"):
        segnet()(torch.zeros(1, 3, 60, 64))


def test_weights_come_from_the_generator_alone(segnet):
    before = torch.random.get_rng_state()
    one, same, other = segnet(1), segnet(1), segnet(2)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), same.parameters(), strict=True))
    assert not torch.equal(one.down2[0][0].weight, other.down2[0][0].weight)


def test_first_answers_are_undecided(segnet):
    images = torch.rand(4, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    assert segnet()(images).logits.softmax(1).max() < 0.25


def test_a_frame_is_seen_alike_in_any_company(segnet):
    images = torch.rand(4, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    net = segnet()
    torch.testing.assert_close(net(images).logits[:1], net(images[:1]).logits, atol=1e-5, rtol=1e-4)


def test_a_classifier_is_dense_prediction_of_one_pixel(generator):
    net = Perceptron((784, 100, 100, 10), generator=generator)
    assert net(torch.zeros(3, 1, 28, 28)).logits.shape == (3, 10, 1, 1)
    assert sum(parameter.numel() for parameter in net.parameters()) == 89_610


def test_a_layer_of_unknown_kind_is_not_left_without_weights(generator):
    with torch.device("meta"):
        net = torch.nn.Sequential(torch.nn.BatchNorm2d(3))
    with pytest.raises(TypeError, match="BatchNorm2d"):
        initialise(net, generator)


def test_the_tiny_net_is_tiny(generator):
    assert sum(parameter.numel() for parameter in TinyNet(3, generator=generator).parameters()) == 131
