"""What a garden would need, and what it would suffer, day by day: by its true weather and its true soil, with no robot.

The *need* is the least water that keeps every plant from thirst: each bedded plant in leaf is refilled to field
capacity on the evening on which its depletion reaches the readily available water, without a drop beside it. The
*unwatered* garden gets rain alone, and its plants die and are replaced as in the world (`garden_env.mortality`).
"""

from dataclasses import dataclass

import numpy as np

from garden_env import mortality, soil
from garden_env.garden import Garden
from garden_env.world import root_area_m2


@dataclass(frozen=True, eq=False)
class Start:
    """The water under a garden's P plants on some morning.

    Attributes:
        day: days since the start of the life.
        depletion_mm, skin_mm: (P,) float64, see `garden_env.world.World`.
        alive: (P,) bool; severe_d: (P,) float64.
    """

    day: int
    depletion_mm: np.ndarray
    skin_mm: np.ndarray
    alive: np.ndarray
    severe_d: np.ndarray


@dataclass(frozen=True, eq=False)
class Foreseen:
    """D days of a garden.

    Attributes:
        need_l: (D,) float64, what bedded plants need [l].
        stressed_d: (D,) float64, stressed plant-days if nobody waters, see `stressed`.
        deaths: (D,) int64, plants that die on the day if nobody waters.
    """

    need_l: np.ndarray
    stressed_d: np.ndarray
    deaths: np.ndarray


def stressed(ks: np.ndarray, alive: np.ndarray, leafy: np.ndarray, counted: np.ndarray) -> float:
    """Stressed plant-days of one day: 1 - Ks at its end for every counted plant in leaf, and 1 for every dead one.

    Args:
        ks: (P,) float64; alive, leafy, counted: (P,) bool.

    >>> yes, no = np.array([True, True, True]), np.array([True, True, False])
    >>> stressed(np.array([0.25, 1.0, 0.0]), no, yes, yes)
    1.75
    """
    return float(np.where(alive, (1.0 - ks) * leafy, 1.0)[counted].sum())


def foresee(garden: Garden, start: Start, days: int) -> Foreseen:
    """Live so many days twice: with the least water, and with none.

    Args:
        garden: where; its almanac must reach as far.
        start: the morning before the first day.
        days: how many.

    Raises:
        IndexError: the almanac does not reach as far.
    """
    layout, almanac = garden.layout, garden.almanac
    if start.day + days > almanac.days:
        raise IndexError(f"days {start.day} .. {start.day + days - 1} asked for; the almanac has {almanac.days} days")
    species, beds = layout.plant_species, mortality.bedded(layout)
    zone = soil.root_zone([layout.species[s] for s in species], garden.scenario.soil)
    area_m2, stands_d = root_area_m2(garden), mortality.endurance_d(layout)
    need_l, stressed_d, deaths = np.zeros(days), np.zeros(days), np.zeros(days, np.int64)
    tended_mm, dry_mm, skin_mm = start.depletion_mm, start.depletion_mm, start.skin_mm
    alive, severe_d = start.alive, start.severe_d
    for d in range(days):
        day = start.day + d
        water_mm, et0_mm, kc = almanac.water_mm[day], almanac.et0_mm[day], almanac.kc[day, species]
        leafy = mortality.in_leaf(almanac, layout, day)

        tended_mm = soil.day(zone, tended_mm, skin_mm, water_mm, et0_mm, kc).depletion_mm
        easy_mm = soil.easy_share(zone.p_table, kc * et0_mm) * zone.taw_mm
        thirsty = beds & leafy & (tended_mm >= easy_mm)
        need_l[d] = (tended_mm * area_m2)[thirsty].sum()
        tended_mm = np.where(thirsty, 0.0, tended_mm)

        fluxes = soil.day(zone, dry_mm, skin_mm, water_mm, et0_mm, kc)  # what the dead leave matters to nobody
        dry_mm, skin_mm, before = fluxes.depletion_mm, fluxes.skin_mm, alive
        if garden.scenario.garden.mortal:
            alive, severe_d = mortality.suffer(alive, severe_d, fluxes.ks, leafy, stands_d)
        deaths[d] = (before & ~alive).sum()
        stressed_d[d] = stressed(fluxes.ks, alive, leafy, beds)
        if not alive.all() and mortality.replants(almanac, day + 1):
            dry_mm, alive = np.where(alive, dry_mm, 0.0), np.ones_like(alive)
    return Foreseen(need_l, stressed_d, deaths)
