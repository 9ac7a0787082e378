"""What a run tells its monitor: scores of the stream, scores of the probes, and what they are scored against."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Self

import numpy as np
from numpy.typing import NDArray

MIN_SHARE = 0.005  # a class counts where it fills at least this share of the answered pixels


@dataclass(frozen=True)
class ClassInfo:
    """A semantic class as the report shows it.

    Attributes:
        name: its name.
        rgb: its display colour, 0..255.
    """

    name: str
    rgb: tuple[int, int, int]


@dataclass(frozen=True)
class Phase:
    """One of the stations of the year at which knowledge is examined.

    Attributes:
        name: what a person would call it ('late autumn').
        dates: the calendar dates on which its probe frames are rendered; only month and day count.
    """

    name: str
    dates: tuple[date, ...]

    def __post_init__(self) -> None:
        if not self.dates:
            raise ValueError(f"phase '{self.name}' has no dates; give at least the date of its probes")


@dataclass(frozen=True)
class BankInfo:
    """A bank of probe frames and the classes that its mIoU is taken over, fixed when the bank is built.

    Attributes:
        name: 'home', 'away' or 'next_year'.
        class_set: (C,) bool, classes with at least `MIN_SHARE` of the bank's answered pixels.
        known: (C,) bool, classes that the learners met in commissioning.
    """

    name: str
    class_set: NDArray[np.bool_]
    known: NDArray[np.bool_]

    @classmethod
    def of(cls, name: str, truth: NDArray[np.integer], *, classes: int, known: NDArray[np.bool_]) -> Self:
        """Fix the class set of a bank from its label maps.

        Args:
            name: the bank's name.
            truth: any shape, uint8, class of every probe pixel, 255 = no answer.
            classes: C, the number of classes.
            known: (C,) bool, classes met in commissioning.

        >>> BankInfo.of("home", np.array([0, 0, 1, 255]), classes=3, known=np.array([True, False, False])).class_set
        array([ True,  True, False])
        """
        answered = np.bincount(truth[truth < classes].ravel(), minlength=classes)
        return cls(name, answered >= MIN_SHARE * max(answered.sum(), 1), np.asarray(known, dtype=bool))


@dataclass(frozen=True)
class StreamScore:
    """How one learner did on the frames between two updates, each predicted before it was learned from.

    Attributes:
        learner: name of the learner.
        step: control step of the last frame.
        day: day of the life, 0 = its first day; a score does not cross midnight.
        frames: number of frames scored, those that have an answer.
        confusion: (C, C) int64 pixels, rows truth, columns prediction.
        copy_confusion: (C, C) int64, the same for the baseline that repeats the last true mask.
        loss: mean loss of these frames before learning from them [nats per pixel].
        seconds: wall time by part ('predict', 'learn', ...) [s].
        prior_confusion: (C, C) int64, as `copy_confusion`, for a blind guesser (`agent.monitor.prequential.Prior`).
        reliability: (C, 15, 3) float64, `agent.monitor.calibration.count` of these frames.
        entropy: mean over their answered pixels [nats].
    """

    learner: str
    step: int
    day: int
    frames: int
    confusion: NDArray[np.integer]
    copy_confusion: NDArray[np.integer]
    loss: float
    seconds: Mapping[str, float] = field(default_factory=dict)
    prior_confusion: NDArray[np.integer] | None = None
    reliability: NDArray[np.floating] | None = None
    entropy: float | None = None


@dataclass(frozen=True)
class Causes:
    """What a learner's loss between two phases was made of; see `agent.causes`.

    Attributes:
        learner: name of the learner, as it is at the end of its life.
        bank: name of the bank whose poses were looked from.
        from_phase, to_phase: names of the phases.
        then, now: mIoU on these poses in the one and in the other phase, shares of 1.
        shares: by cause, in points of mIoU; they sum to 100 (then - now).
        interval: by cause and for 'lost', 95 % of resampled poses [points].
        scenes: poses.
        renders, forwards: pictures drawn, and pictures recognised.
    """

    learner: str
    bank: str
    from_phase: str
    to_phase: str
    then: float
    now: float
    shares: Mapping[str, float]
    interval: Mapping[str, tuple[float, float]]
    scenes: int
    renders: int
    forwards: int

    @property
    def lost(self) -> float:
        """Points of mIoU lost."""
        return 100.0 * (self.then - self.now)


@dataclass(frozen=True)
class ProbeScore:
    """How one learner did on one bank of probes at one tick.

    Attributes:
        learner: name of the learner.
        step: control step of the tick.
        day: day of the life of the tick.
        bank: name of the bank.
        confusion: (S, n, C, C) integers for S phases of n frames; rows truth, columns prediction.
        burst_day: the day on which the burst began that the tick belongs to; None outside one.
    """

    learner: str
    step: int
    day: int
    bank: str
    confusion: NDArray[np.integer]
    burst_day: int | None = None


@dataclass(frozen=True)
class Checkup:
    """What marks cannot show of a learner's net, at one tick.

    Attributes:
        learner: name of the learner.
        step: control step of the tick.
        day: day of the life of the tick.
        numbers: by the names of `agent.monitor.checkups.checkup.NAMES`; None where there was nothing to measure.
    """

    learner: str
    step: int
    day: int
    numbers: Mapping[str, float | None]


@dataclass(frozen=True)
class Inputs:
    """What a day of the stream looked like, to one who learns nothing from it.

    Attributes:
        step: control step of its last frame.
        day: day of the life.
        frames: how many there were.
        statistics: means of the day, by name (`agent.monitor.inputs.STATISTICS`).
        signals: by name, how far the block that ended with the day is from the reference [standard deviations]; of
            `step`, how much the last three blocks agree on a change. None where there is no reference yet, or where
            the block has not ended.
        block_frames: frames of a block of whole days.
        tau_frames: integrated autocorrelation time, which sets them [frames].
    """

    step: int
    day: int
    frames: int
    statistics: Mapping[str, float]
    signals: Mapping[str, float | None]
    block_frames: int
    tau_frames: float


@dataclass(frozen=True)
class Alarm:
    """A detector has found a change.

    Attributes:
        step: control step at which it was raised.
        day: day of the life.
        detector: its family.
        signal: what it listened to.
        value: of the signal in the block that raised it.
        threshold: of the detector, in its own unit.
    """

    step: int
    day: int
    detector: str
    signal: str
    value: float
    threshold: float
