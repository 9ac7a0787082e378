"""Regimes, and what is kept for each of them."""

import numpy as np
import pytest
import torch

from learners.adamw import Optimizer
from learners.adapters import Adapted, Route
from learners.base import Batch
from learners.disk import load_state, save_state
from learners.gate import Gate
from learners.masks import FREE, ChannelMasked, WeightMasked
from learners.memory import Reservoir
from learners.nets import Perceptron, SegNet, TinyNet
from learners.online import Online
from learners.plasticity.renewing import Renewing
from learners.projectors.allotment import Allotment
from learners.recipes import PARTS, RECIPES, Part, find_recipe, make_learner
from learners.regimes import FeatureClusters, OracleSeason, OwnAlarm, channel_statistics, make_regimes
from learners.terms.fit import Fit

DECAYING = Optimizer(learning_rate=1e-2, weight_decay=0.1)


def light(level, frames=4, seed=0):
    rng = np.random.default_rng(seed)
    images = (level + rng.normal(0, 5, (frames, 3, 8, 8))).clip(0, 255).astype(np.uint8)
    return torch.from_numpy(images) / 255.0


def test_a_season_that_comes_again_is_the_regime_that_it_was():
    regimes, found = OracleSeason(3), []
    for reason in ("season:spring", "schedule", "season:summer", "season:spring", "season:autumn", "season:winter"):
        regimes.hear(reason)
        found.append(regimes.current)
    assert found == [0, 0, 1, 0, 2, 2]
    assert regimes.assign(light(9)).tolist() == [2] * 4


def test_what_was_learned_before_any_season_was_named_is_a_regime_of_its_own():
    regimes = OracleSeason(3)
    regimes.observe(light(9))
    regimes.hear("season:summer")
    assert regimes.current == 1


def test_an_alarm_begins_a_new_regime_within_the_bound():
    regimes, found = OwnAlarm(3), []
    for reason in ("alarm", "schedule", "alarm", "alarm"):
        regimes.hear(reason)
        found.append(regimes.current)
    assert found == [1, 1, 2, 2]


def test_clusters_are_found_and_found_again_within_the_bound():
    regimes, found = FeatureClusters(2, radius=0.15), []
    for seed, level in enumerate((60, 65, 180, 70, 185, 250)):
        regimes.observe(light(level, seed=seed))
        found.append(regimes.current)
    assert found == [0, 0, 1, 0, 1, 1]
    before = regimes.centres.copy()
    assert regimes.assign(torch.cat((light(55, 1), light(240, 2)))).tolist() == [0, 1, 1]
    assert np.array_equal(before, regimes.centres)
    assert regimes.nbytes == 2 * (6 + 1) * 8


def test_statistics_are_those_of_numpy():
    images = light(100)
    both = np.concatenate((images.numpy().mean((2, 3)), images.numpy().std((2, 3))), 1)
    np.testing.assert_allclose(channel_statistics(images), both, atol=1e-6)


def test_an_unknown_source_is_refused():
    with pytest.raises(ValueError, match="there are oracle season, own alarm, feature clusters"):
        make_regimes("calendar", 3)


def packed(net_of, source="oracle season", prune_after=3):
    regimes = make_regimes(source, 3)
    net = WeightMasked(net_of(), regimes)
    return Online(net, [Fit()], projectors=[Allotment(regimes, prune=0.5, prune_after=prune_after)], optimizer=DECAYING)


@pytest.mark.parametrize("prune_after", [3, 99], ids=["pruned in time", "pruned at the end"])
def test_frozen_weights_and_the_answers_of_a_closed_regime_are_bit_identical(prune_after, tiny_net, tiny_batch):
    learner = packed(tiny_net, prune_after=prune_after)
    learner.consolidate("season:spring")
    for step in range(6):
        learner.learn(tiny_batch(step))
    learner.consolidate("season:summer")
    net = learner.net
    frozen = {name: net.owner(name) == 0 for name in net.masked}
    for mine in frozen.values():
        assert mine.sum() == mine.numel() - mine.numel() // 2
    before = {name: parameter.detach().clone() for name, parameter in net.net.named_parameters()}
    learner.consolidate("season:spring")
    images = tiny_batch(0).images
    answers = learner.predict(images)
    learner.consolidate("season:summer")
    for step in range(6, 14):
        learner.learn(tiny_batch(step))
    assert not torch.equal(learner.predict(images), answers)
    for name, parameter in net.net.named_parameters():
        mine = frozen.get(name, torch.ones_like(parameter, dtype=torch.bool))
        assert torch.equal(parameter[mine], before[name][mine])
        assert not mine.any() or mine.all() or (parameter[~mine] != before[name][~mine]).any()
    learner.consolidate("season:spring")
    assert torch.equal(learner.predict(images), answers)
    learner.learn(tiny_batch(20))
    assert torch.equal(learner.predict(images), answers)  # served again, and taught no more
    assert learner.cost.bytes_kept == sum(mine.numel() for mine in frozen.values())


