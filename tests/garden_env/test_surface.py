import numpy as np
import pytest

from garden_env import surface


def _lie(tmean, rain, **given):
    days = len(tmean)
    columns = {
        "et0_mm": np.full(days, 1.0),
        "wind_m_s": np.full(days, 2.0),
        "season_doy": np.full(days, 300),
        "leaves": np.zeros(days),
        "petals_in": np.zeros(days),
    } | given
    tmean = np.asarray(tmean, dtype=np.float64)
    return surface.lie(
        tmean,
        np.asarray(rain, dtype=np.float64),
        surface.snow_share(tmean),
        **columns,
        seep_mm=8.0,
        fresh_mm=np.zeros(len(tmean)),
    )


def test_snow_water_is_kept_until_it_melts():
    rng = np.random.default_rng(0)
    tmean, rain = rng.normal(0, 5, 400), rng.exponential(3, 400)
    ground = _lie(tmean, rain)
    assert ground.rain_mm + ground.snowfall_mm == pytest.approx(rain)
    assert np.cumsum(ground.snowfall_mm - ground.melt_mm) == pytest.approx(ground.swe_mm, abs=1e-9)
    assert np.all(ground.swe_mm >= 0)


def test_half_of_it_is_snow_at_one_degree():
    assert surface.snow_share(np.array([-1.0, 0.0, 1.0, 2.0])) == pytest.approx([1.0, 1.0, 0.5, 0.0])


def test_ten_millimetres_of_snow_water_hide_the_ground():
    assert _lie([-5.0, -5.0, -5.0], [5.0, 5.0, 5.0]).snow_cover == pytest.approx([0.5, 1.0, 1.0])


def test_litter_comes_with_the_leaves_and_rots():
    leaves = np.zeros(300)
    leaves[10:30] = 0.04
    litter = _lie(np.full(300, 8.0), np.zeros(300), leaves=leaves).litter
    assert litter[:10].max() == 0.0
    assert np.argmax(litter) == 29
    assert litter[-1] < 0.1 * litter.max()


def test_petals_last_for_days_only():
    petals_in = np.zeros(60)
    petals_in[5] = 0.3
    petals = _lie(np.full(60, 12.0), np.zeros(60), petals_in=petals_in).petals
    assert petals[5] > 0.2
    assert petals[30] < 0.01


def test_heavy_rain_leaves_puddles_that_dry():
    rain = np.zeros(20)
    rain[3:5] = 25.0
    puddle = _lie(np.full(20, 12.0), rain).puddle
    assert puddle[4] == 1.0
    assert puddle[-1] == 0.0


def test_grass_is_green_in_june_pale_in_frost_and_straw_in_drought():
    days = 120
    snowless = np.zeros(days)
    lush = surface.lawn_green(np.full(days, 18.0), np.ones(days), snowless)[-1]
    frozen = surface.lawn_green(np.full(days, -8.0), np.ones(days), snowless)[-1]
    parched = surface.lawn_green(np.full(days, 25.0), np.zeros(days), snowless)[-1]
    assert lush > 0.9
    assert frozen < 0.2
    assert parched < 0.2
