"""The run under a window: an ordinary run that, before every control step, hears what the window wants."""

import json
import math
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from agent.brief import Brief
from agent.enrolment import Admission
from agent.live import Student
from agent.monitor.monitor import Monitor
from agent.monitor.scores import Alarm, Checkup, ProbeScore, StreamScore
from agent.nets import save_weights
from agent.onlooker import Enrol
from agent.options import Pace, RunOptions
from agent.place import Stream
from agent.run import Watcher, run
from agent.stream import Answers, PatrolLife, PatrolStream
from agent.tasks import Advanced, Commissioned
from agent.view.deeds import FILE_NAME
from agent.view.diary import alarms_of, curves_of, diagnosis_of
from agent.view.events import BY_KEY, drop, hand_made
from agent.view.eyes import sight_of
from agent.view.ledger import Ledger
from agent.view.link import Ask, End, Ended, Failed, Glimpse, Notes, Pipe, Told, Tracker, body_of
from agent.view.loop import Clock, Wish, in_words
from agent.view.pupil import Pupil
from agent.view.wheel import Wheel
from garden_env.garden import Garden
from garden_env.viewer.filling import TRACK_STEPS
from garden_env.viewer.keys import Command
from garden_env.viewer.state import Sight
from garden_env.world import World

CATCH_UP_S = 0.25  # behind its pace after an update, it takes the next steps without waiting
PATIENCE_S = 0.25  # a wait is at most so long before it is looked whether the run is to end
SIGHTS_S = 10.0  # looks through the net a second for the window, at most, where the run goes flat out
NOTES_S = 1.0  # between two readings of the diary and of the memory, where nobody films
SETTING = "setting the exam"
NOBODY_LEARNS = "frozen"


@dataclass(frozen=True)
class Wanted:
    """A run for a window.

    Attributes:
        options: of the run, with one learner.
        day: of the life from which on it goes at the pace of the window; before it, and in commissioning, flat out.
        steps: control steps at that pace after which it stands still; None for no end but the life's.
        swaps: learners that take over, in turn, when another is wanted.
        deeds: what is done at which step, as `agent.view.deeds.rows_of` reads it: as if a hand did it.
        pace: how much is done, in place of what `options.quick` means.
    """

    options: RunOptions
    day: int = 0
    steps: int | None = None
    swaps: tuple[str, ...] = ()
    deeds: tuple[tuple[int, str, Any], ...] = ()
    pace: Pace | None = None

    def held(self) -> dict[int, tuple[str, ...]]:
        """Keys held at the wheel by the deeds, by step."""
        return {step: tuple(value) for step, command, value in self.deeds if command == "drive"}


