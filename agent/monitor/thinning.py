"""Long lives in bounded space: a row of the stream tells of several days, and old ticks are thinned out.

Days are told together as they are written: counts are added up, so that no sum changes, and the report pools the
stream over ten days anyway, of which these days are a part. So the log stays append-only, and knows from the first row
on how long it may become. Lives of up to three years have a row a day.

Ticks are thinned in memory alone. A curve that keeps every second point loses the very dips it was kept for: each
bucket of old ticks leaves the one with the lowest and the one with the highest mark (Steinarsson 2013, section 4.1),
and the newest ticks stay as they are.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

LIMIT_TICKS = 10_000  # of one learner and bank; a tick a day for 27 years
MOST_ROWS = 1100  # of the stream, of one learner: a day each for three years
TOGETHER = (1, 2, 5)  # days, and ten times as many, and so on: ten days are always whole rows, or rows whole tens
PIXELS = ("confusion", "copy_confusion", "prior_confusion")  # of a row of the stream, whole numbers

Row = dict[str, Any]


def days_a_row(days: int) -> int:
    """How many days of the calendar a row of the stream tells of in a life of so many.

    >>> [days_a_row(days) for days in (456, 1096, 1500, 3652, 36_600)]
    [1, 1, 2, 5, 50]
    """
    tens = 1
    while True:
        for few in TOGETHER:
            if days <= MOST_ROWS * few * tens:
                return few * tens
        tens *= 10


def days_of(row: Row) -> list[int]:
    """The days that a row of the stream, or of its inputs, tells of."""
    return row.get("days") or [row["day"]]


def stream_as_one(rows: Sequence[Row]) -> Row:
    """Rows of a learner's consecutive days as one: pixels, frames and seconds are added up, loss and entropy are means
    over frames, and what fades is as it was at the end."""
    told, frames = _together(rows), [row["frames"] for row in rows]
    lost = [row.get("not_finite", 0) for row in rows]
    for key, digits, uncounted in (("loss", 6, lost), ("entropy", 5, [0] * len(rows))):
        known = [i for i, row in enumerate(rows) if row.get(key) is not None]
        if known:
            counted = [frames[i] - uncounted[i] for i in known]
            told[key] = round(_mean([rows[i][key] for i in known], counted), digits)
    if any(lost):
        told["not_finite"] = sum(lost)
    for key in PIXELS:
        if all(row.get(key) is not None for row in rows):
            told[key] = np.sum([row[key] for row in rows], axis=0).tolist()
    if all(row.get("reliability") is not None for row in rows):
        bins = np.sum([row["reliability"] for row in rows], axis=0).tolist()
        told["reliability"] = [
            [[int(n), round(sure, 2) if n else 0, int(right)] for n, sure, right in of] for of in bins
        ]
    parts = dict.fromkeys(part for row in rows for part in row["seconds"])
    told["seconds"] = {part: round(sum(row["seconds"].get(part, 0.0) for row in rows), 4) for part in parts}
    return told


def inputs_as_one(rows: Sequence[Row]) -> Row:
    """Rows of what consecutive days looked like as one: statistics are means over frames; of every signal stays what
    was farthest from its reference, so that what stood out still does, and `heard` says on which days there was any."""
    told, frames = _together(rows), [row["frames"] for row in rows]
    told["statistics"] = {
        name: round(_mean([row["statistics"][name] for row in rows], frames), 4)
        if all(row["statistics"][name] is not None for row in rows)
        else None
        for name in told["statistics"]
    }
    told["signals"] = {name: _farthest([row["signals"].get(name) for row in rows]) for name in told["signals"]}
    return told | {"heard": [day for row in rows for day in days_heard(row)]}


def days_heard(row: Row) -> list[int]:
    """The days of a row of inputs on which there was any signal."""
    if "heard" in row:
        return row["heard"]
    return [row["day"]] if any(z is not None for z in row["signals"].values()) else []


def _together(rows: Sequence[Row]) -> Row:
    """The last row, with the days and the frames of all."""
    return rows[-1] | {"frames": sum(row["frames"] for row in rows), "days": [d for row in rows for d in days_of(row)]}


def _farthest(values: Sequence[float | None]) -> float | None:
    """The value that is farthest from 0, the first of several; None where there is none."""
    known = [value for value in values if value is not None]
    return known[int(np.abs(known).argmax())] if known else None


def _mean(values: Sequence[float], frames: Sequence[int]) -> float:
    return float(np.average(values, weights=np.maximum(np.array(frames, np.float64), 1e-9)))


def thinned(marks: ArrayLike, limit: int = LIMIT_TICKS) -> NDArray[np.int64]:
    """Which ticks stay where there are more than `limit`: all of the newer half, and of the older half's buckets of
    four the lowest and the highest.

    Args:
        marks: (T,) one number a tick; NaN counts as neither.
        limit: ticks that may stay, at least 8.

    Returns:
        (K,) int64 rising, about three quarters of T; the first and the last tick are always among them.

    >>> thinned([5, 5, 1, 5, 5, 9, 5, 5, 5, 5, 5, 5], limit=8)
    array([ 0,  2,  4,  5,  6,  7,  8,  9, 10, 11])
    """
    values = np.asarray(marks, dtype=np.float64)
    if len(values) <= limit:
        return np.arange(len(values))
    old = len(values) // 2 // 4 * 4
    buckets = np.arange(old).reshape(-1, 4)
    filled = values[:old].reshape(-1, 4)
    lowest = np.where(np.isnan(filled), np.inf, filled).argmin(1)
    highest = np.where(np.isnan(filled), -np.inf, filled).argmax(1)
    rows = np.arange(len(buckets))
    kept = np.concatenate([[0], buckets[rows, lowest], buckets[rows, highest], np.arange(old, len(values))])
    return np.unique(kept).astype(np.int64)
