"""A life forked on a day: until then all branches are one life, and what a branch does begins there."""

import json
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

import run_sim
from agent.branches import day_of
from agent.claim import ClaimError, claimed
from agent.fork import ForkOptions, fork
from agent.garden_place import GardenPlace
from agent.history import history_days, history_path
from agent.monitor.log import Log
from agent.nets import fresh_net
from agent.options import RunOptions
from agent.past import PastRun
from agent.resume import ResumeOptions, resume
from agent.run import RunError, run
from learners.base import Batch
from learners.handover import carry_memory
from learners.recipes import make_learner
from scenarios.files import dump
from scenarios.tables import CLASSES
from tests.agent.test_resume import Impatient
from tests.agent.tiny import PACE, tiny

pytestmark = pytest.mark.usefixtures("unexplained")

DAYS, AT, STEP = 84, 50, 96  # the first block that ends on that day or later begins with that step
SCRIPT = tiny(DAYS, commissioning_days=12, teacher={"budget": 0.5, "asks": "entropy", "delay_d": 3.0})
OLD, CONTROL, OTHER = "er+ewc", "er+ewc-since-05-30", "er-since-05-30"


def lived(out, watcher=None, **options):
    given = {"learners": ("frozen", OLD), "workers": 0, "checkpoint_every_days": 12, "references": False}
    given |= {"checkups": False, "burst_days": 0, "exam_every_days": 12, "keep_weights": 2}
    return run(RunOptions(out=out, **given | options), watcher, scenario=SCRIPT, pace=PACE)


