"""Any net that makes scores for pixels can be taken in, and learns by every recipe."""

import copy

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

from learners.base import IGNORE, Batch, features_by_pixel
from learners.feature_replay import answer
from learners.masks import FREE
from learners.online import Online
from learners.own import adopt
from learners.recipes import RECIPES, find_recipe, make_learner
from learners.terms.fit import Fit


class Unet(nn.Module):
    """Two scales with batch or group normalisation, a transposed convolution and a skip; a tensor of scores."""

    def __init__(self, outputs=3, norm="batch"):
        super().__init__()
        make = {"batch": nn.BatchNorm2d, "group": lambda wide: nn.GroupNorm(2, wide)}[norm]
        self.classifier = nn.Conv2d(4, outputs, 1)  # listed first, and runs last
        self.first = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), make(4), nn.ReLU(inplace=True))
        self.down = nn.Sequential(nn.Conv2d(4, 8, 3, stride=2, padding=1), make(8), nn.ReLU(inplace=True))
        self.up = nn.ConvTranspose2d(8, 4, 2, stride=2)
        self.last = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), make(4), nn.ReLU(inplace=True))

    def forward(self, images):
        full = self.first(images)
        return self.classifier(self.last(full + self.up(self.down(full))))


class Vision(nn.Module):
    """As torchvision's: a small answer, enlarged, in a dictionary, beside one of a helper that runs after it."""

    def __init__(self, outputs=3):
        super().__init__()
        self.backbone = nn.Sequential(nn.Conv2d(3, 6, 3, stride=2, padding=1), nn.BatchNorm2d(6), nn.ReLU())
        self.classifier = nn.Sequential(nn.Conv2d(6, 5, 3, padding=1), nn.ReLU(), nn.Conv2d(5, outputs, 1))
        self.aux_classifier = nn.Conv2d(6, outputs, 1)

    def forward(self, images):
        features = self.backbone(images)
        size = images.shape[-2:]
        answers = {"out": self.classifier(features), "aux": self.aux_classifier(features)}
        return {name: F.interpolate(found, size, mode="bilinear") for name, found in answers.items()}


class Flat(nn.Module):
    """One class a picture."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(12, 7), nn.ReLU(), nn.Linear(7, 3))

    def forward(self, images):
        return self.layers(images)


@pytest.fixture
def seeded():
    """Makes nets, whose layers draw from torch's global generator, alike every time, and leaves that as it was."""

    def make(kind, *args, **settings):
        with torch.random.fork_rng():
            torch.random.default_generator.manual_seed(4)
            return kind(*args, **settings)

    return make


@pytest.fixture
def full_batch(tiny_batch):
    """Labels at the size of the pictures."""

    def make(step, frames=4):
        batch = tiny_batch(step, frames)
        return Batch(batch.images, batch.labels.repeat_interleave(2, 1).repeat_interleave(2, 2))

    return make


def test_the_layer_that_makes_the_answer_is_found_and_its_input_seen(seeded):
    net = seeded(Unet)
    adopted = adopt(net).eval()
    images = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    seen = adopted(images)
    assert adopted.head is net.classifier
    assert torch.equal(seen.logits, net(images))
    assert torch.equal(net.classifier(seen.features), seen.logits)
    assert (adopted.classes, adopted.channels, adopted.scale) == (3, 3, 1)


def test_a_dictionary_an_enlarged_answer_and_a_helper_behind_it_are_no_hindrance(seeded):
    net = seeded(Vision)
    adopted = adopt(net).eval()
    images = torch.rand(2, 3, 8, 12, generator=torch.Generator().manual_seed(0))
    seen = adopted(images)
    assert adopted.head is net.classifier[2]
    assert torch.equal(seen.logits, net(images)["out"])
    assert seen.features.shape == (2, 5, 4, 6)
    assert adopted.scale == 2
    pixels = features_by_pixel(seen).movedim(1, -1).reshape(-1, 5)
    torch.testing.assert_close(answer(adopted, pixels), seen.logits.movedim(1, -1).reshape(-1, 3))


