"""Trainability: how much a net can still learn in a few steps, beside one that begins anew.

Of the measures of plasticity this is the only direct one (Lyle et al. 2023): quiet units and small ranks are what often
goes along with its loss. A copy of the net is given labels that mean something else than they did (a fixed permutation
of the classes) and a fresh optimizer. Its last layer is exchanged for the fresh net's, so that both begin undecided:
what is compared is what the body can be made to learn, and not how long it takes to unlearn an answer.
"""

import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from learners.adamw import AdamW, Optimizer
from learners.base import IGNORE, Batch, last_layer
from learners.cost import Meter
from learners.weights import Weights

STEPS = 20
BATCH = 4  # frames a step
LEARNING_RATE = 2e-3


def permuted(labels: Tensor, classes: int) -> Tensor:
    """Labels under the fixed permutation of the probe task: every class becomes the next, the last the first.

    >>> import torch
    >>> permuted(torch.tensor([0, 2, 255], dtype=torch.uint8), 3)
    tensor([  1,   0, 255])
    """
    return torch.where(labels < classes, (labels.long() + 1) % classes, labels.long())


def levels(net: nn.Module, frames: Batch, classes: int, meter: Meter) -> tuple[float, float]:
    """The loss on the probe task before and after `STEPS` steps of AdamW, batch after batch [nats per pixel].

    Args:
        net: is changed: give a copy.
        frames: float images on the net's device; at least one.
        classes: C, how many there are.
        meter: counts the passes.

    Returns:
        before, after: means over all frames, in evaluation mode; not finite where the net no longer is.
    """
    labels = permuted(frames.labels, classes)
    batches = [slice(start, start + BATCH) for start in range(0, len(frames), BATCH)]
    weights = Weights(net.requires_grad_(True))
    optimizer = AdamW(net, weights, Optimizer(learning_rate=LEARNING_RATE))

    def loss(rows: slice) -> Tensor:
        return F.cross_entropy(net(frames.images[rows]).logits, labels[rows], ignore_index=IGNORE)

    def level() -> float:
        net.eval()
        meter.passes(net, frames.images, backward=0)
        with torch.no_grad():
            return sum(loss(rows).item() for rows in batches) / len(batches)

    before = level()
    net.train()
    with torch.enable_grad():
        for step in range(STEPS):
            rows = batches[step % len(batches)]
            weights.gradient.zero_()
            loss(rows).backward()
            optimizer.step()
            meter.passes(net, frames.images[rows])
    return before, level()


def with_head_of(net: nn.Module, fresh: nn.Module) -> nn.Module:
    """A copy of `net` that answers through the last layer of `fresh`; a plain copy where these do not fit."""
    own = copy.deepcopy(net)
    try:
        head, new = last_layer(own), last_layer(fresh)
        head.load_state_dict(new.state_dict())
    except (ValueError, RuntimeError, KeyError):
        return own
    return own


def trainability(
    net: nn.Module, fresh: nn.Module, frames: Batch, classes: int, meter: Meter, *, of_fresh: tuple[float, float]
) -> float:
    """How far below undecided a copy of `net` gets, over how far a fresh one gets in as many steps.

    Undecided is where the fresh net begins. A net whose weights have blown up begins far above that, and coming back
    down is no learning: so its own beginning does not count.

    Args:
        net: stays as it is.
        fresh: a net with first weights, whose last layer both use; stays as it is.
        frames: of the probe task.
        classes: C.
        meter: counts the passes.
        of_fresh: `levels` of a copy of `fresh` on the same frames.

    Returns:
        1 = learns like new, above it = what it knows helps, 0 or less = learns nothing; NaN if the fresh net learns
        nothing.
    """
    undecided, reached = of_fresh
    if not undecided > reached:
        return float("nan")
    _, after = levels(with_head_of(net, fresh), frames, classes, meter)
    return (undecided - after) / (undecided - reached)
