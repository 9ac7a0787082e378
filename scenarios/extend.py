"""`extends:`, by which one scenario is another with something changed.

A child's keys replace its parent's, but for mappings (garden, robot, camera, teacher, freeze), which are merged key by
key, and the events of `drift`, which come after its parent's. Name and summary are a child's own.
"""

from collections.abc import Callable
from pathlib import Path

from scenarios.names import nearest
from scenarios.untrusted import inside
from scenarios.yaml_text import Path as Where
from scenarios.yaml_text import ScenarioError, Text, read_text

LONGEST_CHAIN = 8
OWN = ("name", "summary")

Read = Callable[[Path], str]


def whole(text: str, *, source: str, folder: Path, shipped: dict[str, Path], read: Read) -> Text:
    """Read a scenario together with all that it extends.

    Args:
        text: of the file.
        source: what errors call it.
        folder: where it lies; its paths are relative to that.
        shipped: the library, name -> file.
        read: gives the text of a file.

    Raises:
        ScenarioError: one of the files cannot be read, or they extend each other.
    """
    return _whole(text, source, folder, shipped, read, ())


def _whole(text: str, source: str, folder: Path, shipped: dict[str, Path], read: Read, chain: tuple[Path, ...]) -> Text:
    own = read_text(text, source=source)
    _place_weather(own, folder)
    if "extends" not in own.data:
        return own
    name, place = own.data.pop("extends"), own.places.pop(("extends",))
    if not isinstance(name, str) or not name:
        raise ScenarioError(f"{place}: extends: give one scenario of the library, or a .yaml file")
    if name not in shipped and Path(name).suffix not in (".yaml", ".yml"):
        raise ScenarioError(f"{place}: extends: {nearest(name, shipped, kind='scenario')} (or give a .yaml file)")
    try:
        file = (shipped[name] if name in shipped else inside(folder, name)).resolve()
    except (OSError, ValueError, RuntimeError) as error:  # another folder; links in a circle; a null character
        raise ScenarioError(f"{place}: extends: {error}") from error
    if file in chain:
        raise ScenarioError(f"{place}: extends: the files extend each other in a circle: {file.name} comes again")
    if len(chain) >= LONGEST_CHAIN:
        raise ScenarioError(f"{place}: extends: more than {LONGEST_CHAIN} files extend one another")
    try:
        parent = read(file)
    except ScenarioError as error:
        raise ScenarioError(f"{place}: extends: {error}") from error
    return merged(_whole(parent, str(file), file.parent, shipped, read, (*chain, file)), own)


def _place_weather(text: Text, folder: Path) -> None:
    """Make the path of measured days absolute while it is known which file it is relative to.

    Raises:
        ScenarioError: it leads out of the folder, and the scenario does not know the file by its digest.
    """
    climate = text.data.get("climate")
    if isinstance(climate, dict) and isinstance(climate.get("file"), str) and climate["file"]:
        file = folder.absolute() / climate["file"]
        if not climate.get("digest"):  # who knows the digest of a file knows what is in it
            try:
                file = inside(folder.absolute(), climate["file"])
            except (OSError, ValueError, RuntimeError) as error:
                raise ScenarioError(f"{text.place(('climate', 'file'))}: climate.file: {error}") from error
        climate["file"] = str(file)


def merged(parent: Text, child: Text) -> Text:
    """The child's scenario on top of its parent's.

    >>> a = read_text("name: a\\ndays: 90\\ngarden: {beds: 3, trees: 1}", source="a.yaml")
    >>> b = read_text("name: b\\ngarden: {trees: 0}", source="b.yaml")
    >>> merged(a, b).data
    {'days': 90, 'garden': {'beds': 3, 'trees': 0}, 'name': 'b'}
    """
    out = Text({k: v for k, v in parent.data.items() if k not in OWN}, {})
    out.places = {path: place for path, place in parent.places.items() if path[:1] not in {(key,) for key in OWN}}
    out.places[()] = child.places[()]
    _overlay(out, out.data, child, child.data, ())
    return out


def _overlay(out: Text, below: dict, child: Text, above: dict, path: Where) -> None:
    for key, value in above.items():
        here, old = (*path, key), below.get(key)
        if isinstance(value, dict) and isinstance(old, dict):
            _overlay(out, old, child, value, here)
            out.places[here] = child.places[here]
            continue
        before = len(old) if here == ("drift",) and isinstance(old, list) and isinstance(value, list) else 0
        if before:
            below[key] = [*old, *value]  # type: ignore[misc]
        elif key not in below:
            below[key] = value
        else:
            below[key] = value
            out.places = {p: place for p, place in out.places.items() if p[: len(here)] != here}
        for inner, place in child.places.items():
            if inner[: len(here)] == here:
                rest = inner[len(here) :]
                moved = (int(rest[0]) + before, *rest[1:]) if before and rest else rest
                out.places[(*here, *moved)] = place
