"""A run that was killed and gone on with comes to the bits of one that never stopped."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from agent.claim import ClaimError, claimed
from agent.monitor.log import Log
from agent.options import Pace, RunOptions
from agent.resume import ResumeOptions, resume
from agent.run import RunError, Watcher, run
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
