"""Every recipe in the same worlds: what it keeps, what it learns, what it costs. Hours on two cores; it can be stopped.

A world is a garden with its climate and weather, and a net commissioned there; all recipes of a world begin with the
same weights and see the same frames, which are rendered once and kept. A trial is one recipe in one world; it leaves a
row on disk, and what has a row is not lived again, so that an interrupted benchmark goes on where it stopped. Worlds
come one after the other, so that a table from fewer worlds is still one of all recipes.

    python benchmarks/recipes.py                                                # live what is missing, print the table
    python benchmarks/recipes.py --no-live --rows benchmarks/rows/recipes.jsonl    # print the table of docs/learners.md
    python benchmarks/recipes.py --markdown table.md --pack rows.jsonl          # also write it, and its rows, to files
"""

import json
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import tyro
from rich.console import Console
from rich.table import Table

from agent.brief import Brief
from agent.crew import Crew, Send, Stop
from agent.garden_place import GardenPlace
from agent.options import Pace
from agent.ranking import BESIDE, Line, rank, shared_worlds
from agent.students import SCHEDULES, check_past_data, read_plan
from agent.trial import Row, brief_of, kept_row, key_of, settle, trial
from learners.recipes import RECIPES
from scenarios.files import load

MIXTURES = ("er+ewc", "der+++lwf", "er+agem", "er+ewc+shrink")
WORLDS: tuple[tuple[str, int], ...] = (  # climate and seed; alternating, so that few worlds are of both climates
    ("humid_continental", 201),
    ("temperate_oceanic", 202),
    ("humid_continental", 203),
    ("temperate_oceanic", 204),
    ("humid_continental", 205),
)
STEPS_PER_DAY = 8  # control steps; 24 in a default life
PACE = Pace(commission_updates=300, converge_updates=2500, home_frames=2, away_frames=24, next_year_frames=2)
MEMORY_FRAMES = 109  # as many as a default life keeps


@dataclass(frozen=True)
class TableOptions:
    """Options of the benchmark."""

    recipes: tuple[str, ...] = ()
    """Which; all of the table, the schedules and some mixtures if none is named."""
    worlds: int = len(WORLDS)
    """How many of the test worlds."""
    learn_every: int = 12
    """Control steps between two updates."""
    exam_every_days: int = 40
    """Days between two exams."""
    past_data: bool = True
    """False: no picture of the past may be kept; recipes that need it are left out."""
    live: bool = True
    """False: live nothing, print what there is."""
    workers: int = 2
    """Trials lived at once."""
    out: Path = field(default_factory=lambda: Path("runs/recipes"))
    """Where worlds and rows are kept."""
    rows: tuple[Path, ...] = ()
    """Packed rows to begin with, such as benchmarks/rows/recipes.jsonl."""
    pack: Path | None = None
    """Write all rows of the table into this file, one a line."""
    markdown: Path | None = None
    """Write the table into this file."""


def main(options: TableOptions) -> None:
    """Live what is missing, then print the table."""
    names = tuple(read_plan(name).name for name in options.recipes or (*RECIPES, *SCHEDULES, *_more_mixtures()))
    if not options.past_data:
        names = tuple(name for name in names if _keeps_no_picture(name))
    packed = [json.loads(line) for path in options.rows for line in path.read_text(encoding="utf-8").splitlines()]
    if options.live:
        _live(options, names, {row["key"] for row in packed})
    rows = [row for row in packed if row["recipe"] in names and row["past_data"] == options.past_data]
    for place in test_places(options.worlds, options.learn_every):
        kept = (kept_row(options.out / "rows", _brief(options, place), name) for name in names)
        rows += [row for row in kept if row is not None]
    rows = list({(row["recipe"], row["place"]): row for row in rows}.values())
    if not rows:
        print("no row yet")
        return
    if options.pack is not None:
        options.pack.parent.mkdir(parents=True, exist_ok=True)
        options.pack.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    lines = rank(rows)
    Console(width=118).print(tabulate(lines, told(rows)))
    if options.markdown is not None:
        options.markdown.write_text(as_markdown(lines, told(rows)), encoding="utf-8")


def test_places(worlds: int, learn_every: int) -> list[GardenPlace]:
    """The places of the first test worlds."""
    life = load("four_seasons").model_copy(update={"steps_per_day": STEPS_PER_DAY})
    frames = (PACE.home_frames, PACE.away_frames, PACE.next_year_frames)
    return [
        GardenPlace(life.model_copy(update={"name": climate, "climate": climate}), seed, learn_every, *frames)
        for climate, seed in WORLDS[:worlds]
    ]


