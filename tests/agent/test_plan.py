"""Claims about when exams are sat, and what they may cost."""

import math
from dataclasses import replace

import pytest

from agent.garden_place import GardenPlace
from agent.monitor.plan import Load, MonitorPlan, burst_forwards, checkup_forwards, fit, forwards, tick_forwards
from agent.monitor.timetable import Timetable
from agent.options import Pace, RunOptions
from agent.watching import load_of, plan_for
from scenarios.files import load

YEAR = Load(days=435, phases=8, headline_frames=256, other_frames=256, turns=5, learners=2, still=1, work=276_600.0)


def test_a_plan_keeps_to_its_budget_and_says_what_it_spends():
    for budget in (0.05, 0.1, 0.2, 0.5):
        plan = fit(YEAR, every_days=10, budget=budget, burst_days=8, checkups=True)
        assert plan.share == pytest.approx(forwards(YEAR, plan) / YEAR.work)
        assert plan.share <= budget
        assert plan.every_days >= plan.wished_every_days == 10


def test_more_budget_is_never_fewer_exams():
    days = [fit(YEAR, every_days=10, budget=b, burst_days=8, checkups=True).every_days for b in (0.03, 0.1, 0.3, 1.0)]
    assert days == sorted(days, reverse=True)
    assert days[-1] == 10


def test_without_a_bound_every_wish_is_granted():
    plan = fit(YEAR, every_days=7, budget=math.inf, burst_days=8, checkups=True)
    assert (plan.every_days, plan.burst_days, plan.checkups, plan.budget) == (7, 8, "season", None)


def test_ticks_come_before_bursts_and_checkups():
    plan = fit(replace(YEAR, work=138_840.0), every_days=10, budget=0.1, burst_days=8, checkups=True)
    assert plan.every_days <= 20
    assert plan.burst_days < 8 or plan.checkups != "season"


def test_both_ends_are_sat_however_small_the_budget_and_the_plan_admits_it():
    plan = fit(YEAR, every_days=10, budget=1e-6, burst_days=8, checkups=True)
    assert (plan.every_days, plan.burst_days, plan.checkups) == (435, 0, "never")
    assert plan.share is not None and plan.share > 1e-6


def test_what_is_not_wished_costs_nothing():
    assert burst_forwards(YEAR, 0) == checkup_forwards(YEAR, "never") == 0
    assert tick_forwards(replace(YEAR, learners=0), MonitorPlan(10)) == 512  # who never changes sits everything once
    plan = fit(YEAR, every_days=10, budget=math.inf, burst_days=0, checkups=False)
    assert (plan.burst_days, plan.burst_sittings, plan.checkups) == (0, 0, "never")


def test_the_default_run_stays_within_a_tenth_of_its_work():
    options = RunOptions()
    pace = Pace()
    place = GardenPlace(load("four_seasons"), 0, 12, pace.home_frames, pace.away_frames, pace.next_year_frames)
    work = load_of(options, place, pace)
    assert (work.headline_frames, work.other_frames, work.learners, work.still) == (256, 256, 2, 1)
    plan = plan_for(options, place, pace)
    assert plan.share <= 0.1
    assert plan.every_days <= 20 and plan.checkups == "season" and plan.burst_days >= 3
    assert plan_for(replace(options, references=False), place, pace).every_days >= plan.every_days


@pytest.mark.parametrize(
    ("wrong", "says"), [({"monitor_budget": 0.0}, "monitor-budget"), ({"burst_days": -1}, "burst-days is -1")]
)
def test_options_that_make_no_sense_are_named(wrong, says):
    with pytest.raises(ValueError, match=says):
        RunOptions(**wrong).check()


def sat(timetable, days):
    return {day: sitting for day in days if (sitting := timetable.due(day)) is not None}


def test_ticks_fall_on_whole_multiples_of_days_and_once_a_day():
    timetable = Timetable(10)
    assert [day for day in (3, 3, 4, 10, 10, 11, 25, 30) if timetable.due(day) is not None] == [3, 10, 25, 30]


def test_a_burst_follows_a_turn_and_ends():
    timetable = Timetable(10, burst_days=3, season=lambda day: "a" if day < 12 else "b")
    found = sat(timetable, range(5, 25))
    assert {day: s.burst_day for day, s in found.items()} == {5: None, 10: None, 12: 12, 13: 12, 14: 12, 20: None}
    assert [day for day, s in found.items() if s.whole] == [5, 10, 20]
    assert [day for day, s in found.items() if s.turned] == [5, 20]  # the checkup waits for a tick


def test_an_alarm_begins_a_burst_but_none_within_one():
    timetable = Timetable(100, burst_days=3)
    timetable.due(1)
    timetable.alarm(5)
    timetable.alarm(6)
    assert list(sat(timetable, range(2, 20))) == [5, 6, 7]
    silent = Timetable(100)
    silent.due(1)
    silent.alarm(5)
    assert sat(silent, range(2, 20)) == {}


def test_bursts_stop_when_what_the_budget_left_is_spent():
    timetable = Timetable(100, burst_days=5, burst_sittings=2)
    timetable.due(1)
    timetable.alarm(5)
    assert list(sat(timetable, range(2, 20))) == [5, 6]


def test_other_banks_are_sat_when_they_should_be():
    def others(kind):
        found = sat(Timetable(5, others=kind, season=lambda day: "a" if day < 8 else "b"), range(20))
        return [day for day, s in found.items() if s.others]

    assert others("tick") == [0, 5, 10, 15]
    assert others("season") == [0, 10]
    assert others("ends") == [0]
    assert Timetable(5, others="ends").last(20).others
