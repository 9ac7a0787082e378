"""The table of axes, as the command line prints it: it fits 80 columns."""

from rich.console import Console
from rich.table import Table

from scenarios.axes import AXES, GROUPS


def print_axes(console: Console | None = None, *, effects: bool = False) -> bool:
    """Print all axes, group by group.

    Args:
        console: where to.
        effects: measure what each does, see `agent.effects`; takes about a minute.

    Returns:
        Whether every axis that was measured is alive and keeps to its channels.
    """
    console = console or Console(width=80)
    measured = {}
    if effects:
        from agent.effects import ALIVE, measure_all

        measured = measure_all()
    fine = True
    for group in GROUPS:
        rows = [axis for axis in AXES.values() if axis.name.split(".")[0] == group]
        table = Table(title=f"[bold]{group}[/bold]", title_justify="left", box=None, pad_edge=False, width=78)
        table.add_column("axis", no_wrap=True, width=20)
        for name, width in (("from", 5), ("to", 5), ("is", 5)):
            table.add_column(name, justify="right", width=width)
        table.add_column("unit", width=8)
        table.add_column("effect (channel: sd)" if effects else "what it does", ratio=1)
        for axis in rows:
            told = f"{axis.meaning} [dim]({', '.join(axis.touches)})[/dim]"
            if effects:
                effect = measured[axis.name]
                told = ", ".join(f"{name} {effect.effect[name]:.1f}" for name in axis.touches)
                if effect.own < ALIVE or effect.leaks:
                    fine = False
                    told += " [red]" + ("dead " if effect.own < ALIVE else "") + (
                        f"leaks into {', '.join(effect.leaks)}" if effect.leaks else ""
                    ) + "[/red]"  # fmt: skip
            numbers = (f"{value:g}" for value in (axis.low, axis.high, axis.default))
            table.add_row(axis.name.split(".")[1], *numbers, axis.unit, told)
        console.print(table)
        console.print()
    return fine
