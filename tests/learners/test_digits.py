"""What replay and elastic weight consolidation do on a stream of handwritten digits (scikit-learn's, 8x8 pixels).

Two streams, each of parts that come one after the other, without a word about where one ends. *Split*: two digits
at a time, one head for all ten, nobody says which pair it is. *Permuted*: all digits, their pixels in another fixed
order each time. A digit is one pixel of dense prediction. Every learner is told the same answers, makes the same number
of updates and passes the same 16 frames in each: replay takes the 8 newest and 8 remembered ones, the others the 8
newest and the 8 before. Who has something to consolidate does so every so many updates, as its recipe says, which is
nowhere a change of parts. Judged at the end on digits that nobody has learned from, of all parts.

Recipes keep their defaults but for the learning rate, which is too low for so short a life, and the strength of EWC:
each learner got those of `TRIED` with which it did best itself, on `OTHER_SEEDS`. The seeds on which claims are tested
had no part in that.
"""

import functools
import itertools
from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from scipy import stats
from sklearn.datasets import load_digits
from torch import Tensor

from learners.base import Batch
from learners.nets import Perceptron
from learners.recipes import FRAMES_PER_UPDATE, find_recipe, make_learner

SEEDS = range(10)
OTHER_SEEDS = range(100, 110)
LEARNERS = {"finetune": "finetune", "joint": "finetune", "er": "er", "ewc": "ewc"}  # and the recipe of each
RATES, STRENGTHS = (2e-3, 5e-3, 1e-2), (10.0, 30.0, 100.0)
Changes = dict[str, float]
TRIED: dict[str, list[Changes]] = {name: [{"learning_rate": rate} for rate in RATES] for name in LEARNERS} | {
    "ewc": [{"learning_rate": r, "ewc_strength": s} for r, s in itertools.product(RATES, STRENGTHS)]
}
CHOSEN: dict[str, dict[str, Changes]] = {
    "split": {
        "finetune": {"learning_rate": 2e-3},
        "joint": {"learning_rate": 5e-3},
        "er": {"learning_rate": 1e-2},
        "ewc": {"learning_rate": 2e-3, "ewc_strength": 30.0},
    },
    "permuted": {
        "finetune": {"learning_rate": 2e-3},
        "er": {"learning_rate": 1e-2},
        "ewc": {"learning_rate": 1e-2, "ewc_strength": 100.0},
    },
}
UPDATES = {"split": 30, "permuted": 70}  # of each part
PARTS = {"split": 5, "permuted": 4}
NEWLY_ANSWERED = FRAMES_PER_UPDATE // 2
TRAINING = 1300  # of 1797 digits
MEMORY_BYTES = 200 * (64 + 1)


@dataclass(frozen=True)
class Stream:
    """Digits in the order in which they come, and those of the exam.

    Attributes:
        images: (N, 1, 8, 8) uint8.
        labels: (N, 1, 1) uint8.
        exam: images and labels of each kind of digit that came.
    """

    images: Tensor
    labels: Tensor
    exam: list[tuple[Tensor, Tensor]]


@functools.cache
def digits() -> tuple[Tensor, Tensor]:
    """All of them: (1797, 1, 8, 8) and (1797, 1, 1), both uint8."""
    features, labels = load_digits(return_X_y=True)
    images = (features.reshape(-1, 1, 8, 8) * (255 / 16)).round().astype(np.uint8)
    return torch.from_numpy(images), torch.from_numpy(labels.astype(np.uint8))[:, None, None]


def stream_of(kind: str, seed: int) -> Stream:
    """The stream of that kind; the seed says who is examined, which classes make a pair and how pixels are moved."""
    rng = np.random.default_rng([seed, 1])
    images, labels = digits()
    order = rng.permutation(len(labels))
    training, examined = order[:TRAINING], order[TRAINING:]
    pairs = rng.permutation(10).reshape(5, 2)[: PARTS[kind]]
    moves = [rng.permutation(64) for _ in range(PARTS[kind])]
    frames = UPDATES[kind] * NEWLY_ANSWERED
    shown, exam = [], [(images[examined], labels[examined])] if kind == "split" else []
    for pair, move in zip(pairs, moves, strict=True):
        if kind == "split":
            rows = several_times(training[np.isin(labels[training].flatten(), pair)], frames, rng)
            shown.append((images[rows], labels[rows]))
        else:
            rows, moved = several_times(training, frames, rng), images.flatten(1)[:, move].reshape(images.shape)
            shown.append((moved[rows], labels[rows]))
            exam.append((moved[examined], labels[examined]))
    all_images, all_labels = (torch.cat(parts) for parts in zip(*shown, strict=True))
    return Stream(all_images, all_labels, exam)


