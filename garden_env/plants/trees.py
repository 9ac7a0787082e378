"""Apple and maple (trunk, limbs, twigs, leaves that thin out), spruce (tiers of boughs)."""

import numpy as np

from garden_env.plants.brush import INK_LEAF, INK_WOOD, TAPER
from garden_env.plants.growth import along, blossoms, crown_light, hanging, leaf_ranks, sag, shares, sprout, stretches
from garden_env.plants.sketch import Sketch, arc


def _skeleton(sketch: Sketch, rng, *, tall, broad, fork, limbs, spread, curl, leader, even=0.55):
    """Draw trunk, limbs, branches and twigs; returns the points of twigs, branches and limbs."""
    trunk_end = fork * tall * 1.25 if not leader else 0.78 * tall
    trunk, trunk_angle = arc([[0.0, 0.0]], rng.normal(0, 0.05, 1), trunk_end, rng.normal(0, 0.12, 1), joints=9)
    thick = 0.034 * tall
    up = np.linspace(0, 1, 9)
    taper = 1.0 - (0.38 if not leader else 0.72) * up + 0.35 * np.exp(-7 * up)  # with a root flare
    start = fork / 1.25 / fork * 0.72 if not leader else fork / 0.78
    limb, limb_angle = sprout(rng, trunk, trunk_angle, per=limbs, at=(start, 0.99), splay=spread, length=0.46 * tall,
                              curl=curl, joints=8, even=even)  # fmt: skip
    branch, branch_angle = sprout(rng, limb, limb_angle, per=5, at=(0.30, 0.98), splay=0.62, length=0.26 * tall,
                                  curl=curl * 0.7, joints=6)  # fmt: skip
    twig, _ = sprout(rng, branch, branch_angle, per=4, at=(0.25, 0.99), splay=0.6, length=0.13 * tall, curl=-0.3,
                     joints=4)  # fmt: skip
    squeeze = 0.5 * broad / np.quantile(np.abs(twig[..., 0]), 0.985)
    for points in (limb, branch, twig):
        points[..., 0] *= squeeze
    bark = {"woody": True, "relief": 0.34, "grain": 0.30}
    sketch.stem(twig, np.linspace(0.0052, 0.0035, 4), order=0.9, shade=0.66, catch=0.55, **bark)
    sketch.stem(branch, np.linspace(0.0105, 0.0058, 6), order=0.8, shade=0.70, catch=0.85, **bark)
    sketch.stem(limb, np.linspace(0.55, 0.24, 8) * thick, order=0.7, shade=0.72, catch=1.0, **bark)
    sketch.stem(trunk, taper * thick, order=0.6, shade=0.74, catch=0.25, **bark)
    return twig, branch, limb


def _leaves(sketch: Sketch, rng, twig, branch, limb, *, tall, droop, per, length, width) -> np.ndarray:
    """Clothe the twigs; returns where the leaves are."""
    curves = stretches(twig, branch[:, 2:], limb[:, 3:5], limb[:, 4:6], limb[:, 5:7], joints=4)
    at, _ = along(rng, curves, per)
    clump = np.repeat(np.arange(len(curves)), per)
    at = at + rng.normal(0, 0.017, at.shape)
    light = 0.40 + 0.60 * crown_light(at)
    within = at[:, 1] - curves[clump].mean(1)[:, 1]
    light *= 1.0 + np.clip(within * 6, -0.22, 0.16)
    angle = rng.uniform(-2.4, 2.4, len(at))
    rank = leaf_ranks(rng, at, clump, tall=tall)
    size = length * rng.uniform(0.75, 1.15, len(at))
    sketch.leaves(at, hanging(angle, droop), size * (1 + 0.25 * droop), width * (1 - 0.45 * droop),
                  shade=np.clip(light + rng.normal(0, 0.05, len(at)), 0.2, 1.0), relief=0.10, grain=0.05, rank=rank,
                  span=0.09)  # fmt: skip
    return at


def apple(rng: np.random.Generator, droop: float, tall: float, broad: float) -> Sketch:
    """A short trunk, wide limbs, pink-white blossom before the leaves are full, red apples."""
    sketch = Sketch()
    twig, branch, limb = _skeleton(sketch, rng, tall=tall, broad=broad, fork=0.27, limbs=6, spread=0.95, curl=-0.75,
                                   leader=False)  # fmt: skip
    at = _leaves(sketch, rng, twig, branch, limb, tall=tall, droop=droop, per=6, length=0.044, width=0.0145)
    centres, _ = along(rng, stretches(twig, branch[:, 2:]), 1, start=0.3)
    centres = centres[rng.permutation(len(centres))[:150]]
    opens = shares(rng.uniform(0, 1, len(centres)) - 0.4 * centres[:, 1], 0.02, 0.85)
    bunch = np.repeat(centres, 3, 0) + rng.normal(0, 0.012, (3 * len(centres), 2))
    blossoms(sketch, rng, bunch, 0.0165, np.repeat(opens, 3), width=0.6, eye=0.28)
    low = at[(at[:, 1] < 0.86 * tall) & (at[:, 1] > 0.35 * tall)]
    spots = low[rng.permutation(len(low))[:30]] - [0.0, 0.015]
    sketch.fruit(spots, 0.0155 * rng.uniform(0.85, 1.15, len(spots)), shares(rng.uniform(0, 1, len(spots)), 0.05, 0.9))
    sketch.warp(sag(droop, tall))
    return sketch


