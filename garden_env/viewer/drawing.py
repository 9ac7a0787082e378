"""One picture of everything: what the window shows, a screenshot holds and a film is made of."""

import numpy as np

from garden_env.canvas import BOLD, Canvas, text_width
from garden_env.viewer.eye import draw_eye
from garden_env.viewer.layout import Box, Layout, lay_out
from garden_env.viewer.plan import draw_plan
from garden_env.viewer.state import Hand, ViewState
from garden_env.viewer.status import draw_status
from garden_env.viewer.strip import draw_strip
from garden_env.viewer.theme import ALARM, INK, LARGE, LEAF, MUTED, NIGHT, PAD, PANEL, TEXT


def layout_of(state: ViewState, hand: Hand, width_px: int, height_px: int) -> Layout:
    """Where everything is in a window of a size."""
    camera, course = state.view.rgb.shape, state.course
    plan_aspect = course.width_m / course.depth_m
    return lay_out(width_px, height_px, camera_aspect=camera[1] / camera[0], plan_aspect=plan_aspect, hud=hand.hud)


def draw(state: ViewState, hand: Hand, width_px: int, height_px: int) -> np.ndarray:
    """Draw the window, (height_px, width_px, 3) uint8."""
    canvas = Canvas(width_px, height_px, NIGHT)
    layout = layout_of(state, hand, width_px, height_px)
    draw_eye(canvas, layout.camera, state, hand)
    if hand.hud != "off":
        draw_plan(canvas, layout.plan, state)
        draw_status(canvas, layout.status, state, hand)
        draw_strip(canvas, layout.strip, state)
    if state.message:
        _message(canvas, layout.camera, state.message)
    if hand.help:
        _help(canvas, hand.keys, width_px, height_px)
    return canvas.pixels


def _message(canvas: Canvas, box: Box, message: str) -> None:
    """Something that has to be read, over the camera's picture."""
    lines = _wrapped(message, box.width - 4 * PAD)[:8]
    top = box.y + PAD
    canvas.veil(box.x + PAD, top, box.right - PAD, top + 22 + 18 * len(lines), NIGHT, 0.88)
    canvas.box(box.x + PAD, top, box.x + PAD + 4, top + 22 + 18 * len(lines), ALARM)
    for n, line in enumerate(lines):
        canvas.text(box.x + 2 * PAD + 4, top + 24 + 18 * n, line, TEXT, colour=INK)


def _wrapped(text: str, width_px: int) -> list[str]:
    """Lines no wider than so much, broken between words."""
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and text_width(longer, TEXT) > width_px:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line]


def _help(canvas: Canvas, keys: tuple[tuple[str, str], ...], width_px: int, height_px: int) -> None:
    """What the keys do, in as many columns as fit."""
    canvas.veil(0, 0, width_px, height_px, NIGHT, 0.6)
    row_px, column_px = 21, 300
    columns = max(1, min(2, (width_px - 2 * PAD) // column_px))
    rows = -(-len(keys) // columns)
    width, height = columns * column_px + 2 * PAD, rows * row_px + 62
    x0, y0 = (width_px - width) // 2, max(PAD, (height_px - height) // 2)
    canvas.box(x0, y0, x0 + width, y0 + height, PANEL)
    canvas.text(x0 + 2 * PAD, y0 + 32, "Keys", LARGE, weight=BOLD, colour=INK)
    for n, (key, does) in enumerate(keys):
        x, y = x0 + 2 * PAD + (n // rows) * column_px, y0 + 60 + (n % rows) * row_px
        canvas.text(x, y, key, TEXT, weight=BOLD, colour=LEAF)
        canvas.text(x + 84, y, does, TEXT, colour=MUTED)
