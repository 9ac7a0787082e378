"""An earlier self: weights of the past that can still be asked."""

import torch
from torch import Tensor, nn
from torch.func import functional_call

from learners.base import Seen, State, trainable
from learners.cost import Meter
from learners.weights import join, laid_out, peek, split


class Teacher:
    """What the net once was, as tensors: its trainable weights and its buffers. Empty until `take`.

    What does not learn is not kept: it is the net's own.

    Args:
        meter: counts the passes.
    """

    def __init__(self, meter: Meter):
        self.meter = meter
        self.weights: dict[str, Tensor] = {}
        self.buffers: dict[str, Tensor] = {}
        self._vector = torch.empty(0)  # of which the weights are views

    def __bool__(self) -> bool:
        return bool(self.weights)

    @property
    def nbytes(self) -> int:
        return sum(value.nbytes for value in (*self.weights.values(), *self.buffers.values()))

    def take(self, net: nn.Module) -> None:
        """Become what the net is now."""
        self._lay_out(net, {name: weight.detach() for name, weight in trainable(net).items()})
        self.buffers = {name: value.clone() for name, value in net.named_buffers()}

    @torch.no_grad()
    def follow(self, net: nn.Module, rate: float) -> None:
        """Move towards the net: weights <- weights + rate * (net's - weights); buffers are taken as they are."""
        if not self:
            self.take(net)
            return
        if not len(self._vector):
            self._lay_out(net, self.weights)
        self._vector.lerp_(peek(list(trainable(net).values())), rate)
        self.buffers = {name: value.clone() for name, value in net.named_buffers()}

    @torch.no_grad()
    def see(self, net: nn.Module, images: Tensor) -> Seen:
        """The earlier self's pass over (B, C, H, W) float images, in evaluation mode; `net` lends its code."""
        was_training = net.training
        net.eval()
        seen = functional_call(net, {**self.weights, **self.buffers}, (images,))
        net.train(was_training)
        self.meter.passes(net, images, backward=0)
        return seen

    def state_dict(self) -> State:
        kept = {"weights": self.weights, "buffers": self.buffers}
        return {key: {name: value.clone() for name, value in values.items()} for key, values in kept.items()}

    def load_state_dict(self, state: State) -> None:
        self.weights, self.buffers = dict(state["weights"]), dict(state["buffers"])
        self._vector = torch.empty(0)

    def _lay_out(self, net: nn.Module, weights: dict[str, Tensor]) -> None:
        like = [trainable(net)[name] for name in weights]
        self._vector = join([laid_out(value, weight) for value, weight in zip(weights.values(), like, strict=True)])
        self.weights = dict(zip(weights, split(self._vector, like), strict=True))
