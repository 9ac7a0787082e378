"""The loop: see, say what is seen, be told, learn; and now and then sit an exam."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from agent.commission import answered
from agent.desk import Desk
from agent.exams import Checkups, Exams, Picture, grade, showpieces, sit
from agent.monitor.checkups.checkup import Examiner
from agent.monitor.prequential import Prior
from agent.monitor.probes import Bank
from agent.monitor.scores import Checkup, ProbeScore, StreamScore
from agent.monitor.timetable import Timetable
from agent.perception import CLASSES, as_batch, confusions, recognise_and_grade
from agent.policies import Moment, Never, Policy
from agent.realtime import Hurried
from agent.recent import Recent
from agent.stream import Block
from learners.base import Batch, Learner
from learners.cost import Cost
from learners.gate import Gate
from learners.recipes import FRAMES_PER_UPDATE
from scenarios.tables import IGNORE


@dataclass(frozen=True)
class Student:
    """A learner in a run.

    Attributes:
        name: what the report calls it.
        learner: what learns.
        new_frames: the latest labelled frames that an update learns from.
        policy: says when it consolidates.
        learns_without_labels: whether a block that nobody answered is an occasion to learn.
        spent_before: what it cost before its life began.
        still: whether it never changes, so that one exam tells all; its marks are written again at every tick.
        desk: where its answers come in; None where they are those that the stream brings, the same for all.
    """

    name: str
    learner: Learner
    new_frames: int
    policy: Policy = field(default_factory=Never)
    learns_without_labels: bool = False
    spent_before: Cost = field(default_factory=Cost)
    still: bool = False
    desk: Desk | None = None

    @property
    def decisions(self) -> list[dict[str, Any]]:
        """Of its gate, if it has one."""
        return self.learner.decisions if isinstance(self.learner, Gate) else []


@dataclass(frozen=True)
class Decided:
    """A gate has decided whether what was learned is served; `decision` as in `Gate.decisions`."""

    learner: str
    step: int
    day: int
    decision: dict[str, Any]


@dataclass
class Loop:
    """What the loop itself keeps between two blocks; students and stream have states of their own.

    Attributes:
        recent: the latest labelled frames.
        timetable: of the exams.
        exams: as they are sat.
        prior: the blind guesser.
        updates: occasions to learn so far, by student.
        last_truth: the last label map (1, h, w) that has an answer anywhere.
        step, day, frames: of the last block; day and frames only of one that was lived after commissioning.
    """

    recent: Recent
    timetable: Timetable
    exams: Exams
    prior: Prior
    updates: list[int]
    last_truth: np.ndarray | None = None
    step: int = 0
    day: int = 0
    frames: int = 0


class Keeper(Protocol):
    """Sees to it that a life can be gone on with."""

    def begin(self, loop: Loop) -> None:
        """Before the first block: fill the loop with what was kept, where something was."""
        ...

    def after_block(self, loop: Loop) -> None:
        """A block has been lived; now the state may be kept."""
        ...

    def stopped(self, loop: Loop) -> None:
        """The life was stopped between two blocks, before its end."""
        ...


__all__ = ["Picture", "grade", "showpieces", "sit"]  # of `agent.exams`, where others look for them

Event = StreamScore | ProbeScore | Checkup | Picture | Decided
Emit = Callable[[Event], None]


def live(
    stream: Iterable[Block],
    students: Sequence[Student],
    banks: Mapping[str, Bank],
    emit: Emit,
    *,
    first_step: int,
    exam_every_days: int,
    timetable: Timetable | None = None,
    examiner: Examiner | None = None,
    checkups: Checkups = "season",
    classes: int = CLASSES,
    season: Callable[[int], str] = lambda day: "",
    stop: Callable[[], bool] = lambda: False,
    scored: bool = True,
    keeper: Keeper | None = None,
) -> None:
    """Live through a stream with several students at once, each for itself.

    A prediction is scored before its label is learned from. A block that brings fewer answers than usual makes an
    update of as many fewer frames; one that brings none is an occasion only for those who learn without labels. Who has
    a desk learns from what that hands out instead. Exams are sat before the first update, then as the timetable says,
    and at the end.

    Args:
        stream: blocks of frames from the first day on.
        students: they all see the same. A list may be given others in their places while the life goes on.
        banks: the exam, by name; of the first one pictures are kept.
        emit: takes scores, pictures and decisions as they come.
        first_step: where commissioning ended; earlier blocks are passed over.
        exam_every_days: days between two exams, where there is no timetable.
        timetable: of the exams; whoever hears an alarm may tell it.
        examiner: makes checkups, where they are wanted.
        checkups: at the first tick of every season and at both ends of the life, or at both ends alone.
        classes: C, how many there are.
        season: of a day of the life, for policies that want to know.
        stop: asked before every block after commissioning; the life ends early when it says so.
        scored: whether predictions are made for the score before learning; in a loop of its own, where frames are
            not the same for all, there is nothing to compare them with.
        keeper: sets the life aside now and then, or lets it go on where it was set aside: then the stream is one that
            goes on there, too.
    """
    desks = [student.desk for student in students if student.desk is not None]
    timetable = timetable or Timetable(exam_every_days)
    loop = Loop(
        Recent(max(FRAMES_PER_UPDATE, *(student.new_frames for student in students))),  # others may take over
        timetable,
        Exams(
            students, banks, emit,
            classes=classes, bursts=timetable.burst_days > 0, examiner=examiner, checkups=checkups,
        ),
        Prior(classes),
        [0] * len(students),
    )  # fmt: skip
    if keeper is not None:
        keeper.begin(loop)
    recent, exams, prior = loop.recent, loop.exams, loop.prior
    blocks = iter(stream)
    while not (loop.step >= first_step and stop()):
        block = next(blocks, None)
        if block is None:
            break
        labelled = answered(block, classes)
        if block.step <= first_step:
            recent.add(*labelled)
            for desk in desks:
                desk.commission(block)
            loop.last_truth = _last_answered(block.truth, loop.last_truth)
            prior.see(block.truth)
            loop.step = block.step
            continue
        _time_passes(students, len(block.images))
        sitting = timetable.due(block.day)
        if sitting is not None:
            exams.sit(sitting, block.step - len(block.images), block.day)
        copied = copy_last(block.truth, loop.last_truth, classes)
        blind = confusions(block.truth, prior.guess(block.truth), classes).sum(0)
        prior.see(block.truth)
        loop.last_truth = _last_answered(block.truth, loop.last_truth)
        told, scored_frames = len(labelled[1]), int((block.truth != IGNORE).any((1, 2)).sum())
        if told:
            recent.add(*labelled)
        loop.step, loop.day, loop.frames = block.step, block.day, len(block.images)
        for i, student in enumerate(students):
            started_s = time.perf_counter()
            said = recognise_and_grade(student.learner, block.images, block.truth) if scored else None
            predicted_s = time.perf_counter()
            decided = len(student.decisions)
            if student.desk is not None:
                new = student.desk.hand_out(block, student.learner)
            else:
                new = as_batch(*recent.latest(-(-student.new_frames * told // block.asked))) if told else None
            loop.updates[i] += new is not None
            occasion = _unanswered(block, student.new_frames if student.learns_without_labels else 0)
            if new is not None or len(occasion):
                losses = student.learner.learn(occasion if new is None else new)
                moment = Moment(loop.updates[i], season(block.day), losses)
                reason = student.policy.due(moment) if new is not None else None
                if reason is not None:
                    student.learner.consolidate(reason)
                if new is not None:
                    for _ in range(student.policy.extra_updates):
                        student.learner.learn(replace(new, again=len(new)))
            learned_s = time.perf_counter()
            for decision in student.decisions[decided:]:
                emit(Decided(student.name, block.step, block.day, decision))
            if said is None:
                continue
            guess, loss, reliability, entropy = said
            emit(
                StreamScore(
                    student.name,
                    block.step,
                    block.day,
                    scored_frames,
                    confusions(block.truth, guess, classes).sum(0),
                    copied,
                    loss,
                    {"predict": predicted_s - started_s, "learn": learned_s - predicted_s},
                    blind,
                    reliability,
                    entropy,
                )
            )
        if keeper is not None:
            keeper.after_block(loop)
    else:
        if keeper is not None and loop.frames:
            keeper.stopped(loop)
    if loop.frames:
        _time_passes(students, loop.frames, looking=False)
        exams.sit(timetable.last(loop.day + 1), loop.step, loop.day + 1)


def _time_passes(students: Sequence[Student], frames: int, *, looking: bool = True) -> None:
    """Let those who live in real time know that the world went on by so many frames."""
    for student in students:
        if isinstance(student.learner, Hurried):
            student.learner.time_passes(frames, looking=looking)


def copy_last(truth: np.ndarray, before: np.ndarray | None, classes: int = CLASSES) -> np.ndarray:
    """The confusion (C, C) of a guesser that repeats the last label map; where that had no answer, it says class 0."""
    last, copies = truth[0] if before is None else before[0], []
    for shown in truth:
        copies.append(last)
        last = shown if (shown != IGNORE).any() else last
    previous = np.stack(copies)
    return confusions(truth, np.where(previous == IGNORE, 0, previous), classes).sum(0)


def _last_answered(truth: np.ndarray, before: np.ndarray | None) -> np.ndarray | None:
    """The last label map (1, h, w) that has an answer anywhere, of these or else the one `before`."""
    answered = (truth != IGNORE).any((1, 2)).nonzero()[0]
    return truth[answered[-1] :][:1] if len(answered) else before


def _unanswered(block: Block, frames: int) -> Batch:
    """The last frames of a block, at most so many, as ones that nobody answered."""
    images = block.images[len(block.images) - min(frames, len(block.images)) :]
    return as_batch(images, np.full((len(images), *block.truth.shape[1:]), IGNORE, np.uint8))
