"""A place: where a life is lived, and what is asked about it. A garden is one, a folder of somebody's pictures another.

What lives there and what watches it know the place by these verbs alone, and so need not know which kind it is.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, Protocol

import numpy as np

from agent.monitor.probes import Bank
from agent.monitor.scores import ClassInfo, Phase
from agent.stream import Block


class Stream(Protocol):
    """A life in blocks of frames, lived anew at every iteration: same bits every time."""

    @property
    def ends(self) -> list[int]:
        """Control steps lived at the end of each block."""
        ...

    def arrivals(self) -> Iterator[list[int]]:
        """By block, the steps of the frames whose answers come with it."""
        ...

    def __iter__(self) -> Iterator[Block]: ...


class Place(Protocol):
    """Where a life is lived. Hashable and small: it travels between processes, and what it makes is made there.

    Attributes:
        name: of the scenario or the folder.
        told: one line about it, for people.
        fingerprint: equal for places in which equal frames are seen.
        seed: draws what is drawn here; also the first weights of the net.
        start: date of day 0.
        days: of the life.
        commissioning_days: at its start, on which the owner trains the robot.
        life_steps: frames of the life.
        learn_every: frames of a block; between two of them an update is made.
        labels_per_block: how many of them are answered, where nothing goes wrong.
        frame_px: height and width of a frame [pixels].
        classes: in the order of their ids.
        phases: stations of the year, in the order of the exam.
        phase_days: the day since the start on which each of them is first at its middle.
        exam_frames: of all banks and phases together.
    """

    @property
    def name(self) -> str: ...
    @property
    def told(self) -> str: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def seed(self) -> int: ...
    @property
    def start(self) -> date: ...
    @property
    def days(self) -> int: ...
    @property
    def commissioning_days(self) -> int: ...
    @property
    def life_steps(self) -> int: ...
    @property
    def commissioning_steps(self) -> int:
        """Steps of commissioning, in whole blocks."""
        ...

    @property
    def learn_every(self) -> int: ...
    @property
    def labels_per_block(self) -> int: ...
    @property
    def frame_px(self) -> tuple[int, int]: ...
    @property
    def classes(self) -> tuple[ClassInfo, ...]: ...
    @property
    def phases(self) -> tuple[Phase, ...]: ...
    @property
    def phase_days(self) -> tuple[int, ...]: ...
    @property
    def exam_frames(self) -> int: ...

    def season(self, day: int) -> str:
        """The season of a day of the life: spring, summer, autumn or winter."""
        ...

    def as_config(self) -> dict[str, Any]:
        """Everything that decides what is seen here, for the configuration of a run: one entry, named by its kind."""
        ...

    def stream(self) -> Stream:
        """The life."""
        ...

    def banks(self) -> dict[str, Bank]:
        """The exam, by name; equal at every call. The first is the one that the report's pictures are of."""
        ...

    def picture(self, bank: Bank, phase: int, frame: int) -> np.ndarray:
        """A frame of a bank for people, (H, W, 3) uint8, as large as it can be had."""
        ...

    def nature(self) -> dict[str, list[float]]:
        """What the place itself did, by name, one value a day of the life; empty where nobody knows."""
        ...
