"""A folder of somebody's own dated images and masks as a place: it is lived through in the order of time.

    place = FolderPlace(Path("my_garden"))
    run(RunOptions(out=Path("runs")), place=place)

`docs/own_data.md` says how to lay the folder out.
"""

import hashlib
import math
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from agent.folder.error import FolderError
from agent.folder.exam import hold_out
from agent.folder.frames import Tell, keep_frames, map_frames, read
from agent.folder.listing import survey
from agent.folder.pixels import read_image, shrink
from agent.folder.stations import phase_of_days, phases_of
from agent.folder.stream import FolderStream
from agent.monitor.probes import Bank
from agent.monitor.scores import ClassInfo
from agent.seasons import season
from agent.stream import LABELS_PER_BLOCK
from scenarios.tables import IGNORE

BANK = "held_out"
CACHE = Path("runs") / ".frames"
SIDES = 8  # pixels that both sides of a frame are a multiple of: the default net halves them three times
COMMISSIONING_SHARE = 1 / 8  # of the span
PICTURE_PX = 192  # height of a picture for people


class FolderPlace:
    """A folder lived through; implements `agent.place.Place`, which says what its attributes are.

    Every file is read and checked here, before anything is learned. Frames are decoded once and kept in `cache`; in
    another process only that is read. The place itself is small and picklable; two are equal if equal frames are seen.

    Args:
        root: the folder.
        frame_px: height and width that images are brought to; multiples of 8.
        learn_every: frames of a block; as many as bring `labels_per_block` answers on average if it is not given.
        labels_per_block: answers of a block that are learned from, at most.
        commissioning_days: an eighth of the span if not given, and as much longer as brings a block of answers.
        southern: whether summer is in January.
        seed: draws what is held out, and the first weights.
        cache: folder in which the decoded frames are kept; it may be deleted at any time but during a run.
        tell: is told how many images are decoded, and of how many.

    Raises:
        FolderError: the folder cannot be lived in as it is; the message names the file and what would do.
    """

    def __init__(
        self,
        root: Path | str,
        *,
        frame_px: tuple[int, int] = (64, 64),
        learn_every: int | None = None,
        labels_per_block: int = LABELS_PER_BLOCK,
        commissioning_days: int | None = None,
        southern: bool = False,
        seed: int = 0,
        cache: Path | str = CACHE,
        tell: Tell = lambda done, total: None,
    ) -> None:
        _check(frame_px, learn_every, labels_per_block)
        self.root, self.frame_px, self.southern, self.seed = Path(root).resolve(), frame_px, southern, seed
        self.labels_per_block = labels_per_block
        self._listing = survey(self.root)
        self._contents, self._kept = keep_frames(self._listing, frame_px, Path(cache).resolve(), tell)
        self._answered = _answered(map_frames(self._kept).truth)
        if not self._answered.any():
            raise FolderError(f"{self.root}: no image has a mask with an answer in it; put some into masks/")
        self.phases = phases_of(self.start, self.days, self._answered_days(), southern=southern)
        phase_of = phase_of_days(self.start, self.days, self.phases)[list(self._listing.days)]
        self._exam, away = hold_out(phase_of, self._answered, len(self.phases), seed)
        self._lived = np.flatnonzero(~away)
        self.learn_every = learn_every or self._usual_block()
        self.commissioning_days = self._usual_commissioning() if commissioning_days is None else commissioning_days
        self._check_life()

    @property
    def name(self) -> str:
        return self.root.name or "frames"

    @property
    def told(self) -> str:
        """One line about it, for people."""
        answered, held_out = int(self._answered.sum()), self.exam_frames
        return (
            f"{len(self._answered)} images, {answered} of them with a mask, {held_out} of these held out for the exam"
        )

    @property
    def fingerprint(self) -> str:
        blocks = self.learn_every, self.labels_per_block, self.commissioning_days
        parts = self._contents, self.frame_px, blocks, self.southern, self.seed
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

    @property
    def start(self) -> date:
        return self._listing.dates[0]

    @property
    def days(self) -> int:
        return self._listing.days[-1] + 1

    @property
    def life_steps(self) -> int:
        return len(self._lived)

    @property
    def commissioning_steps(self) -> int:
        steps = sum(self._listing.days[row] < self.commissioning_days for row in self._lived)
        return steps // self.learn_every * self.learn_every

    @property
    def classes(self) -> tuple[ClassInfo, ...]:
        return self._listing.classes

    @property
    def phase_days(self) -> tuple[int, ...]:
        return tuple((phase.dates[0] - self.start).days for phase in self.phases)

    @property
    def exam_frames(self) -> int:
        return self._exam.size

    def season(self, day: int) -> str:
        """The meteorological season of a day of the life."""
        return season(date.fromordinal(self.start.toordinal() + day), southern=self.southern)

    def as_config(self) -> dict[str, Any]:
        """What was chosen about the folder, and what it holds."""
        return {
            "frames": {
                "name": self.name,
                "summary": self.told,
                "frame_px": list(self.frame_px),
                "commissioning_days": self.commissioning_days,
                "southern": self.southern,
                "contents": self._contents,
            }
        }

    def stream(self) -> FolderStream:
        """The life."""
        return FolderStream(
            kept=self._kept,
            rows=self._lived,
            days=self._listing.days,
            hours=self._listing.hours,
            answered=self._answered,
            learn_every=self.learn_every,
            labels_per_block=self.labels_per_block,
        )

    def banks(self) -> dict[str, Bank]:
        """The exam: one bank, of stretches that the stream passes over."""
        frames, rows = map_frames(self._kept), self._exam
        return {
            BANK: Bank(
                name=BANK,
                images=frames.images[rows],
                truth=frames.truth[rows],
                days=np.array(self._listing.days)[rows],
                hours=np.array(self._listing.hours)[rows],
                poses=np.full((*rows.shape, 3), np.nan),
            )
        }

    def nature(self) -> dict[str, list[float]]:
        """Nothing: pictures do not say what the place did."""
        return {}

    def picture(self, bank: Bank, phase: int, frame: int) -> np.ndarray:
        """The image as it was taken, (192, W, 3) uint8, of the shape of a frame; the frame itself if it is gone."""
        height, width = self.frame_px
        size_px = PICTURE_PX, round(PICTURE_PX * width / height)
        path = self._listing.images[self._exam[phase, frame]]
        try:
            return shrink(read_image(path, read(path)), size_px)
        except FolderError:  # deleted since; at the end of a run that is no reason to lose its report
            return shrink(np.ascontiguousarray(bank.images[phase, frame].transpose(1, 2, 0)), size_px)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FolderPlace) and other.fingerprint == self.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def _answered_days(self) -> list[int]:
        return [day for day, answered in zip(self._listing.days, self._answered, strict=True) if answered]

    def _usual_block(self) -> int:
        """As many frames as bring the answers of an update on average."""
        share = max(self._answered[self._lived].mean(), 1 / len(self._lived))
        return math.ceil(self.labels_per_block / share)

    def _usual_commissioning(self) -> int:
        """An eighth of the span, or until a block's worth of answers has come."""
        stream, answers, needed = self.stream(), 0, math.ceil(COMMISSIONING_SHARE * self.days)
        for end, told in zip(stream.ends, stream.arrivals(), strict=True):
            answers += len(told)
            if answers >= self.labels_per_block:
                return max(needed, self._listing.days[self._lived[end - 1]] + 1)
        return needed

    def _check_life(self) -> None:
        """See that there is something to begin with, and something to live through after it."""
        stream, first = self.stream(), self.commissioning_steps
        answers = sum(len(told) for end, told in zip(stream.ends, stream.arrivals(), strict=True) if end <= first)
        if answers and first + self.learn_every <= self.life_steps:
            return
        raise FolderError(
            f"{self.root}: {self.life_steps} of the {len(self._answered)} images are lived through, in blocks of "
            f"{self.learn_every}; {self.commissioning_days} days of commissioning take {first} of them with {answers} "
            "answers; there must be answers in it, and a whole block after it: add images and masks, or choose other "
            "commissioning days or shorter blocks"
        )


def _answered(truth: np.ndarray) -> np.ndarray:
    """(N,) bool, whether any pixel of a label map (N, h, w) is answered; read part by part, for it may be long."""
    parts = [(truth[i : i + 1024] != IGNORE).any((1, 2)) for i in range(0, len(truth), 1024)]
    return np.concatenate(parts)


def _check(frame_px: tuple[int, int], learn_every: int | None, labels_per_block: int) -> None:
    """See that what was chosen makes sense."""
    if min(frame_px) < SIDES or any(side % SIDES for side in frame_px):
        raise FolderError(f"frames of {frame_px[0]} x {frame_px[1]} px; give multiples of {SIDES}, as 64 x 64")
    if labels_per_block < 1 or (learn_every is not None and learn_every < 1):
        raise FolderError(f"blocks of {learn_every} frames with {labels_per_block} answers; give at least 1 of each")
