"""What events do to an axis over time: shapes in closed form, composition, and a calendar of any speed."""

from datetime import date, timedelta

import numpy as np
import pytest
from pydantic import ValidationError

from scenarios.axes import AXES
from scenarios.drift import DriftEvent
from scenarios.spec import Scenario

START = date(2030, 4, 10)


def rows(*events, days=200, **more):
    """The course of `camera.noise` by day, under events of (verb=value, ...); 0..50, default 0."""
    made = tuple(DriftEvent(axis="camera.noise", **event) for event in events)
    return Scenario(name="x", start=START, drift=made, **more).course(days=days).rows("camera.noise")


def on(day):
    return START + timedelta(days=day)


def test_a_step_stays():
    assert rows({"set": 8, "at": on(30)})[[0, 29, 30, 199]].tolist() == [0, 0, 8, 8]


def test_without_a_date_it_has_always_been_so():
    course = Scenario(name="x", drift=(DriftEvent(axis="camera.noise", set=8),)).course(days=9, before=500)
    assert (course.rows("camera.noise") == 8).all() and course.at("camera.noise", -500) == 8


def test_a_ramp_is_a_line_and_stays():
    curve = rows({"set": 10, "shape": "ramp", "at": on(10), "days": 10})
    assert curve[[10, 11, 15, 20, 150]].tolist() == [0, 1, 5, 10, 10]


def test_a_sigmoid_is_half_way_in_the_middle_and_symmetric():
    curve = rows({"set": 10, "shape": "sigmoid", "at": on(10), "days": 40})
    assert curve[[10, 30, 50, 199]] == pytest.approx([0, 5, 10, 10])
    assert curve[10:51] + curve[50:9:-1] == pytest.approx(np.full(41, 10.0))
    assert (np.diff(curve[10:51]) > 0).all()


def test_a_window_opens_and_closes_over_its_edges():
    curve = rows({"set": 12, "shape": "window", "at": on(10), "days": 20, "edge_days": 4})
    assert curve[[9, 10, 12, 14, 20, 26, 28, 30]] == pytest.approx([0, 0, 6, 12, 12, 12, 6, 0])


def test_a_pulse_is_highest_in_its_middle():
    curve = rows({"add": 12, "shape": "pulse", "at": on(10), "days": 20})
    assert curve[[10, 15, 20, 25, 30]] == pytest.approx([0, 6, 12, 6, 0])


def test_a_cycle_comes_back_every_period():
    curve = rows({"set": 20}, {"add": 5, "shape": "cycle", "at": on(10), "period_days": 8})
    assert curve[[10, 12, 14, 16, 18]] == pytest.approx([20, 25, 20, 15, 20])
    assert curve[10:190] == pytest.approx(curve[18:198])


def test_a_walk_has_the_spread_and_the_memory_that_it_says():
    event = DriftEvent(axis="camera.exposure_ev", add=0.5, shape="walk", at=START, relax_days=5)
    walk = Scenario(name="x", start=START, days=36_000, drift=(event,)).course(days=36_000).rows("camera.exposure_ev")
    assert walk.std() == pytest.approx(0.5, rel=0.05)
    assert abs(walk.mean()) < 0.03
    assert np.corrcoef(walk[:-5], walk[5:])[0, 1] == pytest.approx(np.exp(-1), abs=0.04)


def test_a_longer_life_walks_the_same_way_at_first_and_another_draw_another():
    walk = {"add": 9, "shape": "walk", "at": on(5), "relax_days": 5}
    assert (rows({"set": 25}, walk, days=300)[:200] == rows({"set": 25}, walk)).all()
    assert not (rows({"set": 25}, walk | {"draw": 1}) == rows({"set": 25}, walk)).all()


def test_sets_come_first_by_date_then_the_rest_in_the_order_of_the_file():
    later, sooner = {"set": 20, "at": on(50)}, {"set": 10, "at": on(20)}
    assert rows(later, sooner)[[10, 30, 60]].tolist() == [0, 10, 20]
    add, scale = {"add": 3}, {"scale": 2}
    assert rows(add, scale, sooner)[[10, 30]].tolist() == [6, 26]
    assert rows(scale, add, sooner)[[10, 30]].tolist() == [3, 23]


def test_a_ramp_leads_from_where_the_axis_is():
    curve = rows({"set": 10}, {"set": 20, "shape": "ramp", "at": on(10), "days": 10})
    assert curve[[0, 15, 30]].tolist() == [10, 15, 20]


def test_what_adds_up_is_held_to_the_range():
    assert rows({"add": 40}, {"add": 40}).max() == AXES["camera.noise"].high


def test_two_sets_may_not_move_an_axis_at_one_time_but_may_follow_each_other():
    first = {"set": 10, "shape": "ramp", "at": on(10), "days": 10}
    rows(first, {"set": 20, "at": on(20)})
    with pytest.raises(ValidationError, match="at the same time"):
        rows(first, {"set": 20, "at": on(15)})


def test_what_is_off_never_happens_and_what_is_frozen_stands_still():
    ramp = {"set": 40, "shape": "ramp", "at": on(0), "days": 40}
    assert (rows(ramp, off=("camera",)) == 0).all()
    assert (rows(ramp, freeze={"camera": on(10)})[10:] == 10).all()
    assert (rows(ramp, freeze={"camera": on(10), "camera.noise": on(20)})[20:] == 20).all()  # its own date counts


@pytest.mark.parametrize("speed", [0.1, 0.5, 1.0, 3.0, 24.0, 100.0])
def test_a_calendar_of_any_speed_reaches_its_last_day_and_no_further(speed):
    scenario = Scenario(name="x", days=120, speed=speed)
    moments = [scenario.moment(step) for step in range(scenario.life_steps)]
    days, shares = zip(*moments, strict=True)
    assert scenario.life_steps == int(np.ceil(round(120 * 24 / speed, 6)))
    assert list(days) == sorted(days) and min(shares) >= 0 and max(shares) < 1
    assert days[-1] < 120 <= scenario.moment(scenario.life_steps)[0]
