"""A run that learns while it is watched: it lives in a process of its own, a mirror of its world in the window's."""

import math
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from agent.options import paced
from agent.view.beliefs import Believer
from agent.view.deeds import rows_of
from agent.view.events import BY_KEY
from agent.view.link import Ask, Body, End, Ended, Failed, Glimpse, Told, put_on
from agent.view.looks import BY_DAY, day_of
from agent.view.loop import DRAWN_S, MESSAGE_S, AgentError, Clock, Gone, Wish
from agent.view.options import Ended as EndedBy
from agent.view.options import ViewOptions
from agent.view.runner import Wanted, main
from garden_env.garden import dock_pose, plant_garden
from garden_env.viewer.filling import Scribe, course_of
from garden_env.viewer.keys import HELD, Command
from garden_env.viewer.state import Hand, Mind, Sight, ViewState
from garden_env.world import World
from scenarios.files import load

ENDING = "ending in order, writing the report"
FILMING_WAIT_S = 0.001


class Life:
    """One life at a time with a learner in it; a `agent.view.loop.Source`.

    Args:
        options: checked.

    Attributes:
        folders: of the runs that have ended, the last one last.
        failed: what went wrong in the last of them, in words; empty for nothing.

    Raises:
        ValueError: it is to begin on a day that the life does not have.
        ScenarioError: the scenario does not exist or is not valid.
    """

    serves = ("wheel", *HELD, *BY_KEY, "learning", "swap", "swap_none", "reset", "reset_new", *BY_DAY)

    def __init__(self, options: ViewOptions) -> None:
        self._options, self._seed = options, options.seed
        self.folders: list[Path] = []
        self.failed = ""
        self.begin()

    def begin(self) -> None:
        """A new run, in a new process."""
        chosen = self._options.run_options(self._seed)
        _, scenario, _ = paced(chosen, load(chosen.scenario))
        if self._options.day >= scenario.days:
            raise ValueError(f"day: {scenario.name} has days 0 .. {scenario.days - 1}, given {self._options.day}")
        deeds = () if self._options.commands is None else tuple(rows_of(self._options.commands))
        wanted = Wanted(chosen, self._options.day, self._options.most_steps, self._options.swaps, deeds)
        self._child = Child(wanted)
        self.world = World([plant_garden(scenario, self._seed)])
        self._scribe, self._course = Scribe(self.world), course_of(self.world.gardens[0])
        self._dock = dock_pose(self.world.gardens[0].layout)
        self._mind = Mind(chosen.learners[0], doing="beginning")
        self._glimpse: Glimpse | None = None
        self._sight: Sight | None = None
        self._believer = Believer(self.world.gardens[0])
        self._peek: int | None = None
        self._wish, self._said, self._said_until_s = Wish(paused=False, rate=math.inf), "", 0.0
        self._asked, self._granted, self._target = False, False, 0
        self._asked_s, self._clock = 0.0, Clock()
        self._over: EndedBy | None = None
        self._again = False

    @property
    def over(self) -> EndedBy | None:
        return self._over

    def go_on(self, wish: Wish) -> Gone:
        try:
            came = self._receive()
        except AgentError as error:
            self.failed = str(error)
            raise
        if self._over is not None:
            return Gone(False, math.inf)
        pictured = came and self._granted and self._rests()
        if pictured:
            self._granted = False
            pictured = wish.every > 0 and self.world.steps >= self._target
        if self._glimpse is not None and self._glimpse.done:
            self._over = "steps"
            return Gone(pictured, 0.0)
        self._send_wish(wish)
        now_s = time.perf_counter()
        if not self._asked and (self._granted or now_s - self._asked_s >= 1.0 / DRAWN_S):
            self._asked, self._asked_s = True, now_s
            self._child.send(Ask())
        return Gone(pictured, FILMING_WAIT_S if self._granted else 1.0 / DRAWN_S)

    def state(self, camera_px: tuple[int, int], hand: Hand) -> ViewState:
        by_hand = self._glimpse is not None and self._glimpse.by_hand
        state = self._scribe.fill(
            self.world,
            camera_px,
            seasons=hand.overlay == "seasons",
            peek=self._peek,
            driver="you" if by_hand else "patrol",
            message=self._said if time.perf_counter() < self._said_until_s else "",
        )
        self._course = state.course
        beliefs = self._believer.beliefs() if hand.beliefs else None
        return replace(state, mind=replace(self._mind, sight=self._sight, beliefs=beliefs))

    def apply(self, command: Command) -> str:
        if command.name in BY_DAY:
            day = day_of(command, self._course, self.world.day if self._peek is None else self._peek)
            self._peek = None if day == self.world.day else day
        elif command.name in ("reset", "reset_new"):
            self._seed += command.name == "reset_new"
            self._again = True
            self._mind = replace(self._mind, doing=ENDING)
            self._child.send(End())
            return "this run ends in order, then another begins"
        else:
            self._child.send(command)
            if self._mind.doing.startswith(("beginning", "commissioning", "setting")):
                return f"{command.name}: as soon as commissioning is over"
        return ""

    def come_back(self) -> bool:
        was, self._peek = self._peek, None
        return was is not None

    def close(self) -> None:
        """End the run in order, and wait for its report."""
        self._again = False
        if not self._child.ended:
            print("the run ends in order; its report is being written", flush=True)
        try:
            last = self._child.end()
            if last is not None:
                self._note_end(last)
        except AgentError as error:
            self.failed = str(error)

    def _receive(self) -> bool:
        """Take in what has come from the run; whether there was a glimpse."""
        came = False
        for message in self._child.received():
            match message:
                case Glimpse() as glimpse:
                    self._take(glimpse)
                    self._asked, came = False, True
                case Told(said):
                    self._said, self._said_until_s = said, time.perf_counter() + MESSAGE_S
                case Ended() | Failed():
                    self._note_end(message)
                    return came
        return came

    def _rests(self) -> bool:
        """Whether the run waits for a wish."""
        return self._glimpse is not None and self._glimpse.resting

    def _send_wish(self, wish: Wish) -> None:
        """Tell the run how to go on, if that has changed. For a film it goes so many steps, and waits for the next."""
        if wish.every:
            if self._asked or self._granted or not self._rests() or not self._clock.due(wish):
                steps = 0
            else:
                steps, self._granted, self._target = wish.every, True, self.world.steps + wish.every
            wish = replace(wish, steps=steps)
        if wish.steps or wish != self._wish:
            self._child.send(wish)
            self._wish = replace(wish, steps=0)

    def _take(self, glimpse: Glimpse) -> None:
        """Let the mirror and the mind be as the run is."""
        if glimpse.body is not None:
            self._follow(glimpse.body)
        if glimpse.sight is not None:
            self._sight = glimpse.sight
            if glimpse.body is not None and glimpse.body.steps == glimpse.sight.step:
                self._believer.look(glimpse.sight.guess, glimpse.body.odometry + self._dock, glimpse.sight.step)
        mind = replace(
            self._mind,
            learner=glimpse.learner,
            learning=glimpse.learning,
            doing=glimpse.doing if not self._again else ENDING,
            present=glimpse.present,
            updates=glimpse.updates,
            labels=glimpse.labels,
        )
        if glimpse.notes is not None:
            notes = glimpse.notes
            mind = replace(mind, curves=notes.curves, alarms=notes.alarms, diagnosis=notes.diagnosis)
        if glimpse.memory is not None:
            mind = replace(mind, memory=glimpse.memory)
        self._glimpse, self._mind = glimpse, mind

    def _follow(self, body: Body) -> None:
        """Go where the robot went, step by step, and stand as it stands."""
        first = body.steps - len(body.trace) + 1
        for n, (*pose, tank_l) in enumerate(body.trace):
            self.world.steps = first + n
            self.world.pose[0], self.world.tank_l[0] = pose, tank_l
            self._scribe.note(self.world)
        put_on(self.world, body)

    def _note_end(self, last: Ended | Failed) -> None:
        """The run is over: another begins, or that is all.

        Raises:
            AgentError: something went wrong in it.
        """
        if last.folder is not None:
            self.folders.append(last.folder)
        if isinstance(last, Failed):
            raise AgentError(last.error)
        if self._again:
            self.begin()
        else:
            self._over = "life" if last.folder is not None else "quit"


