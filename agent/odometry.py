"""Where the robot believes to be: what its wheels say, less what bumps and the shed have taught it.

Wheels that slip count ground that was never covered. Two things set that right without any picture: at the shed, where
the tank refills, odometry starts anew; and a bump says that the drive ended where something stands, so that of the
distance on the wheels only as much was driven as the map says was free.
"""

import math

import numpy as np

from garden_env.env import STATE
from garden_env.pace import REFILL_M

X, Y, COS, SIN = (STATE.index(name) for name in ("odometry_x_m", "odometry_y_m", "heading_cos", "heading_sin"))
TANK, BUMP, WETNESS = (STATE.index(name) for name in ("tank", "bump", "soil_wetness"))
FULL = 0.999  # share of the tank above which it is full


class Odometry:
    """Follows the robot's own senses.

    Args:
        dock: (3,) float64, where the owner's plan has the shed's dock: x [m], y [m], heading [rad].
    """

    def __init__(self, dock: np.ndarray) -> None:
        self._dock_m = np.asarray(dock[:2], np.float64)
        self._correction_m = np.zeros(2)
        self._last_m: np.ndarray | None = None
        self._last_tank = 1.0

    def update(self, senses: np.ndarray, free_m: float = math.inf) -> np.ndarray:
        """Take in what the robot felt after a step.

        Args:
            senses: (9,) float32, see `garden_env.env.STATE`.
            free_m: how far it could have driven on its course before it would have met what the map believes in [m].

        Returns:
            (3,) float64, the pose it believes in: x [m], y [m], heading [rad].
        """
        wheels_m = self._dock_m + senses[[X, Y]].astype(np.float64)
        full = senses[TANK] >= FULL
        if full and (self._last_tank < FULL or np.hypot(senses[X], senses[Y]) < REFILL_M):
            self._correction_m = np.zeros(2)  # at the shed odometry itself starts anew
        elif senses[BUMP] > 0.5 and self._last_m is not None:
            moved_m = wheels_m - self._last_m
            driven_m = float(np.hypot(*moved_m))
            if driven_m > free_m:
                self._correction_m = self._correction_m - moved_m * (1.0 - free_m / driven_m)
        self._last_m, self._last_tank = wheels_m, float(senses[TANK])
        return np.append(wheels_m + self._correction_m, math.atan2(senses[SIN], senses[COS]))
