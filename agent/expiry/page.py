"""A study of shelf life as one HTML page that opens offline: survival curves, axes, forecasts."""

from collections.abc import Mapping, Sequence
from html import escape
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from agent.expiry.results import ALL
from agent.expiry.tell import axes_table, forecast_table, survival_table
from agent.expiry.worlds import STILL
from agent.report.chart import Chart, axis, empty_chart
from agent.report.page import page, template
from agent.report.palette import MUTED, Mark, marks
from agent.report.parts import figure, framed, section
from agent.report.sentences import named_html
from agent.report.tables import table_html
from agent.report.words import percent

FILE_NAME = "expiry.html"
BAR_PX = 22  # of an axis
READ = {
    "survival": "How many models are still good, by days since their owner left. A step down is an expiry; thin lines "
    "are the 95 % interval. Where a line ends high, the others outlived the record: they are censored, and count as "
    "long as they were seen.",
    "climates": "The same by climate. Where lines lie far apart, one date for all gardens says little.",
    "axes": "Nature stands still and one thing alone ramps to the end of its range. Bars are means over gardens, "
    "restricted to the ramp: short ones are what a model that does not learn bears least; full ones outlived the ramp.",
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
    path.write_text(render(answers), encoding="utf-8")
    return path


def render(answers: Mapping[str, Any]) -> str:
    """The page as text.

    Args:
        answers: what `expiry.json` holds.
    """
    question = answers["question"]
    overall = [row for row in answers.get("groups", ()) if row["world"] == ALL]
    look = marks(tuple(row["learner"] for row in overall))
    body = template("expiry.html", "agent.expiry").substitute(
        asked=escape(f"gardens {', '.join(map(str, question['seeds']))}; {question['scenario']}"),
        state='<p class="state" role="status">Interrupted: not all worlds were lived.</p>'
        if answers["interrupted"]
        else "",
        first_line=named_html(answers.get("first_line", "What a model that does not learn expires of."), look),
        share=percent(question["share"], 0),
        stays=question["stays_days"],
        sections="".join(
            [
                section("survival", "Still good", "How long models stay good", _survival(answers, overall, look)),
                section("axes", "Axes", "What models expire of", _axes(answers)),
                section("forecasts", "Best before", "Best before", _forecasts(answers)),
            ]
        ),
    )
    return page("Evergreen: shelf life", body, made_from="this study")


def _survival(answers: Mapping[str, Any], overall: Sequence[Mapping[str, Any]], look: Mapping[str, Mark]) -> str:
    """Survival over all worlds, and by climate for the first learner; nothing where worlds are those of axes."""
    if not overall:
        return ""
    curves = survival_chart(overall, [look[row["learner"]] for row in overall], "learner")
    table = _table(survival_table(answers), "How long learners last")
    found = figure("survival", "Still good, by learner", curves, READ["survival"], table=table)
    first = overall[0]["learner"]
    by_world = [row for row in answers["groups"] if row["world"] != ALL and row["learner"] == first]
    if by_world:
        styles = list(marks(tuple(f"world {i}" for i in range(len(by_world)))).values())
        chart = survival_chart(by_world, styles, "world", band=False)
        found += figure("climates", f"By climate: {first}", chart, READ["climates"])
    return found


def _axes(answers: Mapping[str, Any]) -> str:
    if "axes" not in answers:
        return ""
    table = _table(axes_table(answers["axes"]), "What models expire of")
    return figure("axes", "Days until expiry, axis by axis", axes_chart(answers["axes"]), READ["axes"], table=table)


def _forecasts(answers: Mapping[str, Any]) -> str:
    if not answers.get("forecasts"):
        return ""
    heading = "Forecasts against the truth"
    return framed(heading, _table(forecast_table(answers), heading), READ["forecasts"])


def survival_chart(rows: Sequence[Mapping[str, Any]], look: Sequence[Mark], key: str, *, band: bool = True) -> Chart:
    """Survival curves as steps.

    Args:
        rows: as `agent.expiry.results.groups` returns them.
        look: of each.
        key: what names a row: 'learner' or 'world'.
        band: whether intervals are drawn, too.
    """
    chart = empty_chart(380, top_px=20, right_px=30)
    ticks = sorted({0, *(day for row in rows for day in row["times"])})  # the same for all, so that a table can be read
    for row, mark in zip(rows, cycle(look), strict=False):
        line = {"color": mark.colour, "dash": mark.dash, "shape": "hv"}
        days = [day for day in ticks if day <= max(row["times"], default=0)]
        steps = np.searchsorted(row["times"], days, side="right")  # how many times of its own each day comes after
        for edge in ("low", "high") if band else ():
            chart["data"].append(
                {"type": "scatter", "mode": "lines", "x": days, "y": _percents([1.0, *row[edge]], steps),
                 "showlegend": False, "line": line | {"width": 0.8}, "hoverinfo": "skip", "name": f"{row[key]}, {edge}"}
            )  # fmt: skip
        chart["data"].append(
            {"type": "scatter", "mode": "lines", "x": days, "y": _percents([1.0, *row["left"]], steps),
             "name": row[key], "line": line | {"width": 2.4},
             "hovertemplate": "day %{x}: %{y} %<extra>" + str(row[key]) + "</extra>"}
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
        "xaxis": axis("days until expiry"),
        "yaxis": axis(tickfont={"size": 11, "color": MUTED}, showgrid=False),
        "showlegend": False,
    }
    return chart


def _table(table: Table, label: str) -> str:
    """A terminal's table as HTML: the same cells, so that page and terminal cannot differ."""
    heads = [" ".join(str(column.header).split()) for column in table.columns]
    cells = zip(*(list(column.cells) for column in table.columns), strict=True)
    rows = [[(head, escape(str(cell))) for head, cell in zip(heads, row, strict=True)] for row in cells]
    return table_html(rows, label, cards=False)


def _percents(shares: Sequence[float | None], steps: NDArray[np.int64]) -> list[float | None]:
    return [None if shares[step] is None else round(100 * shares[step], 2) for step in steps]