def files_of(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def said(folder, name):
    """A learner's rows of the log, without its name."""
    rows = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [{key: part for key, part in row.items() if key != "learner"} for row in rows if row.get("learner") == name]


def assert_same_weights(path, other):
    ours, theirs = load_file(path), load_file(other)
    assert ours.keys() == theirs.keys()
    for name, weight in ours.items():
        np.testing.assert_array_equal(weight, theirs[name], err_msg=name)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return lived(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def forked(whole):
    """The fork of a whole run, and whether that stayed as it was."""
    before = files_of(whole)
    folder = fork(ForkOptions(whole, at=str(AT), learner=(OLD, "er"), workers=0))
    return folder, files_of(whole) == before


def test_the_old_learner_goes_on_to_the_bits_of_the_life_that_was_forked(whole, forked):
    folder, _ = forked
    found = PastRun.open(whole).log
    assert history_days(whole, OLD)[0] < AT < found.life.days
    assert said(folder, CONTROL) == said(whole, OLD) == said(folder, OLD)
    assert_same_weights(whole / "weights" / f"{OLD}.safetensors", folder / "weights" / f"{CONTROL}.safetensors")


def test_another_learner_parts_on_the_day_of_the_fork_and_not_before(whole, forked):
    old, new = said(whole, OLD), said(forked[0], OTHER)
    apart = [theirs["day"] for ours, theirs in zip(old, new, strict=True) if ours != theirs and "day" in theirs]
    assert apart and min(apart) >= AT
    assert [row for row in new if row.get("day", AT) < AT] == [row for row in old if row.get("day", AT) < AT]
    spent = [next(row["updates"] for row in rows if row["kind"] == "cost") for rows in (old, new)]
    assert spent[0] == spent[1]  # those before the fork stay on the account


def test_a_fork_is_a_run_of_its_own_and_the_other_stays_as_it_was(whole, forked):
    folder, untouched = forked
    assert untouched
    told = json.loads((folder / "config.json").read_text())["fork"]
    expected = {"run": whole.name, "learner": OLD, "at": "2030-05-30", "day": AT, "step": STEP, "own_script": False}
    assert {key: told[key] for key in expected} == expected
    assert Log.read(folder).learners == ("frozen", OLD, CONTROL, OTHER)
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["fork"]["since"][CONTROL]["beside"] == 0.0
    assert summary["fork"]["since"][OTHER]["beside"] != 0.0
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert 'id="fork"' in page and "forked here" in page
    assert 'id="fork"' not in (whole / "report.html").read_text(encoding="utf-8")
    assert run_sim.main(["report", str(folder)]) == 0
    past = PastRun.open(folder)
    image = np.zeros((1, 3, 16, 16), np.uint8)
    assert past.eyes(OTHER).predict(torch.from_numpy(image)).shape[0] == 1
    with pytest.raises(ValueError, match="is a fork itself"):
        fork(ForkOptions(folder, at=str(AT), learner=("er",)))


def test_a_run_without_kept_checkpoints_is_forked_from_its_beginning_to_the_same_bits(whole, forked, tmp_path):
    bare = Path(shutil.copytree(whole, tmp_path / whole.name))
    shutil.rmtree(bare / "history")
    told = []
    folder = fork(ForkOptions(bare, at="05-30", learner=("er",), workers=0), tell=told.append)
    assert "lived from the beginning" in told[0]
    assert said(folder, OTHER) == said(forked[0], OTHER)


@pytest.mark.slow
def test_a_run_that_was_stopped_is_forked_and_its_old_learner_lives_on_to_the_end(whole, tmp_path):
    """Without a history it also says that what stays of checkpoints changes nothing in a run."""
    stopped = lived(tmp_path, Impatient(signal.SIGTERM, 20), keep_checkpoints=0)
    assert Log.read(stopped).ended == "interrupted"
    assert not (stopped / "history").exists()
    folder = fork(ForkOptions(stopped, at=str(AT), learner=(OLD,), workers=0))
    assert said(folder, CONTROL) == said(folder, OLD) == said(whole, OLD)


@pytest.mark.slow
def test_a_fork_that_was_stopped_is_gone_on_with_to_the_same_bits(whole, forked):
    folder = fork(ForkOptions(whole, at=str(AT), learner=(OLD, "er"), workers=0), Impatient(signal.SIGTERM, 12))
    assert Log.read(folder).ended == "interrupted"
    resume(ResumeOptions(folder, workers=0))
    assert (folder / "metrics.jsonl").read_bytes() == (forked[0] / "metrics.jsonl").read_bytes()
    for name in (CONTROL, OTHER):
        assert_same_weights(*(run / "weights" / f"{name}.safetensors" for run in (folder, forked[0])))


@pytest.mark.slow
def test_another_script_begins_on_the_day_of_the_fork(whole, tmp_path):
    path = script(tmp_path, drift=[{"axis": "camera.dirt", "set": 0.7, "at": "2030-05-31"}])
    folder = fork(ForkOptions(whole, at=str(AT), scenario=path, workers=0, out=tmp_path))
    assert Log.read(folder).learners == (CONTROL,)
    old, new = ([row for row in said(run, name) if row["kind"] == "stream"]
                for run, name in ((whole, OLD), (folder, CONTROL)))  # fmt: skip
    apart = [theirs["day"] for ours, theirs in zip(old, new, strict=True) if ours["loss"] != theirs["loss"]]
    assert apart and min(apart) >= AT
    assert "another script" in (folder / "report.html").read_text(encoding="utf-8")


def script(folder, **changed):
    """A file of the script that was lived, with something changed."""
    path = folder / "other.yaml"
    path.write_text(dump(SCRIPT.model_validate(SCRIPT.model_dump() | {"name": "other"} | changed)))
    return str(path)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"drift": [{"axis": "camera.dirt", "set": 0.7, "at": "2030-05-20"}]},
            "camera.dirt is another from 2030-05-20",
        ),
        ({"garden": {**SCRIPT.garden.model_dump(), "plants_per_bed": 3}}, "garden.plants_per_bed is 2 and would be 3"),
        ({"freeze": {"weather": "2030-05-10"}}, "is another from 2030-05-"),
    ],
)
def test_another_past_is_no_fork(whole, tmp_path, changed, message):
    with pytest.raises(RunError, match=f"is not what the run lived until 30 May 2030: .*{message}"):
        fork(ForkOptions(whole, at=str(AT), scenario=script(tmp_path, **changed), out=tmp_path / "none"))
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"at": "04-20"}, "--at 04-20 is after the last day"),
        ({"at": "2030-04-12"}, r"before 2030-04-22 \(day 12\), when commissioning ends"),
        ({"at": "2030-02-30"}, "is no day between"),
        ({"learner": ()}, "say who goes on: --learner NAME"),
        ({"learner": ("nobody",)}, "nobody"),
        ({"learner": ("er", "er")}, "named twice"),
        ({"learner": ("joint",)}, "cannot take over in the middle"),
        ({"of": "si"}, "'si' is not a learner of this run"),
        ({"run": Path("nowhere")}, "does not exist"),
        ({"workers": -1}, "give at least 0"),
    ],
)
def test_what_cannot_be_forked_is_told_before_anything_is_written(whole, tmp_path, options, message):
    given = {"run": whole, "at": str(AT), "learner": ("er",), "out": tmp_path / "none"}
    with pytest.raises(ValueError, match=message):
        fork(ForkOptions(**given | options))
    assert not (tmp_path / "none").exists()


