"""Gardens made ready for compiled code, set out anew every morning.

What a control step reads of a garden is in its `Body` and its `View`: arrays only, so that one compiled loop can drive,
light and draw any number of gardens (`garden_env.pace`). What a step changes (poses, tanks, water) is not here but in
arrays over gardens, which `World` and `garden_env.vector_env` keep.
"""

import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numba import njit
from numba.typed import List

from garden_env import soil
from garden_env.camera import pinhole
from garden_env.garden import Garden, dock_pose
from garden_env.look import day_arrays_of, dug_on, leaf_colours
from garden_env.moments import Days
from garden_env.optics import Optics
from garden_env.render import day_arrays
from garden_env.render.day_arrays import DayArrays
from garden_env.render.look_arrays import LookArrays
from garden_env.render.scene import SceneArrays
from garden_env.render.tables import Kept, room_for
from scenarios.spec import Scenario
from scenarios.tables import SPECIES

ROOT_SHARE = 0.8  # share of a plant's spread under which it roots

# Places in `Body.numbers`. Of the garden:
CELL_M, TURN_RAD, DRIVE_M, TANK_L, FLOW_L, REACH_M, HALF_ANGLE_RAD = range(7)  # the last two of the spray
DOCK_X_M, DOCK_Y_M, DOCK_RAD, DIAGONAL_M = range(7, 11)
PACE, TICKS_A_DAY = 11, 12  # of the calendar, see `garden_env.pace.moment_of`
# Of the day:
MOTOR, SLIP, LEAK, SOIL_WET = range(13, 17)
FIRST_H, LAST_H = 17, 18  # when work begins and ends, solar time [h]
SIGMA = 19  # of the sensor's noise [grey levels]
DEVELOPED = 20  # 1 where lens or sensor do more than noise: then the picture is left for `Garden.expose`
SLOT_NUMBERS = 21


class Body(NamedTuple):
    """What driving, watering and sensing read of a garden. P plants.

    Attributes:
        numbers: (SLOT_NUMBERS,) float64, see the constants above.
        blocked, zone: of `garden_env.layout.Layout`.
        plant_x_m, plant_y_m, plant_radius_m: (P,) float64. root_area_m2: (P,) float64, ground over the roots.
        taw_mm, p_table, tew_mm: (P,) float64, see `garden_env.soil.RootZone`.
    """

    numbers: np.ndarray
    blocked: np.ndarray
    zone: np.ndarray
    plant_x_m: np.ndarray
    plant_y_m: np.ndarray
    plant_radius_m: np.ndarray
    root_area_m2: np.ndarray
    taw_mm: np.ndarray
    p_table: np.ndarray
    tew_mm: np.ndarray


class View(NamedTuple):
    """What lighting and drawing read of a garden. P plants.

    Attributes:
        numbers, tew_mm: as of the garden's `Body`.
        scene: the renderer's static arrays. day: what the looks of the day have in common.
        look, kept: room for the tables of a moment.
        leaf_rgb: (P, 3) float32, room for leaf colours.
        cam: (4,) float64, see `garden_env.camera.pinhole`.
        noise: (SHEET,) float32, see `garden_env.camera.SensorNoise`.
    """

    numbers: np.ndarray
    tew_mm: np.ndarray
    scene: SceneArrays
    day: DayArrays
    look: LookArrays
    kept: Kept
    leaf_rgb: np.ndarray
    cam: np.ndarray
    noise: np.ndarray


def zone_of(garden: Garden) -> soil.RootZone:
    """The water buckets of a garden's plants."""
    layout = garden.layout
    return soil.root_zone([layout.species[s] for s in layout.plant_species], garden.scenario.soil)


def root_area_m2(garden: Garden) -> np.ndarray:
    """Ground over the roots of each plant of a garden, (P,) float64 [m2]."""
    layout = garden.layout
    spread_m = np.array([SPECIES[name].spread_m for name in layout.species])[layout.plant_species]
    return np.pi / 4 * (ROOT_SHARE * spread_m * layout.plant_size) ** 2


