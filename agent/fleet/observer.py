"""Who looks on while a learner of a fleet lives: marks by garden, exams by garden, and where its memory comes from.

It stands in the stream, before the loop: what it asks is asked before anything is learned of a block, and changes
nothing.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from typing import Any

import numpy as np

from agent.exams import HEADLINE, Exams, grade, sit
from agent.fleet.provenance import Provenance, memory_bytes_of
from agent.fleet.pupils import Pupil
from agent.live import Student, copy_last
from agent.monitor.prequential import Prior
from agent.monitor.probes import Bank
from agent.monitor.scores import StreamScore
from agent.monitor.timetable import Timetable
from agent.perception import confusions, recognise_and_grade
from agent.stream import Block
from scenarios.tables import IGNORE

MEMORY_EVERY_DAYS = 5  # days between two looks into the memory


@dataclass(frozen=True)
class InGarden:
    """Something that is for the log of one garden."""

    garden: int
    event: Any


@dataclass(frozen=True)
class Remembered:
    """What a memory was made of on a day, and how large it was.

    Attributes:
        pupil: whose memory.
        day: of the life, in the morning.
        held: frames of each garden; None where no frames are kept.
        nbytes: of the memory now.
        most_bytes: the most that it ever had, looked at after every block.
    """

    pupil: Pupil
    day: int
    held: tuple[int, ...] | None
    nbytes: int
    most_bytes: int


@dataclass(frozen=True)
class Visited:
    """A learner sat the exam of a garden, at one of the ends of its life.

    Attributes:
        pupil: who.
        garden: number of the garden.
        end: whether at the end; else at the start.
        confusion: (S, n, C, C) on the headline's bank.
    """

    pupil: Pupil
    garden: int
    end: bool
    confusion: np.ndarray


class Observer:
    """Looks on at the life of one learner.

    Args:
        pupil: who it is.
        student: the same, as the loop has it.
        banks: exams by number of the garden, of all gardens.
        classes: C, how many there are.
        first_step: where commissioning ended.
        every_days: days between two exams.
        send: takes `InGarden`, `Remembered` and `Visited`.

    Attributes:
        frames: how many were looked at since commissioning.
        day: of the last block; None before the first one after commissioning.
    """

    def __init__(
        self, pupil: Pupil, student: Student, banks: Mapping[int, Mapping[str, Bank]], *, classes: int,
        first_step: int, every_days: int, send: Callable[[Any], None],
    ) -> None:  # fmt: skip
        self._pupil, self._student, self._banks, self._send = pupil, replace(student, name=pupil.kind), banks, send
        self._first_step, self._classes = first_step, classes
        self._exams = {
            garden: Exams([self._student], banks[garden], self._to(garden), classes=classes)
            for garden in pupil.examined
        }
        self._timetable = Timetable(every_days, others="ends")
        self._priors = {garden: Prior(classes) for garden in pupil.fed}
        self._last: dict[int, np.ndarray] = {}  # by garden, the last truth (1, h, w)
        self._next_look_day, self._most_bytes = 0, 0
        self.provenance = Provenance(len(banks))
        self.frames = 0
        self.day: int | None = None
        self._step = 0

    def along(self, stream: Iterable[Block]) -> Iterator[Block]:
        """Pass on the blocks of a convoy, and look on."""
        for garden, block in zip(cycle(self._pupil.fed), stream, strict=False):
            self._most_bytes = max(self._most_bytes, memory_bytes_of(self._student.learner))
            if block.step > self._first_step:
                self._examine(block)
                if garden in self._pupil.examined:  # the log of another garden speaks of somebody else by that name
                    self._score(garden, block)
                self.day, self._step = block.day, block.step
                self.frames += len(block.images)
            self.provenance.see(garden, block.labelled[0])
            self._priors[garden].see(block.truth)
            self._last[garden] = block.truth[-1:]
            yield block

    def end(self) -> None:
        """The life is over: the last exams, of all gardens."""
        if self.day is None:
            return
        self._most_bytes = max(self._most_bytes, memory_bytes_of(self._student.learner))
        for exams in self._exams.values():
            exams.sit(self._timetable.last(self.day + 1), self._step, self.day + 1)
        self._visit(end=True)
        self._look_into_memory(self.day + 1)

    def _examine(self, block: Block) -> None:
        """What is due on the morning of a block."""
        if self.day is None:
            self._visit(end=False)
        sitting = self._timetable.due(block.day)
        if sitting is not None:
            for exams in self._exams.values():
                exams.sit(sitting, block.step - len(block.images), block.day)
        if block.day >= self._next_look_day:
            self._look_into_memory(block.day)
            self._next_look_day = (block.day // MEMORY_EVERY_DAYS + 1) * MEMORY_EVERY_DAYS

    def _score(self, garden: int, block: Block) -> None:
        """Say what is seen, beside two guessers who know nothing but this garden."""
        started_s = time.perf_counter()
        guess, loss, reliability, entropy = recognise_and_grade(self._student.learner, block.images, block.truth)
        seconds = {"predict": time.perf_counter() - started_s}
        blind = self._priors[garden].guess(block.truth)
        score = StreamScore(
            self._pupil.kind,
            block.step,
            block.day,
            int((block.truth != IGNORE).any((1, 2)).sum()),
            confusions(block.truth, guess, self._classes).sum(0),
            copy_last(block.truth, self._last.get(garden), self._classes),
            loss,
            seconds,
            confusions(block.truth, blind, self._classes).sum(0),
            reliability,
            entropy,
        )
        self._send(InGarden(garden, score))

    def _visit(self, *, end: bool) -> None:
        """Sit the exams of all gardens in which this is not done anyway: as a guest."""
        for garden in self._guest_in():
            bank = self._banks[garden][HEADLINE]
            confusion = grade(bank, sit(self._student.learner, bank), self._classes)
            self._send(Visited(self._pupil, garden, end, confusion))

    def _guest_in(self) -> Sequence[int]:
        """Who has lived in one garden alone shows what that taught for the others."""
        return list(self._banks) if len(self._pupil.fed) == 1 and self._pupil.steps == 1 else []

    def _look_into_memory(self, day: int) -> None:
        learner = self._student.learner
        held = self.provenance.held(learner)
        told = None if held is None else tuple(int(count) for count in held)
        self._send(Remembered(self._pupil, day, told, memory_bytes_of(learner), self._most_bytes))

    def _to(self, garden: int) -> Callable[[Any], None]:
        return lambda event: self._send(InGarden(garden, event))
