"""Marks that fade: a stream is scored as it comes, each frame before it is learned from, and the past counts less.

A frame weighs `FADING` of the next one, so about 1 / (1 - FADING) frames count (Gama, Sebastiao & Rodrigues 2013,
Machine Learning 90:317, section 4). Next-frame marks reward whoever repeats the last answer, so a guesser that
never looks at the picture is scored beside: `Prior`, which says of every pixel what was there most often so far.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

FADING = 0.99  # weight of a frame, measured by that of the next


@dataclass
class FadedMean:
    """E = S / N with S <- L + a S and N <- 1 + a N (Gama et al. 2013, eq. 5).

    Attributes:
        fading: a, 0..1; 1 is the plain mean.
        total: S.
        weight: N.

    >>> mean = FadedMean(fading=0.5)
    >>> mean.take(1.0), mean.take(0.0)
    (1.0, 0.3333333333333333)
    """

    fading: float = FADING
    total: float = 0.0
    weight: float = 0.0

    def take(self, loss: float, frames: int = 1) -> float:
        """Take in `frames` frames whose mean loss is `loss`; returns the faded mean, NaN before the first."""
        for _ in range(frames):
            self.total = loss + self.fading * self.total
            self.weight = 1.0 + self.fading * self.weight
        return self.total / self.weight if self.weight else float("nan")


class Prior:
    """A blind guesser: at every pixel it says what was there most often so far, whatever the picture shows.

    Sky is above and ground is below, so it is a stronger blind guess than the commonest class of all. Of classes that
    were there equally often it says the first; before it has seen anything, class 0.

    Args:
        classes: C, how many there are.
    """

    def __init__(self, classes: int) -> None:
        self.classes = classes
        self._counts: NDArray[np.int64] | None = None  # (C, h, w)

    def guess(self, truth: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """What it says of frames of that shape: (n, h, w) uint8, the same for each of them."""
        size = truth.shape[1:]
        if self._counts is None or self._counts.shape[1:] != size:
            return np.zeros(truth.shape, np.uint8)
        return np.broadcast_to(self._counts.argmax(0).astype(np.uint8), truth.shape)

    def see(self, truth: NDArray[np.uint8]) -> None:
        """Count what was there: (n, h, w) uint8; classes from C on (255, no answer) are left out."""
        if self._counts is None or self._counts.shape[1:] != truth.shape[1:]:
            self._counts = np.zeros((self.classes, *truth.shape[1:]), np.int64)
        _see(truth, self._counts)


@njit(cache=True)
def _see(truth, counts):
    for frame in range(truth.shape[0]):
        for row in range(truth.shape[1]):
            for column in range(truth.shape[2]):
                if truth[frame, row, column] < len(counts):
                    counts[truth[frame, row, column], row, column] += 1
