"""Claims about calibration: what moves it, and what does not."""

import numpy as np
import pytest
import torch

from agent.monitor.calibration import by_class, count, expected_error, overconfidence


def logits(confidence, shape=(1, 1, 1000)):
    """Two classes; says class 0 everywhere, that sure."""
    odds = float(np.log(confidence / (1 - confidence)))
    return torch.stack([torch.full(shape, odds), torch.zeros(shape)], dim=1)


def truth(right, pixels=1000):
    return (np.arange(pixels) >= right * pixels).astype(np.uint8)[None, None]


def test_who_is_as_sure_as_right_has_no_error_and_who_claims_more_has():
    honest, _ = count(logits(0.8), truth(0.8))
    assert expected_error(honest) == pytest.approx(0.0, abs=1e-6)
    boasting, _ = count(logits(0.99), truth(0.8))
    assert expected_error(boasting) == pytest.approx(0.19, abs=1e-6)
    assert overconfidence(boasting) == pytest.approx(0.19, abs=1e-6)
    modest, _ = count(logits(0.6), truth(0.8))
    assert overconfidence(modest) == pytest.approx(-0.2, abs=1e-6)


def test_the_worked_example_of_three_bins():
    """10 pixels at 0.9 of which 9 are right, 10 at 0.7 of which 5, 20 at 0.5 of which 10: (0 + 2 + 0) / 40."""
    assert expected_error(np.array([[10, 9.0, 9], [10, 7.0, 5], [20, 10.0, 10]])) == pytest.approx(0.05, abs=1e-15)


def test_entropy_falls_with_sureness_and_is_the_logarithm_of_two_for_a_coin():
    assert count(logits(0.5), truth(0.5))[1] == pytest.approx(np.log(2), abs=1e-6)
    assert count(logits(0.99), truth(0.5))[1] < 0.06


def test_a_rare_class_cannot_hide_behind_a_common_one():
    """Class 0 is said of 900 pixels, honestly; class 1 of 100, always wrong and quite sure."""
    said = torch.cat([logits(0.9, (1, 1, 900)), logits(0.95, (1, 1, 100)).flip(1)], dim=3)
    there = np.concatenate([(np.arange(900) >= 810).astype(np.uint8), np.zeros(100, np.uint8)])[None, None]
    reliability, _ = count(said, there)
    assert expected_error(reliability) < 0.2
    assert by_class(reliability) == pytest.approx([0.0, 0.95], abs=1e-4)


def test_what_nobody_answered_does_not_count():
    reliability, entropy = count(logits(0.8), np.full((1, 1, 1000), 255, np.uint8))
    assert reliability.sum() == entropy == 0.0
    assert np.isnan(expected_error(reliability))
    half, _ = count(logits(0.8), np.where(np.arange(1000) % 2, truth(0.8), 255).astype(np.uint8))
    assert half[..., 0].sum() == 500


def test_counts_of_two_halves_add_up_to_those_of_the_whole():
    rng = np.random.default_rng(0)
    said, there = torch.from_numpy(rng.normal(size=(4, 5, 8, 8)).astype(np.float32)), rng.integers(0, 5, (4, 8, 8))
    there = there.astype(np.uint8)
    whole, _ = count(said, there)
    halves = count(said[:2], there[:2])[0] + count(said[2:], there[2:])[0]
    np.testing.assert_allclose(whole, halves, atol=1e-9)
    assert whole[..., 0].sum() == there.size
    assert whole[..., 2].sum() == (said.argmax(1).numpy() == there).sum()
