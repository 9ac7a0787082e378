"""Make the pictures of the README: the same view through the year, with its labels. `python benchmarks/media.py`."""

from pathlib import Path

import cv2
import numpy as np
import tyro

from garden_env.garden import Garden, plant_garden
from scenarios.files import load
from scenarios.tables import CLASSES, IGNORE

DAYS = (10, 35, 60, 100, 145, 190, 205, 235, 280, 300, 345, 375)
COLUMNS, WIDTH_PX, HEIGHT_PX, SHOWN_PX = 4, 640, 480, 300


def main(seed: int = 5, out: Path = Path("docs/media/year.png")) -> None:
    """Draw one view of a garden on twelve days of its first year.

    Args:
        seed: of the garden and its weather.
        out: the picture to write.
    """
    garden = plant_garden(load("four_seasons"), seed)
    pose = _viewpoint(garden)
    camera = garden.scenario.camera.model_copy(update={"width_px": WIDTH_PX, "height_px": HEIGHT_PX})
    tiles = []
    for day in DAYS:
        frame = garden.view(day, garden.hour(day, garden.scenario.steps_per_day // 2), pose, camera)
        size = (SHOWN_PX, SHOWN_PX * HEIGHT_PX // WIDTH_PX)
        view = cv2.resize(frame.rgb, size, interpolation=cv2.INTER_AREA)
        label = cv2.resize(class_colours(frame.mask), (size[0] // 4, size[1] // 4), interpolation=cv2.INTER_NEAREST)
        view[-label.shape[0] :, -label.shape[1] :] = label
        date = garden.almanac.date_of(day)
        for colour, thickness in (((0, 0, 0), 3), ((255, 255, 255), 1)):
            at = (8, 20)
            cv2.putText(view, f"{date.day} {date:%B}", at, cv2.FONT_HERSHEY_DUPLEX, 0.5, colour, thickness, cv2.LINE_AA)
        tiles.append(np.pad(view, ((1, 1), (1, 1), (0, 0)), constant_values=255))
    rows = [np.hstack(tiles[i : i + COLUMNS]) for i in range(0, len(tiles), COLUMNS)]
    out.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(out), cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR)):
        raise OSError(f"{out} cannot be written")
    print(f"wrote {out}")


def class_colours(mask: np.ndarray) -> np.ndarray:
    """Labels (H, W) uint8 as colours (H, W, 3) uint8; no answer is black."""
    table = np.zeros((IGNORE + 1, 3), np.uint8)
    for row in CLASSES.values():
        table[row.id] = row.rgb
    return table[mask]


def _viewpoint(garden: Garden) -> np.ndarray:
    """Of all places on the patrol and eight headings, the one from which most classes are seen in summer."""
    best, most = np.zeros(3), -1.0
    hour = garden.hour(100, garden.scenario.steps_per_day // 2)
    for x_m, y_m in garden.layout.route[::2]:
        for heading_rad in np.arange(8) * np.pi / 4:
            pose = np.array([x_m, y_m, heading_rad])
            shares = np.bincount(garden.view(100, hour, pose).mask.ravel(), minlength=IGNORE + 1)[:IGNORE] / 4096
            varied = float(-(shares[shares > 0] * np.log(shares[shares > 0])).sum())
            if varied > most:
                best, most = pose, varied
    return best


if __name__ == "__main__":
    tyro.cli(main)
