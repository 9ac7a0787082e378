"""Snowdrop, daffodil, tulip: blades from the ground, one flower a stem."""

import numpy as np

from garden_env.plants.brush import DISC, INK_EYE, INK_LEAF, INK_PETAL, LOBE, TAPER
from garden_env.plants.sketch import Sketch, arc, heading


def _feet(rng: np.random.Generator, count: int, broad: float) -> np.ndarray:
    """(count, 2) bulbs side by side, those at the back a little higher in the picture."""
    x = np.linspace(-0.30, 0.30, count) * broad + rng.normal(0, 0.03, count) * broad
    return np.stack([rng.permutation(x), rng.uniform(0, 0.025, count)], -1)


def _order(rng: np.random.Generator, count: int) -> np.ndarray:
    """When each flower opens: shares of bloom, spread over 0..0.8, in random order."""
    return rng.permutation(np.linspace(0.02, 0.78, count))


def _side(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Which way a stem falls: outwards, mostly."""
    return np.where(x + rng.normal(0, 0.08, len(x)) >= 0, 1.0, -1.0)


def _straps(sketch: Sketch, rng, feet, *, length, width, per, droop, splay, curl) -> None:
    """Blades, `per` a bulb; the first to show are short."""
    base = np.repeat(feet, per, 0) + np.stack([rng.normal(0, 0.012, len(feet) * per), np.zeros(len(feet) * per)], -1)
    count = len(base)
    lean = rng.normal(0, splay, count) + 0.9 * base[:, 0]
    side = np.where(lean >= 0, 1.0, -1.0)
    long = length * rng.uniform(0.72, 1.05, count)
    bend = curl * rng.uniform(0.2, 1.0, count)
    points, _ = arc(base, lean + side * 0.45 * droop, long, side * (bend + droop * 2.3), joints=9, late=1.4)
    points[:, :, 1] = np.maximum(points[:, :, 1], 0.012)
    profile = width * np.array([0.75, 0.95, 1.0, 1.0, 0.95, 0.85, 0.68, 0.42, 0.08])
    shade = rng.uniform(0.60, 1.0, count)
    rank = rng.uniform(0.03, 0.55, count)
    sketch.curves(points, profile * (1 - 0.2 * droop), INK_LEAF, rank=rank, span=0.3, shade=shade, relief=0.16,
                  grain=0.015, catch=0.45)  # fmt: skip


def _scapes(sketch: Sketch, rng, feet, *, length, width, droop, nod=0.0):
    """One flower stem a bulb; returns tips (N, 2), their headings (N,) and sides (N,)."""
    count = len(feet)
    side = _side(feet[:, 0], rng)
    lean = rng.normal(0, 0.07, count) + 0.5 * feet[:, 0]
    long = length * rng.uniform(0.82, 1.0, count)
    points, angle = arc(feet, lean + side * 0.25 * droop, long, side * (0.12 + nod + droop * 2.5), joints=10, late=2.2)
    points[:, :, 1] = np.maximum(points[:, :, 1], 0.02)
    sketch.stem(points, width, rank=0.01, span=0.2, shade=0.82, relief=0.25, grain=0.0)
    return points[:, -1], angle[:, -1], side


def tulip(rng: np.random.Generator, droop: float, tall: float, broad: float) -> Sketch:
    """Broad grey-green leaves and upright cups of six petals."""
    sketch = Sketch()
    feet = _feet(rng, 6, broad)
    _straps(sketch, rng, feet, length=0.60 * tall, width=0.031, per=3, droop=droop, splay=0.30, curl=0.7)
    tips, angles, _ = _scapes(sketch, rng, feet, length=0.84 * tall, width=0.0105, droop=droop)
    opens = _order(rng, len(feet))
    cup = 0.19 * tall
    for tip, angle, opened, ajar in zip(tips, angles, opens, rng.uniform(0.7, 1.15, len(feet)), strict=True):
        sketch.add(LOBE, INK_LEAF, tip - heading(angle) * 0.01, tip + heading(angle) * cup * 0.62, 0.026,
                   shade=0.8, rank=0.45, span=0.1)  # fmt: skip
        for turn, shade, length, wide in (
            (-0.16, 0.52, 1.0, 0.042), (0.16, 0.50, 0.98, 0.042), (-0.30, 0.74, 0.96, 0.036), (0.30, 0.66, 0.96, 0.036),
            (0.0, 0.90, 0.90, 0.046),
        ):  # fmt: skip
            to = angle + turn * ajar
            sketch.add(LOBE, INK_PETAL, tip - heading(angle) * 0.012, tip + heading(to) * cup * length, wide,
                       shade=shade, relief=0.10, grain=0.03, rank=opened, span=0.18)  # fmt: skip
    return sketch


def daffodil(rng: np.random.Generator, droop: float, tall: float, broad: float) -> Sketch:
    """Straps, and stars of six petals with a trumpet."""
    sketch = Sketch()
    feet = _feet(rng, 6, broad)
    _straps(sketch, rng, feet, length=0.82 * tall, width=0.017, per=5, droop=droop, splay=0.16, curl=0.5)
    tips, angles, sides = _scapes(sketch, rng, feet, length=0.88 * tall, width=0.0095, droop=droop, nod=0.15)
    opens = _order(rng, len(feet))
    turns = rng.uniform(0.15, 0.75, len(feet))
    for tip, angle, side, opened, turned in zip(tips, angles, sides, opens, turns, strict=True):
        look = angle + side * (0.95 + 0.25 * droop)  # the way the flower faces, seen in the picture's plane
        facing = heading(look)
        sketch.add(TAPER, INK_LEAF, tip, tip + heading(angle + side * 0.5) * 0.07, 0.016, 0.022, rank=0.22, shade=0.8)
        centre = tip + facing * 0.030
        spin = np.arange(6) * np.pi / 3 + 0.3
        ring = np.stack([np.cos(spin), np.sin(spin)], -1)
        long = 0.115
        across = np.array([facing[1], -facing[0]])
        # The star is a disc seen askew: shortened along the way it faces.
        ends = centre + long * (ring[:, :1] * facing * (1 - 0.55 * turned) + ring[:, 1:] * across)
        shade = 0.80 + 0.16 * np.sin(spin)
        sketch.add(LOBE, INK_PETAL, np.repeat(centre[None], 6, 0), ends, 0.040, shade=shade, relief=0.12, grain=0.03,
                   rank=opened, span=0.16)  # fmt: skip
        mouth = centre + facing * 0.060 * turned
        sketch.add(TAPER, INK_EYE, centre, mouth, 0.026, 0.040, shade=0.72, relief=0.2, rank=opened, span=0.12)
        sketch.add(DISC, INK_EYE, mouth, mouth + across * 0.043, 0.043 * (1 - 0.45 * turned), shade=0.95, relief=0.1,
                   rank=opened, span=0.14)  # fmt: skip
        sketch.add(DISC, INK_EYE, mouth, mouth + across * 0.027, 0.027 * (1 - 0.45 * turned), shade=0.60, relief=0.0,
                   rank=opened, span=0.10)  # fmt: skip
    return sketch


def snowdrop(rng: np.random.Generator, droop: float, tall: float, broad: float) -> Sketch:
    """Low grey-green straps and white drops that hang from arched stems."""
    sketch = Sketch()
    feet = _feet(rng, 8, broad * 1.1)
    _straps(sketch, rng, feet, length=0.62 * tall, width=0.0135, per=2, droop=droop, splay=0.22, curl=0.6)
    tips, _, sides = _scapes(sketch, rng, feet, length=0.86 * tall, width=0.009, droop=droop, nod=1.7)
    for tip, side, opened in zip(tips, sides, _order(rng, len(feet)), strict=True):
        hang = np.array([side * (0.012 + 0.01 * droop), -0.022])
        neck = tip + hang
        neck[1] = max(neck[1], 0.10)
        sketch.add(TAPER, INK_LEAF, tip, neck, 0.0055, rank=0.22, shade=0.8)
        sketch.discs([neck], 0.017, INK_LEAF, squash=1.2, rank=0.22, shade=0.8)
        below = neck - [0.0, 0.010]
        for turn, shade, wide in ((0.55, 0.80, 0.021), (-0.55, 0.92, 0.021)):
            sketch.add(LOBE, INK_PETAL, below, below + heading(np.pi + turn) * 0.105, wide, shade=shade, relief=0.08,
                       grain=0.0, rank=opened, span=0.15)  # fmt: skip
        sketch.add(LOBE, INK_EYE, below, below - [0.0, 0.088], 0.024, shade=0.95, rank=opened, span=0.15)
        sketch.add(LOBE, INK_PETAL, below, below + heading(np.pi - 0.04) * 0.105, 0.019, shade=1.0, relief=0.06,
                   grain=0.0, rank=opened, span=0.15)  # fmt: skip
    return sketch
