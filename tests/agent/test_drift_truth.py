"""The scripted truth, and how alarms are scored against it."""

from datetime import date

import pytest

from agent.monitor import detection
from agent.monitor.life import Life
from agent.monitor.log import Log
from agent.monitor.truth import Change, changes_of
from scenarios.drift import DriftEvent
from scenarios.files import load
from scenarios.spec import Scenario

START = date(2030, 4, 10)


def event(axis="camera.dirt", *, month=6, day=1, **kind):
    return DriftEvent(
        axis=axis, at=date(2030, month, day), **({"set": 0.5} if not kind.keys() & {"add", "set"} else {}), **kind
    )


def brief(scenario):
    return [(change.name, change.first_day, change.last_day, change.abrupt) for change in changes_of(scenario)]


def test_five_axes_on_one_day_are_one_change():
    [change] = changes_of(load("lens_replaced"))
    assert (change.name, change.first_day, change.last_day) == ("camera.fov_deg and 4 more", 101, 101)
    assert change.abrupt
    assert change.visible
    assert len(change.axes) == 5


def test_a_life_without_a_script_has_no_changes():
    assert changes_of(load("constant")) == changes_of(load("four_seasons")) == []


def test_a_window_opens_and_closes_and_edges_make_it_gradual():
    sharp = Scenario(name="x", drift=(event(shape="window", days=20),))
    soft = Scenario(name="x", drift=(event(shape="window", days=20, edge_days=6),))
    assert brief(sharp) == [("camera.dirt", 52, 52, True), ("camera.dirt", 72, 72, True)]
    assert brief(soft) == [("camera.dirt", 52, 58, False), ("camera.dirt", 66, 72, False)]


def test_what_is_off_frozen_or_at_its_limit_changes_nothing():
    step = event()
    assert brief(Scenario(name="x", drift=(step,), off=("camera",))) == []
    assert brief(Scenario(name="x", drift=(step,), freeze={"camera": date(2030, 5, 15)})) == []
    assert brief(Scenario(name="x", drift=(event(set=1), event(month=7, add=0.5)))) == [("camera.dirt", 52, 52, True)]


def test_what_the_robot_was_trained_in_is_no_change():
    always = DriftEvent(axis="camera.dirt", set=0.5)
    early = event(month=4, day=20)
    assert brief(Scenario(name="x", drift=(always,))) == brief(Scenario(name="x", drift=(early,))) == []


def test_what_begins_within_three_days_is_one_change():
    pair = event(), event("camera.blur_px", day=4, shape="ramp", days=9)
    apart = event(), event("camera.blur_px", day=5, shape="ramp", days=9)
    assert brief(Scenario(name="x", drift=pair)) == [("camera.dirt and 1 more", 52, 64, True)]
    assert len(brief(Scenario(name="x", drift=apart))) == 2


def test_the_other_hemisphere_is_a_change_that_can_be_seen_and_a_late_answer_none():
    [moved] = changes_of(load("moved_south"))
    assert moved.visible
    assert (moved.name, moved.first_day, moved.abrupt) == ("crosses_equator", 78, True)
    assert not any(change.visible for change in changes_of(load("sloppy_teacher")))


def test_a_change_comes_back_from_the_log_as_it_was():
    for change in changes_of(load("many_small_drifts")):
        assert Change.of_row(change.as_row()) == change


STEP = Change("camera.dirt", ("camera.dirt",), 50, 50, True)


@pytest.mark.parametrize(
    ("alarms", "delay"), [([], None), ([49], None), ([50], 1), ([20, 52], 3), ([53], None), ([51, 52], 2)]
)
def test_a_step_is_found_on_its_first_three_days_or_not(alarms, delay):
    deadline = detection.abrupt_deadline(STEP)
    assert deadline == 52
    assert detection.find(STEP, alarms, deadline_day=deadline, watched=range(21, 121)).delay_days == delay


def test_chance_finds_what_many_alarms_strew():
    def chance(alarms):
        return detection.find(STEP, alarms, deadline_day=52, watched=range(100)).by_chance

    assert chance([]) == 0.0
    assert chance([7]) == pytest.approx(0.03)
    assert chance([7, 8]) == pytest.approx(1 - 0.97**2)


def test_the_vacuous_detectors():
    watched = range(21, 121)
    assert detection.never(watched) == []
    assert detection.always(watched) == list(watched)
    assert detection.find(STEP, detection.always(watched), deadline_day=52, watched=watched).delay_days == 1
    assert detection.false_alarms_per_10_000(100, 2400) == pytest.approx(416.67, abs=0.01)
    assert detection.by_calendar(watched, 1) == [71]
    assert detection.by_calendar(watched, 0) == []


def test_a_rate_needs_frames():
    with pytest.raises(ValueError, match="at least one"):
        detection.false_alarms_per_10_000(0, 0)


def a_log(alarms):
    """A life of a hundred days with one step on day 50; alarms as (day, signal)."""
    log = Log(Life(START, 100, 21, ()), (), {}, ())
    for day in range(100):
        log.add({"kind": "inputs", "day": day, "signals": {"step": None if day < 21 else 0.0}})
    log.add({"kind": "truth", "changes": [STEP.as_row()]})
    for day, signal in alarms:
        log.add({"kind": "alarm", "day": day, "detector": "step", "signal": signal})
    return log


def test_the_summary_tells_what_became_of_each_change_and_leaves_the_learners_losses_out():
    told = detection.told(a_log([(30, "step"), (51, "step"), (52, "loss of er")]))
    assert told["alarms"] == {"step": 2}
    assert told["alarm_days"] == [30, 51]
    assert told["watched_days"] == 79
    assert told["changes"][0]["delay_days"] == 2
    assert detection.told(a_log([(52, "loss of er")]))["changes"][0]["delay_days"] is None
    assert detection.told(Log(Life(START, 100, 21, ()), (), {}, ())) is None
