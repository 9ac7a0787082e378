"""Shelf life, lived: a study from end to end in a tiny garden, and what a run says of itself."""

import io
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from rich.console import Console

from agent.expiry import lives
from agent.expiry.best_before import Forecaster
from agent.expiry.curves import kept
from agent.expiry.of_run import best_before
from agent.expiry.options import ExpiryOptions
from agent.expiry.signals import SIGNALS, Reference, signals
from agent.expiry.stations import Stations, competence
from agent.expiry.study import study
from agent.expiry.tell import print_study
from agent.expiry.told import told
from agent.expiry.worlds import STILL, World, axis_worlds, climate_worlds, find_axes
from agent.live import live
from agent.monitor.log import Log
from agent.monitor.summary import summarise
from agent.nets import fresh_net
from agent.options import RunOptions
from agent.past import PastError
from agent.report.expiry import line, section
from agent.report.page import is_ours
from agent.report.palette import marks
from agent.report.report import write_report
from agent.report.terminal import print_summary
from agent.run import run
from garden_env.garden import plant_garden
from learners.frozen import Frozen
from run_sim import main
from scenarios.files import dump
from tests.agent.browser import CHROMIUM, Browser, opens_calmly
from tests.agent.tiny import PACE, tiny

TINY = tiny(45, commissioning_days=10)
FORECASTER = Forecaster(
    tuple(SIGNALS), (0.0,) * 5, (1.0,) * 5, (0.0, 0.0, 0.0, 0.0, 0.0, 1.0), (100.0, 0.0, 20.0), 5.0, 50.0, 60.0,
    0.8, 120.0, 0.9, 14, ("frozen",),
)  # fmt: skip


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("scenario") / "tiny.yaml"
    path.write_text(dump(TINY), encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def options(file, tmp_path_factory):
    return ExpiryOptions(
        learners=("frozen", "finetune"), seeds=(5,), climates=(file,), frames=2, commission_updates=3, workers=0,
        calibrate=(500, 501), out=tmp_path_factory.mktemp("study"),
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(options):
    return study(options)


def test_a_study_leaves_answers_rows_and_a_page(folder):
    answers = json.loads((folder / "expiry.json").read_text())
    rows = [json.loads(row) for row in (folder / "worlds.jsonl").read_text().splitlines()]
    assert [(row["learner"], row["seed"]) for row in rows] == [("frozen", 5), ("finetune", 5)]
    assert rows[0]["home"] == rows[1]["home"]  # they begin with the same weights
    assert rows[0]["left_day"] == 10 and rows[0]["lasted_days"] == rows[0]["day"] - 10
    assert [(g["learner"], g["worlds"]) for g in answers["groups"]] == [("frozen", 1), ("finetune", 1)]
    assert [(f["learner"], f["who"]) for f in answers["forecasts"]][:3] == [
        ("frozen", "signals"), ("frozen", "median"), ("frozen", "never")]  # fmt: skip
    assert Forecaster.load(folder / "best_before.json").worlds == (f"{rows[0]['world']} 500", f"{rows[0]['world']} 501")
    page = (folder / "expiry.html").read_text(encoding="utf-8")
    assert answers["first_line"].split(":")[0] in page and 'data-chart="chart-survival"' in page
    assert is_ours(folder / "expiry.html") and 'href="#survival"' in page
    assert "http" not in page.split("<script>")[0].replace("http://www.w3.org", "").replace("http-equiv", "")


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_a_browser_opens_the_page_of_a_study_without_an_error(folder, tmp_path):
    with Browser(tmp_path) as browser:
        opens_calmly(browser, folder / "expiry.html", charts=1)


def test_who_learns_is_looked_at_while_it_learns(folder):
    curves = {c.learner: c for c in map(kept, sorted((folder / "curves").glob("*-5-*.json"))) if c is not None}
    assert curves["frozen"].days == curves["finetune"].days == list(range(10, 45, 7))
    assert curves["frozen"].competence[0] == curves["finetune"].competence[0]  # nothing was learned yet
    assert curves["frozen"].competence[-1] != curves["finetune"].competence[-1]
    assert curves["frozen"].signals["colours"] == curves["finetune"].signals["colours"]  # they look at the same
    assert curves["frozen"].signals["entropy"][-1] != curves["finetune"].signals["entropy"][-1]


def test_what_was_lived_is_not_lived_again_and_a_lost_curve_is_the_same_again(options, folder, monkeypatch):
    [file] = (folder / "curves").glob("finetune-*.json")
    before, answers = kept(file), (folder / "expiry.json").read_text()
    with monkeypatch.context() as patched:
        patched.setattr(lives, "_lived", None)
        assert study(options) == folder
    file.unlink()
    study(options)
    assert replace(kept(file), seconds=0.0) == replace(before, seconds=0.0)
    assert (folder / "expiry.json").read_text() == answers


def test_an_answer_to_another_question_is_not_overwritten(options, folder):
    with pytest.raises(ValueError, match=r"share was 0.9.*--overwrite"):
        study(replace(options, share=0.8))


def test_the_same_lives_answer_about_another_line(options, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(lives, "_lived", None)  # nothing is lived again
    copied = shutil.copytree(folder, tmp_path / "copy")
    study(replace(options, share=0.5, out=copied, overwrite=True))
    low, high = (json.loads((out / "expiry.json").read_text()) for out in (copied, folder))
    assert low["groups"][0]["mean"] >= high["groups"][0]["mean"] and low["question"]["share"] == 0.5


def test_looking_at_a_learner_changes_nothing(file):
    [world] = climate_worlds("four_seasons", (file,), (5,), None)
    weights = []
    for looks in ((), (12, 20, 40)):
        brief = lives.brief_for(world, options_folder(file), tick_days=7, updates=3)
        if not brief.weights("commissioned").exists():
            lives.tasks.train_first(brief, lambda message: None, lambda: False)
        [student] = lives._enrolled(brief, ("er+ewc",))
        stations = Stations(brief.place.garden, frames=2, round_frames=2)
        reference = Reference.of(student.learner, fresh_net(1, 12), stations.rounds(3))

        def look(day, student=student, stations=stations, reference=reference):
            competence(student.learner, stations.question(day), classes=12)
            signals(reference, student.learner, stations.rounds(day))

        stream = lives.watched(brief.place.stream(), looks, look)
        live(stream, [student], {}, lambda event: None, first_step=brief.place.commissioning_steps, exam_every_days=9,
             scored=False)  # fmt: skip
        weights.append(student.learner.net.state_dict())
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


def options_folder(file):
    from pathlib import Path

    return Path(file).parent / "looked"


@pytest.mark.slow
def test_a_study_of_axes_ranks_them(file, tmp_path):
    options = ExpiryOptions(
        axis=("camera.exposure_ev", "climate.cloud"), scenario=file, seeds=(5,), frames=3, commission_updates=20,
        workers=0, days=60, out=tmp_path,
    )  # fmt: skip
    answers = json.loads((study(options) / "expiry.json").read_text())
    ranked = {row["world"]: row for row in answers["axes"]}
    assert list(ranked)[-1] == STILL and not ranked[STILL]["changed"] and not ranked[STILL]["expired"]
    assert ranked["camera.exposure_ev -4"]["changed"] and ranked["camera.exposure_ev 4"]["changed"]
    assert not ranked["climate.cloud 1"]["changed"]  # the weather stands still, and clouds with it
    assert ranked["camera.exposure_ev -4"]["lowest_share"] != ranked[STILL]["lowest_share"]
    assert ranked["climate.cloud 1"]["lowest_share"] == ranked[STILL]["lowest_share"]
    console = Console(width=80, record=True, file=io.StringIO())
    print_study(answers, tmp_path, console)
    text = console.export_text()
    assert "no effect" in text and max(map(len, text.splitlines()[:-1])) <= 80  # the last is a path


def test_a_world_of_an_axis_is_still_until_its_owner_leaves(file):
    worlds = axis_worlds(file, ("camera.dirt",), (1,), None)
    assert [world.name for world in worlds] == [STILL, "camera.dirt 1"]
    still, dirty = (plant_garden(world.scenario, 1) for world in worlds)
    pose = np.array([3.0, 3.0, 0.0])
    first, last = worlds[0].scenario.commissioning_days, worlds[0].scenario.days - 1
    for column in (still.almanac.leaf, still.almanac.tmax_c, still.almanac.declination_rad):
        assert (column[first:] == column[first]).all() and (column[:first] != column[first]).any()
    masks = still.view(first, 12.0, pose).mask, still.view(last, 12.0, pose).mask
    assert (masks[0] == masks[1]).mean() > 0.9  # plants that are late by nature take some days to stand still, too
    assert (still.view(first - 1, 12.0, pose).rgb == dirty.view(first - 1, 12.0, pose).rgb).all()
    assert dirty.almanac.course.at("camera.dirt", last) == 1.0
    assert (still.view(last, 12.0, pose).rgb != dirty.view(last, 12.0, pose).rgb).any()


def test_axes_that_nobody_sees_are_left_out_or_refused():
    assert "robot.motor" not in find_axes(("all",)) and "camera.blur_px" in find_axes(("camera",))
    with pytest.raises(ValueError, match="nothing that a camera sees"):
        find_axes(("teacher.delay_d",))
    with pytest.raises(ValueError, match=r"did you mean 'camera\.dirt'"):
        find_axes(("camera.drt",))


def test_stations_ask_the_same_poses_every_day_and_the_same_bits_every_time():
    garden = plant_garden(TINY, 5)
    one, other = (Stations(garden, frames=3, round_frames=4) for _ in range(2))
    assert (one.question(20).images == other.question(20).images).all() and (one.poses == other.poses).all()
    assert (one.rounds(20) == other.rounds(20)).all() and one.rounds(20).shape == (4, 3, 16, 16)
    assert (one.question(20).images != one.question(27).images).any()


def test_signals_move_with_what_is_seen_and_keep_still_with_what_is_not():
    images = Stations(plant_garden(TINY, 5), frames=1, round_frames=8).rounds(5)
    net = fresh_net(0, 12)
    reference = Reference.of(Frozen(fresh_net(0, 12)), net, images)
    same = signals(reference, Frozen(fresh_net(0, 12)), images)
    assert same == pytest.approx(dict.fromkeys(SIGNALS, 0.0), abs=1e-6)
    dark = signals(reference, Frozen(fresh_net(0, 12)), images // 4)
    assert dark["colours"] > 1.0 and dark["features"] > 1.0
    learned = signals(reference, Frozen(fresh_net(1, 12)), images)
    assert learned["colours"] == same["colours"] and learned["features"] == same["features"]  # looks at fixed things
    assert learned["entropy"] != 0.0 and learned["answers"] > 0.0


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"share": 1.5}, "share is 1.5"),
        ({"learners": ()}, "at least one"),
        ({"learners": ("frozen", "frozen")}, "twice"),
        ({"learners": ("frzen",)}, "frozen"),
        ({"seeds": ()}, "--seeds"),
        ({"seeds": (3, 3)}, "twice"),
        ({"seeds": (-1,)}, "seeds: give 0"),
        ({"climates": ("temperate_ocean",)}, "temperate_oceanic"),
        ({"climates": ("constant", "constant")}, "one name"),
        ({"calibrate": (400, 401)}, "from 500 on"),
        ({"calibrate": (500,)}, "at least two"),
        ({"calibrate": (500, 501), "seeds": (500,)}, "cannot score"),
        ({"axis": ("camera",), "calibrate": (500, 501)}, "--calibrate"),
        ({"axis": ("camera",), "learners": ("er",)}, "leave out --learners"),
        ({"axis": ("camer",)}, "camera"),
        ({"days": 0}, "days is 0"),
        ({"days": 10}, "days=10"),
        ({"every_days": 0}, "every-days"),
        ({"frames": 0}, "frames is 0"),
        ({"picture_px": 30}, "multiple of 8"),
        ({"scenario": "four_saesons"}, "four_seasons"),
    ],
)
def test_wrong_options_are_refused_with_what_would_do(wrong, says, tmp_path):
    with pytest.raises(ValueError, match=says):
        study(replace(ExpiryOptions(out=tmp_path, workers=0), **wrong))


