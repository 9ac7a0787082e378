"""Nearest class mean on frozen features, pixel by pixel (Mensink et al. 2013, section 3; iCaRL's rule without its net).

The score of class k is mu_k . x - 1/2 ||mu_k||^2, which is -1/2 ||x - mu_k||^2 less what all classes share.
"""

import torch
from torch import Tensor

from learners.base import State
from learners.features import NEVER_SEEN


class NearestMean:
    """Running means of the features of each class, exact, in float64."""

    def __init__(self):
        self.counts = torch.zeros(0, dtype=torch.float64)  # (K,) pixels
        self.means = torch.zeros(0, 0, dtype=torch.float64)  # (K, F)

    @property
    def nbytes(self) -> int:
        return self.counts.nbytes + self.means.nbytes

    @property
    def fitted(self) -> bool:
        return bool(self.counts.any())

    def fit(self, features: Tensor, labels: Tensor, classes: int) -> None:
        """Take in features (N, F) with labels (N,) int64 in 0..classes-1."""
        count, mean = class_means(features, labels, classes)
        if not len(self.counts):
            self.counts, self.means = torch.zeros_like(count), torch.zeros_like(mean)
        total = self.counts + count
        self.means += (count / total.clamp(min=1))[:, None] * (mean - self.means)
        self.counts = total

    def scores(self) -> tuple[Tensor, Tensor]:
        """Weights (K, F) and biases (K,), float32; a class that never came gets NEVER_SEEN."""
        biases = torch.where(self.counts > 0, -0.5 * self.means.square().sum(1), NEVER_SEEN)
        return self.means.float(), biases.float()

    def state_dict(self) -> State:
        return {"counts": self.counts.clone(), "means": self.means.clone()}

    def load_state_dict(self, state: State) -> None:
        self.counts, self.means = state["counts"].clone(), state["means"].clone()


def class_means(features: Tensor, labels: Tensor, classes: int) -> tuple[Tensor, Tensor]:
    """How many there are of each class (K,), and their means (K, F), 0 where none came; both float64 on the CPU."""
    wide, labels = features.double().cpu(), labels.cpu()
    counts = torch.bincount(labels, minlength=classes).double()
    sums = torch.zeros(classes, wide.shape[1], dtype=torch.float64).index_add_(0, labels, wide)
    return counts, sums / counts.clamp(min=1)[:, None]
