"""A semantic map from above, drawn by the robot from what it recognises: Dirichlet evidence by cell, fading with time.

Every output pixel of a frame is laid on the ground by the camera's known geometry. Ground (lawn, soil, path, water,
snow, litter) lies where its pixel meets the plane. What stands upright (plants, wood, obstacles) hides what is behind
it and would be laid too far away: it stands where the lowest pixel of its column meets the ground, and its upper
pixels count there and no more than `BODY_M` behind. Evidence is a count of pixels by class, worth less the farther
away; it halves with every `half_life_steps` in which the robot lives on, so that where it has not looked lately it
comes to know nothing again. Nothing true enters: poses are those that odometry believes in.
"""

import math

import numpy as np
from numba import njit

from agent.ground_geometry import ground_points
from scenarios.spec import CameraSpec
from scenarios.tables import CLASS_NAMES, LAWN, LITTER, PATH, SKY, SNOW, SOIL, WATER

CELL_M = 0.1
FARTHEST_M = 4.5  # a pixel farther away covers more ground than it tells of
SEEN_WELL_M = 3.0  # what is farther away than this still wants a look
HALF_WEIGHT_M = 1.5  # distance at which a pixel is worth half
HOLE_PX = 3  # pixels of a column through which ground shows between the leaves of one plant
BODY_M = 0.4  # how deep a plant is taken to be, behind the point where it meets the ground
PRIOR = 0.5  # evidence that each class has without a look (Jeffreys' Dirichlet)
MOST_EVIDENCE = 15.0  # of a cell: a long look must not outweigh what changes afterwards

GROUND = np.zeros(len(CLASS_NAMES), bool)
GROUND[[LAWN, SOIL, PATH, WATER, SNOW, LITTER]] = True


@njit(cache=True)
def _lay(guess, points, x_m, y_m, heading_rad, evidence, seen, now, cell_m, ground, sky, limits):  # pragma: no cover
    farthest_m, half_m, body_m, most, well_m = limits
    rows, columns, classes = evidence.shape
    ahead_x, ahead_y = math.cos(heading_rad), math.sin(heading_rad)
    for j in range(guess.shape[1]):
        foot_m = -1.0  # how far ahead the upright thing meets the ground that the pixels below belong to
        gap = 0  # pixels of ground since: a few are holes in a crown, and what is above them belongs to it, too
        for i in range(guess.shape[0] - 1, -1, -1):
            kind = guess[i, j]
            forward_m, left_m = points[i, j, 0], points[i, j, 1]
            on_plane = forward_m > 0.0 and forward_m < 1e6
            if kind == sky:
                foot_m = -1.0
                continue
            if ground[kind]:
                gap += 1
                if gap > HOLE_PX:
                    foot_m = -1.0
                if not on_plane or forward_m > farthest_m:
                    continue
                at_m = forward_m
            else:
                gap = 0
                if foot_m < 0.0:
                    if not on_plane or forward_m > farthest_m:
                        continue
                    foot_m = forward_m
                at_m = foot_m + body_m
                if on_plane and forward_m < at_m:
                    at_m = forward_m
            # a pixel of a column keeps its bearing when it is brought nearer
            aside_m = left_m * at_m / forward_m if on_plane else _aside(points, j) * at_m
            column = math.floor((x_m + at_m * ahead_x - aside_m * ahead_y) / cell_m)
            row = math.floor((y_m + at_m * ahead_y + aside_m * ahead_x) / cell_m)
            if row < 0 or row >= rows or column < 0 or column >= columns:
                continue
            cell = evidence[row, column]
            cell[kind] += 1.0 / (1.0 + (at_m / half_m) ** 2)
            if at_m <= well_m:
                seen[row, column] = now
            total = 0.0
            for k in range(classes):
                total += cell[k]
            if total > most:
                for k in range(classes):
                    cell[k] *= most / total


@njit(cache=True)
def _aside(points, j):  # pragma: no cover
    """Lateral over forward distance of a column: read off its lowest pixel."""
    bottom = points[points.shape[0] - 1, j]
    return bottom[1] / bottom[0]


