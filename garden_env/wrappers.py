"""What reinforcement learning on pixels asks of the garden: a few named manoeuvres, and a picture and nothing else.

>>> import gymnasium, garden_env
>>> from garden_env.wrappers import DiscreteActions, PixelsOnly
>>> env = PixelsOnly(DiscreteActions(gymnasium.make("evergreen/Garden-v0", scenario="four_seasons")))
>>> env.action_space, env.observation_space
(Discrete(9), Box(0, 255, (3, 64, 64), uint8))
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, SupportsInt, cast

import cv2
import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.utils import RecordConstructorArgs

from garden_env.env import GardenEnv

LEAST_PX, MOST_PX = 16, 1024  # sides of a picture that a net can be expected to take


class Manoeuvre(NamedTuple):
    """One control step in the owner's words."""

    speed: float  # share of `metres_per_step`, negative is backwards
    turn_deg: float  # before it drives, counter-clockwise positive
    valve: float  # share of `flow_l_per_step`; 0 is shut


MANOEUVRES = {  # by the index of the action; turns fit a camera that sees 90 degrees
    "wait": Manoeuvre(0.0, 0.0, 0.0),
    "ahead": Manoeuvre(1.0, 0.0, 0.0),
    "ahead_left": Manoeuvre(1.0, 30.0, 0.0),
    "ahead_right": Manoeuvre(1.0, -30.0, 0.0),
    "back": Manoeuvre(-1.0, 0.0, 0.0),
    "turn_left": Manoeuvre(0.0, 90.0, 0.0),
    "turn_right": Manoeuvre(0.0, -90.0, 0.0),
    "water": Manoeuvre(0.0, 0.0, 1.0),
    "water_a_little": Manoeuvre(0.0, 0.0, 0.25),
}


class DiscreteActions(gymnasium.ActionWrapper, RecordConstructorArgs):
    """The garden with `Discrete` actions: the index of a manoeuvre in a small table.

    Args:
        env: a garden, `evergreen/Garden-v0`, with or without other wrappers around its observations.
        manoeuvres: the table, by name; the order numbers the actions.

    Attributes:
        names: what each action is called.

    Raises:
        ValueError: the table is empty, a number in it is out of range, or the robot cannot turn so far in one step.
        TypeError: what is wrapped is no garden.
    """

    def __init__(self, env: gymnasium.Env, manoeuvres: Mapping[str, Manoeuvre] = MANOEUVRES) -> None:
        RecordConstructorArgs.__init__(self, manoeuvres=dict(manoeuvres))
        gymnasium.ActionWrapper.__init__(self, env)
        scenario = _garden(env, self).scenario
        if not isinstance(env.action_space, spaces.Box):
            raise TypeError(f"DiscreteActions wraps the garden's own actions, a Box, but was given {env.action_space}")
        if not manoeuvres:
            raise ValueError("manoeuvres is empty; an agent needs at least one")
        most_deg = scenario.robot.turn_deg_per_step
        for name, (speed, turn_deg, valve) in manoeuvres.items():
            if not (-1.0 <= speed <= 1.0 and 0.0 <= valve <= 1.0):
                raise ValueError(
                    f"manoeuvre {name!r} has speed {speed} and valve {valve}; speed is from -1 to 1, valve from 0 to 1"
                )
            if not abs(turn_deg) <= most_deg:
                raise ValueError(
                    f"manoeuvre {name!r} turns {turn_deg:g} degrees, but the robot of scenario {scenario.name!r} turns "
                    f"at most {most_deg:g} in a step; pass `manoeuvres` with smaller turns"
                )
        self.names = tuple(manoeuvres)
        self._controls = np.array([(m[0], m[1] / most_deg, m[2]) for m in manoeuvres.values()], np.float32)
        self.action_space = spaces.Discrete(len(self.names))

    def action(self, action: SupportsInt) -> np.ndarray:
        """The garden's own action, (3,) float32, for the index of a manoeuvre."""
        if not self.action_space.contains(action):
            last = len(self.names) - 1
            raise ValueError(f"an action is the index of a manoeuvre, a whole number from 0 to {last}, not {action!r}")
        return self._controls[int(action)].copy()


class PixelsOnly(gymnasium.ObservationWrapper, RecordConstructorArgs):
    """The garden seen through the camera alone: no wheels felt, no tank, no labels, no drift told.

    Observations are `Box(0, 255, (3, size_px, size_px), uint8)`: channels first, which is the order that
    Stable-Baselines3's `CnnPolicy` hands to its net, so that nothing is transposed on the way.

    Args:
        env: a garden, `evergreen/Garden-v0`, with or without `DiscreteActions`.
        size_px: side of the picture; another camera's picture is resized by area, and squeezed if it is not square.

    Raises:
        ValueError: `size_px` is out of range.
        TypeError: what is wrapped is no garden, or its observations have no `rgb`.
    """

    def __init__(self, env: gymnasium.Env, size_px: int = 64) -> None:
        RecordConstructorArgs.__init__(self, size_px=size_px)
        gymnasium.ObservationWrapper.__init__(self, env)
        _garden(env, self)
        if not isinstance(env.observation_space, spaces.Dict) or "rgb" not in env.observation_space.spaces:
            raise TypeError(f"PixelsOnly picks `rgb` from a Dict, but the observations are {env.observation_space}")
        if not LEAST_PX <= size_px <= MOST_PX:
            raise ValueError(f"size_px is {size_px}; a picture has {LEAST_PX} to {MOST_PX} pixels a side")
        self.size_px = size_px
        self.observation_space = spaces.Box(0, 255, (3, size_px, size_px), np.uint8)

    def observation(self, observation: Mapping[str, Any]) -> np.ndarray:
        """The picture, (3, size_px, size_px) uint8, of an observation with `rgb` (H, W, 3) uint8."""
        rgb = observation["rgb"]
        if rgb.shape[:2] != (self.size_px, self.size_px):
            rgb = cv2.resize(rgb, (self.size_px, self.size_px), interpolation=cv2.INTER_AREA)
        return np.ascontiguousarray(rgb.transpose(2, 0, 1))


def _garden(env: gymnasium.Env, wrapper: gymnasium.Wrapper) -> GardenEnv:
    """The garden below all wrappers."""
    if not isinstance(env.unwrapped, GardenEnv):
        raise TypeError(f"{type(wrapper).__name__} wraps evergreen/Garden-v0, not {env.unwrapped}")
    return cast(GardenEnv, env.unwrapped)
