"""Whatever the machine, a net or a teacher does, a run ends with a sentence or goes on, and nothing lived is lost.

A full disk is made by the system itself: no file may grow beyond a limit (RLIMIT_FSIZE), at which a write fails as it
does where no room is left, half of it written.
"""

import datetime as dates
import errno
import json
import math
import multiprocessing
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

import agent.run
import run_sim
from agent import live
from agent.alarm import Alarm
from agent.checkpoint import Checkpoint, Saved, path_of
from agent.faults import CutShort, cut_short
from agent.monitor.journal import METRICS
from agent.monitor.log import Log
from agent.monitor.scores import StreamScore
from agent.options import RunOptions
from agent.perception import confusions
from agent.resume import ResumeOptions, resume
from agent.run import Watcher, new_folder, run
from agent.tasks import Advanced, Looked
from agent.teacher import Teacher, TeacherError
from learners.base import Seen
from learners.disk import save_state
from learners.online import Online
from tests.agent.tiny import PACE, tiny

pytestmark = pytest.mark.usefixtures("unexplained")

ROOT = Path(__file__).parent.parent.parent
DAYS, COMMISSIONING = 20, 8
ROOM_BYTES = 40  # left when a disk gets full: less than a row needs


class Trouble(Watcher):
    """Does something once a life has sent so many messages of a kind."""

    def __init__(self, kind, do, after=1):
        self.kind, self.do, self.left, self.said, self.folder = kind, do, after, [], Path()

    def begin(self, brief, tasks):
        self.folder = brief.folder

    def message(self, message, monitor):
        self.left -= isinstance(message, self.kind) and getattr(message, "life", True) is not None
        if not self.left:
            self.left = -1
            self.do(self.folder)

    def trouble(self, said):
        self.said.append(said)


def lived(out, watcher=None, *, workers=0, scenario=None, **more):
    options = RunOptions(
        out=out, learners=("er",), workers=workers, quick=True, checkpoint_every_days=4, references=False,
        learn_every=8, keep_weights=0, checkups=False,
    )  # fmt: skip
    scenario = scenario or tiny(DAYS, steps_per_day=4, commissioning_days=COMMISSIONING)
    return run(options, watcher, scenario=scenario, pace=PACE, **more)


@pytest.fixture(scope="module")
def untroubled(tmp_path_factory):
    return lived(tmp_path_factory.mktemp("runs"))


