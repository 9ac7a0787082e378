"""Weather that was measured drives a life, and what is no table of days is refused with file and line."""

from datetime import date, timedelta

import numpy as np
import pytest

from garden_env.almanac import make_almanac
from scenarios import measured
from scenarios.files import ScenarioError, dump, load, parse
from scenarios.measured import COLUMNS, read_table

FIRST = date(2029, 1, 1)
HEADER = "date,tmax_c,tmin_c,precipitation_mm,wind_m_s,sunshine"


def line(i, tmax=None):
    warm = 12 - 10 * np.cos(2 * np.pi * i / 365.25)
    return f"{FIRST + timedelta(i)},{tmax if tmax is not None else warm + 5:.3f},{warm - 4:.3f},{i % 3},{2 + i % 2},0.5"


def table(days=1000, **replaced):
    lines = [HEADER, *(line(i) for i in range(days))]
    for name, text in replaced.items():
        lines[int(name.removeprefix("line")) - 1] = text
    return "\n".join(lines) + "\n"


@pytest.fixture
def write(tmp_path):
    def write(weather, scenario="climate: {file: weather.csv, latitude_deg: 48.1}\ndays: 400"):
        (tmp_path / "weather.csv").write_text(weather, encoding="utf-8")
        (tmp_path / "mine.yaml").write_text(f"name: mine\n{scenario}\n", encoding="utf-8")
        return tmp_path / "mine.yaml"

    return write


def test_measured_days_are_the_days_of_the_life(write):
    scenario = load(write(table()))
    almanac = make_almanac(scenario, 0)
    row = (scenario.start - FIRST).days
    written = [line(row + i).split(",") for i in range(400)]
    assert np.allclose(almanac.tmax_c[:400], [float(cells[1]) for cells in written])
    assert np.allclose(almanac.wind_m_s[:400], [float(cells[4]) for cells in written])
    assert np.allclose(almanac.cloud[:400], 0.5)
    assert almanac.latitude_deg == 48.1
    fallen = almanac.rain_mm[:400] + almanac.snowfall_mm[:400]
    assert np.allclose(fallen, [float(cells[3]) for cells in written])


def test_another_seed_changes_only_the_haze_of_measured_days(write):
    one, other = (make_almanac(load(write(table())), seed) for seed in (0, 1))
    assert np.array_equal(one.tmax_c, other.tmax_c)
    assert np.array_equal(one.bloom, other.bloom)
    assert not np.array_equal(one.fog, other.fog)


def test_axes_of_the_climate_act_on_measured_days(write):
    plain = make_almanac(load(write(table())), 0)
    where = "climate: {file: weather.csv, latitude_deg: 48.1}\ndays: 400\n"
    warm = make_almanac(load(write(table(), where + "drift: [{axis: climate.warming_c, add: 3}]")), 0)
    early = make_almanac(load(write(table(), where + "drift: [{axis: climate.spring_shift_d, add: 10}]")), 0)
    assert np.allclose(warm.tmax_c, plain.tmax_c + 3)
    assert np.allclose(early.tmax_c[:300], plain.tmax_c[10:310])


def test_before_and_after_the_file_its_mean_year_holds():
    days = read_table(table(1000).encode(), source="w.csv")
    long = days.cover(np.datetime64("2027-01-01"), 3000)
    inside = (np.datetime64(FIRST) - np.datetime64("2027-01-01")).astype(int)
    assert np.array_equal(long.tmax_c[inside : inside + 1000], days.tmax_c)
    for when in ("2027-05-05", "2034-05-05"):
        same = [days.tmax_c[(date(year, 5, 5) - FIRST).days] for year in (2029, 2030, 2031)]
        assert long.tmax_c[(np.datetime64(when) - np.datetime64("2027-01-01")).astype(int)] == pytest.approx(
            np.mean(same)
        )
    leap = (np.datetime64("2028-02-29") - np.datetime64("2027-01-01")).astype(int)
    assert long.tmax_c[leap] == long.tmax_c[leap - 1]  # the file has no 29 February
    assert all(np.isfinite(getattr(long, name)).all() for name in COLUMNS)


