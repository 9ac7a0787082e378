"""Claims about the measures of a life: worked examples to the last digit, and what moves each of them."""

import numpy as np
import pytest

from agent.monitor.anytime import (
    average_anytime,
    backward_transfer_by_phase,
    forward_transfer_by_phase,
    lowest_since_visit,
    worst_case_by_tick,
)
from agent.monitor.frames import drawn_again, hits_and_unions, pack, unpack
from agent.monitor.gaps import stability_gap
from agent.monitor.metrics import mean_iou
from agent.monitor.prequential import FadedMean, Prior
from agent.monitor.recovery import recover, restricted_mean_days
from agent.monitor.recurrence import phase_regret, savings
from agent.monitor.thinning import thinned
from agent.monitor.windows import windowed_forgetting, windowed_plasticity

TASKS = np.array([[0.90, 0.10, 0.10], [0.70, 0.95, 0.20], [0.60, 0.80, 0.90]])  # the sheet's worked example
SEEN = np.tril(np.ones((3, 3), dtype=bool))
FLAT = np.full((12, 2), 0.7)


def test_with_a_tick_at_the_end_of_every_task_the_measures_are_those_of_the_literature():
    assert round(average_anytime(TASKS, SEEN), 4) == 0.8306  # AIA: the tick version at equal weights
    assert np.nanmean(backward_transfer_by_phase(TASKS, np.array([0, 1, -1]))) == pytest.approx(-0.225, abs=1e-12)
    assert np.nanmean(forward_transfer_by_phase(TASKS, np.array([-1, 0, 1]), 0.1)) == pytest.approx(0.05, abs=1e-12)


def test_the_stability_gap_of_the_sheet_shows_in_the_minimum_and_not_in_the_end():
    scores = np.array([[0.90, 0.1], [0.50, 0.5], [0.60, 0.7], [0.80, 0.9], [0.85, 0.95]])
    past = np.array([[False, False]] + [[True, False]] * 4)
    low, worst = worst_case_by_tick(scores, past, np.array([0, 1, 1, 1, 1]))
    assert (low[-1], round(worst[-1], 4)) == (0.5, 0.725)
    assert np.isnan(low[0])
    assert scores[-1].mean() == pytest.approx(0.90)


def test_a_minimum_begins_anew_when_its_season_was_at_hand_again():
    marks = np.array([[0.9], [0.4], [0.9], [0.8]])
    past = np.array([[False], [True], [False], [True]])
    assert lowest_since_visit(marks, past)[3, 0] == 0.8
    past[2] = True
    assert lowest_since_visit(marks, past)[3, 0] == 0.4


def test_what_never_changes_moves_no_measure():
    days = np.arange(12) * 10
    assert average_anytime(FLAT, np.ones((12, 2), bool)) == pytest.approx(0.7)
    assert windowed_forgetting(FLAT, days, 50).tolist() == windowed_plasticity(FLAT, days, 50).tolist() == [0.0, 0.0]
    assert backward_transfer_by_phase(FLAT, np.array([3, 4])).tolist() == [0.0, 0.0]
    assert forward_transfer_by_phase(FLAT, np.array([3, 4]), FLAT[0]).tolist() == [0.0, 0.0]
    assert phase_regret(days, FLAT[:, 0], FLAT[:, 1]) == (0.0, 0.0)
    gap = stability_gap(days, FLAT[:, 0])
    assert (gap.depth, gap.days, gap.is_gap, gap.censored) == (0.0, 0.0, False, False)
    told = recover(days, FLAT[:, 0], level=0.7)
    assert (told.depth, told.days, told.area, told.censored) == (0.0, 0.0, 0.0, False)


def test_the_average_at_any_time_counts_a_tick_for_the_days_that_it_stands_for():
    scores, seen = np.array([[0.2], [0.8]]), np.ones((2, 1), bool)
    assert average_anytime(scores, seen) == pytest.approx(0.5)
    assert average_anytime(scores, seen, [1.0, 3.0]) == pytest.approx(0.65)
    assert np.isnan(average_anytime(scores, np.zeros((2, 1), bool)))


