"""A run from end to end: what it leaves, and that it is the same however it is carried out."""

import json
import os
import re
import stat
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

import run_sim
from agent.kept_weights import days_kept
from agent.monitor.log import Log
from agent.nets import fresh_net, load_weights, save_weights
from agent.options import Pace, RunOptions
from agent.run import RunError, run
from learners.recipes import RECIPES, make_learner
from scenarios.files import parse

ROOT = Path(__file__).parent.parent.parent
SHORT = """
name: short
days: 60
steps_per_day: 6
commissioning_days: 12
camera: {width_px: 32, height_px: 32}
garden: {beds: 3, trees: 1, props: 1}
"""
LEARNERS = ("frozen", "finetune", "er+ewc")


def short_run(out, **options):
    options = RunOptions(quick=True, out=out, **({"learners": LEARNERS} | options))
    pace = Pace(commission_updates=25, converge_updates=60, home_frames=2, away_frames=4, next_year_frames=2)
    return run(options, scenario=parse(SHORT), pace=pace)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return short_run(tmp_path_factory.mktemp("alone"), workers=0)


def test_a_run_leaves_everything_that_it_promises(folder):
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    weights = [f"weights/{name}.safetensors" for name in (*LEARNERS, "commissioned", "joint", "joint@converged")]
    weights += [f"weights/{name}/day-{day:04d}.safetensors" for name in LEARNERS for day in days_kept(folder, name)]
    assert days_kept(folder, "er+ewc") == days_kept(folder, "finetune") != ()
    files = ["config.json", "metrics.jsonl", "report.html", "strips.npz", "summary.json", "timing.jsonl"]
    assert names == sorted(files + weights)


def test_the_summary_has_every_learner_and_both_references(folder):
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["ended"] == "finished"
    assert list(summary["learners"]) == list(LEARNERS)
    assert sorted(summary["references"]) == ["joint", "joint@converged"]
    costs = {name: entry["cost"] for name, entry in summary["learners"].items()}
    assert costs["finetune"]["updates"] == costs["er+ewc"]["updates"] == 16  # 48 days of 4 steps, one every 12
    assert costs["frozen"]["updates"] == 0
    assert costs["er+ewc"]["memory_bytes"] > 0


def test_the_log_knows_what_the_garden_itself_did(folder):
    log = Log.read(folder)
    assert len(log.nature["snow"]) == log.life.days
    assert 'id="chart-story"' in (folder / "report.html").read_text(encoding="utf-8")


def test_the_configuration_can_be_run_again(folder):
    config = json.loads((folder / "config.json").read_text())
    assert parse(json.dumps(config["scenario"])).hash == parse(SHORT).model_copy(update={"steps_per_day": 4}).hash


def test_processes_and_one_process_come_to_the_same_bits(folder, tmp_path):
    parallel = short_run(tmp_path, workers=2)
    for path in sorted((folder / "weights").rglob("*.safetensors")):
        ours, theirs = load_file(path), load_file(parallel / path.relative_to(folder))
        for name, weight in ours.items():
            np.testing.assert_array_equal(weight, theirs[name], err_msg=f"{path.name}: {name}")
    scores = [json.loads((run_folder / "summary.json").read_text()) for run_folder in (folder, parallel)]
    for name in LEARNERS:
        assert scores[0]["learners"][name]["miou"] == scores[1]["learners"][name]["miou"]
    logs = [(run_folder / "metrics.jsonl").read_bytes() for run_folder in (folder, parallel)]
    assert logs[0] == logs[1]
    pages = [(run_folder / "report.html").read_text(encoding="utf-8") for run_folder in (folder, parallel)]
    pages = [re.sub(r'<section id="timing".*?</section>', "", page, flags=re.DOTALL) for page in pages]
    assert pages[0] == pages[1]


def test_frozen_weights_are_those_of_commissioning(folder):
    frozen, commissioned = (
        load_file(folder / "weights" / f"{name}.safetensors") for name in ("frozen", "commissioned")
    )
    for name, weight in commissioned.items():
        np.testing.assert_array_equal(weight, frozen[name])


