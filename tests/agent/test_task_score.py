"""The task's score: nobody's is nothing, nobody's thirst is all, and what is booked is what happened."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from agent.need import Start, foresee, stressed
from agent.task_score import (
    FREE_NEEDS,
    LEAST_NEED_MM,
    LEAST_STRESS,
    RUN_OVER_D,
    Ledger,
    SeasonScore,
    Sums,
    pooled,
    regret,
    score_parts,
    score_seasons,
    season_of,
    task_score,
)
from garden_env.garden import plant_garden
from garden_env.mortality import bedded, in_leaf
from garden_env.world import World, root_area_m2
from scenarios.spec import GardenSpec, Scenario
from scenarios.tables import SOILS, SPECIES

STILL = np.array([[0.0, 0.0, -1.0]])
DRY = Scenario(
    name="dry", climate="mediterranean", days=240, steps_per_day=2, commissioning_days=1, garden=GardenSpec(mortal=True)
)
SUMS = Sums(
    plant_days=1000.0, stressed_d=50.0, unwatered_d=200.0, deaths=0.0, unwatered_deaths=4.0, litres=150.0,
    wasted_l=0.0, need_l=100.0, bumps=0.0, run_over=0.0, steps=500.0,
)  # fmt: skip


@pytest.fixture(scope="module")
def garden():
    return plant_garden(DRY, 500)


def lived(garden, act=lambda world: STILL, days=None, world=None, ledger=None):
    """A life in which `act` says what the robot does, and its ledger."""
    world = world or World([garden])
    ledger = ledger or Ledger(world)
    while world.day < (days or garden.scenario.days):
        ledger.after(world.advance(act(world)))
    return ledger


def by_hand(world):
    """A gardener by magic: what lacks water has it."""
    world.depletion_mm[:] = 0.0
    return STILL


@pytest.fixture(scope="module")
def nobody(garden):
    return lived(garden)


@pytest.fixture(scope="module")
def magic(garden):
    return lived(garden, by_hand)


def test_the_unwatered_garden_is_foreseen_as_a_world_without_a_gardener_lives_it(garden):
    """Past the spring in which the owner replaces the dead, who then thirst again."""
    nobody = lived(garden, days=500)
    foreseen = foresee(garden, nobody.start, len(nobody.days))
    assert foreseen.deaths[:250].sum() > 5
    assert foreseen.deaths[330:].sum() > 5
    np.testing.assert_array_equal(foreseen.deaths, nobody.column("deaths"))
    np.testing.assert_allclose(foreseen.stressed_d, nobody.column("stressed_d"), atol=1e-12)


def test_only_living_leaves_are_stressed_and_the_dead_always():
    ks, beds = np.array([0.0, 0.0, 0.0, 0.0, 0.5]), np.array([True, True, True, False, True])
    alive, leafy = np.array([True, True, False, True, True]), np.array([True, False, False, True, True])
    assert stressed(ks, alive, leafy, beds) == 1 + 0 + 1 + 0.5


def test_nobody_scores_nothing_and_who_keeps_all_thirst_away_scores_all(garden, nobody, magic):
    for one in score_seasons(nobody, garden):
        assert one.parts is None or one.score == pytest.approx(0.0, abs=1e-9)
    for one in score_seasons(magic, garden):
        assert one.parts is None or one.parts.score > 97.0
        assert one.sums.deaths == 0
    assert pooled(score_seasons(magic, garden)).stress > 97.0


def test_a_robot_stands_between_the_blind_and_the_ideal(garden, nobody, magic):
    worst, best = score_seasons(nobody, garden), score_seasons(magic, garden)
    for robot, share in ((worst, 0.0), (best, 1.0)):
        assert task_score(robot, worst, best).share == pytest.approx(share)
    assert task_score(worst, best, worst).share is None  # where knowing all is worse, nothing can be said
    missed = regret(worst, best)
    assert list(missed) == [one.season for one in worst] == ["spring 2030", "summer 2030", "autumn 2030", "winter 2030"]
    assert missed["summer 2030"] == pytest.approx(best[1].score)
    assert missed["winter 2030"] is None


def test_the_need_is_refilling_what_has_used_up_its_easy_water():
    """An independent account: a bucket a plant, in plain Python."""
    scenario = DRY.model_copy(update={"days": 120})
    garden = plant_garden(scenario, 501)
    world = World([garden])
    layout, almanac, area_m2 = garden.layout, garden.almanac, root_area_m2(garden)
    plants = len(layout.plant_species)
    start = Start(0, world.depletion_mm[0], world.skin_mm[0], world.alive[0], world.severe_d[0])
    ground, expected = SOILS["loam"], np.zeros(120)
    for p in np.flatnonzero(bedded(layout)):
        row = SPECIES[layout.species[layout.plant_species[p]]]
        taw_mm = 1000 * (ground.field_capacity - ground.wilting_point) * row.root_m
        lacking_mm = float(world.depletion_mm[0, p])
        for day in range(120):
            etc_mm = almanac.kc[day, layout.plant_species[p]] * almanac.et0_mm[day]
            easy = min(max(row.p_depletion + 0.04 * (5 - etc_mm), 0.1), 0.8)
            ks = min(max((taw_mm - lacking_mm) / (taw_mm * (1 - easy)), 0.0), 1.0)
            rain_mm = almanac.water_mm[day]
            lacking_mm = max(lacking_mm - rain_mm + min(ks * etc_mm, taw_mm - lacking_mm + rain_mm), 0.0)
            if in_leaf(almanac, layout, day)[p] and lacking_mm >= easy * taw_mm:
                expected[day] += lacking_mm * area_m2[p]
                lacking_mm = 0.0
    need_l = foresee(garden, start, 120).need_l
    assert plants > bedded(layout).sum()
    assert need_l.sum() > 500
    np.testing.assert_allclose(need_l, expected, atol=1e-6)


def test_each_part_of_the_score_is_what_it_says():
    assert score_parts(SUMS).stress == score_parts(SUMS).score == 75.0
    assert score_parts(replace(SUMS, litres=FREE_NEEDS * SUMS.need_l)).litres == 0.0
    assert score_parts(replace(SUMS, litres=(FREE_NEEDS + 1) * SUMS.need_l)).litres == -10.0
    assert score_parts(replace(SUMS, bumps=SUMS.steps)).bumps == -100.0
    assert score_parts(replace(SUMS, run_over=10.0)).run_over == pytest.approx(-RUN_OVER_D)
    assert score_parts(replace(SUMS, bumps=50.0, run_over=10.0)).score == pytest.approx(75.0 - 10.0 - RUN_OVER_D)


def test_a_score_of_nothing_is_refused():
    with pytest.raises(ValueError, match="need_l 0"):
        score_parts(replace(SUMS, need_l=0.0))
    with pytest.raises(ValueError, match="no season had need"):
        pooled([SeasonScore("winter 2030", "2030-12-01", "2031-02-28", 30, SUMS, None)])


def test_seasons_without_need_are_not_scored(garden, nobody, magic):
    for ledger in (nobody, magic):
        seasons = {one.season: one for one in score_seasons(ledger, garden)}
        assert seasons["winter 2030"].parts is None
        assert seasons["summer 2030"].parts is not None
    # plants that died in summer are missing in winter: that is stress, but no need
    winter = score_seasons(nobody, garden)[-1].sums
    assert (winter.need_l, winter.unwatered_d > 0.3 * winter.plant_days) == (0.0, True)


def test_a_season_that_only_wanted_water_and_would_have_borne_its_lack_is_not_scored():
    garden = plant_garden(DRY.model_copy(update={"climate": "humid_continental", "days": 60}), 500)
    spring = score_seasons(lived(garden, days=52), garden)[0]
    area_m2 = root_area_m2(garden)[bedded(garden.layout)].sum()
    assert spring.sums.need_l > LEAST_NEED_MM * area_m2
    assert spring.sums.unwatered_d < LEAST_STRESS * spring.sums.plant_days
    assert spring.parts is None


def test_what_is_booked_is_what_left_the_tank(garden):
    world = World([garden])
    ledger, given_l, bumps = Ledger(world), 0.0, 0.0
    for action in np.random.default_rng(3).uniform(-1, 1, (60, 1, 3)):
        world.tank_l[0] = 200.0
        terms = world.advance(action)
        ledger.after(terms)
        bumps += terms["bumps"][0]
        given_l += max(action[0, 2], 0.0) * garden.scenario.robot.flow_l_per_step
    assert len(ledger.days) == 30
    assert ledger.column("litres").sum() == pytest.approx(given_l)
    assert ledger.column("bumps").sum() == bumps > 0
    assert ledger.column("steps").tolist() == [2.0] * 30


def test_days_that_one_step_crosses_are_all_booked():
    slow, fast = (plant_garden(DRY.model_copy(update={"speed": speed}), 500) for speed in (1.0, 9.0))
    ledgers = [lived(garden, days=90) for garden in (slow, fast)]
    assert len(ledgers[1].days) >= 90
    for name in ("stressed_d", "dead", "deaths"):
        np.testing.assert_array_equal(ledgers[0].column(name), ledgers[1].column(name)[:90])


def test_a_step_that_nobody_booked_is_noticed(garden):
    world = World([garden])
    ledger = Ledger(world)
    world.advance(STILL)
    world.advance(STILL)  # a night has passed
    with pytest.raises(RuntimeError, match="book every step"):
        ledger.after(world.advance(STILL))


def test_a_ledger_goes_on_from_its_state_and_a_score_from_its_json(garden, nobody):
    world = World([garden])
    half = lived(garden, days=100, world=world)
    other = World([garden])
    other.restore(world.snapshot())
    resumed = Ledger(other)
    resumed.load_state(json.loads(json.dumps(half.state())))
    lived(garden, world=other, ledger=resumed)
    assert resumed.state() == nobody.state()
    for one in score_seasons(nobody, garden):
        assert SeasonScore.from_json(json.loads(json.dumps(one.to_json()))) == one
    with pytest.raises(ValueError, match="of 1 plants"):
        resumed.load_state({"start": {"alive": [True]}})
    with pytest.raises(ValueError, match=r"columns \['other'\]; this program keeps \['stressed_d'"):
        resumed.load_state(nobody.state() | {"columns": ["other"]})


def test_lives_in_other_gardens_are_not_compared(garden, nobody):
    other = plant_garden(DRY, 501)
    stranger = score_seasons(lived(other), other)
    ours = score_seasons(nobody, garden)
    with pytest.raises(ValueError, match="the blind gardener lived another life"):
        task_score(ours, stranger, ours)
    with pytest.raises(ValueError, match="lived 3 seasons, the robot 4"):
        regret(ours, ours[:3])


def test_booking_changes_nothing(garden):
    plain, booked = World([garden]), World([garden])
    ledger = Ledger(booked)
    for action in np.random.default_rng(4).uniform(-1, 1, (50, 1, 3)):
        plain.advance(action)
        ledger.after(booked.advance(action))
    assert score_seasons(ledger, garden)
    for name, array in plain.snapshot().arrays.items():
        np.testing.assert_array_equal(array, booked.snapshot().arrays[name])


def test_a_life_before_its_first_evening_has_no_seasons(garden):
    assert score_seasons(Ledger(World([garden])), garden) == []


def test_seasons_that_come_twice_after_the_equator_are_told_apart():
    crossing = DRY.model_copy(update={"crosses_equator": date(2030, 6, 27), "days": 260, "steps_per_day": 1})
    garden = plant_garden(crossing, 500)
    names = [one.season for one in score_seasons(lived(garden), garden)]
    assert names == [
        "spring 2030", "summer 2030", "winter 2030", "spring 2030 (2)", "summer 2030 (2)",
    ]  # fmt: skip
    assert season_of(date(2031, 1, 5), southern=True) == "summer 2030"