def maple(rng: np.random.Generator, droop: float, tall: float, broad: float) -> Sketch:
    """A taller tree with a leader; small red flowers on bare twigs, a blaze in autumn."""
    sketch = Sketch()
    twig, branch, limb = _skeleton(sketch, rng, tall=tall, broad=broad, fork=0.24, limbs=14, spread=0.95, curl=-0.55,
                                   leader=True, even=0.1)  # fmt: skip
    _leaves(sketch, rng, twig, branch, limb, tall=tall, droop=droop, per=4, length=0.042, width=0.019)
    centres, _ = along(rng, twig, 1, start=0.5)
    centres = centres + rng.normal(0, 0.004, centres.shape)
    blossoms(sketch, rng, centres, 0.011, shares(rng.uniform(0, 1, len(centres)), 0.02, 0.85), petals=4, eye=0.3)
    sketch.warp(sag(droop, tall))
    return sketch


def spruce(rng: np.random.Generator, droop: float, tall: float, broad: float) -> Sketch:
    """Tiers of boughs with hanging twigs; snow lies on each tier."""
    sketch = Sketch()
    sketch.add(TAPER, INK_WOOD, [[0.0, 0.0]], [[0.0, 0.93 * tall]], 0.030 * tall, 0.006, shade=0.6, relief=0.2,
               grain=0.2)  # fmt: skip
    tiers = 15
    heights = np.linspace(0, 1, tiers)
    boughs = np.maximum(4, (15 * (1 - heights) + 3).astype(int))
    share = np.repeat(heights, boughs)  # one row a bough from here on
    turn = np.concatenate(
        [np.linspace(-1, 1, n) ** 3 * 0.45 + np.linspace(-0.55, 0.55, n) for n in boughs]
    ) + rng.normal(0, 0.08, len(share))
    turn = np.clip(turn, -1, 1)  # from the far left, over those that point at us, to the far right
    aside, side = np.abs(turn), np.where(turn >= 0, 1.0, -1.0)
    y = tall * (0.13 + 0.81 * share**0.92)
    reach = 0.5 * broad * (1 - share) ** 0.85 + 0.004
    long = reach * (aside * rng.uniform(0.82, 1.12, len(share)) + 0.60 * (1 - aside))
    lean = side * (1.62 - 0.75 * share + 1.05 * (1 - aside) + 0.55 * droop)
    base = np.stack([0.25 * turn * reach, y + rng.normal(0, 0.008, len(share))], -1)
    points, angle = arc(base, lean, long + 0.008, -side * (0.45 - 0.55 * droop), joints=7, late=1.0)
    near = 0.035 + 0.05 * rng.uniform(0, 1, (len(share), 1))  # the lowest boughs end above the ground, not in a line
    points[..., 1] = np.where(points[..., 1] < near, near - 0.4 * (near - points[..., 1]).clip(0, 0.05), points[..., 1])
    depth = 1.0 - share * 0.9  # higher tiers lie over lower ones
    # Twigs comb down and outwards from each bough: bright tips, dark underneath.
    per = 13
    at, where = along(rng, points, per)
    bough = np.repeat(np.arange(len(share)), per)
    heads, out = angle[bough, 3], side[bough]
    fan = rng.uniform(-0.75, 0.75, len(at)) + 0.35 * out
    needle = (0.014 + 0.052 * (1 - share[bough]) ** 0.6) * rng.uniform(0.7, 1.1, len(at)) * (1.05 - 0.4 * where)
    shade = 0.40 + 0.52 * where + 0.12 * share[bough] + rng.normal(0, 0.05, len(at))
    rank = np.clip(0.05 + 0.75 * where + rng.normal(0, 0.05, len(at)), 0.02, 0.92)
    sketch.leaves(at, heads + fan + 0.25 * out * droop, needle, 0.0085, shade=shade, relief=0.2, grain=0.10, rank=rank,
                  span=0.05, order=depth[bough], catch=0.75 * (0.5 + 0.5 * where))  # fmt: skip
    sketch.curves(points, np.linspace(0.007, 0.010, 7), INK_LEAF, shade=0.84, relief=0.25, grain=0.12, rank=0.05,
                  span=0.3, order=depth - 0.01, catch=1.0)  # fmt: skip
    top = np.array([[0.0, 0.92 * tall]])
    points, _ = arc(top, [0.0], [0.085 * tall], [1.6 * droop], joints=5)
    sketch.curves(points, np.linspace(0.010, 0.005, 5), INK_LEAF, shade=0.85, rank=0.05, order=0.0, catch=0.9)
    sketch.warp(sag(droop, tall, drop=0.16, hang=0.9))
    return sketch
