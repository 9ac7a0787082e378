"""Where remembered frames come from: a memory is looked into, and told nothing.

A learner never learns that there are gardens. Whoever hands it frames notes a digest of each with its garden, and finds
the frames that a memory holds by their own.
"""

import hashlib

import numpy as np

from learners.base import Learner
from learners.memory import Shelf

DIGEST_BYTES = 16  # two different frames with one digest: never


class Provenance:
    """Knows of every frame that came from which garden it was.

    Args:
        gardens: how many there are.
    """

    def __init__(self, gardens: int) -> None:
        self._gardens = gardens
        self._from: dict[bytes, int] = {}
        self.labels = np.zeros(gardens, np.int64)  # answered frames that came, by garden

    def see(self, garden: int, images: np.ndarray) -> None:
        """Note answered frames (n, 3, H, W) uint8 of a garden."""
        self.labels[garden] += len(images)
        for image in images:
            self._from[_digest(image.transpose(1, 2, 0))] = garden

    def held(self, learner: Learner) -> np.ndarray | None:
        """How many frames of each garden a learner remembers, (G,) int64; None where it keeps no frames.

        Raises:
            LookupError: it remembers a frame that nobody has seen come.
        """
        shelf, memory = _shelf(learner), getattr(learner, "memory", None)
        if shelf is None or memory is None:
            return None
        counts = np.zeros(self._gardens, np.int64)
        for image in shelf.columns["images"][: len(memory)] if shelf.columns else ():
            garden = self._from.get(_digest(image))
            if garden is None:
                raise LookupError("a remembered frame came from no garden of the fleet")
            counts[garden] += 1
        return counts


def memory_bytes_of(learner: Learner) -> int:
    """Bytes of a learner's replay memory, which its bound is about; 0 where it has none."""
    memory = getattr(learner, "memory", None)
    return 0 if memory is None else int(memory.nbytes)


def _shelf(learner: Learner) -> Shelf | None:
    shelf = getattr(getattr(learner, "memory", None), "shelf", None)
    return shelf if isinstance(shelf, Shelf) else None


def _digest(image: np.ndarray) -> bytes:
    """Of an image (H, W, 3), as memories keep them."""
    return hashlib.blake2b(image.tobytes(), digest_size=DIGEST_BYTES).digest()
