from datetime import date, timedelta
from functools import cache

import numpy as np
import pytest

from garden_env import climate, phenology
from garden_env.almanac import make_almanac
from scenarios.spec import GardenSpec, Scenario
from scenarios.tables import CLIMATES, SPECIES

PLANTS = tuple(name for name in SPECIES if name != "lawn")
YEARS = 40
START = date(2001, 1, 1)


@cache
def _life(place, *, southern=False):
    """An almanac of 40 years that starts on 1 January, or on 1 July in the south."""
    start = date(2001, 7, 2) if southern else START
    garden = GardenSpec(species=PLANTS)
    scenario = Scenario(name="long", start=start, days=YEARS * 366, climate=place, southern=southern, garden=garden)
    return make_almanac(scenario, seed=11, extra_days=0)


@pytest.fixture(scope="module")
def chicago():
    return _life("humid_continental")


@pytest.fixture(scope="module")
def london():
    return _life("temperate_oceanic")


def _days_of(almanac, stage, name, level, *, from_day=0, last=False):
    """Days after the start of the season year on which a stage first (or last) exceeds a level, one per year."""
    column = getattr(almanac, stage)[:, almanac.species.index(name)]
    days = []
    for year in range(YEARS):
        first = almanac.day_of(almanac.start.replace(year=almanac.start.year + year)) + from_day
        found = np.flatnonzero(column[first : first + 364 - from_day] > level)
        if len(found):
            days.append(from_day + int(found[-1 if last else 0]))
    return np.array(days)


def _median(days):
    return START + timedelta(days=int(np.median(days)))


def test_degree_days_never_fall_within_a_year(chicago):
    dates = climate.calendar(np.datetime64(START), 365 * 3)
    weather = climate.make_weather(CLIMATES["humid_continental"], dates, np.random.default_rng(0))
    mean = (weather.tmax_c + weather.tmin_c) / 2
    length = np.full(len(mean), 12.0)
    kinds = phenology.traits(("daffodil", "apple", "rose"))
    stages = phenology.live(kinds, dates.season_doy, mean, weather.tmin_c, length, weather.wind_m_s)
    steps = np.diff(stages.gdd, axis=0)
    assert np.all(steps[dates.season_doy[1:] != 1] >= 0)


def test_one_degree_day_is_one_degree_for_one_day():
    assert phenology.growing_degree_days(np.array([21.0]), np.array([11.0]), 5.0) == pytest.approx([11.0])
    assert phenology.growing_degree_days(np.array([50.0]), np.array([30.0]), 10.0, 30.0) == pytest.approx([20.0])


def test_published_thresholds_keep_their_order(chicago):
    # Ohio's list at 50 deg F: star magnolia 83, forsythia (full) 94, Callery pear 142, crabapple 209 F-degree-days.
    warmth = phenology.growing_degree_days(chicago.tmax_c[:365], chicago.tmin_c[:365], 10.0).cumsum()
    days = [int(np.searchsorted(warmth, f_days * 5 / 9)) for f_days in (83, 94, 142, 209)]
    assert days == sorted(days)
    assert days[0] < days[2] < days[3]


@pytest.mark.parametrize("place", ["humid_continental", "temperate_oceanic", "mediterranean"])
def test_flowers_open_in_order(place):
    life = _life(place)
    order = ("snowdrop", "daffodil", "tulip", "apple", "rose", "hydrangea", "aster")
    days = [np.median(_days_of(life, "bloom", name, 0.1)) for name in order]
    assert days == sorted(days)


CHICAGO_BANDS = [
    ("daffodil", "bloom", 0.1, (3, 28), (4, 20)),
    ("forsythia", "bloom", 0.1, (3, 28), (4, 20)),
    ("tulip", "bloom", 0.1, (4, 15), (5, 8)),
    ("apple", "bloom", 0.5, (4, 25), (5, 15)),
    ("rose", "bloom", 0.1, (5, 26), (6, 12)),
    ("coneflower", "bloom", 0.1, (6, 28), (7, 20)),
    ("hydrangea", "bloom", 0.1, (6, 22), (7, 15)),
    ("aster", "bloom", 0.1, (8, 28), (9, 15)),
    ("apple", "leaf", 0.5, (4, 25), (5, 18)),
]


