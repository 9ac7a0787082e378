"""One garden: where everything stands, the years as they will come, and how to look at them."""

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np

from garden_env import soil
from garden_env.almanac import Almanac, make_almanac
from garden_env.camera import Frame, SensorNoise, aimed
from garden_env.layout import Layout, plan_garden
from garden_env.look import Look, make_look
from garden_env.marks import Marks
from garden_env.optics import Optics, expose, kill_pixels
from garden_env.plants import Atlas, build_atlas
from garden_env.render.draw import Scene, draw
from scenarios.spec import CameraSpec, Scenario

NEVER_DARK_H = 0.75  # robots start and stop this long after sunrise and before sunset [h]
DARK_H = 1.0  # robots on night shift keep this far from sunset and sunrise [h]
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
        return build_atlas(self.layout.drawn_species)

    @cached_property
    def scene(self) -> Scene:
        """What the renderer keeps of the garden: static arrays."""
        return Scene(self.layout, self.atlas)

    def hour(self, day: int, step_of_day: int) -> float:
        """Solar time of a control step at speed 1: the day's light, divided evenly [h]."""
        return self.hour_at(day, (step_of_day + 0.5) / self.scenario.steps_per_day)

    def hour_at(self, day: int, share: float) -> float:
        """Solar time at which a share (0 to 1) of the day's working hours has passed [h]."""
        first_h, last_h = self.shift(day)
        return (first_h + share * (last_h - first_h)) % 24.0

    def shift(self, day: int) -> tuple[float, float]:
        """From when to when the robot works, solar time [h]; a night's work ends after 24.

        `light.night` moves both ends from the day's light to the darkness that follows.
        """
        sunrise_h, sunset_h = float(self.almanac.sunrise_h[day]), float(self.almanac.sunset_h[day])
        first_h, last_h = _within(sunrise_h + NEVER_DARK_H, sunset_h - NEVER_DARK_H)
        night = self.almanac.course.at("light.night", day)
        if night == 0.0:
            return first_h, last_h
        dusk_h, dawn_h = _within(sunset_h + DARK_H, sunrise_h + 24.0 - DARK_H)
        return first_h + night * (dusk_h - first_h), last_h + night * (dawn_h - last_h)

    def look(self, day: int, hour: float, ks: np.ndarray, wetness: np.ndarray) -> Look:
        """The colour tables of a moment.

        Args:
            day: days since the scenario's start.
            hour: solar time [h].
            ks: (P,) float64, water stress coefficient of every plant, 1 is unstressed.
            wetness: (P,) float64, how wet the soil over its roots looks, 0 to 1.
        """
        return make_look(self.layout, self.almanac, day, hour, ks, wetness, atlas=self.atlas)

    def camera_on(self, day: int, camera: CameraSpec | None = None) -> CameraSpec:
        """A camera, the robot's if not given, as it is mounted on a day; see `garden_env.camera.aimed`."""
        at = self.almanac.course.at
        return aimed(
            camera or self.scenario.camera,
            pitch_deg=at("camera.pitch_deg", day),
            height_m=at("camera.height_m", day),
            fov_deg=at("camera.fov_deg", day),
        )

    def draw(self, look: Look, pose, camera: CameraSpec | None = None, out: Frame | None = None) -> Frame:
        """The scene through the camera of the look's day, without what lens and sensor do to it."""
        return draw(self.scene, look, pose, self.camera_on(look.day, camera), out)

    def expose(
        self, frame: Frame, day: int, moment: int | None = None, *,
        noise: SensorNoise | None = None, marks: Marks | None = None,
    ) -> None:  # fmt: skip
        """Do to a frame, in place, what the day's lens and sensor do; labels and depth stay.

        Args:
            frame: as drawn.
            day: days since the scenario's start.
            moment: number of the picture, for its noise; without it, there is none.
            noise, marks: of another camera than this garden's.
        """
        today = Optics.on(self.almanac.course, day)
        marks = marks or self.marks
        expose(today, frame.rgb, marks)
        if moment is not None:
            sigma = math.hypot(self.scenario.camera.noise, today.noise)
            (noise or self.noise).add(frame.rgb, sigma, moment)
        kill_pixels(today, frame.rgb, marks)

    def view(
        self, day: int, hour: float, pose: np.ndarray, camera: CameraSpec | None = None, *,
        moment: int | None = None, noise: SensorNoise | None = None, marks: Marks | None = None,
    ) -> Frame:  # fmt: skip
        """What a camera at `pose` sees on any date in the exam's water state; changes nothing, remembers nothing.

        Args:
            day, hour: days since the scenario's start, solar time [h].
            pose: x [m], y [m], heading [rad].
            camera: the robot's if not given.
            moment, noise, marks: see `expose`; without a moment the picture has no noise.
        """
        ks, wetness = self.exam_water
        frame = self.draw(self.look(day, hour, ks, wetness), pose, camera)
        self.expose(frame, day, moment, noise=noise, marks=marks)
        return frame

    @cached_property
    def noise(self) -> SensorNoise:
        """The noise of the robot's sensor."""
        return SensorNoise(np.random.default_rng([self.seed, 2]))

    @property
    def marks(self) -> Marks:
        """Dirt, drops and dead pixels of the robot's camera."""
        return Marks(self.seed)

    def unwatered(self, day: int) -> tuple[np.ndarray, np.ndarray]:
        """The water state that nature alone has brought about by a day: ks and wetness, both (P,) float64."""
        species = self.layout.plant_species
        zone = soil.root_zone([self.layout.species[s] for s in species], self.scenario.soil)
        ks = soil.stress(self.almanac.depletion_mm[day, species], zone.taw_mm, zone.p_table)
        return ks, np.full(len(species), self.almanac.soil_wet[day])

    def under(self, scenario: Scenario, *, weather_seed: int | None = None) -> Self:
        """The same place, robot and camera under another script, and in other weather if another seed is given."""
        here = {name: getattr(self.scenario, name) for name in ("garden", "robot", "camera")}
        script = scenario.model_copy(update=here)
        seed = self.weather_seed if weather_seed is None else weather_seed
        other = replace(self, scenario=script, almanac=make_almanac(script, seed), weather_seed=seed)
        vars(other).update({name: getattr(self, name) for name in ("atlas", "scene", "exam_water", "noise")})
        return other

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


def _within(first_h: float, last_h: float) -> tuple[float, float]:
    """A span of hours; at its middle, noon or midnight, if it ends before it begins, as near the poles."""
    if last_h > first_h:
        return first_h, last_h
    return round((first_h + last_h) / 24) * 12.0, round((first_h + last_h) / 24) * 12.0


def dock_pose(layout: Layout) -> np.ndarray:
    """Where a robot starts: at the shed, (3,) float64 x [m], y [m], heading [rad]."""
    return np.array([layout.dock_x_m, layout.dock_y_m, layout.dock_heading_rad])


def wrap_rad(angle_rad: float) -> float:
    """An angle brought into [-pi, pi).

    >>> round(wrap_rad(3 * math.pi / 2), 4)
    -1.5708
    """
    return (angle_rad + math.pi) % (2 * math.pi) - math.pi
