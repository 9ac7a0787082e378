"""One picture of everything: what the window shows, a screenshot holds and a film is made of."""

import numpy as np

from garden_env.canvas import BOLD, Canvas
from garden_env.viewer.curves import draw_curves
from garden_env.viewer.eye import draw_eye
from garden_env.viewer.layout import Box, Layout, lay_out, scale_of
from garden_env.viewer.mind import draw_mind
from garden_env.viewer.plan import draw_plan
from garden_env.viewer.state import Hand, ViewState
from garden_env.viewer.status import draw_status
from garden_env.viewer.strip import draw_strip
from garden_env.viewer.theme import ALARM, INK, LARGE, LEAF, MUTED, NIGHT, PAD, PANEL, SMALL, TEXT
from garden_env.viewer.words import cut, wrapped

HELP_COLUMN, HELP_HEAD = 296, 46


def layout_of(state: ViewState, hand: Hand, width_px: int, height_px: int) -> Layout:
    """Where everything is in a window of a size."""
    camera, course = state.view.rgb.shape, state.course
    sight = None if state.mind is None else state.mind.sight
    return lay_out(
        width_px, height_px, camera_aspect=camera[1] / camera[0], plan_aspect=course.width_m / course.depth_m,
        hud=hand.hud, mind=state.mind is not None,
        sight_aspect=1.0 if sight is None else sight.rgb.shape[1] / sight.rgb.shape[0],
    )  # fmt: skip


def draw(state: ViewState, hand: Hand, width_px: int, height_px: int) -> np.ndarray:
    """Draw the window, (height_px, width_px, 3) uint8."""
    canvas = Canvas(width_px, height_px, NIGHT, scale=scale_of(width_px, height_px))
    layout = layout_of(state, hand, width_px, height_px)
    draw_eye(canvas, layout.camera, state, hand)
    if hand.hud != "off":
        draw_plan(canvas, layout.plan, state, beliefs=hand.beliefs)
        draw_status(canvas, layout.status, state, hand, mind_line=not layout.words.height)
        draw_strip(canvas, layout.strip, state)
        draw_curves(canvas, layout.curves, state)
        if state.mind is not None:
            draw_mind(canvas, layout, state.mind, hand)
    if state.message:
        _message(canvas, layout.camera, state.message)
    if hand.help:
        _help(canvas, hand.keys)
    return canvas.pixels


def _message(canvas: Canvas, box: Box, message: str) -> None:
    """Something that has to be read, over the camera's picture."""
    lines = wrapped(canvas, message, box.width - 5 * PAD, TEXT)[:8]
    top = box.y + PAD
    canvas.veil(box.x + PAD, top, box.right - PAD, top + 22 + 18 * len(lines), NIGHT, 0.88)
    canvas.box(box.x + PAD, top, box.x + PAD + 4, top + 22 + 18 * len(lines), ALARM)
    for n, line in enumerate(lines):
        canvas.text(box.x + 2 * PAD + 4, top + 24 + 18 * n, line, TEXT, colour=INK)


def _help(canvas: Canvas, keys: tuple[tuple[str, str], ...]) -> None:
    """What the keys do, in as many columns as fit, and rows as low as they must be."""
    height_px, width_px, _ = canvas.pixels.shape
    width, height = width_px / canvas.scale, height_px / canvas.scale
    canvas.veil(0, 0, width, height, NIGHT, 0.6)
    columns = max(1, min(3, int((width - 2 * PAD) // HELP_COLUMN)))
    rows = -(-len(keys) // columns)
    row = min(21.0, (height - HELP_HEAD - PAD) / max(rows, 1))
    size = TEXT if row >= 19 else SMALL
    wide, high = columns * HELP_COLUMN + 2 * PAD, min(rows * row + HELP_HEAD + PAD, height)
    x0, y0 = (width - wide) / 2, (height - high) / 2
    canvas.box(x0, y0, x0 + wide, y0 + high, PANEL)
    canvas.text(x0 + 2 * PAD, y0 + 30, "Keys", LARGE, weight=BOLD, colour=INK)
    for n, (key, does) in enumerate(keys):
        x, y = x0 + 2 * PAD + (n // rows) * HELP_COLUMN, y0 + HELP_HEAD + 12 + (n % rows) * row
        canvas.text(x, y, key, size, weight=BOLD, colour=LEAF)
        after = max(84.0, canvas.width_of(key, size, BOLD) + 8)
        canvas.text(x + after, y, cut(canvas, does, HELP_COLUMN - PAD - after, size), size, colour=MUTED)
