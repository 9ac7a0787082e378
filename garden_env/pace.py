"""One control step of one garden, compiled: drive, spray, light, draw, sense. Both kinds of environment call it.

Sums are NumPy's and lengths are Python's, to the bit (`garden_env.exact`): a life goes the same way however it is
stepped, alone or beside others.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from garden_env.camera import add_noise
from garden_env.exact import length, total
from garden_env.lamp import shine_on
from garden_env.render import day_arrays
from garden_env.render.kernel import draw_view
from garden_env.render.light import FINE_RESPONSE, LAMP_LIGHT, LIGHT_NUMBERS, RADIANCE, SUN, lamplight
from garden_env.render.tables import fill, leaves, light_of_day
from garden_env.robot import manoeuvre, misled, run_over, spray
from garden_env.stage import (
    CELL_M,
    DEVELOPED,
    DIAGONAL_M,
    DOCK_X_M,
    DOCK_Y_M,
    DRIVE_M,
    FIRST_H,
    FLOW_L,
    HALF_ANGLE_RAD,
    LAST_H,
    LEAK,
    MOTOR,
    PACE,
    REACH_M,
    SIGMA,
    SLIP,
    SOIL_WET,
    TANK_L,
    TICKS_A_DAY,
    TURN_RAD,
)

REFILL_M = 0.6  # how near to the dock the tank refills [m]
WHEEL_M = 0.12  # half the track of the wheels: plants nearer to the path driven than this are driven over [m]
NOSE_M = 0.3  # how far ahead of its centre the robot probes the soil [m]
TERMS = ("relieved_l", "stored_l", "wasted_l", "bumps", "plants_run_over", "travel_m")
RELIEVED, STORED, WASTED, BUMPS, RUN_OVER, TRAVEL = range(6)
SENSES = 9  # numbers that a robot knows of itself: `garden_env.env.STATE`


class State(NamedTuple):
    """What control steps change of N gardens; the attributes of that name of `garden_env.world.World`."""

    pose: np.ndarray
    tank_l: np.ndarray
    odometry_error_m: np.ndarray
    bumped: np.ndarray
    motion: np.ndarray
    depletion_mm: np.ndarray
    skin_mm: np.ndarray
    ks: np.ndarray
    alive: np.ndarray


@njit(cache=True, error_model="numpy")
def hour_of(numbers, step):
    """Solar time of a control step on the day of a `Body`'s numbers [h], as `Scenario.moment` divides the day."""
    pace, ticks_a_day = np.int64(numbers[PACE]), np.int64(numbers[TICKS_A_DAY])
    tick = step * pace % ticks_a_day
    share = (tick + min(pace, ticks_a_day - tick) / 2) / ticks_a_day
    return (numbers[FIRST_H] + share * (numbers[LAST_H] - numbers[FIRST_H])) % 24.0


@njit(cache=True, error_model="numpy")
def drive(body, i, action, state, terms):
    """Turn, drive, spray and refill in garden i.

    Args:
        body: `Body` of the garden.
        i: its row of `state` and column of `terms`.
        action: (3,) float64, speed, turn and valve; values beyond [-1, 1] are clipped.
        state: `State`, changed.
        terms: (6, N) float64, the reward terms by `TERMS`, written.
    """
    numbers, pose = body.numbers, state.pose[i]
    speed, turn, valve = clipped(action[0]), clipped(action[1]), clipped(action[2])
    slip = numbers[SLIP]
    speed, turn, grip = speed * numbers[MOTOR], turn * numbers[MOTOR], 1.0 - slip
    turn_rad, drive_m = turn * numbers[TURN_RAD], speed * numbers[DRIVE_M]
    track, bumped = manoeuvre(pose, turn_rad, drive_m * grip, body.blocked, numbers[CELL_M])
    last = track.shape[0] - 1
    travelled_m = length(track[last, 0] - track[0, 0], track[last, 1] - track[0, 1])
    wheel_m = drive_m if slip > 0.0 else math.copysign(travelled_m, speed)  # wheels that slip spin on at a wall
    state.bumped[i], state.motion[i, 0], state.motion[i, 1] = bumped, wheel_m / numbers[DRIVE_M], turn
    error_m = state.odometry_error_m[i]
    if slip > 0.0 or error_m[0] != 0.0 or error_m[1] != 0.0:
        error_m[:] = misled(error_m, track, wheel_m)
    pose[:] = track[last]
    over = run_over(track, body.plant_x_m, body.plant_y_m, body.plant_radius_m, WHEEL_M)
    terms[:, i] = 0.0
    terms[TRAVEL, i], terms[BUMPS, i], terms[RUN_OVER, i] = travelled_m, bumped, over.sum()
    if valve > 0.0:
        litres = min(valve * numbers[FLOW_L], state.tank_l[i])
        received_l, lost_l = spray(
            track, litres, body.plant_x_m, body.plant_y_m, body.root_area_m2, numbers[REACH_M], numbers[HALF_ANGLE_RAD]
        )
        soak(body, i, litres, received_l, lost_l, state, terms)
    elif numbers[LEAK] > 0.0:  # it loses water where it stands: to the root zone there, or to nobody
        litres = min(numbers[LEAK] * numbers[FLOW_L], state.tank_l[i])
        received_l, plant = np.zeros(len(body.plant_x_m)), plant_at(body.zone, numbers[CELL_M], pose[0], pose[1])
        if plant >= 0:
            received_l[plant] = litres
        soak(body, i, litres, received_l, 0.0 if plant >= 0 else litres, state, terms)
    if length(pose[0] - numbers[DOCK_X_M], pose[1] - numbers[DOCK_Y_M]) < REFILL_M:
        state.tank_l[i] = numbers[TANK_L]
        error_m[:] = 0.0  # at the shed it knows again where it is


