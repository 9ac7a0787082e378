"""Units: channels that one layer makes and one other layer alone reads, found in any net by trying it out.

A channel can be begun anew without a trace only if everything it does passes through weights that can be set to zero.
Where a skip carries it past its reader, or adds another channel to it on the way, that is not so. Instead of reading
the net's code we ask it: `find_units` holds one layer's output fast and watches what still changes.
"""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from learners.base import Batch, to_float
from learners.cost import Meter
from learners.online import Online
from learners.weights import split

Layer = nn.Conv2d | nn.Linear
NORMS = (nn.GroupNorm, nn.BatchNorm2d)


@dataclass(frozen=True)
class Units:
    """The output channels of a layer.

    Attributes:
        name: of the layer that makes them.
        maker: that layer.
        norms: normalisation of these channels on their way; channels of one group share their statistics.
        reader: the only layer that reads them, after normalisation and nonlinearity.
    """

    name: str
    maker: Layer
    norms: tuple[nn.Module, ...]
    reader: Layer

    def __len__(self) -> int:
        return len(self.maker.weight)

    @property
    def outgoing(self) -> Tensor:
        """(C,) how much each channel is listened to: the sum of |weight| of its reader."""
        weight = self.reader.weight.detach().abs()
        return weight.transpose(0, 1).flatten(1).sum(1)


@torch.no_grad()
def find_units(net: nn.Module, images: Tensor) -> list[Units]:
    """All layers of a net whose channels only the next layer reads.

    Channels are taken to keep their number on the way (normalisation, nonlinearity, pooling, resizing do). Layers that
    run more than once in a pass, have several groups of channels, or do not learn are passed over.

    Args:
        net: left as it was.
        images: (B, C, H, W) float, to try it on.
    """
    noise = torch.Generator().manual_seed(0)  # for trying out; nothing of it stays

    def random_like(tensor: Tensor) -> Tensor:
        return torch.rand(tensor.shape, generator=noise).to(tensor)

    order: list[tuple[str, nn.Module]] = []
    inputs: dict[nn.Module, Tensor] = {}
    outputs: dict[nn.Module, Tensor] = {}

    def note(name: str) -> Callable:
        def hook(layer: nn.Module, given: tuple[Tensor, ...], made: Tensor) -> None:
            order.append((name, layer))
            inputs[layer], outputs[layer] = given[0], made

        return hook

    watched = [
        (name, layer) for name, layer in net.named_modules() if isinstance(layer, (nn.Conv2d, nn.Linear, *NORMS))
    ]
    was_training = net.training
    net.eval()
    with _hooked([(layer, note(name)) for name, layer in watched]):
        logits = net(images).logits
    made = [(place, name, layer) for place, (name, layer) in enumerate(order) if isinstance(layer, Layer)]
    runs = [layer for _, layer in order]
    found = []
    for (start, name, maker), (end, _, reader) in itertools.pairwise(made):
        fits = _channels(maker) == _read(reader) and getattr(reader, "groups", 1) == 1
        if not fits or runs.count(maker) > 1 or runs.count(reader) > 1 or not maker.weight.requires_grad:
            continue
        held, shaken = outputs[reader], random_like(outputs[maker])
        with _hooked([(maker, lambda *_, out=shaken: out), (reader, lambda *_, out=held: out)]):
            only_reader = torch.equal(net(images).logits, logits)
        seen: list[Tensor] = []
        held = outputs[maker]
        hooks = [
            (maker, lambda *_, out=held: out),
            (reader, lambda layer, given, out, seen=seen: seen.append(given[0])),
        ]
        with _hooked(hooks):
            net(random_like(images))
        if only_reader and torch.equal(seen[0], inputs[reader]):
            norms = tuple(layer for layer in runs[start:end] if isinstance(layer, NORMS))
            found.append(Units(name, maker, norms, reader))
    net.train(was_training)
    return found


@torch.no_grad()
def activity(net: nn.Module, units: list[Units], images: Tensor, meter: Meter) -> list[Tensor]:
    """What the readers get to see: for each of the units (C, pixels) float32, in one pass over (B, C, H, W) images."""
    seen: list[Tensor] = []
    hooks: list[tuple[nn.Module, Callable]] = [
        (some.reader, lambda layer, given, made: seen.append(given[0].float().transpose(0, 1).flatten(1)))
        for some in units
    ]
    was_training = net.training
    net.eval()
    with _hooked(hooks):
        net(images)
    net.train(was_training)
    meter.passes(net, images, backward=0)
    return seen


