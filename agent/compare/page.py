"""From a comparison's folder to one HTML page that opens offline: `compare.html`, from compare.json alone."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from agent.compare import captions, charts
from agent.compare.cells import Column, columns, coordinates, corners, ledger
from agent.compare.terminal import money_told
from agent.compare.verdict import asides, headline, verdict
from agent.report.page import page, template
from agent.report.palette import Mark, marks
from agent.report.parts import figure, section
from agent.report.sentences import asides_html, named_html, unbroken_html
from agent.report.tables import Row, configuration_html, named, table_html

FILE_NAME = "compare.html"
PACKAGE = "agent.compare"
Told = dict[str, Any]
Look = Mapping[str, Mark]


def write_page(folder: Path) -> Path:
    """Build `compare.html` from `compare.json`.

    Args:
        folder: of a comparison.

    Returns:
        The path of the page.

    Raises:
        FileNotFoundError: there is no compare.json.
        FileExistsError: there is a page already.
    """
    data = json.loads((folder / "compare.json").read_text(encoding="utf-8"))
    path = folder / FILE_NAME
    with path.open("x", encoding="utf-8") as file:
        file.write(render(data))
    return path


def render(data: Told) -> str:
    """The page as text.

    Args:
        data: as compare.json has it.
    """
    look = marks(tuple(line["label"] for line in data["lines"] if line["label"] == line["recipe"]))
    body = template("compare.html", PACKAGE).substitute(
        scenario=escape(data["scenario"]),
        headline=escape(headline(data)),
        warning=_warning(data),
        verdict=named_html(verdict(data), look),
        asides=asides_html([sentence for sentence in asides(data) if not _grave(sentence)]),
        sections="".join(
            [
                section("learners", "Learners", "Learners side by side", _learners(data, look)),
                section("year", "Year", "Through the year", _year(data, look)),
                section("plane", "Plane", "Stability and plasticity", _plane(data, look)),
                section("cost", "Cost", "What it took", _cost(data, look)),
                section("reading", "How to read", "How to read this", _reading(data)),
                section("configuration", "Configuration", "Configuration", _configuration(data)),
            ]
        ),
    )
    return page(f"Evergreen: {data['scenario']} compared", body, made_from="this comparison")


def _learners(data: Told, look: Look) -> str:
    drawn = figure("leads", "Who is ahead", charts.leads(data, look), captions.LEADS)
    return _table(data, look, columns(data), "Learners side by side") + drawn


def _year(data: Told, look: Look) -> str:
    """What was known when; nothing of gardeners, who have no marks on frames."""
    if data["drive"] != "patrol":
        return ""
    found = figure("life", "Knowledge of the whole year", charts.over_life(data, look), captions.LIFE)
    if any(line["in_time"] for line in data["lines"]):
        table = _table(data, look, corners(data), "Triangle means")
        found += figure(
            "triangle", "On time, looking back, looking ahead", charts.triangle_means(data, look),
            unbroken_html(captions.triangle(data)), table=table,
        )  # fmt: skip
    return found


def _plane(data: Told, look: Look) -> str:
    if data["drive"] != "patrol":
        return ""
    if not any(point["stability"] and point["plasticity"] for point in data["plane"]["points"]):
        return ""
    chart = charts.in_the_plane(data, look)
    title, points = "What is kept beside what is learned", data["plane"]["points"]
    table = _table(data, look, coordinates(data), "The plane", points)
    return figure("plane", title, chart, unbroken_html(captions.plane(data)), table=table)


def _cost(data: Told, look: Look) -> str:
    found = _table(data, look, ledger(data), "What it took")
    found += figure("compute", "Against compute", charts.against_compute(data, look), captions.COMPUTE)
    if data["money"]["curve"]:
        words = " ".join(money_told(data)) + captions.MONEY
        chart = charts.money(data, look)
        found += figure("money", "Remembering against retraining", chart, unbroken_html(words))
    return found


def _table(data: Told, look: Look, found: Sequence[Column], label: str, lines: Sequence[Told] | None = None) -> str:
    """A line a learner; it becomes a list of cards on a phone."""
    rows: list[Row] = []
    for line in lines or data["lines"]:
        cells = [(column.told, escape(column.cell(line, data))) for column in found]
        rows.append([("learner", _who(line, look)), *cells])
    return table_html(rows, label)


def _who(line: Told, look: Look) -> str:
    """Who lived, and below its name what was changed of it."""
    changed = line["label"].removeprefix(line["recipe"]).strip().replace("_", " ")
    return named(line["recipe"], look[line["recipe"]], {}, said=changed)


def _reading(data: Told) -> str:
    """How to read every column."""
    found = {column.heading: column for column in (*columns(data), *ledger(data))}
    told = "".join(
        f"<div><dt>{escape(column.told)}</dt><dd>{unbroken_html(column.meaning)}</dd></div>"
        for column in found.values()
    )
    return template("reading.html", PACKAGE).substitute(columns=told)


def _configuration(data: Told) -> str:
    """Options, prices, sources and the hashes of the frames."""
    parts = {
        "options": data["options"],
        "prices": data["money"]["prices"],
        "sources": {"hash of the code": data["code"]},
    }
    if data["frames"]:
        parts["hash of the frames, by seed"] = data["frames"]
    return configuration_html(parts)


def _warning(data: Told) -> str:
    return "".join(f'<p class="state" role="status"><b>{escape(s)}</b></p>' for s in asides(data) if _grave(s))


def _grave(sentence: str) -> bool:
    return sentence.startswith(("NOT REPRODUCIBLE", "Interrupted"))
