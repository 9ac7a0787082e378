"""One page for several runs: learners side by side with intervals over runs, curves with bands, fronts, warnings."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from agent.monitor.summary import headline_bank
from agent.report import fronts
from agent.report.comparison_charts import dots, over_life, shown
from agent.report.differences import warnings
from agent.report.page import page, template
from agent.report.palette import Mark, marks
from agent.report.parts import figure, panels, section, small_figure
from agent.report.sentences import named_html
from agent.report.several import (
    MEASURES,
    Measure,
    Run,
    Spread,
    ahead,
    costs_over,
    learners_of,
    one_calendar,
    over_runs,
    spread,
)
from agent.report.tables import COSTS, Row, ledger_html, named, table_html
from agent.report.words import BANKS, NOTHING, listed, long_date


def comparison(runs: Sequence[Run]) -> str:
    """The page as text.

    Args:
        runs: at least two, in the order of the page.
    """
    names = learners_of(runs)
    look = marks(names)
    worlds = list(dict.fromkeys(str(run.scenario.get("name", "unknown")) for run in runs))
    bank = headline_bank(runs[0].log)
    warned = "".join(f"<li>{escape(sentence)}</li>" for sentence in warnings(runs))
    body = template("compare.html").substitute(
        worlds=escape(listed(worlds)),
        counted=f"{len(runs)} runs, {len(names)} learner{'' if len(names) == 1 else 's'}",
        warnings=f'<div class="state" role="status"><b>Before you compare</b><ul>{warned}</ul></div>' if warned else "",
        verdict=named_html(verdict(runs), look),
        examined=escape(BANKS.get(bank, bank)),
        sections="".join(
            [
                section("learners", "Learners", "Learners side by side", _learners(runs, look)),
                section("pairs", "Pairs", "Within the same run", _pairs(runs, look)),
                section("year", "Year", "Through the year", _curves(runs, look)),
                section("cost", "Cost", "What it cost", _fronts(runs, look) + _ledger(runs, look)),
                section("runs", "Runs", "The runs", table_html([_run_row(run) for run in runs], "Runs")),
            ]
        ),
    )
    return page(f"Evergreen: {listed(worlds)}, {len(runs)} runs", body, made_from="these runs")


def verdict(runs: Sequence[Run]) -> str:
    """One sentence: where everybody ended, the best first."""
    ranked = _ranked(runs)
    if not ranked:
        return "No exam has been taken in any of these runs."
    ends = [f"{name} at {shown(told)} %" + _single(told, len(runs)) for name, told in ranked]
    return f"Over {len(runs)} runs, whole-year mIoU ended for {listed(ends)}."


def _ranked(runs: Sequence[Run]) -> list[tuple[str, Spread]]:
    told = [(name, found) for name in learners_of(runs) if (found := over_runs(runs, name, MEASURES[0])) is not None]
    return sorted(told, key=lambda entry: -entry[1].mean)


def _single(told: Spread, runs: int) -> str:
    """How many runs a mean is of, where it is not all of them."""
    return "" if len(told.values) == runs else f" (in {len(told.values)} of them)"


def _learners(runs: Sequence[Run], look: Mapping[str, Mark]) -> str:
    rows: list[Row] = []
    for name, mark in look.items():
        found = {measure.heading: over_runs(runs, name, measure) for measure in MEASURES}
        in_runs = sum(name in run.log.learners for run in runs)
        cells = [(f"{m.heading} [{m.unit}]", shown(found[m.heading])) for m in MEASURES]
        rows.append([("learner", named(name, mark, _told(runs, name))), ("runs", str(in_runs)), *cells])
    for name in dict.fromkeys(name for run in runs for name in run.summary["references"]):
        told = spread([level for run in runs if (level := _reference(run, name)) is not None])
        blank = [(f"{m.heading} [{m.unit}]", "") for m in MEASURES[1:]]
        count = str(len(told.values)) if told else "0"
        first = (f"{MEASURES[0].heading} [{MEASURES[0].unit}]", shown(told))
        rows.append([("learner", named(name, None, {})), ("runs", count), first, *blank])
    known = [measure for measure in MEASURES if any(over_runs(runs, name, measure) for name in look)]
    drawn = [small_figure(f"dots-{n}", m.heading, dots(runs, m, look), _reading(m)) for n, m in enumerate(known)]
    return table_html(rows, "Learners over runs") + panels(drawn, tight=True)


def _reading(measure: Measure) -> str:
    return f"{'Right' if measure.more_is_better else 'Left'} is better. Strokes are runs, the mark is their mean."


def _pairs(runs: Sequence[Run], look: Mapping[str, Mark]) -> str:
    """The best learner minus every other: what a run's garden does to all of them cancels out."""
    ranked = _ranked(runs)
    if len(ranked) < 2:
        return ""
    best = ranked[0][0]
    rows: list[Row] = []
    for other, _ in ranked[1:]:
        told = {m.heading: ahead(runs, best, other, m) for m in MEASURES[:4]}
        if told[MEASURES[0].heading] is None:
            continue
        pairs = len(told[MEASURES[0].heading].values)  # type: ignore[union-attr]
        cells = [(f"{m.heading} [points]", _judged(told[m.heading])) for m in MEASURES[:4]]
        rows.append([("minus", named(other, look[other], {})), ("pairs", str(pairs)), *cells])
    if not rows:
        return ""
    words = (
        f'<p class="note">{named_html(best, look)} minus each of the others, run by run. Learners of one run saw the '
        "same frames, so what is hard about a garden is hard for all of them and cancels out: these intervals are "
        "narrower than those above. <b>Bold</b>: the interval excludes zero.</p>"
    )
    return words + table_html(rows, "Differences within runs")


