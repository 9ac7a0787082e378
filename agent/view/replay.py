"""A finished run at the window: its life is lived anew, and one can go to any day of it."""

import math
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import numpy as np

from agent.past import PastRun
from agent.perception import recognise
from agent.view.beliefs import Believer
from agent.view.deeds import Deeds
from agent.view.looks import BY_DAY, day_of
from agent.view.loop import Clock, Gone, Wish
from agent.view.options import Ended, ViewOptions
from agent.view.relived import Relived
from agent.view.remembered import Remembered
from garden_env.garden import dock_pose
from garden_env.viewer.filling import Scribe, course_of
from garden_env.viewer.keys import Command
from garden_env.viewer.state import Beliefs, Hand, ViewState
from garden_env.world import World
from scenarios.names import nearest

AHEAD_S = 0.008  # of living ahead between two looks at what the hand wants
HURRY_S = 0.025  # of it, where somebody waits to be there
TRAIL_STEPS = 96  # of the way driven that is shown after a jump, at least
TOLD_STEPS = 48  # for so many steps after the beginning it is said that the world has changed
CHANGED = "the world has changed since this run: what you see is drawn by today's, and may differ"


class Replay:
    """A run of the past; a `agent.view.loop.Source`.

    Args:
        folder: of the run.
        options: checked; the garden, its seed and its learners are the run's.

    Attributes:
        past: the run.
        relived: its life.

    Raises:
        ValueError: the folder is of no run that lived in a garden, or an option does not fit it.
    """

    serves = ("swap", "reset", *BY_DAY)

    def __init__(self, folder: Path, options: ViewOptions) -> None:
        self.past, self._options = PastRun.open(folder), options
        place = self.past.place
        if options.seed != ViewOptions.seed:
            raise ValueError(f"--seed {options.seed}: the run in {folder} has a seed of its own; leave --seed out")
        if options.day >= place.days:
            raise ValueError(f"day: this run has days 0 .. {place.days - 1}, given {options.day}")
        names = self.past.learners
        if options.learns and options.learner not in (*names, ViewOptions.learner):
            raise ValueError(nearest(options.learner, names, kind="learner of this run"))
        deeds = Deeds.read(folder)
        self.remembered = Remembered(self.past, deeds, options.learner)
        self._changed = not self.past.same_world
        self.relived = Relived(place.garden, deeds)
        self._believer = Believer(place.garden)
        self._clock, self._last_step = Clock(), self.remembered.last_step
        self._target: int | None = None
        self._arrive(min(self.relived.first_step(options.day), self._last_step))
        self._first_step, self._taken = self.world.steps, 0

    @property
    def world(self) -> World:
        """As it is shown."""
        return self.relived.world

    @property
    def over(self) -> Ended | None:
        """At its end a life stands still in a window; a film of it ends."""
        if self._options.most_steps is not None and self._taken >= self._options.most_steps:
            return "steps"
        return "life" if self._at_end and not self._options.window else None

    def go_on(self, wish: Wish) -> Gone:
        if self._target is not None:
            self.relived.ahead(HURRY_S, until=self._target)
            if self.relived.known >= self._target:
                self._arrive(self._target)
            return Gone(False, 0.0)
        if self.over is not None or self._at_end or not self._clock.due(wish):
            return Gone(False, self._look_ahead(wish))
        self.relived.step()
        self._taken += 1
        self._scribe.note(self.world)
        return Gone(wish.every > 0 and self._taken % wish.every == 0, self._clock.wait_s(wish))

    def state(self, camera_px: tuple[int, int], hand: Hand) -> ViewState:
        world = self.world
        state = self._scribe.fill(
            world, camera_px, seasons=hand.overlay == "seasons", driver=f"replay, {self.relived.wheel.driver}",
            message=CHANGED if self._changed and world.steps < self._first_step + TOLD_STEPS else "",
        )  # fmt: skip
        if not self._options.learns:
            return state
        mind = self.remembered.mind(world.frame(0), world.day, world.steps)
        if self._target is not None:
            share = 100 * self.relived.known // max(self._target, 1)
            mind = replace(mind, doing=f"living ahead, {share} %")
        elif self._at_end:
            ends = "the end of its life" if self.past.log.ended == "finished" else "broken off here"
            mind = replace(mind, doing=f"{ends}; {mind.doing}")
        return replace(state, mind=replace(mind, beliefs=self._beliefs() if hand.beliefs else None))

    def apply(self, command: Command) -> str:
        if command.name in BY_DAY:
            from_day = self._day_of(self._target if self._target is not None else self.world.steps)
            day = day_of(command, course_of(self.world.gardens[0]), from_day)
            self._set_out(self.relived.first_step(day))
        elif command.name == "reset":
            self._set_out(self.relived.first_step(self._options.day))
        elif command.name == "swap":
            self._believer.forget()
            before = self.remembered.learner
            if self.remembered.next() == before:
                return f"there is nobody but {before} in this run"
            return f"through the eyes of {self.remembered.learner}"
        return ""

    def come_back(self) -> bool:
        """Give up going to a day that has not been reached yet."""
        was, self._target = self._target, None
        return was is not None

    def close(self) -> None:
        pass

    @property
    def _at_end(self) -> bool:
        return self.world.steps >= self._last_step

    def _day_of(self, step: int) -> int:
        return self.world.gardens[0].scenario.moment(step)[0]

    def _set_out(self, step: int) -> None:
        """Go to a step: at once where the way is known, else as soon as it is."""
        step = min(step, self._last_step)
        if self.relived.known >= step or not self._options.window:
            self._arrive(step)
        else:
            self._target = step

    def _arrive(self, step: int) -> None:
        """Be at a step, with the way there behind the robot."""
        self._target = None
        self._scribe = Scribe(self.world)
        self.relived.go(step, trail=TRAIL_STEPS, see=self._scribe.note)

    def _look_ahead(self, wish: Wish) -> float:
        """Live ahead while nothing else is due; returns how long to wait [s]."""
        wait_s = math.inf if self._at_end else self._clock.wait_s(wish)
        if not self._options.window or self.relived.known >= self._last_step:
            return wait_s
        self.relived.ahead(min(AHEAD_S, max(wait_s, 0.0)))
        return 0.0

    def _beliefs(self) -> Beliefs | None:
        """The robot's map at the step that is shown; looks that are missing are made up for."""
        believer, step = self._believer, self.world.steps
        if not 0 <= step - believer.step <= believer.warm_steps:
            believer.forget()
        first = max(believer.step + 1, step - believer.warm_steps, self.past.place.commissioning_steps)
        dock = dock_pose(self.world.gardens[0].layout)
        looks = [
            (self.remembered.eyes(world.steps, world.day), world.frame(0).rgb, world.odometry(0) + dock, world.steps)
            for world in (self.relived.between(first, step) if first <= step else ())
        ]
        for eyes, looked in groupby(looks, key=itemgetter(0)):
            _, pictures, poses, steps = zip(*looked, strict=True)
            if eyes is None:
                continue
            guesses = recognise(eyes, np.ascontiguousarray(np.stack(pictures).transpose(0, 3, 1, 2)))
            for guess, pose, at in zip(guesses, poses, steps, strict=True):
                believer.look(guess, pose, at)
        return believer.beliefs()