def test_a_run_of_other_sources_or_with_a_damaged_checkpoint_is_not_forked_unknowingly(whole, tmp_path, capsys):
    copy = Path(shutil.copytree(whole, tmp_path / whole.name))
    path = history_path(copy, OLD, max(day for day in history_days(copy, OLD) if day < AT))
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(RunError, match=r"day-00\d\d.ckpt: .*--force to go on from an earlier one"):
        fork(ForkOptions(copy, at=str(AT), learner=("er",), workers=0))
    with claimed(copy), pytest.raises(ClaimError, match="is being written by process"):
        fork(ForkOptions(copy, at=str(AT), learner=("er",)))
    config = json.loads((copy / "config.json").read_text())
    config["hashes"]["code"] = "0123"
    (copy / "config.json").write_text(json.dumps(config))
    assert run_sim.main(["fork", str(copy), "--at", str(AT), "--learner", "er"]) == 2
    said = capsys.readouterr().err
    assert "hashes.code was 0123 and is " in said and "--force" in said


@pytest.mark.parametrize(
    ("text", "day"), [("05-30", 50), ("5-30", 50), ("2030-05-30", 50), ("50", 50), ("04-22", 12), ("83", 83)]
)
def test_a_day_can_be_named_in_three_ways(text, day):
    assert day_of(text, GardenPlace(SCRIPT, 0)) == day


@pytest.mark.parametrize(
    ("before", "after", "carried"),
    [("er", "er+ewc", True), ("er+ewc", "mir", True), ("er", "der", False), ("finetune", "er", False),
     ("er+shrink", "er-ace", True), ("er", "er-balanced", False), ("er", "lwf", False)],
)  # fmt: skip
def test_a_memory_goes_on_where_both_have_one_of_a_kind(before, after, carried):
    frames = torch.arange(8 * 3 * 16 * 16).reshape(8, 3, 16, 16).to(torch.uint8)
    old, new = (make_learner(name, fresh_net(0, len(CLASSES)), seed=0, memory_bytes=40_000) for name in (before, after))
    old.remember(Batch(frames[:6], torch.zeros(6, 8, 8, dtype=torch.uint8)))
    new.remember(Batch(frames[6:], torch.ones(2, 8, 8, dtype=torch.uint8)))
    own = new.state_dict()
    assert carry_memory(old, new) == carried
    now, source = new.state_dict(), old.state_dict() if carried else own
    assert repr(memory_of(now)) == repr(memory_of(source))


def memory_of(state):
    return state.get("learner", state)["memory"]