def _judged(told: Spread | None) -> str:
    sure = told is not None and told.half is not None and abs(told.mean) > told.half
    return f"<b>{shown(told)}</b>" if sure else shown(told)


def _curves(runs: Sequence[Run], look: Mapping[str, Mark]) -> str:
    alike = one_calendar(runs)
    left_out = len(runs) - len(alike)
    which = f" Of the {len(alike)} runs that begin on {long_date(alike[0].log.life.start)}." if left_out else ""
    return "".join(
        figure(
            f"over-runs-{name}",
            heading,
            over_life(alike, look, at_hand=at_hand),
            f"{caption} Lines are means over runs; the band is the 95 % interval of the mean.{which}",
        )
        for name, heading, at_hand, caption in (
            ("year", "Knowledge of the whole year", False, "The mean over all seasons of the exam."),
            ("hand", "The season at hand", True, "The mark on the season that is being lived in."),
        )
    )


def _fronts(runs: Sequence[Run], look: Mapping[str, Mark]) -> str:
    figures = []
    for price in fronts.PRICES:
        told = []
        for name in look:
            mark, cost = over_runs(runs, name, MEASURES[0]), costs_over(runs, name, price.key)
            if mark is not None and cost is not None:
                told.append((name, cost.mean, mark.mean, mark.half or 0.0))
        figures.append(fronts.front_html(price, told, look))
    return panels([html for html in figures if html])


def _ledger(runs: Sequence[Run], look: Mapping[str, Mark]) -> str:
    """What a life took, in the mean over the runs that logged it."""
    costs = {name: {key: cost.mean for key in COSTS if (cost := costs_over(runs, name, key))} for name in look}
    return ledger_html(costs, look, {})


def _run_row(run: Run) -> Row:
    hashes, life = run.config.get("hashes", {}), run.log.life
    told = ", ".join(run.log.learners)
    return [
        ("run", f"<b>{escape(run.name)}</b><small>{escape(told)}</small>"),
        ("world", escape(run.world)),
        ("begins", long_date(life.start)),
        ("days lived", f"{run.summary['days_lived'] + 1} of {life.days}"),
        ("frames (hash)", f"<code>{escape(str(hashes.get('place', NOTHING)))}</code>"),
        ("code (hash)", f"<code>{escape(str(hashes.get('code', NOTHING)))}</code>"),
    ]


def _told(runs: Sequence[Run], name: str) -> Mapping[str, Any]:
    return next(run.summary["learners"][name] for run in runs if name in run.summary["learners"])


def _reference(run: Run, name: str) -> float | None:
    told = run.summary["references"].get(name, {"miou": {}})["miou"]
    return told.get(run.summary["headline_bank"], {"mean": None})["mean"]
