"""The panel that says whether a learner can still learn: a small chart a measure, with what a healthy net shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from agent.monitor.log import Log
from agent.report.chart import Chart, axis, dates, empty_chart, note, tick_format, time_range
from agent.report.palette import MUTED, Mark
from agent.report.parts import key_html, panels, small_figure

HEIGHT_PX = 180
NULL = ("gradients.null_low", "gradients.null_high")


@dataclass(frozen=True)
class Measure:
    """One of the panel's charts.

    Attributes:
        key: its name in a checkup's numbers.
        heading: what it is called here.
        unit: of the axis.
        reading: how to read it, one sentence.
        scale: the number is multiplied by this for the axis.
        level: the value that a net as commissioned, or a fresh one, has; None without such.
    """

    key: str
    heading: str
    unit: str
    reading: str
    scale: float = 1.0
    level: float | None = None


MEASURES = (
    Measure(
        "trainability",
        "Trainability",
        "ratio",
        "How much of a new task it learns in a few steps, beside a fresh net (1). Falling for good is "
        "the direct sign of lost plasticity.",
        level=1.0,
    ),
    Measure(
        "units.dormant",
        "Dormant units",
        "%",
        "Units that hardly answer any more. A rising share has stopped taking part.",
        scale=100.0,
    ),
    Measure(
        "features.effective_rank",
        "Effective rank",
        "ratio",
        "How many directions its features use, beside the net as commissioned (1). Falling means collapse.",
        level=1.0,
    ),
    Measure(
        "weights.moved",
        "Weights moved",
        "ratio",
        "How far the weights have come from where they began, in their own size. It says that it learns,"
        " not that it learns well.",
        level=0.0,
    ),
    Measure(
        "weights.size",
        "Weight size",
        "mean |w|",
        "Weights that grow without end make learning slower.",
    ),
    Measure(
        "features.cka",
        "Same features",
        "CKA",
        "1: it sees the seasons as on the day of commissioning. Falling while marks hold is an early warning.",
        level=1.0,
    ),
    Measure(
        "gradients.cosine",
        "New against past",
        "cosine",
        "Below the grey band, what is learned now undoes what was learned before; inside it is noise.",
        level=0.0,
    ),
    Measure(
        "gradients.negative",
        "Updates against the past",
        "%",
        "The share of recent updates that pull the other way.",
        scale=100.0,
    ),
    Measure(
        "fisher.overlap",
        "Fisher overlap",
        "share",
        "1: the seasons need the same weights. Low: they need others, and can be kept apart.",
        level=1.0,
    ),
)


def section(log: Log, marks: Mapping[str, Mark]) -> str:
    """The panel; nothing where no learner had a checkup."""
    figures = []
    for measure in MEASURES:
        curves = {name: found for name in marks if len((found := curve(log, name, measure.key))[0])}
        if curves:
            chart = _chart(log, measure, curves, marks)
            figures.append(small_figure(f"checkup-{len(figures)}", measure.heading, chart, measure.reading))
    shown = {name: mark for name, mark in marks.items() if _checkups(log, name)}
    return key_html(shown) + panels(figures, tight=True) if figures else ""


def curve(log: Log, learner: str, key: str) -> tuple[np.ndarray, np.ndarray]:
    """Days and values (T,) of one of a learner's numbers, where it has one."""
    told = [(row["day"], row["numbers"][key]) for row in _checkups(log, learner) if row["numbers"].get(key) is not None]
    return np.array([day for day, _ in told], dtype=np.int64), np.array([value for _, value in told], dtype=np.float64)


def _checkups(log: Log, learner: str) -> list[dict[str, Any]]:
    return log.checkups.get(learner, [])


def _chart(log: Log, measure: Measure, curves: Mapping[str, tuple], marks: Mapping[str, Mark]) -> Chart:
    chart = empty_chart(HEIGHT_PX, top_px=8, right_px=12)
    layout = chart["layout"]
    layout |= {"hovermode": "x unified", "showlegend": False}
    layout["xaxis"] = axis(type="date", range=time_range(log), showgrid=False, tickformat=tick_format(log), nticks=5)
    every = [value for _, values in curves.values() for value in values]
    zero = {} if min(every) < 0 else {"rangemode": "tozero"}
    layout["yaxis"] = axis(f"[{measure.unit}]", nticks=4, **zero)
    if measure.key == "gradients.cosine":
        _null_band(chart, log, tuple(curves))
    for name, (days, values) in curves.items():
        mark = marks[name]
        chart["data"].append(
            {"type": "scatter", "x": dates(log, days), "y": np.round(measure.scale * values, 4).tolist(), "name": name,
             "mode": "lines+markers", "line": {"color": mark.colour, "dash": mark.dash, "width": 2.2},
             "marker": {"symbol": mark.symbol, "size": 5, "color": mark.colour}, "hovertemplate": "%{y:.3~g}"}
        )  # fmt: skip
    if measure.level is not None:
        _level(chart, measure.level)
    return chart


def _null_band(chart: Chart, log: Log, learners: tuple[str, ...]) -> None:
    """What two halves of the same past show beside each other: the band in which a cosine is noise."""
    low, high = ({} for _ in NULL)
    for name in learners:
        for key, bound, widest in zip(NULL, (low, high), (min, max), strict=True):
            for day, value in zip(*curve(log, name, key), strict=True):
                bound[int(day)] = widest(bound.get(int(day), float(value)), float(value))
    days = np.array(sorted(low.keys() & high.keys()), dtype=np.int64)
    if not len(days):
        return
    when = dates(log, days)
    plain = {"type": "scatter", "x": when, "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    chart["data"] += [
        plain | {"y": [round(high[int(day)], 4) for day in days]},
        plain | {"y": [round(low[int(day)], 4) for day in days], "fill": "tonexty", "fillcolor": "var(--noise)"},
    ]
    chart["layout"]["annotations"].append(
        note("noise", size_px=11, x=when[-1], y=high[int(days[-1])], xanchor="right", yanchor="bottom")
    )


def _level(chart: Chart, level: float) -> None:
    """A thin line where a healthy net stands."""
    chart["layout"]["shapes"].append(
        {"type": "line", "x0": 0, "x1": 1, "xref": "paper", "y0": level, "y1": level,
         "line": {"color": MUTED, "width": 1, "dash": "dot"}, "layer": "below"}
    )  # fmt: skip
