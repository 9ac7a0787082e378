"""A spring between the weights and an anchor, which several methods differ only in how they stiffen.

    1/2 strength * sum_i stiffness_i (theta_i - anchor_i)^2

The gradient is written down rather than recorded, and taken of all weights at once: it runs every update.
"""

import torch
from torch import Tensor, nn

from learners.base import State, trainable
from learners.fisher import Diagonal
from learners.weights import join, laid_out, peek, split


class Spring:
    """Anchor and stiffness, a tensor for each trainable parameter by name; slack until it is `fasten`ed."""

    def __init__(self):
        self.anchor: Diagonal = {}
        self.stiffness: Diagonal = {}  # empty: 1 everywhere
        self._net: nn.Module | None = None
        self._weights: list[Tensor] = []
        self._vectors = (torch.empty(0), torch.empty(0))

    @property
    def nbytes(self) -> int:
        return sum(value.nbytes for value in (*self.anchor.values(), *self.stiffness.values()))

    def fasten(self, net: nn.Module, stiffness: Diagonal | None = None) -> None:
        """Anchor at the weights as they are; without a stiffness all of them are held alike."""
        self.anchor = {name: weight.detach().clone() for name, weight in trainable(net).items()}
        self.stiffness = dict(stiffness or {})
        self._net = None

    def pull(self, net: nn.Module, strength: float) -> Tensor:
        """The penalty, a scalar; 0 and without gradient while slack."""
        if not self.anchor:
            return next(net.parameters()).new_zeros(())
        if self._net is not net:
            self._gather(net)
        return _Pull.apply(strength, *self._vectors, *self._weights)

    def stiff_distance(self, net: nn.Module) -> Tensor:
        """(P,) stiffness * (theta - anchor), all weights in one vector; 0 while slack. Times strength: the gradient."""
        if not self.anchor:
            return torch.zeros_like(peek([weight.detach() for weight in trainable(net).values()]))
        if self._net is not net:
            self._gather(net)
        anchor, stiffness = self._vectors
        away = peek(self._weights) - anchor
        return away * stiffness if len(stiffness) else away

    def state_dict(self) -> State:
        kept = {"anchor": self.anchor, "stiffness": self.stiffness}
        return {key: {name: value.clone() for name, value in values.items()} for key, values in kept.items()}

    def load_state_dict(self, state: State) -> None:
        self.anchor, self.stiffness = dict(state["anchor"]), dict(state["stiffness"])
        self._net = None

    def _gather(self, net: nn.Module) -> None:
        """Lay anchor and stiffness out as vectors, in the order and memory layout of the weights."""
        self._net = net
        self._weights = [trainable(net)[name] for name in self.anchor]
        self._vectors = (self._joined(self.anchor), self._joined(self.stiffness))

    def _joined(self, values: Diagonal) -> Tensor:
        """The values as one vector, of which they become views; empty where there are none."""
        if not values:
            return torch.empty(0)
        vector = join([laid_out(value, weight) for value, weight in zip(values.values(), self._weights, strict=True)])
        values.update(zip(values, split(vector, self._weights), strict=True))
        return vector


class _Pull(torch.autograd.Function):
    """1/2 strength sum stiffness (theta - anchor)^2; an empty stiffness is 1."""

    @staticmethod
    def forward(ctx, strength: float, anchor: Tensor, stiffness: Tensor, *weights: Tensor) -> Tensor:
        away = peek(weights) - anchor
        pull = stiffness * away if len(stiffness) else away
        ctx.strength, ctx.pull, ctx.like = strength, pull, weights
        return 0.5 * strength * torch.dot(away, pull)

    @staticmethod
    def backward(ctx, *gradients):
        return None, None, None, *split(ctx.pull * (ctx.strength * gradients[0]), ctx.like)
