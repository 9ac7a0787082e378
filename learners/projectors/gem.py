"""GEM (Lopez-Paz & Ranzato 2017, eqs. 8-13) without tasks: a step may not raise the loss of any group of old frames.

The original has one constraint a task. Here the remembered frames of an update are dealt out into groups at random,
and each group is a constraint: a stream without tasks has no better ones. The nearest gradient that meets them all is
found through its dual, a quadratic programme with as many unknowns as groups, solved as non-negative least squares.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from scipy.optimize import nnls
from torch import Tensor, nn

from learners.base import NO_FRAMES, Batch, Memory, State
from learners.cost import Meter
from learners.projectors.reference import reference_gradient
from learners.weights import join, split


class GEM:
    """Bends the gradient to the nearest one that does not conflict with any group of remembered frames.

    Args:
        memory: the learner's own; its bytes are counted there. It may recall no frames for the fit.
        frames: how many remembered frames are asked for at an update.
        groups: into how many constraints they are dealt.
        meter: counts a pass of each group, forward and backward.
        margin: least dual variable; larger ones favour the past more than needed (the paper's gamma).

    Raises:
        ValueError: if there are more groups than frames.
    """

    acts_on: Literal["gradient", "change"] = "gradient"
    consolidation_frames = 0
    nbytes = 0

    def __init__(self, memory: Memory, *, frames: int, groups: int, meter: Meter, margin: float = 0.5):
        if not 1 <= groups <= frames:
            raise ValueError(f"{groups} groups of {frames} frames; expected 1..{frames} groups")
        self.memory, self.frames, self.groups, self.meter, self.margin = memory, frames, groups, meter, margin

    def project(self, vectors: Sequence[Tensor], mixed: Batch, net: nn.Module) -> None:
        remembered = self.memory.recall(NO_FRAMES, net, frames=self.frames)
        if not len(remembered):
            return
        remembered, groups = remembered.as_float(vectors[0].device), min(self.groups, len(remembered))
        references = [reference_gradient(net, remembered[group::groups], self.meter) for group in range(groups)]
        bent = without_conflicts(join(vectors), torch.stack(references), margin=self.margin)
        for vector, part in zip(vectors, split(bent, vectors), strict=True):
            vector.copy_(part)

    def consolidate(self, net: nn.Module, frames: Batch, reason: str) -> None:
        pass

    def state_dict(self) -> State:
        return {}

    def load_state_dict(self, state: State) -> None:
        pass


def without_conflicts(gradient: Tensor, references: Tensor, *, margin: float = 0.0) -> Tensor:
    """The nearest vector to `gradient` (P,) that points against no row of `references` (G, P).

    Left as it is where there is no conflict. With R the references, g the gradient and v >= margin, the dual is
    min 1/2 v'RR'v + (Rg)'v, and g + R'v the answer. With RR' = LL' and v = margin + u this is min |L'u + b|, u >= 0.
    """
    against = (references @ gradient).double().cpu().numpy()
    if not (against < 0).any():
        return gradient
    gram = (references @ references.T).double().cpu().numpy()
    gram += np.eye(len(gram)) * (1e-9 * np.trace(gram) + 1e-30)  # references may depend on one another
    if not (np.isfinite(gram).all() and np.isfinite(against).all()):
        return gradient * torch.nan  # seen by the learner, which skips the update
    lower = np.linalg.cholesky(gram)
    slack, _ = nnls(lower.T, -np.linalg.solve(lower, against + margin * gram.sum(1)))
    dual = torch.from_numpy(slack + margin).to(references)
    return gradient + references.T @ dual
