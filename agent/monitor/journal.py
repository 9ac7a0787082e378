"""The files that a monitor writes: rows of several speakers, which come as they come, in one order in the end.

Learners live in processes of their own, and which of them is faster is chance. So every row has a *speaker* (a
learner, a reference, the stream monitor), whose rows stay in the order in which they came; when the file is closed
they are put together speaker by speaker. What was read from a clock goes to a file of its own. So two runs of the same
options leave the same bytes in `metrics.jsonl`, whatever ran beside what.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.monitor.loss_alarm import SIGNAL
from garden_env.whole import write_whole

METRICS, TIMING = "metrics.jsonl", "timing.jsonl"
FIRST, STREAM, LAST = "first", "stream", "last"  # speakers beside learners and references

Row = dict[str, Any]
Counts = dict[str, dict[str, int]]
"""By file and speaker, rows."""


class Journal:
    """The log of a run as files.

    Args:
        folder: where they are; it must hold none of them, unless they go on.
        learners: in the order of the run.
        kept: where the files go on: how many rows of each speaker stay; the rest, and a torn last line, is cut off.

    Raises:
        FileExistsError: there are files, and nothing is to go on.
        ValueError: there are fewer rows than should be kept.
    """

    def __init__(self, folder: Path, learners: Sequence[str], *, kept: Counts | None = None) -> None:
        self._learners = list(learners)
        self._files = {
            name: _Lines(folder / name, None if kept is None else kept.get(name, {})) for name in (METRICS, TIMING)
        }

    @property
    def counts(self) -> Counts:
        """Rows written so far."""
        return {name: dict(lines.counts) for name, lines in self._files.items()}

    def write(self, row: Row) -> None:
        """Append a row at once, whole or not at all; its seconds go to a row of their own.

        Raises:
            OSError: it cannot be written; the error names the file.
        """
        row, seconds = dict(row), row.get("seconds")
        if row.pop("seconds", None) is not None:
            named = {key: row[key] for key in ("kind", "learner", "day") if key in row}
            self._files[TIMING].write(named | {"seconds": seconds})
        self._files[METRICS].write(row)

    def sync(self) -> None:
        """See that all rows so far outlast a power cut."""
        for lines in self._files.values():
            lines.sync()

    def close(self) -> None:
        """Close the files, speaker by speaker in the order of the run; closing twice is as closing once."""
        opened = [lines for lines in self._files.values() if not lines.closed]
        for lines in opened:
            lines.close()
        for lines in opened:
            lines.put_in_order(self._rank)

    @property
    def closed(self) -> bool:
        return self._files[METRICS].closed

    def _rank(self, who: str) -> tuple[int, int, str]:
        if who in self._learners:
            return 2, self._learners.index(who), who
        return {FIRST: 0, STREAM: 1, LAST: 4}.get(who, 3), 0, who


def speaker(row: Row) -> str:
    """Whose row it is."""
    match row["kind"]:
        case "begin" | "truth" | "nature":
            return FIRST
        case "inputs":
            return STREAM
        case "alarm":
            return row["signal"].removeprefix(SIGNAL) if row["signal"].startswith(SIGNAL) else STREAM
        case "end":
            return LAST
        case "reference":
            return row["name"]
        case _:
            return row["learner"]


class _Lines:
    """A file of JSON rows, one a line."""

    def __init__(self, path: Path, kept: Mapping[str, int] | None) -> None:
        self._path = path
        self._speakers: list[str] = []  # of each row; one text for all rows of one speaker
        self.counts = Counter[str]()
        if kept is not None:
            self._cut(kept)
        self._file = path.open("xb" if kept is None else "ab", buffering=0)

    @property
    def closed(self) -> bool:
        return self._file.closed

    def write(self, row: Row) -> None:
        who, line = speaker(row), (json.dumps(row, separators=(",", ":")) + "\n").encode()
        whole = self._file.seek(0, os.SEEK_END)
        try:
            written = 0
            while written < len(line):  # a disk that gets full takes a part
                written += self._file.write(line[written:])
        except OSError as error:
            self._file.truncate(whole)  # half a row would spoil the next one
            raise OSError(error.errno, error.strerror, str(self._path)) from error
        self._note(who)

    def _note(self, who: str) -> None:
        self._speakers.append(sys.intern(who))
        self.counts[who] += 1

    def sync(self) -> None:
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()

    def put_in_order(self, rank: Any) -> None:
        order = sorted(range(len(self._speakers)), key=lambda i: rank(self._speakers[i]))  # stable
        if order != list(range(len(order))):
            lines = self._path.read_bytes().splitlines(keepends=True)
            write_whole(self._path, b"".join(lines[i] for i in order))

    def _cut(self, kept: Mapping[str, int]) -> None:
        """Leave of each speaker the first rows; what was not written to its end is not a row."""
        lines = self._path.read_bytes().splitlines(keepends=True) if self._path.is_file() else []
        stay = []
        for line in lines:
            if not line.endswith(b"\n"):
                continue  # torn: the process died while it was written
            who = speaker(json.loads(line))
            if self.counts[who] < kept.get(who, 0):
                self._note(who)
                stay.append(line)
        for who, rows in kept.items():
            if self.counts[who] < rows:
                raise ValueError(
                    f"{self._path} holds {self.counts[who]} rows of {who}, fewer than the {rows} that were saved"
                )
        if stay != lines:
            write_whole(self._path, b"".join(stay))
