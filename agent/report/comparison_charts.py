"""Charts over several runs: a row of dots a learner, and lines with bands."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from agent.report.chart import Chart, axis, dates, empty_chart, in_percent
from agent.report.palette import Mark
from agent.report.seasons import south_on
from agent.report.several import Measure, Run, Spread, curves, over_runs
from agent.report.words import NOTHING, percent
from agent.report.year import labelled, line, year_chart

BAND_OPACITY = 0.17


def shown(told: Spread | None, digits: int = 1) -> str:
    """A mean with half its interval, times 100.

    >>> shown(Spread((0.5, 0.54, 0.58), 0.54, 0.0994)), shown(Spread((0.5,), 0.5, None)), shown(None)
    ('54.0 ± 9.9', '50.0', '–')
    """
    if told is None:
        return NOTHING
    return percent(told.mean, digits) + ("" if told.half is None else f" ± {percent(told.half, digits)}")


def dots(runs: Sequence[Run], measure: Measure, look: Mapping[str, Mark]) -> Chart:
    """A row a learner: every run, the mean and its interval."""
    chart = empty_chart(64 + 34 * len(look), top_px=6, right_px=14)
    for name, mark in look.items():
        told = over_runs(runs, name, measure)
        if told is None:
            continue
        chart["data"].append(
            {"type": "scatter", "x": in_percent(told.values), "y": [name] * len(told.values), "mode": "markers",
             "marker": {"symbol": "line-ns-open", "size": 18, "color": mark.colour, "line": {"width": 1.4}},
             "hoverinfo": "skip"}
        )  # fmt: skip
        half = {} if told.half is None else {
            "error_x": {"type": "data", "array": in_percent([told.half]), "color": mark.colour, "thickness": 2}
        }  # fmt: skip
        chart["data"].append(
            {"type": "scatter", "x": in_percent([told.mean]), "y": [name], "mode": "markers", "name": measure.heading,
             "marker": {"symbol": mark.symbol, "size": 13, "color": mark.colour},
             "hovertemplate": f"<b>{name}</b>: {shown(told)} {measure.unit}<extra></extra>"} | half
        )  # fmt: skip
    chart["layout"]["xaxis"] = axis(f"{measure.heading} [{measure.unit}]", nticks=6)
    chart["layout"]["yaxis"] = axis(
        type="category", categoryorder="array", categoryarray=list(look)[::-1], showgrid=False,
        range=[-0.6, len(look) - 0.4],
    )  # fmt: skip
    chart["layout"]["showlegend"] = False
    return chart


def over_life(runs: Sequence[Run], look: Mapping[str, Mark], *, at_hand: bool) -> Chart:
    """Mean marks over the life with the interval of the mean as a band, by learner.

    Args:
        runs: of one calendar.
        look: of every learner.
        at_hand: the season at hand alone, else the mean over all seasons.
    """
    log = runs[0].log
    title = "mIoU on the season at hand [%]" if at_hand else "mIoU, mean over all seasons [%]"
    chart = year_chart(log, title, south=south_on(runs[0].scenario))
    chart["layout"]["margin"]["r"] = max(96, 30 + 8 * max(map(len, look)))
    bands: list[dict[str, Any]] = []
    for name, mark in look.items():
        days, mean, half = curves(runs, name, at_hand=at_hand)
        line(chart, log, days, mean, name, mark, symbols=False)
        if half is not None and len(days):
            bands.append(_band(dates(log, days), mean, half, mark))
    chart = labelled(chart)
    chart["data"] = bands + chart["data"]
    highest = max((value for band in bands for value in band["y"]), default=0.0)
    chart["layout"]["yaxis"]["range"][1] = max(chart["layout"]["yaxis"]["range"][1], min(round(highest + 2, 1), 102))
    return chart


def _band(when: list[str], mean: np.ndarray, half: np.ndarray, mark: Mark) -> dict[str, Any]:
    """There along the upper edge and back along the lower."""
    edge = in_percent(np.concatenate([mean + half, (mean - half)[::-1]]))
    return {
        "type": "scatter", "x": [*when, *when[::-1]], "y": edge, "mode": "lines", "fill": "toself",
        "opacity": BAND_OPACITY, "fillcolor": mark.colour, "line": {"width": 0, "color": mark.colour},
        "hoverinfo": "skip", "showlegend": False,
    }  # fmt: skip