class Runner(Watcher):
    """Sits beside a run, and speaks with the window; an `agent.onlooker.Onlooker`.

    Nothing is changed unless a command asks for it. What a command did is written into the run's folder, one line each:
    `{"step": ..., "command": ..., "value": ...}`, the step being how many had been lived by then.

    Args:
        pipe: to the window.
        wanted: of the run.
    """

    def __init__(self, pipe: Pipe, wanted: Wanted) -> None:
        self._pipe, self._wanted = pipe, wanted
        self._wish, self._credits = Wish(paused=False, rate=math.inf), 0
        self._commands: list[Command] = []
        self._deeds, self._held = list(wanted.deeds), wanted.held()
        self._asked = self._ended = self._done = False
        self._doing, self._day = "beginning", -1
        self._brief: Brief | None = None
        self._monitor: Monitor | None = None
        self._world: World | None = None
        self._pupil: Pupil | None = None
        self._wheel: Wheel | None = None
        self._ledger: Ledger | None = None
        self._end: Callable[[], None] = lambda: None
        self._stop: Callable[[], bool] = lambda: False
        self._clock, self._tracker = Clock(CATCH_UP_S), Tracker(TRACK_STEPS)
        self._told = -1, 0  # moment of the last glimpse
        self._seen, self._sight_s = (-1, 0, ""), 0.0  # of the last look through the net
        self._news, self._notes_s = True, 0.0
        self._examined, self._diagnosis = False, ""  # whether there was an exam since the last diagnosis
        self._scored, self._present = False, math.nan  # whether there was a block since that was asked for
        self._first_step: int | None = None  # at the window's pace

    @property
    def folder(self) -> Path | None:
        """Of the run, once it has one."""
        return None if self._brief is None else self._brief.folder

    # what the run tells

    def begin(self, brief: Brief, tasks: list[str]) -> None:
        self._brief, self._ledger = brief, Ledger(brief.place.season)

    def message(self, message: Any, monitor: Monitor | None) -> None:
        """Hear what the run tells, and let the window know."""
        self._monitor = monitor
        match message:
            case Advanced(done=done, total=total) if total:
                self._doing = f"commissioning, {100 * done // total} %" if done < total else SETTING
            case Commissioned():
                self._doing = SETTING
            case ProbeScore() | Checkup():
                self._doing, self._news, self._examined = "sitting an exam", True, True
            case Alarm():
                self._news = True
            case StreamScore(day=day):
                self._news |= day != self._day
                self._day, self._scored = day, True
        self._hear()
        if self._asked:
            self._send_glimpse(resting=False)

    def may_end(self, end: Callable[[], None]) -> None:
        self._end = end

    def students(self, students: list[Student], frames: Admission, enrol: Enrol, stop: Callable[[], bool]) -> None:
        self._pupil, self._stop = Pupil(students, frames, enrol), stop

    def stream(self, stream: Stream) -> Stream:
        assert isinstance(stream, PatrolStream), "only a garden can be watched"
        return Watched(stream, self.before)

    # what happens before a step

    def before(self, world: World, wheel: Wheel) -> tuple[str, ...]:
        """Wait until the next step is due, and do meanwhile what the window wants; returns the keys held for it."""
        assert self._brief is not None and self._ledger is not None, "a life before its run"
        self._world, self._wheel = world, wheel
        self._tracker.note(world)
        self._doing = self._at()
        begun = world.steps >= self._brief.place.commissioning_steps and world.day >= self._wanted.day
        if self._first_step is None and begun:
            self._first_step = world.steps
        self._repeat()
        self._hear()
        while not self._ended and not self._stop():
            self._obey()
            if self._first_step is None or self._may_step():
                break
            resting = self._done or self._wish.paused or self._wish.every > 0  # only a wish lets it go on
            if self._asked:
                self._send_glimpse(resting=resting)
            self._hear(PATIENCE_S if resting else min(max(self._clock.wait_s(self._wish), 0.0), PATIENCE_S))
        if self._asked and not self._wish.every:
            self._send_glimpse(resting=False)
        self._ledger.note(world.frame(0).rgb, world.day)
        held = self._held.get(world.steps, self._wish.held)
        if wheel.by_hand:
            self._log("drive", list(held))
        return held

    def _at(self) -> str:
        """What the life is at, in words."""
        assert self._brief is not None and self._world is not None
        if self._world.steps < self._brief.place.commissioning_steps:
            return "living through commissioning"
        return "learning" if self._pupil_learning() else "not learning"

    def _pupil_learning(self) -> bool:
        return self._pupil is None or self._pupil.learning

    def _may_step(self) -> bool:
        """Whether the next step is due."""
        assert self._world is not None and self._first_step is not None
        steps = self._wanted.steps
        self._done = steps is not None and self._world.steps - self._first_step >= steps
        if self._done:
            return False
        if self._credits:
            self._credits -= 1
            return True
        return not self._wish.every and self._clock.due(self._wish)

    def _hear(self, wait_s: float = 0.0) -> None:
        """Take in what the window has sent; waits so long for the first of it."""
        try:
            while not self._ended and self._pipe.poll(wait_s):
                wait_s = 0.0
                match self._pipe.recv():
                    case Ask():
                        self._asked = True
                    case Wish() as wish:
                        if self._wish.every and not wish.every:
                            self._credits = 0  # the film is over
                        self._credits += wish.steps
                        self._wish = replace(wish, steps=0)
                    case Command() as command:
                        self._commands.append(command)
                    case End():
                        self._leave()
        except (EOFError, OSError):  # the window's process is gone
            self._leave()

    def _leave(self) -> None:
        self._ended = True
        self._end()

    # what a hand does

    def _obey(self) -> None:
        """Carry out the commands that have come, in order; during commissioning they wait."""
        if self._first_step is None:
            return
        commands, self._commands = self._commands, []
        for command in commands:
            said = self._carried_out(command)
            if said:
                self._send(Told(said))

    def _carried_out(self, command: Command) -> str:
        """What a key asks for: mostly that something be other than it is."""
        assert self._wheel is not None and self._pupil is not None
        match command.name:
            case "wheel":
                return self._do("wheel", not self._wheel.by_hand)
            case "learning":
                return self._do("learning", not self._pupil.learning)
            case "swap":
                return self._do("swap", self._next())
            case "swap_none":
                return self._do("swap", NOBODY_LEARNS)
        return self._do(command.name, command.value)

    def _repeat(self) -> None:
        """Do what is to be done at this step by the deeds that were given."""
        assert self._world is not None, "no life has begun"
        while self._deeds and self._deeds[0][0] <= self._world.steps:
            _, command, value = self._deeds.pop(0)
            if command != "drive":
                self._do(command, value)

    def _do(self, command: str, value: Any) -> str:
        """Do something, and write it down; returns what is to be said about it."""
        assert self._wheel is not None and self._pupil is not None
        if command in BY_KEY:
            return self._drop(command)
        if command == "swap":
            return self._swap(value)
        if command == "wheel":
            self._wheel.by_hand = value
        elif command == "learning":
            self._pupil.set_learning(value)
        self._log(command, value)
        self._doing = self._at()
        return ""

    def _drop(self, name: str) -> str:
        """Let something happen, and let the log know the truth about it."""
        assert self._world is not None and self._monitor is not None
        kept = len(self._world.injected)
        said = drop(self._world, name)
        if said:
            return said
        self._log(name, None)
        events = [injection.event for injection in self._world.injected[kept:]]
        self._monitor.truth(hand_made(self._world.gardens[0].scenario, events))
        return ""

    def _next(self) -> str:
        """Who follows in the list of those who take over; the same again, where there is nobody else."""
        assert self._pupil is not None, "nobody is there to be followed"
        swaps, recipe = self._wanted.swaps, self._pupil.recipe
        if not swaps:
            return recipe
        return swaps[(swaps.index(recipe) + 1) % len(swaps) if recipe in swaps else 0]

    def _swap(self, following: str) -> str:
        """Let another learner take over."""
        assert self._brief is not None and self._pupil is not None and self._world is not None
        recipe = self._pupil.recipe
        if following == recipe:
            return f"{recipe} is at it; --swaps names those who can take over"
        weights = f"at-step-{self._world.steps}"
        save_weights(self._brief.weights(weights), self._pupil.student.learner.net)
        try:
            self._pupil.follow(following, weights)
        except ValueError as error:
            self._brief.weights(weights).unlink()
            return str(error)
        self._log("swap", self._pupil.recipe)
        return f"{self._pupil.recipe} goes on from the weights of {recipe}"

    def _log(self, command: str, value: object) -> None:
        assert self._brief is not None and self._world is not None
        row = {"step": self._world.steps, "command": command, "value": value}
        with (self._brief.folder / FILE_NAME).open("a", encoding="utf-8") as log:
            log.write(json.dumps(row) + "\n")

    # what the window sees

    def _send_glimpse(self, *, resting: bool) -> None:
        self._asked = False
        pupil, monitor = self._pupil, self._monitor
        name = self._wanted.options.learners[0]
        logged = None if monitor is None else monitor.log.learners[0]
        body = None
        if self._world is not None and self._moment() != self._told:
            body = body_of(self._world, self._tracker, self._told[1])
            self._told = self._moment()
        notes, memory = self._notes(logged)
        self._send(
            Glimpse(
                self._doing,
                name if pupil is None else pupil.recipe,
                learning=self._pupil_learning(),
                body=body,
                sight=self._sight(),
                notes=notes,
                memory=memory,
                present=self._miou(logged),
                updates=0 if pupil is None else pupil.updates,
                labels=0 if pupil is None else pupil.labels,
                by_hand=self._wheel is not None and self._wheel.by_hand,
                resting=resting,
                done=self._done,
            )
        )

    def _moment(self) -> tuple[int, int]:
        """What makes the world another to look at: steps lived, and events dropped in."""
        assert self._world is not None, "no life has begun"
        return self._world.steps, len(self._world.injected)

    def _sight(self) -> Sight | None:
        """What the net makes of this step's frame, unless that was told or there has hardly been time for it."""
        world, now_s = self._world, time.perf_counter()
        if world is None or self._pupil is None or (*self._moment(), self._pupil.recipe) == self._seen:
            return None
        flat_out = math.isinf(self._wish.rate) and not (self._wish.paused or self._wish.every)
        if flat_out and now_s - self._sight_s < 1.0 / SIGHTS_S:
            return None
        self._seen, self._sight_s = (*self._moment(), self._pupil.recipe), now_s
        return sight_of(self._pupil.student.learner, world.frame(0), world.steps)

    def _miou(self, learner: str | None) -> float:
        """The mIoU on the frames of late; NaN before there are any."""
        if self._scored and self._monitor is not None and learner is not None:
            self._scored, self._present = False, self._monitor.now(learner)["miou"]
        return self._present

    def _notes(self, learner: str | None) -> tuple[Notes | None, tuple[tuple[str, float], ...] | None]:
        """The diary and the memory, if there is something new in them."""
        now_s = time.perf_counter()
        soon = not self._wish.every and now_s - self._notes_s < NOTES_S
        if not self._news or soon or self._monitor is None or learner is None:
            return None, None
        self._news, self._notes_s = False, now_s
        log = self._monitor.log
        if self._examined:
            self._examined, self._diagnosis = False, diagnosis_of(log, learner)
        notes = Notes(curves_of(log, learner), alarms_of(log, learner), self._diagnosis)
        if self._pupil is None or self._ledger is None:
            return notes, None
        return notes, self._ledger.shares(self._pupil.student.learner)

    def _send(self, message: object) -> None:
        try:
            self._pipe.send(message)
        except OSError:  # the window's process is gone
            self._leave()


