"""What forms share: branching, light inside a crown, the order in which leaves go, and how woody plants sag."""

import numpy as np

from garden_env.plants.brush import INK_EYE, INK_PETAL, LOBE
from garden_env.plants.sketch import Sketch, arc


def sprout(rng, points, angle, *, per, at, splay, length, curl, joints=6, late=1.2, even=0.55):
    """Grow `per` side branches from each of N branches.

    Args:
        points: (N, M, 2); angle: (N, M), from `arc`.
        per: side branches on each.
        at: (from, to) shares of the parent between which they sit.
        splay: angle to the parent [rad], left and right by turns; from `even` to 1.25 of it.
        length: of the longest; those further out are shorter.
        curl: turn at the tip, back towards the vertical if negative [rad].

    Returns:
        points (N * per, joints, 2), angle (N * per, joints).
    """
    count, joints_in = angle.shape
    share = np.linspace(at[0], at[1], per)[None] + rng.uniform(-0.5, 0.5, (count, per)) * (at[1] - at[0]) / per
    share = np.clip(share, 0.0, 0.999)
    place = share * (joints_in - 1)
    low = place.astype(int)
    part = (place - low)[..., None]
    row = np.arange(count)[:, None]
    base = points[row, low] * (1 - part) + points[row, low + 1] * part
    side = np.where((np.arange(per)[None] + rng.integers(0, 2, (count, 1))) % 2 == 0, 1.0, -1.0)
    lean = angle[row, low] + side * splay * rng.uniform(even, 1.25, (count, per))
    long = length * rng.uniform(0.65, 1.0, (count, per)) * (1.25 - 0.6 * share)
    turn = curl * np.sin(lean) if np.isscalar(curl) else curl
    return arc(base.reshape(-1, 2), lean.ravel(), long.ravel(), np.asarray(turn).ravel(), joints=joints, late=late)


def along(rng, points, per, *, start=0.0, end=1.0):
    """Places on curves: (N, M, 2) -> (N * per, 2) and the share of the curve (N * per,)."""
    count, joints = points.shape[:2]
    share = start + (end - start) * (np.arange(per)[None] + rng.uniform(0, 1, (count, per))) / per
    place = np.clip(share, 0, 0.999) * (joints - 1)
    low = place.astype(int)
    part = (place - low)[..., None]
    row = np.arange(count)[:, None]
    return (points[row, low] * (1 - part) + points[row, low + 1] * part).reshape(-1, 2), share.ravel()


def stretches(*curves: np.ndarray, joints: int = 5) -> np.ndarray:
    """Curves of any numbers of points, resampled to as many each and put together: (sum of N, joints, 2)."""
    alike = []
    for points in curves:
        place = np.linspace(0, points.shape[1] - 1, joints)
        low = np.minimum(place.astype(int), points.shape[1] - 2)
        part = (place - low)[None, :, None]
        alike.append(points[:, low] * (1 - part) + points[:, low + 1] * part)
    return np.concatenate(alike)


def crown_light(at: np.ndarray, *, cells: int = 26, density: float = 1.0) -> np.ndarray:
    """Light that reaches each leaf (N, 2) through the leaves above it, 0..1; the sun stands high and to the left."""
    low, high = at.min(0), at.max(0) + 1e-9
    col, row = ((at - low) / (high - low) * (cells - 1e-6)).astype(int).T
    leaves = np.zeros((cells, cells))
    np.add.at(leaves, (row, col), 1.0)
    above = np.zeros_like(leaves)
    for r in range(cells - 2, -1, -1):  # a beam slants one cell in three to the left
        beam = above[r + 1] + leaves[r + 1]
        above[r] = (2 * beam + np.concatenate([beam[:1], beam[:-1]])) / 3
    return np.exp(-1.1 * density * above[row, col] / (leaves.mean() * cells) * 1.6)


def shares(value: np.ndarray, low: float, high: float) -> np.ndarray:
    """Spread values evenly over low..high, in their order."""
    place = np.empty(len(value))
    place[np.argsort(value, kind="stable")] = np.linspace(low, high, len(value))
    return place


