"""The charts of a fleet, as Plotly's plain JSON; colour, dash and marker say who, never colour alone."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from agent.fleet.pupils import SHARED
from agent.report.chart import FEW_MONTHS_DAYS, Chart, axis, empty_chart, in_percent
from agent.report.drift import SCALE
from agent.report.palette import INK, Mark
from agent.report.words import percent

Told = dict[str, Any]
Look = Mapping[str, Mark]
ROW_PX = 64  # of a garden, where each has a row
LEGEND = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "xanchor": "left"}


def levels(data: Told, look: Look) -> Chart:
    """Marks over the life, a row a garden and a mark a kind of learner."""
    gardens = list(data["gardens"])
    chart = empty_chart(ROW_PX * len(gardens) + 110, top_px=50, right_px=20)
    for garden, kinds in data["gardens"].items():
        known = [told["life"] for told in kinds.values() if told["life"] is not None]
        if known:
            chart["data"].append(
                {"type": "scatter", "x": in_percent([min(known), max(known)]), "y": [garden, garden], "mode": "lines",
                 "line": {"color": "var(--grid)", "width": 6}, "hoverinfo": "skip", "showlegend": False}
            )  # fmt: skip
    for kind, mark in look.items():
        own = {garden: kinds[kind]["life"] for garden, kinds in data["gardens"].items() if kind in kinds}
        chart["data"].append(
            {"type": "scatter", "x": in_percent(list(own.values())), "y": list(own), "mode": "markers", "name": kind,
             "marker": {"symbol": mark.symbol, "size": 13, "color": mark.colour}, "cliponaxis": False,
             "hovertemplate": f"<b>{kind}</b>, %{{y}}: %{{x:.1f}} %<extra></extra>"}
        )  # fmt: skip
    chart["layout"] |= {
        "xaxis": axis("mIoU on all seasons, over the life [%]"),
        "yaxis": axis(autorange="reversed", showgrid=False, type="category"),
        "legend": LEGEND, "showlegend": True,
    }  # fmt: skip
    return chart


def over_life(data: Told, look: Look, garden: str) -> Chart:
    """What was known of the whole year in one garden, through the life."""
    chart, start = empty_chart(260, top_px=10, right_px=12), date.fromisoformat(data["start"])
    for kind, told in data["gardens"][garden].items():
        mark = look[kind]
        chart["data"].append(
            {"type": "scatter", "x": _dates(start, told["days"]), "y": in_percent(told["curve"]), "mode": "lines",
             "name": kind, "line": {"color": mark.colour, "dash": mark.dash, "width": 2.2}, "showlegend": False,
             "hovertemplate": f"<b>{kind}</b>: %{{y:.1f}} %<extra></extra>"}
        )  # fmt: skip
    tops = [level for kinds in data["gardens"].values() for told in kinds.values() for level in told["curve"]]
    chart["layout"] |= {
        "xaxis": _time_axis(data, nticks=5),
        "yaxis": axis("mIoU on all seasons [%]", range=[0, round(106 * max((t for t in tops if t), default=1.0), 1)]),
        "hovermode": "x unified",
    }
    return chart


def transfer(data: Told) -> Chart:
    """Who lived in one garden (rows), examined in all (columns) at the end: marks, coloured by how far from a
    resident's they are."""
    rows = [row for row in data["transfer"] if row["end"]]
    gardens = list(data["gardens"])
    resident = {row["lived_in"]: row["end"].get(row["lived_in"]) for row in rows}
    apart = [[_apart(row["end"].get(garden), resident.get(garden)) for garden in gardens] for row in rows]
    most = max([abs(value) for line in apart for value in line if value is not None] + [0.1])
    chart = empty_chart(ROW_PX * len(rows) + 120, top_px=46, right_px=10)
    chart["data"].append(
        {"type": "heatmap", "name": "guest minus resident [points]", "x": gardens, "y": [r["lived_in"] for r in rows],
         "z": apart, "text": [[percent(row["end"].get(garden)) for garden in gardens] for row in rows],
         "coloraxis": "coloraxis", "xgap": 2, "ygap": 2, "texttemplate": "%{text} %",
         "textfont": {"color": INK, "size": 14},
         "hovertemplate": "lived in %{y}, examined in %{x}: %{text} %, %{z:+.1f} beside who lived there<extra></extra>"}
    )  # fmt: skip
    bar = {"title": {"text": "beside who lived there alone [points]", "side": "top", "font": {"size": 11}},
           "orientation": "h", "thickness": 8, "len": 0.5, "x": 1, "xanchor": "right", "y": 1.02, "yanchor": "bottom",
           "outlinewidth": 0}  # fmt: skip
    chart["layout"] |= {
        "coloraxis": {
            "colorscale": SCALE,
            "cmin": -2 * most,
            "cmax": 2 * most,
            "colorbar": bar,
        },  # pale: words stand on it
        "xaxis": axis("examined in", type="category", showgrid=False),
        "yaxis": axis("lived in", autorange="reversed", showgrid=False, type="category"),
    }
    return chart


def memory(data: Told, look: Look) -> Chart:
    """Frames of every garden in the shared memory, through the life, stacked."""
    chart, start = empty_chart(320, top_px=50, right_px=16), date.fromisoformat(data["start"])
    told = data["memory"][SHARED]
    for garden, counts in told["held"].items():
        mark = look[garden]
        chart["data"].append(
            {"type": "scatter", "x": _dates(start, told["days"]), "y": counts, "mode": "lines", "name": garden,
             "stackgroup": "held", "line": {"color": mark.colour, "width": 1.5, "dash": mark.dash},
             "hovertemplate": f"<b>{garden}</b>: %{{y}} frames<extra></extra>"}
        )  # fmt: skip
    chart["layout"] |= {
        "xaxis": _time_axis(data),
        "yaxis": axis("frames remembered", rangemode="tozero"),
        "legend": LEGEND, "showlegend": True, "hovermode": "x unified",
    }  # fmt: skip
    return chart


def _time_axis(data: Told, **more: Any) -> dict[str, Any]:
    """Months, or days where there are few months."""
    ticks = "%b\n%Y" if data["days"] > FEW_MONTHS_DAYS else "%-d %b\n%Y"
    return axis(type="date", tickformat=ticks, showgrid=False, **more)


def _dates(start: date, days: list[int]) -> list[str]:
    return [(start + timedelta(days=day)).isoformat() for day in days]


def _apart(guest: float | None, resident: float | None) -> float | None:
    """Points between two marks."""
    return None if guest is None or resident is None else round(100 * (guest - resident), 2)
