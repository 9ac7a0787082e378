"""The colours of foliage: pigments mix by multiplying what each lets through (Beer-Lambert).

A leaf of a species has swatches: young, mature, autumn, dead. Between two swatches we mix in the logarithm of colour,
which is how absorbing pigments add up; no palette is picked by month. Ageing first loses chlorophyll, so that the
carotenoids that were there all along show through (unmasking), then reaches the species' autumn colour, then browns
(after the pigment dynamics of PROSPECT-D, Feret et al. 2017; the swatches and the rates are our choice).

Thirst takes the same road a part of the way and greys the leaf: a wilted leaf has the colour of a slightly senescent
one, on purpose. What tells them apart is how the plant hangs and how dry the soil is, never colour alone.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit

from scenarios.tables import SPECIES

CAROTENOID = np.array([206, 176, 66]) / 255.0  # what a leaf shows when chlorophyll is gone; sRGB
DUST = np.array([152, 148, 104]) / 255.0  # a thirsty leaf's greyish yellow; sRGB
LOG_DUST = np.log(DUST)
WINTER = np.array([0.80, 0.80, 0.86])  # evergreens in the cold are darker and duller
WILT_AGES = 0.34  # a leaf at the wilting point looks as old as one this far through autumn
JITTER = np.array([0.10, 0.07, 0.06])  # from plant to plant: warmth, brightness, lateness of ageing


@dataclass(frozen=True)
class Pigments:
    """Logarithms of the swatches of some species, each (S, 3) float64, and which stay green (S,) float64."""

    young: np.ndarray
    mature: np.ndarray
    unmasked: np.ndarray
    autumn: np.ndarray
    dead: np.ndarray
    evergreen: np.ndarray


def pigments(species: tuple[str, ...]) -> Pigments:
    """Collect the swatches of some species.

    Args:
        species: names from `scenarios.tables.SPECIES`.

    Returns:
        The swatches, one row a species.
    """
    rows = [SPECIES[name] for name in species]

    def logs(field: str) -> np.ndarray:
        return np.log(np.array([getattr(row, field) for row in rows], float).reshape(-1, 3) / 255.0)

    autumn = logs("autumn_rgb")
    # Leaves that stay keep their chlorophyll: nothing is unmasked, they only take their winter tint.
    shows = np.array([0.0 if row.habit in ("evergreen", "subshrub") else 0.30 for row in rows])[:, None]
    unmasked = shows * np.log(CAROTENOID) + (1.0 - shows) / 2.0 * (logs("leaf_rgb") + autumn)
    evergreen = np.array([row.habit == "evergreen" for row in rows], float)
    return Pigments(logs("young_leaf_rgb"), logs("leaf_rgb"), unmasked, autumn, logs("dead_rgb"), evergreen)


def plant_jitter(plant_seed: np.ndarray) -> np.ndarray:
    """How each plant differs from its kind, (P, 3) float64 in -1..1, from `Layout.plant_seed` (P,)."""
    numbers = np.asarray(plant_seed).astype(np.uint64)[:, None] * np.uint64(0x9E3779B97F4A7C15)
    numbers = numbers + np.arange(1, 4, dtype=np.uint64)[None] * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(29))) * np.uint64(0x94D049BB133111EB)
    return ((numbers >> np.uint64(40)).astype(np.float64) / 2**23) - 1.0


@njit(cache=True)
def mix_leaves(young, mature, unmasked, autumn, dead, evergreen, species, leaf, senescence, killed, wilt, winter,
               jitter, rgb):  # fmt: skip
    """`foliage_rgb`, compiled, into `rgb` (P, 3) float32; swatches are those of `Pigments`."""
    for p in range(len(species)):
        s = species[p]
        late = jitter[p, 2] * JITTER[2]
        ripe = senescence[p]
        if 0.0 < ripe < 1.0:
            ripe = min(1.0, max(0.0, ripe + 2.0 * late * min(ripe, 1.0 - ripe)))
        thirst = min(1.0, max(0.0, wilt[p]))
        age = ripe + WILT_AGES * thirst * (1.0 - ripe)
        youth = min(1.0, max(0.0, 1.0 - leaf[p])) * (1.0 - min(1.0, 4.0 * ripe))
        loss = min(1.0, age * 2.0)
        turn = max(0.0, age * 2.0 - 1.0)
        grey = (0.22 - 0.10 * evergreen[s]) * thirst
        gone = min(1.0, max(0.0, killed[p]))
        cold = winter[p] * evergreen[s]
        for c in range(3):
            green = mature[s, c] + youth * (young[s, c] - mature[s, c])
            value = green + loss * (unmasked[s, c] - green)
            value = value + turn * (autumn[s, c] - value)
            value = value + grey * (LOG_DUST[c] - value)
            value = value + gone * (dead[s, c] - value)
            tint = jitter[p, 0] * JITTER[0]
            value += jitter[p, 1] * JITTER[1] + (tint if c == 0 else (-0.3 * tint if c == 2 else 0.0))
            colour = np.exp(value) * (1.0 - cold * (1.0 - WINTER[c]))
            rgb[p, c] = min(1.0, max(0.0, colour))


def foliage_rgb(
    palette: Pigments, plant_species: np.ndarray, *, leaf: np.ndarray, senescence: np.ndarray, killed: np.ndarray,
    wilt: np.ndarray, winter: np.ndarray, jitter: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """The colour of each plant's foliage, fully lit.

    Args:
        palette: of the garden's species.
        plant_species: (P,) integers, rows of the palette.
        leaf: (P,) leaf area, 0..1; leaves that still unfold are yellower.
        senescence: (P,) 0 green .. 1 fully coloured.
        killed: (P,) share blackened or dead.
        wilt: (P,) thirst, 0 none .. 1 at the wilting point; say `1 - ks`.
        winter: (P,) 0..1, how cold and dark it is (evergreens only answer).
        jitter: (P, 3) from `plant_jitter`.

    Returns:
        (P, 3) float32, sRGB in 0..1 (not linear): multiply by a sprite's shade and by the light.
    """
    rgb = np.empty((len(plant_species), 3), np.float32)
    mix_leaves(
        palette.young, palette.mature, palette.unmasked, palette.autumn, palette.dead, palette.evergreen,
        plant_species, leaf, senescence, killed, wilt, winter, jitter, rgb,
    )  # fmt: skip
    return rgb
