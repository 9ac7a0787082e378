"""ReDo (Sokar et al. 2023, arXiv:2302.12902): begin dormant channels anew.

A channel's score is its mean |activation| over that of its layer (their equation 1); at or below tau it is dormant.
Every so many updates all dormant channels get new incoming weights and no outgoing ones (their algorithm 1), so that
the net says what it said, but for the little that they contributed.
"""

import numpy as np
from torch import Tensor

from learners.base import Batch, State
from learners.online import Online
from learners.plasticity.units import Watch, renew


class ReDo:
    """Begins dormant channels anew. An `Upkeep`.

    Args:
        rng: draws new weights.
        tau: the score below which a channel is dormant; 0 takes only those that are silent.
        every: updates between two looks.
        frames: looked at, the first of the new ones.

    Raises:
        ValueError: if a number is out of range.
    """

    name = "redo"
    nbytes = 0

    def __init__(self, *, rng: np.random.Generator, tau: float = 0.025, every: int = 100, frames: int = 16):
        if tau < 0 or every < 1 or frames < 1:
            raise ValueError(f"tau {tau}, every {every}, frames {frames}: expected >= 0, >= 1 and >= 1")
        self.rng, self.tau = rng, tau
        self.watch = Watch(every=every, frames=frames)
        self.renewed = 0

    def tend(self, learner: Online, batch: Batch) -> None:
        for units, h in self.watch.look(learner, batch):
            dormant = (dormancy(h) <= self.tau).nonzero()[:, 0]
            if len(dormant):
                renew(learner, units, dormant, h.mean(1), self.rng)
                self.renewed += len(dormant)

    def state_dict(self) -> State:
        return {"rng": self.rng.bit_generator.state, "updates": self.watch.updates, "renewed": self.renewed}

    def load_state_dict(self, state: State) -> None:
        self.rng.bit_generator.state = state["rng"]
        self.watch.updates, self.renewed = int(state["updates"]), int(state["renewed"])


def dormancy(h: Tensor) -> Tensor:
    """Scores (C,) of channels from what is seen of them (C, pixels); in a layer that is silent as a whole, all 0.

    >>> import torch
    >>> dormancy(torch.tensor([[0.0, 0.0], [3.0, -1.0]])).tolist()
    [0.0, 2.0]
    """
    size = h.abs().mean(1)
    return size / size.mean().clamp(min=1e-12)
