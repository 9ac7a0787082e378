"""What the checkups of a learner say, at the beginning and at the end of its life."""

from typing import Any

from agent.monitor.log import Log


def told(log: Log, name: str) -> dict[str, Any] | None:
    """The part `health` of a learner's summary; None where there was no checkup.

    Returns:
        first and last: day and numbers of these checkups; checkups: how many there were.
    """
    rows = log.checkups.get(name, [])
    if not rows:
        return None
    first, last = ({"day": row["day"], "numbers": row["numbers"]} for row in (rows[0], rows[-1]))
    return {"checkups": len(rows), "first": first, "last": last}


def change(log: Log, name: str, number: str) -> tuple[float | None, float | None]:
    """A number at the first checkup and at the last one; None where it was not measured."""
    rows = log.checkups.get(name, [])
    if not rows:
        return None, None
    return rows[0]["numbers"].get(number), rows[-1]["numbers"].get(number)
