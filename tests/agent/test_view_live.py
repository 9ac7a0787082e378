"""A run under a window is the run that nobody watches, and what a person does to it is done and on record."""

import json
import math
import multiprocessing
import os
import threading
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from safetensors.numpy import load_file

import agent.view.life
import agent.view.runner
from agent.monitor.log import Log
from agent.options import Pace, RunOptions
from agent.run import RunError, run
from agent.stream import owners_round
from agent.view.deeds import rows_of
from agent.view.life import Life
from agent.view.link import Ask, End, Glimpse, Told
from agent.view.live import opened
from agent.view.loop import AgentError, Loop, Wish
from agent.view.options import ViewOptions
from agent.view.runner import Runner, Wanted, carry_out
from agent.view.wheel import Wheel
from garden_env.garden import plant_garden
from garden_env.viewer.keys import Command
from garden_env.viewer.state import ViewState
from garden_env.world import World
from scenarios.files import parse

TINY = """
name: tiny
days: 30
steps_per_day: 4
commissioning_days: 9
camera: {width_px: 32, height_px: 32}
garden: {beds: 2, trees: 1, props: 1}
"""
FIRST = 36  # control steps of commissioning
PACE = Pace(commission_updates=5, converge_updates=5, home_frames=1, away_frames=2, next_year_frames=1)
SWAPS = ("finetune", "er")


class Person:
    """Stands in for a window: asks for a glimpse again and again, and sends what a script says when its step has come.

    Args:
        script: control steps, and what is sent when that many have been lived.
    """

    def __init__(self, *script: tuple[int, object]) -> None:
        self._script = list(script)
        self._asked = False
        self.steps = -1
        self.got: list[object] = []

    @property
    def glimpses(self) -> list[Glimpse]:
        return [message for message in self.got if isinstance(message, Glimpse)]

    def poll(self, timeout: float | None = 0.0) -> bool:
        return not self._asked or self._due()

    def recv(self) -> object:
        if self._due():
            return self._script.pop(0)[1]
        self._asked = True
        return Ask()

    def send(self, obj: object) -> None:
        self.got.append(obj)
        if isinstance(obj, Glimpse):
            self._asked = False
            self.steps = self.steps if obj.body is None else obj.body.steps

    def _due(self) -> bool:
        return bool(self._script) and self._script[0][0] <= self.steps + 1  # it sees each step as it ends


def options(out: Path, **changes) -> RunOptions:
    return RunOptions(learners=("er+ewc",), references=False, checkups=False, workers=0, out=out, seed=3, **changes)


def watched(out: Path, person: Person, **wanted) -> tuple[Path, Runner]:
    chosen = options(out)
    runner = Runner(person, Wanted(chosen, swaps=SWAPS, **wanted))
    return run(chosen, runner, scenario=parse(TINY), pace=PACE, onlooker=runner), runner


def rows(folder: Path) -> list[dict]:
    """Of the log, but for what a clock measured."""
    kept = []
    for line in (folder / "metrics.jsonl").read_text().splitlines():
        row = json.loads(line)
        kept.append({key: value for key, value in row.items() if "seconds" not in key})
    return kept


