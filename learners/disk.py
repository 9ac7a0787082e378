"""States on disk: one safetensors file, tensors as tensors and the rest as JSON in its header. No code runs on load."""

import json
import os
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from learners.base import State

_TENSOR = "$tensor"


def save_state(path: Path | str, state: State) -> None:
    """Write a nested dict of tensors and JSON values; an older file is replaced only when the new one is complete.

    Raises:
        TypeError: if a value is neither a tensor nor JSON.
    """
    tensors: dict[str, torch.Tensor] = {}

    def outline(value: Any, place: str) -> Any:
        if isinstance(value, torch.Tensor):
            tensors[place] = value.detach().cpu().contiguous()
            return {_TENSOR: place}
        if isinstance(value, dict):
            return {key: outline(part, f"{place}/{key}" if place else str(key)) for key, part in value.items()}
        return value

    text = json.dumps(outline(state, ""))
    path = Path(path)
    unfinished = path.with_name(path.name + ".part")
    save_file(tensors, unfinished, metadata={"state": text})
    os.replace(unfinished, path)


def load_state(path: Path | str) -> State:
    """Read what `save_state` wrote.

    Raises:
        ValueError: if the file was written by something else.
    """
    with safe_open(str(path), framework="pt") as file:
        header = file.metadata() or {}
        if "state" not in header:
            raise ValueError(f"{path}: no state in its header; expected a file written by learners.disk.save_state")

        def fill(value: Any) -> Any:
            if isinstance(value, dict):
                return file.get_tensor(value[_TENSOR]) if _TENSOR in value else {k: fill(v) for k, v in value.items()}
            return value

        return fill(json.loads(header["state"]))
