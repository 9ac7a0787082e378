"""Weights on disk: plain safetensors files, put into a net with a sentence where they do not fit."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from learners.terms.heads import head_names

SHOWN = 4  # names in a message, of as many as there may be


class WeightsError(ValueError):
    """Weights that are not those of a net; the message says where they differ."""


def read_weights(path: Path | str) -> dict[str, Tensor]:
    """The tensors of a safetensors file.

    Raises:
        FileNotFoundError: if there is none.
        ValueError: if it is no safetensors file; the message says how to make one.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file; expected weights in a .safetensors file")
    try:
        return load_file(path)
    except SafetensorError as error:
        raise ValueError(
            f"{path} is no safetensors file ({error}); safetensors.torch.save_file(net.state_dict(), path) writes one"
        ) from error


def put_weights(net: nn.Module, weights: Mapping[str, Tensor], *, source: str = "the weights") -> None:
    """Load weights into a net. Heads, which only help to learn, may be lacking; nothing else may.

    Args:
        net: changed in place, or not at all.
        weights: by name, as `learners.terms.heads.weights_that_predict` gives them.
        source: what the message calls them.

    Raises:
        WeightsError: if names or shapes differ; the message says which.
    """
    own = net.state_dict()
    heads = head_names(net)
    lacking = [name for name in own if name not in weights and not name.startswith(heads)]
    unknown = [name for name in weights if name not in own]
    other = [
        f"{name} is {tuple(weights[name].shape)} and should be {tuple(value.shape)}"
        for name, value in own.items()
        if name in weights and not name.endswith("_extra_state") and weights[name].shape != value.shape
    ]
    wrong = [
        f"{what} {_some(names)}"
        for what, names in (("they lack", lacking), ("they have besides", unknown), ("in shape,", other))
        if names
    ]
    if wrong:
        raise WeightsError(f"{source} do not fit into a {type(net).__name__}: {'; '.join(wrong)}")
    with torch.no_grad():
        net.load_state_dict({**own, **weights})


def _some(names: Sequence[str]) -> str:
    rest = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")
