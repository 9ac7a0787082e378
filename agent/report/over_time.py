"""Charts over the life: what is seen of the season at hand, what is known of the whole year, how the stream goes."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from agent.monitor.log import Log
from agent.monitor.metrics import mean_iou
from agent.monitor.summary import CEILING, reference_scores, scores
from agent.report.chart import Chart, axis, dates, empty_chart, in_percent, note, tick_format, time_range
from agent.report.palette import MUTED, REFERENCE, REFERENCE_MARK, Mark
from agent.report.seasons import South, bands

BLOCK_DAYS = 10  # the stream is pooled over so many days before it is drawn
NAME_PX = 8  # of a letter of a name beside a line
LABEL_GAP = 0.062  # direct labels are kept apart by this share of the axis
NAMED_BAND_DAYS = 25  # a season needs so many days in the life for its name to fit


def season_at_hand(log: Log, bank: str, marks: Mapping[str, Mark], *, south: South) -> Chart:
    """What every learner sees of the season it is in, and the converged reference of that season."""
    chart = _year(log, "mIoU on the season at hand [%]", south=south)
    for learner, mark in marks.items():
        days, matrix = scores(log, learner, bank)
        _line(chart, log, days, matrix[np.arange(len(days)), log.life.phase_of_day[days]], learner, mark)
    ceiling = reference_scores(log, CEILING, bank)
    if ceiling is not None:
        days = np.arange(log.life.commissioning_days, log.life.days)
        _reference(chart, log, days, ceiling[log.life.phase_of_day[days]])
    return _labelled(chart)


def whole_year(log: Log, bank: str, marks: Mapping[str, Mark], *, south: South) -> Chart:
    """What every learner knows of the whole year: the mean over all phases, at every tick."""
    chart = _year(log, "mIoU, mean over all seasons [%]", south=south)
    for learner, mark in marks.items():
        days, matrix = scores(log, learner, bank)
        if len(days):
            _line(chart, log, days, np.nanmean(matrix, axis=1), learner, mark)
    ceiling = reference_scores(log, CEILING, bank)
    if ceiling is not None:
        _reference(
            chart, log, np.array([log.life.commissioning_days, log.life.days - 1]), np.full(2, np.nanmean(ceiling))
        )
    return _labelled(chart)


def stream(log: Log, marks: Mapping[str, Mark], *, south: South) -> Chart:
    """Predict first, then learn: the stream itself, pooled over ten days, beside copying the last true mask."""
    chart = _year(log, "mIoU on the stream [%]", south=south)
    for learner, mark in marks.items():
        _line(chart, log, *_pooled_stream(log, learner, "confusion"), learner, mark, symbols=False)
    told = [learner for learner in marks if log.stream.get(learner)]
    if told:
        _line(chart, log, *_pooled_stream(log, told[0], "copy_confusion"), "copy last", REFERENCE_MARK, symbols=False)
    return _labelled(chart)


def _year(log: Log, title: str, *, south: South) -> Chart:
    """A time axis over the life with the seasons behind it, and the day on which commissioning ends."""
    longest = max(map(len, log.learners), default=0)
    chart = empty_chart(370, top_px=26, right_px=max(96, 30 + NAME_PX * longest))
    layout = chart["layout"]
    for number, (name, first, after) in enumerate(bands(log.life.start, log.life.days, south=south)):
        days = (after - first).days
        if number % 2:
            layout["shapes"].append(
                {"type": "rect", "x0": first.isoformat(), "x1": after.isoformat(), "y0": 0, "y1": 1, "yref": "paper",
                 "fillcolor": "var(--band)", "line": {"width": 0}, "layer": "below"}
            )  # fmt: skip
        if days >= NAMED_BAND_DAYS:
            middle = (first + (after - first) / 2).isoformat()
            layout["annotations"].append(note(name, x=middle, y=1, yref="paper", yanchor="bottom", name=f"band {days}"))
    alone = log.life.date_of(log.life.commissioning_days).isoformat()
    layout["shapes"].append(
        {"type": "line", "x0": alone, "x1": alone, "y0": 0, "y1": 1, "yref": "paper",
         "line": {"color": MUTED, "width": 1, "dash": "dot"}}
    )  # fmt: skip
    layout["annotations"].append(
        note("on its own from here", size_px=11, x=alone, y=0, yref="paper", xanchor="left", yanchor="bottom", xshift=3)
    )
    layout["xaxis"] = axis("date", type="date", range=time_range(log), showgrid=False, tickformat=tick_format(log))
    layout["yaxis"] = axis(title)
    layout |= {"hovermode": "x unified", "showlegend": False}
    return chart


def _line(
    chart: Chart, log: Log, days: NDArray, values: NDArray, name: str, mark: Mark, *, symbols: bool = True
) -> None:
    if len(days):
        chart["data"].append(
            {"type": "scatter", "x": dates(log, days), "y": in_percent(values), "name": name,
             "mode": "lines+markers" if symbols else "lines",
             "line": {"color": mark.colour, "dash": mark.dash, "width": 2.4},
             "marker": {"symbol": mark.symbol, "size": 5, "color": mark.colour},
             "hovertemplate": "%{y:.1f} %", "meta": mark.sign}
        )  # fmt: skip


def _reference(chart: Chart, log: Log, days: NDArray, values: NDArray) -> None:
    chart["data"].append(
        {"type": "scatter", "x": dates(log, days), "y": in_percent(values), "name": "joint", "mode": "lines",
         "line": {"color": REFERENCE, "width": 1.4}, "hovertemplate": "%{y:.1f} %", "meta": REFERENCE_MARK.sign}
    )  # fmt: skip


def _labelled(chart: Chart) -> Chart:
    """Write each line's name beside its end, kept apart from its neighbours."""
    values = [[value for value in trace["y"] if value is not None] for trace in chart["data"]]
    top = max((max(line, default=0.0) for line in values), default=100.0) * 1.06 or 100.0
    chart["layout"]["yaxis"]["range"] = [0, round(top, 2)]
    heights = _kept_apart([line[-1] if line else 0.0 for line in values], LABEL_GAP * top)
    for trace, height in zip(chart["data"], heights, strict=True):
        text, colour = f"{trace['meta']} {trace['name']}", trace["line"]["color"]
        beside = {"x": trace["x"][-1], "xanchor": "left", "xshift": 7, "y": height}
        chart["layout"]["annotations"].append(note(text, colour=colour, size_px=13, **beside))
    return chart


