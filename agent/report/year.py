"""The life as a time axis: seasons behind it, learners' lines on it, below it what truly changed and was noticed."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from agent.monitor.log import Log
from agent.report.chart import Chart, axis, dates, empty_chart, in_percent, note, tick_format, time_range
from agent.report.palette import INK, MUTED, REFERENCE, REFERENCE_MARK, Mark
from scenarios.seasons import South, bands

HEIGHT_PX = 370
NAME_PX = 8  # of a letter of a name beside a line
LABEL_GAP = 0.062  # direct labels are kept apart by this share of the axis
NAMED_BAND_DAYS, NAMED_BAND_SHARE = 25, 0.05  # a season needs so many days, and so much of the life, to be named
LANE_PX = 26  # of a row of events below a chart
CHANGED, NOTICED = "changed", "alarms"


def year_chart(log: Log, title: str, *, south: South, height_px: int = HEIGHT_PX, alone: bool = True) -> Chart:
    """A time axis over the life with the seasons behind it.

    Args:
        log: the log.
        title: what is measured, with its unit.
        south: where the garden is on a date.
        height_px: of the whole chart.
        alone: whether to mark the day on which commissioning ends, and to name that of a fork.
    """
    longest = max(map(len, log.learners), default=0)
    chart = empty_chart(height_px, top_px=26, right_px=max(96, 30 + NAME_PX * longest))
    layout = chart["layout"]
    for number, (name, first, after) in enumerate(bands(log.life.start, log.life.days, south=south)):
        days = (after - first).days
        if number % 2:
            layout["shapes"].append(
                {"type": "rect", "x0": first.isoformat(), "x1": after.isoformat(), "y0": 0, "y1": 1, "yref": "paper",
                 "fillcolor": "var(--band)", "line": {"width": 0}, "layer": "below"}
            )  # fmt: skip
        if days >= max(NAMED_BAND_DAYS, NAMED_BAND_SHARE * log.life.days):
            middle = (first + (after - first) / 2).isoformat()
            layout["annotations"].append(note(name, x=middle, y=1, yref="paper", yanchor="bottom", name=f"band {days}"))
    if alone:
        _mark_day(chart, log, log.life.commissioning_days, "on its own from here", dash="dot")
    if log.fork:
        _mark_day(chart, log, log.fork["day"], "forked here" if alone else "", dash="solid")
    layout["xaxis"] = axis(type="date", range=time_range(log), showgrid=False, tickformat=tick_format(log))
    layout["yaxis"] = axis(title)
    layout |= {"hovermode": "x unified", "showlegend": False}
    return chart


def line(
    chart: Chart, log: Log, days: NDArray, values: NDArray, name: str, mark: Mark, *, symbols: bool = True
) -> None:
    """Draw shares of 1 over days of the life as a learner's line, in percent; a branch's from where it parts."""
    if name in log.fork.get("branches", ()) and log.fork["learner"] in log.learners:
        parted = max(int((days <= log.fork["day"]).sum()) - 1, 0)
        days, values = days[parted:], values[parted:]
    if len(days):
        chart["data"].append(
            {"type": "scatter", "x": dates(log, days), "y": in_percent(values), "name": name,
             "mode": "lines+markers" if symbols else "lines",
             "line": {"color": mark.colour, "dash": mark.dash, "width": 2.4},
             "marker": {"symbol": mark.symbol, "size": 5, "color": mark.colour},
             "hovertemplate": "%{y:.1f} %", "meta": mark.sign}
        )  # fmt: skip


def reference_line(chart: Chart, log: Log, days: NDArray, values: NDArray, name: str = "joint") -> None:
    """Draw what learners are measured against: thin and grey."""
    chart["data"].append(
        {"type": "scatter", "x": dates(log, days), "y": in_percent(values), "name": name, "mode": "lines",
         "line": {"color": REFERENCE, "width": 1.4}, "hovertemplate": "%{y:.1f} %", "meta": REFERENCE_MARK.sign}
    )  # fmt: skip


def labelled(chart: Chart) -> Chart:
    """Write each line's name beside its end, kept apart from its neighbours."""
    values = [[value for value in trace["y"] if value is not None] for trace in chart["data"]]
    top = max((max(drawn, default=0.0) for drawn in values), default=100.0) * 1.06 or 100.0
    chart["layout"].setdefault("yaxis", axis())["range"] = [0, round(top, 2)]
    heights = kept_apart([drawn[-1] if drawn else 0.0 for drawn in values], LABEL_GAP * top)
    for trace, height in zip(chart["data"], heights, strict=True):
        text, colour = f"{trace['meta']} {trace['name']}", trace["line"]["color"]
        beside = {"x": trace["x"][-1], "xanchor": "left", "xshift": 7, "y": height}
        chart["layout"]["annotations"].append(note(text, colour=colour, size_px=13, **beside))
    return chart


