"""What the agent asks of a learner, and what a learner is composed of.

A learner sees images and label maps, never a date, a task or a garden. It is composed at four places, and these are
the four small contracts below: at the batch (`Memory`), at the loss (`Term`), at the gradient or at the finished
change of the weights (`Projector`), and in the net itself. `Online` in `learners/online.py` puts them together; what
is no such sum is its own class with the verbs of `Learner`.
"""

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol, runtime_checkable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from learners.cost import Cost

IGNORE = 255
"""The label of a pixel to which nobody knows the answer: no loss, no gradient, no score."""

State = dict[str, Any]
"""A nested dict whose leaves are tensors or JSON values; `learners.disk` writes and reads it."""


class Seen(NamedTuple):
    """One forward pass, shared by everything that wants to look at it.

    Attributes:
        logits: (B, K, H', W') float32, K classes at the net's output size (1x1 for classification).
        features: (B, F, H', W') float32, what the last layer looks at; smaller where a net enlarges its answers.
    """

    logits: Tensor
    features: Tensor


def features_by_pixel(seen: Seen) -> Tensor:
    """Features at the size of the logits (B, F, H', W'). Enlarging bilinearly and a last layer of 1x1 commute."""
    if seen.features.shape[2:] == seen.logits.shape[2:]:
        return seen.features
    return F.interpolate(seen.features, seen.logits.shape[2:], mode="bilinear")


@dataclass(frozen=True)
class Batch:
    """Frames with what is known about them.

    Attributes:
        images: (B, C, H, W), uint8 in 0..255 or float32 in 0..1.
        labels: (B, H', W') uint8 (int64 is accepted) at the net's output size; 255 = no answer.
        extras: named tensors (B, ...) that travel with the rows: logits of an earlier self, times, weights.
        recalled: how many of the last rows came out of a memory; the others are new.
        again: how many of the last new rows were learned from before; they are offered to no memory a second time.

    Raises:
        ValueError: if shapes, types or lengths do not fit together.
    """

    images: Tensor
    labels: Tensor
    extras: Mapping[str, Tensor] = field(default_factory=dict)
    recalled: int = 0
    again: int = 0

    def __post_init__(self):
        images, labels = self.images, self.labels
        if images.ndim != 4 or not (images.dtype == torch.uint8 or images.dtype.is_floating_point):
            raise ValueError(f"images are (B, C, H, W) uint8 or float, not {tuple(images.shape)} {images.dtype}")
        if labels.ndim != 3 or labels.dtype not in (torch.uint8, torch.int64):
            raise ValueError(f"labels are (B, H', W') uint8 or int64, not {tuple(labels.shape)} {labels.dtype}")
        if len(labels) != len(images):
            raise ValueError(f"{len(images)} images came with {len(labels)} labels; a batch needs one of each a row")
        for name, extra in self.extras.items():
            if len(extra) != len(images):
                raise ValueError(f"{len(images)} images came with {len(extra)} {name}; a batch needs one of each a row")
        if not 0 <= self.recalled <= len(images):
            raise ValueError(f"recalled={self.recalled} of {len(images)} rows; expected 0..{len(images)}")
        if not 0 <= self.again <= len(images) - self.recalled:
            raise ValueError(
                f"again={self.again} of {len(images) - self.recalled} new rows; expected no more than those"
            )

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, rows: slice | Tensor) -> "Batch":
        """The rows chosen, as new ones (`recalled` = 0); `batch[:0]` is the empty batch of this shape."""
        return Batch(self.images[rows], self.labels[rows], {name: extra[rows] for name, extra in self.extras.items()})

    @property
    def fresh(self) -> "Batch":
        """The batch without the rows that were learned from before: what a memory may be offered."""
        return self[: len(self) - self.again] if self.again else self

    @functools.cached_property
    def answered(self) -> np.ndarray:
        """(B,) bool: which rows have a label anywhere; found once, and handed on by `+` and `as_float`."""
        labels = self.labels.cpu().numpy()
        return labels.reshape(len(self), math.prod(labels.shape[1:])).min(1, initial=IGNORE) < IGNORE

    def __add__(self, other: "Batch") -> "Batch":
        """These rows, then those. An extra that one side lacks is filled with NaN, -1 or 255: no answer.

        Raises:
            ValueError: if a new row would come after a recalled one.
        """
        if not len(other):
            return self
        if not len(self):
            return other
        if self.recalled and other.recalled < len(other):
            raise ValueError("new rows come before recalled ones: add the memory's batch on the right")
        names = dict.fromkeys((*self.extras, *other.extras))
        return Batch.trusted(
            torch.cat(_same_type(self.images, other.images, to_float)),
            torch.cat(_same_type(self.labels, other.labels, Tensor.long)),
            {name: torch.cat((_extra(self, name, other), _extra(other, name, self))) for name in names},
            self.recalled + other.recalled,
            np.concatenate((self.answered, other.answered)),
        )

    def as_float(self, device: torch.device | str = "cpu") -> "Batch":
        """The same rows with float32 images in 0..1, channels last, on `device`."""
        extras = {name: extra.to(device) for name, extra in self.extras.items()}
        images, labels = to_float(self.images, device), self.labels.to(device)
        return Batch.trusted(images, labels, extras, self.recalled, self.answered)

    @classmethod
    def trusted(
        cls, images: Tensor, labels: Tensor, extras: Mapping[str, Tensor], recalled: int, answered: np.ndarray
    ) -> "Batch":
        """A batch made of what has been checked before, told what `answered` would have to find out."""
        batch = object.__new__(cls)
        batch.__dict__.update(images=images, labels=labels, extras=extras, recalled=recalled, answered=answered)
        return batch


