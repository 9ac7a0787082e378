"""Claims about forgetting over a life, and about the part of it that is noise."""

import numpy as np
import pytest

from agent.monitor.stability import best_minus_now, forgetting_over_life, jitter, smooth

TICKS, PHASES = 66, 4
SINCE = np.zeros(PHASES, dtype=int)
PAST = np.ones((TICKS, PHASES), dtype=bool)


def measure(scores, seed=0):
    result = forgetting_over_life(scores, SINCE, PAST, np.random.default_rng(seed))
    assert result is not None
    return result


def test_a_raw_running_maximum_measures_noise():
    scores = 0.6 + 0.04 * np.random.default_rng(1).standard_normal((TICKS, 200))
    raw = scores.max(axis=0) - scores[-1]
    assert 0.08 < raw.mean() < 0.10  # the sheet's eight to nine points for a learner that never forgets


def test_what_noise_alone_explains_is_estimated_from_one_life():
    rng = np.random.default_rng(2)
    lives = [0.6 + 0.02 * rng.standard_normal((TICKS, PHASES)) for _ in range(24)]
    told = [measure(life) for life in lives]
    measured, expected = (np.mean([getattr(t, key) for t in told]) for key in ("mean", "noise_mean"))
    assert expected == pytest.approx(measured, rel=0.2)
    assert np.mean([t.noise_worst for t in told]) == pytest.approx(np.mean([t.worst for t in told]), rel=0.2)


def test_noise_that_lingers_is_still_noise():
    rng = np.random.default_rng(3)
    told = []
    for _ in range(20):
        shocks = 0.012 * rng.standard_normal((TICKS, PHASES))
        life = np.zeros_like(shocks)
        for t in range(1, TICKS):
            life[t] = 0.5 * life[t - 1] + shocks[t]
        told.append(measure(0.6 + life))
    assert 0.5 < np.mean([t.noise_mean for t in told]) / np.mean([t.mean for t in told]) < 1.2


def test_a_learner_that_forgets_shows_it_beyond_noise():
    fall = np.linspace(0, 0.3, TICKS)[:, None] * np.array([1, 0.5, 0, 0])
    told = measure(0.7 - fall + 0.01 * np.random.default_rng(4).standard_normal((TICKS, PHASES)))
    assert told.worst == pytest.approx(0.3, abs=0.04)
    assert told.worst_phase == 0
    assert told.mean - told.noise_mean > 0.08
    assert told.noise_mean < 0.04


def test_a_model_that_never_changes_forgets_nothing_and_has_no_noise():
    told = measure(np.full((TICKS, PHASES), 0.4))
    assert (told.mean, told.worst) == (0, 0)
    assert told.noise_mean == pytest.approx(0, abs=1e-12)


def test_a_learner_that_only_improves_has_forgotten_nothing():
    told = measure(np.linspace(0.3, 0.7, TICKS)[:, None].repeat(PHASES, axis=1))
    assert told.mean == 0


def test_one_lucky_exam_is_not_a_best_score():
    scores = np.full((TICKS, PHASES), 0.5)
    scores[10] = 0.9
    assert measure(scores).mean == 0


def test_a_best_score_from_before_the_phase_was_lived_does_not_count():
    scores = np.full((TICKS, 1), 0.5)
    scores[:20] = 0.8
    late = best_minus_now(scores, np.array([30]), np.ones((TICKS, 1), dtype=bool))
    assert late[-1, 0] == 0
    assert best_minus_now(scores, np.array([0]), np.ones((TICKS, 1), dtype=bool))[-1, 0] == pytest.approx(0.3)


def test_smoothing_never_looks_ahead():
    scores = np.random.default_rng(5).random((20, 3))
    np.testing.assert_array_equal(smooth(scores)[:12], smooth(scores[:12]))


def test_jitter_keeps_the_size_of_white_noise_and_drops_a_trend():
    rng = np.random.default_rng(6)
    noise = 0.02 * rng.standard_normal((400, 20))
    trend = np.linspace(0.2, 0.9, 400)[:, None]
    assert jitter(noise + trend).std() == pytest.approx(0.02, rel=0.03)


def test_nothing_is_said_while_no_phase_is_past():
    assert (
        forgetting_over_life(np.ones((5, 2)), np.zeros(2, int), np.zeros((5, 2), bool), np.random.default_rng(0))
        is None
    )


@pytest.mark.parametrize("ticks", [1, 2, 3, 4, 5, 6, 8])
def test_a_short_life_is_measured_without_fuss(ticks):
    rng = np.random.default_rng(ticks)
    told = forgetting_over_life(rng.random((ticks, 2)), np.zeros(2, int), np.ones((ticks, 2), bool), rng)
    assert told is not None
    assert 0 <= told.mean <= told.worst
