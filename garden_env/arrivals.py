"""What may come into a garden later: seedlings of a species nobody planted, things left lying about, a new bed.

All of it is foreseen when the garden is planned, with random numbers of its own, and stays unseen until an axis of the
scenario (`plants.newcomer`, `garden.furniture`, `garden.bed_dug`) brings it in. Nobody waters it and nothing stops a
robot at it: it stands where patrols do not drive.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

NEWCOMERS = ("sunflower", "coneflower", "tulip", "boxwood")  # the first that is not planted comes up
MOST_NEWCOMERS, NEWCOMER_FROM_STEM_M, NEWCOMERS_APART_M = 12, 0.2, 0.35
FURNITURE_M = {  # heights [m], and width over height
    "chair": (0.85, 0.95, 0.65), "ball": (0.3, 0.45, 1.0), "box": (0.45, 0.6, 1.0), "truck": (0.4, 0.5, 1.0),
    "parasol": (1.9, 2.2, 0.3),
}  # fmt: skip
MOST_FURNITURE = 8
FURNITURE_FROM_ROUTE_M = 0.45
DUG_LONG_M, DUG_ROUND = 1.15, 0.65  # half the length of a new bed, and its width over its length
DUG_STEPS = 8  # sizes that a bed goes through while it is dug


@dataclass(frozen=True, eq=False)
class Arrivals:
    """Plans for what may come. N newcomers, F = 8 pieces of furniture in the order in which they come.

    Attributes:
        species: name of the newcomers' species.
        x_m, y_m, size: (N,) float64, where they stand, share of the species' height and spread.
        variant, seed: (N,) int64, as `Layout.plant_variant` and `plant_seed`.
        furniture_x_m, furniture_y_m, furniture_height_m, furniture_radius_m: (F,) float64.
        furniture_kind: (F,) of names from `FURNITURE_M`.
        dug: (5,) float64, an ellipse: its middle's x and y, its semi-axes, at full size [m], and how far the first of
            them is turned from the x axis [rad].
    """

    species: str
    x_m: np.ndarray
    y_m: np.ndarray
    size: np.ndarray
    variant: np.ndarray
    seed: np.ndarray
    furniture_x_m: np.ndarray
    furniture_y_m: np.ndarray
    furniture_height_m: np.ndarray
    furniture_radius_m: np.ndarray
    furniture_kind: tuple[str, ...]
    dug: np.ndarray


def newcomer(species: Sequence[str]) -> str:
    """The species that comes up by itself among some that were planted.

    >>> newcomer(("tulip", "rose"))
    'sunflower'
    """
    return next((name for name in NEWCOMERS if name not in species), NEWCOMERS[0])


def foresee(
    rng: np.random.Generator, species: Sequence[str], stems_m: np.ndarray, *,
    x_m: np.ndarray, y_m: np.ndarray, beds: np.ndarray, lawn: np.ndarray, room_m: np.ndarray, from_route_m: np.ndarray,
) -> Arrivals:  # fmt: skip
    """Plan what may come into a garden.

    Args:
        rng: for this alone.
        species: names of those planted.
        stems_m: (P, 2) float64, where plants stand.
        x_m, y_m: (R, C) float64, middles of the cells.
        beds, lawn: (R, C) bool, planted soil, and grass where nothing stands.
        room_m: (R, C) float64, distance to the nearest thing or bed.
        from_route_m: (R, C) float64, distance to the patrol's line.
    """
    places = np.stack([x_m[beds], y_m[beds]], 1)
    grown: list[np.ndarray] = []
    for place in places[rng.permutation(len(places))[:400]]:
        if len(grown) == MOST_NEWCOMERS:
            break
        near = np.hypot(*(stems_m - place).T).min(initial=9.0) < NEWCOMER_FROM_STEM_M
        if not near and all(np.hypot(*(place - other)) > NEWCOMERS_APART_M for other in grown):
            grown.append(place)
    spots = np.array(grown).reshape(-1, 2)
    dug = _dig(rng, x_m, y_m, lawn, room_m, from_route_m)
    furniture = _furnish(rng, x_m, y_m, lawn, room_m, from_route_m, dug)
    kinds, numbers = tuple(name for name, _ in furniture), np.array([row for _, row in furniture])
    return Arrivals(
        species=newcomer(species),
        x_m=spots[:, 0],
        y_m=spots[:, 1],
        size=rng.uniform(0.8, 1.15, len(spots)),
        variant=rng.integers(0, 3, len(spots)),
        seed=rng.integers(0, 1 << 16, len(spots)),
        furniture_x_m=numbers[:, 0],
        furniture_y_m=numbers[:, 1],
        furniture_height_m=numbers[:, 2],
        furniture_radius_m=numbers[:, 3],
        furniture_kind=kinds,
        dug=dug,
    )


def _dig(rng, x_m, y_m, lawn, room_m, from_route_m) -> np.ndarray:
    """An ellipse where the lawn is widest, not far from the path if it can be."""
    if not lawn.any():
        return np.zeros(5)
    worth = np.where(lawn, np.minimum(room_m, DUG_LONG_M * 0.8) - 0.15 * from_route_m, -np.inf)
    row, col = np.unravel_index(np.argmax(worth + rng.uniform(0, 0.1, worth.shape)), worth.shape)
    long_m = float(np.clip(room_m[row, col] * 1.5, 0.4, DUG_LONG_M))
    return np.array([x_m[row, col], y_m[row, col], long_m, long_m * DUG_ROUND, rng.uniform(0, np.pi)])


def inside_dug(dug: np.ndarray, share: float, x_m: np.ndarray, y_m: np.ndarray) -> np.ndarray:
    """Where a new bed is open when a share of its area is dug: bool, as the coordinates."""
    if share <= 0.0 or dug[2] <= 0.0:
        return np.zeros(np.shape(x_m), bool)
    dx, dy, c, s = x_m - dug[0], y_m - dug[1], np.cos(dug[4]), np.sin(dug[4])
    return ((dx * c + dy * s) / dug[2]) ** 2 + ((dy * c - dx * s) / dug[3]) ** 2 < share


def _furnish(rng, x_m, y_m, lawn, room_m, from_route_m, dug) -> list[tuple[str, tuple[float, float, float, float]]]:
    """Pieces on the lawn beside the path, the nearest to it that leaves the patrol its way."""
    names = list(rng.permutation(list(FURNITURE_M)))
    kinds = [str(names[k % len(names)]) for k in range(MOST_FURNITURE)]
    free_m = np.where(lawn, room_m, 0.0)
    free_m = np.where(inside_dug(dug, 1.0, x_m, y_m), 0.0, free_m)
    out = []
    for kind in kinds:
        low, high, slim = FURNITURE_M[kind]
        height_m = float(rng.uniform(low, high))
        radius_m = height_m * slim / 2
        fits = (free_m > radius_m) & (from_route_m > FURNITURE_FROM_ROUTE_M + radius_m)
        near = fits & (from_route_m < 2.0)
        rows, cols = np.nonzero(near if near.any() else fits)
        if not len(rows):  # a garden without lawn: into the farthest corner
            rows, cols = np.nonzero(from_route_m == from_route_m.max())
        pick = rng.integers(len(rows))
        x, y = x_m[rows[pick], cols[pick]], y_m[rows[pick], cols[pick]]
        free_m = np.minimum(free_m, np.maximum(np.hypot(x_m - x, y_m - y) - radius_m - 0.25, 0.0))
        out.append((kind, (float(x), float(y), height_m, radius_m)))
    return out
