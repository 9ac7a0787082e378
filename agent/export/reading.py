"""Reading shards back: every byte is checked against the index before a frame is believed."""

import hashlib
import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from agent.export.error import ExportError
from agent.export.shards import FORMAT, INDEX
from agent.images import decoded
from scenarios.untrusted import UntrustedError, inside, parse_json, read_bytes, read_json

MOST_SHARD_BYTES = 4_000_000_000  # as many as a shard of this program ever has, many times over


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
    try:
        index = read_json(path)
    except UntrustedError as error:
        raise ExportError(str(error)) from error
    if index.get("format") != FORMAT:
        raise ExportError(f"{path} has format {index.get('format')!r}; expected {FORMAT}: export it again")
    shards = index.get("shards")
    if not isinstance(shards, list) or not all(isinstance(s, dict) and {"file", "sha256"} <= set(s) for s in shards):
        raise ExportError(f"{path}: shards is no list of files with their sha256; export it again")
    return index


def read_shards(folder: Path) -> Iterator[Shot]:
    """The frames of a dataset, in order.

    Raises:
        ExportError: a shard is missing, or not what the index says.
    """
    for shard in read_index(folder)["shards"]:
        try:
            path = inside(folder, shard["file"])
            if not path.is_file():
                raise ExportError(f"{path} is missing, which {INDEX} names; export it again")
            content = read_bytes(path, most_bytes=MOST_SHARD_BYTES)
        except UntrustedError as error:
            raise ExportError(str(error)) from error
        found = hashlib.sha256(content).hexdigest()
        if found != shard["sha256"]:
            raise ExportError(
                f"{path} has the SHA-256 {found[:12]}..., {INDEX} says {str(shard['sha256'])[:12]}...; it changed"
            )
        yield from shots(content, source=str(path))


def shots(content: bytes, *, source: str) -> Iterator[Shot]:
    """The frames of a shard: three files one after the other, none of them ever unpacked.

    Raises:
        ExportError: it is no shard.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as tar:  # not compressed: one byte is one byte
            yield from _shots(source, tar)
    except (tarfile.TarError, ValueError, OSError) as error:
        if isinstance(error, ExportError):
            raise
        raise ExportError(f"{source}: not a shard of frames ({error}); export it again") from error


def _shots(source: str, tar: tarfile.TarFile) -> Iterator[Shot]:
    members = iter(tar)
    for image, mask, told in zip(members, members, members, strict=True):
        rgb = _decoded(tar, image, cv2.IMREAD_COLOR_RGB)
        labels = _decoded(tar, mask, cv2.IMREAD_GRAYSCALE)
        yield Shot(rgb, labels, parse_json(_bytes(tar, told).decode(), source=f"{source}: {told.name}"))


def _decoded(tar: tarfile.TarFile, member: tarfile.TarInfo, how: int) -> np.ndarray:
    pixels = decoded(_bytes(tar, member), how)
    if pixels is None:
        raise ValueError(f"{member.name} is no picture")
    return pixels


def _bytes(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    if file is None:
        raise ValueError(f"{member.name} is no file")
    return file.read()
