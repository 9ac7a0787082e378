"""Shrink and perturb (Ash & Adams 2020, arXiv:1910.08475, algorithm 1), in small doses on a stream.

    theta <- keep * theta + noise * sigma_0 * N(0, 1)        every so many updates

sigma_0 is the spread that the tensor's first weights had (He et al. 2015: sqrt(2 / inputs)), so that one `noise` suits
all layers. Only tensors with two or more dimensions are touched: a shrunken scale of a normalisation layer would
silence its channel, and a bias has nothing to make room for. It acts on the finished change, so that momentum and
decay know nothing of it, and what comes after it in the list of projectors may still forbid it.
"""

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from learners.base import Batch, State, trainable


class Shrink:
    """Draws weights towards 0 and shakes them. A Projector.

    Args:
        rng: shakes.
        keep: what is left of a weight, 0..1, each time.
        noise: of how many first spreads the shaking is, each time.
        every: updates between two times.

    Raises:
        ValueError: if a number is out of range.
    """

    acts_on: Literal["gradient", "change"] = "change"
    consolidation_frames = 0
    nbytes = 0

    def __init__(self, *, rng: np.random.Generator, keep: float = 0.999, noise: float = 0.001, every: int = 10):
        if not 0 <= keep <= 1 or noise < 0 or every < 1:
            raise ValueError(f"keep {keep}, noise {noise}, every {every}: expected 0..1, >= 0 and >= 1")
        self.rng, self.keep, self.noise, self.every = rng, keep, noise, every
        self.updates = 0

    @torch.no_grad()
    def project(self, vectors: Sequence[Tensor], mixed: Batch, net: nn.Module) -> None:
        """Add the shrinking and the noise to the changes; the net's weights have been stepped already."""
        self.updates += 1
        if self.updates % self.every:
            return
        for change, weight in zip(vectors, trainable(net).values(), strict=True):
            if weight.ndim < 2:
                continue
            shaken = torch.from_numpy(self.rng.standard_normal(tuple(weight.shape), dtype=np.float32)).to(weight.device)
            change.add_(weight, alpha=self.keep - 1.0)
            change.add_(shaken, alpha=self.noise * math.sqrt(2.0 / weight[0].numel()))

    def consolidate(self, net: nn.Module, frames: Batch, reason: str) -> None:
        pass

    def state_dict(self) -> State:
        return {"rng": self.rng.bit_generator.state, "updates": self.updates}

    def load_state_dict(self, state: State) -> None:
        self.rng.bit_generator.state = state["rng"]
        self.updates = int(state["updates"])
