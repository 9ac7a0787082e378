"""Claims about the parts of the report that a full monitor feeds: each is there with its rows, and only with them."""

import json
import re
import shutil
from importlib.resources import files
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest

from agent.garden_place import GardenPlace
from agent.monitor.log import Log
from agent.monitor.monitor import Monitor
from agent.monitor.summary import summarise
from agent.report import calibration, curves, diagnosis, drift, plasticity, story
from agent.report.fronts import PRICES, Point, chart_of
from agent.report.numbers import numbers_html
from agent.report.palette import marks
from agent.report.report import write_report
from scenarios.spec import Scenario
from tests.agent.monitored import CHANGES, monitored


@pytest.fixture(scope="module")
def full_run(finished_run, tmp_path_factory) -> Path:
    """A finished life with everything that a monitor can write."""
    return monitored(Path(shutil.copytree(finished_run, tmp_path_factory.mktemp("full") / "run")))


@pytest.fixture(scope="module")
def log(full_run) -> Log:
    return Log.read(full_run)


@pytest.fixture(scope="module")
def page(full_run) -> str:
    return write_report(full_run).read_text(encoding="utf-8")


def charts(page: str) -> dict[str, dict]:
    """The charts of a page by name."""
    found = re.findall(r'data-chart="chart-([^"]+)">(.*?)</script>', page, flags=re.DOTALL)
    return {name: json.loads(text) for name, text in found}


def test_parts_stand_on_the_page_with_their_rows_and_only_with_them(page, finished_run):
    bare = write_report(finished_run).read_text(encoding="utf-8")
    for name in ("drift", "plasticity", "trust"):
        assert f'<section id="{name}"' in page
        assert f'href="#{name}"' in page
        assert f'id="{name}"' not in bare
        assert f'href="#{name}"' not in bare
    for name in ("story", "gap-0", "signals", "checkup-0", "calibration", "too-sure"):
        assert name in charts(page)
        assert name not in charts(bare)


def test_a_full_page_stays_below_eight_megabytes_and_plotly_knows_all_of_it(page):
    assert len(page.encode()) < 8e6
    assert len(charts(page)) > 25
    for chart in charts(page).values():
        go.Figure(chart)


def test_true_changes_and_alarms_lie_in_lanes_below_the_year(page):
    drawn = charts(page)["at-hand"]["data"]
    lanes = [trace for trace in drawn if trace.get("yaxis") == "y2"]
    gradual, abrupt, alarms = lanes
    assert gradual["x"] == ["2030-06-30", "2030-08-29"]
    assert "camera.dirt" in gradual["hovertemplate"]
    assert abrupt["marker"]["symbol"] == "diamond"
    assert alarms["x"] == ["2030-07-11", "2030-09-29", "2030-12-17"]


def test_a_change_is_told_with_the_days_until_its_first_alarm(log):
    rows = [dict(row) for row in drift.changes(log)]
    assert [row["first alarm after"] for row in rows] == ["11 days", "1 day"]
    assert [row["to"] for row in rows] == ["29 August 2030", "at once"]
    log_without = Log(log.life, log.classes, log.banks, log.learners, changes=CHANGES)
    assert {dict(row)["first alarm after"] for row in drift.changes(log_without)} == {"–"}


def test_strong_signals_are_drawn_at_the_end_of_the_scale(log):
    chart = drift.signals(log)
    cells = np.array(chart["data"][0]["z"])
    assert cells.shape == (8, 456 - 28)
    assert np.abs(cells).max() == drift.Z_SHOWN


def test_the_garden_is_told_in_words_and_lanes(log):
    said = story.told(log)
    assert said.startswith("Snow lay on ")
    assert "in bloom on" in said
    assert "mm of rain fell" in said
    names = [trace["name"] for trace in story.lanes(log, south=lambda day: False)["data"]]
    assert names == ["lawn green [%]", "in bloom [%]", "fallen leaves [%]", "snow [%]", "killed by frost [%]",
                     "wilting [%]", "rain a day [mm]"]  # fmt: skip


def test_what_never_happened_gets_no_lane(log):
    dry = Log(log.life, log.classes, log.banks, log.learners)
    dry.nature = {"snow": [0.0] * 456, "rain_mm": [0.0] * 456, "lawn_green": [0.5] * 456}
    assert story.told(dry) == "No snow lay for a day. It never rained."
    assert [trace["name"] for trace in story.lanes(dry, south=lambda day: False)["data"]] == ["lawn green [%]"]
    assert story.section(Log(log.life, log.classes, log.banks, log.learners), south=lambda day: False) == ""


