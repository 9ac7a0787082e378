"""A picture of gardeners side by side: where each drove and watered, what it believed, what became of the plants."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import cv2
import numpy as np

from agent.garden_tasks import Gardened
from agent.report.words import long_date
from agent.task_score import SeasonScore, pooled
from garden_env.canvas import BOLD, INK, MUTED, Canvas, text_width
from garden_env.garden import Garden
from garden_env.render.draw import draw_map
from scenarios.tables import CLASSES

PX_PER_M = 36
MARGIN_PX, HEAD_PX, GAP_PX, FOOT_PX = 28, 92, 54, 60
UNKNOWN_RGB = (236, 238, 240)
TRACK_RGB, WATER_RGB = (255, 214, 10), (40, 150, 255)
MOST_LITRES_PX = 14.0  # radius of the mark of a full tank's watering


def save_sheet(path: Path, garden: Garden, lived: Sequence[Gardened]) -> None:
    """Write the sheet as PNG; nothing if nobody has lived.

    Args:
        path: of the picture.
        garden: in which all of them lived.
        lived: the gardeners, a row each.
    """
    if lived:
        cv2.imwrite(str(path), cv2.cvtColor(sheet(garden, lived), cv2.COLOR_RGB2BGR))


def sheet(garden: Garden, lived: Sequence[Gardened]) -> np.ndarray:
    """The sheet, (H, W, 3) uint8."""
    layout, scenario = garden.layout, garden.scenario
    above, truth, summer = _above(garden)
    height_px, width_px = above.shape[:2]
    canvas = Canvas(2 * width_px + 3 * MARGIN_PX, HEAD_PX + len(lived) * (height_px + GAP_PX) + FOOT_PX)
    canvas.text(MARGIN_PX, 36, f"Gardeners of {scenario.name}, seed {garden.seed}", 20, weight=BOLD)
    canvas.text(
        MARGIN_PX, 60, f"Left: the garden on {long_date(summer)}, all ways driven, and the water given (rings, larger "
        "for more).", 12, colour=MUTED,
    )  # fmt: skip
    canvas.text(
        MARGIN_PX, 77, "Right: the map by which it drove; for robots, what they believed at the end.", 12, colour=MUTED
    )
    shown = np.zeros(len(CLASSES), bool)
    for row, one in enumerate(lived):
        top = HEAD_PX + row * (height_px + GAP_PX)
        canvas.text(MARGIN_PX, top + 22, one.name, 16, weight=BOLD)
        canvas.text(2 * width_px + 2 * MARGIN_PX, top + 22, _outcome(one), 13, colour=INK, anchor="right")
        canvas.picture(MARGIN_PX, top + 32, _driven(above.copy(), one, layout.depth_m))
        belief = truth if one.belief is None else one.belief[::-1]
        canvas.picture(width_px + 2 * MARGIN_PX, top + 32, _in_class_colours(belief, width_px, height_px))
        shown[belief[belief < len(shown)]] = True
    _legend(canvas, shown, canvas.pixels.shape[0] - 24)
    return canvas.pixels


def _above(garden: Garden) -> tuple[np.ndarray, np.ndarray, date]:
    """The garden from above at noon of the life's first midsummer, its classes then, and which day that is."""
    day = min(90, garden.scenario.days - 1)
    ks, wetness = garden.unwatered(0)
    rgb, classes = draw_map(garden.scene, garden.look(day, 12.0, np.ones_like(ks), wetness), PX_PER_M)
    return rgb, classes, garden.almanac.date_of(day)


def _driven(above: np.ndarray, one: Gardened, depth_m: float) -> np.ndarray:
    """The map with the ways driven, thin, and a disc for every watering, as large as it was."""
    dimmed = (0.62 * above + 34.0).astype(np.uint8)
    points = (
        np.stack([one.track[:, 0], depth_m - one.track[:, 1]], 1) * PX_PER_M if len(one.track) else np.zeros((0, 2))
    )
    layer = dimmed.copy()
    cv2.polylines(
        layer, [np.round(points * 16).astype(np.int32).reshape(-1, 1, 2)], False, TRACK_RGB, 1, cv2.LINE_AA, 4
    )
    for deed in one.deeds:
        if deed["litres"] > 0.0:
            centre = round(deed["x_m"] * PX_PER_M), round((depth_m - deed["y_m"]) * PX_PER_M)
            radius = max(2, round(MOST_LITRES_PX * (deed["litres"] / 40.0) ** 0.5))
            cv2.circle(layer, centre, radius, WATER_RGB, 1, cv2.LINE_AA)
    return cv2.addWeighted(layer, 0.8, dimmed, 0.2, 0)


def _in_class_colours(classes: np.ndarray, width_px: int, height_px: int) -> np.ndarray:
    """A map of classes, north up, in their colours."""
    colours = np.array([*(row.rgb for row in CLASSES.values())], np.uint8)
    known = np.minimum(classes, len(colours) - 1)
    rgb = np.where((classes < len(colours))[..., None], colours[known], np.array(UNKNOWN_RGB, np.uint8))
    return cv2.resize(np.ascontiguousarray(rgb), (width_px, height_px), interpolation=cv2.INTER_NEAREST)


def _legend(canvas: Canvas, shown: np.ndarray, y: int) -> None:
    """Name the colours of the classes that are shown (C,) bool, in one line."""
    x = MARGIN_PX
    named = [(name, row.rgb) for (name, row), there in zip(CLASSES.items(), shown, strict=True) if there]
    for name, rgb in (*named, ("nothing known", UNKNOWN_RGB)):
        canvas.box(x, y - 10, x + 11, y + 1, rgb)
        canvas.text(x + 16, y, name, 12, colour=MUTED)
        x += 16 + text_width(name, 12) + 14


def _outcome(one: Gardened) -> str:
    """Score, deaths and litres in a line."""
    seasons = [SeasonScore.from_json(season) for season in one.seasons]
    died, litres = sum(s.sums.deaths for s in seasons), sum(s.sums.litres for s in seasons)
    scored = [s for s in seasons if s.parts is not None]
    score = f"score {pooled(scored).score:.0f}, " if scored else ""
    return f"{score}{died:.0f} plants died, {litres / 1000:.1f} m\N{SUPERSCRIPT THREE} of water"
