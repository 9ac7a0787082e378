"""A tiny net and a tiny stream: squares of colours whose meaning drifts."""

import numpy as np
import pytest
import torch

from learners.base import Batch
from learners.nets import TinyNet
from learners.recipes import make_learner

CLASSES = 3
PIXELS = 8
MEMORY_BYTES = 20 * (3 * PIXELS**2 + PIXELS**2 // 4)  # twenty frames
TINY = {
    "ssl_block": 4,
    "cassle_hidden": 4,
    "mir_candidates": 12,
    "ogd_directions": 10,
    "regimes": 3,
    "regime_radius": 0.01,
    "prune_after": 2,
    "shrink_every": 2,
    "cbp_rate": 0.25,
    "cbp_maturity": 2,
    "cbp_every": 2,
    "redo_tau": 0.5,
    "redo_every": 3,
}
"""Settings with which every part does its work within a few updates of a tiny net."""


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(5)


@pytest.fixture
def tiny_net():
    return lambda seed=0: TinyNet(CLASSES, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def tiny_batch():
    return make_batch


@pytest.fixture
def tiny_learner(tiny_net):
    """A learner of a recipe, around the same first net every time unless it is given one; `memory_bytes` and `settings`
    are what it gets."""

    def make(name, seed=3, net=None, **changes):
        return make_learner(name, net or tiny_net(), seed=seed, memory_bytes=MEMORY_BYTES, **(TINY | changes))

    make.memory_bytes, make.settings = MEMORY_BYTES, TINY

    return make


def make_batch(step: int, frames: int = 4, labels: int | None = None) -> Batch:
    """Frames whose blocks of 2x2 pixels are dark, middling or bright (classes 0, 1, 2); the light fades with `step`.

    Args:
        step: seeds the frames and dims them.
        frames: how many.
        labels: this label everywhere, instead of the truth with every ninth pixel unanswered.
    """
    rng = np.random.default_rng(step)
    classes = rng.integers(0, CLASSES, (frames, PIXELS // 2, PIXELS // 2))
    light = 60.0 + 60.0 * classes - 2.0 * step
    bright = np.repeat(np.repeat(light, 2, axis=1), 2, axis=2)[:, None] + rng.normal(0, 8, (frames, 3, PIXELS, PIXELS))
    answers = np.where(rng.random(classes.shape) < 1 / 9, 255, classes)
    if labels is not None:
        answers = np.full_like(classes, labels)
    return Batch(torch.from_numpy(bright.clip(0, 255).astype(np.uint8)), torch.from_numpy(answers.astype(np.uint8)))
