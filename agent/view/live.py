"""A garden lived in front of a window: the patrol drives, or whoever sits there."""

import math
import os
import time
from pathlib import Path

import numpy as np

from agent.stream import owners_round
from agent.view.events import BY_KEY, dropped
from agent.view.options import Ended, ViewOptions
from agent.view.wheel import Wheel
from garden_env.garden import plant_garden
from garden_env.viewer.filling import Scribe
from garden_env.viewer.film import Film, free_name
from garden_env.viewer.keys import Command, read_keys
from garden_env.viewer.screenshot import save_png, save_screenshot
from garden_env.viewer.state import ViewState
from garden_env.viewer.window import Window
from garden_env.world import World
from scenarios.files import load

ASPECT = 4 / 3  # of the camera's picture, whatever the robot's own
DRAWN_S = 30.0  # pictures a second, at most
FILM_FPS = 12.0  # a film has a picture for every control step
MESSAGE_S = 5.0


class LiveView:
    """One life in one window.

    Args:
        options: checked.
        window: where to; one by the options if not given.

    Attributes:
        world: what is watched.
        written: the files that keys and options asked for.
        log: what a person did, one entry a command: step, command, value.
    """

    def __init__(self, options: ViewOptions, window: Window | None = None) -> None:
        if not options.window:
            os.environ["SDL_VIDEODRIVER"] = "dummy"
        self._options = options
        self._scenario = load(options.scenario)
        if options.day >= self._scenario.days:
            raise ValueError(f"day: {self._scenario.name} has days 0 .. {self._scenario.days - 1}, given {options.day}")
        keys = None if options.keys is None else read_keys(options.keys)
        self._window = window or Window((options.width, options.height), steps_s=options.speed, keys=keys)
        self._window.hand.rate, self._window.hand.overlay = options.rate, options.overlay
        self._seed = options.seed
        self.written: list[Path] = []
        self.log: list[dict] = []
        self._film: Film | None = None
        self._message, self._message_until_s = "", 0.0
        self._peek: int | None = None
        self._begin()

    def run(self) -> Ended:
        """Live until the life is over, so many steps are done, or the window is closed; say which."""
        try:
            if self._options.record is not None:
                self._start_film(self._options.record)
            ended = self._live()
            if self._options.screenshot is not None:
                self._draw()
                save_png(self._options.screenshot, self._window.pixels)
                self.written.append(self._options.screenshot)
            return ended
        finally:
            self._end_film()
            self._window.close()

    def _live(self) -> Ended:
        hand, due_s, drawn_s = self._window.hand, 0.0, 0.0
        self._draw()
        while True:
            once = False
            for command in self._window.poll():
                self._note(command)
                if command.name == "quit" and self._peek is None:
                    return "quit"
                once |= command.name == "step"
                self._apply(command)
            now_s = time.perf_counter()
            stepped = once or (not hand.paused and now_s >= due_s)
            if stepped:
                if self._over():
                    return "life" if self.world.steps >= self._scenario.life_steps else "steps"
                self._step()
                period_s = 0.0 if math.isinf(hand.rate) else 1.0 / hand.rate
                due_s = max(due_s + period_s, now_s)
            if (stepped and self._film is not None) or now_s - drawn_s >= 1.0 / DRAWN_S:
                self._draw()
                drawn_s = now_s
                if stepped and self._film is not None:
                    self._add_to_film()
            wait_s = min(due_s - time.perf_counter(), 1.0 / DRAWN_S) if not hand.paused else 1.0 / DRAWN_S
            if wait_s > 0.0:
                time.sleep(wait_s)

    def _begin(self) -> None:
        """A new life."""
        garden = plant_garden(self._scenario, self._seed)
        self.world = World([garden])
        while self.world.day < self._options.day:  # it stands at the dock till then
            self.world.advance(np.array([[0.0, 0.0, -1.0]]))
        self._first_step = self.world.steps
        self._wheel = Wheel(owners_round(garden), garden.scenario.robot.turn_deg_per_step)
        self._scribe = Scribe(self.world)
        self._peek = None

    def _step(self) -> None:
        self.world.advance(self._wheel.act(self.world, self._window.held)[None])
        self._scribe.note(self.world)

    def _over(self) -> bool:
        most = self._options.most_steps
        enough = most is not None and self.world.steps - self._first_step >= most
        return enough or self.world.steps >= self._scenario.life_steps

    def _draw(self) -> None:
        self._window.show(self._state())

    def _state(self) -> ViewState:
        hand, layout = self._window.hand, self.world.gardens[0].layout
        hand.recording = self._film is not None
        return self._scribe.fill(
            self.world,
            self._window.camera_px(ASPECT, layout.width_m / layout.depth_m),
            seasons=hand.overlay == "seasons",
            peek=self._peek,
            driver=self._wheel.driver,
            message=self._message if time.perf_counter() < self._message_until_s else "",
        )

    def _note(self, command: Command) -> None:
        """What a person did is on record."""
        self.log.append({"step": self.world.steps, "command": command.name, "value": command.value})

    def _apply(self, command: Command) -> None:
        """Do what a hand wants."""
        if command.name == "quit":
            self._peek = None
        elif command.name == "jump":
            assert isinstance(command.value, int), "a jump goes to a day"
            self._peek = None if command.value == self.world.day else command.value
        elif command.name == "wheel":
            self._wheel.by_hand = not self._wheel.by_hand
        elif command.name in BY_KEY:
            self._drop(command.name)
        elif command.name == "screenshot":
            path = save_screenshot(self._options.folder, self._window.pixels, self._state(), self._window.hand)
            self.written.append(path)
            self._say(f"{path}")
        elif command.name == "record":
            if self._film is None:
                self._start_film(free_name(self._options.folder, "evergreen", ".mp4"))
            else:
                self._end_film()
        elif command.name in ("reset", "reset_new"):
            self._seed += command.name == "reset_new"
            self._begin()

    def _drop(self, name: str) -> None:
        """Let something happen from today on; what does not fit into the script is told, and nothing happens."""
        kept = self.world.snapshot()
        try:
            for event in dropped(name, self.world.date(0)):
                self.world.inject(0, event)
        except ValueError as error:
            self.world.restore(kept)
            self._say(str(error))

    def _say(self, message: str) -> None:
        self._message, self._message_until_s = message, time.perf_counter() + MESSAGE_S

    def _start_film(self, path: Path) -> None:
        self._film = Film(path, FILM_FPS)

    def _add_to_film(self) -> None:
        assert self._film is not None
        if not self._film.fits(self._window.pixels):
            self._end_film()
            self._say("the window has another size now: the film has ended")
            return
        self._film.add(self._window.pixels)

    def _end_film(self) -> None:
        if self._film is not None:
            self._film.close()
            if self._film.frames:
                self.written.append(self._film.path)
            self._film = None


def view(options: ViewOptions) -> tuple[Ended, LiveView]:
    """Watch a garden.

    Raises:
        ValueError: an option makes no sense.
        FileExistsError: a file that would be written is there already.
        ScenarioError: the scenario does not exist or is not valid.
        KeyMapError: the file of keys cannot be used.
    """
    options.check()
    live = LiveView(options)
    return live.run(), live
