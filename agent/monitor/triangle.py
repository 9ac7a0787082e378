"""Three means of a matrix of when against season: on time, looking back, looking ahead (Garg et al. 2024)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.monitor.life import Life

Floats = NDArray[np.float64]
FIRST_YEAR_DAYS = 365


def triangle(matrix: Floats, order: NDArray[np.int64]) -> dict[str, float] | None:
    """The triangle means of TiC-CLIP (Garg et al. 2024, arXiv:2310.16226).

    Let E(i, j) be the mark, on the j-th phase of the year, of what was known while the i-th was lived in, phases
    counted in the order in which the first year brings them. With n phases in which an exam was sat (none is during
    commissioning),

        in_time  = 1/n           * sum over i     of E(i, i)    the diagonal: how well it keeps up;
        backward = 2/(n (n - 1)) * sum over j < i of E(i, j)    below it: what it still knows of the past;
        forward  = 2/(n (n - 1)) * sum over j > i of E(i, j)    above it: what it knows before it has seen it.

    Only the first year counts: in the second every season has been seen, and nothing is ahead any more. E(i, j) is the
    mean over the exams of the first visit to phase i. A mark that could not be given (NaN) is left out of its mean. Of
    learners at unequal compute the means say little beside what was spent; `--realtime` gives all the same machine.

    Args:
        matrix: (T, S) float64, marks at T exams on S phases; shares of 1.
        order: (T,) int64, which phase was lived in at each exam, as its place in the year: 0 for the first visited, and
            so on; columns of `matrix` have the same order, and it may have more columns than were visited.

    Returns:
        in_time, backward, forward and `phases`, how many n there were; None where fewer than two were lived in.

    >>> matrix = np.array([[0.5, 0.2, 0.1], [0.4, 0.6, 0.3], [0.3, 0.5, 0.7]])
    >>> means = triangle(matrix, np.array([0, 1, 2]))
    >>> [round(means[name], 3) for name in ("in_time", "backward", "forward")]
    [0.6, 0.4, 0.2]
    """
    lived = [int(place) for place in np.unique(order)]
    if len(lived) < 2:
        return None
    square = np.stack([_mean(matrix[order == place], axis=0)[lived] for place in lived])
    below, above = np.tril_indices(len(lived), -1), np.triu_indices(len(lived), 1)
    means = {"in_time": np.diag(square), "backward": square[below], "forward": square[above]}
    if not all(np.isfinite(cells).any() for cells in means.values()):
        return None
    return {name: float(np.nanmean(cells)) for name, cells in means.items()} | {"phases": len(lived)}


def first_year(life: Life, days: NDArray[np.int64], matrix: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """The exams of the first visits within the first year, in the form that `triangle` wants.

    Args:
        life: the calendar.
        days: (T,) of the exams.
        matrix: (T, S) marks.

    Returns:
        (U, V) marks at the exams within first visits, on the V phases that are visited in the first year, in the
        order of these visits; (U,) which of them was lived in.
    """
    visits: dict[int, tuple[int, int]] = {}  # a phase's first visit: its first and last day
    for visit in life.visits:
        if visit.first_day < FIRST_YEAR_DAYS:
            visits.setdefault(visit.phase, (visit.first_day, min(visit.last_day, FIRST_YEAR_DAYS - 1)))
    rows, order = [], []
    for place, (first, last) in enumerate(visits.values()):
        own = np.flatnonzero((days >= first) & (days <= last))
        rows.extend(own.tolist())
        order.extend([place] * len(own))
    return matrix[np.ix_(np.array(rows, np.int64), np.array(list(visits), np.int64))], np.array(order, np.int64)


def _mean(values: Floats, **where: Any) -> Floats:
    """A mean without NaN; NaN where nothing is left, and no warning about that."""
    known = np.isfinite(values)
    count = known.sum(**where)
    total = np.where(known, values, 0.0).sum(**where)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
