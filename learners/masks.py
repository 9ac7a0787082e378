"""A net that is several: each regime is served by the weights, or by the channels, that are its own."""

from collections.abc import Callable
from functools import partial
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn
from torch.func import functional_call

from learners.base import Seen, last_layer
from learners.disk import pack, unpack
from learners.regimes import Regimes
from learners.routed import Routed

FREE = 255
"""The owner of what no regime has taken yet."""


@runtime_checkable
class Masked(Protocol):
    """A net whose parts have owners."""

    @property
    def mask_bytes(self) -> int: ...

    def is_finished(self, regime: int) -> bool:
        """Whether a regime has taken its part."""
        ...

    def give(self, regime: int, prune: float) -> None:
        """Let a regime take what is free, but for the smallest share `prune` of each layer."""
        ...

    def hold(self, name: str, change: Tensor, regime: int, *, first: bool) -> None:
        """Set to zero, in place, the change of what the regime may not move.

        Args:
            name: of a parameter of the inner net.
            change: of its shape.
            regime: that learns.
            first: whether no regime has been closed yet.
        """
        ...


class WeightMasked(nn.Module):
    """Serves each frame with the weights that its regime may use; those of later regimes count as zero.

    A regime uses what it and earlier regimes own. The one that is open also uses what is free, until it is pruned.
    Vectors (biases, scales, shifts) are not masked: they belong to the first regime and serve all.

    Args:
        net: its forward pass returns `Seen`.
        regimes: says whose turn it is.
    """

    def __init__(self, net: nn.Module, regimes: Regimes):
        super().__init__()
        self.net, self.regimes = net, regimes
        self.masked = [name for name, parameter in net.named_parameters() if parameter.ndim > 1]
        for name, parameter in net.named_parameters():
            if parameter.ndim > 1:
                owner = torch.full_like(parameter, FREE, dtype=torch.uint8, requires_grad=False)
                self.register_buffer(self._buffer(name), owner)
        self.finished: Tensor
        device = next(net.parameters()).device
        self.register_buffer("finished", torch.zeros(regimes.limit, dtype=torch.bool, device=device))

    @property
    def mask_bytes(self) -> int:
        return sum(self.owner(name).nbytes for name in self.masked)

    def is_finished(self, regime: int) -> bool:
        return bool(self.finished[regime])

    @property
    def head(self) -> nn.Module:
        """The inner net's last layer."""
        return last_layer(self.net)

    def forward(self, images: Tensor) -> Seen:
        return each_regime(images, self.regimes.assign(images), self._serve)

    def owner(self, name: str) -> Tensor:
        """Who owns each weight of the parameter `name` of the inner net: a regime's number, or FREE."""
        return self.get_buffer(self._buffer(name))

    def used(self, name: str, regime: int) -> Tensor:
        """Which weights of a parameter serve a regime, as bools of its shape."""
        owner = self.owner(name)
        mine = owner <= regime
        return mine if self.finished[regime] else mine | (owner == FREE)

    @torch.no_grad()
    def give(self, regime: int, prune: float) -> None:
        for name in self.masked:
            take(self.owner(name), self.net.get_parameter(name).abs(), regime, prune)
        self.finished[regime] = True

    def hold(self, name: str, change: Tensor, regime: int, *, first: bool) -> None:
        if name in self.masked:
            change.masked_fill_(self.owner(name) != (regime if self.finished[regime] else FREE), 0.0)
        elif not first:
            change.zero_()

    def get_extra_state(self) -> Tensor:
        """What is known of regimes, for without it the weights do not say the same again."""
        return pack(self.regimes.state_dict())

    def set_extra_state(self, state: Tensor) -> None:
        self.regimes.load_state_dict(unpack(state))

    def _serve(self, images: Tensor, regime: int) -> Seen:
        parameters = dict(self.net.named_parameters())
        masked = {name: parameters[name] * self.used(name, regime) for name in self.masked}
        return functional_call(self.net, masked, (images,))

    @staticmethod
    def _buffer(name: str) -> str:
        return "owner_of_" + name.replace(".", "_of_")


