"""L2 to an anchor: the plainest way of staying close to what one was at the last consolidation.

    1/2 strength * sum_i (theta_i - theta*_i)^2

Elastic weight consolidation with a Fisher of 1: what any importance has to beat (Kirkpatrick et al. 2017, figure 2A).
"""

from torch import Tensor, nn

from learners.base import Batch, Seen, State
from learners.terms.quadratic import Spring


class L2:
    """A quadratic penalty, equal for all weights, for leaving those of the last consolidation.

    Args:
        strength: in units of the loss for each squared unit of weight.
    """

    name = "l2"
    learns_without_labels = False
    consolidation_frames = 0

    def __init__(self, *, strength: float):
        if strength < 0:
            raise ValueError(f"strength {strength}: expected 0 or more")
        self.strength = strength
        self.spring = Spring()

    @property
    def nbytes(self) -> int:
        return self.spring.nbytes

    def loss(self, mixed: Batch, seen: Seen, net: nn.Module) -> Tensor:
        return self.spring.pull(net, self.strength)

    def consolidate(self, net: nn.Module, frames: Batch, reason: str) -> None:
        self.spring.fasten(net)

    def state_dict(self) -> State:
        return self.spring.state_dict()

    def load_state_dict(self, state: State) -> None:
        self.spring.load_state_dict(state)
