"""The loop at a window: hear what a hand wants, let the source go on as far as it is time, draw; and film, if wanted.

while True:
    for command in window.poll(): source.apply(command)
    source.go_on(wish)                     # never blocks
    window.show(source.state(...))         # at most 30 times a second
"""

import math
import time
import traceback
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple, Protocol

from agent.view.options import Ended, ViewOptions
from garden_env.viewer.film import Film, free_name
from garden_env.viewer.keys import Command
from garden_env.viewer.screenshot import save_png, save_screenshot
from garden_env.viewer.state import Hand, ViewState
from garden_env.viewer.window import Window
from garden_env.world import World

ASPECT = 4 / 3  # of the camera's picture, whatever the robot's own
DRAWN_S = 30.0  # pictures a second, at most
FILM_FPS = 12.0
MESSAGE_S = 5.0
SERVES = ("step", "screenshot", "record", "quit")  # commands that the loop carries out, whatever the source
TOLD_LINES = 3  # of a traceback that the window shows


class AgentError(RuntimeError):
    """Something went wrong in the run that is watched; the message says what, and where."""


@dataclass(frozen=True)
class Wish:
    """How the person at the window wants it to go on.

    Attributes:
        paused: whether it stands still.
        rate: wanted control steps a second; inf for as fast as it goes.
        steps: single steps asked for since the last time, which are taken even when paused.
        held: keys that are down, see `garden_env.viewer.keys.HELD`.
        every: a film wants a picture for every so many control steps, none of them left out; 0 where nobody films.
    """

    paused: bool
    rate: float
    steps: int = 0
    held: tuple[str, ...] = ()
    every: int = 0


class Gone(NamedTuple):
    """What came of a wish.

    Attributes:
        pictured: whether it stands at a step that the film wants.
        wait_s: for how long nothing is to be expected [s].
    """

    pictured: bool
    wait_s: float


class Source(Protocol):
    """What is watched: a garden that nobody learns in, a run in another process, or a run of the past.

    Attributes:
        world: as it is to be shown.
        serves: the commands that it carries out, beyond those of the window and `SERVES`; held keys among them.
        over: why it has come to its end; None as long as it goes on.
    """

    @property
    def world(self) -> World: ...
    @property
    def serves(self) -> tuple[str, ...]: ...
    @property
    def over(self) -> Ended | None: ...

    def go_on(self, wish: Wish) -> Gone:
        """Go on as far as it is time, at most to the next step that a film wants. Does not block.

        An exception is shown in the window, which then stands still.
        """
        ...

    def state(self, camera_px: tuple[int, int], hand: Hand) -> ViewState:
        """What there is to draw, but for the message.

        Args:
            camera_px: width and height of the camera's picture.
            hand: how the person wants to look.
        """
        ...

    def apply(self, command: Command) -> str:
        """Do what a hand wants; returns what is to be said about it, usually nothing."""
        ...

    def come_back(self) -> bool:
        """End a look at another day; False where there was none, so that whoever asked wants to leave."""
        ...

    def close(self) -> None:
        """Bring it to its end, in order; may take its time. May be called twice."""
        ...


class Clock:
    """When the next step is due, for who takes steps.

    Args:
        catch_up_s: who is late by no more than this takes steps without waiting until the pace is kept again [s].
    """

    def __init__(self, catch_up_s: float = 0.0) -> None:
        self._due_s, self._catch_up_s = 0.0, catch_up_s

    def due(self, wish: Wish) -> bool:
        """Whether a step is to be taken now; if so, the one after is due a period later."""
        now_s = time.perf_counter()
        if not wish.steps and (wish.paused or now_s < self._due_s):
            return False
        period_s = 0.0 if math.isinf(wish.rate) else 1.0 / wish.rate
        self._due_s = max(self._due_s + period_s, now_s - self._catch_up_s)
        return True

    def wait_s(self, wish: Wish) -> float:
        """How long until then [s]; inf where it stands still."""
        return math.inf if wish.paused else self._due_s - time.perf_counter()


