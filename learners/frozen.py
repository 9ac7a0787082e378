"""Frozen: the learner that never learns, which every other one must beat."""

import torch
from torch import Tensor, nn

from learners.base import Batch, Seen, State, to_float
from learners.cost import Cost, Meter


class Frozen:
    """Predicts with the weights it was given, forever; counts the labels that it was offered."""

    learns_without_labels = False

    def __init__(self, net: nn.Module):
        self.net = net.eval()
        self.meter = Meter()

    @torch.no_grad()
    def predict(self, images: Tensor) -> Tensor:
        return self.net(to_float(images, next(self.net.parameters()).device)).logits

    def learn(self, batch: Batch) -> dict[str, float]:
        self.meter.count(labelled_frames=int(batch.answered.sum()))
        return {}

    def remember(self, batch: Batch, seen: Seen | None = None) -> None:
        pass

    def consolidate(self, reason: str) -> None:
        pass

    @property
    def cost(self) -> Cost:
        return self.meter.read(bytes_kept=0)

    def state_dict(self) -> State:
        weights = {name: value.detach().clone() for name, value in self.net.state_dict().items()}
        return {"net": weights, "meter": self.meter.state_dict()}

    def load_state_dict(self, state: State) -> None:
        self.net.load_state_dict(state["net"])
        self.meter.load_state_dict(state["meter"])
