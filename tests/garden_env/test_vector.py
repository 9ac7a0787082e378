"""Many gardens at once are, each of them, the garden alone: to the bit, however their lives end and begin."""

from functools import partial

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import data_equivalence
from gymnasium.vector import AutoresetMode, SyncVectorEnv

import garden_env  # noqa: F401  (registers the environment)
from garden_env.vector_env import GardenVectorEnv
from scenarios.drift import DriftEvent
from scenarios.files import load

ID = "evergreen/Garden-v0"
TELLING = {"labels": True, "depth": True, "drift": "magnitude"}
LIFE = 7  # control steps
same = partial(data_equivalence, exact=True)


def swift(name="four_seasons", *, axes=(), beds=2, **changes):
    """A library scenario, small and quick: a step is ten days, so that seasons pass within a test."""
    scenario = load(name)
    camera = scenario.camera.model_copy(update={"width_px": 32, "height_px": 24})
    drift = tuple(DriftEvent(axis=axis, set=value) for axis, value in axes)
    small = {
        "width_m": 7.0,
        "depth_m": 6.0,
        "species": ("tulip", "rose", "apple"),
        "beds": beds,
        "trees": 1,
        "props": 1,
    }
    garden = scenario.garden.model_copy(update=small)
    given = {"speed": 100.0, "steps_per_day": 10, "camera": camera, "drift": drift, "garden": garden, **changes}
    return scenario.model_copy(update=given)


def mixed():
    """Four gardens that differ in climate, rhythm and length of life, and take every road through a step."""
    return [
        swift(days=50, beds=4),  # a life of five steps
        swift(axes=[("light.night", 1.0), ("light.headlamp", 1.0)], speed=5.0, climate="mediterranean"),
        swift(axes=[("robot.wheel_slip", 0.4), ("robot.valve_leak", 0.3), ("robot.motor", 0.8)], southern=True),
        swift(axes=[("plants.leaf_colour", 0.6), ("camera.blur_px", 1.0), ("camera.dead_pixels", 0.05)], speed=3.0),
    ]


def actions_for(count, steps, seed=0):
    return np.random.default_rng(seed).uniform(-1.2, 1.2, (steps, count, 3)).astype(np.float32)


def alone(scenarios, mode, **options):
    """The same gardens as single environments, stepped one after the other by Gymnasium's own loop."""
    makers = [lambda scenario=scenario: gymnasium.make(ID, scenario=scenario, **options) for scenario in scenarios]
    return SyncVectorEnv(makers, observation_mode="different", autoreset_mode=mode)


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
def test_every_garden_is_the_garden_alone_through_several_lives(mode):
    scenarios = mixed()
    together = GardenVectorEnv(4, scenario=scenarios, max_steps=LIFE, autoreset_mode=mode, threads=2, **TELLING)
    apart = alone(scenarios, mode, max_steps=LIFE, **TELLING)
    assert together.observation_space == apart.observation_space
    assert same(together.reset(seed=[5, 7, 5, 11]), apart.reset(seed=[5, 7, 5, 11]))
    for actions in actions_for(4, LIFE + 4):
        given, expected = together.step(actions), apart.step(actions)
        assert same(given, expected)
        assert together.observation_space.contains(given[0])
    together.close()


def test_who_resets_by_hand_says_which_gardens_begin_anew():
    scenarios = [swift(), swift(days=30)]  # lives of seven steps and of three
    together = GardenVectorEnv(2, scenario=scenarios, autoreset_mode="Disabled", max_steps=LIFE)
    apart = alone(scenarios, AutoresetMode.DISABLED, max_steps=LIFE)
    assert same(together.reset(seed=3), apart.reset(seed=3))
    moves = actions_for(2, 6)
    for actions in moves[:3]:
        given, expected = together.step(actions), apart.step(actions)
        assert same(given, expected)
    assert given[3].tolist() == [False, True]
    with pytest.raises(gymnasium.error.ResetNeeded, match=r"gardens \[1\] have ended"):
        together.step(moves[3])
    again = {"reset_mask": np.array([False, True])}
    assert same(together.reset(seed=[None, 9], options=again), apart.reset(seed=[None, 9], options=dict(again)))
    assert "reset_mask" in again  # the caller's own dictionary is left alone
    for actions in moves[3:5]:
        assert same(together.step(actions), apart.step(actions))


def test_the_number_of_threads_changes_no_bit():
    lives = []
    for threads in (1, 2, 3):
        env = GardenVectorEnv(3, scenario=swift(), threads=threads, **TELLING)
        lives.append([env.reset(seed=1), *(env.step(actions) for actions in actions_for(3, 6))])
        env.close()
    assert same(lives[0], lives[1])
    assert same(lives[0], lives[2])


