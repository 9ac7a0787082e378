"""A run that was killed and gone on with comes to the bits of one that never stopped."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from agent import tasks
from agent.checkpoint import KINDS, Checkpoint, Saved
from agent.claim import ClaimError, claimed
from agent.memento import take
from agent.monitor.log import Log
from agent.options import Pace, RunOptions, paced
from agent.resume import ResumeOptions, resume
from agent.run import RunError, Watcher, brief_for, garden_place, run
from agent.students import read_plan
from learners.recipes import RECIPES
from scenarios.files import parse

SCENARIO = """
name: short
days: 60
steps_per_day: 6
commissioning_days: 12
camera: {width_px: 32, height_px: 32}
garden: {beds: 3, trees: 1, props: 1}
"""
LEARNERS = ("frozen", "er+ewc@alarm")


class Photographer(Watcher):
    """Copies the run's folder after so many messages: what a process leaves that dies there.

    Args:
        moments: numbers of messages.
    """

    def __init__(self, *moments: int) -> None:
        self.moments, self.heard, self.folder, self.copies = moments, 0, Path(), []

    def begin(self, brief, tasks):
        self.folder = brief.folder

    def message(self, message, monitor):
        self.heard += 1
        if self.heard in self.moments:
            self.copies.append(self.folder.with_name(f"died-{self.heard}"))
            shutil.copytree(self.folder, self.copies[-1], ignore=shutil.ignore_patterns("writer.lock"))


def short_run(out, watcher=None, text=SCENARIO, **options):
    options = {"learners": LEARNERS, "workers": 0, "quick": True, "checkpoint_every_days": 6} | options
    pace = Pace(commission_updates=10, converge_updates=60, home_frames=2, away_frames=4, next_year_frames=2)
    return run(RunOptions(out=out, **options), watcher, scenario=parse(text), pace=pace)


def page_of(folder):
    """The report without its part on time."""
    return re.sub(r'<section id="timing".*?</section>', "", (folder / "report.html").read_text(), flags=re.DOTALL)


def assert_same(folder, other):
    """Weights, log, decisions and page are the same to the bit; nothing else lies about."""
    files = [sorted(path.relative_to(f).as_posix() for path in f.rglob("*")) for f in (folder, other)]
    assert files[0] == files[1]
    for path in sorted((folder / "weights").iterdir()):
        ours, theirs = load_file(path), load_file(other / "weights" / path.name)
        for name, weight in ours.items():
            np.testing.assert_array_equal(weight, theirs[name], err_msg=f"{path.name}: {name}")
    for name in ("metrics.jsonl", "decisions.jsonl", "config.json"):
        if (folder / name).exists():
            assert (folder / name).read_bytes() == (other / name).read_bytes(), name
    assert page_of(folder) == page_of(other)


@pytest.fixture(scope="module")
def died(tmp_path_factory):
    """A run that went through, and what it would have left had it died after some messages."""
    watcher = Photographer(1, 20, 45)
    folder = short_run(tmp_path_factory.mktemp("runs"), watcher)
    assert len(watcher.copies) == 3, watcher.heard
    return folder, watcher.copies


@pytest.mark.parametrize("moment", range(3))
def test_who_died_and_is_gone_on_with_comes_to_the_same_bits(died, moment):
    folder, copies = died
    resume(ResumeOptions(copies[moment], workers=0))
    assert_same(folder, copies[moment])


TAUGHT = """
name: taught
days: 60
steps_per_day: 6
commissioning_days: 12
camera: {width_px: 32, height_px: 32}
garden: {beds: 3, trees: 1, props: 1}
teacher: {budget: 0.3, asks: entropy, delay_d: 2.5, label_noise: 0.1, contact: true}
"""


@pytest.fixture(scope="module")
def briefs(tmp_path_factory):
    """Runs that have been commissioned: with the usual teacher, with a gate, and with one who answers late and little."""
    made = {}
    for name, text, gate in (("usual", SCENARIO, 0), ("gate", SCENARIO, 3), ("taught", TAUGHT, 0)):
        pace = Pace(commission_updates=10, converge_updates=60, home_frames=2, away_frames=4, next_year_frames=2)
        out = tmp_path_factory.mktemp(name)
        options, scenario, _ = paced(RunOptions(out=out, quick=True, gate=gate, checkpoint_every_days=6), parse(text))
        made[name] = brief_for(options, garden_place(options, scenario, pace), pace, out / "run")
        tasks.commission(made[name], lambda message: None, lambda: False)
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


@pytest.mark.parametrize(
    ("kind", "name"),
    [("taught", "er+ewc@alarm-replay"), ("gate", "er@season"), ("usual", "hat@season")],
    ids=["late answers", "gate", "regimes"],
)
def test_a_life_goes_on_from_its_checkpoint(briefs, kind, name, tmp_path):
    assert_goes_on(briefs[kind], name, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*RECIPES, "cumulative", "joint"])
def test_every_learner_goes_on_from_its_checkpoint(briefs, name, tmp_path):
    assert_goes_on(briefs["usual"], name, tmp_path)