class Child:
    """The process that a run lives in.

    Args:
        wanted: of the run.

    Attributes:
        ended: whether it has said its last word, or is gone.
    """

    def __init__(self, wanted: Wanted) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._pipe: Connection = ours
        self._process = context.Process(target=main, args=(theirs, wanted), daemon=True)
        self._process.start()
        theirs.close()
        self.ended = False

    def send(self, message: object) -> None:
        """Send something; small, and seldom enough never to wait for the run to read it."""
        with suppress(OSError):  # it has ended, and its last words are still to be read
            self._pipe.send(message)

    def received(self) -> Iterator[Any]:
        """What has come from it, up to now.

        Raises:
            AgentError: the process is gone, and has not said why.
        """
        while not self.ended and self._pipe.poll():
            try:
                message = self._pipe.recv()
            except (EOFError, OSError):
                self.ended = True
                self._process.join()
                code = self._process.exitcode
                raise AgentError(f"the run's process ended without a word (exit code {code})") from None
            if isinstance(message, Ended | Failed):
                self.ended = True
                self._process.join()
            yield message

    def end(self) -> Ended | Failed | None:
        """Ask it to end, and wait until it has, report and all: its last word, or None if that was read before.

        A Ctrl-C meanwhile reaches the run, too, and breaks off what it is at; a second one gives it up.
        """
        if self.ended:
            return None
        self.send(End())
        for _ in range(2):
            with suppress(KeyboardInterrupt):
                while True:
                    self._pipe.poll(None)
                    for message in self.received():
                        if isinstance(message, Ended | Failed):
                            return message
        self._process.terminate()
        self._process.join()
        self.ended = True
        return None
