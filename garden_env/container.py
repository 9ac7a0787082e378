"""A file of arrays with a header: versioned, checked, written whole or not at all, and no code runs on reading.

On disk it is one safetensors file. Its metadata, which are texts, hold `format` (what kind of file it is), `version`,
`header` (JSON) and `sha256` (over these three and every array, see `checksum`). Any safetensors reader can open it.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from garden_env.whole import write_whole

Arrays = dict[str, np.ndarray]


class ContainerError(ValueError):
    """A file that cannot be used; the message names it and says why."""


def checksum(format_name: str, version: int, header: str, arrays: Mapping[str, np.ndarray]) -> str:
    """SHA-256 in hexadecimal over format, version and header, and name, dtype, shape and bytes of every array by name.

    >>> a = checksum("x", 1, "{}", {"a": np.zeros(2)})
    >>> a == checksum("x", 1, "{}", {"a": np.zeros(2)}), a == checksum("x", 1, "{}", {"a": np.zeros((2, 1))})
    (True, False)
    """
    digest = hashlib.sha256(json.dumps([format_name, version, header]).encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(json.dumps([name, array.dtype.str, arrays[name].shape]).encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def write(
    path: Path | str,
    arrays: Mapping[str, np.ndarray],
    header: Mapping[str, Any],
    *,
    format_name: str,
    version: int,
    overwrite: bool = False,
) -> None:
    """Write a container; whoever looks at `path` finds the old file or the whole new one, even after a power cut.

    Args:
        path: where to.
        arrays: by name; bool, integer or float, of any shape.
        header: JSON values.
        format_name, version: what `read` must ask for.
        overwrite: whether a file that is there may be replaced.

    Raises:
        FileExistsError: there is a file and `overwrite` is not set.
        TypeError: the header is not JSON.
    """
    path = Path(path)
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path} exists; choose another name or pass overwrite=True")
    text = json.dumps(header, allow_nan=False)
    kept = {name: np.ascontiguousarray(array).reshape(array.shape) for name, array in arrays.items()}
    metadata = {
        "format": format_name,
        "version": str(version),
        "header": text,
        "sha256": checksum(format_name, version, text, kept),
    }
    write_whole(path, save(kept, metadata))


def read(path: Path | str, *, format_name: str, version: int) -> tuple[Arrays, dict[str, Any]]:
    """Read what `write` wrote.

    Args:
        path: the file.
        format_name, version: what it must be.

    Returns:
        The arrays, writable and by name, and the header.

    Raises:
        ContainerError: no such file, another kind of file, another version, or a damaged one.
    """
    path = Path(path)
    try:
        with safe_open(str(path), framework="np") as file:
            found = file.metadata() or {}
            arrays = {name: np.array(file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118 (no mapping)
    except OSError as error:
        raise ContainerError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (SafetensorError, ValueError, TypeError) as error:
        raise ContainerError(f"{path}: damaged, cut short or no {format_name}: {error}") from error
    if found.get("format") != format_name:
        raise ContainerError(f"{path}: not a {format_name} but {found.get('format') or 'some other safetensors file'}")
    if found.get("version") != str(version):
        raise ContainerError(
            f"{path}: a {format_name} of version {found.get('version')}; this program reads version {version}"
        )
    if found.get("sha256") != checksum(format_name, version, found.get("header", ""), arrays):
        raise ContainerError(f"{path}: damaged: its checksum is not that of its content")
    try:
        header = json.loads(found.get("header", ""))
    except (ValueError, RecursionError) as error:  # a header from a stranger may be nested without end
        raise ContainerError(f"{path}: its header is not JSON: {error}") from error
    if not isinstance(header, dict):
        raise ContainerError(f"{path}: its header is a {type(header).__name__}, not a mapping")
    return arrays, header
