"""Reinforcement learning takes the wheel: PPO learns to water from pixels in one season, and meets the others.

    pip install "evergreen[rl]"
    python examples/ppo.py --season summer

Every episode is one working day in a garden of which a sprinkler has reached one half: plants on the other half are
thirsty, and their leaves hang. The robot, a Stable-Baselines3 PPO with a net for pictures, starts at the shed with a
full tank, sees the camera's picture and nothing else, and chooses among nine manoeuvres. It trains in a set of gardens
for a few minutes on one core and is examined in gardens that it has never seen, beside one that chooses at random.

Then the season changes. Gardens, thirst and rewards stay as they are, to the last plant, and only the date is another:
what the policy loses is what the season changed in the picture. docs/reinforcement.md has the figures.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, cast

import gymnasium
import numpy as np
import torch
import tyro
from scipy import stats
from stable_baselines3 import PPO
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import DummyVecEnv, VecNormalize

import garden_env  # noqa: F401  (registers the environment)
from garden_env import soil
from garden_env.env import GardenEnv
from garden_env.world import World
from garden_env.wrappers import MANOEUVRES, DiscreteActions, PixelsOnly
from scenarios.spec import Scenario

SEASONS = {
    "spring": date(2031, 4, 25),
    "summer": date(2030, 7, 15),
    "autumn": date(2030, 10, 25),
    "winter": date(2031, 1, 20),
}
STEPS_PER_DAY = 48  # an episode is one day: no night falls in it
THIRSTY_KS, MOIST_KS = 0.1, 1.0  # leaves hang below 0.4
ROBOTS = 8  # gardens worked in at a time
TOLD_EVERY = 10_240  # steps of training
TRAINED_IN, EXAMINED_IN = 1000, 9000  # the first garden of either set
SETTINGS = {  # chosen by the reward of training with seed 500; no garden of the exam was seen
    "learning_rate": 5e-4,
    "gamma": 0.95,
    "gae_lambda": 0.9,
    "n_steps": 128,
    "batch_size": 256,
    "n_epochs": 4,
    "ent_coef": 0.003,
}

Policy = Callable[[np.ndarray], np.ndarray]
"""Pictures (B, 3, 64, 64) uint8 to the indices of manoeuvres (B,)."""


@dataclass
class Options:
    """What to train, and where to look at it."""

    season: Literal["spring", "summer", "autumn", "winter", "all"] = "summer"
    """In which season it trains; `all` changes with the garden."""
    steps: int = 60_000
    """Control steps of training, of all gardens together."""
    trained: int = 32
    """Gardens to train in."""
    examined: int = 48
    """Gardens to be examined in; none of them is trained in."""
    first: int = EXAMINED_IN
    """Seed of the first garden of the exam."""
    seed: int = 0
    """Of the net's weights and of every choice."""


class HalfWatered(gymnasium.Wrapper):
    """A day in one of a few gardens, half of which a sprinkler has reached.

    A garden is planted once and kept. Which one it is and where the line between wet and dry runs is drawn from the
    seed alone, so that equal seeds give equal tasks on any date.

    Args:
        env: `evergreen/Garden-v0`.
        gardens: seeds of the gardens.
    """

    def __init__(self, env: gymnasium.Env, gardens: Sequence[int]) -> None:
        super().__init__(env)
        self._seeds = list(gardens)
        self._kept: dict[int, World] = {}
        self._rng = np.random.default_rng(0)

    def reset(self, *, seed=None, options=None):
        """Begin a day; the seed draws garden and thirst."""
        if seed is not None:
            self._rng = np.random.default_rng(seed)
        home = cast(GardenEnv, self.env.unwrapped)
        garden = self._seeds[self._rng.integers(len(self._seeds))]
        if garden not in self._kept:
            self.env.reset(seed=garden, options=options)
            self._kept[garden] = cast(World, home.world)
        world = home.world = self._kept[garden].fork()
        dry_out_half(world, angle_rad=self._rng.uniform(0.0, 2.0 * np.pi))
        return {"rgb": world.frame(0).rgb.copy(), "state": world.state(0)}, {"date": world.date(0).isoformat()}


def dry_out_half(world: World, *, angle_rad: float) -> None:
    """Leave the plants on one side of a line through the garden's middle thirsty, and water all others fully."""
    garden = world.gardens[0]
    layout = garden.layout
    zone = soil.root_zone([layout.species[s] for s in layout.plant_species], garden.scenario.soil)
    east_m, north_m = layout.plant_x_m - layout.width_m / 2, layout.plant_y_m - layout.depth_m / 2
    dry = east_m * np.cos(angle_rad) + north_m * np.sin(angle_rad) > 0.0
    dry &= layout.plant_radius_m == 0.0  # trees have deep roots
    ks = np.where(dry, THIRSTY_KS, MOIST_KS)
    arrays = {
        "depletion_mm": np.where(dry, soil.depletion_for(ks, zone), 0.0)[None],
        "skin_mm": np.where(dry, zone.tew_mm, 0.0)[None],
        "ks": ks[None],
    }
    snapshot = world.snapshot()
    world.restore(replace(snapshot, arrays=snapshot.arrays | arrays))


