"""TENT (Wang et al. 2021, arXiv:2006.10726): become surer, by the scales and shifts of normalisation alone.

It is the ordinary `Online` with one term, the entropy of the answers, and few weights to move. It looks at no label,
and nothing tells it when it is surely wrong: what a drift does to the answers it makes firmer.
"""

from torch import nn

from learners.adamw import Optimizer
from learners.cost import Meter
from learners.freezing import learn_only
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
    learn_only(net, adapted)
