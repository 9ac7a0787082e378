"""Synaptic intelligence (Zenke et al. 2017, arXiv:1703.04200): importance from the way that was walked.

At each step the loss falls by about -g_i * delta_i through weight i (equation 3). The sum of that between two
consolidations, against the square of the way made, says how stiff the loss was along it:

    w_i <- w_i - g_i delta_i                             each step
    Omega_i <- decay * Omega_i + max(w_i, 0) / (Delta_i^2 + xi),   w_i <- 0       at a consolidation (equation 5)
    strength * sum_i Omega_i (theta_i - theta*_i)^2                               (equation 4)

delta is the finished change of the weights: momentum, decay, clipping and projection are all in it. g is the gradient
of what the learner is here to learn, that is without this penalty ("task", as published), or of the whole loss
("total", as in Avalanche and GMvandeVen); both before clipping. A negative w says that a weight was moved against its
own interest; it is cut to 0, else the penalty could push away. The paper's sum over tasks is decay 1.
"""

from typing import Literal

import torch
from torch import Tensor, nn

from learners.base import Batch, Seen, State, trainable
from learners.fisher import Diagonal
from learners.terms.quadratic import Spring
from learners.weights import join, laid_out, split


class SI:
    """A quadratic penalty for leaving the last anchor, stiff where moving has lowered the loss. A `Witness`.

    Args:
        net: as it is now; the first way begins here.
        strength: c.
        xi: keeps the importance of weights that hardly moved bounded [squared weight].
        decay: what is left of the old importance at a consolidation, 0..1.
        gradient: "task" or "total".

    Raises:
        ValueError: if a number is out of range.
    """

    name = "si"
    learns_without_labels = False
    consolidation_frames = 0

    def __init__(
        self,
        net: nn.Module,
        *,
        strength: float,
        xi: float = 0.1,
        decay: float = 1.0,
        gradient: Literal["task", "total"] = "task",
    ):
        if strength < 0 or xi <= 0 or not 0 <= decay <= 1:
            raise ValueError(f"strength {strength}, xi {xi}, decay {decay}: expected >= 0, > 0 and 0..1")
        self.strength, self.xi, self.decay, self.gradient = strength, xi, decay, gradient
        self.spring = Spring()
        self.start = {name: weight.detach().clone() for name, weight in trainable(net).items()}
        self.gain: Tensor = torch.zeros_like(join(list(trainable(net).values())))  # w: the loss that fell, (P,)
        self._penalty_gradient: Tensor | None = None
        self._like = list(trainable(net).values())

    @property
    def nbytes(self) -> int:
        start = {} if self.start is self.spring.anchor else self.start
        return self.spring.nbytes + self.gain.nbytes + sum(value.nbytes for value in start.values())

    def loss(self, mixed: Batch, seen: Seen, net: nn.Module) -> Tensor:
        if self.gradient == "task" and self.spring.anchor:
            self._penalty_gradient = 2.0 * self.strength * self.spring.stiff_distance(net)
        return self.spring.pull(net, 2.0 * self.strength)

    @torch.no_grad()
    def witness(self, gradient: Tensor, change: Tensor, net: nn.Module) -> None:
        task = gradient if self._penalty_gradient is None else gradient - self._penalty_gradient
        self.gain.addcmul_(task, change, value=-1.0)

    @torch.no_grad()
    def consolidate(self, net: nn.Module, frames: Batch, reason: str) -> None:
        """Turn the way since the last consolidation into importance, and anchor here."""
        gains = split(self.gain, self._like)
        importance: Diagonal = {}
        for (name, weight), gain in zip(trainable(net).items(), gains, strict=True):
            way = weight - self.start[name]
            importance[name] = gain.clamp(min=0) / (way.square() + self.xi)
            if name in self.spring.stiffness:
                importance[name].add_(self.spring.stiffness[name], alpha=self.decay)
        self.spring.fasten(net, importance)
        self.start = self.spring.anchor  # shared: it is the same place
        self.gain.zero_()
        self._penalty_gradient = None

    def state_dict(self) -> State:
        gains = zip(self.start, split(self.gain, self._like), strict=True)
        return {
            "spring": self.spring.state_dict(),
            "start": {name: value.clone() for name, value in self.start.items()},
            "gain": {name: value.clone() for name, value in gains},
        }

    def load_state_dict(self, state: State) -> None:
        self.spring.load_state_dict(state["spring"])
        self.start = self.spring.anchor or dict(state["start"])
        pairs = zip(state["gain"].values(), self._like, strict=True)
        self.gain = join([laid_out(value, weight) for value, weight in pairs])
        self._penalty_gradient = None
