"""What if: the same garden from the same pose on another date, at another hour, in other weather, under another script.

Nothing here changes a world. Whatever is asked for is drawn from the garden alone, with the live world's own kernels,
so that a view of now is the live frame, bit for bit.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from garden_env.camera import Frame
from garden_env.garden import UNSTRESSED_KS, UNSTRESSED_WETNESS, WILTED_KS, WILTED_WETNESS, Garden
from garden_env.injection import with_events
from scenarios.drift import DriftEvent
from scenarios.names import nearest
from scenarios.spec import CameraSpec, Scenario

When = date | int  # a date, or a day since the start of the life
WaterState = Literal["exam", "unstressed", "wilted", "unwatered"] | tuple[np.ndarray, np.ndarray]
WATER_STATES = ("exam", "unstressed", "wilted", "unwatered")
KEPT_SCRIPTS = 4  # other almanacs kept at a time; that of a century takes some 40 MB

_kept: OrderedDict[tuple, Garden] = OrderedDict()


@dataclass(frozen=True)
class Moment:
    """What a view is of.

    Attributes:
        when: a date, or a day since the start of the life.
        hour: solar time [h].
        water: 'exam' (a third of the plants wilted, see `Garden.exam_water`), 'unstressed', 'wilted' (all of them),
            'unwatered' (what nature gave by then), or ks and wetness, both (P,) float64; see `Garden.look`.
        scenario: another script for the same garden, see `under`.
        weather_seed: other weather years.
        events: added to the script, such as fog that has always been there.
    """

    when: When
    hour: float = 12.0
    water: WaterState = "exam"
    scenario: Scenario | None = None
    weather_seed: int | None = None
    events: Sequence[DriftEvent] = ()


def render_at(
    garden: Garden, pose, when: When, *, hour: float = 12.0, water: WaterState = "exam",
    scenario: Scenario | None = None, weather_seed: int | None = None, events: Sequence[DriftEvent] = (),
    camera: CameraSpec | None = None, noise: int | None = None,
) -> Frame:  # fmt: skip
    """What a camera at `pose` sees at any moment, with masks and depth. Changes nothing.

    Args:
        garden: where.
        pose: x [m], y [m], heading [rad].
        when, hour, water, scenario, weather_seed, events: see `Moment`.
        camera: another camera; the robot's if not given.
        noise: number of the picture, for the noise of the sensor; without it there is none. `World` uses its steps.

    Raises:
        IndexError: the almanac does not reach the date.
        ValueError: an unknown water state, or arrays of another length than the garden has plants.
    """
    if scenario is not None or weather_seed is not None or events:
        garden = under(garden, scenario, weather_seed=weather_seed, events=events)
    day = garden.almanac.day_of(when) if isinstance(when, date) else int(when)
    if not 0 <= day < garden.almanac.days:
        raise IndexError(f"day {day} is outside the almanac, which has days 0 .. {garden.almanac.days - 1}")
    frame = garden.draw(garden.look(day, hour, *water_state(garden, water, day)), pose, camera)
    garden.expose(frame, day, noise)
    return frame


def pair(
    garden: Garden, pose, first: Moment, second: Moment, *, camera: CameraSpec | None = None, noise: int | None = None
) -> tuple[Frame, Frame]:
    """Two looks of one scene: two frames from one pose that differ in the moments only, sensor noise included."""
    one, other = (render_at(garden, pose, **vars(moment), camera=camera, noise=noise) for moment in (first, second))
    return one, other


def under(
    garden: Garden, scenario: Scenario | None = None, *, weather_seed: int | None = None,
    events: Sequence[DriftEvent] = (),
) -> Garden:  # fmt: skip
    """The same garden, robot and camera under another script; the last few are kept.

    Args:
        garden: the place.
        scenario: whose calendar, climate and drift to take; the garden's own if not given.
        weather_seed: of the weather; the garden's own if not given.
        events: added to the script.

    Raises:
        ValueError: the events do not fit into the scenario.
    """
    script = garden.scenario if scenario is None else scenario
    if events:
        script = with_events(script, *events)
    seed = garden.weather_seed if weather_seed is None else weather_seed
    if seed == garden.weather_seed and script.hash == garden.scenario.hash:
        return garden
    key = garden.layout, garden.seed, garden.scenario.hash, script.hash, seed
    if key not in _kept:
        _kept[key] = garden.under(script, weather_seed=seed)
        while len(_kept) > KEPT_SCRIPTS:
            _kept.popitem(last=False)
    _kept.move_to_end(key)
    return _kept[key]


def water_state(garden: Garden, water: WaterState, day: int) -> tuple[np.ndarray, np.ndarray]:
    """Stress coefficient and wetness of every plant, both (P,) float64, in a stated water state."""
    if not isinstance(water, str):
        ks, wetness = water
        return np.asarray(ks, float), np.asarray(wetness, float)
    if water == "exam":
        return garden.exam_water
    if water == "unwatered":
        return garden.unwatered(day)
    if water not in WATER_STATES:
        raise ValueError(nearest(water, WATER_STATES, kind="water state"))
    wilted = water == "wilted"
    plants = len(garden.layout.plant_species)
    ks, wetness = (WILTED_KS, WILTED_WETNESS) if wilted else (UNSTRESSED_KS, UNSTRESSED_WETNESS)
    return np.full(plants, ks), np.full(plants, wetness)
