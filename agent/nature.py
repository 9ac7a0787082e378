"""What a garden itself does through a life, by day: the background before which all marks are to be read."""

import numpy as np

from garden_env import soil
from garden_env.garden import Garden

DIGITS = 3


def nature(garden: Garden) -> dict[str, list[float]]:
    """The garden's own story, one value a day of the life.

    Args:
        garden: whose; nobody waters it and nothing that a robot does shows.

    Returns:
        By name, lists of D values. Shares of 1: `bloom` (flowers open, mean over plants), `snow` (of the ground under
        snow), `litter` (of the ground under fallen leaves), `lawn_green` (1 lush, 0 straw or winter-pale), `wilted`
        (plants that wilt where only rain waters, by `soil.WILTED_KS`) and `frost` (foliage killed by frost, mean over
        plants). `rain_mm` is liquid rain [mm d-1].
    """
    almanac, species = garden.almanac, garden.layout.plant_species
    days = range(garden.scenario.days)
    wilted = [np.mean(garden.unwatered(day)[0] < soil.WILTED_KS) if len(species) else 0.0 for day in days]
    told = {
        "bloom": _mean_over_plants(almanac.bloom, species),
        "snow": almanac.snow_cover,
        "litter": almanac.litter,
        "lawn_green": almanac.lawn_green,
        "wilted": np.array(wilted),
        "frost": _mean_over_plants(almanac.killed, species),
        "rain_mm": almanac.rain_mm,
    }
    return {name: np.round(values[: len(days)].astype(np.float64), DIGITS).tolist() for name, values in told.items()}


def _mean_over_plants(by_species: np.ndarray, species: np.ndarray) -> np.ndarray:
    """(D,) mean of a column by species over the plants that stand here."""
    return by_species[:, species].mean(axis=1) if len(species) else np.zeros(len(by_species))
