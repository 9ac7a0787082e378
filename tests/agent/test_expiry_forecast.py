"""Best before: forecasts from signals alone, on made-up worlds whose truth is known."""

import json
from dataclasses import replace

import numpy as np
import pytest

from agent.expiry.best_before import Forecaster, conformal, days_left, fit
from agent.expiry.curves import Curve
from agent.expiry.definition import Terms
from agent.expiry.scoring import Score, by_counting, by_signals, judged, never_warns, score, warned_on
from agent.expiry.signals import SIGNALS

TERMS = Terms()
LEFT_DAY = 21


def curve(seed: int, *, noise: float = 0.05, life: float | None = None) -> Curve:
    """A model that wears out in a line, and signals that say so with some noise."""
    rng = np.random.default_rng(seed)
    life = rng.uniform(100, 300) if life is None else life
    days = np.arange(LEFT_DAY, 456, 7)
    share = 1.0 - 0.1 * (days - LEFT_DAY) / life  # crosses 90 % after `life` days
    worn = (1.0 - share) * 10.0
    signals = {name: (worn * (k + 1) + rng.normal(0, noise, len(days))).tolist() for k, name in enumerate(SIGNALS)}
    competence = (0.5 * share + rng.normal(0, 1e-4, len(days))).tolist()
    return Curve(
        "frozen", "humid", None, "humid", seed, "2030-04-10", LEFT_DAY, [0.5], days.tolist(), competence, signals
    )


@pytest.fixture(scope="module")
def forecaster() -> Forecaster:
    return fit([curve(s) for s in range(500, 515)], [curve(s) for s in range(515, 535)], TERMS)


def test_intervals_cover_what_they_state_in_new_worlds(forecaster):
    found = score([curve(s) for s in range(300, 360)], by_signals(forecaster), TERMS, forecaster.horizon_days)
    assert found.coverage is not None and found.coverage >= forecaster.coverage - 0.05
    assert found.width_days is not None and found.width_days < forecaster.horizon_days  # and not by saying nothing


def test_signals_foresee_what_counting_days_cannot(forecaster):
    reported = [curve(s) for s in range(300, 330)]
    seen, blind, silent = (
        score(reported, foresee, TERMS, forecaster.horizon_days)
        for foresee in (by_signals(forecaster), by_counting(forecaster), never_warns(forecaster))
    )
    assert seen.error_days < 0.6 * blind.error_days
    assert seen.timely > 20 and seen.lead_days > 0 and seen.missed == 0
    assert blind.false + blind.late > seen.false + seen.late
    assert silent.timely == silent.false == 0 and silent.missed == silent.expired == 30
    assert silent.coverage == 1.0 and silent.width_days == forecaster.horizon_days  # covers all, and says nothing


def test_signals_that_mean_nothing_make_wide_intervals(forecaster):
    rng = np.random.default_rng(0)
    noise = [
        replace(one, signals={name: rng.normal(size=len(one.days)).tolist() for name in SIGNALS})
        for one in map(curve, range(500, 535))
    ]
    blind = fit(noise[:15], noise[15:], TERMS)
    assert blind.error_days > 1.4 * forecaster.error_days


def test_a_forecast_knows_neither_date_nor_truth(forecaster):
    one = curve(300)
    later = replace(one, days=[day + 1000 for day in one.days], competence=[0.0] * len(one.days))
    foresee = by_signals(forecaster)
    assert (foresee(one).days_left == foresee(later).days_left).all()


def test_a_forecast_uses_nothing_that_comes_later(forecaster):
    one = curve(300)
    noticed = one.noticed(forecaster.signals)
    whole = forecaster.forecast(one.days, noticed).days_left
    assert np.allclose(forecaster.forecast(one.days[:20], noticed[:20]).days_left, whole[:20])


def test_fitting_twice_gives_the_same_and_a_file_keeps_it(forecaster, tmp_path):
    again = fit([curve(s) for s in range(500, 515)], [curve(s) for s in range(515, 535)], TERMS)
    assert again == forecaster
    forecaster.save(tmp_path / "best_before.json")
    assert Forecaster.load(tmp_path / "best_before.json") == forecaster


def test_the_truth_of_a_censored_curve_ends_where_nobody_knows():
    left, known = days_left(curve(1, life=5000.0), TERMS, 120.0)
    assert (left[known] == 120.0).all() and known[0] and not known[-1]
    left, known = days_left(curve(1, life=100.0), TERMS, 120.0, alive_only=True)
    assert (left[known] > 0).all() and known.sum() == pytest.approx(100 / 7, abs=2)


def test_each_world_weighs_the_same_in_an_interval():
    talkative, others = np.full(1000, 50.0), [np.array([1.0]), np.array([2.0]), np.array([3.0]), np.array([4.0])]
    assert conformal([talkative, *others], 0.66, most=99.0) == 4.0
    assert conformal([*others, np.zeros(0)], 0.8, most=99.0) == 4.0  # a world without ticks says nothing
    assert conformal([np.array([1.0])] * 3, 0.8, most=99.0) == 99.0  # three worlds cannot promise 80 %


def test_hierarchical_conformal_covers_a_tick_of_a_new_world():
    rng, inside = np.random.default_rng(0), []
    for _ in range(400):
        worlds = [np.abs(rng.normal(0, rng.uniform(0.5, 2.0), rng.integers(1, 30))) for _ in range(10)]
        inside.append(worlds[-1][0] <= conformal(worlds[:-1], 0.8, most=1e9))
    assert 0.76 <= np.mean(inside) <= 0.9


def test_warnings_are_judged_by_their_lead():
    assert judged(100, 160, True) == ("timely", 60) and judged(100, 161, True) == ("false", None)
    assert judged(100, 100, True) == ("late", 0)


def test_nobody_can_be_fitted_and_scored_in_one_world():
    with pytest.raises(ValueError, match="other worlds"):
        fit([curve(500)], [curve(500)], TERMS)
    with pytest.raises(ValueError, match="at least one of each"):
        fit([curve(500)], [], TERMS)


def test_a_file_that_holds_no_forecaster_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="--calibrate"):
        Forecaster.load(tmp_path / "none.json")
    file = tmp_path / "other.json"
    for text in ("{", "[]", json.dumps({"signals": []})):
        file.write_text(text)
        with pytest.raises(ValueError, match="no forecaster"):
            Forecaster.load(file)


def test_without_worlds_that_say_anything_a_score_says_so(forecaster):
    one = curve(300, life=5000.0)
    short = replace(one, days=one.days[:5], competence=one.competence[:5],
                    signals={name: values[:5] for name, values in one.signals.items()})  # fmt: skip
    found = score([short], by_signals(forecaster), TERMS, forecaster.horizon_days)
    assert isinstance(found, Score) and found.coverage is None and found.expired == 0
    assert warned_on(short.days, never_warns(forecaster)(short)) is None


def test_the_forecaster_that_ships_was_fitted_where_nothing_is_reported():
    shipped = Forecaster.load()
    assert all(int(world.split()[-1]) >= 500 for world in shipped.worlds) and shipped.conditions
    assert (shipped.share, shipped.stays_days) == (TERMS.share, TERMS.stays_days)
    assert 0.0 < shipped.error_days < shipped.horizon_days