def commands(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "commands.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def alone(tmp_path_factory) -> Path:
    """A run that nobody watches."""
    return run(options(tmp_path_factory.mktemp("alone")), scenario=parse(TINY), pace=PACE)


@pytest.fixture(scope="module")
def handled(tmp_path_factory) -> tuple[Path, Person]:
    """A run in which somebody does everything that can be done."""
    drive = Wish(False, math.inf, held=("forward", "left", "water"))
    person = Person(
        (0, Command("learning")),  # it waits for the end of commissioning
        (FIRST, drive),
        (50, Command("wheel")),
        (53, Command("wheel")),
        (60, Command("learning")),
        (64, Command("dirt")),
        (70, Command("swap")),
        (88, Command("swap")),
        (90, Command("learning")),
    )
    return watched(tmp_path_factory.mktemp("handled"), person)[0], person


def test_watching_changes_nothing(alone, tmp_path):
    person = Person()
    folder, _ = watched(tmp_path, person)
    assert rows(folder) == rows(alone)
    for path in sorted((alone / "weights").rglob("*.safetensors")):
        ours, theirs = load_file(path), load_file(folder / path.relative_to(alone))
        assert all(np.array_equal(ours[name], theirs[name]) for name in ours)
    assert not (folder / "commands.jsonl").exists()
    assert len([glimpse for glimpse in person.glimpses if glimpse.body is not None]) >= 119


def test_the_window_hears_of_everything_that_it_draws(tmp_path, monkeypatch):
    monkeypatch.setattr(agent.view.runner, "NOTES_S", 0.0)
    person = Person()
    folder, _ = watched(tmp_path, person)
    doing = [glimpse.doing for glimpse in person.glimpses]
    assert {"setting the exam", "living through commissioning", "learning", "sitting an exam"} <= set(doing)
    last = person.glimpses[-1]
    assert last.updates == 7 and last.labels == 56 and 0.0 < last.present < 1.0
    sights = [glimpse.sight for glimpse in person.glimpses if glimpse.sight is not None]
    assert len(sights) >= 1 and sights[0].guess.shape == (16, 16)
    memory = next(glimpse.memory for glimpse in reversed(person.glimpses) if glimpse.memory is not None)
    assert sum(share for _, share in memory) == pytest.approx(1.0) and next(iter(memory))[0] == "spring"
    notes = next(glimpse.notes for glimpse in reversed(person.glimpses) if glimpse.notes is not None)
    assert [curve.name for curve in notes.curves] == ["present", "stability", "plasticity"]
    assert Log.read(folder).ended == "finished"


def test_what_a_hand_did_is_written_down_with_its_step(handled):
    folder, _ = handled
    told = [(row["step"], row["command"], row["value"]) for row in commands(folder)]
    held = ["forward", "left", "water"]
    assert told == [
        (FIRST, "learning", False),
        (50, "wheel", True),
        *((step, "drive", held) for step in (50, 51, 52)),
        (53, "wheel", False),
        (60, "learning", True),
        (64, "dirt", None),
        (70, "swap", "finetune"),
        (88, "swap", "er"),
        (90, "learning", False),
    ]


def test_whoever_is_at_the_wheel_waters(handled):
    _, person = handled
    tank = {glimpse.body.steps: glimpse.body.arrays["tank_l"][0] for glimpse in person.glimpses if glimpse.body}
    assert tank[50] > tank[51] > tank[52] and tank[53] >= tank[54]
    assert {glimpse.by_hand for glimpse in person.glimpses if glimpse.body and 51 <= glimpse.body.steps <= 52} == {True}


def test_who_does_not_learn_makes_no_updates_and_who_takes_over_goes_on_with_the_account(handled):
    folder, person = handled
    updates = {glimpse.body.steps: glimpse.updates for glimpse in person.glimpses if glimpse.body}
    assert [updates[step] for step in (71, 73, 85, 119)] == [0, 1, 2, 2]  # a block ends every 12 steps
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["learners"]["er+ewc"]["cost"]["updates"] == 2
    names = [glimpse.learner for glimpse in person.glimpses]
    assert names[0] == "er+ewc" and names[-1] == "er"
    assert any(isinstance(message, Told) and "finetune goes on" in message.message for message in person.got)


def test_what_was_dropped_by_hand_is_on_record_as_the_truth(handled):
    folder, _ = handled
    [change] = Log.read(folder).changes
    assert (change["name"], change["first_day"], change["axes"]) == ("camera.dirt, by hand", 16, ["camera.dirt"])


def test_whoever_takes_over_begins_with_the_weights_of_the_one_before(handled):
    folder, _ = handled
    begun, commissioned = (
        load_file(folder / "weights" / f"{name}.safetensors") for name in ("at-step-88", "commissioned")
    )
    assert any(not np.array_equal(begun[name], commissioned[name]) for name in begun)


def test_what_a_hand_did_can_be_done_again_bit_by_bit(handled, tmp_path):
    before, _ = handled
    after, _ = watched(tmp_path, Person(), deeds=tuple(rows_of(before / "commands.jsonl")))
    assert commands(after) == commands(before) and rows(after) == rows(before)
    ours, theirs = (load_file(folder / "weights" / "er+ewc.safetensors") for folder in (before, after))
    assert all(np.array_equal(ours[name], theirs[name]) for name in ours)


def test_closed_in_the_middle_a_run_ends_in_order(tmp_path):
    folder, runner = watched(tmp_path, Person((70, End())))
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["ended"] == "interrupted" and (folder / "report.html").exists()
    assert (folder / "weights" / "er+ewc.safetensors").exists()
    assert runner._world is not None and runner._world.steps < 84


def test_paused_it_waits_and_goes_step_by_step(tmp_path):
    class Patient(Person):
        """Asks for two single steps, then for the end, once it has seen the run wait."""

        def send(self, obj: object) -> None:
            super().send(obj)
            if isinstance(obj, Glimpse) and obj.resting:
                asked = Wish(True, 8.0, steps=1) if len(waits) < 2 else End()
                waits.append(self.steps)
                self._script.append((0, asked))

    waits: list[int] = []
    watched(tmp_path, Patient((0, Wish(True, 8.0))))
    assert waits == [FIRST, FIRST + 1, FIRST + 2]


def test_a_film_takes_every_third_step_and_stands_still_in_between(tmp_path):
    class Filming(Person):
        def send(self, obj: object) -> None:
            super().send(obj)
            if isinstance(obj, Glimpse) and obj.resting:
                rests.append(self.steps)
                self._script.append((0, End() if obj.done else Wish(False, math.inf, steps=3, every=3)))

    rests: list[int] = []
    watched(tmp_path, Filming((0, Wish(False, math.inf, every=3))), steps=9)
    assert rests == [FIRST, FIRST + 3, FIRST + 6, FIRST + 9]


def test_a_run_with_an_onlooker_has_no_other_processes(tmp_path):
    chosen = RunOptions(learners=("finetune",), workers=2, out=tmp_path)
    with pytest.raises(RunError, match="workers is 2, give 0"):
        run(chosen, scenario=parse(TINY), pace=PACE, onlooker=Runner(Person(), Wanted(chosen)))


def test_a_learner_whose_net_has_another_shape_cannot_take_over(tmp_path):
    chosen = RunOptions(learners=("adapters",), references=False, checkups=False, workers=0, out=tmp_path, seed=3)
    person = Person((60, Command("swap")), (70, End()))
    runner = Runner(person, Wanted(chosen, swaps=SWAPS))
    folder = run(chosen, runner, scenario=parse(TINY), pace=PACE, onlooker=runner)
    [told] = [message.message for message in person.got if isinstance(message, Told)]
    assert "finetune cannot go on from adapters" in told and person.glimpses[-1].learner == "adapters"
    assert not (folder / "commands.jsonl").exists() and not list((folder / "weights").glob("at-step-*"))


def press(key: str) -> None:
    """Put a key into SDL's queue, down and up."""
    import pygame

    shift, _, name = key.rpartition(" ")
    code, mod = pygame.key.key_code(name), pygame.KMOD_SHIFT if shift else 0
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=code, mod=mod))
    pygame.event.post(pygame.event.Event(pygame.KEYUP, key=code, mod=mod))


