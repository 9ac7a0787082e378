"""Ranks, intervals and interquartile means on made-up rows, whose answers are known."""

import numpy as np
import pytest
from scipy import stats

from agent.ranking import iqm, iqm_interval, mean_interval, rank, shared_worlds, stratified

WORLDS = (("a", "cold"), ("b", "mild"), ("c", "cold"), ("d", "mild"), ("e", "cold"))
LEVELS = np.array([0.30, 0.50, 0.40, 0.60, 0.20])  # worlds differ far more than recipes


def rows_of(**ahead):
    """Rows of recipes that are so far ahead of the level of each world."""
    told = {"miou_end": 0.5, "gap_life": 0.5, "gap_end": None, "forgetting": 0.01, "forgetting_noise": 0.02}
    told |= {"flops": 1e9, "memory_bytes": 1000}
    return [
        told
        | {"recipe": recipe, "place": world, "climate": climate}
        | {"miou_life": float(level + more), "plasticity_gap": 0.1 if world == "a" else None}
        for recipe, by in ahead.items()
        for (world, climate), level, more in zip(WORLDS, LEVELS, np.broadcast_to(by, 5), strict=True)
    ]


def test_the_interquartile_mean_is_that_of_the_middle_half():
    assert float(iqm(np.array([4.0, 1.0, 2.0, 3.0, 90.0, -7.0, 5.0, 6.0]))) == pytest.approx((2 + 3 + 4 + 5) / 4)
    scores = np.random.default_rng(0).random((3, 11))
    np.testing.assert_allclose(iqm(scores), [stats.trim_mean(row, 0.25) for row in scores])


def test_a_bootstrap_keeps_to_its_strata():
    climates = [climate for _, climate in WORLDS]
    picks = stratified(climates, np.random.default_rng(0), 500)
    assert picks.shape == (500, 5)
    assert all(climates[int(pick)] == climates[i] for row in picks for i, pick in enumerate(row))
    assert len({tuple(row) for row in picks}) > 50
    assert iqm_interval(np.full(5, 0.4), picks) == pytest.approx((0.4, 0.4, 0.4))
    middle, low, high = iqm_interval(LEVELS, picks)
    assert middle == pytest.approx(0.4) and LEVELS.min() <= low < middle < high <= LEVELS.max()


def test_the_interval_of_a_paired_difference_is_students():
    differences = np.array([0.01, 0.03, 0.02, 0.05, 0.04])
    mean, low, high = mean_interval(differences)
    expected = stats.ttest_1samp(differences, 0.0).confidence_interval(0.95)
    assert (mean, low, high) == pytest.approx((0.03, expected.low, expected.high))
    assert mean_interval(differences[:1])[1:] == (-np.inf, np.inf)


def test_what_is_clearly_better_in_pairs_ranks_first_though_worlds_differ_more():
    noise = np.array([0.001, -0.001, 0.0, 0.001, -0.001])
    lines = rank(rows_of(frozen=-0.03 + noise, finetune=0.0, er=0.02 + noise))
    assert [(line.recipe, line.ranks) for line in lines] == [("er", (1, 1)), ("finetune", (2, 2)), ("frozen", (3, 3))]
    by_name = {line.recipe: line for line in lines}
    assert by_name["finetune"].ahead is None
    assert by_name["er"].ahead == pytest.approx(mean_interval(0.02 + noise))
    assert by_name["er"].life[0] == pytest.approx(stats.trim_mean(LEVELS + 0.02 + noise, 0.25))
    assert by_name["er"].others["plasticity_gap"] == pytest.approx(0.1)
    assert np.isnan(by_name["er"].others["gap_end"])


def test_ranks_whose_differences_may_be_nothing_are_shared():
    wavering = np.array([0.05, -0.05, 0.04, -0.04, 0.01])
    lines = rank(rows_of(finetune=0.0, er=0.1, ewc=0.1 + wavering))
    assert [(line.recipe, line.ranks) for line in lines] == [("ewc", (1, 2)), ("er", (1, 2)), ("finetune", (3, 3))]


def test_one_between_two_may_tie_with_one_that_its_equal_beats():
    """a > c for certain; b ties with a and with c, and may be anything."""
    wide = np.array([0.03, -0.03, 0.02, -0.02, 0.0])
    lines = rank(rows_of(a=0.02, b=0.01 + wide, c=0.0))
    assert [(line.recipe, line.ranks) for line in lines] == [("a", (1, 2)), ("b", (1, 3)), ("c", (2, 3))]


def test_a_table_is_of_the_worlds_that_all_have_lived():
    rows = rows_of(finetune=0.0, er=0.01)
    assert shared_worlds(rows[:-2]) == ["a", "b", "c"]
    assert rank(rows[:-2])[0].life[0] == pytest.approx(0.41)
    with pytest.raises(ValueError, match="'ewc' has lived in 1"):
        shared_worlds([*rows_of(er=0.0)[:2], {"recipe": "ewc", "place": "z"}])
