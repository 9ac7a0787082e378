"""The planner: ways cost what they cost, stands serve the thirsty, and outlooks show what was not seen for long."""

import math
from dataclasses import replace

import numpy as np
import pytest

from agent.gardener import ARRIVED_M
from agent.planner import Beliefs, Planner, best_aim, dose, in_cone, in_view
from scenarios.spec import RobotSpec

ROBOT = RobotSpec()
WIDTH_M, DEPTH_M, CELL_M = 6.0, 4.0, 0.1


def lawn(**changes) -> Beliefs:
    nothing = np.zeros(0)
    cost = np.ones((round(DEPTH_M / CELL_M), round(WIDTH_M / CELL_M)))
    plain = Beliefs(cost, CELL_M, *[nothing] * 6, *[nothing] * 3)
    return replace(plain, **changes)


def plants(*places_m: tuple[float, float], wanted_mm: float = 20.0, area_m2: float = 0.2) -> dict[str, np.ndarray]:
    x_m, y_m = np.array(places_m, float).T
    full = np.full(len(x_m), 1.0)
    return {
        "x_m": x_m, "y_m": y_m, "area_m2": area_m2 * full, "wanted_mm": wanted_mm * full,
        "room_mm": wanted_mm * full, "worth": full,
    }  # fmt: skip


@pytest.fixture
def planner() -> Planner:
    return Planner(WIDTH_M, DEPTH_M, ROBOT)


def test_a_way_over_an_open_lawn_is_as_long_as_eight_directions_allow(planner):
    ways = planner.ways(lawn(), 0.5, 0.5)
    there = planner.nearest(5.5, 3.5)
    across, up = 5.0, 3.0
    assert ways.cost[there] == pytest.approx(across - up + math.sqrt(2) * up)


def test_a_way_leads_around_a_wall_and_not_through(planner):
    cost = np.ones((40, 60))
    cost[:30, 29:31] = np.inf
    ways = planner.ways(lawn(cost=cost), 1.0, 1.0)
    target = ways.target(planner.nearest(5.0, 1.0), None)
    assert target.way[:, 1].max() > 3.0
    assert not (np.isclose(target.way[:, 0], 3.0, atol=0.15) & (target.way[:, 1] < 2.9)).any()


def test_what_costs_more_is_driven_around_as_far_as_it_is_worth(planner):
    cost = np.ones((40, 60))
    cost[:20, 25:35] = 1.05
    cheap = planner.ways(lawn(cost=cost), 1.0, 0.3).target(planner.nearest(5.0, 0.3), None).way
    cost[:20, 25:35] = 40.0
    dear = planner.ways(lawn(cost=cost), 1.0, 0.3).target(planner.nearest(5.0, 0.3), None).way
    assert cheap[:, 1].max() < 2.0 < dear[:, 1].max()


def test_out_of_a_place_where_it_must_not_be_there_is_a_way(planner):
    cost = np.ones((40, 60))
    cost[8:14, 8:14] = np.inf
    assert np.isfinite(planner.ways(lawn(cost=cost), 0.9, 0.9).cost).sum() > 400


def test_a_stand_has_the_thirsty_in_its_cone(planner):
    beliefs = lawn(**plants((4.0, 2.0), (4.4, 2.2)))
    stand = planner.stand(beliefs, planner.ways(beliefs, 0.5, 0.5), at_most_l=250.0)
    assert stand is not None
    assert stand.heading_rad is not None
    pose = np.array([stand.x_m, stand.y_m, stand.heading_rad])
    assert in_cone(beliefs.x_m, beliefs.y_m, pose, ROBOT).all()
    litres, worth = dose(beliefs, pose, ROBOT)
    assert litres == pytest.approx(20.0 * 0.4)
    assert worth == pytest.approx(2.0)


def test_of_two_stands_the_one_that_spares_those_who_have_enough_is_taken(planner):
    both = plants((3.0, 2.0), (3.0, 3.4), area_m2=1.0)
    both["wanted_mm"][1] = both["room_mm"][1] = 0.0
    beliefs = lawn(**both)
    stand = planner.stand(beliefs, planner.ways(beliefs, 1.0, 2.0), at_most_l=250.0)
    assert stand is not None
    assert stand.heading_rad is not None
    pose = np.array([stand.x_m, stand.y_m, stand.heading_rad])
    assert in_cone(beliefs.x_m, beliefs.y_m, pose, ROBOT).tolist() == [True, False]


def test_nobody_thirsty_nothing_to_do(planner):
    beliefs = lawn(**plants((4.0, 2.0), wanted_mm=0.0))
    ways = planner.ways(beliefs, 0.5, 0.5)
    assert planner.stand(beliefs, ways, at_most_l=250.0) is None
    assert planner.outlook(beliefs, ways) is None
    assert dose(beliefs, np.array([3.0, 2.0, 0.0]), ROBOT) == (0.0, 0.0)


def test_a_full_cone_is_not_worth_a_drop_for_one(planner):
    many = plants((3.0, 2.0), *[(3.0 + 0.1 * math.cos(i), 2.0 + 0.1 * math.sin(i)) for i in range(20)], area_m2=4.0)
    many["wanted_mm"][1:] = many["room_mm"][1:] = 0.0
    beliefs = lawn(**many)
    assert planner.stand(beliefs, planner.ways(beliefs, 1.0, 2.0), at_most_l=250.0) is None


def test_an_outlook_shows_what_was_not_seen_for_long(planner):
    x_m, y_m = np.array([1.0, 5.0]), np.array([3.0, 3.0])
    beliefs = lawn(watch_x_m=x_m, watch_y_m=y_m, unseen_d=np.array([0.0, 6.0]))
    outlook = planner.outlook(beliefs, planner.ways(beliefs, 1.0, 1.0))
    assert outlook is not None
    assert outlook.heading_rad is not None
    assert in_view(x_m, y_m, np.array([outlook.x_m, outlook.y_m, outlook.heading_rad])).tolist()[1]


def test_from_an_outlook_all_is_seen_that_it_was_chosen_for_even_if_it_stops_beside_it(planner):
    watch_x_m, watch_y_m = (
        values.ravel() for values in np.meshgrid(np.arange(0.2, 6.0, 0.4), np.arange(0.2, 4.0, 0.4))
    )
    unseen_d = np.full(watch_x_m.shape, 5.0)
    place = np.array([3.0, 2.0])
    for _ in range(60):  # as often as it looks, something that it has not seen is left to look at, until all is seen
        beliefs = lawn(watch_x_m=watch_x_m, watch_y_m=watch_y_m, unseen_d=unseen_d)
        outlook = planner.outlook(beliefs, planner.ways(beliefs, *place))
        if outlook is None:
            break
        assert outlook.heading_rad is not None
        place = np.array([outlook.x_m, outlook.y_m])
        beside = place + ARRIVED_M * np.array([math.cos(place.sum()), math.sin(place.sum())])
        seen = in_view(watch_x_m, watch_y_m, np.array([*beside, outlook.heading_rad]))
        assert outlook.worth <= unseen_d[seen].sum() + 1e-9
        unseen_d = np.where(seen, 0.0, unseen_d)
    assert outlook is None


def test_where_the_robot_stands_it_turns_to_where_the_spray_does_most(planner):
    beliefs = lawn(**plants((4.0, 2.0), (4.2, 2.3)))
    heading_rad, worth = best_aim(beliefs, np.array([2.5, 2.0, -3.0]), ROBOT)
    assert worth == pytest.approx(2.0)
    assert abs(heading_rad) < math.radians(ROBOT.spray_half_angle_deg)
