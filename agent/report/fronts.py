"""What a mark costs: accuracy against compute, and against labels, with the front that nothing else is better than."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from agent.report.chart import Chart, axis, empty_chart, note
from agent.report.palette import MUTED, REFERENCE, Mark
from agent.report.parts import panels, small_figure
from agent.report.words import quantity
from agent.report.year import kept_apart

HEIGHT_PX = 330


@dataclass(frozen=True)
class Point:
    """Who paid what for which mark.

    Attributes:
        name: of the learner or reference.
        cost: what it paid.
        mark: share of 1.
        spread: half an interval of the mark, or 0.
    """

    name: str
    cost: float
    mark: float
    spread: float = 0.0


@dataclass(frozen=True)
class Price:
    """A currency: its key in the cost table, and how it is told."""

    key: str
    heading: str
    title: str
    unit: str
    caption: str


PRICES = (
    Price("flops", "Accuracy against compute", "compute of the life [FLOP]", "FLOP",
          "Up is better, left is cheaper. Nothing beats those on the dashed front in both."),
    Price("labels", "Accuracy against labels", "labelled frames", "",
          "The same marks by how many frames a teacher had to answer. Learners of one run get the same ones."),
)  # fmt: skip


def section(summary: Mapping[str, Any], marks: Mapping[str, Mark]) -> str:
    """Both fronts side by side; nothing where costs are unknown."""
    bank = summary["headline_bank"]
    figures = []
    for price in PRICES:
        told = [(name, told["cost"], told["miou"][bank]["end"]) for name, told in summary["learners"].items()]
        told += [
            (name, r["cost"], r["miou"].get(bank, {"mean": None})["mean"]) for name, r in summary["references"].items()
        ]
        figures.append(front_html(price, [(name, cost.get(price.key), mark, 0.0) for name, cost, mark in told], marks))
    return panels([html for html in figures if html])


def front_html(
    price: Price, told: Sequence[tuple[str, float | None, float | None, float]], marks: Mapping[str, Mark]
) -> str:
    """One front as a small figure; nothing if fewer than two can be placed.

    Args:
        price: the currency.
        told: name, cost, mark (share of 1) and half its interval; None where unknown.
        marks: the look of learners; the others are references.
    """
    points = [Point(n, float(c), float(m), s) for n, c, m, s in told if c is not None and m is not None]
    if len(points) < 2 or len({point.cost for point in points}) < 2:
        return ""
    chart = chart_of(price, points, marks)
    return small_figure(f"front-{price.key}", price.heading, chart, price.caption)


def front(points: Sequence[Point]) -> list[Point]:
    """Those that no other is both cheaper and better than, from cheap to dear.

    >>> [p.name for p in front([Point("a", 1, 0.3), Point("b", 2, 0.2), Point("c", 3, 0.5)])]
    ['a', 'c']
    """
    best, kept = -np.inf, []
    for point in sorted(points, key=lambda p: (p.cost, -p.mark)):
        if point.mark > best:
            kept.append(point)
            best = point.mark
    return kept


def chart_of(price: Price, points: Sequence[Point], marks: Mapping[str, Mark]) -> Chart:
    """Marks over cost, each with its name beside it, and the front as a dashed stair."""
    chart = empty_chart(HEIGHT_PX, top_px=12, right_px=14)
    on_log = min(p.cost for p in points) > 0
    stair = front(points)
    if len(stair) > 1:
        chart["data"].append(
            {"type": "scatter", "x": [p.cost for p in stair], "y": _marks_of(stair), "mode": "lines",
             "line": {"shape": "hv", "dash": "dash", "width": 1.3, "color": MUTED}, "hoverinfo": "skip"}
        )  # fmt: skip
    low, high = (np.log10(end(p.cost for p in points)) if on_log else end(p.cost for p in points) for end in (min, max))
    margin = 0.12 * max(high - low, 0.5 if on_log else 1.0)
    for point in points:
        chart["data"].append(_dot(price, point, marks.get(point.name)))
        place = np.log10(point.cost) if on_log else point.cost
        left = place > (low + high) / 2
        chart["layout"]["annotations"].append(_label(point, place, marks.get(point.name), left=left))
    _apart(chart, points)
    kind = {"type": "log"} | _ticks(low - margin, high + margin, price.unit) if on_log else {"exponentformat": "none"}
    chart["layout"]["xaxis"] = axis(price.title, range=[float(low - margin), float(high + margin)], **kind)
    top = max(p.mark + p.spread for p in points)
    chart["layout"]["yaxis"] = axis("whole-year mIoU at the end [%]", range=[0, round(112 * top, 1)])
    chart["layout"]["showlegend"] = False
    return chart


def _marks_of(points: Sequence[Point]) -> list[float]:
    return [round(100 * point.mark, 2) for point in points]


def _dot(price: Price, point: Point, mark: Mark | None) -> dict[str, Any]:
    stroke = {"symbol": "line-ns-open", "size": 15, "color": REFERENCE, "line": {"width": 2.5}}
    drawn = {"symbol": mark.symbol, "size": 12, "color": mark.colour} if mark else stroke
    spread = {"error_y": {"type": "data", "array": [round(100 * point.spread, 2)], "color": drawn["color"],
                          "thickness": 1.6, "width": 5}} if point.spread else {}  # fmt: skip
    cost = quantity(point.cost, price.unit) + ("" if price.unit else " frames")
    return {
        "type": "scatter", "x": [point.cost], "y": _marks_of([point]), "mode": "markers", "name": point.name,
        "marker": drawn, "hovertemplate": f"<b>{point.name}</b>: %{{y:.1f}} % for {cost}<extra></extra>",
    } | spread  # fmt: skip


def _label(point: Point, place: float, mark: Mark | None, *, left: bool) -> dict[str, Any]:
    colour = mark.colour if mark else REFERENCE
    beside = {"xanchor": "right", "xshift": -9} if left else {"xanchor": "left", "xshift": 9}
    return note(
        point.name,
        colour=colour,
        x=float(place),
        y=100 * point.mark,
        yshift=7,
        size_px=12,
        bgcolor="var(--card)",
        borderpad=1,
        **beside,
    )


def _ticks(low: float, high: float, unit: str) -> dict[str, Any]:
    """Ticks of an axis of powers of ten: whole powers over a wide range, 1, 2 and 5 of each over a narrow one."""
    steps = (1, 2, 5) if high - low < 2.5 else (1,)
    values = [step * 10.0**power for power in range(int(np.floor(low)), int(np.ceil(high)) + 1) for step in steps]
    shown = [value for value in values if low <= np.log10(value) <= high]
    text = [quantity(value, " " if unit else "").replace(".0", "").strip() for value in shown]
    return {"tickvals": shown, "ticktext": text}


def _apart(chart: Chart, points: Sequence[Point]) -> None:
    """Move labels of equal marks apart, so that each can be read."""
    gap = 0.065 * 112 * max(point.mark for point in points)
    for left in ("left", "right"):
        side = [a for a in chart["layout"]["annotations"] if a.get("xanchor") == left]
        for label, height in zip(side, kept_apart([a["y"] for a in side], gap), strict=True):
            label["y"] = height