def to_float(images: Tensor, device: torch.device | str = "cpu") -> Tensor:
    """Images (B, C, H, W) as float32 in 0..1, channels last in memory; uint8 is divided by 255.

    >>> float(to_float(torch.full((1, 3, 2, 2), 255, dtype=torch.uint8)).max())
    1.0
    """
    converted = images.to(device).to(torch.float32, memory_format=torch.channels_last)  # bytes travel, not floats
    return converted.div_(255.0) if images.dtype == torch.uint8 else converted


def to_uint8(images: Tensor) -> Tensor:
    """Images (B, C, H, W) as uint8, as memories keep them; floats in 0..1 are rounded to 1/255."""
    return images if images.dtype == torch.uint8 else (images * 255.0).round().clamp(0, 255).to(torch.uint8)


def _same_type(ours: Tensor, theirs: Tensor, convert) -> tuple[Tensor, Tensor]:
    return (ours, theirs) if ours.dtype == theirs.dtype else (convert(ours), convert(theirs))


def _extra(batch: Batch, name: str, other: Batch) -> Tensor:
    if name in batch.extras:
        return batch.extras[name]
    model = other.extras[name]
    fill = float("nan") if model.dtype.is_floating_point else (IGNORE if model.dtype == torch.uint8 else -1)
    return torch.full((len(batch), *model.shape[1:]), fill, dtype=model.dtype, device=model.device)


NO_FRAMES = Batch(torch.empty((0, 1, 1, 1), dtype=torch.uint8), torch.empty((0, 1, 1), dtype=torch.uint8))
"""The batch without rows; added to any other it leaves that one as it is."""


@runtime_checkable
class Learner(Protocol):
    """What the agent asks of anything that learns.

    for frames in stream:
        logits = learner.predict(frames.images)   # pure
        losses = learner.learn(batch)             # one update, named losses
        if time_for_it:
            learner.consolidate("schedule")       # when is the agent's decision, not the data's
    """

    net: nn.Module

    def predict(self, images: Tensor) -> Tensor:
        """Logits (B, K, H', W') float32 for images (B, C, H, W), uint8 or float. Changes nothing."""
        ...

    def learn(self, batch: Batch) -> dict[str, float]:
        """Make one update; return its finite losses by name, or nothing where no step was taken."""
        ...

    def remember(self, batch: Batch) -> None:
        """Offer frames to the memory without learning from them: those on which the net was trained elsewhere."""
        ...

    def consolidate(self, reason: str) -> None:
        """Take what is known now as worth keeping: renew anchors, importances, teachers."""
        ...

    def state_dict(self) -> State: ...

    def load_state_dict(self, state: State) -> None: ...

    @property
    def cost(self) -> Cost: ...


