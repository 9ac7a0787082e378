"""Contact: what a robot finds out about the ground by itself, and what that says about pictures it has taken.

It feels three things. Where it drove, the ground can be driven on. Where it bumped, something solid stands (or the
pond begins). Where its probe was in wet soil, or where it watered, the plants do not lack water. Such findings are kept
in a map about the dock, in the robot's own odometry. When a block of frames is a block old, they are projected back
into it by the camera's geometry: a pixel that shows a place driven over is one of the drivable classes, and which one
is what the net itself thought likeliest among these when it saw the frame. Where it thought so anyway, it would only
hear itself, and does not: contact corrects. All other pixels have no answer (255).

Only images, senses and actions are looked at, and what the net made of the images: no truth, no pose, no date.

Occlusion: a place driven over counts as seen if it is nearer than `FARTHEST_M` and the straight line to it leads over
ground that was driven over as well, for nothing can stand there; the band is `HALF_WIDTH_M` wide on either side.
"""

from dataclasses import dataclass

import numpy as np

from agent.ground_geometry import ground_points, line_of_sight, to_pixels, to_world
from garden_env.pace import NOSE_M
from scenarios.spec import CameraSpec, RobotSpec
from scenarios.tables import BLOSSOM, CLASSES, FOLIAGE, IGNORE, OBSTACLE, WATER, WILTED, WOOD

CELL_M = 0.1  # of the map
HALF_WIDTH_M = 0.18  # ground on either side of the track that the robot's body passes over
FARTHEST_M = 2.5  # beyond it, a pixel covers more than a few cells
KEPT_STEPS = 240  # findings older than this are not relied upon: grounds change, and odometry drifts
WET = 0.6  # from this wetness on, of 0..1, the soil about a plant holds water
ROOTS_M = 0.25  # about a wet place, whatever grows has water
PLANT_HEIGHTS_M = (0.05, 0.15, 0.25, 0.35)  # at which plants over a place are looked for
SOLID_HEIGHTS_M = (0.02, 0.1, 0.2)  # at which what was bumped into is looked for
NEVER = -(10**9)  # the step of what was never found

DRIVABLE = np.array([row.id for row in CLASSES.values() if row.drivable])
SOLID = np.array([OBSTACLE, WOOD, WATER])
WATERED = np.array([FOLIAGE, BLOSSOM])
GROWING = np.array([FOLIAGE, BLOSSOM, WILTED])


@dataclass(frozen=True)
class Glimpse:
    """Frames with what was known when they were taken.

    Attributes:
        first_step: control step of the first of them.
        images: (n, 3, H, W) uint8.
        poses: (n, 3) float64, by odometry from the dock: x [m], y [m], heading [rad].
        probabilities: (n, C, h, w) float32, the net's.
    """

    first_step: int
    images: np.ndarray
    poses: np.ndarray
    probabilities: np.ndarray


