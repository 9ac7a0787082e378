"""Maximally interfered retrieval (Aljundi et al. 2019, algorithm 1): recall what the coming step would spoil most."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call

from learners.base import IGNORE, Batch, trainable
from learners.cost import Meter
from learners.memory import Reservoir


class Interfered(Reservoir):
    """A reservoir that recalls, out of random candidates, those whose loss a step on the new frames would raise most.

    The step is virtual: theta' = theta - virtual_rate * gradient of the new frames' mean loss. The net itself is not
    touched. Costs an update one more backward pass of the new frames and two forward passes of the candidates. With
    no answer in the new frames, and for consolidation, it draws uniformly, as a reservoir does.

    Args:
        limit_bytes: images, labels and extras together never exceed this.
        frames: how many are recalled for an update.
        candidates: among how many they are sought.
        virtual_rate: learning rate of the virtual step.
        rng: decides what is kept and who is a candidate.
        meter: counts the passes.
        rehearses: learn from the memory alone where a batch has no answers.

    Raises:
        ValueError: if there are fewer candidates than frames to recall.
    """

    def __init__(
        self,
        limit_bytes: int,
        *,
        frames: int,
        candidates: int,
        virtual_rate: float,
        rng: np.random.Generator,
        meter: Meter,
        rehearses: bool = False,
    ):
        super().__init__(limit_bytes, frames=frames, rng=rng, rehearses=rehearses)
        if candidates < frames:
            raise ValueError(f"{candidates} candidates for {frames} recalled frames; expected at least as many")
        self.candidates, self.virtual_rate, self.meter = candidates, virtual_rate, meter

    def recall(self, batch: Batch, net: nn.Module, frames: int | None = None) -> Batch:
        if frames is not None or not batch.answered.any() or len(self) <= self.frames:
            return super().recall(batch, net, frames)
        drawn = super().recall(batch, net, self.candidates)
        device = next(net.parameters()).device
        increase = self.interference(batch.as_float(device), drawn.as_float(device), net).cpu()
        worst = increase.nan_to_num(0.0).topk(self.frames).indices
        return Batch.trusted(
            drawn.images[worst],
            drawn.labels[worst],
            {name: extra[worst] for name, extra in drawn.extras.items()},
            self.frames,
            drawn.answered[worst.numpy()],
        )

    def interference(self, new: Batch, candidates: Batch, net: nn.Module) -> Tensor:
        """How much the virtual step raises the loss of each candidate: (C,)."""
        was_training = net.training
        net.eval()
        weights = trainable(net)
        with torch.enable_grad():
            loss = F.cross_entropy(net(new.images).logits, new.labels.long(), ignore_index=IGNORE)
            gradients = torch.autograd.grad(loss, list(weights.values()), allow_unused=True)
        self.meter.passes(net, new.images)
        moved = {
            name: weight.detach() if gradient is None else weight.detach() - self.virtual_rate * gradient
            for (name, weight), gradient in zip(weights.items(), gradients, strict=True)
        }
        with torch.no_grad():
            before = frame_losses(net(candidates.images).logits, candidates.labels)
            after = frame_losses(functional_call(net, moved, (candidates.images,)).logits, candidates.labels)
        self.meter.passes(net, candidates.images, forward=2, backward=0)
        net.train(was_training)
        return after - before


def frame_losses(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean cross-entropy over the answered pixels of each frame, 0 where there is none: (B,)."""
    pixels = F.cross_entropy(logits, labels.long(), ignore_index=IGNORE, reduction="none").flatten(1)
    return pixels.sum(1) / (labels != IGNORE).flatten(1).sum(1).clamp(min=1)
