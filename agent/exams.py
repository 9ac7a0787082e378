"""The exam as it is sat: banks of probes in full, a small one in bursts, and checkups of what marks cannot show."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

import numpy as np

from agent.monitor.checkups.checkup import Examiner
from agent.monitor.log import MINI
from agent.monitor.plan import MINI_FRAMES
from agent.monitor.probes import Bank
from agent.monitor.scores import Checkup, ProbeScore
from agent.monitor.timetable import Sitting
from agent.perception import CLASSES, confusions, recognise
from learners.base import Learner
from scenarios.tables import IGNORE

Checkups = Literal["season", "ends"]
HEADLINE = "away"  # the bank of headlines where there is one; else the first


class Examinee(Protocol):
    """Who sits exams: `agent.live.Student` is one."""

    @property
    def name(self) -> str: ...
    @property
    def learner(self) -> Learner: ...
    @property
    def still(self) -> bool:
        """Whether it never changes."""
        ...


@dataclass(frozen=True)
class Picture:
    """What a learner said about the frames that the report shows, (S, h, w) uint8, one a phase."""

    learner: str
    day: int
    guess: np.ndarray


class Exams:
    """Lets students sit exams, and tells of it.

    The bank of headlines is sat at every tick, the others when the sitting says so. In a burst a small bank is sat,
    the first frames of each phase of the headline's; at a tick its marks are taken from the large one. The first bank's
    showpieces are kept as pictures at every tick. Who never changes sits each bank once.

    Args:
        students: who sits them, in this order.
        banks: by name; there may be none.
        emit: takes scores, pictures and checkups.
        classes: C, how many there are.
        bursts: whether there are any, so that ticks count for the small bank, too.
        examiner: makes checkups, where they are wanted.
        checkups: at the first tick of every season and at both ends, or at the ends alone.
    """

    def __init__(
        self,
        students: Sequence[Examinee],
        banks: Mapping[str, Bank],
        emit: Callable[[Any], None],
        *,
        classes: int = CLASSES,
        bursts: bool = False,
        examiner: Examiner | None = None,
        checkups: Checkups = "season",
    ) -> None:
        self._students, self._banks, self._emit, self._classes = students, banks, emit, classes
        self._bursts, self._examiner, self._checkups = bursts, examiner, checkups
        self._headline = HEADLINE if HEADLINE in banks else next(iter(banks), None)
        self._pictured = next(iter(banks), None)
        self._probed = dict.fromkeys((student.name for student in students), 0)
        self._kept: dict[tuple[str, str], np.ndarray] = {}  # answers of those who never change

    def sit(self, sitting: Sitting, step: int, day: int) -> None:
        """Let every student sit what is due on a day."""
        for student in self._students:
            if sitting.whole:
                self._tick(student, sitting, step, day)
            elif self._headline is not None:
                confusion = self._small(student)
                self._emit(ProbeScore(student.name, step, day, MINI, confusion, sitting.burst_day))

    def _tick(self, student: Examinee, sitting: Sitting, step: int, day: int) -> None:
        for name, bank in self._banks.items():
            if name == self._headline or sitting.others:
                guess = self._answers(student, name, bank)
                score = ProbeScore(student.name, step, day, name, grade(bank, guess, self._classes))
                self._emit(score)
                if name == self._headline and self._bursts:
                    few = score.confusion[:, :MINI_FRAMES]
                    self._emit(replace(score, bank=MINI, confusion=few, burst_day=sitting.burst_day))
            else:
                guess = None
            if name == self._pictured:
                self._emit(Picture(student.name, day, self._showpieces(student, bank, guess)))
        examiner = self._examiner
        if examiner is not None and sitting.turned and (sitting.end or not (student.still or self._checkups == "ends")):
            numbers = examiner.check(student.name, student.learner, day, probed=self._probed[student.name])
            self._emit(Checkup(student.name, step, day, numbers))

    def _small(self, student: Examinee) -> np.ndarray:
        """(S, n, C, C) on the small bank."""
        assert self._headline is not None
        few = first_frames(self._banks[self._headline], MINI_FRAMES)
        return grade(few, self._answers(student, MINI, few), self._classes)

    def _showpieces(self, student: Examinee, bank: Bank, guess: np.ndarray | None) -> np.ndarray:
        """(S, h, w) what is said of the frames that the report shows; asked for alone where the bank is not sat."""
        rows, pieces = np.arange(len(bank.images)), showpieces(bank)
        if guess is not None:
            return guess[rows, pieces]
        self._probed[student.name] += len(rows)
        return recognise(student.learner, bank.images[rows, pieces])

    def _answers(self, student: Examinee, name: str, bank: Bank) -> np.ndarray:
        """(S, n, h, w) of a student to a bank."""
        if student.still and (student.name, name) in self._kept:
            return self._kept[student.name, name]
        self._probed[student.name] += bank.images.shape[0] * bank.images.shape[1]
        guess = sit(student.learner, bank)
        if student.still:
            self._kept[student.name, name] = guess
        return guess


def first_frames(bank: Bank, frames: int) -> Bank:
    """The first frames of every phase, as a bank of its own."""
    return Bank(
        MINI,
        *(each[:, :frames] for each in (bank.images, bank.truth, bank.days, bank.hours, bank.poses)),
    )


def sit(learner: Learner, bank: Bank) -> np.ndarray:
    """The learner's answers to a bank, (S, n, h, w) uint8."""
    phases, frames = bank.images.shape[:2]
    guess = recognise(learner, bank.images.reshape(phases * frames, *bank.images.shape[2:]))
    return guess.reshape(phases, frames, *guess.shape[1:])


def grade(bank: Bank, guess: np.ndarray, classes: int = CLASSES) -> np.ndarray:
    """Confusion matrices of a bank, (S, n, C, C) int32."""
    phases, frames = guess.shape[:2]
    truth = bank.truth.reshape(-1, *bank.truth.shape[2:])
    flat = confusions(truth, guess.reshape(-1, *guess.shape[2:]), classes)
    return flat.reshape(phases, frames, *flat.shape[1:])


def showpieces(bank: Bank) -> np.ndarray:
    """For every phase the frame that shows the most classes, (S,) int."""
    shares = np.stack([(bank.truth == c).mean((2, 3)) for c in range(IGNORE) if (bank.truth == c).any()])
    return (shares > 0.01).sum(0).argmax(1)
