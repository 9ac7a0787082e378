"""The figures of a report as Plotly figures whose colours are CSS variables, so that a theme can change them."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from agent.monitor.log import Log
from agent.monitor.metrics import mean_iou
from agent.monitor.summary import CEILING, reference_scores, scores
from agent.report.palette import GRID, INK, MUTED, REFERENCE, REFERENCE_MARK, Mark
from agent.report.seasons import bands
from agent.report.words import percent

BLOCK_DAYS = 10  # the stream is pooled over so many days before it is drawn
LABEL_GAP = 0.062  # direct labels are kept apart by this share of the axis
DATE_HOVER = "%{x|%-d %B %Y}"


def season_at_hand(log: Log, bank: str, marks: Mapping[str, Mark], *, southern: bool) -> go.Figure:
    """What every learner sees of the season it is in, and the converged reference of that season."""
    figure = _over_time(log, "mIoU on the season at hand [%]", southern=southern)
    ceiling = reference_scores(log, CEILING, bank)
    ends: list[tuple[str, float, Mark]] = []
    for learner, mark in marks.items():
        days, matrix = scores(log, learner, bank)
        if len(days):
            now = matrix[np.arange(len(days)), log.life.phase_of_day[days]]
            ends.append(_line(figure, log, days, now, learner, mark))
    if ceiling is not None:
        days = np.arange(log.life.commissioning_days, log.life.days)
        ends.append(_reference(figure, log, days, ceiling[log.life.phase_of_day[days]]))
    _label_ends(figure, ends)
    return figure


def whole_year(log: Log, bank: str, marks: Mapping[str, Mark], *, southern: bool) -> go.Figure:
    """What every learner knows of the whole year: the mean over all phases, at every tick."""
    figure = _over_time(log, "mIoU, mean over all seasons [%]", southern=southern)
    ceiling = reference_scores(log, CEILING, bank)
    ends: list[tuple[str, float, Mark]] = []
    for learner, mark in marks.items():
        days, matrix = scores(log, learner, bank)
        if len(days):
            ends.append(_line(figure, log, days, np.nanmean(matrix, axis=1), learner, mark))
    if ceiling is not None:
        days = np.array([log.life.commissioning_days, log.life.days - 1])
        ends.append(_reference(figure, log, days, np.full(2, np.nanmean(ceiling))))
    _label_ends(figure, ends)
    return figure


def stream(log: Log, marks: Mapping[str, Mark], *, southern: bool) -> go.Figure:
    """Predict first, then learn: the stream itself, pooled over ten days, beside copying the last true mask."""
    figure = _over_time(log, "mIoU on the stream [%]", southern=southern)
    ends: list[tuple[str, float, Mark]] = []
    copied: tuple[NDArray, NDArray] | None = None
    for learner, mark in marks.items():
        days, own = _pooled_stream(log, learner, "confusion")
        if len(days):
            ends.append(_line(figure, log, days, own, learner, mark, markers=False))
            copied = _pooled_stream(log, learner, "copy_confusion")
    if copied is not None:
        ends.append(_line(figure, log, *copied, "copy last", REFERENCE_MARK, markers=False))
    _label_ends(figure, ends)
    return figure


def matrix(log: Log, bank: str, marks: Mapping[str, Mark]) -> go.Figure:
    """When against season, one panel a learner; a dot marks the season at hand."""
    names = [name for name in marks if len(scores(log, name, bank)[0])]
    panels = max(len(names), 1)
    figure = make_subplots(rows=panels, shared_xaxes=True, vertical_spacing=0.30 / panels**1.3)
    phases = [phase.name for phase in log.life.phases]
    top = max((float(np.nanmax(scores(log, name, bank)[1])) for name in names), default=1.0)
    for row, name in enumerate(names, start=1):
        days, values = scores(log, name, bank)
        when = _dates(log, days)
        figure.add_heatmap(
            x=when, y=phases, z=_percent(values.T), coloraxis="coloraxis",
            xgap=0.5, ygap=1.5, row=row, col=1, hoverongaps=False,
            hovertemplate=f"<b>{name}</b> on %{{y}}<br>{DATE_HOVER}: %{{z:.1f}} % mIoU<extra></extra>",
        )  # fmt: skip
        figure.add_scatter(
            x=when, y=[phases[s] for s in log.life.phase_of_day[days]], mode="markers", row=row, col=1, name="now",
            marker={"symbol": "circle", "size": 6, "color": "#ffffff", "line": {"width": 1.2, "color": "#10151a"}},
            hoverinfo="skip", showlegend=False,
        )  # fmt: skip
        figure.update_yaxes(autorange="reversed", showgrid=False, ticks="", row=row, col=1)
        figure.update_xaxes(showgrid=False, ticks="", row=row, col=1, range=_time_range(log), tickformat="%b\n%Y")
        top_of_panel = next(figure.select_yaxes(row=row, col=1)).domain[1]
        figure.add_annotation(
            text=f"{marks[name].sign} <b>{name}</b>", xref="paper", yref="paper", x=0, y=top_of_panel, xanchor="left",
            yanchor="bottom", yshift=3, showarrow=False, font={"color": marks[name].colour, "size": 14},
        )  # fmt: skip
    title = {"text": "mIoU [%]", "side": "right", "font": {"size": 12, "color": MUTED}}
    bar = {"title": title, "thickness": 10, "outlinewidth": 0, "len": 1, "y": 0.5, "tickfont": {"color": MUTED}}
    brightest = float(np.ceil(10 * top) * 10)
    figure.update_layout(coloraxis={"colorscale": "Cividis", "cmin": 0, "cmax": brightest, "colorbar": bar})
    figure.update_xaxes(title_text="date of the exam", row=panels, col=1)
    _plain(figure, 215 * panels + 70, top=34, right=10)
    return figure


def by_phase(log: Log, bank: str, marks: Mapping[str, Mark]) -> go.Figure:
    """The last exam, season by season: every learner's mark and the converged reference."""
    phases = [phase.name for phase in log.life.phases]
    figure = go.Figure()
    last = {name: found[1][-1] for name in marks if len((found := scores(log, name, bank))[0])}
    for s, phase in enumerate(phases):
        values = [row[s] for row in last.values()]
        figure.add_scatter(
            x=_percent([min(values, default=0), max(values, default=0)]), y=[phase, phase], mode="lines",
            line={"color": GRID, "width": 5}, hoverinfo="skip", showlegend=False,
        )  # fmt: skip
    ceiling = reference_scores(log, CEILING, bank)
    if ceiling is not None:
        figure.add_scatter(
            x=_percent(ceiling), y=phases, mode="markers", name=CEILING,
            marker={"symbol": "line-ns-open", "size": 17, "color": REFERENCE, "line": {"width": 2.5}},
            hovertemplate=f"{CEILING} on %{{y}}: %{{x:.1f}} %<extra></extra>",
        )  # fmt: skip
    for name, row in last.items():
        figure.add_scatter(
            x=_percent(row), y=phases, mode="markers", name=name,
            marker={"symbol": marks[name].symbol, "size": 12, "color": marks[name].colour},
            hovertemplate=f"<b>{name}</b> on %{{y}}: %{{x:.1f}} %<extra></extra>",
        )  # fmt: skip
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(title_text="mIoU at the last exam [%]", rangemode="tozero", dtick=20)
    figure.update_layout(legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "xanchor": "left"})
    _plain(figure, 380, top=40, right=16)
    return figure


