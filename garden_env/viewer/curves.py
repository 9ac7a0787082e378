"""How well the learner fares, as lines over the days of the calendar below: the present, stability, plasticity."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from garden_env.canvas import BOLD, Canvas, Rgb
from garden_env.viewer.layout import Box
from garden_env.viewer.state import Course, Curve, Mind, ViewState
from garden_env.viewer.strip import column, season_ground
from garden_env.viewer.theme import INK, LINE, MUTED, PAD, PANEL, SMALL, SNOW, TEXT
from garden_env.viewer.words import cut

HEAD, AXIS = 20, 44  # height of the diagnosis, and width of the axis' numbers
LABEL = 13  # height of a label
LOOKS: dict[str, tuple[Rgb, tuple[float, ...]]] = {  # colours of Okabe & Ito, for dark grounds; dashes beside them
    "present": (INK, ()),
    "stability": ((86, 180, 233), (9, 4)),
    "plasticity": ((240, 170, 50), (2.5, 3.5)),
}
OTHERS: tuple[tuple[Rgb, tuple[float, ...]], ...] = (((204, 121, 167), (9, 3, 2, 3)), (SNOW, (5, 3)))

Drawable = tuple[str, bytes, bytes]  # a curve by what it says, so that equal ones are drawn once


def draw_curves(canvas: Canvas, box: Box, state: ViewState) -> None:
    """Draw the curves, with the learner's diagnosis above them; nothing without a learner, or without room."""
    mind = state.mind
    if mind is None or box.height < HEAD + 24:
        return
    drawn = tuple(
        (curve.name, np.asarray(curve.days, float).tobytes(), np.asarray(curve.values, float).tobytes())
        for curve in mind.curves
    )
    canvas.picture(box.x, box.y, _ground(state.course, drawn, box.width, box.height, canvas.scale))
    x = column(box, state.course, state.day + state.hour / 24.0)
    chart = Box(box.x, box.y + HEAD, box.width, box.height - HEAD)
    canvas.line([x, x], [chart.y, chart.bottom], INK, 2)
    ends = [End(curve, *look_of(curve.name, n)) for n, curve in enumerate(mind.curves) if len(curve.days)]
    canvas.text(box.right - 6, box.y + 15, "mIoU", SMALL, colour=MUTED, anchor="right")
    if ends and chart.height < LABEL * len(ends) + 8:  # no room for names beside lines: they matter more than words
        _in_a_row(canvas, box, ends)
        return
    _diagnosis(canvas, box, mind)
    if ends:
        _labels(canvas, chart, ends, x)


class End(NamedTuple):
    """A curve's last value, and how the curve looks."""

    curve: Curve
    rgb: Rgb
    pattern: tuple[float, ...]

    @property
    def value(self) -> float:
        """The last one."""
        return float(self.curve.values[-1])

    @property
    def told(self) -> str:
        """Name and value."""
        return f"{self.curve.name} {100 * self.value:.0f} %"


def look_of(name: str, n: int) -> tuple[Rgb, tuple[float, ...]]:
    """Colour and dashes of a curve: lengths of stroke and gap, none for an unbroken line."""
    return LOOKS.get(name, OTHERS[n % len(OTHERS)])


def _diagnosis(canvas: Canvas, box: Box, mind: Mind) -> None:
    told = mind.diagnosis or ("how it fares is not known before its first exams" if not mind.curves else "")
    said = cut(canvas, told, box.width - 2 * PAD - 60, TEXT)
    canvas.text(box.x + 7, box.y + 15, said, TEXT, colour=INK if mind.diagnosis else MUTED)


@lru_cache(maxsize=4)
def _ground(course: Course, drawn: tuple[Drawable, ...], width: int, height: int, scale: float) -> np.ndarray:
    """The curves without what moves, uint8; drawn anew when there is a new value."""
    whole = Box(0, 0, width, height)
    canvas = Canvas(*whole.pixels(scale)[2:], PANEL, scale=scale)
    chart = Box(0, HEAD, width, height - HEAD)
    season_ground(canvas, chart, course)
    for share in (0.0, 0.5, 1.0) if chart.height >= 50 else (0.0, 1.0):
        y = height_of(chart, share)
        canvas.line([0, width - AXIS], [y, y], LINE)
        canvas.text(width - 6, min(max(y + 4, chart.y + 9), height - 2), f"{100 * share:.0f} %", SMALL, colour=MUTED,
                    anchor="right")  # fmt: skip
    for n, (name, days, values) in enumerate(drawn):
        _curve(canvas, chart, course, Curve(name, np.frombuffer(days), np.frombuffer(values)), n)
    return canvas.pixels


def _curve(canvas: Canvas, chart: Box, course: Course, curve: Curve, n: int) -> None:
    if not len(curve.days):
        return
    colour, pattern = look_of(curve.name, n)
    x = chart.x + chart.width * np.clip(curve.days, 0.0, course.days) / course.days
    y = height_of(chart, np.clip(curve.values, 0.0, 1.0))
    if len(x) == 1:
        canvas.disc(float(x[0]), float(y[0]), 2.5, colour)
    else:
        _stroke(canvas, x, y, colour, pattern)


def height_of(chart: Box, share):
    """Where a share of 1 is drawn: a number or an array of them."""
    return chart.bottom - 4 - share * (chart.height - 8)


def _labels(canvas: Canvas, chart: Box, ends: list[End], now_x: float) -> None:
    """Name and last value of every curve beside its end, apart from each other; left of it where the life is over."""
    ends = sorted(ends, key=lambda end: -end.value)
    widest = max(canvas.width_of(end.told, SMALL, BOLD) for end in ends) + 30
    left = now_x + 8
    if left + widest > chart.right - AXIS:
        left = max(chart.x + 4, now_x - 8 - widest)
    wanted = [float(height_of(chart, min(max(end.value, 0.0), 1.0))) for end in ends]
    for y, end in zip(_apart(wanted, chart), ends, strict=True):
        canvas.veil(left - 3, y - 6, left + widest - 4, y + 7, PANEL, 0.7)
        _label(canvas, left, y, end)


def _in_a_row(canvas: Canvas, box: Box, ends: list[End]) -> None:
    """The same above the chart, as many as there is room for."""
    x = box.x + 7.0
    for end in ends:
        wide = canvas.width_of(end.told, SMALL, BOLD) + 25
        if x + wide > box.right - AXIS:
            return
        _label(canvas, x, box.y + 11, end)
        x += wide + 16


def _label(canvas: Canvas, x: float, y: float, end: End) -> None:
    """A bit of a curve, and its name."""
    _stroke(canvas, np.array([x, x + 20.0]), np.array([y, y]), end.rgb, end.pattern)
    canvas.text(x + 25, y + 4, end.told, SMALL, colour=end.rgb, weight=BOLD)


def _stroke(canvas: Canvas, xs: np.ndarray, ys: np.ndarray, rgb: Rgb, pattern: tuple[float, ...]) -> None:
    if pattern:
        canvas.dashes(xs, ys, rgb, pattern, 2)
    else:
        canvas.line(xs, ys, rgb, 2)


def _apart(wanted: list[float], chart: Box) -> list[float]:
    """Heights as near to those wanted, ascending, as labels can be without touching, and within the chart."""
    placed: list[float] = []
    for y in wanted:
        placed.append(max(y, placed[-1] + LABEL) if placed else max(y, chart.y + 7))
    over = placed[-1] - (chart.bottom - 6)
    if over > 0:
        placed[-1] -= over
        for n in range(len(placed) - 2, -1, -1):
            placed[n] = min(placed[n], placed[n + 1] - LABEL)
    return placed
