"""Claims about checkups: what makes each number move, and what keeps it still."""

import copy

import numpy as np
import pytest
import torch

from agent.monitor.checkups import gradients, overlap, representation, trainability, units
from agent.monitor.checkups.drift import moved
from learners.base import Batch
from learners.cost import Meter
from learners.nets import SegNet
from learners.plasticity.units import find_units
from learners.recipes import make_learner

CLASSES, SIDE = 3, 16


def a_net(seed=0):
    return SegNet(CLASSES, generator=torch.Generator().manual_seed(seed), widths=(8, 8, 8))


def frames(count=8, seed=0):
    """Blocks of colour that say which class they are."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, CLASSES, (count, SIDE // 4, SIDE // 4)).repeat(2, 1).repeat(2, 2)
    bright = (40 + 70 * truth).repeat(2, 1).repeat(2, 2)[:, None] + rng.integers(0, 20, (count, 3, SIDE, SIDE))
    return Batch(torch.from_numpy(bright.astype(np.uint8)), torch.from_numpy(truth.astype(np.uint8)))


@pytest.fixture(scope="module")
def healthy():
    """A net that has learned, and goes on learning."""
    learner = make_learner("finetune", a_net(), seed=0)
    for step in range(30):
        learner.learn(frames(8, step))
    return learner.net


def features(rows=200, columns=12, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, columns))


def test_effective_rank_counts_directions_by_how_much_they_are_used():
    assert representation.effective_rank(np.eye(7)) == pytest.approx(7)
    assert representation.effective_rank(np.outer(np.ones(9), np.arange(5.0))) == pytest.approx(1)
    assert representation.effective_rank(np.zeros((4, 3))) == 0
    full, less = features(), features()
    less[:, 6:] *= 0.01
    assert representation.effective_rank(less) < 0.7 * representation.effective_rank(full)
    assert representation.effective_rank(5 * full) == pytest.approx(representation.effective_rank(full))


def test_srank_is_the_number_of_singular_values_that_make_up_ninety_nine_parts_of_a_hundred():
    assert representation.srank(np.diag([98.0, 1.0, 1.0])) == 2  # 98 is too few, 98 + 1 are enough
    assert representation.srank(np.diag([50.0, 30.0, 20.0])) == 3
    assert representation.srank(np.diag([50.0, 30.0, 20.0]), delta=0.2) == 2
    assert representation.srank(np.zeros((3, 3))) == 0


def test_cka_does_not_see_a_rotation_or_a_scale_and_features_do():
    x = features()
    turned = 3 * x @ np.linalg.qr(features(12, 12, 5))[0]
    assert representation.cka(x, turned) == pytest.approx(1.0)
    assert representation.shift(turned, x) > 1
    assert representation.cosine(turned, x) < 0.5
    assert representation.shift(x, x) == 0
    assert representation.cosine(2 * x, x) == pytest.approx(1.0)


def test_cka_of_strangers_is_nothing_even_where_there_are_few_rows():
    """The plain estimate says 0.8 of 30 rows with 100 columns; the debiased one says about 0."""
    ours, theirs = features(30, 100, 1), features(30, 100, 2)
    plain = [x - x.mean(0) for x in (ours, theirs)]
    gram = [x @ x.T for x in plain]
    biased = (gram[0] * gram[1]).sum() / np.sqrt((gram[0] ** 2).sum() * (gram[1] ** 2).sum())
    assert biased > 0.7
    assert abs(representation.cka(ours, theirs)) < 0.2
    half = representation.cka(features(500, 10, 1), np.hstack([features(500, 10, 1), features(500, 10, 3)]))
    assert 0.6 < half < 0.8
    assert np.isnan(representation.cka(np.ones((8, 2)), features(8, 2)))
    with pytest.raises(ValueError, match="at least 4"):
        representation.cka(features(3), features(3))


def test_weight_drift_is_nothing_before_a_step_and_one_where_everything_has_doubled(healthy):
    weights = dict(healthy.named_parameters())
    doubled = {name: 2 * value for name, value in weights.items()}
    assert moved(weights, weights)[0] == 0
    apart, size = moved(doubled, weights)
    assert apart == pytest.approx(1.0)
    assert size == pytest.approx(2 * moved(weights, weights)[1])
    grown = weights | {"new": torch.ones(5)}
    assert moved(grown, weights)[0] == 0
    assert np.isnan(moved({}, {})[0])


def test_a_unit_is_dormant_beside_its_layer_and_dead_by_itself():
    seen = torch.ones(4, 1000)
    seen[1] *= 0.01
    seen[2] = 0.0
    seen[2, :5] = 1.0
    assert units.dormant(seen).tolist() == [False, True, True, False]
    assert units.dead(seen).tolist() == [False, False, True, False]
    assert units.dormant(0.001 * seen).tolist() == units.dormant(seen).tolist()  # the layer as a whole says nothing
    assert units.of_layers([seen, torch.ones(4, 10)]) == (0.25, 0.125)
    assert units.dormant(torch.zeros(3, 5)).all()


def test_units_that_are_killed_are_counted_and_a_healthy_net_has_none(healthy):
    batch, meter = frames().as_float(), Meter()
    quiet, gone = units.shares(healthy, batch.images, meter)
    assert quiet <= 0.15 and gone <= 0.15
    sick = copy.deepcopy(healthy)
    layer, norm = sick.down4[0][0], sick.down4[0][1]
    with torch.no_grad():
        norm.weight[:6] = 0.0
        norm.bias[:6] = -1.0
    more, dead = units.shares(sick, batch.images, meter)
    found = sum(len(u) for u in find_units(sick, batch.images[:1]))
    assert more - quiet >= 5 / found and dead - gone >= 5 / found
    assert layer.weight.shape[0] == 8


def test_gradients_of_like_frames_agree_and_those_of_contradicting_ones_do_not(healthy):
    meter = Meter()
    batch = [frames(4, seed).as_float() for seed in range(6)]
    wrong = [Batch(b.images, trainability.permuted(b.labels, CLASSES)) for b in batch]
    fresh = a_net(4)
    past = [gradients.gradient(fresh, b, meter) for b in batch[:3]]
    alike = gradients.interference([gradients.gradient(fresh, b, meter) for b in batch[3:]], past)
    against = gradients.interference([gradients.gradient(fresh, b, meter) for b in wrong[3:]], past)
    assert alike["cosine"] > 0.1 and alike["negative"] <= 0.2
    assert against["cosine"] < alike["null_low"] and against["cosine"] < 0 and against["negative"] > 0.5
    assert meter.counts["backward_frames"] == 4 * 9
    nothing = gradients.interference([], past)
    assert np.isnan(nothing["cosine"]) and np.isfinite(nothing["null_low"])


def test_two_seasons_that_need_the_same_weights_overlap_and_others_do_not(healthy):
    same = {"a": torch.tensor([1.0, 2.0]), "b": torch.tensor([3.0])}
    other = {"a": torch.zeros(2), "b": torch.tensor([5.0])}
    assert overlap.overlap(same, {k: 7 * v for k, v in same.items()}) == pytest.approx(1.0)
    assert overlap.overlap(same, other) == pytest.approx(np.sqrt(0.5))
    assert overlap.overlap({"a": torch.tensor([1.0, 0.0])}, {"a": torch.tensor([0.0, 1.0])}) == 0
    assert np.isnan(overlap.overlap(same, {k: 0 * v for k, v in same.items()}))
    batch = frames(8).as_float()
    twice = overlap.between(healthy, batch, batch, np.random.default_rng(0), Meter())
    dark = Batch(batch.images * 0.05, batch.labels)
    assert overlap.between(healthy, batch, dark, np.random.default_rng(0), Meter()) < twice


def ratio(net, batch):
    fresh = a_net(9)
    of_fresh = trainability.levels(copy.deepcopy(fresh), batch, CLASSES, Meter())
    return trainability.trainability(net, fresh, batch, CLASSES, Meter(), of_fresh=of_fresh)


def test_a_healthy_net_learns_like_new_and_one_that_has_lost_its_plasticity_does_not(healthy):
    batch = frames(8, 99).as_float()
    well = ratio(healthy, batch)
    assert well > 0.8
    killed, blown_up = copy.deepcopy(healthy), copy.deepcopy(healthy)
    with torch.no_grad():
        for module in killed.modules():
            if isinstance(module, torch.nn.GroupNorm):
                module.weight[:6] = 0.0
                module.bias[:6] = -3.0
        for name, parameter in blown_up.named_parameters():
            if not name.startswith("head"):
                parameter.mul_(30.0)
    assert ratio(killed, batch) < 0.6 * well
    assert ratio(blown_up, batch) < 0.6 * well


def test_measuring_trainability_leaves_the_net_alone(healthy):
    before = copy.deepcopy(healthy.state_dict())
    ratio(healthy, frames(8).as_float())
    assert all(torch.equal(value, before[name]) for name, value in healthy.state_dict().items())


def test_the_probe_task_is_a_permutation_that_no_class_survives():
    labels = torch.tensor([0, 1, 2, 255], dtype=torch.uint8)
    assert trainability.permuted(labels, 3).tolist() == [1, 2, 0, 255]


@pytest.mark.slow
def test_a_stream_whose_palette_is_permuted_again_and_again_costs_plasticity():
    """Large steps on labels that change their meaning every 20 updates, 60 times over: the classic way to lose it."""
    learner = make_learner("finetune", a_net(), seed=0, learning_rate=0.1, weight_decay=0.0)
    batch = frames(8, 99).as_float()
    first = ratio(learner.net, batch)
    rng = np.random.default_rng(0)
    for _ in range(60):
        meaning = torch.from_numpy(rng.permutation(CLASSES).astype(np.uint8))
        for step in range(20):
            some = frames(8, step)
            learner.learn(Batch(some.images, meaning[some.labels.long()]))
    quiet, _ = units.shares(copy.deepcopy(learner.net), batch.images, Meter())
    last = ratio(learner.net, batch)
    assert last < 0.6 * first or quiet > 0.2, (first, last, quiet)
