"""The robot's camera: as it is, with the truth or what the net says laid over it, one class alone, or other seasons."""

import cv2
import numpy as np

from garden_env.canvas import BOLD, Canvas
from garden_env.viewer.layout import Box
from garden_env.viewer.overlays import Layer, layer_of, why_none
from garden_env.viewer.state import OF_THE_MIND, Hand, View, ViewState
from garden_env.viewer.theme import INK, MUTED, NIGHT, PANEL, SMALL, TEXT
from garden_env.viewer.tints import VEIL, alone, classes_there, tinted
from garden_env.viewer.words import ROW, Entry, cut, draw_rows, rows_of


def draw_eye(canvas: Canvas, box: Box, state: ViewState, hand: Hand) -> None:
    """Draw the camera's picture into a box, as the overlay wants it."""
    if hand.overlay == "seasons" and state.seasons:
        _four(canvas, box, state.seasons, hand.solo)
        return
    layer = layer_of(state, hand) if hand.overlay in OF_THE_MIND else None
    if layer is None:
        _put(canvas, box, overlaid(state.view, hand))
        legend = _classes(state.view, hand.solo) if hand.overlay == "truth" or hand.solo is not None else []
    else:
        _put(canvas, box, layer.picture)
        legend = layer.legend
    y = box.y
    if state.view.title:
        canvas.veil(box.x, y, box.right, y + 30, NIGHT, 0.7)
        canvas.text(box.x + 12, y + 20, state.view.title, TEXT, colour=INK, weight=BOLD)
        y += 30
    if hand.overlay not in ("plain", "seasons"):
        _tag(canvas, box, y, _caption(state, hand, layer))
    if legend:
        _legend(canvas, box, legend, layer)


def overlaid(view: View, hand: Hand) -> np.ndarray:
    """A picture with what needs no learner laid over it, (H, W, 3) uint8."""
    rgb = view.rgb
    if hand.overlay == "truth":
        rgb = tinted(rgb, view.truth, VEIL)
    if hand.solo is not None:
        rgb = alone(rgb, view.truth == hand.solo)
    return rgb


def _caption(state: ViewState, hand: Hand, layer: Layer | None) -> str:
    """What lies over the picture, in words."""
    if hand.overlay not in OF_THE_MIND:
        return hand.overlay
    if layer is None:
        return f"{hand.overlay}: {why_none(state)}"
    assert state.mind is not None, "a layer without a mind"
    ago = "" if not layer.steps_ago else f", {layer.steps_ago} step{'s' * (layer.steps_ago != 1)} ago"
    return f"{hand.overlay} of {state.mind.learner}{ago}"


def _tag(canvas: Canvas, box: Box, y: float, text: str) -> None:
    """A name in the upper left corner of a picture."""
    told = cut(canvas, text, box.width - 24, SMALL)
    canvas.veil(box.x, y, box.x + canvas.width_of(told, SMALL) + 18, y + 20, NIGHT, 0.72)
    canvas.text(box.x + 9, y + 14, told, SMALL, colour=INK)


def _put(canvas: Canvas, box: Box, rgb: np.ndarray) -> None:
    """A picture into a box; enlarged without smoothing, so that a pixel stays what it is, and made smaller with it."""
    _, _, width_px, height_px = box.pixels(canvas.scale)
    if abs(rgb.shape[0] - height_px) > 2 or abs(rgb.shape[1] - width_px) > 2:  # what rounding and gaps may cost is cut
        how = cv2.INTER_NEAREST if width_px >= rgb.shape[1] else cv2.INTER_AREA
        rgb = cv2.resize(np.ascontiguousarray(rgb), (width_px, height_px), interpolation=how)
    canvas.picture(box.x, box.y, rgb[:height_px, :width_px])


def _four(canvas: Canvas, box: Box, views: tuple[View, ...], solo: int | None) -> None:
    """Four views in a grid, each with its title."""
    canvas.box(box.x, box.y, box.right, box.bottom, NIGHT)
    width, height = (box.width - 4) // 2, (box.height - 4) // 2
    for n, view in enumerate(views[:4]):
        cell = Box(box.x + (n % 2) * (width + 4), box.y + (n // 2) * (height + 4), width, height)
        _put(canvas, cell, overlaid(view, Hand(solo=solo)))
        canvas.veil(cell.x, cell.bottom - 24, cell.right, cell.bottom, NIGHT, 0.6)
        canvas.text(cell.x + 9, cell.bottom - 8, view.title, TEXT, colour=INK, weight=BOLD)


def _classes(view: View, solo: int | None) -> list[Entry]:
    """The classes in the picture."""
    there = classes_there(view.truth)
    if solo is None:
        return [Entry(rgb, name) for name, rgb, count in there if count]
    return [
        Entry(rgb, name if count else f"{name}, not in the picture", INK if count else MUTED)
        for n, (name, rgb, count) in enumerate(there) if n == solo
    ]  # fmt: skip


def _legend(canvas: Canvas, box: Box, legend: list[Entry], layer: Layer | None) -> None:
    """Explain the colours along the picture's lower edge."""
    rows = rows_of(canvas, legend, box.width - 20)
    notes = [] if layer is None else [cut(canvas, note, box.width - 20, SMALL) for note in layer.notes if note]
    y = box.bottom - (len(rows) + len(notes)) * ROW - 8
    canvas.veil(box.x, y, box.right, box.bottom, PANEL, 0.85)
    draw_rows(canvas, box.x + 10, y + 3, rows)
    for n, note in enumerate(notes):
        canvas.text(box.x + 10, y + 15 + (len(rows) + n) * ROW, note, SMALL, colour=MUTED)
