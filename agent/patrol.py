"""The patrol: the owner taught a round trip through the garden; the robot drives it, lap after lap.

Every few steps it stops to look aside or back, to either side in turn, so that beds are seen from both ends.
Nothing here looks at the camera: every learner that shadows a patrol lives through the identical stream.
"""

import math

import numpy as np

from garden_env.garden import wrap_rad
from scenarios.spec import RobotSpec

ARRIVED_M = 0.15  # a waypoint counts as reached within this distance
STRIDES_A_GLANCE = 4  # after so many steps one is spent looking aside or back
GLANCE_RAD = (math.radians(50.0), math.radians(100.0))  # how far aside, at least and at most
STUCK_STEPS = 12  # steps without reaching the next waypoint after which it is skipped


class Patrol:
    """Follows a closed route by dead reckoning.

    Args:
        route_m: (K, 2) float64, waypoints of a closed round trip [m].
        robot: step length and turn limit.
        rng: draws how far it looks aside.
    """

    def __init__(self, route_m: np.ndarray, robot: RobotSpec, rng: np.random.Generator) -> None:
        self._route_m = route_m
        self._robot = robot
        self._rng = rng
        self._next, self._tries, self._strides, self._side = -1, 0, 0, 1

    def act(self, pose: np.ndarray) -> np.ndarray:
        """Choose the next manoeuvre.

        Args:
            pose: (3,) float64, where odometry says the robot is: x [m], y [m], heading [rad].

        Returns:
            (3,) float64: speed, turn, valve (always shut), each in [-1, 1].
        """
        self._strides += 1
        if self._strides % (STRIDES_A_GLANCE + 1) == 0:
            return np.array([0.0, self._turn(self._glance()), -1.0])
        if self._next < 0:  # from the dock, join the round trip where it is nearest
            self._next = int(np.hypot(*(self._route_m - pose[:2]).T).argmin())
        self._tries += 1
        if self._tries > STUCK_STEPS:
            self._advance()
        while self._distance_m(pose, self._next) < self._robot.metres_per_step:
            if self._distance_m(pose, self._after(self._next)) > self._robot.metres_per_step:
                break  # the farthest waypoint that one step reaches
            self._advance()
        if self._distance_m(pose, self._next) < ARRIVED_M:
            self._advance()
        east_m, north_m = self._route_m[self._next] - pose[:2]
        turn_rad = wrap_rad(math.atan2(north_m, east_m) - pose[2])
        limit_rad = math.radians(self._robot.turn_deg_per_step)
        drive_m = math.hypot(east_m, north_m) if abs(turn_rad) <= limit_rad else 0.0
        return np.array([min(1.0, drive_m / self._robot.metres_per_step), self._turn(turn_rad), -1.0])

    def _glance(self) -> float:
        """How far to look aside, left and right in turn [rad]."""
        self._side = -self._side
        return self._side * self._rng.uniform(*GLANCE_RAD)

    def _distance_m(self, pose: np.ndarray, waypoint: int) -> float:
        east_m, north_m = self._route_m[waypoint] - pose[:2]
        return math.hypot(east_m, north_m)

    def _after(self, waypoint: int) -> int:
        return (waypoint + 1) % len(self._route_m)

    def _advance(self) -> None:
        self._tries = 0
        self._next = self._after(self._next)

    def _turn(self, turn_rad: float) -> float:
        return min(max(turn_rad / math.radians(self._robot.turn_deg_per_step), -1.0), 1.0)
