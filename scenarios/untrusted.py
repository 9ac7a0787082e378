"""Files that a stranger may have made: read within bounds, as data alone, and never outside the folder they came in.

Whoever reads a file of a person's own goes through here: nothing of it is run, no more of it is read than makes sense
for its kind, and what is nested, aliased or linked beyond reason is refused with a sentence that names the file.
"""

import io
import json
import math
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import numpy as np
import yaml

from scenarios.names import cut

MEGA = 1_000_000
MOST_TEXT_BYTES = 64_000  # of a file that people write by hand; what parses YAML needs a second for it
MOST_JSON_BYTES = 64 * MEGA  # of a file that a program writes
DEEPEST = 32  # levels of nesting
MOST_MEMBERS = 10_000  # arrays in an archive


class UntrustedError(ValueError):
    """A file that cannot be used; the message names it and says why."""


def check_file(path: Path | str, *, most_bytes: int) -> None:
    """See that a path is a file that can be read, of at most so many bytes.

    Raises:
        UntrustedError: there is none, it is a folder or a pipe, or it is larger than that.
    """
    path = Path(path)
    try:
        if not path.is_file():  # a folder; a pipe or a device, which may never end
            said = "it is not a file" if path.exists() else "there is no such file"
            raise UntrustedError(f"{path}: cannot be read ({said})")
        size = path.stat().st_size
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    if size > most_bytes:
        raise UntrustedError(f"{path}: larger than {most_bytes / MEGA:g} MB, too large for what it should be")


def read_bytes(path: Path | str, *, most_bytes: int) -> bytes:
    """The content of a file.

    Raises:
        UntrustedError: see `check_file`; or it cannot be read.
    """
    check_file(path, most_bytes=most_bytes)
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path | str, error: Exception) -> UntrustedError:
    if isinstance(error, UntrustedError):
        return error
    said = getattr(error, "strerror", None) or error  # a name too long, or with a null character in it
    return UntrustedError(f"{str(path)!r}: cannot be read ({said})")


def read_text(path: Path | str, *, most_bytes: int = MOST_TEXT_BYTES) -> str:
    """The text of a file in UTF-8.

    Raises:
        UntrustedError: see `read_bytes`; or it is no such text.
    """
    try:
        return read_bytes(path, most_bytes=most_bytes).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UntrustedError(f"{path}: it is not text in UTF-8") from error


def read_json(path: Path | str, *, most_bytes: int = MOST_JSON_BYTES) -> dict[str, Any]:
    """The object that a JSON file holds.

    Raises:
        UntrustedError: see `read_text`; or it is no JSON, no object, or nested deeper than `DEEPEST`.
    """
    return parse_json(read_text(path, most_bytes=most_bytes), source=str(path))


def parse_json(text: str, *, source: str) -> dict[str, Any]:
    """The object that a JSON text holds.

    Args:
        text: of the file or of a line in it.
        source: what to call it.

    Raises:
        UntrustedError: it is no JSON, no object, or nested deeper than `DEEPEST`.

    >>> parse_json('{"a": [1, 2]}', source="a.json")
    {'a': [1, 2]}
    """
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:  # RecursionError: thousands of brackets
        raise UntrustedError(f"{source}: not JSON ({error})") from error
    if not isinstance(told, dict):
        raise UntrustedError(f"{source}: expected an object, given a {type(told).__name__}")
    if not _shallow(told):
        raise UntrustedError(f"{source}: nested more than {DEEPEST} levels deep")
    return told


def read_yaml(path: Path | str, *, typed: bool = True) -> Any:
    """The plain values that a YAML file holds.

    Args:
        path: of the file.
        typed: whether numbers and truth values are told from text; without, all is text.

    Raises:
        UntrustedError: see `read_text`; or it is no YAML, has several documents, tags, anchors or aliases, or is nested
            deeper than `DEEPEST`.
    """
    return parse_yaml(read_text(path), source=str(path), typed=typed)


def parse_yaml(text: str, *, source: str, typed: bool = True) -> Any:
    """The plain values of a YAML text; see `read_yaml`.

    >>> parse_yaml("a: [1, x]", source="a.yaml"), parse_yaml("a: [1, x]", source="a.yaml", typed=False)
    ({'a': [1, 'x']}, {'a': ['1', 'x']})
    """
    try:
        loader = (_Typed if typed else _Texts)(text)
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise UntrustedError(f"{source}: not YAML ({' '.join(str(error).split())})") from error
    except (ValueError, TypeError, RecursionError, OverflowError) as error:  # a key that is a list; 2030-13-40
        raise UntrustedError(f"{source}: not usable YAML ({error})") from error


