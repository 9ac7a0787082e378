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


PROPS: dict[str, Prop] = {
    "pot": Prop(_pot, wood_rgb=(186, 104, 68)),
    "stone": Prop(_stone, wood_rgb=(158, 154, 146)),
    "can": Prop(_can, wood_rgb=(92, 128, 112)),
    "bucket": Prop(_bucket, wood_rgb=(96, 124, 160)),
    "gnome": Prop(_gnome, wood_rgb=(70, 96, 150), petal_rgb=(206, 52, 44), centre_rgb=(244, 222, 200)),
    "lantern": Prop(_lantern, wood_rgb=(120, 118, 112), centre_rgb=(250, 232, 170)),
}
PROP_NAMES: tuple[str, ...] = tuple(PROPS)
