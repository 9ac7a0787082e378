"""Checkpoints: what a life has come to, set aside every few days, so that it goes on to the same bits after any end.

A life runs in a process of its own and tells what happens in messages; its log is kept by the process that started
it. So a checkpoint has two halves. The life sends what it is (`Saved`), as the last message of that moment; who keeps
the log adds what it has made of all messages before (`told`) and how many rows of the log they were, and writes both
as one file, whole or not at all: `checkpoints/<learner>.ckpt`. What happened after it is lived again.

Nothing here needs pickle: see `agent.memento`, and `KINDS` for the classes that have a state.
"""

import json
import platform
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from agent.alarm import Alarm
from agent.brief import Brief
from agent.contact import Contact, Glimpse
from agent.desk import Desk, Person, Shown
from agent.exams import Exams, Picture
from agent.history import FOLDER as HISTORY
from agent.history import history_path, stays
from agent.kept_weights import KeptWeights
from agent.live import Loop, Student
from agent.memento import Kinds, Memento, MementoError, put_back, take
from agent.monitor.checkups.checkup import Examiner, First
from agent.monitor.detectors import Adwin, Cusum, Level, PageHinkley
from agent.monitor.journal import STREAM, Counts, Row
from agent.monitor.local import Local
from agent.monitor.loss_alarm import LossAlarm
from agent.monitor.places import Places
from agent.monitor.prequential import FadedMean, Prior
from agent.monitor.reference import Reference
from agent.monitor.shape import Shape
from agent.monitor.steps import Steps
from agent.monitor.timetable import Timetable
from agent.monitor.views import View, Views
from agent.monitor.watch import Judge, StreamMonitor
from agent.passage import Passage
from agent.patrol import Patrol
from agent.policies import Every, Never, OnAlarm, OnSeason, ReplayOnAlarm
from agent.recent import Recent
from agent.stream import Fingerprint, PatrolLife, Post
from agent.succession import Succession
from garden_env.container import ContainerError, read, write
from garden_env.whole import write_whole
from learners.cost import Meter

FOLDER, ABOUT = "checkpoints", "run.json"
COMMISSIONED = "commissioned"  # name of the checkpoint that says that the log has begun
FORMAT, VERSION = "evergreen checkpoint", 2


@dataclass
class Account:
    """What is counted of a life while it goes on: seconds by learner, and the last control step."""

    seconds: dict[str, float]
    last_step: int


KINDS: Kinds = {
    # the loop
    Loop: (),
    Recent: (),
    Prior: (),
    Timetable: ("_season",),
    Exams: ("_students", "_banks", "_emit", "_examiner"),
    Examiner: ("_bank", "_life", "_fresh", "_mini", "_task"),
    First: (),
    # the stream, and who watches it
    Passage: (),
    PatrolLife: (),
    Patrol: ("_route_m", "_robot"),
    Post: ("_due", "_chosen", "_teacher"),
    Fingerprint: (),
    KeptWeights: ("_folder",),
    StreamMonitor: ("features",),
    Judge: ("_thresholds",),
    Places: (),
    Reference: (),
    Shape: (),
    Steps: (),
    Local: ("_parts", "_points_m", "_room"),
    Views: (),
    View: (),
    **dict.fromkeys((PageHinkley, Adwin, Cusum, Level), ()),
    # students
    **dict.fromkeys((Never, Every, OnAlarm, OnSeason, ReplayOnAlarm, Alarm), ()),
    Desk: (),
    Person: ("_teacher", "_chooser"),
    Shown: (),
    Contact: ("_camera", "_robot", "_points", "_near"),
    Glimpse: (),
    Meter: (),
    Account: (),
    Succession: ("_brief", "_name", "_frames", "_day", "_after", "_over", "students"),
    # the log
    LossAlarm: ("_thresholds",),
    FadedMean: (),
    Picture: (),
}


class CheckpointError(ValueError):
    """A checkpoint that cannot be gone on with; the message says which, and why."""


