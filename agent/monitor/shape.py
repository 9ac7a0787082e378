"""Whether features are spread as they were: maximum mean discrepancy by random Fourier features.

A change can leave the mean of all frames where it was and still move some of them (a new thing that is seen from a few
places). The mean of phi(x) over frames stands for the whole distribution of x; the squared distance of two such means
is an estimate of the squared MMD under a Gaussian kernel (Gretton et al. 2012; Rahimi & Recht 2007, algorithm 1).
"""

from typing import Self

import numpy as np
from numpy.typing import NDArray

from agent.monitor.reference import TINY

Floats = NDArray[np.float64]
FREQUENCIES = 256
DRAWN = 7042  # seed of the frequencies
MOST = 500  # frames from which the bandwidth is taken


class Shape:
    """The distribution of a reference's frames.

    Args:
        scale: (d,) float64, spread of each feature.
        frequencies: (d, FREQUENCIES) float64.
        phases: (FREQUENCIES,) float64.
    """

    def __init__(self, scale: Floats, frequencies: Floats, phases: Floats) -> None:
        self._scale, self._frequencies, self._phases = scale, frequencies, phases
        self._middle, self._spread = 0.0, 1.0

    @classmethod
    def of(cls, days: list[Floats]) -> Self:
        """Learn from a reference; its bandwidth is the median distance of two frames.

        Args:
            days: a block (m, d) float64 of frames each.
        """
        frames = np.concatenate(days)
        scale = frames.std(0) + TINY
        some = (frames / scale)[:: max(1, len(frames) // MOST)]
        squares = (some**2).sum(1)
        apart = np.sqrt(np.maximum(squares[:, None] + squares - 2 * some @ some.T, 0.0))
        bandwidth = float(np.median(apart[np.triu_indices(len(some), 1)])) + TINY
        rng = np.random.default_rng(DRAWN)
        frequencies = rng.standard_normal((frames.shape[1], FREQUENCIES)) / bandwidth
        shape = cls(scale, frequencies, rng.uniform(0.0, 2 * np.pi, FREQUENCIES))
        means = np.stack([shape.phi(day) for day in days])
        logs = [np.log(_squared(mean, np.delete(means, i, axis=0)) + TINY) for i, mean in enumerate(means)]
        shape._middle, shape._spread = float(np.mean(logs)), float(np.std(logs, ddof=1) + TINY)
        return shape

    def phi(self, frames: Floats) -> Floats:
        """The mean of phi over frames (m, d): (FREQUENCIES,)."""
        waves = np.cos(frames / self._scale @ self._frequencies + self._phases)
        return np.sqrt(2 / FREQUENCIES) * waves.mean(0)

    def z(self, phi: Floats, before: Floats) -> float:
        """The logarithm of the squared MMD of a block from others, in standard deviations of the reference's own.

        Args:
            phi: (FREQUENCIES,) of the block.
            before: (n, FREQUENCIES) of the blocks that it is compared with.
        """
        return float((np.log(_squared(phi, before) + TINY) - self._middle) / self._spread)


def _squared(phi: Floats, before: Floats) -> float:
    """Squared distance of a block from the mean of others, less what these are too few for."""
    difference = phi - before.mean(0)
    return float(difference @ difference) / (1 + 1 / len(before))
