"""What a person sees of gardeners in the terminal: a line a life while they live, and a table when they have."""

from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.table import Table

from agent.brief import Brief
from agent.garden_run import Listener
from agent.garden_tasks import Gardened
from agent.tasks import Advanced, Commissioned

NONE = "-"


class GardenProgress(Listener):
    """A rich progress display.

    Args:
        console: where to; the standard output by default.
    """

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console()
        self._bars = Bars(
            TextColumn("{task.description:<14}"),
            BarColumn(bar_width=16),
            TextColumn("{task.percentage:>3.0f}%"),
            TextColumn("{task.fields[note]:<10}"),
            TimeRemainingColumn(),
            console=self.console,
            disable=not self.console.is_terminal,
        )
        self._rows: dict[str, TaskID] = {}

    def __enter__(self) -> "GardenProgress":
        self._bars.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bars.stop()

    def begin(self, brief: Brief, names: list[str]) -> None:
        """Show who is going to live, and where."""
        place = brief.place
        self.console.print(
            f"[bold]{place.name}[/bold]: {place.days} days from {place.start}, {place.told}, seed {brief.seed}",
            highlight=False,
        )
        self.console.print(f"scores and logs: {brief.folder}", highlight=False, soft_wrap=True)
        self._rows = {name: self._bars.add_task(name, total=None, start=False, note="") for name in names}

    def message(self, message: Any) -> None:
        """Move the bars; without a terminal, tell when somebody has lived."""
        if isinstance(message, Advanced) and message.task in self._rows:
            row = self._rows[message.task]
            self._bars.start_task(row)
            self._bars.update(row, completed=message.done, total=message.total, note=message.note)
        elif isinstance(message, Commissioned) and "commissioning" in self._rows:
            self._bars.update(self._rows["commissioning"], completed=1, total=1)
        elif isinstance(message, Gardened):
            self._bars.update(self._rows[message.name], completed=1, total=1, note="")
            if not self.console.is_terminal:
                self.console.print(f"{message.name} has lived")


def print_garden(data: dict[str, Any], folder: Path, console: Console | None = None) -> None:
    """Print the gardeners side by side, in 80 columns.

    Args:
        data: as garden.json has it.
        folder: where that is.
        console: where to; the standard output by default.
    """
    console = console or Console()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("gardener", no_wrap=True)
    for heading in ("score", "blind to\nideal", "plants\ndead", "litres", "bumps", "driven\nover", "labels", "TFLOP"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, row in data["gardeners"].items():
        sums = [season["sums"] for season in row["seasons"]]

        def total(key: str, sums: list[dict[str, float]] = sums) -> float:
            return sum(one[key] for one in sums)

        share = row.get("task_score", {}).get("share")
        table.add_row(
            name if row["whole"] else f"{name} (cut short)",
            f"{row['score']:.1f}" if "score" in row else NONE,
            NONE if share is None else f"{100 * share:.0f} %",
            f"{row['died']:.0f}/{row['plants']}",
            f"{total('litres'):.0f}",
            f"{total('bumps'):.0f}",
            f"{total('run_over'):.0f}",
            f"{row['cost']['labels']:.0f}" if row["cost"]["labels"] else NONE,
            f"{row['cost']['flops'] / 1e12:.1f}" if row["cost"]["flops"] else NONE,
        )
    console.print(table)
    regrets = {name: row["regret"] for name, row in data["gardeners"].items() if "regret" in row and name != "ideal"}
    if regrets:
        seasons = [season for season, points in next(iter(regrets.values())).items() if points is not None]
        by_season = Table(box=box.SIMPLE_HEAD, pad_edge=False, caption="points short of the ideal, by season")
        by_season.add_column("gardener", no_wrap=True)
        for season in seasons:
            by_season.add_column(season.replace(" ", "\n"), justify="right")
        for name, points in regrets.items():
            by_season.add_row(name, *(f"{points[season]:.0f}" for season in seasons))
        console.print(by_season)
    for what, where in (("pictures", "garden.png"), ("what each did", "deeds")):
        console.print(f"{what}: {folder / where}", highlight=False, soft_wrap=True)
