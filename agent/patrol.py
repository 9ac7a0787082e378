"""The patrol: the owner taught a round trip through the garden; the robot drives it, lap after lap.

Laps alternate in direction and the robot now and then looks aside at a waypoint, so that beds are seen from both sides.
Nothing here looks at the camera: every learner that shadows a patrol lives through the identical stream.
"""

import math

import numpy as np

from garden_env.garden import wrap_rad
from scenarios.spec import RobotSpec

ARRIVED_M = 0.15  # a waypoint counts as reached within this distance
GLANCE_SHARE = 0.25  # share of waypoints at which the robot spends a step looking aside
GLANCE_RAD = math.radians(100.0)  # how far aside it looks, at most
STUCK_STEPS = 12  # steps without reaching the next waypoint after which it is skipped


class Patrol:
    """Follows a closed route by dead reckoning.

    Args:
        route_m: (K, 2) float64, waypoints of a closed round trip [m].
        robot: step length and turn limit.
        rng: draws the glances aside.
    """

    def __init__(self, route_m: np.ndarray, robot: RobotSpec, rng: np.random.Generator) -> None:
        self._route_m = route_m
        self._robot = robot
        self._rng = rng
        self._next, self._stride, self._laps, self._tries = 0, 1, 0, 0
        self._glance_rad = 0.0

    @property
    def laps(self) -> int:
        """Rounds completed."""
        return self._laps

    def act(self, pose: np.ndarray) -> np.ndarray:
        """Choose the next manoeuvre.

        Args:
            pose: (3,) float64, where odometry says the robot is: x [m], y [m], heading [rad].

        Returns:
            (3,) float64: speed, turn, valve (always shut), each in [-1, 1].
        """
        if self._glance_rad:  # looked aside last time; nothing to undo, the next turn aims at the waypoint again
            self._glance_rad = 0.0
        elif self._arrived(pose):
            self._advance()
            if self._rng.random() < GLANCE_SHARE:
                self._glance_rad = self._rng.uniform(-GLANCE_RAD, GLANCE_RAD)
                return np.array([0.0, self._turn(self._glance_rad), -1.0])
        self._tries += 1
        if self._tries > STUCK_STEPS:
            self._advance()
        east_m, north_m = self._route_m[self._next] - pose[:2]
        turn_rad = wrap_rad(math.atan2(north_m, east_m) - pose[2])
        limit_rad = math.radians(self._robot.turn_deg_per_step)
        drive_m = math.hypot(east_m, north_m) if abs(turn_rad) <= limit_rad else 0.0
        return np.array([min(1.0, drive_m / self._robot.metres_per_step), self._turn(turn_rad), -1.0])

    def _arrived(self, pose: np.ndarray) -> bool:
        return bool(np.hypot(*(self._route_m[self._next] - pose[:2])) < ARRIVED_M)

    def _advance(self) -> None:
        self._tries = 0
        self._next += self._stride
        if not 0 <= self._next < len(self._route_m):
            self._laps += 1
            self._stride = -self._stride
            self._next = len(self._route_m) - 1 if self._stride < 0 else 0

    def _turn(self, turn_rad: float) -> float:
        return float(np.clip(turn_rad / math.radians(self._robot.turn_deg_per_step), -1.0, 1.0))