def test_windows_see_a_fall_only_if_it_is_quick_enough():
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    assert windowed_forgetting(scores, np.arange(5), 1) == pytest.approx(0.1)
    assert windowed_forgetting(scores, np.arange(5), 4) == pytest.approx(0.4)
    assert windowed_forgetting(scores, np.arange(5) * 10, 20) == pytest.approx(0.2)
    assert windowed_plasticity(scores, np.arange(5), 4) == 0.0
    assert np.isnan(windowed_forgetting(scores, np.arange(5) * 10, 5))
    with pytest.raises(ValueError, match="times must rise"):
        windowed_forgetting(scores, [0, 1, 1, 2, 3], 2)


def test_windows_agree_with_looking_at_every_pair():
    rng = np.random.default_rng(0)
    scores, times = rng.random((40, 3)), np.cumsum(rng.integers(1, 9, 40))
    for width in (3, 20, 100):
        pairs = [scores[i] - scores[j] for i in range(40) for j in range(i + 1, 40) if times[j] - times[i] <= width]
        np.testing.assert_allclose(windowed_forgetting(scores, times, width), np.maximum(np.max(pairs, axis=0), 0))
        rises = np.maximum(np.max(np.negative(pairs), axis=0), 0)
        np.testing.assert_allclose(windowed_plasticity(scores, times, width), rises)


def test_a_gap_comes_back_and_forgetting_does_not():
    gap = stability_gap([0, 1, 2, 3], [0.9, 0.6, 0.8, 0.9])
    assert (round(gap.depth, 4), gap.days, gap.is_gap) == (0.3, 3.0, True)
    lost = stability_gap([0, 1, 2, 3], [0.9, 0.6, 0.6, 0.6])
    assert (lost.censored, lost.is_gap, lost.days) == (True, False, 3.0)
    with pytest.raises(ValueError, match="two ticks"):
        stability_gap([0], [0.9])


def test_one_lucky_tick_is_no_recovery():
    assert recover(range(6), [0.4, 0.9, 0.4, 0.9, 0.9, 0.9], level=0.9).days == 3
    assert recover(range(6), [0.4, 0.9, 0.4, 0.9, 0.9, 0.9], level=0.9, hold_ticks=1).days == 1


def test_what_never_came_back_is_told_as_longer_than_it_was_watched_and_counts_in_the_mean():
    told = recover([0, 10, 20], [0.4, 0.4, 0.4], level=0.8)
    assert (str(told), told.censored, round(told.area, 6)) == ("> 20 d", True, 8.0)
    assert restricted_mean_days([10, 20], [False, False], 20) == 15
    assert restricted_mean_days([10, 20], [False, True], 20) == 15
    assert restricted_mean_days([10, 20], [True, False], 20) == 20  # dropping the first would say 20, counting it 15
    assert restricted_mean_days([5, 5, 30], [False, False, True], 30) == pytest.approx(5 + 25 / 3)
    assert np.isnan(restricted_mean_days([], [], 10))


def test_who_kept_something_saves_time_when_a_season_returns():
    days, first = [0, 10, 20, 30], [0.4, 0.5, 0.6, 0.8]
    kept, anew = savings(days, first, days, [0.8] * 4), savings(days, first, days, first)
    assert kept is not None and anew is not None
    assert (kept.share, anew.share) == (1.0, 0.0)
    assert (kept.first_mark, kept.again_mark) == (0.4, 0.8)
    never = savings(days, first, days, [0.3] * 4)
    assert never is not None and never.share is None and str(never.again) == "> 30 d"
    assert savings(days, [0.8] * 4, days, first).share is None  # there at once: nothing to be saved
    assert savings([0], [0.4], days, first) is None


def test_regret_is_the_area_below_the_reference_alone():
    assert phase_regret([0, 10, 20], [0.9, 0.5, 0.5], [0.7, 0.7, 0.7]) == pytest.approx((3.0, 0.15))
    assert all(np.isnan(phase_regret([0], [0.9], [0.9])))