class Process(threading.Thread):
    """Does in a thread of this process what a child does in its own: nothing has to be loaded again."""

    def __init__(self, target, args, daemon) -> None:
        super().__init__(target=carry_out, args=args, daemon=daemon)


def pipe() -> tuple[Connection, SimpleNamespace]:
    """Both ends of a pipe, the other of which stays open when this process lets go of it."""
    ours, theirs = multiprocessing.Pipe()
    return ours, SimpleNamespace(poll=theirs.poll, recv=theirs.recv, send=theirs.send, close=lambda: None)


@pytest.fixture
def seat(tmp_path, monkeypatch):
    """Makes a life in front of a window, and what happens each time that something is drawn."""
    monkeypatch.setitem(os.environ, "SDL_VIDEODRIVER", "dummy")
    monkeypatch.setattr(agent.view.life, "Wanted", partial(Wanted, pace=PACE))
    (tmp_path / "tiny.yaml").write_text(TINY)

    def sat(drawn: Callable[[ViewState, Life], object], *, thread: bool = True, **more) -> tuple[Life, Loop]:
        if thread:
            context = SimpleNamespace(Pipe=pipe, Process=Process)
            monkeypatch.setattr(agent.view.life.multiprocessing, "get_context", lambda name: context)
        size = {"width": 640, "height": 400, "speed": 1e6}
        folders = {"out": tmp_path / "runs", "folder": tmp_path}
        chosen = ViewOptions(str(tmp_path / "tiny.yaml"), seed=3, learner="finetune", **size, **folders, **more)
        chosen.check()
        life = Life(chosen)
        loop = opened(chosen, life)
        show = loop._window.show

        def shown(state: ViewState) -> None:
            show(state)
            drawn(state, life)

        monkeypatch.setattr(loop._window, "show", shown)
        return life, loop

    return sat


def ended(folder: Path) -> str:
    return json.loads((folder / "summary.json").read_text())["ended"]


@pytest.mark.slow
def test_a_run_in_a_process_of_its_own_is_watched_and_closed(seat):
    seen: list[int] = []

    def drawn(state: ViewState, life: Life) -> None:
        seen.append(state.step)
        assert state.mind is not None and state.step == life.world.steps
        if state.mind.sight is not None and state.mind.sight.step > FIRST:
            press("escape")

    life, loop = seat(drawn, thread=False)
    assert loop.run() == "quit"
    assert life.failed == ""
    [folder] = life.folders
    assert ended(folder) == "interrupted" and (folder / "report.html").exists()
    assert seen == sorted(seen) and not life.failed and not life._child._process.is_alive()


