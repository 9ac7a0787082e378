"""Entropy of the answers: being surer without knowing more (Grandvalet & Bengio 2004; for TENT: Wang et al. 2021)."""

from torch import Tensor, nn

from learners.base import Batch, Seen, State


class Entropy:
    """Mean over all pixels, answered or not, of -sum_k p_k log p_k [nat].

    Args:
        strength: what it weighs.
    """

    name = "entropy"
    learns_without_labels = True
    consolidation_frames = 0
    nbytes = 0

    def __init__(self, *, strength: float = 1.0):
        self.strength = strength

    def loss(self, mixed: Batch, seen: Seen, net: nn.Module) -> Tensor:
        log_p = seen.logits.log_softmax(1)
        return -self.strength * (log_p.exp() * log_p).sum(1).mean()

    def consolidate(self, net: nn.Module, frames: Batch, reason: str) -> None:
        pass

    def state_dict(self) -> State:
        return {}

    def load_state_dict(self, state: State) -> None:
        pass
