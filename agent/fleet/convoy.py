"""A convoy: several gardens as one place, whose robots' blocks come one after the other, round after round."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from agent.fleet.gardens import Home, as_config, fingerprint
from agent.monitor.probes import Bank
from agent.monitor.scores import ClassInfo, Phase
from agent.stream import Block


@dataclass(frozen=True)
class Convoy:
    """The gardens that feed a learner; implements `agent.place.Place`.

    Steps and days are those of each robot, for all live one calendar: a round has a block of every garden, in the order
    of the gardens, and all blocks of a round end at the same step.

    Attributes:
        homes: the gardens, one at least.
        seed: draws the first weights and what the learner draws; the same for all learners of a fleet.
    """

    homes: tuple[Home, ...]
    seed: int

    @property
    def name(self) -> str:
        return " ".join(home.name for home in self.homes)

    @property
    def told(self) -> str:
        return ", ".join(home.place.told for home in self.homes)

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.homes)

    @property
    def start(self) -> date:
        return self._first.start

    @property
    def days(self) -> int:
        return self._first.days

    @property
    def commissioning_days(self) -> int:
        return self._first.commissioning_days

    @property
    def life_steps(self) -> int:
        return self._first.life_steps

    @property
    def commissioning_steps(self) -> int:
        return self._first.commissioning_steps

    @property
    def learn_every(self) -> int:
        return self._first.learn_every

    @property
    def labels_per_block(self) -> int:
        return self._first.labels_per_block

    @property
    def frame_px(self) -> tuple[int, int]:
        return self._first.frame_px

    @property
    def classes(self) -> tuple[ClassInfo, ...]:
        return self._first.classes

    @property
    def phases(self) -> tuple[Phase, ...]:
        return self._first.phases

    @property
    def phase_days(self) -> tuple[int, ...]:
        return self._first.phase_days

    @property
    def exam_frames(self) -> int:
        return sum(home.place.exam_frames for home in self.homes)

    def season(self, day: int) -> str:
        """Of the first garden."""
        return self._first.season(day)

    def as_config(self) -> dict[str, Any]:
        """The scenarios, by garden."""
        return {"fleet": as_config(self.homes)}

    def stream(self) -> "ConvoyStream":
        """The life of all of them."""
        return ConvoyStream(self.homes)

    def banks(self) -> dict[str, Bank]:
        """The exams of all gardens, as `madrid/away`."""
        return {f"{home.name}/{name}": bank for home in self.homes for name, bank in home.place.banks().items()}

    def picture(self, bank: Bank, phase: int, frame: int) -> np.ndarray:
        """A frame of a bank of the first garden, drawn larger."""
        return self._first.picture(bank, phase, frame)

    def nature(self) -> dict[str, list[float]]:
        """Nothing: there is more than one."""
        return {}

    @property
    def _first(self):
        return self.homes[0].place


class ConvoyStream:
    """The lives of several robots in rounds, lived anew at every iteration; implements `agent.place.Stream`.

    Args:
        homes: their gardens.
    """

    def __init__(self, homes: tuple[Home, ...]) -> None:
        self._streams = [home.place.stream() for home in homes]

    @property
    def ends(self) -> list[int]:
        """Control steps that its robot has lived at the end of each block."""
        return [end for end in self._streams[0].ends for _ in self._streams]

    def arrivals(self) -> Iterator[list[int]]:
        """By block, the steps of the frames whose answers come with it."""
        for together in zip(*(stream.arrivals() for stream in self._streams), strict=True):
            yield from together

    def __iter__(self) -> Iterator[Block]:
        for together in zip(*self._streams, strict=True):
            yield from together
