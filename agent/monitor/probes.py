"""The exam: fixed frames of every season, rendered once, shown to every learner, never learned from.

Three banks, because a good mark can have three reasons. *home* is the robot's own garden in the year it lives through;
*next_year* the same garden in another weather year; *away* gardens never visited, with the same species and climate.
Poses come from a generator of their own and keep away from those of commissioning; the water state is fixed
(`Garden.exam_water`), so nothing that the robot does changes the exam.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from agent.teacher import answer
from garden_env.camera import SensorNoise
from garden_env.garden import Garden, plant_garden, wrap_rad
from garden_env.layout import sample_pose
from scenarios.spec import Scenario

PHASES: tuple[tuple[str, int, int], ...] = (  # name, month and day of its middle; northern hemisphere
    ("spring", 4, 20),
    ("early summer", 6, 4),
    ("high summer", 7, 19),
    ("late summer", 9, 2),
    ("autumn", 10, 17),
    ("late autumn", 12, 1),
    ("deep winter", 1, 15),
    ("late winter", 3, 1),
)
DAY_OFFSETS = (-8, 3, -3, 8)  # frames of a phase are taken on these days about its middle, in every bank
AWAY_GARDENS = 4
DRAWS = {"home": 13, "away": 14, "next_year": 15}  # by bank, the stream of random numbers that it is drawn from
APART_M, APART_RAD = 0.5, 0.5  # a pose nearer than this to a commissioning pose, in both, is drawn anew


@dataclass(frozen=True)
class Bank:
    """Frames of every phase with their answers.

    Attributes:
        name: 'home', 'away' or 'next_year'.
        images: (S, n, 3, H, W) uint8, S phases of n frames.
        truth: (S, n, h, w) uint8, at the net's output size; 255 is no answer.
        days: (S, n) int, the day of every frame since the scenario's start.
        hours: (S, n) float64, its solar time [h].
        poses: (S, n, 3) float64, where it was taken from.
    """

    name: str
    images: np.ndarray
    truth: np.ndarray
    days: np.ndarray
    hours: np.ndarray
    poses: np.ndarray


def phase_days(scenario: Scenario) -> list[int]:
    """The day, since the start, on which each phase is first at its middle.

    Always within the first 366 days, which every almanac has: a life shorter than a year is examined on days that it
    does not live to see, one of many years on those of its first.

    >>> from scenarios.files import load
    >>> phase_days(load("four_seasons"))[:3]
    [10, 55, 100]
    """
    return [(middle - scenario.start).days for middle in phase_dates(scenario.start, southern=scenario.southern)]


def phase_dates(start: date, *, southern: bool = False) -> list[date]:
    """The date, from `start` on, on which each phase is first at its middle.

    >>> [str(day) for day in phase_dates(date(2030, 4, 30))[:2]]
    ['2031-04-20', '2030-06-04']
    """
    dates = []
    for _, month, day in PHASES:
        if southern:
            month = (month + 5) % 12 + 1
        middle = date(start.year, month, day)
        dates.append(middle if middle >= start else date(start.year + 1, month, day))
    return dates


def phase_names(scenario: Scenario) -> list[str]:
    """What to call the phases: by the season that their dates have where the garden then is.

    >>> phase_names(Scenario(name="moved", crosses_equator="2030-06-27"))[:3]
    ['spring', 'early summer', 'deep winter, south']
    """
    names = [name for name, _, _ in PHASES]
    if scenario.crosses_equator is None:
        return names
    turn = (scenario.crosses_equator - scenario.start).days
    side = "north" if scenario.southern else "south"
    opposite = [f"{names[(i + len(names) // 2) % len(names)]}, {side}" for i in range(len(names))]
    return [opposite[i] if day >= turn else names[i] for i, day in enumerate(phase_days(scenario))]


def build_banks(
    home: Garden, *, home_frames: int, away_frames: int, next_year_frames: int, avoid: np.ndarray
) -> dict[str, Bank]:
    """Render the three banks of a life.

    Args:
        home: the garden that the robot lives in.
        home_frames, away_frames, next_year_frames: frames a phase, by bank.
        avoid: (A, 3) float64, poses of commissioning that home poses keep away from.

    Returns:
        The banks by name; equal arguments give equal pixels.
    """
    nowhere = np.empty((0, 3))
    banks = (
        _build("home", home_frames, avoid, home),
        _build("away", away_frames, nowhere, home),
        _build("next_year", next_year_frames, avoid, home),
    )
    return {bank.name: bank for bank in banks}


def bank_gardens(home: Garden, name: str) -> list[Garden]:
    """The gardens that a bank is taken in; its frame i in the (i modulo their number)-th of them."""
    scenario, seed = home.scenario, home.seed
    if name == "home":
        return [home]
    if name == "away":
        away_seeds = np.random.default_rng([seed, 11]).integers(2**31, 2**32, AWAY_GARDENS)
        return [plant_garden(scenario, int(s)) for s in away_seeds]
    weather_seed = int(np.random.default_rng([seed, 12]).integers(2**31, 2**32))
    return [plant_garden(scenario, seed, weather_seed=weather_seed)]


def bank_noise(seed: int, name: str) -> SensorNoise:
    """The noise of a bank's sensor; frame i of phase s has the moment `s * frames + i`."""
    return SensorNoise(np.random.default_rng([seed, DRAWS[name]]).spawn(1)[0])


def _build(name: str, frames: int, avoid: np.ndarray, home: Garden) -> Bank:
    """Render a bank; the robot brings its own lens, with what is on it, to other gardens."""
    gardens, rng = bank_gardens(home, name), np.random.default_rng([home.seed, DRAWS[name]])
    scenario = home.scenario
    camera = scenario.camera
    middles = phase_days(scenario)
    noise = bank_noise(home.seed, name)
    images = np.empty((len(middles), frames, camera.height_px, camera.width_px, 3), np.uint8)
    masks = np.empty((len(middles), frames, camera.height_px, camera.width_px), np.uint8)
    days, hours = np.empty((len(middles), frames), int), np.empty((len(middles), frames))
    poses = np.empty((len(middles), frames, 3))
    for phase, middle in enumerate(middles):
        for i in range(frames):
            garden = gardens[i % len(gardens)]
            turn = (i // len(gardens) + i % len(gardens)) % len(DAY_OFFSETS)  # no garden has a date to itself
            days[phase, i] = max(0, middle + DAY_OFFSETS[turn])
            hours[phase, i] = garden.hour(int(days[phase, i]), int(rng.integers(scenario.steps_per_day)))
            poses[phase, i] = _pose(garden, rng, avoid)
            frame = garden.view(
                int(days[phase, i]), hours[phase, i], poses[phase, i],
                moment=phase * frames + i, noise=noise, marks=home.marks,
            )  # fmt: skip
            images[phase, i], masks[phase, i] = frame.rgb, frame.mask
    truth = answer(masks.reshape(-1, camera.height_px, camera.width_px))
    truth = truth.reshape(len(middles), frames, *truth.shape[1:])
    images = images.transpose(0, 1, 4, 2, 3)  # channels lie last in memory, where nets want them
    return Bank(name, images, truth, days, hours, poses)


def _pose(garden: Garden, rng: np.random.Generator, avoid: np.ndarray) -> np.ndarray:
    """A random pose that no commissioning frame was taken near."""
    while True:
        pose = np.array(sample_pose(garden.layout, rng))
        near = np.hypot(avoid[:, 0] - pose[0], avoid[:, 1] - pose[1]) < APART_M
        turned = np.array([abs(wrap_rad(a - pose[2])) for a in avoid[near, 2]])
        if not (turned < APART_RAD).any():
            return pose
