"""The lines beside the map: date and hour, weather, tank, and how fast time goes."""

import math
from datetime import timedelta

from garden_env.canvas import BOLD, Canvas, text_width
from garden_env.viewer.layout import Box
from garden_env.viewer.months import MONTHS
from garden_env.viewer.state import Air, Hand, ViewState
from garden_env.viewer.theme import ALARM, INK, LARGE, LINE, MUTED, PAD, PANEL, SMALL, SUN, TEXT, WATER

LOW_TANK = 0.16


def draw_status(canvas: Canvas, box: Box, state: ViewState, hand: Hand) -> None:
    """Draw what a box has room for, the most important first."""
    if box.height < 20:
        return
    canvas.box(box.x, box.y, box.right, box.bottom, PANEL)
    left, right = box.x + PAD, box.right - PAD
    when = state.course.start + timedelta(days=state.day)
    canvas.text(left, box.y + 25, f"{when.day} {MONTHS[when.month - 1]} {when.year}", LARGE, weight=BOLD, colour=INK)
    canvas.text(right, box.y + 24, pace(hand), TEXT, colour=SUN if hand.paused else MUTED, anchor="right")
    if box.height < 44:
        return
    canvas.text(left, box.y + 45, f"{clock(state.hour)}, {weather(state.air)}", TEXT, colour=MUTED)
    if hand.recording:
        canvas.disc(right - 4, box.y + 40, 4, ALARM)
        canvas.text(right - 13, box.y + 45, "recording", SMALL, colour=ALARM, anchor="right")
    if box.height < 80:
        return
    _tank(canvas, left, box.y + 66, right, state.body.tank)
    if box.height >= 112:
        told = hand.picked or doing(state)
        canvas.text(left, box.y + 100, told, TEXT, colour=ALARM if state.body.bumped else INK)
    if box.height >= 134 and hand.picked:
        canvas.text(left, box.y + 120, doing(state), SMALL, colour=MUTED)


def _tank(canvas: Canvas, left: int, y: int, right: int, share: float) -> None:
    """How full it is."""
    told = f"tank {100 * share:.0f} %"
    start = left + text_width("tank 100 %", SMALL) + 10
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
