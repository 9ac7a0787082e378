"""The calendar of the whole life along the window's foot: seasons, weather, the script, and where it stands."""

from datetime import date
from functools import lru_cache

import numpy as np

from garden_env.canvas import BOLD, Canvas
from garden_env.viewer.layout import Box
from garden_env.viewer.months import MONTHS
from garden_env.viewer.state import Course, Span, ViewState
from garden_env.viewer.theme import (
    ALARM,
    EARTH,
    INK,
    LEAF,
    LINE,
    MUTED,
    PANEL,
    SEASON_RGB,
    SMALL,
    SNOW,
    SUN,
    TEXT,
    WATER,
)  # fmt: skip

HEAD_PX, FOOT_PX = 22, 20
LANE_PX = 15  # a line of the script, or of alarms
FEW_MONTHS_PX = 34  # a month needs so much room for its name


def column(box: Box, course: Course, day: float) -> float:
    """Where a day is drawn [px]."""
    return box.x + box.width * min(max(day, 0.0), course.days) / course.days


def day_at(box: Box, course: Course, x_px: float) -> int:
    """Which day is drawn at a column."""
    return int(min(max((x_px - box.x) / max(box.width, 1), 0.0) * course.days, course.days - 1))


def draw_strip(canvas: Canvas, box: Box, state: ViewState) -> None:
    """Draw the calendar into a box; nothing if it has no room."""
    if box.height < HEAD_PX + FOOT_PX + 20:
        return
    alarms = () if state.mind is None else state.mind.alarms
    canvas.picture(box.x, box.y, _ground(state.course, alarms, box.width, box.height, canvas.scale))
    top, foot = box.y + HEAD_PX, box.bottom - FOOT_PX
    x = column(box, state.course, state.day + state.hour / 24.0)
    canvas.veil(x, top, box.right, foot, PANEL, 0.35)  # what is still to come is dimmer
    canvas.line([x, x], [top - 4 if state.mind is None else box.y, foot + 3], INK, 2)


def season_ground(canvas: Canvas, box: Box, course: Course) -> None:
    """The seasons as dim grounds, over the whole height of a box."""
    for span in course.seasons:
        canvas.box(column(box, course, span.first_day), box.y, column(box, course, span.last_day + 1), box.bottom,
                   SEASON_RGB[span.name])  # fmt: skip


@lru_cache(maxsize=4)
def _ground(course: Course, alarms: tuple[Span, ...], width: int, height: int, scale: float) -> np.ndarray:
    """The calendar without the present, uint8; it stays as long as the script does, and nobody raises an alarm."""
    box = Box(0, 0, width, height)
    canvas = Canvas(*box.pixels(scale)[2:], PANEL, scale=scale)
    top, foot = box.y + HEAD_PX, box.bottom - FOOT_PX
    season_ground(canvas, Box(box.x, top, box.width, foot - top), course)
    for span in course.seasons:
        left, right = column(box, course, span.first_day), column(box, course, span.last_day + 1)
        if right - left > canvas.width_of(span.name, TEXT) + 12:
            canvas.text(left + 7, box.y + 16, span.name, TEXT, colour=MUTED)
    lanes = _lanes(canvas, box, course)
    room = (foot - top) // LANE_PX  # what is left after the script and the alarms is the weather's
    alarm_px = LANE_PX if alarms and room > 1 else 0
    shown = min(max(lanes.values(), default=-1) + 1, 3, room - (alarm_px > 0))
    script_px = max(shown, 0) * LANE_PX
    _weather(canvas, Box(box.x, top + alarm_px, box.width, foot - top - script_px - alarm_px), course)
    for span, lane in lanes.items():
        if lane < shown:
            _event(canvas, box, course, span, foot - script_px + lane * LANE_PX)
    _alarms(canvas, box, course, alarms, top, named=alarm_px > 0)
    _months(canvas, box, course, foot)
    canvas.box(box.x, foot - 3, column(box, course, course.commissioning_days), foot, LEAF)
    return canvas.pixels


