"""The stream's rows in blocks of ten days: single days are mostly weather."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agent.monitor.log import Log, Row
from agent.monitor.thinning import days_of

BLOCK_DAYS = 10


def by_blocks(
    log: Log, learner: str, key: str, pooled: Callable[[NDArray], ArrayLike]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What the rows that have a key come to in every block of days.

    Args:
        log: of a run.
        learner: whose rows.
        key: of what is added up over the rows of a block.
        pooled: makes a number of that sum; NaN where it has nothing to go by.

    Returns:
        (T,) mean of the days that are told of, and (T,) the numbers.
    """
    blocks: dict[int, list[Row]] = {}
    for row in log.stream.get(learner, []):
        if row.get(key) is not None:
            blocks.setdefault((row["day"] - log.life.commissioning_days) // BLOCK_DAYS, []).append(row)
    values = [pooled(np.sum([np.asarray(row[key], np.float64) for row in rows], axis=0)) for rows in blocks.values()]
    return np.array([_middle(rows) for rows in blocks.values()], np.float64), np.array(values, dtype=np.float64)


def _middle(rows: Sequence[Row]) -> float:
    return float(np.mean([day for row in rows for day in days_of(row)]))
