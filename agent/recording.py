"""A recording: a place whose life and exam were drawn once and are read back from a folder, bit for bit.

Many learners can then live the same life without anybody drawing it again. Frames lie as plain NumPy arrays, mapped
into memory, so that processes beside each other share them.
"""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.format import open_memmap

from agent.monitor.probes import Bank
from agent.monitor.scores import ClassInfo, Phase
from agent.place import Place
from agent.stream import Block

ABOUT, CONFIG = "about.json", "config.json"
BANK_ARRAYS = ("images", "truth", "days", "hours", "poses")
BLOCK_COLUMNS = ("step", "day", "asked", "frames", "labelled")  # of blocks.npy, one row a block
OF_A_ROBOT = ("senses", "actions")  # what a block has only where a robot looks


def record(place: Place, folder: Path) -> "RecordedPlace":
    """Keep a place in a folder of its own within `folder`, unless it is kept there already.

    It is written beside where it will lie and moved there when it is whole, so that a recording that was broken off
    is never taken for one, and two processes that record the same place do not disturb each other.

    Args:
        place: what to keep; places of equal fingerprints are one.
        folder: holds recordings; made if it is missing.

    Raises:
        ValueError: the place's stream is not as long as the place says.
    """
    kept = folder / f"{place.name}-{place.fingerprint}"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".unfinished-") as scratch:
            unfinished = Path(scratch) / "recording"
            unfinished.mkdir()
            _write_life(place, unfinished)
            about = _about(place) | {"banks_told": _write_exam(place, unfinished)}
            (unfinished / CONFIG).write_text(json.dumps(place.as_config()), encoding="utf-8")
            (unfinished / ABOUT).write_text(json.dumps(about), encoding="utf-8")
            try:
                unfinished.rename(kept)
            except OSError:
                if not kept.exists():  # else somebody was faster, with the same bits
                    raise
    return RecordedPlace.at(kept)


@dataclass(frozen=True)
class RecordedPlace:
    """A place that was recorded; implements `agent.place.Place`, whose attributes these are.

    Attributes:
        folder: where the recording lies.
        seasons: of every day of the life, and of the days after it on which a phase is at its middle.
        banks_told: names of the banks, in the order of the exam.
    """

    folder: Path
    name: str
    told: str
    fingerprint: str
    seed: int
    start: date
    days: int
    commissioning_days: int
    life_steps: int
    commissioning_steps: int
    learn_every: int
    labels_per_block: int
    frame_px: tuple[int, int]
    classes: tuple[ClassInfo, ...]
    phases: tuple[Phase, ...]
    phase_days: tuple[int, ...]
    exam_frames: int
    seasons: tuple[str, ...]
    banks_told: tuple[str, ...]

    @classmethod
    def at(cls, folder: Path) -> "RecordedPlace":
        """The recording in a folder."""
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        parsed: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in about.items()
        }
        parsed["folder"] = folder
        parsed["start"] = date.fromisoformat(about["start"])
        parsed["classes"] = tuple(ClassInfo(name, tuple(rgb)) for name, rgb in about["classes"])
        parsed["phases"] = tuple(Phase(name, tuple(map(date.fromisoformat, days))) for name, days in about["phases"])
        return cls(**parsed)

    def season(self, day: int) -> str:
        """The season of a day of the life.

        Raises:
            IndexError: for a day of which the recording says nothing.
        """
        if not 0 <= day < len(self.seasons):
            raise IndexError(f"the recording knows days 0 to {len(self.seasons) - 1}, not {day}")
        return self.seasons[day]

    def as_config(self) -> dict[str, Any]:
        """What the place itself said of it."""
        return json.loads((self.folder / CONFIG).read_text(encoding="utf-8"))

    def stream(self) -> "RecordedStream":
        return RecordedStream(self.folder)

    def banks(self) -> dict[str, Bank]:
        """The exam; the last few are kept."""
        return _banks(self)

    def nature(self) -> dict[str, list[float]]:
        """Nothing: frames and answers were recorded, and not what the place did."""
        return {}

    def picture(self, bank: Bank, phase: int, frame: int) -> np.ndarray:
        """A frame of a bank as it is: a recording has none larger."""
        return bank.images[phase, frame].transpose(1, 2, 0).copy()


