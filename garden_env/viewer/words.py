"""Words that have to fit: cut with an ellipsis, broken into lines, or flowing as the entries of a legend."""

from collections.abc import Sequence
from typing import NamedTuple

from garden_env.canvas import REGULAR, Canvas, Rgb
from garden_env.viewer.theme import INK, SMALL

ROW = 16  # height of a legend's row
GAP, CHIP = 12, 9  # between entries, and the side of an entry's square


class Entry(NamedTuple):
    """A line of a legend: a square of a colour, and what it stands for."""

    rgb: Rgb
    text: str
    ink: Rgb = INK


def cut(canvas: Canvas, text: str, width: float, size: int, weight: int = REGULAR) -> str:
    """As much of a line as fits into a width, with an ellipsis where something is missing."""
    if canvas.width_of(text, size, weight) <= width:
        return text
    keep = len(text)
    while keep > 0 and canvas.width_of(text[:keep].rstrip() + "…", size, weight) > width:
        keep -= 1
    return text[:keep].rstrip() + "…" if keep else ""


def fitting(canvas: Canvas, width: float, size: int, *worded: str) -> str:
    """The first of some wordings, the longest first, that fits into a width; as much of the last as does, if none."""
    return next((text for text in worded if canvas.width_of(text, size) <= width), cut(canvas, worded[-1], width, size))


def wrapped(canvas: Canvas, text: str, width: float, size: int) -> list[str]:
    """Lines no wider than so much, broken between words; a word that is wider by itself is cut."""
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and canvas.width_of(longer, size) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [cut(canvas, line, width, size) for line in (*lines, line)]


def rows_of(canvas: Canvas, entries: Sequence[Entry], width: float) -> list[list[tuple[float, Entry]]]:
    """Entries of a legend in rows of a width, each with its left edge."""
    rows: list[list[tuple[float, Entry]]] = [[]]
    x = 0.0
    for entry in entries:
        wide = CHIP + 5 + canvas.width_of(entry.text, SMALL)
        if rows[-1] and x + wide > width:
            rows.append([])
            x = 0.0
        rows[-1].append((x, entry))
        x += wide + GAP
    return rows


def draw_rows(canvas: Canvas, x: float, y: float, rows: Sequence[Sequence[tuple[float, Entry]]]) -> None:
    """Draw rows of a legend below a height."""
    for n, row in enumerate(rows):
        base = y + n * ROW + 12
        for left, entry in row:
            canvas.box(x + left, base - CHIP, x + left + CHIP, base, entry.rgb)
            canvas.text(x + left + CHIP + 5, base, entry.text, SMALL, colour=entry.ink)
