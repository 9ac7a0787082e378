"""Claims about light: the sun moved, daylight tinted, night, and the robot's lamp."""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from garden_env.garden import plant_garden
from garden_env.lamp import AIM_DOWN, SPREAD, reach, shine
from garden_env.render.light import FINE_RESPONSE, RADIANCE, daylight_tint, light_of, raised
from garden_env.sun import elevation_rad
from scenarios.drift import DriftEvent
from scenarios.spec import Scenario
from scenarios.tables import SKY

BASE = Scenario(name="light", days=300)
POSE = np.array([4.0, 3.0, 0.6])


@cache
def planted():
    return plant_garden(BASE, 3)


def garden(**light):
    """The garden of the tests with axes of light at constant values: only the course is another."""
    drift = tuple(DriftEvent(axis=f"light.{name}", set=value) for name, value in light.items())
    scenario, almanac = BASE.model_copy(update={"drift": drift}), planted().almanac
    course = scenario.course(days=almanac.course.days, before=almanac.course.before)
    return replace(planted(), scenario=scenario, almanac=replace(almanac, course=course))


def view(day=60, share=0.5, **light):
    there = garden(**light)
    return there.view(day, there.hour_at(day, share), POSE)


def brightness(frame, where=...):
    return float(RADIANCE[frame.rgb].mean(-1)[where].mean())


def at_elevation(degrees):
    return np.array([0.0, -math.cos(math.radians(degrees)), math.sin(math.radians(degrees))])


def sun_height_deg(there, day, share):
    almanac = there.almanac
    latitude_rad, declination = math.radians(almanac.latitude_deg), almanac.declination_rad[day]
    return math.degrees(elevation_rad(latitude_rad, declination, there.hour_at(day, share)))


def test_neutral_daylight_changes_no_bit():
    assert (daylight_tint(6500.0) == 1.0).all()
    one, other = light_of(at_elevation(40), 10, 12.0, 0.3), light_of(
        at_elevation(40), 10, 12.0, 0.3, temperature_k=6500.0, lamp=0.0
    )  # fmt: skip
    assert (one.beam == other.beam).all() and (one.ambient == other.ambient).all()


def test_warm_daylight_is_redder_and_as_bright():
    for kelvin in (2500.0, 4000.0, 9000.0, 12000.0):
        tint = daylight_tint(kelvin)
        assert tint @ [0.2126, 0.7152, 0.0722] == pytest.approx(1.0)
        assert (tint[0] > 1 > tint[2]) == (kelvin < 6500.0)
    warm, cold = view(temperature_k=2500.0), view(temperature_k=12000.0)
    for where in (warm.mask == SKY, warm.mask != SKY):  # the sky is tinted, too
        ratio = [RADIANCE[f.rgb][where].mean(0) for f in (warm, cold)]
        assert ratio[0][0] / ratio[0][2] > 2 * ratio[1][0] / ratio[1][2]


def test_the_sun_is_raised_by_what_the_axis_says_and_stays_in_its_quarter():
    sun = np.array([0.3, -0.5, 0.4]) / np.linalg.norm([0.3, -0.5, 0.4])
    moved = raised(sun, -30.0)
    assert np.linalg.norm(moved) == pytest.approx(1.0)
    assert math.degrees(math.asin(sun[2]) - math.asin(moved[2])) == pytest.approx(30.0)
    assert math.atan2(moved[1], moved[0]) == pytest.approx(math.atan2(sun[1], sun[0]))
    assert raised(sun, 0.0) is sun and raised(sun, 170.0)[2] == pytest.approx(1.0)


def test_a_lower_sun_is_dimmer():
    levels = [light_of(at_elevation(e), 10, 12.0, 0.2).level for e in (60, 20, 5, -2, -6, -10, -40)]
    assert (np.diff(levels) < 0).all()
    assert levels[-1] < 0.02 * levels[0]


def test_no_direct_light_comes_from_below_the_horizon():
    for degrees in (-1.0, -10.0, -60.0):
        light = light_of(at_elevation(degrees), 10, 20.0, 0.0)
        assert (light.beam == 0).all() and light.visible == 0


def test_dusk_has_no_steps():
    levels = [light_of(at_elevation(e), 10, 12.0, 0.4).level for e in np.arange(3, -20, -0.05)]
    assert np.abs(np.diff(np.log(levels))).max() < 0.06


