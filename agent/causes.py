"""Why it failed: a loss on the probes, shared among what changed in the garden between then and now.

The value of a coalition of causes is the learner's mIoU on hybrids (`garden_env.causes`): the same poses, with the
coalition's groups as they are now and all others as they were then. Shapley's shares of these values sum to the loss.
One more player draws nothing: see `CLASS_SHARES`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.monitor import shapley
from agent.monitor.metrics import counted, iou, mean_iou
from agent.perception import confusions
from agent.teacher import answer
from garden_env.camera import SensorNoise
from garden_env.causes import NAMES, Instant, hybrid, still_camera
from garden_env.garden import Garden
from garden_env.marks import Marks

Floats = NDArray[np.float64]
Recognise = Callable[[np.ndarray], np.ndarray]

CLASS_SHARES = "class shares"
"""How much of the picture each class fills, whatever it looks like: `miou_at_shares` holds while this player is out."""
PLAYERS = (*NAMES, CLASS_SHARES)
DRAWN = len(NAMES)  # players that change pictures; the last one changes weights
RESAMPLES = 200  # of the bootstrap over poses
TAILS = (2.5, 97.5)  # percentiles of an interval
CHUNK = 20  # resamples worked out at a time, to bound memory


class NothingCounts(ValueError):
    """In the pictures of some coalition no class fills enough of the view for a mIoU."""


@dataclass(frozen=True)
class Scene:
    """A pose and the two moments that it is looked at from.

    Attributes:
        garden: where.
        pose: (3,) x [m], y [m], heading [rad].
        then, now: the moments.
        moment: number of the picture, for the noise of its sensor; None for no noise.
        noise, marks: of the camera that looks; the garden's own if not given.
    """

    garden: Garden
    pose: np.ndarray
    then: Instant
    now: Instant
    moment: int | None = None
    noise: SensorNoise | None = None
    marks: Marks | None = None


@dataclass(frozen=True)
class Shares:
    """A loss and whose it is.

    Attributes:
        then, now: mIoU of the learner on the scenes, shares of 1.
        points: by player, in points of mIoU; they sum to `lost`. Negative: this cause alone made it easier.
        interval: by player and for 'lost', the points between which 95 % of resampled poses lie.
        scenes: how many.
        renders: pictures drawn.
        forwards: pictures that went through the net; equal ones go once.
    """

    then: float
    now: float
    points: dict[str, float]
    interval: dict[str, tuple[float, float]]
    scenes: int
    renders: int
    forwards: int

    @property
    def lost(self) -> float:
        """Points of mIoU lost from then to now."""
        return 100.0 * (self.then - self.now)


def scenes_of(garden: Garden, poses: Sequence[np.ndarray], then: Instant, now: Instant) -> list[Scene]:
    """The same two moments of one garden from several poses, with the sensor's noise."""
    return [Scene(garden, pose, then, now, moment) for moment, pose in enumerate(poses)]


def shares(
    recognise: Recognise, scenes: Sequence[Scene], class_set: NDArray[np.bool_], *,
    rng: np.random.Generator, pairs: int | None = None, resamples: int = RESAMPLES,
) -> Shares:  # fmt: skip
    """Share a loss among `PLAYERS`.

    Args:
        recognise: images (n, 3, H, W) uint8 to classes (n, h, w) uint8; asked again it answers the same.
        scenes: what is looked at.
        class_set: (C,) bool, the classes that may count in mIoU; see `agent.monitor.metrics.mean_iou`.
        rng: draws the bootstrap, and orders where there are `pairs`.
        pairs: pairs of orders to sample (`shapley.sampled`); all 2^8 coalitions if not given.
        resamples: of the bootstrap over scenes; 0 for none.

    Returns:
        Shares; they sum to the loss, to rounding, whichever way they were estimated.

    Raises:
        ValueError: there is no scene.
        NothingCounts: there are too few scenes to have a mIoU under every coalition.
    """
    if not scenes:
        raise ValueError("a loss needs at least one scene to be seen in")
    players = len(PLAYERS)
    asked, weights = shapley.exact(players) if pairs is None else shapley.sampled(players, rng, pairs=pairs)
    drawn = np.unique(asked & ((1 << DRAWN) - 1))
    cells, renders, forwards = _look(recognise, scenes, drawn, len(class_set))
    values = _values(cells.sum(0), drawn, asked, class_set)
    if not np.isfinite(values).all():
        raise NothingCounts("in some hybrid no class of the set fills enough of the view to count; give more scenes")
    points = shapley.shares(asked, weights, _lost(values))
    drawn_again = rng.multinomial(len(scenes), np.full(len(scenes), 1 / len(scenes)), size=resamples)
    boots = []
    for part in (drawn_again[i : i + CHUNK] for i in range(0, resamples, CHUNK)):
        worth = _values(np.einsum("bn,nmij->bmij", part, cells), drawn, asked, class_set)
        lost = _lost(worth)
        boots.append(np.concatenate([shapley.shares(asked, weights, lost), lost[:, -1:]], axis=1))
    return Shares(
        then=float(values[0]),
        now=float(values[-1]),
        points=dict(zip(PLAYERS, points.tolist(), strict=True)),
        interval=_intervals(np.concatenate(boots)) if boots else {},
        scenes=len(scenes),
        renders=renders,
        forwards=forwards,
    )


