"""What examining may cost: a budget in work, and how often exams are sat so that it is kept.

Work is counted in *forward-equivalents of frames*: one frame through the net is 1, an update of 16 frames is 48, for
backward takes twice as long as forward. Seconds differ between machines and with what else they do; this does not, so
the same options give the same days. A learner that learns nothing is examined once and its marks are written again.
"""

import math
from dataclasses import dataclass
from typing import Any, Literal

UPDATE_FORWARDS = 16 * 3  # of an update: 16 frames forward, and backward at twice the cost
MINI_FRAMES = 4  # of a phase, in the small bank that bursts sit
CHECKUP_FORWARDS = 560  # of a checkup on the default eight phases, as measured; see docs/monitor.md
OTHERS_EVERY = 3  # ticks between two at which the banks are sat that no headline is taken from
ALARM_BURSTS = 2  # bursts that are left for alarms, beside those at the turns of seasons
BURST_SHARE, CHECKUP_SHARE = 0.2, 0.35  # of the budget, at most


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
        others_every: ticks between two at which banks other than the headline's are sat.
        burst_days: length of a daily burst after a season's turn or an alarm; 0 for none.
        burst_sittings: how often the small bank may be sat in a life.
        checkups: at every season, at both ends of a life, or never.
        wished_every_days: as it was asked for.
        budget: share of the run's work that may be spent on probing.
        share: share that this plan spends.
    """

    every_days: int
    others_every: int = 1
    burst_days: int = 0
    burst_sittings: int = 0
    checkups: Literal["season", "ends", "never"] = "never"
    wished_every_days: int | None = None
    budget: float | None = None
    share: float | None = None

    def as_row(self) -> dict[str, Any]:
        """As the log and the configuration tell it."""
        return {key: round(value, 5) if isinstance(value, float) else value for key, value in vars(self).items()}


def fit(load: Load, *, every_days: int, budget: float, burst_days: int, checkups: bool) -> MonitorPlan:
    """Stretch the days between ticks until probing costs no more than its share of the run's work.

    Bursts may take a fifth of the budget and checkups a third, or they are cut; ticks are stretched to fit the rest. The
    first and the last tick are always sat, so a very small budget may be exceeded; `share` then says so.

    Args:
        load: what is known of the run.
        every_days: the wish, at least 1.
        budget: share of `load.work`; `math.inf` for no bound.
        burst_days: the wish, 0 for none.
        checkups: whether they are wished.
    """
    allowed = budget * load.work
    times: Literal["season", "ends", "never"] = "never"
    if checkups:
        fits = checkup_forwards(load, "season") <= CHECKUP_SHARE * allowed
        times = "season" if fits else ("ends" if checkup_forwards(load, "ends") <= CHECKUP_SHARE * allowed else "never")
    while burst_days and burst_forwards(load, burst_days) > BURST_SHARE * allowed:
        burst_days -= 1
    rest = allowed - burst_forwards(load, burst_days) - checkup_forwards(load, times)
    days = every_days
    while days < load.days and tick_forwards(load, days) > rest:
        days += 1
    spent = tick_forwards(load, days) + burst_forwards(load, burst_days) + checkup_forwards(load, times)
    return MonitorPlan(
        every_days=days,
        others_every=OTHERS_EVERY,
        burst_days=burst_days,
        burst_sittings=(load.turns + ALARM_BURSTS) * burst_days,
        checkups=times,
        wished_every_days=every_days,
        budget=None if math.isinf(budget) else budget,
        share=spent / load.work,
    )


def tick_forwards(load: Load, every_days: int) -> float:
    """Frames that all ticks of all learners look at, with the pictures that a tick without other banks takes."""
    ticks = 2 + load.days // every_days
    with_others = 1 + math.ceil((ticks - 1) / OTHERS_EVERY)
    one = load.headline_frames + load.other_frames
    moving = ticks * load.headline_frames + with_others * load.other_frames + (ticks - with_others) * load.phases
    return load.learners * moving + load.still * one


def burst_forwards(load: Load, burst_days: int) -> float:
    """Frames that all bursts look at, alarms' among them."""
    return load.learners * (load.turns + ALARM_BURSTS) * burst_days * load.phases * MINI_FRAMES


def checkup_forwards(load: Load, times: Literal["season", "ends", "never"]) -> float:
    """Of all checkups of all learners; one that does not change has two."""
    moving = {"season": load.turns + 2, "ends": 2, "never": 0}[times]
    still = 0 if times == "never" else 2
    return CHECKUP_FORWARDS * (load.learners * moving + load.still * still) * load.phases / 8