class SemanticMap:
    """What the robot believes to lie and stand in the garden.

    Args:
        width_m, depth_m: of the ground it covers; the origin is the garden's corner as odometry has it [m].
        camera: whose geometry is known; the frames' labels are at half its resolution.
        half_life_steps: control steps in which evidence halves.
        cell_m: side of a cell [m].

    Attributes:
        evidence: (R, C, K) float32, counts of pixels by class; row = y / cell, column = x / cell.
        seen_step: (R, C) int64, the step in which a cell was last seen well; -1 for never.
    """

    def __init__(
        self, width_m: float, depth_m: float, camera: CameraSpec, *, half_life_steps: float, cell_m: float = CELL_M
    ) -> None:
        if half_life_steps <= 0.0:
            raise ValueError(f"half_life_steps is {half_life_steps:g}; evidence needs a half-life above 0")
        shape = math.ceil(depth_m / cell_m - 1e-9), math.ceil(width_m / cell_m - 1e-9)
        self.cell_m = cell_m
        self.evidence = np.zeros((*shape, len(CLASS_NAMES)), np.float32)
        self.seen_step = np.full(shape, -1, np.int64)
        self._half_life_steps = half_life_steps
        self._points = ground_points(camera).astype(np.float64)
        self._step = 0

    def look(self, guess: np.ndarray, pose: np.ndarray, step: int) -> None:
        """Lay a frame on the ground.

        Args:
            guess: (h, w) uint8, the class of every output pixel.
            pose: (3,) float64, where odometry says the robot is: x [m], y [m], heading [rad].
            step: control step of the frame; not before that of the last one.
        """
        self.fade(step)
        limits = FARTHEST_M, HALF_WEIGHT_M, BODY_M, MOST_EVIDENCE, SEEN_WELL_M
        x_m, y_m, heading_rad = (float(number) for number in pose)
        _lay(
            guess,
            self._points,
            x_m,
            y_m,
            heading_rad,
            self.evidence,
            self.seen_step,
            step,
            self.cell_m,
            GROUND,
            SKY,
            limits,
        )

    def fade(self, step: int) -> None:
        """Let time pass until a control step: evidence halves with every half-life."""
        if step < self._step:
            raise ValueError(f"step {step} lies before step {self._step}, which the map has lived")
        if step > self._step:
            self.evidence *= np.float32(0.5 ** ((step - self._step) / self._half_life_steps))
            self._step = step

    def touch(self, x_m: float, y_m: float, kind: int, counts: float) -> None:
        """Add evidence for a class at one place, as a bump does; outside of the map it is nothing."""
        row, column = self.cell(x_m, y_m)
        if 0 <= row < self.evidence.shape[0] and 0 <= column < self.evidence.shape[1]:
            self.evidence[row, column, kind] += counts
            self.seen_step[row, column] = self._step

    def cell(self, x_m: float, y_m: float) -> tuple[int, int]:
        """Row and column of a place; they may lie outside."""
        return math.floor(y_m / self.cell_m), math.floor(x_m / self.cell_m)

    def probabilities(self) -> np.ndarray:
        """The expected share of every class in every cell, (R, C, K) float32: the mean of the Dirichlet.

        >>> blank = SemanticMap(1.0, 1.0, CameraSpec(), half_life_steps=10.0)
        >>> bool(np.allclose(blank.probabilities(), 1 / 12))
        True
        """
        counts = self.evidence + np.float32(PRIOR)
        return counts / counts.sum(2, keepdims=True)

    def known(self) -> np.ndarray:
        """How much of what is believed of a cell was seen, against the prior, (R, C) float32 in [0, 1)."""
        seen = self.evidence.sum(2)
        return seen / (seen + np.float32(PRIOR * self.evidence.shape[2]))

    def classes(self) -> np.ndarray:
        """The class that each cell shows most of, (R, C) uint8; 255 where there is next to no evidence."""
        best = self.evidence.argmax(2).astype(np.uint8)
        best[self.evidence.sum(2) < PRIOR] = 255
        return best

    @property
    def center_m(self) -> tuple[np.ndarray, np.ndarray]:
        """x and y of the cells' middles, each (R, C) float64 [m]."""
        rows, columns = self.seen_step.shape
        y_m, x_m = np.meshgrid(
            (np.arange(rows) + 0.5) * self.cell_m, (np.arange(columns) + 0.5) * self.cell_m, indexing="ij"
        )
        return x_m, y_m
