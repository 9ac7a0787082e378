"""The frozen reference: what blocks of frames looked like when the watch began, and by how much they differed.

It is short (weeks) and must not be trusted as if it were exact. Three things see to that: covariances are shrunk
towards their diagonal, a block is judged with the uncertainty of the reference's own mean, and the scale of distances
comes from a jackknife: each block of the reference is judged by all the others.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SHRINKAGE = 0.2  # of the correlations
FEWEST = 4  # blocks from which a mean is taken
TINY = 1e-9


@dataclass(frozen=True)
class Reference:
    """Mean and spread of block means.

    Attributes:
        mean: (p,) float64.
        blocks: that the mean rests on.
        spread: (p,) float64, standard deviations of a block.
        precision: (p, p) float64, inverse of the shrunk covariance.
        log_scale: mean and standard deviation of the logarithm of T^2 under the jackknife.
    """

    mean: Floats
    blocks: int
    spread: Floats
    precision: Floats
    log_scale: tuple[float, float]

    @classmethod
    def of(cls, blocks: Floats) -> Self:
        """Take a reference.

        Args:
            blocks: (n, p) float64, block means.

        Raises:
            ValueError: fewer than `FEWEST` blocks.
        """
        if len(blocks) < FEWEST:
            raise ValueError(f"a reference of {len(blocks)} blocks; it needs at least {FEWEST}")
        logs = np.empty(len(blocks))
        for i, left_out in enumerate(blocks):
            others = np.delete(blocks, i, axis=0)
            logs[i] = np.log(_t2(left_out - others.mean(0), shrunk_precision(others), len(others)) + TINY)
        return cls(
            blocks.mean(0),
            len(blocks),
            blocks.std(0, ddof=1) + TINY,
            shrunk_precision(blocks),
            (float(logs.mean()), float(logs.std(ddof=1) + TINY)),
        )

    def moved(self, blocks: Floats) -> "Reference":
        """The same spread about another mean: what can be said so soon after a change."""
        return replace(self, mean=blocks.mean(0), blocks=len(blocks))

    def z(self, block: Floats) -> Floats:
        """(p,) how far a block is from the mean [standard deviations of that difference]."""
        return (block - self.mean) / (self.spread * np.sqrt(1 + 1 / self.blocks))

    def distance_z(self, block: Floats) -> float:
        """Hotelling's T^2 of a block, as its logarithm in standard deviations of the reference's own."""
        middle, spread = self.log_scale
        return float((np.log(_t2(block - self.mean, self.precision, self.blocks) + TINY) - middle) / spread)


def shrunk_precision(blocks: Floats) -> Floats:
    """Inverse covariance (p, p) of blocks (n, p), with correlations shrunk towards none.

    >>> shrunk_precision(np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0], [2.0, 2.0]])).round(2).tolist()
    [[0.75, 0.0], [0.0, 0.75]]
    """
    covariance = np.cov(blocks, rowvar=False).reshape(blocks.shape[1], blocks.shape[1])
    diagonal = np.diag(np.diag(covariance) + TINY)
    return np.asarray(np.linalg.inv((1 - SHRINKAGE) * covariance + SHRINKAGE * diagonal), np.float64)


def _t2(difference: Floats, precision: Floats, blocks: int) -> float:
    """Hotelling's T^2 of a new block beside a mean of so many."""
    return float(difference @ precision @ difference) / (1 + 1 / blocks)
