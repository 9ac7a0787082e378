"""Which key asks for what; a file may say otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from scenarios.names import nearest
from scenarios.tables import CLASSES


@dataclass(frozen=True)
class Command:
    """Something that a hand wants; whoever runs the world applies it between two steps, and logs it.

    Attributes:
        name: one of `COMMANDS`, or `jump`, for a click on the calendar.
        value: what goes with it: a day for `jump`, else nothing.
    """

    name: str
    value: object = None


COMMANDS: dict[str, tuple[tuple[str, ...], str]] = {  # name: keys as pygame names them, and what it does
    "pause": (("space", "pad 7"), "pause, go on"),
    "step": (("period", "pad 1"), "one step, when paused"),
    "slower": (("minus", "keypad minus", "pad 4"), "half the speed"),
    "faster": (("equals", "plus", "keypad plus", "pad 5"), "twice the speed, then flat out"),
    "normal": (("0",), "usual speed"),
    "season_back": (("[", "page up"), "a season back"),
    "season_on": (("]", "page down"), "a season on"),
    "day_back": (("shift [", "shift page up"), "a week back"),
    "day_on": (("shift ]", "shift page down"), "a week on"),
    "overlay": (("o", "pad 2"), "next overlay: truth, error .."),
    "overlay_back": (("shift o",), "overlay before"),
    "seasons": (("g",), "the same pose in four seasons"),
    "beliefs": (("b",), "its map of beliefs"),
    "hud": (("m",), "how much is shown"),
    "forward": (("w", "up", "stick up"), "drive on, while held"),
    "backward": (("s", "down", "stick down"), "drive back, while held"),
    "left": (("a", "left", "stick left"), "turn left, while held"),
    "right": (("d", "right", "stick right"), "turn right, while held"),
    "water": (("e", "pad 0"), "open the valve, while held"),
    "wheel": (("tab", "pad 3"), "take the wheel, or give it back"),
    "learning": (("l",), "learning on, off"),
    "swap": (("n",), "the next learner"),
    "swap_none": (("shift n",), "no learner"),
    "snow": (("f5",), "drop in: a week of snow"),
    "heat": (("f6",), "drop in: two weeks of heat"),
    "dirt": (("f7",), "drop in: dirt on the lens"),
    "bloom": (("f8",), "drop in: everything blooms"),
    "screenshot": (("p",), "screenshot, state as JSON"),
    "record": (("r",), "begin or end a film"),
    "reset": (("home",), "begin anew, same seed"),
    "reset_new": (("shift home",), "begin anew, another seed"),
    "help": (("h", "?", "f1", "pad 6"), "these keys"),
    "quit": (("escape",), "back to now; end"),
}
OWN = ("pause", "slower", "faster", "normal", "overlay", "overlay_back", "seasons", "beliefs", "hud", "help")
"""The window's own: they are about how it looks and how fast it goes."""
HELD = ("forward", "backward", "left", "right", "water")  # they ask for something as long as they are down
SOLO = {f"only_{name}": row.id for name, row in CLASSES.items()}  # one class alone; again: all
SOLO_KEYS = {name: str(n) if n < 10 else f"shift {n - 9}" for n, name in enumerate(SOLO, 1)}
UNTOLD = ("keypad", "pad", "stick", "page", "shift page")  # beginnings of keys that the help need not name


class KeyMapError(ValueError):
    """A file of keys that cannot be used; the message says where, what was given and what would do."""


def usual_keys() -> dict[str, str]:
    """Command by key, as the project has it; `only_<class>` for one class alone."""
    usual = {key: name for name, (keys, _) in COMMANDS.items() for key in keys}
    return usual | {key: name for name, key in SOLO_KEYS.items()}


def read_keys(path: Path | str) -> dict[str, str]:
    """Command by key: the usual ones, changed by a YAML file of `command: key` or `command: [key, key]`.

    A command that the file names loses its usual keys; a key that the file gives to a command is taken from others.

    Raises:
        KeyMapError: the file is not there, not YAML, or names an unknown command, or one key twice.
    """
    path = Path(path)
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise KeyMapError(
            f"{path}: cannot be read ({error.strerror}); give a file of lines like 'pause: space'"
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise KeyMapError(f"{path}: not YAML ({error}); expected lines like 'pause: space'") from None
    if not isinstance(given, Mapping):
        raise KeyMapError(f"{path}: expected lines like 'pause: space', given {given!r}")
    chosen: dict[str, str] = {}
    for name, keys in given.items():
        if name not in COMMANDS and name not in SOLO:
            raise KeyMapError(f"{path}: {nearest(str(name), (*COMMANDS, *SOLO), kind='command')}")
        for key in keys if isinstance(keys, list) else [keys]:
            if not isinstance(key, str | int) or isinstance(key, bool) or not str(key).strip():
                raise KeyMapError(f"{path}: {name}: a key is a name such as 'space' or 'shift o', given {key!r}")
            told = str(key).strip().lower()
            if chosen.get(told, name) != name:
                raise KeyMapError(f"{path}: the key '{told}' is given to both {chosen[told]} and {name}; choose one")
            chosen[told] = name
    kept = {key: name for key, name in usual_keys().items() if name not in given and key not in chosen}
    return kept | chosen


def told_keys(keys: Mapping[str, str], *, pad: bool = False) -> tuple[tuple[str, str], ...]:
    """What the help shows: the keys of every command, and what it does; commands without a key are left out.

    Args:
        keys: command by key.
        pad: whether there is a gamepad, so that its buttons are named, too.

    >>> dict(told_keys({"space": "pause"}))["Space"]
    'pause, go on'
    """
    rows = []
    for name, (_, does) in COMMANDS.items():
        mine = [key for key, command in keys.items() if command == name]
        told = [key for key in mine if not key.startswith(UNTOLD)][:2] or mine[:1]
        buttons = [key for key in mine if pad and key.startswith(("pad", "stick")) and key not in told]
        if mine:
            rows.append((" ".join(dict.fromkeys(_shown(key) for key in (*told, *buttons))), does))
    for name in SOLO:
        mine = [key for key, command in keys.items() if command == name and key != SOLO_KEYS[name]]
        if mine:
            rows.append((_shown(mine[0]), f"{name.removeprefix('only_')} alone; again for all"))
    if any(keys.get(key) == name for name, key in SOLO_KEYS.items()):
        rows.append(("1 .. 9", f"one class alone; Shift: {len(SOLO)} in all"))
    return tuple(rows)


def _shown(key: str) -> str:
    signs = {"period": ".", "minus": "\N{MINUS SIGN}", "equals": "+", "plus": "+", "escape": "Esc"}
    if key.startswith("shift "):
        return f"Shift-{_shown(key.removeprefix('shift '))}"
    return signs.get(key, key.title())