def make_env(season: str, gardens: Sequence[int]) -> gymnasium.Env:
    """Days of a season in these gardens: pictures in, manoeuvres out."""
    scenario = Scenario(name=season, start=SEASONS[season], days=2, commissioning_days=1, steps_per_day=STEPS_PER_DAY)
    env = gymnasium.make("evergreen/Garden-v0", scenario=scenario, max_steps=STEPS_PER_DAY, disable_env_checker=True)
    return PixelsOnly(DiscreteActions(HalfWatered(env, gardens)))


def untrained(options: Options) -> PPO:
    """PPO before its first step: eight gardens at a time, rewards scaled to unit spread."""
    seasons = list(SEASONS) if options.season == "all" else [options.season]
    gardens = range(TRAINED_IN, TRAINED_IN + options.trained)
    makers: list[Callable[[], gymnasium.Env]] = [
        lambda i=i: Monitor(make_env(seasons[i % len(seasons)], gardens[i % options.trained :: ROBOTS]))
        for i in range(ROBOTS)
    ]
    robots = VecNormalize(DummyVecEnv(makers), norm_obs=False, gamma=SETTINGS["gamma"])
    return PPO("CnnPolicy", robots, seed=options.seed, device="cpu", **SETTINGS)


def trained(options: Options) -> PPO:
    """PPO after its last step; tells how it goes."""
    model = untrained(options)
    model.set_logger(Logger(folder=None, output_formats=[]))  # its own would leave a folder behind
    while model.num_timesteps < options.steps:
        model.learn(min(TOLD_EVERY, options.steps - model.num_timesteps), reset_num_timesteps=False)
        recent = [episode["r"] for episode in model.ep_info_buffer or ()]
        news = f"reward of the last {len(recent)} days {np.mean(recent):.0f}" if recent else "no day is over yet"
        print(f"  {model.num_timesteps:>7} steps: {news}", flush=True)
    return model


def examine(policies: dict[str, Policy], season: str, gardens: Sequence[int]) -> dict[str, np.ndarray]:
    """What each policy earns on the same day in each garden, by the policy's name, (N,) float64."""
    earned = {name: np.zeros(len(gardens)) for name in policies}
    for first in range(0, len(gardens), ROBOTS):  # a few gardens at a time: each takes some megabytes
        chunk = gardens[first : first + ROBOTS]
        envs = [make_env(season, [garden]) for garden in chunk]
        for name, policy in policies.items():
            seen = [env.reset(seed=garden)[0] for env, garden in zip(envs, chunk, strict=True)]
            for _ in range(STEPS_PER_DAY):
                for i, action in enumerate(policy(np.stack(seen))):
                    seen[i], reward, *_ = envs[i].step(action)
                    earned[name][first + i] += reward
    return earned


def told(values: np.ndarray) -> str:
    """A mean and the half-width of its 95 % interval, over gardens."""
    half = stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
    return f"{values.mean():.1f} ± {half:.1f}"


def main(options: Options) -> None:
    """Train, examine, change the season."""
    if min(options.steps, options.trained) < 1 or options.examined < 2:
        raise SystemExit("--steps and --trained are at least 1, and --examined at least 2, for an interval needs two")
    torch.set_num_threads(1)
    exam = range(options.first, options.first + options.examined)
    if exam.stop > TRAINED_IN and exam.start < TRAINED_IN + options.trained:
        raise SystemExit(
            f"--first {exam.start}: seeds {exam.start} to {exam.stop - 1} are also trained in; take others"
        )
    dice = np.random.default_rng(options.seed)

    def at_random(pictures):
        return dice.integers(len(MANOEUVRES), size=len(pictures))

    def learned(pictures):
        return model.predict(pictures)[0]  # drawn from the policy, as in training: one without memory needs dice

    def covered(pictures):
        return model.predict(np.zeros_like(pictures))[0]

    model = untrained(options)
    home = next(iter(SEASONS)) if options.season == "all" else options.season
    before = examine({"untrained": learned}, home, exam)["untrained"]
    print(f"before training, a day in {len(exam)} gardens in {home}: reward {told(before)}", flush=True)
    print(f"training in {options.season}, {options.trained} other gardens", flush=True)
    model = trained(options)
    policies = {"random": at_random, "lens covered": covered, "trained": learned}
    print(f"reward of a day in {len(exam)} other gardens, mean and 95 % interval")
    print(f"{'':8}" + "".join(f"{title:>18}" for title in (*policies, "trained - random", "change of season")))
    own = None  # what it earns in the season that it was trained in
    for season in sorted(SEASONS, key=lambda name: name != options.season):
        earned = examine(policies, season, exam)
        own = earned["trained"] if season == options.season else own
        columns = [told(values) for values in (*earned.values(), earned["trained"] - earned["random"])]
        columns.append("-" if own is None or season == options.season else told(earned["trained"] - own))
        print(f"{season:8}" + "".join(f"{column:>18}" for column in columns), flush=True)


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