class Contact:
    """Keeps what was found out, and answers the frames of the block before.

    Args:
        camera: as it is mounted.
        robot: its radius, its nozzle.
        reach_m: how far from the dock the garden goes at most; the map ends there.
    """

    def __init__(self, camera: CameraSpec, robot: RobotSpec, reach_m: float) -> None:
        self._camera, self._robot = camera, robot
        self._points = ground_points(camera)
        self._near = self._points[..., 0] < FARTHEST_M
        side = 2 * int(np.ceil(reach_m / CELL_M)) + 1
        self._driven, self._bumped, self._watered = (np.full((side, side), NEVER, np.int32) for _ in range(3))
        self._last: tuple[np.ndarray, np.ndarray] | None = None  # senses and action of the step before
        self._waiting: Glimpse | None = None

    @property
    def nbytes(self) -> int:
        """Of the map, and of the block that waits."""
        maps = sum(found.nbytes for found in (self._driven, self._bumped, self._watered))
        waiting = self._waiting
        return maps if waiting is None else maps + waiting.images.nbytes + waiting.probabilities.nbytes

    def feel(self, first_step: int, senses: np.ndarray, actions: np.ndarray) -> None:
        """Take in what the robot felt and did.

        Args:
            first_step: control step of the first row.
            senses: (n, 9) float32, before each action; see `garden_env.env.STATE`.
            actions: (n, 3) float64: speed, turn, valve.
        """
        for i, (sense, action) in enumerate(zip(senses.astype(np.float64), actions, strict=True)):
            if self._last is not None:
                self._moved(first_step + i, self._last, sense)
            self._probed(first_step + i, sense)
            self._last = sense, action

    def answers(
        self, first_step: int, images: np.ndarray, senses: np.ndarray, actions: np.ndarray, probabilities: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Take in a block, and answer the one before it.

        Args:
            first_step: control step of the first frame.
            images: (n, 3, H, W) uint8.
            senses, actions: see `feel`.
            probabilities: (n, C, h, w) float32, the net's for these frames.

        Returns:
            steps (m,) int, images (m, 3, H, W) and labels (m, h, w), both uint8: the frames of the block before
            about which anything was found out; a label is 255 where nothing was.
        """
        self.feel(first_step, senses, actions)
        before = self._waiting
        self._waiting = Glimpse(first_step, images, odometry_poses(senses), probabilities)
        if before is None:
            return np.zeros(0, int), images[:0], np.zeros((0, *probabilities.shape[2:]), np.uint8)
        labels = self.project(before)
        told = (labels != IGNORE).any((1, 2))
        return before.first_step + np.flatnonzero(told), before.images[told], labels[told]

    def project(self, glimpse: Glimpse) -> np.ndarray:
        """What is known by now about the pixels of frames, (n, h, w) uint8; 255 is nothing."""
        frames = range(len(glimpse.poses))
        return np.stack(
            [self._label(glimpse.first_step + i, glimpse.poses[i], glimpse.probabilities[i]) for i in frames]
        )

    def _label(self, step: int, pose: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
        labels = np.full(self._near.shape, IGNORE, np.uint8)
        self._label_ground(labels, step, pose, probabilities)
        self._label_plants(labels, step, pose, probabilities)
        self._label_solids(labels, step, pose, probabilities)
        labels[labels == probabilities.argmax(0)] = IGNORE  # where it was right, it would only hear itself
        return labels

    def _label_ground(self, labels: np.ndarray, step: int, pose: np.ndarray, probabilities: np.ndarray) -> None:
        free = self._driven > step - KEPT_STEPS
        rows, columns = np.nonzero(self._near)
        i, j, inside = self._cells(to_world(self._points[rows, columns], pose))
        shown = inside & free[i, j]
        rows, columns, i, j = rows[shown], columns[shown], i[shown], j[shown]
        start = tuple((pose[1::-1] / CELL_M + free.shape[0] / 2).tolist())
        seen = line_of_sight(free, i, j, start)
        rows, columns = rows[seen], columns[seen]
        labels[rows, columns] = DRIVABLE[probabilities[DRIVABLE[:, None], rows, columns].argmax(0)]

    def _label_plants(self, labels: np.ndarray, step: int, pose: np.ndarray, probabilities: np.ndarray) -> None:
        places = self._places(self._watered > step - KEPT_STEPS, pose)
        likeliest = probabilities.argmax(0)
        for height_m in PLANT_HEIGHTS_M:
            rows, columns, visible = to_pixels(self._camera, pose, places, height_m=height_m)
            rows, columns = rows[visible], columns[visible]
            grows = np.isin(likeliest[rows, columns], GROWING)
            rows, columns = rows[grows], columns[grows]
            labels[rows, columns] = WATERED[probabilities[WATERED[:, None], rows, columns].argmax(0)]

    def _label_solids(self, labels: np.ndarray, step: int, pose: np.ndarray, probabilities: np.ndarray) -> None:
        places = self._places(self._bumped > step - KEPT_STEPS, pose)
        for height_m in SOLID_HEIGHTS_M:
            rows, columns, visible = to_pixels(self._camera, pose, places, height_m=height_m)
            rows, columns = rows[visible], columns[visible]
            labels[rows, columns] = SOLID[probabilities[SOLID[:, None], rows, columns].argmax(0)]

    def _moved(self, step: int, before: tuple[np.ndarray, np.ndarray], sense: np.ndarray) -> None:
        """Note what a manoeuvre told: where it led, what was in the way, what it watered."""
        was, action = before
        start, end = odometry_poses(was[None])[0], odometry_poses(sense[None])[0]
        if sense[3] > 0.5:  # of a drive that ended at something, only the end is sure: wheels may have spun there
            ahead = end[2] + (np.pi if action[0] < 0.0 else 0.0)
            away_m = self._robot.radius_m + CELL_M
            self._mark(self._bumped, end[:2] + away_m * np.array([np.cos(ahead), np.sin(ahead)]), 0.0, step)
        else:
            metres = np.hypot(*(end[:2] - start[:2]))
            if metres <= 2.0 * self._robot.metres_per_step:  # else odometry was set right at the shed
                for part in np.linspace(0.0, 1.0, max(2, int(np.ceil(metres / (CELL_M / 2))) + 1)):
                    self._mark(self._driven, start[:2] + part * (end[:2] - start[:2]), HALF_WIDTH_M, step)
        if action[2] > 0.0 and sense[2] < was[2]:
            reach_m, half_angle_rad = self._robot.spray_reach_m, np.radians(self._robot.spray_half_angle_deg)
            self._mark(self._watered, end[:2], reach_m, step, towards=(end[2], half_angle_rad))

    def _probed(self, step: int, sense: np.ndarray) -> None:
        pose = odometry_poses(sense[None])[0]
        nose = pose[:2] + NOSE_M * np.array([np.cos(pose[2]), np.sin(pose[2])])
        self._mark(self._watered, nose, ROOTS_M, step if sense[4] >= WET else NEVER)

    def _mark(
        self, found: np.ndarray, place: np.ndarray, radius_m: float, step: int,
        towards: tuple[float, float] | None = None,
    ) -> None:  # fmt: skip
        """Write a step into the cells about a place; of a cone only, if a heading and half an angle are given."""
        cells = int(np.ceil(radius_m / CELL_M)) + 1
        i, j = np.mgrid[-cells : cells + 1, -cells : cells + 1]
        row, column = np.floor(place[::-1] / CELL_M + found.shape[0] / 2).astype(int)
        i, j = i + row, j + column
        half = found.shape[0] / 2
        east_m, north_m = (j + 0.5 - half) * CELL_M - place[0], (i + 0.5 - half) * CELL_M - place[1]
        within = np.hypot(east_m, north_m) <= max(radius_m, 0.71 * CELL_M)
        if towards is not None:
            bearing = np.arctan2(north_m, east_m) - towards[0]
            within &= np.abs((bearing + np.pi) % (2 * np.pi) - np.pi) <= towards[1]
        within &= (i >= 0) & (i < found.shape[0]) & (j >= 0) & (j < found.shape[0])
        found[i[within], j[within]] = step

    def _cells(self, places: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows and columns of the map, and whether they lie on it, else 0."""
        side = self._driven.shape[0]
        column, row = np.floor(places / CELL_M + side / 2).astype(int).T
        inside = (row >= 0) & (row < side) & (column >= 0) & (column < side)
        return np.where(inside, row, 0), np.where(inside, column, 0), inside

    def _places(self, found: np.ndarray, pose: np.ndarray) -> np.ndarray:
        """Middles of the cells found that lie within sight of a pose, (k, 2) [m]."""
        side, reach = found.shape[0], int(FARTHEST_M / CELL_M)
        row, column = np.floor(pose[1::-1] / CELL_M + side / 2).astype(int)
        top, left = max(0, row - reach), max(0, column - reach)
        i, j = np.nonzero(found[top : row + reach + 1, left : column + reach + 1])
        return (np.stack([j + left, i + top], -1) + 0.5 - side / 2) * CELL_M


def odometry_poses(senses: np.ndarray) -> np.ndarray:
    """Where the robot believes to be: senses (n, 9) to (n, 3) float64, x and y from the dock [m], heading [rad]."""
    x_m, y_m, cos, sin = senses[:, 5:9].astype(np.float64).T
    return np.stack([x_m, y_m, np.arctan2(sin, cos)], -1)
