"""A learner whose net is looked after between updates."""

from collections.abc import Sequence
from typing import Protocol

from torch import Tensor

from learners.base import Batch, State
from learners.cost import Cost
from learners.online import Online


class Upkeep(Protocol):
    """Looks after net and optimizer once an update is finished."""

    name: str

    @property
    def nbytes(self) -> int: ...

    def tend(self, learner: Online, batch: Batch) -> None:
        """Change the learner's net, or its optimizer's moments; `batch` are the frames that it has just learned."""
        ...

    def state_dict(self) -> State: ...

    def load_state_dict(self, state: State) -> None: ...


class Renewing:
    """Another learner, and upkeep after each of its updates. A Learner.

    A projector is not enough: who begins a channel anew must reach the optimizer's moments too.

    Args:
        learner: does the learning.
        upkeep: done in this order wherever the learner has taken a step.
    """

    def __init__(self, learner: Online, upkeep: Sequence[Upkeep]):
        self.learner, self.upkeep = learner, tuple(upkeep)
        self.net, self.memory, self.meter = learner.net, learner.memory, learner.meter
        self.learns_without_labels = learner.learns_without_labels

    def predict(self, images: Tensor) -> Tensor:
        return self.learner.predict(images)

    def learn(self, batch: Batch) -> dict[str, float]:
        losses = self.learner.learn(batch)
        if losses:
            for part in self.upkeep:
                part.tend(self.learner, batch)
        return losses

    def remember(self, batch: Batch) -> None:
        self.learner.remember(batch)

    def consolidate(self, reason: str) -> None:
        self.learner.consolidate(reason)

    @property
    def cost(self) -> Cost:
        inner = self.learner.cost
        return self.meter.read(bytes_kept=inner.bytes_kept + sum(part.nbytes for part in self.upkeep))

    def state_dict(self) -> State:
        return {"learner": self.learner.state_dict(), "upkeep": {part.name: part.state_dict() for part in self.upkeep}}

    def load_state_dict(self, state: State) -> None:
        """Raises ValueError if the state is of a learner with other upkeep."""
        names = [part.name for part in self.upkeep]
        if list(state["upkeep"]) != names:
            raise ValueError(f"the state is of a learner with upkeep {list(state['upkeep'])}, this one has {names}")
        self.learner.load_state_dict(state["learner"])
        for part in self.upkeep:
            part.load_state_dict(state["upkeep"][part.name])