def several_times(rows: np.ndarray, frames: int, rng: np.random.Generator) -> np.ndarray:
    """So many of the rows, all of them in a new order before any comes again."""
    rounds = -(-frames // len(rows))
    return np.concatenate([rng.permutation(rows) for _ in range(rounds)])[:frames]


def rows_of(name: str, stream: Stream, seed: int) -> list[np.ndarray]:
    """Which frames of the stream each update is given."""
    newest = np.arange(len(stream.labels)).reshape(-1, NEWLY_ANSWERED)
    if name == "joint":
        rng = np.random.default_rng([seed, 2])
        return list(several_times(newest.flatten(), 2 * newest.size, rng).reshape(len(newest), FRAMES_PER_UPDATE))
    if find_recipe(LEARNERS[name]).new_frames_per_update == NEWLY_ANSWERED:
        return list(newest)
    before = newest[np.maximum(np.arange(len(newest)) - 1, 0)]
    return list(np.concatenate((before, newest), 1))


def final_accuracy(name: str, stream: Stream, seed: int, changes: Changes) -> float:
    """Live through the stream; the share of digits named rightly at the end, mean over the exams [%]."""
    recipe = find_recipe(LEARNERS[name])
    net = Perceptron((64, 256, 10), generator=torch.Generator().manual_seed(seed))
    learner = make_learner(
        recipe.name, net, seed=seed, memory_bytes=MEMORY_BYTES, settings=replace(recipe.settings, **changes)
    )
    for update, rows in enumerate(rows_of(name, stream, seed), start=1):
        assert learner.learn(Batch(stream.images[rows], stream.labels[rows]))
        if recipe.consolidate_every_updates and update % recipe.consolidate_every_updates == 0:
            learner.consolidate("schedule")
    assert learner.cost.updates == len(stream.labels) // NEWLY_ANSWERED
    right = [(learner.predict(images).argmax(1) == labels).double().mean().item() for images, labels in stream.exam]
    return 100.0 * float(np.mean(right))


def accuracies(kind: str, learners: dict[str, Changes]) -> dict[str, np.ndarray]:
    """(seeds,) of each learner, on the seeds that claims are tested on [%]."""
    streams = {seed: stream_of(kind, seed) for seed in SEEDS}
    return {name: over(streams, name, changes) for name, changes in learners.items()}


def over(streams: dict[int, Stream], name: str, changes: Changes) -> np.ndarray:
    """(seeds,) final accuracies of a learner [%]."""
    return np.array([final_accuracy(name, stream, seed, changes) for seed, stream in streams.items()])


def interval(ours: np.ndarray, theirs: np.ndarray) -> tuple[float, float]:
    """95 % of the mean difference, seed by seed (Student's t)."""
    low, high = stats.ttest_rel(ours, theirs).confidence_interval(0.95)
    return float(low), float(high)


def test_of_classes_that_come_in_turn_replay_keeps_the_earlier_ones_and_ewc_does_not():
    found = accuracies("split", CHOSEN["split"])
    assert interval(found["er"], found["ewc"])[0] > 0
    low, high = interval(found["ewc"], found["finetune"])
    assert -5 < low < high < 5
    for name in ("finetune", "ewc", "er"):
        assert interval(found["joint"], found[name])[0] > 0


@pytest.mark.slow
def test_of_pixels_that_change_places_both_replay_and_ewc_keep_more_than_fine_tuning():
    found = accuracies("permuted", CHOSEN["permuted"])
    for name in ("er", "ewc"):
        assert interval(found[name], found["finetune"])[0] > 0


@pytest.mark.parametrize("kind", ["split", "permuted"])
def test_no_consolidation_falls_on_a_change_of_parts(kind):
    every = find_recipe("ewc").consolidate_every_updates
    changes = range(UPDATES[kind], PARTS[kind] * UPDATES[kind], UPDATES[kind])
    assert every
    assert all(change % every for change in changes)


def test_all_learners_pass_the_same_frames():
    stream = stream_of("split", 0)
    for name, recipe in LEARNERS.items():
        rows = rows_of(name, stream, 0)
        assert {len(some) + find_recipe(recipe).recalled_frames_per_update for some in rows} == {FRAMES_PER_UPDATE}
        assert len(rows) == PARTS["split"] * UPDATES["split"]
        assert np.array_equal(np.unique(np.concatenate(rows)), np.arange(len(stream.labels)))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["split", "permuted"])
def test_what_was_chosen_did_best_on_other_seeds(kind):
    streams = {seed: stream_of(kind, seed) for seed in OTHER_SEEDS}
    best = {name: max(TRIED[name], key=lambda tried: over(streams, name, tried).mean()) for name in CHOSEN[kind]}
    assert best == CHOSEN[kind]
