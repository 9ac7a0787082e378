"""Charts by season: the matrix of when against season, and the last exam."""

from collections.abc import Mapping

import numpy as np

from agent.monitor.log import Log
from agent.monitor.summary import CEILING, reference_scores, scores
from agent.report.chart import DATE_HOVER, Chart, axis, dates, empty_chart, in_percent, note, tick_format, time_range
from agent.report.palette import GRID, MUTED, REFERENCE, Mark

PANEL_PX = 215


def matrix(log: Log, bank: str, marks: Mapping[str, Mark]) -> Chart:
    """When against season, one panel a learner, in one scale of colours; a dot marks the season at hand."""
    taken = {name: found for name in marks if len((found := scores(log, name, bank))[0])}
    chart = empty_chart(PANEL_PX * max(len(taken), 1) + 70, top_px=34, right_px=10)
    for number, (name, (days, values)) in enumerate(taken.items(), start=1):
        top = 1 - (number - 1) / len(taken)
        _panel(chart, log, number, (top - 0.83 / len(taken), top), is_last=number == len(taken))
        heading = note(f"{marks[name].sign} <b>{name}</b>", colour=marks[name].colour, size_px=14)
        beside = {
            "xref": "paper",
            "yref": "paper",
            "x": 0,
            "y": top,
            "xanchor": "left",
            "yanchor": "bottom",
            "yshift": 3,
        }
        chart["layout"]["annotations"].append(heading | beside)
        _cells(chart, log, number, days, values, name)
    brightest = max((float(np.nanmax(values)) for _, values in taken.values()), default=1.0)
    title = {"text": "mIoU [%]", "side": "right", "font": {"size": 12, "color": MUTED}}
    bar = {"title": title, "len": 1, "y": 0.5, "thickness": 10, "outlinewidth": 0, "tickfont": {"color": MUTED}}
    most = float(np.ceil(10 * brightest) * 10)
    chart["layout"]["coloraxis"] = {"colorscale": "Cividis", "cmin": 0, "cmax": most, "colorbar": bar}
    return chart


def by_phase(log: Log, bank: str, marks: Mapping[str, Mark]) -> Chart:
    """The last exam, season by season: every learner's mark and the converged reference."""
    phases = [phase.name for phase in log.life.phases]
    chart = empty_chart(380, top_px=40, right_px=16)
    last = {name: found[1][-1] for name in marks if len((found := scores(log, name, bank))[0])}
    if last:
        low, high = (in_percent(end(np.stack(list(last.values())), axis=0)) for end in (np.nanmin, np.nanmax))
        for phase, ends in zip(phases, zip(low, high, strict=True), strict=True):
            chart["data"].append(
                {"type": "scatter", "x": ends, "y": [phase, phase], "mode": "lines", "hoverinfo": "skip",
                 "line": {"color": GRID, "width": 5}, "showlegend": False}
            )  # fmt: skip
    ceiling = reference_scores(log, CEILING, bank)
    if ceiling is not None:
        stroke = {"symbol": "line-ns-open", "size": 17, "color": REFERENCE, "line": {"width": 2.5}}
        chart["data"].append(_marked(ceiling, phases, CEILING, stroke))
    for name, row in last.items():
        marker = {"symbol": marks[name].symbol, "size": 12, "color": marks[name].colour}
        chart["data"].append(_marked(row, phases, name, marker))
    chart["layout"] |= {
        "xaxis": axis("mIoU at the last exam [%]", rangemode="tozero", dtick=20),
        "yaxis": axis(autorange="reversed", showgrid=False, type="category"),
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "xanchor": "left"},
    }
    return chart


def _panel(chart: Chart, log: Log, number: int, domain: tuple[float, float], *, is_last: bool) -> None:
    """The axes of one learner's panel; only the lowest names its dates."""
    suffix = "" if number == 1 else str(number)
    below = {"anchor": f"y{suffix}", "showticklabels": is_last, "tickformat": tick_format(log), "showgrid": False}
    title = "date of the exam" if is_last else ""
    chart["layout"][f"xaxis{suffix}"] = axis(title, type="date", range=time_range(log), **below)
    chart["layout"][f"yaxis{suffix}"] = axis(
        autorange="reversed", showgrid=False, type="category", anchor=f"x{suffix}", domain=[round(d, 5) for d in domain]
    )


def _cells(chart: Chart, log: Log, number: int, days: np.ndarray, values: np.ndarray, name: str) -> None:
    suffix = "" if number == 1 else str(number)
    place = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
    phases, when = [phase.name for phase in log.life.phases], dates(log, days)
    hover = f"<b>{name}</b> on %{{y}}<br>{DATE_HOVER}: %{{z:.1f}} % mIoU<extra></extra>"
    now = [phases[s] for s in log.life.phase_of_day[days]]
    dot = {"symbol": "circle", "size": 6, "color": "#ffffff", "line": {"width": 1.2, "color": "#10151a"}}
    chart["data"] += [
        {"type": "heatmap", "name": name, "x": when, "y": phases, "z": in_percent(values.T), "coloraxis": "coloraxis",
         "xgap": 0.5, "ygap": 1.5, "hoverongaps": False, "hovertemplate": hover} | place,
        {"type": "scatter", "x": when, "y": now, "mode": "markers", "name": "now", "marker": dot, "hoverinfo": "skip",
         "showlegend": False} | place,
    ]  # fmt: skip


def _marked(values: np.ndarray, phases: list[str], name: str, marker: dict) -> dict:
    hover = f"<b>{name}</b> on %{{y}}: %{{x:.1f}} %<extra></extra>"
    return {"type": "scatter", "x": in_percent(values), "y": phases, "mode": "markers", "name": name, "marker": marker,
            "hovertemplate": hover}  # fmt: skip
