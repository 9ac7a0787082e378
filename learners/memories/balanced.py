"""A reservoir in which rare classes hold their share, by pixels.

A frame of a garden has many classes, so a frame cannot be put into the drawer of its class, as class-balancing
reservoirs for pictures of one thing do (Chrysakis & Moens 2020). Instead frames are sampled with weights, keeping the M
largest keys u^(1/w) (Efraimidis & Spirakis 2006, algorithm A-Res) with u uniform: a frame with twice the weight is
twice as likely to be drawn next. The weight is the mean over its answered pixels of 1 / (share of the pixel's class in
all that came), so in expectation every class adds the same weight. Where all frames have the same weight this is a
uniform reservoir. Shares change as the stream goes on, and keys follow them; what left cannot come back.
"""

import numpy as np
import torch
from torch import nn

from learners.base import IGNORE, NO_FRAMES, Batch, Seen, State
from learners.memory import Shelf


class Balanced:
    """A sample of all frames so far in which frames weigh what their rarest pixels make of them.

    Args:
        limit_bytes: images, labels, extras, and what the choice needs, never exceed this.
        classes: K; labels are below it, or 255.
        frames: how many are recalled for an update, uniformly from what is held, without replacement.
        rng: decides what is kept and what is recalled.
        rehearses: learn from the memory alone where a batch has no answers.
    """

    def __init__(
        self, limit_bytes: int, *, classes: int, frames: int, rng: np.random.Generator, rehearses: bool = False
    ):
        self.classes, self.frames, self.rng, self.rehearses = classes, frames, rng, rehearses
        self.shelf = Shelf(limit_bytes, beside_bytes=8 + 4 * classes)
        self.pixels = np.zeros(classes)  # of each class, in all that came
        self.uniform = np.zeros(0)  # (M,) log u of each frame held
        self.shares = np.zeros((0, classes), np.float32)  # (M, K) of the answered pixels of each frame held
        self.held = 0

    @property
    def nbytes(self) -> int:
        return self.shelf.nbytes + self.uniform.nbytes + self.shares.nbytes

    def __len__(self) -> int:
        return self.held

    def recall(self, batch: Batch, net: nn.Module, frames: int | None = None) -> Batch:
        count = min(self.frames if frames is None else frames, self.held)
        if not count:
            return NO_FRAMES
        return self.shelf.read(self.rng.choice(self.held, count, replace=False, shuffle=False))

    def remember(self, batch: Batch, seen: Seen | None = None) -> None:
        rows = batch.answered.nonzero()[0]
        if not len(rows):
            return
        if not self.shelf.capacity:
            self.shelf.allocate(batch)
            self._make_room()
        counts = class_pixels(batch, self.classes)
        for row in rows.tolist():
            self.pixels += counts[row]
            slot = self._slot(np.log1p(-self.rng.random()), (counts[row] / counts[row].sum()).astype(np.float32))
            if slot is not None:
                self.shelf.write(batch, [(row, slot)])

    def state_dict(self) -> State:
        return {
            "rng": self.rng.bit_generator.state,
            "held": self.held,
            "pixels": torch.from_numpy(self.pixels.copy()),
            "uniform": torch.from_numpy(self.uniform.copy()),
            "shares": torch.from_numpy(self.shares.copy()),
            "shelf": self.shelf.state_dict(self.held),
        }

    def load_state_dict(self, state: State) -> None:
        self.rng.bit_generator.state = state["rng"]
        self.held = int(state["held"])
        self.pixels, self.uniform, self.shares = (
            state[name].numpy().copy() for name in ("pixels", "uniform", "shares")
        )
        self.shelf.load_state_dict(state["shelf"])

    def _make_room(self) -> None:
        self.uniform = np.zeros(self.shelf.capacity)
        self.shares = np.zeros((self.shelf.capacity, self.classes), np.float32)

    def _slot(self, log_u: float, shares: np.ndarray) -> int | None:
        """Where a frame goes: a free slot, that of the smallest key if the frame's own is larger, or nowhere."""
        slot = self.held
        if slot < self.shelf.capacity:
            self.held += 1
        else:
            rarity = np.divide(1.0, self.pixels, out=np.zeros_like(self.pixels), where=self.pixels > 0)
            keys = self.uniform / (self.shares @ rarity)
            slot = int(keys.argmin())
            if log_u / (shares @ rarity) <= keys[slot]:
                return None
        self.uniform[slot], self.shares[slot] = log_u, shares
        return slot


def class_pixels(batch: Batch, classes: int) -> np.ndarray:
    """How many pixels of each class each frame has: (B, K) float64; unanswered ones are not counted.

    Raises:
        ValueError: if a label is neither below `classes` nor 255.
    """
    labels = batch.labels.cpu().numpy().reshape(len(batch), -1).astype(np.int64)
    answered = labels != IGNORE
    if (labels[answered] >= classes).any():
        raise ValueError(f"label {labels[answered].max()} with {classes} classes; labels are 0..{classes - 1} or 255")
    places = (np.arange(len(labels))[:, None] * classes + labels)[answered]
    return np.bincount(places, minlength=len(labels) * classes).reshape(len(labels), classes).astype(float)
