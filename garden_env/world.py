"""The world: N gardens side by side, advanced one control step at a time.

State is kept as arrays with a leading axis over gardens; plants are padded to the largest garden. Weather, plants'
stages and snow are foreseen in each garden's `Almanac`; what is computed here is what the robots do change: where they
stand, their tanks, and the water under each plant.
"""

import math
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Self

import numpy as np

from garden_env import mortality, soil
from garden_env.camera import Frame, empty_frame
from garden_env.counterfactual import WaterState, When, render_at
from garden_env.garden import Garden, dock_pose, plant_garden
from garden_env.injection import Injection, from_now, with_events
from garden_env.look import Look
from garden_env.pace import SENSES, TERMS, State, drive_range, see_range, sense_range
from garden_env.render.draw import draw_map
from garden_env.snapshot import BY_GARDEN, Snapshot, SnapshotError, checked
from garden_env.stage import Stage, root_area_m2, zone_of
from garden_env.truth import Truth
from scenarios.drift import DriftEvent
from scenarios.spec import CameraSpec, Scenario

_YES = np.ones(1, bool)


class World:
    """N gardens, one robot in each, one calendar.

    Args:
        gardens: all from scenarios with the same number of steps a day, the same speed and the same camera.

    Attributes:
        steps: control steps done.
        pose: (N, 3) float64, x [m], y [m], heading [rad].
        tank_l: (N,) float64, water left [l].
        depletion_mm: (N, P) float64, water missing from the root zone of every plant; 0 in the padding.
        skin_mm: (N, P) float64, water missing from the ground's surface over it.
        ks: (N, P) float64, stress coefficient, 1 is unstressed; 0 for the dead.
        alive: (N, P) bool, which plants live; all do unless `garden.mortal`, see `garden_env.mortality`.
        severe_d: (N, P) float64, days of severe stress in a row up to now; 0 unless `garden.mortal`.
        evenings: of each day that ended in the last step, in order, what `ks` and `alive` were at its end.
        bumped: (N,) bool, whether the last step was stopped by something.
        odometry_error_m: (N, 2) float64, where odometry believes to be less where it is; 0 while no wheel has slipped.
        injected: events dropped in by hand, in order.
    """

    def __init__(self, gardens: Sequence[Garden]) -> None:
        if not gardens:
            raise ValueError("a world needs at least one garden")
        for name in ("steps_per_day", "speed"):
            rhythms = sorted({getattr(garden.scenario, name) for garden in gardens})
            if len(rhythms) > 1:
                raise ValueError(f"gardens of one world share their {name}; given {rhythms}")
        self.gardens = list(gardens)
        count, plants = len(gardens), max(len(garden.layout.plant_species) for garden in gardens)
        self.steps = 0
        self._moment = -1, (0, 0.0)  # of which step it is kept
        self.pose = np.stack([dock_pose(garden.layout) for garden in gardens])
        self.tank_l = np.array([garden.scenario.robot.tank_l for garden in gardens])
        self.odometry_error_m = np.zeros((count, 2))
        self.bumped = np.zeros(count, bool)
        self.motion = np.zeros((count, 2))  # speed and turn as carried out, shares in [-1, 1]
        self.depletion_mm, self.skin_mm = np.zeros((2, count, plants))
        self.ks = np.ones((count, plants))
        self.alive, self.severe_d = np.ones((count, plants), bool), np.zeros((count, plants))
        self.evenings: list[tuple[np.ndarray, np.ndarray]] = []
        self._zones = [zone_of(garden) for garden in gardens]
        self._root_area_m2 = [root_area_m2(garden) for garden in gardens]
        self._endurance_d = [mortality.endurance_d(garden.layout) for garden in gardens]
        for i, garden in enumerate(gardens):
            species = garden.layout.plant_species
            self.depletion_mm[i, : len(species)] = garden.almanac.depletion_mm[0, species]
            self.ks[i, : len(species)] = soil.stress(
                self.depletion_mm[i, : len(species)], self._zones[i].taw_mm, self._zones[i].p_table
            )
            self.skin_mm[i, : len(species)] = (1 - garden.almanac.soil_wet[0]) * self._zones[i].tew_mm
        self.injected: list[Injection] = []
        self._truths = [Truth(garden) for garden in gardens]
        self._frames: list[Frame | None] = [None] * count
        self._stage = Stage(count)
        self._shifts: list[tuple[int, float, float]] = [(-1, 0.0, 0.0)] * count  # of which day, from when to when

    @property
    def day(self) -> int:
        """Days since the scenario's start."""
        return self.moment[0]

    @property
    def moment(self) -> tuple[int, float]:
        """The day, and the share of its working hours that has passed; see `Scenario.moment`."""
        if self._moment[0] != self.steps:
            self._moment = self.steps, self.gardens[0].scenario.moment(self.steps)
        return self._moment[1]

    def date(self, i: int) -> date:
        """Today, in garden i."""
        return self.gardens[i].scenario.start + timedelta(days=self.day)

    def hour(self, i: int) -> float:
        """Solar time in garden i [h]."""
        day, share = self.moment
        if self._shifts[i][0] != day:
            self._shifts[i] = day, *self.gardens[i].shift(day)
        _, first_h, last_h = self._shifts[i]
        return (first_h + share * (last_h - first_h)) % 24.0

    def advance(self, actions: np.ndarray) -> dict[str, np.ndarray]:
        """Carry out one manoeuvre in every garden, then let the nights pass that come before the next.

        Args:
            actions: (N, 3) float64, speed, turn and valve; values beyond [-1, 1] are clipped.

        Returns:
            The reward terms, each (N,) float64: relieved_l, stored_l, wasted_l, bumps, plants_run_over, travel_m.
        """
        if np.shape(actions) != (len(self.gardens), 3):
            raise ValueError(f"actions are ({len(self.gardens)}, 3): speed, turn, valve; given {np.shape(actions)}")
        count = len(self.gardens)
        terms, actions = np.empty((len(TERMS), count)), np.ascontiguousarray(actions, np.float64)
        drive_range(self._set_out().bodies, 0, count, np.ones(count, bool), actions, self._state, terms)
        self._frames = [None] * count
        today = self.day
        self.steps += 1
        self.sleep(today)
        return dict(zip(TERMS, terms, strict=True))

    def sleep(self, since: int) -> None:
        """Let the nights pass that lie between a day and today; `advance` does so by itself."""
        self.evenings = []
        for day in range(since, self.day):
            for i in range(len(self.gardens)):
                self._night(i, day)
            self.evenings.append((self.ks.copy(), self.alive.copy()))
            for i in range(len(self.gardens)):
                self._dawn(i, day + 1)

    def frame(self, i: int) -> Frame:
        """What robot i sees now; asking twice changes nothing."""
        frame = self._frames[i]
        if frame is None:
            frame = empty_frame(self.gardens[i].scenario.camera, wiped=False)
            self.draw_into(i, frame)
            self._frames[i] = frame
        return frame

    def draw_into(self, i: int, frame: Frame, *, farthest_m: float = math.inf) -> None:
        """Draw what robot i sees now into arrays of the caller's: `frame(i)`, but not kept.

        Args:
            i: which garden.
            frame: of the camera's size; changed.
            farthest_m: what is farther, as the sky is, is put there [m].
        """
        stage, garden = self._set_out(), self.gardens[i]
        if stage.turned[i]:
            stage.turn_leaves(i, self.ks[i, : len(garden.layout.plant_species)])
        frame.pose[:] = self.pose[i]
        see_range(
            stage.views, i, i + 1, i, _YES, np.array([self.steps]), self._state, farthest_m, frame.rgb[None],
            frame.mask[None], frame.mask_under[None], frame.depth_m[None], np.empty(1),
        )  # fmt: skip
        if stage.by_hand[i]:
            garden.expose(frame, self.day, self.steps)

    def draw(self, i: int, *, camera: CameraSpec | None = None) -> Frame:
        """The same view through any camera, without the sensor's noise; changes nothing."""
        frame = self.gardens[i].draw(self.look(i), self.pose[i], camera)
        self.gardens[i].expose(frame, self.day)
        return frame

    def render_at(
        self, i: int, *, pose: np.ndarray | None = None, when: When | None = None, hour: float | None = None,
        water: WaterState | None = None, scenario: Scenario | None = None, weather_seed: int | None = None,
        events: Sequence[DriftEvent] = (), camera: CameraSpec | None = None, noise: bool = False,
    ) -> Frame:  # fmt: skip
        """What robot i would see at another moment; what is not given is as it is now. Changes nothing.

        With `noise`, and nothing else given, it is `frame(i)`, bit for bit. See `garden_env.counterfactual.render_at`.
        """
        plants = len(self.gardens[i].layout.plant_species)
        return render_at(
            self.gardens[i],
            self.pose[i] if pose is None else pose,
            (self.day if scenario is None else self.date(i)) if when is None else when,
            hour=self.hour(i) if hour is None else hour,
            water=(self.ks[i, :plants], self.wetness(i)) if water is None else water,
            scenario=scenario,
            weather_seed=weather_seed,
            events=events,
            camera=camera,
            noise=self.steps if noise else None,
        )

    def draw_map(self, i: int, *, pixels_per_m: int = 40) -> np.ndarray:
        """Garden i from above, now, (h, w, 3) uint8, north up."""
        return draw_map(self.gardens[i].scene, self.look(i), pixels_per_m)[0]

    def look(self, i: int) -> Look:
        """The colour tables of this moment in garden i."""
        garden = self.gardens[i]
        plants = len(garden.layout.plant_species)
        return garden.look(self.day, self.hour(i), self.ks[i, :plants], self.wetness(i))

    def in_leaf(self, i: int) -> np.ndarray:
        """Which plants of garden i have living leaves today, (P,) bool; see `garden_env.mortality.in_leaf`."""
        return mortality.in_leaf(self.gardens[i].almanac, self.gardens[i].layout, self.day)

    def wetness(self, i: int) -> np.ndarray:
        """How wet the soil over each root zone of garden i looks, (P,) float64, 0 dry to 1 wet."""
        plants = len(self.gardens[i].layout.plant_species)
        return soil.wetness(self.skin_mm[i, :plants], self._zones[i].tew_mm)

    def root_area_m2(self, i: int) -> np.ndarray:
        """Ground over the roots of each plant of garden i, (P,) float64 [m2]."""
        return self._root_area_m2[i]

    def odometry(self, i: int) -> np.ndarray:
        """How far the robot believes to have come from the dock, in garden axes: it counts the turns of its wheels.

        Returns:
            (3,) float64, x [m], y [m], heading [rad].
        """
        return self.pose[i] - dock_pose(self.gardens[i].layout) + np.append(self.odometry_error_m[i], 0.0)

    def state(self, i: int) -> np.ndarray:
        """What robot i knows of itself, (9,) float32; the order is `garden_env.env.STATE`."""
        out = np.empty((1, SENSES), np.float32)
        sense_range(self._set_out().bodies, i, i + 1, i, self._state, out)
        return out[0]

    def drift(self, i: int) -> dict[str, Any]:
        """The truth about drift in garden i, by name and unit; see `garden_env.truth.Truth.now`."""
        return self._truths[i].now(self.day, self.hour(i))

    def change(self, i: int) -> tuple[float, float]:
        """How far garden i has changed since commissioning; see `garden_env.truth.Truth.change`."""
        return self._truths[i].change(self.day, self.hour(i))

    def inject(self, i: int, event: DriftEvent) -> Injection:
        """Drop an event into the script of garden i, from today on or from a later date; the state stays.

        Days already lived keep their rows of the almanac, bit for bit; today's and all later ones are computed anew.

        Returns:
            What is now in `injected`: the event with its date, and the hash of the scenario from now on.

        Raises:
            ValueError: the event does not fit into the scenario; see `garden_env.injection.with_events`.
        """
        garden = self.gardens[i]
        event = from_now(event, self.date(i))
        self._settle(i, garden.under(with_events(garden.scenario, event)))
        injection = Injection(self.steps, i, event, self.gardens[i].scenario.hash)
        self.injected.append(injection)
        return injection

    def snapshot(self) -> Snapshot:
        """The whole world as it is now."""
        gardens = tuple((g.scenario, int(g.seed), int(g.weather_seed)) for g in self.gardens)
        arrays = {name: getattr(self, name).copy() for name in BY_GARDEN}
        return Snapshot(self.steps, gardens, tuple(self.injected), arrays)

    def restore(self, snapshot: Snapshot) -> None:
        """Become what a snapshot says, in place; gardens that are the same already are kept.

        Raises:
            SnapshotError: it has another number of gardens than this world, of plants than they have, or more steps
                than their almanacs reach.
        """
        if len(snapshot.gardens) != len(self.gardens):
            raise SnapshotError(f"a snapshot of {len(snapshot.gardens)} gardens, but a world of {len(self.gardens)}")
        gardens = [_same(garden, *kept) for garden, kept in zip(self.gardens, snapshot.gardens, strict=True)]
        fresh = World(gardens)
        plants = fresh.ks.shape[1]
        arrays = checked(dict(snapshot.arrays), len(gardens), source="snapshot", plants=plants)
        day = gardens[0].scenario.moment(snapshot.steps)[0]
        if day >= min(garden.almanac.days for garden in gardens):
            raise SnapshotError(f"snapshot: steps is {snapshot.steps}, on day {day}, which no almanac reaches")
        vars(self).update(vars(fresh))
        for name, array in arrays.items():
            setattr(self, name, array.copy())
        self.steps, self.injected = snapshot.steps, list(snapshot.injected)

    def fork(self) -> "World":
        """Another world in the same state; what happens in one does not show in the other."""
        other = World(self.gardens)
        other.restore(self.snapshot())
        return other

    def save(self, path: Path | str, *, overwrite: bool = False) -> None:
        """Write a snapshot to a file; see `garden_env.snapshot.Snapshot.save`."""
        self.snapshot().save(path, overwrite=overwrite)

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """The world of a file that `save` wrote.

        Raises:
            SnapshotError: see `garden_env.snapshot.Snapshot.load`.
        """
        snapshot = Snapshot.load(path)
        try:
            world = cls([plant_garden(scenario, seed, weather_seed=air) for scenario, seed, air in snapshot.gardens])
            world.restore(snapshot)
        except (SnapshotError, ValueError) as error:
            raise SnapshotError(f"{path}: {error}") from error
        return world

    def _settle(self, i: int, garden: Garden) -> None:
        """Let robot i live in a garden that differs from its own in the script alone."""
        self.gardens[i], self._truths[i], self._frames[i] = garden, Truth(garden), None
        self._shifts[i] = -1, 0.0, 0.0

    @property
    def _state(self) -> State:
        """What control steps change, as compiled code takes it."""
        return State(
            self.pose, self.tank_l, self.odometry_error_m, self.bumped, self.motion, self.depletion_mm, self.skin_mm,
            self.ks, self.alive,
        )  # fmt: skip

    def _set_out(self) -> Stage:
        """The gardens made ready for today."""
        day = self.day
        for i, garden in enumerate(self.gardens):
            self._stage.set_out(i, garden, day)
        return self._stage

    def _night(self, i: int, day: int) -> None:
        """Rain, thaw, evaporation and transpiration of the day that ends, and what thirst has done by then."""
        garden, plants = self.gardens[i], len(self.gardens[i].layout.plant_species)
        almanac, species = garden.almanac, garden.layout.plant_species
        alive = self.alive[i, :plants]
        fluxes = soil.day(
            self._zones[i],
            self.depletion_mm[i, :plants],
            self.skin_mm[i, :plants],
            almanac.water_mm[day],
            almanac.et0_mm[day],
            almanac.kc[day, species] * alive,
        )
        self.depletion_mm[i, :plants], self.skin_mm[i, :plants] = fluxes.depletion_mm, fluxes.skin_mm
        self.ks[i, :plants] = fluxes.ks
        if garden.scenario.garden.mortal:
            leafy = mortality.in_leaf(almanac, garden.layout, day)
            self.alive[i, :plants], self.severe_d[i, :plants] = mortality.suffer(
                alive, self.severe_d[i, :plants], fluxes.ks, leafy, self._endurance_d[i]
            )
            self.ks[i, ~self.alive[i]] = 0.0

    def _dawn(self, i: int, day: int) -> None:
        """On the first day of spring the owner plants anew what has died, and waters it in."""
        dead = ~self.alive[i]
        if dead.any() and mortality.replants(self.gardens[i].almanac, day):
            self.alive[i, dead], self.ks[i, dead] = True, 1.0
            self.severe_d[i, dead] = self.depletion_mm[i, dead] = self.skin_mm[i, dead] = 0.0


def _same(garden: Garden, scenario: Scenario, seed: int, weather_seed: int) -> Garden:
    """The garden if it is the one that was asked for, else that one."""
    body = ("garden", "robot", "camera")
    if garden.seed != seed or any(getattr(garden.scenario, name) != getattr(scenario, name) for name in body):
        return plant_garden(scenario, seed, weather_seed=weather_seed)
    if (garden.weather_seed, garden.scenario.hash) == (weather_seed, scenario.hash):
        return garden
    return garden.under(scenario, weather_seed=weather_seed)
