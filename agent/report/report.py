"""From a run's folder to one HTML page that opens offline: `report.html`."""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from agent.monitor.log import Log
from agent.monitor.summary import headline_bank, summarise
from agent.past import read_config
from agent.report import diagnosis, expiry, fork
from agent.report.page import page, template
from agent.report.palette import marks
from agent.report.plans import read_gates
from agent.report.sections import sections
from agent.report.sentences import asides_html, named_html
from agent.report.tables import tiles_html
from agent.report.verdict import asides, verdict
from agent.report.words import BANKS, long_date, span
from garden_env.whole import write_whole

FILE_NAME = "report.html"
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
    text = render(Log.read(folder), read_config(folder), folder)
    path = folder / FILE_NAME
    write_whole(path, text.encode())
    return path


def render(log: Log, config: Mapping[str, Any], folder: Path) -> str:
    """The page as text.

    Args:
        log: the log of the run.
        config: the resolved configuration; may be empty.
        folder: where the pictures are.
    """
    summary = told_by(log, config, folder)
    look = marks(log.learners)
    scenario = config.get("scenario") or config.get("frames", {})
    bank = headline_bank(log)
    name = escape(str(scenario.get("name", folder.name)))
    body = template("run.html").substitute(
        scenario=name,
        dates=escape(_dates(log)),
        state=_state(log, summary) + fork.state(summary),
        expiry=named_html(expiry.line(summary), look),
        verdict=named_html(verdict(summary), look),
        asides=asides_html(asides(summary, config.get("options", {}))),
        examined=escape(BANKS.get(bank, bank)),
        gap_note=GAP_NOTE if any(told["gap_closed"] for told in summary["learners"].values()) else "",
        tile_columns=len(look) if len(look) <= 5 else -(-len(look) // 2),
        tiles=tiles_html(summary, look),
        diagnosis=diagnosis.section(summary, look),
        sections=sections(log, summary, look, config, folder),
    )
    return page(f"Evergreen: {scenario.get('name', folder.name)}", body, made_from="this run")


TOLD_OF_PLANS = ("schedule", "consolidates", "regimes")


def told_by(log: Log, config: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The summary of a log, with what the configuration and the gates' decisions say of learners."""
    summary = summarise(log)
    for name, plan in config.get("learners", {}).items():
        if not isinstance(plan, dict) or not all(isinstance(plan.get(key), str | None) for key in TOLD_OF_PLANS):
            raise ValueError(f"{folder}: config.json: learners.{name}: is no plan of a learner; run again")
        if name in summary["learners"]:
            summary["learners"][name]["plan"] = plan
    for name, gate in read_gates(folder).items():
        if name in summary["learners"]:
            summary["learners"][name]["gate"] = gate
    return summary


def _dates(log: Log) -> str:
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
