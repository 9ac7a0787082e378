"""A garden that crosses the equator: the same life up to that day, and from then on the one of the other hemisphere."""

from dataclasses import fields
from datetime import date

import numpy as np
import pytest

from agent.monitor.probes import phase_days, phase_names
from garden_env.almanac import make_almanac
from garden_env.garden import plant_garden
from garden_env.truth import Truth
from scenarios.files import ScenarioError, load, parse

MOVED = load("moved_south")
TURN = 78  # 27 June


@pytest.fixture(scope="module")
def lives():
    """The crossing life, and the two of which it is made."""
    stay = MOVED.model_copy(update={"crosses_equator": None})
    return [make_almanac(s, 3) for s in (MOVED, stay, stay.model_copy(update={"southern": True}))]


def test_each_day_is_that_of_the_hemisphere_it_is_lived_on(lives):
    moved, north, south = lives
    assert moved.date_of(TURN) == MOVED.crosses_equator == date(2030, 6, 27)
    compared = 0
    for field in fields(moved):
        column = getattr(moved, field.name)
        if isinstance(column, np.ndarray):
            assert np.array_equal(column[:TURN], getattr(north, field.name)[:TURN])
            assert np.array_equal(column[TURN:], getattr(south, field.name)[TURN:])
            compared += 1
    assert compared > 25
    assert np.allclose(moved.degree_days_c[:TURN], north.degree_days_c[:TURN])
    assert np.allclose(moved.degree_days_c[TURN:], south.degree_days_c[TURN:])


def test_early_summer_is_followed_by_winter_overnight(lives):
    moved = lives[0]
    assert moved.tmean_c[TURN - 14 : TURN].mean() > 15
    assert moved.tmean_c[TURN : TURN + 14].mean() < 5
    assert moved.leaf[TURN - 1].max() > 0.9
    assert moved.day_length_h[TURN - 1] > 14 > 10 > moved.day_length_h[TURN]


def test_the_sun_stands_in_the_north_after_the_crossing():
    garden = plant_garden(MOVED, 3)
    elevation = [Truth(garden).now(day, 12.0)["sun_elevation_deg"] for day in (TURN - 1, TURN)]
    assert elevation[0] > 65
    assert elevation[1] < 30
    before, after = (garden.look(day, 12.0, *garden.unwatered(day)).light.sun[1] for day in (TURN - 1, TURN))
    assert before < -0.1 < 0.1 < after


def test_phases_of_the_exam_are_called_by_the_season_they_show(lives):
    names, days = phase_names(MOVED), phase_days(MOVED)
    assert len(set(names)) == len(names)
    for name, day in zip(names, days, strict=True):
        assert name.endswith(", south") == (day >= TURN)
        if "winter" in name:
            assert lives[0].tmean_c[day - 10 : day + 10].mean() < 6
        if "high summer" in name:
            assert lives[0].tmean_c[day - 10 : day + 10].mean() > 18


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("crosses_equator: 2035-01-01", "outside the calendar"),
        ("crosses_equator: 2030-06-01\nclimate: constant", "only a named climate with seasons"),
        (
            "crosses_equator: 2030-06-01\nfreeze: {light: 2030-05-05}",
            r"<text>:3: freeze\.light: light cannot",
        ),
    ],
)
def test_what_cannot_cross_is_told(text, message):
    with pytest.raises(ScenarioError, match=message):
        parse(f"name: a\n{text}")