def test_a_burst_shows_who_fell_and_came_back(log):
    (burst,) = curves.bursts(log, log.learners)
    assert (burst.first_day, burst.last_day) == (180, 199)
    said = curves.falls(burst)
    assert "frozen held" in said
    assert "er+ewc held" in said
    assert re.search(r"finetune fell by \d+\.\d points on day 4 and was back at its mark by the end", said)


def test_exams_ten_days_apart_are_no_burst(finished_run):
    log = Log.read(finished_run)
    log.probes |= {(name, curves.MINI): ticks for (name, bank), ticks in log.probes.items() if bank == "away"}
    log.banks[curves.MINI] = log.banks["away"]
    assert curves.bursts(log, log.learners) == []


def test_the_plasticity_panel_draws_what_was_measured_and_leaves_out_the_rest(page, log):
    drawn = charts(page)
    headings = re.findall(r'<figure class="small"><h3>([^<]+)</h3><div class="chart" id="chart-checkup', page)
    assert headings[:2] == ["Trainability", "Dormant units"]
    assert "Fisher overlap" not in headings  # all of its numbers are null
    assert [trace["name"] for trace in drawn["checkup-0"]["data"]] == ["finetune", "er+ewc"]
    days, values = plasticity.curve(log, "finetune", "trainability")
    assert values[0] > 0.9
    assert values[-1] < 0.6
    assert len(days) == 43
    cosine = drawn[f"checkup-{headings.index('New against past')}"]
    assert cosine["data"][1]["fill"] == "tonexty"


def test_calibration_is_worked_out_to_the_last_digit(log):
    life = Log(log.life, log.classes, log.banks, log.learners)
    bins = np.zeros((12, 15, 3))
    bins[0, 9] = 10, 6.0, 5  # claims 60 %, is right half of the time
    bins[1, 13] = 10, 9.0, 10  # claims 90 %, is always right
    row = {"day": 30, "frames": 24, "reliability": bins.tolist(), "entropy": 0.5}
    life.stream["er+ewc"] = [row, {"day": 31, "frames": 24}, {**row, "day": 32, "entropy": 0.7}]
    told = calibration.reliability(life, "er+ewc")
    assert told is not None
    assert told.ece == pytest.approx(0.1)
    assert told.classwise == pytest.approx(0.1)
    assert told.surplus == pytest.approx(0.0)
    assert told.entropy == pytest.approx(0.6)
    np.testing.assert_allclose(told.right[[9, 13]], [0.5, 1.0])
    assert calibration.reliability(life, "frozen") is None


def test_who_is_surer_than_right_has_a_surplus(log):
    days, surplus = calibration.surplus_over_life(log, "finetune")
    assert len(days) == len(surplus) > 30
    assert (surplus > 0).all()


def test_a_front_is_drawn_through_what_nothing_beats():
    points = [Point("frozen", 4e12, 0.4), Point("ewc", 3e13, 0.5), Point("er", 2.4e13, 0.6), Point("joint", 3e13, 0.7)]
    chart = chart_of(PRICES[0], points, marks(("frozen", "ewc", "er")))
    stair, *dots = chart["data"]
    assert stair["y"] == [40.0, 60.0, 70.0]
    assert [dot["name"] for dot in dots] == ["frozen", "ewc", "er", "joint"]
    assert chart["layout"]["xaxis"]["ticktext"] == ["5 T", "10 T", "20 T"]


def test_findings_begin_with_their_verdict_and_bad_ones_are_marked():
    summary = {"learners": {"er": {"diagnosis": [
        {"verdict": "forgetting", "sentence": "forgetting: lost 9.0 points [4.0, 12.0] of <deep winter>", "bad": True},
        {"verdict": "no evidence of collapse", "sentence": "no evidence of collapse: effective rank 0.98"},
        {"verdict": "no evidence of plasticity loss", "sentence": "no evidence of plasticity loss: trainability 1.00"},
    ]}}}  # fmt: skip
    said = diagnosis.section(summary, marks(("er",)))
    assert "<b>⚠ forgetting</b>: lost 9.0 points [4.0, 12.0] of &lt;deep winter&gt;" in said
    assert "no evidence of collapse, plasticity loss<small>effective rank 0.98; trainability 1.00</small>" in said
    assert diagnosis.section({"learners": {"er": {}}}, marks(("er",))) == ""


