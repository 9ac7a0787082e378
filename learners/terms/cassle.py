"""Distillation of representations through a predictor (CaSSLe: Fini et al. 2022, arXiv:2112.04215, equation 3).

    strength * (1 - mean over pixels of cos(g(z), z_old))

z are the features now, z_old those of the self of the last consolidation, which get no gradient. The predictor g, two
1x1 convolutions, lets the features change as long as the old ones can be told from them: they may grow richer, and
need not stay the same. In the paper this is added to a self-supervised loss; here it goes with any other terms.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from learners.base import Batch, Seen, State
from learners.cost import Meter
from learners.terms.heads import Head, features_wide
from learners.terms.teacher import Teacher


class Cassle:
    """Keeps it possible to tell the earlier self's features. Labels are not used; without any there is no update.

    Args:
        net: gets the predictor, as submodule `cassle_head`; to be given to `Online` afterwards.
        strength: 1 in the paper.
        meter: counts the earlier self's pass, one forward an update.
        generator: draws the predictor's first weights.
        hidden: width of the predictor.
        features: how many there are; None reads it off the net's layer `head`.
    """

    name = "cassle"
    learns_without_labels = False
    consolidation_frames = 0

    def __init__(
        self,
        net: nn.Module,
        *,
        strength: float,
        meter: Meter,
        generator: torch.Generator,
        hidden: int = 64,
        features: int | None = None,
    ):
        if strength < 0:
            raise ValueError(f"strength {strength}: expected 0 or more")
        self.strength = strength
        self.teacher = Teacher(meter)
        wide = features or features_wide(net)
        with torch.device("meta"):
            layers = [nn.Conv2d(wide, hidden, 1), nn.ReLU(), nn.Conv2d(hidden, wide, 1)]
        self.predictor = Head(net, "cassle_head", layers, generator, meter)

    @property
    def nbytes(self) -> int:
        return self.teacher.nbytes

    def loss(self, mixed: Batch, seen: Seen, net: nn.Module) -> Tensor:
        if not self.teacher:
            return seen.logits.new_zeros(())
        old = self.teacher.see(net, mixed.images).features
        return self.strength * (1.0 - F.cosine_similarity(self.predictor(seen.features), old, dim=1).mean())

    def consolidate(self, net: nn.Module, frames: Batch, reason: str) -> None:
        self.teacher.take(net)

    def state_dict(self) -> State:
        return self.teacher.state_dict()

    def load_state_dict(self, state: State) -> None:
        self.teacher.load_state_dict(state)
