"""Learning without forgetting (Li & Hoiem 2016, arXiv:1606.09282), pixel by pixel: an earlier self as teacher.

    strength * T^2 * mean over pixels of sum_k p_k log(p_k / q_k),
    p = softmax(teacher's logits / T), q = softmax(own logits / T)

This is their equation 2 less the teacher's entropy, which has no gradient. T^2 keeps the gradient's size the same for
every temperature (Hinton et al. 2015, section 2); several libraries leave it out. All classes are distilled at all
pixels of all frames of the update, answered or not: our classes stay and their looks drift. No frame of the past is
needed. The teacher is the self of the last consolidation, or one that follows at a distance: an exponential moving
average of the weights (Tarvainen & Valpola 2017, arXiv:1703.01780), which needs no consolidation.
"""

import torch.nn.functional as F
from torch import Tensor, nn

from learners.base import Batch, Seen, State
from learners.cost import Meter
from learners.terms.teacher import Teacher


class LwF:
    """Distillation from an earlier self. A batch without answers is no occasion for an update of its own.

    Args:
        strength: alpha.
        meter: counts the teacher's pass, one forward an update.
        temperature: T; above 1, unlikely classes count for more.
        follow: 0 to renew the teacher at consolidations; else the share of the way to the learner that the teacher
            moves at each update, as 1e-3.

    Raises:
        ValueError: if a number is out of range.
    """

    name = "lwf"
    learns_without_labels = False
    consolidation_frames = 0

    def __init__(self, *, strength: float, meter: Meter, temperature: float = 2.0, follow: float = 0.0):
        if strength < 0 or temperature <= 0 or not 0 <= follow <= 1:
            raise ValueError(f"strength {strength}, temperature {temperature}, follow {follow}: >= 0, > 0 and 0..1")
        self.strength, self.temperature, self.follow = strength, temperature, follow
        self.teacher = Teacher(meter)

    @property
    def nbytes(self) -> int:
        return self.teacher.nbytes

    def loss(self, mixed: Batch, seen: Seen, net: nn.Module) -> Tensor:
        if self.follow:
            self.teacher.follow(net, self.follow)
        if not self.teacher:
            return seen.logits.new_zeros(())
        taught = self.teacher.see(net, mixed.images).logits
        return self.strength * distillation(seen.logits, taught, self.temperature)

    def consolidate(self, net: nn.Module, frames: Batch, reason: str) -> None:
        if not self.follow:
            self.teacher.take(net)

    def state_dict(self) -> State:
        return self.teacher.state_dict()

    def load_state_dict(self, state: State) -> None:
        self.teacher.load_state_dict(state)


def distillation(logits: Tensor, taught: Tensor, temperature: float) -> Tensor:
    """T^2 times the mean over pixels of KL(teacher || student), both softened by T.

    Args:
        logits: (B, K, H', W'), the student's.
        taught: the same of the teacher.
        temperature: T.
    """
    own = F.log_softmax(logits / temperature, dim=1)
    theirs = F.log_softmax(taught / temperature, dim=1)
    return temperature**2 * F.kl_div(own, theirs, reduction="none", log_target=True).sum(1).mean()
