"""A garden that nobody learns in, lived in the window's own process: the patrol drives, or whoever sits there."""

import numpy as np

from agent.stream import owners_round
from agent.view.events import BY_KEY, drop
from agent.view.looks import BY_DAY, day_of
from agent.view.loop import Clock, Gone, Wish
from agent.view.options import Ended, ViewOptions
from agent.view.wheel import Wheel
from garden_env.garden import plant_garden
from garden_env.viewer.filling import Scribe, course_of
from garden_env.viewer.keys import HELD, Command
from garden_env.viewer.state import Hand, ViewState
from garden_env.world import World
from scenarios.files import load


class Bare:
    """One life; a `agent.view.loop.Source`.

    Args:
        options: checked.

    Attributes:
        world: what is watched.
        log: what a person did, one entry a command: step, command, value.

    Raises:
        ValueError: it is to begin on a day that the life does not have.
        ScenarioError: the scenario does not exist or is not valid.
    """

    serves = ("wheel", *HELD, *BY_KEY, "reset", "reset_new", *BY_DAY)

    def __init__(self, options: ViewOptions) -> None:
        self._options = options
        self._scenario = load(options.scenario)
        if options.day >= self._scenario.days:
            raise ValueError(f"day: {self._scenario.name} has days 0 .. {self._scenario.days - 1}, given {options.day}")
        self._seed = options.seed
        self.log: list[dict] = []
        self._begin()

    @property
    def over(self) -> Ended | None:
        if self.world.steps >= self._scenario.life_steps:
            return "life"
        most = self._options.most_steps
        return "steps" if most is not None and self.world.steps - self._first_step >= most else None

    def go_on(self, wish: Wish) -> Gone:
        if self.over is not None or not self._clock.due(wish):
            return Gone(False, self._clock.wait_s(wish))
        self.world.advance(self.wheel.act(self.world, wish.held)[None])
        self._scribe.note(self.world)
        lived = self.world.steps - self._first_step
        return Gone(wish.every > 0 and lived % wish.every == 0, self._clock.wait_s(wish))

    def state(self, camera_px: tuple[int, int], hand: Hand) -> ViewState:
        return self._scribe.fill(
            self.world, camera_px, seasons=hand.overlay == "seasons", peek=self.peek, driver=self.wheel.driver
        )

    def apply(self, command: Command) -> str:
        self.log.append({"step": self.world.steps, "command": command.name, "value": command.value})
        if command.name in BY_DAY:
            day = day_of(command, course_of(self.world.gardens[0]), self.world.day if self.peek is None else self.peek)
            self.peek = None if day == self.world.day else day
        elif command.name == "wheel":
            self.wheel.by_hand = not self.wheel.by_hand
        elif command.name in BY_KEY:
            return drop(self.world, command.name)
        elif command.name in ("reset", "reset_new"):
            self._seed += command.name == "reset_new"
            self._begin()
        return ""

    def come_back(self) -> bool:
        was, self.peek = self.peek, None
        return was is not None

    def close(self) -> None:
        pass

    def _begin(self) -> None:
        """A new life."""
        garden = plant_garden(self._scenario, self._seed)
        self.world = World([garden])
        while self.world.day < self._options.day:  # it stands at the dock till then
            self.world.advance(np.array([[0.0, 0.0, -1.0]]))
        self._first_step = self.world.steps
        self.wheel = Wheel(owners_round(garden), garden.scenario.robot.turn_deg_per_step)
        self._scribe, self._clock = Scribe(self.world), Clock()
        self.peek: int | None = None