class Stage:
    """What compiled code reads of some gardens, today.

    Args:
        count: how many.

    Attributes:
        bodies, views: typed lists of `Body` and `View`, for compiled code; they are those of the days last asked for.
        shift: (N, 2) float64, from when to when the robots work today, solar time [h].
        by_hand: which pictures compiled code leaves to `Garden.expose`, (N,) bool.
        turned: which leaves are coloured by `turn_leaves`, (N,) bool.
    """

    def __init__(self, count: int) -> None:
        self._now: list[tuple[Garden, int] | None] = [None] * count
        self._views: list[View | None] = [None] * count
        self.bodies = self.views = None
        self.shift = np.zeros((count, 2))
        self.by_hand, self.turned = np.zeros((2, count), bool)

    def set_out(self, i: int, garden: Garden, day: int) -> None:
        """Make place i that of a garden on a day; nothing is done if it is so already. The first time, go in order."""
        now = self._now[i]
        if now is not None and now[1] == day and now[0] is garden:
            return
        view = self._views[i]
        if view is None or now is None or now[0] is not garden:
            body = _body(garden)
            self.bodies = _listed(self.bodies, i, body)
            view = _fresh_view(garden, day, body)
        view = _tomorrow(view, garden, day)
        self.views = _listed(self.views, i, view)
        self._now[i], self._views[i] = (garden, day), view
        self.shift[i] = view.numbers[FIRST_H : LAST_H + 1]
        self.by_hand[i], self.turned[i] = view.numbers[DEVELOPED] != 0.0, view.day.numbers[day_arrays.TURN] != 0.0

    def turn_leaves(self, i: int, ks: np.ndarray) -> None:
        """Colour leaves that a script has turned: NumPy's logarithms are not those of compiled code, to the bit."""
        view = self._views[i]
        assert view is not None
        view.leaf_rgb[:] = leaf_colours(view.day, np.ascontiguousarray(ks), view.day.numbers[day_arrays.TURN])


def _body(garden: Garden) -> Body:
    """The body of a garden, still without the numbers of a day."""
    layout, scenario, zone = garden.layout, garden.scenario, zone_of(garden)
    robot, numbers = scenario.robot, np.zeros(SLOT_NUMBERS)
    numbers[CELL_M], numbers[DRIVE_M] = layout.cell_m, robot.metres_per_step
    numbers[TURN_RAD] = math.radians(robot.turn_deg_per_step)
    numbers[TANK_L], numbers[FLOW_L] = robot.tank_l, robot.flow_l_per_step
    numbers[REACH_M], numbers[HALF_ANGLE_RAD] = robot.spray_reach_m, math.radians(robot.spray_half_angle_deg)
    numbers[DOCK_X_M : DOCK_RAD + 1] = dock_pose(layout)
    numbers[DIAGONAL_M] = math.hypot(layout.width_m, layout.depth_m)
    numbers[PACE], numbers[TICKS_A_DAY] = rhythm(scenario)
    return Body(
        numbers=numbers, blocked=layout.blocked, zone=layout.zone, plant_x_m=layout.plant_x_m,
        plant_y_m=layout.plant_y_m, plant_radius_m=layout.plant_radius_m, root_area_m2=root_area_m2(garden),
        taw_mm=zone.taw_mm, p_table=zone.p_table, tew_mm=zone.tew_mm,
    )  # fmt: skip


def _fresh_view(garden: Garden, day: int, body: Body) -> View:
    """Room for the views of a garden; `_tomorrow` makes them those of a day."""
    tables = day_arrays_of(garden.layout, garden.almanac, Days.same(day))
    look, kept = room_for(tables, garden.layout.material.shape)
    leaf_rgb = np.empty((len(body.plant_x_m), 3), np.float32)
    return View(
        body.numbers, body.tew_mm, garden.scene.arrays, tables, look, kept, leaf_rgb, np.empty(4), garden.noise.sheet
    )


def _tomorrow(view: View, garden: Garden, day: int) -> View:
    """The view on another day; its numbers, which are the body's, and its room are the same arrays."""
    at, numbers = garden.almanac.course.at, view.numbers
    numbers[MOTOR], numbers[SLIP] = at("robot.motor", day), at("robot.wheel_slip", day)
    numbers[LEAK], numbers[SOIL_WET] = at("robot.valve_leak", day), garden.almanac.soil_wet[day]
    numbers[FIRST_H : LAST_H + 1] = garden.shift(day)
    today = Optics.on(garden.almanac.course, day)
    numbers[SIGMA] = math.hypot(garden.scenario.camera.noise, today.noise)
    numbers[DEVELOPED] = today.develops or today.dead_pixels > 0.0
    view.cam[:] = pinhole(garden.camera_on(day))
    view.kept.sun[:] = np.nan
    tables = day_arrays_of(garden.layout, garden.almanac, Days.same(day))
    look = view.look._replace(cover=tables.cover, covers_on=tables.covers_on, board_place=tables.place)
    return view._replace(scene=garden.scene.at(dug_on(garden.almanac, day)), day=tables, look=look)


def _listed(items, i: int, item):
    """The typed list with an item at a place that it has, or at its end; a new one if there is none."""
    if items is None:
        return _begun(item)
    _put(items, i, item)
    return items


def rhythm(scenario: Scenario) -> tuple[int, int]:
    """How the calendar passes: ticks in a control step, and in a day; see `Scenario.moment`."""
    pace = Fraction(scenario.speed).limit_denominator(1000)
    return pace.numerator, scenario.steps_per_day * pace.denominator


@njit(cache=True)
def _begun(item):
    items = List()  # pyright: ignore[reportCallIssue]
    items.append(item)
    return items


@njit(cache=True)
def _put(items, i, item):
    if i == len(items):
        items.append(item)
    else:
        items[i] = item
