import numpy as np
import pytest

from garden_env import climate
from scenarios.tables import CLIMATES

YEARS = 200
FIRST = np.datetime64("2001-01-01")


def _slow_chain(p01, p11, uniform):
    wet, out = False, []
    for day, u in enumerate(uniform):
        wet = bool(u < (p11[day] if wet else p01[day]))
        out.append(wet)
    return np.array(out)


@pytest.fixture(scope="module", params=list(CLIMATES))
def sample(request):
    """A climate, the calendar of 200 years, and its weather."""
    place = CLIMATES[request.param]
    dates = climate.calendar(FIRST, YEARS * 365 + 48)  # to 31 December 2200
    return place, dates, climate.make_weather(place, dates, np.random.default_rng(2))


def test_residuals_are_stationary_with_unit_variance():
    m = climate.stationary_covariance()
    assert np.diag(m) == pytest.approx(np.ones(3), abs=2e-3)
    assert climate.A @ m @ climate.A.T + climate.B @ climate.B.T == pytest.approx(m)


def test_a_mistyped_copy_of_the_matrices_would_be_noticed(monkeypatch):
    monkeypatch.setattr(
        climate, "A", np.array([[0.567, 0.086, -0.002], [0.253, 0.504, -0.050], [-0.006, 0.039, 0.244]])
    )
    monkeypatch.setattr(climate, "B", np.array([[0.718, 0, 0], [0.328, 0.637, 0], [0.238, -0.314, 0.873]]))
    assert np.diag(climate.stationary_covariance()) == pytest.approx([0.851, 0.959, 0.974], abs=2e-3)


def test_the_compiled_chain_is_the_plain_one():
    rng = np.random.default_rng(0)
    p01, p11, u = rng.random(500), rng.random(500), rng.random(500)
    assert np.array_equal(climate._chain(p01, p11, u), _slow_chain(p01, p11, u))


def test_the_compiled_residuals_are_the_plain_ones():
    noise = np.random.default_rng(0).standard_normal((200, 3))
    x, plain = np.array([0.1, -0.2, 0.3]), []
    for shock in noise:
        x = climate.A @ x + shock
        plain.append(x)
    assert climate._residuals(climate.A, noise, np.array([0.1, -0.2, 0.3])) == pytest.approx(np.array(plain))


def test_interpolation_keeps_the_means_of_months():
    normals = np.array([CLIMATES["humid_continental"].tmax_c]).T
    dates = climate.calendar(FIRST, 365)
    daily = climate.by_day(normals)[dates.doy - 1, 0]
    means = [daily[dates.month == month].mean() for month in range(12)]
    assert means == pytest.approx(normals[:, 0], abs=1e-9)
    assert np.abs(np.diff(daily)).max() < 0.5


def _scores(place, dates, weather):
    """Sample minus normal in standard errors of 200 years, by variable: (12,) by month and one for the year."""
    wet = (weather.precipitation_mm > 0).astype(float)
    columns = {
        "tmax": (weather.tmax_c, place.tmax_c, False),
        "tmin": (weather.tmin_c, place.tmin_c, False),
        "sunshine": (weather.sunshine, place.sunshine, False),
        "wind": (weather.wind_m_s, place.wind_m_s, False),
        "rain": (weather.precipitation_mm, place.rain_mm, True),
        "wet days": (wet, place.wet_days, True),
    }
    memory = place.year_sd_c**2 * ((1 + place.year_memory) / (1 - place.year_memory) - 1)  # years are not independent
    for name, (column, normal, total) in columns.items():
        cell = dates.year * 12 + dates.month
        table = np.bincount(cell, column, minlength=YEARS * 12).reshape(YEARS, 12)
        if not total:
            table = table / np.bincount(cell, minlength=YEARS * 12).reshape(YEARS, 12)
        off = np.column_stack([table - np.array(normal), (table - np.array(normal)).mean(axis=1)])
        variance = off.var(axis=0, ddof=1) + (memory if name in ("tmax", "tmin") else 0.0)
        scores = off.mean(axis=0) / np.sqrt(variance / YEARS)
        yield name, scores[:12], scores[12]


def test_200_years_match_their_normals_within_three_standard_errors(sample):
    scores = list(_scores(*sample))
    for name, _, year in scores:
        assert abs(year) < 3, name
    months = np.concatenate([by_month for _, by_month, _ in scores])
    assert np.mean(np.abs(months) < 3) >= 0.98  # of 72 honest comparisons one may stray by chance
    assert np.abs(months).max() < 4


def test_rain_of_200_years_is_within_2_percent(sample):
    place, _, weather = sample
    assert weather.precipitation_mm.sum() / YEARS == pytest.approx(sum(place.rain_mm), rel=0.02)


def test_nights_are_never_warmer_than_days(sample):
    _, _, weather = sample
    assert np.all(weather.tmin_c <= weather.tmax_c)
    assert np.all((weather.sunshine >= 0) & (weather.sunshine <= 1))
    assert np.all(weather.precipitation_mm >= 0)


def test_wet_days_are_darker(sample):
    _, _, weather = sample
    wet = weather.precipitation_mm > 0
    assert weather.sunshine[wet].mean() < 0.7 * weather.sunshine[~wet].mean()


def test_years_differ_by_the_slow_anomaly():
    place = CLIMATES["humid_continental"]
    years = climate.year_anomalies_c(place, 4000, np.random.default_rng(1))
    assert years.std() == pytest.approx(place.year_sd_c, rel=0.05)
    assert np.corrcoef(years[:-1], years[1:])[0, 1] == pytest.approx(place.year_memory, abs=0.05)


def test_a_longer_life_begins_with_the_same_weather():
    place = CLIMATES["mediterranean"]
    short, long = (
        climate.make_weather(place, climate.calendar(FIRST, days), np.random.default_rng(3)) for days in (400, 1200)
    )
    for name in ("tmax_c", "tmin_c", "precipitation_mm", "sunshine", "wind_m_s", "haze"):
        assert np.array_equal(getattr(short, name), getattr(long, name)[:400]), name


def test_southern_seasons_come_half_a_year_later():
    north, south = (climate.calendar(FIRST, 730, southern=southern) for southern in (False, True))
    january = np.flatnonzero(north.season_doy == 1)[0]
    july = np.flatnonzero(south.season_doy == 1)[0]
    assert july - january == 182
    assert set(south.season_month[south.month == 0].tolist()) == {6}


def test_a_climate_without_seasons_repeats_one_day():
    dates = climate.calendar(FIRST, 365, seasonal=False)
    assert set(dates.doy.tolist()) == {81}
    assert set(dates.season_month.tolist()) == {2}