def test_references_are_fetched_from_the_cache_when_nothing_changed(folder):
    cache = folder.parent / ".references"
    before = {path.name: path.stat().st_mtime_ns for path in cache.iterdir()}
    again = short_run(folder.parent, workers=0, learners=("frozen",))
    assert {path.name: path.stat().st_mtime_ns for path in cache.iterdir()} == before
    ours, theirs = (load_file(f / "weights" / "joint.safetensors") for f in (folder, again))
    for name, weight in ours.items():
        np.testing.assert_array_equal(weight, theirs[name])


@pytest.fixture(scope="module")
def gated(tmp_path_factory):
    """Schedules, policies, regimes that are told, learning without labels, and a gate before all of them."""
    learners = ("joint", "cumulative", "hat@season", "ssl+er@never")
    return short_run(tmp_path_factory.mktemp("gated"), workers=0, learners=learners, gate=5, references=False)


def test_schedules_and_policies_run_by_name_and_the_summary_says_what_they_were(gated):
    told = json.loads((gated / "summary.json").read_text())["learners"]
    plans = {name: entry["plan"] for name, entry in told.items()}
    assert [plan["schedule"] for plan in plans.values()] == ["joint", "cumulative", "online", "online"]
    assert plans["hat@season"]["regimes"] == "oracle season"
    assert plans["er+ssl@never"]["consolidates"] == "never"
    costs = {name: entry["cost"] for name, entry in told.items()}
    assert costs["joint"]["updates"] == costs["hat@season"]["updates"] == 16
    assert costs["cumulative"]["updates"] > 25  # commissioning once more, and what was lived until summer
    assert costs["er+ssl@never"]["updates"] == 16 + 60  # and what it learned beforehand, without a memory
    assert costs["cumulative"]["memory_bytes"] == 20 * 8 * (3 * 32 * 32 + 16 * 16)  # eight frames of each block


def test_every_decision_of_a_gate_is_logged(gated):
    rows = [json.loads(line) for line in (gated / "decisions.jsonl").read_text().splitlines()]
    assert {"learner", "step", "day", "update", "reason", "served", "learning", "promoted"} <= set(rows[0])
    told = json.loads((gated / "summary.json").read_text())["learners"]
    for name, entry in told.items():
        own = [row["promoted"] for row in rows if row["learner"] == name]
        if entry["plan"]["schedule"] == "online":
            assert len(own) == entry["cost"]["updates"] % 60 // 5  # 16 in its life, some 60 before
            assert (entry["gate"]["promoted"], entry["gate"]["held_back"]) == (sum(own), len(own) - sum(own))
        else:
            assert not own


def test_the_report_says_who_was_told_what(gated):
    page = (gated / "report.html").read_text()
    assert "is told the season, so it is not free of task boundaries (oracle season)" in page
    assert "had all labelled frames of the life before it began" in page


def test_where_no_past_data_may_be_kept_no_picture_is(tmp_path):
    folder = short_run(tmp_path, workers=0, learners=("ewc", "feature-replay"), past_data=False, references=False)
    config = json.loads((folder / "config.json").read_text())
    assert config["options"]["memory_bytes"] == 0
    told = json.loads((folder / "summary.json").read_text())["learners"]
    assert all(entry["cost"]["updates"] == 16 for entry in told.values())
    latest = 8 * (3 * 32 * 32 + 16 * 16)  # the frames of one update, at which a consolidation may look
    weights = sum(array.size for array in load_file(folder / "weights" / "ewc.safetensors").values())
    assert told["ewc"]["cost"]["memory_bytes"] <= latest + 2 * 4 * weights  # and anchors with their importances
    assert "No picture of the past was kept." in (folder / "report.html").read_text()


def test_two_runs_never_share_a_folder(folder):
    again = short_run(folder.parent, workers=0, learners=("frozen",), references=False)
    assert again != folder
    assert (again / "report.html").exists()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere, Windows has other rights")
def test_a_folder_that_cannot_be_written_is_told_before_any_work(tmp_path):
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(RunError, match="cannot be written"):
        short_run(tmp_path / "out")


