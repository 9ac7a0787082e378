"""The diagnosis in words, as the monitor gives it, and the measures of the literature, as a table."""

from collections.abc import Mapping
from html import escape
from typing import Any

from agent.report.palette import Mark
from agent.report.tables import Row, named, table_html
from agent.report.words import NOTHING

SAYS = ("sentence", "says", "verdict", "text")  # under which key a finding may have its sentence


def section(summary: Mapping[str, Any], marks: Mapping[str, Mark]) -> str:
    """What the monitor found, learner by learner, with its evidence; nothing where it found nothing."""
    items = "".join(
        f'<div><dt style="color:{mark.colour}">{mark.sign} {escape(name)}</dt>{found}</div>'
        for name, mark in marks.items()
        if (found := _findings(summary["learners"][name].get("diagnosis") or []))
    )
    return f'<div class="diagnosis"><h3>What the monitor found</h3><dl>{items}</dl></div>' if items else ""


def measures(summary: Mapping[str, Any], marks: Mapping[str, Mark]) -> str:
    """All numbers of `continual`, a row each; nothing where there are none."""
    told = {name: flat(summary["learners"][name].get("continual") or {}) for name in marks}
    names = dict.fromkeys(key for numbers in told.values() for key in numbers)
    rows: list[Row] = [
        [("measure", f"<code>{escape(key)}</code>")]
        + [(f"{marks[name].sign} {escape(name)}", _number(numbers.get(key))) for name, numbers in told.items()]
        for key in names
    ]
    return table_html(rows, "Measures of the literature", cards=False) if rows else ""


def flat(numbers: Mapping[str, Any], before: str = "") -> dict[str, float | None]:
    """Nested numbers under dotted names; words and lists are left out.

    >>> flat({"a": {"b": 0.5, "c": None, "d": [1, 2]}})
    {'a.b': 0.5, 'a.c': None}
    """
    found: dict[str, float | None] = {}
    for key, value in numbers.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{before}{key}.")
        elif value is None or isinstance(value, int | float):
            found[f"{before}{key}"] = value
    return found


def _findings(found: list[Any]) -> str:
    return "".join(f"<dd>{_finding(entry)}</dd>" for entry in found)


def _finding(entry: Any) -> str:
    """A sentence, with its evidence in small print."""
    if isinstance(entry, str):
        return escape(entry)
    says = next((str(entry[key]) for key in SAYS if entry.get(key)), "")
    evidence = entry.get("evidence")
    if isinstance(evidence, Mapping):
        evidence = "; ".join(f"{key} {_number(value)}" for key, value in evidence.items())
    elif isinstance(evidence, list | tuple):
        evidence = "; ".join(map(str, evidence))
    return escape(says) + (f"<small>{escape(str(evidence))}</small>" if evidence else "")


def _number(value: Any) -> str:
    if value is None:
        return NOTHING
    return f"{value:.3g}".replace("-", "−") if isinstance(value, int | float) else escape(str(value))