@dataclass(frozen=True)
class Saved:
    """What a task has come to, as a message.

    Attributes:
        name: of the checkpoint.
        names: whose messages the task sends: learners, or a reference.
        watched: whether it tells of the stream, too.
        step, day: lived so far.
        life: its state; None where the task is done.
        stays: whether it also goes to the history of the run.
    """

    name: str
    names: tuple[str, ...]
    watched: bool
    step: int
    day: int
    life: Memento | None
    stays: bool = False

    @property
    def speakers(self) -> tuple[str, ...]:
        """Whose rows of the log come from it."""
        return (*self.names, STREAM) if self.watched else self.names


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint as it lies on disk.

    Attributes:
        step, day: lived so far.
        life: of the task; None where it is done.
        told: what the keeper of the log had made of its messages.
        counts: rows of the log that they were.
    """

    step: int
    day: int
    life: Memento | None
    told: Memento
    counts: Counts

    def save(self, path: Path) -> None:
        """Write it; the one before it is there until this one is whole."""
        parts = {"told": self.told} | ({} if self.life is None else {"life": self.life})
        arrays = {f"{part}:{name}": array for part, held in parts.items() for name, array in held.arrays.items()}
        header = {
            "step": self.step,
            "day": self.day,
            "counts": self.counts,
            "outlines": {part: held.outline for part, held in parts.items()},
        }
        write(path, arrays, header, format_name=FORMAT, version=VERSION, overwrite=True)

    def remember(self, built: Row, path: Path) -> Row:
        """What the keeper of the log had made of the messages, filled into what is built; `path` is for the error.

        Raises:
            CheckpointError: it does not fit.
        """
        try:
            return put_back(self.told, built, KINDS)
        except MementoError as error:
            raise CheckpointError(f"{path}: of day {self.day}, does not fit this run: {error}") from error

    @classmethod
    def load(cls, path: Path) -> "Checkpoint":
        """Read one.

        Raises:
            ContainerError: it is missing, damaged or no checkpoint.
        """
        arrays, header = read(path, format_name=FORMAT, version=VERSION)
        try:
            parts = {
                part: Memento(
                    outline,
                    {
                        name.removeprefix(f"{part}:"): array
                        for name, array in arrays.items()
                        if name.startswith(f"{part}:")
                    },
                )
                for part, outline in header["outlines"].items()
            }
            return cls(header["step"], header["day"], parts.get("life"), parts["told"], header["counts"])
        except (KeyError, AttributeError, TypeError) as error:
            raise ContainerError(f"{path}: not a checkpoint of this program: {error!r}") from error


def path_of(folder: Path, name: str) -> Path:
    """Where the checkpoint of a task lies in the folder of a run."""
    return folder / FOLDER / f"{name}.ckpt"


def write_about(brief: Brief, frames: Path | None) -> None:
    """Write down what a run must be gone on with beside its configuration."""
    about = {
        "machine": machine(),
        "net": f"{brief.make_net.__module__}.{brief.make_net.__qualname__}",
        "place": type(brief.place).__name__,
        "frames": None if frames is None else str(frames.resolve()),
    }
    write_whole(brief.folder / FOLDER / ABOUT, (json.dumps(about, indent=2) + "\n").encode())


def keep(checkpoint: Checkpoint, folder: Path, name: str) -> None:
    """Let a checkpoint of a run stay when it has finished, with what it must be gone on with."""
    checkpoint.save(history_path(folder, name, checkpoint.day))
    write_whole(folder / HISTORY / ABOUT, (folder / FOLDER / ABOUT).read_bytes())


def machine() -> dict[str, str]:
    """On what equal bits depend beside the sources: another of these may round otherwise."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "vector instructions": torch.backends.cpu.get_cpu_capability(),
        "torch build": torch.__version__,
    }


def forget(folder: Path) -> None:
    """Remove the checkpoints of a run that has finished."""
    (folder / FOLDER / ABOUT).unlink(missing_ok=True)  # without it, nothing there is gone on with
    shutil.rmtree(folder / FOLDER, ignore_errors=True)


class LifeKeeper:
    """Sets a life aside every so many days and when it is stopped; implements `agent.live.Keeper`.

    Args:
        name: of the checkpoint.
        students: who live.
        others: by name, whatever else has a state: the way through the stream, who examines, who watches.
        send: takes `Saved`.
        every_days: days of the life between two checkpoints, counted from its first on, whenever it was stopped.
        first_day: of the life.
        days: of the calendar, commissioning included.
        sets: checkpoints that stay, see `agent.history`.
        watched: see `Saved`.
        saved: checkpoint to go on from.

    Attributes:
        whole: whether the life was not stopped.
    """

    def __init__(
        self, name: str, students: Sequence[Student], others: dict[str, Any], send: Callable[[Any], None], *,
        every_days: int, first_day: int, days: int, sets: int, watched: bool, saved: Path | None,
    ) -> None:  # fmt: skip
        self._name, self._students, self._others, self._send = name, students, others, send
        self._every_days, self._last_day, self._watched, self._saved = every_days, first_day, watched, saved
        self._first_day, self._days, self._sets = first_day, days, sets
        self.whole = True

    def begin(self, loop: Loop) -> None:
        """Fill loop, students and the others with what was saved."""
        if self._saved is None:
            return
        saved = Checkpoint.load(self._saved)
        assert saved.life is not None, "a life that is over is not gone on with"
        built = self._parts(loop)
        for told in built["students"]:
            told["learner"] = None  # it fills itself, from a state of its own
        try:
            kept = put_back(saved.life, built, KINDS)
            for student, told in zip(self._students, kept["students"], strict=True):
                student.learner.load_state_dict(told["learner"])
        except (
            AttributeError,
            KeyError,
            RuntimeError,
            TypeError,
            ValueError,
        ) as error:  # learners raise what they like
            raise CheckpointError(f"{self._saved}: does not fit this run: {error}") from error
        self._last_day = saved.day

    def after_block(self, loop: Loop) -> None:
        """Set the life aside if it is time."""
        now, last = self._whole_spans(loop.day), self._whole_spans(self._last_day)
        if now > last:
            self._save(loop, stays=stays(now, last, sets=self._sets, of_days=self._days - self._first_day))

    def stopped(self, loop: Loop) -> None:
        """Set the life aside."""
        self.whole = False
        self._save(loop)

    def done(self, last_step: int) -> None:
        """Nothing is left to do."""
        self._send(Saved(self._name, self._names, self._watched, last_step, self._last_day, None))

    def _whole_spans(self, day: int) -> int:
        """Days since the life's first, in whole spans between two checkpoints."""
        return (day - self._first_day) // self._every_days * self._every_days

    def _save(self, loop: Loop, *, stays: bool = False) -> None:
        self._last_day = loop.day
        state = take(self._parts(loop), KINDS)
        self._send(Saved(self._name, self._names, self._watched, loop.step, loop.day, state, stays))

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(student.name for student in self._students)

    def _parts(self, loop: Loop) -> dict[str, Any]:
        students = [
            {"learner": student.learner.state_dict(), "policy": student.policy, "desk": student.desk}
            for student in self._students
        ]
        return {"loop": loop, "students": students, **self._others}
