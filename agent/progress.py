"""What a person sees while a run goes on: a line a task, with date, season, score, speed and time left, in 80 columns.

The first line is the whole run's.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, Task, TaskID, TextColumn
from rich.progress import Progress as Bars
from rich.text import Text

from agent.brief import Brief
from agent.checkpoint import COMMISSIONED
from agent.forecast import Forecast, clock
from agent.monitor.monitor import Monitor
from agent.monitor.plan import UPDATE_FORWARDS
from agent.monitor.scores import StreamScore
from agent.report.terminal import print_summary
from agent.run import Watcher
from agent.tasks import Advanced, Commissioned, Spent

WHOLE, COMMISSIONING = "everything", "commissioning"
NAME_WIDTH = 17  # as long as 'frozen + finetune'
MANY_IMAGES = 200  # of which reading takes long enough to be told of
REPORT_EVERY = 0.25  # without a terminal, a line is printed whenever a task has done this share more


class Progress(Watcher):
    """A rich progress display; where there is no terminal, plain lines now and then.

    Args:
        console: where to; the standard output by default.
        workers: processes of the run, as in its options.
    """

    def __init__(self, console: Console | None = None, *, workers: int = 2) -> None:
        self.console = console or Console()
        self._workers = workers
        self.interrupted = False
        self._bars = Bars(
            TextColumn(f"{{task.description:<{NAME_WIDTH}}}"),
            BarColumn(bar_width=5),
            TextColumn("{task.percentage:>3.0f}%"),
            TextColumn("{task.fields[note]}"),
            _TimeLeft(self._left_s),
            console=self.console,
            disable=not self.console.is_terminal,
        )
        self._rows: dict[str, TaskID] = {}
        self._row_of: dict[str, str] = {}
        self._began_s: dict[str, float] = {}
        self._reported: dict[str, float] = {}
        self._summary: dict[str, Any] = {}
        self._brief: Brief | None = None
        self._forecast: Forecast | None = None

    def __enter__(self) -> "Progress":
        self._bars.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bars.stop()

    def reading(self, done: int, total: int) -> None:
        """Tell every tenth of a large folder."""
        if total >= MANY_IMAGES and done % max(1, total // 10) == 0:
            self.console.print(f"reading images: {done} of {total}", highlight=False)

    def trouble(self, said: str) -> None:
        """Say it above the bars."""
        self.console.print(Text(said, style="yellow"), soft_wrap=True)

    def tell(self, line: str) -> None:
        """Print a sentence."""
        self.console.print(line, highlight=False, soft_wrap=True, markup=False)

    def begin(self, brief: Brief, tasks: list[str]) -> None:
        """Show what is going to be done."""
        self._brief = brief
        place = brief.place
        self.console.print(
            f"[bold]{place.name}[/bold]: {place.days} days from {place.start}, {place.told}, seed {brief.seed}",
            highlight=False,
        )
        self.console.print(f"report and log: {brief.folder}", highlight=False, soft_wrap=True)
        steps = place.life_steps - place.commissioning_steps
        work = {name: _passes(brief, name) for name in tasks}
        first = COMMISSIONING, float(brief.pace.commission_updates * UPDATE_FORWARDS)
        self._forecast = Forecast(first, work, workers=self._workers, now_s=time.perf_counter())
        self._add(WHOLE, 1)
        self._bars.start_task(self._rows[WHOLE])
        self._add(COMMISSIONING, brief.pace.commission_updates)
        for name in tasks:
            known = brief.updates if name == "joint" else steps
            self._add(name, None if name == "joint@converged" else known)
            for learner in name.split():
                self._row_of[learner] = name

    def done(self, task: str) -> None:
        """Fill the bar of what was done before."""
        row = COMMISSIONING if task == COMMISSIONED else self._row_of.get(task, task)
        self._finish(row)

    def message(self, message: Any, monitor: Monitor | None) -> None:
        """Move the bars."""
        if isinstance(message, Advanced):
            self._move(message.task, message.done, message.total, message.note)
        elif isinstance(message, Commissioned):
            self._finish(COMMISSIONING)
        elif isinstance(message, StreamScore) and monitor is not None and self._brief is not None:
            row = self._row_of[message.learner]
            if message.learner != row.split()[-1]:
                return  # the row is moved by the last of those who share it
            done = message.step - self._brief.place.commissioning_steps
            began_s = self._began_s.setdefault(row, time.perf_counter())
            speed = done / max(1e-9, time.perf_counter() - began_s)
            now = monitor.now(message.learner)
            day = self._brief.place.start + timedelta(days=message.day)
            note = f"{day:%d %b %y} {self._season(message.day):<12} mIoU {now['miou']:.2f} {speed:.0f} steps/s"
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
        brief = self._brief
        options = {"learn_every": brief.place.learn_every, "past_data": brief.keeps_pictures} if brief else {}
        print_summary(self._summary, self.console, options)
        self.console.print(f"report: {folder / 'report.html'}", highlight=False, soft_wrap=True)
        if self.interrupted and brief is not None and brief.checkpoint_every_days:
            self.console.print(f"to go on: python run_sim.py resume {folder}", highlight=False, soft_wrap=True)

    def _season(self, day: int) -> str:
        assert self._brief is not None
        place = self._brief.place
        nearest = min(range(len(place.phases)), key=lambda phase: _apart(day, place.phase_days[phase]))
        return place.phases[nearest].name

    def _add(self, name: str, total: int | None) -> None:
        self._rows[name] = self._bars.add_task(_short(name), total=total, start=False, note="", row=name)

    def _move(self, name: str, done: int, total: int | None, note: str = "") -> None:
        assert self._brief is not None
        row = self._rows[name]
        if not self._bars.tasks[row].started:
            self._bars.start_task(row)
        if total is not None:
            self._bars.update(row, total=total)
        self._bars.update(row, completed=done, note=note)
        total = total or int(self._bars.tasks[row].total or 0)
        self._foresee(name, done / (total or self._brief.pace.converge_updates))
        if not self.console.is_terminal and total and done / total >= self._reported.get(name, 0.0) + REPORT_EVERY:
            self._reported[name] = done / total
            left = clock(self._left_s(WHOLE))
            self.console.print(
                f"{_short(name):<{NAME_WIDTH}} {done / total:4.0%} {note:<45} {left} left", highlight=False
            )

    def _finish(self, name: str) -> None:
        row = self._rows[name]
        total = self._bars.tasks[row].total
        self._bars.update(row, total=total or 1, completed=total or 1)
        self._foresee(name, 1.0)

    def _foresee(self, name: str, share: float) -> None:
        """Tell the forecast, and move the whole run's bar."""
        assert self._forecast is not None
        self._forecast.tell(name, share, time.perf_counter())
        self._bars.update(self._rows[WHOLE], completed=self._forecast.share_done())

    def _left_s(self, name: str) -> float | None:
        """Seconds left of a row."""
        if self._forecast is None:
            return None
        now_s = time.perf_counter()
        return self._forecast.left_s(now_s) if name == WHOLE else self._forecast.task_left_s(name, now_s)