class Loop:
    """A window and what is watched in it.

    Args:
        source: what is watched.
        window: where to.
        options: where films and pictures go.

    Attributes:
        written: the files that keys and options asked for.
    """

    def __init__(self, source: Source, window: Window, options: ViewOptions) -> None:
        self._source, self._window, self._options = source, window, options
        self.written: list[Path] = []
        self._film: Film | None = None
        self._message, self._message_until_s = "", 0.0
        self._trouble = ""

    def run(self) -> Ended:
        """Watch until it is over or the window is closed; say which.

        Raises:
            Exception: what went wrong in the source, if nobody sits at the window; with a window it is shown there.
        """
        try:
            if self._options.record is not None:
                self._film = Film(self._options.record, FILM_FPS)
            try:
                ended = self._watch()
            except KeyboardInterrupt:  # in the terminal: as if the window were closed
                ended = "quit"
            if self._options.screenshot is not None:
                self.draw()
                save_png(self._options.screenshot, self._window.pixels)
                self.written.append(self._options.screenshot)
            return ended
        finally:
            self._end_film()
            self._window.close()
            self._source.close()

    def _watch(self) -> Ended:
        hand, drawn_s = self._window.hand, 0.0
        self.draw()
        while True:
            steps = 0
            for command in self._window.poll():
                if command.name == "quit" and not self._source.come_back():
                    return "quit"
                steps += command.name == "step"
                self._do(command)
            gone = self._go_on(Wish(hand.paused, hand.rate, steps, self._window.held, self._filmed_every()))
            ended = self._source.over
            if gone.pictured and self._film is not None:
                self.draw()
                self._add_to_film()
                drawn_s = time.perf_counter()
            if ended is not None:
                return ended
            if self._options.window and time.perf_counter() - drawn_s >= 1.0 / DRAWN_S:
                drawn_s = time.perf_counter()
                self.draw()
            wait_s = min(gone.wait_s, drawn_s + 1.0 / DRAWN_S - time.perf_counter())
            if wait_s > 0.0:
                time.sleep(wait_s)

    def _go_on(self, wish: Wish) -> Gone:
        """Let the source go on; what goes wrong there is shown, and from then on everything stands still."""
        if self._trouble:
            return Gone(False, math.inf)
        try:
            return self._source.go_on(wish)
        except Exception as error:
            self._stand_still(error)
            return Gone(False, math.inf)

    def _stand_still(self, error: Exception) -> None:
        """Show what went wrong; where nobody sits at the window, raise it."""
        if not self._options.window:
            raise error
        self._trouble = in_words(error)
        self._window.hand.paused = True

    def draw(self) -> None:
        """Show how it stands."""
        self._window.show(self.state())

    def state(self) -> ViewState:
        """What the window shows."""
        hand, source = self._window.hand, self._source
        hand.recording = self._film is not None
        layout = source.world.gardens[0].layout
        state = source.state(self._window.camera_px(ASPECT, layout.width_m / layout.depth_m), hand)
        said = self._message if time.perf_counter() < self._message_until_s else ""
        return replace(state, message=self._trouble or said or state.message)

    def _do(self, command: Command) -> None:
        """Carry out a command that is not about the window's own look."""
        if command.name == "screenshot":
            path = save_screenshot(self._options.folder, self._window.pixels, self.state(), self._window.hand)
            self.written.append(path)
            self._say(f"{path}")
        elif command.name == "record":
            if self._film is None:
                self._film = Film(free_name(self._options.folder, "evergreen", ".mp4"), FILM_FPS)
            else:
                self._end_film()
        elif command.name not in ("step", "quit") and not self._trouble:
            try:
                self._say(self._source.apply(command))
            except Exception as error:
                self._stand_still(error)

    def _filmed_every(self) -> int:
        return self._options.film_every if self._film is not None else 0

    def _say(self, message: str) -> None:
        if message:
            self._message, self._message_until_s = message, time.perf_counter() + MESSAGE_S

    def _add_to_film(self) -> None:
        assert self._film is not None, "nobody films"
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


def in_words(error: Exception) -> str:
    """An exception for people: what it is, and where it came from.

    >>> in_words(ValueError("no such plant"))
    'ValueError: no such plant'
    """
    if isinstance(error, AgentError):
        return str(error)
    lines = traceback.format_exception(error)
    where = [line.strip() for line in lines if line.lstrip().startswith("File ")][-TOLD_LINES:]
    return "  ".join([lines[-1].strip(), *(Path(place.split('"')[1]).name + place.split('"')[2] for place in where)])
