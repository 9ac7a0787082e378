"""The numbers behind a chart as a table: for screen readers, for paper, and for who wants to copy them."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from agent.report.chart import Chart
from agent.report.words import NOTHING

MOST_ROWS = 14  # a chart is for the course of things; its table is for a few readings
Columns = dict[str, dict[Any, Any]]  # by trace, values by key


def numbers_html(chart: Chart, label: str) -> str:
    """A chart's numbers behind a summary 'Numbers'; nothing if it has none to tell.

    Args:
        chart: see `agent.report.chart`; traces without a name, or with `hoverinfo: skip`, are drawing aids.
        label: what the numbers are of.
    """
    grids = [trace for trace in chart["data"] if trace["type"] == "heatmap"]
    blocks = [_block(_of_grid(trace), str(trace.get("name", label))) for trace in grids]
    lines = [trace for trace in chart["data"] if trace["type"] != "heatmap" and _told(trace)]
    if lines:
        blocks.insert(0, _block(_of_lines(lines), label))
    body = "".join(blocks)
    return f'<details class="numbers"><summary>Numbers</summary>{body}</details>' if body else ""


def thinned(keys: Sequence[Any], most: int = MOST_ROWS) -> list[Any]:
    """At most so many of them, evenly, with the first and the last.

    >>> thinned(range(100), 5)
    [0, 25, 50, 74, 99]
    """
    places = np.unique(np.round(np.linspace(0, len(keys) - 1, most)).astype(int)) if len(keys) > most else None
    return list(keys) if places is None else [keys[place] for place in places]


def _told(trace: Mapping[str, Any]) -> bool:
    return bool(trace.get("name")) and trace.get("hoverinfo") != "skip" and trace.get("y") is not None


def _of_lines(traces: Sequence[Mapping[str, Any]]) -> Columns:
    """Values of every trace by the axis that is not a value: dates or numbers across, or names upwards."""
    columns: Columns = {}
    for trace in traces:
        upwards = any(isinstance(y, str) for y in trace["y"])
        keys, values = (trace["y"], trace["x"]) if upwards else (trace["x"], trace["y"])
        columns.setdefault(str(trace["name"]), {}).update(zip(keys, values, strict=True))
    return columns


def _of_grid(trace: Mapping[str, Any]) -> Columns:
    return {
        str(name): dict(zip(trace["x"], row, strict=True)) for name, row in zip(trace["y"], trace["z"], strict=True)
    }


def _block(columns: Columns, label: str) -> str:
    longest = max(columns.values(), key=len)
    keys = list(longest) if any(isinstance(key, str) for key in longest) else sorted(longest)
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    rows = "".join(
        f'<tr><th scope="row">{escape(_shown(key))}</th>'
        + "".join(f"<td>{_shown(_by_then(values, key))}</td>" for values in columns.values())
        + "</tr>"
        for key in thinned(keys)
    )
    few = f", {MOST_ROWS} of {len(keys)} readings" if len(keys) > MOST_ROWS else ""
    caption = f"<caption>{escape(label + few)}</caption>"
    table = f'<table>{caption}<thead><tr><th scope="col"></th>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    return f'<div class="table" tabindex="0" role="group" aria-label="{escape(label)}: numbers">{table}</div>'


def _by_then(values: Mapping[Any, Any], key: Any) -> Any:
    """A trace's value at a key, else its last one before: a line that has fewer points holds in between."""
    if key in values:
        return values[key]
    if not isinstance(key, str) or not key[:4].isdigit():
        return None
    before = [other for other in values if isinstance(other, str) and other <= key]
    return values[max(before)] if before else None


def _shown(value: Any) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, str):
        return value
    return f"{value:.4g}" if abs(value) < 1e4 else f"{value:,.0f}"