def test_a_forecaster_of_another_line_is_refused(file, tmp_path):
    FORECASTER.save(tmp_path / "f.json")
    options = ExpiryOptions(climates=(file,), forecaster=tmp_path / "f.json", share=0.8, out=tmp_path, workers=0)
    with pytest.raises(ValueError, match=r"below 0\.9 of home"):
        study(options)


def test_the_command_tells_its_mistakes(tmp_path, capsys):
    assert main(["expiry", "--share", "2", "--out", str(tmp_path)]) == 2
    assert "share is 2" in capsys.readouterr().err
    assert main(["expiry", "--of", str(tmp_path)]) == 2


@pytest.mark.slow
def test_a_run_says_best_before_when_of_itself(tmp_path, file, capsys):
    options = RunOptions(learners=("frozen",), references=False, workers=0, seed=5, exam_every_days=7, out=tmp_path)
    folder = run(options, scenario=TINY, pace=PACE)
    [found] = best_before(folder, FORECASTER)  # feels as at home: 100 x 0.1 + 20 days left
    assert (found.day - found.today).days == 30 and (found.low - found.today).days == 25 and not found.open_ended
    assert str(found).startswith("frozen: best before 23 June 2030 [80 %: 18 June 2030 to 28 June 2030]")
    FORECASTER.save(tmp_path / "f.json")
    assert main(["expiry", "--of", str(folder), "--forecaster", str(tmp_path / "f.json")]) == 0
    assert str(found) in capsys.readouterr().out
    assert "promises nothing" in str(best_before(folder, replace(FORECASTER, learners=("er",)))[0])
    (folder / "weights" / "frozen.safetensors").unlink()
    with pytest.raises(PastError, match=r"frozen\.safetensors"):
        best_before(folder, FORECASTER)


