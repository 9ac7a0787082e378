"""Asymmetric cross-entropy (ER-ACE, Caccia et al. 2022, eq. 6): new frames do not push down classes they lack.

A new frame's softmax runs over the classes present in that frame, a recalled one's over all classes seen so far. Both
are in one mean over answered pixels, so that with all classes in every frame this is experience replay exactly.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from learners.base import IGNORE, Batch, Seen, State


class AsymmetricFit:
    """Cross-entropy in which absent classes take no part.

    Args:
        classes: K.
    """

    name = "fit"
    learns_without_labels = False
    consolidation_frames = 0

    def __init__(self, classes: int):
        self.known = torch.zeros(classes, dtype=torch.bool)

    @property
    def nbytes(self) -> int:
        return self.known.nbytes

    def loss(self, mixed: Batch, seen: Seen, net: nn.Module) -> Tensor:
        if not mixed.answered.any():
            return seen.logits.sum() * 0.0
        present = classes_present(mixed.labels, len(self.known))
        self.known |= present.any(0).cpu()
        new = len(mixed) - mixed.recalled
        allowed = torch.cat((present[:new], self.known.to(present.device).expand(mixed.recalled, -1)))
        logits = seen.logits.masked_fill(~allowed[:, :, None, None], torch.finfo(seen.logits.dtype).min)
        return F.cross_entropy(logits, mixed.labels.long(), ignore_index=IGNORE)

    def consolidate(self, net: nn.Module, frames: Batch, reason: str) -> None:
        pass

    def state_dict(self) -> State:
        return {"known": self.known.clone()}

    def load_state_dict(self, state: State) -> None:
        self.known = state["known"].clone()


def classes_present(labels: Tensor, classes: int) -> Tensor:
    """Which classes each frame (B, H', W') has: (B, K) bool."""
    flat = labels.long().flatten(1)
    present = torch.zeros(len(flat), IGNORE + 1, dtype=torch.bool, device=labels.device)
    return present.scatter_(1, flat, True)[:, :classes]
