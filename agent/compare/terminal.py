"""What a comparison says in the terminal: tables in 80 columns, the verdict, and where the rest is."""

from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent.compare.cells import Column, columns, corners, taken
from agent.compare.verdict import asides, verdict
from agent.report.palette import marks
from agent.report.words import percent

Told = dict[str, Any]


def print_comparison(data: Told, folder: Path, console: Console | None = None) -> None:
    """Print the learners side by side, what --vary added, the triangle means, the money and the verdict.

    Args:
        data: as compare.json has it.
        folder: where that is.
        console: where to; the standard output by default.
    """
    console = console or Console()
    plain = [line for line in data["lines"] if line["label"] == line["recipe"]]
    more = [line for line in data["lines"] if line["label"] != line["recipe"]]
    console.print(_table(data, plain, columns(data)))
    if more:
        few = [column for column in columns(data) if column.heading not in ("over the life", "at hand")]
        console.print(_table(data, more, few, title="with something changed"))
    if any(line.get("in_time") for line in plain):
        console.print(_table(data, plain, corners(data), title="the first year: seasons at hand, past, to come"))
    console.print(_table(data, plain, taken(data), title="what it took"))
    for sentence in money_told(data):
        console.print(Text(sentence))
    console.print(Text(verdict(data), style="bold"))
    for sentence in asides(data):
        console.print(Text(sentence, style="bold" if sentence.isupper() or sentence.startswith("NOT") else ""))
    for what, where in (("page", "compare.html"), ("numbers", "compare.json"), ("rows", "rows.parquet")):
        console.print(f"{what}: {folder / where}", highlight=False, soft_wrap=True)


def money_told(data: Told) -> list[str]:
    """Remembering beside retraining, in a sentence; none where there is no reference."""
    money = data["money"]
    again = money["retraining"]
    if again is None:
        return []
    bought = f", for a mark of at most {percent(again['at_most'])}" if again["at_most"] is not None else ""
    return [
        f"Retraining joint@converged every {again['every_days']} days would cost {1000 * again['compute']:.3g} "
        f"thousandths of one {money['currency']} for compute and {1000 * again['storage']:.3g} for storage in a life, "
        f"beside {again['labels']:.0f} {money['currency']} for people{bought}."
    ]


def _table(data: Told, lines: list[Told], found: list[Column], title: str | None = None) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), title=title, title_justify="left")
    table.add_column("learner", no_wrap=True)
    for column in found:
        unit = f"\n{column.unit}" if column.unit else ""
        table.add_column(column.heading.replace(" ", "\n", 1) + unit, justify="right", no_wrap=True)
    look = marks(tuple(line["label"] for line in data["lines"] if line["label"] == line["recipe"]))
    for line in lines:
        mark = look.get(line["recipe"])
        name = Text(f"{mark.sign} {line['label']}", style=mark.terminal) if mark else Text(line["label"])
        table.add_row(name, *(column.cell(line, data) for column in found))
    return table
