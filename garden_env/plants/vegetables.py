"""Tomato on its stake, lettuce in its rosette."""

import numpy as np

from garden_env.plants.brush import INK_LEAF, INK_WOOD, TAPER
from garden_env.plants.growth import along, blossoms, hanging, shares
from garden_env.plants.sketch import Sketch, arc, heading


def tomato(rng: np.random.Generator, droop: float, tall: float, broad: float) -> Sketch:
    """A stem tied to a stake, jagged compound leaves, yellow stars, trusses of fruit."""
    sketch = Sketch()
    lean = rng.normal(0, 0.02)
    sketch.add(TAPER, INK_WOOD, [[0.0, 0.0]], [[lean, 0.99 * tall]], 0.011, shade=0.85, relief=0.25, grain=0.14,
               catch=0.2)  # fmt: skip
    height = 0.90 * tall * (1 - 0.10 * droop)
    y = np.linspace(0, height, 12)
    stem = np.stack([0.018 * np.sin(y * 14 + rng.uniform(0, 6)) + 0.5 * lean * y, y], -1)[None]
    sketch.stem(stem, np.linspace(0.012, 0.007, 12), rank=0.01, span=0.5, shade=0.75, relief=0.3)
    leaves = 17
    at, share = along(rng, stem, leaves, start=0.10, end=0.99)
    side = np.where(np.arange(leaves) % 2 == 0, 1.0, -1.0)
    long = 0.27 * broad / 0.38 * rng.uniform(0.8, 1.1, leaves) * (1.12 - 0.55 * share)
    curl = side * (0.55 + 0.9 * droop)
    rib, way = arc(at, side * (rng.uniform(0.75, 1.25, leaves) + 0.85 * droop), long, curl, joints=7, late=1.1)
    rib[..., 1] = np.maximum(rib[..., 1], 0.02)
    rank = np.clip(0.05 + 0.62 * share, 0, 1)
    sketch.stem(rib, np.linspace(0.0058, 0.003, 7), rank=rank, span=0.12, shade=0.8)
    for joint, size in ((2, 0.85), (3, 0.6), (4, 1.0), (5, 0.75), (6, 1.0)):
        for turn in (-1.0, 1.0) if joint < 6 else (0.0,):
            leaflet = hanging(way[:, joint] + turn * 0.95, 0.7 * droop)
            sketch.leaves(rib[:, joint], leaflet, long * 0.36 * size, 0.026 * size * (1 - 0.45 * droop), relief=0.14,
                          shade=np.clip(0.62 + 0.34 * share + rng.uniform(-0.10, 0.12, leaves), 0, 1), grain=0.06,
                          rank=rank + 0.02 * joint, span=0.08)  # fmt: skip
    trusses = 5
    foot, height_share = along(rng, stem, trusses, start=0.20, end=0.85)
    turn = np.where(np.arange(trusses) % 2 == 0, -1.0, 1.0)
    truss, _ = arc(foot, turn * 1.2, np.full(trusses, 0.11), turn * 1.2, joints=6)
    sketch.stem(truss, 0.004, rank=0.3 + 0.5 * height_share, span=0.1, shade=0.8)
    berry = np.repeat(truss[:, 1:], 1, 0)[:, ::1].reshape(-1, 2)
    berry = berry + np.stack([rng.normal(0, 0.012, len(berry)), -0.026 + rng.normal(0, 0.006, len(berry))], -1)
    ripe = np.repeat(height_share, 5) + rng.uniform(0, 0.25, len(berry))  # from the lowest truss up
    sketch.fruit(berry, 0.030 * rng.uniform(0.8, 1.1, len(berry)), shares(ripe, 0.04, 0.88))
    stars = truss[:, 1:].reshape(-1, 2) + rng.normal(0, 0.010, (trusses * 5, 2))
    blossoms(sketch, rng, stars, 0.026, shares(-ripe, 0.02, 0.85), petals=5, width=0.33, eye=0.28)
    return sketch


def lettuce(rng: np.random.Generator, droop: float, tall: float, broad: float) -> Sketch:
    """Crinkled leaves about a heart; thirsty ones lie flat."""
    sketch = Sketch()
    leaves = 25
    share = np.linspace(0, 1, leaves)  # 0 the outermost and lowest, 1 the heart
    turn = np.where(np.arange(leaves) % 2 == 0, 1.0, -1.0) * rng.uniform(0.55, 1.0, leaves)
    angle = turn * (1.30 - 0.95 * share + droop * (0.30 + 0.75 * share))
    long = (0.60 - 0.12 * share) * broad * rng.uniform(0.85, 1.05, leaves)
    long *= np.where(np.abs(angle) < 0.9, tall / broad * 1.35, 1.0) * (1 - 0.12 * droop)
    base = np.stack([0.05 * turn * (1 - share), 0.025 + 0.03 * share], -1)
    points, way = arc(base, angle * 0.72, long, turn * (0.55 - 0.35 * share + 0.75 * droop), joints=7, late=1.2)
    points[..., 1] = np.maximum(points[..., 1], 0.035)
    wide = (0.115 - 0.02 * share) * (1 - 0.40 * droop)
    tone = 0.58 + 0.36 * share + rng.uniform(-0.06, 0.06, leaves)
    rank, behind = 0.04 + 0.72 * (1 - share), 1.0 - share
    outline = np.array([0.22, 0.45, 0.72, 0.95, 1.0, 0.90, 0.55])
    sketch.curves(points, wide[:, None] * outline, INK_LEAF, rank=rank, span=0.15, shade=tone, relief=0.10, grain=0.02,
                  order=behind, catch=0.5)  # fmt: skip
    frills = 22
    at, where = along(rng, points, frills, start=0.30)
    leaf = np.repeat(np.arange(leaves), frills)
    place = where * 5.999
    across = way[leaf, place.astype(int)] + np.pi / 2
    reach = wide[leaf] * np.interp(where, np.linspace(0, 1, 7), outline) * rng.uniform(0.86, 1.0, len(at))
    edge = at + heading(across) * (reach * np.tile([1.0, -1.0], len(at) // 2))[:, None]
    edge[:, 1] = np.maximum(edge[:, 1], 0.02)
    crinkle = np.clip(tone[leaf] + rng.uniform(-0.08, 0.10, len(at)), 0, 1)
    sketch.discs(edge, 0.020 * rng.uniform(0.5, 1.2, len(at)), INK_LEAF, squash=0.8, relief=0.18, shade=crinkle,
                 rank=rank[leaf] + 0.12, order=behind[leaf] - 1e-4)  # fmt: skip
    sketch.curves(points[:, :6], np.linspace(0.012, 0.003, 6), INK_LEAF, rank=rank, shade=np.minimum(1.0, tone + 0.22),
                  relief=0.0, grain=0.0, order=behind - 2e-4)  # fmt: skip
    return sketch
