"""What sits on one lens and is wrong with one sensor: dirt, drops and dead pixels, each in its place for good.

All are hashed from a seed and come one after another: what is there at a small share is there at a larger one, too.
Dirt and drops lie on the lens, in widths of the picture from its centre, so that a small and a large picture of one
camera agree. Dead pixels belong to the sensor: a larger one has others, as many of a hundred.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import TypeVar

import numpy as np

DIRT, DROPS, DEAD = range(3)
SPOTS = (40, 44)  # blotches and drops on a full lens
RADIUS = ((0.05, 0.17), (0.04, 0.11))  # their radii, smallest and largest [widths]
GROWING = 0.25  # of all spots are growing at a time
DENSEST = 0.92  # light that the middle of a blotch keeps off
BEND = 0.3  # widths from its centre that a drop shows half-way to its rim: it is a strong, inverting lens
SMALL_PX = 128 * 128  # pictures up to this many pixels are small
Shape = tuple[int, int]
T = TypeVar("T")


def _kept(work: Callable[[int, float, Shape], T]) -> Callable[[int, float, Shape], T]:
    """Keep what was worked out last: much for small pictures, of which worlds have many, little for large ones."""
    small, large = lru_cache(maxsize=64)(work), lru_cache(maxsize=4)(work)

    @wraps(work)
    def recall(seed: int, share: float, shape: Shape) -> T:
        return (small if shape[0] * shape[1] <= SMALL_PX else large)(seed, share, shape)

    return recall


@dataclass(frozen=True)
class Marks:
    """The marks of one camera.

    Attributes:
        seed: of the garden that the camera's robot lives in.
    """

    seed: int

    def dirt(self, share: float, shape: Shape) -> np.ndarray:
        """Light that dirt keeps off, (H, W) float32, 0..1; not to be changed."""
        return _dirt(self.seed, share, shape)

    def drops(self, share: float, shape: Shape) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """What drops do, all (H, W) float32 and not to be changed.

        Returns:
            Column and row that a pixel shows instead of itself [px, centres at whole numbers, as cv2.remap has them];
            how far it does so, 0..1; and how bright the drop is there.
        """
        return _drops(self.seed, share, shape)

    def dead(self, share: float, shape: Shape) -> tuple[np.ndarray, np.ndarray]:
        """Numbers of the pixels that are always black, and of those always white, counted row by row."""
        return _dead(self.seed, share, shape)


def lens(shape: Shape) -> tuple[np.ndarray, np.ndarray]:
    """Where pixels lie on the lens, right (1, W) and down (H, 1) of its centre [widths]."""
    height, width = shape
    return (
        ((np.arange(width) + 0.5) / width - 0.5)[None, :],
        ((np.arange(height) + 0.5 - height / 2) / width)[:, None],
    )


@lru_cache(maxsize=64)
def _spots(seed: int, kind: int) -> np.ndarray:
    """(N, 6): right, down, radius [widths], and three numbers 0..1 for the outline; in the order in which they come."""
    rng, count = np.random.default_rng([seed, 5, kind]), SPOTS[kind]
    spots = np.empty((count, 6))
    for k in range(count):  # of some candidates the one farthest from the others (Mitchell 1991): few overlap
        candidates = rng.uniform(-0.52, 0.52, (6, 2))
        gap = np.hypot(*(candidates[:, None] - spots[None, :k, :2]).transpose(2, 0, 1))
        spots[k, :2] = candidates[gap.min(1).argmax() if k else 0]
    low, high = RADIUS[kind]
    spots[:, 2] = low * (high / low) ** rng.random(count)
    spots[:, 3:] = rng.random((count, 3))
    return spots


def _grown(share: float, count: int) -> np.ndarray:
    """(N,) how far each spot has come, 0..1; all are there at 1, none at 0."""
    return np.clip((share * (1 + GROWING) * count - np.arange(count)) / (GROWING * count), 0.0, 1.0)


def _about(right: np.ndarray, down: np.ndarray, x: float, y: float, reach: float) -> tuple[slice, slice]:
    """Rows and columns that hold all pixels nearer to a place than `reach` [widths]."""
    rows, columns = (
        np.searchsorted(down[:, 0], (y - reach, y + reach)),
        np.searchsorted(right[0], (x - reach, x + reach)),
    )
    return slice(*rows), slice(*columns)


def _soft(inside: np.ndarray) -> np.ndarray:
    inside = np.clip(inside, 0.0, 1.0)
    return inside * inside * (3 - 2 * inside)


@_kept
def _dirt(seed: int, share: float, shape: Shape) -> np.ndarray:
    right, down = lens(shape)
    clear = np.ones(shape)
    for (x, y, radius, bulge, turn, density), grown in zip(_spots(seed, DIRT), _grown(share, SPOTS[DIRT]), strict=True):
        if grown > 0.0:
            at = _about(right, down, x, y, 1.55 * radius)
            across, along = right[:, at[1]] - x, down[at[0]] - y
            off, angle = np.hypot(across, along), np.arctan2(along, across) + 2 * np.pi * turn
            outline = radius * (1 + 0.3 * np.sin(2 * angle) + 0.25 * bulge * np.sin(5 * angle))
            clear[at] *= 1 - DENSEST * (0.45 + 0.55 * density) * grown * _soft(1.6 * (1 - off / outline))
    return (1 - clear).astype(np.float32)


@_kept
def _drops(seed: int, share: float, shape: Shape) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    height, width = shape
    right, down = lens(shape)
    from_x, from_y = np.broadcast_to(right, shape).copy(), np.broadcast_to(down, shape).copy()
    shown, bright = np.zeros(shape), np.ones(shape)
    for (x, y, radius, tall, *_), grown in zip(_spots(seed, DROPS), _grown(share, SPOTS[DROPS]), strict=True):
        if grown == 0.0:
            continue
        size = radius * np.sqrt(grown)
        at = _about(right, down, x, y, 1.25 * size)
        across, along = (right[:, at[1]] - x) / size, (down[at[0]] - y) / (size * (1 + 0.25 * tall))
        off = np.hypot(across, along)
        here = off < 1
        bend = BEND * (0.6 + 1.2 * off**2)  # stronger towards the rim
        from_x[at], from_y[at] = (
            np.where(here, x - bend * across, from_x[at]),
            np.where(here, y - bend * along, from_y[at]),
        )
        edge = max(0.18, 1.5 / (size * width))
        rim = shown[at] * (off > 1 - edge)  # a drop that lies on another hides it
        shown[at] = np.where(here, np.maximum(_soft((1 - off) / edge), rim), shown[at])
        bright[at] = np.where(here, 1.12 - 0.6 * off**4, bright[at])
    columns, rows = from_x * width + width / 2 - 0.5, from_y * width + height / 2 - 0.5
    return tuple(part.astype(np.float32) for part in (columns, rows, shown, bright))  # pyright: ignore[reportReturnType]


@_kept
def _dead(seed: int, share: float, shape: Shape) -> tuple[np.ndarray, np.ndarray]:
    order, white = np.random.default_rng([seed, 5, DEAD, *shape]).random((2, shape[0] * shape[1]))
    return np.flatnonzero((order < share) & (white >= 0.5)), np.flatnonzero((order < share) & (white < 0.5))