class _TimeLeft(ProgressColumn):
    """The time left of a row, from the forecast."""

    max_refresh = 0.5

    def __init__(self, left_s: Callable[[str], float | None]) -> None:
        super().__init__()
        self._left_s = left_s

    def render(self, task: Task) -> Text:
        return Text(f"{clock(self._left_s(task.fields['row'])):>5}", style="progress.remaining")


def _passes(brief: Brief, name: str) -> float:
    """The work of a task after commissioning: frames that go through the net, an update counted for what it costs."""
    if name == "joint@converged":
        return float(brief.pace.converge_updates * UPDATE_FORWARDS)
    if name == "joint":
        return float(brief.updates * UPDATE_FORWARDS)
    place = brief.place
    exams = 2 + (place.days - place.commissioning_days) // brief.exam_every_days
    looks = place.life_steps + exams * place.exam_frames
    return float(sum(looks + brief.updates * UPDATE_FORWARDS * (learner != "frozen") for learner in name.split()))


def _apart(a: int, b: int) -> int:
    """Days between two days on the circle of the year."""
    gap = abs(a - b) % 365
    return min(gap, 365 - gap)


def _short(name: str) -> str:
    joined = name.replace(" ", " + ")
    return joined if len(joined) <= NAME_WIDTH else name.split()[-1]
