"""A spring between the weights and an anchor, which several methods differ only in how they stiffen.

    1/2 strength * sum_i stiffness_i (theta_i - anchor_i)^2

The gradient is written down rather than recorded, and taken of all weights at once: it runs every update. A learner
that keeps its weights in one vector has the pull added to their gradient on the spot (`Spring.acts_on`): the passes
over memory that autograd makes beside cost a fifth of a perceptron's update.
"""

from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from learners.base import State, trainable
from learners.fisher import Diagonal
from learners.weights import Weights, join, laid_out, peek, split


class Spring:
    """Anchor and stiffness, a tensor for each trainable parameter by name; slack until it is `fasten`ed."""

    def __init__(self):
        self.anchor: Diagonal = {}
        self.stiffness: Diagonal = {}  # empty: 1 everywhere
        self._net: nn.Module | None = None
        self._weights: list[nn.Parameter] = []
        self._vectors = (torch.empty(0), torch.empty(0))
        self._learner: Weights | None = None
        self._flat: tuple[Tensor, Tensor] | None = None  # the learner's weights and gradient, if these are held

    @property
    def nbytes(self) -> int:
        return sum(value.nbytes for value in (*self.anchor.values(), *self.stiffness.values()))

    def fasten(self, net: nn.Module, stiffness: Diagonal | None = None) -> None:
        """Anchor at the weights as they are; without a stiffness all of them are held alike."""
        self.anchor = {name: weight.detach().clone() for name, weight in trainable(net).items()}
        self.stiffness = dict(stiffness or {})
        self._net = None

    def acts_on(self, weights: Weights) -> None:
        """From now on the pull on these weights is added to `weights.gradient`, instead of being left to autograd."""
        self._learner, self._net = weights, None

    def pull(self, net: nn.Module, strength: float) -> Tensor:
        """The penalty, a scalar; 0 while slack. Autograd knows its gradient, unless that has been added already."""
        if not self.anchor:
            return next(net.parameters()).new_zeros(())
        self._gather(net)
        if self._flat is None:
            return _Pull.apply(strength, *self._vectors, *self._weights)
        weights, gradient = self._flat
        away, pull = stretch(weights, *self._vectors)
        gradient.add_(pull, alpha=strength)
        return 0.5 * strength * torch.dot(away, pull)

    def stiff_distance(self, net: nn.Module) -> Tensor:
        """(P,) stiffness * (theta - anchor), all weights in one vector; 0 while slack. Times strength: the gradient."""
        if not self.anchor:
            return torch.zeros_like(peek(list(trainable(net).values())))
        self._gather(net)
        return stretch(self._flat[0] if self._flat else peek(self._weights), *self._vectors)[1]

    def state_dict(self) -> State:
        kept = {"anchor": self.anchor, "stiffness": self.stiffness}
        return {key: {name: value.clone() for name, value in values.items()} for key, values in kept.items()}

    def load_state_dict(self, state: State) -> None:
        self.anchor, self.stiffness = dict(state["anchor"]), dict(state["stiffness"])
        self._net = None

    def _gather(self, net: nn.Module) -> None:
        """Lay anchor and stiffness out as vectors, in the order and memory layout of the weights; once for each net."""
        if self._net is net:
            return
        parameters = trainable(net)
        self._net, self._weights = net, [parameters[name] for name in self.anchor]
        self._vectors = (self._joined(self.anchor), self._joined(self.stiffness))
        learner = self._learner if self._learner is not None and self._learner.holds(self._weights) else None
        self._flat = None if learner is None else (learner.vector.detach(), learner.gradient)

    def _joined(self, values: Diagonal) -> Tensor:
        """The values as one vector, of which they become views; empty where there are none."""
        if not values:
            return torch.empty(0)
        vector = join([laid_out(value, weight) for value, weight in zip(values.values(), self._weights, strict=True)])
        values.update(zip(values, split(vector, self._weights), strict=True))
        return vector


@runtime_checkable
class Sprung(Protocol):
    """A term that holds the weights by a spring."""

    spring: Spring


def stretch(weights: Tensor, anchor: Tensor, stiffness: Tensor) -> tuple[Tensor, Tensor]:
    """theta - anchor, and stiffness times that, of vectors (P,); an empty stiffness is 1."""
    away = weights - anchor
    return away, stiffness * away if len(stiffness) else away


class _Pull(torch.autograd.Function):
    """1/2 strength sum stiffness (theta - anchor)^2, for autograd."""

    @staticmethod
    def forward(ctx, strength: float, anchor: Tensor, stiffness: Tensor, *weights: Tensor) -> Tensor:
        away, pull = stretch(peek(weights), anchor, stiffness)
        ctx.strength, ctx.pull, ctx.like = strength, pull, weights
        return 0.5 * strength * torch.dot(away, pull)

    @staticmethod
    def backward(ctx, *gradients):
        return None, None, None, *split(ctx.pull * (ctx.strength * gradients[0]), ctx.like)