def _kept_apart(values: Sequence[float], gap: float) -> list[float]:
    """Move values up or down as little as keeps neighbours a gap apart, and none below half of one.

    >>> _kept_apart([10.0, 10.0, 50.0], 4.0), _kept_apart([0.0, 0.0], 4.0)
    ([8.0, 12.0, 50.0], [2.0, 6.0])
    """
    placed = np.array(values, dtype=np.float64)
    for _ in range(60):
        placed = np.maximum(placed, gap / 2)
        order = np.argsort(placed, kind="stable")
        short = gap - np.diff(placed[order])
        if not (short > 1e-9).any():
            break
        push = np.clip(short, 0, None) / 2
        placed[order[:-1]] -= push
        placed[order[1:]] += push
    return [round(float(value), 2) for value in placed]


def _pooled_stream(log: Log, learner: str, key: str) -> tuple[NDArray, NDArray]:
    """Middle day and mIoU of every block of days."""
    blocks: dict[int, list[dict]] = {}
    for row in log.stream.get(learner, []):
        blocks.setdefault((row["day"] - log.life.commissioning_days) // BLOCK_DAYS, []).append(row)
    days = [np.mean([row["day"] for row in rows]) for rows in blocks.values()]
    values = [mean_iou(np.sum([np.asarray(row[key]) for row in rows], axis=0)) for rows in blocks.values()]
    return np.array(days), np.array(values, dtype=np.float64)
