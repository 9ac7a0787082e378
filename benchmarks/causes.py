"""Draw one view then, now, and with one group of causes switched at a time: `python benchmarks/causes.py`."""

from pathlib import Path

import cv2
import numpy as np
import tyro
from media import viewpoint
from sheets import class_colours

from agent.monitor.probes import PHASES, phase_days
from garden_env.causes import NAMES, Instant, hybrid
from garden_env.garden import plant_garden
from scenarios.files import load

COLUMNS, WIDTH_PX, HEIGHT_PX, SHOWN_PX = 3, 640, 480, 300
NOON = 0.5  # share of the working hours that has passed


def main(
    seed: int = 7, scenario: str = "four_seasons", start: str = "spring", end: str = "deep winter",
    hour: tuple[float, float] | None = None, day: tuple[int, int] | None = None,
    out: Path = Path("docs/media/causes.png"),
) -> None:  # fmt: skip
    """Draw a sheet: then, now, and then with each group as it is now.

    Args:
        seed: of the garden and its weather.
        scenario: whose script.
        start: phase of then.
        end: phase of now.
        hour: solar times of then and now [h]; the middle of each day's working hours if not given.
        day: days of then and now, in place of the middles of the phases.
        out: the picture to write.
    """
    garden = plant_garden(load(scenario), seed)
    names = [name for name, _, _ in PHASES]
    days = day or [phase_days(garden.scenario)[names.index(name)] for name in (start, end)]
    hours = hour or [garden.hour_at(d, NOON) for d in days]
    then, now = (Instant(d, h) for d, h in zip(days, hours, strict=True))
    pose = viewpoint(garden)
    camera = garden.scenario.camera.model_copy(update={"width_px": WIDTH_PX, "height_px": HEIGHT_PX})
    date = [garden.almanac.date_of(d) for d in days]
    titles = [f"then: {date[0].day} {date[0]:%B}", *NAMES, f"now: {date[1].day} {date[1]:%B}"]
    takes = [(), *((name,) for name in NAMES), NAMES]
    tiles = [
        _tile(hybrid(garden, pose, then, now, taken, camera=camera), title)
        for taken, title in zip(takes, titles, strict=True)
    ]
    rows = [np.hstack(tiles[i : i + COLUMNS]) for i in range(0, len(tiles), COLUMNS)]
    out.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(out), cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR), [cv2.IMWRITE_PNG_COMPRESSION, 9]):
        raise OSError(f"{out} cannot be written")
    print(f"wrote {out}, {out.stat().st_size / 1e3:.0f} kB")


def _tile(frame, title: str) -> np.ndarray:
    size = (SHOWN_PX, SHOWN_PX * HEIGHT_PX // WIDTH_PX)
    view = cv2.resize(frame.rgb, size, interpolation=cv2.INTER_AREA)
    label = cv2.resize(class_colours()[frame.mask], (size[0] // 4, size[1] // 4), interpolation=cv2.INTER_NEAREST)
    view[-label.shape[0] :, -label.shape[1] :] = label
    for at, colour in (((9, 21), (0, 0, 0)), ((8, 20), (255, 255, 255))):
        cv2.putText(view, title, at, cv2.FONT_HERSHEY_DUPLEX, 0.5, colour, 1, cv2.LINE_AA)
    return np.pad(view, ((1, 1), (1, 1), (0, 0)), constant_values=255)


if __name__ == "__main__":
    tyro.cli(main)
