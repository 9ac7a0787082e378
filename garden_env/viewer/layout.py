"""Where things are in a window of any size."""

from dataclasses import dataclass
from typing import NamedTuple

from garden_env.viewer.theme import PAD

LEAST_WIDTH_PX, LEAST_HEIGHT_PX = 640, 400
STRIP_SHARE, STRIP_LEAST_PX, STRIP_MOST_PX = 0.22, 96, 220
STATUS_PX = 92


class Box(NamedTuple):
    """A rectangle [px], from the upper left corner of the window."""

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


@dataclass(frozen=True)
class Layout:
    """The parts of the window; `strip` and `status` have no height where there is no room, or none is wanted."""

    camera: Box
    plan: Box
    status: Box
    strip: Box


def lay_out(width_px: int, height_px: int, *, camera_aspect: float, plan_aspect: float, hud: str = "full") -> Layout:
    """Share out a window.

    Args:
        width_px, height_px: of the window.
        camera_aspect, plan_aspect: width over height of the two pictures.
        hud: 'full', 'compact' (no calendar) or 'off' (the camera alone).

    >>> lay_out(1280, 720, camera_aspect=4 / 3, plan_aspect=1.25).camera
    Box(x=12, y=12, width=701, height=526)
    """
    if hud == "off":
        nothing = Box(width_px, height_px, 0, 0)
        return Layout(Box(0, 0, width_px, height_px).fit(camera_aspect), nothing, nothing, nothing)
    strip_px = round(min(max(STRIP_SHARE * height_px, STRIP_LEAST_PX), STRIP_MOST_PX)) if hud == "full" else 0
    top_px = height_px - 2 * PAD - (strip_px + PAD if strip_px else 0)
    camera_px = min(round(top_px * camera_aspect), round(0.6 * width_px))
    camera = Box(PAD, PAD, camera_px, top_px).fit(camera_aspect)._replace(x=PAD, y=PAD)
    right_x = camera.right + PAD
    right_px = max(width_px - right_x - PAD, 1)
    plan = Box(right_x, PAD, right_px, max(top_px - STATUS_PX - PAD, 1)).fit(plan_aspect)._replace(y=PAD)
    status = Box(right_x, plan.bottom + PAD, right_px, max(PAD + top_px - plan.bottom - PAD, 0))
    strip = Box(PAD, PAD + top_px + PAD, width_px - 2 * PAD, strip_px) if strip_px else Box(PAD, height_px, 0, 0)
    return Layout(camera, plan, status, strip)
