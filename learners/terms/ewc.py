"""Elastic weight consolidation without tasks (Kirkpatrick et al. 2017; online: Schwarz et al. 2018, section 4).

The loss of all that came before is replaced by a quadratic around the weights theta* of the last consolidation:

    1/2 strength * sum_i F_i (theta_i - theta*_i)^2,    F <- decay * F + F_now    at each consolidation.

There is one anchor theta*, and F fades, so that what was long ago may be overwritten in the end. F is the Fisher per
pixel (`learners/fisher.py`) and the fit is a mean per pixel, so `strength` has a meaning: with 1, and one
consolidation, the past weighs as much as the present batch does; the diagonal ignores how weights act together, so
that larger values than 1 are usual. After many consolidations F tends to F_now / (1 - decay).
"""

from collections.abc import Callable

import numpy as np
from torch import Tensor, nn

from learners.base import Batch, Seen, State
from learners.cost import Meter
from learners.fisher import Diagonal, empirical_fisher, exact_fisher, sampled_fisher
from learners.terms.quadratic import Spring

Fisher = Callable[[nn.Module, Batch, np.random.Generator], Diagonal]


class EWC:
    """A quadratic penalty for leaving the weights of the last consolidation, stiff where the Fisher is large.

    Args:
        strength: lambda; what the past weighs against the present batch.
        decay: gamma, what is left of the old Fisher at a consolidation, 0..1.
        fisher: of a net and frames, drawing from a generator; see `fisher_named`.
        rng: the generator that it draws from.
        frames: how many recent frames the Fisher is taken from, and as many out of the memory.

    Raises:
        ValueError: if strength or decay is out of range.
    """

    name = "ewc"
    learns_without_labels = False

    def __init__(self, *, strength: float, decay: float, fisher: Fisher, rng: np.random.Generator, frames: int = 16):
        if strength < 0 or not 0 <= decay <= 1:
            raise ValueError(f"strength {strength}, decay {decay}: expected strength >= 0 and decay in 0..1")
        self.strength, self.decay, self.fisher, self.rng = strength, decay, fisher, rng
        self.consolidation_frames = frames
        self.spring = Spring()

    @property
    def importance(self) -> Diagonal:
        """F, by parameter; empty before the first consolidation."""
        return self.spring.stiffness

    @property
    def anchor(self) -> Diagonal:
        """theta*, by parameter; empty before the first consolidation."""
        return self.spring.anchor

    @property
    def nbytes(self) -> int:
        return self.spring.nbytes

    def loss(self, mixed: Batch, seen: Seen, net: nn.Module) -> Tensor:
        return self.spring.pull(net, self.strength)

    def consolidate(self, net: nn.Module, frames: Batch, reason: str) -> None:
        """Take the weights as the new anchor and add their Fisher; frames without answers teach nothing."""
        if not frames.answered.any():
            return
        now = self.fisher(net, frames, self.rng)
        for name, old in self.importance.items():
            if name in now:
                now[name].add_(old.to(now[name].device), alpha=self.decay)  # loaded ones may lie elsewhere
        self.spring.fasten(net, now)

    def state_dict(self) -> State:
        return {"rng": self.rng.bit_generator.state, "spring": self.spring.state_dict()}

    def load_state_dict(self, state: State) -> None:
        self.rng.bit_generator.state = state["rng"]
        self.spring.load_state_dict(state["spring"])


def fisher_named(name: str, meter: Meter, *, draws: int = 2) -> Fisher:
    """The Fisher called "sampled" (with so many `draws`), "empirical" (true labels, per image) or "exact".

    Raises:
        ValueError: if there is none of that name.
    """
    kinds: dict[str, Fisher] = {
        "sampled": lambda net, frames, rng: sampled_fisher(net, frames, rng, meter, draws=draws),
        "empirical": lambda net, frames, rng: empirical_fisher(net, frames, meter),
        "exact": lambda net, frames, rng: exact_fisher(net, frames, meter),
    }
    if name not in kinds:
        raise ValueError(f"no Fisher is called {name!r}; there are {', '.join(kinds)}")
    return kinds[name]
