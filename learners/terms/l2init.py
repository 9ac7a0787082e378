"""L2 to initialisation: regeneration of weights that nobody uses (Kumar et al. 2023, arXiv:2308.11958, equation 2).

    strength * sum_i (theta_i - theta0_i)^2

The anchor never moves. A weight without a gradient drifts back to where it began and can be learned from anew, which
keeps the net plastic; weight decay, which draws to 0, would silence it.
"""

from torch import Tensor, nn

from learners.base import Batch, Seen, State
from learners.terms.quadratic import Spring


class L2Init:
    """A quadratic penalty for leaving the first weights.

    Args:
        net: as it is now; these weights are the first ones. Where it comes trained, they are the trained ones.
        strength: lambda, of the squared distance (without a half, as published).
    """

    name = "l2init"
    learns_without_labels = False
    consolidation_frames = 0

    def __init__(self, net: nn.Module, *, strength: float):
        if strength < 0:
            raise ValueError(f"strength {strength}: expected 0 or more")
        self.strength = strength
        self.spring = Spring()
        self.spring.fasten(net)

    @property
    def nbytes(self) -> int:
        return self.spring.nbytes

    def loss(self, mixed: Batch, seen: Seen, net: nn.Module) -> Tensor:
        return self.spring.pull(net, 2.0 * self.strength)

    def consolidate(self, net: nn.Module, frames: Batch, reason: str) -> None:
        pass

    def state_dict(self) -> State:
        return self.spring.state_dict()

    def load_state_dict(self, state: State) -> None:
        self.spring.load_state_dict(state)
