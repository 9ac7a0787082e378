"""Fisher overlap: whether two seasons need the same weights.

Two diagonal Fisher informations, each scaled to a trace of 1, overlap by the sum of sqrt(F1 F2) (Kirkpatrick et al.
2017, section 4.3: 1 minus their squared Frechet distance). 1 = the same weights, 0 = none in common. An estimate from
few frames lies below the truth, for it is noise in different places: compare values of the same number of frames.
"""

import numpy as np
import torch
from torch import nn

from learners.base import Batch
from learners.cost import Meter
from learners.fisher import Diagonal, sampled_fisher

DRAWS = 2  # of labels, for each group of frames


def overlap(ours: Diagonal, theirs: Diagonal) -> float:
    """Sum of sqrt(F1 F2), unit traces; NaN where one of them is 0.

    >>> import torch
    >>> overlap({"w": torch.tensor([1.0, 0.0])}, {"w": torch.tensor([4.0, 0.0])})
    1.0
    """
    traces = [sum(float(value.double().sum()) for value in one.values()) for one in (ours, theirs)]
    if min(traces) <= 0:
        return float("nan")
    both = sum(float((ours[name].double() * theirs[name].double()).sqrt().sum()) for name in ours)
    return both / float(np.sqrt(traces[0] * traces[1]))


def between(net: nn.Module, ours: Batch, theirs: Batch, rng: np.random.Generator, meter: Meter) -> float:
    """Overlap of a net's Fishers on two sets of frames, labels drawn from the net; the net stays as it is."""
    with torch.enable_grad():
        fishers = [sampled_fisher(net, frames, rng, meter, draws=DRAWS) for frames in (ours, theirs)]
    return overlap(*fishers)
