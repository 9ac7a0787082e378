"""How much watching a run can afford: what its options, its place and its learners mean in frames through the net."""

from itertools import pairwise

from agent.garden_place import GardenPlace
from agent.monitor.plan import UPDATE_FORWARDS, Load, MonitorPlan, fit
from agent.options import Pace, RunOptions
from agent.place import Place
from agent.students import read_plan

CONVERGES_AFTER = 0.5  # of its limit of updates: where `joint@converged` is taken to stop; it stops when it stops


def plan_for(options: RunOptions, place: Place, pace: Pace) -> MonitorPlan:
    """The exams of a run, within its budget."""
    return fit(
        load_of(options, place, pace),
        every_days=options.exam_every_days,
        budget=options.monitor_budget,
        burst_days=options.burst_days,
        checkups=options.checkups,
    )


def load_of(options: RunOptions, place: Place, pace: Pace) -> Load:
    """What a run will do, as far as it is known before it begins.

    Counted are commissioning, every learner's life and the references that it trains. Whether a reference comes out of
    a cache is not looked at: the days of the exams must not depend on what was run before.
    """
    headline = len(place.phases) * place.away_frames if isinstance(place, GardenPlace) else place.exam_frames
    names = [read_plan(name) for name in options.learners]
    still = [plan.schedule == "joint" or (plan.name == "frozen" and not options.gate) for plan in names]
    updates = place.life_steps // place.learn_every - place.commissioning_steps // place.learn_every
    lived = place.life_steps - place.commissioning_steps
    learned = sum(plan.name != "frozen" for plan in names)
    work = pace.commission_updates * UPDATE_FORWARDS + len(names) * lived + learned * updates * UPDATE_FORWARDS
    if options.references:
        work += (updates + CONVERGES_AFTER * pace.converge_updates) * UPDATE_FORWARDS
    seasons = [place.season(day) for day in range(place.commissioning_days, place.days)]
    return Load(
        days=place.days - place.commissioning_days,
        phases=len(place.phases),
        headline_frames=headline,
        other_frames=place.exam_frames - headline,
        turns=sum(a != b for a, b in pairwise(seasons)),
        learners=still.count(False),
        still=still.count(True),
        work=float(work),
    )
