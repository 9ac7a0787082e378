"""What the probe in the nose tells of rain, and of what the air asks for."""

import pytest

from agent.rain_gauge import BRIMFUL_SHARE, DEMAND_MM, READY, SKIN_MM, RainGauge, asked, dried


def after_drying(asked_mm: float, days: int) -> tuple[RainGauge, float]:
    """A gauge that was read daily while the air asked for so much, and the last wetness."""
    gauge, wetness = RainGauge(), 1.0
    for day in range(1, days + 1):
        wetness = dried(wetness, asked_mm)
        gauge.read(wetness, float(day))
    return gauge, wetness


def test_ground_dries_at_the_full_rate_while_it_is_wet_and_falls_exponentially_below():
    assert asked(1.0, READY) == pytest.approx(SKIN_MM * (1.0 - READY))
    assert asked(0.4, 0.2) == pytest.approx(asked(0.2, 0.1))
    assert asked(1.0, 0.1) == pytest.approx(asked(1.0, 0.7) + asked(0.7, 0.1))
    for wetness in (1.0, 0.7, 0.3):
        assert asked(wetness, dried(wetness, 5.0)) == pytest.approx(5.0)


def test_what_the_air_asks_for_is_learned_from_ground_that_is_wet_and_from_ground_that_is_nearly_dry():
    wet, _ = after_drying(5.0, 2)
    nearly_dry, wetness = after_drying(5.0, 7)
    assert wetness < 0.2
    assert DEMAND_MM < wet.demand_mm < nearly_dry.demand_mm < 5.0
    assert nearly_dry.demand_mm == pytest.approx(5.0 - (5.0 - DEMAND_MM) * 0.8**7)


def test_ground_without_water_left_says_nothing_of_what_the_air_asks_for():
    gauge = RainGauge()
    gauge.read(0.04, 1.0)
    before = gauge.demand_mm
    gauge.read(0.03, 2.0)
    assert gauge.demand_mm == before


def test_rain_is_what_the_skin_gained_beside_what_dried_and_drying_alone_is_none():
    gauge = RainGauge()
    assert gauge.read(dried(1.0, DEMAND_MM), 1.0) == pytest.approx(0.0, abs=1e-9)
    gauge = RainGauge()
    gauge.read(0.3, 1.0)
    expected = SKIN_MM * (0.7 - dried(0.3, gauge.demand_mm))
    assert gauge.read(0.7, 2.0) == pytest.approx(expected)


def test_ground_that_is_full_has_let_through_more_than_it_tells():
    gauge = RainGauge()
    gauge.read(0.3, 1.0)
    expected = BRIMFUL_SHARE * SKIN_MM * (0.95 - dried(0.3, gauge.demand_mm))
    assert gauge.read(0.95, 2.0) == pytest.approx(expected)
