"""Learning from frames that nobody labels, by filling in what is hidden (SimMIM: Xie et al. 2022, arXiv:2111.09886).

Blocks of the picture are greyed; a head of one 1x1 convolution must tell their colours from the features around. The
loss is the mean absolute difference over hidden pixels only (their section 3.4), colours in 0..1. It needs one more
pass over the rows, suits small pictures and small batches, and cannot collapse to a constant as the comparison of two
views can (SimSiam: Chen & He 2021), which leans on batch statistics that nets here do not have.

The features cannot collapse; the answers can. Where no pixel is answered only the body and this head move, and the last
layer, which nothing holds, no longer understands what it is given; an optimizer that normalises its steps, as Adam
does, makes them as long as ever. Two updates of 16 unanswered frames took a commissioned net from 0.51 to 0.21 mIoU in
the season of its commissioning, 60 to 0.05. With half of the frames answered, 60 updates left it at 0.55, and 300
brought 0.63. So unanswered frames belong beside answered ones, before a life and in it, and by themselves they are no
occasion for an update unless that is asked for.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from learners.base import Batch, Seen, State
from learners.cost import Meter
from learners.terms.heads import Head, features_wide


class FillIn:
    """An auxiliary loss that needs no labels of its own: it looks at all rows of an update, answered or not.

    Args:
        net: gets the head, as submodule `fill_in_head`; to be given to `Online` afterwards.
        strength: what it weighs against the fit.
        meter: counts its pass.
        rng: draws what is hidden, and the head's first weights.
        frames: at most so many rows of an update are filled in, new ones first.
        block: side of a hidden block [pixels]; the pictures' sides are multiples of it.
        hidden: share of blocks hidden.
        channels: of the images.
        scale: pixels of the image along one of the features.
        features: how many there are; None reads it off the net's layer `head`.
        alone: whether a batch without any answer is an occasion for an update.
    """

    name = "selfsup"
    consolidation_frames = 0
    nbytes = 0  # the head is in the net

    def __init__(
        self,
        net: nn.Module,
        *,
        strength: float,
        meter: Meter,
        rng: np.random.Generator,
        frames: int = 16,
        block: int = 8,
        hidden: float = 0.5,
        channels: int = 3,
        scale: int = 2,
        features: int | None = None,
        alone: bool = False,
    ):
        if strength < 0 or not 0 < hidden < 1:
            raise ValueError(f"strength {strength}, hidden {hidden}: expected strength >= 0 and hidden between 0 and 1")
        self.strength, self.meter, self.rng, self.frames = strength, meter, rng, frames
        self.block, self.hidden, self.scale = block, hidden, scale
        self.learns_without_labels = alone
        with torch.device("meta"):
            layer = nn.Conv2d(features or features_wide(net), channels * scale**2, 1)
        generator = torch.Generator().manual_seed(int(rng.integers(2**63)))
        self.head = Head(net, "fill_in_head", [layer], generator, meter)

    def loss(self, mixed: Batch, seen: Seen, net: nn.Module) -> Tensor:
        images = mixed.images[: self.frames]
        hidden = self.draw_hidden(*images.shape).to(images.device)
        features = net(torch.where(hidden, 0.5, images)).features
        self.meter.passes(net, images)
        told = F.pixel_shuffle(self.head(features), self.scale)
        if told.shape != images.shape:
            raise ValueError(f"filled-in pictures {tuple(told.shape)}, pictures {tuple(images.shape)}: change scale=")
        return self.strength * (told - images).abs()[hidden.expand_as(images)].mean()

    def draw_hidden(self, rows: int, channels: int, height: int, width: int) -> Tensor:
        """(B, 1, H, W) bool, true in hidden blocks; the same number of blocks, at least one, in every row."""
        down, across = height // self.block, width // self.block
        if down * self.block != height or across * self.block != width or down * across < 2:
            raise ValueError(f"pictures of {height}x{width} cannot be cut into two or more blocks of {self.block}")
        count = min(max(round(self.hidden * down * across), 1), down * across - 1)
        order = torch.from_numpy(self.rng.random((rows, down * across)).argsort(1))
        chosen = (order < count).reshape(rows, 1, down, across)
        return chosen.repeat_interleave(self.block, 2).repeat_interleave(self.block, 3)

    def consolidate(self, net: nn.Module, frames: Batch, reason: str) -> None:
        pass

    def state_dict(self) -> State:
        return {"rng": self.rng.bit_generator.state}

    def load_state_dict(self, state: State) -> None:
        self.rng.bit_generator.state = state["rng"]
