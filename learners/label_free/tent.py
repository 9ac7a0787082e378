"""TENT (Wang et al. 2021, arXiv:2006.10726): become surer, by the scales and shifts of normalisation alone.

It is the ordinary `Online` with one term, the entropy of the answers, and few weights to move. It looks at no label,
and nothing tells it when it is surely wrong: what a drift does to the answers it makes firmer.
"""

import torch
from torch import Tensor, nn

from learners.adamw import Optimizer
from learners.cost import Meter
from learners.online import Online
from learners.terms.entropy import Entropy

NORMALISATION = (nn.GroupNorm, nn.LayerNorm, nn.InstanceNorm2d, nn.modules.batchnorm._BatchNorm)


def tent(net: nn.Module, optimizer: Optimizer, meter: Meter | None = None) -> Online:
    """A learner that lowers the entropy of its answers on new frames.

    Args:
        net: becomes the learner's; all but the scales and shifts of its normalisation cease to be trainable.
        optimizer: settings of the descent; weight decay would shrink the scales.
        meter: the account.

    Raises:
        ValueError: if the net has no normalisation with weights.
    """
    train_only_normalisation(net)
    return Online(net, [Entropy()], optimizer=optimizer, meter=meter)


def train_only_normalisation(net: nn.Module) -> None:
    """Let gradients flow to the scales and shifts of normalisation, and to nothing else.

    Raises:
        ValueError: if there are none.
    """
    adapted = [
        p for layer in net.modules() if isinstance(layer, NORMALISATION) for p in layer.parameters(recurse=False)
    ]
    if not adapted:
        raise ValueError(f"{type(net).__name__} has no normalisation layer with weights: nothing for TENT to adapt")
    net.requires_grad_(False)
    for parameter in adapted:
        parameter.requires_grad_(True)
    for layer in net.modules():
        if isinstance(layer, nn.GroupNorm):
            layer.register_forward_pre_hook(_channels_first_behind_frozen_layers)


def _channels_first_behind_frozen_layers(layer: nn.Module, given: tuple[Tensor, ...]) -> tuple[Tensor, ...] | None:
    """Lay an input that needs no gradient out channels first.

    On a processor torch (2.13) crashes where group normalisation of an input that lies channels last is asked for the
    gradients of its weights and not for that of the input.
    """
    if torch.is_grad_enabled() and not given[0].requires_grad:
        return (given[0].contiguous(), *given[1:])
    return None