def test_the_hash_follows_the_content_and_not_the_place(write, tmp_path):
    one = load(write(table()))
    there = tmp_path / "there"
    there.mkdir()
    (there / "weather.csv").write_text(table(), encoding="utf-8")
    (there / "mine.yaml").write_text((tmp_path / "mine.yaml").read_text())
    assert load(there / "mine.yaml").hash == one.hash
    assert load(write(table(line7=line(5, tmax=31.5)))).hash != one.hash


def test_a_dump_carries_the_digest_and_refuses_other_weather(write):
    text = dump(load(write(table())))
    assert parse(text) == load(write(table()))
    write(table(line7=line(5, tmax=31.5)))
    measured._read.cache_clear()  # as in another process
    with pytest.raises(ScenarioError, match="not what it was when the scenario was written down"):
        parse(text)


def test_a_file_for_the_south_says_so(write):
    south = "climate: {file: weather.csv, latitude_deg: -33.9}\ndays: 400"
    with pytest.raises(ScenarioError, match=r"mine\.yaml:2: .* a negative latitude needs southern: true"):
        load(write(table(), south))
    assert make_almanac(load(write(table(), south + "\nsouthern: true")), 0).latitude_deg == -33.9


@pytest.mark.parametrize(
    ("replaced", "message"),
    [
        ({"line1": HEADER.replace("tmin_c", "tmin")}, r"weather\.csv:1: 'tmin' is not a column; did you mean 'tmin_c'"),
        ({"line1": HEADER.replace(",sunshine", "")}, r"weather\.csv:1: the columns are .*; missing: sunshine"),
        ({"line9": line(8)}, r"weather\.csv:9: 2029-01-09 comes after 2029-01-07; days that are missing: 1"),
        ({"line9": line(6)}, r"weather\.csv:9: 2029-01-07 is there twice"),
        ({"line9": line(2)}, r"weather\.csv:9: 2029-01-03 comes after 2029-01-07; the days must be in order"),
        ({"line9": line(7, tmax=-20)}, r"weather\.csv:9: tmin_c \(-1\.\d+\) is above tmax_c \(-20\)"),
        ({"line9": line(7, tmax=88)}, r"weather\.csv:9: tmax_c is 88\.000; believed are -80 to 60 deg C"),
        ({"line9": line(7).replace(",0.5", ",nan")}, r"weather\.csv:9: sunshine is nan; believed are 0 to 1 share"),
        ({"line9": line(7).replace(",0.5", ",")}, r"weather\.csv:9: sunshine '' is not a number \[share\]"),
        ({"line9": line(7).replace("2029-01-08", "8.1.2029")}, r"weather\.csv:9: date '8\.1\.2029' is not a date"),
        ({"line9": line(7) + ",3"}, r"weather\.csv:9: 7 cells, but there are 6 columns"),
    ],
)
def test_what_is_wrong_in_a_table_is_told_with_its_line(replaced, message, write):
    with pytest.raises(ScenarioError, match=message):
        load(write(table(**replaced)))


def test_a_table_that_is_too_short_or_elsewhere_in_time_is_refused(write):
    with pytest.raises(ScenarioError, match="364 days; at least 365 are needed"):
        load(write(table(364)))
    with pytest.raises(
        ScenarioError, match=r"mine\.yaml:2: climate\.file: the life runs 2030-04-10 to 2031-05-14, but"
    ):
        load(write(table(800)))
    path = write(table())
    (path.parent / "weather.csv").unlink()
    with pytest.raises(ScenarioError, match=r"mine\.yaml:2: climate: .*weather\.csv: there is no such file"):
        load(path)


def test_columns_may_stand_in_any_order_and_comments_are_left_out():
    rows = [text.split(",") for text in table(400).splitlines()]
    turned = "# measured on the roof\n\n" + "\n".join(",".join(cells[::-1]) for cells in rows)
    a, b = read_table(turned.encode(), source="w"), read_table(table(400).encode(), source="w")
    assert all(np.array_equal(getattr(a, name), getattr(b, name)) for name in COLUMNS)
