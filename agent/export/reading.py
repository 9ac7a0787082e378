"""Reading shards back: every byte is checked against the index before a frame is believed."""

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from agent.export.error import ExportError
from agent.export.shards import FORMAT, INDEX


@dataclass(frozen=True)
class Shot:
    """A frame of a dataset.

    Attributes:
        rgb: (H, W, 3) uint8.
        mask: (H, W) uint8, class ids; 255 is no answer.
        told: as `agent.export.shards.told_of` has it.
    """

    rgb: np.ndarray
    mask: np.ndarray
    told: dict[str, Any]


def read_index(folder: Path) -> dict[str, Any]:
    """The index of a dataset.

    Raises:
        ExportError: there is none, or it is of another version.
    """
    path = folder / INDEX
    if not path.is_file():
        raise ExportError(f"{path} does not exist; give a folder that `run_sim.py export ... --to frames` has written")
    index = json.loads(path.read_text(encoding="utf-8"))
    if index.get("format") != FORMAT:
        raise ExportError(f"{path} has format {index.get('format')!r}; expected {FORMAT}: export it again")
    return index


def read_shards(folder: Path) -> Iterator[Shot]:
    """The frames of a dataset, in order.

    Raises:
        ExportError: a shard is missing, or not what the index says.
    """
    for shard in read_index(folder)["shards"]:
        path = folder / shard["file"]
        if not path.is_file():
            raise ExportError(f"{path} is missing, which {INDEX} names; export it again")
        content = path.read_bytes()
        found = hashlib.sha256(content).hexdigest()
        if found != shard["sha256"]:
            raise ExportError(
                f"{path} has the SHA-256 {found[:12]}..., {INDEX} says {shard['sha256'][:12]}...; it changed"
            )
        with tarfile.open(fileobj=io.BytesIO(content)) as tar:
            yield from _shots(path, tar)


def _shots(path: Path, tar: tarfile.TarFile) -> Iterator[Shot]:
    """The frames of a shard: three files one after the other."""
    members = iter(tar)
    for image, mask, told in zip(members, members, members, strict=True):
        rgb = _decoded(tar, image, cv2.IMREAD_COLOR_RGB)
        yield Shot(rgb, _decoded(tar, mask, cv2.IMREAD_GRAYSCALE), json.loads(_bytes(tar, told)))


def _decoded(tar: tarfile.TarFile, member: tarfile.TarInfo, how: int) -> np.ndarray:
    pixels = cv2.imdecode(np.frombuffer(_bytes(tar, member), np.uint8), how)
    if pixels is None:
        raise ExportError(f"{member.name} is no picture")
    return np.asarray(pixels, np.uint8)


def _bytes(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    if file is None:
        raise ExportError(f"{member.name} is no file")
    return file.read()
