"""The classes of a folder: `classes.yaml`, a list of names in the order of their ids, with colours if one likes.

- lawn
- {name: path, rgb: [190, 178, 158]}
"""

import colorsys
from pathlib import Path
from typing import Any

from agent.folder.error import FolderError
from agent.monitor.scores import ClassInfo
from scenarios.tables import IGNORE
from scenarios.untrusted import UntrustedError, read_yaml

FILE_NAME = "classes.yaml"
FEWEST, MOST = 2, IGNORE  # ids 0 to 254; 255 is no answer
LONGEST_NAME = 40  # characters that a legend has room for
HUE_STEP = 0.618  # of the circle, the golden section: neighbours in the table differ
EXAMPLE = (
    "write a list, an entry a class in the order of the ids, as in '- lawn' or '- {name: lawn, rgb: [86, 150, 58]}'"
)


def read_classes(folder: Path) -> tuple[ClassInfo, ...]:
    """The class table of a folder.

    Args:
        folder: that holds `classes.yaml`.

    Raises:
        FolderError: there is none, or it is not such a list.
    """
    path = folder / FILE_NAME
    try:
        entries = read_yaml(path, typed=False)  # all is text: 'no' is a name
    except UntrustedError as error:
        raise FolderError(f"{error}; {EXAMPLE}") from error
    if not isinstance(entries, list):
        raise FolderError(f"{path}: holds no list; {EXAMPLE}")
    if not FEWEST <= len(entries) <= MOST:
        raise FolderError(f"{path}: {len(entries)} classes; give {FEWEST} to {MOST}")
    classes = tuple(_class(entry, number, path) for number, entry in enumerate(entries))
    names = [info.name for info in classes]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise FolderError(f"{path}: two classes are called '{twice}'; give every class a name of its own")
    return classes


def _class(entry: Any, number: int, path: Path) -> ClassInfo:
    """One entry: a name, or a mapping of name and rgb."""
    where = f"{path}: class {number}"
    given = entry if isinstance(entry, dict) else {"name": entry}
    unknown = sorted(set(given) - {"name", "rgb"})
    if unknown:
        raise FolderError(f"{where}: '{unknown[0]}' is not read; {EXAMPLE}")
    name = given.get("name")
    if not isinstance(name, str) or not 0 < len(name.strip()) <= LONGEST_NAME:
        raise FolderError(f"{where}: no name of 1 to {LONGEST_NAME} characters; {EXAMPLE}")
    return ClassInfo(name.strip(), _colour(given["rgb"], where) if "rgb" in given else _own_colour(number))


def _colour(given: Any, where: str) -> tuple[int, int, int]:
    channels = [int(text) if isinstance(text, str) and text.isdecimal() else -1 for text in given]
    if not isinstance(given, list) or len(channels) != 3 or not all(0 <= channel <= 255 for channel in channels):
        raise FolderError(f"{where}: rgb is {given}; give three numbers from 0 to 255, as in [86, 150, 58]")
    return channels[0], channels[1], channels[2]


def _own_colour(number: int) -> tuple[int, int, int]:
    """A colour for a class that was given none; neighbours in the table differ in hue and in lightness.

    >>> _own_colour(0), _own_colour(1)
    ((205, 71, 71), (71, 95, 154))
    """
    red, green, blue = colorsys.hls_to_rgb(number * HUE_STEP % 1, 0.54 - 0.1 * (number % 2), 0.57 - 0.2 * (number % 2))
    return round(255 * red), round(255 * green), round(255 * blue)
