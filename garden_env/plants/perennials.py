"""Coneflower, sunflower, aster, lavender: green stems from a crown that flower in summer and autumn."""

import numpy as np

from garden_env.plants.brush import INK_EYE, INK_LEAF, INK_PETAL, INK_WOOD, LOBE
from garden_env.plants.growth import along, crown_light, daisies, hanging, shares, sprout
from garden_env.plants.sketch import Sketch, arc, heading


def _stems(rng, *, count, foot, lean, length, droop, nod, joints=10):
    """A fan of stems from a crown of width `foot`; returns points, angles, sides."""
    at = np.linspace(-1, 1, count) + rng.normal(0, 0.12, count)
    side = np.where(at >= 0, 1.0, -1.0)
    base = np.stack([at * foot, rng.uniform(0, 0.02, count) * (1 - np.abs(at).clip(0, 1))], -1)
    long = length * rng.uniform(0.80, 1.0, count) * (1 - 0.12 * np.abs(at))
    points, angle = arc(base, at * lean + side * 0.22 * droop, long, side * (0.10 + nod * droop), joints=joints,
                        late=1.8)  # fmt: skip
    points[..., 1] = np.maximum(points[..., 1], 0.012)
    return points, angle, side


def coneflower(rng: np.random.Generator, droop: float, tall: float, broad: float) -> Sketch:
    """Stiff stems, rays that hang from a high copper cone."""
    sketch = Sketch()
    points, angle, _ = _stems(rng, count=7, foot=0.10, lean=0.20, length=0.90 * tall, droop=droop, nod=2.4)
    sketch.stem(points, np.linspace(0.0085, 0.0062, 10), rank=0.01, span=0.12, shade=0.78, relief=0.3, grain=0.0)
    count = 26  # leaves at the foot
    base = np.stack([rng.normal(0, 0.07, count), rng.uniform(0.0, 0.06, count)], -1)
    lean = rng.uniform(-1.15, 1.15, count)
    sketch.leaves(base, hanging(lean * (1 + 0.35 * droop), 0.25 * droop), rng.uniform(0.17, 0.30, count), 0.034,
                  shade=0.55 + 0.35 * rng.uniform(0, 1, count), relief=0.16, rank=rng.uniform(0.05, 0.5, count),
                  span=0.25)  # fmt: skip
    at, share = along(rng, points, 4, start=0.15, end=0.75)
    lean = np.where(rng.uniform(0, 1, len(at)) < 0.5, -1, 1) * rng.uniform(0.6, 1.3, len(at))
    sketch.leaves(at, hanging(lean, droop), 0.16 * (1.15 - share), 0.026 * (1 - 0.35 * droop), relief=0.16,
                  shade=0.6 + 0.3 * share, rank=0.3 + 0.5 * share, span=0.1)  # fmt: skip
    for tip, way, opened in zip(points[:, -1], angle[:, -1], rng.permutation(np.linspace(0.02, 0.75, 7)), strict=True):
        _cone(sketch, rng, tip, way, opened, droop)
    return sketch


def _cone(sketch: Sketch, rng, tip, way, opened, droop) -> None:
    up, across = heading(way), heading(way + np.pi / 2)
    rays = 13
    spin = np.arange(rays) * 2 * np.pi / rays + rng.uniform(0, 0.4)
    order = np.argsort(-np.sin(spin), kind="stable")  # those behind first
    spin = spin[order]
    hang = 0.030 + 0.035 * rng.uniform(0, 1) + 0.045 * droop
    out = 0.098 * (1 - 0.45 * droop)
    ends = tip + out * np.cos(spin)[:, None] * across + (0.028 * np.sin(spin) - hang)[:, None] * up
    root = tip + 0.020 * np.cos(spin)[:, None] * across
    sketch.discs([tip + 0.008 * up], 0.026, INK_LEAF, squash=0.7, rank=0.5, shade=0.7)
    sketch.add(LOBE, INK_PETAL, root, ends, 0.0175, shade=0.80 - 0.18 * np.sin(spin), relief=0.12, grain=0.04,
               rank=opened, span=0.18)  # fmt: skip
    sketch.discs([tip + 0.018 * up], 0.036, INK_EYE, squash=0.86, shade=0.80, relief=0.35, grain=0.28, rank=opened,
                 order=opened - 1e-6)  # fmt: skip


