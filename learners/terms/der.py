"""Dark experience replay (Buzzega et al. 2020, eqs. 5 and 6), for a `Dark` memory.

    CE(new) + alpha * mean (f(x') - z')^2 + beta * CE(x'', y'')        x', x'': two independent draws; DER has beta = 0

z' are the logits with which x' was first seen. All are means over pixels; the second one over classes as well.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from learners.base import IGNORE, Batch, Seen, State
from learners.memories.dark import ANSWERED, DRAW, IMITATED, LOGITS


class DarkFit:
    """CE of the new frames, and `beta` times CE of those recalled to be answered.

    Args:
        beta: weight of the second draw; 0 for DER.
    """

    name = "fit"
    learns_without_labels = False
    consolidation_frames = 0
    nbytes = 0

    def __init__(self, *, beta: float = 0.0):
        self.beta = beta

    def loss(self, mixed: Batch, seen: Seen, net: nn.Module) -> Tensor:
        new = len(mixed) - mixed.recalled
        loss = _mean_loss(seen.logits[:new], mixed.labels[:new])
        if self.beta and DRAW in mixed.extras:
            rows = mixed.extras[DRAW] == ANSWERED
            loss = loss + self.beta * _mean_loss(seen.logits[rows], mixed.labels[rows])
        return loss

    def consolidate(self, net: nn.Module, frames: Batch, reason: str) -> None:
        pass

    def state_dict(self) -> State:
        return {}

    def load_state_dict(self, state: State) -> None:
        pass


class Imitate:
    """`alpha` times the mean squared distance to the logits that were kept; frames without any are passed over.

    Args:
        alpha: its weight.
        stride: that of the memory.
    """

    name = "der"
    learns_without_labels = False
    consolidation_frames = 0
    nbytes = 0

    def __init__(self, *, alpha: float, stride: int = 1):
        self.alpha, self.stride = alpha, stride

    def loss(self, mixed: Batch, seen: Seen, net: nn.Module) -> Tensor:
        if LOGITS not in mixed.extras:
            return seen.logits.new_zeros(())
        kept = mixed.extras[LOGITS].float()
        rows = (mixed.extras[DRAW] == IMITATED) & torch.isfinite(kept).flatten(1).all(1)
        if not rows.any():
            return seen.logits.new_zeros(())
        said = seen.logits[rows][:, :, :: self.stride, :: self.stride]
        return self.alpha * F.mse_loss(said, kept[rows])

    def consolidate(self, net: nn.Module, frames: Batch, reason: str) -> None:
        pass

    def state_dict(self) -> State:
        return {}

    def load_state_dict(self, state: State) -> None:
        pass


def _mean_loss(logits: Tensor, labels: Tensor) -> Tensor:
    if not (labels != IGNORE).any():
        return logits.sum() * 0.0
    return F.cross_entropy(logits, labels.long(), ignore_index=IGNORE)
