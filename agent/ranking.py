"""Who is better than whom: interquartile means, paired differences, and ranks that are shared where they must be.

Scores over few worlds are told as interquartile means with a bootstrap interval that draws worlds within their climate
(Agarwal et al. 2021, arXiv:2108.13264). Worlds differ more than learners do, and the interval of a level is mostly that
of the worlds; what decides ranks is therefore the difference world by world, with Student's interval of its mean, for a
bootstrap of five is too narrow. Intervals are of single comparisons: among many some will exclude 0 by chance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
Row = Mapping[str, Any]
BESIDE = "finetune"  # with whom all others are compared
DRAWS, BOOTSTRAP_SEED = 10_000, 20300410
CONFIDENCE = 0.95
MEANS = ("gap_life", "gap_end", "forgetting", "forgetting_noise", "plasticity_gap", "flops", "memory_bytes")


@dataclass(frozen=True)
class Line:
    """A recipe in the table; all over worlds.

    Attributes:
        ranks: the best and the worst that it may have: 1 and how many recipes are clearly better, and how many there
            are without those that are clearly worse. Clearly: the paired difference has an interval without 0.
        life, end: interquartile mean of mIoU, and its interval.
        ahead: mean difference to fine-tuning over the life, and its interval; None beside itself.
        others: means of what else a row says, by name; NaN where no world could say.
    """

    recipe: str
    ranks: tuple[int, int]
    life: tuple[float, float, float]
    end: tuple[float, float, float]
    ahead: tuple[float, float, float] | None
    others: Mapping[str, float]


def rank(rows: Sequence[Row]) -> list[Line]:
    """The lines of the table by their mean over the life, best first, from the worlds in which every recipe has lived.

    Two recipes are compared by their differences world by world, with Student's interval of the mean difference; of
    two whose interval holds 0 neither is clearly better, and their ranks overlap: they are tied. Ties need not be
    passed on: the one between two may tie with both, of which one is clearly better than the other.
    """
    worlds = shared_worlds(rows)
    names = list(dict.fromkeys(row["recipe"] for row in rows))
    by_place = {(row["recipe"], row["place"]): row for row in rows}
    climates = [by_place[names[0], world]["climate"] for world in worlds]

    def values(name: str, key: str) -> Floats:
        return np.array([by_place[name, world][key] for world in worlds], dtype=np.float64)

    life = {name: values(name, "miou_life") for name in names}
    better = {name: sum(mean_interval(life[other] - life[name])[1] > 0 for other in names) for name in names}
    worse = {name: sum(mean_interval(life[name] - life[other])[1] > 0 for other in names) for name in names}
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    picks = stratified(climates, rng, DRAWS)
    lines = []
    for name in sorted(names, key=lambda name: -life[name].mean()):
        means = {key: _mean_of_known(values(name, key)) for key in MEANS}
        lines.append(
            Line(
                name,
                (1 + better[name], len(names) - worse[name]),
                iqm_interval(life[name], picks),
                iqm_interval(values(name, "miou_end"), picks),
                mean_interval(life[name] - life[BESIDE]) if BESIDE in life and name != BESIDE else None,
                means,
            )
        )
    return lines


def shared_worlds(rows: Sequence[Row]) -> list[str]:
    """The worlds in which every recipe of the rows has lived, by the fingerprints of their places.

    Raises:
        ValueError: there is none.
    """
    lived: dict[str, set[str]] = {}
    for row in rows:
        lived.setdefault(row["recipe"], set()).add(row["place"])
    worlds = [world for world in dict.fromkeys(row["place"] for row in rows) if all(world in w for w in lived.values())]
    if not worlds:
        fewest = min(lived, key=lambda name: len(lived[name]))
        raise ValueError(f"no world has been lived by every recipe; {fewest!r} has lived in {len(lived[fewest])}")
    return worlds


def iqm(scores: Floats) -> Floats:
    """Interquartile mean over the last axis: a quarter of the scores is cut off at either end (Agarwal et al. 2021).

    >>> float(iqm(np.array([0.0, 1.0, 2.0, 3.0, 100.0])))
    2.0
    """
    return np.asarray(stats.trim_mean(scores, 0.25, axis=-1))


def stratified(strata: Sequence[str], rng: np.random.Generator, draws: int) -> NDArray[np.int64]:
    """Rows of a bootstrap that draws from every stratum as many as it has, (draws, n)."""
    labels = np.array(strata)
    picks = np.empty((draws, len(labels)), np.int64)
    for stratum in dict.fromkeys(strata):
        own = np.flatnonzero(labels == stratum)
        picks[:, own] = own[rng.integers(0, len(own), (draws, len(own)))]
    return picks


def iqm_interval(scores: Floats, picks: NDArray[np.int64]) -> tuple[float, float, float]:
    """Interquartile mean (n,) and the percentile interval of its bootstrap."""
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(iqm(scores[picks]), (tail, 1 - tail))
    return float(iqm(scores)), float(low), float(high)


def mean_interval(differences: Floats) -> tuple[float, float, float]:
    """Mean (n,) and Student's interval of it; without end where there are fewer than two.

    >>> [round(x, 3) for x in mean_interval(np.array([1.0, 2.0, 3.0]))]
    [2.0, -0.484, 4.484]
    """
    mean, half = float(np.mean(differences)), float(half_interval(differences))
    return mean, mean - half, mean + half


def half_interval(draws: Floats) -> Floats:
    """Half of Student's interval of the mean over the first axis, (n, ...) to (...); inf where n is less than two.

    >>> half_interval(np.array([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0]])).round(3).tolist()
    [2.484, 0.0]
    """
    if len(draws) < 2:
        return np.full(np.shape(draws)[1:], np.inf)
    return np.asarray(stats.sem(draws, axis=0) * stats.t.ppf((1 + CONFIDENCE) / 2, len(draws) - 1))


def _mean_of_known(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")
