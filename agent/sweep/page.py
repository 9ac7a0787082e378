"""A sweep as one HTML page that opens offline: `sweep.html`, from sweep.json alone."""

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from agent.compare.charts import leads
from agent.report.page import page, template
from agent.report.palette import Mark, marks
from agent.report.parts import figure, more, section
from agent.report.sentences import named_html
from agent.report.tables import Row, configuration_html, named, table_html
from agent.report.words import percent
from agent.sweep import charts
from agent.sweep.cells import asides, compared, counted, many, sentence
from agent.sweep.trials import TRIALS
from garden_env.whole import write_whole

FILE_NAME, RESULT = "sweep.html", "sweep.json"
Told = dict[str, Any]
Look = Mapping[str, Mark]
IQM = (
    "Large marks are interquartile means over worlds, the best and the worst quarter left out (Agarwal et al. 2021), "
    "with a 95 % bootstrap interval; small ones are worlds. Worlds differ more than learners do: who is better is "
    "decided by differences within worlds, below."
)
LEADS = (
    "The difference within each world: a large mark is the mean with its 95 % interval, small ones are worlds. An "
    "interval that holds 0 decides nothing."
)
RANKS = (
    "Everybody is ranked within each world. A grey bar joins those whose mean ranks are not further apart than the "
    "critical difference (Nemenyi's test, Demšar 2006), and so cannot be told apart by ranks alone. {p}"
)


def write_page(folder: Path) -> Path:
    """Build `sweep.html` from `sweep.json`; one that is there is made anew.

    Args:
        folder: of the sweep.
    """
    data = json.loads((folder / RESULT).read_text(encoding="utf-8"))
    path = folder / FILE_NAME
    write_whole(path, render(data).encode())
    return path


def render(data: Told) -> str:
    """The page as text.

    Args:
        data: as sweep.json has it.
    """
    look = marks(tuple(line["label"] for line in data["lines"]))
    said = asides(data)
    body = template(FILE_NAME, "agent.sweep").substitute(
        name=escape(data["name"]),
        counted=escape(counted(data)),
        state="".join(f'<p class="state" role="status"><b>{escape(words)}</b></p>' for words in said),
        verdict=named_html(sentence(data), look),
        asides="",
        sections="".join(
            [
                section("compared", "Compared", "Side by side", _compared(data, look)),
                section("apart", "Apart", "Who can be told apart", _apart(data, look)),
                section("failed", "Failed", "What failed", _failed(data)),
                section("trials", "Trials", "All trials", _trials(data, look)),
                section("reading", "How to read", "How to read this", _reading(data)),
                section("configuration", "Configuration", "Configuration", _configuration(data)),
            ]
        ),
    )
    return page(f"Evergreen: {data['name']}, a sweep", body, made_from="this sweep")


def _compared(data: Told, look: Look) -> str:
    if not data["lines"]:
        return ""
    seen = compared(data)
    found = many(seen)
    rows: list[Row] = [
        [("learner", _who(line["label"], look)), *((column.told, escape(column.cell(line, seen))) for column in found)]
        for line in data["lines"]
    ]
    return table_html(rows, "Side by side") + figure(
        "iqm", "Over the life, in the mean of the middle half", charts.interquartile(data, look), IQM
    )


def _apart(data: Told, look: Look) -> str:
    if len(data["lines"]) < 2:
        return ""
    other = data["lines"][0]["beside"]
    found = figure("leads", f"Ahead of {other}, world by world", leads(compared(data), look), LEADS)
    if data["critical"] is not None:
        p = data["critical"]["p"]
        words = RANKS.format(p="" if p is None else f"Friedman's test that all are alike: p = {p:.2g}.")
        found += figure("ranks", "Mean ranks", charts.ranks(data, look), words)
    return found


def _failed(data: Told) -> str:
    rows: list[Row] = [[("trial", escape(name)), ("why", escape(said))] for name, said in data["failed"].items()]
    return table_html(rows, "What failed", cards=False) if rows else ""


def _trials(data: Told, look: Look) -> str:
    """A row a learner of each trial, with a link to its run's own report."""
    rows: list[Row] = [
        [
            ("learner", _who(row["label"], look)),
            ("world", f'<a href="{TRIALS}/{quote(row["trial"])}/report.html">{escape(row["world"])}</a>'),
            ("over the life [% mIoU]", percent(row["miou_life"])),
            ("at the end [% mIoU]", percent(row["miou_end"])),
            ("forgot [points]", percent(row["forgetting"])),
            ("gap closed [%]", percent(row["gap_end"], 0)),
            ("compute [TFLOP]", f"{row['flops'] / 1e12:.2f}"),
        ]
        for row in data["rows"]
    ]
    said = f"{len(data['over'])} runs, with links to their own reports"
    return more(said, table_html(rows, "All trials")) if rows else ""


def _who(label: str, look: Look) -> str:
    """Who lived, and below its name what was varied."""
    learner, _, varied = label.partition(" ")
    return named(learner, look.get(label), {}, said=varied.replace("_", " ").replace("=", " "))


def _reading(data: Told) -> str:
    if not data["lines"]:
        return ""
    told = "".join(
        f"<div><dt>{escape(column.told)}</dt><dd>{escape(column.meaning)}</dd></div>" for column in many(compared(data))
    )
    return f'<dl class="reading">{told}</dl>'


def _configuration(data: Told) -> str:
    parts: dict[str, Any] = {"sweep": data["sweep"]}
    if data["rows"]:
        first = data["rows"][0]
        parts["options of the first run"] = _with(first, "option.")
        parts["hashes and versions"] = {"code": first["hash.code"]} | _with(first, "version.")
    return configuration_html(parts)


def _with(row: Told, start: str) -> Told:
    return {name.removeprefix(start): value for name, value in row.items() if name.startswith(start)}
