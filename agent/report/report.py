"""From a run's folder to one HTML page that opens offline: `report.html`."""

import json
import re
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from plotly.offline import get_plotlyjs

from agent.monitor.log import Log
from agent.monitor.summary import headline_bank, summarise
from agent.report import by_season, expiry, over_time
from agent.report.chart import Chart
from agent.report.palette import Mark, marks
from agent.report.pictures import strips_html
from agent.report.plans import read_gates
from agent.report.seasons import south_on
from agent.report.strips import load_strips
from agent.report.tables import classes_html, configuration_html, costs_html, learners_html, tiles_html
from agent.report.verdict import asides, verdict
from agent.report.words import BANKS, long_date, span

FILE_NAME = "report.html"
EXAMS = {
    "garden": "Fixed frames of eight seasons of the year that no learner ever trains on: in gardens never visited "
    "(used for all headlines), in the robot's own garden, and there in another weather year.",
    "folder": "Fixed frames that no learner ever trains on: short stretches of the folder, held out from the stream.",
}
GAP_NOTE = (
    "The <i>gap</i> runs from the frozen model, which never learned after commissioning (0 %), to joint training, "
    "which had all labelled frames of the whole life at once (100 %). "
)


def write_report(folder: Path) -> Path:
    """Build `report.html` from the files of a run's folder alone.

    Needs `metrics.jsonl`; uses `config.json` and `strips.npz` where they are. All numbers are worked out again from
    the log, so a run that was interrupted, or killed, has a report too.

    Args:
        folder: a run's folder.

    Returns:
        The path of the report.

    Raises:
        FileNotFoundError: the folder holds no log.
        ValueError: the log is damaged or of another version.
    """
    page = render(Log.read(folder), _config(folder), folder)
    path = folder / FILE_NAME
    path.write_text(page, encoding="utf-8")
    return path


def render(log: Log, config: Mapping[str, Any], folder: Path) -> str:
    """The page as text.

    Args:
        log: the log of the run.
        config: the resolved configuration; may be empty.
        folder: where the pictures are.
    """
    summary = summarise(log)
    for name, plan in config.get("learners", {}).items():
        if name in summary["learners"]:
            summary["learners"][name]["plan"] = plan
    for name, gate in read_gates(folder).items():
        summary["learners"][name]["gate"] = gate
    look = marks(log.learners)
    scenario = config.get("scenario") or config.get("frames", {})
    south = south_on(scenario)
    bank = headline_bank(log)
    strips = load_strips(folder)
    return _template("page.html").substitute(
        title=escape(f"Evergreen: {scenario.get('name', folder.name)}"),
        scenario=escape(str(scenario.get("name", folder.name))),
        scenario_summary=escape(str(scenario.get("summary", ""))),
        dates=escape(_dates(log, summary)),
        expiry=_named(expiry.line(summary), look),
        state=_state(log, summary),
        verdict=_named(verdict(summary), look),
        asides="".join(f"<p>{_unbroken(sentence)}</p>" for sentence in asides(summary, config.get("options", {}))),
        examined=escape(BANKS.get(bank, bank)),
        exam=EXAMS["garden" if "away" in log.banks else "folder"],
        gap_note=GAP_NOTE if any(told["gap_closed"] for told in summary["learners"].values()) else "",
        tile_columns=len(look) if len(look) <= 5 else -(-len(look) // 2),
        tiles=tiles_html(summary, look),
        at_hand=_figure("at-hand", over_time.season_at_hand(log, bank, look, south=south), "Season at hand"),
        whole_year=_figure("whole-year", over_time.whole_year(log, bank, look, south=south), "Whole year"),
        matrices=_matrices(log, look),
        by_phase=_figure("by-phase", by_season.by_phase(log, bank, look), "Last exam by season"),
        stream=_figure("stream", over_time.stream(log, look, south=south), "The stream"),
        pictures=strips_html(strips, log.classes, look) if strips else "<p>This run has left no pictures.</p>",
        learners=learners_html(summary, look),
        classes=classes_html(log, bank, look) or "<p>Nothing has been examined yet.</p>",
        costs=costs_html(summary, look),
        configuration=configuration_html(config),
        folder=escape(folder.resolve().name),
        css=_text("report.css"),
        js=_text("report.js"),
        plotly=get_plotlyjs(),
    )


def _named(sentence: str, look: dict[str, Mark]) -> str:
    """A sentence as HTML in which every learner's name has its colour."""
    names = "|".join(re.escape(name) for name in sorted(look, key=len, reverse=True))
    parts = re.split(rf"(?<![\w+])({names})(?![\w+])", sentence) if look else [sentence]
    return "".join(
        f'<span style="color:{look[part].colour}">{escape(part)}</span>' if part in look else escape(part)
        for part in parts
    )


def _unbroken(sentence: str) -> str:
    """A sentence as HTML in which no line ends within the name of an option."""
    return re.sub(r"--\w+", r'<span style="white-space:nowrap">\g<0></span>', escape(sentence))


def _matrices(log: Log, look: dict[str, Mark]) -> str:
    """One panel a bank behind a row of buttons; without scripts they stand one below the other."""
    banks = sorted(log.banks, key=lambda name: name != headline_bank(log))
    buttons = "".join(
        f'<button type="button" role="tab" aria-selected="{"true" if n == 0 else "false"}" data-panel="matrix-{bank}">'
        f"{escape(BANKS.get(bank, bank))}</button>"
        for n, bank in enumerate(banks)
    )
    panels = "".join(
        f'<div class="panel" id="panel-matrix-{escape(bank)}">'
        + _figure(f"matrix-{bank}", by_season.matrix(log, bank, look), f"Matrix, {BANKS.get(bank, bank)}")
        + "</div>"
        for bank in banks
    )
    bar = f'<div class="buttons" role="tablist" aria-label="Where examined">{buttons}</div>'
    return f'<div class="tabs">{bar}{panels}</div>'


def _figure(name: str, chart: Chart, label: str) -> str:
    """A place for a chart with its data beside it; `</` cannot end the script early."""
    safe = json.dumps(chart, separators=(",", ":"), allow_nan=False).replace("</", "<\\/")
    place, height = escape(f"chart-{name}"), f"height:{chart['layout']['height']}px"
    return (
        f'<div class="chart" id="{place}" role="img" aria-label="{escape(label)}" style="{height}"></div>'
        f'<script type="application/json" data-chart="{place}">{safe}</script>'
    )


def _dates(log: Log, summary: dict[str, Any]) -> str:
    life = log.life
    return f"{long_date(life.start)} to {long_date(life.date_of(life.days - 1))}, {span(life.days)}"


def _state(log: Log, summary: dict[str, Any]) -> str:
    if summary["ended"] == "finished":
        return ""
    lived = summary["days_lived"]
    when = f"{long_date(log.life.date_of(lived))}, day {lived + 1} of {log.life.days}"
    return (
        f'<p class="state" role="status"><b>A report so far.</b> This run stopped on {when}. '
        f"What needs the whole life, such as the gap to joint training, may be missing.</p>"
    )


def _config(folder: Path) -> dict[str, Any]:
    path = folder / "config.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _template(name: str) -> Template:
    return Template(_text(name))


def _text(name: str) -> str:
    return files("agent.report").joinpath(name).read_text(encoding="utf-8")
