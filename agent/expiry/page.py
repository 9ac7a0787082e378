"""A study of shelf life as one HTML page that opens offline: survival curves, axes, forecasts."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from itertools import cycle
from pathlib import Path
from string import Template
from typing import Any

from plotly.offline import get_plotlyjs

from agent.expiry.results import ALL
from agent.expiry.tell import axes_table, forecast_table, survival_table
from agent.expiry.worlds import STILL
from agent.report.chart import Chart, axis, empty_chart
from agent.report.palette import MUTED, Mark, marks
from agent.report.words import percent

FILE_NAME = "expiry.html"
BAR_PX = 22  # of an axis
READ = {
    "survival": "How many models are still good, by days since their owner left. A step down is an expiry; thin lines "
    "are the 95 % interval. Where a line ends high, the others outlived the record: they are censored, and count as "
    "long as they were seen.",
    "climates": "The same by climate. Where lines lie far apart, one date for all gardens says little.",
    "axes": "Nature stands still and one thing alone ramps to the end of its range. Short bars are what a model that "
    "does not learn bears least; full bars outlived the ramp.",
    "forecasts": "Forecasts from the model's own signals, without labels and dates, in gardens in which nothing was "
    "fitted. <i>Covered</i> should be at least what is stated; <i>lead</i> is how long before expiry the first warning "
    "came.",
}


def write_page(folder: Path, answers: Mapping[str, Any]) -> Path:
    """Write `expiry.html`.

    Args:
        folder: of the study.
        answers: what `expiry.json` holds.
    """
    path = folder / FILE_NAME
    path.write_text(page(answers), encoding="utf-8")
    return path


def page(answers: Mapping[str, Any]) -> str:
    """The page as text."""
    question, parts = answers["question"], []
    if "groups" in answers:
        overall = [row for row in answers["groups"] if row["world"] == ALL]
        look = marks(tuple(row["learner"] for row in overall))
        curves = _figure("survival", survival_chart(overall, [look[row["learner"]] for row in overall], "learner"))
        parts.append(_section("Still good", curves + _table(survival_table(answers)), READ["survival"]))
        first = overall[0]["learner"]
        by_world = [row for row in answers["groups"] if row["world"] != ALL and row["learner"] == first]
        if by_world:
            styles = list(marks(tuple(f"world {i}" for i in range(len(by_world)))).values())
            chart = survival_chart(by_world, styles, "world", band=False)
            parts.append(_section(f"By climate: {first}", _figure("climates", chart), READ["climates"]))
    if "axes" in answers:
        shown = _figure("axes", axes_chart(answers["axes"])) + _table(axes_table(answers["axes"]))
        parts.append(_section("What models expire of", shown, READ["axes"]))
    if answers.get("forecasts"):
        parts.append(_section("Best before", _table(forecast_table(answers)), READ["forecasts"]))
    asked = f"gardens {', '.join(map(str, question['seeds']))}; {question['scenario']}"
    report = files("agent.report")
    return Template(files("agent.expiry").joinpath("page.html").read_text(encoding="utf-8")).substitute(
        asked=escape(asked),
        state='<p class="state" role="status">Interrupted: not all worlds were lived.</p>'
        if answers["interrupted"]
        else "",
        first_line=escape(answers.get("first_line", "What a model that does not learn expires of.")),
        share=percent(question["share"], 0),
        stays=question["stays_days"],
        figures="".join(parts),
        css=report.joinpath("report.css").read_text(encoding="utf-8"),
        js=report.joinpath("report.js").read_text(encoding="utf-8"),
        plotly=get_plotlyjs(),
    )


def survival_chart(rows: Sequence[Mapping[str, Any]], look: Sequence[Mark], key: str, *, band: bool = True) -> Chart:
    """Survival curves as steps.

    Args:
        rows: as `agent.expiry.results.groups` returns them.
        look: of each.
        key: what names a row: 'learner' or 'world'.
        band: whether intervals are drawn, too.
    """
    chart = empty_chart(380, top_px=20, right_px=30)
    for row, mark in zip(rows, cycle(look), strict=False):
        line = {"color": mark.colour, "dash": mark.dash, "shape": "hv"}
        days = [0, *row["times"]]
        for edge in ("low", "high") if band else ():
            chart["data"].append(
                {"type": "scatter", "mode": "lines", "x": days, "y": _percents([1.0, *row[edge]]), "showlegend": False,
                 "line": line | {"width": 0.8}, "hoverinfo": "skip", "name": f"{row[key]}, {edge}"}
            )  # fmt: skip
        chart["data"].append(
            {"type": "scatter", "mode": "lines", "x": days, "y": _percents([1.0, *row["left"]]), "name": row[key],
             "line": line | {"width": 2.4}, "hovertemplate": "day %{x}: %{y} %<extra>" + str(row[key]) + "</extra>"}
        )  # fmt: skip
    chart["layout"] |= {
        "xaxis": axis("days since the owner left", rangemode="tozero"),
        "yaxis": axis("still good [%]", range=[0, 103]),
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "showlegend": True,
    }
    return chart


def axes_chart(rows: Sequence[Mapping[str, Any]]) -> Chart:
    """One bar an axis and end of its range, the soonest on top; those that change nothing are left out."""
    shown = [row for row in rows if row["changed"] or row["axis"] == STILL][::-1]
    chart = empty_chart(80 + BAR_PX * len(shown), top_px=10, right_px=40)
    chart["data"] = [
        {"type": "bar", "orientation": "h", "y": [row["world"] for row in shown],
         "x": [round(row["days"]) for row in shown],
         "marker": {"color": "var(--blue)"}, "hovertemplate": "%{y}: %{x} days<extra></extra>"}
    ]  # fmt: skip
    chart["layout"] |= {
        "xaxis": axis("days until expiry, restricted mean over gardens"),
        "yaxis": axis(tickfont={"size": 11, "color": MUTED}, showgrid=False),
        "showlegend": False,
    }
    return chart


def _section(title: str, inside: str, caption: str) -> str:
    return f"<section><figure><h3>{escape(title)}</h3>{inside}<figcaption>{caption}</figcaption></figure></section>"


def _figure(name: str, chart: Chart) -> str:
    """A place for a chart with its data beside it; `</` cannot end the script early."""
    safe = json.dumps(chart, separators=(",", ":"), allow_nan=False).replace("</", "<\\/")
    style = f"height:{chart['layout']['height']}px"
    return (
        f'<div class="chart" id="chart-{name}" role="img" aria-label="{name}" style="{style}"></div>'
        f'<script type="application/json" data-chart="chart-{name}">{safe}</script>'
    )


def _table(table: Any) -> str:
    """A terminal's table as HTML: the same cells, so that page and terminal cannot differ."""
    heads = "".join(f"<th>{escape(str(column.header))}</th>" for column in table.columns)
    cells = zip(*(list(column.cells) for column in table.columns), strict=True)
    body = "".join(
        f"<tr><th>{escape(str(first))}</th>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in rest) + "</tr>"
        for first, *rest in cells
    )
    return f'<div class="table"><table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>'


def _percents(shares: Sequence[float | None]) -> list[float | None]:
    return [None if share is None else round(100 * share, 2) for share in shares]
