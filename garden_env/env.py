"""The garden as a Gymnasium environment: one robot, one life, `evergreen/Garden-v0`."""

from typing import Any, ClassVar, Literal, get_args

import gymnasium
import numpy as np
from gymnasium import spaces

from garden_env.camera import empty_frame
from garden_env.garden import Garden, plant_garden
from garden_env.truth import CLASSES_CHANGED, DELTA_E_CHANGED
from garden_env.world import World
from scenarios.files import load
from scenarios.names import nearest
from scenarios.spec import Scenario
from scenarios.tables import IGNORE

REWARD_WEIGHTS = {  # points for one unit of each term; the terms themselves are in info["reward_terms"]
    "relieved_l": 1.0,
    "stored_l": 0.0,
    "wasted_l": -0.1,
    "bumps": -0.5,
    "plants_run_over": -1.0,
    "travel_m": -0.01,
}

SKY_DEPTH_M = 1000.0  # the sky has no depth; in observations it stands this far away

Told = Literal["none", "flag", "magnitude"]
MOST_DELTA_E = 50.0  # the colour difference that a told magnitude of 1 stands for; snow on a lawn is about 30

STATE = ("speed", "turn", "tank", "bump", "soil_wetness", "odometry_x_m", "odometry_y_m", "heading_cos", "heading_sin")


