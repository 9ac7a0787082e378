"""Which key asks for what; a file may say otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scenarios.names import nearest
from scenarios.untrusted import UntrustedError, read_yaml


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
    "pause": (("space",), "pause, go on"),
    "step": (("period",), "one step, when paused"),
    "slower": (("minus", "keypad minus"), "half the speed"),
    "faster": (("equals", "plus", "keypad plus"), "twice the speed, at last flat out"),
    "normal": (("0",), "usual speed"),
    "overlay": (("o",), "next overlay: plain, truth, four seasons"),
    "overlay_back": (("shift o",), "overlay before"),
    "seasons": (("g",), "the same pose in four seasons"),
    "hud": (("m",), "how much is shown"),
    "forward": (("w", "up"), "drive on, while held"),
    "backward": (("s", "down"), "drive back, while held"),
    "left": (("a", "left"), "turn left, while held"),
    "right": (("d", "right"), "turn right, while held"),
    "water": (("e",), "open the valve, while held"),
    "wheel": (("tab",), "take the wheel, or give it back"),
    "snow": (("f5",), "drop in: a week of snow"),
    "heat": (("f6",), "drop in: two weeks of heat and drought"),
    "dirt": (("f7",), "drop in: dirt on the lens"),
    "bloom": (("f8",), "drop in: everything blooms"),
    "screenshot": (("p",), "screenshot, with the state as JSON"),
    "record": (("r",), "begin or end a film"),
    "reset": (("home",), "begin anew, same seed"),
    "reset_new": (("shift home",), "begin anew, another seed"),
    "help": (("h", "?", "f1"), "these keys"),
    "quit": (("escape",), "back to now; end"),
}
OWN = ("pause", "slower", "faster", "normal", "overlay", "overlay_back", "seasons", "hud", "help")  # the window's own
HELD = ("forward", "backward", "left", "right", "water")  # they ask for something as long as they are down
SOLO_KEYS = {str(n): n - 1 for n in range(1, 10)}  # 1 .. 9: one class alone; again: all


class KeyMapError(ValueError):
    """A file of keys that cannot be used; the message says where, what was given and what would do."""


def usual_keys() -> dict[str, str]:
    """Command by key, as the project has it."""
    return {key: name for name, (keys, _) in COMMANDS.items() for key in keys}


def read_keys(path: Path | str) -> dict[str, str]:
    """Command by key: the usual ones, changed by a YAML file of `command: key` or `command: [key, key]`.

    A command that the file names loses its usual keys; a key that the file gives to a command is taken from others.

    Raises:
        KeyMapError: the file is not there, not YAML, or names an unknown command, or one key twice.
    """
    path = Path(path)
    try:
        given = read_yaml(path)
    except UntrustedError as error:
        raise KeyMapError(f"{error}; give a file of lines like 'pause: space'") from None
    if not isinstance(given, Mapping):
        raise KeyMapError(f"{path}: expected lines like 'pause: space', given {given!r}")
    chosen: dict[str, str] = {}
    for name, keys in given.items():
        if name not in COMMANDS:
            raise KeyMapError(f"{path}: {nearest(str(name), COMMANDS, kind='command')}")
        for key in keys if isinstance(keys, list) else [keys]:
            if not isinstance(key, str | int) or isinstance(key, bool) or not str(key).strip():
                raise KeyMapError(f"{path}: {name}: a key is a name such as 'space' or 'shift o', given {key!r}")
            told = str(key).strip().lower()
            if chosen.get(told, name) != name:
                raise KeyMapError(f"{path}: the key '{told}' is given to both {chosen[told]} and {name}; choose one")
            chosen[told] = name
    kept = {key: name for key, name in usual_keys().items() if name not in given and key not in chosen}
    return kept | chosen


def told_keys(keys: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What the help shows: the keys of every command, and what it does; commands without a key are left out.

    >>> dict(told_keys({"space": "pause"}))["Space"]
    'pause, go on'
    """
    rows = []
    for name, (_, does) in COMMANDS.items():
        mine = [_shown(key) for key, command in keys.items() if command == name and not key.startswith("keypad")]
        if mine:
            rows.append((" ".join(mine[:2]), does))
    return (*rows, ("1 .. 9", "one class alone; again for all"))


def _shown(key: str) -> str:
    signs = {"period": ".", "minus": "\N{MINUS SIGN}", "equals": "+", "escape": "Esc"}
    return signs.get(key, key.title() if len(key) > 2 else key.upper())
