"""Tomato on its stake, lettuce in its rosette."""

import numpy as np

from garden_env.plants.brush import INK_LEAF, INK_WOOD, LOBE, TAPER
from garden_env.plants.growth import along, blossoms, hanging, shares
from garden_env.plants.sketch import Sketch, arc


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
    """Rings of crinkled leaves about a heart, seen from a little above; thirsty ones lie flat."""
    sketch = Sketch()
    rings = (
        (10, 1.0, 0.20, 0.52),
        (9, 0.86, 0.32, 0.62),
        (7, 0.64, 0.46, 0.72),
        (5, 0.42, 0.58, 0.82),
        (3, 0.22, 0.66, 0.92),
    )
    for ring, (count, reach, lift, tone) in enumerate(rings):
        inner = ring / (len(rings) - 1)  # 0 the outermost leaves, 1 the heart
        spin = np.arange(count) * 2 * np.pi / count + rng.uniform(0, 6) + rng.normal(0, 0.12, count)
        spin = spin[np.argsort(-np.sin(spin), kind="stable")]  # those behind first
        fall = droop * (0.30 + 0.35 * inner)
        long = 0.5 * broad * (reach + 0.25 * droop * inner) * rng.uniform(0.88, 1.05, count)
        root = np.array([0.0, tall * (0.10 + 0.30 * inner) * (1 - 0.6 * droop)])
        rise = tall * (lift * 1.15) * (1 - fall)
        across = np.cos(spin)
        tip = np.stack([long * across, rise + 0.62 * long * np.sin(spin) * (1 - 0.45 * droop)], -1)
        tip[:, 1] += 0.10 * tall * (1 - droop) * np.abs(across)
        tip[:, 1] = np.clip(tip[:, 1], 0.045, None)
        wide = 0.105 * (1.05 - 0.45 * inner) * (1 - 0.35 * droop)
        shade = np.clip(tone * (1.0 + 0.10 * np.sin(spin)) + rng.uniform(-0.05, 0.05, count), 0, 1)
        rank, behind = 0.03 + 0.68 * (1 - inner), 1.0 - 0.9 * inner - 0.01 * np.arange(count)
        sketch.add(LOBE, INK_LEAF, root, tip, wide, shade=shade, relief=0.14, grain=0.02, rank=rank, span=0.16,
                   order=behind, catch=0.7)  # fmt: skip
        way = (tip - root) / np.linalg.norm(tip - root, axis=1)[:, None]
        side = np.stack([-way[:, 1], way[:, 0]], -1)
        frills = np.linspace(-1, 1, 9)
        edge = tip[:, None] - 0.45 * wide * (frills**2)[:, None] * way[:, None] - 0.01 * way[:, None]
        edge = edge + (0.86 * wide * frills)[:, None] * side[:, None] + rng.normal(0, 0.004, (count, 9, 2))
        edge[..., 1] = np.maximum(edge[..., 1], 0.02)
        crinkle = np.clip(np.repeat(shade, 9) * rng.uniform(0.90, 1.22, 9 * count), 0, 1)
        sketch.discs(edge.reshape(-1, 2), 0.019 * rng.uniform(0.7, 1.2, 9 * count), INK_LEAF, squash=0.85, relief=0.15,
                     shade=crinkle, rank=rank + 0.14, order=np.repeat(behind, 9) - 1e-3, catch=0.7)  # fmt: skip
        sketch.add(TAPER, INK_LEAF, root, tip - 0.03 * way, 0.009, 0.003, shade=np.minimum(1.0, shade + 0.16),
                   relief=0.0, grain=0.0, rank=rank, span=0.16, order=behind - 2e-3)  # fmt: skip
    return sketch