class ChannelMasked(Routed):
    """Serves each frame with the channels that its regime may use; the others are silent.

    Hard attention to the task (Serra et al. 2018, eqs. 1-3) in its limit of binary gates. Gates are not learned: a
    regime takes the free channels of largest size (L1 norm of the incoming weights times the normalisation's scale; Li
    et al. 2017). The paper spares a weight as far as both of its ends are owned; here all weights into an owned channel
    are frozen, which needs no knowledge of what feeds what, and leaves the answers of a closed regime bit for bit: its
    channels do not change, and those of later regimes are silent. The last layer, `head`, learns from channels that are
    not owned yet; its bias, and whatever belongs to no gated layer, learn in the first regime only.

    Args:
        net: convolutions or linear layers, with or without normalisations behind them; the channels of `Seen.features`
            are those of the last gated layer.
        regimes: says whose turn it is.

    Raises:
        ValueError: if nothing precedes the head, or their channels differ.
    """

    def __init__(self, net: nn.Module, regimes: Regimes):
        super().__init__(net, regimes)
        self.layers: dict[str, int] = {}  # gated layers of the inner net, and the number of their gate
        self.head_name = ""
        self.gates = self._find_gates()
        self.finished: Tensor
        device = next(net.parameters()).device
        self.register_buffer("finished", torch.zeros(regimes.limit, dtype=torch.bool, device=device))

    @property
    def mask_bytes(self) -> int:
        return sum(self.owner(gate).nbytes for gate in range(self.gates))

    def is_finished(self, regime: int) -> bool:
        return bool(self.finished[regime])

    def owner(self, gate: int) -> Tensor:
        """Who owns each channel of a gate: a regime's number, or FREE."""
        return self.get_buffer(f"owner_{gate}")

    @torch.no_grad()
    def give(self, regime: int, prune: float) -> None:
        sizes: dict[int, Tensor] = {}
        for name, gate in self.layers.items():
            weight = self.net.get_submodule(name).get_parameter("weight").abs()
            sizes[gate] = sizes[gate] * weight if gate in sizes else weight.flatten(1).sum(1)
        for gate, size in sizes.items():
            take(self.owner(gate), size, regime, prune)
        self.finished[regime] = True

    def hold(self, name: str, change: Tensor, regime: int, *, first: bool) -> None:
        learns = regime if self.finished[regime] else FREE
        layer, _, part = name.rpartition(".")
        if layer in self.layers:
            change[self.owner(self.layers[layer]) != learns] = 0.0
        elif layer == self.head_name and part == "weight":
            change[:, self.owner(self.gates - 1) != learns] = 0.0
        elif not first:
            change.zero_()

    def _find_gates(self) -> int:
        """One gate a layer, shared with the normalisation behind it; returns how many."""
        head, gates, channels = last_layer(self.net), 0, 0
        for name in getattr(self.net, "order", [name for name, _ in self.net.named_modules()]):
            layer = self.net.get_submodule(name)
            if layer is head:
                self.head_name = name
                break
            if isinstance(layer, nn.Conv2d | nn.Linear):
                channels = len(layer.weight)
                owner = torch.full((channels,), FREE, dtype=torch.uint8, device=layer.weight.device)
                self.register_buffer(f"owner_{gates}", owner)
                gates += 1
            elif not (isinstance(layer, nn.GroupNorm | nn.BatchNorm2d) and gates and len(layer.weight) == channels):
                continue
            self.layers[name] = gates - 1
            layer.register_forward_hook(partial(self._silence, gates - 1))  # a copy of the net takes its own with it
        if not gates or not isinstance(head, nn.Conv2d | nn.Linear) or head.weight.shape[1] != channels:
            raise ValueError(f"a {type(self.net).__name__} has no last layer fed by the channels of one gated layer")
        return gates

    def _silence(self, gate: int, layer: nn.Module, inputs: tuple, answer: Tensor) -> Tensor:
        if self.rows is None:  # the inner net was called by itself
            return answer
        owner, regimes = self.owner(gate), self.rows[:, None]
        used = (owner <= regimes) | ((owner == FREE) & ~self.finished[self.rows][:, None])
        return answer * used.reshape(*used.shape, *(1,) * (answer.ndim - 2))


def take(owner: Tensor, size: Tensor, regime: int, prune: float) -> None:
    """Make the regime the owner of what is free in `owner`, but for the share `prune` of smallest `size`; in place."""
    free = (owner == FREE).reshape(-1).nonzero()[:, 0]
    kept = len(free) - int(prune * len(free))
    largest = free[size.reshape(-1)[free].topk(kept).indices]
    taken = torch.zeros(owner.numel(), dtype=torch.bool, device=owner.device)
    taken[largest] = True
    owner.masked_fill_(taken.reshape(owner.shape), regime)


def each_regime(images: Tensor, regimes: Tensor, serve: Callable[[Tensor, int], Seen]) -> Seen:
    """Serve the frames of each regime together, and put the answers back in the order of the frames."""
    present = regimes.unique().tolist()
    if len(present) == 1:
        return serve(images, present[0])
    rows = [(regimes == regime).nonzero()[:, 0].to(images.device) for regime in present]
    answers = [serve(images[some], regime) for some, regime in zip(rows, present, strict=True)]
    order = torch.cat(rows).argsort()
    logits, features = (torch.cat(parts)[order] for parts in zip(*answers, strict=True))
    return Seen(logits, features)
