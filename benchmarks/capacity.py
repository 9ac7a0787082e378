"""Can one robot look after the garden? For every kind of garden and robot that ships, over several gardens.

Two robots are timed, neither of which looks at a picture. The *patrol* drives its round: how many days pass, at most,
before every bed, and every plant in it, has been in the picture again, with all that stands in between hiding what it
hides?
The *ideal visitor* (`visitor.py`) waters every bedded plant once, driving in the world: what share of four days' steps
does it need? A third should be left.

Scenarios with the same garden, robot, camera and steps a day are one row. Scripted drift is left out: this is about
what the robot was built for.

    python benchmarks/capacity.py
"""

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import tyro
from rich.console import Console
from rich.table import Table
from scipy import ndimage
from visitor import Visit, bedded, visit

from agent.patrol import Patrol
from garden_env.camera import Frame, pinhole
from garden_env.garden import Garden, plant_garden
from garden_env.world import World
from scenarios.files import library, load
from scenarios.spec import CameraSpec, Scenario
from scenarios.tables import MATERIALS

ROUND_DAYS = 4  # the ideal visitor waters every plant once in this time
SEEN_M = 4.0  # what is farther away than this does not count as seen
BED_PIXELS = 32  # nor a bed that fills fewer pixels: 0.8 % of the picture, 8 of the label map,
PLANT_PIXELS = 8  # nor a plant with fewer: 2 of the label map
PATROL_DAYS = 30
SUMMER = (7, 1)  # the patrol is timed from this day on (half a year later in the south): plants hide most then


@dataclass(frozen=True)
class CapacityOptions:
    """Options of the benchmark."""

    gardens: int = 3
    """Gardens for every row."""
    first: int = 0
    """Seed of the first."""


def main(options: CapacityOptions) -> None:
    """Print one row for every kind of garden and robot; the worst of the gardens in each."""
    table = Table(
        "scenarios",
        "plants",
        "days without\na bed in view",
        "a plant\nin view",
        "steps of\n4 days",
        "left\nover",
        "bumps,\nrun over",
        "water, of it\nwasted [l]",
        title=f"Worst of {options.gardens} gardens, seeds from {options.first}",
    )
    for names in alike().values():
        scenario = in_summer(load(names[0]))
        gardens = [plant_garden(scenario, options.first + i) for i in range(options.gardens)]
        pace = load(names[0]).speed
        beds_d, plants_d = np.max([longest_unseen_days(garden) for garden in gardens], axis=0) * pace
        visits = [visit(garden) for garden in gardens]
        budget = int(ROUND_DAYS * scenario.steps_per_day / pace)
        worst: Visit = max(visits, key=lambda done: done.steps)
        table.add_row(
            ", ".join(names),
            str(max(len(bedded(garden)) for garden in gardens)),
            f"{beds_d:.1f}",
            f"{plants_d:.1f}",
            f"{worst.steps} of {budget}",
            f"{1 - worst.steps / budget:.0%}",
            f"{max(done.bumps for done in visits)}, {max(done.run_over for done in visits)}",
            f"{worst.given_l:.0f}, {worst.wasted_l:.0f}",
        )
    Console().print(table)


def alike() -> dict[tuple, list[str]]:
    """The names of the scenarios that ship, by what decides their capacity."""
    groups: dict[tuple, list[str]] = defaultdict(list)
    for name in library():
        scenario = load(name)
        parts = (scenario.garden, scenario.robot, scenario.camera)
        key = (*(part.model_dump_json() for part in parts), scenario.steps_per_day, scenario.speed)
        groups[key].append(name)
    return groups


def in_summer(scenario: Scenario) -> Scenario:
    """The same garden and robot without drift, in the month in which leaves hide most."""
    start = date(scenario.start.year, *SUMMER)
    start += timedelta(days=184 if scenario.southern else 0)
    return Scenario(
        name=scenario.name,
        start=start,
        days=PATROL_DAYS + 1,
        steps_per_day=scenario.steps_per_day,
        commissioning_days=1,
        climate=scenario.climate,
        southern=scenario.southern,
        soil=scenario.soil,
        garden=scenario.garden,
        robot=scenario.robot,
        camera=scenario.camera,
    )


def longest_unseen_days(garden: Garden) -> tuple[float, float]:
    """The longest time for which some bed, and some bedded plant, is not in the patrol's picture [d of the robot]."""
    scenario, layout = garden.scenario, garden.layout
    patrol = Patrol(layout.route, scenario.robot, np.random.default_rng([garden.seed, 3]))
    world, plants, steps = World([garden]), bedded(garden), PATROL_DAYS * scenario.steps_per_day
    pixels = np.zeros((steps, len(plants)), int)
    for step in range(steps):
        pixels[step] = pixels_of_plants(garden, world.draw(0), scenario.camera)[plants]
        world.advance(patrol.act(world.pose[0])[None])
    rows, columns = ((along_m / layout.cell_m).astype(int) for along_m in (layout.plant_y_m, layout.plant_x_m))
    bed = ndimage.label(layout.material == MATERIALS["soil"].id)[0][rows[plants], columns[plants]]
    of_bed = np.stack([pixels[:, bed == number].sum(1) for number in np.unique(bed)], 1)
    seen = (of_bed >= BED_PIXELS, pixels >= PLANT_PIXELS)
    beds_d, plants_d = (longest_gap(what) / scenario.steps_per_day for what in seen)
    return beds_d, plants_d


def longest_gap(seen: np.ndarray) -> int:
    """The longest stretch of steps between two sightings of anything; start and end count as sightings.

    Args:
        seen: (T, K) bool, which of K things are seen at every step.

    >>> longest_gap(np.array([[1, 0], [0, 0], [0, 1], [1, 1]], bool))
    3
    """
    ends = np.ones((1, seen.shape[1]), bool)
    at = [np.flatnonzero(column) for column in np.concatenate([ends, seen, ends]).T]
    return max(int(np.diff(steps).max()) for steps in at)


def pixels_of_plants(garden: Garden, frame: Frame, camera: CameraSpec) -> np.ndarray:
    """How many pixels of a frame show something on or above each plant's piece of the bed, near by.

    Every pixel is traced back through its depth to the place that it shows; what is hidden has no pixel.

    Args:
        garden: where the frame was taken.
        frame: with its depth and pose.
        camera: it was taken with.

    Returns:
        (P,) int64.
    """
    layout = garden.layout
    focal_px, centre_px, _, _ = pinhole(camera)
    x_m, y_m, heading_rad = frame.pose
    depth_m = np.where(np.isfinite(frame.depth_m), frame.depth_m, np.inf)
    near = depth_m < SEEN_M
    ahead_m = depth_m[near].astype(float)
    right_m = ((np.arange(camera.width_px) + 0.5 - centre_px)[None] / focal_px * np.ones((camera.height_px, 1)))[near]
    right_m = right_m * ahead_m
    east_m = x_m + ahead_m * math.cos(heading_rad) + right_m * math.sin(heading_rad)
    north_m = y_m + ahead_m * math.sin(heading_rad) - right_m * math.cos(heading_rad)
    rows, columns = (north_m / layout.cell_m).astype(int), (east_m / layout.cell_m).astype(int)
    inside = (rows >= 0) & (rows < layout.zone.shape[0]) & (columns >= 0) & (columns < layout.zone.shape[1])
    zones = layout.zone[rows[inside], columns[inside]]
    return np.bincount(zones[zones >= 0], minlength=len(layout.plant_species))


if __name__ == "__main__":
    main(tyro.cli(CapacityOptions))
