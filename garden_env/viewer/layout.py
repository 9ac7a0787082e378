"""Where things are in a window of any size, in units of some pixels, so that large windows have larger letters."""

import math
from dataclasses import dataclass
from typing import NamedTuple

from garden_env.viewer.theme import PAD

USUAL_PX = 1280, 720
LEAST_WIDTH_PX, LEAST_HEIGHT_PX = 640, 400
STRIP_SHARE, STRIP_LEAST, STRIP_MOST = 0.22, 96, 220
MIND_STRIP_SHARE, CURVES_SHARE, CALENDAR_LEAST = 0.32, 0.45, 70  # where curves stand above the calendar
STATUS, LINE_HEIGHT, ROOMY = 92, 20, 300  # a window that is roomy beside the camera has a line more below the plan
MIND_LEAST, MIND_SHARE = 96, 0.32  # height of the learner's row beside the camera
WORDS_LEAST, STATUS_LEAST = 176, 190  # widths


class Box(NamedTuple):
    """A rectangle, from the upper left corner of the window."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first column beyond it."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The first row beyond it."""
        return self.y + self.height

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies in it."""
        return self.x <= x < self.right and self.y <= y < self.bottom

    def fit(self, aspect: float) -> "Box":
        """The largest box of this aspect, width over height, in its middle."""
        width = min(self.width, round(self.height * aspect))
        height = min(self.height, round(self.width / aspect))
        return Box(self.x + (self.width - width) // 2, self.y + (self.height - height) // 2, width, height)

    def pixels(self, scale: float) -> "Box":
        """The same in pixels, where a unit has so many."""
        left, top, right, bottom = (round(edge * scale) for edge in (self.x, self.y, self.right, self.bottom))
        return Box(left, top, right - left, bottom - top)


@dataclass(frozen=True)
class Layout:
    """The parts of the window; what has no room, or is not wanted, has no height.

    Attributes:
        camera, plan, status, strip: camera's picture, garden from above, lines about now, calendar of the life.
        curves: above the calendar, over the same days.
        frame, guess: what the net sees, and what it says to that.
        words: the learner in words.
    """

    camera: Box
    plan: Box
    status: Box
    strip: Box
    curves: Box
    frame: Box
    guess: Box
    words: Box


NOTHING = Box(0, 0, 0, 0)


def scale_of(width_px: int, height_px: int) -> float:
    """Pixels a unit: of what a window is larger than usual, letters take one half and room the other, in eighths.

    >>> [scale_of(*size) for size in ((640, 400), (1280, 720), (1920, 1080), (3840, 2160))]
    [1.0, 1.0, 1.25, 1.75]
    """
    larger = min(width_px / USUAL_PX[0], height_px / USUAL_PX[1])
    return max(1.0, round(8.0 * math.sqrt(larger)) / 8.0)


def lay_out(
    width_px: int, height_px: int, *, camera_aspect: float, plan_aspect: float, hud: str = "full",
    mind: bool = False, sight_aspect: float = 1.0,
) -> Layout:  # fmt: skip
    """Share out a window, in units of `scale_of` pixels.

    Args:
        width_px, height_px: of the window.
        camera_aspect, plan_aspect: width over height of the two pictures.
        hud: 'full', 'compact' (no calendar and no curves) or 'off' (the camera alone).
        mind: whether there is a learner to be drawn. Where room is short, its pictures go first, then its words but for
            one line of the status; its curves stay as long as the calendar does.
        sight_aspect: width over height of what the net sees.

    >>> lay_out(1280, 720, camera_aspect=4 / 3, plan_aspect=1.25).camera
    Box(x=12, y=12, width=701, height=526)
    """
    scale = scale_of(width_px, height_px)
    width, height = int(width_px / scale), int(height_px / scale)
    if hud == "off":
        camera = Box(0, 0, width, height).fit(camera_aspect)
        return Layout(camera, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING)
    foot = _foot(height, mind) if hud == "full" else 0
    top = height - 2 * PAD - (foot + PAD if foot else 0)
    camera = Box(PAD, PAD, min(round(top * camera_aspect), round(0.6 * width)), top).fit(camera_aspect)
    camera = camera._replace(x=PAD, y=PAD)
    side = Box(camera.right + PAD, PAD, max(width - camera.right - 2 * PAD, 1), top)
    frame, guess, words, below = _mind_row(side, sight_aspect) if mind else (NOTHING, NOTHING, NOTHING, side)
    plan, status = _plan_and_status(below, plan_aspect, alone=not words.height, mind=mind)
    if not foot:
        return Layout(camera, plan, status, NOTHING, NOTHING, frame, guess, words)
    band = min(round(CURVES_SHARE * foot), foot - CALENDAR_LEAST) if mind else 0
    curves = Box(PAD, 2 * PAD + top, width - 2 * PAD, band)
    strip = Box(PAD, curves.bottom, curves.width, foot - band)
    return Layout(camera, plan, status, strip, curves, frame, guess, words)


def _foot(height: int, mind: bool) -> int:
    """How much of a height the calendar takes, with curves above it where there are any."""
    if mind:
        return round(MIND_STRIP_SHARE * height)
    return round(min(max(STRIP_SHARE * height, STRIP_LEAST), STRIP_MOST))


def _mind_row(side: Box, aspect: float) -> tuple[Box, Box, Box, Box]:
    """What the net sees, what it says, and the learner in words, side by side; and what is left below them."""
    room = (side.width - WORDS_LEAST - 2 * PAD) / 2.0
    height = int(min(max(MIND_SHARE * side.height, 1.2 * MIND_LEAST), room / aspect))
    if height < MIND_LEAST or side.height - height < 1.2 * MIND_LEAST + STATUS:
        return NOTHING, NOTHING, NOTHING, side
    wide = round(height * aspect)
    frame = Box(side.x, side.y, wide, height)
    guess = Box(frame.right + PAD, side.y, wide, height)
    words = Box(guess.right + PAD, side.y, side.right - guess.right - PAD, height)
    return frame, guess, words, Box(side.x, frame.bottom + PAD, side.width, side.height - height - PAD)


def _plan_and_status(room: Box, aspect: float, *, alone: bool, mind: bool) -> tuple[Box, Box]:
    """The garden from above and the lines about now: one below the other, or side by side if that shows more of it."""
    lines = STATUS + LINE_HEIGHT * ((mind and alone) + (room.height >= ROOMY))
    over = Box(room.x, room.y, room.width, max(room.height - lines - PAD, 1)).fit(aspect)._replace(y=room.y)
    beside = Box(room.x, room.y, max(room.width - STATUS_LEAST - PAD, 1), room.height).fit(aspect)
    beside = beside._replace(x=room.x, y=room.y)
    if alone or over.width >= beside.width:
        return over, Box(room.x, over.bottom + PAD, room.width, max(room.bottom - over.bottom - PAD, 0))
    return beside, Box(beside.right + PAD, room.y, room.right - beside.right - PAD, beside.height)