def with_events(chart: Chart, log: Log) -> Chart:
    """Add, below a chart over the life, a lane of what the script truly changed and one of the alarms.

    Gradual changes are bars as long as they lasted, abrupt ones diamonds; alarms are upright strokes. A lane of which
    the log says nothing is left out.
    """
    lanes = [name for name, rows in ((CHANGED, log.changes), (NOTICED, log.alarms)) if rows]
    if not lanes:
        return chart
    layout = chart["layout"]
    share = (LANE_PX * len(lanes) + 12) / (layout["height"] + LANE_PX * len(lanes) + 12 - 80)
    layout["height"] += LANE_PX * len(lanes) + 12
    layout["yaxis"]["domain"] = [round(share, 4), 1]
    layout["xaxis"]["anchor"] = "y2"
    layout["yaxis2"] = axis(
        type="category", categoryorder="array", categoryarray=lanes[::-1], range=[-0.6, len(lanes) - 0.4],
        domain=[0, round(share - 10 / layout["height"], 4)], showgrid=False, zeroline=False,
    )  # fmt: skip
    for change in log.changes:
        chart["data"].append(_change(log, change))
    if log.alarms:
        chart["data"].append(_alarms(log))
    for mark in layout["annotations"]:
        if mark.get("y") == 0 and mark.get("yref") == "paper":
            mark["y"] = round(share, 4)
    return chart


def kept_apart(values: Sequence[float], gap: float) -> list[float]:
    """Move values up or down as little as keeps neighbours a gap apart, and none below half of one.

    >>> kept_apart([10.0, 10.0, 50.0], 4.0), kept_apart([0.0, 0.0], 4.0)
    ([8.0, 12.0, 50.0], [2.0, 6.0])
    """
    placed = np.array(values, dtype=np.float64)
    for _ in range(60):
        placed = np.maximum(placed, gap / 2)
        order = np.argsort(placed, kind="stable")
        short = gap - np.diff(placed[order])
        if not (short > 1e-9).any():
            break
        push = np.clip(short, 0, None) / 2
        placed[order[:-1]] -= push
        placed[order[1:]] += push
    return [round(float(value), 2) for value in placed]


def _mark_day(chart: Chart, log: Log, number: int, words: str, *, dash: str) -> None:
    """Mark a day on which things begin to be otherwise."""
    day = log.life.date_of(number).isoformat()
    chart["layout"]["shapes"].append(
        {"type": "line", "x0": day, "x1": day, "y0": 0, "y1": 1, "yref": "paper",
         "line": {"color": MUTED, "width": 1, "dash": dash}}
    )  # fmt: skip
    if not words:
        return
    chart["layout"]["annotations"].append(
        note(words, size_px=11, x=day, y=0, yref="paper", xanchor="left", yanchor="bottom", xshift=3)
    )


def _change(log: Log, change: dict) -> dict:
    """One change in its lane; it has no name, so the table of numbers leaves it to the list of changes."""
    first, last = (log.life.date_of(change[key]).isoformat() for key in ("first_day", "last_day"))
    until = "" if first == last else f" to {last}"
    overnight = change["abrupt"] and change["last_day"] - change["first_day"] < 2
    drawn = (
        {"mode": "markers", "marker": {"symbol": "diamond", "size": 10, "color": INK}}
        if overnight
        else {"mode": "lines", "line": {"color": INK, "width": 9}, "opacity": 0.55}
    )
    return {
        "type": "scatter", "x": [first] if overnight else [first, last], "y": [CHANGED] * (1 if overnight else 2),
        "yaxis": "y2", "hovertemplate": f"{change['name']}, {first}{until}<extra></extra>", "showlegend": False,
    } | drawn  # fmt: skip


def _alarms(log: Log) -> dict:
    told = [f"{row['detector']} on {row['signal']}: {row['value']:.3g}, alarm above {row['threshold']:.3g}"
            for row in log.alarms]  # fmt: skip
    return {
        "type": "scatter", "x": dates(log, np.array([row["day"] for row in log.alarms])), "y": [NOTICED] * len(told),
        "yaxis": "y2", "mode": "markers", "text": told, "hovertemplate": "%{x|%-d %b %Y}: %{text}<extra></extra>",
        "marker": {"symbol": "line-ns-open", "size": 14, "color": INK, "line": {"width": 2.2}}, "showlegend": False,
    }  # fmt: skip
