"""The robot's body: a differential drive that manoeuvres in steps, and a nozzle that sprays while it drives.

A control step is one manoeuvre: turn on the spot, then drive straight. The straight part is swept in short strides, so
that nothing thin is jumped over and water falls where the nozzle passed, not only where it stopped.
"""

import math

import numpy as np
from numba import njit

STRIDE_M = 0.05  # a manoeuvre is swept in strides of at most this length: one cell of the ground grid


@njit(cache=True)
def manoeuvre(pose, turn_rad, drive_m, blocked, cell_m):
    """Turn on the spot, then drive straight until done or blocked.

    Args:
        pose: (3,) float64, x [m], y [m], heading [rad].
        turn_rad: change of heading, counter-clockwise positive [rad].
        drive_m: distance to drive, negative is backwards [m].
        blocked: (R, C) bool, cells where the robot's centre cannot be.
        cell_m: side of a cell [m].

    Returns:
        track: (T + 1, 3) float64, the poses passed in T strides, the last is where it stopped.
        bumped: whether something was in the way.
    """
    x, y = pose[0], pose[1]
    heading = (pose[2] + turn_rad + math.pi) % (2.0 * math.pi) - math.pi
    strides = max(1, math.ceil(abs(drive_m) / STRIDE_M - 1e-9))
    stride_x = drive_m / strides * math.cos(heading)
    stride_y = drive_m / strides * math.sin(heading)
    rows, columns = blocked.shape
    bumped = False
    track = np.empty((strides + 1, 3))
    track[0, 0], track[0, 1], track[0, 2] = x, y, heading
    for i in range(strides):
        if not bumped:
            row = math.floor((y + stride_y) / cell_m)
            column = math.floor((x + stride_x) / cell_m)
            inside = 0 <= row < rows and 0 <= column < columns
            if inside and not blocked[row, column]:
                x += stride_x
                y += stride_y
            else:
                bumped = True
        track[i + 1, 0], track[i + 1, 1], track[i + 1, 2] = x, y, heading
    return track, bumped


@njit(cache=True)
def misled(error_m, track, wheel_m):
    """How far odometry is off after a manoeuvre: a gyro tells the heading, but wheels that spin count as ground.

    Args:
        error_m: (2,) float64, where it believed to be less where it was, x and y.
        track: (T, 3) float64, the poses passed.
        wheel_m: the drive as the wheels made it, signed.

    Returns:
        (2,) float64, the error after it.

    >>> east = np.array([[1.0, 1.0, 0.0], [1.25, 1.0, 0.0]])
    >>> misled(np.zeros(2), east, 0.5).tolist()  # 0.5 m on the wheels, half of which spun
    [0.25, 0.0]
    """
    heading_rad = track[-1, 2]
    believed_m = wheel_m * np.array([math.cos(heading_rad), math.sin(heading_rad)])
    return error_m + believed_m - (track[-1, :2] - track[0, :2])


@njit(cache=True)
def spray(track, litres, plant_x_m, plant_y_m, root_area_m2, reach_m, half_angle_rad):
    """Share out the water of one manoeuvre among the plants that its spray cone swept over.

    Each stride sprays an equal part. What a stride sprays is divided among the plants in the cone in proportion to
    their root area; with no plant in the cone it is lost.

    Args:
        track: (T, 3) float64, the poses passed; the first is the start and sprays nothing.
        litres: water sprayed in the manoeuvre [l].
        plant_x_m, plant_y_m: (P,) float64.
        root_area_m2: (P,) float64, ground over each root zone [m2].
        reach_m, half_angle_rad: the cone ahead of the nozzle.

    Returns:
        received_l: (P,) float64, litres that fell on each root zone.
        lost_l: litres that fell on none; received and lost add up to what was sprayed.
    """
    plants = plant_x_m.shape[0]
    received_l = np.zeros(plants)
    lost_l = 0.0
    inside = np.zeros(plants, dtype=np.bool_)
    part_l = litres / (track.shape[0] - 1)
    for t in range(1, track.shape[0]):
        area_m2 = 0.0
        for p in range(plants):
            east_m = plant_x_m[p] - track[t, 0]
            north_m = plant_y_m[p] - track[t, 1]
            bearing = math.atan2(north_m, east_m) - track[t, 2]
            bearing = (bearing + math.pi) % (2.0 * math.pi) - math.pi
            inside[p] = abs(bearing) <= half_angle_rad and math.hypot(east_m, north_m) <= reach_m
            if inside[p]:
                area_m2 += root_area_m2[p]
        if area_m2 == 0.0:
            lost_l += part_l
            continue
        for p in range(plants):
            if inside[p]:
                received_l[p] += part_l * root_area_m2[p] / area_m2
    return received_l, lost_l


@njit(cache=True)
def run_over(track, plant_x_m, plant_y_m, radius_m, wheel_m):
    """Which plants the robot drove over.

    Args:
        track: (T, 3) float64, the poses passed.
        plant_x_m, plant_y_m: (P,) float64.
        radius_m: (P,) float64, trunk radius; those above 0 are solid and cannot be driven over.
        wheel_m: half the robot's width [m].

    Returns:
        (P,) bool.
    """
    over = np.zeros(plant_x_m.shape[0], dtype=np.bool_)
    for t in range(1, track.shape[0]):
        if track[t, 0] == track[t - 1, 0] and track[t, 1] == track[t - 1, 1]:
            continue  # turning on the spot or stuck: no new ground is covered
        for p in range(plant_x_m.shape[0]):
            if radius_m[p] == 0.0 and math.hypot(plant_x_m[p] - track[t, 0], plant_y_m[p] - track[t, 1]) < wheel_m:
                over[p] = True
    return over
