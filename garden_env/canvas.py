"""A sheet to draw on: text, lines, areas and pictures, from the upper left corner; in pixels, or in units of some."""

from collections.abc import Sequence
from functools import cache, lru_cache

import cv2
import numpy as np

Rgb = tuple[int, int, int]
INK, MUTED, GRID, PAPER = (28, 30, 32), (104, 108, 112), (222, 224, 226), (255, 255, 255)
REGULAR, BOLD = 400, 650
_FINE = 4  # fractional bits of coordinates


@cache
def _font():
    return cv2.FontFace("sans")


@lru_cache(maxsize=4096)
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
        scale: pixels a unit, in which all coordinates, sizes of text and widths of lines are given.

    Attributes:
        pixels: (H, W, 3) uint8, RGB.
        scale: as given.
    """

    def __init__(self, width_px: int, height_px: int, paper: Rgb = PAPER, *, scale: float = 1.0) -> None:
        self.pixels, self.scale = solid(width_px, height_px, paper), scale

    @classmethod
    def over(cls, pixels: np.ndarray, *, scale: float = 1.0) -> "Canvas":
        """A canvas whose sheet is this array (H, W, 3) uint8, or part of one."""
        canvas = object.__new__(cls)
        canvas.pixels, canvas.scale = pixels, scale
        return canvas

    def part(self, x0: float, y0: float, x1: float, y1: float) -> "Canvas":
        """A rectangle of the sheet as a canvas of its own, on which nothing can be drawn beyond it."""
        left, top, right, bottom = self._corners(x0, y0, x1, y1)
        return Canvas.over(self.pixels[top:bottom, left:right], scale=self.scale)

    def width_of(self, text: str, size: int, weight: int = REGULAR) -> float:
        """How wide a line of text is here."""
        return text_width(text, self._size(size), weight) / self.scale

    def text(
        self, x: float, y: float, text: str, size: int = 13, *, colour: Rgb = INK, weight: int = REGULAR,
        anchor: str = "left",
    ) -> None:  # fmt: skip
        """Write one line; (x, y) is where its base line begins, is centred or ends, by `anchor`."""
        left, size_px = x * self.scale, self._size(size)
        if anchor != "left":
            left -= text_width(text, size_px, weight) * (0.5 if anchor == "middle" else 1.0)
        cv2.putText(self.pixels, text, (round(left), round(y * self.scale)), colour, _font(), size_px, weight)

    def box(self, x0: float, y0: float, x1: float, y1: float, colour: Rgb) -> None:
        """Fill a rectangle."""
        left, top, right, bottom = self._corners(x0, y0, x1, y1)
        if right > left and bottom > top:
            cv2.rectangle(self.pixels, (left, top), (right - 1, bottom - 1), colour, cv2.FILLED)

    def frame(self, x0: float, y0: float, x1: float, y1: float, colour: Rgb = GRID) -> None:
        """Draw the border of a rectangle."""
        x0, y0, x1, y1 = (round(edge * self.scale) for edge in (x0, y0, x1, y1))
        cv2.rectangle(self.pixels, (x0, y0), (x1, y1), colour, 1)

    def line(self, xs: Sequence[float] | np.ndarray, ys: Sequence[float] | np.ndarray, colour: Rgb, width: float = 1):
        """Draw a line through points."""
        self._lines([self._fine(np.column_stack([xs, ys]))], colour, width)

    def dashes(
        self, xs: Sequence[float] | np.ndarray, ys: Sequence[float] | np.ndarray, colour: Rgb, pattern: Sequence[float],
        width: float = 1,
    ) -> None:  # fmt: skip
        """Draw a broken line through points: lengths of stroke, gap, stroke and so on, over and over."""
        points = np.column_stack([xs, ys]).astype(float)
        strokes = [self._fine(stroke) for stroke in dashed(points, pattern)]
        if strokes:
            self._lines(strokes, colour, width)

    def area(self, xs: np.ndarray, low: np.ndarray, high: np.ndarray, colour: Rgb) -> None:
        """Fill what lies between two lines."""
        self.polygon(np.column_stack([np.r_[xs, xs[::-1]], np.r_[low, high[::-1]]]), colour)

    def polygon(self, points: np.ndarray, colour: Rgb) -> None:
        """Fill a polygon of (N, 2) points."""
        cv2.fillPoly(self.pixels, [self._fine(points)], colour, cv2.LINE_AA, _FINE)

    def disc(self, x: float, y: float, radius: float, colour: Rgb, *, width: int = -1) -> None:
        """Fill a circle, or draw it as a ring of a width."""
        fine = self.scale * (1 << _FINE)
        thick = width if width < 0 else self._thick(width)
        cv2.circle(
            self.pixels, (round(x * fine), round(y * fine)), round(radius * fine), colour, thick, cv2.LINE_AA, _FINE
        )

    def veil(self, x0: float, y0: float, x1: float, y1: float, colour: Rgb, opacity: float) -> None:
        """Lay a colour over a rectangle, 0 not at all to 1 wholly."""
        left, top, right, bottom = self._corners(x0, y0, x1, y1)
        part = self.pixels[top : max(0, bottom), left : max(0, right)]
        if part.size:
            cover = solid(part.shape[1], part.shape[0], colour)
            part[:] = cv2.addWeighted(part, 1.0 - opacity, cover, opacity, 0.0)

    def picture(self, x: float, y: float, rgb: np.ndarray) -> None:
        """Put a picture (h, w, 3) uint8, pixel by pixel, with its upper left corner at (x, y)."""
        left, top = round(x * self.scale), round(y * self.scale)
        self.pixels[top : top + rgb.shape[0], left : left + rgb.shape[1]] = rgb

    def _corners(self, x0: float, y0: float, x1: float, y1: float) -> tuple[int, int, int, int]:
        """A rectangle in pixels; none lies left of or above the sheet."""
        left, top, right, bottom = (round(edge * self.scale) for edge in (x0, y0, x1, y1))
        return max(0, left), max(0, top), right, bottom

    def _size(self, size: int) -> int:
        return round(size * self.scale)

    def _thick(self, width: float) -> int:
        return max(1, round(width * self.scale))

    def _fine(self, points: np.ndarray) -> np.ndarray:
        """Places (N, 2) as OpenCV takes them."""
        return np.round(np.asarray(points, float) * (self.scale * (1 << _FINE))).astype(np.int32).reshape(-1, 1, 2)

    def _lines(self, lines: list[np.ndarray], colour: Rgb, width: float) -> None:
        cv2.polylines(self.pixels, lines, False, colour, self._thick(width), cv2.LINE_AA, _FINE)


def dashed(points: np.ndarray, pattern: Sequence[float]) -> list[np.ndarray]:
    """The strokes of a broken line through points (N, 2), each (n, 2) float64.

    Args:
        points: what it goes through.
        pattern: lengths of stroke, gap, stroke, gap and so on, over and over.

    >>> [stroke[:, 0].tolist() for stroke in dashed(np.array([[0.0, 0.0], [10.0, 0.0]]), (4, 3))]
    [[0.0, 4.0], [7.0, 10.0]]
    """
    way = np.r_[0.0, np.cumsum(np.hypot(*np.diff(points, axis=0).T))]
    rounds = int(way[-1] / sum(pattern)) + 1
    ends = np.r_[0.0, np.cumsum(np.tile(np.asarray(pattern, float), rounds))]
    strokes = []
    for begins, stops in zip(ends[:-1:2], ends[1::2], strict=True):
        stops = min(stops, way[-1])
        if begins < stops:
            at = np.r_[begins, way[(way > begins) & (way < stops)], stops]
            strokes.append(np.column_stack([np.interp(at, way, points[:, k]) for k in range(2)]))
    return strokes
