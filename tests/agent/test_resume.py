"""A run that was killed and gone on with comes to the bits of one that never stopped."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

import run_sim
from agent import tasks
from agent.checkpoint import KINDS, Checkpoint, Saved, path_of
from agent.claim import ClaimError, claimed
from agent.memento import take
from agent.options import Pace, RunOptions, paced
from agent.resume import ResumeOptions, resume
from agent.run import RunError, Watcher, brief_for, garden_place, run
from agent.students import read_plan
from learners.recipes import RECIPES
from scenarios.files import parse

ROOT = Path(__file__).parent.parent.parent
SCENARIO = """
name: short
days: 39
steps_per_day: 6
commissioning_days: 12
camera: {width_px: 32, height_px: 32}
garden: {beds: 3, trees: 1, props: 1}
"""
TAUGHT = f"{SCENARIO}teacher: {{budget: 0.3, asks: entropy, delay_d: 2.5, label_noise: 0.1, contact: true}}"
LEARNER = "er+ewc@alarm"
PACE = Pace(commission_updates=5, converge_updates=60, home_frames=1, away_frames=2, next_year_frames=1)


class Photographer(Watcher):
    """Copies the run's folder some messages after the first checkpoint of a life, and when the life is done: what a
    process leaves that dies there."""

    def __init__(self) -> None:
        self.folder, self.since, self.copies = Path(), 0, {}

    def begin(self, brief, tasks):
        self.folder = brief.folder

    def message(self, message, monitor):
        self.since += self.since > 0 or (isinstance(message, Saved) and message.life is not None)
        if self.since == 15:
            self.copy("in its life")
        elif isinstance(message, Saved) and message.life is None:
            self.copy("at its end")

    def copy(self, name):
        self.copies[name] = self.folder.with_name(f"died {name}")
        shutil.copytree(self.folder, self.copies[name], ignore=shutil.ignore_patterns("writer.lock"))


class Impatient(Watcher):
    """Sends a signal to its own process after so many messages."""

    def __init__(self, number, after):
        self.number, self.left = number, after

    def message(self, message, monitor):
        self.left -= 1
        if not self.left:
            signal.raise_signal(self.number)


def short_run(out, watcher=None):
    options = RunOptions(out=out, learners=(LEARNER,), workers=0, quick=True, checkpoint_every_days=6, references=False)
    return run(options, watcher, scenario=parse(SCENARIO), pace=PACE)


def page_of(folder):
    """The report without its part on time."""
    page = (folder / "report.html").read_text(encoding="utf-8")
    return re.sub(r'<section id="timing".*?</section>', "", page, flags=re.DOTALL)


def assert_same(folder, other):
    """Weights, log and page are the same to the bit; nothing else lies about."""
    files = [sorted(path.relative_to(f).as_posix() for path in f.rglob("*")) for f in (folder, other)]
    assert files[0] == files[1]
    for path in sorted((folder / "weights").rglob("*.safetensors")):
        ours, theirs = load_file(path), load_file(other / path.relative_to(folder))
        for name, weight in ours.items():
            np.testing.assert_array_equal(weight, theirs[name], err_msg=f"{path.name}: {name}")
    for name in ("metrics.jsonl", "config.json", "strips.npz"):
        assert (folder / name).read_bytes() == (other / name).read_bytes(), name
    assert page_of(folder) == page_of(other)


@pytest.fixture(scope="module")
def died(tmp_path_factory):
    """A run that went through, and what it would have left had it died on the way."""
    watcher = Photographer()
    return short_run(tmp_path_factory.mktemp("runs"), watcher), watcher.copies


@pytest.fixture
def copy(died, tmp_path):
    """What a run left that died in its life."""
    return Path(shutil.copytree(died[1]["in its life"], tmp_path / "runs" / "copy"))


def test_who_died_and_is_gone_on_with_comes_to_the_same_bits(died, copy):
    for name in ("metrics.jsonl", "timing.jsonl"):
        with (copy / name).open("a") as log:
            log.write('{"kind":"stream","learner":"er+e')  # what it was writing when it died
    for name in ("checkpoints/er.ckpt.123.part", "summary.json.123.part"):
        (copy / name).write_bytes(b"half")
    assert 12 < Checkpoint.load(path_of(copy, LEARNER)).day < 39
    resume(ResumeOptions(copy, workers=0))
    assert_same(died[0], copy)


def test_who_was_stopped_tells_what_there_is_and_can_be_gone_on_with(died, tmp_path):
    folder = short_run(tmp_path, Impatient(signal.SIGTERM, 30))
    assert json.loads((folder / "summary.json").read_text())["ended"] == "interrupted"
    assert (folder / "report.html").exists()
    resume(ResumeOptions(folder, workers=0))
    assert_same(died[0], folder)


def test_a_run_of_other_sources_is_not_gone_on_with_unknowingly(died, tmp_path, capsys):
    folder = Path(shutil.copytree(died[1]["at its end"], tmp_path / "runs" / "copy"))
    config = json.loads((folder / "config.json").read_text())
    config["hashes"]["code"], config["versions"]["torch"] = "0123", "1.0"
    (folder / "config.json").write_text(json.dumps(config))
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert run_sim.main(["resume", str(folder)]) == 2
    said = capsys.readouterr().err
    assert "hashes.code was 0123 and is " in said
    assert "versions.torch was 1.0 and is " in said
    assert "--force" in said
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    resume(ResumeOptions(folder, force=True, workers=0))
    config = json.loads((folder / "config.json").read_text())
    assert any("hashes.code was 0123" in told for told in config["resumed"]["with other"])
    assert json.loads((folder / "summary.json").read_text())["ended"] == "finished"


def test_a_damaged_checkpoint_is_named(copy):
    path = path_of(copy, LEARNER)
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    with pytest.raises(RunError, match=r"er\+ewc@alarm.ckpt: damaged.*--force"):
        resume(ResumeOptions(copy, workers=0))


def test_two_processes_never_write_to_one_folder(copy):
    with claimed(copy), pytest.raises(ClaimError, match=f"is being written by process {os.getpid()}"):
        resume(ResumeOptions(copy, workers=0))
    assert not (copy / "writer.lock").exists()


def test_what_cannot_be_gone_on_with_is_told_with_the_reason(died, copy):
    with pytest.raises(RunError, match="has finished; there is nothing left to do"):
        resume(ResumeOptions(died[0]))
    with pytest.raises(RunError, match="does not exist; give the folder of a run"):
        resume(ResumeOptions(copy / "nowhere"))
    (copy / "checkpoints" / "run.json").unlink()
    with pytest.raises(RunError, match=r"holds no checkpoints: .* begin a run anew"):
        resume(ResumeOptions(copy))
    (copy / "config.json").unlink()
    with pytest.raises(RunError, match=r"holds no config.json: .* begin a run anew"):
        resume(ResumeOptions(copy))


@pytest.mark.slow
def test_killed_process_groups_lose_nothing():
    command = [sys.executable, "benchmarks/resume.py", "--kills", "4", "--workers", "2"]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert "4 kills" in told
    assert ": 0 came to another outcome" in told


@pytest.fixture(scope="module")
def briefs(tmp_path_factory):
    """Makes runs that have been commissioned: from a scenario's text, with or without a gate."""

    @cache
    def made(text, gate):
        out = tmp_path_factory.mktemp("lives")
        options, scenario, _ = paced(RunOptions(out=out, quick=True, gate=gate, checkpoint_every_days=6), parse(text))
        brief = brief_for(options, garden_place(options, scenario, PACE), PACE, out / "run")
        tasks.commission(brief, lambda message: None, lambda: False)
        return brief

    return made


