"""The environment keeps Gymnasium's contract, and its promises: determinism, and that looking changes nothing."""

import os
import subprocess
import sys

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import garden_env  # noqa: F401  (registers the environment)
from garden_env.env import REWARD_WEIGHTS
from scenarios.files import ScenarioError, load
from scenarios.tables import CLASSES, IGNORE

ID = "evergreen/Garden-v0"

FINGERPRINT = """
import hashlib, gymnasium, numpy as np, garden_env
env = gymnasium.make("evergreen/Garden-v0", labels=True, depth=True, max_steps=60)
digest = hashlib.sha256()
observation, info = env.reset(seed=5)
actions = np.random.default_rng(1).uniform(-1, 1, (60, 3)).astype(np.float32)
for action in actions:
    observation, reward, *_ = env.step(action)
    for key in sorted(observation):
        digest.update(observation[key].tobytes())
    digest.update(repr((reward, info["date"], sorted(info["drift"].items()))).encode())
print(digest.hexdigest())
"""


@pytest.mark.filterwarnings("ignore:.*not within the observation space.*")
def test_the_environment_passes_gymnasiums_own_check_in_every_render_mode():
    check_env(gymnasium.make(ID, labels=True, depth=True, disable_env_checker=True).unwrapped)


def test_the_environment_passes_stable_baselines_check():
    checker = pytest.importorskip("stable_baselines3.common.env_checker")
    checker.check_env(gymnasium.make(ID, disable_env_checker=True).unwrapped, warn=False)


@pytest.mark.filterwarnings("ignore:.*not within the observation space.*")
@pytest.mark.parametrize("told", ["flag", "magnitude"])
def test_it_passes_both_checks_at_every_level_of_telling_about_drift(told):
    check_env(gymnasium.make(ID, drift=told, disable_env_checker=True).unwrapped, skip_render_check=True)
    checker = pytest.importorskip("stable_baselines3.common.env_checker")
    checker.check_env(gymnasium.make(ID, drift=told, disable_env_checker=True).unwrapped, warn=False)


@pytest.mark.parametrize("told", ["none", "flag", "magnitude"])
def test_the_agent_is_told_of_drift_as_much_as_was_asked_for(told):
    scenario = load("four_seasons").model_copy(update={"speed": 100.0})
    env = gymnasium.make(ID, scenario=scenario, drift=told)
    observation, info = env.reset(seed=0)
    seen = [(observation.get("drift"), info)]
    for _ in range(95):
        observation, *_, info = env.step(np.zeros(3, np.float32))
        assert env.observation_space.contains(observation)
        seen.append((observation.get("drift"), info))
    if told == "none":
        assert all(drift is None for drift, _ in seen)
        return
    snow = [drift for drift, info in seen if info["drift"]["snow_cover"] > 0.9]
    new = [drift for drift, info in seen if info["day"] < scenario.commissioning_days]
    assert snow
    assert new
    assert not np.any(new)
    if told == "flag":
        assert all(drift.tolist() == [1.0] for drift in snow)
    else:
        assert all(drift[0] > 0.3 and drift[1] > 0.5 for drift in snow)


def test_it_can_be_made_by_naming_its_module():
    env = gymnasium.make("garden_env:evergreen/Garden-v0", scenario="constant")
    observation, _ = env.reset(seed=0)
    assert env.observation_space.contains(observation)


def test_equal_seeds_give_equal_bits_in_other_processes_and_under_other_hash_seeds():
    prints = set()
    for hash_seed in ("0", "4242"):
        environment = os.environ | {"PYTHONHASHSEED": hash_seed, "SDL_VIDEODRIVER": "dummy"}
        done = subprocess.run(
            [sys.executable, "-c", FINGERPRINT], env=environment, capture_output=True, text=True, check=True
        )
        prints.add(done.stdout.strip())
    assert len(prints) == 1


def play(steps, *, look):
    """The observations of a life in which somebody renders after every step, or nobody ever does."""
    env = gymnasium.make(ID, render_mode="rgb_array", labels=True)
    seen = [env.reset(seed=3)[0]]
    for action in np.random.default_rng(0).uniform(-1, 1, (steps, 3)).astype(np.float32):
        seen.append(env.step(action)[0])
        if look:
            env.render()
            env.render()
    env.close()
    return seen


def test_looking_does_not_change_the_garden():
    for watched, unwatched in zip(play(40, look=True), play(40, look=False), strict=True):
        for key in watched:
            np.testing.assert_array_equal(watched[key], unwatched[key])


def test_nothing_in_the_observation_tells_the_season():
    env = gymnasium.make(ID)
    observation, info = env.reset(seed=0)
    assert sorted(observation) == ["rgb", "state"]
    assert info["date"] == "2030-04-10"


def test_a_life_ends_by_truncation_only():
    env = gymnasium.make(ID, max_steps=5)
    env.reset(seed=0)
    ends = [env.step(np.zeros(3, np.float32))[2:4] for _ in range(5)]
    assert ends == [(False, False)] * 4 + [(False, True)]


def test_the_reward_is_the_weighted_sum_of_its_terms():
    env = gymnasium.make(ID)
    env.reset(seed=1)
    for action in np.random.default_rng(2).uniform(-1, 1, (60, 3)).astype(np.float32):
        _, reward, *_, info = env.step(action)
        terms = info["reward_terms"]
        assert sorted(terms) == sorted(REWARD_WEIGHTS)
        assert reward == pytest.approx(sum(REWARD_WEIGHTS[name] * terms[name] for name in terms))


def test_the_two_labels_differ_only_where_something_lies_on_the_ground():
    env = gymnasium.make(ID, labels=True, max_steps=8000)
    env.reset(seed=0)
    for _ in range(24 * 12):
        observation, *_ = env.step(np.array([0.3, 0.2, -1], np.float32))
        covered = observation["mask"] != observation["mask_under"]
        covers = {CLASSES[name].id for name in ("snow", "litter", "water")} | {IGNORE}  # water: puddles
        assert set(np.unique(observation["mask"][covered])) <= covers


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: gymnasium.make(ID, scenario="four_saisons"), ScenarioError, "did you mean 'four_seasons'"),
        (lambda: gymnasium.make(ID, drift="flags"), ValueError, "did you mean 'flag'"),
        (lambda: gymnasium.make(ID, max_steps=0), ValueError, "max_steps must be at least 1"),
        (lambda: gymnasium.make(ID).unwrapped.reset(options={"date": 1}), ValueError, "knows no options"),
        (lambda: gymnasium.make(ID).unwrapped.step(np.zeros(3)), gymnasium.error.ResetNeeded, "reset"),
    ],
)
def test_wrong_input_is_told(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize("action", [np.zeros(2), np.array([0.0, np.nan, 0.0]), np.zeros((1, 3))])
def test_an_action_that_is_none_is_told(action):
    env = gymnasium.make(ID).unwrapped
    env.reset(seed=0)
    with pytest.raises(ValueError, match="three finite numbers"):
        env.step(action)
