"""Make the pictures of the README: the same view through the year, with its labels. `python benchmarks/media.py`."""

from pathlib import Path

import cv2
import numpy as np
import tyro
from sheets import class_colours

from garden_env.garden import Garden, plant_garden
from scenarios.files import load
from scenarios.tables import IGNORE

DAYS = (10, 35, 60, 100, 145, 190, 205, 235, 280, 300, 345, 375)
COLUMNS, WIDTH_PX, HEIGHT_PX, SHOWN_PX = 4, 640, 480, 300


def main(seed: int = 7, out: Path = Path("docs/media/year.png")) -> None:
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
        label = cv2.resize(class_colours()[frame.mask], (size[0] // 4, size[1] // 4), interpolation=cv2.INTER_NEAREST)
        view[-label.shape[0] :, -label.shape[1] :] = label
        date = garden.almanac.date_of(day)
        for at, colour in (((9, 21), (0, 0, 0)), ((8, 20), (255, 255, 255))):
            cv2.putText(view, f"{date.day} {date:%B}", at, cv2.FONT_HERSHEY_DUPLEX, 0.5, colour, 1, cv2.LINE_AA)
        tiles.append(np.pad(view, ((1, 1), (1, 1), (0, 0)), constant_values=255))
    rows = [np.hstack(tiles[i : i + COLUMNS]) for i in range(0, len(tiles), COLUMNS)]
    out.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(out), cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR)):
        raise OSError(f"{out} cannot be written")
    print(f"wrote {out}")


def _viewpoint(garden: Garden) -> np.ndarray:
    """Of all places on the patrol and sixteen headings, the one that shows most of the garden in summer and autumn.

    Scored by the entropy of the classes in view: a wall or a close bush shows little.
    """
    best, most = np.zeros(3), -1.0
    for x_m, y_m in garden.layout.route[::3]:
        for heading_rad in np.arange(16) * np.pi / 8:
            pose, varied = np.array([x_m, y_m, heading_rad]), 0.0
            for day in (35, 145, 205):
                mask = garden.view(day, 12.0, pose).mask
                shares = np.bincount(mask.ravel(), minlength=IGNORE + 1)[:IGNORE] / mask.size
                shares = shares[shares > 0]
                varied += float(-(shares * np.log(shares)).sum())
            if varied > most:
                best, most = pose, varied
    return best


if __name__ == "__main__":
    tyro.cli(main)
