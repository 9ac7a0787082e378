"""Weights along a life: a few sets of every learner, so that a finished run can be looked through again.

A run ends with `weights/<learner>.safetensors`. Beside it lie up to so many earlier sets, `weights/<learner>/
day-NNNN.safetensors`, evenly spread: the weights with which the learner met that day, before it learned anything on it.
Who never changes has none. A set of the default net is 387 kB.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from agent.live import Student
from agent.nets import save_weights
from agent.stream import Block

WEIGHTS = "weights"
_NAMED = re.compile(r"day-(\d{4,})\.safetensors")


def weights_path(folder: Path, name: str, day: int | None = None) -> Path:
    """Where a run keeps the weights of a learner: those of the end of its life, or those of the morning of a day.

    >>> weights_path(Path("run"), "er+ewc", 90).as_posix()
    'run/weights/er+ewc/day-0090.safetensors'
    """
    if day is None:
        return folder / WEIGHTS / f"{name}.safetensors"
    return folder / WEIGHTS / name / f"day-{day:04d}.safetensors"


def days_kept(folder: Path, name: str) -> tuple[int, ...]:
    """The days whose weights of a learner a run has kept, the first one first; none where nothing was kept."""
    named = (_NAMED.fullmatch(path.name) for path in (folder / WEIGHTS / name).glob("*"))
    return tuple(sorted(int(match[1]) for match in named if match))


class KeptWeights:
    """Writes the weights of students when a day begins on which a set is due.

    Args:
        folder: of the run.
        sets: how many of each student at most; 0 for none.
        first_step: where commissioning ended; the first set is that of the first block after it.
        days: of the whole life.
    """

    def __init__(self, folder: Path, *, sets: int, first_step: int, days: int) -> None:
        self._folder, self._sets, self._first_step, self._days = folder, sets, first_step, days
        self._due, self._every_days = 0, 1

    def along(self, stream: Iterable[Block], students: Sequence[Student]) -> Iterator[Block]:
        """Pass the blocks of a life on, and write the weights of its students, which are only read."""
        for block in stream:
            if self._sets and block.step > self._first_step and block.day >= self._due:
                if not self._due:
                    self._every_days = max(1, math.ceil((self._days - block.day) / self._sets))
                self._due = block.day + self._every_days
                for student in students:
                    if not student.still:
                        save_weights(weights_path(self._folder, student.name, block.day), student.learner.net)
            yield block
