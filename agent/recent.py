"""The latest labelled frames."""

import numpy as np


class Recent:
    """The latest labelled frames.

    Args:
        frames: how many are kept.
    """

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._images: np.ndarray | None = None
        self._labels: np.ndarray | None = None

    def __len__(self) -> int:
        return 0 if self._images is None else len(self._images)

    @property
    def nbytes(self) -> int:
        """Of the frames and their labels."""
        return sum(array.nbytes for array in (self._images, self._labels) if array is not None)

    def add(self, images: np.ndarray, labels: np.ndarray) -> None:
        """Take in newer frames (n, 3, H, W) and labels (n, h, w)."""
        if self._images is not None and self._labels is not None:
            images, labels = np.concatenate([self._images, images]), np.concatenate([self._labels, labels])
        self._images, self._labels = images[-self._frames :], labels[-self._frames :]

    def latest(self, frames: int) -> tuple[np.ndarray, np.ndarray]:
        """The last `frames` of them, oldest first."""
        if self._images is None or self._labels is None:
            raise LookupError("no labelled frame has come yet")
        return self._images[-frames:], self._labels[-frames:]
