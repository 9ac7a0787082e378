"""How good alarms are, against the scripted truth: delays, misses, and false alarms where nothing drifts.

No single number hides the others here (a detector that always fires misses nothing), and every table has the three
vacuous detectors beside it: one that always fires, one that never does, and one that only knows how long the life is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.monitor.log import Log
from agent.monitor.loss_alarm import SIGNAL
from agent.monitor.thinning import days_heard
from agent.monitor.truth import Change

WITHIN_DAYS = 3  # an abrupt change counts as found if the alarm comes on its first day or the two after it


@dataclass(frozen=True)
class Found:
    """What became of one change.

    Attributes:
        change: the scripted one.
        delay_days: days of it that were seen when the first alarm came, at least 1; None if none came in time.
        by_chance: probability that as many alarms, strewn evenly over the watched days, had put one in time.
    """

    change: Change
    delay_days: int | None
    by_chance: float


def find(change: Change, alarm_days: Sequence[int], *, deadline_day: int, watched: range) -> Found:
    """Whether a change was found in time.

    Args:
        change: that is to be found.
        alarm_days: days on whose evening an alarm came, in order.
        deadline_day: the last day that is in time.
        watched: days of the life on which alarms were possible.

    >>> step = Change("camera.dirt", ("camera.dirt",), 50, 50, True)
    >>> find(step, [20, 51], deadline_day=52, watched=range(0, 100)).delay_days
    2
    """
    in_time = [day for day in alarm_days if change.first_day <= day <= deadline_day]
    days = len(range(max(change.first_day, watched.start), min(deadline_day + 1, watched.stop)))
    share = min(days / max(len(watched), 1), 1.0)
    chance = 1.0 - (1.0 - share) ** len(alarm_days)
    return Found(change, in_time[0] - change.first_day + 1 if in_time else None, chance)


def abrupt_deadline(change: Change) -> int:
    """The last day on which an alarm about an abrupt change is in time."""
    return change.first_day + WITHIN_DAYS - 1


def false_alarms_per_10_000(alarms: int, frames: int) -> float:
    """Alarms in lives in which nothing drifts, by frames watched.

    >>> false_alarms_per_10_000(3, 40_000)
    0.75
    """
    if frames < 1:
        raise ValueError(f"{frames} frames were watched; a rate needs at least one")
    return 1e4 * alarms / frames


def always(watched: range) -> list[int]:
    """Alarm days of a detector that fires every evening."""
    return list(watched)


def never(watched: range) -> list[int]:
    """Alarm days of a detector that does not fire."""
    return []


def by_calendar(watched: range, alarms: int) -> list[int]:
    """Alarm days of a detector that knows how long the life is, and nothing else: so many, evenly spread.

    >>> by_calendar(range(0, 100), 3)
    [25, 50, 75]
    """
    return [watched.start + round((i + 1) * len(watched) / (alarms + 1)) for i in range(alarms)]


def told(log: Log) -> dict[str, Any] | None:
    """For the summary of a run: how many alarms of the stream monitor, by detector, and what became of each change.

    A gradual change counts as found if an alarm comes before it is complete; None where nobody watched.
    """
    if not log.inputs:
        return None
    heard = [row for row in log.alarms if not row["signal"].startswith(SIGNAL)]
    days = sorted({row["day"] for row in heard})
    seen = [day for row in log.inputs for day in days_heard(row)]
    watched = range(seen[0], seen[-1] + 1) if seen else range(0)
    changes = []
    for change in map(Change.of_row, log.changes):
        deadline = abrupt_deadline(change) if change.abrupt else change.last_day
        found = find(change, days, deadline_day=deadline, watched=watched)
        changes.append(
            {
                "name": change.name,
                "first_day": change.first_day,
                "abrupt": change.abrupt,
                "visible": change.visible,
                "delay_days": found.delay_days,
                "by_chance": found.by_chance,
            }
        )
    counts = {name: sum(row["detector"] == name for row in heard) for name in sorted({r["detector"] for r in heard})}
    return {"alarms": counts, "alarm_days": days, "watched_days": len(watched), "changes": changes}
