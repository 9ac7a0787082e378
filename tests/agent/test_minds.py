"""What the robot believes of its garden's water, and for how long it remembers a plant."""

import math

import numpy as np
import pytest

from agent.bed_map import BLOCK, LEAVES_STAY_D, VOTE_STEPS
from agent.map_mind import CROP, LEAST_MM, STANDS_MM, TREAD_COST, MapMind
from agent.minds import Handover
from agent.rain_gauge import SKIN_MM
from scenarios.spec import CameraSpec, RobotSpec
from scenarios.tables import FOLIAGE, LAWN, SOIL, WILTED

DAY = 24  # control steps
BED = np.s_[20:30, 20:30]  # cells


def mind(*, bed: bool = True, leaves: bool = True) -> MapMind:
    """A garden of 6 x 5 m that is all lawn but for a bed of a square metre with plants in it, seen this morning."""
    dock = np.array([0.5, 0.5, 0.0])
    fresh = MapMind(Handover(6.0, 5.0, dock, CameraSpec(), RobotSpec(), steps_per_day=DAY))
    fresh.map.evidence[..., LAWN] = 20.0
    if bed:
        fresh.map.evidence[BED] = 0.0
        fresh.map.evidence[(*BED, SOIL)] = 20.0
        fresh.map.evidence[(*BED, FOLIAGE)] = 10.0 * leaves
    for step in range(0, 3 * VOTE_STEPS, VOTE_STEPS):
        fresh.map.seen_step[:] = step
        fresh._beds.vote(step)
    return fresh


def wanted(gardener: MapMind, step: int) -> np.ndarray:
    """Water wanted by piece of bed [mm]."""
    return gardener.beliefs(step).wanted_mm


def live_dry(gardener: MapMind, first_step: int, last_step: int, wetness: float = 0.0) -> None:
    """Drive over the lawn, far from the bed, while the probe feels the same ground."""
    for step in range(first_step, last_step + 1):
        gardener.feel(wetness, np.array([4.5, 0.5, 0.0]), step)


def test_a_bed_is_where_soil_was_seen_and_lawn_is_none():
    assert mind()._beds.is_bed[BED[0].start // BLOCK : BED[0].stop // BLOCK, 10:15].all()
    assert not mind(bed=False)._beds.is_bed.any()


def test_ground_that_dries_lacks_more_until_it_is_watered():
    gardener = mind()
    assert (wanted(gardener, 3) == 0.0).all()
    days = math.ceil(STANDS_MM / (CROP * gardener._gauge.demand_mm)) + 2
    live_dry(gardener, 0, days * DAY)
    asked = wanted(gardener, days * DAY)
    assert (asked > STANDS_MM).all()
    pose = np.array([1.6, 2.5, 0.0])
    gardener.watered(pose, 200.0, days * DAY)
    assert wanted(gardener, (days + 2) * DAY).max() < asked.min()


def test_a_plant_that_was_not_seen_for_days_is_still_watered_and_one_that_is_gone_is_not():
    gardener = mind()
    wanted(gardener, 3)
    live_dry(gardener, 3, 12 * DAY)
    gardener.map.fade(12 * DAY)
    assert (wanted(gardener, 12 * DAY) > 0.0).any()
    later = int((12 + LEAVES_STAY_D + 30) * DAY)
    gardener.map.evidence[..., FOLIAGE] = 0.0
    live_dry(gardener, 12 * DAY, later)
    assert not (wanted(gardener, later) > 0.0).any()


def test_rain_that_the_probe_feels_is_credited_and_steady_drying_is_not_taken_for_rain():
    gardener = mind()
    live_dry(gardener, 0, 10 * DAY)
    before = gardener._lacks_mm.copy()
    gardener.feel(0.5, np.array([4.5, 0.5, 0.0]), 10 * DAY + 1)
    fell = before - gardener._lacks_mm
    assert fell == pytest.approx(0.5 * SKIN_MM - CROP * gardener._gauge.demand_mm / DAY)  # a step's drying less
    drying = mind()
    drying.feel(1.0, np.array([4.5, 0.5, 0.0]), DAY)
    start = drying._lacks_mm.copy()
    for day in range(2, 5):  # the skin loses each day what the air asks for
        drying.feel(1.0 - (day - 1) * drying._gauge.demand_mm / SKIN_MM, np.array([4.5, 0.5, 0.0]), day * DAY)
    assert drying._lacks_mm - start == pytest.approx(np.full_like(start, 3 * CROP * drying._gauge.demand_mm), abs=0.5)


def test_a_bed_whose_plants_wilted_is_let_lack_less_and_one_that_did_not_wilt_more():
    gardener = mind()
    wanted(gardener, 3)
    day = math.ceil(1.2 * STANDS_MM / (CROP * gardener._gauge.demand_mm))
    live_dry(gardener, 0, day * DAY)
    gardener.watered(np.array([1.6, 2.5, 0.0]), 20.0, day * DAY)
    assert gardener._stands_mm.max() > STANDS_MM
    wilting = mind()
    wanted(wilting, 3)
    live_dry(wilting, 3, day * DAY)
    wilting.map.evidence[(*BED, WILTED)] = 40.0
    assert (wanted(wilting, day * DAY) > 0.0).any()
    assert LEAST_MM <= wilting._stands_mm.min() < STANDS_MM


def test_wheels_keep_out_of_beds_even_where_nothing_is_seen_to_grow():
    cost = mind(leaves=False).beliefs(3).cost
    assert cost[BED].min() >= TREAD_COST > cost[35:40, 35:40].max()
