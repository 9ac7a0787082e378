"""The example of reinforcement learning compares what it says: the same task under another season's look."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("stable_baselines3")


@pytest.fixture(scope="module")
def ppo():
    """The module of examples/ppo.py."""
    spec = importlib.util.spec_from_file_location("ppo", Path(__file__).parent.parent / "examples" / "ppo.py")
    module = sys.modules["ppo"] = importlib.util.module_from_spec(spec)  # its dataclass looks itself up there
    spec.loader.exec_module(module)
    yield module
    del sys.modules["ppo"]


def a_day(ppo, season):
    """The pictures (48, 3, 64, 64) and the rewards (48,) of a fixed choice of manoeuvres."""
    env = ppo.make_env(season, [500, 501])
    actions = np.random.default_rng(3).integers(len(ppo.MANOEUVRES), size=ppo.STEPS_PER_DAY)
    pictures, rewards = [env.reset(seed=7)[0]], []
    for action in actions:
        picture, reward, terminated, truncated, _ = env.step(action)
        pictures.append(picture)
        rewards.append(reward)
    assert (terminated, truncated) == (False, True)
    return np.stack(pictures[:-1]), np.array(rewards)


def test_a_season_changes_the_picture_and_neither_the_task_nor_its_reward(ppo):
    days = {season: a_day(ppo, season) for season in ppo.SEASONS}
    pictures, rewards = days.pop("summer")
    assert rewards.max() > 0.0
    for season, (other, same) in days.items():
        np.testing.assert_array_equal(same, rewards, err_msg=season)
        assert np.abs(other.astype(int) - pictures).mean() > 3.0, season


def test_a_day_is_the_same_whatever_was_done_before_in_its_garden(ppo):
    env = ppo.make_env("summer", [500])
    first = env.reset(seed=7)[0]
    for _ in range(10):
        env.step(ppo.DiscreteActions(env.unwrapped).names.index("water"))
    np.testing.assert_array_equal(env.reset(seed=7)[0], first)


def test_about_half_of_the_plants_are_thirsty_and_no_tree_is(ppo):
    env = ppo.make_env("summer", [500, 501, 502])
    thirsty = []
    for seed in range(24):
        env.reset(seed=seed)
        world = env.unwrapped.world
        plants = world.gardens[0].layout.plant_radius_m
        assert (world.ks[0, : len(plants)][plants > 0.0] == 1.0).all()
        thirsty.append((world.ks[0, : len(plants)][plants == 0.0] < 0.4).mean())
    assert 0.35 < np.mean(thirsty) < 0.65


def test_the_exam_is_in_gardens_that_nobody_trained_in(ppo):
    options = ppo.Options()
    assert ppo.TRAINED_IN + options.trained <= options.first
