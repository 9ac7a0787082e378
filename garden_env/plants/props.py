"""What stands in a garden and does not grow. All of it is of class obstacle, whatever layer it is painted in."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from garden_env.plants.brush import DISC, INK_EYE, INK_PETAL, INK_WOOD, TAPER
from garden_env.plants.sketch import Sketch

Rgb = tuple[int, int, int]


@dataclass(frozen=True)
class Prop:
    """A thing: draw its sprite with leaf, bloom and fruit at 1. A sprite's side is the prop's height times 1.05."""

    draw: Callable[[np.random.Generator], Sketch]
    wood_rgb: Rgb  # its main colour
    leaf_rgb: Rgb = (80, 110, 60)
    petal_rgb: Rgb = (200, 60, 50)
    centre_rgb: Rgb = (235, 225, 210)
    fruit_rgb: Rgb = (0, 0, 0)


def _stack(sketch: Sketch, profile: np.ndarray, ink: int, rng: np.random.Generator, *, flat: float = 0.0) -> None:
    """A turned body: horizontal slices (y, half-width), bright on the left, dark on the right."""
    heights = np.linspace(profile[0, 0], profile[-1, 0], 90)
    halves = np.interp(heights, profile[:, 0], profile[:, 1])
    for share in np.linspace(-0.92, 0.92, 14):
        light = 0.80 - 0.32 * share - 0.25 * share**2
        x = halves * share
        sketch.add(
            TAPER, ink, np.stack([x - halves * 0.08, heights], -1), np.stack([x + halves * 0.08, heights], -1), 0.010,
            shade=light * (1 - flat * (heights.max() - heights)), relief=0.0, grain=0.03,
        )  # fmt: skip


def _pot(rng: np.random.Generator) -> Sketch:
    sketch = Sketch()
    _stack(sketch, np.array([[0.01, 0.24], [0.68, 0.36]]), INK_WOOD, rng)
    _stack(sketch, np.array([[0.66, 0.41], [0.80, 0.42]]), INK_WOOD, rng)
    count = 70
    at = np.stack([rng.normal(0, 0.17, count), rng.uniform(0.78, 0.93, count)], -1)
    sketch.leaves(at, rng.normal(0, 0.8, count), 0.12, 0.03, shade=0.45 + 3.0 * (at[:, 1] - 0.78), catch=0.6)
    return sketch


def _stone(rng: np.random.Generator) -> Sketch:
    sketch = Sketch()
    for _ in range(26):
        x = rng.uniform(-0.24, 0.24)
        y = rng.uniform(0.10, 0.55) * (1 - 1.3 * abs(x))
        radius = rng.uniform(0.14, 0.24)
        sketch.discs([[x, max(y, radius * 0.7)]], radius, INK_WOOD, squash=0.75, shade=0.45 + 0.55 * y, relief=0.22,
                     grain=0.12, catch=0.8)  # fmt: skip
    return sketch


def _lantern(rng: np.random.Generator) -> Sketch:
    sketch = Sketch()
    _stack(sketch, np.array([[0.01, 0.20], [0.06, 0.15], [0.10, 0.06], [0.45, 0.06], [0.50, 0.17]]), INK_WOOD, rng)
    _stack(sketch, np.array([[0.50, 0.15], [0.72, 0.15]]), INK_EYE, rng)
    for x in (-0.15, -0.05, 0.05, 0.15):
        sketch.add(TAPER, INK_WOOD, [[x, 0.5]], [[x, 0.73]], 0.012, shade=0.5)
    _stack(sketch, np.array([[0.72, 0.26], [0.78, 0.22], [0.88, 0.06], [0.97, 0.02]]), INK_WOOD, rng)
    return sketch


def _bucket(rng: np.random.Generator) -> Sketch:
    sketch = Sketch()
    angle = np.linspace(-1.5, 1.5, 15)
    handle = np.stack([0.40 * np.sin(angle), 0.62 + 0.34 * np.cos(angle)], -1)
    sketch.curves(handle[None], 0.014, INK_WOOD, shade=0.4)
    _stack(sketch, np.array([[0.01, 0.28], [0.62, 0.40]]), INK_WOOD, rng)
    _stack(sketch, np.array([[0.60, 0.42], [0.65, 0.42]]), INK_WOOD, rng)
    return sketch


def _gnome(rng: np.random.Generator) -> Sketch:
    sketch = Sketch()
    _stack(sketch, np.array([[0.01, 0.22], [0.10, 0.24], [0.40, 0.15], [0.46, 0.10]]), INK_WOOD, rng)
    sketch.add(DISC, INK_EYE, [[0.0, 0.50]], [[0.12, 0.50]], 0.10, shade=0.85, relief=0.2)
    sketch.add(DISC, INK_EYE, [[0.0, 0.36]], [[0.0, 0.50]], 0.10, shade=1.0, relief=0.1)
    _stack(sketch, np.array([[0.56, 0.15], [0.62, 0.13], [0.94, 0.01]]), INK_PETAL, rng)
    return sketch


def _can(rng: np.random.Generator) -> Sketch:
    sketch = Sketch()
    angle = np.linspace(-1.2, 2.4, 15)
    handle = np.stack([-0.12 - 0.22 * np.sin(angle), 0.52 + 0.30 * np.cos(angle)], -1)
    sketch.curves(handle[None], 0.025, INK_WOOD, shade=0.5)
    sketch.add(TAPER, INK_WOOD, [[0.12, 0.20]], [[0.42, 0.66]], 0.045, 0.028, shade=0.65, relief=0.3)
    sketch.add(TAPER, INK_WOOD, [[0.38, 0.68]], [[0.46, 0.62]], 0.05, shade=0.8, relief=0.2)
    _stack(sketch, np.array([[0.01, 0.24], [0.50, 0.22], [0.56, 0.18]]), INK_WOOD, rng)
    return sketch


def _slab(sketch: Sketch, corners, ink: int, *, shade: float, grain: float = 0.03) -> None:
    """Fill a convex face between two edges: corners lower left, lower right, upper right, upper left."""
    (a, b, c, d) = np.asarray(corners, float)
    part = np.linspace(0, 1, 40)[:, None]
    left, right = a + (d - a) * part, b + (c - b) * part
    wide = 0.55 * float(np.abs(d - a).max()) / 39 + 0.002
    sketch.add(TAPER, ink, left, right, wide, shade=shade, relief=0.0, grain=grain)


def _bar(sketch: Sketch, start, end, half: float, ink: int, shade: float) -> None:
    sketch.add(TAPER, ink, [start], [end], half, shade=shade, relief=0.12, grain=0.02)


def _chair(rng: np.random.Generator) -> Sketch:
    """A slatted garden chair, seen a little from the side."""
    sketch = Sketch()
    for x, y, shade in ((-0.20, 0.06, 0.40), (0.24, 0.06, 0.40)):
        _bar(sketch, (x, y), (x, 0.46), 0.018, INK_WOOD, shade)  # hind legs
    for x, top in ((-0.22, 0.95), (0.26, 0.95)):
        _bar(sketch, (x + 0.01, 0.46), (x, top), 0.022, INK_WOOD, 0.62)
    for y in np.linspace(0.60, 0.90, 4):
        _bar(sketch, (-0.21, y), (0.25, y), 0.028, INK_WOOD, 0.72 + 0.25 * (y - 0.6))
    for k, y in enumerate(np.linspace(0.49, 0.41, 4)):
        _bar(sketch, (-0.22 - 0.03 * k, y), (0.26 - 0.03 * k, y), 0.022, INK_WOOD, 0.98 - 0.04 * k)
    for x in (-0.33, 0.19):
        _bar(sketch, (x, 0.015), (x + 0.01, 0.40), 0.022, INK_WOOD, 0.66)  # front legs
    _bar(sketch, (-0.32, 0.60), (-0.20, 0.66), 0.020, INK_WOOD, 0.9)
    _bar(sketch, (0.18, 0.60), (0.28, 0.66), 0.020, INK_WOOD, 0.9)
    _bar(sketch, (-0.32, 0.40), (-0.32, 0.60), 0.017, INK_WOOD, 0.66)
    _bar(sketch, (0.19, 0.40), (0.19, 0.60), 0.017, INK_WOOD, 0.66)
    return sketch


def _ball(rng: np.random.Generator) -> Sketch:
    """A beach ball: sectors of three colours that meet at a pole."""
    sketch = Sketch()
    radius = 0.46
    y, x = np.mgrid[-radius:radius:46j, -radius:radius:46j]
    x, y = x.ravel(), y.ravel()
    on = np.hypot(x, y) < radius - 0.01
    x, y = x[on], y[on]
    z = np.sqrt(np.maximum(radius**2 - x**2 - y**2, 0.0))
    pole = np.array([0.25, 0.62, 0.74])
    east = np.cross([0.0, 0.0, 1.0], pole)
    east /= np.hypot(*east[:2])
    spot = np.stack([x, y, z], -1)
    turn = np.arctan2(spot @ np.cross(pole, east), spot @ east)
    sector = np.floor((turn + np.pi) / (2 * np.pi) * 6 - 1e-9).astype(int) % 3
    cap = spot @ pole / (radius * np.linalg.norm(pole)) > 0.96
    shade = np.clip(0.78 + 0.45 * (y - x * 0.6) / radius * 0.7 - 0.18 * (np.hypot(x, y) / radius) ** 3, 0.25, 1.15)
    for number, ink in enumerate((INK_WOOD, INK_PETAL, INK_EYE)):
        here = ((sector == number) & ~cap) | (cap & (ink == INK_EYE))
        at = np.stack([x[here], y[here] + radius + 0.005], -1)
        sketch.add(DISC, ink, at, at + np.array([0.014, 0.0]), 0.014, shade=shade[here], relief=0.0, grain=0.0)
    return sketch


def _box(rng: np.random.Generator) -> Sketch:
    """An open cardboard box with its flaps up, two sides in view."""
    sketch = Sketch()
    _slab(sketch, [(-0.26, 0.62), (0.36, 0.62), (0.30, 0.86), (-0.20, 0.86)], INK_WOOD, shade=0.45)
    _slab(sketch, [(-0.42, 0.07), (0.10, 0.01), (0.10, 0.64), (-0.42, 0.70)], INK_WOOD, shade=0.86)
    _slab(sketch, [(0.10, 0.01), (0.42, 0.10), (0.42, 0.72), (0.10, 0.64)], INK_WOOD, shade=0.62)
    _slab(sketch, [(-0.42, 0.70), (0.10, 0.64), (0.04, 0.84), (-0.48, 0.90)], INK_WOOD, shade=1.0)
    _slab(sketch, [(0.10, 0.64), (0.42, 0.72), (0.48, 0.90), (0.18, 0.82)], INK_WOOD, shade=0.75)
    _slab(sketch, [(-0.22, 0.05), (-0.10, 0.035), (-0.10, 0.665), (-0.22, 0.68)], INK_EYE, shade=0.8)
    return sketch


def _truck(rng: np.random.Generator) -> Sketch:
    """A child's tipper: cab, body and fat wheels."""
    sketch = Sketch()
    _slab(sketch, [(-0.46, 0.22), (0.46, 0.22), (0.46, 0.32), (-0.46, 0.32)], INK_WOOD, shade=0.42)
    _slab(sketch, [(-0.46, 0.33), (0.08, 0.33), (0.13, 0.66), (-0.48, 0.66)], INK_PETAL, shade=0.80)
    for x in (-0.33, -0.17, -0.01):
        _bar(sketch, (x, 0.35), (x, 0.64), 0.014, INK_PETAL, 0.62)
    _bar(sketch, (-0.48, 0.66), (0.13, 0.66), 0.022, INK_PETAL, 1.0)
    _slab(sketch, [(0.15, 0.32), (0.46, 0.32), (0.46, 0.52), (0.15, 0.52)], INK_WOOD, shade=0.84)
    _slab(sketch, [(0.15, 0.52), (0.46, 0.52), (0.38, 0.74), (0.15, 0.74)], INK_WOOD, shade=0.95)
    _slab(sketch, [(0.20, 0.53), (0.41, 0.53), (0.35, 0.69), (0.20, 0.69)], INK_EYE, shade=0.62)
    for x in (-0.28, 0.28):
        sketch.discs([[x, 0.155]], 0.15, INK_EYE, shade=0.12, relief=0.10)
        sketch.discs([[x, 0.155]], 0.065, INK_EYE, shade=0.72, relief=0.15)
    return sketch


