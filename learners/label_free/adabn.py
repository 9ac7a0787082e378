"""Adaptive normalisation (AdaBN: Li et al. 2016, arXiv:1603.04779): follow the statistics, leave the weights alone.

`AdaBN` lets the running means and variances of batch normalisation follow the stream. The default net has none of
these, since group normalisation looks at one frame alone; for it `InputNorm` does the same to the picture itself:
each colour channel is shifted and scaled from the mean and spread that it has these days to those it had when the
weights were learned. Light and white balance drift in just this way; what grows and withers does not.
Neither looks at a label, neither takes a step of an optimizer; one update is one batch's share in the statistics.
"""

import torch
from torch import Tensor, nn

from learners.base import Batch, State, to_float
from learners.cost import Cost, Meter


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
        self.net, self.momentum, self.smallest_spread = net.eval(), momentum, smallest_spread
        self.meter = Meter()
        self.pixels = 0  # that the reference is taken from
        self.reference = torch.empty(0)  # (2, C): mean and variance when the weights were learned
        self.now = torch.empty(0)  # (2, C): these days

    @torch.no_grad()
    def predict(self, images: Tensor) -> Tensor:
        return self.net(self.normalise(to_float(images, next(self.net.parameters()).device))).logits

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

    def learn(self, batch: Batch) -> dict[str, float]:
        """Let the statistics move towards this batch's; there is no loss to tell of."""
        self.meter.count(labelled_frames=int(batch.answered.sum()))
        found = _statistics(batch.images)
        if not bool(torch.isfinite(found).all()):
            self.meter.count(skipped_updates=1)
            return {}
        if not len(self.now):
            self._take_reference(found, batch.images.numel() // len(found[0]))
        self.now = torch.lerp(self.now, found, self.momentum)
        self.meter.count(updates=1)
        return {}

    def remember(self, batch: Batch) -> None:
        """Frames on which the net was trained: their pooled statistics are the reference, and where we start."""
        found, pixels = _statistics(batch.images), batch.images.numel() // batch.images.shape[1]
        if not self.pixels:
            self._take_reference(found, pixels)
            return
        share = pixels / (self.pixels + pixels)
        between = share * (1 - share) * (found[0] - self.reference[0]).square()
        self.reference = torch.lerp(self.reference, found, share)
        self.reference[1] += between
        self.pixels += pixels
        self.now = self.reference.clone()

    def consolidate(self, reason: str) -> None:
        self.meter.count(consolidations=1)

    @property
    def cost(self) -> Cost:
        return self.meter.read(bytes_kept=self.reference.nbytes + self.now.nbytes)

    def state_dict(self) -> State:
        weights = {name: value.detach().clone() for name, value in self.net.state_dict().items()}
        statistics = {"pixels": self.pixels, "reference": self.reference.clone(), "now": self.now.clone()}
        return {"net": weights, **statistics, "meter": self.meter.state_dict()}

    def load_state_dict(self, state: State) -> None:
        self.net.load_state_dict(state["net"])
        self.pixels = int(state["pixels"])
        self.reference, self.now = state["reference"].clone(), state["now"].clone()
        self.meter.load_state_dict(state["meter"])

    def _take_reference(self, found: Tensor, pixels: int) -> None:
        self.pixels, self.reference, self.now = pixels, found, found.clone()


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