def _weather(canvas: Canvas, box: Box, course: Course) -> None:
    """Rain as bars from above, snow as a ground, temperature as a line."""
    if box.height < 16:
        return
    cells = min(course.days, max(box.width // 2, 1))
    cell_of_day = np.arange(course.days) * cells // course.days
    counts = np.bincount(cell_of_day, minlength=cells)
    rain, snow, warm = (
        np.bincount(cell_of_day, values[: course.days], minlength=cells) / counts
        for values in (course.rain_mm, course.snow, course.temperature_c)
    )
    x = box.x + (np.arange(cells) + 0.5) * box.width / cells
    for centre, amount in zip(x, np.minimum(rain / 20.0, 1.0), strict=True):
        if amount > 0.02:
            canvas.box(centre - 1, box.y, centre + 1, box.y + max(1.0, 0.6 * amount * box.height), WATER)
    low = np.full(cells, float(box.bottom))
    if (snow > 0.05).any():
        canvas.area(x, low, low - 0.35 * box.height * snow, SNOW)
    span = max(float(np.ptp(warm)), 10.0)
    y = box.bottom - 4 - (warm - warm.min()) / span * (box.height - 8)
    canvas.line(x, y, SUN, 1)
    if box.height < 34:
        return
    for told, value in ((f"{warm.max():.0f} °C", y.min()), (f"{warm.min():.0f} °C", y.max())):
        canvas.text(box.right - 6, float(np.clip(value + 4, box.y + 10, box.bottom - 2)), told, SMALL, colour=SUN,
                    anchor="right")  # fmt: skip


def _alarms(
    canvas: Canvas, box: Box, course: Course, alarms: tuple[Span, ...], y: float, *, named: bool
) -> None:  # fmt: skip
    """Days on which the learner's monitor raised an alarm, named as far as names keep apart."""
    marks = [column(box, course, span.first_day) for span in alarms]
    for n, (span, x) in enumerate(zip(alarms, marks, strict=True)):
        canvas.polygon(np.array([[x - 4, y], [x + 4, y], [x, y + 8]]), ALARM)
        room = (marks[n + 1] if n + 1 < len(marks) else box.right) - x
        if span.last_day > span.first_day:
            canvas.box(x, y, column(box, course, span.last_day + 1), y + 2, ALARM)
        if named and room > canvas.width_of(span.name, SMALL) + 14:
            canvas.text(x + 7, y + 11, span.name, SMALL, colour=ALARM)


def _lanes(canvas: Canvas, box: Box, course: Course) -> dict:
    """The line of the script in which each of its changes is written, so that names do not overlap."""
    ends: list[float] = []
    lanes = {}
    for span in course.script:
        left = column(box, course, span.first_day)
        lane = next((n for n, end in enumerate(ends) if end < left), len(ends))
        needed = max(column(box, course, span.last_day + 1), left + canvas.width_of(span.name, SMALL) + 14)
        ends[lane : lane + 1] = [needed]
        lanes[span] = lane
    return lanes


def _event(canvas: Canvas, box: Box, course: Course, span, y: float) -> None:
    """A change of the script: from when to when, and its name."""
    left, right = column(box, course, span.first_day), column(box, course, span.last_day + 1)
    canvas.box(left, y + 2, max(right, left + 3), y + 5, EARTH)
    canvas.text(
        min(left + 4, box.right - canvas.width_of(span.name, SMALL) - 4), y + 14, span.name, SMALL, colour=EARTH
    )


def _months(canvas: Canvas, box: Box, course: Course, foot: int) -> None:
    """Ticks at the beginnings of months, named where there is room."""
    month_px = box.width * 30.4 / course.days
    every = next((n for n in (1, 2, 3, 6, 12) if n * month_px >= FEW_MONTHS_PX), 12)
    year, month = course.start.year, course.start.month
    while True:
        month, year = (1, year + 1) if month == 12 else (month + 1, year)
        day = (date(year, month, 1) - course.start).days
        if day >= course.days:
            return
        x = column(box, course, day)
        canvas.line([x, x], [foot, foot + 4], LINE)
        told = MONTHS[month - 1][:3] if month > 1 else str(year)
        if (month - 1) % every == 0 and x + 3 + canvas.width_of(told, SMALL) < box.right:
            canvas.text(x + 3, foot + 14, told, SMALL, colour=INK if month == 1 else MUTED,
                        weight=BOLD if month == 1 else 400)  # fmt: skip
