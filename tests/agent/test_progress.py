"""Claims about the display: it foresees the end of the whole run, and fits eighty columns."""

import io
import re
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from rich.console import Console

from agent import progress
from agent.brief import Brief
from agent.forecast import Forecast
from agent.garden_place import GardenPlace
from agent.monitor.monitor import Monitor
from agent.monitor.scores import StreamScore
from agent.options import Pace
from agent.progress import Progress
from agent.tasks import Advanced, Commissioned, Spent
from scenarios.files import load

TASKS = ["er+ewc", "frozen finetune", "joint@converged", "joint"]
PACE_S = 2e-3  # seconds a pass of the pretended machine


def a_brief(tmp_path: Path) -> Brief:
    return Brief(
        place=GardenPlace(load("four_seasons"), seed=0), folder=tmp_path, exam_every_days=10,
        memory_bytes=10**6, pace=Pace(), cache=tmp_path, code="0",
    )  # fmt: skip


@dataclass
class Time:
    """A clock that is moved by hand."""

    now_s: float = 100.0

    def perf_counter(self) -> float:
        return self.now_s


@pytest.fixture
def time(monkeypatch) -> Time:
    clock = Time()
    monkeypatch.setattr(progress, "time", clock)
    return clock


def live(watcher: Progress, brief: Brief, row: str, share: float) -> None:
    """Tell the display that the learners of a row have lived a share of their life."""
    place = brief.place
    assert isinstance(place, GardenPlace)
    step = place.commissioning_steps + round(share * (place.life_steps - place.commissioning_steps))
    nothing = np.zeros((2, 2), np.int64)
    for learner in row.split():
        score = StreamScore(learner, step, step // place.scenario.steps_per_day, 12, nothing, nothing, 0.5)
        watcher.message(score, cast(Monitor, SimpleNamespace(now=lambda learner: {"miou": 0.4567})))


def a_display(tmp_path: Path, *, terminal: bool) -> tuple[Progress, Brief, io.StringIO]:
    out = io.StringIO()
    watcher = Progress(Console(file=out, width=80, force_terminal=terminal, color_system=None), workers=2)
    brief = a_brief(tmp_path)
    watcher.begin(brief, TASKS)
    return watcher, brief, out


def rows(watcher: Progress) -> list[str]:
    """The lines of the display as they are now."""
    out = io.StringIO()
    Console(file=out, width=80, color_system=None).print(watcher._bars.get_renderable())
    return out.getvalue().splitlines()


def test_time_left_of_the_whole_run_is_told_from_the_start_and_runs_down_to_nothing(tmp_path, time):
    watcher, brief, _ = a_display(tmp_path, terminal=True)
    foreseen = [watcher._left_s("everything")]
    assert re.search(r"^everything .* 0% .*\d+:\d\d$", rows(watcher)[0])
    time.now_s += 20
    watcher.message(Advanced("commissioning", 500, 500), None)
    watcher.message(Commissioned({}, np.ones(2, bool)), None)
    for name in ("er+ewc", "frozen finetune"):
        live(watcher, brief, name, 0.0)
    for share in (0.25, 0.5, 0.75, 1.0):
        time.now_s += 40
        for name in ("er+ewc", "frozen finetune"):
            live(watcher, brief, name, share)
        foreseen.append(watcher._left_s("everything"))
    for name in ("er+ewc", "frozen", "finetune"):
        watcher.message(Spent(name, {}), None)
    watcher.message(Advanced("joint@converged", 0, None), None)
    time.now_s += 100
    watcher.message(Advanced("joint@converged", 2000, None, "2000 updates, mIoU 0.412 on held-out frames"), None)
    foreseen.append(watcher._left_s("everything"))
    assert foreseen[-1] == pytest.approx(100, rel=0.25)
    for name in ("joint@converged", "joint"):
        watcher.message(Spent(name, {}), None)
    assert watcher._left_s("everything") == 0.0
    assert all(60 < left < 900 for left in foreseen)
    assert foreseen[1:] == sorted(foreseen[1:], reverse=True)
    assert re.search(r"^everything .* 100% .*0:00$", rows(watcher)[0])


def test_the_display_fits_eighty_columns(tmp_path, time):
    watcher, brief, _ = a_display(tmp_path, terminal=True)
    time.now_s += 3
    for name in ("er+ewc", "frozen finetune"):
        live(watcher, brief, name, 0.0)
        time.now_s += 9
        live(watcher, brief, name, 0.5)
    watcher.message(Advanced("joint@converged", 3900, None, "3900 updates, mIoU 0.412 on held-out frames"), None)
    lines = rows(watcher)
    assert len(lines) == 2 + len(TASKS)
    assert max(map(len, lines)) <= 80
    assert not any("…" in line for line in lines)
    (own,) = (line for line in lines if line.startswith("frozen + finetune"))
    assert re.search(r"\d\d \w{3} \d\d [a-z ]+ mIoU 0\.46 \d+ steps/s +\d+:\d\d$", own)


def test_without_a_terminal_lines_tell_the_time_left_of_the_whole_run(tmp_path, time):
    watcher, brief, out = a_display(tmp_path, terminal=False)
    live(watcher, brief, "er+ewc", 0.0)
    time.now_s += 30
    live(watcher, brief, "er+ewc", 0.5)
    line = out.getvalue().splitlines()[-1]
    assert re.search(r"^er\+ewc +50% .* \d+:\d\d left$", line)
    assert len(line) <= 80


def test_a_run_of_one_process_takes_what_its_tasks_take_together():
    forecast = Forecast(("first", 1000.0), {"a": 2000.0, "b": 3000.0}, workers=1, now_s=0.0)
    forecast.tell("first", 0.5, 500 * PACE_S)
    forecast.tell("first", 1.0, 1000 * PACE_S)
    assert forecast.left_s(1000 * PACE_S) == pytest.approx(5000 * PACE_S, rel=0.25)
    forecast.tell("a", 0.0, 2.0)
    forecast.tell("a", 1.0, 2.0 + 2000 * PACE_S)
    assert forecast.left_s(6.0) == pytest.approx(3000 * PACE_S, rel=0.1)
    forecast.tell("b", 1.0, 12.0)
    assert forecast.left_s(12.0) == 0.0
    assert forecast.share_done() == 1.0


def test_two_processes_end_with_the_longer_queue():
    others = {"a": 3000.0, "b": 1000.0, "c": 1000.0, "d": 4000.0}
    alone, both = (Forecast(("first", 1.0), others, workers=workers, now_s=0.0).left_s(0.0) for workers in (1, 2))
    assert both / alone == pytest.approx(6000 / 9001, rel=0.01)  # b, c and d in one process, a in the other


def test_between_two_messages_the_time_left_runs_down():
    forecast = Forecast(("first", 1000.0), {"a": 9000.0}, workers=2, now_s=0.0)
    forecast.tell("first", 0.5, 1.0)
    assert forecast.left_s(1.0) - forecast.left_s(1.25) == pytest.approx(0.25)


def test_a_task_slower_than_the_others_is_foreseen_by_its_own_pace():
    forecast = Forecast(("first", 10000.0), {"a": 10000.0}, workers=2, now_s=0.0)
    forecast.tell("first", 1.0, 10.0)
    forecast.tell("a", 0.0, 10.0)
    forecast.tell("a", 0.5, 60.0)
    assert forecast.left_s(60.0) == pytest.approx(50.0, rel=0.1)
