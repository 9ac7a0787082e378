"""References: what could have been learned from the same labelled frames, had they all been there at once.

Both start from the commissioned weights and see exactly the labelled frames of the stream, shuffled: those that the
learners received, with the same mistakes where a scenario's teacher makes some. `joint` makes as
many updates as the learners did; `joint@converged` goes on until its own validation frames say that nothing more is to
be had. They are ordinary fine-tuning learners under another schedule.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from agent.commission import TELL_EVERY, drill, shuffled_rows
from agent.monitor.metrics import mean_iou
from agent.perception import CLASSES, confusions, recognise
from learners.base import Learner
from learners.recipes import make_learner

BATCH = 16  # frames an update, as every learner has
VALIDATION_EVERY = 10  # of ten stretches of the stream one is held out by `converge`
STRETCH_FRAMES = 32  # labelled frames in a row that are held out together: neighbours look alike
ROUND_UPDATES = 120  # updates between two validations
PATIENCE = 3  # validations without a new best after which a learning rate has had its day
LEARNING_RATES = (2e-3, 5e-4)  # one after the other; the second starts from the first's best weights
FIRST_SHARE = 0.7  # of the limit, for the first learning rate: the second must have its turn


@dataclass(frozen=True)
class Trained:
    """A reference's learner, how many updates it took in all, what they cost, and how it ended."""

    learner: Learner
    updates: int
    flops: int
    converged: bool  # whether it stopped because nothing more was gained, not because of a limit


def joint(
    net: nn.Module,
    images: np.ndarray,
    labels: np.ndarray,
    *,
    updates: int,
    seed: int,
    stop: Callable[[], bool] = lambda: False,
    tell: Callable[[int], None] = lambda updates: None,
) -> Trained:
    """All frames at once, with a learner's number of updates; `tell` is told how many are made."""
    learner = make_learner("finetune", net, seed=seed, learning_rate=LEARNING_RATES[0])
    rows = shuffled_rows(len(images), BATCH, np.random.default_rng([seed, 21]))
    made = 0
    while made < updates and not stop():
        made += drill(learner, images, labels, rows, updates=min(TELL_EVERY, updates - made), stop=stop)
        tell(made)
    return Trained(learner, made, learner.cost.flops, converged=False)


def converge(
    net: nn.Module,
    images: np.ndarray,
    labels: np.ndarray,
    *,
    limit_updates: int,
    seed: int,
    classes: int = CLASSES,
    stop: Callable[[], bool] = lambda: False,
    tell: Callable[[int, float], None] = lambda updates, miou: None,
) -> Trained:
    """All frames at once, until mIoU on held-out ones stops rising.

    Args:
        net: starts from its weights and is changed in place.
        images: (n, 3, H, W) uint8.
        labels: (n, h, w) uint8.
        limit_updates: give up rising after this many updates.
        seed: draws the order of the frames.
        classes: how many there are.
        stop: asked before every update.
        tell: is told updates made and mIoU at every validation.

    Returns:
        The learner with its best weights, and all updates made.
    """
    stretch = np.arange(len(images)) // STRETCH_FRAMES
    held_out = stretch % VALIDATION_EVERY == VALIDATION_EVERY // 2
    if not held_out.any():
        held_out = np.arange(len(images)) % VALIDATION_EVERY == VALIDATION_EVERY - 1
    rows = shuffled_rows(int((~held_out).sum()), BATCH, np.random.default_rng([seed, 22]))
    kept_images, kept_labels = images[~held_out], labels[~held_out]
    best, best_weights, updates, flops, converged = -1.0, _weights(net), 0, 0, True
    learner = make_learner("finetune", net, seed=seed)
    for learning_rate, limit in zip(LEARNING_RATES, (int(FIRST_SHARE * limit_updates), limit_updates), strict=True):
        net.load_state_dict(best_weights)
        learner = make_learner("finetune", net, seed=seed, learning_rate=learning_rate)
        since_best = 0
        while since_best < PATIENCE and updates < limit and not stop():
            span = min(ROUND_UPDATES, limit - updates)
            updates += drill(learner, kept_images, kept_labels, rows, updates=span, stop=stop)
            score = _miou(learner, images[held_out], labels[held_out], classes)
            tell(updates, score)
            since_best += 1
            if score > best:
                best, best_weights, since_best = score, _weights(net), 0
        flops += learner.cost.flops
        converged = since_best >= PATIENCE
    net.load_state_dict(best_weights)
    return Trained(learner, updates, flops, converged)


def _miou(learner: Learner, images: np.ndarray, labels: np.ndarray, classes: int) -> float:
    return float(mean_iou(confusions(labels, recognise(learner, images), classes).sum(0)))


def _weights(net: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in net.state_dict().items()}
