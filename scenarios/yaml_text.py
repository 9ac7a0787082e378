"""YAML as a scenario uses it: plain values, each with the place it was written at, and no surprises.

PyYAML follows YAML 1.1, which reads 12:30 as 750, on as true and 1e-3 as text. Here only true and false are truth
values, numbers may have exponents, 2030-04-10 is a date and everything else is text. What nobody needs to write a
scenario (several documents, tags, anchors, keys given twice) is refused, and so is what would only cost time.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml

from scenarios.untrusted import Bounded, Refused

LARGEST_BYTES = 256_000  # of a file; a thousand events have about 100 kB
DEEPEST = 12  # levels of nesting; a scenario needs four
MOST_KEYS = 200  # in one mapping
LONGEST_NUMBER = 40  # characters

Path = tuple[str | int, ...]


class ScenarioError(ValueError):
    """A scenario that cannot be used; the message names file, line, field and what would do."""


@dataclass(frozen=True)
class Place:
    """Where a value was written."""

    source: str  # what to call the file
    line: int
    field: str  # path within its own file, drift[2].axis

    def __str__(self) -> str:
        return f"{self.source}:{self.line}"


@dataclass
class Text:
    """What a file says: plain data, and the place of every key and item in it."""

    data: dict[str, Any]
    places: dict[Path, Place]

    def place(self, path: Path) -> Place:
        """The place of a value, or of the innermost part around it that was written down."""
        while path not in self.places:
            path = path[:-1]
        return self.places[path]


def field_name(path: Path) -> str:
    """
    >>> field_name(("drift", 2, "axis"))
    'drift[2].axis'
    """
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).removeprefix(".")


class Resolver:
    """The values that are not text when written without quotes; a mixin for loaders and dumpers."""

    yaml_implicit_resolvers: dict = {}  # noqa: RUF012 (PyYAML's own name and form)


for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("null", r"~|null|Null|NULL|", ("~", "n", "N", "")),
    ("timestamp", r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "0123456789"),
):
    for _letter in _first:
        _row = (f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})\Z"))
        Resolver.yaml_implicit_resolvers.setdefault(_letter, []).append(_row)


class _Loader(Resolver, Bounded, yaml.SafeLoader):
    """Composes nodes, and refuses on the way what a scenario has no use for; nothing is ever constructed by it."""

    deepest = DEEPEST
    second = "a second document begins here; one file is one scenario"
    anchored = f"{Bounded.anchored}, or use extends"


def read_text(text: str, *, source: str) -> Text:
    """Read one mapping.

    Raises:
        ScenarioError: broken or needlessly clever YAML, with file and line.
    """
    if len(text) > LARGEST_BYTES:
        raise ScenarioError(f"{source}: larger than {LARGEST_BYTES // 1000} kB, too large for a scenario")
    try:
        root = _Loader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = str(error.problem or error.context)
        if "'\\t'" in said:
            said = "there is a tab; indent with spaces"
        kind = "" if isinstance(error, Refused) else "not YAML: "
        raise ScenarioError(f"{source}:{mark.line + 1 if mark else 1}: {kind}{said}") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, int(error.position)) + 1
        said = f"not YAML: the character {int(error.character):#06x} is not allowed"
        raise ScenarioError(f"{source}:{line}: {said}") from error
    if root is None:
        raise ScenarioError(f"{source}:1: the file is empty; a scenario is a mapping of keys to values")
    if not isinstance(root, yaml.MappingNode):
        kind = "a list" if isinstance(root, yaml.SequenceNode) else "a single value"
        raise ScenarioError(f"{source}:1: a scenario is a mapping of keys to values, not {kind}")
    found = Text({}, {(): Place(source, 1, "")})
    found.data = _value(root, (), source, found.places)
    return found


def _value(node: yaml.Node, path: Path, source: str, places: dict[Path, Place]) -> Any:
    """Plain data from a node; notes the places of all that is in it."""
    if isinstance(node, yaml.MappingNode):
        mapping = {}
        if len(node.value) > MOST_KEYS:
            raise ScenarioError(f"{source}:{node.start_mark.line + 1}: more than {MOST_KEYS} keys in one mapping")
        for key, item in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise ScenarioError(f"{source}:{line}: a list or mapping cannot be a key")
            inner = (*path, key.value)
            if inner in places:
                given = f"{field_name(inner)} is given twice, first in line {places[inner].line}"
                raise ScenarioError(f"{source}:{line}: {given}; keep one")
            places[inner] = Place(source, line, field_name(inner))
            mapping[key.value] = _value(item, inner, source, places)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        for i, item in enumerate(node.value):
            places[(*path, i)] = Place(source, item.start_mark.line + 1, field_name((*path, i)))
        return [_value(item, (*path, i), source, places) for i, item in enumerate(node.value)]
    try:
        return _scalar(node.tag.rpartition(":")[2], node.value)
    except ValueError as error:
        raise ScenarioError(f"{source}:{node.start_mark.line + 1}: {field_name(path)}: {error}") from None


def _scalar(kind: str, text: str) -> Any:
    """A single value."""
    if kind == "null":
        raise ValueError("there is no value; give one, or leave the key out")
    if kind == "bool":
        return text.lower() == "true"
    if kind == "timestamp":
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise ValueError(f"{text} is not a date: {error}") from None
    if kind in ("int", "float"):
        if len(text) > LONGEST_NUMBER:
            raise ValueError(f"a number of {len(text)} characters")
        return int(text) if kind == "int" else float(text)
    return text
