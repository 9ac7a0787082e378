"""Has something changed overnight? The last three blocks against the weeks before them, not against a frozen past.

In a garden with seasons a frozen reference is left behind within weeks, and a detector that only says so cannot also
say that the lens was changed yesterday. Here the reference goes along at some distance. Two things keep weather out:

- the spread is that of differences between neighbouring blocks (Holmes & Mergen 1993), which a slow change does not
  inflate, over all that was seen so far;
- what counts is the mean over *pairs* of the last three blocks of their inner product, x_i' S^-1 x_j. A single odd day
  has no partner; a change that stays makes all pairs agree. Where nothing has changed its mean is 0.
"""

import numpy as np
from numpy.typing import NDArray

from agent.monitor.reference import TINY

Floats = NDArray[np.float64]
RECENT = 3  # blocks in which a change is sought
BEFORE = 21  # blocks that they are compared with, at most
FEWEST = 5  # at least
DIFFERENCES = 400  # that the spread is taken from, at most
SHRINKAGE = 0.3
ODD = 8.0  # a difference counts as so many standard deviations at most


class Steps:
    """Watches blocks for a change that comes overnight and stays."""

    def __init__(self) -> None:
        self._blocks: list[Floats] = []
        self._differences: list[Floats] = []

    def hear(self, block: Floats) -> float | None:
        """Take in a block (p,); how much the last three agree on a change, or None as long as there are too few."""
        if self._blocks:
            self._differences.append(block - self._blocks[-1])
        self._blocks = [*self._blocks, block][-(BEFORE + RECENT) :]
        self._differences = self._differences[-(DIFFERENCES + RECENT) :]
        before = np.stack(self._blocks[:-RECENT]) if len(self._blocks) > RECENT else np.zeros((0, len(block)))
        old = self._differences[:-RECENT]
        if len(before) < FEWEST or len(old) < FEWEST:
            return None
        spread, inverse = _spread(np.stack(old))
        moved = (np.stack(self._blocks[-RECENT:]) - before.mean(0)) / spread
        agreement = moved @ inverse @ moved.T
        pairs = RECENT * (RECENT - 1)
        shared = len(block) / len(before)  # what all three owe to one and the same uncertain mean
        return float((agreement.sum() - np.trace(agreement)) / pairs - shared)

    def begin_anew(self) -> None:
        """Forget what was usual, after a change: the last blocks are the first of what is now. Spreads are kept."""
        self._blocks = self._blocks[-RECENT:]


def _spread(differences: Floats) -> tuple[Floats, Floats]:
    """Standard deviations (p,) of a block, robust, and the inverse of the shrunk correlations (p, p)."""
    halves = differences / np.sqrt(2)
    spread = np.median(np.abs(halves), axis=0) / 0.6745 + TINY
    usual = np.clip(halves / spread, -ODD, ODD)
    correlation = usual.T @ usual / len(usual)
    diagonal = np.diag(np.diag(correlation) + TINY)
    return spread, np.linalg.inv((1 - SHRINKAGE) * correlation + SHRINKAGE * diagonal)
