"""Why it failed: the sentence of each learner, then the shares of all as bars with their intervals."""

from collections.abc import Mapping
from html import escape
from typing import Any

from agent.monitor.causes import sentence, told
from agent.monitor.log import Log
from agent.report.chart import Chart, axis, empty_chart
from agent.report.palette import INK, Mark
from agent.report.parts import figure

NOTE = (
    "One group of causes after the other is switched from what it was to what it is, in all orders, on the same poses "
    "with the net as it was at the end; the shares (Shapley values) add up to the loss. A share below zero made things "
    "easier. Whiskers: 95 % of resampled poses."
)
ROW_PX, BAR_PX = 20, 9


def section(log: Log, look: Mapping[str, Mark]) -> str:
    """The part of a page: text first, then the chart; nothing where the run has no such row.

    Args:
        log: of the run.
        look: by learner.
    """
    found = {name: row for name in look if (row := told(log, name)) is not None}
    if not found:
        return ""
    lines = "".join(
        f'<li><span style="color:{look[name].colour}">{look[name].sign} <b>{escape(name)}</b></span>: '
        f"{escape(sentence(row))}</li>"
        for name, row in found.items()
    )
    return f"<ul>{lines}</ul>" + figure("causes", "What losses were made of", bars(found, look), escape(NOTE))


def bars(found: Mapping[str, Mapping[str, Any]], look: Mapping[str, Mark]) -> Chart:
    """One bar a cause and learner, the causes that cost most on top.

    Args:
        found: rows by learner, as `told` gives them.
        look: by learner.
    """
    causes = list(dict.fromkeys(cause for row in found.values() for cause in row["shares"]))
    causes.sort(key=lambda cause: -max(abs(row["shares"].get(cause, 0.0)) for row in found.values()))
    chart = empty_chart(len(causes) * (ROW_PX + BAR_PX * len(found)) + 90, top_px=34, right_px=16)
    for name, row in found.items():
        points = [row["shares"].get(cause, 0.0) for cause in causes]
        ends = [row["interval"].get(cause, [point, point]) for cause, point in zip(causes, points, strict=True)]
        whiskers = {
            "type": "data", "symmetric": False, "color": INK, "thickness": 1, "width": 3,
            "array": [round(max(high - point, 0.0), 2) for point, (_, high) in zip(points, ends, strict=True)],
            "arrayminus": [round(max(point - low, 0.0), 2) for point, (low, _) in zip(points, ends, strict=True)],
        }  # fmt: skip
        between = f"{row['from_phase']} to {row['to_phase']}"
        chart["data"].append({
            "type": "bar", "orientation": "h", "name": f"{look[name].sign} {name}", "y": causes,
            "x": [round(point, 2) for point in points], "error_x": whiskers, "marker": {"color": look[name].colour},
            "hovertemplate": f"<b>{escape(name)}</b>, {escape(between)}<br>%{{y}}: %{{x:.1f}} points<extra></extra>",
        })  # fmt: skip
    chart["layout"] |= {
        "barmode": "group",
        "bargap": 0.3,
        "xaxis": axis("points of mIoU lost", zeroline=True),
        "yaxis": axis(autorange="reversed", showgrid=False, type="category"),
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "xanchor": "left"},
    }
    return chart