@njit(cache=True, error_model="numpy")
def clipped(share):
    """Held to [-1, 1]."""
    return min(max(share, -1.0), 1.0)


@njit(cache=True, error_model="numpy")
def soak(body, i, litres, received_l, lost_l, state, terms):
    """Take water from the tank into the ground; what root zones cannot hold is wasted, as is what missed them.

    The rules of `soil.absorb` and `soil.stress`, plant by plant. What the dead are given is wasted.
    """
    state.tank_l[i] -= litres
    plants = len(received_l)
    relieved_l, stored_l, drained_l, dead_l = np.empty(plants), np.empty(plants), np.empty(plants), np.empty(plants)
    for p in range(plants):
        area_m2, taw_mm, share = body.root_area_m2[p], body.taw_mm[p], body.p_table[p]
        water_mm, before_mm = received_l[p] / area_m2, state.depletion_mm[i, p]
        gap_mm = before_mm - water_mm
        after_mm, drained_mm = max(gap_mm, 0.0), max(-gap_mm, 0.0)
        state.depletion_mm[i, p] = after_mm
        state.skin_mm[i, p] = max(state.skin_mm[i, p] - water_mm, 0.0)
        ks = (taw_mm - after_mm) / (taw_mm * (1 - share))
        state.ks[i, p] = min(max(ks, 0.0), 1.0) if state.alive[i, p] else 0.0
        easy_mm = share * taw_mm  # a plant takes this much without stress
        relieved_mm = max(before_mm, easy_mm) - max(after_mm, easy_mm)
        roots_m2 = area_m2 if state.alive[i, p] else 0.0
        relieved_l[p] = relieved_mm * roots_m2
        stored_l[p] = (before_mm - after_mm - relieved_mm) * roots_m2
        drained_l[p] = drained_mm * area_m2
        dead_l[p] = (before_mm - after_mm) * (area_m2 - roots_m2)
    terms[RELIEVED, i], terms[STORED, i] = total(relieved_l), total(stored_l)
    terms[WASTED, i] = lost_l + total(drained_l) + total(dead_l)


@njit(cache=True, error_model="numpy")
def plant_at(zone, cell_m, x_m, y_m):
    """The plant whose root zone holds a place; -1 is none. `zone` and `cell_m` are of `Layout`."""
    column, row = int(x_m / cell_m), int(y_m / cell_m)
    rows, columns = zone.shape
    return np.int64(zone[min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)])


@njit(cache=True, error_model="numpy")
def wetness_of(skin_mm, tew_mm):
    """How wet the soil over some roots looks, 0 dry to 1 wet: `soil.wetness` of one plant."""
    return min(max(1 - skin_mm / tew_mm, 0.0), 1.0)


@njit(cache=True, error_model="numpy")
def sense(numbers, zone, tew_mm, i, state, out):
    """Write what robot i knows of itself, (SENSES,) float32; `numbers`, `zone` and `tew_mm` are of its `Body`."""
    pose, reach_m = state.pose[i], numbers[DIAGONAL_M]
    out[0], out[1] = state.motion[i, 0], state.motion[i, 1]
    out[2], out[3] = state.tank_l[i] / numbers[TANK_L], state.bumped[i]
    c, s = math.cos(pose[2]), math.sin(pose[2])
    plant = plant_at(zone, numbers[CELL_M], pose[0] + NOSE_M * c, pose[1] + NOSE_M * s)
    out[4] = wetness_of(state.skin_mm[i, plant], tew_mm[plant]) if plant >= 0 else numbers[SOIL_WET]
    # It knows how large the garden is, even when it is lost.
    out[5] = min(max(pose[0] - numbers[DOCK_X_M] + state.odometry_error_m[i, 0], -reach_m), reach_m)
    out[6] = min(max(pose[1] - numbers[DOCK_Y_M] + state.odometry_error_m[i, 1], -reach_m), reach_m)
    out[7], out[8] = c, s


