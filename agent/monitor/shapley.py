"""Shapley values (Shapley 1953): what each player brings, averaged over all orders in which they may come.

Both estimators are linear in the values of coalitions, so they are given as matrices: one game after another, a
bootstrap say, is a product. A coalition is a number whose bit k says that player k is in it.
"""

from math import factorial

import numpy as np
from numpy.typing import NDArray

Coalitions = NDArray[np.int64]
Weights = NDArray[np.float64]


def exact(players: int) -> tuple[Coalitions, Weights]:
    """All coalitions, and the weights of the definition.

    `shares = weights @ values` gives player k the mean of v(S + k) - v(S), each S weighted by
    |S|! (n - |S| - 1)! / n!. The shares sum to v(all) - v(none).

    Args:
        players: n, at least 1.

    Returns:
        coalitions (2^n,) and weights (n, 2^n); the first coalition is nobody, the last is all.

    >>> coalitions, weights = exact(2)
    >>> (weights @ np.array([0.0, 1.0, 2.0, 7.0])).tolist()  # v of nobody, of player 0, of player 1, of both
    [3.0, 4.0]
    """
    _at_least_one(players)
    coalitions = np.arange(1 << players)
    size = sum((coalitions >> k) & 1 for k in range(players))
    joins = np.array([factorial(s) * factorial(players - s - 1) for s in range(players)] + [0]) / factorial(players)
    weights = np.empty((players, len(coalitions)))
    for k in range(players):
        inside = ((coalitions >> k) & 1).astype(bool)
        weights[k] = np.where(inside, joins[size - 1], -joins[size])
    return coalitions, weights


def sampled(players: int, rng: np.random.Generator, *, pairs: int) -> tuple[Coalitions, Weights]:
    """The coalitions of some orders of arrival, each followed by its reverse (Mitchell et al. 2022, antithetic).

    Along an order the differences telescope, so these shares, too, sum to v(all) - v(none), however few orders there
    are.

    Args:
        players: n, at least 1.
        rng: draws the orders.
        pairs: of an order and its reverse, at least 1.

    Returns:
        coalitions (m,), m <= 2^n, in ascending order, so that nobody comes first and all come last; weights (n, m).

    Raises:
        ValueError: there are no players, or no pairs.

    >>> coalitions, weights = sampled(3, np.random.default_rng(0), pairs=1)
    >>> len(coalitions), weights.sum(0).tolist()
    (6, [-1.0, 0.0, 0.0, 0.0, 0.0, 1.0])
    """
    _at_least_one(players)
    if pairs < 1:
        raise ValueError(f"pairs is {pairs}; give at least 1 pair of orders")
    counts = np.zeros((players, 1 << players))
    for _ in range(pairs):
        order = rng.permutation(players)
        for one in (order, order[::-1]):
            inside = 0
            for k in one:
                counts[k, inside] -= 1
                inside |= 1 << int(k)
                counts[k, inside] += 1
    asked = np.flatnonzero(counts.any(0))
    return asked, counts[:, asked] / (2 * pairs)


def _at_least_one(players: int) -> None:
    if players < 1:
        raise ValueError(f"players is {players}; a game has at least 1")
