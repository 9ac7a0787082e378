"""Watching a world that somebody else runs: the window of `render_mode="human"`."""

import math

from garden_env.viewer.filling import Scribe
from garden_env.viewer.window import Window
from garden_env.world import World

ASPECT = 4 / 3  # of the camera's picture in the window, whatever the robot's own
REDRAWN_S = 30.0  # frames a second while it waits


class Watch:
    """Shows one garden of a world, and holds it up to keep a speed that can be watched.

    Closing the window ends the watching and not the life. Nothing that is done here changes the world.

    Args:
        steps_s: the usual speed [steps a second].
        window: where to; one of the usual size if not given.
    """

    def __init__(self, steps_s: float, window: Window | None = None) -> None:
        import pygame

        self._clock_ms, self._wait_ms = pygame.time.get_ticks, pygame.time.wait
        self.window = window or Window(steps_s=steps_s, serves=("step", "quit"))
        self._scribe: Scribe | None = None
        self._due_ms = 0.0
        self._closed = False

    def show(self, world: World) -> None:
        """Draw the world, and return when it is time for the next step."""
        if self._closed:
            return
        if self._scribe is None:
            self._scribe = Scribe(world)
        self._draw(world)
        hand = self.window.hand
        while not self._closed:
            asked = [command.name for command in self.window.poll()]
            if "quit" in asked:
                self.close()
                return
            left_ms = self._due_ms - self._clock_ms()
            if "step" in asked or (not hand.paused and left_ms <= 0):
                break
            if hand.paused or left_ms > 1000.0 / REDRAWN_S:
                self._draw(world)
            self._wait_ms(max(1, round(min(1000.0 / REDRAWN_S, left_ms if not hand.paused else math.inf))))
        period_ms = 0.0 if math.isinf(hand.rate) else 1000.0 / hand.rate
        self._due_ms = max(self._due_ms + period_ms, self._clock_ms())

    def close(self) -> None:
        """Take the window away for good."""
        self._closed = True
        self.window.close()

    def _draw(self, world: World) -> None:
        assert self._scribe is not None, "drawn before it was shown"
        layout = world.gardens[0].layout
        camera_px = self.window.camera_px(ASPECT, layout.width_m / layout.depth_m)
        seasons = self.window.hand.overlay == "seasons"
        self.window.show(self._scribe.fill(world, camera_px, seasons=seasons))
