"""What a trial tells while it goes on, wherever it is lived: a small file in the sweep's folder, which all can see.

The same folder says when all should stop. So a trial needs no connection to who follows it, and the display is the
same with Ray and without.
"""

import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from agent.brief import Brief
from agent.monitor.monitor import Monitor
from agent.monitor.scores import StreamScore
from agent.run import Watcher
from agent.sweep.trials import PROGRESS
from agent.tasks import Advanced

STOP = "stop"  # a file of this name asks all trials to stop
EVERY_S = 1.0  # between two words


@dataclass(frozen=True)
class Word:
    """How far a trial has come.

    Attributes:
        share: of its life, 0 to 1.
        note: what it is at.
        host: where.
    """

    share: float
    note: str
    host: str


class TrialWatcher(Watcher):
    """Writes down how far a trial is, and ends it when the sweep is to stop.

    Args:
        sweep: the sweep's folder.
        name: of the trial.
        host: where it is lived.
        begun: is called when it is about to be lived.
    """

    def __init__(self, sweep: Path, name: str, host: str, begun: Callable[[], None] = lambda: None) -> None:
        self._file, self._stop = progress_file(sweep, name), sweep / STOP
        self._host, self._begun, self._share, self._told_s = host, begun, 0.0, 0.0
        self._brief: Brief | None = None
        self._end: Callable[[], None] = lambda: None

    def begin(self, brief: Brief, tasks: list[str]) -> None:
        self._brief = brief
        self._begun()
        self._tell("commissioning")

    def may_end(self, end: Callable[[], None]) -> None:
        self._end = end
        if self._stop.exists():
            end()

    def message(self, message: Any, monitor: Monitor | None) -> None:
        """Tell at most once a second."""
        if time.monotonic() < self._told_s + EVERY_S:
            return
        if isinstance(message, Advanced):
            self._tell(message.task)
        elif isinstance(message, StreamScore) and self._brief is not None and monitor is not None:
            place = self._brief.place
            lived = message.step - place.commissioning_steps
            self._share = max(self._share, lived / max(1, place.life_steps - place.commissioning_steps))
            day = place.start + timedelta(days=message.day)
            self._tell(f"{day:%d %b %y} mIoU {monitor.now(message.learner)['miou']:.2f}")

    def close(self) -> None:
        """Take the file away."""
        self._file.unlink(missing_ok=True)

    def _tell(self, note: str) -> None:
        self._told_s = time.monotonic()
        self._file.parent.mkdir(exist_ok=True)
        unfinished = self._file.with_suffix(f".{os.getpid()}.part")
        unfinished.write_text(json.dumps(asdict(Word(self._share, note, self._host))), encoding="utf-8")
        unfinished.replace(self._file)
        if self._stop.exists():
            self._end()


def progress_file(sweep: Path, name: str) -> Path:
    """Where a trial says how far it is; it is there only while it is lived."""
    return sweep / PROGRESS / f"{name}.json"


def words_of(sweep: Path) -> dict[str, Word]:
    """How far every trial is that is being lived, by name."""
    found = {}
    for path in sorted((sweep / PROGRESS).glob("*.json")):
        try:
            found[path.stem] = Word(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, TypeError, ValueError):  # it has just ended
            continue
    return found