def miou_at_shares(confusion: NDArray, then: NDArray, class_set: NDArray[np.bool_]) -> Floats:
    """mIoU as if the classes that were there then filled the picture as they did then.

    A class was there if it counted (`agent.monitor.metrics.counted`). Its row is scaled to the true pixels that it
    had; one that no longer counts in `confusion`, of which so little can be said, keeps the row that it had. Classes
    that were not there keep the pixels that they have: a class that nobody had met is the fault of what brought it.

    Args:
        confusion: (..., C, C) pixels, rows truth.
        then: the same, of then.
        class_set: (C,) bool, the classes that may count.

    Returns:
        (...) float64, over the classes that count in either; NaN where none does.

    >>> then, now = np.array([[8, 0], [0, 8]]), np.array([[2, 2], [0, 40]])  # of class 0 half is taken for class 1
    >>> [float(miou_at_shares(m, then, np.ones(2, bool)).round(3)) for m in (then, now)]
    [1.0, 0.583]
    """
    pixels, before = np.asarray(confusion, np.float64), np.asarray(then, np.float64)
    has, had, there, counts = pixels.sum(-1), before.sum(-1), counted(before), counted(pixels)
    factor = np.divide(had, has, out=np.ones(np.broadcast_shapes(has.shape, had.shape)), where=there & counts)
    weighted = np.where((there & ~counts)[..., None], before, pixels * factor[..., None])
    part = (there | counts) & class_set
    total, number = np.where(part, np.nan_to_num(iou(weighted)), 0.0).sum(-1), part.sum(-1)
    return np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0)


def _look(
    recognise: Recognise, scenes: Sequence[Scene], drawn: NDArray[np.int64], classes: int
) -> tuple[NDArray[np.int32], int, int]:
    """Confusions (n, m, C, C) of n scenes under m coalitions; pictures drawn, and pictures recognised."""
    cells = np.empty((len(scenes), len(drawn), classes, classes), np.int32)
    renders = forwards = 0
    for scene, confusion in zip(scenes, cells, strict=True):
        number: dict[bytes, int] = {}  # of each picture that differs from all others
        images, masks, image_of, mask_of = [], [], [], []
        for taken, again in _drawings(scene, drawn):
            if again is not None:
                image_of.append(image_of[again])
                mask_of.append(mask_of[again])
                continue
            frame = hybrid(
                scene.garden, scene.pose, scene.then, scene.now, taken,
                moment=scene.moment, noise=scene.noise, marks=scene.marks,
            )  # fmt: skip
            key = frame.rgb.tobytes()
            if key not in number:
                number[key] = len(images)
                images.append(frame.rgb.transpose(2, 0, 1))
            image_of.append(number[key])
            mask_of.append(len(masks))
            masks.append(frame.mask)
        guess, truth = recognise(np.stack(images)), answer(np.stack(masks))
        confusion[:] = confusions(truth[mask_of], guess[image_of], classes)
        renders, forwards = renders + len(masks), forwards + len(images)
    return cells, renders, forwards


def _drawings(scene: Scene, drawn: NDArray[np.int64]) -> Iterator[tuple[list[str], int | None]]:
    """Of every coalition its groups, and the place of one before it that looks the same, if that is known."""
    camera = 1 << NAMES.index("camera") if still_camera(scene.garden, scene.then, scene.now) else 0
    first: dict[int, int] = {}
    for place, coalition in enumerate(drawn.tolist()):
        again = first.setdefault(coalition & ~camera, place)
        yield [name for k, name in enumerate(NAMES) if coalition >> k & 1], None if again == place else again


def _values(pooled: NDArray, drawn: NDArray, asked: NDArray, class_set: NDArray[np.bool_]) -> Floats:
    """mIoU (..., a) of the asked coalitions from confusions (..., m, C, C) of the drawn ones; the first is nobody."""
    kept, free = miou_at_shares(pooled, pooled[..., :1, :, :], class_set), mean_iou(pooled, class_set)
    place = np.searchsorted(drawn, asked & ((1 << DRAWN) - 1))
    return np.where(asked >> DRAWN & 1, free[..., place], kept[..., place])


def _lost(values: Floats) -> Floats:
    """Points of mIoU that each coalition (..., a) loses against nobody, the first."""
    return 100.0 * (values[..., :1] - values)


def _intervals(boots: Floats) -> dict[str, tuple[float, float]]:
    """(B, players + 1) resampled shares, the loss last, to intervals; resamples in which nothing counts left out."""
    usable = boots[np.isfinite(boots).all(1)]
    if not len(usable):
        return {}
    low, high = np.percentile(usable, TAILS, axis=0)
    names = (*PLAYERS, "lost")
    return {name: (float(a), float(b)) for name, a, b in zip(names, low, high, strict=True)}
