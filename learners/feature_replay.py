"""Replay without past frames: features are kept, not pictures (latent replay, Pellegrini et al. 2020).

Where no picture may be stored, the memory holds single pixels of what the last layer looks at, each with its label. The
body stays as it was commissioned, for features of a body that moves would grow stale; only the last layer learns, from
the pixels of the new frames and from as many kept ones. A pixel costs 2 F + 1 bytes: 33 with the default net.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from learners.adamw import AdamW, Optimizer
from learners.base import IGNORE, Batch, State, to_float
from learners.cost import Cost, Meter
from learners.weights import Weights


class PixelReservoir:
    """A uniform sample (Vitter 1985, algorithm R) of all answered pixels so far, as features and labels.

    Args:
        limit_bytes: features and labels together never exceed this.
        rng: decides what is kept and what is recalled.
    """

    def __init__(self, limit_bytes: int, *, rng: np.random.Generator):
        self.limit_bytes, self.rng, self.offered = limit_bytes, rng, 0
        self.features = np.zeros((0, 0), np.float16)  # (M, F)
        self.labels = np.zeros(0, np.uint8)  # (M,)

    @property
    def nbytes(self) -> int:
        return self.features.nbytes + self.labels.nbytes

    def __len__(self) -> int:
        return min(self.offered, len(self.labels))

    def recall(self, pixels: int) -> tuple[Tensor, Tensor]:
        """Features (N, F) float32 and labels (N,) int64 of at most so many pixels, without replacement."""
        slots = self.rng.choice(len(self), min(pixels, len(self)), replace=False, shuffle=False)
        return torch.from_numpy(self.features[slots]).float(), torch.from_numpy(self.labels[slots]).long()

    def remember(self, features: Tensor, labels: Tensor) -> None:
        """Consider keeping pixels: features (N, F), labels (N,).

        Raises:
            ValueError: if not a single pixel fits.
        """
        if not len(labels):
            return
        self._allocate(features.shape[1])
        numbers = np.arange(self.offered, self.offered + len(labels))
        self.offered += len(labels)
        slots = np.where(
            numbers < len(self.labels), numbers, (self.rng.random(len(labels)) * (numbers + 1)).astype(np.int64)
        )
        kept = (slots < len(self.labels)).nonzero()[0]
        last = {int(slots[row]): int(row) for row in kept}  # where a slot is drawn twice, the later pixel stays
        places, rows = np.array([*last], np.int64), np.array([*last.values()], np.int64)
        self.features[places] = features.detach().cpu().to(torch.float16).numpy()[rows]
        self.labels[places] = labels.cpu().numpy()[rows]

    def state_dict(self) -> State:
        return {
            "rng": self.rng.bit_generator.state,
            "offered": self.offered,
            "features": torch.from_numpy(self.features.copy()),
            "labels": torch.from_numpy(self.labels.copy()),
        }

    def load_state_dict(self, state: State) -> None:
        self.rng.bit_generator.state, self.offered = state["rng"], int(state["offered"])
        self.features, self.labels = state["features"].numpy().copy(), state["labels"].numpy().copy()

    def _allocate(self, width: int) -> None:
        if len(self.labels):
            return
        room = self.limit_bytes // (2 * width + 1)
        if not room:
            raise ValueError(f"a memory of {self.limit_bytes} bytes holds no pixel of {2 * width + 1} bytes")
        self.features, self.labels = np.zeros((room, width), np.float16), np.zeros(room, np.uint8)


class FeatureReplay:
    """A learner whose last layer learns from new pixels and from kept features of old ones.

    The loss is one mean over new and recalled pixels. A batch without an answer takes no step.

    Args:
        net: whose last layer is called `head`: a 1x1 convolution or a linear layer on `Seen.features`.
        memory: of pixels.
        share: recalled pixels for each new answered one.
        optimizer: settings of AdamW.

    Raises:
        ValueError: if the net has no such layer.
    """

    def __init__(
        self, net: nn.Module, memory: PixelReservoir, *, share: float = 1.0, optimizer: Optimizer | None = None
    ):
        head = getattr(net, "head", None)
        if not isinstance(head, nn.Conv2d | nn.Linear):
            raise ValueError(f"a {type(net).__name__} has no last layer `head` (1x1 convolution or linear layer)")
        self.net, self.memory, self.share, self.meter = net.eval(), memory, share, Meter()
        for parameter in net.parameters():
            parameter.requires_grad_(False)
        for parameter in head.parameters():
            parameter.requires_grad_(True)
        self.head = head
        self.weights = Weights(net)
        self.optimizer = AdamW(net, self.weights, optimizer or Optimizer())
        self._device = self.weights.vector.device

    @torch.no_grad()
    def predict(self, images: Tensor) -> Tensor:
        """Logits (B, K, H', W') float32 for images (B, C, H, W), uint8 or float. Changes nothing."""
        return self.net(to_float(images, self._device)).logits

    def learn(self, batch: Batch) -> dict[str, float]:
        """Make one update; returns the loss from before it, or nothing where no step was taken."""
        answered = int(batch.answered.sum())
        self.meter.count(labelled_frames=answered)
        if not answered:
            self.meter.count(unlabelled_batches=1)
            return {}
        if batch.images.dtype != torch.uint8 and not bool(torch.isfinite(batch.images).all()):
            self.meter.count(skipped_updates=1)
            return {}
        logits, features, labels = self._pixels(batch, learning=True)
        old_features, old_labels = self.memory.recall(round(self.share * len(labels)))
        if len(old_labels):
            logits = torch.cat((logits, self._answer(old_features.to(self._device))))
        loss = F.cross_entropy(logits, torch.cat((labels, old_labels.to(self._device))))
        gradient = self.weights.gradient.zero_()
        loss.backward()
        norm = torch.linalg.vector_norm(gradient)
        if not bool(torch.isfinite(loss) & torch.isfinite(norm)):
            self.meter.count(skipped_updates=1)
            return {}
        if norm > self.optimizer.settings.clip_norm:
            gradient.mul_(self.optimizer.settings.clip_norm / norm)
        self.optimizer.step()
        self.memory.remember(features, labels)
        self.meter.count(updates=1)
        return {"fit": loss.item()}

    def remember(self, batch: Batch) -> None:
        """Keep pixels of frames without learning from them; costs a forward pass."""
        if batch.answered.any():
            with torch.no_grad():
                _, features, labels = self._pixels(batch, learning=False)
            self.memory.remember(features, labels)

    def consolidate(self, reason: str) -> None:
        """Nothing is renewed."""
        self.meter.count(consolidations=1)

    @property
    def cost(self) -> Cost:
        return self.meter.read(bytes_kept=self.memory.nbytes)

    def state_dict(self) -> State:
        return {
            "net": {name: value.detach().clone() for name, value in self.net.state_dict().items()},
            "optimizer": self.optimizer.state_dict(),
            "memory": self.memory.state_dict(),
            "meter": self.meter.state_dict(),
        }

    def load_state_dict(self, state: State) -> None:
        self.net.load_state_dict(state["net"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.memory.load_state_dict(state["memory"])
        self.meter.load_state_dict(state["meter"])

    def _pixels(self, batch: Batch, *, learning: bool) -> tuple[Tensor, Tensor, Tensor]:
        """Logits (N, K), features (N, F) and labels (N,) of the answered pixels; one pass of the net."""
        images, labels = to_float(batch.images, self._device), batch.labels.to(self._device).long()
        seen = self.net(images)
        self.meter.passes(self.net, images, backward=int(learning))
        known = labels != IGNORE
        return seen.logits.movedim(1, -1)[known], seen.features.movedim(1, -1)[known], labels[known]

    def _answer(self, features: Tensor) -> Tensor:
        """The last layer on pixels (N, F): (N, K)."""
        return F.linear(features, self.head.weight.flatten(1), self.head.bias)
