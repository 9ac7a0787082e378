"""Shelf life: what "expired" means, on curves whose answer is known; and survival by its textbook."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.expiry.definition import Expiry, Terms, expiry, smooth
from agent.expiry.survival import apart, survival

WEEKS = np.arange(0, 364, 7)


def test_a_model_that_keeps_its_value_is_censored_at_its_last_tick():
    assert expiry(WEEKS, np.full(52, 0.5), 0.5) == Expiry(357, False)


def test_a_model_that_falls_and_stays_expires_on_the_first_tick_below_the_line():
    assert expiry(WEEKS, np.where(WEEKS < 100, 0.5, 0.44), 0.5) == Expiry(105, True)
    assert expiry(WEEKS, np.where(WEEKS < 100, 0.5, 0.46), 0.5) == Expiry(357, False)  # 92 % of home is not below 90 %


def test_one_bad_day_expires_nothing():
    level = np.full(52, 0.5)
    level[10] = 0.0
    assert not expiry(WEEKS, level, 0.5).expired
    assert not expiry(WEEKS, level, 0.5, Terms(smooth_ticks=1)).expired  # a spell of one tick has no length
    assert expiry(WEEKS, level, 0.5, Terms(smooth_ticks=1, stays_days=0)) == Expiry(70, True, returned_day=77)


def test_spring_brings_a_model_back_and_its_date_stays():
    level = 0.5 + 0.3 * np.cos(2 * np.pi * WEEKS / 364)  # home is 0.8; 0.72 is crossed on days 43.3 and 320.7
    assert expiry(WEEKS, level, 0.8) == Expiry(49, True, returned_day=322)
    twice = expiry(np.arange(0, 728, 7), np.tile(level, 2), 0.8)
    assert twice == Expiry(49, True, returned_day=322)  # the first spell counts, not the last


def test_a_spell_must_last_as_long_as_is_stated():
    level = np.where((WEEKS >= 70) & (WEEKS <= 98), 0.3, 0.5)  # five ticks, four weeks
    assert expiry(WEEKS, level, 0.5, Terms(stays_days=28)) == Expiry(70, True, 105)
    assert expiry(WEEKS, level, 0.5, Terms(stays_days=29)) == Expiry(357, False)


def test_a_spell_that_the_record_breaks_off_is_censored_where_it_began():
    level = np.where(WEEKS >= 350, 0.3, 0.5)
    assert expiry(WEEKS, level, 0.5) == Expiry(350, False)
    assert expiry(WEEKS, level, 0.5, Terms(stays_days=7)) == Expiry(350, True)


def test_ticks_need_not_be_evenly_spaced():
    assert expiry([0, 3, 30, 31, 60], [0.5, 0.5, 0.3, 0.3, 0.3], 0.5) == Expiry(30, True)


@given(st.lists(st.floats(0.01, 1.0), min_size=1, max_size=40), st.floats(0.05, 0.95), st.floats(0.1, 1.0))
def test_a_higher_line_is_never_crossed_later(levels, share, home):
    days = 7 * np.arange(len(levels))
    low, high = (expiry(days, levels, home, Terms(share=s)) for s in (share * 0.9, share))
    assert high.day <= low.day


@given(st.integers(0, 2**32 - 1))
def test_noise_around_a_level_well_above_the_line_expires_nothing(seed):
    level = 0.5 + np.random.default_rng(seed).normal(0, 0.015, 52)
    assert not expiry(WEEKS, level, 0.5).expired


def test_smoothing_leaves_an_edge_where_it_is():
    edge = np.repeat([0.5, 0.2], 10)
    assert (smooth(edge, 3) == edge).all() and (smooth(edge, 1) == edge).all()


@pytest.mark.parametrize(
    ("days", "levels", "home", "says"),
    [
        ([0, 7], [0.5], 0.5, "one of each"),
        ([], [], 0.5, "at least one"),
        ([7, 0], [0.5, 0.5], 0.5, "ascending"),
        ([0, 7], [0.5, np.nan], 0.5, "day 7"),
        ([0, 7], [0.5, 0.5], 0.0, "home value"),
        ([0, 7], [0.5, 0.5], np.nan, "home value"),
    ],
)
def test_what_is_no_curve_is_refused(days, levels, home, says):
    with pytest.raises(ValueError, match=says):
        expiry(days, levels, home)


@pytest.mark.parametrize("wrong", [{"share": 1.0}, {"share": 0.0}, {"stays_days": -1}, {"smooth_ticks": 2}])
def test_terms_that_mean_nothing_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong)).replace("_", "-")):
        Terms(**wrong)


# Remission of leukaemia [weeks], Freireich et al. 1963, in Klein & Moeschberger 2003, table 4.1A and example 4.2 f.
TREATED = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def test_survival_of_the_textbook():
    found = survival(TREATED, [bool(x) for x in RELAPSED])
    steps = dict(zip(found.times.tolist(), found.left.round(4).tolist(), strict=True))
    assert [steps[t] for t in (6, 7, 10, 13, 16, 22, 23)] == [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    assert (found.worlds, found.expired, found.median, found.median_low, found.median_high) == (21, 9, 23, 13, None)
    assert round(found.mean, 2) == 23.29  # 23.3 with a standard error of 2.83 there
    assert round((found.mean_high - found.mean) / 1.959964, 2) == 2.83


def test_without_censoring_the_restricted_mean_is_the_mean():
    found = survival(PLACEBO, [True] * 21)
    assert found.mean == pytest.approx(np.mean(PLACEBO))
    assert (found.median_low, found.median, found.median_high) == (4, 8, 11)
    half = survival(PLACEBO, [True] * 21, until=8.0)
    assert half.mean == pytest.approx(np.minimum(PLACEBO, 8).mean())


def test_censoring_moves_the_curve_and_nothing_expired_leaves_it_whole():
    assert survival([5, 5, 9], [True, False, False]).mean > survival([5, 5, 9], [True, True, False]).mean
    whole = survival([5, 6], [False, False])
    assert whole.median is None and whole.mean == 6 and (whole.left == 1).all()
    assert whole.mean_low is None  # where nothing expired, nothing shows how far it might be off
    assert survival([5], [True]).median == 5 and survival([5], [True]).mean_high is None


def test_the_log_rank_test_tells_the_textbook_groups_apart_and_not_a_group_from_itself():
    treated = (TREATED, [bool(x) for x in RELAPSED])
    assert apart(treated, (PLACEBO, [True] * 21)) == pytest.approx(4.2e-5, rel=0.01)  # chi2 16.8
    assert apart(treated, treated) == pytest.approx(1.0)
    assert apart(([5.0], [False]), ([4.0], [False])) is None
    assert apart(([5.0], [True]), ([4.0], [False])) is None  # the only one left at risk


def test_what_is_no_sample_is_refused():
    for times, expired, says in (([], [], "at least one"), ([1, 2], [True], "one of each"), ([-1], [True], "0")):
        with pytest.raises(ValueError, match=says):
            survival(times, expired)
