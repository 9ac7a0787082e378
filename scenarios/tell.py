"""Scenarios on the terminal: the list of what ships, and what differs between two."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from scenarios.difference import differences
from scenarios.files import library, load
from scenarios.spec import Scenario


def tell_library(console: Console) -> None:
    """Print a line or two for every scenario that ships."""
    table = Table("scenario, climate", "from, days", "events", "what it tests", title="Scenarios")
    for column in table.columns[:3]:
        column.no_wrap = True
    for name in library():
        scenario = load(name)
        length = f"{scenario.days} days" + (f" x{scenario.speed:g}" if scenario.speed != 1 else "")
        table.add_row(
            f"[bold]{escape(name)}[/bold]\n{escape(scenario.climate_name)}",
            f"{scenario.start}\n{length}",
            str(len(scenario.drift)),
            escape(scenario.summary),
        )
    console.print(table)
    console.print("x3: three days pass while the robot does the steps of one.", highlight=False)


def tell_difference(first: Scenario, second: Scenario, console: Console) -> None:
    """Print what differs between two scenarios."""
    rows = differences(first, second)
    if not rows:
        console.print(f"No difference: both are {first.name}, {first.hash}.", highlight=False)
        return
    table = Table("field", *(f"{one.name} {one.hash}" for one in (first, second)))
    for row in rows:
        table.add_row(*(escape(cell) if cell else "[dim]-[/dim]" for cell in row))
    console.print(table)
