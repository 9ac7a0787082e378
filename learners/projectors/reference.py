"""The gradient of remembered frames, which A-GEM and GEM compare the new one with."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from learners.base import IGNORE, Batch, trainable
from learners.cost import Meter
from learners.weights import join, laid_out


def reference_gradient(net: nn.Module, frames: Batch, meter: Meter) -> Tensor:
    """Gradient (P,) of the mean loss of answered pixels, ordered as `learners.weights.join`; the net stays as it was.

    Args:
        net: its forward pass returns `Seen`.
        frames: float images on the net's device, with an answer somewhere.
        meter: counts the pass.
    """
    was_training = net.training
    net.eval()
    parameters = list(trainable(net).values())
    with torch.enable_grad():
        loss = F.cross_entropy(net(frames.images).logits, frames.labels.long(), ignore_index=IGNORE)
        gradients = torch.autograd.grad(loss, parameters, allow_unused=True)
    net.train(was_training)
    meter.passes(net, frames.images)
    pairs = zip(gradients, parameters, strict=True)
    return join(
        [torch.zeros_like(weight) if gradient is None else laid_out(gradient, weight) for gradient, weight in pairs]
    )
