"""Season by season over the life, and a closer look at the days on which it was asked every day."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from agent.monitor.log import MINI, Log
from agent.monitor.summary import CEILING, past, reference_scores, scores
from agent.report.chart import Chart, axis, dates, empty_chart, tick_format, time_range
from agent.report.palette import REFERENCE_MARK, Mark
from agent.report.parts import chart_html, figure, framed, key_html, panels, tabs
from agent.report.words import long_date
from agent.report.year import labelled, line, reference_line

APART_DAYS = 4  # ticks that are further apart belong to two bursts
FEWEST_TICKS = 4  # a burst shorter than this shows nothing
HEIGHT_PX = 190
FALL = 0.02  # a smaller fall within a burst is not worth a word
CAPTION = (
    "Exams are every few days, and a fall that is made good in between would be missed. So after an alarm or a change "
    "a small exam is held daily: here are those days. The mark is that of the seasons that lay behind. A dip that "
    "recovers is a <i>stability gap</i>: what was known is there, and out of reach while something new is learned."
)
SEASONS_CAPTION = (
    "One season's exam a panel; its own days are shaded. To the right of the shading a line should stay up. The "
    "numbers are those of the chart above."
)


@dataclass(frozen=True)
class Burst:
    """Days on which the small exam was held.

    Attributes:
        first_day: of the life.
        last_day: of the life.
        curves: by learner, days (T,) and mIoU (T,) of the seasons behind it.
    """

    first_day: int
    last_day: int
    curves: dict[str, tuple[NDArray[np.int64], NDArray[np.float64]]]


def by_season(log: Log, bank: str, marks: Mapping[str, Mark]) -> str:
    """A small chart a season, all on one scale; nothing where nothing was examined."""
    curves = {name: found for name in marks if len((found := scores(log, name, bank))[0])}
    if not curves:
        return ""
    ceiling = reference_scores(log, CEILING, bank)
    tops = [float(np.nanmax(matrix)) for _, matrix in curves.values()]
    top = 106 * max([*tops, float(np.nanmax(ceiling)) if ceiling is not None else 0.0])
    figures = []
    for s, phase in enumerate(log.life.phases):
        chart = _small(log, top)
        for name, (days, matrix) in curves.items():
            line(chart, log, days, matrix[:, s], name, marks[name], symbols=False)
        if ceiling is not None and np.isfinite(ceiling[s]):
            ends = np.array([log.life.commissioning_days, log.life.days - 1])
            reference_line(chart, log, ends, np.full(2, ceiling[s]))
        _shade_visits(chart, log, s)
        figures.append(
            framed(phase.name, chart_html(f"season-{s}", chart, f"{phase.name}, mIoU over the life"), "", small=True)
        )
    key = key_html(marks, *([("joint", REFERENCE_MARK)] if ceiling is not None else []))
    return framed("Season by season", key + panels(figures), SEASONS_CAPTION)


def gaps(log: Log, marks: Mapping[str, Mark]) -> str:
    """The bursts, one behind each button; nothing where there were none."""
    found = bursts(log, tuple(marks))
    if not found:
        return ""
    choices = {}
    for number, burst in enumerate(found):
        chart = _zoom(log, burst, marks)
        says = long_date(log.life.date_of(burst.first_day))
        words = f'<p class="told">{escape(falls(burst))}</p>'
        choices[f"{number + 1}: {says}" if len(found) > 1 else says] = figure(
            f"gap-{number}", f"Day by day from {says}", chart, CAPTION, before=words
        )
    return tabs("gaps", "Which days", choices)


def bursts(log: Log, learners: tuple[str, ...]) -> list[Burst]:
    """Stretches of the life in which the small exam was held day after day.

    Args:
        log: the log.
        learners: whose.
    """
    learners = tuple(name for name in learners if (name, MINI) in log.probes)
    taken = {name: found for name in learners if len((found := scores(log, name, MINI))[0])}
    days = np.unique(np.concatenate([found[0] for found in taken.values()])) if taken else np.zeros(0, np.int64)
    stretches = np.split(days, np.flatnonzero(np.diff(days) > APART_DAYS) + 1)
    return [_burst(log, int(s[0]), int(s[-1]), taken) for s in stretches if len(s) >= FEWEST_TICKS]


def falls(burst: Burst) -> str:
    """Who fell by how much within a burst, and whether it came back.

    >>> days = np.arange(4)
    >>> falls(Burst(0, 3, {"er": (days, np.array([0.6, 0.5, 0.55, 0.6])), "ewc": (days, np.full(4, 0.5))}))
    'er fell by 10.0 points on day 1 and was back at its mark by the end; ewc held.'
    """
    says = []
    for name, (days, values) in burst.curves.items():
        lowest = int(np.nanargmin(values)) if np.isfinite(values).any() else 0
        fall, left = values[0] - values[lowest], values[0] - values[-1]
        if not fall > FALL:
            says.append(f"{name} held")
            continue
        back = (
            "was back at its mark by the end" if left <= FALL else f"was still {100 * left:.1f} points down at the end"
        )
        says.append(f"{name} fell by {100 * fall:.1f} points on day {int(days[lowest] - days[0])} and {back}")
    return "; ".join(says) + "." if says else ""


def _burst(log: Log, first: int, last: int, taken: Mapping[str, tuple[NDArray, NDArray]]) -> Burst:
    behind = past(log, np.array([first]))[0]
    curves = {}
    for name, (days, matrix) in taken.items():
        inside = (days >= first) & (days <= last)
        usable = behind & np.isfinite(matrix).all(axis=0)
        chosen = usable if usable.any() else np.isfinite(matrix).all(axis=0)
        if inside.any() and chosen.any():
            curves[name] = days[inside], matrix[inside][:, chosen].mean(axis=1)
    return Burst(first, last, curves)


def _zoom(log: Log, burst: Burst, marks: Mapping[str, Mark]) -> Chart:
    chart = empty_chart(300, top_px=14, right_px=96)
    layout = chart["layout"]
    for name, (days, values) in burst.curves.items():
        line(chart, log, days, values, name, marks[name])
    labelled_from_zero = labelled(chart)
    drawn = [value for _, values in burst.curves.values() for value in values]
    low = max(100 * min(drawn, default=0.0) - 8, 0.0)
    layout["yaxis"] = axis("mIoU of the seasons behind [%]", range=[round(low, 1), layout["yaxis"]["range"][1]])
    ends = dates(log, np.array([burst.first_day, burst.last_day]))
    layout["xaxis"] = axis(type="date", range=ends, showgrid=False, tickformat="%-d %b", nticks=6)
    for alarm in log.alarms:
        if burst.first_day <= alarm["day"] <= burst.last_day:
            _upright(chart, dates(log, np.array([alarm["day"]]))[0], "dot")
    for change in log.changes:
        if burst.first_day <= change["first_day"] <= burst.last_day:
            _upright(chart, dates(log, np.array([change["first_day"]]))[0], "solid")
    layout |= {"hovermode": "x unified", "showlegend": False}
    return labelled_from_zero


def _upright(chart: Chart, day: str, dash: str) -> None:
    """A stroke where a change began (solid) or an alarm came (dotted)."""
    chart["layout"]["shapes"].append(
        {"type": "line", "x0": day, "x1": day, "y0": 0, "y1": 1, "yref": "paper",
         "line": {"color": "var(--muted)", "width": 1.2, "dash": dash}}
    )  # fmt: skip


def _small(log: Log, top: float) -> Chart:
    chart = empty_chart(HEIGHT_PX, top_px=6, right_px=10)
    chart["layout"] |= {"hovermode": "x unified", "showlegend": False}
    chart["layout"]["xaxis"] = axis(
        type="date", range=time_range(log), showgrid=False, tickformat=tick_format(log), nticks=5
    )
    chart["layout"]["yaxis"] = axis("mIoU [%]", range=[0, round(top, 1)], nticks=4)
    return chart


def _shade_visits(chart: Chart, log: Log, phase: int) -> None:
    for visit in log.life.visits:
        if visit.phase == phase:
            first, after = (log.life.date_of(day).isoformat() for day in (visit.first_day, visit.last_day + 1))
            chart["layout"]["shapes"].append(
                {"type": "rect", "x0": first, "x1": after, "y0": 0, "y1": 1, "yref": "paper",
                 "fillcolor": "var(--band-strong)", "line": {"width": 0}, "layer": "below"}
            )  # fmt: skip
