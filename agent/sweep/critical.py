"""Ranks over many worlds: Friedman's test, and the difference of mean ranks that is critical (Demšar 2006, JMLR 7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import stats

ALPHA = 0.05


@dataclass(frozen=True)
class Critical:
    """What ranks say.

    Attributes:
        names: the best mean rank first.
        ranks: (k,) mean rank of each over all worlds; 1 is best, ties share theirs.
        difference: two whose mean ranks are not further apart than this cannot be told apart (Nemenyi's test).
        p: of Friedman's test that all are alike; None for two, of whom Nemenyi's test says all.
        groups: first and last place (from 0) of those who cannot be told apart, the largest such groups.
        worlds: that were ranked.
    """

    names: tuple[str, ...]
    ranks: tuple[float, ...]
    difference: float
    p: float | None
    groups: tuple[tuple[int, int], ...]
    worlds: int


def critical(names: Sequence[str], scores: NDArray[np.float64]) -> Critical | None:
    """Rank scores world by world.

    Args:
        names: (k,) who.
        scores: (N, k), more is better.

    Returns:
        None where there are fewer than two worlds or two names: ranks then say nothing.
    """
    worlds, number = scores.shape
    if worlds < 2 or number < 2:
        return None
    ranks = stats.rankdata(-scores, axis=1).mean(axis=0)
    order: list[int] = np.argsort(ranks, kind="stable").tolist()
    apart = critical_difference(number, worlds)
    alike = bool((scores == scores[:, :1]).all())  # no test takes that
    p = 1.0 if alike else float(stats.friedmanchisquare(*scores.T).pvalue) if number > 2 else None
    placed = tuple(float(ranks[place]) for place in order)
    return Critical(tuple(names[place] for place in order), placed, apart, p, groups(placed, apart), worlds)


def critical_difference(number: int, worlds: int) -> float:
    """Nemenyi's critical difference of mean ranks at the level 0.05.

    Args:
        number: of those who are compared.
        worlds: in which they were ranked.

    >>> round(critical_difference(4, 14), 2)  # Demšar's own example
    1.25
    """
    studentized = stats.studentized_range.ppf(1 - ALPHA, number, np.inf) / np.sqrt(2)
    return float(studentized * np.sqrt(number * (number + 1) / (6 * worlds)))


def groups(ranks: Sequence[float], difference: float) -> tuple[tuple[int, int], ...]:
    """The largest runs of ranks, sorted, whose ends are not further apart than the difference; none of one alone.

    >>> groups([1.0, 1.5, 2.5, 4.0], 1.2)
    ((0, 1), (1, 2))
    """
    spans = [(first, max(place for place, rank in enumerate(ranks) if rank - ranks[first] <= difference))
             for first in range(len(ranks))]  # fmt: skip
    largest = spans[:1] + [span for before, span in pairwise(spans) if span[1] > before[1]]
    return tuple(span for span in largest if span[1] > span[0])
