"""The lines beside the map: date and hour, weather, tank, and how fast time goes."""

import math
from datetime import timedelta

from garden_env.canvas import BOLD, Canvas, Rgb
from garden_env.viewer.keys import COMMANDS
from garden_env.viewer.layout import Box
from garden_env.viewer.months import MONTHS
from garden_env.viewer.state import Air, Hand, Mind, ViewState
from garden_env.viewer.theme import ALARM, INK, LARGE, LEAF, LINE, MUTED, PAD, PANEL, SMALL, SUN, TEXT, WATER
from garden_env.viewer.words import cut, wrapped

LOW_TANK = 0.16
NAMES = 84  # width of the column of names
HELP = COMMANDS["help"][1]


def draw_status(canvas: Canvas, box: Box, state: ViewState, hand: Hand, *, mind_line: bool = False) -> None:
    """Draw what a box has room for, the most important first.

    Args:
        canvas, box: where.
        state, hand: what.
        mind_line: whether the learner gets a line here, because it has no panel of its own.
    """
    if box.height < 20:
        return
    canvas.box(box.x, box.y, box.right, box.bottom, PANEL)
    left, right, y = box.x + PAD, box.right - PAD, box.y + 25
    y = _date_and_pace(canvas, left, right, y, state, hand, roomy=box.height >= 112)
    lines = _lines(state, mind_line=mind_line)
    if hand.picked and y + 20 * len(lines) + 55 > box.bottom - 4:  # no room below the tank
        lines[0] = hand.picked, INK
    for told, colour in lines:
        y += 20
        if y > box.bottom - 5:
            return
        canvas.text(left, y, cut(canvas, told, right - left, TEXT), TEXT, colour=colour)
    if y + 21 > box.bottom:
        return
    _tank(canvas, left, y + 11, right, state.body.tank)
    y += 35
    for n, (told, colour) in enumerate(((hand.picked, INK), (doing(state), ALARM if state.body.bumped else INK))):
        for line in wrapped(canvas, told, right - left, TEXT) if told else ():
            y += 20
            if y > box.bottom - 4:
                return
            canvas.text(left, y, line, TEXT, colour=MUTED if n and hand.picked else colour)
    _numbers(canvas, left, y + 14, right, box.bottom - 8, numbers(state), _help_key(hand))


def _numbers(
    canvas: Canvas, left: float, y: float, right: float, bottom: float, rows: list[tuple[str, str]], hint: str
) -> None:  # fmt: skip
    """The weather in numbers, as far as there is room, and at the foot which key explains the others."""
    if hint and y + 18 <= bottom:
        canvas.text(left, bottom - 2, hint, SMALL, colour=MUTED)
        bottom -= 20
    for name, value in rows:
        y += 17
        if y > bottom:
            return
        canvas.text(left, y, name, SMALL, colour=MUTED)
        canvas.text(left + NAMES, y, cut(canvas, value, right - left - NAMES, SMALL), SMALL, colour=INK)


def numbers(state: ViewState) -> list[tuple[str, str]]:
    """The moment in numbers: what, and how much."""
    air = state.air
    sun = f"{air.sun_elevation_deg:.0f}° high" if air.sun_elevation_deg >= 0.0 else "below the horizon"
    fell = f"{air.snow_mm:.1f} mm of snow" if air.snow_mm > 0.2 else f"{air.rain_mm:.1f} mm of rain"
    rows = [
        ("sun", sun), ("clouds", f"{100 * air.cloud:.0f} % of the sky"), ("wind", f"{air.wind_m_s:.1f} m/s"),
        ("falls today", fell),
    ]  # fmt: skip
    if air.snow_lies > 0.0:
        rows.append(("snow lies on", f"{100 * air.snow_lies:.0f} % of the ground"))
    return [*rows, ("day", f"{state.day} of {state.course.days}"), ("step", f"{state.step}")]


def _help_key(hand: Hand) -> str:
    """Which key explains the keys."""
    key = next((keys.split()[0] for keys, does in hand.keys if does == HELP), "")
    return f"{key}: all keys" if key else ""