def test_a_classifier_of_pictures_is_one_of_one_pixel(seeded):
    net = seeded(Flat)
    images = torch.rand(4, 3, 2, 2, generator=torch.Generator().manual_seed(0))
    adopted = adopt(net, example=images[:1])
    seen = adopted(images)
    assert torch.equal(seen.logits[:, :, 0, 0], net(images))
    assert seen.features.shape == (4, 7, 1, 1)
    learner = make_learner("er", adopted, seed=0, memory_bytes=999)
    assert learner.learn(Batch(images, torch.zeros(4, 1, 1, dtype=torch.uint8)))


def test_a_copy_listens_to_itself(seeded):
    adopted = adopt(seeded(Unet)).eval()
    other = copy.deepcopy(adopted)
    with torch.no_grad():
        other.net.last[0].weight.add_(1.0)
    images = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    assert not torch.equal(adopted(images).features, other(images).features)
    assert torch.equal(other.head(other(images).features), other(images).logits)


def test_a_table_picks_outputs_and_adds_probabilities_up(seeded):
    net = seeded(Unet, outputs=5)
    images = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    adopted = adopt(net, classes={"grass": 4, "building": [0, 2], "path": 1}).eval()
    assert (adopted.classes, adopted.class_names) == (3, ("grass", "building", "path"))
    kept = net(images)[:, [0, 1, 2, 4]].softmax(1)  # output 3 means nothing here
    wanted = torch.stack((kept[:, 3], kept[:, 0] + kept[:, 2], kept[:, 1]), 1)
    torch.testing.assert_close(adopted(images).logits.softmax(1), wanted)
    assert set(adopted.state_dict()) == {f"net.{name}" for name in net.state_dict()}
    picked = adopt(net, classes={"path": 1, "grass": 4}).eval()
    assert torch.equal(picked(images).logits, net(images)[:, [1, 4]])
    named = adopt(net, classes=["a", "b", "c", "d", "e"])
    assert (named.classes, named.class_names[3]) == (5, "d")


@pytest.mark.parametrize("name", ["feature-replay", "slda", "er-ace", "der"])
def test_with_a_table_it_learns_the_classes_of_the_table(name, seeded, full_batch):
    adopted = adopt(seeded(Unet, outputs=5), classes={"dark": [0, 3], "middling": 4, "bright": 1})
    learner = make_learner(name, adopted, seed=0, memory_bytes=20_000, learning_rate=1e-2)
    first, *_, last = [learner.learn(full_batch(step % 3))["fit"] for step in range(30)]
    assert last < first
    assert learner.predict(full_batch(0).images).shape == (4, 3, 8, 8)


def test_weights_come_from_a_file(seeded, tmp_path):
    net = seeded(Unet)
    with torch.no_grad():
        net.classifier.weight.mul_(2.0)
    save_file(net.state_dict(), tmp_path / "mine.safetensors")
    images = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    adopted = adopt(seeded(Unet), weights=tmp_path / "mine.safetensors").eval()
    assert torch.equal(adopted(images).logits, net.eval()(images))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda kept: kept.pop("up.weight"), "do not fit into a Unet: they lack up.weight$"),
        (lambda kept: kept.update(extra=torch.ones(1)), "they have besides extra$"),
        (
            lambda kept: kept.update({"classifier.weight": torch.ones(9, 4, 1, 1)}),
            r"in shape, classifier.weight is \(9, 4, 1, 1\) and should be \(3, 4, 1, 1\)$",
        ),
        (lambda kept: [kept.pop(name) for name in list(kept)[:6]], "and 2 more"),
    ],
)
def test_weights_that_do_not_fit_are_refused_by_name(spoil, message, seeded, tmp_path):
    net = seeded(Unet)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    kept = {name: value + 1 for name, value in net.state_dict().items()}
    spoil(kept)
    save_file(kept, tmp_path / "mine.safetensors")
    with pytest.raises(ValueError, match=message):
        adopt(net, weights=tmp_path / "mine.safetensors")
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


