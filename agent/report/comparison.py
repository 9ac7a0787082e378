"""One page for several runs: learners side by side with intervals over runs, curves with bands, fronts, warnings."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from agent.monitor.summary import headline_bank
from agent.report import fronts
from agent.report.chart import Chart, axis, dates, empty_chart, in_percent
from agent.report.page import page, template
from agent.report.palette import Mark, marks
from agent.report.parts import figure, panels, section, small_figure
from agent.report.report import named_html
from agent.report.seasons import south_on
from agent.report.several import (
    MEASURES, Measure, Run, Spread, ahead, costs_over, curves, learners_of, one_calendar, over_runs, spread, warnings,
)  # fmt: skip
from agent.report.tables import Row, named, table_html
from agent.report.words import BANKS, NOTHING, listed, long_date, percent
from agent.report.year import labelled, line, year_chart

BAND_OPACITY = 0.17


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
                section("cost", "Cost", "What it cost", _fronts(runs, look)),
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


def shown(told: Spread | None, digits: int = 1) -> str:
    """A mean with half its interval, times 100.

    >>> shown(spread([0.5, 0.54, 0.58])), shown(spread([0.5])), shown(None)
    ('54.0 ± 9.9', '50.0', '–')
    """
    if told is None:
        return NOTHING
    return percent(told.mean, digits) + ("" if told.half is None else f" ± {percent(told.half, digits)}")


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
    dots = [small_figure(f"dots-{n}", m.heading, _dots(runs, m, look), _reading(m)) for n, m in enumerate(MEASURES)
            if any(over_runs(runs, name, m) for name in look)]  # fmt: skip
    return table_html(rows, "Learners over runs") + panels(dots, tight=True)


def _reading(measure: Measure) -> str:
    return f"{'Right' if measure.more_is_better else 'Left'} is better. Strokes are runs, the mark is their mean."


def _dots(runs: Sequence[Run], measure: Measure, look: Mapping[str, Mark]) -> Chart:
    """A row a learner: every run, the mean and its interval."""
    chart = empty_chart(64 + 34 * len(look), top_px=6, right_px=14)
    for name, mark in look.items():
        told = over_runs(runs, name, measure)
        if told is None:
            continue
        chart["data"].append(
            {"type": "scatter", "x": in_percent(told.values), "y": [name] * len(told.values), "mode": "markers",
             "marker": {"symbol": "line-ns-open", "size": 18, "color": mark.colour, "line": {"width": 1.4}},
             "hoverinfo": "skip"}
        )  # fmt: skip
        half = {} if told.half is None else {
            "error_x": {"type": "data", "array": in_percent([told.half]), "color": mark.colour, "thickness": 2, "width": 6}
        }  # fmt: skip
        chart["data"].append(
            {"type": "scatter", "x": in_percent([told.mean]), "y": [name], "mode": "markers", "name": measure.heading,
             "marker": {"symbol": mark.symbol, "size": 13, "color": mark.colour},
             "hovertemplate": f"<b>{name}</b>: {shown(told)} {measure.unit}<extra></extra>"} | half
        )  # fmt: skip
    chart["layout"]["xaxis"] = axis(f"{measure.heading} [{measure.unit}]", nticks=6)
    chart["layout"]["yaxis"] = axis(
        type="category", categoryorder="array", categoryarray=list(look)[::-1], showgrid=False,
        range=[-0.6, len(look) - 0.4],
    )  # fmt: skip
    chart["layout"]["showlegend"] = False
    return chart


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
        f'<p class="note">{named_html(best, look)} minus each of the others, run by run. Learners of one run saw the same '
        "frames, so what is hard about a garden is hard for all of them and cancels out: these intervals are narrower "
        "than those above. <b>Bold</b>: the interval excludes zero.</p>"
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
            _curve_chart(alike, look, at_hand=at_hand),
            f"{caption} Lines are means over runs; the band is the 95 % interval of the mean.{which}",
        )
        for name, heading, at_hand, caption in (
            ("year", "Knowledge of the whole year", False, "The mean over all seasons of the exam."),
            ("hand", "The season at hand", True, "The mark on the season that is being lived in."),
        )
    )


def _curve_chart(runs: Sequence[Run], look: Mapping[str, Mark], *, at_hand: bool) -> Chart:
    log = runs[0].log
    title = "mIoU on the season at hand [%]" if at_hand else "mIoU, mean over all seasons [%]"
    chart = year_chart(log, title, south=south_on(runs[0].scenario))
    chart["layout"]["margin"]["r"] = max(96, 30 + 8 * max(map(len, look)))
    bands: list[dict[str, Any]] = []
    for name, mark in look.items():
        days, mean, half = curves(runs, name, at_hand=at_hand)
        line(chart, log, days, mean, name, mark, symbols=False)
        if half is not None and len(days):
            bands.append(_band(dates(log, days), mean, half, mark))
    chart = labelled(chart)
    chart["data"] = bands + chart["data"]
    highest = max((value for band in bands for value in band["y"]), default=0.0)
    chart["layout"]["yaxis"]["range"][1] = max(chart["layout"]["yaxis"]["range"][1], min(round(highest + 2, 1), 102))
    return chart


def _band(when: list[str], mean: np.ndarray, half: np.ndarray, mark: Mark) -> dict[str, Any]:
    """There along the upper edge and back along the lower."""
    edge = in_percent(np.concatenate([mean + half, (mean - half)[::-1]]))
    return {
        "type": "scatter", "x": [*when, *when[::-1]], "y": edge, "mode": "lines", "fill": "toself", "opacity": BAND_OPACITY,
        "fillcolor": mark.colour, "line": {"width": 0, "color": mark.colour}, "hoverinfo": "skip", "showlegend": False,
    }  # fmt: skip


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
