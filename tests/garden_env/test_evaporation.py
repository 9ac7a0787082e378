import numpy as np
import pytest
from refet import Daily

from garden_env import evaporation, sun


def test_hargreaves_gives_fao_56_example_20():
    ra = sun.extraterrestrial_mj(np.radians(45.72), sun.declination_rad(196), 196)
    assert evaporation.hargreaves_mm(26.6, 14.8, ra) == pytest.approx(5.0, abs=0.05)


def test_penman_monteith_gives_fao_56_example_18():
    latitude, declination = np.radians(50.8), sun.declination_rad(187)
    above = sun.extraterrestrial_mj(latitude, declination, 187)
    length = sun.day_length_h(latitude, declination)
    solar = sun.surface_mj(above, 9.25 / length)
    assert length == pytest.approx(16.10, abs=0.01)
    assert solar == pytest.approx(22.07, abs=0.01)
    wind = evaporation.wind_at_2m(10 / 3.6, 10.0)
    assert wind == pytest.approx(2.078, abs=0.001)
    vapour = (evaporation.saturation_kpa(12.3) * 0.84 + evaporation.saturation_kpa(21.5) * 0.63) / 2
    assert vapour == pytest.approx(1.409, abs=0.001)
    et0 = evaporation.penman_monteith_mm(
        21.5, 12.3, solar, sun.clear_mj(above, 100.0), wind, vapour_kpa=vapour, elevation_m=100.0
    )
    assert et0 == pytest.approx(3.88, abs=0.01)


def test_penman_monteith_agrees_with_refet():
    rng = np.random.default_rng(0)
    doy = np.arange(1, 366, 7)
    tmin = 10 + 8 * np.sin((doy - 110) / 58) + rng.normal(0, 3, len(doy))
    tmax = tmin + rng.uniform(4, 14, len(doy))
    latitude = np.radians(42.0)
    above = sun.extraterrestrial_mj(latitude, sun.declination_rad(doy), doy)
    solar, wind = above * rng.uniform(0.3, 0.74, len(doy)), rng.uniform(0.5, 6, len(doy))
    vapour = evaporation.saturation_kpa(tmin)
    theirs = Daily(
        tmin=tmin, tmax=tmax, rs=solar, uz=wind, zw=2.0, elev=200.0, lat=42.0, doy=doy, ea=vapour, rso_type="simple"
    ).eto()
    ours = evaporation.penman_monteith_mm(tmax, tmin, solar, sun.clear_mj(above, 200.0), wind, elevation_m=200.0)
    assert ours == pytest.approx(np.maximum(theirs, 0), rel=0.02, abs=0.03)


def test_cold_air_takes_no_water():
    assert evaporation.hargreaves_mm(-25.0, -35.0, 5.0) == 0.0
