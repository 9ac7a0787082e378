"""Shapley values (Shapley 1953): what each player brings, averaged over all orders in which they may come.

A coalition is a number whose bit k says that player k is in it. Both estimators weigh what a player adds to coalitions;
the weights do not depend on the game, so one set serves many: a bootstrap, say.
"""

from math import factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray

Coalitions = NDArray[np.int64]
Weights = NDArray[np.float64]


def exact(players: int) -> tuple[Coalitions, Weights]:
    """All coalitions, and the weights of the definition.

    Args:
        players: n, at least 1.

    Returns:
        coalitions (2^n,), from nobody to all; weights (n, 2^n): of S, which player k is in, (|S| - 1)! (n - |S|)! / n!,
        for what k adds to the others in S; 0 where k is not in S.

    Raises:
        ValueError: there are no players.

    >>> coalitions, weights = exact(2)
    >>> shares(coalitions, weights, [0.0, 1.0, 2.0, 7.0]).tolist()  # v of nobody, of player 0, of player 1, of both
    [3.0, 4.0]
    """
    _at_least_one(players)
    coalitions = np.arange(1 << players)
    inside = (coalitions >> np.arange(players)[:, None]) & 1
    size = inside.sum(0)
    joins = np.array([0] + [factorial(s - 1) * factorial(players - s) for s in range(1, players + 1)])
    return coalitions, inside * joins[size] / factorial(players)


def sampled(players: int, rng: np.random.Generator, *, pairs: int) -> tuple[Coalitions, Weights]:
    """The coalitions of some orders of arrival, each followed by its reverse (antithetic; Mitchell et al. 2022).

    Along an order the differences telescope, so these shares, too, sum to v(all) - v(nobody), however few orders there
    are.

    Args:
        players: n, at least 1.
        rng: draws the orders.
        pairs: of an order and its reverse, at least 1.

    Returns:
        coalitions (m,), m <= 2^n, in ascending order, so that nobody comes first and all come last; weights (n, m) as
        in `exact`.

    Raises:
        ValueError: there are no players, or no pairs.

    >>> coalitions, weights = sampled(3, np.random.default_rng(0), pairs=1)
    >>> len(coalitions), weights.sum(1).tolist()
    (6, [1.0, 1.0, 1.0])
    """
    _at_least_one(players)
    if pairs < 1:
        raise ValueError(f"pairs is {pairs}; give at least 1 pair of orders")
    counts = np.zeros((players, 1 << players))
    for _ in range(pairs):
        order = rng.permutation(players)
        for arriving in (order, order[::-1]):
            there = 0
            for k in arriving.tolist():
                there |= 1 << k
                counts[k, there] += 1
    met = counts.sum(0) > 0
    met[0] = True
    return np.flatnonzero(met), counts[:, met] / (2 * pairs)


def shares(coalitions: Coalitions, weights: Weights, values: ArrayLike) -> NDArray[np.float64]:
    """What each player brings.

    Args:
        coalitions, weights: from `exact` or `sampled`.
        values: (..., m) of the coalitions.

    Returns:
        (..., n) float64; they sum to the last value less the first, to rounding. Who changes no value gets 0, exactly.
    """
    worth = np.asarray(values, np.float64)
    brought = np.empty((*worth.shape[:-1], len(weights)))
    for k, weight in enumerate(weights):
        joined = np.flatnonzero(weight)
        before = np.searchsorted(coalitions, coalitions[joined] & ~(1 << k))
        brought[..., k] = (worth[..., joined] - worth[..., before]) @ weight[joined]
    return brought


def _at_least_one(players: int) -> None:
    if players < 1:
        raise ValueError(f"players is {players}; a game has at least 1")
