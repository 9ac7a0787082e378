"""The window on the screen: it shows a `ViewState`, keeps its own speed, and hands on what a hand wants."""

import math
import os
from collections import deque
from collections.abc import Collection, Mapping

import numpy as np

from garden_env.viewer.drawing import draw, layout_of
from garden_env.viewer.hearing import Hearing, Press
from garden_env.viewer.keys import COMMANDS, HELD, OWN, SOLO, Command, told_keys, usual_keys
from garden_env.viewer.layout import LEAST_HEIGHT_PX, LEAST_WIDTH_PX, lay_out, scale_of
from garden_env.viewer.picking import picked
from garden_env.viewer.state import OF_THE_MIND, OVERLAYS, Hand, ViewState
from garden_env.viewer.strip import day_at

SIZE_PX = 1280, 720
RATES = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)  # times the usual speed; beyond the last: flat out
HUDS = ("full", "compact", "off")
STEPS_TIMED = 20


UNSEEN = ("dummy", "offscreen")  # SDL's drivers that show nobody anything
INSTEAD = "draw without one: run_sim.py view --no-window --record FILE.mp4, or set SDL_VIDEODRIVER=dummy"


class NoDisplayError(ValueError):
    """There is no screen; the message says what would do."""


class Window:
    """Opened by the first `show`, closed for good by `close`; pygame is loaded when the window is.

    Only pygame's display is initialised: its audio is slow to start and fails on machines without sound.

    Args:
        size_px: width and height to begin with.
        steps_s: the usual speed [steps a second].
        keys: command by key; see `garden_env.viewer.keys`.
        serves: the commands beyond its own look and pace that whoever runs the world carries out; keys of others do
            nothing, and the help does not name them.
        title: of the window.

    Attributes:
        hand: how the person wants to look; changed by keys.
    """

    def __init__(
        self, size_px: tuple[int, int] = SIZE_PX, *, steps_s: float = 8.0, keys: Mapping[str, str] | None = None,
        serves: Collection[str] = (*COMMANDS, "jump"), title: str = "Evergreen",
    ) -> None:  # fmt: skip
        import pygame

        self._pygame = pygame
        self._size_px, self._usual_s, self._title = size_px, steps_s, title
        self._serves = tuple(serves)
        given = usual_keys() if keys is None else keys
        self._keys = {key: name for key, name in given.items() if name in OWN or name in SOLO or name in serves}
        self._down: dict[str, str] = {}  # held commands by what holds them, in the order in which they went down
        self._hearing: Hearing | None = None
        self._surface = None
        self._shown: ViewState | None = None
        self._ticks: deque[int] = deque(maxlen=STEPS_TIMED)
        self._stepped = -1
        self.hand = Hand(rate=steps_s, keys=told_keys(self._keys))
        self.pixels = np.zeros((0, 0, 3), np.uint8)

    @property
    def held(self) -> tuple[str, ...]:
        """Which of `HELD` are down now."""
        return tuple(dict.fromkeys(self._down.values()))

    def camera_px(self, aspect: float, plan_aspect: float, *, mind: bool | None = None) -> tuple[int, int]:
        """How large the camera's picture will be; to be drawn at that size.

        Args:
            aspect, plan_aspect: width over height of the camera's picture and of the garden.
            mind: whether a learner's side will be drawn; as in what was shown last if not given.
        """
        if mind is None:
            mind = self._shown is not None and self._shown.mind is not None
        box = lay_out(
            *self._size_px, camera_aspect=aspect, plan_aspect=plan_aspect, hud=self.hand.hud, mind=mind
        ).camera
        _, _, width_px, height_px = box.pixels(scale_of(*self._size_px))
        return max(width_px, 16), max(height_px, 16)

    def show(self, state: ViewState) -> None:
        """Draw a state; opens the window if there is none."""
        pygame = self._pygame
        if self._surface is None:
            self._open_display()
            pygame.display.set_caption(self._title)
            self._surface = pygame.display.set_mode(self._size_px, pygame.RESIZABLE)
            self._size_px = self._surface.get_size()
            self._hearing = Hearing(pygame)
        self._time(state.step)
        self._shown = state
        self.pixels = draw(state, self.hand, *self._size_px)
        picture = pygame.image.frombuffer(self.pixels.data, self._size_px, "RGB")
        self._surface.blit(picture, (0, 0))
        pygame.display.flip()

    def poll(self) -> list[Command]:
        """What was asked for since the last time, and is not only about how it looks."""
        pygame = self._pygame
        if self._surface is None or self._hearing is None:
            return []
        asked: list[Command] = []
        for event in pygame.event.get():
            if event.type == pygame.QUIT:
                asked.append(Command("quit"))
            elif event.type == pygame.VIDEORESIZE:
                self._resize(event.w, event.h)
            elif event.type == pygame.WINDOWFOCUSLOST:
                self._down.clear()  # keys that go up elsewhere are not told
            elif event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
                asked += self._clicked(*event.pos)
            else:
                pads = len(self._hearing.pads)
                for press in self._hearing.heard(event):
                    asked += self._pressed(press)
                if len(self._hearing.pads) != pads:
                    self.hand.keys = told_keys(self._keys, pad=bool(self._hearing.pads))
        return asked

    def close(self) -> None:
        """Take the window away; may be called twice."""
        if self._surface is not None:
            if self._hearing is not None:
                self._hearing.close()
            self._pygame.display.quit()
            self._surface = None

    def _open_display(self) -> None:
        """Let SDL find a screen; where it would draw for nobody to see, say so, unless that was asked for."""
        pygame, asked = self._pygame, os.environ.get("SDL_VIDEODRIVER", "")
        try:
            pygame.display.init()
        except pygame.error as error:
            raise NoDisplayError(f"no window can be opened ({error}); {INSTEAD}") from error
        driver = pygame.display.get_driver()
        if driver in UNSEEN and driver not in asked:
            pygame.display.quit()
            raise NoDisplayError(f"there is no screen to open a window on; {INSTEAD}")

    def _resize(self, width_px: int, height_px: int) -> None:
        self._size_px = max(width_px, LEAST_WIDTH_PX), max(height_px, LEAST_HEIGHT_PX)
        if self._size_px != (width_px, height_px):
            self._surface = self._pygame.display.set_mode(self._size_px, self._pygame.RESIZABLE)

    def _pressed(self, press: Press) -> list[Command]:
        """A key or button has gone down or up."""
        if not press.down:
            self._down.pop(press.source, None)
            return []
        name, hand = next((self._keys[key] for key in press.names if key in self._keys), None), self.hand
        if name in SOLO:
            hand.solo = None if hand.solo == SOLO[name] else SOLO[name]
        elif name == "pause":
            hand.paused = not hand.paused
        elif name in ("slower", "faster", "normal"):
            hand.rate = self._rate(name)
        elif name in ("overlay", "overlay_back"):
            hand.overlay = self._next_overlay(1 if name == "overlay" else -1)
        elif name == "seasons":
            hand.overlay = "plain" if hand.overlay == "seasons" else "seasons"
        elif name == "beliefs":
            hand.beliefs = not hand.beliefs
        elif name == "hud":
            hand.hud = HUDS[(HUDS.index(hand.hud) + 1) % len(HUDS)]
        elif name == "help":
            hand.help = not hand.help
        elif name in HELD:
            self._down[press.source] = name
        elif name is not None:
            return [Command(name)]
        return []

    def _next_overlay(self, turn: int) -> str:
        """The overlay after (1) or before (-1) this one; what needs a learner only comes round where there is one."""
        nobody = self._shown is None or self._shown.mind is None
        ring = [name for name in OVERLAYS if name == self.hand.overlay or not (nobody and name in OF_THE_MIND)]
        return ring[(ring.index(self.hand.overlay) + turn) % len(ring)]

    def _rate(self, name: str) -> float:
        """The next speed in a direction [steps a second]."""
        if name == "normal":
            return self._usual_s
        speeds = [*(rate * self._usual_s for rate in RATES), math.inf]
        at = speeds.index(self.hand.rate)
        return speeds[min(max(at + (1 if name == "faster" else -1), 0), len(speeds) - 1)]

    def _clicked(self, x_px: int, y_px: int) -> list[Command]:
        """A click on the map tells of what stands there; one on the calendar asks to go there."""
        if self._shown is None:
            return []
        layout, scale = layout_of(self._shown, self.hand, *self._size_px), scale_of(*self._size_px)
        x, y = x_px / scale, y_px / scale
        if (layout.strip.holds(x, y) or layout.curves.holds(x, y)) and "jump" in self._serves:
            return [Command("jump", day_at(layout.strip, self._shown.course, x))]
        if layout.plan.holds(x, y):
            self.hand.picked = picked(self._shown, layout.plan, x, y)
        return []

    def _time(self, step: int) -> None:
        """Count steps a second."""
        if step == self._stepped:
            return
        if step < self._stepped:
            self._ticks.clear()
        self._stepped = step
        self._ticks.append(self._pygame.time.get_ticks())
        if len(self._ticks) > 1 and self._ticks[-1] > self._ticks[0]:
            self.hand.steps_s = 1000.0 * (len(self._ticks) - 1) / (self._ticks[-1] - self._ticks[0])