class RecordedStream:
    """A recorded life; implements `agent.place.Stream`.

    Args:
        folder: of the recording.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def ends(self) -> list[int]:
        return _read(self._folder, "blocks")[:, BLOCK_COLUMNS.index("step")].tolist()

    def arrivals(self) -> Iterator[list[int]]:
        steps, begin = _read(self._folder, "arrivals").tolist(), 0
        for labelled in _read(self._folder, "blocks")[:, BLOCK_COLUMNS.index("labelled")].tolist():
            yield steps[begin : begin + labelled]
            begin += labelled

    def __iter__(self) -> Iterator[Block]:
        images, truth, poses, hours, labelled_images, labelled_truth = (
            _read(self._folder, name)
            for name in ("images", "truth", "poses", "hours", "labelled_images", "labelled_truth")
        )
        own_body = {name: _read(self._folder, name) for name in OF_A_ROBOT if (self._folder / f"{name}.npy").exists()}
        begin, answered = 0, 0
        for step, day, asked, frames, labelled in _read(self._folder, "blocks").tolist():
            own, told = slice(begin, begin + frames), slice(answered, answered + labelled)
            yield Block(
                step=step,
                day=day,
                images=images[own],
                truth=truth[own],
                labelled=(labelled_images[told], labelled_truth[told]),
                asked=asked,
                poses=poses[own],
                hours=hours[own],
                **{name: column[own] for name, column in own_body.items()},
            )
            begin, answered = own.stop, told.stop


def _about(place: Place) -> dict[str, Any]:
    """What can be said of a place without looking at its frames, for JSON."""
    plain = (
        "name", "told", "fingerprint", "seed", "days", "commissioning_days", "life_steps", "commissioning_steps",
        "learn_every", "labels_per_block", "frame_px", "phase_days", "exam_frames",
    )  # fmt: skip
    return {name: getattr(place, name) for name in plain} | {
        "start": place.start.isoformat(),
        "classes": [(known.name, known.rgb) for known in place.classes],
        "phases": [(phase.name, [day.isoformat() for day in phase.dates]) for phase in place.phases],
        "seasons": [place.season(day) for day in range(max(place.days, *place.phase_days) + 1)],
    }


def _write_life(place: Place, folder: Path) -> None:
    """Write all blocks; the arrays are laid out before the first frame is drawn, and none is held in memory."""
    stream = place.stream()
    arrivals = [list(steps) for steps in stream.arrivals()]
    np.save(folder / "arrivals.npy", np.array([step for steps in arrivals for step in steps], np.int64))
    frames, labelled = place.life_steps, sum(map(len, arrivals))
    arrays: dict[str, np.ndarray] = {}
    done: dict[str, int] = {}
    rows = []
    for block in stream:
        columns = {"images": block.images, "truth": block.truth, "poses": block.poses, "hours": block.hours}
        columns |= {name: getattr(block, name) for name in OF_A_ROBOT if getattr(block, name) is not None}
        answered = {"labelled_images": block.labelled[0], "labelled_truth": block.labelled[1]}
        for name, column in (columns | answered).items():
            if name not in arrays:
                shape = (labelled if name in answered else frames, *column.shape[1:])
                arrays[name], done[name] = _empty(folder / f"{name}.npy", column.dtype, shape), 0
            if done[name] + len(column) > len(arrays[name]):
                raise ValueError(f"'{place.name}' has more {name} than the {len(arrays[name])} that were announced")
            arrays[name][done[name] : done[name] + len(column)] = column
            done[name] += len(column)
        rows.append((block.step, block.day, block.asked, len(block.images), len(block.labelled[1])))
    for name, array in arrays.items():
        if done[name] < len(array):
            raise ValueError(f"'{place.name}' has {done[name]} {name}; {len(array)} were announced")
    np.save(folder / "blocks.npy", np.array(rows, np.int64))


def _write_exam(place: Place, folder: Path) -> list[str]:
    """Write all banks; returns their names in order."""
    banks = place.banks()
    for name, bank in banks.items():
        for array in BANK_ARRAYS:
            np.save(folder / f"bank-{name}-{array}.npy", getattr(bank, array))
    return list(banks)


def _empty(path: Path, dtype: np.dtype, shape: tuple[int, ...]) -> Any:
    """A file to be filled; one without rows cannot be mapped and needs no filling."""
    if shape[0]:
        return open_memmap(path, "w+", dtype, shape)
    np.save(path, np.empty(shape, dtype))
    return np.empty(shape, dtype)


def _read(folder: Path, name: str) -> np.ndarray:
    """An array of the recording, mapped into memory; what is written to it goes nowhere."""
    path = folder / f"{name}.npy"
    try:
        return np.asarray(np.load(path, mmap_mode="c"))
    except ValueError:  # one without rows cannot be mapped
        return np.load(path)


@lru_cache(maxsize=2)
def _banks(place: RecordedPlace) -> dict[str, Bank]:
    return {
        name: Bank(name, **{array: _read(place.folder, f"bank-{name}-{array}") for array in BANK_ARRAYS})
        for name in place.banks_told
    }
