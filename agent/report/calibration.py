"""Whether a learner knows when it does not know: confidence against how often it was right."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.monitor.calibration import expected_error
from agent.monitor.log import Log
from agent.report.blocks import by_blocks
from agent.report.chart import Chart, axis, empty_chart, in_percent, note, tick_format, time_range
from agent.report.palette import REFERENCE, Mark
from agent.report.parts import key_html, panels, small_figure
from agent.report.tables import Row, named, table_html
from agent.report.words import NOTHING, percent
from agent.report.year import line

CAPTION = (
    "Of all pixels of the stream that a learner was so sure of (across), the share that it was right about (up). On "
    "the line it can be believed; below it is surer than it should be. Larger dots hold more pixels. <i>ECE</i> is the "
    "mean distance from the line, each dot weighing as many pixels as it holds."
)
OVER_CAPTION = (
    "Mean confidence minus the share of right pixels, pooled over ten days. Above zero it was surer than it should "
    "have been. A learner that does not notice that the season has turned rises here first."
)
HEIGHT_PX = 340
FEWEST_SHARE = 2e-4  # a dot for fewer pixels than this is chance


@dataclass(frozen=True)
class Reliability:
    """A learner's confidence and how it turned out, over the stream.

    Attributes:
        pixels: (B,) in each of the bins of confidence.
        confidence: (B,) mean confidence, NaN in an empty bin.
        right: (B,) share of right pixels, NaN in an empty bin.
        ece: expected calibration error, sum over bins of pixels/all * |right - confidence| (Guo et al. 2017, eq. 5).
        classwise: the same by predicted class, mean over the classes that were predicted.
        surplus: mean confidence minus share of right pixels; above 0 it is too sure.
        entropy: mean entropy of the predictions [nats], or None.
    """

    pixels: NDArray[np.float64]
    confidence: NDArray[np.float64]
    right: NDArray[np.float64]
    ece: float
    classwise: float
    surplus: float
    entropy: float | None


def section(log: Log, marks: Mapping[str, Mark]) -> str:
    """The diagram and its table; nothing where the stream was not asked for its confidence."""
    found = {name: told for name in marks if (told := reliability(log, name)) is not None}
    if not found:
        return ""
    rows = [_row(name, marks[name], told) for name, told in found.items()]
    drawn = [small_figure("calibration", "Can it be believed?", _chart(found, marks), CAPTION)]
    over = {name: surplus for name in found if len((surplus := surplus_over_life(log, name))[0]) > 1}
    if over:
        drawn.append(small_figure("too-sure", "When it was too sure", _over_life(log, over, marks), OVER_CAPTION))
    return (
        key_html({name: marks[name] for name in found}) + panels(drawn) + table_html(rows, "Calibration", cards=False)
    )


def reliability(log: Log, learner: str) -> Reliability | None:
    """Pool a learner's days; None where it logged no confidence.

    Args:
        log: rows of the stream may carry `reliability`, (C, B, 3): pixels, summed confidence and right pixels by
            predicted class and bin.
        learner: whose.
    """
    rows = [row for row in log.stream.get(learner, []) if row.get("reliability") is not None]
    if not rows:
        return None
    cells = np.sum([np.asarray(row["reliability"], dtype=np.float64) for row in rows], axis=0)
    pixels, confidence, right = np.moveaxis(cells.sum(axis=0), -1, 0)
    total = pixels.sum()
    if not total:
        return None
    by_class = cells[cells[:, :, 0].sum(axis=1) > 0]
    told = [(row["entropy"], row["frames"]) for row in rows if row.get("entropy") is not None and row["frames"]]
    return Reliability(
        pixels,
        _over(confidence, pixels),
        _over(right, pixels),
        ece=expected_error(cells),
        classwise=float(np.mean([expected_error(bins) for bins in by_class])),
        surplus=float((confidence.sum() - right.sum()) / total),
        entropy=float(np.average([value for value, _ in told], weights=[n for _, n in told])) if told else None,
    )


def surplus_over_life(log: Log, learner: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean confidence minus share of right pixels, by block of ten days: middle days (T,) and shares of 1 (T,)."""

    def surplus(cells: NDArray) -> float:
        pixels, confidence, right = cells.sum(axis=(0, 1))
        return (confidence - right) / pixels if pixels else np.nan

    days, values = by_blocks(log, learner, "reliability", surplus)
    return days[np.isfinite(values)], values[np.isfinite(values)]


def _over(values: NDArray, pixels: NDArray) -> NDArray[np.float64]:
    return np.divide(values, pixels, out=np.full(values.shape, np.nan), where=pixels > 0)


def _chart(found: Mapping[str, Reliability], marks: Mapping[str, Mark]) -> Chart:
    chart = empty_chart(HEIGHT_PX, top_px=10, right_px=16)
    layout = chart["layout"]
    chart["data"].append(
        {"type": "scatter", "x": [0, 100], "y": [0, 100], "mode": "lines", "hoverinfo": "skip", "showlegend": False,
         "line": {"color": REFERENCE, "width": 1.4}}
    )  # fmt: skip
    layout["annotations"].append(note("as sure as right", x=34, y=34, xanchor="right", yanchor="bottom", size_px=11))
    for name, told in found.items():
        share = told.pixels / told.pixels.sum()
        kept = share >= FEWEST_SHARE
        mark = marks[name]
        chart["data"].append(
            {"type": "scatter", "x": in_percent(told.confidence[kept]), "y": in_percent(told.right[kept]),
             "name": f"{name}, ECE {percent(told.ece)}", "mode": "lines+markers",
             "line": {"color": mark.colour, "dash": mark.dash, "width": 2},
             "marker": {"symbol": mark.symbol, "color": mark.colour,
                        "size": np.round(5 + 18 * np.sqrt(share[kept]), 1).tolist()},
             "hovertemplate": f"<b>{name}</b>: %{{x:.0f}} % sure, %{{y:.0f}} % right<extra></extra>"}
        )  # fmt: skip
    layout["xaxis"] = axis("how sure it was [%]", range=[0, 102], dtick=20)
    layout["yaxis"] = axis("how often it was right [%]", range=[0, 102], dtick=20)
    layout["showlegend"] = False
    return chart


def _over_life(log: Log, over: Mapping[str, tuple[NDArray, NDArray]], marks: Mapping[str, Mark]) -> Chart:
    chart = empty_chart(HEIGHT_PX, top_px=10, right_px=12)
    layout = chart["layout"]
    for name, (days, values) in over.items():
        line(chart, log, days, values, name, marks[name], symbols=False)
    for trace in chart["data"]:
        trace["hovertemplate"] = "%{y:.1f} points"
    layout["xaxis"] = axis(type="date", range=time_range(log), showgrid=False, tickformat=tick_format(log), nticks=6)
    layout["yaxis"] = axis("sure − right [points]", rangemode="tozero", zeroline=True, zerolinecolor=REFERENCE)
    layout |= {"hovermode": "x unified", "showlegend": False}
    return chart


def _row(name: str, mark: Mark, told: Reliability) -> Row:
    entropy = NOTHING if told.entropy is None else f"{told.entropy:.2f}"
    return [
        ("learner", named(name, mark, {})),
        ("ECE [points]", percent(told.ece)),
        ("ECE by class, mean [points]", percent(told.classwise)),
        ("sure − right [points]", percent(told.surplus)),
        ("mean entropy [nats]", entropy),
    ]
