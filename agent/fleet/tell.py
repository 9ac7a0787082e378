"""What a person sees of a fleet in the terminal: a line a learner while it lives, and tables when all have lived."""

from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.table import Table
from rich.text import Text

from agent.fleet import cells, results
from agent.fleet.brief import FleetBrief
from agent.fleet.life import Lived
from agent.fleet.run import Listener
from agent.report.palette import marks
from agent.tasks import Advanced

Told = dict[str, Any]


class FleetProgress(Listener):
    """A rich progress display.

    Args:
        console: where to; the standard output by default.
    """

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console()
        self._bars = Bars(
            TextColumn("{task.description:<18}"),
            BarColumn(bar_width=16),
            TextColumn("{task.percentage:>3.0f}%"),
            TextColumn("{task.fields[note]:<14}"),
            TimeRemainingColumn(),
            console=self.console,
            disable=not self.console.is_terminal,
        )
        self._rows: dict[str, TaskID] = {}

    def __enter__(self) -> "FleetProgress":
        self._bars.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bars.stop()

    def begin(self, brief: FleetBrief, names: list[str]) -> None:
        """Show who is going to live, and where."""
        first = brief.homes[0].place
        where = ", ".join(f"{home.name} ({home.place.told})" for home in brief.homes)
        self.console.print(f"[bold]fleet[/bold]: {where}", highlight=False)
        self.console.print(
            f"{first.days} days from {first.start}, {brief.learner}, seed {brief.seed}; {len(names)} learners",
            highlight=False,
        )
        self.console.print(f"logs: {brief.folder}", highlight=False, soft_wrap=True)
        self._rows = {name: self._bars.add_task(name, total=None, start=False, note="") for name in names}

    def message(self, message: Any, brief: FleetBrief) -> None:
        """Move the bars; without a terminal, tell when somebody has lived."""
        if isinstance(message, Advanced) and message.task in self._rows:
            row = self._rows[message.task]
            self._bars.start_task(row)
            self._bars.update(row, completed=message.done, total=message.total, note=message.note)
        elif isinstance(message, Lived):
            name = message.pupil.name(brief.grounds.names)
            if name in self._rows:
                self._bars.update(self._rows[name], completed=1, total=1, note="")
            if not self.console.is_terminal:
                self.console.print(f"{name} has {'lived' if message.whole else 'been stopped'}", highlight=False)


def print_fleet(data: Told, folder: Path, console: Console | None = None) -> None:
    """Print marks, differences, transfer, memories and the answer, in 80 columns.

    Args:
        data: as fleet.json has it.
        folder: where that is.
        console: where to; the standard output by default.
    """
    console = console or Console()
    look = marks(tuple(data["kinds"]))
    headings, rows = cells.marks_table(data)
    table = _table(headings, left=2)
    for i, (garden, kind, *numbers) in enumerate(rows):
        mark = look[kind]
        first = not i or rows[i - 1][0] != garden
        if first and i:
            table.add_section()
        table.add_row(garden if first else "", Text(f"{mark.sign} {kind}", style=mark.terminal), *numbers)
    console.print(table)
    for title, (head, body) in (
        ("differences", cells.contrast_table(data)),
        ("lived in one, examined in all at the end [% mIoU], and what that life added", cells.transfer_table(data)),
        ("frames remembered at the end", cells.memory_table(data)),
    ):  # fmt: skip
        if body:
            found = _table(head, title=title)
            for row in body:
                found.add_row(*row)
            console.print(found)
    console.print(Text(data["answer"], style="bold"))
    for sentence in results.asides(data):
        console.print(Text(sentence))
    for what, where in (("page", "fleet.html"), ("numbers", "fleet.json"), ("a log a garden", "gardens")):
        console.print(f"{what}: {folder / where}", highlight=False, soft_wrap=True)


def _table(headings: list[str], *, left: int = 1, title: str | None = None) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), title=title, title_justify="left")
    for number, heading in enumerate(headings):
        name, bracket, unit = heading.partition(" [")
        told = name.replace(" ", "\n", 1) + (f"\n{unit.removesuffix(']')}" if bracket else "") if number else name
        table.add_column(told, justify="left" if number < left else "right", no_wrap=True)
    return table