def test_measures_have_names_units_and_no_lists():
    told = {"learners": {"er": {"continual": {"bwt": -0.031, "wf": {"ticks_10": 0.2}, "gaps": [1], "new_one": 2.0}}}}
    rows = re.findall(r'data-label="measure">(.*?)</th>.*?<span>(.*?)</span>', diagnosis.measures(told, marks(("er",))))
    assert rows == [("backward transfer [points]", "−3.1"), ("windowed forgetting, 10 exams [points]", "20"),
                    ("<code>new_one</code>", "2")]  # fmt: skip


def test_every_chart_of_values_has_its_numbers_beside_it(page):
    seasons = sum(name.startswith("season-") for name in charts(page))  # the matrix has theirs
    assert page.count('<details class="numbers">') == len(charts(page)) - seasons


def test_a_table_of_numbers_holds_what_its_chart_draws():
    chart = {"data": [
        {"type": "scatter", "name": "er", "x": ["2030-05-01", "2030-05-11", "2030-05-21"], "y": [50.0, None, 54.25]},
        {"type": "scatter", "name": "joint", "x": ["2030-05-01", "2030-06-01"], "y": [60.0, 60.0]},
        {"type": "scatter", "name": "aid", "x": [0], "y": [0], "hoverinfo": "skip"},
    ]}  # fmt: skip
    table = numbers_html(chart, "marks")
    assert re.findall(r"<th scope=\"row\">(.*?)</th><td>(.*?)</td><td>(.*?)</td>", table) == [
        ("2030-05-01", "50", "60"), ("2030-05-11", "–", "60"), ("2030-05-21", "54.25", "60")]  # fmt: skip
    assert "aid" not in table
    assert numbers_html({"data": []}, "nothing") == ""


def test_a_log_keeps_what_the_garden_did(tmp_path, log):
    with Monitor(tmp_path, start=log.life.start, days=3, commissioning_days=1, classes=log.classes,
                 phases=log.life.phases, banks=[log.banks["home"]], learners=["er"]) as monitor:  # fmt: skip
        with pytest.raises(ValueError, match="'snow' has 2 values"):
            monitor.nature({"snow": [0.0, 1.0]})
        with pytest.raises(ValueError, match="1 of them not finite"):
            monitor.nature({"snow": [0.0, 1.0, float("nan")]})
        monitor.nature({})
        monitor.nature({"snow": [0.0, 0.5, 1.0]})
    assert Log.read(tmp_path).nature == {"snow": [0.0, 0.5, 1.0]}


def test_a_garden_tells_its_nature_day_by_day():
    place = GardenPlace(Scenario(name="short", days=40, commissioning_days=20), seed=501)
    told = place.nature()
    assert set(told) == {"bloom", "snow", "litter", "lawn_green", "wilted", "frost", "rain_mm"}
    assert {len(values) for values in told.values()} == {40}
    np.testing.assert_allclose(told["rain_mm"], place.garden.almanac.rain_mm[:40], atol=5e-4)
    assert all(0 <= value <= 1 for name, values in told.items() if name != "rain_mm" for value in values)
    assert place.nature() == told


def test_colours_of_both_themes_stand_out_from_paper_and_card():
    css = files("agent.report").joinpath("report.css").read_text(encoding="utf-8")
    light, dark = (
        dict(re.findall(r"(--[a-z-]+): (#[0-9a-f]{6})", block)) for block in re.findall(r":root[^{]*\{([^}]*)", css)[:2]
    )
    for theme in (light, dark):
        for ground in ("--paper", "--card"):
            for name in ("--green", "--vermillion", "--blue", "--purple", "--ochre", "--reference"):
                assert _contrast(theme[name], theme[ground]) >= 3, (name, ground)
            for name in ("--ink", "--muted"):
                assert _contrast(theme[name], theme[ground]) >= 4.5, (name, ground)


def test_no_two_of_many_learners_look_alike():
    names = tuple(f"learner-{n}" for n in range(30))
    looks = {(mark.colour, mark.dash, mark.symbol) for mark in marks(names).values()}
    assert len(looks) == 30


def test_a_page_without_exams_still_opens(run_maker, tmp_path):
    folder = run_maker(tmp_path / "short", until=29, references=False, learners=("er",))
    assert summarise(Log.read(folder))["ended"] == "interrupted"
    assert write_report(folder).is_file()


def _contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])
