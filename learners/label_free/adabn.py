"""Adaptive normalisation (AdaBN: Li et al. 2016, arXiv:1603.04779): follow the statistics, leave the weights alone.

`AdaBN` lets the running means and variances of batch normalisation follow the stream. The default net has none of
these, since group normalisation looks at one frame alone; for it `InputNorm` does the same to the picture itself:
each colour channel is shifted and scaled from the mean and spread that it has these days to those it had when the
weights were learned. Light and white balance drift in just this way; what grows and withers does not.
Neither looks at a label, neither takes a step of an optimizer; one update is one batch's share in the statistics.
"""

import torch
from torch import Tensor, nn

from learners.base import Batch, Seen, State, last_layer, to_float
from learners.cost import Cost, Meter
from learners.disk import pack, unpack


class Renormalised(nn.Module):
    """A net that sees pictures as they would have looked when its weights were learned.

    Args:
        net: the inner net.
        smallest_spread: standard deviations are at least this, of colours in 0..1.

    Attributes:
        pixels: that the reference is taken from.
        reference: (2, C) float64, mean and variance of each channel when the weights were learned; empty at first.
        now: (2, C) float64, these days.
    """

    def __init__(self, net: nn.Module, *, smallest_spread: float):
        super().__init__()
        self.net, self.smallest_spread = net, smallest_spread
        self.pixels, self.reference, self.now = 0, torch.empty(0), torch.empty(0)

    @property
    def head(self) -> nn.Module:
        """The inner net's last layer."""
        return last_layer(self.net)

    def forward(self, images: Tensor) -> Seen:
        return self.net(self.normalise(images))

    def normalise(self, images: Tensor) -> Tensor:
        """Float images (B, C, H, W) as they would have looked when the weights were learned; a copy."""
        if not len(self.now):
            return images
        (old_mean, old_variance), (mean, variance) = self.reference, self.now
        least = self.smallest_spread
        scale = old_variance.sqrt().clamp(min=least) / variance.sqrt().clamp(min=least)
        shift = old_mean - mean * scale
        across = (1, -1, 1, 1)
        return images * scale.reshape(across).to(images) + shift.reshape(across).to(images)

    def begin(self, found: Tensor, pixels: int) -> None:
        """Take statistics (2, C) of so many pixels as the reference, and as those of today."""
        self.pixels, self.reference, self.now = pixels, found, found.clone()

    def get_extra_state(self) -> Tensor:
        return pack({"pixels": self.pixels, "reference": self.reference, "now": self.now})

    def set_extra_state(self, state: Tensor) -> None:
        kept = unpack(state)
        self.pixels, self.reference, self.now = int(kept["pixels"]), kept["reference"], kept["now"]


class InputNorm:
    """A net behind a per-channel re-normalisation of its input. A Learner.

    Args:
        net: any; its weights stay as they are.
        momentum: share of a batch in the running statistics.
        smallest_spread: standard deviations are at least this, of colours in 0..1.
    """

    learns_without_labels = True

    def __init__(self, net: nn.Module, *, momentum: float = 0.05, smallest_spread: float = 0.02):
        if not 0 < momentum <= 1:
            raise ValueError(f"momentum {momentum}: expected more than 0, at most 1")
        self.eye, self.momentum = Renormalised(net, smallest_spread=smallest_spread), momentum
        self.net: nn.Module = self.eye.eval()
        self.meter = Meter()

    @torch.no_grad()
    def predict(self, images: Tensor) -> Tensor:
        return self.net(to_float(images, next(self.net.parameters()).device)).logits

    def learn(self, batch: Batch) -> dict[str, float]:
        """Let the statistics move towards this batch's; there is no loss to tell of."""
        self.meter.count(labelled_frames=int(batch.answered.sum()))
        found = _statistics(batch.images)
        if not bool(torch.isfinite(found).all()):
            self.meter.count(skipped_updates=1)
            return {}
        if not len(self.eye.now):
            self.eye.begin(found, batch.images.numel() // len(found[0]))
        self.eye.now = torch.lerp(self.eye.now, found, self.momentum)
        self.meter.count(updates=1)
        return {}

    def remember(self, batch: Batch) -> None:
        """Frames on which the net was trained: their pooled statistics are the reference, and where we start."""
        found, pixels = _statistics(batch.images), batch.images.numel() // batch.images.shape[1]
        if not self.eye.pixels:
            self.eye.begin(found, pixels)
            return
        old, together = self.eye.reference, self.eye.pixels + pixels
        share = pixels / together
        pooled = torch.lerp(old, found, share)
        pooled[1] += share * (1 - share) * (found[0] - old[0]).square()
        self.eye.begin(pooled, together)

    def consolidate(self, reason: str) -> None:
        self.meter.count(consolidations=1)

    @property
    def cost(self) -> Cost:
        return self.meter.read(bytes_kept=self.eye.reference.nbytes + self.eye.now.nbytes)

    def state_dict(self) -> State:
        weights = {name: value.detach().clone() for name, value in self.net.state_dict().items()}
        return {"net": weights, "meter": self.meter.state_dict()}

    def load_state_dict(self, state: State) -> None:
        self.net.load_state_dict(state["net"])
        self.meter.load_state_dict(state["meter"])


class AdaBN:
    """A net whose batch normalisation follows the stream. A Learner.

    Args:
        net: with at least one `BatchNorm2d` that has running statistics; its weights stay as they are.

    Raises:
        ValueError: if it has none.
    """

    learns_without_labels = True

    def __init__(self, net: nn.Module):
        self.net = net.eval()
        self.meter = Meter()
        self.layers = [
            layer for layer in net.modules() if isinstance(layer, nn.BatchNorm2d) and layer.running_mean is not None
        ]
        if not self.layers:
            raise ValueError(f"{type(net).__name__} has no batch normalisation with running statistics; use InputNorm")

    @torch.no_grad()
    def predict(self, images: Tensor) -> Tensor:
        self.net.eval()
        return self.net(to_float(images, next(self.net.parameters()).device)).logits

    @torch.no_grad()
    def learn(self, batch: Batch) -> dict[str, float]:
        """One pass that lets the running statistics move; there is no loss to tell of."""
        self.meter.count(labelled_frames=int(batch.answered.sum()))
        images = to_float(batch.images, next(self.net.parameters()).device)
        if not bool(torch.isfinite(images).all()):
            self.meter.count(skipped_updates=1)
            return {}
        for layer in self.layers:
            layer.train()
        self.net(images)
        self.net.eval()
        self.meter.passes(self.net, images, backward=0)
        self.meter.count(updates=1)
        return {}

    def remember(self, batch: Batch) -> None:
        pass

    def consolidate(self, reason: str) -> None:
        self.meter.count(consolidations=1)

    @property
    def cost(self) -> Cost:
        return self.meter.read(bytes_kept=0)

    def state_dict(self) -> State:
        weights = {name: value.detach().clone() for name, value in self.net.state_dict().items()}
        return {"net": weights, "meter": self.meter.state_dict()}

    def load_state_dict(self, state: State) -> None:
        self.net.load_state_dict(state["net"])
        self.meter.load_state_dict(state["meter"])


def _statistics(images: Tensor) -> Tensor:
    """(2, C) float64: mean and variance of each channel over all pixels, colours in 0..1."""
    pixels = images.double().transpose(0, 1).flatten(1)
    if images.dtype == torch.uint8:
        pixels = pixels / 255.0
    variance, mean = torch.var_mean(pixels, dim=1, correction=0)
    return torch.stack((mean, variance)).cpu()
