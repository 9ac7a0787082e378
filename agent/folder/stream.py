"""The life in a folder: its frames in the order of time, without those of the exam, in blocks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agent.folder.frames import map_frames
from agent.stream import Block
from agent.teacher import pick


@dataclass(frozen=True)
class FolderStream:
    """One life, lived anew at every iteration; implements `agent.place.Stream`.

    Attributes:
        kept: where the frames are kept, all N of them.
        rows: (T,) int, those that are lived, in the order of time.
        days: (N,) the day of every frame since the start.
        hours: (N,) the clock's time [h].
        answered: (N,) bool, whether a frame has an answer.
        learn_every: frames of a block.
        labels_per_block: answers that a block can bring, at most.
    """

    kept: Path
    rows: np.ndarray
    days: Sequence[int]
    hours: Sequence[float]
    answered: np.ndarray
    learn_every: int
    labels_per_block: int

    @property
    def ends(self) -> list[int]:
        """Steps lived at the end of each block; the last is short where blocks do not divide the life."""
        return [*range(self.learn_every, len(self.rows), self.learn_every), len(self.rows)]

    def arrivals(self) -> Iterator[list[int]]:
        """By block, the steps whose answers are learned from: of those that have one, as many as a block can bring.

        They are evenly spaced. As in a garden, a short last block is scored and not learned from.
        """
        for end in self.ends:
            begin = (end - 1) // self.learn_every * self.learn_every
            steps = begin + np.flatnonzero(self.answered[self.rows[begin:end]])
            whole = end - begin == self.learn_every
            yield steps[pick(len(steps), self.labels_per_block)].tolist() if whole and len(steps) else []

    def __iter__(self) -> Iterator[Block]:
        frames = map_frames(self.kept)
        begin = 0
        for end, told in zip(self.ends, self.arrivals(), strict=True):
            rows = self.rows[begin:end]
            images, truth = frames.images[rows], frames.truth[rows]
            chosen = np.array(told, int) - begin
            yield Block(
                step=end,
                day=self.days[rows[-1]],
                images=images,
                truth=truth,
                labelled=(images[chosen], truth[chosen]),
                asked=min(self.labels_per_block, self.learn_every),
                poses=np.full((len(rows), 3), np.nan),
                hours=np.array([self.hours[row] for row in rows]),
            )
            begin = end
