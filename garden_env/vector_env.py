"""Many gardens at once: `evergreen/Garden-v0` as a Gymnasium vector environment.

A step drives, lights and draws all gardens in compiled code that works on a share of them in every thread
(`garden_env.pace`), straight into the arrays of the observation. Python is asked for a garden when its day ends, when
its life ends, and for the few looks that scripts hand to other libraries (`Stage.by_hand`, `Stage.turned`). Every
garden is, bit for bit, the single environment with its seed.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any, ClassVar

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_differing_spaces, batch_space, create_empty_array
from numba.core import config

from garden_env.camera import Frame
from garden_env.env import REWARD_WEIGHTS, SKY_DEPTH_M, GardenEnv, Told, told
from garden_env.infos import Infos
from garden_env.pace import TERMS, State, drive_range, see_range, sense_range
from garden_env.render.scene import MOST_PLANTS
from garden_env.snapshot import BY_GARDEN
from garden_env.stage import Stage, rhythm
from garden_env.world import World
from scenarios.names import nearest
from scenarios.spec import Scenario


class GardenVectorEnv(VectorEnv):
    """N watering robots in N gardens; see `garden_env.env.GardenEnv` for what one sees, does and earns.

    Args:
        num_envs: N.
        scenario: for all gardens, or N of them, one a garden. Their cameras have one size.
        labels, depth, drift, render_mode, max_steps: as of `GardenEnv`; there is no window.
        max_episode_steps: another bound to the life, as `gymnasium.make` takes it.
        autoreset_mode: what happens to a garden whose life has ended (`gymnasium.vector.AutoresetMode`, or its value):
            it begins anew with the next step ("NextStep"), within the same ("SameStep"), or when `reset` is told so by
            `options["reset_mask"]` ("Disabled"). A new life goes on drawing from the garden's own generator.
        copy: hand out observations of the caller's own. Without it they are the arrays into which the next step is
            drawn, always the same.
        threads: among how many threads gardens are shared out; NUMBA_NUM_THREADS, by default all cores, if not given.
            Another number gives the same bits.

    Attributes:
        scenarios: of every garden.
    """

    metadata: ClassVar[dict[str, Any]] = {
        "render_modes": ["rgb_array"],
        "render_fps": 24,
        "autoreset_mode": AutoresetMode.NEXT_STEP,
    }  # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(
        self, num_envs: int = 1, *, scenario: str | Scenario | Sequence[str | Scenario] = "four_seasons",
        labels: bool = False, depth: bool = False, drift: Told = "none", render_mode: str | None = None,
        max_steps: int | None = None, max_episode_steps: int | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP, copy: bool = True, threads: int | None = None,
    ) -> None:  # fmt: skip
        self._pool = None
        if num_envs < 1:
            raise ValueError(f"num_envs must be at least 1, not {num_envs}")
        if render_mode not in (None, "rgb_array"):
            raise ValueError(f"render_mode {render_mode!r} is none of {self.metadata['render_modes']}; for a window, "
                             "make a single environment with render_mode='human'")  # fmt: skip
        if threads is not None and threads < 1:
            raise ValueError(f"threads must be at least 1, not {threads}")
        self.mode, self.copy, self.num_envs = _mode(autoreset_mode), copy, num_envs
        self.drift: Told = drift
        self.metadata = self.metadata | {"autoreset_mode": self.mode}  # pyright: ignore[reportAttributeAccessIssue]
        self.render_mode = render_mode
        named = [scenario] if isinstance(scenario, str | Scenario) else list(scenario)
        if len(named) not in (1, num_envs):
            raise ValueError(f"scenario names {len(named)} scenarios for {num_envs} gardens; give one, or one a garden")
        bounds = [bound for bound in (max_steps, max_episode_steps) if bound is not None]
        loaded = [
            GardenEnv(name, labels=labels, depth=depth, drift=drift, render_mode=render_mode, max_steps=bound)
            for name in named
            for bound in [min(bounds) if bounds else None]
        ]
        self._singles = [
            GardenEnv(
                env.scenario, labels=labels, depth=depth, drift=drift, render_mode=render_mode, max_steps=env.life_steps
            )
            for env in (loaded * num_envs)[:num_envs]
        ]
        self.scenarios = [single.scenario for single in self._singles]
        self._take_spaces()
        self._make_room()
        usual: int = config.NUMBA_NUM_THREADS  # pyright: ignore[reportAttributeAccessIssue]
        count = min(threads or usual, num_envs)
        cuts = [num_envs * k // count for k in range(count + 1)]
        self._shares = list(pairwise(cuts))
        self._pool = ThreadPoolExecutor(count - 1, "garden") if count > 1 else None

    @property
    def np_random_seed(self) -> tuple[int, ...]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The seed of every garden's generator; -1 where it is not known."""
        return tuple(single.np_random_seed for single in self._singles)

    @property
    def np_random(self) -> tuple[np.random.Generator, ...]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The generators from which the gardens' lives are drawn."""
        return tuple(single.np_random for single in self._singles)

    def reset(self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None):
        """Begin new lives; see `gymnasium.vector.SyncVectorEnv.reset`.

        Args:
            seed: of the first garden, the others follow by one; or one for every garden; or None, to draw on.
            options: none but `reset_mask`, (N,) bool: which gardens begin anew; the others stay as they are.
        """
        options = dict(options or {})
        chosen = _mask(options.pop("reset_mask", None), self.num_envs)
        if options:
            raise ValueError(f"reset knows no options but reset_mask, given {sorted(options)}")
        seeds = _seeds(seed, self.num_envs)
        if not chosen.all() and not self._begun.all():
            raise gymnasium.error.ResetNeeded("the first reset() begins every garden; leave reset_mask out")
        for i in np.flatnonzero(chosen):
            self._begin(int(i), seeds[i])
        self._see(chosen)
        return self._observations(), self._info(chosen, np.zeros(self.num_envs, bool))

    def step(self, actions):
        """Carry out one manoeuvre in every garden; see `gymnasium.vector.VectorEnv.step`."""
        actions = self._checked(actions)
        new = self._ended.copy()
        if self.mode is AutoresetMode.DISABLED and new.any():
            rows = np.flatnonzero(new).tolist()
            raise gymnasium.error.ResetNeeded(
                f"the lives of gardens {rows} have ended; call reset(options={{'reset_mask': ...}}) with True for these"
            )
        for i in np.flatnonzero(new):  # with autoreset in the next step, this one begins their next life
            self._begin(int(i), None)
        moves = ~new
        state, bodies = self._state, self._stage.bodies
        self._share(lambda first, last: drive_range(bodies, first, last, moves, actions, state, self._terms))
        self._steps += moves
        self._wake(moves)
        rewards = np.zeros(self.num_envs)
        for name, values in zip(TERMS, self._terms, strict=True):
            rewards += REWARD_WEIGHTS[name] * values
        truncations = moves & (self._steps >= self._life_steps)
        self._ended = truncations.copy()
        self._see(np.ones(self.num_envs, bool))
        last: dict[str, Any] = {}
        if self.mode is AutoresetMode.SAME_STEP and truncations.any():
            last = self._last_words(truncations)
            for i in np.flatnonzero(truncations):
                self._begin(int(i), None)
            self._see(truncations)
            moves = moves & ~truncations
        infos = self._info(np.ones(self.num_envs, bool), moves) | last
        return self._observations(), rewards, np.zeros(self.num_envs, bool), truncations, infos

    def render(self):
        """The robots' views, N of (480, 640, 3) uint8; None without a render mode."""
        self._need_reset("render")
        for i in range(self.num_envs):
            self._world(i)
        pictures = [single.render() for single in self._singles]
        return None if self.render_mode is None else tuple(pictures)

    def close_extras(self, **kwargs: Any) -> None:
        """Let the threads go; closing twice does no harm."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    def _take_spaces(self) -> None:
        spaces = [single.observation_space for single in self._singles]
        sizes = [(scenario.camera.width_px, scenario.camera.height_px) for scenario in self.scenarios]
        for i, size in enumerate(sizes):
            if size != sizes[0]:
                raise ValueError(f"the cameras of one vector environment have one size; that of garden {i} has "
                                 f"{sizes[i]} pixels (width, height), that of garden 0 {sizes[0]}")  # fmt: skip
        self.single_observation_space, self.single_action_space = spaces[0], self._singles[0].action_space
        same = all(space == spaces[0] for space in spaces)  # else the robots' places have other bounds
        self.observation_space = batch_space(spaces[0], self.num_envs) if same else batch_differing_spaces(spaces)
        self.action_space = batch_space(self.single_action_space, self.num_envs)

    def _make_room(self) -> None:
        """All arrays over gardens."""
        count = self.num_envs
        self._worlds: list[World | None] = [None] * count
        self._stage, self._infos = Stage(count), Infos(count, self._add_info)
        room = {name: np.zeros((count, *_row(axes)), dtype) for name, (dtype, axes) in BY_GARDEN.items()}
        self._state = State(**{name: room[name] for name in State._fields})
        self._severe_d = room["severe_d"]
        self._steps, self._days = np.zeros((2, count), np.int64)
        self._life_steps = np.array([single.life_steps for single in self._singles])
        self._rhythm = np.array([rhythm(scenario) for scenario in self.scenarios])
        self._begun, self._ended = np.zeros((2, count), bool)
        self._terms, self._elevation_deg = np.zeros((len(TERMS), count)), np.zeros(count)
        self._seen: dict[str, np.ndarray] = create_empty_array(self.single_observation_space, count, np.zeros)  # pyright: ignore[reportAttributeAccessIssue]
        shape = self._seen["rgb"].shape[:3]
        kinds = {"mask": np.uint8, "mask_under": np.uint8, "depth": np.float32}
        self._drawn = [self._seen[key] if key in self._seen else np.zeros(shape, kind) for key, kind in kinds.items()]

    def _begin(self, i: int, seed: int | None) -> None:
        """Begin a life in garden i."""
        single = self._singles[i]
        world = single.world = World([single.draw_garden(seed)])
        plants = world.ks.shape[1]
        rooms = {**self._state._asdict(), "severe_d": self._severe_d}
        for name, (_, axes) in BY_GARDEN.items():  # from now on the world lives in this environment's arrays
            row = rooms[name][i : i + 1, :plants] if "P" in axes else rooms[name][i : i + 1]
            row[...] = getattr(world, name)
            setattr(world, name, row)
        self._worlds[i] = world
        self._steps[i] = self._days[i] = 0
        self._begun[i], self._ended[i] = True, False
        self._stage.set_out(i, world.gardens[0], 0)
        self._tell(i)

    def _world(self, i: int) -> World:
        """The world of garden i, as it is now."""
        world = self._worlds[i]
        assert world is not None
        world.steps = int(self._steps[i])
        return world

    def _wake(self, moves: np.ndarray) -> None:
        """Let the nights pass in gardens whose day has ended, and set them out for the next."""
        days = self._steps * self._rhythm[:, 0] // self._rhythm[:, 1]
        for i in np.flatnonzero(moves & (days != self._days)):
            world = self._world(int(i))
            world.sleep(int(self._days[i]))
            self._stage.set_out(int(i), world.gardens[0], world.day)
            self._days[i] = days[i]
            self._tell(int(i))

    def _tell(self, i: int) -> None:
        """Note what is known of garden i for a day."""
        world = self._world(i)
        self._infos.note(i, {"date": world.date(0).isoformat(), "day": world.day, "drift": world.drift(0)})
        if self.drift != "none":
            self._seen["drift"][i] = told(self.drift, *world.change(0))

    def _see(self, shown: np.ndarray) -> None:
        """Draw into the arrays of the observation."""
        stage, steps, state, seen, drawn = self._stage, self._steps, self._state, self._seen, self._drawn
        for i in np.flatnonzero(shown & stage.turned):
            stage.turn_leaves(int(i), self._world(int(i)).ks[0])
        far_m, rgb, elevation_deg = SKY_DEPTH_M if "depth" in seen else np.inf, seen["rgb"], self._elevation_deg
        mask, under, depth = drawn

        def draw(first: int, last: int) -> None:
            see_range(stage.views, first, last, 0, shown, steps, state, far_m, rgb, mask, under, depth, elevation_deg)
            sense_range(stage.bodies, first, last, 0, state, seen["state"])

        self._share(draw)
        for i in np.flatnonzero(shown & stage.by_hand):
            frame = Frame(rgb[i], mask[i], under[i], depth[i], state.pose[i])
            self._world(int(i)).gardens[0].expose(frame, int(self._days[i]), int(self._steps[i]))

    def _share(self, work: Callable[[int, int], None]) -> None:
        """Have `work(first, last)` done for all gardens; compiled code lets the threads run at once."""
        if self._pool is None:
            work(*self._shares[0])
            return
        others = [self._pool.submit(work, *share) for share in self._shares[1:]]
        work(*self._shares[0])
        for other in others:
            other.result()

    def _info(self, rows: np.ndarray, moved: np.ndarray) -> dict[str, Any]:
        """The info about some gardens; those that did not move have just begun, and have no terms of a reward."""
        share = self._steps * self._rhythm[:, 0] % self._rhythm[:, 1]
        share = (share + np.minimum(self._rhythm[:, 0], self._rhythm[:, 1] - share) / 2) / self._rhythm[:, 1]
        first_h, last_h = self._stage.shift.T
        fresh = {
            "hour": (first_h + share * (last_h - first_h)) % 24.0,
            "pose": self._state.pose.copy(),
            "drift": {"sun_elevation_deg": self._elevation_deg.copy()},
        }
        return self._infos.of(rows, fresh, dict(zip(TERMS, self._terms, strict=True)), moved)

    def _last_words(self, ended: np.ndarray) -> dict[str, Any]:
        """The last observation and info of lives that ended in this step."""
        out: dict[str, Any] = {}
        for i in np.flatnonzero(ended).tolist():
            info = self._singles[i].info(self._world(i))
            info["reward_terms"] = {name: float(values[i]) for name, values in zip(TERMS, self._terms, strict=True)}
            seen = {key: array[i].copy() for key, array in self._seen.items()}
            out = self._add_info(out, {"final_obs": seen, "final_info": info}, i)
        return out

    def _observations(self) -> dict[str, np.ndarray]:
        return {key: array.copy() for key, array in self._seen.items()} if self.copy else dict(self._seen)

    def _checked(self, actions) -> np.ndarray:
        self._need_reset("step")
        actions = np.ascontiguousarray(actions, np.float64)
        if actions.shape != (self.num_envs, 3):
            raise ValueError(f"actions are ({self.num_envs}, 3): speed, turn, valve; given {actions.shape}")
        if not np.isfinite(actions).all():
            row = int(np.flatnonzero(~np.isfinite(actions).all(axis=1))[0])
            raise ValueError(f"actions are finite numbers; that of garden {row} is {actions[row]}")
        return actions

    def _need_reset(self, verb: str) -> None:
        if self.closed:
            raise gymnasium.error.ClosedEnvironmentError(f"this environment is closed; make another one to {verb}")
        if not self._begun.all():
            raise gymnasium.error.ResetNeeded(f"call reset() before {verb}()")


def _mode(mode: AutoresetMode | str) -> AutoresetMode:
    if isinstance(mode, AutoresetMode):
        return mode
    values = [known.value for known in AutoresetMode]
    if mode not in values:
        raise ValueError(nearest(str(mode), values, kind="autoreset_mode"))
    return AutoresetMode(mode)


def _row(axes: tuple) -> tuple[int, ...]:
    """Shape of a garden's row of an array of `garden_env.snapshot.BY_GARDEN`, with room for all plants it may have."""
    return tuple(MOST_PLANTS if axis == "P" else axis for axis in axes)


def _seeds(seed: int | Sequence[int | None] | None, count: int) -> list[int | None]:
    if seed is None:
        return [None] * count
    if isinstance(seed, int | np.integer):
        return [int(seed) + i for i in range(count)]
    seeds = list(seed)
    if len(seeds) != count:
        raise ValueError(f"seed names {len(seeds)} seeds for {count} gardens; give one number, or one a garden")
    return seeds


def _mask(mask: Any, count: int) -> np.ndarray:
    """`options["reset_mask"]`, all if it is None; what is none is told as Gymnasium's own environments do."""
    if mask is None:
        return np.ones(count, bool)
    if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_:
        raise TypeError(f"options['reset_mask'] is an array of bool, not {mask!r}")
    if mask.shape != (count,) or not mask.any():
        raise ValueError(f"options['reset_mask'] is ({count},) with at least one True; given {mask!r}")
    return mask.copy()
