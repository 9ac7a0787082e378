"""Dark memory: frames together with what the net said to them when they came (Buzzega et al. 2020).

The logits are those of the training pass at insertion, before its update. For dense prediction they are the larger
part of the bill: K * H' * W' numbers a frame. Kept at every `stride`-th pixel and in half precision, 12 classes at
32x32 cost 24,576 bytes at stride 1 and 1,536 at stride 4, beside 13,312 of a 64x64 frame with its labels.
"""

from typing import Literal

import numpy as np
import torch
from torch import nn

from learners.base import Batch, Seen
from learners.memory import Reservoir

LOGITS, DRAW = "der_logits", "der_draw"
IMITATED, ANSWERED = 0, 1


class Dark(Reservoir):
    """A reservoir of frames with their logits, recalled in one draw or in two that are independent.

    Recalled rows carry `der_logits` (K, H'/stride, W'/stride), NaN where the frame was not seen by the net, and
    `der_draw`: 0 for the rows whose logits are to be imitated, 1 for those whose labels are to be answered.

    Args:
        limit_bytes: images, labels, logits and extras together never exceed this.
        frames: how many are recalled in each draw.
        classes: K; needed for frames that are remembered without having been seen.
        rng: decides what is kept and what is recalled.
        stride: of the pixels whose logits are kept.
        precision: in which they are kept.
        draws: 1 as in DER, 2 as in DER++.
    """

    def __init__(
        self,
        limit_bytes: int,
        *,
        frames: int,
        classes: int,
        rng: np.random.Generator,
        stride: int = 1,
        precision: Literal["float16", "float32"] = "float16",
        draws: Literal[1, 2] = 1,
    ):
        super().__init__(limit_bytes, frames=frames, rng=rng)
        self.classes, self.stride, self.draws = classes, stride, draws
        self.dtype = {"float16": torch.float16, "float32": torch.float32}[precision]

    def recall(self, batch: Batch, net: nn.Module, frames: int | None = None) -> Batch:
        if frames is not None:  # to look at, for consolidation
            return _drawn(super().recall(batch, net, frames), ANSWERED)
        recalled = _drawn(super().recall(batch, net), IMITATED)
        if self.draws == 2:
            recalled = recalled + _drawn(super().recall(batch, net), ANSWERED)
        return recalled

    def remember(self, batch: Batch, seen: Seen | None = None) -> None:
        sparse = batch.labels[:, :: self.stride, :: self.stride].shape[1:]
        if seen is None:
            logits = torch.full((len(batch), self.classes, *sparse), torch.nan, dtype=self.dtype)
        else:
            whole = seen.logits.detach()[: len(batch), :, :: self.stride, :: self.stride]
            logits = whole.to("cpu", self.dtype)
        extras = {**batch.extras, LOGITS: logits}
        super().remember(Batch.trusted(batch.images, batch.labels, extras, 0, batch.answered))


def _drawn(rows: Batch, draw: int) -> Batch:
    if not len(rows):
        return rows
    marks = torch.full((len(rows),), draw, dtype=torch.uint8)
    return Batch.trusted(rows.images, rows.labels, {**rows.extras, DRAW: marks}, rows.recalled, rows.answered)
