"""Has something changed *here*? A scan over places on the ground, for chairs, beds and paint that no average shows.

Of each part of a picture in which ground is seen, the net as it was commissioned says what it is. Where that differs
from all past looks from the same view (`views.py`), and not as it differs elsewhere today (`elsewhere.py`), the
difference is noted at the place on the ground that the part shows. Then, at every place:

- differences within a reach of one cell are added, over the root of how many looks there were;
- all of a day are divided by one and half of that day's usual size: a day that is odd everywhere is weather;
- those of a place are divided by one and the most that it has ever shown: some places always look odd in the dusk;
- what counts is the inner product of different days among the last three. What happened once has no partner.

The signal is the root of the largest over all places. It is a maximum over several hundred places, so its threshold is
that of the maximum: chosen for the family, not for one.
"""

from functools import reduce
from operator import add

import numpy as np
from numpy.typing import NDArray

from agent.monitor.elsewhere import Room, unexplained
from agent.monitor.places import WHERE
from agent.monitor.reference import TINY
from agent.monitor.views import SURE, Odd, Views

Floats = NDArray[np.floating]
CELL_M = 0.5
FARTHEST_M = 6.0  # beyond, a part covers too much ground
REACH = (-1, 0, 1)  # cells around a place whose differences count for it
ROW = 1 << 20  # cells are numbered row by row; more than any garden has
RECENT = 3  # days in which a change is sought
USUAL_FROM = 1.0  # usual distances from which on a part is odd
ODDEST = 6.0  # for which one counts at most
FEWEST_LOOKS = 4  # for which a place counts at least
WEATHER = 0.5  # how much of a day's usual size is taken from it
MOST = 12.0  # of a place on a day
DAYS_BEFORE = 30  # until views have been seen often enough to know what is odd
DAYS_SILENT = 40  # until it is known which places often are


class Local:
    """Watches places for a change that stays.

    Args:
        ground: (R, C, 2) float, the point on flat ground that each part shows, metres forward and to the left; not
            finite where none is (`agent.ground_geometry.ground_points`).
    """

    def __init__(self, ground: Floats) -> None:
        flat = ground.reshape(-1, 2)
        self._parts = np.flatnonzero(np.isfinite(flat).all(1) & (flat[:, 0] < FARTHEST_M))
        self._points_m = flat[self._parts].astype(np.float64)
        self._room = Room()
        self._views = Views(RECENT)  # what came within these days is not yet usual
        self._days = 0
        self._recent: list[dict[int, NDArray[np.float64]]] = []  # of the last days, by cell
        self._lengths: list[dict[int, float]] = []  # the same, before what each place has shown is taken into account
        self._most: dict[int, float] = {}  # that each cell has ever shown

    def hear(self, senses: NDArray[np.floating], answers: NDArray[np.uint8]) -> float | None:
        """Take in a day; how much some place agrees on a change, or None as long as too little is known.

        Args:
            senses: (n, 9) what the robot felt, named by `garden_env.env.STATE`.
            answers: (n, R, C, K) uint8, how sure the net is of each class [1/255].
        """
        looks = answers.reshape(len(answers), -1, answers.shape[-1])[:, self._parts]
        x_m, y_m, cos, sin = np.asarray(senses, np.float64)[:, WHERE].T
        poses = np.stack([x_m, y_m, np.arctan2(sin, cos)], 1)
        seen: list[tuple[Odd, Floats, Floats]] = []
        for look, pose, where_m in zip(looks, poses, _on_ground(self._points_m, poses), strict=True):
            odd = self._views.compare(pose, look)
            if odd is not None:
                seen.append((odd, look / SURE, where_m))
        self._views.sleep()
        self._days += 1
        self._note(*_evidence(seen, self._room) if seen else ({}, {}))
        return self._agreement() if self._days > DAYS_SILENT else None

    def begin_anew(self) -> None:
        """Forget the last days, after a change: what they showed is known."""
        self._recent, self._lengths = [], []

    def _note(self, evidence: dict[int, NDArray[np.float64]], lengths: dict[int, float]) -> None:
        """Keep a day, and let the one that is no longer recent be what its places have shown."""
        if len(self._recent) == RECENT and self._days > DAYS_BEFORE:
            for cell, length in self._lengths[0].items():
                self._most[cell] = max(length, self._most.get(cell, 0.0))
        scaled = {cell: value / (1.0 + self._most.get(cell, 0.0)) for cell, value in evidence.items()}
        self._recent, self._lengths = [*self._recent, scaled][-RECENT:], [*self._lengths, lengths][-RECENT:]

    def _agreement(self) -> float:
        """The root of the largest sum over pairs of recent days of their inner product, over all places."""
        seen: dict[int, list[tuple[NDArray[np.float64], float]]] = {}
        for recent in self._recent:
            for cell, day in recent.items():
                seen.setdefault(cell, []).append((day, float(day @ day)))
        largest = 0.0
        for days in seen.values():
            if len(days) > 1:
                total = reduce(add, (day for day, _ in days))
                largest = max(largest, float(total @ total - sum(length2 for _, length2 in days)) / 2)
        return float(np.sqrt(largest))


