"""Freezing: letting only a part of a net learn, without surprises from what stands still.

Two layers do something else behind frozen weights than one would think. A batch normalisation in training mode takes
the statistics of the batch and moves its running ones, though its weights are frozen; here it keeps what it has. And
on a processor torch (2.13) crashes where group normalisation of an input that lies channels last is asked for the
gradients of its weights and not for that of the input; here such an input is laid out channels first.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm


def learn_only(net: nn.Module, parameters: Iterable[nn.Parameter]) -> None:
    """Let gradients flow to these parameters of the net and to no others; frozen normalisation stands still."""
    chosen = list(parameters)
    net.requires_grad_(False)
    for parameter in chosen:
        parameter.requires_grad_(True)
    guard_frozen(net, bare_statistics_move=False)


def guard_frozen(net: nn.Module, *, bare_statistics_move: bool = True) -> None:
    """Make a net safe in which some parameters do not learn; where all do, nothing is done.

    Args:
        net: gets hooks on its normalisation layers, each once.
        bare_statistics_move: whether batch normalisation without weights, of which nobody can say that they are
            frozen, goes on following the batches.
    """
    if all(parameter.requires_grad for parameter in net.parameters()):
        return
    guard_group_norm(net)
    for layer in net.modules():
        if isinstance(layer, _BatchNorm):
            own = list(layer.parameters(recurse=False))
            if not any(p.requires_grad for p in own) if own else not bare_statistics_move:
                _hook_once(layer, _keep_statistics)


def guard_group_norm(net: nn.Module) -> None:
    """Let no group normalisation crash whose input needs no gradient."""
    for layer in net.modules():
        if isinstance(layer, nn.GroupNorm):
            _hook_once(layer, _channels_first_without_gradient)


def hold_statistics(net: nn.Module) -> None:
    """Let batch normalisation keep the running statistics that it has, in training, too: from here on for good.

    For methods that promise something about earlier answers: these would drift with the statistics.
    """
    for layer in net.modules():
        if isinstance(layer, _BatchNorm) and layer.running_mean is not None:
            _hook_once(layer, _keep_statistics)


def _hook_once(layer: nn.Module, hook) -> None:
    if hook not in layer._forward_pre_hooks.values():
        layer.register_forward_pre_hook(hook)


def _channels_first_without_gradient(layer: nn.Module, given: tuple[Tensor, ...]) -> tuple[Tensor, ...] | None:
    if torch.is_grad_enabled() and not given[0].requires_grad:
        return (given[0].contiguous(), *given[1:])
    return None


def _keep_statistics(layer: nn.Module, given: tuple[Tensor, ...]) -> None:
    layer.training = False
