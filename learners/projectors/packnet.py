"""PackNet (Mallya & Lazebnik 2018, section 3) on a stream: each regime takes some free weights and freezes them.

A regime begins with all free weights. After `prune_after` updates the smallest of them, layer by layer, are given back;
the rest go on learning, and are frozen when the regime ends. Unlike in the paper what is given back keeps its value
(it is masked out, not zeroed), so the next regime starts from there. A regime that comes again is served and learns no
more. Vectors (biases, scales, shifts) learn in the first regime only. Acts on the change: a frozen weight's is exactly
zero, whatever momentum and decay would do.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from learners.base import Batch, State, trainable
from learners.masks import FREE, WeightMasked
from learners.regimes import Regimes


class PackNet:
    """Gives out the weights of a `WeightMasked` net to regimes, and keeps frozen what is given.

    Args:
        regimes: the net's own.
        prune: share of the weights it found free that a regime gives back, 0..1.
        prune_after: updates from the beginning of a regime to its pruning.

    Raises:
        ValueError: if the share is out of range.
    """

    acts_on = "change"
    consolidation_frames = 0

    def __init__(self, regimes: Regimes, *, prune: float = 0.5, prune_after: int = 200):
        if not 0 <= prune < 1:
            raise ValueError(f"prune {prune}: expected a share of the free weights, at least 0 and below 1")
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
        self.mask_bytes = sum(masked.owner(name).nbytes for name in masked.masked)
        done = self.open in self.closed
        for name, change in zip(trainable(net), vectors, strict=True):
            name = name.removeprefix("net.")
            if name in masked.masked:
                learns = self.open if masked.finished[self.open] else FREE
                change.masked_fill_(masked.owner(name) != learns, 0.0)
            if done or (self.closed and name not in masked.masked):
                change.zero_()
        self.updates += 1
        if self.updates == self.prune_after and not done:
            self._prune(masked)

    def consolidate(self, net: nn.Module, frames: Batch, reason: str) -> None:
        self.regimes.hear(reason)
        self._turn(_masked(net))

    def state_dict(self) -> State:
        return {
            "regimes": self.regimes.state_dict(),
            "open": self.open,
            "updates": self.updates,
            "closed": list(self.closed),
            "mask_bytes": self.mask_bytes,
        }

    def load_state_dict(self, state: State) -> None:
        self.regimes.load_state_dict(state["regimes"])
        self.open, self.updates, self.mask_bytes = int(state["open"]), int(state["updates"]), int(state["mask_bytes"])
        self.closed = list(state["closed"])

    def _turn(self, net: WeightMasked) -> None:
        """If another regime has begun, the one that was open takes its weights and is closed."""
        if self.regimes.current == self.open:
            return
        if self.updates and self.open not in self.closed:
            if not net.finished[self.open]:
                self._prune(net)
            self.closed.append(self.open)
        self.open, self.updates = self.regimes.current, 0

    @torch.no_grad()
    def _prune(self, net: WeightMasked) -> None:
        """The largest of the free weights of each layer are the open regime's from now on."""
        parameters = dict(net.net.named_parameters())
        for name in net.masked:
            owner = net.owner(name)
            free = (owner == FREE).reshape(-1).nonzero()[:, 0]
            kept = len(free) - int(self.prune * len(free))
            largest = free[parameters[name].abs().reshape(-1)[free].topk(kept).indices]
            taken = torch.zeros(owner.numel(), dtype=torch.bool, device=owner.device)
            taken[largest] = True
            owner.masked_fill_(taken.reshape(owner.shape), self.open)
        net.finished[self.open] = True


def _masked(net: nn.Module) -> WeightMasked:
    if not isinstance(net, WeightMasked):
        raise TypeError(f"PackNet works on a WeightMasked net, not on a {type(net).__name__}; wrap it")
    return net
