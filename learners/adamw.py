"""AdamW over one vector (Loshchilov & Hutter 2019, algorithm 2): torch's own step, with moments that we keep."""

import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.optim.adamw import adamw

from learners.base import State, trainable
from learners.weights import Weights, join, laid_out, split


@dataclass(frozen=True)
class Optimizer:
    """Settings of the descent."""

    learning_rate: float = 1e-3
    weight_decay: float = 1e-4
    beta1: float = 0.9  # memory of the gradient's mean
    beta2: float = 0.999  # memory of its square
    eps: float = 1e-8
    clip_norm: float = math.inf  # gradients longer than this are shortened to it


class AdamW:
    """Moves the weights along their gradient.

    Args:
        net: whose trainable parameters `weights` holds; gives the moments their names on disk.
        weights: what is moved.
        settings: of the descent.
    """

    def __init__(self, net: nn.Module, weights: Weights, settings: Optimizer):
        self.weights, self.settings = weights, settings
        self.names = list(trainable(net))
        self.step_count = torch.zeros((), device=weights.vector.device)
        self.mean = torch.zeros_like(weights.vector).detach()
        self.square = torch.zeros_like(weights.vector).detach()

    @torch.no_grad()
    def step(self) -> None:
        """One step along `weights.gradient`."""
        settings = self.settings
        adamw(
            [self.weights.vector],
            [self.weights.gradient],
            [self.mean],
            [self.square],
            [],
            [self.step_count],
            fused=True,
            amsgrad=False,
            beta1=settings.beta1,
            beta2=settings.beta2,
            lr=settings.learning_rate,
            weight_decay=settings.weight_decay,
            eps=settings.eps,
            maximize=False,
        )

    def state_dict(self) -> State:
        """Steps taken, and the moments by the names of the parameters."""
        return {"step": self.step_count.clone(), "mean": self._named(self.mean), "square": self._named(self.square)}

    def load_state_dict(self, state: State) -> None:
        self.step_count.copy_(state["step"])
        for vector, key in ((self.mean, "mean"), (self.square, "square")):
            pairs = zip(self.names, self.weights.parameters, strict=True)
            vector.copy_(join([laid_out(state[key][name], parameter) for name, parameter in pairs]))

    def _named(self, vector: torch.Tensor) -> dict[str, torch.Tensor]:
        views = split(vector, self.weights.parameters)
        return {name: view.clone() for name, view in zip(self.names, views, strict=True)}
