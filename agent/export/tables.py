"""The log of a run as plain tables: a list of flat rows for each kind, with dates."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from agent.monitor.log import Log, Row, rows_of

Table = list[dict[str, Any]]


def tables(folder: Path) -> dict[str, Table]:
    """The tables of a run, by name; only those that hold a row.

    - `stream`: a row a learner and day, as in the log (in long lives several `days`); `seconds.predict` and the like
      are columns of their own.
    - `probes`: a row a learner, bank, tick and phase: `miou` and `confusion`.
    - `references`: a row a reference, bank and phase: `confusion`.
    - `costs`: a row a learner or reference; what it had cost in the end.
    - `checkups`: a row a learner, tick and number: `name`, `value`.
    - `inputs`, `alarms`, `changes`, `causes`: as in the log, nested names joined by dots.
    - `nature`: a row a day.

    Every row with a `day` also has the `date`. Confusions are lists of lists of pixels, rows truth.

    Args:
        folder: of the run.

    Raises:
        FileNotFoundError: it holds no log.
        ValueError: the log is damaged or of another version.
    """
    log = Log.read(folder)
    phases, start = [phase.name for phase in log.life.phases], log.life.start
    found: dict[str, Table] = {}

    def add(name: str, row: Mapping[str, Any]) -> None:
        dated = {"date": _date(start, row["day"])} if row.get("day") is not None else {}
        found.setdefault(name, []).append(dated | flat(row))

    for row in rows_of(folder):
        kind, rest = row["kind"], {key: value for key, value in row.items() if key != "kind"}
        match kind:
            case "stream" | "inputs" | "causes":
                add(kind, rest)
            case "alarm":
                add("alarms", rest)
            case "truth":
                for change in rest["changes"]:
                    add("changes", change)
            case "probe":
                for told in _by_phase(rest, phases, ("miou", "confusion")):
                    add("probes", told)
            case "reference":
                for told in _by_phase(rest, phases, ("confusion",)):
                    add("references", told)
            case "checkup":
                plain = {key: value for key, value in rest.items() if key != "numbers"}
                for name, value in rest["numbers"].items():
                    add("checkups", plain | {"name": name, "value": value})
            case "nature":
                days = max(map(len, rest["days"].values()), default=0)
                for day in range(days):
                    add("nature", {"day": day} | {name: values[day] for name, values in rest["days"].items()})
    for learner, cost in log.costs.items():
        add("costs", {"learner": learner} | cost)
    return found


def flat(row: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """A row in which nested names are joined by dots; lists stay lists.

    >>> flat({"day": 3, "seconds": {"predict": 0.5}})
    {'day': 3, 'seconds.predict': 0.5}
    """
    found: dict[str, Any] = {}
    for key, value in row.items():
        found |= flat(value, f"{before}{key}.") if isinstance(value, Mapping) else {f"{before}{key}": value}
    return found


def _by_phase(row: Row, phases: list[str], per_phase: Iterable[str]) -> Iterable[Row]:
    """A row for each phase, with what the row says of that phase."""
    lists = tuple(per_phase)
    common = {key: value for key, value in row.items() if key not in lists}
    for number, phase in enumerate(phases):
        yield common | {"phase": phase} | {key: row[key][number] for key in lists}


def _date(start: date, day: int) -> date:
    return start + timedelta(days=int(day))
