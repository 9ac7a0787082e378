"""The parts of a run's page below its verdict, each left out where the log knows nothing of it."""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from agent.monitor.log import MINI, Log
from agent.monitor.summary import headline_bank
from agent.report import (
    by_season,
    calibration,
    causes,
    curves,
    diagnosis,
    drift,
    expiry,
    fork,
    fronts,
    over_time,
    plasticity,
    story,
)
from agent.report.numbers import numbers_html
from agent.report.page import template
from agent.report.palette import Mark
from agent.report.parts import chart_html, figure, framed, more, section, tabs
from agent.report.pictures import strips_html
from agent.report.seasons import south_on
from agent.report.strips import Strips, load_strips
from agent.report.tables import classes_html, configuration_html, costs_html, learners_html, timing_html
from agent.report.words import BANKS
from scenarios.seasons import South

EXAMS = {
    "garden": "Fixed frames of eight seasons of the year that no learner ever trains on: in gardens never visited "
    "(used for all headlines), in the robot's own garden, and there in another weather year.",
    "folder": "Fixed frames that no learner ever trains on: short stretches of the folder, held out from the stream.",
}


def sections(
    log: Log, summary: dict[str, Any], look: Mapping[str, Mark], config: Mapping[str, Any], folder: Path
) -> str:
    """All parts in their order.

    Args:
        log: the log of the run.
        summary: what follows from it, see `agent.report.report.told_by`.
        look: of every learner.
        config: the resolved configuration; may be empty.
        folder: where the pictures are.
    """
    scenario = config.get("scenario") or config.get("frames", {})
    south, bank = south_on(scenario), headline_bank(log)
    reading = template("reading.html").substitute(exam=EXAMS["garden" if "away" in log.banks else "folder"])
    settings = (
        '<p class="note">The same configuration and hashes give the same page, the part on time aside.</p>'
        f"{_hashes(config)}{configuration_html(config)}"
    )
    timing = (
        f'<p class="note">Folder <code>{escape(folder.resolve().name)}</code>. Wall time is that of predicting and '
        "learning; it differs between machines, and with what else they do.</p>" + timing_html(summary, look)
    )
    return "".join(
        [
            section("fork", "Fork", "Since the fork", fork.section(summary, look), lede=fork.lede(summary)),
            section("year", "Year", "Through the year", _year(log, bank, look, load_strips(folder), south),
                    lede=escape(str(scenario.get("summary", "")))),
            section("memory", "Memory", "What is remembered", _memory(log, bank, look, south)),
            section("expiry", "Shelf life", "How long it stayed good", expiry.section(summary, look)),
            section("causes", "Why", "Why it failed", causes.section(log, look)),
            section("learners", "Learners", "Learners side by side", _side_by_side(log, summary, bank, look)),
            section("drift", "Drift", "What changed, and what was noticed", drift.section(log)),
            section("plasticity", "Plasticity", "Can it still learn?", plasticity.section(log, look)),
            section("trust", "Trust", "Does it know when it does not know?", calibration.section(log, look)),
            section("stream", "Stream", "On the stream", _stream(log, look, south)),
            section("cost", "Cost", "What it cost", fronts.section(summary, look) + costs_html(summary, look)),
            section("reading", "How to read", "How to read this", reading),
            section("configuration", "Configuration", "Configuration", settings),
            section("timing", "Time", "When it was made, and how long it took", timing),
        ]
    )  # fmt: skip


def _year(log: Log, bank: str, look: Mapping[str, Mark], strips: Strips | None, south: South) -> str:
    pictures = (
        '<label class="switch"><input type="checkbox" id="mistakes"> show mistakes only</label>'
        + strips_html(strips, log.classes, look)
        if strips
        else "<p>This run has left no pictures.</p>"
    )
    events = " Below, what the script truly changed, and when an alarm was given." if log.changes or log.alarms else ""
    return (
        figure(
            "at-hand",
            "What each learner sees of the season at hand",
            over_time.season_at_hand(log, bank, look, south=south),
            "Every few days each learner sits an exam on frames of the current season. Higher is better; the thin grey "
            "line is what joint training reaches in that season. A frozen model goes blind as the garden changes; one "
            f"that learns stays near the grey line.{events}",
        )
        + story.section(log, south=south)
        + framed(
            "A year in pictures",
            pictures,
            "One exam frame of every season: what the camera saw, what the true answer is, and what each learner said "
            "of it. Frames that are asked again at the end show what is still known then. Hatched pixels have no "
            "answer and are not scored: they are mixtures, or plants between well and wilted.",
        )
    )


def _memory(log: Log, bank: str, look: Mapping[str, Mark], south: South) -> str:
    closer = curves.gaps(log, look)
    return (
        figure(
            "whole-year",
            "Knowledge of the whole year",
            over_time.whole_year(log, bank, look, south=south),
            "The mean over all seasons of the exam, whatever the season at hand. A learner that only lives in the "
            "present rises and falls here; one that remembers climbs as seasons pass and stays up.",
        )
        + framed(
            "When against season",
            _matrices(log, look),
            "Read along a row: it is one season's exam, taken again and again. A row that brightens when its season "
            "comes (white dots) and darkens afterwards is forgetting; one that stays bright is memory.",
        )
        + curves.by_season(log, bank, look)
        + closer
    )


def _side_by_side(log: Log, summary: dict[str, Any], bank: str, look: Mapping[str, Mark]) -> str:
    return (
        learners_html(summary, look)
        + figure(
            "by-phase",
            "The last exam, season by season",
            by_season.by_phase(log, bank, look),
            "Marks at the end of the life; the upright stroke is joint training. The distance between the stroke and a "
            "learner is what a perfect memory of the same frames would add.",
        )
        + more(
            "The last exam, class by class",
            '<p class="note">Intersection over union of every class at the end, all seasons pooled [%]. Rare classes '
            "weigh as much as common ones in mIoU, so this is where its points are won and lost.</p>"
            + (classes_html(log, bank, look) or "<p>Nothing has been examined yet.</p>"),
        )
        + more("The measures of the literature", diagnosis.measures(summary, look))
    )


def _stream(log: Log, look: Mapping[str, Mark], south: South) -> str:
    blind = any(row.get("prior_confusion") is not None for rows in log.stream.values() for row in rows)
    guess = "; <i>blind guess</i> does not look at all" if blind else ""
    return figure(
        "stream",
        "Predict first, then learn",
        over_time.stream(log, look, south=south),
        "Marks on the robot's own rounds, each frame predicted before anything was learned from it, pooled over ten "
        "days. Neighbouring frames look alike, so a high mark here can be luck of proximity: <i>copy last</i> merely "
        f"repeats the previous true answer{guess}. A learner worth its name stays well above.",
    )


def _matrices(log: Log, look: Mapping[str, Mark]) -> str:
    """One panel a bank behind a row of buttons."""
    banks = sorted((b for b in log.banks if b != MINI), key=lambda name: name != headline_bank(log))
    return tabs(
        "matrix",
        "Where examined",
        {
            BANKS.get(bank, bank): chart_html(f"matrix-{bank}", chart, label) + numbers_html(chart, label)
            for bank in banks
            for chart in [by_season.matrix(log, bank, look)]
            for label in [f"marks by season and date, {BANKS.get(bank, bank)}"]
        },
    )


def _hashes(config: Mapping[str, Any]) -> str:
    told = config.get("hashes", {})
    items = "".join(f"<div><dt>{escape(str(k))}</dt><dd>{escape(str(v))}</dd></div>" for k, v in told.items())
    return f'<dl class="settings hashes" aria-label="Hashes">{items}</dl>' if items else ""
