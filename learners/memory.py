"""Memories: past frames within a number of bytes."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from learners.base import NO_FRAMES, Batch, Seen, State, to_uint8


class NoMemory:
    """Remembers nothing."""

    rehearses = False
    nbytes = 0

    def recall(self, batch: Batch, net: nn.Module, frames: int | None = None) -> Batch:
        return NO_FRAMES

    def remember(self, batch: Batch, seen: Seen | None = None) -> None:
        pass

    def state_dict(self) -> State:
        return {}

    def load_state_dict(self, state: State) -> None:
        pass


class Shelf:
    """Rows of images, labels and extras in arrays that are allocated once, when the first batch shows their shapes.

    Images and labels are kept as uint8, extras in their own type; images lie channels last, as a camera gives them.

    Args:
        limit_bytes: as many rows are allocated as fit in this many bytes.
        beside_bytes: what the owner keeps for each row in arrays of its own, within the same limit.
    """

    def __init__(self, limit_bytes: int, *, beside_bytes: int = 0):
        self.limit_bytes, self.beside_bytes = limit_bytes, beside_bytes
        self.columns: dict[str, np.ndarray] = {}
        self.capacity = 0

    @property
    def nbytes(self) -> int:
        return sum(column.nbytes for column in self.columns.values())

    def write(self, batch: Batch, places: Sequence[tuple[int, int]]) -> None:
        """Put rows of the batch into slots, given in pairs; where a slot is named twice, the later row stays."""
        for name, values in _columns(batch).items():
            column = self.columns[name]
            for row, slot in places:
                column[slot] = values[row]

    def read(self, slots: np.ndarray) -> Batch:
        """The rows in `slots` (R,), as recalled ones; all are taken to have answers."""
        rows = {name: torch.from_numpy(column.take(slots, axis=0)) for name, column in self.columns.items()}
        images, labels = rows.pop("images").permute(0, 3, 1, 2), rows.pop("labels")
        return Batch.trusted(images, labels, rows, len(slots), np.ones(len(slots), bool))

    def allocate(self, batch: Batch) -> None:
        """Make room for rows like the batch's, once.

        Raises:
            ValueError: if not a single row fits.
        """
        if self.columns:
            return
        columns = _columns(batch)
        row_bytes = sum(values[:1].nbytes for values in columns.values()) + self.beside_bytes
        self.capacity = self.limit_bytes // row_bytes
        if not self.capacity:
            raise ValueError(
                f"a memory of {self.limit_bytes} bytes holds no frame of {row_bytes} bytes; give it more, or none"
            )
        self.columns = {
            name: np.zeros((self.capacity, *values.shape[1:]), values.dtype) for name, values in columns.items()
        }

    def state_dict(self, rows: int) -> State:
        """The first `rows` slots."""
        kept = {name: torch.from_numpy(column[:rows].copy()) for name, column in self.columns.items()}
        return {"capacity": self.capacity, "columns": kept}

    def load_state_dict(self, state: State) -> None:
        """Raises ValueError if the state is of a shelf with other room."""
        self.columns, self.capacity = {}, 0
        kept = {name: column.numpy() for name, column in state["columns"].items()}
        if not kept:
            return
        row_bytes = sum(column[:1].nbytes for column in kept.values()) + self.beside_bytes
        self.capacity = self.limit_bytes // row_bytes
        if self.capacity != state["capacity"]:
            raise ValueError(f"the state is of a memory for {state['capacity']} frames; this one has {self.capacity}")
        for name, column in kept.items():
            self.columns[name] = np.zeros((self.capacity, *column.shape[1:]), column.dtype)
            self.columns[name][: len(column)] = column


def _columns(batch: Batch) -> dict[str, np.ndarray]:
    """The batch as arrays, images (B, H, W, C)."""
    images = to_uint8(batch.images).permute(0, 2, 3, 1)
    tensors = {"images": images, "labels": batch.labels.to(torch.uint8), **batch.extras}
    return {name: values.cpu().numpy() for name, values in tensors.items()}


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
        self.shelf = Shelf(limit_bytes)

    @property
    def nbytes(self) -> int:
        return self.shelf.nbytes

    def __len__(self) -> int:
        return min(self.offered, self.shelf.capacity)

    def recall(self, batch: Batch, net: nn.Module, frames: int | None = None) -> Batch:
        count = min(self.frames if frames is None else frames, len(self))
        if not count:
            return NO_FRAMES
        return self.shelf.read(self.rng.choice(len(self), count, replace=False, shuffle=False))

    def remember(self, batch: Batch, seen: Seen | None = None) -> None:
        rows = batch.answered.nonzero()[0]
        if not len(rows):
            return
        self.shelf.allocate(batch)
        kept: list[tuple[int, int]] = []  # rows and their slots
        for row, uniform in zip(rows.tolist(), self.rng.random(len(rows)).tolist(), strict=True):
            slot = self.offered if self.offered < self.shelf.capacity else int(uniform * (self.offered + 1))
            self.offered += 1
            if slot < self.shelf.capacity:
                kept.append((row, slot))
        if kept:
            self.shelf.write(batch, kept)

    def state_dict(self) -> State:
        return {"offered": self.offered, "rng": self.rng.bit_generator.state, "shelf": self.shelf.state_dict(len(self))}

    def load_state_dict(self, state: State) -> None:
        self.offered = int(state["offered"])
        self.rng.bit_generator.state = state["rng"]
        self.shelf.load_state_dict(state["shelf"])


class Recent:
    """The last frames that came in, answered or not, as uint8.

    Args:
        frames: how many; whole batches are kept, so it may hold up to a batch more.
    """

    rehearses = False

    def __init__(self, frames: int):
        self.frames = frames
        self.held: list[tuple[Tensor, Tensor]] = []  # images and labels, a batch each

    @property
    def nbytes(self) -> int:
        return sum(images.nbytes + labels.nbytes for images, labels in self.held)

    def recall(self, batch: Batch, net: nn.Module, frames: int | None = None) -> Batch:
        wanted = self.frames if frames is None else min(frames, self.frames)
        if not wanted or not self.held:
            return NO_FRAMES
        images, labels = (torch.cat(parts)[-wanted:] for parts in zip(*self.held, strict=True))
        return Batch(images, labels, recalled=len(images))

    def remember(self, batch: Batch, seen: Seen | None = None) -> None:
        if not self.frames or not len(batch):
            return
        self.held.append((to_uint8(batch.images).clone(), batch.labels.to(torch.uint8, copy=True)))
        while sum(len(labels) for _, labels in self.held[1:]) >= self.frames:
            del self.held[0]

    def state_dict(self) -> State:
        held = enumerate(self.held)
        return {str(i): {"images": images.clone(), "labels": labels.clone()} for i, (images, labels) in held}

    def load_state_dict(self, state: State) -> None:
        self.held = [(kept["images"].clone(), kept["labels"].clone()) for kept in state.values()]
