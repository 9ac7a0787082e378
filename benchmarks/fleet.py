"""Does what one robot saw in Madrid help another in Chicago? Several fleets, and intervals over them.

A seed is a fleet: its gardens, their weather, the first weights. Within one, learners are compared garden by garden;
the mean over its gardens is one number, for gardens that share a learner are no independent draws. Intervals are
Student's 95 % over fleets. Lives are coarse and pictures small, so that a fleet takes a minute or two of one core.
Rows are kept, a line a fleet, so that what was broken off goes on where it was.

    python benchmarks/fleet.py [--seeds 300 301 302 303 304 305] [--rows benchmarks/rows/fleet.jsonl]
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import tyro
from rich.console import Console
from rich.table import Table

from agent.compare.intervals import estimate
from agent.expiry.worlds import scenario_of
from agent.fleet.gardens import CITIES
from agent.fleet.options import FleetOptions
from agent.fleet.results import CONTRASTS
from agent.fleet.run import RESULT, run_fleet
from agent.sources import code_hash
from scenarios.spec import Scenario

Row = dict[str, Any]
TAUGHT = "taught for another"  # end minus start of who lived elsewhere
BEYOND = "beyond its owner"  # who lived elsewhere, at the end, minus the robot's own net as its owner left it


@dataclass(frozen=True)
class Options:
    """What to measure."""

    seeds: tuple[int, ...] = (300, 301, 302, 303, 304, 305)
    """Fleets; nothing was chosen on these."""
    gardens: tuple[str, ...] = ("madrid", "chicago")
    """Cities; one named twice is two gardens in one climate."""
    learner: str = "er+ewc"
    """The recipe."""
    picture_px: int = 32
    """Height and width of the pictures."""
    quick: bool = True
    """Coarse years."""
    rows: Path = field(default_factory=lambda: Path("benchmarks/rows/fleet.jsonl"))
    """Where results are kept."""
    live: bool = True
    """Whether to live what is missing; without, what there is is told."""


def main(options: Options) -> None:
    """Live what is missing and print the tables."""
    asked = {"gardens": list(options.gardens), "learner": options.learner, "picture_px": options.picture_px,
             "quick": options.quick}  # fmt: skip
    rows = [row for row in _read(options.rows) if row["seed"] in options.seeds and row["asked"] == asked]
    for seed in options.seeds if options.live else ():
        if seed not in {row["seed"] for row in rows}:
            rows.append({"seed": seed, "asked": asked, "code": code_hash(), **live(options, seed)})
            options.rows.parent.mkdir(parents=True, exist_ok=True)
            with options.rows.open("a", encoding="utf-8") as file:
                file.write(json.dumps(rows[-1]) + "\n")
            tell(rows, Console(width=120))
    if not options.live:
        tell(rows, Console(width=120))


def live(options: Options, seed: int) -> Row:
    """One fleet: its contrasts, and what one garden taught for another, means over gardens."""
    named: dict[str, Scenario] = {}
    for city in options.gardens:
        named[city if city not in named else f"{city}-{len(named) + 1}"] = _small(city, options.picture_px)
    with TemporaryDirectory() as scratch:
        chosen = FleetOptions(
            gardens=tuple(named), learner=options.learner, seed=seed, quick=options.quick, others=len(named) > 2,
            workers=0, out=Path(scratch),
        )  # fmt: skip
        folder = run_fleet(chosen, scenarios=named)
        data = json.loads((folder / RESULT).read_text(encoding="utf-8"))
    if data["interrupted"]:
        raise KeyboardInterrupt
    found = {row["name"]: row["mean"] for row in data["contrasts"]}
    by_home = {row["lived_in"]: row for row in data["transfer"]}
    pairs = [(a, b) for a in by_home for b in by_home if a != b]
    taught = {f"{a} -> {b}": by_home[a]["end"][b] - by_home[a]["start"][b] for a, b in pairs}
    beyond = {f"{a} -> {b}": by_home[a]["end"][b] - by_home[b]["start"][b] for a, b in pairs}
    levels = {g: {kind: told["life"] for kind, told in kinds.items()} for g, kinds in data["gardens"].items()}
    ends = {g: {kind: told["end"] for kind, told in kinds.items()} for g, kinds in data["gardens"].items()}
    memory = data["memory"]["shared"]
    return {
        "contrasts": found, TAUGHT: taught, BEYOND: beyond, "life": levels, "end": ends,
        "held_at_end": {garden: counts[-1] for garden, counts in memory["held"].items()},
        "bytes": [memory["most_bytes"], memory["bound_bytes"]],
    }  # fmt: skip


def tell(rows: Sequence[Row], console: Console) -> None:
    """Print means over fleets with their intervals."""
    if not rows:
        console.print("nothing has been lived yet")
        return
    table = Table(title=f"{len(rows)} fleets: differences [points of mIoU]", title_justify="left")
    for heading in ("what", "mean", "95 % interval", "fleets above 0"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for name in (name for name, *_ in CONTRASTS if name in rows[0]["contrasts"]):
        table.add_row(name, *_cells([row["contrasts"][name] for row in rows]))
    for what in (TAUGHT, BEYOND):
        for pair in rows[0][what]:
            table.add_row(f"{what}, {pair}", *_cells([row[what][pair] for row in rows]))
    console.print(table)


def _cells(values: Sequence[float]) -> list[str]:
    found = estimate([100 * value for value in values])
    if found is None:
        return ["–", "–", "–"]
    low, high = found["low"], found["high"]
    interval = "–" if low is None else f"{low:+.1f} to {high:+.1f}"
    return [f"{found['mean']:+.1f}", interval, f"{sum(value > 0 for value in values)} of {len(values)}"]


def _small(city: str, side_px: int) -> Scenario:
    """four_seasons in a city's climate, in small pictures."""
    scenario = scenario_of("four_seasons", CITIES.get(city, city))
    camera = scenario.camera.model_copy(update={"width_px": side_px, "height_px": side_px})
    return Scenario.model_validate(scenario.model_dump(exclude_unset=True) | {"camera": camera})


def _read(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
