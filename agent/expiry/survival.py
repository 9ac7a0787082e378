"""How many are still good, by time: survival with censoring.

The curve is Kaplan & Meier's (1958), its pointwise interval Greenwood's on the log-log scale, both by scipy.stats.ecdf;
the interval of the median is Brookmeyer & Crowley's (1982), read off the pointwise band; the restricted mean and its
variance are Klein & Moeschberger's (2003, eqs. 4.5.1 and 4.5.2).
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Survival:
    """A survival curve and what it says; times in days.

    Attributes:
        worlds, expired: how many there were, and how many expired.
        times: (K,) in ascending order, at which something expired or was censored.
        left: (K,) share that is still good just after each.
        low, high: (K,) 95 % interval of it; NaN where the formula has none.
        median: first time at which half or fewer are left; None if that never comes.
        median_low, median_high: 95 % interval of it; None where the band does not reach a half.
        until: to which time the restricted mean goes.
        mean: restricted mean, the area under the curve until then: days that are good, of so many.
        mean_low, mean_high: 95 % interval of it; None where one world, or none that expired, shows no spread.
    """

    worlds: int
    expired: int
    times: Floats
    left: Floats
    low: Floats
    high: Floats
    median: float | None
    median_low: float | None
    median_high: float | None
    until: float
    mean: float
    mean_low: float | None
    mean_high: float | None


def survival(times: Sequence[float], expired: Sequence[bool], *, until: float | None = None) -> Survival:
    """Estimate survival.

    Args:
        times: (n,) to expiry or to censoring [days].
        expired: (n,) which of the two.
        until: end of the restricted mean; the last time if None. Equal for curves that are to be compared.

    Raises:
        ValueError: nothing is given, or not one of each, or a time is negative.
    """
    time, event = _checked(times, expired)
    until = float(time.max()) if until is None else float(until)
    curve = stats.ecdf(censored(time, event)).sf
    with warnings.catch_warnings():  # before the first expiry, and after the last of all, there is no interval
        warnings.filterwarnings("ignore", "The confidence interval is undefined")
        band = curve.confidence_interval(CONFIDENCE, method="log-log")
    low, high = band.low.probabilities, band.high.probabilities
    mean, spread = _restricted_mean(time, event, curve.quantiles, curve.probabilities, until)
    half_width = float(stats.norm.ppf((1 + CONFIDENCE) / 2)) * spread
    known = len(time) > 1 and bool(event.any())
    return Survival(
        len(time), int(event.sum()), curve.quantiles, curve.probabilities, low, high,
        _first(curve.quantiles, curve.probabilities <= 0.5),
        _first(curve.quantiles, np.nan_to_num(low, nan=1.0) <= 0.5),
        _first(curve.quantiles, np.nan_to_num(high, nan=1.0) <= 0.5),
        until, mean, max(0.0, mean - half_width) if known else None, min(until, mean + half_width) if known else None,
    )  # fmt: skip


def apart(
    first: tuple[Sequence[float], Sequence[bool]], second: tuple[Sequence[float], Sequence[bool]]
) -> float | None:
    """p of the log-rank test (Mantel 1966) that two groups expire alike, by scipy.stats.logrank.

    Worlds count as independent; where both groups lived in the same gardens they are paired, and p is too large.

    Args:
        first, second: times and whether each is an expiry, as `survival` takes them.

    Returns:
        p, two-sided; None where so little expired that nothing can be told.
    """
    if not any(first[1]) and not any(second[1]):
        return None
    with np.errstate(invalid="ignore", divide="ignore"):  # where nobody was left at risk in one group, nothing varies
        p = float(stats.logrank(censored(*_checked(*first)), censored(*_checked(*second))).pvalue)
    return p if np.isfinite(p) else None


def censored(times: Floats, expired: NDArray[np.bool_]) -> stats.CensoredData:
    """As SciPy wants it."""
    return stats.CensoredData.right_censored(times, ~expired)


def _restricted_mean(
    time: Floats, event: NDArray[np.bool_], at: Floats, left: Floats, until: float
) -> tuple[float, float]:
    """The area under the curve until a time, and the standard deviation of that area."""
    edges = np.concatenate([[0.0], at[at < until], [until]])
    heights = np.concatenate([[1.0], left[at < until]])
    areas = heights * np.diff(edges)
    variance = 0.0
    for moment in np.unique(time[event & (time < until)]):
        died, at_risk = int((event & (time == moment)).sum()), int((time >= moment).sum())
        if at_risk > died:
            variance += areas[edges[:-1] >= moment].sum() ** 2 * died / (at_risk * (at_risk - died))
    return float(areas.sum()), float(np.sqrt(variance))


def _first(times: Floats, reached: NDArray[np.bool_]) -> float | None:
    return float(times[reached.argmax()]) if reached.any() else None


def _checked(times: Sequence[float], expired: Sequence[bool]) -> tuple[Floats, NDArray[np.bool_]]:
    time, event = np.asarray(times, dtype=np.float64), np.asarray(expired, dtype=bool)
    if not len(time) or time.shape != event.shape:
        raise ValueError(f"{len(time)} times came with {len(event)} outcomes; give one of each, and at least one")
    if not (time >= 0).all():
        raise ValueError(f"a time is {time.min():g} days; times count from being left alone, so give at least 0")
    return time, event
