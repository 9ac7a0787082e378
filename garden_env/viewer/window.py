"""The window on the screen: it shows a `ViewState`, keeps its own speed, and hands on what a hand wants."""

import math
import os
from collections import deque
from collections.abc import Collection, Mapping

import numpy as np

from garden_env.viewer.drawing import draw, layout_of
from garden_env.viewer.keys import COMMANDS, HELD, OWN, SOLO_KEYS, Command, told_keys, usual_keys
from garden_env.viewer.layout import LEAST_HEIGHT_PX, LEAST_WIDTH_PX, lay_out
from garden_env.viewer.picking import picked
from garden_env.viewer.state import OVERLAYS, Hand, ViewState
from garden_env.viewer.strip import day_at

SIZE_PX = 1280, 720
RATES = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)  # times the usual speed; beyond the last: flat out
HUDS = ("full", "compact", "off")
SHIFT = "shift "
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
        self._keys = {key: name for key, name in given.items() if name in OWN or name in serves}
        self._down: list[str] = []  # held commands, in the order in which they went down
        self._surface = None
        self._shown: ViewState | None = None
        self._ticks: deque[int] = deque(maxlen=STEPS_TIMED)
        self._stepped = -1
        self.hand = Hand(rate=steps_s, keys=told_keys(self._keys))
        self.pixels = np.zeros((0, 0, 3), np.uint8)

    @property
    def held(self) -> tuple[str, ...]:
        """Which of `HELD` are down now."""
        return tuple(self._down)

    def camera_px(self, aspect: float, plan_aspect: float) -> tuple[int, int]:
        """How large the camera's picture will be; to be drawn at that size.

        Args:
            aspect, plan_aspect: width over height of the camera's picture and of the garden.
        """
        box = lay_out(*self._size_px, camera_aspect=aspect, plan_aspect=plan_aspect, hud=self.hand.hud).camera
        return max(box.width, 16), max(box.height, 16)

    def show(self, state: ViewState) -> None:
        """Draw a state; opens the window if there is none."""
        pygame = self._pygame
        if self._surface is None:
            self._open_display()
            pygame.display.set_caption(self._title)
            self._surface = pygame.display.set_mode(self._size_px, pygame.RESIZABLE)
            self._size_px = self._surface.get_size()
        self._time(state.step)
        self._shown = state
        self.pixels = draw(state, self.hand, *self._size_px)
        picture = pygame.image.frombuffer(self.pixels.data, self._size_px, "RGB")
        self._surface.blit(picture, (0, 0))
        pygame.display.flip()

    def poll(self) -> list[Command]:
        """What was asked for since the last time, and is not only about how it looks."""
        pygame = self._pygame
        if self._surface is None:
            return []
        asked: list[Command] = []
        for event in pygame.event.get():
            if event.type == pygame.QUIT:
                asked.append(Command("quit"))
            elif event.type == pygame.VIDEORESIZE:
                self._resize(event.w, event.h)
            elif event.type == pygame.KEYDOWN:
                asked += self._pressed(pygame.key.name(event.key), bool(event.mod & pygame.KMOD_SHIFT))
            elif event.type == pygame.KEYUP:
                name = self._command(pygame.key.name(event.key), shifted=False)
                if name in self._down:
                    self._down.remove(name)
            elif event.type == pygame.WINDOWFOCUSLOST:
                self._down.clear()  # keys that go up elsewhere are not told
            elif event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
                asked += self._clicked(*event.pos)
        return asked

    def close(self) -> None:
        """Take the window away; may be called twice."""
        if self._surface is not None:
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

    def _command(self, key: str, *, shifted: bool) -> str | None:
        """The command of a key; keys are named as pygame names them, and '.' is 'period'."""
        named = {".": "period", "-": "minus", "=": "equals", "+": "plus", "[-]": "keypad minus", "[+]": "keypad plus"}
        told = named.get(key, key)
        return (self._keys.get(SHIFT + told) if shifted else None) or self._keys.get(told)

    def _pressed(self, key: str, shifted: bool) -> list[Command]:
        name, hand = self._command(key, shifted=shifted), self.hand
        if name is None and key in SOLO_KEYS:
            hand.solo = None if hand.solo == SOLO_KEYS[key] else SOLO_KEYS[key]
        elif name == "pause":
            hand.paused = not hand.paused
        elif name in ("slower", "faster", "normal"):
            hand.rate = self._rate(name)
        elif name in ("overlay", "overlay_back"):
            turn = 1 if name == "overlay" else -1
            hand.overlay = OVERLAYS[(OVERLAYS.index(hand.overlay) + turn) % len(OVERLAYS)]
        elif name == "seasons":
            hand.overlay = "plain" if hand.overlay == "seasons" else "seasons"
        elif name == "hud":
            hand.hud = HUDS[(HUDS.index(hand.hud) + 1) % len(HUDS)]
        elif name == "help":
            hand.help = not hand.help
        elif name in HELD:
            if name not in self._down:
                self._down.append(name)
        elif name is not None:
            return [Command(name)]
        return []

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
        layout = layout_of(self._shown, self.hand, *self._size_px)
        if layout.strip.holds(x_px, y_px) and "jump" in self._serves:
            return [Command("jump", day_at(layout.strip, self._shown.course, x_px))]
        if layout.plan.holds(x_px, y_px):
            self.hand.picked = picked(self._shown, layout.plan, x_px, y_px)
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
