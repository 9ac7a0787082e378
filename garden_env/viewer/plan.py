"""The garden from above: where the robot is and was, its spray, and who thirsts."""

import math
from functools import lru_cache
from itertools import pairwise

import cv2
import numpy as np

from garden_env.canvas import Canvas, Rgb
from garden_env.viewer.layout import Box
from garden_env.viewer.state import Beliefs, Course, ViewState
from garden_env.viewer.theme import ALARM, INK, LEAF, MUTED, NIGHT, SMALL, SUN, WATER
from garden_env.viewer.tints import ANSWERED, coloured, grey
from garden_env.viewer.words import fitting

RING_M = 0.34  # about a thirsty plant
ROBOT_M = 0.30  # from the robot's middle to its nose, as drawn
BELIEF_VEIL, UNDER_BELIEFS = 0.85, 0.6  # how much a sure belief covers, and how bright the plan stays below it
TRAIL_FADES = 8  # shades of the way driven, the newest brightest


def to_pixels(box: Box, course: Course, places_m: np.ndarray) -> np.ndarray:
    """Places in the garden (N, 2) [m] as places in the window (N, 2) [px]; north is up."""
    scale = np.array([box.width / course.width_m, -box.height / course.depth_m])
    return np.asarray(places_m, float).reshape(-1, 2) * scale + (box.x, box.bottom)


def to_metres(box: Box, course: Course, x_px: float, y_px: float) -> tuple[float, float]:
    """A place in the window as one in the garden [m]."""
    return (x_px - box.x) / box.width * course.width_m, (box.bottom - y_px) / box.height * course.depth_m


def draw_plan(canvas: Canvas, box: Box, state: ViewState, *, beliefs: bool = False) -> None:
    """Draw the garden from above into a box of its aspect; with the robot's own map over it if that is wanted."""
    rgb = _resized(Picture(state.plan_rgb), *box.pixels(canvas.scale)[2:])
    believed = None if state.mind is None else state.mind.beliefs
    if beliefs and believed is not None:
        rgb = with_beliefs(rgb, believed)
    canvas.picture(box.x, box.y, rgb)
    part = canvas.part(box.x, box.y, box.right, box.bottom)  # what is drawn stays within the box
    here = Box(0, 0, box.width, box.height)
    metre = box.width / state.course.width_m
    _trail(part, to_pixels(here, state.course, state.body.track_m))
    for x, y in to_pixels(here, state.course, state.plants.place_m[~state.plants.alive]):
        _cross(part, x, y, 0.16 * metre, MUTED)
    for x, y in to_pixels(here, state.course, state.plants.place_m[state.plants.wilted]):
        part.disc(x, y, RING_M * metre, NIGHT, width=4)
        part.disc(x, y, RING_M * metre, SUN, width=2)
    _robot(part, here, state, metre)
    if beliefs:
        none = "no learner, no beliefs" if state.mind is None else "no beliefs yet"
        told = ("what it believes; strong colours: sure", "what it believes", "beliefs")
        _caption(part, here, *((none,) if believed is None else told))


class Picture:
    """A picture as a key: the same only to itself."""

    def __init__(self, rgb: np.ndarray) -> None:
        self.rgb = rgb

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Picture) and self.rgb is other.rgb

    def __hash__(self) -> int:
        return id(self.rgb)


@lru_cache(maxsize=2)
def _resized(picture: Picture, width_px: int, height_px: int) -> np.ndarray:
    """The plan at the size of its box; it changes once a day."""
    much_smaller = width_px < 0.6 * picture.rgb.shape[1]
    how = cv2.INTER_AREA if much_smaller else cv2.INTER_LINEAR  # which is eight times as fast
    return cv2.resize(picture.rgb, (width_px, height_px), interpolation=how)


def with_beliefs(rgb: np.ndarray, beliefs: Beliefs) -> np.ndarray:
    """A plan (H, W, 3) uint8, grey where nothing is believed, else in the colour of the likeliest class, the surer the
    stronger; cells are not smoothed."""
    size = rgb.shape[1::-1]
    known = ANSWERED[beliefs.classes]
    strength = np.where(known, np.clip(np.nan_to_num(beliefs.sure), 0.0, 1.0), 0.0)
    strength = cv2.resize(strength.astype(np.float32), size, interpolation=cv2.INTER_NEAREST) * BELIEF_VEIL
    cover = cv2.resize(coloured(beliefs.classes), size, interpolation=cv2.INTER_NEAREST)
    return cv2.blendLinear(cover, grey(rgb, UNDER_BELIEFS), strength, 1.0 - strength)


def _caption(part: Canvas, box: Box, *worded: str) -> None:
    part.veil(0, box.bottom - 20, box.width, box.bottom, NIGHT, 0.7)
    part.text(8, box.bottom - 6, fitting(part, box.width - 16, SMALL, *worded), SMALL, colour=INK)


def _trail(part: Canvas, points: np.ndarray) -> None:
    """The way driven, fading with age."""
    if len(points) < 2:
        return
    marks = np.linspace(0, len(points) - 1, TRAIL_FADES + 1).astype(int)
    for n, (first, last) in enumerate(pairwise(marks)):
        if last > first:
            strength = 0.35 + 0.65 * (n + 1) / TRAIL_FADES
            colour = _between(NIGHT, LEAF, strength)
            part.line(points[first : last + 1, 0], points[first : last + 1, 1], colour, 1 + (n > TRAIL_FADES // 2))


def _robot(part: Canvas, box: Box, state: ViewState, metre: float) -> None:
    """An arrowhead, and the cone of its spray while the valve is open."""
    body, heading = state.body, state.body.pose[2]
    [(x, y)] = to_pixels(box, state.course, body.pose[:2])
    if body.sprayed_l > 0.0:
        half = math.radians(body.spray_half_angle_deg)
        angles = heading + np.linspace(-half, half, 17)
        rim = np.column_stack([np.cos(angles), -np.sin(angles)]) * body.spray_reach_m * metre + (x, y)
        cone = np.vstack([[x, y], rim])
        under = part.pixels.copy()
        part.polygon(cone, WATER)
        cv2.addWeighted(part.pixels, 0.45, under, 0.55, 0.0, dst=part.pixels)
        part.line([*cone[:, 0], x], [*cone[:, 1], y], WATER, 1)
    nose = ROBOT_M * metre
    turns = heading + np.array([0.0, 2.5, math.pi, -2.5])
    reach = np.array([1.0, 0.75, 0.25, 0.75]) * max(nose, 9.0)
    shape = np.column_stack([np.cos(turns), -np.sin(turns)]) * reach[:, None] + (x, y)
    part.polygon(shape, ALARM if body.bumped else INK)
    part.line([*shape[:, 0], shape[0, 0]], [*shape[:, 1], shape[0, 1]], NIGHT, 1)


def _cross(part: Canvas, x: float, y: float, reach: float, colour: Rgb) -> None:
    part.line([x - reach, x + reach], [y - reach, y + reach], colour, 2)
    part.line([x - reach, x + reach], [y + reach, y - reach], colour, 2)


def _between(dark: Rgb, bright: Rgb, share: float) -> Rgb:
    """A colour between two."""
    r, g, b = (round(low + (high - low) * share) for low, high in zip(dark, bright, strict=True))
    return r, g, b