@njit(cache=True, error_model="numpy")
def see(view, i, step, state, rgb, mask, under, depth):
    """Draw what robot i sees at a step of the view's day; what `Garden.expose` has to do is left to it.

    Args:
        view: `View` of the garden.
        i: its row of `state`.
        step: control steps done; numbers the sensor's noise.
        state: `State`.
        rgb, mask, under, depth: as of `draw_view`, written.

    Returns:
        Height of the sun that shines, as a sine.
    """
    day, plants, light = view.day, len(view.tew_mm), np.empty(LIGHT_NUMBERS)
    hour, ks, wetness = hour_of(view.numbers, step), state.ks[i, :plants], np.empty(plants)
    for p in range(plants):
        wetness[p] = wetness_of(state.skin_mm[i, p], view.tew_mm[p])
    light_of_day(day.numbers, day.numbers, hour, hour, light)
    if day.numbers[day_arrays.TURN] == 0.0:  # else `Stage.turn_leaves` has done it
        leaves(day, ks, view.leaf_rgb)
    lamplit = rgb
    if light[LAMP_LIGHT] > 0.0:
        by_lamp, lamplit = np.empty(LIGHT_NUMBERS), np.empty_like(rgb)
        lamplight(light, by_lamp)
        fill(day, by_lamp, hour, ks, wetness, view.leaf_rgb, view.kept, view.look)
        draw_view(view.scene, view.look, state.pose[i], view.cam, lamplit, mask, under, depth)
    fill(day, light, hour, ks, wetness, view.leaf_rgb, view.kept, view.look)
    draw_view(view.scene, view.look, state.pose[i], view.cam, rgb, mask, under, depth)
    if light[LAMP_LIGHT] > 0.0:
        shine_on(rgb, lamplit, depth, view.cam, RADIANCE, FINE_RESPONSE)
    if view.numbers[DEVELOPED] == 0.0:
        add_noise(rgb.reshape(-1), view.noise, view.numbers[SIGMA], step)
    return light[SUN + 2]


@njit(cache=True, error_model="numpy", nogil=True)
def drive_range(bodies, first, last, moves, actions, state, terms):
    """`drive` in gardens `first` to `last` (exclusive) that move.

    Args:
        bodies: typed list of `Body`.
        first, last: which gardens.
        moves: (N,) bool.
        actions: (N, 3) float64.
        state, terms: see `drive`; the terms of the others are 0.
    """
    for i in range(first, last):
        if moves[i]:
            drive(bodies[i], i, actions[i], state, terms)
        else:
            terms[:, i] = 0.0


@njit(cache=True, error_model="numpy", nogil=True)
def see_range(views, first, last, base, shown, steps, state, farthest_m, rgb, mask, under, depth, elevation_deg):
    """`see` in gardens `first` to `last` (exclusive); compiled once, for one garden as for many.

    Args:
        views: typed list of `View`.
        first, last: which gardens.
        base: the garden that the first row of all arrays from here on is of, but for the state's.
        shown: (M,) bool; the others are left as they are.
        steps: (M,) int64, control steps done.
        state: see `see`.
        farthest_m: what is farther, as the sky is, is put there [m].
        rgb, mask, under, depth: (M, ...), see `see`.
        elevation_deg: (M,) float64, written: height of the sun that shines [deg].
    """
    for i in range(first, last):
        k = i - base
        if not shown[k]:
            continue
        up = see(views[i], i, steps[k], state, rgb[k], mask[k], under[k], depth[k])
        elevation_deg[k] = math.asin(min(max(up, -1.0), 1.0)) * (180.0 / math.pi)
        far, flat = np.float32(farthest_m), depth[k].reshape(-1)
        for at in range(flat.size):
            flat[at] = min(flat[at], far)


@njit(cache=True, error_model="numpy", nogil=True)
def sense_range(bodies, first, last, base, state, out):
    """`sense` in gardens `first` to `last` (exclusive); `out` (M, SENSES) float32, its first row is garden `base`'s."""
    for i in range(first, last):
        body = bodies[i]
        sense(body.numbers, body.zone, body.tew_mm, i, state, out[i - base])