def _brief(options: TableOptions, place: GardenPlace) -> Brief:
    height, width = place.frame_px
    return brief_of(
        place,
        options.out / "worlds",
        pace=PACE,
        exam_every_days=options.exam_every_days,
        memory_bytes=MEMORY_FRAMES * (3 * height * width + height // 2 * (width // 2)) if options.past_data else 0,
    )


def _live(options: TableOptions, names: Sequence[str], done: Container[str]) -> None:
    """Live all trials that have no row, neither on disk nor among those `done`, by their keys."""
    folder = options.out / "rows"
    briefs = [_brief(options, place) for place in test_places(options.worlds, options.learn_every)]
    missing = [
        (brief, name)
        for brief in briefs
        for name in names
        if key_of(brief, name) not in done and kept_row(folder, brief, name) is None
    ]
    print(f"{len(briefs) * len(names) - len(missing)} of {len(briefs) * len(names)} trials are done", flush=True)
    ready: dict[Brief, Brief] = {}

    def handle(message: Any) -> None:
        if isinstance(message, str):
            print(message, flush=True)
        else:
            ready.update(message)

    with Crew(options.workers) as crew:
        crew.run([partial(_settle, brief) for brief in dict.fromkeys(brief for brief, _ in missing)], handle)
        if not crew.interrupted:
            crew.run([partial(_try, folder, ready[brief], name) for brief, name in missing], handle)


def _settle(brief: Brief, send: Send, stop: Stop) -> None:
    settled = settle(brief, references=True, stop=stop)
    if settled is not None:
        send({brief: settled})
        send(f"{brief.place.name} {brief.place.seed}: ready")


def _try(folder: Path, brief: Brief, name: str, send: Send, stop: Stop) -> None:
    row = trial(folder, brief, name, stop)
    if row is not None:
        send(f"{row['world']} {name}: {100 * row['miou_life']:.1f} ({row['seconds']:.0f} s)")


def told(rows: Sequence[Row]) -> str:
    """What stands above the table."""
    worlds = shared_worlds(rows)
    first = {row["place"]: row for row in rows}
    climates = [first[world]["climate"] for world in worlds]
    counted = " and ".join(f"{climates.count(climate)} {climate}" for climate in dict.fromkeys(climates))
    codes = sorted({row["code"] for row in rows if row["place"] in worlds})
    updates = int(max((row["updates"] for row in rows if row["recipe"] == BESIDE), default=0))
    told = f"{updates} updates in 15 months; " if updates else ""
    ceiling = np.mean([first[world]["ceiling"] for world in worlds])
    return (
        f"{len(worlds)} worlds ({counted}), {STEPS_PER_DAY} steps a day, {told}"
        f"joint@converged {100 * ceiling:.1f}; sources {', '.join(codes)}"
    )


HEADINGS = (
    "ranks", "recipe", "mIoU over life", "mIoU at end", "gap life", "gap end", "forgot", "plast. gap", "GFLOP", "MB",
    "life − finetune",
)  # fmt: skip
UNBROKEN = ("ranks", "recipe", "mIoU over life", "mIoU at end", "life − finetune")


def cells(line: Line) -> tuple[str, ...]:
    """A line as text: shares in percent, mIoU and its differences in points."""
    others = line.others
    return (
        "-".join(map(str, dict.fromkeys(line.ranks))),
        line.recipe,
        _interval(line.life),
        _interval(line.end),
        *(_number(100 * others[key], 0) for key in ("gap_life", "gap_end")),
        *(_number(100 * others[key], 1) for key in ("forgetting", "plasticity_gap")),
        _number(others["flops"] / 1e9, 0),
        _number(others["memory_bytes"] / 1e6, 2),
        _interval(line.ahead) if line.ahead else "",
    )


def tabulate(lines: Sequence[Line], title: str) -> Table:
    """For the terminal."""
    table = Table(title=title, padding=(0, 0), pad_edge=False)
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading == "recipe" else "right", no_wrap=heading in UNBROKEN)
    for line in lines:
        table.add_row(*cells(line))
    return table


def as_markdown(lines: Sequence[Line], title: str) -> str:
    """For a page."""
    rows = [HEADINGS, ["---:" if heading != "recipe" else "---" for heading in HEADINGS]]
    named = [(rank, f"`{recipe}`", *rest) for rank, recipe, *rest in map(cells, lines)]
    return f"{title}\n\n" + "".join(f"| {' | '.join(row)} |\n" for row in [*rows, *named])


def _interval(values: tuple[float, float, float]) -> str:
    middle, low, high = (100 * value for value in values)
    return f"{middle:.1f} [{low:.1f}, {high:.1f}]" if np.isfinite(low) else f"{middle:.1f}"


def _number(value: float, digits: int) -> str:
    return f"{value:,.{digits}f}" if np.isfinite(value) else "-"


def _more_mixtures() -> list[str]:
    known = {read_plan(name).name for name in RECIPES}
    return [name for name in (read_plan(name).name for name in MIXTURES) if name not in known]


def _keeps_no_picture(name: str) -> bool:
    try:
        check_past_data(name)
    except ValueError:
        return False
    return True


if __name__ == "__main__":
    main(tyro.cli(TableOptions, config=(tyro.conf.OmitArgPrefixes,)))
