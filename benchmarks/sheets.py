"""Contact sheets: what the camera sees, month by month and climate by climate, as PNG files to look at.

Run: python benchmarks/sheets.py --out sheets --climates humid_continental mediterranean --seeds 1 2
"""

import argparse
from datetime import date
from pathlib import Path

import cv2
import numpy as np

from garden_env.almanac import make_almanac
from garden_env.layout import plan_garden
from garden_env.look import make_look
from garden_env.render.draw import Scene, draw, draw_map
from scenarios.spec import CameraSpec, Scenario
from scenarios.tables import CLASSES, CLIMATES

LARGE = CameraSpec(width_px=640, height_px=480, noise=0)
SMALL = CameraSpec(noise=0)
NO_ANSWER_RGB = (255, 0, 255)


def class_colours() -> np.ndarray:
    """(256, 3) uint8, display colour of every label."""
    colours = np.full((256, 3), NO_ANSWER_RGB, np.uint8)
    for row in CLASSES.values():
        colours[row.id] = row.rgb
    return colours


def tile(pictures: list[np.ndarray], columns: int) -> np.ndarray:
    """Pictures of one size, row by row."""
    return np.vstack([np.hstack(pictures[i : i + columns]) for i in range(0, len(pictures), columns)])


def along_route(layout, share: float) -> np.ndarray:
    """A pose on the patrol, looking ahead and a little inwards."""
    at = int(share * len(layout.route))
    here, ahead = layout.route[at], layout.route[(at + 4) % len(layout.route)]
    return np.array([*here, np.arctan2(*(ahead - here)[::-1]) + 0.25])


def sheet(climate: str, seed: int, out: Path, views: int, hour: float) -> None:
    """Twelve months of one garden: a large sheet, one of small views with both labels, and maps."""
    scenario = Scenario(name="sheet", climate=climate)
    layout = plan_garden(scenario.garden, np.random.default_rng(seed))
    almanac, scene, colours = make_almanac(scenario, seed), Scene(layout), class_colours()
    plants = len(layout.plant_species)
    large, small, maps = [], [], []
    for month in range(1, 13):
        year = scenario.start.year + (month < scenario.start.month)
        day = almanac.day_of(date(year, month, 15)) if date(year, month, 15) >= scenario.start else 0
        ks = np.where(np.arange(plants) % 3 == 0, 0.2, 1.0)  # a third of the plants is thirsty
        look = make_look(layout, almanac, day, hour, ks, 0.6 * ks)
        for view in range(views):
            pose = along_route(layout, view / views)
            large.append(draw(scene, look, pose, LARGE).rgb)
            frame = draw(scene, look, pose, SMALL)
            triple = np.hstack([frame.rgb, colours[frame.mask], colours[frame.mask_under]])
            small.append(cv2.resize(triple, None, fx=3, fy=3, interpolation=cv2.INTER_NEAREST))
        maps.append(draw_map(scene, look, 30.0)[0])
    name = f"{climate}-{seed}"
    columns = views if views > 1 else 3
    for kind, picture in (
        ("large", cv2.resize(tile(large, columns), None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)),
        ("small", tile(small, columns)),
        ("map", tile(maps, 4)),
    ):
        path = out / f"{name}-{kind}.png"
        cv2.imwrite(str(path), picture[..., ::-1])
        print(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("sheets"))
    parser.add_argument("--climates", nargs="+", default=list(CLIMATES), choices=list(CLIMATES))
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    parser.add_argument("--views", type=int, default=1, help="views a month")
    parser.add_argument("--hour", type=float, default=11.0, help="solar time")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for climate in options.climates:
        for seed in options.seeds:
            sheet(climate, seed, options.out, options.views, options.hour)


if __name__ == "__main__":
    main()
