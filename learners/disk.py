"""States on disk: one safetensors file, tensors as tensors and the rest as JSON in its header. No code runs on load."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load, save
from torch import Tensor

from learners.base import State

_TENSOR, _TEXT = "$tensor", "$text"


def save_state(path: Path | str, state: State) -> None:
    """Write a nested dict of tensors and JSON values; an older file is replaced only when the new one is complete.

    Raises:
        TypeError: if a value is neither a tensor nor JSON.
        OSError: if it cannot be written; nothing of it is left then.
    """
    tensors, text = _outline(state)
    path = Path(path)
    unfinished = path.with_name(path.name + ".part")
    try:
        unfinished.write_bytes(save(tensors, {"state": text}))  # safetensors' own writer hides why it cannot
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def load_state(path: Path | str) -> State:
    """Read what `save_state` wrote.

    Raises:
        FileNotFoundError: if there is none.
        ValueError: if the file is damaged or was written by something else.
    """
    try:
        with safe_open(str(path), framework="pt") as file:
            header = file.metadata() or {}
            if "state" not in header:
                raise ValueError(f"{path}: no state in its header; expected a file written by learners.disk.save_state")
            outline = json.loads(header["state"])
            if not isinstance(outline, dict):
                raise ValueError(
                    f"{path}: its header holds no state; expected a file written by learners.disk.save_state"
                )
            return _fill(outline, file.get_tensor)
    except (SafetensorError, json.JSONDecodeError, RecursionError, TypeError) as error:
        raise ValueError(f"{path}: damaged, or written by something else ({error})") from error


def pack(state: State) -> Tensor:
    """A nested dict of tensors and JSON values as bytes in a tensor (N,) uint8.

    It lets a module keep what is no parameter and has no fixed shape among its weights (`get_extra_state`).
    """
    tensors, text = _outline(state)
    tensors[_TEXT] = torch.frombuffer(bytearray(text.encode()), dtype=torch.uint8)
    return torch.frombuffer(bytearray(save(tensors)), dtype=torch.uint8)


def unpack(packed: Tensor) -> State:
    """What was given to `pack`."""
    tensors = load(packed.cpu().numpy().tobytes())
    return _fill(json.loads(tensors.pop(_TEXT).numpy().tobytes()), tensors.__getitem__)


def _outline(state: State) -> tuple[dict[str, Tensor], str]:
    """The tensors by their place, and JSON that names them where they were."""
    tensors: dict[str, Tensor] = {}

    def outline(value: Any, place: str) -> Any:
        if isinstance(value, Tensor):
            tensors[place] = value.detach().cpu().contiguous()
            return {_TENSOR: place}
        if isinstance(value, dict):
            return {key: outline(part, f"{place}/{key}" if place else str(key)) for key, part in value.items()}
        return value

    text = json.dumps(outline(state, ""))
    return tensors, text


def _fill(value: Any, tensor: Callable[[str], Tensor]) -> Any:
    if not isinstance(value, dict):
        return value
    return tensor(value[_TENSOR]) if _TENSOR in value else {key: _fill(part, tensor) for key, part in value.items()}
