"""Allotment: each regime takes some of what is free in a masked net, and freezes it.

On weights (`WeightMasked`) this is PackNet (Mallya & Lazebnik 2018, section 3); on channels (`ChannelMasked`) it does
what hard attention does. A regime begins with all that is free. After `prune_after` updates the smallest of it, layer
by layer, is given back; the rest goes on learning, and is frozen when the regime ends. Unlike in PackNet's paper what
is given back keeps its value (it is masked out, not zeroed), so the next regime starts from there. A regime that comes
again is served and learns no more. Acts on the change: that of what is frozen is exactly zero, whatever momentum and
decay would do.
"""

from collections.abc import Sequence
from typing import Literal

from torch import Tensor, nn

from learners.base import Batch, State, trainable
from learners.masks import Masked
from learners.regimes import Regimes


class Allotment:
    """Gives out the parts of a masked net to regimes, and keeps frozen what is given.

    Args:
        regimes: the net's own.
        prune: share of what it found free that a regime gives back, 0..1.
        prune_after: updates from the beginning of a regime to its pruning.

    Raises:
        ValueError: if the share is out of range.
    """

    acts_on: Literal["gradient", "change"] = "change"
    consolidation_frames = 0

    def __init__(self, regimes: Regimes, *, prune: float = 0.5, prune_after: int = 200):
        if not 0 <= prune < 1:
            raise ValueError(f"prune {prune}: expected a share of what is free, at least 0 and below 1")
        self.regimes, self.prune, self.prune_after = regimes, prune, prune_after
        self.open, self.updates = 0, 0
        self.closed: list[int] = []
        self.mask_bytes = 0

    @property
    def nbytes(self) -> int:
        return self.mask_bytes + self.regimes.nbytes

    def project(self, vectors: Sequence[Tensor], mixed: Batch, net: nn.Module) -> None:
        masked = _masked(net)
        self.regimes.observe(mixed.images[: len(mixed) - mixed.recalled])
        self._turn(masked)
        self.mask_bytes = masked.mask_bytes
        done = self.open in self.closed
        for name, change in zip(trainable(net), vectors, strict=True):
            if done:
                change.zero_()
            else:
                masked.hold(name.removeprefix("net."), change, self.open, first=not self.closed)
        self.updates += 1
        if self.updates == self.prune_after and not done:
            masked.give(self.open, self.prune)

    def consolidate(self, net: nn.Module, frames: Batch, reason: str) -> None:
        self.regimes.hear(reason)
        self._turn(_masked(net))

    def state_dict(self) -> State:
        return {  # the regimes are in the net's
            "open": self.open,
            "updates": self.updates,
            "closed": list(self.closed),
            "mask_bytes": self.mask_bytes,
        }

    def load_state_dict(self, state: State) -> None:
        self.open, self.updates, self.mask_bytes = int(state["open"]), int(state["updates"]), int(state["mask_bytes"])
        self.closed = list(state["closed"])

    def _turn(self, net: Masked) -> None:
        """If another regime has begun, the one that was open takes its part and is closed."""
        if self.regimes.current == self.open:
            return
        if self.updates and self.open not in self.closed:
            if not net.is_finished(self.open):
                net.give(self.open, self.prune)
            self.closed.append(self.open)
        self.open, self.updates = self.regimes.current, 0


def _masked(net: nn.Module) -> Masked:
    if not isinstance(net, Masked):
        raise TypeError(
            f"an Allotment works on a masked net, not on a {type(net).__name__}: wrap it (learners/masks.py)"
        )
    return net