def test_the_reports_first_line_is_the_date(finished_run):
    log = Log.read(finished_run)
    summary = summarise(log)
    frozen, kept_up = (summary["learners"][name]["expiry"] for name in ("frozen", "er+ewc"))
    assert frozen["expired"] and not kept_up["expired"] and kept_up["below_since"] is None
    said = line(summary)
    assert (
        said.startswith("frozen expired on ") and f"(day {frozen['day']})" in said and "er+ewc" in said.split(";")[-1]
    )
    page = write_report(finished_run).read_text(encoding="utf-8")
    assert page.index('class="best-before"') < page.index("<h1>") and f"(day {frozen['day']})" in page
    console = Console(width=80, record=True, file=io.StringIO())
    print_summary(summary, console)
    assert "expired on" in console.export_text()
    assert f"<td>{frozen['lasted_days']}</td>" in section(summary, marks(log.learners))


def test_a_life_too_short_to_tell_has_no_date(run_maker, tmp_path):
    log = Log.read(run_maker(tmp_path / "short", until=45))
    assert told(log, "frozen") is None
    assert line(summarise(log)) == "" and section(summarise(log), marks(log.learners)) == ""


def test_a_spell_that_has_just_begun_is_told_as_one():
    told_of = {"expired": False, "share": 0.9, "below_since": 90, "date": "2030-07-09", "day": 90}
    assert line({"learners": {"er": {"expiry": told_of}, "ewc": {"expiry": None}}}) == (
        "er has been below 90 % since 9 July 2030."
    )


def test_worlds_name_what_they_are():
    world = climate_worlds("four_seasons", ("mediterranean",), (1, 2), 100)[1]
    assert isinstance(world, World) and (world.name, world.seed, world.scenario.days) == ("mediterranean", 2, 100)
    assert world.scenario.climate == "mediterranean"
