"""Streaming linear discriminant analysis on frozen features, pixel by pixel (Hayes & Kanan 2020, arXiv:1909.01520).

Means of the classes and one covariance that they share; with L = ((1 - e) Sigma + e I)^-1,

    score_k = mu_k' L x - 1/2 mu_k' L mu_k                                        (their equations 3 to 5)

All classes are equally likely beforehand, as published. Where the published recursion weighs a new deviation by the
number of all samples so far, and starts from a covariance of ones, here whole batches are merged exactly (Chan et al.
1983, equation 1.5b, class by class): Sigma is at any time the pooled within-class covariance of all that came, 1/N,
to rounding, in whichever order.
"""

import torch
from torch import Tensor

from learners.base import State
from learners.features import NEVER_SEEN
from learners.ncm import class_means


class SLDA:
    """Class means and shared covariance, exact, in float64; nothing is forgotten.

    Args:
        shrinkage: e, the share of the identity in the covariance, above 0 and at most 1.
    """

    def __init__(self, *, shrinkage: float = 1e-4):
        if not 0 < shrinkage <= 1:
            raise ValueError(f"shrinkage {shrinkage}: expected more than 0, at most 1")
        self.shrinkage = shrinkage
        self.counts = torch.zeros(0, dtype=torch.float64)  # (K,) pixels
        self.means = torch.zeros(0, 0, dtype=torch.float64)  # (K, F)
        self.scatter = torch.zeros(0, 0, dtype=torch.float64)  # (F, F), N Sigma

    @property
    def nbytes(self) -> int:
        return self.counts.nbytes + self.means.nbytes + self.scatter.nbytes

    @property
    def fitted(self) -> bool:
        return bool(self.counts.any())

    def fit(self, features: Tensor, labels: Tensor, classes: int) -> None:
        """Take in features (N, F) with labels (N,) int64 in 0..classes-1."""
        count, mean = class_means(features, labels, classes)
        if not len(self.counts):
            self.counts, self.means = torch.zeros_like(count), torch.zeros_like(mean)
            self.scatter = torch.zeros(mean.shape[1], mean.shape[1], dtype=torch.float64)
        within = features.double().cpu() - mean[labels.cpu()]
        between, total = mean - self.means, self.counts + count
        weight = self.counts * count / total.clamp(min=1)
        self.scatter += within.T @ within + (between * weight[:, None]).T @ between
        self.means += (count / total.clamp(min=1))[:, None] * between
        self.counts = total

    def scores(self) -> tuple[Tensor, Tensor]:
        """Weights (K, F) and biases (K,), float32; a class that never came gets NEVER_SEEN."""
        identity = torch.eye(len(self.scatter), dtype=torch.float64)
        covariance = self.scatter / self.counts.sum().clamp(min=1)
        weights = torch.linalg.solve((1 - self.shrinkage) * covariance + self.shrinkage * identity, self.means.T).T
        biases = torch.where(self.counts > 0, -0.5 * (weights * self.means).sum(1), NEVER_SEEN)
        return weights.float(), biases.float()

    def state_dict(self) -> State:
        return {"counts": self.counts.clone(), "means": self.means.clone(), "scatter": self.scatter.clone()}

    def load_state_dict(self, state: State) -> None:
        self.counts, self.means = state["counts"].clone(), state["means"].clone()
        self.scatter = state["scatter"].clone()
