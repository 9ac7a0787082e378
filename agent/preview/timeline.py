"""The lower half of a preview: everything that changes, one lane each, on one axis of time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from agent.hardness import Hardness
from agent.report.seasons import south_on
from garden_env.alter import opened
from garden_env.canvas import BOLD, GRID, INK, MUTED, Canvas, Rgb
from garden_env.garden import Garden
from garden_env.truth import Truth
from scenarios.axes import AXES
from scenarios.seasons import bands
from scenarios.tables import CLASSES

AXIS_RGB, WARM_RGB, RANGE_RGB = (0, 114, 178), (196, 78, 22), (246, 205, 178)
RAIN_RGB, SNOW_RGB, BLOOM_RGB, HARD_RGB = (52, 120, 190), (120, 150, 180), (190, 70, 150), (0, 128, 96)
SEASON_RGB = {
    "winter": (238, 243, 249),
    "spring": (240, 248, 236),
    "summer": (254, 248, 230),
    "autumn": (252, 241, 232),
}
LANE, TALL, GAP = 46, 128, 12
CELLS = 300  # at most so many values across
PLANS = (73, 292)  # ground plans drawn for the class shares: of a short and of a long life


@dataclass(frozen=True)
class Lane:
    """One quantity over time; `paint` draws it into a box x0, y0, x1, y1."""

    name: str
    note: str
    low: str
    high: str
    height: int
    paint: Callable[[Canvas, float, float, float, float], None]


def lanes(garden: Garden, hard: Hardness | None) -> list[Lane]:
    """Every active axis, weather, bloom, class shares, and hardness where it was measured."""
    almanac, days = garden.almanac, garden.scenario.days
    life = slice(0, days)
    found = [_axis(garden, name) for name in almanac.course.active]
    day, lowest = _binned(almanac.tmin_c[life], np.mean)
    highest, mean = _binned(almanac.tmax_c[life], np.mean)[1], _binned(almanac.tmean_c[life], np.mean)[1]
    found.append(_curve("air", "temperature, deg C", day, mean, days, WARM_RGB, span=(lowest, highest)))
    per = "" if len(day) == days else f", mean of {days // len(day)} days"
    rain = _binned(almanac.rain_mm[life], np.mean)[1]
    found.append(_curve("rain", f"mm a day{per}", day, rain, days, RAIN_RGB, filled=True))
    snow = _binned(almanac.swe_mm[life], np.mean)[1]
    found.append(_curve("snow lying", "mm of water", day, snow, days, SNOW_RGB, filled=True, least=1.0))
    bloom = _binned(_bloom(garden), np.mean)[1]
    found.append(_curve("bloom", "share of flowers open", day, bloom, days, BLOOM_RGB, filled=True, least=0.1))
    found.append(_classes(garden))
    if hard is not None:
        found.append(
            _curve("hardness", "mIoU of the commissioned net", hard.days, hard.miou, days, HARD_RGB, top=1.0, tall=True)
        )
    return found


def height_px(rows: list[Lane]) -> int:
    """How much room a timeline takes."""
    return 52 + sum(lane.height + GAP for lane in rows) + 26


def draw_timeline(
    canvas: Canvas, garden: Garden, rows: list[Lane], views: list[int], x0: int, x1: int, top: int
) -> None:
    """Draw lanes between columns x0 and x1, from row `top` down; `views` are marked by their numbers."""
    scenario = garden.scenario
    bottom = top + height_px(rows) - 26
    at = _columns(x0, x1, scenario.days)
    first = top + 40
    for name, begin, end in bands(scenario.start, scenario.days, south=south_on(scenario.model_dump(mode="json"))):
        left, right = (float(at((when - scenario.start).days)) for when in (begin, end))
        canvas.box(left, first, right, bottom, SEASON_RGB[name])
        if right - left > 46:
            canvas.text((left + right) / 2, first - 6, name, 12, colour=MUTED, anchor="middle")
    end = float(at(scenario.commissioning_days))
    canvas.box(x0, first, end, first + 4, INK)
    for day in views:
        x = float(at(day + 0.5))
        canvas.line([x, x], [first, bottom], (205, 208, 212))
    for numbers, x in _grouped([float(at(day + 0.5)) for day in views]):
        canvas.text(x, first - 22, numbers, 11, weight=BOLD, anchor="middle")
    y = first + 8
    for lane in rows:
        canvas.text(x0 - 62, y + 16, lane.name, 14, weight=BOLD, anchor="right")
        canvas.text(x0 - 62, y + 33, lane.note, 11, colour=MUTED, anchor="right")
        canvas.text(x0 - 8, y + 10, lane.high, 11, colour=MUTED, anchor="right")
        canvas.text(x0 - 8, y + lane.height, lane.low, 11, colour=MUTED, anchor="right")
        lane.paint(canvas, x0, y, x1, y + lane.height)
        y += lane.height + GAP
        canvas.line([x0 - 190, x1], [y - GAP / 2, y - GAP / 2], GRID)
    for when, told in _ticks(scenario.start, scenario.days):
        x = float(at((when - scenario.start).days))
        canvas.line([x, x], [bottom, bottom + 5], MUTED)
        canvas.text(x + 2, bottom + 19, told, 12, colour=MUTED)


def _grouped(columns: list[float]) -> list[tuple[str, float]]:
    """Numbers of views and where to write them; those too near each other are written as one, '2-3'."""
    groups: list[list[int]] = []
    for number, x in enumerate(columns):
        if groups and x - columns[groups[-1][-1]] < 22:
            groups[-1].append(number)
        else:
            groups.append([number])
    return [
        (
            f"{group[0] + 1}" + (f"-{group[-1] + 1}" if len(group) > 1 else ""),
            float(np.mean([columns[k] for k in group])),
        )
        for group in groups
    ]


def _columns(x0: float, x1: float, days: int) -> Callable[[np.ndarray | float], np.ndarray]:
    return lambda day: x0 + np.asarray(day, float) / days * (x1 - x0)


def _ticks(start: date, days: int) -> list[tuple[date, str]]:
    """The firsts of months, or of years where those would be too many; a year is named when it begins."""
    dates = [start + timedelta(days=n) for n in range(days)]
    every = next(step for step in (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200) if days / 30.4 / step <= 20)
    ticks, named = [], None
    for day in dates:
        if day.day == 1 and (day.year * 12 + day.month - 1) % every == 0:
            ticks.append(
                (day, f"{day.year}" if every >= 12 else f"{day:%b}" + (f" {day.year}" if day.year != named else ""))
            )
            named = day.year
    return ticks or [(start, f"{start.day} {start:%b %Y}")]


def _binned(values: np.ndarray, how: Callable) -> tuple[np.ndarray, np.ndarray]:
    """Days at the middle of bins, and what the bins hold."""
    size = -(-len(values) // CELLS)
    edges = np.arange(0, len(values), size)
    held = np.array([how(values[edge : edge + size]) for edge in edges])
    return np.minimum(edges + size / 2, len(values)), held


def _axis(garden: Garden, name: str) -> Lane:
    axis, course, days = AXES[name], garden.almanac.course, garden.scenario.days
    values = course.rows(name)[course.before : course.before + days]
    day = np.repeat(np.arange(days), 2) + np.tile([0, 1], days)  # a day is a step: what comes at once shows upright
    low, high = min(values.min(), axis.default), max(values.max(), axis.default)
    unit = f"{axis.unit}, " if axis.unit else ""
    stepped = np.repeat(values, 2)
    note = f"{unit}range {axis.low:g} to {axis.high:g}"
    return _curve(name, note, day, stepped, days, AXIS_RGB, rest=axis.default, limits=(low, high))


def _curve(
    name: str, note: str, day: np.ndarray, values: np.ndarray, days: int, colour: Rgb, *, filled: bool = False,
    span: tuple[np.ndarray, np.ndarray] | None = None, rest: float | None = None, least: float = 0.0,
    limits: tuple[float, float] | None = None, top: float | None = None, tall: bool = False,
) -> Lane:  # fmt: skip
    low, high = limits or (
        (0.0, max(float(values.max()), least)) if filled else (float(values.min()), float(values.max()))
    )
    if span is not None:
        low, high = float(span[0].min()), float(span[1].max())
    if top is not None:
        low, high = 0.0, top
    reach = max(high - low, 1e-9)

    def paint(canvas: Canvas, x0: float, y0: float, x1: float, y1: float) -> None:
        xs = _columns(x0, x1, days)(day)

        def up(value):
            return y1 - (np.asarray(value, float) - low) / reach * (y1 - y0)

        if span is not None:
            canvas.area(xs, up(span[0]), up(span[1]), RANGE_RGB)
        if filled:
            canvas.area(xs, np.full(len(xs), y1), up(values), _pale(colour))
        if rest is not None:
            for column in np.arange(x0, x1, 8):
                canvas.line([column, min(column + 4, x1)], [float(up(rest))] * 2, MUTED)
        canvas.line(xs, up(values), colour, 2)
        if tall:
            for x, y in zip(xs, up(values), strict=True):
                canvas.box(x - 2, y - 2, x + 3, y + 3, colour)

    return Lane(name, note, _short(low), _short(high), TALL if tall else LANE, paint)


def _pale(colour: Rgb) -> Rgb:
    red, green, blue = ((c + 255) // 2 for c in colour)
    return red, green, blue


def _short(value: float) -> str:
    """Three digits, and no exponent: '0.308', '11100'."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _bloom(garden: Garden) -> np.ndarray:
    """Share of flowers open, mean over species, by day, with what the script does to it; (days,)."""
    almanac, course = garden.almanac, garden.almanac.course
    found = np.empty(garden.scenario.days)
    for day in range(len(found)):
        row = min(max(day + round(course.at("plants.phenology_shift_d", day)), 0), almanac.days - 1)
        found[day] = opened(course, day, almanac.bloom[row], almanac.species).mean()
    return found


def _classes(garden: Garden) -> Lane:
    days = garden.scenario.days
    day = np.unique(np.linspace(0, days - 1, int(np.clip(days // 12, *PLANS))).astype(int))
    truth = Truth(garden)
    shares = np.array([truth.plan(int(each)).shares for each in day])
    stacked = shares.cumsum(1)

    def paint(canvas: Canvas, x0: float, y0: float, x1: float, y1: float) -> None:
        xs = _columns(x0, x1, days)(day + 0.5)
        xs[0], xs[-1] = x0, x1
        for row in reversed(CLASSES.values()):  # from the top down, each to the bottom: the next covers its rest
            if shares[:, row.id].any():
                canvas.area(xs, np.full(len(xs), y1), y1 - stacked[:, row.id] * (y1 - y0), row.rgb)

    return Lane("classes", "shares of the ground plan", "0", "1", TALL, paint)
