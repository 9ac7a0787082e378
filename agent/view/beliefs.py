"""What the robot believes of its garden, for people to look at: the gardener's map, fed with what a net said."""

import numpy as np

from agent.map_mind import HALF_LIFE_D
from agent.mapping import SemanticMap
from garden_env.garden import Garden
from garden_env.viewer.state import Beliefs

WARM_DAYS = 2 * HALF_LIFE_D  # looks from before have faded to a quarter


class Believer:
    """Draws the map that a gardener would draw (`agent.mapping`), out of looks at a life.

    Args:
        garden: only its size, its camera and its rhythm are used; nothing true enters.
    """

    def __init__(self, garden: Garden) -> None:
        self._garden = garden
        self._map: SemanticMap | None = None
        self._step = -1

    @property
    def warm_steps(self) -> int:
        """Control steps of looks after which a new map is about what a longer one would be."""
        return round(WARM_DAYS * self._garden.scenario.steps_per_day)

    @property
    def step(self) -> int:
        """The last step that was looked at; -1 before the first."""
        return self._step

    def look(self, guess: np.ndarray, pose: np.ndarray, step: int) -> None:
        """Lay what was said of a frame on the ground; a step that was looked at already is passed over.

        Args:
            guess: (h, w) uint8, the class of every output pixel.
            pose: (3,) float64, where odometry says the robot was: x [m], y [m], heading [rad].
            step: control step of the frame; one before the last begins another map.
        """
        if step == self._step and self._map is not None:
            return
        if self._map is None or step < self._step:
            layout, scenario = self._garden.layout, self._garden.scenario
            half_life_steps = HALF_LIFE_D * scenario.steps_per_day
            self._map = SemanticMap(layout.width_m, layout.depth_m, scenario.camera, half_life_steps=half_life_steps)
        self._map.look(guess, pose, step)
        self._step = step

    def forget(self) -> None:
        """Begin another map."""
        self._map, self._step = None, -1

    def beliefs(self) -> Beliefs | None:
        """The map as it is now; None before the first look."""
        if self._map is None:
            return None
        classes = self._map.classes()
        sure = np.where(classes == 255, np.float32(0.0), self._map.probabilities().max(2))
        return Beliefs(classes[::-1].copy(), sure[::-1].astype(np.float32))
