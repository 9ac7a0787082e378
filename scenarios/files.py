"""Scenario files: YAML on disk or a name from the library, turned into a validated `Scenario`, and back."""

from importlib.resources import files
from pathlib import Path

import yaml
from pydantic import ValidationError

from scenarios.extend import whole
from scenarios.names import nearest
from scenarios.sentences import problems
from scenarios.spec import Scenario
from scenarios.yaml_text import LARGEST_BYTES, Resolver, ScenarioError

__all__ = ["ScenarioError", "dump", "library", "load", "parse"]


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
    return parse(_read(path), source=str(path), folder=path.parent)


def parse(text: str, *, source: str = "<text>", folder: str | Path = ".") -> Scenario:
    """Turn YAML text into a scenario.

    Args:
        text: the YAML.
        source: what errors call it.
        folder: what the paths in it are relative to.

    Raises:
        ScenarioError: as `load`.
    """
    found = whole(text, source=source, folder=Path(folder), shipped=library(), read=_read)
    try:
        return Scenario.model_validate(found.data)
    except ValidationError as error:
        raise problems(error, found) from error


def dump(scenario: Scenario) -> str:
    """Write a scenario as YAML that loads to an equal one; what has its default is left out."""
    data = scenario.model_dump(mode="python", exclude_defaults=True)
    return yaml.dump(_plain(data), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


class _Dumper(Resolver, yaml.SafeDumper):
    """Quotes text exactly where the loader would take it for something else."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _plain(value):
    """Lists for tuples, which YAML has no word for."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _read(path: Path) -> str:
    """The text of a file.

    Raises:
        ScenarioError: it cannot be read.
    """
    try:
        content = _bytes(path)
        return content.decode("utf-8-sig")
    except OSError as error:
        raise ScenarioError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ScenarioError(f"{path}: cannot be read: it is not text in UTF-8") from error
    except ValueError as error:  # too large; or a path with a null character
        raise ScenarioError(f"{path}: cannot be read: {error}") from error


def _bytes(path: Path) -> bytes:
    if path.exists() and not path.is_file():  # a folder; or a pipe, which may never end
        raise ValueError("it is not a file")
    with path.open("rb") as file:
        content = file.read(LARGEST_BYTES + 1)
    if len(content) > LARGEST_BYTES:
        raise ValueError(f"larger than {LARGEST_BYTES // 1000} kB, too large for a scenario")
    return content
