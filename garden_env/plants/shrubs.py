"""Rose, hydrangea, forsythia, boxwood: many woody stems from one foot."""

import numpy as np

from garden_env.plants.brush import INK_EYE, INK_LEAF, INK_PETAL, LOBE
from garden_env.plants.growth import (
    along,
    blossoms,
    crown_light,
    hanging,
    leaf_pairs,
    leaf_ranks,
    sag,
    shares,
    sprout,
    stretches,
)
from garden_env.plants.sketch import Sketch, arc, heading


def _canes(rng, *, count, foot, lean, length, curl, joints=9, late=1.3):
    """Stems that fan out from a foot, the outer ones arching over."""
    at = np.linspace(-1, 1, count) + rng.normal(0, 0.10, count)
    base = np.stack([at * foot, rng.uniform(0, 0.022, count) * (1 - np.abs(at).clip(0, 1))], -1)
    long = length * rng.uniform(0.80, 1.0, count) * (1.0 - 0.10 * np.abs(at))
    return arc(base, at * lean, long, curl * at, joints=joints, late=late)


def rose(rng: np.random.Generator, droop: float, tall: float, broad: float) -> Sketch:
    """Thorny canes, dark leaves of five leaflets, full flowers, hips."""
    sketch = Sketch()
    cane, angle = _canes(rng, count=7, foot=0.085, lean=0.50 * broad / tall + 0.10, length=0.74 * tall, curl=0.35)
    side, _ = sprout(rng, cane, angle, per=3, at=(0.45, 0.95), splay=0.55, length=0.30 * tall, curl=-0.2)
    bark = {"woody": True, "relief": 0.3, "grain": 0.12}
    sketch.stem(side, np.linspace(0.0065, 0.0042, 6), shade=0.78, catch=0.7, order=0.5, **bark)
    sketch.stem(cane, np.linspace(0.0098, 0.0055, 9), shade=0.72, catch=0.8, order=0.4, **bark)
    stalk, _ = along(rng, stretches(cane[:, 3:6], cane[:, 5:], side[:, :4], side[:, 2:]), 4)
    way = np.where(rng.uniform(0, 1, len(stalk)) < 0.5, -1, 1) * rng.uniform(0.5, 1.9, len(stalk))
    way = hanging(way, droop)
    light = np.clip(0.58 + 0.42 * crown_light(stalk) + rng.normal(0, 0.07, len(stalk)), 0.3, 1)
    rank = leaf_ranks(rng, stalk, np.arange(len(stalk)) // 4, tall=tall)
    long = 0.075 * rng.uniform(0.8, 1.1, len(stalk))
    for share, turn in ((0.45, -0.95), (0.45, 0.95), (0.75, -0.75), (0.75, 0.75), (0.85, 0.0)):
        at = stalk + heading(way) * (long * share)[:, None]
        sketch.leaves(at, way + turn * (1 - 0.6 * droop), long * 0.52, 0.0125 * (1 - 0.3 * droop), shade=light,
                      relief=0.12, rank=rank, span=0.08)  # fmt: skip
    tips = np.concatenate([cane[:, -1], side[::2, -1]])
    tips = tips[tips[:, 1] > 0.35 * tall][:15]
    opens = shares(rng.uniform(0, 1, len(tips)), 0.02, 0.78)
    bend = sag(droop, tall, drop=0.24, hang=1.3)
    sketch.warp(bend)
    tips = np.stack(bend(*tips.T), -1)
    _rosettes(sketch, rng, tips + np.array([0.0, 0.01 - 0.06 * droop]),
              rng.uniform(0.042, 0.058, len(tips)) * (1 - 0.15 * droop), opens)  # fmt: skip
    sketch.fruit(tips - [0.0, 0.012], 0.0165, opens, squash=1.25)
    return sketch


def _rosettes(sketch: Sketch, rng, centres, size, opens) -> None:
    """Petals about petals, darker between them: the eye reads a rose. `order` keeps each flower's layers together."""
    sketch.discs(centres, size * 0.8, INK_PETAL, squash=0.85, shade=0.42, relief=0.2, rank=opens, span=0.1)
    for ring, (count, reach, wide, tone) in enumerate(
        ((6, 1.0, 0.46, 0.72), (5, 0.74, 0.36, 0.90), (4, 0.48, 0.27, 0.76))
    ):
        spin = (np.arange(count) * 2 * np.pi / count)[None] + rng.uniform(0, 1, (len(size), 1))
        out = (size * reach)[:, None, None] * np.stack([np.cos(spin), 0.86 * np.sin(spin)], -1)
        shade = tone + 0.16 * np.sin(spin) + rng.uniform(-0.05, 0.05, spin.shape)
        sketch.add(LOBE, INK_PETAL, (centres[:, None] + 0.25 * out).reshape(-1, 2),
                   (centres[:, None] + out).reshape(-1, 2), np.repeat(size * wide, count),
                   shade=np.clip(shade, 0.3, 1).ravel(), relief=0.22, grain=0.02, rank=np.repeat(opens, count),
                   span=0.14 - 0.04 * ring, order=np.repeat(opens, count) - 1e-6 * (ring + 1))  # fmt: skip
    sketch.discs(centres, size * 0.25, INK_PETAL, shade=0.50, relief=0.5, rank=opens, order=opens - 5e-6)
    heart = centres + 0.06 * size[:, None] * np.array([0.0, 1.0])
    sketch.discs(heart, size * 0.13, INK_PETAL, shade=0.85, relief=0.3, rank=opens, order=opens - 6e-6)


def hydrangea(rng: np.random.Generator, droop: float, tall: float, broad: float) -> Sketch:
    """A dome of large leaves and mopheads of small flowers."""
    sketch = Sketch()
    cane, angle = _canes(rng, count=13, foot=0.13, lean=0.85, length=0.84 * tall, curl=0.25)
    side, _ = sprout(rng, cane, angle, per=2, at=(0.45, 0.85), splay=0.45, length=0.28 * tall, curl=-0.2)
    bark = {"woody": True, "relief": 0.3, "grain": 0.12}
    sketch.stem(side, np.linspace(0.0065, 0.005, 6), shade=0.75, catch=0.7, order=0.5, **bark)
    sketch.stem(cane, np.linspace(0.0115, 0.0065, 9), shade=0.72, catch=0.8, order=0.4, **bark)
    base, _ = along(rng, stretches(cane[:, 2:6], cane[:, 4:], side), 3)
    clump = np.repeat(np.arange(len(base)), 2)
    base, way = leaf_pairs(base, rng.normal(0, 0.45, len(base)), rng.uniform(0.8, 1.35, len(base)))
    light = np.clip(0.42 + 0.52 * crown_light(base, density=0.8) + rng.normal(0, 0.10, len(base)), 0.3, 1)
    sketch.leaves(base, hanging(way, droop), 0.135 * rng.uniform(0.75, 1.1, len(base)), 0.036 * (1 - 0.35 * droop),
                  shade=light, relief=0.14, rank=leaf_ranks(rng, base, clump, tall=tall), span=0.1)  # fmt: skip
    heads = np.concatenate([cane[:, -1], side[::2, -1]])
    heads = heads[heads[:, 1] > 0.28 * tall]
    opens = shares(rng.uniform(0, 1, len(heads)), 0.02, 0.72)
    bend = sag(droop, tall, drop=0.22, hang=0.9)
    sketch.warp(bend)
    heads = np.stack(bend(*heads.T), -1)
    _mopheads(sketch, rng, heads - [0.0, 0.07 * droop], rng.uniform(0.068, 0.092, len(heads)), opens, droop)
    return sketch


def _mopheads(sketch: Sketch, rng, centres, size, opens, droop) -> None:
    """Balls of florets that open from the middle."""
    count = 46
    spin, reach = np.arange(count) * 2.39996, np.sqrt((np.arange(count) + 0.5) / count)
    ball = np.stack([np.cos(spin) * reach, np.sin(spin) * reach * (0.80 - 0.15 * droop)], -1)
    at = (centres[:, None] + ball[None] * size[:, None, None]).reshape(-1, 2)
    light = 0.74 + 0.24 * ball[:, 1] - 0.10 * ball[:, 0] + rng.uniform(-0.10, 0.10, (len(size), count))
    light = np.clip(light, 0.35, 1).ravel()
    first, size_each = np.repeat(opens, count), np.repeat(size, count)
    opened = first + 0.16 * np.tile(reach, len(size))
    front = first - 1e-6 * np.tile(2.0 - reach, len(size))  # the middle is nearest
    sketch.discs(centres, size * 0.9, INK_PETAL, squash=0.8, shade=0.42, rank=opens, span=0.15, order=opens)
    sketch.discs(at, size_each * 0.20, INK_PETAL, squash=0.9, shade=light, relief=0.25, grain=0.0, rank=opened,
                 order=front)  # fmt: skip
    sketch.discs(at, size_each * 0.055, INK_EYE, shade=light, rank=opened + 0.01, order=front - 1e-9)


def forsythia(rng: np.random.Generator, droop: float, tall: float, broad: float) -> Sketch:
    """Arching canes, yellow from end to end before a leaf is out."""
    sketch = Sketch()
    cane, angle = _canes(rng, count=17, foot=0.115, lean=0.60, length=1.0 * tall, curl=1.15, joints=12, late=1.7)
    side, _ = sprout(rng, cane, angle, per=4, at=(0.35, 0.9), splay=0.42, length=0.24 * tall, curl=0.35)
    bark = {"woody": True, "relief": 0.3, "grain": 0.12}
    sketch.stem(side, np.linspace(0.0048, 0.0035, 6), shade=0.75, catch=0.8, order=0.5, **bark)
    sketch.stem(cane, np.linspace(0.0080, 0.0042, 12), shade=0.72, catch=0.9, order=0.4, **bark)
    lines = stretches(cane[:, 2:7], cane[:, 6:], side)
    at, _ = along(rng, lines, 5)
    clump = np.repeat(np.arange(len(lines)), 5)
    way = np.where(rng.uniform(0, 1, len(at)) < 0.5, -1, 1) * rng.uniform(0.3, 1.9, len(at))
    light = np.clip(0.52 + 0.48 * crown_light(at) + rng.normal(0, 0.06, len(at)), 0.3, 1)
    sketch.leaves(at, hanging(way, droop), 0.062 * rng.uniform(0.7, 1.15, len(at)), 0.0135 * (1 - 0.35 * droop),
                  shade=light, relief=0.12, rank=leaf_ranks(rng, at, clump, tall=tall), span=0.09)  # fmt: skip
    spots, _ = along(rng, stretches(cane[:, 3:7], cane[:, 6:9], cane[:, 8:], side), 5)
    spots = spots + rng.normal(0, 0.006, spots.shape)
    opens = shares(rng.uniform(0, 1, len(spots)), 0.02, 0.86)
    blossoms(sketch, rng, spots, 0.0205, opens, petals=4, width=0.40, eye=0.22)
    sketch.warp(sag(droop, tall, drop=0.16, hang=0.7))
    return sketch


def boxwood(rng: np.random.Generator, droop: float, tall: float, broad: float) -> Sketch:
    """A clipped ball of small leaves that stays green."""
    sketch = Sketch()
    cane, _ = _canes(rng, count=9, foot=0.06, lean=0.7, length=0.62 * tall, curl=-0.2)
    sketch.stem(cane, np.linspace(0.014, 0.006, 9), woody=True, shade=0.6, relief=0.3, grain=0.15, catch=0.5)
    flat = 1 - 0.42 * droop
    sketch.discs([[0.0, (0.52 - 0.04 * droop) * tall * flat**0.4]], 0.40 * broad, INK_LEAF, squash=0.95 * flat,
                 shade=0.30, relief=0.3, grain=0.10, rank=0.03, span=0.8, order=1.0)  # fmt: skip
    count = 900
    spin, reach = rng.uniform(0, 2 * np.pi, count), np.sqrt(rng.uniform(0, 1, count))
    at = np.stack([0.46 * broad * reach * np.cos(spin), 0.52 * tall + 0.44 * tall * reach * np.sin(spin)], -1)
    at[:, 0] *= np.where(at[:, 1] < 0.5 * tall, 0.90 + 0.2 * at[:, 1] / tall, 1.0)
    at = at + rng.normal(0, 0.008, at.shape)
    at[:, 1] = np.maximum(at[:, 1], 0.03)
    ball = 0.62 + 0.40 * (at[:, 1] / tall - 0.5) - 0.35 * at[:, 0]
    light = np.clip(0.12 + ball * (1.08 - 0.25 * reach**4) + rng.normal(0, 0.11, count), 0.2, 1.0)
    way = hanging(rng.uniform(-1.6, 1.6, count), 0.8 * droop)
    catch = np.clip(1.6 * (at[:, 1] / tall - 0.45) + rng.normal(0, 0.15, count), 0.05, 1.0)
    sketch.leaves(at, way, 0.048 * rng.uniform(0.8, 1.15, count), 0.0125, shade=light, relief=0.15, grain=0.05,
                  rank=shares(rng.uniform(0, 1, count) + 0.5 * reach, 0.02, 0.9), span=0.05, catch=catch)  # fmt: skip
    sketch.warp(sag(droop, tall, drop=0.20, hang=0.9))
    return sketch
