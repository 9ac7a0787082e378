"""When things happen: median, early and late dates over many synthetic years, as a table for docs/world.md.

python benchmarks/bands.py
"""

from datetime import date, timedelta

import numpy as np

from garden_env.almanac import Almanac, make_almanac
from scenarios.spec import GardenSpec, Scenario
from scenarios.tables import CLIMATES, SPECIES

YEARS = 100
START = date(2001, 1, 1)
EVENTS: tuple[tuple[str, str, str, float, int], ...] = (
    ("snowdrop flowers", "bloom", "snowdrop", 0.1, 0),
    ("daffodil flowers", "bloom", "daffodil", 0.1, 0),
    ("forsythia flowers", "bloom", "forsythia", 0.1, 0),
    ("tulip flowers", "bloom", "tulip", 0.1, 0),
    ("apple in full bloom", "bloom", "apple", 0.9, 0),
    ("apple half in leaf", "leaf", "apple", 0.5, 0),
    ("rose flowers", "bloom", "rose", 0.1, 0),
    ("lavender flowers", "bloom", "lavender", 0.1, 0),
    ("hydrangea flowers", "bloom", "hydrangea", 0.1, 0),
    ("coneflower flowers", "bloom", "coneflower", 0.1, 0),
    ("tomato ripens", "fruit", "tomato", 0.3, 0),
    ("aster flowers", "bloom", "aster", 0.1, 0),
    ("apple half coloured", "senescence", "apple", 0.5, 180),
    ("maple half coloured", "senescence", "maple", 0.5, 180),
    ("tomato killed", "killed", "tomato", 0.5, 180),
)


def first_days(almanac: Almanac, stage: str, name: str, level: float, from_day: int) -> list[int]:
    """Day of the year on which a stage first passes a level, for every year in which it does."""
    column = getattr(almanac, stage)[:, almanac.species.index(name)]
    days = []
    for year in range(START.year, START.year + YEARS):
        first = almanac.day_of(date(year, 1, 1)) + from_day
        passed = np.flatnonzero(column[first : first + 365 - from_day] > level)
        if len(passed):
            days.append(from_day + int(passed[0]))
    return days


def worded(days: list[int]) -> str:
    """Median [10th - 90th percentile], and the share of years if it is not all of them."""
    if len(days) < YEARS / 10:
        return "-"
    early, middle, late = (START + timedelta(days=int(day)) for day in np.percentile(days, [10, 50, 90]))
    share = "" if len(days) == YEARS else f" ({100 * len(days) // YEARS} %)"
    return f"{middle:%d %b} [{early:%d %b}-{late:%d %b}]{share}"


def main() -> None:
    """Print the table."""
    places = [name for name, climate in CLIMATES.items() if climate.seasonal]
    garden = GardenSpec(species=tuple(name for name in SPECIES if name != "lawn"))
    lives = []
    for place in places:
        scenario = Scenario(name="bands", start=START, days=YEARS * 366, climate=place, garden=garden)
        lives.append(make_almanac(scenario, 1, extra_days=0))
    print("| event |", " | ".join(places), "|")
    print("|---" * (len(places) + 1) + "|")
    for label, stage, name, level, from_day in EVENTS:
        cells = (worded(first_days(life, stage, name, level, from_day)) for life in lives)
        print(f"| {label} |", " | ".join(cells), "|")
    snow = [life.snow_cover[: YEARS * 365] > 0.5 for life in lives]
    print("| days a year with half the ground under snow |", " | ".join(f"{s.sum() / YEARS:.0f}" for s in snow), "|")


if __name__ == "__main__":
    main()
