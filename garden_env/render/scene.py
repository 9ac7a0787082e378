"""What the renderer keeps of a garden: arrays that no season changes."""

from typing import NamedTuple

import cv2
import numpy as np
from scipy import ndimage

from garden_env.arrivals import DUG_STEPS, inside_dug
from garden_env.layout import LAWN, PATH, SOIL, STONE, Layout
from garden_env.plants import Atlas, build_atlas
from garden_env.render.codes import ZONE0
from garden_env.render.texture import cloudy, ranked, tiles, wall_tops
from scenarios.tables import SPECIES

FINE = 4  # the ground's codes are kept at a quarter of the layout's cell
GROUND_LEVELS = 5
PATCH_CELLS = 2  # a cell of patches over the layout's cell: they are smooth, and small tables stay in the cache
MOST_PLANTS = 255 - ZONE0
PATCH_TINT = 4  # patch layers: one a cover, in the order of `codes.COVERS`, then the tint of the ground
DROPS_LEAVES = ("tree", "shrub", "rose")


class SceneArrays(NamedTuple):
    """Static arrays, as the kernels take them.

    Attributes:
        texels, texel_offset: the texture tiles of `garden_env.render.texture.tiles`.
        wall_tops: (5, 512) float64, outline of each kind of wall [m].
        ground, ground_offset, ground_size: (N,) uint8 codes, level after level; (L,) int64; (L, 2) int64 rows, columns.
            Level 0 has cells of `cell_m / 4`, each next one of twice that.
        patch: (R, C, 8) uint8, where each cover comes first (high) or last (low), then how bright the ground is.
        walls: (W, 7) float64, x0, y0, x1, y1, height, rise, length [m].
        wall_kind: (W,) int64.
        sprites, sprite_offset: the atlas, (M,) int64, level after level, one pixel's eight codes a number (the first
            in the lowest byte); (5,) int64.
        sprite_span: `garden_env.plants.Atlas.spans`.
        cell_m: (3,) float64, cells of `ground` level 0, of shadows, and of `patch`.
    """

    texels: np.ndarray
    texel_offset: np.ndarray
    wall_tops: np.ndarray
    ground: np.ndarray
    ground_offset: np.ndarray
    ground_size: np.ndarray
    patch: np.ndarray
    walls: np.ndarray
    wall_kind: np.ndarray
    sprites: np.ndarray
    sprite_offset: np.ndarray
    sprite_span: np.ndarray
    cell_m: np.ndarray


class Scene:
    """A garden made ready for drawing.

    Args:
        layout: where everything stands.
        atlas: the sprites of `layout.drawn_species`; drawn if not given.

    Raises:
        ValueError: more plants than the ground's codes can name.
    """

    def __init__(self, layout: Layout, atlas: Atlas | None = None) -> None:
        if len(layout.plant_species) > MOST_PLANTS:
            raise ValueError(
                f"a scene holds at most {MOST_PLANTS} plants, not {len(layout.plant_species)}; plant fewer"
            )
        self.layout = layout
        self.atlas = build_atlas(layout.drawn_species) if atlas is None else atlas
        texels, texel_offset = tiles()
        ground, ground_offset, ground_size = _ground(layout)
        sprites, sprite_offset = _sprites(self.atlas)
        ends = (layout.wall_x0_m, layout.wall_y0_m, layout.wall_x1_m, layout.wall_y1_m)
        length_m = np.hypot(ends[2] - ends[0], ends[3] - ends[1])
        self.arrays = SceneArrays(
            texels=texels,
            texel_offset=texel_offset,
            wall_tops=wall_tops(),
            ground=ground,
            ground_offset=ground_offset,
            ground_size=ground_size,
            patch=_patches(layout),
            walls=np.stack([*ends, layout.wall_height_m, layout.wall_rise_m, length_m], axis=1),
            wall_kind=layout.wall_kind.astype(np.int64),
            sprites=sprites,
            sprite_offset=sprite_offset,
            sprite_span=self.atlas.spans,
            cell_m=np.array([layout.cell_m / FINE, layout.cell_m, layout.cell_m * PATCH_CELLS]),
        )
        self._dug: dict[int, SceneArrays] = {0: self.arrays}

    def at(self, dug: int) -> SceneArrays:
        """The arrays when a new bed is dug to one of `arrivals.DUG_STEPS` sizes; 0 is none. Kept once made."""
        if dug not in self._dug:
            ground = _dig(self.layout, self.arrays, dug / DUG_STEPS)
            self._dug[dug] = self.arrays._replace(ground=ground)
        return self._dug[dug]


def _sprites(atlas: Atlas) -> tuple[np.ndarray, np.ndarray]:
    flat = [level.ravel().view("<i8") for level in atlas.levels]
    return np.concatenate(flat), np.cumsum([0] + [level.size for level in flat[:-1]])


