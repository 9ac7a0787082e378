"""What truly changed, and who noticed: the script's changes, the alarms after them, and the stream's statistics."""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np

from agent.monitor.log import Log
from agent.monitor.thinning import days_a_row, days_of
from agent.report.chart import Chart, axis, dates, empty_chart, tick_format, time_range
from agent.report.parts import figure
from agent.report.tables import Row, table_html
from agent.report.words import NOTHING, long_date
from agent.report.year import with_events

Z_SHOWN = 8.0  # signals beyond this are drawn as this
LANE_PX = 26
SCALE = [[0, "var(--low)"], [0.5, "var(--card)"], [1, "var(--high)"]]
LATE_DAYS = 14  # an alarm within so many days after a change began may be about it
MOST_CHANGES = 40
CAPTION = (
    "What the stream looked like, day by day, beside its first weeks: each row one statistic, in standard deviations "
    "(sd) of its own reference. Nothing here needs a label. Strong colour: the world no longer looks as it did; "
    "whether that hurts anyone, the charts above say. Below, what the script truly changed, and alarms."
)

TOGETHER = " In a life this long, of every {days} days the one that was farthest from its reference is shown."


def section(log: Log) -> str:
    """The map of signals and the table of changes; nothing where nothing of either was logged."""
    together = days_a_row(log.life.days)
    caption = CAPTION if together == 1 else CAPTION + TOGETHER.format(days=together)
    drawn = figure("signals", "The look of the stream", signals(log), caption) if _names(log) else ""
    rows = changes(log)
    return drawn + (table_html(rows, "Changes and alarms") if rows else "")


def signals(log: Log) -> Chart:
    """A row a statistic, a column a day, coloured by how far it is from its reference."""
    names = _names(log)
    chart = empty_chart(LANE_PX * len(names) + 120, top_px=8, right_px=12)
    days = np.array([np.mean(days_of(row)) for row in log.inputs])
    cells = [[_clipped(row["signals"].get(name)) for row in log.inputs] for name in names]
    bar = {"title": {"text": "distance from its reference [sd]", "side": "top", "font": {"size": 11}},
           "orientation": "h", "thickness": 8, "len": 0.5, "x": 1, "xanchor": "right", "y": 1.02, "yanchor": "bottom",
           "outlinewidth": 0, "tickvals": [-Z_SHOWN, 0, Z_SHOWN]}  # fmt: skip
    chart["layout"]["margin"]["t"] = 46
    chart["layout"]["height"] += 38
    chart["data"].append(
        {"type": "heatmap", "x": dates(log, days), "y": names, "z": cells, "coloraxis": "coloraxis", "ygap": 1.5,
         "name": "signals [standard deviations]", "hoverongaps": False,
         "hovertemplate": "%{y}, %{x|%-d %b %Y}: %{z:.1f}<extra></extra>"}
    )  # fmt: skip
    chart["layout"]["coloraxis"] = {"colorscale": SCALE, "cmin": -Z_SHOWN, "cmax": Z_SHOWN,
                                    "cmid": 0, "colorbar": bar}  # fmt: skip
    chart["layout"]["xaxis"] = axis(type="date", range=time_range(log), showgrid=False, tickformat=tick_format(log))
    chart["layout"]["yaxis"] = axis(type="category", autorange="reversed", showgrid=False)
    return with_events(chart, log)


def changes(log: Log) -> list[Row]:
    """A row a change of the script: what, when, and how long until the first alarm after it."""
    taken = sorted(alarm["day"] for alarm in log.alarms)
    listed = sorted(log.changes, key=lambda change: change["first_day"])[:MOST_CHANGES]
    return [_change_row(log, change, taken) for change in listed]


def _change_row(log: Log, change: dict[str, Any], alarms: Sequence[int]) -> Row:
    first, last = change["first_day"], change["last_day"]
    until = max(last, first + LATE_DAYS)
    after = next((day for day in alarms if first <= day <= until), None)
    days = NOTHING if after is None else f"{after - first} day{'' if after - first == 1 else 's'}"
    axes = ", ".join(change["axes"])
    about = f"<small>{escape(axes)}</small>" if axes != change["name"] else ""
    return [
        ("what the script changed", f"<b>{escape(change['name'])}</b>{about}"),
        ("from", long_date(log.life.date_of(first))),
        ("to", "at once" if last - first < 2 else long_date(log.life.date_of(min(last, log.life.days - 1)))),
        ("first alarm after", days if log.alarms or log.inputs else NOTHING),
    ]


def _names(log: Log) -> list[str]:
    """All signals that ever had a value, in the order in which they came."""
    return list(dict.fromkeys(name for row in log.inputs for name, z in row["signals"].items() if z is not None))


def _clipped(z: float | None) -> float | None:
    return None if z is None else round(float(np.clip(z, -Z_SHOWN, Z_SHOWN)), 2)