def lived(brief, name, saved=None):
    """What a life tells, seconds aside, and by its side the states that it sent after so many messages."""
    told, states = [], []

    def send(message):
        if isinstance(message, Saved):
            states.append((len(told), message))
        else:
            rows = {key: part for key, part in vars(message).items() if key != "seconds"}
            if "cost" in rows:
                rows["cost"] = {key: part for key, part in rows["cost"].items() if key != "seconds"}
            told.append((type(message).__name__, plain(rows)))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks, "explain", lambda *given: None)  # it looks at a life that is over, and takes long
        tasks.life(brief, (name,), send, lambda: False, watched=True, saved=saved)
    return told, states


def plain(value):
    """Arrays as lists, so that values can be compared."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, np.ndarray | list | tuple) else repr(value)


def assert_goes_on(brief, name, tmp_path):
    """A life that goes on from a checkpoint, through a file, tells the same, and ends with the same weights."""
    told, states = lived(brief, name)
    weights = load_file(brief.weights(read_plan(name).name))
    behind, saved = states[len(states) // 2]
    path = tmp_path / "life.ckpt"
    Checkpoint(saved.step, saved.day, saved.life, take({}, KINDS), {}).save(path)
    again, _ = lived(brief, name, path)
    assert 0 < behind < len(told)
    assert again == told[behind:]
    for key, weight in load_file(brief.weights(read_plan(name).name)).items():
        np.testing.assert_array_equal(weight, weights[key], err_msg=key)


def test_a_life_with_late_and_chosen_answers_goes_on_from_its_checkpoint(briefs, tmp_path):
    assert_goes_on(briefs(TAUGHT, 0), "er+ewc@alarm-replay", tmp_path)


@pytest.mark.slow
def test_a_life_behind_a_gate_goes_on_from_its_checkpoint(briefs, tmp_path):
    assert_goes_on(briefs(SCENARIO, 3), "hat@season", tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*RECIPES, "cumulative", "joint"])
def test_every_learner_goes_on_from_its_checkpoint(briefs, name, tmp_path):
    assert_goes_on(briefs(SCENARIO, 0), name, tmp_path)
