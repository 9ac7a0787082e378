"""What a person sees while a run goes on: a line a task, with date, season, score, speed and time left."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from agent.monitor.monitor import Monitor
from agent.monitor.probes import PHASES, phase_days
from agent.monitor.scores import StreamScore
from agent.report.terminal import print_summary
from agent.run import Watcher
from agent.tasks import Advanced, Brief, Commissioned, Spent

REPORT_EVERY = 0.25  # without a terminal, a line is printed whenever a task has done this share more


class Progress(Watcher):
    """A rich progress display; where there is no terminal, plain lines now and then."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console()
        self.interrupted = False
        self._bars = Bars(
            TextColumn("{task.description:<22}"),
            BarColumn(bar_width=16),
            TextColumn("{task.percentage:>3.0f}%"),
            TextColumn("{task.fields[note]}"),
            TimeRemainingColumn(compact=True),
            console=self.console,
            disable=not self.console.is_terminal,
        )
        self._rows: dict[str, TaskID] = {}
        self._row_of: dict[str, str] = {}
        self._began_s: dict[str, float] = {}
        self._reported: dict[str, float] = {}
        self._summary: dict[str, Any] = {}
        self._brief: Brief | None = None

    def __enter__(self) -> "Progress":
        self._bars.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bars.stop()

    def begin(self, brief: Brief, tasks: list[str]) -> None:
        """Show what is going to be done."""
        self._brief = brief
        scenario = brief.scenario
        self.console.print(
            f"[bold]{scenario.name}[/bold]: {scenario.days} days from {scenario.start}, {scenario.climate_name}, "
            f"seed {brief.seed}",
            highlight=False,
        )
        self.console.print(f"report and log: {brief.folder}", highlight=False, soft_wrap=True)
        steps = scenario.days * scenario.steps_per_day - brief.commissioning_steps
        self._add("commissioning", brief.pace.commission_updates)
        for name in tasks:
            known = brief.updates if name == "joint" else steps
            self._add(name, None if name == "joint@converged" else known)
            for learner in name.split():
                self._row_of[learner] = name

    def message(self, message: Any, monitor: Monitor | None) -> None:
        """Move the bars."""
        if isinstance(message, Advanced):
            self._move(message.task, message.done, message.total, message.note)
        elif isinstance(message, Commissioned):
            self._finish("commissioning")
        elif isinstance(message, StreamScore) and monitor is not None and self._brief is not None:
            row = self._row_of[message.learner]
            if message.learner != row.split()[-1]:
                return  # the row is moved by the last of those who share it
            done = message.step - self._brief.commissioning_steps
            began_s = self._began_s.setdefault(row, time.perf_counter())
            speed = done / max(1e-9, time.perf_counter() - began_s)
            now = monitor.now(message.learner)
            day = self._brief.scenario.start + timedelta(days=message.day)
            note = f"{day:%d %b %y} {self._season(message.day):<12} mIoU {now['miou']:.2f} {speed:4.0f} steps/s"
            self._move(row, done, None, note)
        elif isinstance(message, Spent):
            row = self._row_of[message.name]
            if message.name == row.split()[-1]:
                self._finish(row)

    def end(self, folder: Path, summary: dict[str, Any]) -> None:
        """Keep the summary for `conclude`."""
        self._summary = summary
        self.interrupted = summary.get("ended") == "interrupted"

    def conclude(self, folder: Path) -> None:
        """Print the table of learners, the verdict and where the report is; after the bars are gone."""
        options = {"learn_every": self._brief.learn_every} if self._brief else {}
        print_summary(self._summary, self.console, options)
        self.console.print(f"report: {folder / 'report.html'}", highlight=False, soft_wrap=True)

    def _season(self, day: int) -> str:
        assert self._brief is not None
        middles = phase_days(self._brief.scenario)
        nearest = min(range(len(middles)), key=lambda phase: _apart(day, middles[phase]))
        return PHASES[nearest][0]

    def _add(self, name: str, total: int | None) -> None:
        self._rows[name] = self._bars.add_task(_short(name), total=total, start=False, note="")

    def _move(self, name: str, done: int, total: int | None, note: str = "") -> None:
        row = self._rows[name]
        if not self._bars.tasks[row].started:
            self._bars.start_task(row)
        if total is not None:
            self._bars.update(row, total=total)
        self._bars.update(row, completed=done, note=note)
        total = total or int(self._bars.tasks[row].total or 0)
        if not self.console.is_terminal and total and done / total >= self._reported.get(name, 0.0) + REPORT_EVERY:
            self._reported[name] = done / total
            self.console.print(f"{_short(name):<22} {done / total:4.0%} {note}", highlight=False)

    def _finish(self, name: str) -> None:
        row = self._rows[name]
        total = self._bars.tasks[row].total
        self._bars.update(row, total=total or 1, completed=total or 1)


def _apart(a: int, b: int) -> int:
    """Days between two days on the circle of the year."""
    gap = abs(a - b) % 365
    return min(gap, 365 - gap)


def _short(name: str) -> str:
    return name.replace(" ", " + ") if len(name) < 22 else name.split()[-1]
