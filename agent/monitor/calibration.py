"""Calibration: whether an answer that claims to be 80 % sure is right four times in five.

Confidences are counted in bins of equal width, apart for every class that was said. From these counts follow the
expected calibration error (Guo et al. 2017, eq. 3) and its class-wise form (Nixon et al. 2019, by predicted class).
Pixels of one picture depend on each other and most show sky or lawn, so the plain ECE is theirs: read it beside the
class-wise one, which gives every class that was said the same weight.
"""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numba import njit
from numpy.typing import NDArray
from torch import Tensor

from agent.monitor.log import Log

BINS = 15  # Guo et al. 2017
Floats = NDArray[np.float64]


def count(logits: Tensor, truth: NDArray[np.uint8]) -> tuple[Floats, float]:
    """Count answers by what was said and how sure it was.

    Args:
        logits: (n, C, h, w) float32.
        truth: (n, h, w) uint8; classes from C on (255, no answer) are left out.

    Pixels at which the logits are not finite are left out, too: nothing was said there.

    Returns:
        reliability (C, 15, 3): pixels, sum of their confidences, and how many were right, by class said and bin;
        entropy: mean over answered pixels [nats], 0 where there are none.
    """
    return count_log_p(F.log_softmax(logits.float(), dim=1), truth)


def count_log_p(log_p: Tensor, truth: NDArray[np.uint8]) -> tuple[Floats, float]:
    """As `count`, of the logarithms of probabilities (n, C, h, w) float32 on the processor."""
    classes, answered = log_p.shape[1], truth < log_p.shape[1]
    counted = np.zeros((classes, BINS, 3))
    if not answered.any():
        return counted, 0.0
    entropies = log_p.exp().mul_(log_p).sum(1).neg_().numpy()
    said, best = find_best(log_p)
    answered &= np.isfinite(best) & np.isfinite(entropies)
    if not answered.any():
        return counted, 0.0
    _count(said.ravel(), np.exp(best.ravel(), dtype=np.float64), truth.ravel(), answered.ravel(), counted)
    return counted, float(entropies[answered].mean(dtype=np.float64))


def find_best(scores: Tensor) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The class with the largest of scores (n, C, h, w) float32 at every pixel, the first of several, and that score.

    A NaN counts as larger than any number, as for torch, which needs five times as long for a dozen classes.

    Returns:
        (n, h, w) uint8 and (n, h, w) float32.

    >>> find_best(torch.tensor([1.0, 3.0, 3.0]).reshape(1, 3, 1, 1))
    (array([[[1]]], dtype=uint8), array([[[3.]]], dtype=float32))
    """
    each = scores.contiguous().numpy()
    frames, classes, *size = each.shape
    said, best = np.empty((frames, *size), np.uint8), np.empty((frames, *size), np.float32)
    _find_best(each.reshape(frames, classes, -1), said.reshape(frames, -1), best.reshape(frames, -1))
    return said, best


@njit(cache=True)
def _find_best(scores, said, best):
    """Fill in the first best class and its score, class by class, so that many pixels are compared at a time."""
    frames, classes, pixels = scores.shape
    who = np.empty(pixels, np.int32)  # as wide as a score
    for frame in range(frames):
        most = best[frame]
        most[:] = scores[frame, 0]
        who[:] = 0
        for c in range(1, classes):
            row = scores[frame, c]
            for i in range(pixels):
                better = (row[i] > most[i]) | ((row[i] != row[i]) & (most[i] == most[i]))
                most[i] = row[i] if better else most[i]
                who[i] = c if better else who[i]
        for i in range(pixels):
            said[frame, i] = who[i]


@njit(cache=True)
def _count(said, sure, truth, answered, counted):
    bins = counted.shape[1]
    for i in range(len(said)):
        if answered[i]:
            cell = counted[said[i], min(int(sure[i] * bins), bins - 1)]
            cell[0] += 1.0
            cell[1] += sure[i]
            cell[2] += said[i] == truth[i]


def expected_error(reliability: NDArray) -> float:
    """ECE = sum over bins of (n_b / N) |accuracy_b - confidence_b| (Guo et al. 2017, eq. 3); NaN without a pixel.

    Args:
        reliability: (C, B, 3) as of `count`, or (B, 3).

    >>> expected_error(np.array([[10, 6.0, 5], [10, 9.0, 10]]))  # claims 60 %, is right half of the time; 90 %, always
    0.1
    """
    bins = np.asarray(reliability, dtype=np.float64)
    bins = bins.sum(0) if bins.ndim == 3 else bins
    pixels = bins[:, 0].sum()
    return float(np.abs(bins[:, 2] - bins[:, 1]).sum() / pixels) if pixels else float("nan")


def by_class(reliability: NDArray) -> Floats:
    """(C,) the ECE of the pixels that were called each class; NaN for one that never was."""
    return np.array([expected_error(bins) for bins in np.asarray(reliability)])


def overconfidence(reliability: NDArray) -> float:
    """Mean confidence minus accuracy, -1..1: above 0 it claims more than it knows; NaN without a pixel."""
    pixels, sure, right = np.asarray(reliability, dtype=np.float64).reshape(-1, 3).sum(0)
    return float((sure - right) / pixels) if pixels else float("nan")


def told(log: Log, name: str) -> dict[str, Any] | None:
    """The part `calibration` of a learner's summary: on the stream, over the whole life; None where none was kept.

    Returns:
        ece, ece_by_class (None for a class never said), class_ece (their mean), overconfidence [shares of 1], entropy
        [nats] and its mean over the first and the last tenth of the days, and the bins (15, 3) of all classes.
    """
    rows = [row for row in log.stream.get(name, []) if row.get("reliability") is not None]
    if not rows:
        return None
    reliability = np.stack([row["reliability"] for row in rows]).sum(0, dtype=np.float64)
    if not reliability[..., 0].sum():
        return None
    classes = by_class(reliability)
    frames = np.array([row["frames"] for row in rows], dtype=np.float64)
    entropy = np.array([row["entropy"] for row in rows])
    tenth = max(1, len(rows) // 10)
    return {
        "ece": expected_error(reliability),
        "class_ece": float(np.nanmean(classes)),
        "ece_by_class": [float(e) if np.isfinite(e) else None for e in classes],
        "overconfidence": overconfidence(reliability),
        "entropy": float(np.average(entropy, weights=np.maximum(frames, 1e-9))),
        "entropy_first": float(entropy[:tenth].mean()),
        "entropy_last": float(entropy[-tenth:].mean()),
        "bins": reliability.sum(0).round(4).tolist(),
    }


def of_tensors(logits: Tensor, truth: Tensor) -> tuple[float, float]:
    """ECE and mean entropy [nats] of logits (n, C, h, w) against labels (n, h, w) uint8."""
    with torch.no_grad():
        reliability, entropy = count(logits.detach(), truth.numpy())
    return expected_error(reliability), entropy
