"""Scenario files: YAML on disk or a name from the library, turned into a validated `Scenario`."""

from importlib.resources import files
from pathlib import Path

import yaml
from pydantic import ValidationError

from scenarios.names import nearest
from scenarios.spec import Scenario


class ScenarioError(ValueError):
    """A scenario that cannot be used; the message names file, line, field and what would do."""


def library() -> dict[str, Path]:
    """The scenarios that ship: name -> file, in alphabetical order."""
    folder = Path(str(files("scenarios"))) / "library"
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def load(name_or_file: str | Path) -> Scenario:
    """Read a scenario by its library name or from a file.

    Args:
        name_or_file: 'four_seasons', or a path ending in .yaml or .yml.

    Returns:
        The validated scenario.

    Raises:
        ScenarioError: no such name or file, broken YAML, an unknown key or a value out of range.
    """
    shipped = library()
    path = Path(name_or_file)
    if path.suffix not in (".yaml", ".yml"):
        if str(name_or_file) not in shipped:
            raise ScenarioError(nearest(str(name_or_file), shipped, kind="scenario") + " (or give a .yaml file)")
        path = shipped[str(name_or_file)]
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: cannot be read: {error}") from error
    return parse(text, source=str(path))


def parse(text: str, *, source: str = "<text>") -> Scenario:
    """Turn YAML text into a scenario; `source` is what errors call it."""
    try:
        data = yaml.safe_load(text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: an impossible date such as 2030-02-31
        raise ScenarioError(f"{source}: not YAML: {error}") from error
    if not isinstance(data, dict):
        raise ScenarioError(f"{source}: a scenario is a mapping of keys to values, not {type(data).__name__}")
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        raise ScenarioError("\n".join(_sentence(source, root, part) for part in error.errors())) from error


def _sentence(source: str, root: yaml.Node | None, error) -> str:
    """One problem, with the line it is on."""
    where = ".".join(str(key) for key in error["loc"]) or "scenario"
    line = _line(root, error["loc"])
    message = error["msg"].removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        message = nearest(str(error["loc"][-1]), _fields_at(error["loc"][:-1]), kind="field")
        return f"{source}:{line}: {message}"
    if error["type"] == "value_error":
        return f"{source}:{line}: {where}: {message}"
    return f"{source}:{line}: {where}: {message}; given {error['input']!r}"


def _fields_at(location: tuple[int | str, ...]) -> list[str]:
    """The field names that are valid at a place in a scenario."""
    model = Scenario
    for key in location:
        model = model.model_fields[str(key)].annotation  # type: ignore[assignment]
    return list(model.model_fields)  # type: ignore[union-attr]


def _line(node: yaml.Node | None, location: tuple[int | str, ...]) -> int:
    """The line of the innermost part of `location` that the file contains."""
    line = 1
    for key in location:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == str(key)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int):
            item: yaml.Node = node.value[key]
            line, node = item.start_mark.line + 1, item
        else:
            break
    return line