def test_a_file_that_is_none_is_refused(seeded, tmp_path):
    with pytest.raises(FileNotFoundError, match="no such file; expected weights"):
        adopt(seeded(Unet), weights=tmp_path / "mine.safetensors")
    (tmp_path / "mine.pt").write_bytes(b"pickled")
    with pytest.raises(ValueError, match="is no safetensors file"):
        adopt(seeded(Unet), weights=tmp_path / "mine.pt")


class Softened(Unet):
    def forward(self, images):
        return super().forward(images).softmax(1)


class Silent(Unet):
    def forward(self, images):
        return [super().forward(images)]


@pytest.mark.parametrize(
    ("kind", "settings", "error", "message"),
    [
        (Softened, {}, ValueError, "no convolution or linear layer of this Softened makes its scores"),
        (Unet, {"example": torch.zeros(1, 1, 8, 8)}, ValueError, r"does not run on \(1, 1, 8, 8\).*give a picture"),
        (Silent, {}, TypeError, "the net returns a list; expected scores"),
        (Unet, {"head": "up"}, ValueError, "head='up' is no convolution or linear layer that runs; there are first.0"),
        (Unet, {"head": "last.0"}, ValueError, "'last.0' of this Unet makes its scores"),
        (Unet, {"classes": ["a", "b"]}, ValueError, "2 class names for a net with 3 outputs"),
        (Unet, {"classes": {"a": 0, "b": [1, 3]}}, ValueError, r"class 'b' is output \[3\]; expected one or more of 0"),
        (Unet, {"classes": {"a": []}}, ValueError, "class 'a' is output"),
        (Unet, {"classes": {"a": 0, "b": [1, 0]}}, ValueError, r"outputs \[0\] are named more than once"),
        (Unet, {"classes": []}, ValueError, "there must be one"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(kind, settings, error, message, seeded):
    with pytest.raises(error, match=message):
        adopt(seeded(kind), **settings)


LOOKING_INSIDE = ("feature-replay", "slda", "ssl", "cassle", "packnet", "hat", "adapters", "gpm", "cbp", "der", "adabn")
"""Recipes that look at features, last layers or single layers, or wrap the net."""
CASES = [
    *((name, Unet) for name in (*RECIPES, "er+ewc+shrink+ssl", "er-ace+hat+cassle")),
    *((name, Vision) for name in LOOKING_INSIDE),
]


@pytest.mark.parametrize(("name", "kind"), CASES, ids=[f"{name}-{kind.__name__}" for name, kind in CASES])
def test_every_recipe_learns_on_a_net_of_ones_own(name, kind, seeded, full_batch):
    tiny = {"ssl_block": 4, "prune_after": 2, "cbp_rate": 0.25, "cbp_maturity": 2, "cbp_every": 2, "redo_every": 2}
    learner = make_learner(name, adopt(seeded(kind)), seed=0, memory_bytes=20_000, **tiny)
    for step in range(6):
        learner.learn(full_batch(step))
        if step == 2:
            learner.consolidate("schedule")
    assert learner.cost.updates == (0 if name == "frozen" else 6)
    logits = learner.predict(full_batch(9).images)
    assert logits.shape == (4, 3, 8, 8)
    assert bool(torch.isfinite(logits).all())
    other = make_learner(name, adopt(seeded(kind)), seed=9, memory_bytes=20_000, **tiny)
    other.load_state_dict(learner.state_dict())
    assert torch.equal(other.predict(full_batch(9).images), logits)
    learner.learn(full_batch(7))
    other.learn(full_batch(7))
    state = other.net.state_dict()
    assert all(torch.equal(value, state[key]) for key, value in learner.net.state_dict().items())


def test_the_plain_loop_takes_it_too(seeded, full_batch):
    learner = Online(adopt(seeded(Unet)), [Fit()])
    losses = [learner.learn(full_batch(step % 3))["fit"] for step in range(40)]
    assert losses[-1] < 0.9 * losses[0]
    net = learner.net.net
    assert net.first[1].num_batches_tracked == 40
    assert not torch.equal(net.first[1].running_mean, torch.zeros(4))
    one, both = full_batch(0).images[:1], full_batch(0).images
    torch.testing.assert_close(learner.predict(one), learner.predict(both)[:1])  # evaluation mode: by itself


@pytest.mark.parametrize("name", ["packnet", "hat"])
def test_a_closed_regime_answers_bit_for_bit_with_batch_normalisation(name, seeded, full_batch):
    settings = {"regime_source": "oracle season", "prune_after": 2, "learning_rate": 1e-2}
    learner = make_learner(name, adopt(seeded(Unet)), seed=0, **settings)
    learner.consolidate("season:spring")
    for step in range(4):
        learner.learn(full_batch(step))
    learner.consolidate("season:summer")
    learner.consolidate("season:spring")
    answers = learner.predict(full_batch(0).images)
    learner.consolidate("season:summer")
    for step in range(4, 9):
        learner.learn(full_batch(step))
    assert not torch.equal(learner.predict(full_batch(0).images), answers)
    learner.consolidate("season:spring")
    assert torch.equal(learner.predict(full_batch(0).images), answers)
    if name == "hat":
        assert (learner.net.owner(learner.net.gates - 1) == FREE).any()


def test_with_adapters_the_shared_net_is_held_and_its_last_layer_learns(seeded, full_batch):
    learner = make_learner("adapters", adopt(seeded(Unet)), seed=0)
    learner.learn(full_batch(0))
    learner.consolidate("commissioning")
    before = {name: value.clone() for name, value in learner.net.state_dict().items()}
    learner.learn(full_batch(1))
    moved = {name for name, value in learner.net.state_dict().items() if not torch.equal(value, before[name])}
    moved = {name for name in moved if not name.startswith(("films", "_extra"))}
    assert moved == {"net.net.classifier.weight", "net.net.classifier.bias"}


def test_channels_on_a_skip_are_concatenated_and_hat_says_that_it_cannot(seeded):
    class Joined(Unet):
        def __init__(self):
            super().__init__()
            self.classifier = nn.Conv2d(8, 3, 1)

        def forward(self, images):
            full = self.first(images)
            return self.classifier(torch.cat((full, self.last(full)), 1))

    with pytest.raises(ValueError, match="no last layer fed by the channels of one gated layer"):
        make_learner("hat", adopt(seeded(Joined)), seed=0)


def test_features_of_an_odd_size_fill_no_picture_in(seeded):
    class Narrowed(Vision):
        def forward(self, images):
            return {"out": F.interpolate(self.classifier(self.backbone(images)), (40, 40), mode="bilinear")}

    net = adopt(seeded(Narrowed), example=torch.rand(1, 3, 45, 45, generator=torch.Generator().manual_seed(0)))
    assert net.scale is None
    with pytest.raises(ValueError, match="features a whole number of times smaller"):
        make_learner("ssl", net, seed=0)


def test_a_first_layer_that_its_owner_has_frozen_crashes_nothing(seeded, full_batch):
    """Channels last, behind a frozen convolution, torch's group normalisation would bring the process down."""
    for name in ("finetune", "er+ewc", "tent", "adapters", "feature-replay", "packnet", "mas"):
        net = seeded(Unet, norm="group").to(memory_format=torch.channels_last)
        net.first[0].requires_grad_(False)
        learner = make_learner(name, adopt(net), seed=0, memory_bytes=20_000)
        learner.learn(full_batch(0))
        learner.consolidate("schedule")
        learner.learn(full_batch(1))
        assert learner.cost.updates == 2


def test_an_unanswered_picture_takes_no_step(seeded, full_batch):
    learner = make_learner("er+ewc", adopt(seeded(Unet)), seed=0, memory_bytes=20_000)
    batch = full_batch(0)
    before = {name: value.clone() for name, value in learner.net.state_dict().items()}
    assert learner.learn(Batch(batch.images, torch.full_like(batch.labels, IGNORE))) == {}
    assert all(torch.equal(value, before[name]) for name, value in learner.net.state_dict().items())
    assert find_recipe("er+ewc").needs_past_data


def test_a_net_that_was_not_adopted_is_told_to_be():
    learner = Online(nn.Conv2d(3, 2, 1), [Fit()])
    with pytest.raises(TypeError, match="adopt"):
        learner.predict(torch.zeros(1, 3, 8, 8))
