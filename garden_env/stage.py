"""Gardens made ready for compiled code: a slot each, set out anew every morning.

What a control step reads of a garden is in its `Slot`: arrays only, so that one compiled loop can drive, light and draw
any number of gardens (`garden_env.pace`). What a step changes (poses, tanks, water) is not here but in arrays over
gardens, which `World` and `garden_env.vector_env` keep.
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

# Places in `Slot.numbers`. Of the garden:
CELL_M, TURN_RAD, DRIVE_M, TANK_L, FLOW_L, REACH_M, HALF_ANGLE_RAD = range(7)  # the last two of the spray
DOCK_X_M, DOCK_Y_M, DOCK_RAD, DIAGONAL_M = range(7, 11)
PACE, TICKS_A_DAY = 11, 12  # of the calendar, see `garden_env.pace.moment_of`
# Of the day:
MOTOR, SLIP, LEAK, SOIL_WET = range(13, 17)
FIRST_H, LAST_H = 17, 18  # when work begins and ends, solar time [h]
SIGMA = 19  # of the sensor's noise [grey levels]
DEVELOPED = 20  # 1 where lens or sensor do more than noise: then the picture is left for `Garden.expose`
SLOT_NUMBERS = 21


class Slot(NamedTuple):
    """What a control step reads of a garden. P plants.

    Attributes:
        numbers: (SLOT_NUMBERS,) float64, see the constants above.
        scene: the renderer's static arrays. day: what the looks of the day have in common.
        look, kept, lamplit, lamplit_kept: room for the tables of a moment, under the sky and by the robot's lamp.
        leaf_rgb: (P, 3) float32, room for leaf colours.
        cam: (4,) float64, see `garden_env.camera.pinhole`.
        noise: (SHEET,) float32, see `garden_env.camera.SensorNoise`.
        blocked, zone: of `garden_env.layout.Layout`.
        plant_x_m, plant_y_m, plant_radius_m: (P,) float64. root_area_m2: (P,) float64, ground over the roots.
        taw_mm, p_table, tew_mm: (P,) float64, see `garden_env.soil.RootZone`.
    """

    numbers: np.ndarray
    scene: SceneArrays
    day: DayArrays
    look: LookArrays
    kept: Kept
    lamplit: LookArrays
    lamplit_kept: Kept
    leaf_rgb: np.ndarray
    cam: np.ndarray
    noise: np.ndarray
    blocked: np.ndarray
    zone: np.ndarray
    plant_x_m: np.ndarray
    plant_y_m: np.ndarray
    plant_radius_m: np.ndarray
    root_area_m2: np.ndarray
    taw_mm: np.ndarray
    p_table: np.ndarray
    tew_mm: np.ndarray


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
    """The slots of some gardens.

    Args:
        count: how many.

    Attributes:
        slots: a typed list of `Slot`, for compiled code; what it holds is that of the days last asked for.
        shift: (N, 2) float64, from when to when the robots work today, solar time [h].
        by_hand: which pictures compiled code leaves to `Garden.expose`, (N,) bool.
        turned: which leaves are coloured by `turn_leaves`, (N,) bool.
    """

    def __init__(self, count: int) -> None:
        self._now: list[tuple[Garden, int] | None] = [None] * count
        self._filled = 0
        self._slots: list[Slot | None] = [None] * count
        self.slots = None
        self.shift = np.zeros((count, 2))
        self.by_hand, self.turned = np.zeros((2, count), bool)

    def set_out(self, i: int, garden: Garden, day: int) -> None:
        """Make slot i that of a garden on a day; nothing is done if it is so already. The first time, go in order."""
        now = self._now[i]
        if now is not None and now[1] == day and now[0] is garden:
            return
        same = now is not None and now[0] is garden
        slot = _tomorrow(self._slots[i], garden, day) if same else _fresh(garden, day)  # pyright: ignore[reportArgumentType]
        self._now[i], self._slots[i] = (garden, day), slot
        self.shift[i] = slot.numbers[FIRST_H : LAST_H + 1]
        self.by_hand[i], self.turned[i] = slot.numbers[DEVELOPED] != 0.0, slot.day.numbers[day_arrays.TURN] != 0.0
        if self.slots is None:
            self.slots = _listed(slot)
            self._filled = 1
        elif i == self._filled:
            _append(self.slots, slot)
            self._filled += 1
        else:
            _put(self.slots, i, slot)

    def turn_leaves(self, i: int, ks: np.ndarray) -> None:
        """Colour leaves that a script has turned: NumPy's logarithms are not those of compiled code, to the bit."""
        slot = self._slots[i]
        assert slot is not None
        slot.leaf_rgb[:] = leaf_colours(slot.day, np.ascontiguousarray(ks), slot.day.numbers[day_arrays.TURN])