def test_gymnasium_makes_it_and_its_seeds_are_those_of_gymnasium():
    env = gymnasium.make_vec(ID, num_envs=2, scenario=swift("constant"), labels=True)
    assert isinstance(env.unwrapped, GardenVectorEnv)
    assert env.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP
    assert env.spec is not None
    again = gymnasium.make_vec(env.spec)
    apart = gymnasium.make_vec(ID, num_envs=2, vectorization_mode="sync", scenario=swift("constant"), labels=True)
    seen = [made.reset(seed=8) for made in (env, again, apart)]
    assert same(seen[0], seen[2])
    assert same(seen[1], seen[2])
    assert env.unwrapped.np_random_seed == (8, 9)
    wrapped = gymnasium.wrappers.vector.RecordEpisodeStatistics(env)
    wrapped.reset(seed=8)
    for actions in actions_for(2, 3):
        assert env.observation_space.contains(wrapped.step(actions)[0])


def test_without_copies_the_next_step_is_drawn_into_what_was_handed_out():
    shared, own = (GardenVectorEnv(2, scenario=swift(), copy=copy, **TELLING) for copy in (False, True))
    first, kept = shared.reset(seed=0)[0], own.reset(seed=0)[0]
    before = {key: array.copy() for key, array in first.items()}
    moves = actions_for(2, 1)[0]
    second, later = shared.step(moves)[0], own.step(moves)[0]
    assert all(second[key] is first[key] for key in first)
    assert not any(np.shares_memory(later[key], kept[key]) for key in kept)
    assert same(second, later)
    assert same(kept, before)
    assert not same(kept, later)


def test_what_is_told_of_a_day_cannot_be_written_to():
    env = GardenVectorEnv(2, scenario=swift("constant"))
    _, infos = env.reset(seed=0)
    with pytest.raises(ValueError, match="read-only"):
        infos["drift"]["delta_e"][0] = 1.0
    infos["drift"]["mine"] = 1.0
    assert "mine" not in env.step(np.zeros((2, 3)))[-1]["drift"]


def test_it_shows_every_robots_view():
    scenario = swift()
    env = GardenVectorEnv(2, scenario=scenario, render_mode="rgb_array")
    apart = alone([scenario] * 2, AutoresetMode.NEXT_STEP, render_mode="rgb_array")
    for made in (env, apart):
        made.reset(seed=4)
        made.step(actions_for(2, 1)[0])
    assert same(list(env.render()), list(apart.render()))


def small():
    return swift("constant").model_copy(update={"name": "small"})


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: GardenVectorEnv(0), ValueError, "num_envs must be at least 1"),
        (lambda: GardenVectorEnv(2, threads=0), ValueError, "threads must be at least 1"),
        (lambda: GardenVectorEnv(3, scenario=["constant", "constant"]), ValueError, "2 scenarios for 3 gardens"),
        (lambda: GardenVectorEnv(2, scenario=["constant", small()]), ValueError, r"garden 1 has \(32, 24\) pixels"),
        (lambda: GardenVectorEnv(1, autoreset_mode="NextSteps"), ValueError, "did you mean 'NextStep'"),
        (lambda: GardenVectorEnv(1, render_mode="human"), ValueError, "single environment"),
        (lambda: GardenVectorEnv(1).step(np.zeros((1, 3))), gymnasium.error.ResetNeeded, r"reset\(\) before step"),
        (lambda: GardenVectorEnv(2).reset(seed=[1]), ValueError, "1 seeds for 2 gardens"),
        (lambda: GardenVectorEnv(1).reset(options={"date": 1}), ValueError, "no options but reset_mask"),
        (lambda: GardenVectorEnv(1).reset(options={"reset_mask": [True]}), TypeError, "array of bool"),
        (lambda: GardenVectorEnv(1).reset(options={"reset_mask": np.array([False])}), ValueError, "at least one True"),
        (lambda: GardenVectorEnv(2).reset(options={"reset_mask": np.array([True, False])}),
         gymnasium.error.ResetNeeded, "first reset"),
    ],
)  # fmt: skip
def test_wrong_input_is_told(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize(
    ("actions", "message"), [(np.zeros((1, 3)), r"\(2, 3\)"), (np.full((2, 3), np.nan), "that of garden 0")]
)
def test_actions_that_are_none_are_told(actions, message):
    env = GardenVectorEnv(2, scenario=small())
    env.reset(seed=0)
    with pytest.raises(ValueError, match=message):
        env.step(actions)
    env.close()
    env.close()
    with pytest.raises(gymnasium.error.ClosedEnvironmentError):
        env.step(np.zeros((2, 3)))