@pytest.fixture
def limit():
    """Sets the size beyond which no file may grow, really."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def assert_goes_on(folder, untroubled):
    """What was left is whole, and going on leads where a run without trouble came to."""
    assert not [path for path in folder.rglob("*") if path.suffix == ".part"]
    assert (folder / METRICS).read_bytes().endswith(b"}\n")
    assert Log.read(folder).ended == "interrupted"
    resume(ResumeOptions(folder, workers=0))
    assert_same(folder, untroubled)


def assert_same(folder, other):
    assert (folder / METRICS).read_bytes() == (other / METRICS).read_bytes()
    for name, weight in load_file(other / "weights" / "er.safetensors").items():
        np.testing.assert_array_equal(weight, load_file(folder / "weights" / "er.safetensors")[name])
    assert json.loads((folder / "summary.json").read_text())["ended"] == "finished"
    assert (folder / "report.html").exists()


def test_a_disk_that_fills_up_in_a_life_ends_it_in_a_sentence_and_half_a_row_is_none(
    tmp_path, limit, untroubled, capsys
):
    full = Trouble(StreamScore, lambda folder: limit((folder / METRICS).stat().st_size + ROOM_BYTES), 3)
    with pytest.raises(CutShort, match=r"metrics.jsonl: File too large. .*, then: python run_sim.py resume .*tiny$"):
        lived(tmp_path, full)
    before = (full.folder / METRICS).read_bytes()
    assert run_sim.main(["resume", str(full.folder), "--workers", "0"]) == 2  # nothing was done about it
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert "File too large. Let files be larger there" in told[0]
    limit(resource.RLIM_INFINITY)
    assert before.startswith((full.folder / METRICS).read_bytes())
    assert_goes_on(full.folder, untroubled)


def test_a_checkpoint_that_cannot_be_written_is_told_and_tried_again_at_the_next(tmp_path, limit, untroubled):
    class Lifted(Trouble):
        def trouble(self, said):
            super().trouble(said)
            assert Checkpoint.load(path_of(self.folder, "er")).day == self.day  # the one before is whole
            limit(resource.RLIM_INFINITY)

        def message(self, message, monitor):
            if isinstance(message, Saved) and not self.said and path_of(self.folder, "er").exists():
                self.day = message.day
            super().message(message, monitor)

    watcher = Lifted(Saved, lambda folder: limit((folder / METRICS).stat().st_size + 50_000))
    folder = lived(tmp_path, watcher)
    [said] = watcher.said
    assert said.startswith(f"{path_of(folder, 'er')}: not written (File too large): ")
    assert_same(folder, untroubled)


def test_a_folder_that_cannot_hold_its_first_checkpoint_is_found_out_before_anything_is_lived(tmp_path, limit):
    full = Trouble(Advanced, lambda folder: limit((folder / "config.json").stat().st_size))
    with pytest.raises(CutShort, match=r"begin the run anew, for it has no checkpoint yet$"):
        lived(tmp_path, full)


def test_a_disk_that_fills_up_at_the_very_end_leaves_a_report_to_be_written(tmp_path, limit, untroubled):
    full = Trouble(Looked, lambda folder: limit((folder / METRICS).stat().st_size + 6000))
    with pytest.raises(CutShort, match="File too large"):
        lived(tmp_path, full)
    limit(resource.RLIM_INFINITY)
    assert Log.read(full.folder).ended == "finished"
    assert not (full.folder / "report.html").exists()
    resume(ResumeOptions(full.folder, workers=0))
    assert_same(full.folder, untroubled)


def test_a_folder_that_becomes_read_only_ends_a_run_that_can_be_gone_on_with(tmp_path, untroubled):
    """No file can be put in its place, as the system says it of a disk that it has mounted anew."""

    def refuse(*paths):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(paths[1]))

    with pytest.MonkeyPatch.context() as patch:
        watcher = Trouble(StreamScore, lambda folder: patch.setattr(os, "replace", refuse))
        with pytest.raises(CutShort, match=r"er.safetensors: Read-only file system. Make it writable, then: python"):
            lived(tmp_path, watcher)
    assert "checkpoint before" in watcher.said[0]
    assert_goes_on(watcher.folder, untroubled)


@pytest.mark.parametrize("which", ["memory", "teacher", "classes", "shape"])
def test_what_fails_in_a_life_is_told_and_can_be_gone_on_with(tmp_path, untroubled, which):
    grade, say = live.recognise_and_grade, Teacher.say

    def short_of_memory(*given):
        np.empty(2**60, np.uint8)  # an exbibyte, for which NumPy raises its own error
        return grade(*given)

    def gone(self, truth, step):
        raise RuntimeError("the teacher has gone home")

    fails, error, told = {
        "memory": ((live, "recognise_and_grade", short_of_memory), CutShort, "out of memory .*1.00 EiB.*resume"),
        "teacher": ((Teacher, "say", gone), RuntimeError, "^the teacher has gone home$"),
        "classes": (
            (Teacher, "say", lambda self, truth, step: truth * 0 + 77),
            TeacherError,
            "name class 77; expected 0",
        ),
        "shape": ((Teacher, "say", lambda self, *given: say(self, *given)[1:]), TeacherError, "a label map for every"),
    }[which]
    with pytest.MonkeyPatch.context() as patch:
        watcher = Trouble(StreamScore, lambda folder: patch.setattr(*fails), 4)
        with pytest.raises(error, match=told):
            lived(tmp_path, watcher)
    assert json.loads((watcher.folder / "summary.json").read_text())["ended"] == "interrupted"
    assert (watcher.folder / "report.html").exists()
    assert_goes_on(watcher.folder, untroubled)


def test_a_teacher_who_falls_silent_for_ever_ends_the_updates_and_not_the_life(tmp_path, untroubled):
    silent = [{"axis": "teacher.answered", "set": 0, "at": "2030-04-23"}]
    scenario = tiny(DAYS, steps_per_day=4, commissioning_days=COMMISSIONING, start="2030-04-10", drift=silent)
    told, usual = (
        json.loads((folder / "summary.json").read_text()) for folder in (lived(tmp_path, scenario=scenario), untroubled)
    )
    assert told["ended"] == "finished"
    assert told["days_lived"] == usual["days_lived"]
    assert 0 < told["learners"]["er"]["cost"]["updates"] < usual["learners"]["er"]["cost"]["updates"]


def test_a_clock_that_jumps_changes_the_names_of_folders_and_nothing_else(tmp_path, untroubled):
    jumps = [0.0]

    def jumping():
        jumps[0] += -86400.0 * 365 if len(jumps) % 2 else 7e7
        jumps.append(0.0)
        return 1.9e9 + jumps[0]

    class Wrong(dates.datetime):
        @classmethod
        def now(cls, tz=None):
            return cls.fromtimestamp(jumping(), tz)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", jumping)
        patch.setattr(agent.run, "datetime", Wrong)
        folder = lived(tmp_path)
        back = [new_folder(tmp_path, "tiny") for _ in range(3)]
    assert_same(folder, untroubled)
    assert len({folder, *back}) == 4
    rows = [json.loads(line) for line in (folder / "timing.jsonl").read_text().splitlines()]
    assert all(
        s >= 0
        for row in rows
        for s in np.ravel(
            list(np.atleast_1d(row["seconds"])[0].values()) if isinstance(row["seconds"], dict) else row["seconds"]
        )
    )


def test_a_net_that_breaks_in_its_life_is_counted_and_named_and_the_log_stays_json(tmp_path):
    learn = Online.learn

    def break_(self, batch):
        losses = learn(self, batch)
        if self.cost.updates == 5:
            with torch.no_grad():
                self.weights.vector.data.fill_(math.nan)
        return losses

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Online, "learn", break_)
        folder = lived(tmp_path)

    def refuse(token):
        raise AssertionError(token)

    rows = [json.loads(line, parse_constant=refuse) for line in (folder / METRICS).read_text().splitlines()]
    stream = [row for row in rows if row["kind"] == "stream"]
    broken = [row["day"] for row in stream if row.get("not_finite")]
    assert broken == [row["day"] for row in stream if row["loss"] is None]
    assert 0 < len(broken) < len(stream)
    told = json.loads((folder / "summary.json").read_text())["learners"]["er"]
    assert told["stream"]["not_finite"] == sum(row.get("not_finite", 0) for row in stream)
    assert math.isfinite(told["stream"]["loss"])
    assert told["cost"]["skipped"] > 0
    assert "with what is no number (NaN or infinite): its net is broken" in (folder / "report.html").read_text()


class Nothing(torch.nn.Module):
    """A net that answers with what is no number."""

    def __init__(self, classes):
        super().__init__()
        self.head = torch.nn.Conv2d(3, classes, 2, stride=2)

    def forward(self, images):
        features = torch.nn.functional.avg_pool2d(images, 2)
        return Seen(self.head(images) * math.nan, features)


def test_a_net_that_never_answers_with_a_number_is_refused_before_its_life(tmp_path):
    with pytest.raises(ValueError, match="it could learn nothing in commissioning"):
        lived(tmp_path, make_net=lambda seed, classes: Nothing(classes))


def test_what_is_no_number_is_not_heard_by_an_alarm():
    losses = np.random.default_rng(0).normal(1.0, 0.1, 80).tolist() + [2.0] * 40
    plain, alarm = Alarm(), Alarm()
    heard = [plain.hear(loss) for loss in losses]
    assert any(heard)
    assert [alarm.hear(each) for loss in losses for each in (math.nan, loss)][1::2] == heard


@pytest.mark.parametrize(("there", "said"), [(12, 0), (0, 12)])
def test_classes_that_there_are_not_are_refused_and_not_counted_beyond_the_table(there, said):
    maps = [np.full((1, 2, 2), value, np.uint8) for value in (there, said)]
    with pytest.raises(ValueError, match=r"class 12 was .*; there are 12"):
        confusions(*maps, classes=12)


def test_half_a_state_is_none(tmp_path, limit):
    limit(100)
    with pytest.raises(OSError, match="File too large"):
        save_state(tmp_path / "a.safetensors", {"a": torch.zeros(1000)})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (MemoryError(), "r: out of memory (it did not say where). Close other programs, or give"),
        (
            RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"),
            "r: out of memory ([enforce fail] D",
        ),
        (ChildProcessError("a process was killed: do this"), "r: a process was killed. Do this, then: "),
        (PermissionError(errno.EACCES, "Permission denied", "r/x"), "r/x: Permission denied. Make it writable, then: "),
        (OSError(errno.EIO, "Input/output error"), "r: Input/output error. See to that, then: "),
    ],
)
def test_what_a_machine_does_is_told_with_what_would_help(error, told):
    assert str(cut_short(error, Path("r"), goes_on=True)).startswith(told)
    assert str(cut_short(error, Path("r"), goes_on=False)).endswith("begin the run anew, for it has no checkpoint yet")
    assert cut_short(ValueError("given"), Path("r"), goes_on=True) is None


@pytest.mark.slow
def test_a_worker_that_is_killed_ends_a_run_that_can_be_gone_on_with(tmp_path, untroubled):
    def kill(folder):
        for process in multiprocessing.active_children():
            process.kill()

    watcher = Trouble(StreamScore, kill, 4)
    with pytest.raises(CutShort, match=r"tiny: a process that worked on it was killed .*: python run_sim.py resume"):
        lived(tmp_path, watcher, workers=1)
    assert_goes_on(watcher.folder, untroubled)


SHORT_OF_MEMORY = """
import resource, sys
from pathlib import Path
import numpy as np
from agent import live
from tests.agent.test_faults import StreamScore, Trouble, lived

kept, grade = [], live.recognise_and_grade

def greedy(*given):
    kept.append(np.ones(50_000_000))
    return grade(*given)

def tighten(folder):
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + 600_000_000, resource.RLIM_INFINITY))
    live.recognise_and_grade = greedy

lived(Path(sys.argv[1]), Trouble(StreamScore, tighten, 4))
"""


@pytest.mark.slow
def test_a_process_that_gets_no_more_memory_ends_its_run_in_order(tmp_path):
    """The system itself refuses (RLIMIT_AS); what is then written has to do with what is left."""
    done = subprocess.run(
        [sys.executable, "-c", SHORT_OF_MEMORY, str(tmp_path)], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert "agent.faults.CutShort" in done.stderr.splitlines()[-1]
    assert "out of memory (Unable to allocate 381. MiB" in done.stderr.splitlines()[-1]
    [folder] = [path for path in tmp_path.iterdir() if path.name.endswith("tiny")]
    assert Log.read(folder).ended == "interrupted"
    resume(ResumeOptions(folder, workers=0))
    assert json.loads((folder / "summary.json").read_text())["ended"] == "finished"
