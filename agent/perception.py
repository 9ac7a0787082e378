"""Perception: a learner's answers, and how they compare with what was there."""

import numpy as np
import torch
import torch.nn.functional as F
from numba import njit

from agent.monitor.calibration import count_log_p, find_best
from learners.base import Batch, Learner
from scenarios.tables import CLASS_NAMES, IGNORE

CLASSES = len(CLASS_NAMES)
EXAM_BATCH = 32  # frames a forward pass where there are many


@njit(cache=True)
def _count(truth, guess, confusion, none):
    classes = confusion.shape[1]
    for frame in range(truth.shape[0]):
        for i in range(truth.shape[1]):
            if truth[frame, i] != none:
                if truth[frame, i] >= classes or guess[frame, i] >= classes:
                    return False  # beyond the table lies other memory
                confusion[frame, truth[frame, i], guess[frame, i]] += 1
    return True


def confusions(truth: np.ndarray, guess: np.ndarray, classes: int = CLASSES) -> np.ndarray:
    """Count answers by frame.

    Args:
        truth: (n, h, w) uint8, 255 is not counted.
        guess: (n, h, w) uint8, a class everywhere.
        classes: C, how many there are.

    Returns:
        (n, C, C) int32, rows are what was there, columns what was said.

    Raises:
        ValueError: the shapes differ, or there is a class from C on.
    """
    if truth.shape != guess.shape:
        raise ValueError(f"label maps {truth.shape} were answered by {guess.shape}; a net's answers are as large")
    counts = np.zeros((len(truth), classes, classes), np.int32)
    frames = len(truth)
    if not _count(truth.reshape(frames, -1), guess.reshape(frames, -1), counts, np.uint8(IGNORE)):
        there, said = int(truth[truth != IGNORE].max()), int(guess.max())
        raise ValueError(f"class {max(there, said)} {'was there' if there > said else 'was said'}; there are {classes}")
    return counts


def as_batch(images: np.ndarray, labels: np.ndarray) -> Batch:
    """NumPy frames (n, 3, H, W) and answers (n, h, w), both uint8, as a batch for a learner."""
    return Batch(torch.from_numpy(images), torch.from_numpy(labels))


def ask(learner: Learner, images: np.ndarray) -> torch.Tensor:
    """The learner's logits (n, C, h, w) for images (n, 3, H, W) uint8, on the processor wherever it keeps its net."""
    return learner.predict(torch.from_numpy(images)).cpu()


def recognise(learner: Learner, images: np.ndarray) -> np.ndarray:
    """The learner's class for every output pixel: images (n, 3, H, W) uint8 to (n, h, w) uint8."""
    parts = [find_best(ask(learner, images[i : i + EXAM_BATCH]))[0] for i in range(0, len(images), EXAM_BATCH)]
    return np.concatenate(parts)


def recognise_and_loss(learner: Learner, images: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, float]:
    """As `recognise`, with the mean cross-entropy over answered pixels [nats]; 0 where there is none."""
    logits = ask(learner, images)
    return find_best(logits)[0], _loss(F.log_softmax(logits.float(), dim=1), truth)


def recognise_and_grade(
    learner: Learner, images: np.ndarray, truth: np.ndarray
) -> tuple[np.ndarray, float, np.ndarray, float]:
    """As `recognise_and_loss`, and how sure the answers were: `reliability`, `entropy` of `calibration.count`."""
    logits = ask(learner, images).contiguous()  # for each of the following
    log_p = F.log_softmax(logits.float(), dim=1)  # once for both
    return find_best(logits)[0], _loss(log_p, truth), *count_log_p(log_p, truth)


def _loss(log_p: torch.Tensor, truth: np.ndarray) -> float:
    total = F.nll_loss(log_p, torch.from_numpy(truth).long(), ignore_index=IGNORE, reduction="sum").item()
    return total / max(1, int((truth != IGNORE).sum()))