def _date_and_pace(
    canvas: Canvas, left: float, right: float, y: float, state: ViewState, hand: Hand, *, roomy: bool
) -> float:  # fmt: skip
    """The date, and beside or below it how fast time goes; returns the base line of the lower of the two."""
    when, going = state.course.start + timedelta(days=state.day), pace(hand)
    month = MONTHS[when.month - 1]
    dates = f"{when.day} {month} {when.year}", f"{when.day} {month[:3]} {when.year}"
    film = 14 if hand.recording else 0
    beside = right - left - film - canvas.width_of(going, TEXT) - 12
    fits = [date for date in dates if canvas.width_of(date, LARGE, BOLD) <= beside]
    date, size = (fits[0], LARGE) if fits else (dates[0], LARGE) if roomy else (dates[1], TEXT)
    canvas.text(left, y, cut(canvas, date, right - left - film, size, BOLD), size, weight=BOLD, colour=INK)
    if film:
        canvas.disc(right - 4, y - 5, 4, ALARM)
    colour = SUN if hand.paused else MUTED
    if fits or not roomy:
        canvas.text(right - film, y, going, TEXT, colour=colour, anchor="right")
        return y
    canvas.text(left, y + 20, cut(canvas, going, right - left, TEXT), TEXT, colour=colour)
    return y + 20


def _lines(state: ViewState, *, mind_line: bool) -> list[tuple[str, Rgb]]:
    """What stands above the tank, and in which colours."""
    lines = [(f"{clock(state.hour)}, {weather(state.air)}", MUTED)]
    if mind_line and state.mind is not None:
        lines.append((mind_in_a_line(state.mind), LEAF if state.mind.learning else SUN))
    return lines


def mind_in_a_line(mind: Mind) -> str:
    """The learner in a line: its name, how it does, and what it is at.

    >>> mind_in_a_line(Mind("er", present=0.714, doing="learning")), mind_in_a_line(Mind("er", learning=False))
    ('er: mIoU 71 %, learning', 'er: mIoU not known, not learning')
    """
    does = f"{100 * mind.present:.0f} %" if math.isfinite(mind.present) else "not known"
    return f"{mind.learner}: mIoU {does}, {mind.doing or ('learning' if mind.learning else 'not learning')}"


def _tank(canvas: Canvas, left: float, y: float, right: float, share: float) -> None:
    """How full it is."""
    told = f"tank {100 * share:.0f} %"
    start = left + canvas.width_of("tank 100 %", SMALL) + 10
    low = share < LOW_TANK
    canvas.text(left, y + 10, told, SMALL, colour=ALARM if low else MUTED)
    canvas.box(start, y + 1, right, y + 11, LINE)
    canvas.box(start, y + 1, start + share * (right - start), y + 11, ALARM if low else WATER)


def clock(hour: float) -> str:
    """Solar time as people write it.

    >>> clock(6.25)
    '06:15'
    """
    minutes = round(60.0 * (hour % 24.0)) % 1440
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def weather(air: Air) -> str:
    """The weather in a few words.

    >>> weather(Air(30.0, 0.9, 12.4, 6.0, 0.0, 0.0, 2.0))
    'rain, 12 °C'
    """
    if air.snow_mm > 0.2:
        sky = "snow falls"
    elif air.rain_mm > 10.0:
        sky = "heavy rain"
    elif air.rain_mm > 0.3:
        sky = "rain"
    elif air.sun_elevation_deg < 0.0:
        sky = "night"
    else:
        sky = "clear" if air.cloud < 0.25 else "fair" if air.cloud < 0.6 else "overcast"
    lying = ", snow lies" if air.snow_lies > 0.3 else ""
    windy = ", windy" if air.wind_m_s > 6.0 else ""
    return f"{sky}, {air.temperature_c:.0f} °C{lying}{windy}".replace("-0 °C", "0 °C")


def pace(hand: Hand) -> str:
    """Wanted and actual speed.

    >>> pace(Hand(rate=8.0, steps_s=7.6)), pace(Hand(rate=math.inf, steps_s=95.2)), pace(Hand(paused=True))
    ('8 steps/s, has 7.6', 'flat out, has 95 steps/s', 'paused')
    """
    if hand.paused:
        return "paused"
    if hand.steps_s == 0.0:  # not known yet
        return "flat out" if math.isinf(hand.rate) else f"{hand.rate:g} steps/s"
    has = f"{hand.steps_s:.1f}" if hand.steps_s < 20.0 else f"{hand.steps_s:.0f}"
    if math.isinf(hand.rate):
        return f"flat out, has {has} steps/s"
    return f"{hand.rate:g} steps/s, has {has}"


def doing(state: ViewState) -> str:
    """What the robot does, and who drives."""
    body = state.body
    if body.bumped:
        what = "bumped into something"
    elif body.sprayed_l > 0.0:
        what = f"watering, {body.sprayed_l:.0f} l in this step"
    else:
        wilted = int(state.plants.wilted.sum())
        what = "no plant wilts" if not wilted else "1 plant wilts" if wilted == 1 else f"{wilted} plants wilt"
    dead = int((~state.plants.alive).sum())
    if dead:
        what += f", {dead} dead"
    return f"{state.driver}: {what}" if state.driver else what