@pytest.mark.parametrize(("name", "stage", "level", "early", "late"), CHICAGO_BANDS)
def test_stages_fall_into_their_date_bands(chicago, name, stage, level, early, late):
    days = _days_of(chicago, stage, name, level)
    assert len(days) == YEARS
    assert date(2001, *early) <= _median(days) <= date(2001, *late)


def test_leaves_colour_in_october_and_are_down_by_mid_november(chicago):
    for name in ("apple", "maple", "forsythia", "hydrangea"):
        coloured = _days_of(chicago, "senescence", name, 0.5, from_day=180)
        bare = _days_of(chicago, "leaf", name, 0.1, from_day=180, last=True)
        assert date(2001, 10, 1) <= _median(coloured) <= date(2001, 10, 31)
        assert date(2001, 10, 20) <= _median(bare) <= date(2001, 11, 15)


def test_rose_and_apple_keep_their_published_dates(chicago, london):
    # Trial of 200 years: roses about 2-3 June in both, apples in full bloom 28 April and 8 May.
    for life, rose, apple in ((chicago, 153, 128), (london, 154, 118)):
        assert np.median(_days_of(life, "bloom", "rose", 0.1)) == pytest.approx(rose, abs=8)
        assert np.median(_days_of(life, "bloom", "apple", 0.9)) == pytest.approx(apple, abs=8)


def test_years_differ_by_weeks(chicago):
    early, late = np.percentile(_days_of(chicago, "bloom", "daffodil", 0.1), [10, 90])
    assert 10 <= late - early <= 42


@pytest.mark.parametrize("name", ["daffodil", "apple", "rose", "coneflower", "aster"])
def test_the_south_blooms_half_a_year_later(chicago, name):
    north = np.median(_days_of(chicago, "bloom", name, 0.1))
    south = np.median(_days_of(_life("humid_continental", southern=True), "bloom", name, 0.1))
    # Both are counted from the start of their own season year, 1 January and 2 July: 182 days apart.
    assert south == pytest.approx(north, abs=7)


def test_without_cold_there_is_no_spring():
    days = 800
    doy = np.arange(days) % 365 + 1
    warm, mild = np.full(days, 20.0), np.full(days, 15.0)
    stages = phenology.live(phenology.traits(("tulip",)), doy, warm, mild, np.full(days, 12.0), np.full(days, 1.0))
    assert stages.bloom.max() == 0.0


def test_frost_kills_tomatoes_and_spares_spruces(chicago):
    killed = chicago.killed[:, chicago.species.index("tomato")]
    assert killed.max() == 1.0
    assert chicago.killed[:, chicago.species.index("spruce")].max() == 0.0
    assert chicago.leaf[:, chicago.species.index("spruce")].min() >= 0.8


def test_perennials_are_gone_in_january_and_back_in_june(chicago):
    for name in ("coneflower", "aster", "tulip"):
        growth = chicago.growth[:, chicago.species.index(name)]
        assert growth[375] == 0.0
    assert chicago.growth[365 + 170, chicago.species.index("coneflower")] > 0.8


@pytest.mark.parametrize("stage", ["growth", "leaf", "senescence", "bloom", "fruit", "killed"])
def test_stages_are_shares(chicago, stage):
    column = getattr(chicago, stage)
    assert column.min() >= 0.0
    assert column.max() <= 1.0
    assert column.max() > 0.5


def test_plants_change_a_little_every_day_not_all_at_once(chicago):
    for name in ("apple", "rose", "hydrangea", "forsythia", "tulip", "coneflower", "aster"):
        leaf = chicago.leaf[:, chicago.species.index(name)]
        assert np.abs(np.diff(leaf)).max() < 0.25, name


@pytest.mark.parametrize("place", ["humid_continental", "temperate_oceanic", "mediterranean", "subarctic"])
def test_nothing_happens_to_plants_on_new_years_day(place):
    life = _life(place)
    days = [life.day_of(date(year, 1, 1)) for year in range(START.year + 1, START.year + YEARS)]
    for stage in ("growth", "leaf", "bloom", "fruit"):
        jump = np.abs(np.diff(getattr(life, stage), axis=0))[np.array(days) - 1]
        assert jump.max() < 0.1, stage


def test_the_still_garden_never_changes():
    stages = phenology.still(phenology.traits(PLANTS), 30)
    for column in stages:
        assert np.all(column == column[0])
