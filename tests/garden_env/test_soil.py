import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from garden_env import soil
from scenarios.tables import SOILS, SPECIES

ALL = tuple(SPECIES)


def _year(rng, gardens=3):
    """A year of rain, reference evapotranspiration and crop coefficients, and of irrigation."""
    rain = np.where(rng.random(365) < 0.3, rng.gamma(0.8, 8.0, 365), 0.0)
    et0 = 3 + 2.5 * np.sin(np.arange(365) / 58) + rng.normal(0, 0.3, 365)
    kc = rng.uniform(0.2, 1.2, (365, len(ALL)))
    water = rain[:, None, None] + rng.uniform(0, 6, (365, gardens, len(ALL))) * (rng.random((365, gardens, 1)) < 0.2)
    return rain, np.maximum(et0, 0), kc, water


@pytest.mark.parametrize("ground", SOILS)
def test_water_is_neither_created_nor_lost(ground):
    _, et0, kc, water = _year(np.random.default_rng(1))
    zone = soil.root_zone(ALL, ground)
    depletion = first = np.tile(zone.taw_mm * 0.3, (3, 1))
    skin = skin_first = np.zeros((3, len(ALL)))
    came, used, drained, evaporated, skin_drained = (np.zeros((3, len(ALL))) for _ in range(5))
    for d in range(365):
        flux = soil.day(zone, depletion, skin, water[d], et0[d], kc[d])
        depletion, skin = flux.depletion_mm, flux.skin_mm
        came += water[d]
        used += flux.used_mm
        drained += flux.drained_mm
        evaporated += flux.evaporated_mm
        skin_drained += flux.skin_drained_mm
    assert depletion - first == pytest.approx(used + drained - came, abs=1e-9)
    assert skin - skin_first == pytest.approx(evaporated + skin_drained - came, abs=1e-9)


@given(st.integers(0, 10_000), st.sampled_from(list(SOILS)))
@settings(max_examples=30, deadline=None)
def test_buckets_stay_between_empty_and_full(seed, ground):
    rng = np.random.default_rng(seed)
    zone = soil.root_zone(ALL, ground)
    depletion, skin = zone.taw_mm * rng.random(len(ALL)), zone.tew_mm * rng.random(len(ALL))
    flux = soil.day(zone, depletion, skin, rng.exponential(5), rng.uniform(0, 12), rng.uniform(0, 1.3, len(ALL)))
    assert np.all((flux.depletion_mm >= 0) & (flux.depletion_mm <= zone.taw_mm + 1e-9))
    assert np.all((flux.skin_mm >= 0) & (flux.skin_mm <= zone.tew_mm + 1e-9))
    assert np.all((flux.ks >= 0) & (flux.ks <= 1))
    assert np.all((flux.used_mm >= 0) & (flux.drained_mm >= 0) & (flux.evaporated_mm >= 0))


def test_turf_holds_what_the_reference_says():
    # Readily available water of turf: 24 mm in sandy loam, 32 mm in loam.
    for ground, raw_mm in (("sandy_loam", 24.0), ("loam", 32.0)):
        zone = soil.root_zone(["lawn"], ground)
        assert zone.taw_mm * zone.p_table == pytest.approx(raw_mm)


def test_stress_starts_where_easy_water_ends_and_is_full_when_all_is_gone():
    assert soil.stress([0.0, 40.0, 60.0, 80.0], 80.0, 0.5) == pytest.approx([1.0, 1.0, 0.5, 0.0])


def test_thirsty_days_leave_less_easy_water():
    assert soil.easy_share(0.5, [5.0, 10.0, 0.0, 50.0]) == pytest.approx([0.5, 0.3, 0.7, 0.1])


def test_a_wanted_stress_can_be_set():
    zone = soil.root_zone(ALL, "loam")
    for ks in (1.0, 0.5, 0.2, 0.0):
        assert soil.stress(soil.depletion_for(ks, zone), zone.taw_mm, zone.p_table) == pytest.approx(ks)


def test_unwatered_lettuce_wilts_within_days_and_a_tree_does_not():
    zone = soil.root_zone(["lettuce", "apple"], "loam")
    depletion, skin = np.zeros(2), np.zeros(2)
    for _ in range(12):
        flux = soil.day(zone, depletion, skin, 0.0, 5.0, np.array([1.0, 0.95]))
        depletion, skin = flux.depletion_mm, flux.skin_mm
    assert flux.ks[0] < soil.WILTED_KS
    assert flux.ks[1] == 1.0


def test_watering_ends_stress_at_once_and_the_surplus_drains():
    depletion, drained = soil.absorb(np.array([30.0, 2.0]), 10.0)
    assert depletion == pytest.approx([20.0, 0.0])
    assert drained == pytest.approx([0.0, 8.0])


def test_rain_darkens_the_ground_and_sun_dries_it():
    zone = soil.root_zone(["lawn"], "loam")
    skin, seen = np.zeros(1), []
    for _ in range(15):
        seen.append(float(soil.wetness(skin, zone.tew_mm)[0]))
        skin = soil.day(zone, 0.0, skin, 0.0, 4.0, 1.0).skin_mm
    assert seen[0] == 1.0
    assert np.all(np.diff(seen) < 0)
    assert seen[-1] < 0.1


def test_the_compiled_years_are_the_days_in_turn():
    rain, et0, kc, _ = _year(np.random.default_rng(2))
    zone = soil.root_zone(ALL, "clay_loam")
    fast_depletion, fast_skin = soil.unwatered(zone, rain, et0, kc)
    depletion, skin = np.zeros(len(ALL)), np.zeros(len(ALL))
    for d in range(365):
        flux = soil.day(zone, depletion, skin, rain[d], et0[d], kc[d])
        depletion, skin = flux.depletion_mm, flux.skin_mm
        assert fast_depletion[d] == pytest.approx(depletion, abs=1e-9)
        assert fast_skin[d] == pytest.approx(skin, abs=1e-9)
