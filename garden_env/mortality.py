"""Plants that die of thirst, where a scenario says `garden: {mortal: true}`.

A plant in a bed is under severe stress on a day at whose end it is in leaf and its stress coefficient is below
`soil.WILTED_KS`: the robot could see it wilt. After as many such days in a row as its species stands (`dies_after_d` of
`scenarios.tables.SPECIES`) it is dead. A bulb that sleeps under dry ground and an annual that is not sown yet have no
leaves to lose, and trees are not in beds: none of these dies.

The dead stay where they are, withered, and drink nothing, until the owner plants new ones on the first day of the
meteorological spring, and waters them in.
"""

import numpy as np

from garden_env import soil
from garden_env.almanac import Almanac
from garden_env.layout import Layout
from garden_env.render.tables import DEAD_FOLIAGE
from scenarios.seasons import begins
from scenarios.tables import SPECIES

IN_LEAF = 0.05  # share of its full leaf area from which a plant has leaves to lose


def bedded(layout: Layout) -> np.ndarray:
    """Which plants stand in beds, (P,) bool: all but trees, which find their own water."""
    return layout.plant_radius_m == 0.0


def in_leaf(almanac: Almanac, layout: Layout, day: int) -> np.ndarray:
    """Which plants have living leaves on a day, (P,) bool: not bulbs asleep, nor annuals unsown or killed by frost."""
    leaves = (almanac.leaf[day] >= IN_LEAF) & (almanac.killed[day] < DEAD_FOLIAGE)
    return leaves[layout.plant_species]


def endurance_d(layout: Layout) -> np.ndarray:
    """Days of severe stress in a row that each plant stands, (P,) float64; without end for trees."""
    days = np.array([SPECIES[name].dies_after_d for name in layout.species])[layout.plant_species]
    return np.where(bedded(layout), days, np.inf)


def suffer(
    alive: np.ndarray, severe_d: np.ndarray, ks: np.ndarray, leafy: np.ndarray, stands_d: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Let the stress of a day that ends have its effect.

    Args:
        alive: (P,) bool, which plants lived in the morning.
        severe_d: (P,) float64, days of severe stress in a row by then.
        ks: (P,) float64, stress coefficients at the day's end.
        leafy: (P,) bool, see `in_leaf`.
        stands_d: (P,) float64, see `endurance_d`.

    Returns:
        alive, severe_d at the day's end; the dead count no days.

    >>> suffer(np.array([True]), np.array([9.0]), np.array([0.1]), np.array([True]), np.array([10.0]))
    (array([False]), array([0.]))
    """
    severe_d = np.where(alive & leafy & (ks < soil.WILTED_KS), severe_d + 1.0, 0.0)
    alive = alive & (severe_d < stands_d)
    return alive, np.where(alive, severe_d, 0.0)


def replants(almanac: Almanac, day: int) -> bool:
    """Whether the owner replaces dead plants on a day: the first of spring, on the hemisphere the garden is on."""
    south, before = almanac.latitude_on(day) < 0, almanac.latitude_on(day - 1) < 0
    return begins("spring", almanac.date_of(day), southern=south, southern_before=before)
