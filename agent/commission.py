"""Commissioning: the owner trains the robot on a few weeks of its first season."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from agent.perception import as_batch
from agent.stream import Block, Labelled
from agent.teacher import check_answers
from learners.base import Learner

TELL_EVERY = 25  # updates between two signs of life


def labelled_frames(stream: Iterable[Block], *, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """All frames of a stream that come with an answer.

    Args:
        stream: blocks from the first day on.
        classes: how many there are.

    Returns:
        images (n, 3, H, W) and labels (n, h, w), both uint8, in the order in which the answers came.

    Raises:
        TeacherError: an answer makes no sense.
    """
    images, labels = zip(*(answered(block, classes) for block in stream), strict=True)
    return np.concatenate(images), np.concatenate(labels)


def answered(block: Block, classes: int) -> Labelled:
    """The answers that come with a block, if they and what was there make sense; see `agent.teacher.check_answers`."""
    size = block.truth.shape[1:]
    check_answers(block.truth, block.images, size=size, classes=classes, step=block.step)
    check_answers(block.labelled[1], block.labelled[0], size=size, classes=classes, step=block.step)
    return block.labelled


def shuffled_rows(frames: int, batch: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Rows of batches without end: pass after pass over all frames, each pass in a new order.

    >>> rows = shuffled_rows(4, 2, np.random.default_rng(0))
    >>> sorted(np.concatenate([next(rows), next(rows)]).tolist())
    [0, 1, 2, 3]
    """
    order: np.ndarray = rng.permutation(frames)
    while True:
        while len(order) < batch:
            order = np.concatenate([order, rng.permutation(frames)])
        yield np.sort(order[:batch])
        order = order[batch:]


def drill(
    learner: Learner,
    images: np.ndarray,
    labels: np.ndarray,
    rows: Iterator[np.ndarray],
    *,
    updates: int,
    stop: Callable[[], bool] = lambda: False,
) -> int:
    """Learn from batches of a fixed set of frames, as `shuffled_rows` deals them out.

    Returns:
        Updates made; fewer than asked for only if stopped.
    """
    for update in range(updates):
        if stop():
            return update
        chosen = next(rows)
        learner.learn(as_batch(images[chosen], labels[chosen]))
    return updates
