"""Season adapters: one shared net, and for each regime a scale and a shift of every channel (FiLM, Perez et al. 2018).

Each normalisation's (or, without one, each convolution's) answer h becomes (1 + g) h + s, with g and s of the frame's
regime, both zero when the regime begins, so that a new season starts from the shared net. Parameters are allocated for
a bounded number of regimes and come into use as regimes are found. The regimes of the frames in one batch may differ.
"""

from collections.abc import Sequence
from functools import partial
from typing import Literal

from torch import Tensor, nn

from learners.base import Batch, State, last_layer, trainable
from learners.regimes import Regimes
from learners.routed import Routed


class Adapted(Routed):
    """A net whose channels are scaled and shifted as the frame's regime wants it.

    Args:
        net: its forward pass returns `Seen`; group or batch normalisations are adapted, else convolutions.
        regimes: says which regime a frame is of.

    Raises:
        ValueError: if the net has neither.
    """

    def __init__(self, net: nn.Module, regimes: Regimes):
        super().__init__(net, regimes)
        sites = [layer for layer in net.modules() if isinstance(layer, nn.GroupNorm | nn.BatchNorm2d)]
        sites = sites or [layer for layer in net.modules() if isinstance(layer, nn.Conv2d)]
        if not sites:
            raise ValueError(f"a {type(net).__name__} has no normalisation and no convolution to adapt")
        like = next(net.parameters())
        self.films = nn.ParameterList(
            nn.Parameter(like.new_zeros(regimes.limit, 2, site.weight.shape[0])) for site in sites
        )
        for number, site in enumerate(sites):
            site.register_forward_hook(partial(self._modulate, number))  # a copy of the net takes its own with it

    def _modulate(self, number: int, layer: nn.Module, inputs: tuple, answer: Tensor) -> Tensor:
        if self.rows is None:  # the inner net was called by itself
            return answer
        scale, shift = self.films[number][self.rows].unbind(1)  # looked up now: an earlier self lends its own
        return answer * (1.0 + scale)[:, :, None, None] + shift[:, :, None, None]


class Route:
    """Finds the regime of new frames; holds the shared net, once it is told to, and the adapters of other regimes.

    Args:
        regimes: the net's own.
        hold_shared: from the first consolidation on only adapters and the last layer learn.
    """

    acts_on: Literal["gradient", "change"] = "change"
    consolidation_frames = 0

    def __init__(self, regimes: Regimes, *, hold_shared: bool = True):
        self.regimes, self.hold_shared, self.held = regimes, hold_shared, False
        self.used: list[int] = []  # regimes that have learned, in order

    @property
    def nbytes(self) -> int:
        return self.regimes.nbytes

    def project(self, vectors: Sequence[Tensor], mixed: Batch, net: nn.Module) -> None:
        self.regimes.observe(mixed.images[: len(mixed) - mixed.recalled])
        head = {id(p) for p in last_layer(net).parameters()} if self.held else set()
        present = set(self.regimes.assign(mixed.images).tolist())
        self.used += sorted(present - set(self.used))
        idle = [regime for regime in range(self.regimes.limit) if regime not in present]
        for (name, parameter), change in zip(trainable(net).items(), vectors, strict=True):
            if name.startswith("films."):
                change[idle] = 0.0
            elif self.held and name.startswith("net.") and id(parameter) not in head:
                change.zero_()

    def consolidate(self, net: nn.Module, frames: Batch, reason: str) -> None:
        self.regimes.hear(reason)
        self.held = self.hold_shared

    def state_dict(self) -> State:
        return {"held": self.held, "used": list(self.used)}  # the regimes are in the net's

    def load_state_dict(self, state: State) -> None:
        self.held, self.used = bool(state["held"]), list(state["used"])
