"""What scripted axes change in a day's look: sizes and flowers, colours of leaves, petals, walls, grass and paths.

Every function gives back what it was given, bit for bit, when its axis is at its default. Colours are linear albedo
unless said otherwise; the numbers of this file are choices, made by eye.
"""

import math
from collections.abc import Sequence

import numpy as np

from garden_env.climate import toward
from garden_env.render.light import to_linear
from scenarios.drift import Course
from scenarios.tables import SPECIES

TREES = ("tree", "conifer")
PRUNED = (*TREES, "shrub", "rose", "hedge")
BEND_PER_M_S = 0.03  # how far wind bends plants, over their height
WIND = np.array([1.0, 0.3]) / math.hypot(1.0, 0.3)  # where it blows to; clouds drift that way, too
YELLOW, RED, BLUISH = np.log(np.array([(226, 190, 52), (178, 44, 34), (70, 128, 158)]) / 255)  # leaves, sRGB
LEAF_TURNS = 0.9  # how far leaves go that way
MOWN_MM, TALL_MM = 40.0, 150.0
ASPHALT = to_linear(np.array((70, 71, 76)))


def sizes(course: Course, day: int, forms: Sequence[str]) -> np.ndarray | float:
    """Factor on every plant's size, (P,) float64 or 1: growth, of all but trees, and what pruning leaves."""
    growth, pruned = course.at("plants.growth", day), course.at("plants.pruning", day)
    if growth == 1.0 and pruned == 0.0:
        return 1.0
    grown = np.array([1.0 if form in TREES else growth for form in forms])
    return grown * kept(course, day, forms)


def kept(course: Course, day: int, forms: Sequence[str]) -> np.ndarray | float:
    """Share of height, leaves, flowers and fruit that pruning leaves each plant, (P,) float64 or 1."""
    pruned = course.at("plants.pruning", day)
    return 1.0 if pruned == 0.0 else np.array([1.0 - pruned if form in PRUNED else 1.0 for form in forms])


def opened(course: Course, day: int, bloom: np.ndarray, species: Sequence[str]) -> np.ndarray:
    """Share of flowers open, (P,), of plants whose species are named: only those that ever flower open more."""
    more = course.at("plants.bloom", day)
    if more == 0.0:
        return bloom
    return np.where([SPECIES[name].bloom_days > 0 for name in species], toward(bloom, more), bloom)


def turned(leaf_srgb: np.ndarray, turn: float) -> np.ndarray:
    """Leaves (P, 3), sRGB 0..1, on their way to bluish (-1), or through yellow (0.5) to red (1)."""
    if turn == 0.0:
        return leaf_srgb
    old = np.log(np.maximum(leaf_srgb, 1e-3))
    if turn < 0:
        new = old + LEAF_TURNS * -turn * (BLUISH - old)
    else:
        target = YELLOW + max(0.0, 2 * turn - 1) * (RED - YELLOW)
        new = old + LEAF_TURNS * min(1.0, 2 * turn) * (target - old)
    return np.exp(new).astype(leaf_srgb.dtype)


def hue_turned(rgb: np.ndarray, angle_deg: float) -> np.ndarray:
    """Colours (..., 3) with their hue turned about the greys, as bright at their brightest as before; white stays.

    >>> hue_turned(np.array([0.8, 0.0, 0.0]), 120.0).round(6).tolist()
    [0.0, 0.8, 0.0]
    """
    if angle_deg == 0.0:
        return rgb
    c, s = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    same, ahead, back = (1 + 2 * c) / 3, (1 - c) / 3 - s / math.sqrt(3), (1 - c) / 3 + s / math.sqrt(3)
    new = np.maximum(rgb @ np.array([[same, ahead, back], [back, same, ahead], [ahead, back, same]]).T, 0.0)
    return new * rgb.max(-1, keepdims=True) / np.maximum(new.max(-1, keepdims=True), 1e-9)


def mown(dark: np.ndarray, bright: np.ndarray, height_mm: float, straw: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Darkest and lightest texels of a lawn (3,): tall grass has deep shadows and pale tips, short grass is flat."""
    if height_mm == MOWN_MM:
        return dark, bright
    tall = math.log(height_mm / MOWN_MM) / math.log(TALL_MM / MOWN_MM)  # 1 at TALL_MM, -1 where only stubble is left
    if tall > 0:  # pale, ripening tips stand over deep shadow
        tips = (1 + 0.2 * tall) * bright + (0.05 * tall + 0.35 * max(tall - 0.5, 0.0)) * straw
        return np.maximum(dark - 0.45 * tall * bright, 0.04 * bright), tips
    short = min(-tall, 1.0)
    middle = 0.45 * bright + 0.55 * dark
    stubble = middle + 0.8 * short * (straw - middle)
    return dark + short * (0.75 * stubble - dark), bright + short * (1.3 * stubble - bright)


def paved(dark: np.ndarray, bright: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Darkest and lightest texels of a path (3,) on its way to asphalt."""
    if share == 0.0:
        return dark, bright
    return dark + share * (0.72 * ASPHALT - dark), bright + share * (1.3 * ASPHALT - bright)


def lean(course: Course, day: int) -> np.ndarray:
    """How far scripted wind bends plants, (2,): metres east and north per metre of height."""
    return BEND_PER_M_S * course.at("weather.wind_m_s", day) * WIND