def test_a_night_shift_is_in_the_dark_from_its_first_hour_to_its_last():
    night, day = garden(night=1.0), garden()
    for date in range(0, 300, 30):
        for share in (0.0, 0.3, 0.7, 1.0):
            assert sun_height_deg(night, date, share) < -5 < 0 < sun_height_deg(day, date, share)
            assert 0 <= night.hour_at(date, share) < 24
    first_h, last_h = garden(night=0.5).shift(60)
    for between, ends in ((first_h, 0), (last_h, 1)):
        assert between == pytest.approx((night.shift(60)[ends] + day.shift(60)[ends]) / 2)


@pytest.mark.parametrize("day", [10, 100, 250])
def test_the_night_is_dark_and_looks_like_the_same_garden(day):
    light, dark = view(day), view(day, night=1.0)
    assert brightness(dark) < 0.06 * brightness(light)
    assert dark.rgb[dark.mask != SKY].max() < 130
    assert (light.mask == dark.mask).all() and (light.depth_m == dark.depth_m).all()


def test_the_lamp_fades_by_the_square_of_the_distance_and_off_its_axis():
    far = reach(0.0, AIM_DOWN, 40.0) / reach(0.0, AIM_DOWN, 80.0)
    assert far == pytest.approx(4.0, rel=0.01)
    assert reach(0.0, AIM_DOWN, 2.0) > reach(0.6, AIM_DOWN, 2.0) > reach(1.0, AIM_DOWN, 2.0) > 0.0
    assert reach(0.0, 0.0, np.inf) == 0.0


def test_the_kernel_of_the_lamp_does_what_its_plain_version_does():
    rng = np.random.default_rng(1)
    sky, lamplit = (rng.integers(0, 200, (20, 30, 3)).astype(np.uint8) for _ in range(2))
    depth = rng.uniform(0.2, 12, (20, 30)).astype(np.float32)
    depth[3] = np.inf
    x, y = (np.arange(30) + 0.5 - 15) / 16, ((np.arange(20) + 0.5 - 8) / 16)[:, None]
    beam = np.exp(-0.5 * (x**2 + (y - AIM_DOWN) ** 2) / SPREAD**2)
    part = beam * 2 / (1 + depth.astype(float) ** 2 * (1 + x**2 + y**2))
    light = RADIANCE[sky] + part[..., None] * RADIANCE[lamplit]
    plain = FINE_RESPONSE[np.minimum(light * len(FINE_RESPONSE) / 2 + 0.5, len(FINE_RESPONSE) - 1).astype(int)]
    plain[part < 1e-4] = sky[part < 1e-4]
    shine(sky, lamplit, depth, np.array([16.0, 15.0, 8.0, 0.6]))
    assert np.abs(plain.astype(int) - sky).max() <= 1 and (plain == sky).mean() > 0.999


def test_the_lamp_shows_what_is_near():
    dark, lit, day = view(night=1.0), view(night=1.0, headlamp=1.0), view()
    near, far = lit.depth_m < 2.0, (lit.depth_m > 5.0) & (lit.mask != SKY)
    assert near.sum() > 100 and far.sum() > 20
    assert brightness(lit, near) > 8 * brightness(dark, near)
    assert brightness(lit, near) / brightness(day, near) > 3 * brightness(lit, far) / brightness(day, far)
    assert (dark.mask == lit.mask).all() and (dark.depth_m == lit.depth_m).all()


def test_a_brighter_lamp_is_brighter_and_the_day_hardly_notices_it():
    levels = [brightness(view(night=1.0, headlamp=share)) for share in (0.1, 0.4, 1.0)]
    assert (np.diff(levels) > 0).all()
    day, with_lamp = view(), view(headlamp=1.0)
    assert np.abs(day.rgb.astype(int) - with_lamp.rgb).mean() < 4


def test_at_dusk_the_lights_of_sky_and_lamp_add_up():
    # At the sensor's response to both, neither is brighter alone than with the other.
    sun = at_elevation(-4.0)
    both, sky = light_of(sun, 60, 20.0, 0.2, lamp=1.0), light_of(sun, 60, 20.0, 0.2)
    assert both.lamp > 0 and (both.ambient > 0).all() and (both.ambient < sky.ambient).all()
