"""The table of axes, as the command line prints it: it fits 80 columns."""

from collections.abc import Callable
from textwrap import fill
from typing import TYPE_CHECKING

from scenarios.axes import AXES, CHANNELS, GROUPS, Axis

if TYPE_CHECKING:
    from agent.effects import Effect

INDENT = 4 * " "


def print_axes(*, effects: bool = False, say: Callable[[str], None] = print) -> bool:
    """Print all axes, group by group.

    Args:
        effects: measure what each does, see `agent.effects`; takes some minutes.
        say: takes lines.

    Returns:
        Whether every axis that was measured is alive and keeps to its channels; true if none was.
    """
    measured: dict[str, Effect] = {}
    if effects:
        from agent.effects import measure_all  # brings torch: seconds, which the plain table need not wait

        measured = measure_all()
    say(f"{'axis':<26} {'from':>6} {'to':>6} {'is':>6} {'unit':<12}what it touches")
    for group in GROUPS:
        say("")
        for axis in AXES.values():
            if axis.name.split(".")[0] == group:
                say(_row(axis))
                say(
                    _effect(measured[axis.name])
                    if effects
                    else fill(axis.meaning, 80, initial_indent=INDENT, subsequent_indent=INDENT)
                )
    say("")
    if not effects:
        say(
            "\n".join(
                f"{name:<8} {meaning}" for name, meaning in {**CHANNELS, "view": "colour, classes, depth"}.items()
            )
        )
        return True
    from agent.effects import ALIVE

    say(f"effects in standard deviations of the nuisance within a day; alive from {ALIVE:g} on in a channel that it")
    say("touches; loss is that of a net commissioned in the garden, which never learns again")
    failing = [name for name, effect in measured.items() if effect.own < ALIVE or effect.leaks]
    say(f"{len(measured) - len(failing)} of {len(measured)} axes are alive and keep to their channels")
    return not failing


def _row(axis: Axis) -> str:
    seen = {"colour", "classes", "depth"}
    touched = (
        "view" + (", water" if "water" in axis.touches else "") if seen <= {*axis.touches} else " ".join(axis.touches)
    )
    return f"{axis.name:<26} {axis.low:>6g} {axis.high:>6g} {axis.default:>6g} {axis.unit:<12}{touched}"


def _effect(effect: "Effect") -> str:
    from agent.effects import ALIVE

    told = ", ".join(f"{name} {effect.effect[name]:.1f}" for name in (*effect.axis.touches, "loss"))
    dead = "  DEAD" if effect.own < ALIVE else ""
    leaks = f"  LEAKS INTO {', '.join(effect.leaks)}" if effect.leaks else ""
    return f"    {told}{dead}{leaks}"
