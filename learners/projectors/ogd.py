"""Orthogonal gradient descent (Farajtabar et al. 2020, algorithm 1), on the finished change of the weights.

What the net answers to stored frames should not move: to first order it does not, if the change is orthogonal to the
gradient of those answers. At a consolidation the gradients of the true classes' logits (the paper's ground-truth-logit
variant) join a basis by Gram-Schmidt. One direction costs as many bytes as the weights do, so the basis is bounded;
when it is full the oldest directions leave, and what they held may be forgotten.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from learners.base import IGNORE, Batch, State, trainable
from learners.cost import Meter


class OGD:
    """Keeps the change orthogonal to what stored answers depend on.

    Args:
        directions: bound of the basis.
        rng: which pixels are taken.
        meter: counts the passes.
        frames: how many recent frames a consolidation looks at, and as many out of the memory.
        pixels: answered pixels taken of each frame, a direction each; 0 for their mean, one direction a frame.
    """

    acts_on: Literal["gradient", "change"] = "change"

    def __init__(self, *, directions: int, rng: np.random.Generator, meter: Meter, frames: int = 16, pixels: int = 0):
        self.directions, self.rng, self.meter, self.pixels = directions, rng, meter, pixels
        self.consolidation_frames = frames
        self.basis = torch.zeros(0, 0)  # (D, P), orthonormal; of weights as they are listed, each in row-major order

    @property
    def nbytes(self) -> int:
        return self.basis.nbytes

    def project(self, vectors: Sequence[Tensor], mixed: Batch, net: nn.Module) -> None:
        if not len(self.basis):
            return
        change = _listed(vectors)
        change -= (self.basis @ change) @ self.basis
        start = 0
        for vector in vectors:
            vector.copy_(change[start : start + vector.numel()].reshape(vector.shape))
            start += vector.numel()

    def consolidate(self, net: nn.Module, frames: Batch, reason: str) -> None:
        """Add the directions of these frames; those without answers give none."""
        for direction in self._answers(net, frames[torch.from_numpy(frames.answered)]):
            length = torch.linalg.vector_norm(direction)
            for _ in range(2):  # twice is enough (Giraud et al. 2005)
                if len(self.basis):
                    direction = direction - (self.basis @ direction) @ self.basis
            left = torch.linalg.vector_norm(direction)
            if torch.isfinite(left) and left > 1e-4 * length:
                row = (direction / left)[None]
                leaving = max(len(self.basis) + 1 - self.directions, 0)
                self.basis = torch.cat((self.basis[leaving:], row)) if len(self.basis) else row

    def state_dict(self) -> State:
        return {"rng": self.rng.bit_generator.state, "basis": self.basis.clone()}

    def load_state_dict(self, state: State) -> None:
        self.rng.bit_generator.state = state["rng"]
        self.basis = state["basis"].clone()

    def _answers(self, net: nn.Module, frames: Batch):
        """The gradient of each answer of each frame, as a vector (P,)."""
        was_training = net.training
        net.eval()
        weights = list(trainable(net).values())
        for number in range(len(frames)):
            one = frames[number : number + 1]
            logits = net(one.images).logits.movedim(1, -1)[one.labels != IGNORE]  # (answered pixels, K)
            answers = logits.gather(1, one.labels[one.labels != IGNORE].long()[:, None])[:, 0]
            if self.pixels:
                chosen = self.rng.choice(len(answers), min(self.pixels, len(answers)), replace=False)
                answers = answers[torch.from_numpy(chosen)]
            else:
                answers = answers.mean()[None]
            self.meter.passes(net, one.images, backward=len(answers))
            for i, answer in enumerate(answers):
                again = i + 1 < len(answers)
                gradients = torch.autograd.grad(answer, weights, retain_graph=again, allow_unused=True)
                pairs = zip(gradients, weights, strict=True)
                yield _listed([torch.zeros_like(w) if gradient is None else gradient for gradient, w in pairs])
        net.train(was_training)


def _listed(tensors: Sequence[Tensor]) -> Tensor:
    """All numbers in row-major order, tensor after tensor; a copy."""
    return torch.cat([tensor.detach().reshape(-1) for tensor in tensors])