def leaf_ranks(rng, at, clump, *, tall, low=0.06, high=0.90):
    """The order in which leaves come and go: whole twigs together, the top and the outside bare first.

    Args:
        at: (N, 2) leaves; clump: (N,) the twig of each; tall: height of the plant.

    Returns:
        (N,) ranks; a leaf of a high rank comes last and falls first.
    """
    whim = rng.uniform(0, 1, int(clump.max()) + 1)[clump]
    outside = np.hypot(at[:, 0] / (0.5 * tall), (at[:, 1] - 0.55 * tall) / (0.5 * tall))
    return shares(0.9 * whim + 0.45 * outside + 0.25 * at[:, 1] / tall + rng.uniform(0, 0.35, len(at)), low, high)


def sag(droop: float, tall: float, *, drop: float = 0.16, hang: float = 0.9):
    """How a thirsty woody plant hangs: lower, and lowest at its outside. Returns `bend(x, y) -> x, y`."""

    def bend(x, y):
        share = np.clip(y / tall, 0.0, 1.2)
        fall = droop * (drop * tall * share**1.3 + hang * x * x * np.minimum(1.0, 2.0 * share))
        return x * (1 + 0.10 * droop * share), np.maximum(y - fall, np.minimum(y, 0.02))

    return bend


def daisies(sketch: Sketch, rng, centres, radius, opens, *, rays, tilt, eye, width, span=0.14):
    """Flowers of many rays about an eye, seen askew.

    Args:
        centres: (N, 2); radius, opens (rank), tilt (1 seen from above .. 0 edge on): (N,).
        eye: radius of the eye as a share of the flower's.
        width: half-width of a ray as a share of the flower's radius.
    """
    count = len(centres)
    spin = (np.arange(rays) * 2 * np.pi / rays)[None] + rng.uniform(0, 1, (count, 1))
    reach = radius[:, None] * rng.uniform(0.9, 1.05, (count, rays))
    ends = centres[:, None] + np.stack([np.cos(spin) * reach, np.sin(spin) * reach * tilt[:, None]], -1)
    shade = np.clip(0.82 + 0.15 * np.sin(spin) + rng.uniform(-0.06, 0.06, spin.shape), 0, 1)
    flower = np.repeat(opens, rays)
    sketch.add(LOBE, INK_PETAL, np.repeat(centres, rays, 0), ends.reshape(-1, 2), np.repeat(radius * width, rays),
               shade=shade.ravel(), relief=0.08, grain=0.02, rank=flower, span=span)  # fmt: skip
    # A hair later in order than the rays: the eye is in front of them.
    sketch.discs(centres, radius * eye, INK_EYE, squash=0.35 + 0.65 * tilt, shade=0.85, relief=0.2, grain=0.10,
                 rank=opens, order=opens - 1e-6)  # fmt: skip


def blossoms(sketch: Sketch, rng, centres, radius, opens, *, petals=5, width=0.55, eye=0.3, shade=0.95):
    """Small open flowers of a few round petals."""
    count = len(centres)
    spin = (np.arange(petals) * 2 * np.pi / petals)[None] + rng.uniform(0, 6, (count, 1))
    to = centres[:, None] + radius * np.stack([np.cos(spin), np.sin(spin) * 0.85], -1)
    tone = shade * np.clip(rng.uniform(0.86, 1.0, (count, 1)) + 0.08 * np.sin(spin), 0, 1)
    sketch.add(LOBE, INK_PETAL, np.repeat(centres, petals, 0), to.reshape(-1, 2), radius * width, shade=tone.ravel(),
               relief=0.06, grain=0.0, rank=np.repeat(opens, petals), span=0.10)  # fmt: skip
    if eye > 0:
        sketch.discs(centres, radius * eye, INK_EYE, rank=opens, order=opens - 1e-6, shade=0.9, grain=0.0)


def hanging(angle, droop):
    """Turn leaf angles (from the vertical) towards straight down, the short way round."""
    angle = (np.asarray(angle) + np.pi) % (2 * np.pi) - np.pi
    down = np.where(angle >= 0, np.pi, -np.pi)
    return angle + (down - angle) * 0.85 * droop


def leaf_pairs(base, angle, splay):
    """Leaves left and right of their stems: (N, 2), (N,) -> (2N, 2), (2N,)."""
    return np.repeat(base, 2, 0), np.stack([angle - splay, angle + splay], -1).ravel()
