"""A script on one sheet: the same view through its calendar, and under it everything that changes."""

from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np

from agent.hardness import Hardness, hardness
from agent.preview.calendar import COLUMNS, views
from agent.preview.timeline import draw_timeline, height_px, lanes
from garden_env.canvas import BOLD, GRID, INK, MUTED, Canvas, text_width
from garden_env.garden import Garden, plant_garden
from scenarios.files import load
from scenarios.spec import Scenario
from scenarios.tables import CLASSES, IGNORE

WIDTH, MARGIN = 1520, 28
LEFT = 300  # where the axis of time begins
VIEW_PX, GUTTER = (236, 177), 9
DRAWN = 2  # views are drawn this much larger than shown, for smooth edges
HARDNESS_LOOKS = 24
FAR = 0.35  # how much a view's depth counts beside its variety
NO_ANSWER_RGB = (255, 250, 140)  # pale yellow: no class has it


def preview(
    scenario: Scenario, out: Path, *, seed: int = 0, share: float = 0.5, show_hardness: bool = False,
    overwrite: bool = False,
) -> Path:  # fmt: skip
    """Draw a scenario and write the picture.

    Args:
        scenario: what to draw.
        out: a PNG file.
        seed: of the garden and its weather.
        share: at which share of each day's working hours the views are taken, 0..1.
        show_hardness: also commission a net and draw what it sees; takes half a minute the first time.
        overwrite: replace the file if there is one.

    Raises:
        ValueError: the file exists, is no PNG by its name, or cannot be written; told before any work is done.
    """
    check_writable(out, overwrite=overwrite)
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"at is a share of the day's working hours, 0 to 1, not {share:g}")
    garden = plant_garden(scenario, seed)
    hard = None
    if show_hardness:
        looks = np.unique(np.linspace(0, scenario.days - 1, HARDNESS_LOOKS).astype(int))
        hard = hardness(scenario, seed, np.union1d(looks, views(scenario)))
    picture = draw(garden, share, hard)
    if not cv2.imwrite(str(out), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)):
        raise ValueError(f"{out} cannot be written")
    return out


def check_writable(out: Path, *, overwrite: bool) -> None:
    """See that a picture can be written, without leaving anything behind.

    Raises:
        ValueError: it cannot; the message says why and what would do.
    """
    if out.suffix.lower() != ".png":
        raise ValueError(f"a preview is a PNG: name a file such as {out.with_suffix('.png')}, not {out}")
    if out.exists() and not overwrite:
        raise ValueError(f"{out} exists already; name another file with --out, or give --overwrite")
    there = out.exists()
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with out.open("ab"):
            pass
    except OSError as error:
        raise ValueError(f"{out} cannot be written ({error}); name another file with --out") from error
    if not there:
        out.unlink()


