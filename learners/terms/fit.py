"""Fit: cross-entropy over the answered pixels."""

import torch.nn.functional as F
from torch import Tensor, nn

from learners.base import IGNORE, Batch, Seen, State


class Fit:
    """-log p(label) in one mean over all answered pixels of the batch, new and recalled alike.

    One mean over the concatenation, not a mean of the new plus a mean of the recalled: a pixel weighs the same
    wherever it comes from. Unanswered pixels get a gradient of exactly zero; without any answer the loss is 0.
    """

    name = "fit"
    learns_without_labels = False
    consolidation_frames = 0
    nbytes = 0

    def loss(self, mixed: Batch, seen: Seen, net: nn.Module) -> Tensor:
        if not mixed.answered.any():
            return seen.logits.sum() * 0.0
        return F.cross_entropy(seen.logits, mixed.labels.long(), ignore_index=IGNORE)

    def consolidate(self, net: nn.Module, frames: Batch, reason: str) -> None:
        pass

    def state_dict(self) -> State:
        return {}

    def load_state_dict(self, state: State) -> None:
        pass
