"""Schedules around an ordinary learner that no robot could keep to: all data at once, or all data so far.

`joint` has seen the future: it is trained before the life begins, on all labelled frames that will come, and then only
answers. `cumulative` throws its weights away each season and learns anew from all labelled frames so far; it keeps
them all, and pays for every pass again. Both are yardsticks: what the first knows on its first day nobody can know, and
what the second needs in bytes and compute is what continual learning wants to save.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from agent.commission import drill, shuffled_rows
from learners.base import Batch, Learner, State, to_uint8
from learners.cost import Cost

BATCH = 16  # frames an update, as every learner has


class Answering:
    """A learner that has been trained, and answers; it learns nothing more.

    Args:
        trained: whose net and whose costs they are.
    """

    def __init__(self, trained: Learner) -> None:
        self.trained, self.net = trained, trained.net

    def predict(self, images: Tensor) -> Tensor:
        return self.trained.predict(images)

    def learn(self, batch: Batch) -> dict[str, float]:
        return {}

    def remember(self, batch: Batch) -> None:
        pass

    def consolidate(self, reason: str) -> None:
        pass

    @property
    def cost(self) -> Cost:
        return self.trained.cost

    def state_dict(self) -> State:
        return self.trained.state_dict()

    def load_state_dict(self, state: State) -> None:
        self.trained.load_state_dict(state)


class Cumulative:
    """Learns anew from all frames so far, whenever it is told to consolidate.

    It makes as many updates as commissioning took, and one more for every occasion to learn that there was since.

    Args:
        begin: a learner with first weights; the same at every call.
        commissioned: weights that answer until the first time.
        commission_updates: that commissioning took.
        rng: draws the order of the frames.
    """

    def __init__(
        self,
        begin: Callable[[], Learner],
        commissioned: Mapping[str, Tensor],
        *,
        commission_updates: int,
        rng: np.random.Generator,
    ) -> None:
        self._begin, self._rng = begin, rng
        self._learner = begin()
        self._learner.net.load_state_dict(commissioned)
        self.net = self._learner.net
        self._images: list[np.ndarray] = []
        self._labels: list[np.ndarray] = []
        self._updates = commission_updates
        self._spent = Cost()

    def predict(self, images: Tensor) -> Tensor:
        """Logits of the last learner that was trained."""
        return self._learner.predict(images)

    def learn(self, batch: Batch) -> dict[str, float]:
        """Keep the frames for the next time; no step is taken now."""
        if batch.answered.any():
            self._updates += 1
        self.remember(batch)
        return {}

    def remember(self, batch: Batch) -> None:
        """Keep the answered frames, all of them."""
        rows = batch.answered
        if rows.any():
            self._images.append(to_uint8(batch.images)[rows].numpy())
            self._labels.append(batch.labels.to(torch.uint8)[rows].numpy())

    def consolidate(self, reason: str) -> None:
        """Throw the weights away and learn from everything; at `commissioning` they are fresh enough."""
        if reason == "commissioning" or not self._images:
            return
        images, labels = np.concatenate(self._images), np.concatenate(self._labels)
        learner = self._begin()
        drill(learner, images, labels, self._rows(len(images)), updates=self._updates)
        self._spent = self._spent + learner.cost
        self._learner, self.net = learner, learner.net

    @property
    def cost(self) -> Cost:
        kept = sum(array.nbytes for arrays in (self._images, self._labels) for array in arrays)
        return replace(self._spent, bytes_kept=kept)

    def state_dict(self) -> State:
        images = {str(i): torch.from_numpy(array) for i, array in enumerate(self._images)}
        labels = {str(i): torch.from_numpy(array) for i, array in enumerate(self._labels)}
        return {
            "learner": self._learner.state_dict(),
            "images": images,
            "labels": labels,
            "updates": self._updates,
            "rng": self._rng.bit_generator.state,
            "spent": vars(self._spent),
        }

    def load_state_dict(self, state: State) -> None:
        self._learner.load_state_dict(state["learner"])
        for kept, name in ((self._images, "images"), (self._labels, "labels")):
            kept[:] = [state[name][str(i)].numpy().copy() for i in range(len(state[name]))]
        self._updates, self._rng.bit_generator.state = int(state["updates"]), state["rng"]
        self._spent = Cost(**state["spent"])

    def _rows(self, frames: int) -> Iterator[np.ndarray]:
        return shuffled_rows(frames, BATCH, self._rng)