class Memory(Protocol):
    """Past frames, within a number of bytes.

    Attributes:
        nbytes: what it holds now, in bytes; never above its bound.
        rehearses: whether a batch without answers is still an occasion to learn from this memory.
    """

    rehearses: bool

    @property
    def nbytes(self) -> int: ...

    def recall(self, batch: Batch, net: nn.Module, frames: int | None = None) -> Batch:
        """Past rows to learn from beside `batch`, marked as recalled; may be empty.

        Args:
            batch: the new frames.
            net: the net as it is now; a memory may choose what it finds hard.
            frames: how many rows, where not the memory's own number (consolidation asks for more).
        """
        ...

    def remember(self, batch: Batch, seen: Seen | None = None) -> None:
        """Consider keeping the new rows; `seen` is the training pass, whose first len(batch) rows are theirs."""
        ...

    def state_dict(self) -> State: ...

    def load_state_dict(self, state: State) -> None: ...


class Term(Protocol):
    """A summand of the loss.

    Attributes:
        name: how it is called in the losses that `learn` returns.
        learns_without_labels: whether it gives a gradient where no pixel is answered.
        consolidation_frames: how many recent frames `consolidate` wants to look at; 0 for none.
    """

    name: str
    learns_without_labels: bool
    consolidation_frames: int

    @property
    def nbytes(self) -> int: ...

    def loss(self, mixed: Batch, seen: Seen, net: nn.Module) -> Tensor:
        """A scalar. `mixed` has float images on the net's device, `seen` is the pass over them.

        A spring that acts on the weights of its learner has added its pull to the gradient by then, and returns a
        number without a gradient of its own.
        """
        ...

    def consolidate(self, net: nn.Module, frames: Batch, reason: str) -> None:
        """Renew what the term keeps; `frames` are recent and remembered ones, float, possibly none."""
        ...

    def state_dict(self) -> State: ...

    def load_state_dict(self, state: State) -> None: ...


@runtime_checkable
class Witness(Protocol):
    """A term that is also shown every finished step, and changes nothing about it."""

    def witness(self, gradient: Tensor, change: Tensor, net: nn.Module) -> None:
        """Look at a step.

        Args:
            gradient: (P,) of the whole loss, before it was clipped or projected; lies in memory as the weights do.
            change: (P,) what has been added to the weights in the end.
            net: as it is after the step.
        """
        ...


class Projector(Protocol):
    """Bends the gradient, or the change of the weights that the optimizer has made of it.

    Attributes:
        acts_on: "gradient" before the optimizer's step, or "change" after it, where momentum and decay
            can no longer leak past it.
        consolidation_frames: how many recent frames `consolidate` wants to look at; 0 for none.
    """

    acts_on: Literal["gradient", "change"]
    consolidation_frames: int

    @property
    def nbytes(self) -> int: ...

    def project(self, vectors: Sequence[Tensor], mixed: Batch, net: nn.Module) -> None:
        """Change `vectors` in place: one tensor for each of `trainable(net)`, in that order."""
        ...

    def consolidate(self, net: nn.Module, frames: Batch, reason: str) -> None: ...

    def state_dict(self) -> State: ...

    def load_state_dict(self, state: State) -> None: ...


def trainable(net: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters that learn, by name, in the net's order."""
    return {name: parameter for name, parameter in net.named_parameters() if parameter.requires_grad}


def last_layer(net: nn.Module) -> nn.Module:
    """The layer that a net calls its `head`: it makes the logits of the features.

    Raises:
        ValueError: if it calls none so.
    """
    head = getattr(net, "head", None)
    if not isinstance(head, nn.Module):
        raise ValueError(f"a {type(net).__name__} has no last layer `head`; learners.own.adopt finds that of any net")
    return head
