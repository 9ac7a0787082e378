"""What examining may cost: a budget in work, and how often exams are sat so that it is kept.

Work is counted in *forward-equivalents of frames*: one frame through the net is 1, an update of 16 frames is 48, for
backward takes twice as long as forward. Seconds differ between machines and with what else they do; this does not, so
the same options give the same days. A learner that learns nothing is examined once and its marks are written again.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

UPDATE_FORWARDS = 16 * 3  # of an update: 16 frames forward, and backward at twice the cost
MINI_FRAMES = 4  # of a phase, in the small bank that bursts sit
CHECKUP_FORWARDS = 560  # of a checkup on the default eight phases, as measured; see docs/monitor.md
ALARM_BURSTS = 2  # bursts that are left for alarms, beside those at the turns of seasons
STRETCH = 2  # times the wish that days between ticks may become before anything else is given up
SHORTEST_BURST_DAYS = 3

Times = Literal["season", "ends", "never"]


@dataclass(frozen=True)
class Load:
    """What is known of a run before it begins.

    Attributes:
        days: from commissioning to the end.
        phases: S, stations of the year.
        headline_frames: of the bank of headlines, all phases together.
        other_frames: of the other banks together.
        turns: how often a season turns.
        learners: how many change during their lives; those that do not cost one sitting each.
        still: how many do not.
        work: of the run, without any exam [forward-equivalents].
    """

    days: int
    phases: int
    headline_frames: int
    other_frames: int
    turns: int
    learners: int
    still: int
    work: float


@dataclass(frozen=True)
class MonitorPlan:
    """What is sat when.

    Attributes:
        every_days: days between two ticks.
        others: when banks other than the headline's are sat: at every tick, at the first of a season, at both ends.
        burst_days: length of a daily burst after a season's turn or an alarm; 0 for none.
        burst_sittings: how often the small bank may be sat in a life.
        checkups: at every season, at both ends of a life, or never.
        wished_every_days: as it was asked for.
        budget: share of the run's work that may be spent on probing.
        share: share that this plan spends.
    """

    every_days: int
    others: Literal["tick", "season", "ends"] = "tick"
    burst_days: int = 0
    burst_sittings: int = 0
    checkups: Times = "never"
    wished_every_days: int | None = None
    budget: float | None = None
    share: float | None = None

    def as_row(self) -> dict[str, Any]:
        """As the log and the configuration tell it."""
        return {key: round(value, 5) if isinstance(value, float) else value for key, value in vars(self).items()}


def fit(load: Load, *, every_days: int, budget: float, burst_days: int, checkups: bool) -> MonitorPlan:
    """Stretch the days between ticks until probing costs no more than its share of the run's work.

    Ticks come first: where they would be more than twice as far apart as wished, bursts are shortened, then checkups
    and the banks that give no headline are left to the ends of the life, then left out. The first and the last tick are
    always sat, so a very small budget may be exceeded; `share` then says so.

    Args:
        load: what is known of the run.
        every_days: the wish, at least 1.
        budget: share of `load.work`; `math.inf` for no bound.
        burst_days: the wish, 0 for none.
        checkups: whether they are wished.
    """
    plan = MonitorPlan(every_days)
    for plan in _from_rich_to_poor(every_days, burst_days, checkups):
        days = every_days
        while days < load.days and forwards(load, replace(plan, every_days=days)) > budget * load.work:
            days += 1
        plan = replace(plan, every_days=days)
        if days <= STRETCH * every_days and forwards(load, plan) <= budget * load.work:
            break
    return replace(
        plan,
        burst_sittings=(load.turns + ALARM_BURSTS) * plan.burst_days,
        budget=None if math.isinf(budget) else budget,
        share=forwards(load, plan) / load.work,
    )


def forwards(load: Load, plan: MonitorPlan) -> float:
    """Forward-equivalents of all exams and checkups of all learners."""
    return tick_forwards(load, plan) + burst_forwards(load, plan.burst_days) + checkup_forwards(load, plan.checkups)


def tick_forwards(load: Load, plan: MonitorPlan) -> float:
    """Frames that all ticks of all learners look at, with the pictures that a tick without other banks takes."""
    ticks = 2 + load.days // plan.every_days
    with_others = min(ticks, {"tick": ticks, "season": 2 + load.turns, "ends": 2}[plan.others])
    one = load.headline_frames + load.other_frames
    moving = ticks * load.headline_frames + with_others * load.other_frames + (ticks - with_others) * load.phases
    return load.learners * moving + load.still * one


def burst_forwards(load: Load, burst_days: int) -> float:
    """Frames that all bursts look at, alarms' among them."""
    return load.learners * (load.turns + ALARM_BURSTS) * burst_days * load.phases * MINI_FRAMES


def checkup_forwards(load: Load, checkups: Times) -> float:
    """Of all checkups of all learners; one that does not change has two."""
    moving = {"season": load.turns + 2, "ends": 2, "never": 0}[checkups]
    still = 0 if checkups == "never" else 2
    return CHECKUP_FORWARDS * (load.learners * moving + load.still * still) * load.phases / 8


def _from_rich_to_poor(every_days: int, burst_days: int, checkups: bool) -> Iterator[MonitorPlan]:
    """What may be sat, in the order in which it is given up."""
    rich = MonitorPlan(every_days, others="season", burst_days=burst_days, wished_every_days=every_days)
    bursts = [*range(burst_days, SHORTEST_BURST_DAYS - 1, -1)] or [0]
    times: tuple[Times, ...] = ("season", "ends") if checkups else ("never",)
    for looked in times:
        for days in bursts:
            yield replace(rich, checkups=looked, burst_days=days)
    for looked in (times[-1], "never"):
        yield replace(rich, others="ends", checkups=looked, burst_days=bursts[-1])
        yield replace(rich, others="ends", checkups=looked, burst_days=0)
