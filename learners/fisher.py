"""The diagonal of the Fisher information of a dense classifier, and what 'one sample' means.

Write s_n = d log p(y_n | x) / d theta for the score of pixel n, whose label y_n the model itself draws. The Fisher of a
pixel is F_n = E[s_n s_n]; we want the diagonal of its mean over the N answered pixels, F = 1/N sum_n F_n, in units of
*one pixel*. The loss that we descend is a mean over pixels, so 1/2 (theta - theta*)' F (theta - theta*) is the second
order of that very loss around the weights theta*, had it been fitted perfectly.

* `exact_fisher` sums over all labels of all pixels, weighted by the model: N K backward passes. For tiny nets.
* `sampled_fisher` draws the labels. Given the images they are independent between pixels and scores have mean zero, so
  E[(sum_n s_n)^2] = sum_n E[s_n^2] = N F, all cross terms vanishing: N times the squared mean gradient is an unbiased
  estimate from *one* backward pass of many pixels. It is noisy (relative variance about 2: the square of a sum that is
  nearly normal), so several groups of frames and several draws a group are averaged.
* `empirical_fisher` uses the true labels. Then scores have no zero mean and cross terms stay, so the square must be
  taken sample by sample; the sample here is the *image*: the mean over images of the squared gradient of the image's
  mean loss. Its unit is one image, and it is no estimate of F (Kunstner et al. 2019; van de Ven 2025).

Squaring the gradient of a batch's mean loss with true labels, as several libraries do, is none of these.
All functions look only at answered pixels and leave the net as it was.
"""

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from learners.base import IGNORE, Batch, trainable
from learners.cost import Meter

Diagonal = dict[str, Tensor]
"""A non-negative tensor for each trainable parameter, by name, of the parameter's shape and layout."""


def sampled_fisher(
    net: nn.Module, frames: Batch, rng: np.random.Generator, meter: Meter, *, draws: int = 4, group: int = 4
) -> Diagonal:
    """Unbiased estimate of the Fisher per pixel, labels drawn from the model.

    Args:
        net: its forward pass returns `Seen`.
        frames: float images on the net's device; their labels say only which pixels count.
        rng: draws the labels.
        meter: counts the passes.
        draws: of labels, for each group of frames; a backward pass each.
        group: frames in one pass.
    """

    def squared_scores(some: Batch, add: Callable[[Tensor, int], None]) -> None:
        log_p = F.log_softmax(net(some.images).logits, dim=1)
        meter.passes(net, some.images, backward=draws)
        for draw in range(draws):
            labels = draw_labels(log_p.detach().exp(), rng)
            labels[some.labels == IGNORE] = IGNORE
            add(-F.nll_loss(log_p, labels, ignore_index=IGNORE, reduction="sum"), draw + 1 < draws)

    total = _accumulate(net, frames, group, squared_scores)
    return {name: value / (draws * _answered(frames)) for name, value in total.items()}


def empirical_fisher(net: nn.Module, frames: Batch, meter: Meter) -> Diagonal:
    """Mean over images of the squared gradient of an image's mean loss with its true labels; unit: one image."""
    frames = frames[torch.from_numpy(frames.answered)]

    def squared_gradient(one: Batch, add: Callable[[Tensor, int], None]) -> None:
        meter.passes(net, one.images)
        add(F.cross_entropy(net(one.images).logits, one.labels.long(), ignore_index=IGNORE), False)

    total = _accumulate(net, frames, 1, squared_gradient)
    return {name: value / max(len(frames), 1) for name, value in total.items()}


def exact_fisher(net: nn.Module, frames: Batch, meter: Meter) -> Diagonal:
    """The Fisher per pixel, summed over every label of every answered pixel: a backward pass for each of them."""

    def squared_scores(one: Batch, add: Callable[[Tensor, int], None]) -> None:
        log_p = F.log_softmax(net(one.images).logits, dim=1)
        answered = (one.labels != IGNORE)[:, None].expand_as(log_p)
        scores = log_p[answered]
        meter.passes(net, one.images, backward=len(scores))
        for score in scores:
            add(score * (score.detach() / 2).exp(), True)  # the root of p: it is squared with the score

    total = _accumulate(net, frames, 1, squared_scores)
    return {name: value / _answered(frames) for name, value in total.items()}


def draw_labels(probabilities: Tensor, rng: np.random.Generator) -> Tensor:
    """One label for each pixel from its distribution, by inverting the cumulative sum.

    Args:
        probabilities: (B, K, H', W').
        rng: one uniform number a pixel is taken.

    Returns:
        (B, H', W') int64.
    """
    rows, classes, *size = probabilities.shape
    uniform = torch.from_numpy(rng.random((rows, 1, *size), dtype=np.float32)).to(probabilities.device)
    return (probabilities.cumsum(1) < uniform).sum(1).clamp(max=classes - 1)


def _accumulate(net: nn.Module, frames: Batch, group: int, passes: Callable) -> Diagonal:
    """Sum the squared gradients of all scalars that `passes` adds, group of frames by group."""
    parameters = trainable(net)
    total = {name: torch.zeros_like(parameter) for name, parameter in parameters.items()}

    def add(scalar: Tensor, again: bool) -> None:
        gradients = torch.autograd.grad(scalar, list(parameters.values()), retain_graph=again, allow_unused=True)
        for value, gradient in zip(total.values(), gradients, strict=True):
            if gradient is not None:
                value.addcmul_(gradient, gradient)

    was_training = net.training
    net.eval()
    for start in range(0, len(frames), group):
        passes(frames[start : start + group], add)
    net.train(was_training)
    return total


def _answered(frames: Batch) -> int:
    return max(int((frames.labels != IGNORE).sum()), 1)
