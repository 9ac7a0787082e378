"""Online: recall, descend, remember. The update of every composed learner, written once."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from learners.adamw import AdamW, Optimizer
from learners.base import NO_FRAMES, Batch, Memory, Projector, Seen, State, Term, Witness, to_float
from learners.cost import Cost, Meter
from learners.memory import NoMemory, Recent
from learners.terms.quadratic import Sprung
from learners.weights import Weights, split


class Online:
    """A net that learns from a stream, composed of a memory, terms of the loss and projectors.

    The net becomes the learner's own: it is changed in place. Its forward pass returns `Seen`.

    Where a batch brings no answer, no step is taken unless the memory rehearses or a term learns without labels.
    Where an image, a loss or a gradient is not finite, the weights, the optimizer and the memory stay as they were,
    and the update is counted as skipped.

    Args:
        net: with at least one trainable parameter.
        terms: summands of the loss; their names differ.
        memory: where past frames come from.
        projectors: applied in order, to the gradient or to the change as each of them says.
        optimizer: settings of AdamW.
        meter: the account of what is spent; parts that make passes of their own share it.

    Attributes:
        learns_without_labels: whether a term does, so that a batch without answers is an occasion for an update.

    Raises:
        ValueError: if there is nothing to learn, or two terms have one name.
    """

    def __init__(
        self,
        net: nn.Module,
        terms: Sequence[Term],
        *,
        memory: Memory | None = None,
        projectors: Sequence[Projector] = (),
        optimizer: Optimizer | None = None,
        meter: Meter | None = None,
    ):
        self.net = net
        self.terms, self.projectors = tuple(terms), tuple(projectors)
        self.memory: Memory = NoMemory() if memory is None else memory
        self.meter = meter or Meter()
        parts = (*self.terms, *self.projectors)
        self.recent = Recent(max((part.consolidation_frames for part in parts), default=0))
        self.weights = Weights(net)
        names = [term.name for term in self.terms]
        if not names or len(set(names)) < len(names):
            raise ValueError(f"terms {names}: there must be one, and each needs its own name, its loss is kept by it")
        self._device = self.weights.vector.device
        self._layers = plain_layers(net)
        self._witnesses = [term for term in self.terms if isinstance(term, Witness)]
        self._bend_gradient = [projector for projector in self.projectors if projector.acts_on == "gradient"]
        self._bend_change = [projector for projector in self.projectors if projector.acts_on == "change"]
        for term in self.terms:
            if isinstance(term, Sprung):
                term.spring.acts_on(self.weights)
        self.learns_without_labels = any(term.learns_without_labels for term in self.terms)
        self.optimizer = AdamW(net, self.weights, optimizer or Optimizer())

    @torch.no_grad()
    def predict(self, images: Tensor) -> Tensor:
        """Logits (B, K, H', W') float32 for images (B, C, H, W), uint8 or float. Changes nothing."""
        self._set_training(False)
        return self._see(to_float(images, self._device)).logits

    def learn(self, batch: Batch) -> dict[str, float]:
        """Make one update with these frames and some recalled ones.

        Returns:
            Losses by name, all finite, from before the step; empty where no step was taken.
        """
        answered = int(np.count_nonzero(batch.answered))
        self.meter.count(labelled_frames=int(np.count_nonzero(batch.answered[: len(batch) - batch.again])))
        if not answered and not (self.learns_without_labels or self.memory.rehearses):
            self.meter.count(unlabelled_batches=1)
            return {}
        if batch.images.dtype != torch.uint8 and not bool(torch.isfinite(batch.images).all()):
            self.meter.count(skipped_updates=1)
            return {}
        mixed = (batch + self.memory.recall(batch, self.net)).as_float(self._device)
        if not (answered or self.learns_without_labels or mixed.answered.any()):
            self.meter.count(unlabelled_batches=1)
            return {}
        self._set_training(True)
        seen = self._see(mixed.images)  # one pass for all terms
        self.meter.passes(self.net, mixed.images)
        self.weights.gradient.zero_()  # before the losses: a spring adds its pull at once
        losses = {term.name: term.loss(mixed, seen, self.net) for term in self.terms}
        values = {name: loss.item() for name, loss in losses.items()}
        if not all(map(math.isfinite, values.values())) or not self._descend(list(losses.values()), mixed):
            self.meter.count(skipped_updates=1)
            return {}
        self.meter.count(updates=1)
        self.remember(batch.fresh, seen)  # whose first rows are those of the pass
        return values

    def remember(self, batch: Batch, seen: Seen | None = None) -> None:
        """Offer frames to the memory without learning from them: those on which the net was trained elsewhere."""
        if len(batch):
            self.memory.remember(batch, seen)
            self.recent.remember(batch)

    def consolidate(self, reason: str) -> None:
        """Take what is known now as worth keeping. Parts look at recent frames and as many out of the memory.

        Raises:
            ValueError: if a part needs frames and none has come yet.
        """
        frames = self._frames_to_look_at()
        for part in (*self.terms, *self.projectors):
            part.consolidate(self.net, frames, reason)
        self.meter.count(consolidations=1)

    @property
    def cost(self) -> Cost:
        kept = (self.memory, self.recent, *self.terms, *self.projectors)
        return self.meter.read(bytes_kept=sum(part.nbytes for part in kept))

    def state_dict(self) -> State:
        """Everything that the future depends on, as tensors and JSON values."""
        return {
            "net": {name: value.detach().clone() for name, value in self.net.state_dict().items()},
            "optimizer": self.optimizer.state_dict(),
            "memory": self.memory.state_dict(),
            "recent": self.recent.state_dict(),
            "terms": {term.name: term.state_dict() for term in self.terms},
            "projectors": {str(i): projector.state_dict() for i, projector in enumerate(self.projectors)},
            "meter": self.meter.state_dict(),
        }

    def load_state_dict(self, state: State) -> None:
        """Continue where the learner that wrote `state` stopped, bit for bit.

        Raises:
            ValueError: if that learner was composed of other terms.
        """
        names = [term.name for term in self.terms]
        if list(state["terms"]) != names:
            raise ValueError(f"the state is of a learner with terms {list(state['terms'])}, this one has {names}")
        self.net.load_state_dict(state["net"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.memory.load_state_dict(state["memory"])
        self.recent.load_state_dict(state["recent"])
        for term in self.terms:
            term.load_state_dict(state["terms"][term.name])
        for i, projector in enumerate(self.projectors):
            projector.load_state_dict(state["projectors"][str(i)])
        self.meter.load_state_dict(state["meter"])

    def _descend(self, losses: list[Tensor], mixed: Batch) -> bool:
        """Gradient, projection, step, projection; False, and nothing done, if the gradient is not finite."""
        gradient, clip_norm = self.weights.gradient, self.optimizer.settings.clip_norm
        torch.autograd.backward([loss for loss in losses if loss.requires_grad])
        norm = math.sqrt(torch.dot(gradient, gradient).item())
        if not math.isfinite(norm):
            return False
        unbent = gradient.clone() if self._witnesses else gradient
        if norm > clip_norm:
            gradient.mul_(clip_norm / norm)
        for projector in self._bend_gradient:
            projector.project(self.weights.gradients, mixed, self.net)
        if self._bend_gradient and not bool(torch.isfinite(gradient).all()):
            return False
        if not self._bend_change and not self._witnesses:
            self.optimizer.step()
            return True
        before = self.weights.vector.detach().clone()
        self.optimizer.step()
        change = self.weights.vector.detach() - before
        if self._bend_change:
            views = split(change, self.weights.parameters)
            for projector in self._bend_change:
                projector.project(views, mixed, self.net)
            self.weights.vector.data.copy_(before + change)
        for term in self._witnesses:
            term.witness(unbent, change, self.net)
        return True

    def _frames_to_look_at(self) -> Batch:
        if not self.recent.frames:
            return NO_FRAMES
        recent = self.recent.recall(NO_FRAMES, self.net)
        if not len(recent):
            raise ValueError("consolidate() before any frame: call learn(batch) or remember(batch) first")
        return (recent + self.memory.recall(recent, self.net, frames=self.recent.frames)).as_float(self._device)

    def _see(self, images: Tensor) -> Seen:
        seen = self.net(images)
        if not isinstance(seen, Seen):
            raise TypeError(
                f"the net returns a {type(seen).__name__}, not `Seen`: wrap it, learners.own.adopt(net), and give that"
            )
        return seen

    def _set_training(self, training: bool) -> None:
        if self.net.training == training:
            return
        if self._layers is None:
            self.net.train(training)
            return
        for layer in self._layers:  # what `net.train` does, at a hundredth of the time
            vars(layer)["training"] = training


def plain_layers(net: nn.Module) -> list[nn.Module] | None:
    """All layers of a net, itself included, if turning it to training sets a flag in each and does nothing else."""
    layers = list(net.modules())
    ordinary = all(
        type(layer).train is nn.Module.train and type(layer).__setattr__ is nn.Module.__setattr__ for layer in layers
    )
    return layers if ordinary else None


def classes_and_confidence(logits: Tensor) -> tuple[Tensor, Tensor]:
    """The likeliest class of each pixel, and its probability.

    Args:
        logits: (B, K, H', W').

    Returns:
        classes: (B, H', W') uint8.
        confidence: (B, H', W') float32 in 0..1.
    """
    confidence, classes = logits.softmax(1).max(1)
    return classes.to(torch.uint8), confidence
