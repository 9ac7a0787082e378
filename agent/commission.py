"""Commissioning: the owner trains the robot on a few weeks of its first season."""

from collections.abc import Callable, Iterable
from itertools import takewhile

import numpy as np

from agent.perception import as_batch
from agent.stream import Block
from learners.base import Learner


def labelled_frames(stream: Iterable[Block], *, until_step: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """All frames of a stream that come with an answer.

    Args:
        stream: blocks from the first day on.
        until_step: stop after this control step; None for the whole life.

    Returns:
        images (n, 3, H, W) and labels (n, h, w), both uint8, in the order in which they came.
    """
    lived = stream if until_step is None else takewhile(lambda block: block.step <= until_step, stream)
    images, labels = zip(*(block.labelled for block in lived), strict=True)
    return np.concatenate(images), np.concatenate(labels)


def drill(
    learner: Learner,
    images: np.ndarray,
    labels: np.ndarray,
    *,
    updates: int,
    batch: int,
    rng: np.random.Generator,
    stop: Callable[[], bool] = lambda: False,
) -> int:
    """Learn from random batches of a fixed set of frames, each drawn without replacement pass after pass.

    Returns:
        Updates made; fewer than asked for only if stopped.
    """
    order: np.ndarray = rng.permutation(len(images))
    for update in range(updates):
        if stop():
            return update
        if len(order) < batch:
            order = np.concatenate([order, rng.permutation(len(images))])
        rows, order = np.sort(order[:batch]), order[batch:]
        learner.learn(as_batch(images[rows], labels[rows]))
    return updates
