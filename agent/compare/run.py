"""A comparison: several learners, several seeds, one scenario; it leaves a folder that tells it all."""

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from agent.brief import Brief
from agent.compare.balance import balance
from agent.compare.gardeners import drive_all, garden_briefs
from agent.compare.intervals import lines
from agent.compare.options import CompareOptions
from agent.compare.page import write_page
from agent.compare.patrol import briefs_of, live_all
from agent.compare.plane import plane
from agent.compare.prices import Prices, read_prices
from agent.compare.rows import write_rows
from agent.crew import Crew
from agent.options import Pace
from agent.run import new_folder
from agent.trial import Row
from scenarios.files import load
from scenarios.spec import Scenario

FORMAT = 1
Told = dict[str, Any]


def compare(
    options: CompareOptions,
    tell: Callable[[str], None] = print,
    *,
    scenario: Scenario | None = None,
    pace: Pace | None = None,
) -> Path:
    """Carry out a comparison, or go on with one: what has a row in `options.kept` is not lived again.

    Args:
        options: what to do.
        tell: is told a line a life as it ends.
        scenario: a scenario made in Python, in place of `options.scenario`.
        pace: how much is done, in place of what `options.quick` means.

    Returns:
        A new folder: compare.json, rows.parquet, compare.html. Interrupted, it tells of the lives that were lived.

    Raises:
        ValueError: an option or the price table makes no sense.
        ScenarioError: the scenario does not exist or is not valid.
        FramesDiffer: learners of a seed have not looked at the same frames.
        KeyboardInterrupt: interrupted before there was a row.
    """
    options.check()
    prices = read_prices(options.prices)
    scenario = scenario or load(options.scenario)
    patrol = options.drive == "patrol"
    briefs = (briefs_of if patrol else garden_briefs)(options, scenario, pace)
    with Crew(options.workers) as crew:
        rows = (live_all if patrol else drive_all)(options, briefs, crew, tell)
        interrupted = crew.interrupted
    if not rows:
        raise KeyboardInterrupt
    data = finite(told(options, briefs, rows, prices, interrupted=interrupted))
    folder = new_folder(options.out, f"{scenario.name}-compare")
    (folder / "compare.json").write_text(json.dumps(data, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    write_rows(folder / "rows.parquet", rows)
    write_page(folder)
    return folder


def told(
    options: CompareOptions, briefs: Sequence[Brief], rows: Sequence[Row], prices: Prices, *, interrupted: bool
) -> Told:
    """Everything that a comparison says, ready for compare.json.

    Args:
        options: of the comparison.
        briefs: of its worlds.
        rows: of all lives, each with its `label`.
        prices: the table.
        interrupted: whether lives are missing.
    """
    place, real = briefs[0].place, options.real_time
    patrol = options.drive == "patrol"
    return {
        "format": FORMAT,
        "scenario": place.name,
        "climate": place.told,
        "start": place.start.isoformat(),
        "days": place.days,
        "drive": options.drive,
        "realtime": None if real is None else real.told,
        "reproducible": options.reproducible,
        "interrupted": interrupted,
        "quick": options.quick,
        "seeds": list(options.seeds),
        "lived": {str(seed): sum(row["seed"] == seed for row in rows) for seed in options.seeds},
        "code": briefs[0].code,
        "frames": {str(row["seed"]): row["frames_seen"] for row in rows} if patrol else None,
        "phases": [phase.name for phase in place.phases],
        "lines": lines(rows, options.drive),
        "plane": plane(rows) if patrol else None,
        "money": balance(prices, rows, place, every_days=options.retrain_every, drive=options.drive),
        "options": {name: _plain(value) for name, value in vars(options).items() if name != "out"},
        "rows": list(rows),
    }


def finite(value: Any) -> Any:
    """JSON-able data in which every number is finite or None.

    >>> finite({"a": [1.0, float("nan")]})
    {'a': [1.0, None]}
    """
    if isinstance(value, dict):
        return {key: finite(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [finite(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _plain(value: Any) -> Any:
    """A value of an option for JSON; of a path only its name, so that no machine's folders are told."""
    return value.name if isinstance(value, Path) else value
