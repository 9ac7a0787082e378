"""Which regime it is: where methods that must know it get that from, by name.

A method that keeps something for each regime is told apart from one that needs none by its source, which is reported
beside it: `oracle season` (somebody tells, which is cheating knowingly), `own alarm` (the agent's drift detector) or
`feature clusters` (found in the frames). Regimes are numbered in the order in which they first came, below a bound.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from learners.base import State, to_float


class Regimes(Protocol):
    """A source of regimes.

    Attributes:
        source: its name, to be reported.
        limit: how many regimes there can be.
        current: the number of the one that is being learned.
    """

    source: str
    limit: int
    current: int

    @property
    def nbytes(self) -> int: ...

    def assign(self, images: Tensor) -> Tensor:
        """The regime of each frame (B, C, H, W) float: (B,) int64. Changes nothing."""
        ...

    def observe(self, images: Tensor) -> None:
        """Look at new frames (B, C, H, W) float that belong together; `current` may change."""
        ...

    def hear(self, reason: str) -> None:
        """Take notice of a consolidation; `current` may change."""
        ...

    def state_dict(self) -> State: ...

    def load_state_dict(self, state: State) -> None: ...


class OracleSeason:
    """Is told: `season:autumn` as the reason of a consolidation says that autumn begins. Other reasons say nothing.

    A season that comes again is the regime that it was. Seasons beyond the bound count as the last one. What was
    learned before anybody named a season is a regime of its own.
    """

    source = "oracle season"
    nbytes = 0

    def __init__(self, limit: int):
        self.limit, self.current = limit, 0
        self.names: list[str] = []

    def assign(self, images: Tensor) -> Tensor:
        return torch.full((len(images),), self.current)

    def observe(self, images: Tensor) -> None:
        if not self.names:
            self.names.append("")

    def hear(self, reason: str) -> None:
        kind, _, name = reason.partition(":")
        if kind != "season":
            return
        if name not in self.names:
            self.names.append(name)
        self.current = min(self.names.index(name), self.limit - 1)

    def state_dict(self) -> State:
        return {"current": self.current, "names": list(self.names)}

    def load_state_dict(self, state: State) -> None:
        self.current, self.names = int(state["current"]), list(state["names"])


class OwnAlarm:
    """Every consolidation for the reason `alarm` begins a new regime, up to the bound; none ever comes again."""

    source = "own alarm"
    nbytes = 0

    def __init__(self, limit: int):
        self.limit, self.current = limit, 0

    def assign(self, images: Tensor) -> Tensor:
        return torch.full((len(images),), self.current)

    def observe(self, images: Tensor) -> None:
        pass

    def hear(self, reason: str) -> None:
        if reason == "alarm":
            self.current = min(self.current + 1, self.limit - 1)

    def state_dict(self) -> State:
        return {"current": self.current}

    def load_state_dict(self, state: State) -> None:
        self.current = int(state["current"])


class FeatureClusters:
    """Finds regimes by itself: running means of feature statistics, a new one where none is near.

    New frames belong to the nearest centre if it is within `radius` of their mean; else they found a new centre while
    there is room. A centre is the running mean of its last `memory` batches or so. A frame is served by the nearest.

    Args:
        limit: of the number of centres.
        radius: distance in the units of the statistics.
        memory: in batches; a centre moves by 1/memory of the way, when it is old.
        features: images (B, C, H, W) float -> (B, D); means and spreads of the channels unless told otherwise.
    """

    source = "feature clusters"

    def __init__(
        self, limit: int, *, radius: float, memory: int = 100, features: Callable[[Tensor], Tensor] | None = None
    ):
        self.limit, self.radius, self.memory, self.current = limit, radius, memory, 0
        self.features = features or channel_statistics
        self.centres = np.zeros((0, 0))  # (R, D)
        self.batches = np.zeros(0)  # (R,) that each has seen

    @property
    def nbytes(self) -> int:
        return self.centres.nbytes + self.batches.nbytes

    def assign(self, images: Tensor) -> Tensor:
        if not len(self.centres):
            return torch.zeros(len(images), dtype=torch.int64)
        found = self.features(images).double().cpu().numpy()
        return torch.from_numpy(self._distances(found).argmin(1))

    def observe(self, images: Tensor) -> None:
        if not len(images):
            return
        found = self.features(images).double().mean(0).cpu().numpy()
        if not len(self.centres):
            self.centres, self.batches = found[None], np.ones(1)
            return
        distances = self._distances(found[None])[0]
        self.current = int(distances.argmin())
        if distances[self.current] > self.radius and len(self.centres) < self.limit:
            self.current = len(self.centres)
            self.centres = np.concatenate((self.centres, found[None]))
            self.batches = np.append(self.batches, 0.0)
        self.batches[self.current] += 1
        rate = 1.0 / min(self.batches[self.current], self.memory)
        self.centres[self.current] += rate * (found - self.centres[self.current])

    def hear(self, reason: str) -> None:
        pass

    def state_dict(self) -> State:
        return {
            "current": self.current,
            "centres": torch.from_numpy(self.centres.copy()),
            "batches": torch.from_numpy(self.batches.copy()),
        }

    def load_state_dict(self, state: State) -> None:
        self.current = int(state["current"])
        self.centres, self.batches = state["centres"].numpy().copy(), state["batches"].numpy().copy()

    def _distances(self, found: np.ndarray) -> np.ndarray:
        return np.linalg.norm(found[:, None] - self.centres[None], axis=2)


@torch.no_grad()
def channel_statistics(images: Tensor) -> Tensor:
    """Mean and standard deviation of each channel of each image: (B, 2C)."""
    images = to_float(images, images.device)
    return torch.cat((images.mean((2, 3)), images.std((2, 3), correction=0)), 1)


def make_regimes(source: str, limit: int, *, radius: float = 0.15) -> Regimes:
    """The source called `oracle season`, `own alarm` or `feature clusters`.

    Raises:
        ValueError: if there is none of that name, or the limit is below 1.
    """
    if limit < 1:
        raise ValueError(f"at most {limit} regimes; expected at least 1")
    if source == "oracle season":
        return OracleSeason(limit)
    if source == "own alarm":
        return OwnAlarm(limit)
    if source == "feature clusters":
        return FeatureClusters(limit, radius=radius)
    raise ValueError(f"no source of regimes is called {source!r}; there are oracle season, own alarm, feature clusters")
