"""Scenarios on the terminal: the list of what ships, and what differs between two."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from scenarios.difference import differences
from scenarios.files import library, load
from scenarios.spec import Scenario


def tell_library(console: Console) -> None:
    """Print a line or two for every scenario that ships."""
    table = Table("scenario", "from", "days", "events", "what it tests", title="Scenarios")
    for column, wide in zip(table.columns, (False, False, False, False, True), strict=True):
        column.no_wrap = not wide
    for name in library():
        scenario = load(name)
        table.add_row(name, scenario.start.isoformat(), _length(scenario), str(len(scenario.drift)), _about(scenario))
    console.print(table)


def _length(scenario: Scenario) -> str:
    return f"{scenario.days}" if scenario.speed == 1 else f"{scenario.days} /{scenario.speed:g}"


def _about(scenario: Scenario) -> str:
    return f"{escape(scenario.summary)} [dim]({escape(scenario.climate_name)})[/dim]"


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