def _fresh(garden: Garden, day: int) -> Slot:
    """The slot of a garden that was in none."""
    layout, scenario, zone = garden.layout, garden.scenario, zone_of(garden)
    tables = day_arrays_of(layout, garden.almanac, Days.same(day))
    look, kept = room_for(tables, layout.material.shape)
    lamplit, lamplit_kept = room_for(tables, layout.material.shape)
    robot, numbers = scenario.robot, np.zeros(SLOT_NUMBERS)
    numbers[CELL_M], numbers[DRIVE_M] = layout.cell_m, robot.metres_per_step
    numbers[TURN_RAD] = math.radians(robot.turn_deg_per_step)
    numbers[TANK_L], numbers[FLOW_L] = robot.tank_l, robot.flow_l_per_step
    numbers[REACH_M], numbers[HALF_ANGLE_RAD] = robot.spray_reach_m, math.radians(robot.spray_half_angle_deg)
    numbers[DOCK_X_M : DOCK_RAD + 1] = dock_pose(layout)
    numbers[DIAGONAL_M] = math.hypot(layout.width_m, layout.depth_m)
    pace, ticks_a_day = rhythm(scenario)
    numbers[PACE], numbers[TICKS_A_DAY] = pace, ticks_a_day
    slot = Slot(
        numbers=numbers, scene=garden.scene.arrays, day=tables, look=look, kept=kept, lamplit=lamplit,
        lamplit_kept=lamplit_kept, leaf_rgb=np.empty((len(layout.plant_species), 3), np.float32), cam=np.empty(4),
        noise=garden.noise.sheet, blocked=layout.blocked, zone=layout.zone, plant_x_m=layout.plant_x_m,
        plant_y_m=layout.plant_y_m, plant_radius_m=layout.plant_radius_m, root_area_m2=root_area_m2(garden),
        taw_mm=zone.taw_mm, p_table=zone.p_table, tew_mm=zone.tew_mm,
    )  # fmt: skip
    return _tomorrow(slot, garden, day)


def _tomorrow(slot: Slot, garden: Garden, day: int) -> Slot:
    """The slot on another day; its numbers and its room are the same arrays."""
    at, numbers = garden.almanac.course.at, slot.numbers
    numbers[MOTOR], numbers[SLIP] = at("robot.motor", day), at("robot.wheel_slip", day)
    numbers[LEAK], numbers[SOIL_WET] = at("robot.valve_leak", day), garden.almanac.soil_wet[day]
    numbers[FIRST_H : LAST_H + 1] = garden.shift(day)
    today = Optics.on(garden.almanac.course, day)
    numbers[SIGMA] = math.hypot(garden.scenario.camera.noise, today.noise)
    numbers[DEVELOPED] = today.develops or today.dead_pixels > 0.0
    slot.cam[:] = pinhole(garden.camera_on(day))
    tables = day_arrays_of(garden.layout, garden.almanac, Days.same(day))
    fields = {"cover": tables.cover, "covers_on": tables.covers_on, "board_place": tables.place}
    for kept in (slot.kept, slot.lamplit_kept):
        kept.sun[:] = np.nan
    return slot._replace(
        scene=garden.scene.at(dug_on(garden.almanac, day)),
        day=tables,
        look=slot.look._replace(**fields),
        lamplit=slot.lamplit._replace(**fields),
    )


def rhythm(scenario: Scenario) -> tuple[int, int]:
    """How the calendar passes: ticks in a control step, and in a day; see `Scenario.moment`."""
    pace = Fraction(scenario.speed).limit_denominator(1000)
    return pace.numerator, scenario.steps_per_day * pace.denominator


@njit(cache=True)
def _listed(slot):
    out = List()
    out.append(slot)
    return out


@njit(cache=True)
def _append(slots, slot):
    slots.append(slot)


@njit(cache=True)
def _put(slots, i, slot):
    slots[i] = slot
