"""Draw one view then, now, and with one group of causes switched at a time: `python benchmarks/causes.py`."""

from pathlib import Path

import cv2
import numpy as np
import tyro
from sheets import class_colours

from garden_env.causes import NAMES, Instant, hybrid
from garden_env.garden import plant_garden
from garden_env.injection import with_events
from scenarios.drift import DriftEvent
from scenarios.files import load

DIRTY = DriftEvent.model_validate({"axis": "camera.dirt", "set": 0.6, "shape": "ramp", "at": "2030-07-01", "days": 120})
COLUMNS, WIDTH_PX, HEIGHT_PX, SHOWN_PX = 3, 640, 480, 240
LEVELS = 10  # grey levels a channel is rounded to, for a small file


def main(
    seed: int = 7, scenario: str = "four_seasons", pose: tuple[float, float, float] = (8.1, 4.0, 1.18),
    then: tuple[int, float] = (13, 14.0), now: tuple[int, float] = (283, 9.5),
    out: Path = Path("docs/media/causes.png"),
) -> None:  # fmt: skip
    """Draw a sheet: then, then with each group as it is now, and now. The camera gets dirty from July on.

    Args:
        seed: of the garden and its weather.
        scenario: whose script.
        pose: from where, x [m], y [m], heading [rad].
        then, now: day since the start, and solar time [h].
        out: the picture to write.
    """
    garden = plant_garden(with_events(load(scenario), DIRTY), seed)
    camera = garden.scenario.camera.model_copy(update={"width_px": WIDTH_PX, "height_px": HEIGHT_PX})
    before, after = Instant(*then), Instant(*now)
    dates = [garden.almanac.date_of(day) for day, _ in (before, after)]
    titles = [f"then: {dates[0].day} {dates[0]:%B}", *NAMES, f"now: {dates[1].day} {dates[1]:%B}"]
    takes = [(), *((name,) for name in NAMES), NAMES]
    tiles = [
        _tile(hybrid(garden, np.array(pose), before, after, taken, camera=camera), title)
        for taken, title in zip(takes, titles, strict=True)
    ]
    sheet = np.vstack([np.hstack(tiles[i : i + COLUMNS]) for i in range(0, len(tiles), COLUMNS)])
    out.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(out), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_PNG_COMPRESSION, 9]):
        raise OSError(f"{out} cannot be written")
    print(f"wrote {out}, {out.stat().st_size / 1e3:.0f} kB")


def _tile(frame, title: str) -> np.ndarray:
    """A frame with its title, its labels in a corner."""
    size = (SHOWN_PX, SHOWN_PX * HEIGHT_PX // WIDTH_PX)
    view = cv2.resize(frame.rgb, size, interpolation=cv2.INTER_AREA) // LEVELS * LEVELS + LEVELS // 2
    label = cv2.resize(class_colours()[frame.mask], (size[0] // 4, size[1] // 4), interpolation=cv2.INTER_NEAREST)
    view[-label.shape[0] :, -label.shape[1] :] = label
    for at, colour in (((9, 21), (0, 0, 0)), ((8, 20), (255, 255, 255))):
        cv2.putText(view, title, at, cv2.FONT_HERSHEY_DUPLEX, 0.5, colour, 1, cv2.LINE_AA)
    return np.pad(view, ((1, 1), (1, 1), (0, 0)), constant_values=255)


if __name__ == "__main__":
    tyro.cli(main)