class Watch:
    """Looks at the units of a learner's net, once in so many updates.

    Args:
        every: updates between two looks.
        frames: looked at, the first of the new ones.

    Attributes:
        updates: seen so far.
    """

    def __init__(self, *, every: int, frames: int):
        self.every, self.frames = every, frames
        self.updates = 0
        self._units: list[Units] | None = None

    def look(self, learner: Online, batch: Batch) -> list[tuple[Units, Tensor]]:
        """Count an update; all units with their `activity` when it is time to look, else nothing."""
        self.updates += 1
        if self.updates % self.every:
            return []
        images = to_float(batch.images[: self.frames], learner.weights.vector.device)
        if self._units is None:
            self._units = find_units(learner.net, images[:1])
        return list(zip(self._units, activity(learner.net, self._units, images, learner.meter), strict=True))


@torch.no_grad()
def renew(learner: Online, units: Units, channels: Tensor, mean: Tensor, rng: np.random.Generator) -> None:
    """Begin channels anew: new incoming weights, no outgoing ones, moments of the descent as if they had none.

    What a channel contributed on average, its reader's bias takes over, where it has one. The optimizer counts its
    steps for all weights together, so a squared moment of 0 would let the first steps be several times too long; it
    becomes the mean over its tensor instead.

    Args:
        learner: whose net and optimizer it is.
        units: the layer.
        channels: (R,) int64, which of them.
        mean: (C,), what the reader saw of each channel on average.
        rng: draws the weights (He et al. 2015, as `learners.nets.initialise`).
    """
    maker, reader = units.maker, units.reader
    new = rng.standard_normal((len(channels), *maker.weight.shape[1:]), dtype=np.float32)
    spread = (2.0 / maker.weight[0].numel()) ** 0.5
    fresh: list[tuple[Tensor, Tensor, tuple]] = []  # parameter, its new values, where
    here: tuple = (channels,)
    fresh.append((maker.weight, torch.from_numpy(new).to(maker.weight) * spread, here))
    if maker.bias is not None:
        fresh.append((maker.bias, torch.zeros(()), here))
    for norm in units.norms:
        for name, start in (("weight", 1.0), ("bias", 0.0)):
            parameter = getattr(norm, name)
            if parameter is not None:
                fresh.append((parameter, torch.tensor(start), here))
        for name, start in (("running_mean", 0.0), ("running_var", 1.0)):  # those of a dead channel would magnify it
            statistics = getattr(norm, name, None)
            if statistics is not None:
                fresh.append((statistics, torch.tensor(start), here))
    if reader.bias is not None:
        lost = reader.weight[:, channels].flatten(2).sum(2) if reader.weight.ndim > 2 else reader.weight[:, channels]
        reader.bias.add_(lost @ mean[channels].to(lost))
    fresh.append((reader.weight, torch.zeros(()), (slice(None), channels)))
    moments = _moments(learner)
    for parameter, values, where in fresh:
        parameter[where] = values.to(parameter)
        if id(parameter) in moments:
            first, second = moments[id(parameter)]
            first[where] = 0.0
            second[where] = second.mean()


def _moments(learner: Online) -> dict[int, tuple[Tensor, Tensor]]:
    """The optimizer's two moments of each parameter, as views."""
    parameters, optimizer = learner.weights.parameters, learner.optimizer
    views = zip(split(optimizer.mean, parameters), split(optimizer.square, parameters), strict=True)
    return {id(parameter): pair for parameter, pair in zip(parameters, views, strict=True)}


def _channels(layer: Layer) -> int:
    return layer.out_channels if isinstance(layer, nn.Conv2d) else layer.out_features


def _read(layer: Layer) -> int:
    return layer.in_channels if isinstance(layer, nn.Conv2d) else layer.in_features


@contextmanager
def _hooked(hooks: list[tuple[nn.Module, Callable]]) -> Iterator[None]:
    handles = [layer.register_forward_hook(hook) for layer, hook in hooks]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
