"""What a net says of the robot's own frame, laid over the large picture: as coarse as it was said, and where it was."""

import math
from dataclasses import dataclass, field

import cv2
import numpy as np

from garden_env.viewer.state import Hand, Sight, View, ViewState
from garden_env.viewer.theme import INK, MUTED
from garden_env.viewer.tints import ANSWERED, VEIL, alone, classes_there, coloured, grey, laid_over
from garden_env.viewer.words import Entry
from scenarios.tables import CLASS_NAMES

RIGHT_RGB, WRONG_RGB, FALSE_RGB = (64, 146, 214), (240, 118, 30), (244, 226, 92)  # told apart by everybody
DOUBT_RGB = cv2.cvtColor(
    cv2.applyColorMap(np.arange(256, dtype=np.uint8)[:, None], cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB
)
LEAST_COVER, MOST_COVER = 0.2, 0.85  # of a pixel by its doubt
NO_ANSWER = 255


@dataclass(frozen=True, eq=False)
class Layer:
    """An overlay of the mind.

    Attributes:
        picture: (H, W, 3) uint8, with its ground.
        legend: its colours.
        notes: what it comes to, in lines of words, the most important first.
        steps_ago: how old the net's frame is.
    """

    picture: np.ndarray
    legend: list[Entry]
    notes: list[str] = field(default_factory=list)
    steps_ago: int = 0


def why_none(state: ViewState) -> str:
    """Why there is no overlay of the mind."""
    if state.mind is None:
        return "no learner"
    return "nothing seen yet" if state.mind.sight is None else "it sees today, not this day"


def layer_of(state: ViewState, hand: Hand) -> Layer | None:
    """What the net says, laid over the camera's picture; None where it says nothing of this picture.

    The guess is about the robot's own frame. If the large picture is of another moment, the frame itself is the ground.
    """
    sight = None if state.mind is None else state.mind.sight
    if sight is None or state.view.title:
        return None
    places = _places(state.view, sight)
    ground = state.view.rgb if sight.step == state.step else _enlarged(sight.rgb, places)
    draw = {"prediction": _prediction, "error": _error, "doubt": _doubt}[hand.overlay]
    picture, legend, notes = draw(sight, ground, places, hand.solo)
    return Layer(picture, legend, notes, max(state.step - sight.step, 0))


Places = tuple[
    np.ndarray, np.ndarray
]  # (H,), (W,) float64: row and column of every pixel, as shares of the other picture
Drawn = tuple[np.ndarray, list[Entry], list[str]]


def _places(view: View, sight: Sight) -> Places:
    """Where the large picture's pixels lie in the net's frame: one lens and axis, but not the same aspect."""
    height, width = view.rgb.shape[:2]
    rows, columns = (np.arange(height) + 0.5) / height, (np.arange(width) + 0.5) / width
    shape = (sight.rgb.shape[1] / sight.rgb.shape[0]) / (width / height)
    return view.horizon + (rows - view.horizon) * shape, columns


def _enlarged(small: np.ndarray, places: Places) -> np.ndarray:
    """A picture at the places of another, every pixel as it is; NO_ANSWER, or dark, beyond its edges."""
    height, width = small.shape[:2]
    rows, columns = np.floor(places[0] * height).astype(int), np.floor(places[1] * width).astype(int)
    beyond = (rows < 0) | (rows >= height)
    large = small.take(np.clip(columns, 0, width - 1), axis=1).take(np.clip(rows, 0, height - 1), axis=0)
    if beyond.any():
        large[beyond] = NO_ANSWER if small.dtype == np.uint8 and small.ndim == 2 else 0
    return large


def _covered(where: np.ndarray, places: Places) -> np.ndarray:
    """Where a cover lies (h, w) bool, at the large picture's places, (H, W) uint8, 1 or 0."""
    large = _enlarged(np.where(where, 1, 0).astype(np.uint8), places)
    return (large == 1).view(np.uint8)


def _prediction(sight: Sight, ground: np.ndarray, places: Places, solo: int | None) -> Drawn:
    named = ANSWERED[sight.guess]
    picture = laid_over(ground, _enlarged(coloured(sight.guess), places), VEIL, _covered(named, places))
    there = classes_there(sight.guess)
    total = max(int(named.sum()), 1)
    if solo is None:
        return picture, [Entry(rgb, name) for name, rgb, count in there if count], []
    name, rgb, count = there[solo]
    said = f"{name}, {100 * count / total:.0f} % of the picture" if count else f"{name}, not said"
    picture = alone(picture, _covered(sight.guess == solo, places) > 0)
    return picture, [Entry(rgb, said, INK if count else MUTED)], []


def _error(sight: Sight, ground: np.ndarray, places: Places, solo: int | None) -> Drawn:
    truth, guess = sight.truth, sight.guess
    asked = ANSWERED[truth]
    if solo is None:
        kinds = [("right", RIGHT_RGB, asked & (guess == truth)), ("wrong", WRONG_RGB, asked & (guess != truth))]
        base, notes = int(asked.sum()), [_commonest(truth, guess, asked)]
    else:
        name = CLASS_NAMES[solo]
        is_it, said = asked & (truth == solo), asked & (guess == solo)
        kinds = [
            (f"{name}, found", RIGHT_RGB, is_it & said), (f"{name}, missed", WRONG_RGB, is_it & ~said),
            (f"wrongly called {name}", FALSE_RGB, said & ~is_it),
        ]  # fmt: skip
        base = int((is_it | said).sum())
        notes = [
            f"{name}: IoU {100 * int((is_it & said).sum()) / base:.0f} %" if base else f"{name}: neither there nor said"
        ]
    cover, told = np.zeros((*truth.shape, 3), np.uint8), np.zeros(truth.shape, bool)
    for _, rgb, where in kinds:
        cover[where] = rgb
        told |= where
    picture = laid_over(grey(ground, 0.8), _enlarged(cover, places), VEIL, _covered(told, places))
    legend = [Entry(rgb, f"{name} {_share(int(where.sum()), base)}") for name, rgb, where in kinds]
    return picture, [*legend, Entry((128, 128, 128), "no answer", MUTED)], notes


def _doubt(sight: Sight, ground: np.ndarray, places: Places, solo: int | None) -> Drawn:
    known = np.isfinite(sight.doubt)
    shown = known if solo is None else known & (sight.guess == solo)
    share = np.clip(np.where(known, sight.doubt, 0.0), 0.0, 1.0)
    cover = _enlarged(DOUBT_RGB[np.round(255.0 * share).astype(np.uint8), 0], places)
    strength = np.where(
        shown, LEAST_COVER + (MOST_COVER - LEAST_COVER) * np.sqrt(share), 0.0
    )  # who is sure is seen through
    strength = _enlarged(strength.astype(np.float32), places)
    picture = cv2.blendLinear(cover, grey(ground, 0.8), strength, 1.0 - strength)
    steps = [("sure", 0), ("25 %", 64), ("50 %", 128), ("75 %", 191), ("no idea", 255)]
    asked = ANSWERED[sight.truth] & shown
    told = [
        f"{name} {_mean(sight.doubt, where)}"
        for name, where in (
            ("all", shown), ("where right", asked & (sight.guess == sight.truth)),
            ("where wrong", asked & (sight.guess != sight.truth)),
        )
    ]  # fmt: skip
    whose = "" if solo is None else f" where it says {CLASS_NAMES[solo]}"
    note = f"mean doubt{whose}: {', '.join(told)}"
    return picture, [Entry(_rgb(DOUBT_RGB[level, 0]), name) for name, level in steps], [note]


def _rgb(colour: np.ndarray) -> tuple[int, int, int]:
    red, green, blue = (int(channel) for channel in colour)
    return red, green, blue


def _commonest(truth: np.ndarray, guess: np.ndarray, asked: np.ndarray) -> str:
    """The mistake that costs most, in words."""
    wrong = asked & (guess != truth) & ANSWERED[guess]
    if not wrong.any():
        return ""
    pairs = np.bincount(truth[wrong].astype(int) * 256 + guess[wrong], minlength=1)
    true, said = divmod(int(pairs.argmax()), 256)
    return (
        f"most of it: {CLASS_NAMES[true]} taken for {CLASS_NAMES[said]}, {_share(int(pairs.max()), int(asked.sum()))}"
    )


def _share(count: int, of: int) -> str:
    """A share in words that never say none or all of what is not.

    >>> _share(1, 400), _share(399, 400), _share(1, 4), _share(0, 0)
    ('under 1 %', 'over 99 %', '25 %', '–')
    """
    if not of:
        return "–"
    percent = 100.0 * count / of
    if 0.0 < percent < 1.0 or 99.0 < percent < 100.0:
        return "under 1 %" if percent < 1.0 else "over 99 %"
    return f"{percent:.0f} %"


def _mean(values: np.ndarray, where: np.ndarray) -> str:
    mean = float(values[where].mean()) if where.any() else math.nan
    return "–" if math.isnan(mean) else f"{100.0 * mean:.0f} %"
