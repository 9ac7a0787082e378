"""Continual backpropagation (Dohare et al. 2024, Nature 632:768; arXiv:2108.06325), channels as units.

Every so many updates a few frames are looked at. For each channel, with h what its reader sees of it,

    m <- d m + (1 - d) mean(h)
    u <- d u + (1 - d) mean(|h - m|) * sum |w_out|,      both divided by 1 - d^looks when used

where the reader has a bias, and mean(|h|) instead of mean(|h - m|) where it has none: a bias can take over what the
channel contributed on average, so that only what varies is lost. (In a published implementation the mean is set to 0
before it is handed to that bias, so nothing is.) Of the channels older than `maturity`, a share `rate` an update is
begun anew, those of the smallest u; what is less than a channel is carried over. The published division by
sum |w_in| is left out: behind a normalisation the size of incoming weights means nothing. Channels that are
normalised in one group share their statistics, so that a new one does disturb its neighbours a little.
"""

import numpy as np
import torch
from torch import Tensor

from learners.base import Batch, State
from learners.online import Online
from learners.plasticity.units import Units, Watch, renew


class CBP:
    """Begins channels anew that are of least use. An `Upkeep`.

    Args:
        rng: draws new weights.
        rate: rho, the share of a layer's mature channels begun anew at each update.
        maturity: how many updates a channel is left in peace.
        every: updates between two looks.
        frames: looked at, the first of the new ones.
        decay: d, of the running averages, for each look.

    Raises:
        ValueError: if a number is out of range.
    """

    name = "cbp"

    def __init__(
        self,
        *,
        rng: np.random.Generator,
        rate: float = 1e-4,
        maturity: int = 100,
        every: int = 10,
        frames: int = 4,
        decay: float = 0.9,
    ):
        if not 0 <= rate <= 1 or maturity < 0 or every < 1 or frames < 1 or not 0 <= decay < 1:
            raise ValueError(f"rate {rate}, maturity {maturity}, every {every}, frames {frames}, decay {decay}")
        self.rng, self.rate, self.maturity = rng, rate, maturity
        self.every, self.decay = every, decay
        self.watch = Watch(every=every, frames=frames)
        self.renewed = 0
        self.layers: dict[str, dict[str, Tensor]] = {}  # by layer: utility, mean, looks (C,) and owed ()

    @property
    def nbytes(self) -> int:
        return sum(value.nbytes for layer in self.layers.values() for value in layer.values())

    def tend(self, learner: Online, batch: Batch) -> None:
        for units, h in self.watch.look(learner, batch):
            kept = self.layers.setdefault(units.name, _nothing_known(len(units)))
            self._judge(kept, units, h.cpu())
            self._replace(kept, units, learner)

    def _judge(self, kept: dict[str, Tensor], units: Units, h: Tensor) -> None:
        """Let utilities (C,) move towards what h (C, pixels) shows."""
        kept["looks"] += 1
        kept["mean"].lerp_(h.mean(1), 1 - self.decay)
        centre = self._corrected(kept, "mean") if units.reader.bias is not None else torch.zeros(len(units))
        use = (h - centre[:, None]).abs().mean(1) * units.outgoing.cpu()
        kept["utility"].lerp_(use, 1 - self.decay)

    def _replace(self, kept: dict[str, Tensor], units: Units, learner: Online) -> None:
        mature = kept["looks"] * self.every > self.maturity
        kept["owed"] += self.rate * self.every * int(mature.sum())
        count = min(int(kept["owed"]), int(mature.sum()))
        if not count:
            return
        utility = torch.where(mature, self._corrected(kept, "utility"), torch.inf)
        worst = utility.argsort(stable=True)[:count]
        renew(learner, units, worst, self._corrected(kept, "mean"), self.rng)
        for name in ("utility", "mean", "looks"):
            kept[name][worst] = 0
        kept["owed"] -= count
        self.renewed += count

    def _corrected(self, kept: dict[str, Tensor], name: str) -> Tensor:
        """A running average that began at 0, made unbiased."""
        return kept[name] / (1 - self.decay ** kept["looks"].clamp(min=1))

    def state_dict(self) -> State:
        layers = {name: {key: value.clone() for key, value in kept.items()} for name, kept in self.layers.items()}
        return {
            "rng": self.rng.bit_generator.state,
            "updates": self.watch.updates,
            "renewed": self.renewed,
            "layers": layers,
        }

    def load_state_dict(self, state: State) -> None:
        self.rng.bit_generator.state = state["rng"]
        self.watch.updates, self.renewed = int(state["updates"]), int(state["renewed"])
        self.layers = {name: {k: v.clone() for k, v in kept.items()} for name, kept in state["layers"].items()}


def _nothing_known(channels: int) -> dict[str, Tensor]:
    zeros = {name: torch.zeros(channels) for name in ("utility", "mean", "looks")}
    return {**zeros, "owed": torch.zeros((), dtype=torch.float64)}
