"""What the log of a run says of a learner, as the window draws it: curves, alarms and a diagnosis, up to a day.

The window shows a life while it goes on, so nothing of a later day may enter: `until` cuts a log of a whole life off
at a day, and what is left reads like the log of a run that has come so far.
"""

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.monitor import evidence
from agent.monitor.log import Log, headline_bank
from agent.monitor.loss_alarm import SIGNAL
from agent.monitor.matrix import current, past, scores
from garden_env.viewer.state import Curve, Span

PRESENT, STABILITY, PLASTICITY = "present", "stability", "plasticity"
KEPT_DAYS = 64  # so many diagnoses are kept, for who goes back and forth


def curves_of(log: Log, learner: str) -> tuple[Curve, ...]:
    """The curves of a learner; those of which nothing is known yet have no points.

    'present' is the mIoU on about the last 100 frames of the stream, as it was at the end of each day; 'stability' the
    mean mIoU over the phases that lie behind, and 'plasticity' that on the phase at hand, both at the exams.

    Args:
        log: of a run, finished or not.
        learner: one of its learners.
    """
    rows = [row for row in log.stream.get(learner, []) if row["miou"] is not None]
    days, matrix = scores(log, learner, headline_bank(log))
    present = Curve(PRESENT, np.array([row["day"] + 1.0 for row in rows]), np.array([float(r["miou"]) for r in rows]))
    return (
        present,
        _over(STABILITY, days, matrix, past(log, days)),
        _over(PLASTICITY, days, matrix, current(log, days)),
    )


def alarms_of(log: Log, learner: str | None = None) -> tuple[Span, ...]:
    """The days on which the stream monitor raised an alarm, and with a learner those on which its loss raised one.

    Args:
        log: of a run, finished or not.
        learner: whose alarms are told, too; those of others never are.

    Returns:
        A span a day, the first day first, named by all that raised an alarm on it.
    """
    raised: dict[int, list[str]] = {}
    for row in log.alarms:
        if not row["signal"].startswith(SIGNAL) or row["signal"] == f"{SIGNAL}{learner}":
            raised.setdefault(row["day"], []).append(_told(row))
    return tuple(Span(", ".join(dict.fromkeys(raised[day])), day, day) for day in sorted(raised))


def diagnosis_of(log: Log, learner: str) -> str:
    """What matters most of the monitor's findings, in a sentence; empty before the first exam."""
    found = evidence.told(log, learner)
    return str(found[0]["sentence"]) if found else ""


def until(log: Log, day: float) -> Log:
    """The log as it was on a day of the life: without what was written later. What is left is shared, not copied.

    References stay: they are no part of the life, and so do the bounds that marks are held against.
    """
    return replace(
        log,
        stream={name: [row for row in rows if row["day"] + 1 <= day] for name, rows in log.stream.items()},
        probes={key: [tick for tick in ticks if tick.day <= day] for key, ticks in log.probes.items()},
        checkups={name: [row for row in rows if row["day"] <= day] for name, rows in log.checkups.items()},
        inputs=[row for row in log.inputs if row["day"] + 1 <= day],
        alarms=[row for row in log.alarms if row["day"] <= day],
        changes=[row for row in log.changes if row["first_day"] <= day],
        causes=[],
        ended="interrupted",
    )


class Diary:
    """A finished life, told day by day.

    Args:
        log: of the whole life.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self._diagnosis = lru_cache(KEPT_DAYS)(self._diagnose)

    def curves(self, learner: str, day: float) -> tuple[Curve, ...]:
        """`curves_of` the life so far."""
        return curves_of(until(self._log, day), learner)

    def alarms(self, learner: str, day: float) -> tuple[Span, ...]:
        """`alarms_of` the life so far."""
        return alarms_of(until(self._log, day), learner)

    def diagnosis(self, learner: str, day: int) -> str:
        """`diagnosis_of` the life so far, as it was after the last exam."""
        ticks = self._log.probes.get((learner, headline_bank(self._log)), [])
        sat = [tick.day for tick in ticks if tick.day <= day]
        return self._diagnosis(learner, sat[-1]) if sat else ""

    def _diagnose(self, learner: str, day: int) -> str:
        return diagnosis_of(until(self._log, day), learner)


def _over(name: str, days: NDArray[np.int64], matrix: NDArray[np.float64], chosen: NDArray[np.bool_]) -> Curve:
    """The mean of the chosen phases (T, S) of a matrix (T, S) at every tick at which there is one."""
    usable = chosen & np.isfinite(matrix)
    counted = usable.sum(1)
    means = np.where(usable, matrix, 0.0).sum(1) / np.maximum(counted, 1)
    return Curve(name, days[counted > 0].astype(np.float64), means[counted > 0])


def _told(row: dict[str, Any]) -> str:
    """What raised an alarm; a detector with a signal of its own is called as that is."""
    return row["signal"] if row["signal"] == row["detector"] else f"{row['detector']} on {row['signal']}"
