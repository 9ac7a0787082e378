"""Gradient projection memory (Saha et al. 2021, eqs. 5-9) for any net of convolutions and linear layers.

A layer's answer to an input x is W x: it stays if the change of W has no part along x. At a consolidation the inputs of
every layer (patches, for a convolution, with its own stride, padding, dilation and groups) are decomposed, and the
fewest directions that hold a share `eps` of their squared length join the layer's basis; what the basis held already
counts towards it. A bias is the weight of an input that is always 1, and is treated so. Whatever else learns (scales
and shifts of a normalisation) is frozen from the first consolidation on, as in the paper. All this acts on the finished
change, so that neither momentum nor decay leaks past it.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from learners.base import Batch, State, trainable
from learners.cost import Meter

Layer = nn.Conv2d | nn.Linear


class GPM:
    """Keeps each layer's change orthogonal to the inputs that it had.

    Args:
        eps: share of the squared length of a layer's inputs that its basis must hold.
        rng: which patches are taken.
        meter: counts the passes.
        frames: how many recent frames a consolidation looks at, and as many out of the memory.
        patches: of a layer and a consolidation at most this many are decomposed.
        largest_share: a basis has at most this share of its layer's dimensions: with all of them nothing could learn.

    Raises:
        ValueError: if a share is not in 0..1.
    """

    acts_on: Literal["gradient", "change"] = "change"

    def __init__(
        self,
        *,
        eps: float,
        rng: np.random.Generator,
        meter: Meter,
        frames: int = 16,
        patches: int = 2048,
        largest_share: float = 0.9,
    ):
        if not 0 < eps <= 1 or not 0 < largest_share <= 1:
            raise ValueError(f"eps {eps}, largest_share {largest_share}: both are shares, above 0 and at most 1")
        self.eps, self.rng, self.meter = eps, rng, meter
        self.consolidation_frames, self.patches, self.largest_share = frames, patches, largest_share
        self.bases: dict[str, Tensor] = {}  # by layer: (groups, D, k), orthonormal columns padded with zeros

    @property
    def nbytes(self) -> int:
        return sum(basis.nbytes for basis in self.bases.values())

    def project(self, vectors: Sequence[Tensor], mixed: Batch, net: nn.Module) -> None:
        if not self.bases:
            return
        changes = dict(zip(trainable(net), vectors, strict=True))
        for name, layer in _layers(net):
            weight, bias = (changes.pop(f"{name}.{part}", None) for part in ("weight", "bias"))
            if name in self.bases:
                _project_layer(layer, weight, bias, self.bases[name])
        for change in changes.values():  # what is no layer's weight or bias
            change.zero_()

    def consolidate(self, net: nn.Module, frames: Batch, reason: str) -> None:
        if not len(frames):
            return
        for name, inputs in self._inputs(net, frames).items():
            old = self.bases.get(name)
            widened = [
                widen(patches, old[group] if old is not None else None, self.eps, self.largest_share)
                for group, patches in enumerate(inputs)
            ]
            most = max(basis.shape[1] for basis in widened)
            self.bases[name] = torch.stack([F.pad(basis, (0, most - basis.shape[1])) for basis in widened])

    def state_dict(self) -> State:
        return {
            "rng": self.rng.bit_generator.state,
            "bases": {name: basis.clone() for name, basis in self.bases.items()},
        }

    def load_state_dict(self, state: State) -> None:
        self.rng.bit_generator.state = state["rng"]
        self.bases = {name: basis.clone() for name, basis in state["bases"].items()}

    @torch.no_grad()
    def _inputs(self, net: nn.Module, frames: Batch) -> dict[str, Tensor]:
        """Inputs of each layer, with a last one of 1 where it has a bias: (groups, D, patches)."""
        seen: dict[str, list[Tensor]] = {}

        def watch(name: str):
            return lambda layer, inputs, _: seen.setdefault(name, []).append(unfolded(layer, inputs[0].float()))

        hooks = [layer.register_forward_hook(watch(name)) for name, layer in _layers(net)]
        was_training = net.training
        net.eval()
        net(frames.images)
        net.train(was_training)
        for hook in hooks:
            hook.remove()
        self.meter.passes(net, frames.images, backward=0)
        return {name: self._some(torch.cat(parts, 2)) for name, parts in seen.items()}

    def _some(self, inputs: Tensor) -> Tensor:
        if inputs.shape[2] <= self.patches:
            return inputs
        chosen = self.rng.choice(inputs.shape[2], self.patches, replace=False, shuffle=False)
        return inputs[:, :, torch.from_numpy(chosen).to(inputs.device)]


def unfolded(layer: Layer, inputs: Tensor) -> Tensor:
    """What each row of a layer's weight is multiplied with: (groups, D, patches); the last of D is 1 for a bias.

    Args:
        layer: a convolution or a linear layer.
        inputs: (B, C, H, W) for a convolution, (..., inputs) for a linear layer.
    """
    if isinstance(layer, nn.Linear):
        patches = inputs.reshape(1, -1, inputs.shape[-1]).transpose(1, 2)
    else:
        mode = "constant" if layer.padding_mode == "zeros" else layer.padding_mode
        padded = F.pad(inputs, layer._reversed_padding_repeated_twice, mode=mode)
        columns = F.unfold(padded, layer.kernel_size, dilation=layer.dilation, stride=layer.stride)  # (B, C*k*k, L)
        grouped = columns.reshape(len(columns), layer.groups, -1, columns.shape[2])
        patches = grouped.permute(1, 2, 0, 3).flatten(2)
    return patches if layer.bias is None else F.pad(patches, (0, 0, 0, 1), value=1.0)


def widen(inputs: Tensor, old: Tensor | None, eps: float, largest_share: float) -> Tensor:
    """A basis (D, k) that holds a share `eps` of the squared length of `inputs` (D, n), beginning with `old`.

    No direction is added that holds less than a millionth of a millionth of it: that is rounding.
    """
    inputs = inputs.double()
    total = inputs.square().sum()
    basis = inputs.new_zeros(len(inputs), 0) if old is None else old[:, old.any(0)].double()
    rest = inputs - basis @ (basis.T @ inputs)
    squares, found = torch.linalg.eigh(
        rest @ rest.T
    )  # left singular vectors and squared values, at a tenth of the time
    squares, found = squares.flip(0).clamp(min=0.0), found.flip(1)
    missing = eps * total - (total - rest.square().sum())
    held = squares.cumsum(0)
    wanted = int((held < missing).sum()) + 1 if missing > 0 else 0
    wanted = min(wanted, int((squares > 1e-12 * total).sum()))
    room = max(int(largest_share * len(inputs)) - basis.shape[1], 0)
    return torch.cat((basis, found[:, : min(wanted, room)]), 1).float()


def _layers(net: nn.Module) -> Iterator[tuple[str, Layer]]:
    return ((name, layer) for name, layer in net.named_modules() if isinstance(layer, nn.Conv2d | nn.Linear))


def _project_layer(layer: Layer, weight: Tensor | None, bias: Tensor | None, basis: Tensor) -> None:
    """Take out of a layer's change, in place, what lies in its basis; a part that does not learn counts as zero."""
    groups = len(basis)
    rows = torch.zeros_like(layer.weight) if weight is None else weight
    rows = rows.detach().reshape(groups, layer.weight.shape[0] // groups, -1)
    if layer.bias is not None:
        last = torch.zeros_like(layer.bias) if bias is None else bias
        rows = torch.cat((rows, last.detach().reshape(groups, -1, 1)), 2)
    rows = rows - (rows @ basis) @ basis.transpose(1, 2)
    if weight is not None:
        inputs = rows[:, :, :-1] if layer.bias is not None else rows
        weight.copy_(inputs.reshape(weight.shape))
    if bias is not None:
        bias.copy_(rows[:, :, -1].reshape(-1))
