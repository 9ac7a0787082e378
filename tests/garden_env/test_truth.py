"""The truth about drift is that of script and sky, whatever the robot does, and is drawn once a day."""

from datetime import date

import numpy as np
import pytest

from garden_env.garden import plant_garden
from garden_env.truth import CLASSES_CHANGED, DELTA_E_CHANGED, Truth
from garden_env.warmth import BASE_C
from garden_env.world import World
from scenarios.drift import DriftEvent
from scenarios.files import load

WARMER = DriftEvent(axis="climate.warming_c", add=4, shape="ramp", at=date(2030, 5, 1), days=10)
BLURRED = DriftEvent(axis="camera.blur_px", set=1)
SCENARIO = load("four_seasons").model_copy(update={"drift": (WARMER, BLURRED)})


@pytest.fixture(scope="module")
def garden():
    return plant_garden(SCENARIO, 1)


def test_every_active_axis_is_told_and_no_other(garden):
    truth = Truth(garden)
    assert truth.now(0, 12.0)["axes"] == {"climate.warming_c": 0.0, "camera.blur_px": 1.0}
    assert truth.now(26, 12.0)["axes"] == {"climate.warming_c": 2.0, "camera.blur_px": 1.0}
    assert truth.now(26, 12.0)["date"] == "2030-05-06"


def test_the_last_day_of_commissioning_is_no_change_and_snow_is_one(garden):
    truth = Truth(garden)
    last = SCENARIO.commissioning_days - 1
    assert (truth.now(last, 9.0)["delta_e"], truth.now(last, 9.0)["class_change"]) == (0.0, 0.0)
    snowy = int(np.argmax(garden.almanac.snow_cover > 0.95))
    now = truth.now(snowy, 12.0)
    assert now["class_shares"]["snow"] > 0.5
    assert now["class_change"] > CLASSES_CHANGED
    assert now["delta_e"] > DELTA_E_CHANGED
    assert sum(now["class_shares"].values()) == pytest.approx(1)
    assert truth.change(snowy, 12.0) == (now["delta_e"], now["class_change"])
    assert truth.change(last - 10, 12.0) == (0.0, 0.0)


def test_without_seasons_a_garden_counts_as_unchanged():
    truth = Truth(plant_garden(load("constant"), 2))
    changes = np.array([truth.change(day, 12.0) for day in range(30, 400, 15)])
    assert (changes < (DELTA_E_CHANGED, CLASSES_CHANGED)).all()


def test_the_plan_is_drawn_once_a_day_and_only_when_somebody_asks(garden):
    world, drawn = World([garden]), []
    truth = world._truths[0]
    plain, truth.plan = truth.plan, lambda day: drawn.append(day) or plain(day)
    for step in range(72):
        if step >= 24:
            world.drift(0)
        world.advance(np.zeros((1, 3)))
    assert drawn == [1, 20, 2]


def test_the_truth_does_not_depend_on_the_robots_watering(garden):
    wet, dry = World([garden]), World([garden])
    for _ in range(60):
        wet.advance(np.array([[0.3, 0.3, 1.0]]))
        dry.advance(np.array([[0.0, 0.0, -1.0]]))
    assert not np.array_equal(wet.ks, dry.ks) or not np.array_equal(wet.skin_mm, dry.skin_mm)
    assert wet.drift(0) == dry.drift(0)


def test_a_drought_shows_in_the_plan_and_rain_ends_it(garden):
    truth = Truth(garden)
    wilted = np.array([(garden.unwatered(day)[0] < 0.4).mean() for day in range(160)])
    driest, wettest = int(wilted.argmax()), int(wilted.argmin())
    assert wilted[driest] > 0.3
    assert truth.now(driest, 12.0)["class_shares"]["wilted"] > 0.01
    assert truth.now(wettest, 12.0)["class_shares"]["wilted"] == 0.0


def test_what_a_caller_does_to_the_truth_stays_with_the_caller(garden):
    world = World([garden])
    world.drift(0)["axes"]["camera.blur_px"] = 9.0
    assert world.drift(0)["axes"]["camera.blur_px"] == 1.0


@pytest.mark.parametrize("southern", [False, True])
def test_degree_days_add_up_from_the_first_of_the_seasons_january(southern):
    start = date(2030, 10, 10) if southern else date(2030, 4, 10)
    scenario = load("four_seasons").model_copy(update={"southern": southern, "start": start})
    almanac = plant_garden(scenario, 1).almanac
    told = Truth(plant_garden(scenario, 1)).degree_days_c
    new_year = (date(2031, 7, 2) if southern else date(2031, 1, 1)) - start
    assert told[new_year.days - 1] > told[new_year.days] >= 0
    gained = np.maximum(almanac.tmean_c - BASE_C, 0)
    np.testing.assert_allclose(np.diff(told[: new_year.days]), gained[1 : new_year.days], atol=1e-9)
    assert told[0] - gained[0] > 0  # warmth of the weeks before the life began


def test_a_sun_that_the_script_lowers_is_told_as_low(garden):
    event = DriftEvent(axis="light.sun_elevation_deg", add=-20)
    low = Truth(plant_garden(SCENARIO.model_copy(update={"drift": (event,)}), 1)).now(40, 12.0)["sun_elevation_deg"]
    assert low == pytest.approx(Truth(garden).now(40, 12.0)["sun_elevation_deg"] - 20)
