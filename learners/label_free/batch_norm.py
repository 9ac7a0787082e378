"""A net with batch normalisation instead of group normalisation, for methods that live on its running statistics."""

import torch
from torch import nn


def with_batch_norm(net: nn.Module, momentum: float = 0.1) -> nn.Module:
    """Replace every `GroupNorm` in the net by a `BatchNorm2d` of the same channels, scales and shifts.

    The running statistics start at mean 0 and variance 1: the net is to be trained afterwards.

    Args:
        net: changed in place, before it is given to a learner.
        momentum: share of a batch in the running statistics.

    Returns:
        The same net.
    """
    for parent in list(net.modules()):
        for name, layer in list(parent.named_children()):
            if isinstance(layer, nn.GroupNorm):
                setattr(parent, name, _batch_norm_like(layer, momentum))
    return net


@torch.no_grad()
def _batch_norm_like(layer: nn.GroupNorm, momentum: float) -> nn.BatchNorm2d:
    batch_norm = nn.BatchNorm2d(layer.num_channels, eps=layer.eps, momentum=momentum)
    batch_norm.weight.copy_(layer.weight)
    batch_norm.bias.copy_(layer.bias)
    return batch_norm.to(layer.weight.device)
