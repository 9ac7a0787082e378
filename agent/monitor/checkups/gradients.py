"""Whether learning the present undoes the past: the angle between their gradients.

A cosine above 0 says that a step for the new frames also helps with the old ones; below 0, that it harms them
(Lopez-Paz & Ranzato 2017; Riemer et al. 2019). Gradients of few frames are mostly noise, which pulls every cosine to 0.
So the same is done between two sets of *past* frames: only a cosine outside of that band says something.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from learners.base import IGNORE, Batch
from learners.cost import Meter


def gradient(net: nn.Module, frames: Batch, meter: Meter) -> Tensor:
    """(P,) gradient of the mean cross-entropy over answered pixels, by the net's parameters, in evaluation mode.

    Args:
        net: its `grad` fields and its mode stay as they are.
        frames: float images on the net's device.
        meter: counts the pass.
    """
    parameters = [p for p in net.parameters() if p.requires_grad]
    was_training = net.training
    net.eval()
    with torch.enable_grad():
        loss = F.cross_entropy(net(frames.images).logits, frames.labels.long(), ignore_index=IGNORE)
        found = torch.autograd.grad(loss, parameters, allow_unused=True)
    net.train(was_training)
    meter.passes(net, frames.images)
    parts = [torch.zeros_like(p) if g is None else g for p, g in zip(parameters, found, strict=True)]
    return torch.cat([part.flatten() for part in parts])


def interference(new: list[Tensor], past: list[Tensor]) -> dict[str, float]:
    """Compare gradients of new frames with those of past ones.

    Args:
        new: (P,) each, of different frames.
        past: (P,) each, of different frames; at least two for a band.

    Returns:
        cosine: mean over pairs of a new and a past gradient; negative: share of pairs below 0; null_low, null_high:
        2.5 and 97.5 % quantile of the cosines between two past ones. NaN where there is no pair.
    """
    between = torch.stack([_cosine(n, p) for n in new for p in past]) if new and past else torch.empty(0)
    among = [_cosine(past[i], past[j]) for i in range(len(past)) for j in range(i)]
    nothing = float("nan")
    band = torch.quantile(torch.stack(among), torch.tensor([0.025, 0.975])).tolist() if among else [nothing, nothing]
    return {
        "cosine": float(between.mean()) if len(between) else nothing,
        "negative": float((between < 0).float().mean()) if len(between) else nothing,
        "null_low": band[0],
        "null_high": band[1],
    }


def _cosine(a: Tensor, b: Tensor) -> Tensor:
    return F.cosine_similarity(a, b, dim=0)
