"""How much water gardens need, and how soon thirst comes: three climates, several gardens, nobody in them.

For every climate and season: the least water that keeps plants in beds from thirst, what they suffer if nobody waters
them, how many die, and whether the season is scored (`agent.task_score`). Then, from field capacity on days of July and
without a drop of rain: after how many days a plant in leaf has used up its easy water, and after how many it wilts.

    python benchmarks/need.py
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import tyro
from rich.console import Console
from rich.table import Table

from agent.task_score import Ledger, score_seasons
from garden_env import soil
from garden_env.garden import Garden, plant_garden
from garden_env.mortality import bedded, in_leaf
from garden_env.world import World, root_area_m2
from scenarios.spec import GardenSpec, Scenario
from scenarios.tables import MATERIALS

DAYS = 548  # eighteen months: two summers
DRY_SPELL_D = 60  # what has not wilted by then, does not
EVERY_D = 5  # dry spells begin on every fifth day of July
STILL = np.array([[0.0, 0.0, -1.0]])


@dataclass(frozen=True)
class NeedOptions:
    """Options of the benchmark."""

    climates: tuple[str, ...] = ("humid_continental", "temperate_oceanic", "mediterranean")
    """Names of climates."""
    gardens: int = 3
    """Gardens in each."""
    first: int = 500
    """Seed of the first."""
    start: str = "2030-04-10"
    """First day."""


def main(options: NeedOptions) -> None:
    """Print a table of seasons and one of July for every climate."""
    for climate in options.climates:
        scenario = Scenario(
            name="need", climate=climate, start=date.fromisoformat(options.start), days=DAYS, steps_per_day=1,
            commissioning_days=1, garden=GardenSpec(mortal=True),
        )  # fmt: skip
        gardens = [plant_garden(scenario, options.first + i) for i in range(options.gardens)]
        Console().print(seasons(climate, gardens), july(climate, gardens))


def seasons(climate: str, gardens: list[Garden]) -> Table:
    """What gardens need, and suffer if nobody comes, by season."""
    table = Table(
        "seed", "season", "need (l)", "(mm)", "stressed", "deaths", "scored", title=f"{climate}: nobody waters"
    )
    notes = []
    for garden in gardens:
        world = World([garden])
        ledger = Ledger(world)
        while world.day < DAYS:
            ledger.after(world.advance(STILL))
        beds = bedded(garden.layout)
        area_m2 = root_area_m2(garden)[beds].sum()
        soil_m2 = (garden.layout.material == MATERIALS["soil"].id).sum() * garden.layout.cell_m**2
        for one in score_seasons(ledger, garden):
            sums = one.sums
            table.add_row(
                str(garden.seed),
                one.season,
                f"{sums.need_l:.0f}",
                f"{sums.need_l / area_m2:.0f}",
                f"{sums.stressed_d / sums.plant_days:.1%}",
                f"{sums.deaths:.0f}",
                "no" if one.parts is None else "yes",
            )
        notes.append(f"{garden.seed}: {beds.sum()} plants, roots under {area_m2:.1f} m2, beds of {soil_m2:.1f} m2")
        table.add_section()
    table.caption = "\n".join(notes)
    return table


def july(climate: str, gardens: list[Garden]) -> Table:
    """How many days plants in leaf get by with full soil and no rain, by species and in all."""
    title = f"{climate}: dry spells in July, 10 / 50 / 90 %"
    table = Table("species", "until easy water is used up (d)", "until it wilts (d)", title=title)
    found: dict[str, list[tuple[float, float]]] = defaultdict(list, all=[])
    for garden in gardens:
        for day in range(0, DAYS, EVERY_D):
            if garden.almanac.date_of(day).month == 7:
                for name, easy_d, wilts_d in dry_spell(garden, day):
                    found[name].append((easy_d, wilts_d))
                    found["all"].append((easy_d, wilts_d))
    for name, days in found.items():
        quantiles = np.percentile(np.array(days), (10, 50, 90), axis=0, method="nearest")
        table.add_row(name, *(" / ".join(f"{q:.0f}" for q in column) for column in quantiles.T))
    return table


def dry_spell(garden: Garden, day: int) -> Iterator[tuple[str, float, float]]:
    """Species, days until the easy water is used up, and until it wilts, of every plant in leaf; infinite if never."""
    layout, almanac = garden.layout, garden.almanac
    species = layout.plant_species
    zone = soil.root_zone([layout.species[s] for s in species], garden.scenario.soil)
    lacking_mm, easy_d, wilts_d = np.zeros(len(species)), *np.full((2, len(species)), np.inf)
    for n in range(DRY_SPELL_D):
        kc, et0_mm = almanac.kc[day + n, species], almanac.et0_mm[day + n]
        fluxes = soil.day(zone, lacking_mm, lacking_mm, 0.0, et0_mm, kc)
        lacking_mm = fluxes.depletion_mm
        used_up = lacking_mm >= soil.easy_share(zone.p_table, kc * et0_mm) * zone.taw_mm
        easy_d = np.where(used_up, np.minimum(easy_d, n + 1), easy_d)
        wilts_d = np.where(fluxes.ks < soil.WILTED_KS, np.minimum(wilts_d, n + 1), wilts_d)
    for plant in np.flatnonzero(bedded(layout) & in_leaf(almanac, layout, day)):
        yield layout.species[species[plant]], float(easy_d[plant]), float(wilts_d[plant])


if __name__ == "__main__":
    main(tyro.cli(NeedOptions))
