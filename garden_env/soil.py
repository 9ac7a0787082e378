"""Root-zone water, one bucket per plant, and the wet skin of the ground (Allen et al. 1998, FAO-56 chs. 7 and 8).

Depletions count what is missing: 0 is a soil that holds all it can against gravity. All arrays broadcast, with plants
on the last axis: (P,), (N, P), or anything else. Water is in millimetres, that is litres per square metre of root zone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from scenarios.tables import SOILS, SPECIES

Array = NDArray[np.float64]

SKIN_M = 0.10  # depth of the layer that dries by evaporation (FAO-56 p. 144)
BARE_SOIL_KE = 1.0  # evaporation of wet bare soil over reference; FAO-56 allows up to 1.2
WILTED_KS = 0.4  # below this stress coefficient a plant is labelled wilted ...
HEALTHY_KS = 0.6  # ... above this one healthy, and between the two the label has no answer


@dataclass(frozen=True)
class RootZone:
    """What the soil under each plant can hold; all arrays (P,) float64."""

    taw_mm: Array  # total available water, FAO-56 eq. 82
    p_table: Array  # share of it taken without stress at 5 mm/d, FAO-56 table 22
    tew_mm: Array  # water that evaporation can take from the skin, FAO-56 eq. 73
    rew_mm: Array  # of which this much at the full rate, FAO-56 table 19


class Fluxes(NamedTuple):
    """A day's water. Root zone and skin are two readings of the same ground, each with its own closed balance.

    depletion_after = depletion_before - water + used + drained
    skin_after = skin_before - water + evaporated + skin_drained
    """

    depletion_mm: Array  # missing from the root zone at the end of the day
    skin_mm: Array  # missing from the skin at the end of the day
    ks: Array  # stress coefficient at the end of the day, 1 none .. 0 full
    used_mm: Array  # evapotranspiration
    drained_mm: Array  # percolation below the roots
    evaporated_mm: Array  # from the skin
    skin_drained_mm: Array  # below the skin


def root_zone(species: Sequence[str], soil: str) -> RootZone:
    """Size the buckets.

    Args:
        species: P names of rows of `scenarios.tables.SPECIES`.
        soil: name of a row of `scenarios.tables.SOILS`.

    Returns:
        RootZone with arrays (P,).

    >>> root_zone(["lawn"], "loam").taw_mm
    array([80.])
    """
    ground = SOILS[soil]
    depth_m = np.array([SPECIES[name].root_m for name in species], dtype=np.float64)
    tew_mm = 1000 * (ground.field_capacity - 0.5 * ground.wilting_point) * SKIN_M
    return RootZone(
        taw_mm=np.round(1000 * (ground.field_capacity - ground.wilting_point) * depth_m, 9),
        p_table=np.array([SPECIES[name].p_depletion for name in species], dtype=np.float64),
        tew_mm=np.full(len(depth_m), tew_mm),
        rew_mm=np.full(len(depth_m), min(ground.rew_mm, 0.9 * tew_mm)),
    )


def easy_share(p_table: ArrayLike, etc_mm: ArrayLike) -> Array:
    """Share of the available water that is taken without stress: less on thirsty days (FAO-56 table 22, note)."""
    return np.clip(np.asarray(p_table) + 0.04 * (5 - np.asarray(etc_mm)), 0.1, 0.8)


def stress(depletion_mm: ArrayLike, taw_mm: ArrayLike, p: ArrayLike) -> Array:
    """Stress coefficient Ks (FAO-56 eq. 84).

    Args:
        depletion_mm: any shape, water missing from the root zone [mm].
        taw_mm: broadcastable, total available water, positive [mm].
        p: broadcastable, share taken without stress (0..0.8).

    Returns:
        Broadcast shape, float64: 1 none .. 0 nothing left.

    >>> stress([20.0, 60.0, 80.0], 80.0, 0.5)
    array([1. , 0.5, 0. ])
    """
    taw = np.asarray(taw_mm, dtype=np.float64)
    return np.clip((taw - np.asarray(depletion_mm)) / (taw * (1 - np.asarray(p))), 0.0, 1.0)


def depletion_for(ks: ArrayLike, zone: RootZone) -> Array:
    """Depletion at which the stress coefficient has a given value, at 5 mm/d: the inverse of `stress`, ks in 0..1.

    Args:
        ks: broadcastable to (P,), wanted stress coefficient; 1 gives the driest soil without stress.
        zone: P buckets.

    Returns:
        Depletion, float64 [mm].
    """
    return zone.taw_mm * (1 - np.asarray(ks) * (1 - zone.p_table))


def absorb(depletion_mm: ArrayLike, water_mm: ArrayLike) -> tuple[Array, Array]:
    """Add water at once, as a hose does; what exceeds the gap drains away.

    Args:
        depletion_mm: any shape, of root zone or skin [mm].
        water_mm: broadcastable, not negative [mm].

    Returns:
        depletion_mm, drained_mm: depletion before minus water plus drained is the depletion after.

    >>> absorb(2.0, 5.0)
    (np.float64(0.0), np.float64(3.0))
    """
    gap = np.asarray(depletion_mm, dtype=np.float64) - np.asarray(water_mm, dtype=np.float64)
    return np.maximum(gap, 0.0), np.maximum(-gap, 0.0)


def day(
    zone: RootZone,
    depletion_mm: ArrayLike,
    skin_mm: ArrayLike,
    water_mm: ArrayLike,
    et0_mm: ArrayLike,
    kc: ArrayLike,
) -> Fluxes:
    """Let one day pass (FAO-56 eqs. 71, 74, 77, 81, 84, 85 and 88; single crop coefficient).

    Args:
        zone: P buckets.
        depletion_mm: (..., P), water missing from each root zone in the morning [mm].
        skin_mm: (..., P), water missing from the skin [mm].
        water_mm: broadcastable, rain and melt of the day, and irrigation that `absorb` has not added yet [mm].
        et0_mm: broadcastable, reference evapotranspiration [mm].
        kc: broadcastable, crop coefficient.

    Returns:
        Fluxes, each (..., P); both balances close to rounding.
    """
    etc_mm = np.asarray(kc, dtype=np.float64) * np.asarray(et0_mm, dtype=np.float64)
    p = easy_share(zone.p_table, etc_mm)
    wetted = np.asarray(depletion_mm, dtype=np.float64) - np.asarray(water_mm, dtype=np.float64)
    used = np.minimum(stress(depletion_mm, zone.taw_mm, p) * etc_mm, np.maximum(zone.taw_mm - wetted, 0.0))
    gap = wetted + used
    depletion, drained = np.maximum(gap, 0.0), np.maximum(-gap, 0.0)

    skin, skin_drained = absorb(skin_mm, water_mm)
    kr = np.clip((zone.tew_mm - skin) / (zone.tew_mm - zone.rew_mm), 0.0, 1.0)
    evaporated = np.minimum(kr * BARE_SOIL_KE * np.asarray(et0_mm), zone.tew_mm - skin)
    return Fluxes(
        depletion_mm=depletion,
        skin_mm=skin + evaporated,
        ks=stress(depletion, zone.taw_mm, p),
        used_mm=used,
        drained_mm=drained,
        evaporated_mm=evaporated,
        skin_drained_mm=skin_drained,
    )


def wetness(skin_mm: ArrayLike, tew_mm: ArrayLike) -> Array:
    """How dark the ground looks: 1 wet .. 0 dry, linear in the water of the skin."""
    return np.clip(1 - np.asarray(skin_mm, dtype=np.float64) / np.asarray(tew_mm), 0.0, 1.0)


def unwatered(zone: RootZone, water_mm: Array, et0_mm: Array, kc: Array) -> tuple[Array, Array]:
    """Follow the buckets through many days in which nobody waters, from a full start.

    Args:
        zone: P buckets.
        water_mm: (D,) float64, rain and melt [mm].
        et0_mm: (D,) float64 [mm].
        kc: (D, P) float64, crop coefficients.

    Returns:
        depletion_mm (D, P) and skin_mm (D, P) at the end of each day, as `day` would give them.
    """
    return _unwatered(zone.taw_mm, zone.p_table, zone.tew_mm, zone.rew_mm, water_mm, et0_mm, kc)


@njit(cache=True)
def _unwatered(taw, p_table, tew, rew, water, et0, kc):  # pragma: no cover
    days, plants = kc.shape
    depletion_mm, skin_mm = np.empty((days, plants)), np.empty((days, plants))
    for plant in range(plants):
        depletion, skin = 0.0, 0.0
        for d in range(days):
            etc = kc[d, plant] * et0[d]
            p = min(max(p_table[plant] + 0.04 * (5 - etc), 0.1), 0.8)
            ks = min(max((taw[plant] - depletion) / (taw[plant] * (1 - p)), 0.0), 1.0)
            wetted = depletion - water[d]
            depletion = max(wetted + min(ks * etc, max(taw[plant] - wetted, 0.0)), 0.0)
            skin = max(skin - water[d], 0.0)
            kr = min(max((tew[plant] - skin) / (tew[plant] - rew[plant]), 0.0), 1.0)
            skin += min(kr * BARE_SOIL_KE * et0[d], tew[plant] - skin)
            depletion_mm[d, plant], skin_mm[d, plant] = depletion, skin
    return depletion_mm, skin_mm
