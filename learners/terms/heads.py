"""Heads: parameters that a term needs and that predicting does not.

They are submodules of the net, so that the optimizer, the penalties and the files know them by name; the net's own
forward pass never calls them, so that predictions, and the names of all other weights, stay as they were. A head must
be attached before the net is given to `Online`, which lays all weights out in one vector.
"""

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from learners.cost import Meter
from learners.nets import initialise


class HeadLayers(nn.Sequential):
    """The layers of a head, to be known by their type among the net's submodules."""


class Head:
    """Layers on the features of a net, inside that net.

    Args:
        net: gets a submodule `name`.
        name: of the submodule.
        layers: of the head, made on the meta device; `learners.nets.initialise` must know them.
        generator: draws the weights.
        meter: counts the head's operations, which are no pass of the net.

    Raises:
        ValueError: if the net has something of that name already.
    """

    def __init__(self, net: nn.Module, name: str, layers: list[nn.Module], generator: torch.Generator, meter: Meter):
        if hasattr(net, name):
            raise ValueError(f"the net has a {name!r} already; a term may be attached to a net once")
        self.layers = HeadLayers(*layers)
        initialise(self.layers, generator)
        self.layers.to(next(net.parameters()).device)
        net.add_module(name, self.layers)
        self.meter = meter
        self._flops: dict[tuple[int, ...], int] = {}  # a row's, forward and backward, by the shape of its features

    def __call__(self, features: Tensor) -> Tensor:
        """(B, F, H', W') to what the layers make of it."""
        shape = tuple(features.shape[1:])
        if shape not in self._flops:
            self._flops[shape] = self._count(features[:1].detach().requires_grad_())
        self.meter.count(flops=self._flops[shape] * len(features))
        return self.layers(features)

    def _count(self, row: Tensor) -> int:
        """Operations of one row, as torch finds them."""
        with torch.enable_grad(), FlopCounterMode(display=False) as counter:
            made = self.layers(row * 1.0)  # the counter's hooks want an input that is itself computed
            torch.autograd.grad(made.sum(), [row, *self.layers.parameters()])
        return counter.get_total_flops()


def head_names(net: nn.Module) -> tuple[str, ...]:
    """How the names of all weights begin that belong to heads."""
    return tuple(f"{name}." for name, layer in net.named_modules() if isinstance(layer, HeadLayers))


def weights_that_predict(net: nn.Module) -> dict[str, Tensor]:
    """The net's state without its heads: with it, the net that a learner of the same recipe has predicts the same.

    It holds whatever the answers depend on, such as statistics that came in the place of weights, and regimes that
    were found. `learners.weight_files.put_weights` takes it.
    """
    heads = head_names(net)
    return {name: value for name, value in net.state_dict().items() if not name.startswith(heads)}


def features_wide(net: nn.Module) -> int:
    """F, how many features the last layer of a net looks at: the inputs of its layer `head`.

    Raises:
        ValueError: if it has no such layer.
    """
    head = getattr(net, "head", None)
    if isinstance(head, nn.Conv2d):
        return head.in_channels
    if isinstance(head, nn.Linear):
        return head.in_features
    raise ValueError(f"{type(net).__name__} has no convolution or linear layer called 'head'; say features=... instead")