def sunflower(rng: np.random.Generator, droop: float, tall: float, broad: float) -> Sketch:
    """Thick stems with large leaves; every one ends in a head."""
    sketch = Sketch()
    points, angle, _ = _stems(rng, count=3, foot=0.07, lean=0.13, length=0.88 * tall, droop=droop, nod=1.3)
    sketch.stem(points, np.linspace(0.0125, 0.008, 10), rank=0.01, span=0.15, shade=0.72, relief=0.3, grain=0.0)
    at, share = along(rng, points, 9, start=0.08, end=0.86)
    lean = np.where(rng.uniform(0, 1, len(at)) < 0.5, -1, 1) * rng.uniform(0.8, 1.4, len(at))
    sketch.leaves(at, hanging(lean, droop), 0.19 * (1.1 - 0.55 * share), 0.05 * (1 - 0.35 * droop), relief=0.18,
                  shade=0.5 + 0.4 * share, rank=0.12 + 0.62 * share, span=0.15)  # fmt: skip
    for tip, way, opened in zip(points[:, -1], angle[:, -1], rng.permutation([0.02, 0.3, 0.62]), strict=True):
        nod = tip + 0.02 * heading(way)
        spin = np.arange(17) * 2 * np.pi / 17 + rng.uniform(0, 0.3)
        out = 0.088 * (1 - 0.3 * droop) * np.stack([np.cos(spin), 0.85 * np.sin(spin)], -1)
        sketch.discs([nod], 0.045, INK_LEAF, squash=0.9, rank=0.6, shade=0.6)
        sketch.add(LOBE, INK_PETAL, nod + 0.4 * out, nod + out, 0.017, shade=0.84 + 0.14 * np.sin(spin), relief=0.1,
                   grain=0.03, rank=opened, span=0.12)  # fmt: skip
        sketch.discs([nod], 0.044, INK_EYE, squash=0.9, shade=0.78, relief=0.3, grain=0.3, rank=opened,
                     order=opened - 1e-6)  # fmt: skip
    return sketch


def aster(rng: np.random.Generator, droop: float, tall: float, broad: float) -> Sketch:
    """A bush of thin branched stems under a cushion of small daisies."""
    sketch = Sketch()
    points, angle, _ = _stems(rng, count=11, foot=0.11, lean=0.42 * broad / tall + 0.1, length=0.80 * tall,
                              droop=droop, nod=1.7)  # fmt: skip
    side, _ = sprout(rng, points, angle, per=5, at=(0.42, 0.98), splay=0.5, length=0.22 * tall, curl=0.0,
                              joints=5)  # fmt: skip
    if droop > 0:
        side[..., 1] -= droop * 0.10 * np.linspace(0, 1, 5)[None] ** 1.5
    side[..., 1] = np.maximum(side[..., 1], 0.02)
    sketch.stem(points, np.linspace(0.0075, 0.0045, 10), rank=0.01, span=0.15, shade=0.62, grain=0.0)
    sketch.stem(side, 0.0038, rank=0.14, span=0.08, shade=0.7, grain=0.0)
    at = np.concatenate([along(rng, points, 16, start=0.05)[0], along(rng, side, 4)[0]])
    lean = np.where(rng.uniform(0, 1, len(at)) < 0.5, -1, 1) * rng.uniform(0.4, 1.4, len(at))
    light = 0.45 + 0.50 * crown_light(at)
    sketch.leaves(at, hanging(lean, droop), 0.075 * rng.uniform(0.7, 1.1, len(at)), 0.0095 * (1 - 0.3 * droop),
                  shade=light, relief=0.12, rank=shares(at[:, 1] + rng.normal(0, 0.12, len(at)), 0.08, 0.88),
                  span=0.1)  # fmt: skip
    tips = np.concatenate([points[:, -1], side[:, -1], side[:, 3]])
    tips = tips + rng.normal(0, 0.016, tips.shape)
    tips[:, 1] = np.maximum(tips[:, 1], 0.03)
    opens = shares(rng.uniform(0, 1, len(tips)), 0.02, 0.84)
    daisies(sketch, rng, tips, 0.033 * rng.uniform(0.85, 1.15, len(tips)) * (1 - 0.2 * droop), opens, rays=12, eye=0.33,
            width=0.22, tilt=rng.uniform(0.55, 1.0, len(tips)))  # fmt: skip
    return sketch