def _over_time(log: Log, title: str, *, southern: bool) -> go.Figure:
    figure = go.Figure()
    for number, (name, first, after) in enumerate(bands(log.life.start, log.life.days, southern=southern)):
        if number % 2:
            figure.add_vrect(x0=first, x1=after, fillcolor="var(--band)", line_width=0, layer="below")
        if (after - first).days > 24:
            figure.add_annotation(
                x=first + (after - first) / 2, y=1, yref="paper", yanchor="bottom", text=name, showarrow=False,
                font={"color": MUTED, "size": 12}, name=f"band {(after - first).days}",
            )  # fmt: skip
    alone = log.life.date_of(log.life.commissioning_days)
    figure.add_vline(x=alone.isoformat(), line={"color": MUTED, "width": 1, "dash": "dot"})
    figure.add_annotation(
        x=alone.isoformat(), y=0, yref="paper", yanchor="bottom", xanchor="left", xshift=3, text="on its own from here",
        showarrow=False, font={"color": MUTED, "size": 11},
    )  # fmt: skip
    figure.update_xaxes(range=_time_range(log), title_text="date", showgrid=False, tickformat="%b\n%Y")
    figure.update_yaxes(title_text=title, rangemode="tozero")
    _plain(figure, 370, top=26, right=96)
    figure.update_layout(hovermode="x unified", showlegend=False)
    return figure


