"""The charts of a fleet, as Plotly's plain JSON; colour, dash and marker say who, never colour alone."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from agent.fleet.pupils import SHARED
from agent.report.chart import Chart, axis, empty_chart, in_percent
from agent.report.palette import Mark

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
        "xaxis": axis(type="date", tickformat="%b\n%Y", showgrid=False, nticks=5),
        "yaxis": axis("mIoU on all seasons [%]", range=[0, round(106 * max((t for t in tops if t), default=1.0), 1)]),
        "hovermode": "x unified",
    }
    return chart


def transfer(data: Told) -> Chart:
    """Who lived in one garden (rows), examined in all of them (columns) at the end."""
    gardens = list(data["gardens"])
    rows = [row for row in data["transfer"] if row["end"]]
    cells = [in_percent([row["end"].get(garden) or float("nan") for garden in gardens]) for row in rows]
    chart = empty_chart(ROW_PX * len(rows) + 90, top_px=10, right_px=10)
    chart["data"].append(
        {"type": "heatmap", "name": "mIoU at the end [%]", "x": gardens, "y": [row["lived_in"] for row in rows],
         "z": cells, "coloraxis": "coloraxis", "xgap": 2, "ygap": 2, "texttemplate": "%{z:.1f}",
         "hovertemplate": "lived in %{y}, examined in %{x}: %{z:.1f} %<extra></extra>"}
    )  # fmt: skip
    bar = {"title": {"text": "mIoU [%]", "side": "right"}, "thickness": 10, "outlinewidth": 0}
    chart["layout"] |= {
        "coloraxis": {"colorscale": "Cividis", "colorbar": bar},
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
        "xaxis": axis(type="date", tickformat="%b\n%Y", showgrid=False),
        "yaxis": axis("frames remembered", rangemode="tozero"),
        "legend": LEGEND, "showlegend": True, "hovermode": "x unified",
    }  # fmt: skip
    return chart


def _dates(start: date, days: list[int]) -> list[str]:
    return [(start + timedelta(days=day)).isoformat() for day in days]
