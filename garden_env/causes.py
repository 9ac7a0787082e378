"""Between two dates a garden differs in many ways at once. Here they are switched one group at a time.

A *hybrid* of two moments of one garden takes some groups of causes from `now` and all others from `then`: January's
snow in April's light. With no group taken it is the view of then, with all of them the view of now, bit for bit.

`READINGS` says what belongs to which group, reading by reading: what a look takes from the almanac or from the
script's course. A reading has one group, but a column may be read for two purposes: temperatures fade evergreens
(leaf colour) and freeze the pond (cover). What is drawn from a hash of date and hour goes with its group: passing
clouds, falling rain and the drift of clouds with the weather.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from garden_env.camera import Frame, SensorNoise
from garden_env.counterfactual import WaterState, water_state
from garden_env.garden import Garden
from garden_env.look import mixed_look
from garden_env.marks import Marks
from garden_env.moments import Days, Hours
from scenarios.names import nearest
from scenarios.spec import CameraSpec

GROUPS = {
    "light": "where the sun stands, the hour, the colour of daylight, the robot's lamp",
    "weather": "clouds, fog, rain and snow in the air, puddles, wet soil, wind",
    "leaf colour": "spring green, autumn, frost and disease on leaves; how green the lawn is",
    "bloom": "flowers and fruit, and petals on the ground",
    "cover": "snow on ground, walls and branches, fallen leaves, ice",
    "geometry": "how large plants are and how leafy, what came or was dug, paved, painted or mown, thirst that droops",
    "camera": "where it looks, its lens, what is on the lens, its sensor",
}
NAMES = tuple(GROUPS)


class Instant(NamedTuple):
    """A moment of a garden's life: day since its start, and solar time [h]."""

    day: int
    hour: float


class Reading(NamedTuple):
    """Something that a look takes from the almanac (a column) or from the script (an axis), and whose it is."""

    name: str
    group: str
    use: str


def _readings(group: str, *rows: tuple[str, str]) -> tuple[Reading, ...]:
    return tuple(Reading(name, group, use) for names, use in rows for name in names.split())


READINGS = (
    *_readings(
        "light",
        ("declination_rad latitude_deg", "where the sun stands, with the hour"),
        ("light.sun_elevation_deg light.temperature_k light.headlamp", "scripted light"),
    ),
    *_readings(
        "weather",
        ("cloud fog wind_m_s", "sky and haze"),
        ("rain_mm snowfall_mm weather.rain_mm_d weather.snow_mm_d", "what falls"),
        ("puddle soil_wet", "wet ground"),
        ("weather.wind_m_s", "plants that bend"),
    ),
    *_readings(
        "leaf colour",
        ("senescence killed leaf newcomer.senescence newcomer.killed newcomer.leaf", "pigments; dead leaves hang"),
        ("tmax_c tmin_c", "evergreens in the cold of two weeks"),
        ("lawn_green", "lawn"),
        ("plants.leaf_colour plants.disease", "scripted colour"),
        ("plants.phenology_shift_d", "which day's colours"),
    ),
    *_readings(
        "bloom",
        ("bloom fruit newcomer.bloom newcomer.fruit", "on plants"),
        ("petals", "on the ground"),
        ("plants.bloom plants.bloom_hue_deg", "scripted flowers"),
        ("plants.phenology_shift_d", "which day's flowers"),
    ),
    *_readings(
        "cover",
        ("snow_cover litter", "on the ground"),
        ("snowfall_mm tmax_c swe_mm weather.snow_mm_d", "snow on branches and walls, and how white it is"),
        ("tmin_c", "ice, with the warmest of the day"),
    ),
    *_readings(
        "geometry",
        ("growth leaf newcomer.growth newcomer.leaf", "sizes and leaf area"),
        ("plants.growth plants.pruning plants.newcomer", "scripted sizes"),
        ("plants.phenology_shift_d", "which day's sizes"),
        ("garden.bed_dug garden.furniture garden.paint ground.path_surface ground.mowing_mm", "what people did"),
    ),
    *_readings(
        "camera",
        ("camera.pitch_deg camera.height_m camera.fov_deg", "mount and angle of view"),
        ("camera.exposure_ev camera.white_balance camera.auto_exposure camera.noise camera.dead_pixels", "sensor"),
        ("camera.blur_px camera.vignetting camera.dirt camera.droplets", "lens"),
    ),
)