def draw(garden: Garden, share: float = 0.5, hard: Hardness | None = None) -> np.ndarray:
    """The whole sheet, (H, W, 3) uint8."""
    scenario = garden.scenario
    days, rows = views(scenario), lanes(garden, hard)
    tile = 2 * VIEW_PX[1] + 34
    sheet = -(-len(days) // COLUMNS) * tile
    top, legend = 118, 46
    canvas = Canvas(WIDTH, top + sheet + legend + height_px(rows) + MARGIN)
    _head(canvas, garden)
    _views(canvas, garden, days, share, top, tile)
    _legend(canvas, top + sheet + 8)
    draw_timeline(canvas, garden, rows, days, LEFT, WIDTH - MARGIN, top + sheet + legend)
    return canvas.pixels


def _head(canvas: Canvas, garden: Garden) -> None:
    scenario = garden.scenario
    last = scenario.start + timedelta(days=scenario.days - 1)
    canvas.text(MARGIN, 44, scenario.name, 30, weight=BOLD)
    for line, y in zip(_wrapped(scenario.summary, 15, WIDTH - 2 * MARGIN)[:1], (70,), strict=False):
        canvas.text(MARGIN, y, line, 15)
    speed = "" if scenario.speed == 1 else f", {scenario.speed:g} days for every day's steps"
    facts = (
        f"{scenario.start:%Y-%m-%d} to {last:%Y-%m-%d} ({scenario.days} days{speed}), "
        f"climate {scenario.climate_name}, garden seed {garden.seed}, scenario {scenario.hash}. "
        f"Dark bar: the {scenario.commissioning_days} days of commissioning."
    )
    canvas.text(MARGIN, 94, facts, 13, colour=MUTED)


def _views(canvas: Canvas, garden: Garden, days: list[int], share: float, top: int, tile: int) -> None:
    width, height = VIEW_PX
    camera = garden.scenario.camera.model_copy(update={"width_px": DRAWN * width, "height_px": DRAWN * height})
    pose = viewpoint(garden, days)
    colours = np.full((256, 3), NO_ANSWER_RGB, np.uint8)
    for row in CLASSES.values():
        colours[row.id] = row.rgb
    for number, day in enumerate(days):
        x = MARGIN + number % COLUMNS * (width + GUTTER)
        y = top + number // COLUMNS * tile
        frame = garden.view(day, garden.hour_at(day, share), pose, camera)
        when = garden.almanac.date_of(day)
        canvas.text(x, y + 14, f"{number + 1}", 14, weight=BOLD)
        canvas.text(x + 24, y + 14, f"{when.day} {when:%b %Y}", 13)
        canvas.picture(x, y + 20, cv2.resize(frame.rgb, VIEW_PX, interpolation=cv2.INTER_AREA))
        mask = cv2.resize(colours[frame.mask], VIEW_PX, interpolation=cv2.INTER_AREA)
        canvas.picture(x, y + 20 + height, mask)
        canvas.frame(x, y + 20, x + width - 1, y + 19 + 2 * height, GRID)


def _legend(canvas: Canvas, y: int) -> None:
    x = float(MARGIN)
    for name, rgb in [*((row.name, row.rgb) for row in CLASSES.values()), ("no answer", NO_ANSWER_RGB)]:
        canvas.box(x, y, x + 16, y + 16, rgb)
        canvas.frame(x, y, x + 16, y + 16, MUTED)
        canvas.text(x + 22, y + 13, name, 13, colour=INK)
        x += 22 + text_width(name, 13) + 24


def viewpoint(garden: Garden, days: list[int]) -> np.ndarray:
    """Of places on the patrol and headings, the one that shows most: classes, by their entropy, and far things too."""
    best, most = np.zeros(3), -1.0
    small = garden.scenario.camera.model_copy(update={"width_px": 32, "height_px": 32})
    route = garden.layout.route
    looks = [garden.look(day, 12.0, *garden.exam_water) for day in days[:: max(1, len(days) // 3)][:3]]
    for x_m, y_m in route[:: max(1, len(route) // 40)]:
        for heading_rad in np.arange(12) * np.pi / 6:
            pose, varied = np.array([x_m, y_m, heading_rad]), 0.0
            for look in looks:
                frame = garden.draw(look, pose, small)
                shares = np.bincount(frame.mask.ravel(), minlength=IGNORE + 1)[:IGNORE] / frame.mask.size
                varied += FAR * float(np.log(np.median(frame.depth_m[np.isfinite(frame.depth_m)])))
                shares = shares[shares > 0]
                varied += float(-(shares * np.log(shares)).sum())
            if varied > most:
                best, most = pose, varied
    return best


def _wrapped(text: str, size: int, width: int) -> list[str]:
    """Lines no wider than `width`."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(longer, size) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def main(arguments: list[str]) -> int:
    """The command `preview`."""
    import tyro

    def command(
        scenario: str, /, out: Path | None = None, seed: int = 0, at: float = 0.5, hardness: bool = False,
        overwrite: bool = False,
    ) -> None:  # fmt: skip
        """Draw a scenario on one sheet: views through its calendar with their labels, and everything that changes.

        Args:
            scenario: one that ships, or a .yaml file.
            out: the PNG to write; without it, preview-NAME.png here.
            seed: draws the garden and its weather.
            at: share of the day's working hours at which the views are taken.
            hardness: also draw what a net that was commissioned in the first days still sees.
            overwrite: replace the file if there is one.
        """
        script = load(scenario)
        path = out or Path(f"preview-{script.name}.png")
        print(preview(script, path, seed=seed, share=at, show_hardness=hardness, overwrite=overwrite))

    tyro.cli(command, prog="run_sim.py preview", args=arguments)
    return 0
