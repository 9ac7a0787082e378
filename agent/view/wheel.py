"""Who is at the wheel: the patrol, or a hand on the keys."""

from collections.abc import Collection

import numpy as np

from agent.patrol import Patrol
from garden_env.garden import dock_pose
from garden_env.world import World

TURN_DEG = 20.0  # a held key turns the robot by so much a step


class Wheel:
    """Chooses every manoeuvre of a robot that somebody watches.

    Args:
        patrol: drives while nobody else does.
        turn_deg_per_step: of the robot: what a turn of 1 is.

    Attributes:
        by_hand: whether a person drives.
    """

    def __init__(self, patrol: Patrol, turn_deg_per_step: float) -> None:
        self._patrol = patrol
        self._turn = min(1.0, TURN_DEG / turn_deg_per_step)
        self.by_hand = False

    @property
    def driver(self) -> str:
        """Who drives, in a word."""
        return "you" if self.by_hand else "patrol"

    def act(self, world: World, held: Collection[str]) -> np.ndarray:
        """The next manoeuvre, (3,) float64: speed, turn, valve.

        Args:
            world: whose first robot is meant.
            held: which keys are down, see `garden_env.viewer.keys.HELD`.
        """
        if self.by_hand:
            return by_keys(held, self._turn)
        return self._patrol.act(world.odometry(0) + dock_pose(world.gardens[0].layout))


def by_keys(held: Collection[str], turn: float) -> np.ndarray:
    """What held keys ask for; opposite ones cancel each other.

    >>> by_keys(["forward", "left"], 0.25).tolist()
    [1.0, 0.25, -1.0]
    """
    speed = ("forward" in held) - ("backward" in held)
    side = ("left" in held) - ("right" in held)
    return np.array([float(speed), side * turn, 1.0 if "water" in held else -1.0])
