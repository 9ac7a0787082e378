"""A-GEM (Chaudhry et al. 2019, eq. 11): a step may not raise the mean loss of remembered frames, to first order.

Acts on the gradient. What the optimizer makes of it (moments, decay) may still raise that loss; so it does in the
authors' code.
"""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from learners.base import NO_FRAMES, Batch, Memory, State
from learners.cost import Meter
from learners.projectors.reference import reference_gradient
from learners.weights import join, split


class AGEM:
    """Removes from the gradient g its part against the gradient r of remembered frames: g - (g.r / r.r) r if g.r < 0.

    Args:
        memory: the learner's own; its bytes are counted there. It may recall no frames for the fit.
        frames: how many remembered frames make the reference.
        meter: counts the extra pass, forward and backward.
    """

    acts_on: Literal["gradient", "change"] = "gradient"
    consolidation_frames = 0
    nbytes = 0

    def __init__(self, memory: Memory, *, frames: int, meter: Meter):
        self.memory, self.frames, self.meter = memory, frames, meter

    def project(self, vectors: Sequence[Tensor], mixed: Batch, net: nn.Module) -> None:
        remembered = self.memory.recall(NO_FRAMES, net, frames=self.frames)
        if not len(remembered):
            return
        reference = reference_gradient(net, remembered.as_float(vectors[0].device), self.meter)
        bent = without_conflict(join(vectors), reference)
        for vector, part in zip(vectors, split(bent, vectors), strict=True):
            vector.copy_(part)

    def consolidate(self, net: nn.Module, frames: Batch, reason: str) -> None:
        pass

    def state_dict(self) -> State:
        return {}

    def load_state_dict(self, state: State) -> None:
        pass


def without_conflict(gradient: Tensor, reference: Tensor) -> Tensor:
    """The nearest vector to `gradient` (P,) that does not point against `reference` (P,).

    >>> without_conflict(torch.tensor([1.0, -1.0]), torch.tensor([0.0, 2.0])).tolist()
    [1.0, 0.0]
    """
    against = torch.dot(gradient, reference)
    return gradient if against >= 0 else gradient - against / torch.dot(reference, reference) * reference
