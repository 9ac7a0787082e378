"""A served copy of a net: it answers with weights of another moment than those that are being learned."""

import copy
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from learners.base import to_float


class Served:
    """A copy that answers; it learns nothing by itself.

    Which regime it is now is no weight: the copy knows it as soon as the net that learns does.

    Args:
        net: that learns; the copy begins with its weights.

    Attributes:
        net: the copy.
    """

    def __init__(self, net: nn.Module) -> None:
        regimes = getattr(net, "regimes", None)
        self.net = copy.deepcopy(net, {id(regimes): regimes}).eval().requires_grad_(False)

    @torch.no_grad()
    def predict(self, images: Tensor) -> Tensor:
        """Logits (B, K, H', W') float32 of the copy for images (B, C, H, W), uint8 or float."""
        return self.net(to_float(images, next(self.net.parameters()).device)).logits

    def put(self, weights: Mapping[str, Tensor]) -> None:
        """Serve these weights; which regime it is now, stays known."""
        regimes = getattr(self.net, "regimes", None)
        now = None if regimes is None else regimes.state_dict()
        self.net.load_state_dict(weights)
        if regimes is not None:
            regimes.load_state_dict(now)


def weights_of(net: nn.Module) -> dict[str, Tensor]:
    """The weights of a net as they are now, by name; they stay so."""
    return {name: value.detach().clone() for name, value in net.state_dict().items()}