def test_the_mirror_is_the_world_of_the_run_whatever_is_dropped_into_it(seat):
    pressed: list[bool] = []

    def drawn(state: ViewState, life: Life) -> None:
        if state.step > FIRST and not pressed:
            pressed.append(True)
            press("f7")
        elif state.step >= 100:
            press("escape")

    life, loop = seat(drawn)
    loop.run()
    [row] = commands(life.folders[0])
    [injection] = life.world.injected
    assert (row["command"], row["step"]) == ("dirt", injection.step)
    garden = life.world.gardens[0]
    assert garden.almanac.course.at("camera.dirt", life.world.day) > 0.4
    alone = World([plant_garden(parse(TINY), 3)])
    wheel = Wheel(owners_round(alone.gardens[0]), alone.gardens[0].scenario.robot.turn_deg_per_step)
    while alone.steps < life.world.steps:
        if alone.steps == injection.step:
            alone.inject(0, injection.event)
        alone.advance(wheel.act(alone, ())[None])
    ours, theirs = life.world.snapshot(), alone.snapshot()
    assert all(np.array_equal(ours.arrays[name], theirs.arrays[name]) for name in ours.arrays)
    assert np.array_equal(life.world.draw(0).rgb, alone.draw(0).rgb)


def test_begun_anew_the_run_before_ends_with_its_report(seat):
    seeds: list[int] = []

    def drawn(state: ViewState, life: Life) -> None:
        seed = life.world.gardens[0].seed
        if state.step > FIRST and seed not in seeds:
            seeds.append(seed)
            press("escape" if seeds == [3, 4] else "shift home")

    life, loop = seat(drawn)
    loop.run()
    assert seeds == [3, 4] and len(life.folders) == 2
    assert [json.loads((folder / "config.json").read_text())["options"]["seed"] for folder in life.folders] == [3, 4]
    assert {ended(folder) for folder in life.folders} == {"interrupted"}


def test_ctrl_c_in_the_terminal_closes_the_window_in_order(seat):
    def drawn(state: ViewState, life: Life) -> None:
        if state.step > FIRST:
            raise KeyboardInterrupt

    life, loop = seat(drawn)
    assert loop.run() == "quit"
    assert ended(life.folders[0]) == "interrupted"


def test_what_goes_wrong_in_the_run_is_shown_and_everything_stands_still(seat, monkeypatch):
    def broken(*of):
        raise ZeroDivisionError("no net has ever seen this")

    def drawn(state: ViewState, life: Life) -> None:
        if state.message:
            told.append(state.message)
            assert loop._window.hand.paused
            press("escape")

    told: list[str] = []
    monkeypatch.setattr(agent.view.runner, "sight_of", broken)
    life, loop = seat(drawn)
    assert loop.run() == "quit"
    assert "no net has ever seen this" in told[0] and "runner.py" in told[0] and life.failed
    assert ended(life.folders[0]) == "interrupted"  # what there was, is kept


def test_with_nobody_at_the_window_what_goes_wrong_is_raised(seat, monkeypatch, tmp_path):
    monkeypatch.setattr(agent.view.runner, "sight_of", lambda *of: 1 / 0)
    _, loop = seat(lambda state, life: None, window=False, screenshot=tmp_path / "a.png")
    with pytest.raises(AgentError, match="ZeroDivisionError: division by zero"):
        loop.run()


def test_a_film_without_a_window_is_the_same_every_time(seat, tmp_path):
    """But for the steps a second that it tells, which are not in the part of the picture that is compared."""

    def filmed(path: Path) -> list[np.ndarray]:
        shown: list[np.ndarray] = []
        more = {"record": path, "film_every": 4, "steps": 12, "window": False}
        _, loop = seat(lambda state, life: shown.append(loop._window.pixels[:, :250].copy()), **more)
        assert loop.run() == "steps" and loop.written == [path]
        return shown[-3:]

    films = [filmed(tmp_path / f"{name}.mp4") for name in ("one", "other")]
    assert all(np.array_equal(ours, theirs) for ours, theirs in zip(*films, strict=True))
    assert not np.array_equal(*films[0][:2])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"learner": "err"}, "Did you mean 'er'"),
        ({"learner": "joint"}, "all of a life at once"),
        ({"swaps": ("cumulative",)}, "all of a life at once"),
        ({"film_every": 0}, "film-every: expected at least 1 control step, given 0"),
    ],
)
def test_options_of_a_run_that_make_no_sense_are_refused(options, told):
    with pytest.raises(ValueError, match=told):
        ViewOptions(**options).check()
