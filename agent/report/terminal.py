"""What a run says in the terminal when it is over: a table of learners and the verdict, in 80 columns."""

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent.report.expiry import line
from agent.report.palette import marks
from agent.report.verdict import asides, verdict
from agent.report.words import NOTHING, percent


def print_summary(
    summary: dict[str, Any], console: Console | None = None, options: dict[str, Any] | None = None
) -> None:
    """Print the learners side by side, then the verdict and what belongs under it.

    Args:
        summary: as `agent.monitor.summary.summarise` returns it; an empty one prints nothing.
        console: where to; the standard output by default.
        options: the run's options, as `asides` takes them.
    """
    if not summary:
        return
    console = console or Console()
    console.print(_table(summary))
    expired = line(summary)
    if expired:
        console.print(Text(expired, style="bold"))
    console.print(Text(verdict(summary), style="bold"))
    for sentence in asides(summary, options or {}):
        console.print(Text(sentence))


def _table(summary: dict[str, Any]) -> Table:
    bank = summary["headline_bank"]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, caption_justify="left")
    table.add_column("learner", no_wrap=True)
    for heading in (
        "whole year\nmIoU %",
        "season at\nhand %",
        "gap\nclosed %",
        "forgot\npoints",
        "of it\nnoise",
        "worst\nseason",
    ):
        table.add_column(heading, justify="right")
    for name, mark in marks(tuple(summary["learners"])).items():
        told = summary["learners"][name]
        gap, present, stability = told["gap_closed"], told["present"], told["stability"]
        table.add_row(
            Text(f"{mark.sign} {name}", style=mark.terminal),
            percent(told["miou"][bank]["end"]),
            percent(present["mean"] if present else None),
            percent(gap["end"] if gap else None, 0),
            percent(stability["mean"] if stability else None),
            percent(stability["noise_mean"] if stability else None),
            percent(stability["worst"] if stability else None),
        )
    for name, told in summary["references"].items():
        level = told["miou"].get(bank, {"mean": None})["mean"]
        table.add_row(
            Text(f"┃ {name}", style="bright_black"),
            percent(level),
            NOTHING,
            percent(told["gap_closed"], 0),
            *[NOTHING] * 3,
        )
    return table
