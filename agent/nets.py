"""The net that a run trains, and its weights as files."""

from pathlib import Path

import torch
from safetensors.torch import save
from torch import nn

from garden_env.whole import write_whole
from learners.nets import SegNet
from learners.terms.heads import weights_that_predict
from learners.weight_files import WeightsError, read_weights


def fresh_net(seed: int, classes: int) -> SegNet:
    """The default net with its first weights."""
    return SegNet(classes, generator=torch.Generator().manual_seed(seed))


def load_weights(path: Path, net: nn.Module) -> nn.Module:
    """The net, with the weights of a file.

    Raises:
        FileNotFoundError: there is none.
        ValueError: it is no safetensors file.
        WeightsError: it is one of another net.
    """
    weights = read_weights(path)
    try:
        net.load_state_dict(weights)
    except (RuntimeError, ValueError) as error:
        said = " ".join(str(error).split())
        raise WeightsError(f"{path}: weights of another net than this {type(net).__name__}: {said[:300]}") from error
    return net


def save_weights(path: Path, net: nn.Module) -> None:
    """Write the weights with which a net predicts as plain safetensors: without heads that only helped it to learn."""
    write_whole(path, save({name: value.detach().contiguous() for name, value in weights_that_predict(net).items()}))