def test_a_file_in_place_of_the_output_folder_is_told_before_any_work(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(RunError, match=r"name .* with --out"):
        short_run(tmp_path / "out")


def test_saved_weights_fit_the_net_that_was_commissioned_without_what_helped_to_learn(tmp_path):
    plain = fresh_net(1, 12)
    learner = make_learner("ssl+cassle", fresh_net(1, 12), seed=0)
    save_weights(tmp_path / "ssl.safetensors", learner.net)
    loaded = load_weights(tmp_path / "ssl.safetensors", fresh_net(0, 12))
    assert all(torch.equal(value, loaded.state_dict()[name]) for name, value in plain.state_dict().items())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--learners", "er+ewk"], "er+ewc"),
        (["--scenario", "four_saisons"], "did you mean 'four_seasons'"),
        (["--scenario", "nowhere.yaml"], "nowhere.yaml: cannot be read"),
        (["--learners", "er", "er"], "named twice"),
        (["--learners", "er+ewc", "ewc+er"], "named twice"),
        (["--learners", "er+der"], "'er' and 'der' are both the memory"),
        (["--learn-every", "3"], "learn-every is 3; give at least 8"),
        (["--memory-share", "2"], "memory-share is a share"),
        (["--seed", "-1"], "seed is -1"),
        (["fly"], "'fly' is not a command"),
        (["learners", "--all"], "'learners' takes no options, given --all"),
        (["--learners", "joint@converged"], "is a reference, not a learner"),
        (["--learners", "joint@season"], "joint has a schedule of its own"),
        (["--learners", "ewc@often"], "no policy of consolidation is called 'often'; there are every-N"),
        (["--learners", "ewc@every-0"], "give at least every-1"),
        (["--no-past-data", "--learners", "er"], "feature-replay"),
        (["--no-past-data", "--learners", "cumulative"], "'cumulative' keeps all frames"),
        (["--no-past-data", "--gate", "50", "--learners", "ewc"], "keeps a guard set of past frames"),
        (["--frames", "mine", "--scenario", "constant"], "give one of them"),
    ],
)
def test_wrong_input_gets_a_sentence_and_exit_status_2(arguments, message, capsys, tmp_path):
    flags = [] if not arguments[0].startswith("-") else ["--out", str(tmp_path / "runs")]
    assert run_sim.main([*arguments, *flags]) == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_an_unknown_option_gets_the_nearest_one(capsys):
    with pytest.raises(SystemExit) as ended:
        run_sim.main(["--learnerz", "er"])
    assert ended.value.code == 2
    assert "--learners" in capsys.readouterr().err


def test_the_learners_are_listed(capsys):
    assert run_sim.main(["learners"]) == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in (*RECIPES, "joint@converged"))


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to a child")
def test_ctrl_c_ends_with_a_log_weights_and_a_report_so_far(tmp_path):
    import signal

    scenario = tmp_path / "long.yaml"
    scenario.write_text(SHORT.replace("days: 60", "days: 1500").replace("short", "long"))
    command = [
        sys.executable,
        "run_sim.py",
        "--quick",
        "--scenario",
        str(scenario),
        "--no-references",
        "--learners",
        "er+ewc",
    ]
    with subprocess.Popen(
        [*command, "--out", str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            deadline_s = time.monotonic() + 120
            while time.monotonic() < deadline_s and not _lived(tmp_path):
                time.sleep(0.2)
            process.send_signal(signal.SIGINT)
            printed, _ = process.communicate(timeout=120)
        finally:
            process.kill()
    assert process.returncode == 130, printed
    (folder,) = tmp_path.glob("*-long")
    assert json.loads((folder / "summary.json").read_text())["ended"] == "interrupted"
    assert (folder / "weights" / "er+ewc.safetensors").exists()
    assert (folder / "report.html").stat().st_size > 10_000
    assert "report" in printed


def _lived(out):
    """Whether the life of a run has begun."""
    return any('"kind":"stream"' in path.read_text() for path in out.glob("*-long/metrics.jsonl"))
