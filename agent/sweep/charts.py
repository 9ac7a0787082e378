"""The charts of a sweep, as Plotly's plain JSON; colour and marker say who, never colour alone."""

from collections.abc import Mapping
from typing import Any

from agent.report.chart import Chart, axis, empty_chart, note
from agent.report.palette import INK, MUTED, REFERENCE, Mark

Told = dict[str, Any]
Look = Mapping[str, Mark]
ROW_PX = 40  # height of a row
HEAD_PX, FOOT_PX = 46, 60


def interquartile(data: Told, look: Look) -> Chart:
    """The interquartile mean over the life of each who was compared, with its interval; small marks are worlds."""
    chart = _rows(data["lines"], right_px=24, head_px=10)
    for line in data["lines"]:
        name, mark, found = line["label"], look[line["label"]], line["iqm_life"]
        own = [row["miou_life"] for row in data["rows"] if row["label"] == name and row["world"] in data["worlds"]]
        chart["data"].append(_dots([100 * level for level in own], name, mark, size=8, hollow=True, hover="a world"))
        ends = [100 * found["low"], 100 * found["high"]]
        chart["data"].append(
            {"type": "scatter", "x": ends, "y": [name, name], "mode": "lines", "hoverinfo": "skip",
             "line": {"color": mark.colour, "width": 3}, "showlegend": False, "name": f"{name}: interval"}
        )  # fmt: skip
        chart["data"].append(_dots([100 * found["mean"]], name, mark, size=14, hover="interquartile mean"))
    chart["layout"]["xaxis"] = axis("mIoU over the life [%]")
    return chart


def ranks(data: Told, look: Look) -> Chart:
    """Mean ranks, best first; grey bars join those who cannot be told apart, a ruler shows the critical difference."""
    found = data["critical"]
    names = found["names"]
    chart = _rows([{"label": name} for name in names], right_px=24, head_px=HEAD_PX)
    first, last = 1.0, float(len(names))
    bars = found["groups"]
    for number, (top, bottom) in enumerate(bars):
        across = last + 0.16 * (last - first) * (number + 1) / max(len(bars), 2)
        chart["data"].append(
            {"type": "scatter", "x": [across, across], "y": [names[top], names[bottom]], "mode": "lines",
             "line": {"color": REFERENCE, "width": 7}, "showlegend": False, "name": "cannot be told apart",
             "hovertemplate": f"{names[top]} to {names[bottom]} cannot be told apart<extra></extra>"}
        )  # fmt: skip
    for name, rank in zip(names, found["ranks"], strict=True):
        chart["data"].append(_dots([rank], name, look[name], size=14, hover="mean rank", digits=2))
    far = found["difference"]
    ruler, fits = -0.75, far <= last - first
    if fits:
        chart["layout"]["shapes"] = [
            {
                "type": "line",
                "x0": first,
                "x1": first + far,
                "y0": ruler,
                "y1": ruler,
                "line": {"color": INK, "width": 3},
            }
        ]
    said = f"critical difference {far:.2f}" + ("" if fits else ", more than there are ranks: nobody can be told apart")
    chart["layout"]["annotations"] = [
        note(said, colour=INK if fits else MUTED, x=first, y=ruler, xanchor="left", yanchor="bottom")
    ]
    right = last + 0.22 * (last - first)
    ticks = {"tickvals": list(range(1, len(names) + 1))}
    chart["layout"]["xaxis"] = axis("mean rank; 1 is best", range=[first - 0.15, right], **ticks)
    chart["layout"]["yaxis"]["range"] = [len(names) - 0.4, -1.4]
    return chart


def _rows(lines: list[Told], *, right_px: int, head_px: int) -> Chart:
    """A chart with a row for each who was compared, the first at the top."""
    chart = empty_chart(ROW_PX * len(lines) + head_px + FOOT_PX, top_px=10, right_px=right_px)
    order = [line["label"] for line in lines]
    chart["layout"] |= {
        "yaxis": axis(
            type="category",
            categoryorder="array",
            categoryarray=order,
            tickvals=order,
            ticktext=[label.replace(" ", "<br>") for label in order],  # what was varied below who, for narrow screens
            range=[len(order) - 0.4, -0.6],
            showgrid=False,
        ),
        "showlegend": False,
    }
    return chart


def _dots(
    x: list[float], name: str, mark: Mark, *, size: int, hover: str, hollow: bool = False, digits: int = 1
) -> Told:
    marker = {"symbol": mark.symbol + ("-open" if hollow else ""), "size": size, "color": mark.colour}
    marker |= {"line": {"width": 1.5}} if hollow else {}
    return {
        "type": "scatter", "x": x, "y": [name] * len(x), "mode": "markers", "marker": marker,
        "name": f"{name}: {hover}",
        "hovertemplate": f"<b>{name}</b>, {hover}: %{{x:.{digits}f}}<extra></extra>", "showlegend": False,
        "cliponaxis": False,
    }  # fmt: skip
