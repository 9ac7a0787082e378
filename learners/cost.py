"""What learning costs: passes, floating-point operations, bytes and labels.

Floating-point operations are those of convolutions and matrix products, two for each multiply-add, as
`torch.utils.flop_counter` finds them (of convolutions in groups it counts the weight gradient as if they had none;
nets here have none). They are proportional to the number of frames, so one frame of each image shape
is run once, forward and backward, and the counts are kept. Predicting is pure and is not in this account: multiply
`Meter.flops_a_frame(net, shape)[0]` by the frames predicted.
"""

from dataclasses import dataclass, fields

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


@dataclass(frozen=True)
class Cost:
    """What a learner has spent on learning since it was made, and what it holds now."""

    updates: int = 0  # optimizer steps taken
    skipped_updates: int = 0  # updates given up because something was not finite
    unlabelled_batches: int = 0  # batches without any answer, from which nothing was learned
    consolidations: int = 0
    labelled_frames: int = 0  # new frames with at least one answered pixel that came in
    forward_passes: int = 0
    backward_passes: int = 0
    forward_frames: int = 0  # frames in those passes, new and recalled
    backward_frames: int = 0
    flops: int = 0  # floating-point operations of those passes
    bytes_kept: int = 0  # memories, anchors, importances; not the net, nor its optimizer's moments

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(**{entry.name: getattr(self, entry.name) + getattr(other, entry.name) for entry in fields(Cost)})


_COUNTED = tuple(entry.name for entry in fields(Cost) if entry.name != "bytes_kept")


class Meter:
    """Counts what a learner and its parts spend; parts that make passes of their own are given the learner's."""

    def __init__(self):
        self.counts = dict.fromkeys(_COUNTED, 0)
        self._flops: dict[tuple[int, ...], tuple[int, int]] = {}

    def count(self, **amounts: int) -> None:
        """Add to the counts named."""
        for name, amount in amounts.items():
            self.counts[name] += amount

    def passes(self, net: nn.Module, images: torch.Tensor, *, forward: int = 1, backward: int = 1) -> None:
        """Count passes of `images` (B, C, H, W) through `net`."""
        forward_flops, backward_flops = self.flops_a_frame(net, tuple(images.shape[1:]))
        frames, counts = len(images), self.counts
        counts["forward_passes"] += forward
        counts["backward_passes"] += backward
        counts["forward_frames"] += forward * frames
        counts["backward_frames"] += backward * frames
        counts["flops"] += frames * (forward * forward_flops + backward * backward_flops)

    def flops_a_frame(self, net: nn.Module, shape: tuple[int, ...]) -> tuple[int, int]:
        """Floating-point operations of a forward and of a backward pass of one image of `shape` (C, H, W)."""
        if shape not in self._flops:
            self._flops[shape] = count_flops(net, shape)
        return self._flops[shape]

    def read(self, *, bytes_kept: int) -> Cost:
        """The account so far."""
        return Cost(**self.counts, bytes_kept=bytes_kept)

    def state_dict(self) -> dict[str, int]:
        return dict(self.counts)

    def load_state_dict(self, state: dict[str, int]) -> None:
        self.counts = {name: int(state[name]) for name in _COUNTED}


def count_flops(net: nn.Module, shape: tuple[int, ...]) -> tuple[int, int]:
    """Run one grey image of `shape` (C, H, W) forward and backward, in evaluation mode, and count.

    The net is left as it was: no gradients, no running statistics.

    Returns:
        forward, backward: floating-point operations.
    """
    was_training = net.training
    net.eval()
    learning = [parameter for parameter in net.parameters() if parameter.requires_grad]
    device = next(net.parameters()).device
    with torch.enable_grad():
        with FlopCounterMode(display=False) as forward:
            logits = net(torch.full((1, *shape), 0.5, device=device)).logits
        with FlopCounterMode(display=False) as backward:
            if learning:
                torch.autograd.grad(logits.sum(), learning, allow_unused=True)
    net.train(was_training)
    return forward.get_total_flops(), backward.get_total_flops()
