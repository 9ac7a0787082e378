"""The robot's camera: as it is, with the truth laid over it, one class alone, or the same pose in other seasons."""

import cv2
import numpy as np

from garden_env.canvas import BOLD, Canvas
from garden_env.viewer.layout import Box
from garden_env.viewer.state import Hand, View, ViewState
from garden_env.viewer.theme import INK, MUTED, NIGHT, PANEL, SMALL, TEXT
from scenarios.tables import CLASSES

VEIL = 0.6  # how much of a pixel the colour of its class covers
CLASS_RGB = np.zeros((256, 3), np.uint8)
for _row in CLASSES.values():
    CLASS_RGB[_row.id] = _row.rgb
ANSWERED = np.isin(np.arange(256), [row.id for row in CLASSES.values()])
DIM = 0.35  # of what is not the class that is shown alone


def draw_eye(canvas: Canvas, box: Box, state: ViewState, hand: Hand) -> None:
    """Draw the camera's picture into a box, as the overlay wants it."""
    if hand.overlay == "seasons" and state.seasons:
        _four(canvas, box, state.seasons, hand.solo)
        return
    _put(canvas, box, overlaid(state.view, hand))
    if state.view.title:
        canvas.veil(box.x, box.y, box.right, box.y + 30, NIGHT, 0.7)
        canvas.text(box.x + 12, box.y + 20, state.view.title, TEXT, colour=INK, weight=BOLD)
    if hand.overlay == "truth" or hand.solo is not None:
        _legend(canvas, box, state.view, hand.solo)


def overlaid(view: View, hand: Hand) -> np.ndarray:
    """A picture with its overlay, (H, W, 3) uint8."""
    rgb = view.rgb
    if hand.overlay == "truth":
        coloured = cv2.addWeighted(rgb, 1.0 - VEIL, CLASS_RGB[view.truth], VEIL, 0.0)
        rgb = np.where(ANSWERED[view.truth][..., None], coloured, rgb)
    if hand.solo is not None:
        grey = cv2.cvtColor(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        dim = cv2.convertScaleAbs(grey, alpha=DIM)
        rgb = np.where((view.truth == hand.solo)[..., None], rgb, dim)
    return rgb


def _put(canvas: Canvas, box: Box, rgb: np.ndarray) -> None:
    """A picture into a box; enlarged without smoothing, so that a pixel stays what it is, and made smaller with it."""
    if rgb.shape[:2] != (box.height, box.width):
        larger = box.width >= rgb.shape[1]
        how = cv2.INTER_NEAREST if larger else cv2.INTER_AREA
        rgb = cv2.resize(np.ascontiguousarray(rgb), (box.width, box.height), interpolation=how)
    canvas.picture(box.x, box.y, rgb)


def _four(canvas: Canvas, box: Box, views: tuple[View, ...], solo: int | None) -> None:
    """Four views in a grid, each with its title."""
    canvas.box(box.x, box.y, box.right, box.bottom, NIGHT)
    width, height = (box.width - 4) // 2, (box.height - 4) // 2
    for n, view in enumerate(views[:4]):
        cell = Box(box.x + (n % 2) * (width + 4), box.y + (n // 2) * (height + 4), width, height)
        _put(canvas, cell, overlaid(view, Hand(solo=solo)))
        canvas.veil(cell.x, cell.bottom - 24, cell.right, cell.bottom, NIGHT, 0.6)
        canvas.text(cell.x + 9, cell.bottom - 8, view.title, TEXT, colour=INK, weight=BOLD)


def _legend(canvas: Canvas, box: Box, view: View, solo: int | None) -> None:
    """Name the classes in the picture, along its lower edge."""
    there = np.bincount(view.truth.ravel(), minlength=256)
    shown = [row for row in CLASSES.values() if there[row.id] > 0 and (solo is None or row.id == solo)]
    if solo is not None and not shown:
        shown = [row for row in CLASSES.values() if row.id == solo]
    canvas.veil(box.x, box.bottom - 26, box.right, box.bottom, PANEL, 0.82)
    x, step = box.x + 10, (box.width - 20) / max(len(shown), 1)
    for row in shown:
        told = row.name + ("" if there[row.id] else ", not in the picture")
        canvas.box(x, box.bottom - 17, x + 9, box.bottom - 8, row.rgb)
        canvas.text(x + 13, box.bottom - 8, told, SMALL, colour=INK if there[row.id] else MUTED)
        x += min(step, 96.0 if solo is None else box.width)
