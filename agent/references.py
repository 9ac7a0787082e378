"""References: what could have been learned from the same labelled frames, had they all been there at once.

Both start from the commissioned weights and see exactly the labelled frames of the stream, shuffled. `joint` makes as
many updates as the learners did; `joint@converged` goes on until its own validation frames say that nothing more is to
be had. They are ordinary fine-tuning learners under another schedule.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from agent.commission import drill
from agent.monitor.metrics import mean_iou
from agent.perception import confusions, recognise
from learners.base import Learner
from learners.recipes import make_learner

BATCH = 16  # frames an update, as every learner has
VALIDATION_EVERY = 10  # one labelled frame in ten is held out by `converge`
ROUND_UPDATES = 120  # updates between two validations
PATIENCE = 3  # validations without a new best after which a learning rate has had its day
LEARNING_RATES = (2e-3, 5e-4)  # one after the other; the second starts from the first's best weights


@dataclass(frozen=True)
class Trained:
    """A reference's learner, how many updates it took in all, and what they cost."""

    learner: Learner
    updates: int
    flops: int


def joint(
    net: nn.Module,
    images: np.ndarray,
    labels: np.ndarray,
    *,
    updates: int,
    seed: int,
    stop: Callable[[], bool] = lambda: False,
) -> Trained:
    """All frames at once, with a learner's number of updates."""
    learner = make_learner("finetune", net, seed=seed)
    made = drill(
        learner, images, labels, updates=updates, batch=BATCH, rng=np.random.default_rng([seed, 21]), stop=stop
    )
    return Trained(learner, made, learner.cost.flops)


def converge(
    net: nn.Module,
    images: np.ndarray,
    labels: np.ndarray,
    *,
    limit_updates: int,
    seed: int,
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
        stop: asked before every update.
        tell: is told updates made and mIoU at every validation.

    Returns:
        The learner with its best weights, and all updates made.
    """
    held_out = np.arange(len(images)) % VALIDATION_EVERY == VALIDATION_EVERY - 1
    rng = np.random.default_rng([seed, 22])
    best, best_weights, updates, flops = -1.0, _weights(net), 0, 0
    learner = make_learner("finetune", net, seed=seed)
    for learning_rate in LEARNING_RATES:
        net.load_state_dict(best_weights)
        learner = make_learner("finetune", net, seed=seed, learning_rate=learning_rate)
        since_best = 0
        while since_best < PATIENCE and updates < limit_updates and not stop():
            span = min(ROUND_UPDATES, limit_updates - updates)
            updates += drill(
                learner, images[~held_out], labels[~held_out], updates=span, batch=BATCH, rng=rng, stop=stop
            )
            score = _miou(learner, images[held_out], labels[held_out])
            tell(updates, score)
            since_best += 1
            if score > best:
                best, best_weights, since_best = score, _weights(net), 0
        flops += learner.cost.flops
    net.load_state_dict(best_weights)
    return Trained(learner, updates, flops)


def _miou(learner: Learner, images: np.ndarray, labels: np.ndarray) -> float:
    return float(mean_iou(confusions(labels, recognise(learner, images)).sum(0)))


def _weights(net: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in net.state_dict().items()}
