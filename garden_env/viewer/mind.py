"""The learner beside the camera: what its net sees, what it says to that, and how it fares, in words and numbers."""

import math

import cv2
import numpy as np

from garden_env.canvas import BOLD, Canvas, Rgb
from garden_env.viewer.layout import Box, Layout
from garden_env.viewer.state import Hand, Mind, Sight
from garden_env.viewer.theme import (
    INK,
    LEAF,
    LINE,
    MUTED,
    NIGHT,
    PAD,
    PANEL,
    SEASON_BRIGHT_RGB,
    SMALL,
    SUN,
    TEXT,
    TITLE,
)
from garden_env.viewer.tints import ANSWERED, alone, coloured
from garden_env.viewer.words import ROW, Entry, cut, draw_rows, fitting, rows_of

OTHER_RGB: tuple[Rgb, ...] = ((150, 150, 160), (190, 160, 190), (120, 160, 160))  # of parts that are no season
LEARNS, RESTS = "learning", "not learning"


def draw_mind(canvas: Canvas, layout: Layout, mind: Mind, hand: Hand) -> None:
    """Draw what there is room for."""
    if layout.frame.height:
        _frame(canvas, layout.frame, mind.sight)
        _guess(canvas, layout.guess, mind.sight, hand.solo)
    if layout.words.height:
        _words(canvas, layout.words, mind)


def _frame(canvas: Canvas, box: Box, sight: Sight | None) -> None:
    """What the net sees."""
    if sight is None:
        _empty(canvas, box)
        return
    _enlarge(canvas, box, sight.rgb)
    height, width = sight.rgb.shape[:2]
    _caption(canvas, box, f"what it sees, {width} × {height}", "what it sees")


def _guess(canvas: Canvas, box: Box, sight: Sight | None, solo: int | None) -> None:
    """What the net says."""
    if sight is None:
        _empty(canvas, box)
        return
    said = coloured(sight.guess)
    _enlarge(canvas, box, said if solo is None else alone(said, sight.guess == solo))
    asked = ANSWERED[sight.truth]
    right = f", {100 * float((sight.guess == sight.truth)[asked].mean()):.0f} % right" if asked.any() else ""
    _caption(canvas, box, f"what it says{right}", f"it says{right}", "it says")


def _enlarge(canvas: Canvas, box: Box, rgb: np.ndarray) -> None:
    """A small picture into a box, every pixel a tile."""
    size_px = box.pixels(canvas.scale)[2:]
    canvas.picture(box.x, box.y, cv2.resize(np.ascontiguousarray(rgb), size_px, interpolation=cv2.INTER_NEAREST))


def _empty(canvas: Canvas, box: Box) -> None:
    canvas.box(box.x, box.y, box.right, box.bottom, PANEL)
    canvas.text(
        box.x + box.width / 2, box.y + box.height / 2 + 4, "nothing seen yet", SMALL, colour=MUTED, anchor="middle"
    )


def _caption(canvas: Canvas, box: Box, *worded: str) -> None:
    """The longest of some wordings that fits, along a picture's foot."""
    told = fitting(canvas, box.width - 12, SMALL, *worded)
    canvas.veil(box.x, box.bottom - 19, box.right, box.bottom, NIGHT, 0.68)
    canvas.text(box.x + 7, box.bottom - 6, told, SMALL, colour=INK)


def _words(canvas: Canvas, box: Box, mind: Mind) -> None:
    """Name, state, present mIoU, counts and memory, as far down as there is room."""
    canvas.box(box.x, box.y, box.right, box.bottom, PANEL)
    left, right = box.x + PAD, box.right - PAD
    _name(canvas, left, right, box.y + 21, mind)
    y = box.y + 52
    if math.isfinite(mind.present):
        canvas.text(left, y, f"{100 * mind.present:.0f} %", TITLE, weight=BOLD, colour=INK)
        beside = left + canvas.width_of(f"{100 * mind.present:.0f} %", TITLE, BOLD) + 9
        canvas.text(beside, y, cut(canvas, "mIoU of late", right - beside, SMALL), SMALL, colour=MUTED)
    else:
        canvas.text(left, y - 4, cut(canvas, "mIoU not known yet", right - left, TEXT), TEXT, colour=MUTED)
    lines = [line for line in (mind.doing, counts(mind)) if line and line not in (LEARNS, RESTS)]
    for line in lines:
        y += 17
        if y > box.bottom - 5:
            return
        canvas.text(left, y, cut(canvas, line, right - left, SMALL), SMALL, colour=MUTED)
    _memory(canvas, Box(left, y + 8, right - left, box.bottom - y - 10), mind.memory)


def _name(canvas: Canvas, left: float, right: float, y: float, mind: Mind) -> None:
    """Who learns, and whether."""
    told, colour = (LEARNS, LEAF) if mind.learning else (RESTS, SUN)
    wide = canvas.width_of(told, SMALL) + 14
    canvas.text(right, y, told, SMALL, colour=colour, anchor="right")
    canvas.disc(right - wide + 4, y - 4, 3.5, colour, width=-1 if mind.learning else 1)
    canvas.text(left, y, cut(canvas, mind.learner, right - left - wide - 8, TEXT, BOLD), TEXT, weight=BOLD, colour=INK)


def counts(mind: Mind) -> str:
    """What it has had of both, with thin spaces between thousands; nothing of what is not known.

    >>> counts(Mind("er", updates=12000, labels=1))
    '12\\u2009000 updates, 1 label'
    """
    told = [
        f"{number:,} {noun}{'s' * (number != 1)}".replace(",", "\N{THIN SPACE}")
        for number, noun in ((mind.updates, "update"), (mind.labels, "label"))
        if number is not None
    ]
    return ", ".join(told)


def _memory(canvas: Canvas, box: Box, memory: tuple[tuple[str, float], ...]) -> None:
    """Whose seasons' frames the memory holds: a bar in parts, and their names."""
    shares = [(name, float(share)) for name, share in memory if math.isfinite(share) and share > 0.0]
    if not shares or box.height < ROW:
        return
    told = "memory"
    canvas.text(box.x, box.y + 11, told, SMALL, colour=MUTED)
    x = box.x + canvas.width_of(told, SMALL) + 9
    whole, total = box.right - x, max(sum(share for _, share in shares), 1.0)
    canvas.box(x, box.y + 2, box.right, box.y + 11, LINE)
    entries = []
    for n, (name, share) in enumerate(shares):
        rgb = SEASON_BRIGHT_RGB.get(name, OTHER_RGB[n % len(OTHER_RGB)])
        canvas.box(x, box.y + 2, x + max(whole * share / total - 1, 1), box.y + 11, rgb)
        entries.append(Entry(rgb, cut(canvas, f"{name} {100 * share:.0f} %", box.width - 20, SMALL), MUTED))
        x += whole * share / total
    draw_rows(canvas, box.x, box.y + 17, rows_of(canvas, entries, box.width)[: max(0, (box.height - 15) // ROW)])