def _line(
    figure: go.Figure, log: Log, days: NDArray, values: NDArray, name: str, mark: Mark, *, markers: bool = True
) -> tuple[str, float, Mark]:
    figure.add_scatter(
        x=_dates(log, days), y=_percent(values), name=name, mode="lines+markers" if markers else "lines",
        line={"color": mark.colour, "dash": mark.dash, "width": 2.4},
        marker={"symbol": mark.symbol, "size": 5, "color": mark.colour},
        hovertemplate="%{y:.1f} %",
    )  # fmt: skip
    return name, 100 * float(values[-1]), mark


def _reference(figure: go.Figure, log: Log, days: NDArray, values: NDArray) -> tuple[str, float, Mark]:
    figure.add_scatter(
        x=_dates(log, days), y=_percent(values), name=CEILING, mode="lines",
        line={"color": REFERENCE, "width": 1.4}, hovertemplate="%{y:.1f} %",
    )  # fmt: skip
    return "joint", 100 * float(values[-1]), REFERENCE_MARK


def _label_ends(figure: go.Figure, ends: Sequence[tuple[str, float, Mark]]) -> None:
    """Write each line's name beside its end, kept apart from its neighbours."""
    traces: list[Any] = list(figure.select_traces())
    drawn = [max(trace.y) for trace in traces if trace.y]
    top = max(drawn, default=100.0) * 1.06
    figure.update_yaxes(range=[0, top])
    heights = _kept_apart([end for _, end, _ in ends], LABEL_GAP * top)
    for (name, end, mark), height in zip(ends, heights, strict=True):
        figure.add_annotation(
            x=1, xref="paper", xanchor="left", xshift=6, y=height, text=f"{mark.sign} {name}", showarrow=False,
            font={"color": mark.colour, "size": 13}, hovertext=f"{percent(end / 100)} %",
        )  # fmt: skip


def _kept_apart(values: Sequence[float], gap: float) -> list[float]:
    """Move values up or down as little as keeps neighbours a gap apart.

    >>> _kept_apart([10.0, 10.0, 50.0], 4.0)
    [8.0, 12.0, 50.0]
    """
    placed = np.array(values, dtype=np.float64)
    for _ in range(60):
        order = np.argsort(placed, kind="stable")
        short = gap - np.diff(placed[order])
        if not (short > 1e-9).any():
            break
        push = np.clip(short, 0, None) / 2
        placed[order[:-1]] -= push
        placed[order[1:]] += push
    return [round(float(value), 6) for value in placed]


def _pooled_stream(log: Log, learner: str, key: str) -> tuple[NDArray, NDArray]:
    """Middle day and mIoU of every block of days."""
    blocks: dict[int, list[dict]] = {}
    for row in log.stream.get(learner, []):
        blocks.setdefault((row["day"] - log.life.commissioning_days) // BLOCK_DAYS, []).append(row)
    days = [np.mean([row["day"] for row in rows]) for rows in blocks.values()]
    values = [mean_iou(np.sum([np.asarray(row[key]) for row in rows], axis=0)) for rows in blocks.values()]
    return np.array(days), np.array(values, dtype=np.float64)


def _dates(log: Log, days: NDArray) -> list[str]:
    return [log.life.date_of(round(float(day))).isoformat() for day in days]


def _time_range(log: Log) -> list[str]:
    return [log.life.start.isoformat(), (log.life.start + timedelta(days=log.life.days)).isoformat()]


def _percent(values: Sequence[float] | NDArray) -> list:
    """Percentages with two decimals as plain lists, so that the page stays readable and small."""
    return np.round(100 * np.asarray(values, dtype=np.float64), 2).tolist()


def _plain(figure: go.Figure, height_px: int, *, top: int, right: int) -> None:
    clear = "rgba(0,0,0,0)"
    figure.update_layout(
        template="none", height=height_px, paper_bgcolor=clear, plot_bgcolor=clear, dragmode=False,
        margin={"l": 8, "r": right, "t": top, "b": 8},
        font={"family": "var(--sans)", "size": 13, "color": INK},
        hoverlabel={"bgcolor": "var(--card)", "bordercolor": GRID, "font": {"color": INK}},
    )  # fmt: skip
    figure.update_xaxes(
        automargin=True, gridcolor=GRID, zeroline=False, linecolor=GRID, tickfont={"color": MUTED},
        title_font={"color": MUTED, "size": 12}, fixedrange=True,
    )  # fmt: skip
    figure.update_yaxes(
        automargin=True, gridcolor=GRID, zeroline=False, tickfont={"color": MUTED},
        title_font={"color": MUTED, "size": 12}, fixedrange=True,
    )  # fmt: skip
