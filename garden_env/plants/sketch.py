"""A sketch gathers the strokes of a plant; forms draw with it, `brush.paint` turns it into pixels."""

import numpy as np
from numpy.typing import ArrayLike

from garden_env.plants.brush import BLADE, DISC, INK_FRUIT, INK_LEAF, INK_WOOD, STROKE, TAPER


def heading(angle: ArrayLike) -> np.ndarray:
    """Unit vectors (..., 2) for angles from the vertical, clockwise positive [rad]."""
    angle = np.asarray(angle, float)
    return np.stack([np.sin(angle), np.cos(angle)], -1)


def arc(base: ArrayLike, lean: ArrayLike, length: ArrayLike, curl: ArrayLike, *, joints: int = 7, late: float = 1.5):
    """Follow curved stems from their feet.

    Args:
        base: (N, 2) where they stand.
        lean: (N,) angle from the vertical at the foot, clockwise positive [rad].
        length: (N,) along the stem, plant units.
        curl: (N,) how far the stem has turned at its tip [rad].
        joints: points on each stem.
        late: above 1, the turn is near the tip.

    Returns:
        points: (N, joints, 2).
        angle: (N, joints), the stem's heading at each [rad].
    """
    base, lean, length, curl = (np.asarray(a, float) for a in (base, lean, length, curl))
    lean, length, curl = np.broadcast_arrays(lean, length, curl)
    along = np.linspace(0.0, 1.0, joints)
    angle = lean[:, None] + curl[:, None] * along**late
    steps = heading((angle[:, 1:] + angle[:, :-1]) / 2) * (length / (joints - 1))[:, None, None]
    points = np.concatenate([np.zeros((len(lean), 1, 2)), np.cumsum(steps, 1)], 1) + base[:, None, :]
    return points, angle


class Sketch:
    """Strokes in the order drawn; `strokes` sorts them so that what stays longest lies in front."""

    def __init__(self) -> None:
        self._parts: list[np.ndarray] = []

    def add(
        self, shape: int, ink: int, start: ArrayLike, end: ArrayLike, w0: ArrayLike, w1: ArrayLike | None = None, *,
        shade: ArrayLike = 0.8, relief: ArrayLike = 0.2, grain: ArrayLike = 0.04, rank: ArrayLike = 0.0,
        span: ArrayLike = 0.0, order: ArrayLike | None = None, catch: ArrayLike = -1.0,
    ) -> None:  # fmt: skip
        """Add N strokes at once; every argument broadcasts to (N,), start and end to (N, 2)."""
        start, end = np.asarray(start, float), np.asarray(end, float)
        part = np.zeros(max(start.size, end.size) // 2, STROKE)
        part["shape"], part["ink"] = shape, ink
        part["x0"], part["y0"] = start[..., 0], start[..., 1]
        part["x1"], part["y1"] = end[..., 0], end[..., 1]
        part["w0"], part["w1"] = w0, w0 if w1 is None else w1
        part["shade"], part["relief"], part["grain"] = shade, relief, grain
        part["rank"], part["span"], part["catch"] = rank, span, catch
        part["order"] = rank if order is None else order
        self._parts.append(part)

    def curves(
        self,
        points: np.ndarray,
        width: ArrayLike,
        ink: int,
        *,
        rank: ArrayLike = 0.0,
        span: float = 0.0,
        shade: ArrayLike = 0.8,
        order: ArrayLike | None = None,
        catch: ArrayLike = -1.0,
        **look,
    ) -> None:
        """Add N smooth curves of varying half-width.

        Args:
            points: (N, M, 2).
            width: (M,) or (N, M) half-widths.
            ink: layer.
            rank, shade, order, catch: scalar or (N,), of the whole curve.
            span: the curve grows from its first point to its last over this much of the rank.
            look: as in `add`.
        """
        count, joints = points.shape[:2]
        segments = joints - 1

        def each(value):  # one number a curve -> one a segment
            value = np.asarray(value, float)
            return np.repeat(value, segments) if value.ndim else value

        width = np.asarray(width, float)
        if width.ndim < 2:
            width = np.tile(width if width.ndim else np.full(joints, width), (count, 1))
        grow = each(rank) + span * np.tile(np.linspace(0, 1, segments), count)
        self.add(
            TAPER, ink, points[:, :-1].reshape(-1, 2), points[:, 1:].reshape(-1, 2), width[:, :-1].ravel(),
            width[:, 1:].ravel(), rank=grow, span=0.0, shade=each(shade), order=each(rank if order is None else order),
            catch=each(catch), **look,
        )  # fmt: skip

    def stem(self, points: np.ndarray, width: ArrayLike, *, woody: bool = False, **look) -> None:
        """Curves of wood, or green ones that are the first of the foliage to show."""
        self.curves(points, width, INK_WOOD if woody else INK_LEAF, **look)

    def leaves(self, base: ArrayLike, angle: ArrayLike, length: ArrayLike, width: ArrayLike, **look) -> None:
        """Pointed leaves with a midrib; angle from the vertical [rad], width is half of the leaf's."""
        base = np.asarray(base, float)
        self.add(BLADE, INK_LEAF, base, base + heading(angle) * np.asarray(length, float)[..., None], width, **look)

    def discs(self, centre: ArrayLike, radius: ArrayLike, ink: int, *, squash: ArrayLike = 1.0, **look) -> None:
        """Balls, flattened by `squash` in height."""
        centre = np.asarray(centre, float).reshape(-1, 2)
        radius = np.broadcast_to(np.asarray(radius, float), (len(centre),))
        side = np.stack([radius, np.zeros_like(radius)], -1)
        self.add(DISC, ink, centre, centre + side, radius * squash, **look)

    def fruit(self, centre: ArrayLike, radius: ArrayLike, rank: ArrayLike, **look) -> None:
        self.discs(centre, radius, INK_FRUIT, rank=rank, shade=0.78, relief=0.3, grain=0.0, **look)

    def warp(self, bend) -> None:
        """Move every stroke's ends through `bend(x, y) -> x, y`."""
        for part in self._parts:
            dx, dy = part["x1"] - part["x0"], part["y1"] - part["y0"]
            x, y = bend(part["x0"], part["y0"])
            ball = part["shape"] == DISC  # balls move without tilting
            x1, y1 = bend(part["x1"], part["y1"])
            part["x0"], part["y0"] = x, y
            part["x1"], part["y1"] = np.where(ball, x + dx, x1), np.where(ball, y + dy, y1)

    def strokes(self) -> np.ndarray:
        """All strokes, (N,) of dtype `STROKE`: by falling order (rank, unless said otherwise).

        What shows first and stays longest is drawn last, so no leaf leaves a hole where an older one was behind it.
        """
        fields = len(STROKE.names or ())
        table = np.concatenate([part.view(np.float64).reshape(-1, fields) for part in self._parts])
        order = table[:, list(STROKE.names or ()).index("order")]
        return table[np.argsort(-order, kind="stable")].view(STROKE)[:, 0]
