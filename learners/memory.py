"""Memories: past frames within a number of bytes."""

import numpy as np
import torch
from torch import Tensor, nn

from learners.base import IGNORE, Batch, Seen, State, to_uint8


class NoMemory:
    """Remembers nothing."""

    rehearses = False
    nbytes = 0

    def recall(self, batch: Batch, net: nn.Module, frames: int | None = None) -> Batch:
        return batch[:0]

    def remember(self, batch: Batch, seen: Seen | None = None) -> None:
        pass

    def state_dict(self) -> State:
        return {}

    def load_state_dict(self, state: State) -> None:
        pass


class Shelf:
    """Rows of images, labels and extras in arrays that are allocated once, when the first batch shows their shapes.

    Images are kept as uint8 and labels as uint8, extras in their own type.

    Args:
        limit_bytes: as many rows as fit in this many bytes; or
        limit_rows: this many rows.
    """

    def __init__(self, *, limit_bytes: int | None = None, limit_rows: int | None = None):
        self.limit_bytes, self.limit_rows = limit_bytes, limit_rows
        self.columns: dict[str, Tensor] = {}
        self.capacity = 0

    @property
    def nbytes(self) -> int:
        return sum(column.nbytes for column in self.columns.values())

    def write(self, batch: Batch, rows: np.ndarray, slots: np.ndarray) -> None:
        """Put `rows` of the batch into `slots`; where a slot is named twice, the later row stays."""
        last = {int(slot): int(row) for row, slot in zip(rows, slots, strict=True)}
        if not last:
            return
        to, taken = torch.tensor(list(last.keys())), torch.tensor(list(last.values()))
        for name, values in _columns(batch).items():
            self.columns[name][to] = values[taken].to("cpu")

    def read(self, slots: np.ndarray, recalled: bool) -> Batch:
        """The rows in `slots` (R,) as a batch."""
        index = torch.from_numpy(slots)
        rows = {name: column[index] for name, column in self.columns.items()}
        return Batch(rows.pop("images"), rows.pop("labels"), rows, len(slots) if recalled else 0)

    def allocate(self, batch: Batch) -> None:
        """Make room for rows like the batch's, once.

        Raises:
            ValueError: if not a single row fits.
        """
        if self.columns:
            return
        columns = _columns(batch)
        row_bytes = sum(values[:1].nbytes for values in columns.values())
        rows = self.limit_rows if self.limit_bytes is None else self.limit_bytes // row_bytes
        if not rows:
            raise ValueError(
                f"a memory of {self.limit_bytes} bytes holds no frame of {row_bytes} bytes; give it more, or none"
            )
        self.capacity = rows
        for name, values in columns.items():  # images of a camera are channels last; let them stay so
            like = torch.channels_last if values.ndim == 4 else torch.contiguous_format
            self.columns[name] = torch.empty((rows, *values.shape[1:]), dtype=values.dtype, memory_format=like)

    def state_dict(self, rows: int) -> State:
        return {"capacity": self.capacity, **{name: column[:rows].clone() for name, column in self.columns.items()}}

    def load_state_dict(self, state: State) -> None:
        saved = {name: value for name, value in state.items() if name != "capacity"}
        self.columns.clear()
        if saved:
            rows = len(saved["images"])
            extras = {name: value for name, value in saved.items() if name not in ("images", "labels")}
            batch = Batch(saved["images"], saved["labels"], extras)
            self.allocate(batch)
            if self.capacity != state["capacity"]:
                raise ValueError(f"saved with room for {state['capacity']} frames, this one has {self.capacity}")
            self.write(batch, np.arange(rows), np.arange(rows))


def _columns(batch: Batch) -> dict[str, Tensor]:
    return {"images": to_uint8(batch.images), "labels": batch.labels.to(torch.uint8), **batch.extras}


class Reservoir:
    """A uniform sample of all frames so far (Vitter 1985, algorithm R), of a fixed number of bytes.

    After n frames each of them is held with probability min(1, M / n), M being the frames that fit. Frames without
    any answer are passed over: nothing could be learned from them. Recalled frames are drawn without replacement.

    Args:
        limit_bytes: images, labels and extras together never exceed this.
        frames: how many are recalled for an update.
        rng: the memory's own generator; it decides what is kept and what is recalled.
        rehearses: learn from the memory alone where a batch has no answers.
    """

    def __init__(self, limit_bytes: int, *, frames: int, rng: np.random.Generator, rehearses: bool = False):
        self.frames, self.rng, self.rehearses = frames, rng, rehearses
        self.offered = 0  # n: frames that could have been kept
        self.shelf = Shelf(limit_bytes=limit_bytes)

    @property
    def nbytes(self) -> int:
        return self.shelf.nbytes

    def __len__(self) -> int:
        return min(self.offered, self.shelf.capacity)

    def recall(self, batch: Batch, net: nn.Module, frames: int | None = None) -> Batch:
        count = min(self.frames if frames is None else frames, len(self))
        if not count:
            return batch[:0]
        return self.shelf.read(self.rng.choice(len(self), count, replace=False), recalled=True)

    def remember(self, batch: Batch, seen: Seen | None = None) -> None:
        answered = (batch.labels != IGNORE).flatten(1).any(1).cpu().numpy().nonzero()[0]
        if not len(answered):
            return
        self.shelf.allocate(batch)
        numbers = self.offered + np.arange(len(answered))  # 0-based place of each frame in the stream
        drawn = self.rng.integers(0, numbers + 1)
        slots = np.where(numbers < self.shelf.capacity, numbers, drawn)
        kept = slots < self.shelf.capacity
        self.shelf.write(batch, answered[kept], slots[kept])
        self.offered += len(answered)

    def state_dict(self) -> State:
        return {"offered": self.offered, "rng": self.rng.bit_generator.state, "shelf": self.shelf.state_dict(len(self))}

    def load_state_dict(self, state: State) -> None:
        self.offered = int(state["offered"])
        self.rng.bit_generator.state = state["rng"]
        self.shelf.load_state_dict(state["shelf"])


class Recent:
    """The last frames that came in, answered or not.

    Args:
        frames: how many.
    """

    rehearses = False

    def __init__(self, frames: int):
        self.frames = frames
        self.offered = 0
        self.shelf = Shelf(limit_rows=frames)

    @property
    def nbytes(self) -> int:
        return self.shelf.nbytes

    def recall(self, batch: Batch, net: nn.Module, frames: int | None = None) -> Batch:
        held = min(self.offered, self.frames)
        count = min(self.frames if frames is None else frames, held)
        newest_last = np.arange(self.offered - count, self.offered) % max(self.frames, 1)
        return self.shelf.read(newest_last, recalled=True) if count else batch[:0]

    def remember(self, batch: Batch, seen: Seen | None = None) -> None:
        if not self.frames:
            return
        self.shelf.allocate(batch)
        self.shelf.write(batch, np.arange(len(batch)), (self.offered + np.arange(len(batch))) % self.frames)
        self.offered += len(batch)

    def state_dict(self) -> State:
        return {"offered": self.offered, "shelf": self.shelf.state_dict(min(self.offered, self.frames))}

    def load_state_dict(self, state: State) -> None:
        self.offered = int(state["offered"])
        self.shelf.load_state_dict(state["shelf"])
