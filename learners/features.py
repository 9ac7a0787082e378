"""Learning on frozen features: the net only looks, and a statistic of what it sees does the answering."""

from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from learners.base import IGNORE, Batch, Seen, State, features_by_pixel, last_layer, to_float
from learners.cost import Cost, Meter
from learners.disk import pack, unpack

NEVER_SEEN = -1e4
"""The logit of a class of which no pixel has come yet."""


class Classifier(Protocol):
    """A statistic of labelled features that can score all classes; order of arrival does not matter."""

    @property
    def nbytes(self) -> int: ...

    @property
    def fitted(self) -> bool:
        """Whether anything has come in."""
        ...

    def fit(self, features: Tensor, labels: Tensor, classes: int) -> None:
        """Take in features (N, F) with labels (N,) int64 in 0..classes-1."""
        ...

    def scores(self) -> tuple[Tensor, Tensor]:
        """Weights (K, F) and biases (K,), float32: the logits are features @ weights.T + biases."""
        ...

    def state_dict(self) -> State: ...

    def load_state_dict(self, state: State) -> None: ...


class Reclassified(nn.Module):
    """A net whose last layer is replaced by a statistic of its features, as soon as that knows anything.

    Args:
        net: the inner net.
        classifier: the statistic.
    """

    def __init__(self, net: nn.Module, classifier: Classifier):
        super().__init__()
        self.net, self.classifier = net, classifier

    @property
    def head(self) -> nn.Module:
        """The inner net's last layer."""
        return last_layer(self.net)

    def forward(self, images: Tensor) -> Seen:
        seen: Seen = self.net(images)
        if not self.classifier.fitted:
            return seen
        weights, biases = self.classifier.scores()
        features = features_by_pixel(seen)
        return Seen(F.conv2d(features, weights[:, :, None, None].to(features), biases.to(features)), features)

    def get_extra_state(self) -> Tensor:
        return pack(self.classifier.state_dict())

    def set_extra_state(self, state: Tensor) -> None:
        self.classifier.load_state_dict(unpack(state))


class OnFeatures:
    """A frozen net whose last layer is replaced by a statistic of its features, pixel by pixel. A Learner.

    Until anything is known it answers as the net itself does. Frames offered with `remember` are learned from, too.

    Args:
        net: its weights stay as they are.
        classifier: the statistic.
    """

    learns_without_labels = False

    def __init__(self, net: nn.Module, classifier: Classifier):
        self.looking, self.classifier = net, classifier
        self.net: nn.Module = Reclassified(net, classifier).eval()
        self.meter = Meter()

    @torch.no_grad()
    def predict(self, images: Tensor) -> Tensor:
        return self.net(to_float(images, self._device)).logits

    @torch.no_grad()
    def learn(self, batch: Batch) -> dict[str, float]:
        """Take the answered pixels in; returns the cross-entropy from before."""
        answered = int(batch.answered.sum())
        self.meter.count(labelled_frames=answered)
        if not answered:
            self.meter.count(unlabelled_batches=1)
            return {}
        loss = self._take_in(batch)
        if loss is None:
            self.meter.count(skipped_updates=1)
            return {}
        self.meter.count(updates=1)
        return {"fit": loss}

    @torch.no_grad()
    def remember(self, batch: Batch) -> None:
        if batch.answered.any():
            self._take_in(batch)

    def consolidate(self, reason: str) -> None:
        self.meter.count(consolidations=1)

    @property
    def cost(self) -> Cost:
        return self.meter.read(bytes_kept=self.classifier.nbytes)

    def state_dict(self) -> State:
        weights = {name: value.detach().clone() for name, value in self.net.state_dict().items()}
        return {"net": weights, "meter": self.meter.state_dict()}

    def load_state_dict(self, state: State) -> None:
        self.net.load_state_dict(state["net"])
        self.meter.load_state_dict(state["meter"])

    @property
    def _device(self) -> torch.device:
        return next(self.net.parameters()).device

    def _take_in(self, batch: Batch) -> float | None:
        """The loss from before, or None, and nothing taken in, where the frames are not finite."""
        frames = batch[torch.from_numpy(batch.answered)].as_float(self._device)
        if not bool(torch.isfinite(frames.images).all()):
            return None
        seen: Seen = self.net(frames.images)
        self.meter.passes(self.looking, frames.images, backward=0)
        labels = frames.labels.long()
        loss = F.cross_entropy(seen.logits, labels, ignore_index=IGNORE).item()
        known = labels != IGNORE
        self.classifier.fit(features_by_pixel(seen).permute(0, 2, 3, 1)[known], labels[known], seen.logits.shape[1])
        return loss
