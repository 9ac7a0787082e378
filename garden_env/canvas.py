"""A sheet to draw on: text, lines, areas and pictures, in pixels from the upper left corner."""

from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np

Rgb = tuple[int, int, int]
INK, MUTED, GRID, PAPER = (28, 30, 32), (104, 108, 112), (222, 224, 226), (255, 255, 255)
REGULAR, BOLD = 400, 650
_FINE = 4  # fractional bits of coordinates


@cache
def _font():
    return cv2.FontFace("sans")


def text_width(text: str, size: int, weight: int = REGULAR) -> int:
    """How wide a line of text is [px]."""
    (_, _, width, _) = cv2.getTextSize((1, 1), text, (0, 0), _font(), size, weight)
    return int(width)


def solid(width_px: int, height_px: int, colour: Rgb) -> np.ndarray:
    """A picture of one colour, (height_px, width_px, 3) uint8; a row at a time, for three bytes at a time is slow."""
    rows = np.empty((height_px, 3 * width_px), np.uint8)
    rows[:] = np.tile(np.array(colour, np.uint8), width_px)
    return rows.reshape(height_px, width_px, 3)


class Canvas:
    """A sheet of paper.

    Args:
        width_px, height_px: its size.
        paper: its colour; white if not given.

    Attributes:
        pixels: (H, W, 3) uint8, RGB.
    """

    def __init__(self, width_px: int, height_px: int, paper: Rgb = PAPER) -> None:
        self.pixels = solid(width_px, height_px, paper)

    @classmethod
    def over(cls, pixels: np.ndarray) -> "Canvas":
        """A canvas whose sheet is this array (H, W, 3) uint8, or part of one."""
        canvas = object.__new__(cls)
        canvas.pixels = pixels
        return canvas

    def text(
        self, x: float, y: float, text: str, size: int = 13, *, colour: Rgb = INK, weight: int = REGULAR,
        anchor: str = "left",
    ) -> None:  # fmt: skip
        """Write one line; (x, y) is where its base line begins, is centred or ends, by `anchor`."""
        if anchor != "left":
            x -= text_width(text, size, weight) * (0.5 if anchor == "middle" else 1.0)
        cv2.putText(self.pixels, text, (round(x), round(y)), colour, _font(), size, weight)

    def box(self, x0: float, y0: float, x1: float, y1: float, colour: Rgb) -> None:
        """Fill a rectangle."""
        left, top, right, bottom = max(0, round(x0)), max(0, round(y0)), round(x1), round(y1)
        if right > left and bottom > top:
            cv2.rectangle(self.pixels, (left, top), (right - 1, bottom - 1), colour, cv2.FILLED)

    def frame(self, x0: float, y0: float, x1: float, y1: float, colour: Rgb = GRID) -> None:
        """Draw the border of a rectangle."""
        cv2.rectangle(self.pixels, (round(x0), round(y0)), (round(x1), round(y1)), colour, 1)

    def line(self, xs: Sequence[float] | np.ndarray, ys: Sequence[float] | np.ndarray, colour: Rgb, width: int = 1):
        """Draw a line through points."""
        points = np.round(np.column_stack([xs, ys]) * (1 << _FINE)).astype(np.int32)
        cv2.polylines(self.pixels, [points.reshape(-1, 1, 2)], False, colour, width, cv2.LINE_AA, _FINE)

    def area(self, xs: np.ndarray, low: np.ndarray, high: np.ndarray, colour: Rgb) -> None:
        """Fill what lies between two lines."""
        points = np.column_stack([np.r_[xs, xs[::-1]], np.r_[low, high[::-1]]])
        fine = np.round(points * (1 << _FINE)).astype(np.int32)
        cv2.fillPoly(self.pixels, [fine.reshape(-1, 1, 2)], colour, cv2.LINE_AA, _FINE)

    def polygon(self, points: np.ndarray, colour: Rgb) -> None:
        """Fill a polygon of (N, 2) points."""
        fine = np.round(np.asarray(points, float) * (1 << _FINE)).astype(np.int32)
        cv2.fillPoly(self.pixels, [fine.reshape(-1, 1, 2)], colour, cv2.LINE_AA, _FINE)

    def disc(self, x: float, y: float, radius: float, colour: Rgb, *, width: int = -1) -> None:
        """Fill a circle, or draw it as a ring of a width."""
        centre = round(x * (1 << _FINE)), round(y * (1 << _FINE))
        cv2.circle(self.pixels, centre, round(radius * (1 << _FINE)), colour, width, cv2.LINE_AA, _FINE)

    def veil(self, x0: float, y0: float, x1: float, y1: float, colour: Rgb, opacity: float) -> None:
        """Lay a colour over a rectangle, 0 not at all to 1 wholly."""
        part = self.pixels[max(0, round(y0)) : max(0, round(y1)), max(0, round(x0)) : max(0, round(x1))]
        if part.size:
            cover = solid(part.shape[1], part.shape[0], colour)
            part[:] = cv2.addWeighted(part, 1.0 - opacity, cover, opacity, 0.0)

    def picture(self, x: int, y: int, rgb: np.ndarray) -> None:
        """Put a picture (h, w, 3) uint8 with its upper left corner at (x, y)."""
        self.pixels[y : y + rgb.shape[0], x : x + rgb.shape[1]] = rgb
