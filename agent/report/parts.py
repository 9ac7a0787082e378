"""What a page is put together from: sections, figures, charts with their numbers beside them, rows of buttons."""

import json
from collections.abc import Mapping
from html import escape

from agent.report.chart import Chart
from agent.report.numbers import numbers_html
from agent.report.palette import Mark

DASHES = {  # Plotly's names as SVG has them
    "solid": "none", "dash": "8 4", "dot": "2 3", "dashdot": "7 3 2 3", "longdash": "12 4", "longdashdot": "12 3 2 3",
}  # fmt: skip


def section(name: str, short: str, heading: str, body: str, *, lede: str = "") -> str:
    """A part of the page with a heading, which can be folded; nothing without a body, so no empty headings.

    Args:
        name: where links lead to.
        short: its name in the bar at the top.
        heading: its name on the page.
        body: HTML.
        lede: HTML of what is said before anything is shown.
    """
    if not body:
        return ""
    words = f'<p class="lede">{lede}</p>' if lede else ""
    return (
        f'<section id="{escape(name)}" data-short="{escape(short)}"><details class="fold" open><summary>'
        f"<h2>{escape(heading)}</h2></summary>{words}{body}</details></section>"
    )


def figure(
    name: str, heading: str, chart: Chart, caption: str, *, label: str = "", before: str = "", table: str = ""
) -> str:
    """A chart with what it is called and how to read it.

    Args:
        name: unique on the page.
        heading: what it shows, in words.
        chart: see `agent.report.chart`.
        caption: HTML, how to read it.
        label: what a screen reader says of it; the heading by default.
        before: HTML between heading and chart.
        table: HTML of a table that says what the chart shows, in place of the one of all its numbers.
    """
    label = label or heading
    return framed(heading, before + chart_html(name, chart, label), caption, after=table or numbers_html(chart, label))


def framed(heading: str, body: str, caption: str, *, small: bool = False, after: str = "") -> str:
    """A heading, HTML and how to read it, in a frame; `after` comes last."""
    words = f"<figcaption>{caption}</figcaption>" if caption else ""
    kind = ' class="small"' if small else ""
    return f"<figure{kind}><h3>{escape(heading)}</h3>{body}{words}{after}</figure>"


def panels(figures: list[str], *, tight: bool = False) -> str:
    """Small figures side by side: two where there is room, or three if `tight`."""
    return f'<div class="panels{" tight" if tight else ""}">{"".join(figures)}</div>' if figures else ""


def small_figure(name: str, heading: str, chart: Chart, caption: str) -> str:
    """A figure for `panels`."""
    drawn, numbers = chart_html(name, chart, heading), numbers_html(chart, heading)
    return framed(heading, drawn, caption, small=True, after=numbers)


def key_html(marks: Mapping[str, Mark], *more: tuple[str, Mark]) -> str:
    """Which line is whose, for charts too small to say it: name, colour, dash and marker.

    Args:
        marks: the look of every learner.
        *more: names and looks of other lines.
    """
    items = "".join(
        f'<li style="color:{mark.colour}"><svg viewBox="0 0 34 8" aria-hidden="true"><path d="M0 4h34" '
        f'stroke="currentColor" stroke-width="2.2" stroke-dasharray="{DASHES[mark.dash]}"/></svg>{escape(name)}</li>'
        for name, mark in [*marks.items(), *more]
    )
    return f'<ul class="key" aria-label="Lines">{items}</ul>'


def chart_html(name: str, chart: Chart, label: str) -> str:
    """A place for a chart with its data; `</` cannot end the script early. `numbers_html` has it as a table.

    Args:
        name: unique on the page.
        chart: see `agent.report.chart`.
        label: what a screen reader says of it.
    """
    safe = json.dumps(chart, separators=(",", ":"), allow_nan=False).replace("</", "<\\/")
    place, height = escape(f"chart-{name}"), f"height:{chart['layout']['height']}px"
    return (
        f'<div class="chart" id="{place}" role="img" aria-label="Chart: {escape(label)}" '
        f'style="{height}"></div>'
        f'<script type="application/json" data-chart="{place}">{safe}</script>'
    )


def tabs(name: str, label: str, choices: Mapping[str, str]) -> str:
    """One panel at a time behind a row of buttons; without scripts they stand one below the other.

    Args:
        name: unique on the page.
        label: what is chosen.
        choices: HTML of every panel by what its button says, in order; one alone gets no button.
    """
    if len(choices) == 1:
        return next(iter(choices.values()))
    buttons, bodies = "", ""
    for number, (says, body) in enumerate(choices.items()):
        button, panel = f"tab-{escape(name)}-{number}", f"panel-{escape(name)}-{number}"
        buttons += (
            f'<button type="button" role="tab" id="{button}" aria-controls="{panel}" '
            f'aria-selected="{"true" if number == 0 else "false"}">{escape(says)}</button>'
        )
        bodies += f'<div class="panel" id="{panel}" role="tabpanel" aria-labelledby="{button}">{body}</div>'
    bar = f'<div class="buttons" role="tablist" aria-label="{escape(label)}">{buttons}</div>'
    return f'<div class="tabs">{bar}{bodies}</div>'


def more(says: str, body: str) -> str:
    """Something that is there for who wants it: closed at first."""
    return f'<details class="more"><summary>{escape(says)}</summary>{body}</details>' if body else ""
