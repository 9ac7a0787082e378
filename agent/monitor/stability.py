"""Memory stability: how far knowledge of past phases has fallen below its best, and how much of that is noise.

A running maximum of noisy scores rises by itself: a learner that never forgets, but whose scores jitter by four points
over 66 ticks, seems to forget eight. So scores are smoothed before the maximum is taken, and the value to be expected
from jitter alone is estimated by a moving-block bootstrap (Kuensch 1989) and printed beside it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import savgol_filter

Floats = NDArray[np.float64]
SMOOTH_TICKS = 3  # median over so many consecutive ticks
TREND_TICKS = 7  # local straight line over so many ticks; what is left of it is jitter


@dataclass(frozen=True)
class Forgetting:
    """Best so far minus now, at the end of a life and on average over it; shares of mIoU.

    Attributes:
        mean: mean over past phases at the last tick.
        worst: largest over past phases at the last tick.
        worst_phase: the index of that phase.
        anytime: mean over past phases, then over all ticks at which there are any.
        noise_mean: what `mean` would show for a learner that never forgets but jitters as much.
        noise_worst: the same for `worst`.
        noise_bound: what the worst phase of such a learner stays below in 39 of 40 lives.
        by_phase: (S,) at the last tick, NaN for a phase not yet past.
    """

    mean: float
    worst: float
    worst_phase: int
    anytime: float
    noise_mean: float
    noise_worst: float
    noise_bound: float
    by_phase: Floats


def smooth(scores: Floats) -> Floats:
    """Median of the last three ticks, at the first two of what there is.

    Args:
        scores: (..., T, S).

    Returns:
        (..., T, S); the value at a tick uses nothing later, so a live value never changes afterwards.

    >>> smooth(np.array([[1.0], [5.0], [2.0], [3.0]])).ravel()
    array([1., 3., 2., 3.])
    """
    ticks = scores.shape[-2]
    return np.stack(
        [np.median(scores[..., max(0, t + 1 - SMOOTH_TICKS) : t + 1, :], axis=-2) for t in range(ticks)], axis=-2
    )


def best_minus_now(scores: Floats, since: NDArray[np.integer], past: NDArray[np.bool_]) -> Floats:
    """F_s(t) = max over t' <= t, since s was first lived through, of the smoothed score, minus the smoothed score at t.

    Args:
        scores: (..., T, S), mIoU by tick and phase.
        since: (S,) first tick that may be the best one.
        past: (T, S) whether the phase lies behind the learner at that tick and is not the current one.

    Returns:
        (..., T, S) float64, never negative; NaN where `past` is False.
    """
    smoothed = smooth(scores)
    ticks = np.arange(scores.shape[-2])
    eligible = np.where(ticks[:, None] >= since, smoothed, -np.inf)
    best = np.maximum.accumulate(eligible, axis=-2)
    return np.where(past, best - smoothed, np.nan)


def jitter(scores: Floats) -> Floats:
    """What a local straight line leaves of a score, rescaled for the share of noise that the line takes along.

    Args:
        scores: (T, S).

    Returns:
        (T, S) residuals, zero mean; zeros if there are fewer than four ticks to judge by.
    """
    ticks = len(scores)
    window = min(TREND_TICKS, ticks - 1 + ticks % 2)
    if ticks < 4 or window < 3:
        return np.zeros_like(scores)
    rest = np.eye(ticks) - np.asarray(savgol_filter(np.eye(ticks), window, polyorder=1, axis=0))
    return (rest @ scores) / np.sqrt((rest**2).sum(axis=1))[:, None]


def forgetting_over_life(
    scores: Floats,
    since: NDArray[np.integer],
    past: NDArray[np.bool_],
    rng: np.random.Generator,
    *,
    draws: int = 200,
) -> Forgetting | None:
    """Measure forgetting and the part of it that jitter alone explains.

    The bootstrap draws whole blocks of consecutive ticks, the same ones for all phases, so that it keeps how jitter
    hangs together over time and over phases, and applies the same estimator to them around a constant level.

    Args:
        scores: (T, S), mIoU by tick and phase.
        since: (S,) first tick that may be the best one.
        past: (T, S) whether the phase is a past one at that tick.
        rng: for the bootstrap.
        draws: number of bootstrap series.

    Returns:
        The measurement, or None when no phase is past at the last tick.
    """
    if not len(scores) or not past[-1].any():
        return None
    measured = best_minus_now(scores, since, past)
    imagined = best_minus_now(resample_blocks(jitter(scores), rng, draws), since, past)[:, -1][:, past[-1]]
    by_tick = np.nanmean(measured[np.atleast_1d(past.any(axis=1))], axis=1)
    return Forgetting(
        mean=float(np.nanmean(measured[-1])),
        worst=float(np.nanmax(measured[-1])),
        worst_phase=int(np.nanargmax(measured[-1])),
        anytime=float(by_tick.mean()),
        noise_mean=float(imagined.mean()),
        noise_worst=float(imagined.max(axis=1).mean()),
        by_phase=measured[-1],
        noise_bound=float(np.quantile(imagined.max(axis=1), 0.975)),
    )


def resample_blocks(series: Floats, rng: np.random.Generator, draws: int) -> Floats:
    """Draw series made of moving blocks of about the cube root of T ticks (Hall, Horowitz & Jing 1995).

    Args:
        series: (T, S).
        rng: where the blocks begin.
        draws: number of series.

    Returns:
        (draws, T, S).
    """
    ticks = len(series)
    length = min(ticks, max(2, round(ticks ** (1 / 3))))
    starts = rng.integers(0, ticks - length + 1, size=(draws, -(-ticks // length)))
    index = (starts[:, :, None] + np.arange(length)).reshape(draws, -1)[:, :ticks]
    return series[index]
