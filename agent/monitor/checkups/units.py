"""Units that have gone quiet: dormant by ReDo's score, or dead.

A unit is a channel; its activity is what the next layer sees of it over all frames and places, after normalisation and
nonlinearity. ReDo's score is relative to its layer: a layer that shrinks as a whole shows nothing. A dead unit is not
zero at less than one place in a hundred, which says something of ReLU nets only.
"""

from collections.abc import Sequence

from torch import Tensor, nn

from learners.cost import Meter
from learners.plasticity.units import activity, find_units

DORMANT_TAU = 0.025  # Sokar et al. 2023
DEAD_SHARE = 0.01  # Dohare et al. 2024


def dormant(seen: Tensor, tau: float = DORMANT_TAU) -> Tensor:
    """(C,) bool: s_i = E|h_i| / mean over the layer of E|h_j|, and s_i <= tau (Sokar et al. 2023, eq. 1).

    Args:
        seen: (C, places), what the reader of a layer sees.
        tau: bound of the score. In a layer where nothing is active, all are dormant.

    >>> import torch
    >>> dormant(torch.tensor([[1.0, 1.0], [0.01, 0.0]]))
    tensor([False,  True])
    """
    size = seen.abs().mean(1)
    return size <= tau * size.mean()


def dead(seen: Tensor, share: float = DEAD_SHARE) -> Tensor:
    """(C,) bool: not zero at less than `share` of the places (Dohare et al. 2024, Methods)."""
    return (seen != 0).float().mean(1) < share


def shares(net: nn.Module, images: Tensor, meter: Meter) -> tuple[float, float]:
    """Share of dormant and of dead units of a net.

    Args:
        net: is run; its mode is put back.
        images: (B, C, H, W) float.
        meter: counts the passes.

    Returns:
        dormant, dead; NaN where the net has no layer whose channels one layer alone reads.
    """
    units = find_units(net, images[:1])
    meter.passes(net, images[:1], forward=1 + 2 * len(units), backward=0)
    if not units:
        return float("nan"), float("nan")
    return of_layers(activity(net, units, images, meter))


def of_layers(layers: Sequence[Tensor]) -> tuple[float, float]:
    """The same, of what readers have seen: (C, places) a layer."""
    number = sum(len(seen) for seen in layers)
    quiet = sum(int(dormant(seen).sum()) for seen in layers)
    gone = sum(int(dead(seen).sum()) for seen in layers)
    return quiet / number, gone / number