def test_a_regime_keeps_the_largest_of_the_free_weights(tiny_net, tiny_batch):
    learner = packed(tiny_net, prune_after=2)
    learner.learn(tiny_batch(0))
    learner.learn(tiny_batch(1))
    for name in learner.net.masked:
        size, owner = learner.net.net.get_parameter(name).abs(), learner.net.owner(name)
        assert size[owner == 0].min() >= size[owner == FREE].max()


@pytest.mark.parametrize("kind", ["tiny", "segnet", "perceptron"])
def test_a_closed_regime_answers_bit_for_bit_with_its_own_channels(kind, generator):
    nets = {
        "tiny": lambda: TinyNet(3, generator=generator, width=8),
        "segnet": lambda: SegNet(3, generator=generator, widths=(8, 8, 16), groups=4),
        "perceptron": lambda: Perceptron((192, 10, 6, 3), generator=generator),
    }
    size = {"tiny": 4, "segnet": 4, "perceptron": 1}[kind]
    images = torch.randint(0, 256, (12, 3, 8, 8), dtype=torch.uint8, generator=generator)
    labels = torch.randint(0, 3, (12, size, size), generator=generator)
    regimes = OracleSeason(3)
    projector = Allotment(regimes, prune=0.5, prune_after=4)
    learner = Online(ChannelMasked(nets[kind](), regimes), [Fit()], projectors=[projector], optimizer=DECAYING)
    answers = {}
    for season in ("spring", "summer", "autumn"):
        learner.consolidate(f"season:{season}")
        for _ in range(7):
            learner.learn(Batch(images, labels))
        answers[season] = learner.predict(images)
        labels = (labels + 1) % 3
    owners = [learner.net.owner(gate).tolist() for gate in range(learner.net.gates)]
    assert all(owner.count(0) == len(owner) - len(owner) // 2 for owner in owners)
    assert all(owner.count(1) >= 1 for owner in owners)
    for season in ("spring", "summer", "autumn"):
        learner.consolidate(f"season:{season}")
        assert torch.equal(learner.predict(images), answers[season])
    assert not torch.equal(answers["spring"], answers["summer"])
    assert learner.cost.bytes_kept == sum(map(len, owners))


def test_silent_channels_take_no_part(generator):
    regimes = OracleSeason(2)
    net = ChannelMasked(TinyNet(3, generator=generator), regimes)
    images = torch.rand(2, 3, 8, 8, generator=generator)
    net.owner(0)[:] = torch.tensor([0, 0, 1, 1], dtype=torch.uint8)
    net.finished[:] = True
    features = net(images).features
    assert (features[:, 2:] == 0).all()
    assert (features[:, :2] > 0).any()
    regimes.current = 1
    assert (net(images).features[:, 2:] > 0).any()


def adapted(net_of, seed=0):
    regimes = FeatureClusters(3, radius=0.15)
    memory = Reservoir(4000, frames=3, rng=np.random.default_rng(seed))
    return Online(Adapted(net_of(), regimes), [Fit()], memory=memory, projectors=[Route(regimes)], optimizer=DECAYING)


def lit(level, seed):
    labels = torch.from_numpy(np.random.default_rng(seed).integers(0, 3, (4, 4, 4)).astype(np.uint8))
    return Batch((light(level, seed=seed) * 255).to(torch.uint8), labels)


def test_a_new_adapter_is_the_shared_net(generator):
    images = torch.rand(2, 3, 16, 16, generator=generator)
    net = SegNet(4, generator=generator)
    wanted = net(images).logits
    assert torch.equal(Adapted(net, OracleSeason(4))(images).logits, wanted)


def test_only_the_adapter_of_the_present_regime_learns_once_the_net_is_held(tiny_net):
    learner = adapted(tiny_net)
    learner.memory = Reservoir(4000, frames=0, rng=np.random.default_rng(0))
    learner.learn(lit(60, 0))
    learner.consolidate("commissioning")
    body = {n: p.clone() for n, p in learner.net.named_parameters() if "head" not in n and "films" not in n}
    film = learner.net.films[0]
    first = film[0].clone()
    learner.learn(lit(200, 1))  # found here, learned from the next batch on: this pass was served by the nearest
    learner.learn(lit(200, 2))
    assert learner.projectors[0].used == [0, 1]
    learner.learn(lit(200, 3))
    assert torch.equal(film[0], first)
    assert (film[1] != 0).any()
    assert (film[2] == 0).all()
    assert all(torch.equal(dict(learner.net.named_parameters())[name], old) for name, old in body.items())


def test_frames_of_two_regimes_in_one_batch_are_served_as_if_alone(tiny_net, tiny_batch):
    learner = adapted(tiny_net)
    for seed in range(6):
        learner.learn(lit((60, 200)[seed % 2], seed))
    dark, bright = light(60, 2, 7), light(200, 2, 8)
    both = learner.predict(torch.cat((dark, bright)))
    apart = torch.cat((learner.predict(dark), learner.predict(bright)))
    torch.testing.assert_close(both, apart)
    masked = WeightMasked(tiny_net(), learner.projectors[0].regimes)
    for name in masked.masked:
        masked.owner(name)[0] = 1
    masked.finished[0] = True
    both = masked(torch.cat((bright, dark, bright))).logits
    torch.testing.assert_close(both, torch.cat([masked(images).logits for images in (bright, dark, bright)]))
    assert (both[2:4] - tiny_net()(dark).logits).abs().max() > 0.01


IDLE = Part("idle", "plasticity", lambda draft, rng: draft.upkeep.append(Idle()), "Does nothing.", "nobody")


class Idle:
    name = "idle"
    nbytes = 0

    def tend(self, learner, batch): ...

    def state_dict(self):
        return {}

    def load_state_dict(self, state): ...


TOLD = ("packnet", "hat", "adapters", "er+packnet+ewc", "hat+lwf+shrink", "er+adapters+agem", "adapters+idle")


@pytest.mark.parametrize("name", TOLD)
@pytest.mark.parametrize(("source", "reason"), [("oracle season", "season:summer"), ("own alarm", "alarm")])
@pytest.mark.parametrize("gated", [False, True], ids=["open", "gated"])
def test_who_is_told_of_regimes_hears_through_whatever_is_around_it(name, source, reason, gated, tiny_net, tiny_batch):
    table = {**PARTS, "idle": IDLE}
    assert find_recipe(name, table).changed(regime_source=source).regime_source == source
    settings = {"regime_source": source, "prune_after": 2, "memory_bytes": 4000, "parts": table}
    inner = learner = make_learner(name, tiny_net(), seed=0, **settings)
    assert isinstance(learner, Renewing) == ("idle" in name)
    if gated:
        learner = Gate(inner, Reservoir(4000, frames=4, rng=np.random.default_rng(0)), every=3, tolerance=1.0)
    learner.learn(tiny_batch(0))
    learner.consolidate("schedule")
    assert inner.net.regimes.source == source
    assert inner.net.regimes.current == 0
    learner.consolidate(reason)
    assert inner.net.regimes.current == 1
    images = tiny_batch(9).images
    for step in range(1, 6):
        learner.learn(tiny_batch(step))
    if gated:
        learner.decide("now")
        assert torch.equal(learner.predict(images), inner.predict(images))  # served with what belongs to the regime
        for parameter in inner.net.parameters():
            parameter.data.mul_(0.5)
        assert not torch.equal(learner.predict(images), inner.predict(images))


def test_only_who_keeps_something_for_each_regime_has_a_source():
    having = [name for name, recipe in RECIPES.items() if recipe.regime_source is not None]
    assert having == ["packnet", "hat", "adapters"]
    assert find_recipe("er+hat").regime_source == "feature clusters"
    assert find_recipe("er+ewc").changed(regime_source="own alarm").regime_source is None


@pytest.mark.parametrize("kind", ["packnet", "adapters"])
def test_saved_and_continued_is_never_having_stopped(kind, tiny_net, tmp_path):
    def make(seed):
        return packed(lambda: tiny_net(seed), "feature clusters") if kind == "packnet" else adapted(tiny_net, seed)

    one, other = make(1), make(2)
    for seed in range(8):
        one.learn(lit((60, 60, 200)[seed % 3], seed))
    one.consolidate("commissioning")
    save_state(tmp_path / "state.safetensors", one.state_dict())
    other.load_state_dict(load_state(tmp_path / "state.safetensors"))
    for seed in range(8, 14):
        assert one.learn(lit((60, 200, 250)[seed % 3], seed)) == other.learn(lit((60, 200, 250)[seed % 3], seed)) != {}
    for ours, theirs in zip(one.net.state_dict().values(), other.net.state_dict().values(), strict=True):
        assert torch.equal(ours, theirs)
    assert one.cost == other.cost