def _ground(layout: Layout) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Codes at a finer grain, with edges that wander instead of following cells."""
    rows, cols = layout.material.shape
    big = (rows * FINE, cols * FINE)
    row, col = np.mgrid[0 : big[0], 0 : big[1]].astype(np.float32)
    at = [
        (line + 0.5) / FINE
        - 0.5
        + (0.3 * cloudy(*big, 22, seed, wrap=False) + 0.15 * cloudy(*big, 6, seed + 2, wrap=False))
        for line, seed in ((row, 201), (col, 202))
    ]
    best, code = np.full(big, -1.0, np.float32), np.zeros(big, np.int16)
    for material in range(5):
        here = layout.material == material
        if not here.any():
            continue
        soft = cv2.GaussianBlur(here.astype(np.float32), (0, 0), 1.2, borderType=cv2.BORDER_REPLICATE)
        share = cv2.remap(
            soft, at[1].astype(np.float32), at[0].astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        code[share > best] = material
        np.maximum(best, share, out=best)
    # Soil beyond its cells takes the nearest zone; soil of no plant keeps the plain code.
    nearest = ndimage.distance_transform_edt(layout.zone < 0, return_distances=False, return_indices=True)
    zone = layout.zone[tuple(nearest)] if (layout.zone >= 0).any() else layout.zone  # pyright: ignore[reportArgumentType, reportCallIssue]
    zone = np.repeat(np.repeat(zone, FINE, axis=0), FINE, axis=1)
    code = np.where((code == SOIL) & (zone >= 0), ZONE0 + zone, code).astype(np.int16)
    levels = [code[(1 << k) // 2 :: 1 << k, (1 << k) // 2 :: 1 << k] for k in range(GROUND_LEVELS)]
    offset = np.cumsum([0] + [level.size for level in levels[:-1]])
    return (
        np.concatenate([level.ravel() for level in levels]).astype(np.uint8),
        offset,
        np.array([level.shape for level in levels]),
    )


def _dig(layout: Layout, arrays: SceneArrays, share: float) -> np.ndarray:
    """The ground's codes with bare soil where a new bed takes the place of lawn."""
    out = []
    for level, (rows, cols) in enumerate(arrays.ground_size):
        first, cell_m = arrays.ground_offset[level], arrays.cell_m[0] * (1 << level)
        code = arrays.ground[first : first + rows * cols].reshape(rows, cols)
        y_m, x_m = (np.mgrid[0:rows, 0:cols] + 0.5) * cell_m
        wander_m = 0.05 * cloudy(rows, cols, max(4.0, 0.2 / cell_m), 203, wrap=False) if level == 0 else None
        if wander_m is not None:
            finest = inside_dug(layout.arrivals.dug, share, x_m + wander_m, y_m + wander_m[::-1])
        step = 1 << level
        inside = finest[step // 2 :: step, step // 2 :: step]
        out.append(np.where(inside & (code == LAWN), SOIL, code).astype(np.uint8).ravel())
    return np.concatenate(out)


def _patches(layout: Layout) -> np.ndarray:
    """Where puddles stand, leaves gather, petals fall and snow lies longest; and patches of light and dark ground."""
    rows, cols = layout.material.shape
    x_m, y_m = np.meshgrid((np.arange(cols) + 0.5) * layout.cell_m, (np.arange(rows) + 0.5) * layout.cell_m)
    seed = 300 + int(layout.plant_seed.sum() % 100_000) * 10
    edge_m = np.minimum(np.minimum(x_m, layout.width_m - x_m), np.minimum(y_m, layout.depth_m - y_m))
    under = np.zeros((2, rows, cols))
    for p, kind in enumerate(layout.plant_species):
        row = SPECIES[layout.species[kind]]
        if row.form in DROPS_LEAVES and row.habit == "deciduous":
            away = np.hypot(x_m - layout.plant_x_m[p], y_m - layout.plant_y_m[p]) / (row.spread_m * 0.8)
            under[0] += (1.6 if row.form == "tree" else 0.5) * np.exp(-(away**2))
            under[1] += (2.0 if row.form == "tree" else 0.8) * np.exp(-(away**2) * 2)
    hollow = np.isin(layout.material, (LAWN, SOIL, PATH, STONE)) * 0.5 * (layout.material == PATH)
    fields = (
        cloudy(rows, cols, 14, seed, wrap=False) + hollow,
        cloudy(rows, cols, 12, seed + 1, wrap=False) + under[0] + np.exp(-edge_m / 0.25),
        cloudy(rows, cols, 12, seed + 2, wrap=False) + under[1],
        cloudy(rows, cols, 16, seed + 3, wrap=False) + 0.8 * np.exp(-edge_m / 0.4),
    )
    patch = np.stack([ranked(field) for field in fields] + [np.zeros((rows, cols))])
    tint = cloudy(rows, cols, 36, seed + 4, wrap=False) + 0.7 * cloudy(rows, cols, 9, seed + 5, wrap=False)
    patch[PATCH_TINT] = np.clip(128 + 14 * tint, 0, 255)
    patch = patch[:, ::PATCH_CELLS, ::PATCH_CELLS]
    out = np.zeros((*patch.shape[1:], 8), np.uint8)
    out[..., :5] = np.rint(patch).transpose(1, 2, 0)
    return out