def test_a_faded_mean_is_that_of_its_source():
    """Gama et al. 2013: S <- L + a S, N <- 1 + a N; losses 1, 0, 1 with a = 0.9."""
    mean = FadedMean(fading=0.9)
    values = [mean.take(loss) for loss in (1.0, 0.0, 1.0)]
    assert values == pytest.approx([1.0, 0.9 / 1.9, (1 + 0.81) / (1 + 0.9 + 0.81)], abs=1e-15)
    steady = FadedMean()
    assert [steady.take(0.5, frames=7) for _ in range(3)] == pytest.approx([0.5] * 3)
    blocks = FadedMean(fading=0.9)
    blocks.take(1.0, frames=2)
    blocks.take(0.0)
    singly = FadedMean(fading=0.9)
    assert [singly.take(loss) for loss in (1.0, 1.0, 0.0)][-1] == blocks.total / blocks.weight


def test_the_blind_guesser_says_what_was_there_most_often_and_never_looks():
    prior = Prior(3)
    truth = np.array([[[0, 2]], [[0, 2]], [[1, 255]]], np.uint8)
    assert prior.guess(truth).max() == 0
    prior.see(truth)
    assert prior.guess(truth[:1]).tolist() == [[[0, 2]]]
    prior.see(np.ones((5, 1, 2), np.uint8))
    assert prior.guess(truth[:1]).tolist() == [[[1, 1]]]


def frames(right, rng, count=12):
    """(n, C, C) confusions with a share of right pixels that varies between frames."""
    shares = np.clip(right + rng.normal(0, 0.08, (count, 1)), 0, 1)
    hits = np.round(100 * shares).astype(int)
    confusion = np.zeros((count, 2, 2), int)
    confusion[:, 0, 0], confusion[:, 1, 1] = hits[:, 0], hits[:, 0]
    confusion[:, 0, 1], confusion[:, 1, 0] = 100 - hits[:, 0], 100 - hits[:, 0]
    return confusion


def test_single_frames_are_kept_to_the_last_pixel_and_give_the_pooled_mark():
    confusion = np.random.default_rng(1).integers(0, 90_000, (3, 5, 4, 4))
    counts = hits_and_unions(confusion)
    assert np.array_equal(unpack(pack(counts)), counts)
    assert pack(counts)["type"] == "<u4" and pack(counts % 1000)["type"] == "<u2"
    pooled = counts.sum(1)
    np.testing.assert_allclose((pooled[..., 0] / pooled[..., 1]).mean(-1), mean_iou(confusion.sum(1)))


def test_an_interval_leaves_out_zero_only_where_something_was_lost():
    rng, both = np.random.default_rng(3), np.array([True, True])
    before = frames(0.9, rng)
    same = drawn_again(hits_and_unions(before), hits_and_unions(before), both, np.random.default_rng(0))
    assert same == (0.0, 0.0)
    waver = drawn_again(*(hits_and_unions(frames(0.8, rng)) for _ in range(2)), both, np.random.default_rng(0))
    assert waver[0] < 0 < waver[1]
    worse = drawn_again(hits_and_unions(before), hits_and_unions(frames(0.6, rng)), both, np.random.default_rng(0))
    assert 0.2 < worse[0] < worse[1]


def test_pairing_frames_makes_the_interval_narrower():
    rng, both = np.random.default_rng(3), np.array([True, True])
    before = frames(0.8, rng)
    after = before.copy()  # every frame loses the same: only how hard frames are varies
    after[:, 0, 0] -= 10
    after[:, 0, 1] += 10
    paired = drawn_again(hits_and_unions(before), hits_and_unions(after), both, np.random.default_rng(0))
    apart = drawn_again(hits_and_unions(before), hits_and_unions(after[::-1]), both, np.random.default_rng(0))
    assert paired[0] > 0
    assert paired[1] - paired[0] < 0.5 * (apart[1] - apart[0])


def test_thinning_keeps_every_peak_and_trough_and_all_of_the_present():
    rng = np.random.default_rng(0)
    marks = 0.7 + 0.01 * rng.random(1000)
    marks[123], marks[321] = 0.1, 0.99
    kept = thinned(marks, limit=999)
    assert len(kept) < 999
    assert {0, 123, 321, 999} <= set(kept.tolist())
    assert set(range(500, 1000)) <= set(kept.tolist())
    assert thinned(marks, limit=1000).tolist() == list(range(1000))
