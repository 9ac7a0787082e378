"""The atlas: every sprite of a garden, drawn once from its species' name."""

import zlib
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from garden_env.plants import brush
from garden_env.plants.forms import FORMS
from garden_env.plants.props import PROPS
from scenarios.names import nearest
from scenarios.tables import SPECIES

SIZE_PX = 128
LEVELS = 5  # 128, 64, 32, 16, 8
VARIANTS = 3
DROOPS = 3  # 0 upright, 1 half, 2 hanging
MARGIN = 1.15  # a sprite's side over its plant's larger measure: room to sprawl


def side_m(name: str) -> float:
    """The side of a species' square sprite at full growth [m]; the plant stands at the middle of its lower edge.

    >>> round(side_m("tulip"), 4)
    0.5175
    """
    row = SPECIES[name]
    return MARGIN * max(row.height_m, row.spread_m)


@dataclass(frozen=True)
class Atlas:
    """Sprites as codes.

    A pixel is eight bytes; a look turns them into a colour. Front to back, the first that holds is seen:

    1. petal:  `petal > 0 and petal_rank < 255 * bloom`. Codes 1..127 are petal_rgb, 128..255 centre_rgb; the shade is
       `(code & 127) / 64`.
    2. fruit:  `fruit > 0 and fruit_rank < 255 * fruit_share`, fruit_rgb, shade `code / 128`.
    3. leaf:   `leaf > 0 and leaf_rank < 255 * leaf_share`, foliage_rgb, shade `code / 128`. Green stems are leaf of a
       low rank.
    4. wood:   `wood > 0`, wood_rgb, shade `code / 128`.
    5. nothing: what stands behind is seen.

    Snow lies on the seen pixel when `catch > 0 and catch + 255 * load >= 256`, load 0..1: the upper sides of twigs and
    tiers first, then all that faces the sky. Even codes are for wood alone (a twig behind summer's leaves), odd ones
    hold on leaves as well: `leaf seen -> catch & 1`. Petals and fruit never hold snow.

    A shade of 1 is the table's colour; sunlit edges are brighter, the inside of a crown is darker. Colours are sRGB.

    Attributes:
        species: names; sprites of species s are `s * 9 .. s * 9 + 8`, then one sprite a prop.
        levels: uint8 arrays (K, 128 >> l, 128 >> l, 8), row 0 at the top. Each level halves the last by majority: a
            sprite that fills fewer than 128 px is read at the level that is nearest its size.
    """

    species: tuple[str, ...]
    levels: tuple[np.ndarray, ...]

    @property
    def codes(self) -> np.ndarray:
        """(K, 128, 128, 8) uint8, layers in the order of `brush.LAYERS`."""
        return self.levels[0]

    @cached_property
    def spans(self) -> np.ndarray:
        """(L, K, 128, 2) uint8, where each row of a sprite begins and ends, by level; an empty row begins at its end.

        Rows of coarser levels stand first; what is left is empty.
        """
        out = np.zeros((len(self.levels), *self.codes.shape[:2], 2), np.uint8)
        for level, codes in zip(out, self.levels, strict=True):
            size = codes.shape[1]
            filled = codes.view("<u8")[..., 0] != 0
            some = filled.any(-1)
            level[:, :size, 0] = np.where(some, filled.argmax(-1), size)
            level[:, :size, 1] = np.where(some, size - filled[..., ::-1].argmax(-1), 0)
        return out

    def layer(self, name: str, level: int = 0) -> np.ndarray:
        """One layer, (K, S, S) uint8 view; `name` is one of `brush.LAYERS`."""
        return self.levels[level][..., brush.LAYERS.index(name)]

    def sprite_id(self, species, variant, droop):
        """Index of a sprite; ints or integer arrays. `species` indexes `self.species`."""
        return (species * VARIANTS + variant) * DROOPS + droop

    def prop_id(self, kind):
        """Index of a prop's sprite; `kind` indexes `PROP_NAMES`."""
        return len(self.species) * VARIANTS * DROOPS + kind

    @property
    def nbytes(self) -> int:
        return sum(level.nbytes for level in self.levels)


def _generator(name: str, variant: int) -> np.random.Generator:
    """The same plant in every process: seeded by its name, not by `hash`."""
    return np.random.default_rng([zlib.crc32(name.encode()), variant])


def strokes_of(name: str, variant: int) -> list[np.ndarray]:
    """The strokes of one plant, at each droop. Upright it is as tall as its species; hanging it stays in the sprite."""
    row = SPECIES[name]
    tall, broad = row.height_m / side_m(name), row.spread_m / side_m(name)
    form = FORMS.get(name) or FORMS[row.form]
    droops = [form(_generator(name, variant), d / (DROOPS - 1), tall, broad).strokes() for d in range(DROOPS)]
    scale = tall / _reach(droops[0], "y")
    for strokes in droops:
        for field in ("x0", "x1", "y0", "y1", "w0", "w1"):
            strokes[field] *= scale
        squeeze = min(1.0, 0.495 / _reach(strokes, "x"))
        strokes["x0"] *= squeeze
        strokes["x1"] *= squeeze
    return droops


def _reach(strokes: np.ndarray, axis: str) -> float:
    """How far strokes go from the plant's foot along an axis, outline included."""
    ends = np.maximum(np.abs(strokes[f"{axis}0"]), np.abs(strokes[f"{axis}1"]))
    round_ends = np.where(strokes["shape"] == brush.TAPER, np.maximum(strokes["w0"], strokes["w1"]), 0.0)
    return float((ends + round_ends).max())


def _pyramid(strokes: np.ndarray) -> list[np.ndarray]:
    levels = [brush.halve(brush.paint(strokes, 2 * SIZE_PX))]
    for _ in range(LEVELS - 1):
        levels.append(brush.halve(levels[-1]))
    return levels


@lru_cache(maxsize=4)
def build_atlas(species: tuple[str, ...]) -> Atlas:
    """Draw the sprites of some species, and of all props. The arrays are read-only and shared.

    Args:
        species: names from `scenarios.tables.SPECIES`.

    Returns:
        The atlas; the same bits in every process.

    Raises:
        ValueError: an unknown name.
    """
    for name in species:
        if name not in SPECIES:
            raise ValueError(nearest(name, SPECIES, kind="species"))
    sprites = [
        _pyramid(strokes) for name in species for variant in range(VARIANTS) for strokes in strokes_of(name, variant)
    ]
    sprites += [_pyramid(prop.draw(_generator(name, 0)).strokes()) for name, prop in PROPS.items()]
    levels = tuple(np.stack([sprite[level] for sprite in sprites]) for level in range(LEVELS))
    for level in levels:
        level.setflags(write=False)
    return Atlas(tuple(species), levels)
