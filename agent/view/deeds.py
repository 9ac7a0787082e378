"""What a person did while a run was watched, read back from its folder, so that the life can be lived anew.

`commands.jsonl` has a line for each deed, `{"step": 480, "command": "snow", "value": null}`; the step says how many had
been lived by then. `drive` says which keys were held in a step of somebody at the wheel; `wheel`, `learning` and `swap`
how things stood from then on; the others are events that were dropped into the script.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from agent.monitor.log import read_rows
from agent.view.events import BY_KEY
from garden_env.viewer.keys import HELD

FILE_NAME = "commands.jsonl"
STANDING = {"wheel": bool, "learning": bool, "swap": str}  # commands that say how it is from then on


@dataclass(frozen=True)
class Deeds:
    """What was done, by control step.

    Attributes:
        held: keys that were held at the wheel, by step.
        drops: names of events dropped in, by step, in order.
        standing: by command of `STANDING`, steps and what held from then on, in order.
    """

    held: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    drops: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    standing: Mapping[str, tuple[tuple[int, Any], ...]] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Of a run; nothing was done where there is no file. A last line that was cut off is left out.

        Raises:
            ValueError: a line is of no deed; the message names it.
        """
        path = folder / FILE_NAME
        held: dict[int, tuple[str, ...]] = {}
        drops: dict[int, tuple[str, ...]] = {}
        standing: dict[str, tuple[tuple[int, Any], ...]] = {}
        for step, command, value in rows_of(path) if path.is_file() else ():
            if command == "drive":
                held[step] = tuple(value)
            elif command in BY_KEY:
                drops[step] = (*drops.get(step, ()), command)
            else:
                standing[command] = (*standing.get(command, ()), (step, value))
        return cls(held, drops, standing)

    def stood(self, command: str, step: int, usual: Any) -> Any:
        """How it stood with one of `STANDING` at a step: what was last said of it by then, or else the usual.

        >>> deeds = Deeds(standing={"learning": ((40, False), (60, True))})
        >>> [deeds.stood("learning", step, True) for step in (39, 40, 60)]
        [True, False, True]
        """
        rows = self.standing.get(command, ())
        at = bisect_right([row[0] for row in rows], step)
        return rows[at - 1][1] if at else usual

    def __bool__(self) -> bool:
        return bool(self.held or self.drops or self.standing)


def rows_of(path: Path) -> list[tuple[int, str, Any]]:
    """Steps, commands and values of a file, in its order. A last line that was cut off is left out.

    Raises:
        ValueError: the file cannot be read, or a line is of no deed; the message names it.
    """
    try:
        rows = list(read_rows(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: cannot be read ({error}); give the {FILE_NAME} of a run under a window") from None
    return [_checked(row, f"{path}:{number}") for number, row in enumerate(rows, start=1)]


def _checked(row: Any, where: str) -> tuple[int, str, Any]:
    """A deed's step, command and value."""
    if not isinstance(row, dict) or not {"step", "command", "value"} <= set(row):
        raise ValueError(f"{where}: expected an object with step, command and value, given {str(row)[:60]}")
    step, command, value = row["step"], row["command"], row["value"]
    known = ("drive", *STANDING, *BY_KEY)
    if not isinstance(step, int) or step < 0:
        raise ValueError(f"{where}: step: expected a whole number from 0 on, given {step!r}")
    if command not in known:
        raise ValueError(f"{where}: command: expected one of {', '.join(known)}, given {command!r}")
    if command == "drive" and not (isinstance(value, Sequence) and all(key in HELD for key in value)):
        raise ValueError(f"{where}: value: expected keys out of {', '.join(HELD)}, given {value!r}")
    if command in STANDING and not isinstance(value, STANDING[command]):
        raise ValueError(f"{where}: value: expected {STANDING[command].__name__} for {command}, given {value!r}")
    return step, command, value
