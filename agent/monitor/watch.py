"""The stream monitor: it sees what the robot sees, no date, no label and no truth, and says when something has changed.

watch = StreamMonitor(FixedFeatures(net, frame_px))
for block in watch.passing(stream, emit): ...      # the stream goes on unchanged
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from agent.ground_geometry import ground_points
from agent.monitor.autocorrelation import autocorrelation_time, block_days
from agent.monitor.detectors import Adwin, Cusum, Detector, Level, PageHinkley, Thresholds
from agent.monitor.fixed_features import FixedFeatures
from agent.monitor.inputs import STATISTICS, pixel_statistics
from agent.monitor.local import Local
from agent.monitor.places import Places, learn_places
from agent.monitor.reference import FEWEST, Reference
from agent.monitor.scores import Alarm, Inputs
from agent.monitor.shape import Shape
from agent.monitor.steps import Steps
from agent.stream import Block
from scenarios.spec import CameraSpec

Floats = NDArray[np.float64]
PROJECTED = 8  # numbers of a block whose distance from the reference is taken; it has too few blocks for more
PARTS = 16  # into which `local` cuts a row of the picture: four pixels each of the robot's own camera
DRAWN = 7040  # seed of the projection
FAMILIES = ("page-hinkley", "adwin", "location", "shape", "step", "local")
REFERENCE_DAYS = 21  # whose looks are the reference: as long as the commissioning of a robot
MOST_DAYS = 3  # of a block, so that the reference holds seven; what the stream remembers longer counts as drift


class StreamMonitor:
    """Watches a stream in blocks of whole days.

    The first days are the reference. They also say what is usual at which place, how long the stream remembers (and
    with that how many days a block has), and how much blocks differ. After an alarm a new reference begins at once: its
    mean is that of the blocks since, its spread at first that of the old one, until there are as many blocks again.

    Args:
        features: of a net that never changes.
        families: of detectors that are heard; the others are left out.
        thresholds: where they are set.
        camera: as it was mounted, for `local`, which must know where on the ground a pixel looks; None where there is
            no robot: then `local` is not heard.
    """

    def __init__(
        self,
        features: FixedFeatures,
        *,
        families: tuple[str, ...] = FAMILIES,
        thresholds: Thresholds | None = None,
        camera: CameraSpec | None = None,
    ) -> None:
        self.features = features
        ground = None if camera is None else parts_on_ground(camera)
        self._parts = (1, 1) if ground is None else (len(ground), len(ground[0]))
        self._judge = Judge(families, thresholds or Thresholds(), ground)
        self._day: int | None = None
        self._step = 0
        self._frames: list[Floats] = []
        self._senses: list[NDArray[np.floating] | None] = []
        self._answers: list[NDArray[np.uint8]] = []

    def passing(self, stream: Iterable[Block], emit: Callable[[Inputs | Alarm], None]) -> Iterator[Block]:
        """Look at each block on its way to somebody else."""
        for block in stream:
            for event in self.look(block):
                emit(event)
            yield block
        for event in self.close():
            emit(event)

    def look(self, block: Block) -> list[Inputs | Alarm]:
        """See a block: only its frames and what the robot felt; that a night has passed is all it knows of the date."""
        told = self.close() if self._day is not None and block.day != self._day else []
        self._day, self._step = block.day, block.step
        features, answers = self.features.look(block.images, self._parts)
        norm = np.linalg.norm(features, axis=1, keepdims=True)
        self._frames.append(np.hstack([pixel_statistics(block.images), norm, features]))
        self._senses.append(block.senses)
        self._answers.append(answers)
        return told

    def close(self) -> list[Inputs | Alarm]:
        """End the day; nothing if there was none."""
        if not self._frames:
            return []
        frames = np.concatenate(self._frames)
        senses = None if self._senses[0] is None else np.concatenate([s for s in self._senses if s is not None])
        answers = np.concatenate(self._answers)
        self._frames, self._senses, self._answers = [], [], []
        assert self._day is not None, "frames without a day"
        return self._judge.day(self._day, self._step, frames, senses, answers)


class Judge:
    """What the stream monitor concludes from days of frames that are already numbers.

    Args:
        families: of detectors that are heard; `step`, `shape` and `local` are not worked out where they are not.
        thresholds: where they are set.
        ground: (R, C, 2) where on the ground each part of a picture looks, see `Local`; None: `local` hears nothing.
    """

    def __init__(
        self, families: tuple[str, ...], thresholds: Thresholds, ground: NDArray[np.floating] | None = None
    ) -> None:
        unknown = [family for family in families if family not in FAMILIES]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is no family of detectors; there are {', '.join(FAMILIES)}")
        self._families, self._thresholds = families, thresholds
        self._first: list[tuple[Floats, NDArray[np.floating] | None]] = []  # days of the first reference
        self._places: Places | None = None
        self._open: list[Floats] = []  # days of the block in progress
        self._days_a_block, self._tau = 1, 1.0
        self._looks: Reference | None = None
        self._layout: Reference | None = None  # of projected features
        self._shape: Shape | None = None
        self._usual: list[tuple[Floats, Floats]] = []  # block means and their phi, on which the reference rests
        self._steps = Steps()
        self._local = None if ground is None or "local" not in families else Local(ground)
        self._heard: dict[tuple[str, str], Detector] = {}

    def day(
        self,
        day: int,
        step: int,
        frames: Floats,
        senses: NDArray[np.floating] | None,
        answers: NDArray[np.uint8] | None = None,
    ) -> list[Inputs | Alarm]:
        """Take in a day.

        Args:
            day: of the life, only to be repeated in what is told.
            step: control steps lived at its end, likewise.
            frames: (n, 8 + d) float64, columns `STATISTICS` and then the features.
            senses: (n, 9) what the robot felt at each, or None.
            answers: (n, R, C, K) uint8, what the net took each part of them for [1/255], for `local`; or None.

        Returns:
            What the day looked like, and the alarms that it raised.
        """
        signals: dict[str, float | None] = dict.fromkeys((*STATISTICS, "location", "shape", "step", "local"))
        alarms: list[Alarm] = []
        if self._local is not None and senses is not None and answers is not None:
            signals["local"] = self._local.hear(senses, answers)
        if self._places is None:
            self._first.append((frames, senses))
            if len(self._first) == REFERENCE_DAYS:
                self._begin()
        else:
            news = self._places.news(senses, frames)
            if "step" in self._families:
                signals["step"] = self._steps.hear(news[:, len(STATISTICS) :].mean(0))
            self._open.append(news)
            if len(self._open) >= self._days_a_block:
                block, self._open = np.concatenate(self._open), []
                signals |= self._signals(block)
            alarms = self._hear(day, step, signals)
        means: dict[str, float] = dict(zip(STATISTICS, frames.mean(0)[: len(STATISTICS)].tolist(), strict=True))
        count = len(frames) * self._days_a_block
        return [Inputs(step, day, len(frames), means, signals, count, self._tau), *alarms]

    def _begin(self) -> None:
        """Take the first reference: what is usual where, how long a block is, and how blocks look."""
        self._places, days = learn_places(self._first)
        self._first = []
        features = len(STATISTICS)
        self._tau = autocorrelation_time(_first_component(np.concatenate(days)[:, features:]))
        frames_a_day = sum(map(len, days)) / len(days)
        size = self._days_a_block = min(MOST_DAYS, block_days(self._tau, frames_a_day))
        blocks = [np.concatenate(days[i : i + size]) for i in range(0, len(days) - size + 1, size)]
        means = np.stack([block.mean(0) for block in blocks])
        self._looks, self._layout = Reference.of(means[:, :features]), Reference.of(_projected(means))
        self._shape = Shape.of([block[:, features:] for block in blocks])
        self._usual = [(mean, self._shape.phi(block[:, features:])) for mean, block in zip(means, blocks, strict=True)]
        for day in days:
            self._steps.hear(day[:, features:].mean(0))

    def _signals(self, block: Floats) -> dict[str, float | None]:
        """How a block stands to the reference; None where that rests on too few blocks yet."""
        assert self._looks is not None and self._layout is not None and self._shape is not None, "no reference yet"
        features = len(STATISTICS)
        wanted = "shape" in self._families
        mean, phi = block.mean(0), self._shape.phi(block[:, features:]) if wanted else np.zeros(0)
        signals: dict[str, float | None] = {}
        if len(self._usual) >= FEWEST:
            signals |= dict(zip(STATISTICS, self._looks.z(mean[:features]).tolist(), strict=True))
            signals["location"] = self._layout.distance_z(_projected(mean[None])[0])
            if wanted:
                signals["shape"] = self._shape.z(phi, np.stack([usual for _, usual in self._usual]))
        if len(self._usual) < REFERENCE_DAYS // self._days_a_block:
            self._usual.append((mean, phi))
            self._renew(np.stack([usual for usual, _ in self._usual]))
        return signals

    def _renew(self, means: Floats) -> None:
        """Let the reference be what came since the alarm: first its mean, and in the end its spread, too."""
        assert self._looks is not None and self._layout is not None, "no reference yet"
        looks, features = means[:, : len(STATISTICS)], _projected(means)
        if len(means) == REFERENCE_DAYS // self._days_a_block:
            self._looks, self._layout = Reference.of(looks), Reference.of(features)
        elif len(means) >= FEWEST:
            self._looks, self._layout = self._looks.moved(looks), self._layout.moved(features)

    def _hear(self, day: int, step: int, signals: dict[str, float | None]) -> list[Alarm]:
        """Let the detectors hear; after an alarm begin a new reference."""
        raised = []
        for family in self._families:
            for signal in STATISTICS if family in ("page-hinkley", "adwin") else (family,):
                value = signals[signal]
                if value is None:
                    continue
                detector = self._heard.setdefault((family, signal), self._make(family))
                if detector.hear(value):
                    raised.append(Alarm(step, day, family, signal, value, detector.threshold))
        if raised:
            self._heard, self._usual = {}, []
            self._steps.begin_anew()
            if self._local is not None:
                self._local.begin_anew()
        return raised

    def _make(self, family: str) -> Detector:
        at = self._thresholds
        match family:
            case "page-hinkley":
                return PageHinkley(delta=at.page_hinkley_delta, threshold=at.page_hinkley)
            case "adwin":
                return Adwin(threshold=at.adwin / len(STATISTICS))
            case "step":
                return Level(threshold=at.step)
            case "local":
                return Level(threshold=at.local)
            case "location":
                return Cusum(drift=at.distance_drift, threshold=at.location)
            case _:
                return Cusum(drift=at.distance_drift, threshold=at.shape)


def parts_on_ground(camera: CameraSpec) -> NDArray[np.float32]:
    """Where on the ground each part of a picture looks, (R, C, 2), for `PARTS` columns of square parts."""
    return ground_points(camera, max(1, camera.width_px // PARTS))


def _projected(means: Floats) -> Floats:
    """Features of block means (n, 8 + d) along a few directions that are the same for all: (n, at most `PROJECTED`)."""
    return means[:, len(STATISTICS) :] @ _directions(means.shape[1] - len(STATISTICS))


@cache
def _directions(size: int) -> Floats:
    """Orthonormal directions drawn once and for all, (size, at most `PROJECTED`)."""
    draw = np.random.default_rng(DRAWN).standard_normal((size, size))
    return np.linalg.qr(draw)[0][:, :PROJECTED]


def _first_component(features: Floats) -> Floats:
    """The stream along the direction in which its features vary most, (n,)."""
    centred = features - features.mean(0)
    return centred @ np.linalg.svd(centred, full_matrices=False)[2][0]
