"""An event dropped into a running world changes what is to come, and nothing of what has been."""

from dataclasses import fields
from datetime import date

import numpy as np
import pytest

from garden_env.garden import plant_garden
from garden_env.world import World
from scenarios.axes import AXES
from scenarios.drift import DriftEvent
from scenarios.files import load

SCENARIO = load("four_seasons").model_copy(update={"days": 150})
DAY = 90


@pytest.fixture(scope="module")
def lived():
    """A world on day 90, at noon."""
    world = World([plant_garden(SCENARIO, 3, weather_seed=7)])
    world.steps = DAY * SCENARIO.steps_per_day + 12
    return world


def rows(value):
    """All arrays by day of an almanac, or of a part of it."""
    if isinstance(value, np.ndarray):
        return [value]
    return [array for part in value for array in rows(part)] if isinstance(value, tuple) else []


@pytest.mark.parametrize("axis", AXES.values(), ids=AXES)
def test_days_lived_keep_their_rows_bit_for_bit_whatever_axis_moves(lived, axis):
    before = lived.gardens[0].almanac
    world = lived.fork()
    far = axis.high if axis.high != axis.default else axis.low
    world.inject(0, DriftEvent(axis=axis.name, set=far))
    after = world.gardens[0].almanac
    assert before.course.at(axis.name, DAY) == axis.default != after.course.at(axis.name, DAY) == far
    assert after.course.at(axis.name, DAY - 1) == axis.default
    for field in fields(before):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if old is not None:
            for one, other in zip(rows(old), rows(new), strict=True):
                assert one[:DAY].tobytes() == other[:DAY].tobytes(), field.name


def test_what_is_to_come_is_computed_anew(lived):
    world = lived.fork()
    world.inject(0, DriftEvent(axis="climate.warming_c", add=5))
    old, new = lived.gardens[0].almanac, world.gardens[0].almanac
    np.testing.assert_allclose(new.tmax_c[DAY:], old.tmax_c[DAY:] + 5)
    assert lived.gardens[0].almanac is old
    np.testing.assert_array_equal(world.pose, lived.pose)
    np.testing.assert_array_equal(world.depletion_mm, lived.depletion_mm)


def test_an_event_without_a_date_or_of_the_past_begins_today_and_is_recorded(lived):
    world = lived.fork()
    first = world.inject(0, DriftEvent(axis="weather.fog", set=1, shape="window", at=date(2030, 5, 1), days=3))
    second = world.inject(0, DriftEvent(axis="camera.blur_px", set=2, at=date(2030, 8, 1)))
    assert (first.event.at, second.event.at) == (date(2030, 7, 9), date(2030, 8, 1))
    assert world.injected == [first, second]
    assert first.step == DAY * 24 + 12
    assert len({SCENARIO.hash, first.hash, second.hash}) == 3
    assert second.hash == world.gardens[0].scenario.hash
    assert world.gardens[0].scenario.drift == (first.event, second.event)


def test_the_next_frame_shows_it(lived):
    world = lived.fork()
    before = world.frame(0).rgb.copy()
    world.inject(0, DriftEvent(axis="weather.fog", set=1))
    assert (world.frame(0).rgb != before).any()


def test_a_world_with_an_event_dropped_in_is_the_world_of_the_longer_script(lived):
    world = lived.fork()
    world.inject(0, DriftEvent(axis="ground.litter", add=0.5))
    scripted = World([plant_garden(world.gardens[0].scenario, 3, weather_seed=7)])
    scripted.steps = world.steps
    scripted.restore(world.snapshot())
    np.testing.assert_array_equal(scripted.frame(0).rgb, world.frame(0).rgb)


@pytest.mark.parametrize(
    ("given", "event", "message"),
    [
        ({"off": ("camera",)}, {"axis": "camera.blur_px", "set": 1}, "cannot move: four_seasons has camera off"),
        ({"freeze": {"weather": date(2030, 6, 1)}}, {"axis": "weather.fog", "set": 1}, "freezes it from 2030-06-01"),
        ({}, {"axis": "weather.fog", "set": 1, "at": date(2035, 1, 1)}, "outside the calendar"),
    ],
)
def test_events_that_cannot_come_are_told(lived, given, event, message):
    world = World([plant_garden(SCENARIO.model_copy(update=given), 3)])
    world.steps = lived.steps
    with pytest.raises(ValueError, match=message):
        world.inject(0, DriftEvent(**event))
    assert world.injected == []


def test_two_events_that_set_one_axis_at_once_are_refused(lived):
    world = lived.fork()
    world.inject(0, DriftEvent(axis="camera.noise", set=9, shape="window", at=date(2030, 7, 9), days=30))
    with pytest.raises(ValueError, match=r"set camera\.noise at the same time"):
        world.inject(0, DriftEvent(axis="camera.noise", set=3, shape="window", at=date(2030, 7, 20), days=30))
    world.inject(0, DriftEvent(axis="camera.noise", add=3))
