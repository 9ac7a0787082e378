"""Gate: one copy of the net serves, another one learns, and what was learned is served only if it does no harm.

Every so many updates both copies are asked about a small guard set: a uniform sample of all frames so far, kept apart
from the learner's own memory. If the learning copy's mean IoU is not lower than the served one's by more than a
tolerance, its weights are served from then on, and the replaced ones are kept. Every decision is written down. It
guards what the guard set shows: a sample of what came, from which the learner may have learned too.
"""

from dataclasses import fields
from typing import Any

import numpy as np
from torch import Tensor

from learners.base import IGNORE, NO_FRAMES, Batch, Learner, State, to_float
from learners.cost import Cost, Meter
from learners.memory import Reservoir
from learners.served import Served, weights_of


class Gate:
    """Any learner, behind a gate; is itself a learner.

    Args:
        learner: whose net learns.
        guard: where the guard set is kept; its `frames` is the size of the set that is asked.
        every: updates between two decisions.
        tolerance: mean IoU that may be lost and still be served, 0..1.

    Attributes:
        net: the one that serves.
        decisions: a dict each: update, reason, mean IoU of the served and of the learning copy (or None), promoted.
    """

    def __init__(self, learner: Learner, guard: Reservoir, *, every: int = 50, tolerance: float = 0.0):
        self.learner, self.guard, self.every, self.tolerance = learner, guard, every, tolerance
        self._served = Served(learner.net)
        self.net = self._served.net
        self.replaced: dict[str, Tensor] = {}  # what was served before; empty if nothing was
        self.decisions: list[dict[str, Any]] = []
        self.updates = 0
        self.meter = Meter()

    def predict(self, images: Tensor) -> Tensor:
        """Logits of the served copy."""
        return self._served.predict(images)

    def learn(self, batch: Batch) -> dict[str, float]:
        """Let the learning copy learn; where it is time, decide."""
        before = self.learner.cost.updates
        losses = self.learner.learn(batch)
        if self.learner.cost.updates > before:  # some learn without a loss to tell of
            self.guard.remember(batch.fresh)
            self.updates += 1
            if self.updates % self.every == 0:
                self.decide("schedule")
        return losses

    def remember(self, batch: Batch) -> None:
        """Frames on which the net was trained elsewhere join the guard set, and the learner's memory."""
        self.learner.remember(batch)
        self.guard.remember(batch)

    def consolidate(self, reason: str) -> None:
        """The learner's affair; at `commissioning` its weights are served without being asked."""
        self.learner.consolidate(reason)
        if reason == "commissioning":
            self._serve(reason, None, None)

    def decide(self, reason: str) -> bool:
        """Ask both copies about the guard set, and serve the learning one unless it is worse; says which."""
        frames = self.guard.recall(NO_FRAMES, self.learner.net)
        if not len(frames):
            return False
        served, learning = self._score(self.predict, frames), self._score(self.learner.predict, frames)
        if learning >= served - self.tolerance:
            self._serve(reason, served, learning)
            return True
        self._note(reason, served, learning, promoted=False)
        return False

    def roll_back(self, reason: str) -> None:
        """Serve again what was served before; the learning copy goes on as it is.

        Raises:
            ValueError: if nothing has been replaced yet, or it has been taken back already.
        """
        if not self.replaced:
            raise ValueError("nothing to roll back to: no weights have been replaced since the last time")
        self._served.put(self.replaced)
        self.replaced = {}
        self._note(f"rolled back: {reason}", None, None, promoted=False)

    @property
    def cost(self) -> Cost:
        """The learner's, with the guard's passes; kept are the guard set, the served copy and the replaced one."""
        copies = sum(value.nbytes for value in (*self.net.state_dict().values(), *self.replaced.values()))
        ours, theirs = self.meter.read(bytes_kept=self.guard.nbytes + copies), self.learner.cost
        return Cost(**{entry.name: getattr(ours, entry.name) + getattr(theirs, entry.name) for entry in fields(Cost)})

    def state_dict(self) -> State:
        return {
            "learner": self.learner.state_dict(),
            "served": weights_of(self.net),
            "replaced": {name: value.clone() for name, value in self.replaced.items()},
            "guard": self.guard.state_dict(),
            "decisions": [dict(decision) for decision in self.decisions],
            "updates": self.updates,
            "meter": self.meter.state_dict(),
        }

    def load_state_dict(self, state: State) -> None:
        self.learner.load_state_dict(state["learner"])
        self._served.put(state["served"])
        self.replaced = dict(state["replaced"])
        self.guard.load_state_dict(state["guard"])
        self.decisions = [dict(decision) for decision in state["decisions"]]
        self.updates = int(state["updates"])
        self.meter.load_state_dict(state["meter"])

    def _score(self, predict, frames: Batch) -> float:
        self.meter.passes(self.net, to_float(frames.images), backward=0)
        return mean_iou(predict(frames.images).argmax(1).cpu().numpy(), frames.labels.numpy())

    def _serve(self, reason: str, served: float | None, learning: float | None) -> None:
        self.replaced = weights_of(self.net)
        self._served.put(self.learner.net.state_dict())
        self._note(reason, served, learning, promoted=True)

    def _note(self, reason: str, served: float | None, learning: float | None, *, promoted: bool) -> None:
        entry = {"update": self.updates, "reason": reason, "served": served, "learning": learning}
        self.decisions.append({**entry, "promoted": promoted})


def mean_iou(found: np.ndarray, labels: np.ndarray) -> float:
    """Intersection over union, summed over all answered pixels, in the mean over the classes that the labels have.

    >>> mean_iou(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 255]))
    0.5
    """
    answered = labels != IGNORE
    found, labels = found[answered], labels[answered]
    both = [(found == k) & (labels == k) for k in np.unique(labels)]
    either = [(found == k) | (labels == k) for k in np.unique(labels)]
    return float(np.mean([b.sum() / e.sum() for b, e in zip(both, either, strict=True)]))