def _on_ground(points_m: Floats, poses: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points (m, 2) forward and to the left as x and y [m], (n, m, 2), by each pose (n, 3) that is believed in."""
    x_m, y_m, heading_rad = poses.T[..., None]
    cos, sin = np.cos(heading_rad), np.sin(heading_rad)
    forward_m, left_m = points_m.T
    return np.stack([x_m + forward_m * cos - left_m * sin, y_m + forward_m * sin + left_m * cos], 2)


def _evidence(
    seen: list[tuple[Odd, Floats, Floats]], room: Room
) -> tuple[dict[int, NDArray[np.float64]], dict[int, float]]:
    """What a day says of each cell.

    Args:
        seen: of each look what is odd, what the parts show, (m, K), and where on the ground, (m, 2) [m].
        room: for `unexplained`.

    Returns:
        By cell, (K,) in units of the usual, at most `MOST` long; and how long it was before it was cut to that.
    """
    odds = [odd for odd, _, _ in seen]
    usual, away, scale = (np.concatenate([getattr(odd, name) for odd in odds]) for name in ("usual", "away", "scale"))
    now, places_m = np.concatenate([look for _, look, _ in seen]), np.concatenate([where for _, _, where in seen])
    length = np.sqrt((away.astype(np.float64) ** 2).sum(1))
    asked = np.flatnonzero(length > USUAL_FROM * scale)
    left = unexplained(asked, usual, now, places_m, scale, length, room)
    beyond = np.clip(left / scale[asked] - USUAL_FROM, 0.0, ODDEST)
    cells, totals = _by_cell(places_m, asked, away[asked] * (beyond / length[asked])[:, None])
    totals = totals / (1.0 + WEATHER * np.sqrt((totals**2).sum(1).mean()))
    lengths = np.sqrt((totals**2).sum(1))
    cut = totals * np.minimum(1.0, MOST / np.maximum(lengths, TINY))[:, None]
    odd = np.flatnonzero(lengths > 0)
    numbers = cells[odd].tolist()
    return dict(zip(numbers, cut[odd], strict=True)), dict(zip(numbers, lengths[odd].tolist(), strict=True))


def _by_cell(places_m: Floats, asked: NDArray[np.int64], told: Floats) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Numbers (c,) of the cells that were looked at, and (c, K) the sum of what is told in and around each, by looks.

    Args:
        places_m: (m, 2) where all parts look.
        asked: (a,) int, those that have something to tell.
        told: (a, K) what.
    """
    grid = np.floor(places_m / CELL_M).astype(np.int64)
    around = np.array([row * ROW + column for row in REACH for column in REACH])
    shown, which, looks = np.unique(grid[:, 0] * ROW + grid[:, 1], return_inverse=True, return_counts=True)
    cells, reached = np.unique((shown[:, None] + around).ravel(), return_inverse=True)
    reached = reached.reshape(len(shown), len(around))
    totals = np.zeros((len(cells), told.shape[1]))
    np.add.at(totals, reached[which[asked]], told[:, None, :])
    counts = np.bincount(reached.ravel(), np.repeat(looks, len(around)), minlength=len(cells))
    return cells, totals / np.sqrt(np.maximum(counts, FEWEST_LOOKS))[:, None]
