"""A net that is several: each regime is served by the weights, or by the channels, that are its own."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.func import functional_call

from learners.base import Seen
from learners.regimes import Regimes

FREE = 255
"""The owner of what no regime has taken yet."""


class WeightMasked(nn.Module):
    """Serves each frame with the weights that its regime may use; those of later regimes count as zero.

    A regime uses what it and earlier regimes own. The one that is open also uses what is free, until it is pruned.
    Vectors (biases, scales, shifts) are not masked: they belong to the first regime and serve all.

    Args:
        net: its forward pass returns `Seen`.
        regimes: says whose turn it is.
    """

    def __init__(self, net: nn.Module, regimes: Regimes):
        super().__init__()
        self.net, self.regimes = net, regimes
        self.masked = [name for name, parameter in net.named_parameters() if parameter.ndim > 1]
        for name, parameter in net.named_parameters():
            if parameter.ndim > 1:
                owner = torch.full_like(parameter, FREE, dtype=torch.uint8, requires_grad=False)
                self.register_buffer(self._buffer(name), owner)
        self.register_buffer("finished", torch.zeros(regimes.limit, dtype=torch.bool))

    def forward(self, images: Tensor) -> Seen:
        return each_regime(images, self.regimes.assign(images), self._serve)

    def owner(self, name: str) -> Tensor:
        """Who owns each weight of the parameter `name` of the inner net: a regime's number, or FREE."""
        return self.get_buffer(self._buffer(name))

    def used(self, name: str, regime: int) -> Tensor:
        """Which weights of a parameter serve a regime, as bools of its shape."""
        owner = self.owner(name)
        mine = owner <= regime
        return mine if self.finished[regime] else mine | (owner == FREE)

    def _serve(self, images: Tensor, regime: int) -> Seen:
        parameters = dict(self.net.named_parameters())
        masked = {name: parameters[name] * self.used(name, regime) for name in self.masked}
        return functional_call(self.net, masked, (images,))

    @staticmethod
    def _buffer(name: str) -> str:
        return "owner_of_" + name.replace(".", "_of_")


def each_regime(images: Tensor, regimes: Tensor, serve: Callable[[Tensor, int], Seen]) -> Seen:
    """Serve the frames of each regime together, and put the answers back in the order of the frames."""
    present = regimes.unique().tolist()
    if len(present) == 1:
        return serve(images, present[0])
    rows = [(regimes == regime).nonzero()[:, 0].to(images.device) for regime in present]
    answers = [serve(images[some], regime) for some, regime in zip(rows, present, strict=True)]
    order = torch.cat(rows).argsort()
    logits, features = (torch.cat(parts)[order] for parts in zip(*answers, strict=True))
    return Seen(logits, features)
