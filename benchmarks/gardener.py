"""What drift costs a gardener: gardens, each lived by gardeners that know all, that are blind, frozen, learning.

In the loop: every gardener drives a life of its own, and only the task's score is compared (`agent/task_score.py`).
Rows are kept, a line a garden, so that a run that was broken off goes on where it was.

    python benchmarks/gardener.py [--seeds 300 301 302 303 304] [--rows benchmarks/rows/gardener.jsonl]
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import tyro
from rich.console import Console
from rich.table import Table

from agent.garden_options import GardenOptions
from agent.garden_run import run_garden
from agent.garden_tell import GardenProgress
from agent.ranking import mean_interval
from agent.sources import code_hash

GROWING = ("spring", "summer", "autumn")


@dataclass(frozen=True)
class Options:
    """What to measure."""

    seeds: tuple[int, ...] = (300, 301, 302, 303, 304)
    """Gardens; nothing was chosen on these."""
    gardeners: tuple[str, ...] = ("ideal", "blind", "seeing", "frozen", "er+ewc")
    """Who lives in each."""
    scenario: str = "four_seasons"
    """What happens there."""
    rows: Path = field(default_factory=lambda: Path("benchmarks/rows/gardener.jsonl"))
    """Where results are kept."""
    live: bool = True
    """Whether to live what is missing; without, what there is is told."""
    markdown: Path | None = None
    """Write the table into this file."""


def main(options: Options) -> None:
    """Live what is missing and print the tables."""
    rows = [row for row in _read(options.rows) if row["scenario"] == options.scenario and row["seed"] in options.seeds]
    done = {row["seed"] for row in rows if set(options.gardeners) <= set(row["gardeners"])}
    for seed in options.seeds if options.live else ():
        if seed not in done:
            row = live(options, seed)
            options.rows.parent.mkdir(parents=True, exist_ok=True)
            with options.rows.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
            rows = [*(kept for kept in rows if kept["seed"] != seed), row]
    tell(rows, options, Console(width=120))


def live(options: Options, seed: int) -> dict[str, Any]:
    """All gardeners in one garden."""
    with TemporaryDirectory() as scratch:
        chosen = GardenOptions(
            scenario=options.scenario, gardeners=options.gardeners, seed=seed, out=Path(scratch)
        )  # fmt: skip
        with GardenProgress() as progress:
            folder = run_garden(chosen, progress)
        data = json.loads((folder / "garden.json").read_text(encoding="utf-8"))
    if data["interrupted"]:
        raise KeyboardInterrupt
    return {"scenario": options.scenario, "seed": seed, "code": code_hash(), "gardeners": data["gardeners"]}


def tell(rows: Sequence[dict[str, Any]], options: Options, console: Console) -> None:
    """Print means over gardens with 95 % intervals (Student's t), and write them down if that is wanted."""
    if not rows:
        console.print("nothing has been lived yet")
        return
    columns: dict[str, Callable[[dict[str, Any]], float]] = {
        "score": lambda one: one["score"],
        "blind to ideal, %": lambda one: 100.0 * one["task_score"]["share"],
        "kept alive, %": lambda one: 100.0 * (1.0 - min(one["died"] / one["plants"], 1.0)),
        "litres / need": lambda one: _sum(one, "litres") / _sum(one, "need_l"),
        "lost to thirst": lambda one: 100.0 - one["parts"]["stress"],
        "to water": lambda one: -one["parts"]["litres"],
        "to bumps": lambda one: -one["parts"]["bumps"],
        "to plants driven over": lambda one: -one["parts"]["run_over"],
    }
    cells = [
        [name, *(_mean([measure(row["gardeners"][name]) for row in rows]) for measure in columns.values())]
        for name in options.gardeners
    ]
    headings = ["gardener", *columns]
    if "ideal" in options.gardeners:
        headings += ["worst season's regret", "of it thirst, %"]
        for line in cells:
            worst = [_worst_season(row["gardeners"], line[0]) for row in rows]
            shares = [100.0 * thirst / points for points, thirst in worst if points > 0.0]
            line += [_mean([points for points, _ in worst]), _mean(shares) if len(shares) == len(worst) else "-"]
    title = f"{len(rows)} gardens: seeds {', '.join(str(row['seed']) for row in rows)}; mean and 95 %"
    table = Table(title=title)
    for heading in headings:
        table.add_column(heading, justify="left" if heading == "gardener" else "right", no_wrap=heading == "gardener")
    for line in cells:
        table.add_row(*line)
    console.print(table)
    lines = [f"| {' | '.join(line)} |" for line in (headings, ["---", *["---:"] * (len(headings) - 1)], *cells)]
    if {"frozen", "ideal"} <= set(options.gardeners):
        lines.append("")
        for name in options.gardeners:
            if name not in ("frozen", "ideal", "blind"):
                told = f"{name}: share of frozen's regret that it wins back, %: {_mean(_won_back(rows, name))}"
                console.print(told)
                lines.append(told)
    if options.markdown is not None:
        options.markdown.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _worst_season(gardeners: dict[str, Any], name: str) -> tuple[float, float]:
    """Of the growing season in which a gardener falls farthest below the ideal: by how many points, and by how many of
    them through thirst."""
    pairs = zip(gardeners[name]["seasons"], gardeners["ideal"]["seasons"], strict=True)
    regrets = [
        (best["score"] - ours["score"], best["parts"]["stress"] - ours["parts"]["stress"])
        for ours, best in pairs
        if ours["parts"] is not None and ours["season"].split()[0] in GROWING
    ]
    return max(regrets)


def _won_back(rows: Sequence[dict[str, Any]], name: str) -> list[float]:
    shares = []
    for row in rows:
        ideal, frozen = row["gardeners"]["ideal"]["score"], row["gardeners"]["frozen"]["score"]
        if ideal > frozen:
            shares.append(100.0 * (row["gardeners"][name]["score"] - frozen) / (ideal - frozen))
    return shares


def _sum(one: dict[str, Any], key: str) -> float:
    """Over the growing seasons."""
    return sum(season["sums"][key] for season in one["seasons"] if season["season"].split()[0] in GROWING)


def _mean(values: Sequence[float]) -> str:
    if len(values) < 2:
        return f"{values[0]:.1f}" if values else "-"
    mean, low, high = mean_interval(np.array(values, dtype=np.float64))
    return f"{mean:.1f} [{low:.1f}, {high:.1f}]"


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
