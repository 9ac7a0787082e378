"""The wrappers keep both checkers' contracts, and say what they take away and what they add."""

import re
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import garden_env  # noqa: F401  (registers the environment)
from garden_env.wrappers import MANOEUVRES, DiscreteActions, Manoeuvre, PixelsOnly
from scenarios.files import load

ID = "evergreen/Garden-v0"

WRAPPINGS = {
    "manoeuvres": DiscreteActions,
    "pixels": PixelsOnly,
    "pixels of manoeuvres": lambda env: PixelsOnly(DiscreteActions(env)),
    "manoeuvres of pixels": lambda env: DiscreteActions(PixelsOnly(env)),
}


def garden(**options):
    return gymnasium.make(ID, disable_env_checker=True, **options)


def of_a_robot(**body):
    scenario = load("four_seasons")
    return scenario.model_copy(update={"robot": scenario.robot.model_copy(update=body)})


@pytest.mark.filterwarnings("ignore:.*not within the observation space.*")
@pytest.mark.filterwarnings("ignore:.*is different from the unwrapped version.*")
@pytest.mark.parametrize("wrap", WRAPPINGS.values(), ids=WRAPPINGS)
def test_every_wrapping_passes_gymnasiums_check(wrap):
    check_env(wrap(garden(render_mode="rgb_array")), skip_render_check=True)


@pytest.mark.parametrize("wrap", WRAPPINGS.values(), ids=WRAPPINGS)
def test_every_wrapping_passes_stable_baselines_check(wrap):
    checker = pytest.importorskip("stable_baselines3.common.env_checker")
    checker.check_env(wrap(garden()))


def test_stable_baselines_takes_the_picture_as_it_is():
    ppo = pytest.importorskip("stable_baselines3").PPO
    model = ppo("CnnPolicy", PixelsOnly(DiscreteActions(garden())), n_steps=8, batch_size=8, device="cpu")
    assert model.get_env().observation_space.shape == (3, 64, 64)
    assert not any("Transpose" in type(layer).__name__ for layer in layers(model.get_env()))


def layers(vector):
    """A vector environment and what it wraps, outermost first."""
    while vector is not None:
        yield vector
        vector = getattr(vector, "venv", None)


def test_a_manoeuvre_is_the_same_step_as_its_three_numbers():
    plain, named = garden(), DiscreteActions(garden())
    plain.reset(seed=4)
    named.reset(seed=4)
    for index in np.random.default_rng(0).integers(len(MANOEUVRES), size=40):
        speed, turn_deg, valve = MANOEUVRES[named.names[index]]
        expected, reward, *_ = plain.step(np.array([speed, turn_deg / 180.0, valve], np.float32))
        seen, same, *_ = named.step(index)
        assert same == reward
        np.testing.assert_array_equal(seen["state"], expected["state"])
        np.testing.assert_array_equal(seen["rgb"], expected["rgb"])


def test_the_manoeuvres_are_those_that_the_document_lists():
    page = (Path(__file__).parents[2] / "docs" / "reinforcement.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d) \| `(\w+)` \| (\S+) \| (\S+) \| (.+?) \|$", page, re.MULTILINE)
    valves = {"shut": 0.0, "a quarter open": 0.25, "open": 1.0}
    listed = [(name, Manoeuvre(float(speed), float(turn), valves[valve])) for _, name, speed, turn, valve in rows]
    assert listed == list(MANOEUVRES.items())
    assert [int(index) for index, *_ in rows] == list(range(len(MANOEUVRES)))


def test_a_manoeuvre_turns_as_far_whatever_the_robots_limit_is():
    headings = []
    for limit_deg in (90.0, 180.0):
        env = DiscreteActions(garden(scenario=of_a_robot(turn_deg_per_step=limit_deg)))
        _, before = env.reset(seed=1)
        *_, after = env.step(env.names.index("turn_left"))
        headings.append((after["pose"][2] - before["pose"][2]) % (2 * np.pi))
    np.testing.assert_allclose(headings, np.pi / 2, atol=1e-6)


def test_pixels_are_the_cameras_channels_first_and_nothing_else():
    seen, _ = garden(labels=True, drift="magnitude").reset(seed=2)
    picture, _ = PixelsOnly(garden(labels=True, drift="magnitude")).reset(seed=2)
    assert picture.flags.c_contiguous
    np.testing.assert_array_equal(picture, seen["rgb"].transpose(2, 0, 1))


def test_the_picture_of_another_camera_is_resized_by_area():
    scenario = load("four_seasons")
    wide = scenario.model_copy(update={"camera": scenario.camera.model_copy(update={"width_px": 128})})
    seen, _ = garden(scenario=wide).reset(seed=2)
    picture, _ = PixelsOnly(garden(scenario=wide)).reset(seed=2)
    assert picture.shape == (3, 64, 64)
    halves = seen["rgb"].reshape(64, 64, 2, 3).mean(2).transpose(2, 0, 1)
    assert np.abs(picture - halves).max() <= 0.5


def test_a_wrapped_garden_can_be_made_again_from_its_spec():
    manoeuvres = {"ahead": MANOEUVRES["ahead"], "aside": Manoeuvre(0.5, -20.0, 0.0)}
    env = PixelsOnly(DiscreteActions(gymnasium.make(ID, scenario="constant"), manoeuvres), size_px=48)
    again = gymnasium.make(env.spec)
    assert again.action_space == env.action_space
    assert again.observation_space == env.observation_space
    np.testing.assert_array_equal(again.reset(seed=3)[0], env.reset(seed=3)[0])


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: DiscreteActions(garden(), {}), ValueError, "at least one"),
        (lambda: DiscreteActions(garden(), {"dash": Manoeuvre(2.0, 0.0, 0.0)}), ValueError, "'dash' has speed 2.0"),
        (lambda: DiscreteActions(garden(), {"sip": Manoeuvre(0.0, 0.0, -1.0)}), ValueError, "valve from 0 to 1"),
        (
            lambda: DiscreteActions(garden(scenario=of_a_robot(turn_deg_per_step=45.0))),
            ValueError,
            "'turn_left' turns 90 degrees.*at most 45.*smaller turns",
        ),
        (lambda: DiscreteActions(DiscreteActions(garden())), TypeError, "a Box"),
        (lambda: DiscreteActions(gymnasium.make("Pendulum-v1")), TypeError, "wraps evergreen/Garden-v0"),
        (lambda: PixelsOnly(gymnasium.make("CartPole-v1")), TypeError, "wraps evergreen/Garden-v0"),
        (lambda: PixelsOnly(PixelsOnly(garden())), TypeError, "picks `rgb` from a Dict"),
        (lambda: PixelsOnly(garden(), size_px=8), ValueError, "size_px is 8"),
    ],
)
def test_a_wrapping_that_makes_no_sense_is_told(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize("action", [9, -1, 0.5, "ahead", np.array([1])])
def test_an_action_that_is_no_manoeuvre_is_told(action):
    env = DiscreteActions(garden())
    env.reset(seed=0)
    with pytest.raises(ValueError, match="a whole number from 0 to 8"):
        env.step(action)
