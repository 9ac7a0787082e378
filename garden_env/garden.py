"""One garden: where everything stands, the years as they will come, and how to look at them."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from garden_env.almanac import Almanac, make_almanac
from garden_env.camera import Frame
from garden_env.layout import Layout, plan_garden
from garden_env.look import Look, make_look
from garden_env.plants import Atlas, build_atlas
from garden_env.render.draw import Scene, draw
from scenarios.spec import CameraSpec, Scenario

NEVER_DARK_H = 0.75  # robots start and stop this long after sunrise and before sunset [h]
WILTED_KS, UNSTRESSED_KS = 0.2, 1.0  # the two stress coefficients of an exam's stated water state
WILTED_WETNESS, UNSTRESSED_WETNESS = 0.05, 0.6  # and how wet the soil then looks


@dataclass(frozen=True)
class Garden:
    """Everything about a garden that the robot cannot change."""

    scenario: Scenario
    seed: int
    layout: Layout
    almanac: Almanac
    weather_seed: int

    @cached_property
    def atlas(self) -> Atlas:
        """The sprites of the garden's species."""
        return build_atlas(self.layout.species)

    @cached_property
    def scene(self) -> Scene:
        """What the renderer keeps of the garden: static arrays."""
        return Scene(self.layout, self.atlas)

    def hour(self, day: int, step_of_day: int) -> float:
        """Solar time of a control step at speed 1: the day's light, divided evenly [h]."""
        return self.hour_at(day, (step_of_day + 0.5) / self.scenario.steps_per_day)

    def hour_at(self, day: int, share: float) -> float:
        """Solar time at which a share (0 to 1) of the day's working hours has passed [h]."""
        first_h = self.almanac.sunrise_h[day] + NEVER_DARK_H
        last_h = self.almanac.sunset_h[day] - NEVER_DARK_H
        if last_h <= first_h:  # polar winter: what light there is, is at noon
            return 12.0
        return float(first_h + share * (last_h - first_h))

    def look(self, day: int, hour: float, ks: np.ndarray, wetness: np.ndarray) -> Look:
        """The colour tables of a moment.

        Args:
            day: days since the scenario's start.
            hour: solar time [h].
            ks: (P,) float64, water stress coefficient of every plant, 1 is unstressed.
            wetness: (P,) float64, how wet the soil over its roots looks, 0 to 1.
        """
        return make_look(self.layout, self.almanac, day, hour, ks, wetness, atlas=self.atlas)

    def view(self, day: int, hour: float, pose: np.ndarray, camera: CameraSpec | None = None) -> Frame:
        """What a camera at `pose` sees on any date in the exam's water state; changes nothing, remembers nothing."""
        ks, wetness = self.exam_water
        return draw(self.scene, self.look(day, hour, ks, wetness), pose, camera or self.scenario.camera)

    @cached_property
    def exam_water(self) -> tuple[np.ndarray, np.ndarray]:
        """A water state that no robot can change: a third of the plants wilted, chosen by a hash of their number."""
        plants = len(self.layout.plant_species)
        mixed = (np.arange(plants, dtype=np.uint64) + np.uint64(self.seed)) * np.uint64(0x9E3779B97F4A7C15)
        wilted = (mixed >> np.uint64(40)) % np.uint64(3) == 0
        ks = np.where(wilted, WILTED_KS, UNSTRESSED_KS)
        return ks, np.where(wilted, WILTED_WETNESS, UNSTRESSED_WETNESS)


def plant_garden(scenario: Scenario, seed: int, *, weather_seed: int | None = None) -> Garden:
    """Lay out a garden and foresee its years.

    Args:
        scenario: what is planted, where on Earth, from when.
        seed: draws the layout and, unless `weather_seed` is given, the weather.
        weather_seed: the same garden in other weather years.

    >>> from scenarios.files import load
    >>> scenario = load("four_seasons")
    >>> a, b = plant_garden(scenario, 1), plant_garden(scenario, 1, weather_seed=2)
    >>> bool((a.layout.plant_x_m == b.layout.plant_x_m).all()), bool((a.almanac.tmax_c == b.almanac.tmax_c).all())
    (True, False)
    """
    layout_rng = np.random.default_rng([seed, 1])
    layout = plan_garden(scenario.garden, layout_rng)
    weather_seed = seed if weather_seed is None else weather_seed
    return Garden(scenario, seed, layout, make_almanac(scenario, weather_seed), weather_seed)


def dock_pose(layout: Layout) -> np.ndarray:
    """Where a robot starts: at the shed, (3,) float64 x [m], y [m], heading [rad]."""
    return np.array([layout.dock_x_m, layout.dock_y_m, layout.dock_heading_rad])


def wrap_rad(angle_rad: float) -> float:
    """An angle brought into [-pi, pi).

    >>> round(wrap_rad(3 * math.pi / 2), 4)
    -1.5708
    """
    return (angle_rad + math.pi) % (2 * math.pi) - math.pi
