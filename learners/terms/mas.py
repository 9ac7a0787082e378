"""Memory aware synapses (Aljundi et al. 2018, arXiv:1711.09601): importance without labels.

A weight matters if changing it changes the answers, whether or not anybody knows that they are right:

    Omega_i = mean over images of |d ||f(x)||^2 / d theta_i|          (their equations 2 and 3)
    strength * sum_i Omega_i (theta_i - theta*_i)^2                   (equation 4)

f(x) are the logits. For a dense net ||f(x)||^2 is the squared length of a pixel's logits, in its mean over *all*
pixels of the image, answered or not: so unlabelled frames are as good as any. The absolute value is taken image by
image, a backward pass each, as published; several libraries take it of a batch's mean, where signs cancel.
Over consolidations Omega <- decay * Omega + Omega_now; the paper's sum is decay 1.
"""

import torch
from torch import Tensor, nn

from learners.base import Batch, Seen, State, trainable
from learners.cost import Meter
from learners.fisher import Diagonal
from learners.terms.quadratic import Spring


class MAS:
    """A quadratic penalty for leaving the last anchor, stiff where the answers are sensitive.

    Args:
        strength: lambda.
        meter: counts the passes of the consolidation.
        decay: what is left of the old importance at a consolidation, 0..1.
        frames: how many recent frames it looks at, and as many out of the memory.

    Raises:
        ValueError: if strength or decay is out of range.
    """

    name = "mas"
    learns_without_labels = False

    def __init__(self, *, strength: float, meter: Meter, decay: float = 1.0, frames: int = 16):
        if strength < 0 or not 0 <= decay <= 1:
            raise ValueError(f"strength {strength}, decay {decay}: expected strength >= 0 and decay in 0..1")
        self.strength, self.decay, self.meter = strength, decay, meter
        self.consolidation_frames = frames
        self.spring = Spring()

    @property
    def nbytes(self) -> int:
        return self.spring.nbytes

    def loss(self, mixed: Batch, seen: Seen, net: nn.Module) -> Tensor:
        return self.spring.pull(net, 2.0 * self.strength)

    def consolidate(self, net: nn.Module, frames: Batch, reason: str) -> None:
        """Take the weights as the new anchor and add their importance for these frames."""
        if not len(frames):
            return
        now = sensitivity(net, frames, self.meter)
        for name, old in self.spring.stiffness.items():
            now[name].add_(old, alpha=self.decay)
        self.spring.fasten(net, now)

    def state_dict(self) -> State:
        return self.spring.state_dict()

    def load_state_dict(self, state: State) -> None:
        self.spring.load_state_dict(state)


def sensitivity(net: nn.Module, frames: Batch, meter: Meter) -> Diagonal:
    """Mean over images of |d/d theta of the mean over pixels of the squared length of the logits|."""
    parameters = trainable(net)
    total = {name: torch.zeros_like(parameter) for name, parameter in parameters.items()}
    was_training = net.training
    net.eval()
    for row in range(len(frames)):
        image = frames.images[row : row + 1]
        length = net(image).logits.square().sum(1).mean()
        meter.passes(net, image)
        gradients = torch.autograd.grad(length, list(parameters.values()), allow_unused=True)
        for value, gradient in zip(total.values(), gradients, strict=True):
            if gradient is not None:
                value.add_(gradient.abs_(), alpha=1.0 / len(frames))
    net.train(was_training)
    return total
