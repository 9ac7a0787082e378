"""What became of the branches of a fork: marks from its day on, beside those of the learner that was forked."""

from typing import Any

import numpy as np

from agent.monitor.log import Log, headline_bank
from agent.monitor.matrix import current, days_stood_for, number, phases_of, scores


def told(log: Log) -> dict[str, Any] | None:
    """For each branch, and the learner that was forked where it is in the log, the marks since the fork.

    Returns:
        What the log says of the fork, and by learner in `since`: `at`, the mean over all seasons at the last exam
        before the fork; `end`, that of the last exam; `mean`, the mean over the exams since, each for the days that it
        stands for; `present`, likewise on the season at hand; `behind_at` and `behind_end`, the first two over the
        seasons that lay behind at the fork alone; `beside`, by how much `mean` is above that of the learner that was
        forked. None where nobody was examined, or there was nothing to compare with. None for a log of no fork.
    """
    if not log.fork:
        return None
    names = [name for name in log.learners if name == log.fork["learner"] or name in log.fork["branches"]]
    since = {name: marks for name in names if (marks := _since(log, name)) is not None}
    old = since.get(log.fork["learner"])
    for marks in since.values():
        alike = old is not None and marks is not old and marks["days"] == old["days"]
        marks["beside"] = marks["mean"] - old["mean"] if old is not None and alike else None
    return log.fork | {
        "since": {name: {key: v for key, v in marks.items() if key != "days"} for name, marks in since.items()}
    }


def _since(log: Log, name: str) -> dict[str, Any] | None:
    day = log.fork["day"]
    days, matrix = scores(log, name, headline_bank(log))
    after = days >= day
    if not after.any():
        return None
    at = max(int((days <= day).sum()) - 1, 0)
    first = [log.life.first_lived(phase) for phase in phases_of(log)]
    behind = np.array([visit is not None and visit.last_day < day for visit in first])
    weights, means = days_stood_for(log, days)[after], np.nanmean(matrix, axis=1)
    present = np.array([row[now].mean() for row, now in zip(matrix, current(log, days), strict=True)])
    return {
        "days": days[after].tolist(),
        "at": number(means[at]),
        "end": number(means[-1]),
        "mean": float(np.average(means[after], weights=weights)),
        "present": number(np.average(present[after], weights=weights)),
        "behind_at": number(matrix[at, behind].mean()) if behind.any() else None,
        "behind_end": number(matrix[-1, behind].mean()) if behind.any() else None,
    }
