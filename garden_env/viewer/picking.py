"""What was clicked on, in words."""

import numpy as np

from garden_env.viewer.layout import Box
from garden_env.viewer.plan import to_metres
from garden_env.viewer.state import Plants, ViewState

NEAR_M = 0.3  # a click so far beside a small plant still means it


def picked(state: ViewState, box: Box, x_px: float, y_px: float) -> str:
    """The plant at a place of the map, with species, stage and water; '' where none grows."""
    place = np.array(to_metres(box, state.course, x_px, y_px))
    plants = state.plants
    away_m = np.hypot(*(plants.place_m - place).T)
    hit = away_m <= np.maximum(plants.reach_m, NEAR_M)
    if not hit.any():
        return ""
    # Under a tree a small plant may be meant: the one whose edge is nearest, for its size.
    n = int(np.argmin(np.where(hit, away_m / np.maximum(plants.reach_m, NEAR_M) + plants.reach_m, np.inf)))
    return f"{plants.species[n].replace('_', ' ')}: {stage(plants, n)}, {water(plants, n)}"


def stage(plants: Plants, n: int) -> str:
    """Where a plant is in its year."""
    if not plants.alive[n]:
        return "dead"
    if plants.bloom[n] > 0.2:
        return "in bloom"
    if plants.fruit[n] > 0.2:
        return "with fruit"
    if plants.growth[n] < 0.05:
        return "not up yet"
    if plants.leaf[n] < 0.05:
        return "bare"
    return "in leaf" if plants.leaf[n] > 0.6 else "with few leaves"


def water(plants: Plants, n: int) -> str:
    """How a plant stands for water."""
    has = f"water {100 * plants.water[n]:.0f} %"
    if not plants.alive[n]:
        return has
    return has + (", wilted" if plants.wilted[n] else ", thirsty" if plants.stressed[n] > 0.05 else "")