class GardenEnv(gymnasium.Env):
    """A watering robot in a garden through the seasons.

    ## Description
    The robot drives through one garden in one continuous life. Seasons, weather and plants change what its camera
    sees; nothing in the observation says what day it is.

    ## Action space
    `Box(-1, 1, (3,))`: speed (share of `metres_per_step`, negative is backwards), turn (share of `turn_deg_per_step`,
    positive is counter-clockwise), valve (0 or less is shut, 1 is fully open). One step turns on the spot, then drives.

    ## Observation space
    `Dict` of `rgb` (H, W, 3) uint8; `state` (9,) float32, named by `garden_env.env.STATE`: speed and turn as
    carried out, tank level (share), bump (0 or 1), soil wetness under the nose (0 dry to 1 wet), odometry (metres from
    the dock, and heading). With `labels=True` also `mask` and `mask_under` (H, W) uint8, with `depth=True` also `depth`
    (H, W) float32 [m], the sky at `SKY_DEPTH_M`. Class numbers are in `scenarios.tables.CLASSES`; 255 is 'no answer'.
    `drift` tells how far the garden has changed since commissioning (see `garden_env.truth`), by the level of the
    argument of that name: not at all at 'none', then there is no such key; at 'flag' (1,) float32, 1 while colours
    differ by more than `DELTA_E_CHANGED` or classes by more than `CLASSES_CHANGED`; at 'magnitude' (2,) float32, the
    colour difference over `MOST_DELTA_E` and the change of classes, both 0 to 1.

    ## Rewards
    The weighted sum (`REWARD_WEIGHTS`) of the terms in `info["reward_terms"]`: water that relieved stress, water stored
    in root zones beyond that, water wasted (beside plants, or more than a root zone holds), bumps, plants driven over,
    metres travelled.

    ## Starting state
    At the shed's dock on the first day of the scenario, tank full. The seed draws garden and weather.

    ## Episode end
    Never terminates; truncates after the scenario's last day.

    ## Arguments
    `scenario`: a library name, a .yaml file or a `Scenario`. `labels`, `depth`, `drift`: see above. `render_mode`:
    `rgb_array` gives the robot's view at 640x480, `human` shows it in a window with map and calendar, which can be
    paused and slowed down (`garden_env.viewer`). `max_steps` shortens the life.

    ## Info
    `date`, `hour` (solar time), `day`, `drift` (the truth: script, season, weather, change; see
    `garden_env.truth.Truth.now`), `pose`, `reward_terms`.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["rgb_array", "human"], "render_fps": 24}

    def __init__(
        self,
        scenario: str | Scenario = "four_seasons",
        *,
        labels: bool = False,
        depth: bool = False,
        drift: Told = "none",
        render_mode: str | None = None,
        max_steps: int | None = None,
    ) -> None:
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            raise ValueError(f"render_mode {render_mode!r} is none of {self.metadata['render_modes']}")
        if drift not in get_args(Told):
            raise ValueError(nearest(str(drift), get_args(Told), kind="level of `drift`"))
        if max_steps is not None and max_steps < 1:
            raise ValueError(f"max_steps must be at least 1, not {max_steps}")
        self.scenario = scenario if isinstance(scenario, Scenario) else load(scenario)
        self.labels, self.depth, self.render_mode = labels, depth, render_mode
        self.drift: Told = drift
        life_steps = self.scenario.life_steps
        self.life_steps = life_steps if max_steps is None else min(max_steps, life_steps)
        self.action_space = spaces.Box(-1.0, 1.0, (3,), np.float32)
        camera = self.scenario.camera
        shape = (camera.height_px, camera.width_px)
        reach_m = np.float32(np.hypot(self.scenario.garden.width_m, self.scenario.garden.depth_m))
        high = np.array([1, 1, 1, 1, 1, reach_m, reach_m, 1, 1], np.float32)
        low = np.array([-1, -1, 0, 0, 0, -reach_m, -reach_m, -1, -1], np.float32)
        seen: dict[str, spaces.Space] = {
            "rgb": spaces.Box(0, 255, (*shape, 3), np.uint8),
            "state": spaces.Box(low, high, dtype=np.float32),
        }
        if labels:
            seen |= {key: spaces.Box(0, IGNORE, shape, np.uint8) for key in ("mask", "mask_under")}
        if depth:
            seen["depth"] = spaces.Box(0.0, SKY_DEPTH_M, shape, np.float32)
        if drift != "none":
            seen["drift"] = spaces.Box(0.0, 1.0, (1 if drift == "flag" else 2,), np.float32)
        self.observation_space = spaces.Dict(seen)
        self.world: World | None = None
        self._watch = None

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None):
        """Begin a new life; see `gymnasium.Env.reset`. There are no reset options."""
        self.world = World([self.draw_garden(seed, options)])
        observation, info = self._observe(self.world), self.info(self.world)
        if self.render_mode == "human":
            self.render()
        return observation, info

    def draw_garden(self, seed: int | None = None, options: dict[str, Any] | None = None) -> Garden:
        """The garden of the next life, drawn from the environment's own generator; takes what `reset` takes."""
        super().reset(seed=seed)
        if options:
            raise ValueError(f"reset knows no options, given {sorted(options)}")
        return plant_garden(self.scenario, int(self.np_random.integers(2**31)))

    def step(self, action):
        """Carry out one manoeuvre; see `gymnasium.Env.step`."""
        if self.world is None:
            raise gymnasium.error.ResetNeeded("call reset() before step()")
        action = np.asarray(action, np.float64)
        if action.shape != (3,) or not np.isfinite(action).all():
            raise ValueError(f"an action is three finite numbers (speed, turn, valve), not {action!r}")
        terms = self.world.advance(action[None])
        observation, info = self._observe(self.world), self.info(self.world)
        info["reward_terms"] = {name: float(values[0]) for name, values in terms.items()}
        reward = 0.0  # added up by hand: from Python 3.12 on, sum() adds as compiled code does not
        for name, value in info["reward_terms"].items():
            reward += REWARD_WEIGHTS[name] * value
        if self.render_mode == "human":
            self.render()
        return observation, reward, False, self.world.steps >= self.life_steps, info

    def render(self):
        """The robot's view: returned as (480, 640, 3) uint8, or shown in a window (`human`)."""
        if self.world is None:
            raise gymnasium.error.ResetNeeded("call reset() before render()")
        if self.render_mode is None:
            gymnasium.logger.warn("render() does nothing without a render_mode; pass one to gymnasium.make")
            return None
        if self.render_mode == "rgb_array":
            large = self.scenario.camera.model_copy(update={"width_px": 640, "height_px": 480, "noise": 0.0})
            return self.world.draw(0, camera=large).rgb.copy()
        if self._watch is None:
            from garden_env.viewer.watch import Watch

            self._watch = Watch(self.metadata["render_fps"])
        self._watch.show(self.world)
        return None

    def close(self) -> None:
        """Close the window, if there is one; may be called twice."""
        if self._watch is not None:
            self._watch.close()
            self._watch = None

    def _observe(self, world: World) -> dict[str, np.ndarray]:
        frame = empty_frame(self.scenario.camera, wiped=False)
        world.draw_into(0, frame, farthest_m=SKY_DEPTH_M if self.depth else np.inf)
        seen = {"rgb": frame.rgb, "state": world.state(0)}
        if self.labels:
            seen |= {"mask": frame.mask, "mask_under": frame.mask_under}
        if self.depth:
            seen["depth"] = frame.depth_m
        if self.drift != "none":
            seen["drift"] = told(self.drift, *world.change(0))
        return seen

    def info(self, world: World) -> dict[str, Any]:
        """What `step` tells of a world of this environment's, but for the terms of the reward."""
        return {
            "date": world.date(0).isoformat(),
            "day": world.day,
            "hour": world.hour(0),
            "drift": world.drift(0),
            "pose": world.pose[0].copy(),
        }


def told(level: Told, colours: float, classes: float) -> np.ndarray:
    """What the robot is told of a change of colours and classes; see `GardenEnv`. Float32, (1,) or (2,).

    >>> told("magnitude", 25.0, 0.25).tolist(), told("flag", 25.0, 0.25).tolist()
    ([0.5, 0.25], [1.0])
    """
    if level == "flag":
        return np.array([colours > DELTA_E_CHANGED or classes > CLASSES_CHANGED], np.float32)
    return np.array([min(colours / MOST_DELTA_E, 1.0), min(classes, 1.0)], np.float32)
