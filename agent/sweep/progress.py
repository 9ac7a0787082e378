"""What a person sees while a sweep goes on: one bar for all, a line a trial that is being lived, in 80 columns."""

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn
from rich.progress import Progress as Bars

from agent.forecast import clock
from agent.sweep.engine import Began, Lost
from agent.sweep.life import Outcome
from agent.sweep.run import SweepWatcher
from agent.sweep.trials import Trial
from agent.sweep.watch import words_of

LOOK_EVERY_S = 1.0
NAME_WIDTH = 34
MOST_ROWS = 16  # trials that have a line of their own


class Progress(SweepWatcher):
    """A rich progress display; where there is no terminal, a line for each trial that ends.

    Args:
        console: where to; the standard output by default.
    """

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console()
        self._bars = Bars(
            TextColumn(f"{{task.description:<{NAME_WIDTH}}}", table_column=None),
            BarColumn(bar_width=8),
            TextColumn("{task.percentage:>3.0f}%"),
            TextColumn("{task.fields[note]}"),
            console=self.console,
            disable=not self.console.is_terminal,
        )
        self._rows: dict[str, TaskID] = {}
        self._whole: TaskID | None = None
        self._short: dict[str, str] = {}  # by trial
        self._ended = 0
        self._before, self._began_s = 0, 0.0
        self._folder = Path()
        self._over = threading.Event()
        self._looking: threading.Thread | None = None

    def begin(self, folder: Path, trials: Sequence[Trial], done: Sequence[str], engine: str) -> None:
        """Show what is going to be done."""
        self._folder, self._short = folder, short_names(trials)
        self._before = self._ended = len(done)
        self._began_s = time.monotonic()
        kept = f", {len(done)} of them done before" if done else ""
        self.console.print(f"[bold]{len(trials)} trials[/bold]{kept}: {engine}", highlight=False)
        self.console.print(f"folder: {folder}", highlight=False, soft_wrap=True)
        self._bars.start()
        self._whole = self._bars.add_task("everything", total=len(trials), completed=len(done), note="")
        self._looking = threading.Thread(target=self._look, daemon=True)
        self._looking.start()

    def tell(self, message: Any) -> None:
        """A line for what ended, or was lost."""
        if isinstance(message, Began):
            return
        name = self._short[message.name]
        if isinstance(message, Lost):
            self._say(f"[bold]lost[/bold]   {name}: {message.said}; taken up again ({message.attempt})")
        elif isinstance(message, Outcome):
            self._drop(message.name)
            if message.ended == "stopped":
                return
            self._ended += 1
            how = {"resumed": ", resumed", "begun anew": f", begun anew: {message.said}"}.get(message.begun, "")
            count = f"{self._ended:>{len(str(len(self._short)))}}/{len(self._short)}"
            if message.ended == "finished":
                self._say(f"{count} {name}: {message.seconds:.0f} s on {message.host}{how}")
            else:
                self._say(f"{count} [bold]failed[/bold] {name}: {message.said}")

    def end(self) -> None:
        """Take the bars away."""
        self._over.set()
        if self._looking is not None:
            self._looking.join()
        self._bars.stop()

    def _say(self, line: str) -> None:
        self.console.print(line, highlight=False, soft_wrap=True)

    def _look(self) -> None:
        """Follow the trials by what they write down."""
        while not self._over.wait(LOOK_EVERY_S if self.console.is_terminal else 60.0):
            words = words_of(self._folder)
            for name in [name for name in self._rows if name not in words]:
                self._drop(name)
            for name, word in words.items():
                if name not in self._rows and name in self._short and len(self._rows) < MOST_ROWS:
                    self._rows[name] = self._bars.add_task(_cut(self._short[name]), total=1.0, note="")
                if name in self._rows:
                    self._bars.update(self._rows[name], completed=word.share, note=word.note)
            self._move(sum(word.share for word in words.values()))

    def _move(self, under_way: float) -> None:
        """Move the bar of all."""
        if self._whole is None:
            return
        done, total = self._ended + under_way, len(self._short)
        past_s = time.monotonic() - self._began_s
        fresh = done - self._before
        left_s = past_s * (total - done) / fresh if fresh > 0.05 else None
        note = f"{self._ended} of {total} over, {clock(left_s)} left"
        self._bars.update(self._whole, completed=done, note=note)

    def _drop(self, name: str) -> None:
        row = self._rows.pop(name, None)
        if row is not None:
            self._bars.remove_task(row)


def short_names(trials: Sequence[Trial]) -> dict[str, str]:
    """What tells each trial from the others, in a few words, by its name."""
    parts = {
        trial.name: (
            ", ".join(trial.learners),
            trial.scenario.name,
            f"seed {trial.options.seed}",
            *(f"{key} {value}" for key, value in trial.varied),
        )
        for trial in trials
    }
    differ = [len(set(column)) > 1 for column in zip(*parts.values(), strict=True)]
    return {
        name: " ".join(part for part, told in zip(own, differ, strict=True) if told) or own[0]
        for name, own in parts.items()
    }


def _cut(name: str) -> str:
    return name if len(name) <= NAME_WIDTH else f"{name[: NAME_WIDTH - 1]}…"
