"""The charts of a comparison, as Plotly's plain JSON; colour, dash and marker say who, never colour alone."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np

from agent.compare.cells import coordinates
from agent.report.chart import Chart, axis, empty_chart, in_percent
from agent.report.palette import INK, MUTED, REFERENCE, Mark

Told = dict[str, Any]
Look = Mapping[str, Mark]
ROW_PX = 44  # height that a learner takes in a chart with a row each
LEGEND = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "xanchor": "left"}
TRIANGLE = (("in_time", "in time"), ("backward", "backward"), ("forward", "forward"))


def leads(data: Told, look: Look) -> Chart:
    """How far everybody is ahead of the one that all are compared with: a small mark a seed, a large one the mean."""
    found = [line for line in data["lines"] if line["recipe"] == line["label"] and line["ahead"] is not None]
    key, scale = ("miou_life", 100.0) if data["drive"] == "patrol" else ("score", 1.0)
    other = data["lines"][0]["beside"]
    base = {row["seed"]: row[key] for row in data["rows"] if row["label"] == other}
    chart = empty_chart(ROW_PX * max(len(found), 1) + 80, top_px=10, right_px=16)
    for line in found:
        mark, name, lead = look[line["recipe"]], line["label"], line["ahead"]
        own = [
            scale * (row[key] - base[row["seed"]])
            for row in data["rows"]
            if row["label"] == name and row["seed"] in base and row[key] is not None and base[row["seed"]] is not None
        ]
        if lead["low"] is not None:
            ends = [scale * lead["low"], scale * lead["high"]]
            interval = _line(ends, [name, name], mark, width=3)
            interval["line"]["dash"] = "solid"  # ends that can be seen
            chart["data"].append(interval)
        hover = f"<b>{name}</b>, a seed: %{{x:.1f}} points"
        seeds = _dots(own, [name] * len(own), mark, size=9, hover=hover)
        seeds["marker"] |= {"symbol": f"{mark.symbol}-open", "line": {"width": 1.5}}  # seen on the line of the interval
        chart["data"].append(seeds)
        hover = f"<b>{name}</b>: %{{x:.1f}} points"
        chart["data"].append(_dots([scale * lead["mean"]], [name], mark, size=13, hover=hover))
    chart["layout"] |= {
        "xaxis": axis(
            f"points ahead of {other}", rangemode="tozero", zeroline=True, zerolinecolor=INK, zerolinewidth=1.5
        ),
        "yaxis": axis(autorange="reversed", showgrid=False, type="category"),
        "showlegend": False,
    }
    return chart


def over_life(data: Told, look: Look) -> Chart:
    """What was known of the whole year, through the life: thin lines are seeds, thick ones their means."""
    chart = empty_chart(380, top_px=50, right_px=16)
    start = date.fromisoformat(data["start"])
    for name, mark in look.items():
        rows = [row for row in data["rows"] if row["label"] == name]
        for row in rows:
            chart["data"].append(
                _line(_dates(start, row["days"]), in_percent(_known(row["curve"])), mark, width=1, opacity=0.4)
            )
        if rows and all(row["days"] == rows[0]["days"] for row in rows):
            mean = np.mean([_known(row["curve"]) for row in rows], axis=0)
            thick = _line(_dates(start, rows[0]["days"]), in_percent(mean), mark, width=3)
            hover = f"<b>{name}</b>, %{{x|%-d %B %Y}}: %{{y:.1f}} %<extra></extra>"
            chart["data"].append(thick | {"name": name, "showlegend": True, "hoverinfo": "x+y", "hovertemplate": hover})
    chart["layout"] |= {
        "xaxis": axis(type="date", tickformat="%b\n%Y", showgrid=False),
        "yaxis": axis("mIoU on all seasons [%]"),
        "legend": LEGEND,
    }
    return chart


def in_the_plane(data: Told, look: Look) -> Chart:
    """Stability against plasticity: a large mark a learner, small ones its seeds, a line what a setting trades."""
    told, (across, up) = data["plane"], coordinates(data)
    chart = empty_chart(460, top_px=50, right_px=20)
    for curve in told["curves"]:
        points = [p for p in curve["points"] if p["stability"] and p["plasticity"]]
        mark = look[curve["recipe"]]
        along, setting = _means(points), curve["setting"].replace("_", " ")
        name = f"{curve['recipe']}: {setting}"
        dash = "dot" if curve["setting"] == "replay_share" else "dash"
        trace = _line(*along, mark, width=2) | {"name": name, "showlegend": True, "mode": "lines+markers+text"}
        trace["line"]["dash"] = dash
        trace |= {
            "marker": {"symbol": f"{mark.symbol}-open", "size": 9, "color": mark.colour, "line": {"width": 2}},
            "text": [f"{p['value']:.2g}" for p in points],
            "textposition": _beside(len(points), "bottom" if dash == "dot" else "top"),
            "textfont": {"color": MUTED, "size": 11},
            "hoverinfo": "all",
            "hovertemplate": f"<b>{name}</b> %{{text}}<br>plasticity %{{x:.1f}}, stability %{{y:.1f}}<extra></extra>",
        }
        chart["data"].append(trace)
    for point in told["points"]:
        if point["label"] != point["recipe"] or not (point["stability"] and point["plasticity"]):
            continue
        mark, name = look[point["recipe"]], point["label"]
        seeds = list(zip(*point["seeds"], strict=True))
        chart["data"].append(_dots(in_percent(seeds[0]), in_percent(seeds[1]), mark, size=6, opacity=0.5))
        hover = f"<b>{name}</b><br>plasticity %{{x:.1f}}, stability %{{y:.1f}}"
        chart["data"].append(_dots(*_means([point]), mark, size=15, hover=hover) | {"name": name, "showlegend": True})
    chart["layout"] |= {
        "xaxis": axis(across.told),
        "yaxis": axis(up.told),
        "legend": LEGEND,
    }
    return chart


def triangle_means(data: Told, look: Look) -> Chart:
    """In time, backward and forward, side by side for every learner; small marks are seeds."""
    chart = empty_chart(330, top_px=50, right_px=16)
    for number, (name, mark) in enumerate(look.items()):
        line = next(line for line in data["lines"] if line["label"] == name)
        shift = 0.12 * (number - (len(look) - 1) / 2)
        known = [(place + shift, key) for place, (key, _) in enumerate(TRIANGLE) if line[key] is not None]
        seeds = [
            (place, 100 * row["triangle"][key])
            for row in data["rows"]
            if row["label"] == name and row["triangle"]
            for place, key in known
        ]
        chart["data"].append(_dots([x for x, _ in seeds], [y for _, y in seeds], mark, size=5, opacity=0.55))
        means, hover = [100 * line[key]["mean"] for _, key in known], f"<b>{name}</b>: %{{y:.1f}} %"
        large = _dots([place for place, _ in known], means, mark, size=12, hover=hover)
        chart["data"].append(large | {"name": name, "showlegend": True})
    ticks = {"tickvals": list(range(len(TRIANGLE))), "ticktext": [told for _, told in TRIANGLE]}
    chart["layout"] |= {
        "xaxis": axis(showgrid=False, zeroline=False, range=[-0.5, len(TRIANGLE) - 0.5], **ticks),
        "yaxis": axis("mIoU [%]"),
        "legend": LEGEND,
    }
    return chart


def against_compute(data: Told, look: Look) -> Chart:
    """What was known over the life (or the score), against the operations that it took; small marks are seeds."""
    patrol = data["drive"] == "patrol"
    key, title, scale = ("miou_life", "mIoU over the life [%]", 100) if patrol else ("score", "score [points]", 1)
    chart = empty_chart(360, top_px=50, right_px=16)
    for name, mark in look.items():
        line = next(line for line in data["lines"] if line["label"] == name)
        if line[key] is None or line["flops"] is None:
            continue
        rows = [row for row in data["rows"] if row["label"] == name and row[key] is not None]
        seeds = [row["flops"] / 1e12 for row in rows], [scale * row[key] for row in rows]
        chart["data"].append(_dots(*seeds, mark, size=5, opacity=0.55))
        hover = f"<b>{name}</b>: %{{y:.1f}} for %{{x:.2f}} TFLOP"
        place = [line["flops"]["mean"] / 1e12], [scale * line[key]["mean"]]
        chart["data"].append(_dots(*place, mark, size=14, hover=hover) | {"name": name, "showlegend": True})
    chart["layout"] |= {
        "xaxis": axis("looking and learning over the life [TFLOP]", rangemode="tozero"),
        "yaxis": axis(title),
        "legend": LEGEND,
    }
    return chart


def money(data: Told, look: Look) -> Chart:
    """What compute and storage of a life cost: retraining by how often, and every learner, whose cost does not depend
    on it.

    Answers of people cost the same either way and are left out: they would hide the rest.
    """
    told = data["money"]
    chart = empty_chart(360, top_px=50, right_px=16)
    every = [point["every_days"] for point in told["curve"]]
    again = [point["compute"] + point["storage"] for point in told["curve"]]
    chart["data"].append(
        {"type": "scatter", "x": every, "y": again, "mode": "lines+markers", "name": "joint, trained anew",
         "line": {"color": REFERENCE, "width": 3}, "marker": {"color": REFERENCE, "size": 8, "symbol": "x"},
         "hovertemplate": "trained anew every %{x} days: %{y:.4f} " + told["currency"] + "<extra></extra>"}
    )  # fmt: skip
    for name, mark in look.items():
        bill = told["learners"][name]
        level = bill["compute"] + bill["storage"]
        trace = _line([every[0], every[-1]], [level, level], mark, width=2)
        hover = f"<b>{name}</b>: %{{y:.4f}} {told['currency']}<extra></extra>"
        chart["data"].append(trace | {"name": name, "showlegend": True, "hoverinfo": "y", "hovertemplate": hover})
    ticks = {"tickvals": every, "ticktext": [str(days) for days in every]}
    chart["layout"] |= {
        "xaxis": axis("days between two trainings", type="log", showgrid=False, **ticks),
        "yaxis": axis(
            f"compute and storage of a life [{told['currency']}]", type="log", exponentformat="power", dtick=1
        ),
        "legend": LEGEND,
    }
    return chart


def _beside(points: int, side: str) -> list[str]:
    """Where the settings of a curve stand: the least to the left, the largest to the right, so that near ones part."""
    return [f"{side} left", *[f"{side} center"] * (points - 2), f"{side} right"][-points:]


def _means(points: list[Told]) -> tuple[list, list]:
    """Plasticity and stability of some points, in points."""
    return tuple([100 * point[axis_]["mean"] for point in points] for axis_ in ("plasticity", "stability"))  # type: ignore[return-value]


def _known(curve: list[float | None]) -> np.ndarray:
    return np.array(curve, dtype=np.float64)


def _dates(start: date, days: list[int]) -> list[str]:
    return [(start + timedelta(days=day)).isoformat() for day in days]


def _line(x: list, y: list, mark: Mark, *, width: float, opacity: float = 1.0, hover: str = "skip") -> Told:
    stroke = {"color": mark.colour, "width": width, "dash": mark.dash if width > 1 else "solid"}
    return {"type": "scatter", "x": x, "y": y, "mode": "lines", "line": stroke, "opacity": opacity, "hoverinfo": hover,
            "showlegend": False}  # fmt: skip


def _dots(x: list, y: list, mark: Mark, *, size: int, opacity: float = 1.0, hover: str = "") -> Told:
    marker = {"symbol": mark.symbol, "size": size, "color": mark.colour, "opacity": opacity}
    told = {"hovertemplate": hover + "<extra></extra>"} if hover else {"hoverinfo": "skip"}
    drawn = {"type": "scatter", "x": x, "y": y, "mode": "markers", "marker": marker, "showlegend": False}
    return drawn | {"cliponaxis": False} | told  # who spends nothing stands on the axis, whole
