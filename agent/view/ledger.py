"""From which seasons the frames are that a memory holds: told by the frames themselves, without touching the memory."""

from collections.abc import Callable
from typing import Any
from zlib import crc32

import numpy as np

SEASONS = ("spring", "summer", "autumn", "winter")
UNKNOWN = "unknown"  # of a frame that was changed on its way into the memory


class Ledger:
    """Remembers on which day every frame was seen, by a checksum of its pixels (four bytes a frame).

    Args:
        season: of a day of the life.
    """

    def __init__(self, season: Callable[[int], str]) -> None:
        self._season = season
        self._days: dict[int, int] = {}

    def note(self, rgb: np.ndarray, day: int) -> None:
        """Take down a frame, (H, W, 3) uint8."""
        self._days[crc32(np.ascontiguousarray(rgb).data)] = day

    def shares(self, learner: Any) -> tuple[tuple[str, float], ...]:
        """Share of a memory's frames by the season in which they were seen; they add up to 1.

        Empty for a learner that keeps no frames: it has no memory, an empty one, or one of features.
        """
        held = frames_of(learner)
        if not len(held):
            return ()
        counts: dict[str, int] = dict.fromkeys(SEASONS, 0)
        for image in held:
            day = self._days.get(crc32(image.data))
            name = UNKNOWN if day is None else self._season(day)
            counts[name] = counts.get(name, 0) + 1
        return tuple((name, count / len(held)) for name, count in counts.items())


def frames_of(learner: Any) -> np.ndarray:
    """The frames that a learner's memory holds, (n, H, W, 3) uint8, as they lie there; none where it keeps none."""
    while not hasattr(learner, "memory") and hasattr(learner, "learner"):  # behind a gate, asleep
        learner = learner.learner
    memory = getattr(learner, "memory", None)
    shelf = getattr(memory, "shelf", None)
    images = None if shelf is None else shelf.columns.get("images")
    if memory is None or images is None:
        return np.zeros((0, 0, 0, 3), np.uint8)
    return images[: len(memory)]
