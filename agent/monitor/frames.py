"""Single probe frames in a log: enough of every frame to draw the bank again, in little space.

An interval over probe frames needs each frame's share in the pooled mIoU. A mean over classes of pooled IoU needs, by
frame and class, only the pixels rightly called it (hits) and those that are it or are called it (union). Both are kept
as numbers of two or four bytes, compressed, as text.
"""

import base64
import math
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def hits_and_unions(confusion: NDArray[np.integer]) -> NDArray[np.int64]:
    """(..., C, C) confusions, one a frame, to (..., C, 2): pixels right, and pixels that are the class or said to be.

    >>> hits_and_unions(np.array([[3, 1], [2, 4]])).tolist()
    [[3, 6], [4, 7]]
    """
    pixels = np.asarray(confusion, dtype=np.int64)
    hit = np.diagonal(pixels, axis1=-2, axis2=-1)
    return np.stack([hit, pixels.sum(-1) + pixels.sum(-2) - hit], axis=-1)


def pack(counts: NDArray[np.int64]) -> dict[str, Any]:
    """Counts of `hits_and_unions` as a JSON value; `unpack` undoes it."""
    kind = "<u2" if counts.max(initial=0) < 2**16 else "<u4"
    text = base64.b85encode(zlib.compress(np.ascontiguousarray(counts, dtype=kind).tobytes(), 9)).decode()
    return {"shape": list(counts.shape), "type": kind, "zlib_b85": text}


def unpack(packed: dict[str, Any]) -> NDArray[np.int64]:
    """The counts that `pack` was given.

    Raises:
        ValueError: they are damaged, or fewer or more than they claim to be.
    """
    kind, shape = np.dtype(packed["type"]), packed["shape"]
    size = kind.itemsize * math.prod(shape)
    try:
        unzip = zlib.decompressobj()
        raw = unzip.decompress(base64.b85decode(packed["zlib_b85"]), size + 1)
    except zlib.error as error:
        raise ValueError(f"single frames of a probe are damaged ({error})") from None
    if len(raw) != size or not unzip.eof:
        raise ValueError(f"single frames of a probe are not the {size} bytes that their shape {shape} has")
    return np.frombuffer(raw, dtype=kind).reshape(shape).astype(np.int64)


def drawn_again(
    earlier: NDArray[np.integer],
    later: NDArray[np.integer],
    counted: NDArray[np.bool_],
    rng: np.random.Generator,
    *,
    draws: int = 2000,
    level: float = 0.95,
) -> tuple[float, float]:
    """Interval of a loss on one phase, by a paired bootstrap over its frames (Efron & Tibshirani 1993, chapter 13).

    The same frames are drawn for both times: what one frame is harder than another does not widen the interval.

    Args:
        earlier: (..., n, C, 2) counts of n frames; over axes before that marks are averaged, as over several ticks.
        later: (..., n, C, 2) of the same frames.
        counted: (C,) the classes that the mean is over.
        rng: draws the frames.
        draws: of the bank.
        level: of the interval.

    Returns:
        low, high of the mean IoU lost from `earlier` to `later`; an interval without 0 is no chance of the frames. It
        knows nothing of how marks waver from tick to tick.
    """
    frames = earlier.shape[-3]
    rows = rng.integers(0, frames, (draws, frames))
    weights = np.zeros((draws, frames))
    np.add.at(weights, (np.arange(draws)[:, None], rows), 1.0)
    lost = _marks(earlier, counted, weights) - _marks(later, counted, weights)
    low, high = np.quantile(lost, ((1 - level) / 2, (1 + level) / 2))
    return float(low), float(high)


def _marks(counts: NDArray[np.integer], counted: NDArray[np.bool_], weights: Floats) -> Floats:
    """(draws,) mIoU of weighted frames, averaged over leading axes."""
    chosen = np.asarray(counts, dtype=np.float64)[..., counted, :]
    pooled = np.tensordot(weights, chosen, axes=(1, -3))  # (draws, ..., C, 2); whole numbers, exact in any order
    with np.errstate(invalid="ignore"):
        iou = np.where(pooled[..., 1] > 0, pooled[..., 0] / np.maximum(pooled[..., 1], 1.0), np.nan)
    number = np.isfinite(iou).sum(-1)
    marks = np.where(number > 0, np.nansum(iou, -1) / np.maximum(number, 1), 0.0)
    return marks.reshape(len(weights), -1).mean(1)
