"""Fixed features: what a net that never changes makes of a frame, pooled over the picture at its narrowest layer.

A learner's own features move because it learns, so they cannot tell whether the world has moved. These are those of the
net as it was commissioned, or of any other that stays what it is.
"""

from copy import deepcopy

import numpy as np
import torch
from numba import njit
from numpy.typing import NDArray
from torch import Tensor, nn

from learners.base import Seen, to_float

BATCH = 32  # frames a forward pass


class FixedFeatures:
    """Looks at frames with a copy of a net, which no training of the original can reach.

    The layer is found by looking: of all layers whose answers are maps (n, channels, rows, columns), the last one with
    the fewest pixels. What the whole net shows of itself (`Seen.features`) counts as one of them.

    Args:
        net: takes images (n, 3, H, W) float32 in 0..1 and returns `Seen`.
        frame_px: height and width of a frame.
    """

    def __init__(self, net: nn.Module, frame_px: tuple[int, int]) -> None:
        self.net = deepcopy(net).eval().requires_grad_(False)
        self._device = next((weight.device for weight in self.net.parameters()), torch.device("cpu"))
        self._last: tuple[Tensor, Tensor] | None = None  # frames of one pass, and its logits
        self._map: Tensor | None = None
        layer, self.size, self.classes = _narrowest(self.net, frame_px)
        layer.register_forward_hook(self._keep)

    def of(self, images: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Images (n, 3, H, W) uint8 to features (n, d) float64, means over the picture."""
        return self.look(images, (1, 1))[0]

    def look(self, images: NDArray[np.uint8], parts: tuple[int, int]) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
        """The features, and what the net takes each part of a picture for, from one forward pass.

        Args:
            images: (n, 3, H, W) uint8.
            parts: rows R and columns C into which a picture is cut.

        Returns:
            features (n, d) float64 as of `of`, and answers (n, R, C, classes) uint8: the mean probability of each class
            over a part [1/255].
        """
        features, answers = [np.zeros((0, self.size))], [np.zeros((0, *parts, self.classes), np.uint8)]
        with torch.inference_mode():
            for i in range(0, len(images), BATCH):
                batch = torch.from_numpy(images[i : i + BATCH])
                seen = self.net(to_float(batch, self._device))
                self._last = (batch, seen.logits) if len(images) <= BATCH else None
                assert self._map is not None, "the layer that was found did not run"
                features.append(self._map.mean((2, 3)).double().cpu().numpy())
                answers.append(pooled(torch.softmax(seen.logits, 1).permute(0, 2, 3, 1).cpu().numpy(), parts))
        return np.concatenate(features), np.concatenate(answers)

    def logits_of(self, images: Tensor) -> Tensor | None:
        """The logits of frames (n, 3, H, W) uint8 that were looked at last, in one pass; None for any others.

        The same frames are those that lie in the same memory, which is kept until others are looked at.
        """
        if self._last is None:
            return None
        last, logits = self._last
        same = images.data_ptr() == last.data_ptr() and (images.shape, images.stride()) == (last.shape, last.stride())
        return logits if same and images.dtype == last.dtype else None

    def _keep(self, layer: nn.Module, inputs: tuple[Tensor, ...], answer: Tensor | Seen) -> None:
        self._map = _map_of(answer)


def pooled(shares: NDArray[np.float32], parts: tuple[int, int]) -> NDArray[np.uint8]:
    """Means over parts of pictures, as torch's adaptive average pooling takes them [1/255].

    Args:
        shares: (n, h, w, K) float32, 0..1.
        parts: rows R and columns C into which a picture is cut; where they do not divide it, parts overlap by a pixel.

    Returns:
        (n, R, C, K) uint8.

    >>> pooled(np.array([0.0, 1.0, 1.0, 1.0], np.float32).reshape(1, 2, 2, 1), (1, 2)).ravel()
    array([128, 255], dtype=uint8)
    """
    answers = np.empty((len(shares), *parts, shares.shape[-1]), np.uint8)
    _pool(shares, answers)
    return answers


@njit(cache=True)
def _pool(shares, answers):
    frames, height, width, classes = shares.shape
    rows, columns = answers.shape[1:3]
    totals = np.empty(classes, np.float32)
    for frame in range(frames):
        for row in range(rows):
            top, bottom = row * height // rows, -(-(row + 1) * height // rows)
            for column in range(columns):
                left, right = column * width // columns, -(-(column + 1) * width // columns)
                totals[:] = 0.0
                for y in range(top, bottom):
                    for x in range(left, right):
                        for k in range(classes):
                            totals[k] += shares[frame, y, x, k]
                pixels = np.float32((bottom - top) * (right - left))
                for k in range(classes):
                    answers[frame, row, column, k] = np.uint8(np.rint(np.float32(255.0) * (totals[k] / pixels)))


def _narrowest(net: nn.Module, frame_px: tuple[int, int]) -> tuple[nn.Module, int, int]:
    """The layer at the bottleneck, how many channels it has, and how many classes the net knows."""
    seen: list[tuple[int, nn.Module, int]] = []

    def note(layer: nn.Module, inputs: tuple[Tensor, ...], answer: Tensor | Seen) -> None:
        found = _map_of(answer)
        if found is not None:
            seen.append((found.shape[2] * found.shape[3], layer, found.shape[1]))

    hooks = [layer.register_forward_hook(note) for layer in net.modules()]
    with torch.no_grad():
        device = next((weight.device for weight in net.parameters()), torch.device("cpu"))
        classes = net(torch.zeros(1, 3, *frame_px, device=device)).logits.shape[1]
    for hook in hooks:
        hook.remove()
    fewest = min(pixels for pixels, _, _ in seen)
    return next((layer, channels, classes) for pixels, layer, channels in reversed(seen) if pixels == fewest)


def _map_of(answer: Tensor | Seen) -> Tensor | None:
    """A layer's answer if it is a map (n, channels, rows, columns)."""
    found = answer.features if isinstance(answer, Seen) else answer
    return found.float() if isinstance(found, Tensor) and found.ndim == 4 else None  # a net may compute in bfloat16