def _parasol(rng: np.random.Generator) -> Sketch:
    """A striped canopy on a pole in a foot."""
    sketch = Sketch()
    _bar(sketch, (0.0, 0.02), (0.0, 0.80), 0.011, INK_WOOD, 0.75)
    _stack(sketch, np.array([[0.005, 0.13], [0.045, 0.11]]), INK_WOOD, rng)
    share = np.linspace(-1, 1, 9)
    for k in range(8):
        a, b = share[k], share[k + 1]
        low_a, low_b = (0.70 - 0.05 * (1 - v**2) for v in (a, b))
        ink = INK_PETAL if k % 2 else INK_EYE
        part = np.linspace(0.02, 1.0, 34)
        left = np.stack([0.46 * a * part**0.8, 0.93 + (low_a - 0.93) * part**1.5], -1)
        right = np.stack([0.46 * b * part**0.8, 0.93 + (low_b - 0.93) * part**1.5], -1)
        sketch.add(TAPER, ink, left, right, 0.009, shade=0.86 - 0.20 * (a + b) / 2 - 0.1 * part, relief=0.0, grain=0.02)
    _bar(sketch, (0.0, 0.92), (0.0, 0.97), 0.012, INK_WOOD, 0.8)
    return sketch


PROPS: dict[str, Prop] = {
    "pot": Prop(_pot, wood_rgb=(186, 104, 68)),
    "stone": Prop(_stone, wood_rgb=(158, 154, 146)),
    "can": Prop(_can, wood_rgb=(92, 128, 112)),
    "bucket": Prop(_bucket, wood_rgb=(96, 124, 160)),
    "gnome": Prop(_gnome, wood_rgb=(70, 96, 150), petal_rgb=(206, 52, 44), centre_rgb=(244, 222, 200)),
    "lantern": Prop(_lantern, wood_rgb=(120, 118, 112), centre_rgb=(250, 232, 170)),
    # What people leave in a garden (`garden_env.arrivals`)
    "chair": Prop(_chair, wood_rgb=(226, 222, 212)),
    "ball": Prop(_ball, wood_rgb=(38, 104, 190), petal_rgb=(224, 58, 44), centre_rgb=(246, 238, 214)),
    "box": Prop(_box, wood_rgb=(190, 148, 98), centre_rgb=(212, 190, 150)),
    "truck": Prop(_truck, wood_rgb=(214, 54, 40), petal_rgb=(240, 190, 40), centre_rgb=(190, 206, 214)),
    "parasol": Prop(_parasol, wood_rgb=(212, 208, 200), petal_rgb=(216, 84, 52), centre_rgb=(246, 236, 214)),
}
PROP_NAMES: tuple[str, ...] = tuple(PROPS)
