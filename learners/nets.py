"""Nets small enough to learn on a robot, and how their first weights are drawn.

`SegNet` is what a processor likes. Learning is the cost of everything, and on one core the time of an update is set by
how large its matrix products are and by how many bytes pass between them. So it never works at full resolution (the
stem has stride 2, and the answer stays at half resolution), doubles its channels where it halves its sides (16-32-64,
equal work at each scale) and uses plain 3x3 convolutions: separable ones with as many parameters took 1.8 times as
long. Group normalisation has no running statistics, which a drifting stream would spoil and a memory would mix, and a
frame's prediction does not depend on its neighbours in the batch. One skip a scale brings edges back.
`docs/learners.md` has the times.
"""

import itertools

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from learners.base import Seen


class SegNet(nn.Module):
    """Images (B, C, H, W) to logits (B, classes, H/2, W/2); H and W are multiples of 8. About 96k parameters.

    Args:
        classes: how many classes.
        generator: draws the first weights.
        widths: channels at a half, a quarter and an eighth of the resolution; multiples of `groups`.
        channels: of the images.
        groups: of the normalisation.
    """

    def __init__(
        self,
        classes: int,
        *,
        generator: torch.Generator,
        widths: tuple[int, int, int] = (16, 32, 64),
        channels: int = 3,
        groups: int = 8,
    ):
        super().__init__()
        half, quarter, eighth = widths
        self.classes = classes
        with torch.device("meta"):  # no weights yet: drawing them here would take from torch's global generator
            self.down2 = nn.Sequential(conv(channels, half, groups, stride=2), conv(half, half, groups))
            self.down4 = nn.Sequential(
                conv(half, quarter, groups, stride=2), conv(quarter, quarter, groups), conv(quarter, quarter, groups)
            )
            self.down8 = nn.Sequential(conv(quarter, eighth, groups, stride=2), conv(eighth, eighth, groups))
            self.narrow4 = nn.Conv2d(eighth, quarter, 1)
            self.up4 = conv(quarter, quarter, groups)
            self.narrow2 = nn.Conv2d(quarter, half, 1)
            self.up2 = conv(half, half, groups)
            self.head = nn.Conv2d(half, classes, 1)
        initialise(self, generator)

    def forward(self, images: Tensor) -> Seen:
        """Images (B, C, H, W) float32 in 0..1.

        Raises:
            ValueError: if a side is no multiple of 8.
        """
        if images.shape[-1] % 8 or images.shape[-2] % 8:
            raise ValueError(f"images of {tuple(images.shape[-2:])} pixels: both sides must be multiples of 8")
        at2 = self.down2(images - 0.5)  # centred, so that the zeros around a picture are grey
        at4 = self.down4(at2)
        at8 = self.down8(at4)
        at4 = self.up4(at4 + F.interpolate(self.narrow4(at8), scale_factor=2.0))
        features = self.up2(at2 + F.interpolate(self.narrow2(at4), scale_factor=2.0))
        return Seen(self.head(features), features)


class TinyNet(nn.Module):
    """Two convolutions, for tests: images (B, C, H, W) to logits (B, classes, H/2, W/2)."""

    def __init__(self, classes: int, *, generator: torch.Generator, channels: int = 3, width: int = 4):
        super().__init__()
        self.classes = classes
        with torch.device("meta"):
            self.body = conv(channels, width, groups=2, stride=2)
            self.head = nn.Conv2d(width, classes, 1)
        initialise(self, generator)

    def forward(self, images: Tensor) -> Seen:
        features = self.body(images - 0.5)
        return Seen(self.head(features), features)


class Perceptron(nn.Module):
    """Fully connected layers; logits (B, classes, 1, 1): classification as dense prediction of one pixel.

    Args:
        sizes: inputs (C*H*W), hidden layers, classes; (784, 100, 100, 10) has 89,610 parameters.
        generator: draws the first weights.
    """

    def __init__(self, sizes: tuple[int, ...], *, generator: torch.Generator):
        super().__init__()
        self.classes = sizes[-1]
        with torch.device("meta"):
            layers = [nn.Linear(wide, narrow) for wide, narrow in itertools.pairwise(sizes)]
        self.hidden, self.head = nn.ModuleList(layers[:-1]), layers[-1]
        initialise(self, generator)

    def forward(self, images: Tensor) -> Seen:
        features = images.flatten(1)
        for layer in self.hidden:
            features = F.relu(layer(features))
        return Seen(self.head(features)[:, :, None, None], features[:, :, None, None])


def conv(inputs: int, outputs: int, groups: int, stride: int = 1) -> nn.Sequential:
    """3x3 convolution, group normalisation, ReLU; the last one in place, for nobody else reads what is normalised."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False),
        nn.GroupNorm(groups, outputs),
        nn.ReLU(inplace=True),
    )


@torch.no_grad()
def initialise(net: nn.Module, generator: torch.Generator) -> None:
    """Give every layer its first weights, in the net's order and channels last.

    Weights are normal with variance 2 / inputs (He et al. 2015, eq. 10); the layer called `head` gets a hundredth of
    that variance, so that the first answers are close to undecided. Biases are 0, normalisation scales 1.

    Raises:
        TypeError: if a layer has parameters and is of a kind that is not known here.
    """
    net.to_empty(device="cpu")
    for name, layer in net.named_modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=generator)
            layer.weight.mul_(0.1 if name == "head" else 1.0)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        elif isinstance(layer, nn.GroupNorm):
            nn.init.ones_(layer.weight)
            nn.init.zeros_(layer.bias)
        elif any(True for _ in layer.parameters(recurse=False)):
            raise TypeError(f"layer {name} is a {type(layer).__name__}; teach `initialise` how to draw its weights")
    net.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
