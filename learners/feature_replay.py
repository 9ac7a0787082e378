"""Replay without past pictures: features are kept (latent replay, Pellegrini et al. 2020, arXiv:1912.01100).

Where no picture may be stored, the memory holds single pixels of what the last layer looks at, each with its label. The
body stays as it was commissioned, for features of a body that moves would grow stale; only the last layer learns, from
the pixels of the new frames and from as many kept ones. A pixel costs 2 F + 1 bytes: 33 with the default net.

It is the ordinary `Online`: a memory that recalls no frames, and a fit that draws pixels from it.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from learners.adamw import Optimizer
from learners.base import IGNORE, NO_FRAMES, Batch, Seen, State, features_by_pixel, last_layer, to_float
from learners.cost import Meter
from learners.freezing import learn_only
from learners.online import Online


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


class FeatureMemory:
    """A `Memory` that recalls no frames, and keeps of new ones the features and labels of single pixels.

    Args:
        pixels: where they are kept.
        net: sees frames that are offered without a pass; costs one.
        meter: counts that pass.
    """

    rehearses = False

    def __init__(self, pixels: PixelReservoir, net: nn.Module, meter: Meter):
        self.pixels, self._net, self._meter = pixels, net, meter

    @property
    def nbytes(self) -> int:
        return self.pixels.nbytes

    def recall(self, batch: Batch, net: nn.Module, frames: int | None = None) -> Batch:
        return NO_FRAMES

    @torch.no_grad()
    def remember(self, batch: Batch, seen: Seen | None = None) -> None:
        if not batch.answered.any():
            return
        features = self._look(batch) if seen is None else features_by_pixel(seen)[: len(batch)]
        if bool(torch.isfinite(features).all()):
            labels = batch.labels.to(features.device)
            known = labels != IGNORE
            self.pixels.remember(features.movedim(1, -1)[known], labels[known])

    def _look(self, batch: Batch) -> Tensor:
        images = to_float(batch.images, next(self._net.parameters()).device)
        self._meter.passes(self._net, images, backward=0)
        return features_by_pixel(self._net.eval()(images))

    def state_dict(self) -> State:
        return self.pixels.state_dict()

    def load_state_dict(self, state: State) -> None:
        self.pixels.load_state_dict(state)


class PixelFit:
    """-log p(label) in one mean over the answered pixels of the new frames and over kept ones. A `Term`.

    Args:
        pixels: that are kept.
        meter: counts what the last layer does on kept pixels, which is no pass of the net.
        share: kept pixels for each new answered one.
    """

    name = "fit"
    learns_without_labels = False
    consolidation_frames = 0
    nbytes = 0  # the memory's

    def __init__(self, pixels: PixelReservoir, meter: Meter, *, share: float = 1.0):
        self.pixels, self.meter, self.share = pixels, meter, share

    def loss(self, mixed: Batch, seen: Seen, net: nn.Module) -> Tensor:
        labels = mixed.labels.long()
        total = F.cross_entropy(seen.logits, labels, ignore_index=IGNORE, reduction="sum")
        count = int((labels != IGNORE).sum())
        features, kept = (part.to(labels.device) for part in self.pixels.recall(round(self.share * count)))
        if len(kept):
            logits = answer(net, features)
            total = total + F.cross_entropy(logits, kept, reduction="sum")
            self.meter.count(flops=4 * features.numel() * logits.shape[1])  # forward, and backward to the weights
        return total / max(count + len(kept), 1)

    def consolidate(self, net: nn.Module, frames: Batch, reason: str) -> None:
        pass

    def state_dict(self) -> State:
        return {}

    def load_state_dict(self, state: State) -> None:
        pass


def feature_replay(
    net: nn.Module,
    pixels: PixelReservoir,
    *,
    share: float = 1.0,
    optimizer: Optimizer | None = None,
    meter: Meter | None = None,
) -> Online:
    """A learner whose last layer learns from new pixels and from kept features of old ones.

    Args:
        net: becomes the learner's; all but its last layer `head` ceases to learn.
        pixels: the memory.
        share: kept pixels for each new answered one.
        optimizer: settings of the descent.
        meter: the account.

    Raises:
        ValueError: if the net has no `head` that is a 1x1 convolution or a linear layer.
    """
    head = getattr(net, "head", None)
    if not isinstance(head, nn.Linear) and not (isinstance(head, nn.Conv2d) and head.kernel_size == (1, 1)):
        raise ValueError(f"a {type(net).__name__} has no last layer `head` (1x1 convolution or linear layer)")
    learn_only(net, head.parameters())
    meter = meter or Meter()
    fit = PixelFit(pixels, meter, share=share)
    return Online(net, [fit], memory=FeatureMemory(pixels, net, meter), optimizer=optimizer, meter=meter)


def answer(net: nn.Module, features: Tensor) -> Tensor:
    """What the last layer of a net says to features (N, F) of single pixels: logits (N, K)."""
    head = last_layer(net)
    scores = F.linear(features, head.get_parameter("weight").flatten(1), getattr(head, "bias", None))
    translate = getattr(net, "translate", None)  # a net of one's own may have other classes than its last layer
    return translate(scores) if translate else scores
