"""Detectors of a change in one number a block: river's Page-Hinkley and ADWIN, and a one-sided cumulative sum.

They take z-scores against a frozen reference. river (Montiel et al. 2021) is imported only where one is made.
"""

from array import array
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

CLIPPED = 6.0  # a block counts as so many standard deviations at most: one odd day is not yet a change


class Detector(Protocol):
    """Hears one number after the other."""

    @property
    def threshold(self) -> float:
        """What has to be passed, in the detector's own unit."""
        ...

    def hear(self, z: float) -> bool:
        """Take in a number; true if it raises the alarm."""
        ...


class _OfRiver:
    """A test of river's, whose state cannot be read: it is kept as its settings and the numbers that it has heard."""

    threshold: float
    _settings: dict[str, float]  # that it is made with
    _heard: "array[float]"  # z-scores since it was made, eight bytes each: an alarm may be years away
    _test: Any

    def hear(self, z: float) -> bool:
        self._heard.append(_clipped(z))
        self._test.update(self._heard[-1])
        return bool(self._test.drift_detected)

    def kept(self) -> dict[str, Any]:
        """See `agent.memento.SelfKept`."""
        return {"settings": self._settings, "heard": np.array(self._heard)}

    def restore(self, kept: dict[str, Any]) -> None:
        """Hear the same numbers again."""
        self.__init__(**kept["settings"])
        for z in kept["heard"]:
            self.hear(float(z))


class PageHinkley(_OfRiver):
    """The two-sided Page-Hinkley test of river (Page 1954).

    Args:
        delta: change that is not worth an alarm [standard deviations].
        threshold: sum at which it is one [standard deviations].
    """

    def __init__(self, *, delta: float, threshold: float) -> None:
        from river.drift import PageHinkley as Test

        self.threshold, self._settings, self._heard = threshold, {"delta": delta, "threshold": threshold}, array("d")
        self._test = Test(min_instances=1, delta=delta, threshold=threshold, alpha=1.0, mode="both")


class Adwin(_OfRiver):
    """ADWIN of river (Bifet & Gavalda 2007), asked at every block.

    Args:
        threshold: its significance delta, of one test.
    """

    def __init__(self, *, threshold: float) -> None:
        from river.drift import ADWIN

        self.threshold, self._settings, self._heard = threshold, {"threshold": threshold}, array("d")
        self._test = ADWIN(delta=threshold, clock=1, grace_period=10, min_window_length=3)


class Cusum:
    """A one-sided cumulative sum (Page 1954) for what can only grow: distances.

    Args:
        drift: what is taken off each number, k [standard deviations].
        threshold: sum at which the alarm is raised, h [standard deviations].
    """

    def __init__(self, *, drift: float, threshold: float) -> None:
        self.drift, self.threshold, self.sum = drift, threshold, 0.0

    def hear(self, z: float) -> bool:
        self.sum = max(0.0, self.sum + _clipped(z) - self.drift)
        return self.sum > self.threshold


class Level:
    """Raises the alarm while a number is above a level: for what is an average over blocks already."""

    def __init__(self, *, threshold: float) -> None:
        self.threshold = threshold

    def hear(self, z: float) -> bool:
        return z > self.threshold


@dataclass(frozen=True)
class Thresholds:
    """Where the detectors are set, chosen by `benchmarks/drift.py` on drift-free lives that no table reports.

    Attributes:
        page_hinkley: lambda on each of the eight statistics of the frames [sd]; all eight share one false-alarm rate,
            so it is higher than for one (Bonferroni).
        page_hinkley_delta: change that is not worth an alarm [sd].
        adwin: its significance over all eight statistics together.
        location: h of the cumulative sum of log T^2 [sd].
        shape: h of the cumulative sum of log MMD^2 [sd].
        distance_drift: k of both [sd].
        step: agreement of the last three blocks on a change.
        local: agreement of the last three days on a change at one place, the largest over all places.
        loss, loss_delta: lambda and delta of a learner's loss [sd].
        loss_adwin: significance of ADWIN on it.
    """

    page_hinkley: float = 30.0
    page_hinkley_delta: float = 1.0
    adwin: float = 1e-6
    location: float = 30.0
    shape: float = 45.0
    distance_drift: float = 1.5
    step: float = 40.0
    local: float = 3.4
    loss: float = 8.0
    loss_delta: float = 0.5
    loss_adwin: float = 0.002


def _clipped(z: float) -> float:
    return float(np.clip(z, -CLIPPED, CLIPPED))