# Axes that looks do not read: what they move, looks read.
THROUGH_COLUMNS = {
    "climate.warming_c": "the almanac's weather, and all that follows from it",
    "climate.rain_factor": "the almanac's weather, and all that follows from it",
    "climate.cloud": "the almanac's weather, and all that follows from it",
    "climate.spring_shift_d": "the almanac's weather, and all that follows from it",
    "weather.fog": "fog",
    "ground.bleaching": "lawn_green",
    "ground.litter": "litter",
    "ground.puddles": "puddle",
    "ground.snow_cover": "snow_cover",
    "light.night": "the hour, which goes with light and weather",
}
UNSEEN = (
    "robot.wheel_slip", "robot.motor", "robot.valve_leak", "teacher.label_noise", "teacher.delay_d", "teacher.answered",
)  # fmt: skip


def mixture(then: Instant, now: Instant, taken: Iterable[str]) -> tuple[Days, Hours]:
    """The day and the hour of every group of a hybrid.

    Args:
        then, now: two moments of one garden.
        taken: names of `GROUPS` that come from now.

    Raises:
        ValueError: there is no such group.

    >>> mixture(Instant(10, 9.0), Instant(280, 12.0), ["cover"])[0].cover
    280
    """
    chosen = set(taken)
    for name in sorted(chosen - set(NAMES)):
        raise ValueError(nearest(name, NAMES, kind="group of causes"))
    days = Days(*(now.day if name in chosen else then.day for name in NAMES))
    hours = Hours(*(now.hour if name in chosen else then.hour for name in ("light", "weather")))
    return days, hours


def hybrid(
    garden: Garden, pose: np.ndarray, then: Instant, now: Instant, taken: Iterable[str], *,
    camera: CameraSpec | None = None, water: WaterState = "exam",
    moment: int | None = None, noise: SensorNoise | None = None, marks: Marks | None = None,
) -> Frame:  # fmt: skip
    """What a camera sees when some groups of causes are as they are now and the others as they were then.

    Thirst goes with geometry (leaves droop), the wet soil under plants with the weather. Sensor noise is drawn by
    `moment` and so is the same in all hybrids of two moments. Labels are those of the hybrid: its snow is snow.

    Args:
        garden: where.
        pose: x [m], y [m], heading [rad].
        then, now: the two moments.
        taken: names of `GROUPS` that come from now.
        camera: another camera; the robot's if not given.
        water: see `garden_env.counterfactual.Moment`; the exam's is the same on all days.
        moment, noise, marks: see `Garden.expose`; without a moment the picture has no noise.

    Raises:
        ValueError: there is no such group.
        IndexError: the almanac has no such day.
    """
    days, hours = mixture(then, now, taken)
    ks, wetness = (water_state(garden, water, day)[k] for k, day in enumerate((days.geometry, days.weather)))
    look = mixed_look(garden.layout, garden.almanac, days, hours, ks, wetness)
    frame = garden.draw(look, pose, camera)
    garden.expose(frame, days.camera, moment, noise=noise, marks=marks)
    return frame


def still_camera(garden: Garden, then: Instant, now: Instant) -> bool:
    """Whether the camera is the same at both moments, so that switching it changes nothing."""
    course = garden.almanac.course
    axes = [reading.name for reading in READINGS if reading.group == "camera"]
    return all(course.at(axis, then.day) == course.at(axis, now.day) for axis in axes)
