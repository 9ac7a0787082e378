"""A chart as Plotly's plain JSON, {data, layout}, whose colours are CSS variables so that a theme can change them.

Plain dictionaries rather than `plotly.graph_objects`: a report is written at the end of every run, and building the
same charts through validated objects takes ten times as long. A test validates them instead.
"""

import json
from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.monitor.log import Log
from agent.report.palette import GRID, INK, MUTED

Chart = dict[str, Any]
FEW_MONTHS_DAYS = 200
DATE_HOVER = "%{x|%-d %B %Y}"


def empty_chart(height_px: int, *, top_px: int, right_px: int) -> Chart:
    """A chart without lines, calm and transparent."""
    clear = "rgba(0,0,0,0)"
    layout = {
        "height": height_px,
        "paper_bgcolor": clear,
        "plot_bgcolor": clear,
        "dragmode": False,
        "margin": {"l": 8, "r": right_px, "t": top_px, "b": 8},
        "font": {"family": "var(--sans)", "size": 13, "color": INK},
        "hoverlabel": {"bgcolor": "var(--card)", "bordercolor": GRID, "font": {"color": INK}},
        "annotations": [],
        "shapes": [],
    }
    return {"data": [], "layout": layout}


def figure(name: str, chart: Chart, label: str) -> str:
    """A place for a chart with its data beside it; `</` cannot end the script early."""
    safe = json.dumps(chart, separators=(",", ":"), allow_nan=False).replace("</", "<\\/")
    place, height = escape(f"chart-{name}"), f"height:{chart['layout']['height']}px"
    return (
        f'<div class="chart" id="{place}" role="img" aria-label="{escape(label)}" style="{height}"></div>'
        f'<script type="application/json" data-chart="{place}">{safe}</script>'
    )


def axis(title: str = "", **more: Any) -> dict[str, Any]:
    """An axis in the manner of all charts; `more` adds to it or replaces.

    Args:
        title: what is measured, with its unit; nothing for a repeated axis.
        **more: Plotly's axis attributes.
    """
    lines = {"gridcolor": GRID, "linecolor": GRID, "zerolinecolor": GRID, "ticks": ""}
    plain = lines | {"automargin": True, "tickfont": {"color": MUTED}, "fixedrange": True}
    named = {"title": {"text": title, "font": {"color": MUTED, "size": 12}}} if title else {}
    return plain | named | more


def note(text: str, *, colour: str = MUTED, size_px: int = 12, **place: Any) -> dict[str, Any]:
    """Words on a chart, without an arrow."""
    return {"text": text, "showarrow": False, "font": {"color": colour, "size": size_px}} | place


def dates(log: Log, days: NDArray) -> list[str]:
    """ISO dates of days of the life."""
    return [log.life.date_of(round(float(day))).isoformat() for day in days]


def time_range(log: Log) -> list[str]:
    """First day of the life and the day after its last, as an axis range."""
    return [log.life.start.isoformat(), log.life.date_of(log.life.days).isoformat()]


def tick_format(log: Log) -> str:
    """Of a time axis: months, or days where there are few months."""
    return "%b\n%Y" if log.life.days > FEW_MONTHS_DAYS else "%-d %b\n%Y"


def in_percent(values: Sequence[float] | NDArray) -> list:
    """Shares as percentages with two decimals, None where there is none: plain lists, so that the page stays small."""
    rounded = np.round(100 * np.asarray(values, dtype=np.float64), 2).astype(object)
    rounded[rounded != rounded] = None  # NaN, the one value that is not itself
    return rounded.tolist()