class Watched(PatrolStream):
    """A patrol's life in which somebody is asked before every step.

    Args:
        stream: the life as it would be.
        before: takes the world and who is at the wheel, and returns which keys are held.
    """

    def __init__(self, stream: PatrolStream, before: Callable[[World, Wheel], tuple[str, ...]]) -> None:
        super().__init__(stream.garden, learn_every=stream.learn_every, labels_per_block=stream.labels_per_block)
        self._before = before

    def __iter__(self) -> "WatchedLife":
        return WatchedLife(self.garden, self._answers, self._before)


class WatchedLife(PatrolLife):
    """See `Watched`."""

    def __init__(self, garden: Garden, answers: Answers, before: Callable[[World, Wheel], tuple[str, ...]]) -> None:
        super().__init__(garden, answers)
        self._before, self._wheel = before, Wheel(self._patrol, garden.scenario.robot.turn_deg_per_step)

    def _act(self) -> np.ndarray:
        return self._wheel.act(self._world, self._before(self._world, self._wheel))


def main(pipe: Pipe, wanted: Wanted) -> None:
    """Carry out a run for a window; what it comes to is the last that is sent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a run that has begun listens to Ctrl-C itself
    carry_out(pipe, wanted)


def carry_out(pipe: Pipe, wanted: Wanted) -> None:
    """As `main`, where Ctrl-C is somebody else's business."""
    runner = Runner(pipe, wanted)
    send = partial(_last_word, pipe)
    try:
        send(Ended(run(wanted.options, runner, pace=wanted.pace, onlooker=runner)))
    except KeyboardInterrupt:
        send(Ended(None))
    except Exception as error:
        send(Failed(in_words(error), runner.folder))


def _last_word(pipe: Pipe, message: Ended | Failed) -> None:
    with suppress(OSError):  # nobody is there to hear it
        pipe.send(message)
