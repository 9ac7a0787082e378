"""From a comparison's folder to one HTML page that opens offline: `compare.html`, from compare.json alone."""

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from plotly.offline import get_plotlyjs

from agent.compare import captions, charts
from agent.compare.cells import Column, columns, corners, taken
from agent.compare.terminal import money_told
from agent.compare.verdict import asides, headline, verdict
from agent.report.chart import Chart
from agent.report.palette import Mark, marks

FILE_NAME = "compare.html"
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
    report = files("agent.report")
    page = Template(files("agent.compare").joinpath("compare.html").read_text(encoding="utf-8"))
    return page.substitute(
        title=escape(f"Evergreen: {data['scenario']} compared"),
        scenario=escape(data["scenario"]),
        headline=escape(headline(data)),
        warning=_warning(data),
        verdict=_named(verdict(data), look),
        asides="".join(f"<p>{_unbroken(sentence)}</p>" for sentence in asides(data) if not _grave(sentence)),
        table=_table(data, look, columns(data), "Learners side by side"),
        taken=_table(data, look, taken(data), "What it took"),
        sections="".join(_sections(data, look)),
        reading=_reading(data),
        configuration=_configuration(data),
        css=report.joinpath("report.css").read_text(encoding="utf-8"),
        js=report.joinpath("report.js").read_text(encoding="utf-8"),
        plotly=get_plotlyjs(),
    )


def _sections(data: Told, look: Look) -> list[str]:
    """The charts that there is something to draw for."""
    found = [_figure("leads", "Who is ahead", charts.leads(data, look), captions.LEADS)]
    if data["drive"] == "patrol":
        found.append(_figure("life", "Through the life", charts.over_life(data, look), captions.LIFE))
        if any(point["stability"] and point["plasticity"] for point in data["plane"]["points"]):
            chart = charts.in_the_plane(data, look)
            found.append(_figure("plane", "Stability and plasticity", chart, captions.plane(data)))
        if any(line["in_time"] for line in data["lines"]):
            chart, table = charts.triangle_means(data, look), _table(data, look, corners(data), "Triangle means")
            title = "On time, looking back, looking ahead"
            found.append(_figure("triangle", title, chart, captions.triangle(data), table))
    found.append(_figure("compute", "Against compute", charts.against_compute(data, look), captions.COMPUTE))
    if data["money"]["curve"]:
        words = " ".join(money_told(data)) + captions.MONEY
        found.append(_figure("money", "Remembering against retraining", charts.money(data, look), words))
    return found


def _figure(name: str, title: str, chart: Chart, caption: str, more: str = "") -> str:
    """A chart with its data beside it and a sentence below; `</` cannot end the script early."""
    safe = json.dumps(chart, separators=(",", ":"), allow_nan=False).replace("</", "<\\/")
    place, height = f"chart-{name}", f"height:{chart['layout']['height']}px"
    return (
        f'<section id="{name}"><figure><h3>{escape(title)}</h3>'
        f'<div class="chart" id="{place}" role="img" aria-label="{escape(title)}" style="{height}"></div>'
        f'<script type="application/json" data-chart="{place}">{safe}</script>'
        f"<figcaption>{_unbroken(caption)}</figcaption>{more}</figure></section>"
    )


def _table(data: Told, look: Look, found: Sequence[Column], label: str) -> str:
    """A line a learner; it becomes a list of cards on a phone."""
    heads = "".join(f"<th scope='col'>{escape(c.heading)}{_unit(c)}</th>" for c in found)
    body = ""
    for line in data["lines"]:
        mark = look[line["recipe"]]
        changed = line["label"].removeprefix(line["recipe"]).strip().replace("_", " ")
        name = (
            f'<b style="color:{mark.colour}">{mark.sign} {escape(line["recipe"])}</b><small>{escape(changed)}</small>'
        )
        cells = "".join(
            f'<td data-label="{escape(_label(c))}"><span>{escape(c.cell(line, data))}</span></td>' for c in found
        )
        body += f'<tr><th scope="row">{name}</th>{cells}</tr>'
    table = f'<table><thead><tr><th scope="col">learner</th>{heads}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="table cards" tabindex="0" role="group" aria-label="{escape(label)}">{table}</div>'


def _label(column: Column) -> str:
    return f"{column.heading} [{column.unit}]" if column.unit else column.heading


def _unit(column: Column) -> str:
    return f"<small>[{escape(column.unit)}]</small>" if column.unit else ""


def _reading(data: Told) -> str:
    """How to read every column."""
    found = {column.heading: column for column in (*columns(data), *taken(data))}
    return "".join(
        f"<div><dt>{escape(_label(column))}</dt><dd>{_unbroken(column.meaning)}</dd></div>" for column in found.values()
    )


def _configuration(data: Told) -> str:
    """Options, prices, sources and the hashes of the frames."""
    parts = {
        "options": data["options"],
        "prices": data["money"]["prices"],
        "sources": {"hash of the code": data["code"]},
    }
    if data["frames"]:
        parts["hash of the frames, by seed"] = data["frames"]
    found = ""
    for title, values in parts.items():
        lines = "".join(
            f"<div><dt>{escape(str(name))}</dt><dd>{escape(_value(value))}</dd></div>" for name, value in values.items()
        )
        found += f'<details><summary>{escape(title)}</summary><dl class="settings">{lines}</dl></details>'
    return found


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _warning(data: Told) -> str:
    return "".join(f'<p class="state" role="status"><b>{escape(s)}</b></p>' for s in asides(data) if _grave(s))


def _grave(sentence: str) -> bool:
    return sentence.startswith(("NOT REPRODUCIBLE", "Interrupted"))


def _named(sentence: str, look: Look) -> str:
    """A sentence as HTML in which every learner's name has its colour."""
    names = "|".join(re.escape(name) for name in sorted(look, key=len, reverse=True))
    parts = re.split(rf"(?<![\w+])({names})(?![\w+])", sentence)
    return "".join(
        f'<span style="color:{look[part].colour}">{escape(part)}</span>' if part in look else escape(part)
        for part in parts
    )


def _unbroken(sentence: str) -> str:
    """A sentence as HTML in which no line ends within the name of an option."""
    return re.sub(r"--\w+", r'<span style="white-space:nowrap">\g<0></span>', escape(sentence))