def lavender(rng: np.random.Generator, droop: float, tall: float, broad: float) -> Sketch:
    """A grey mound on woody feet, and a fan of stalks that end in violet spikes."""
    sketch = Sketch()
    feet, feet_angle, _ = _stems(rng, count=11, foot=0.10, lean=0.95, length=0.26 * tall, droop=0.3 * droop, nod=0.8,
                                 joints=5)  # fmt: skip
    twig, _ = sprout(rng, feet, feet_angle, per=5, at=(0.3, 0.95), splay=0.5, length=0.13 * tall, curl=0.0, joints=4)
    sketch.stem(feet, np.linspace(0.013, 0.007, 5), woody=True, shade=0.7, relief=0.3, grain=0.15, catch=0.5)
    sketch.stem(twig, 0.0055, woody=True, shade=0.75, relief=0.3, grain=0.1, catch=0.6)
    at = np.concatenate([along(rng, feet, 12, start=0.25)[0], along(rng, twig, 4)[0]])
    lean = rng.normal(0, 0.75, len(at)) + 1.2 * at[:, 0] / broad
    light = 0.50 + 0.5 * crown_light(at, density=0.8)
    sketch.leaves(at, hanging(lean, 0.75 * droop), 0.105 * rng.uniform(0.7, 1.1, len(at)), 0.0088, shade=light,
                  relief=0.12, rank=shares(rng.uniform(0, 1, len(at)), 0.02, 0.85), span=0.1, catch=0.7)  # fmt: skip
    stalk, angle, _ = _stems(rng, count=34, foot=0.15, lean=0.62, length=0.93 * tall, droop=droop, nod=2.2, joints=11)
    stalk[..., 1] += 0.05
    late = rng.permutation(np.linspace(0.02, 0.72, len(stalk)))
    # Stalks rise with the last leaves of early summer and go with the first in autumn: leaf of a high rank.
    sketch.stem(stalk, 0.0042, rank=0.88, span=0.08, order=0.05, shade=0.85, grain=0.0)
    for k, share in enumerate(np.linspace(0.74, 1.0, 7)):
        low = min(int(share * 10), 9)
        part = share * 10 - low
        spot = stalk[:, low] * (1 - part) + stalk[:, low + 1] * part
        for sideways in (-1.0, 1.0, 0.0):
            across = heading(angle[:, low] + np.pi / 2)
            where = spot + sideways * across * 0.0115 * (1.1 - 0.09 * k) + rng.normal(0, 0.0015, spot.shape)
            tone = 0.74 + 0.10 * (sideways < 0) + 0.16 * rng.uniform(0, 1, len(spot))
            ink = INK_EYE if sideways == 0.0 and k % 2 == 0 else INK_PETAL
            sketch.discs(where, 0.0108 * (1.12 - 0.07 * k), ink, squash=0.9, shade=tone, relief=0.25, grain=0.05,
                         rank=late + 0.022 * k, order=late)  # fmt: skip
    return sketch


def tuft(rng: np.random.Generator, droop: float, tall: float, broad: float) -> Sketch:
    """A tuft of grass."""
    sketch = Sketch()
    points, _, _ = _stems(rng, count=40, foot=0.25 * broad, lean=0.5, length=tall, droop=droop, nod=1.6)
    sketch.curves(points, np.linspace(0.012, 0.002, 10), INK_LEAF, rank=rng.uniform(0.02, 0.7, len(points)), span=0.2,
                  shade=rng.uniform(0.55, 0.95, len(points)), catch=0.5)  # fmt: skip
    sketch.discs([[0.0, 0.005]], 0.02, INK_WOOD, shade=0.5)
    return sketch
