"""What a sweep says in the terminal when it is over: a table in 80 columns, the verdict, and where the rest is."""

from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent.report.palette import marks
from agent.sweep.cells import asides, compared, few, sentence
from agent.sweep.page import FILE_NAME, RESULT
from agent.sweep.table import CLOCK, TABLE


def print_sweep(data: dict[str, Any], folder: Path, console: Console | None = None) -> None:
    """Print all who were compared side by side, the verdict, and what failed.

    Args:
        data: as sweep.json has it.
        folder: where that is.
        console: where to; the standard output by default.
    """
    console = console or Console()
    if data["lines"]:
        seen = compared(data)
        found = few(seen)
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
        table.add_column("learner", overflow="fold")
        for column in found:
            unit = f"\n{column.unit}" if column.unit else ""
            heading = column.heading.replace(" over the", "\nover the")
            if heading.startswith("ahead of "):
                heading = "ahead of\n" + heading.removeprefix("ahead of ").replace(" ", "\n")
            table.add_column(heading + unit, justify="right", no_wrap=True)
        look = marks(tuple(line["label"] for line in data["lines"]))
        for line in data["lines"]:
            mark = look[line["label"]]
            learner, _, varied = line["label"].partition(" ")
            who = Text(f"{mark.sign} {learner}", style=mark.terminal)
            who.append(f"\n  {varied}" if varied else "", style="default")
            table.add_row(who, *(column.cell(line, seen) for column in found))
        console.print(table)
    console.print(Text(sentence(data), style="bold"))
    for aside in asides(data):
        console.print(Text(aside))
    for name, said in data["failed"].items():
        console.print(Text(f"failed: {name}: {said}"), soft_wrap=True)
    for what, where in (("page", FILE_NAME), ("numbers", RESULT), ("table", TABLE), ("clock", CLOCK)):
        console.print(f"{what}: {folder / where}", highlight=False, soft_wrap=True)
