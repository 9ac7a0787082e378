"""The loop: see, say what is seen, be told, learn; and now and then sit an exam."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agent.monitor.probes import Bank
from agent.monitor.scores import ProbeScore, StreamScore
from agent.perception import as_batch, confusions, recognise, recognise_and_loss
from agent.stream import Block
from learners.base import Learner
from scenarios.tables import IGNORE


@dataclass(frozen=True)
class Student:
    """A learner in a run.

    Attributes:
        name: what the report calls it.
        learner: what learns.
        new_frames: the latest labelled frames that an update learns from.
        consolidate_every: updates between two consolidations; 0 for never.
    """

    name: str
    learner: Learner
    new_frames: int
    consolidate_every: int = 0


@dataclass(frozen=True)
class Picture:
    """What a learner said about the frames that the report shows, (S, h, w) uint8, one a phase."""

    learner: str
    day: int
    guess: np.ndarray


Event = StreamScore | ProbeScore | Picture
Emit = Callable[[Event], None]


def live(
    stream: Iterable[Block],
    students: Sequence[Student],
    banks: Mapping[str, Bank],
    emit: Emit,
    *,
    first_step: int,
    exam_every_days: int,
    stop: Callable[[], bool] = lambda: False,
) -> None:
    """Live through a stream with several students at once, each for itself.

    A prediction is scored before its label is learned from. A block that brings fewer answers than usual makes an
    update of as many fewer frames; one that brings none makes no update. Exams are sat before the first update, then
    every `exam_every_days` days, and at the end.

    Args:
        stream: blocks of frames from the first day on.
        students: they all see the same.
        banks: the exam, by name.
        emit: takes scores and pictures as they come.
        first_step: where commissioning ended; earlier blocks are passed over.
        exam_every_days: days between two exams.
        stop: asked before every block; the life ends early when it says so.
    """
    recent = Recent(max(student.new_frames for student in students))
    last_truth: np.ndarray | None = None
    next_exam_day, updates, lived = -1, 0, None
    for block in stream:
        if block.step <= first_step:
            recent.add(*block.labelled)
            last_truth = block.truth[-1:]
            continue
        if stop():
            break
        if block.day >= next_exam_day:
            examine(students, banks, block.step - len(block.images), block.day, emit)
            next_exam_day = (block.day // exam_every_days + 1) * exam_every_days
        copied = copy_last(block.truth, last_truth)
        last_truth = block.truth[-1:]
        told = len(block.labelled[1])
        if told:
            recent.add(*block.labelled)
            updates += 1
        lived = block
        for student in students:
            started_s = time.perf_counter()
            guess, loss = recognise_and_loss(student.learner, block.images, block.truth)
            predicted_s = time.perf_counter()
            if told:
                student.learner.learn(as_batch(*recent.latest(-(-student.new_frames * told // block.asked))))
                if student.consolidate_every and updates % student.consolidate_every == 0:
                    student.learner.consolidate("schedule")
            learned_s = time.perf_counter()
            emit(
                StreamScore(
                    student.name,
                    block.step,
                    block.day,
                    len(block.images),
                    confusions(block.truth, guess).sum(0),
                    copied,
                    loss,
                    {"predict": predicted_s - started_s, "learn": learned_s - predicted_s},
                )
            )
    if lived is not None:
        examine(students, banks, lived.step, lived.day + 1, emit)


def examine(students: Sequence[Student], banks: Mapping[str, Bank], step: int, day: int, emit: Emit) -> None:
    """Let every student sit every bank; the home bank's showpieces are kept as pictures."""
    for student in students:
        for name, bank in banks.items():
            guess = sit(student.learner, bank)
            emit(ProbeScore(student.name, step, day, name, grade(bank, guess)))
            if name == "home":
                emit(Picture(student.name, day, guess[np.arange(len(guess)), showpieces(bank)]))


def sit(learner: Learner, bank: Bank) -> np.ndarray:
    """The learner's answers to a bank, (S, n, h, w) uint8."""
    phases, frames = bank.images.shape[:2]
    guess = recognise(learner, bank.images.reshape(phases * frames, *bank.images.shape[2:]))
    return guess.reshape(phases, frames, *guess.shape[1:])


def grade(bank: Bank, guess: np.ndarray) -> np.ndarray:
    """Confusion matrices of a bank, (S, n, C, C) int32."""
    phases, frames = guess.shape[:2]
    flat = confusions(bank.truth.reshape(-1, *bank.truth.shape[2:]), guess.reshape(-1, *guess.shape[2:]))
    return flat.reshape(phases, frames, *flat.shape[1:])


def showpieces(bank: Bank) -> np.ndarray:
    """For every phase the frame that shows the most classes, (S,) int."""
    shares = np.stack([(bank.truth == c).mean((2, 3)) for c in range(IGNORE) if (bank.truth == c).any()])
    return (shares > 0.01).sum(0).argmax(1)


def copy_last(truth: np.ndarray, before: np.ndarray | None) -> np.ndarray:
    """The confusion (C, C) of a guesser that repeats the last label map; where that had no answer, it says class 0."""
    previous = np.concatenate([truth[:1] if before is None else before, truth[:-1]])
    return confusions(truth, np.where(previous == IGNORE, 0, previous)).sum(0)


class Recent:
    """The latest labelled frames.

    Args:
        frames: how many are kept.
    """

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._images: np.ndarray | None = None
        self._labels: np.ndarray | None = None

    def add(self, images: np.ndarray, labels: np.ndarray) -> None:
        """Take in newer frames (n, 3, H, W) and labels (n, h, w)."""
        if self._images is not None and self._labels is not None:
            images, labels = np.concatenate([self._images, images]), np.concatenate([self._labels, labels])
        self._images, self._labels = images[-self._frames :], labels[-self._frames :]

    def latest(self, frames: int) -> tuple[np.ndarray, np.ndarray]:
        """The last `frames` of them, oldest first."""
        if self._images is None or self._labels is None:
            raise LookupError("no labelled frame has come yet")
        return self._images[-frames:], self._labels[-frames:]