def read_arrays(path: Path | str, *, most_bytes: int) -> dict[str, np.ndarray]:
    """The arrays of an .npz file; no pickle, and no more bytes than it may unfold to.

    Raises:
        UntrustedError: there is none, it is damaged, holds anything but plain arrays, unfolds to more than
            `most_bytes`, or has an array whose header says another size than its data have.
    """
    content = io.BytesIO(read_bytes(path, most_bytes=most_bytes))
    arrays: dict[str, np.ndarray] = {}
    try:
        with zipfile.ZipFile(content) as archive:
            members = archive.infolist()
            unfolded = sum(member.file_size for member in members)
            if unfolded > most_bytes or len(members) > MOST_MEMBERS:
                raise UntrustedError(
                    f"{path}: unfolds to {unfolded / MEGA:.0f} MB in {len(members)} parts; "
                    f"at most {most_bytes / MEGA:g} MB are read"
                )
            for member in members:
                with archive.open(member) as file:
                    data = file.read(member.file_size + 1)
                arrays[member.filename.removesuffix(".npy")] = _array(data, f"{path}: {member.filename}")
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, NotImplementedError, EOFError, RuntimeError) as error:
        raise UntrustedError(f"{path}: damaged or no archive of arrays ({error})") from error
    except Exception as error:  # zlib.error and lzma.LZMAError have no common base with the others
        if isinstance(error, UntrustedError):
            raise
        raise UntrustedError(f"{path}: damaged ({error})") from error
    return arrays


def inside(folder: Path, name: object) -> Path:
    """The path of a file that another file names, if it lies in the folder.

    Args:
        folder: in which both are.
        name: as it was given: relative, with forward slashes.

    Raises:
        UntrustedError: it is no name, is absolute, leads out of the folder, or is a link out of it.
    """
    said = f"{folder}: names the file {name!r}, which is not one inside it"
    if not isinstance(name, str) or not name or "\0" in name or "\\" in name:
        raise UntrustedError(said)
    parts = PurePosixPath(name).parts
    if PurePosixPath(name).is_absolute() or PureWindowsPath(name).drive or ".." in parts:
        raise UntrustedError(said)
    path = folder.joinpath(*parts)
    try:
        path.exists()  # a name may be too long to ask for
        outside = os.path.commonpath([path.resolve(), folder.resolve()]) != str(folder.resolve())
    except (OSError, ValueError, RuntimeError) as error:  # links in a circle
        raise UntrustedError(f"{said} ({error})") from error
    if outside:
        raise UntrustedError(said)
    return path


class Refused(yaml.MarkedYAMLError):
    """YAML that is refused although it is YAML."""


class Bounded:
    """Refuses on the way what costs time or means more than it says; a mixin for PyYAML's loaders.

    Attributes:
        deepest: levels of nesting.
        second, anchored: what is said of a second document, and of anchors.
    """

    deepest = DEEPEST
    second = "a second document begins"
    anchored = "anchors and aliases (&, *) are not read; write it out"
    depth = documents = 0

    def get_event(self) -> Any:
        event = super().get_event()  # type: ignore[misc]
        self.depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        self.documents += isinstance(event, yaml.DocumentStartEvent)
        said = ""
        if self.documents > 1:
            said = self.second
        elif self.depth > self.deepest:
            said = f"nested more than {self.deepest} levels deep"
        elif getattr(event, "anchor", None):
            said = self.anchored
        elif getattr(event, "tag", None):
            said = f"tags ({cut(event.tag)}) are not read; leave it out"
        if said:
            raise Refused(problem=said, problem_mark=event.start_mark)
        return event


class _Typed(Bounded, yaml.SafeLoader):
    pass


class _Texts(Bounded, yaml.BaseLoader):
    pass


def _shallow(told: Any) -> bool:
    """Whether a value is nested at most `DEEPEST` levels deep; without recursion."""
    level = [told]
    for _ in range(DEEPEST + 1):
        level = [
            inner
            for value in level
            for inner in (value.values() if isinstance(value, Mapping) else value)
            if isinstance(inner, Mapping | list)
        ]
        if not level:
            return True
    return False


def _array(data: bytes, source: str) -> np.ndarray:
    """An array from the bytes of an .npy file."""
    file = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(file)
        if version == (1, 0):
            shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
        else:
            shape, fortran, dtype = np.lib.format.read_array_header_2_0(file)
    except (ValueError, EOFError, UnicodeError, SyntaxError, TypeError) as error:
        raise UntrustedError(f"{source}: no array ({error})") from error
    if dtype.hasobject or dtype.names is not None:
        raise UntrustedError(f"{source}: {dtype} is no plain kind of number or text")
    if any(side < 0 for side in shape) or math.prod(shape) * dtype.itemsize != len(data) - file.tell():
        raise UntrustedError(
            f"{source}: its header says {shape} {dtype}, its data have {len(data) - file.tell()} bytes"
        )
    flat = np.frombuffer(data, dtype, offset=file.tell()) if dtype.itemsize else np.zeros(shape, dtype)
    return flat.reshape(shape, order="F" if fortran else "C").copy()
