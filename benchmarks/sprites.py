"""Every species at every phase of its life and every droop, on one sheet: `python benchmarks/sprites.py [--out FILE]`.

A plain reading of the atlas's rules, for the eye; the renderer has its own, fast one.
"""

import argparse
import time
from datetime import date
from pathlib import Path

import cv2
import numpy as np

from garden_env.almanac import make_almanac
from garden_env.plants import PROPS, SIZE_PX, Atlas, build_atlas, foliage_rgb, pigments, plant_jitter
from scenarios.spec import GardenSpec, Scenario
from scenarios.tables import SPECIES, Species

# name: leaf, senescence, bloom, fruit, snow, wilt, droop
PHASES: dict[str, tuple[float, float, float, float, float, float, int]] = {
    "bud": (0.45, 0.0, 0.0, 0.0, 0.0, 0.0, 0),
    "opening": (0.8, 0.0, 0.3, 0.0, 0.0, 0.0, 0),
    "bloom": (1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0),
    "leaf": (1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0),
    "half": (1.0, 0.0, 0.5, 0.5, 0.0, 0.5, 1),
    "hanging": (1.0, 0.0, 0.5, 0.5, 0.0, 1.0, 2),
    "autumn": (0.9, 0.7, 0.0, 1.0, 0.0, 0.0, 0),
    "falling": (0.4, 1.0, 0.0, 0.3, 0.0, 0.0, 0),
    "bare": (0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0),
    "bare bloom": (0.05, 0.0, 1.0, 0.0, 0.0, 0.0, 0),
    "snow": (1.0, 0.0, 0.0, 0.0, 0.7, 0.0, 0),
    "bare snow": (0.0, 0.0, 0.0, 0.0, 0.9, 0.0, 0),
}
GROUND = np.array([0.62, 0.70, 0.60])
SNOW = np.array([0.95, 0.96, 1.0])


def picture(
    codes: np.ndarray, row: Species, leaf_rgb: np.ndarray, leaf: float, bloom: float, fruit: float, snow: float
):
    """Colour one sprite, (S, S, 8) uint8 -> (S, S, 3) float, by the rules in `Atlas`."""
    wood, green, green_rank, petal, petal_rank, berry, berry_rank, catch = np.moveaxis(codes.astype(float), -1, 0)
    rgb = np.broadcast_to(GROUND, (*wood.shape, 3)).copy()
    holds = np.zeros(wood.shape, bool)
    for seen, colour, shade, hold in (
        (wood > 0, row.wood_rgb, wood / 128, catch > 0),
        ((green > 0) & (green_rank < 255 * leaf), leaf_rgb * 255, green / 128, catch % 2 > 0),
        ((berry > 0) & (berry_rank < 255 * fruit), row.fruit_rgb, berry / 128, catch < 0),
        ((petal > 0) & (petal_rank < 255 * bloom) & (petal < 128), row.petal_rgb, petal / 64, catch < 0),
        ((petal > 127) & (petal_rank < 255 * bloom), row.centre_rgb, (petal - 128) / 64, catch < 0),
    ):
        rgb[seen] = (np.array(colour) / 255 * shade[..., None])[seen]
        holds[seen] = hold[seen]
    white = holds & (catch + 255 * snow >= 256)
    rgb[white] = SNOW
    return rgb


def sheet(atlas: Atlas, zoom_px: int = SIZE_PX, level: int = 0, variant: int | None = None) -> np.ndarray:
    """All species by all phases, (H, W, 3) uint8 RGB."""
    palette = pigments(atlas.species)
    lines = []
    for s, name in enumerate(atlas.species):
        cells = []
        for n, (leaf, aged, bloom, fruit, snow, wilt, droop) in enumerate(PHASES.values()):
            one = np.ones(1)
            colour = foliage_rgb(
                palette, np.array([s]), leaf=leaf * one, senescence=aged * one, killed=0 * one, wilt=wilt * one,
                winter=float(snow > 0) * one, jitter=plant_jitter(np.array([n])) * 0,
            )[0]  # fmt: skip
            codes = atlas.levels[level][atlas.sprite_id(s, n % 3 if variant is None else variant, droop)]
            small = picture(codes, SPECIES[name], colour, leaf, bloom, fruit, snow)
            cells.append(cv2.resize(small, (zoom_px, zoom_px), interpolation=cv2.INTER_NEAREST))
        lines.append(np.concatenate(cells, 1))
    return (np.clip(np.concatenate(lines, 0), 0, 1) * 255).astype(np.uint8)


def year(atlas: Atlas, climate: str, zoom_px: int = SIZE_PX, every_days: int = 26) -> np.ndarray:
    """Each species through a year of a climate, as tall as it is on that day; (H, W, 3) uint8 RGB."""
    scenario = Scenario(
        name="sheet",
        climate=climate,
        garden=GardenSpec(species=atlas.species),
        start=date(2030, 1, 10),
        days=400,
        commissioning_days=1,
    )
    almanac = make_almanac(scenario, 7)
    palette = pigments(atlas.species)
    lines = []
    for s, name in enumerate(atlas.species):
        at = almanac.species.index(name)
        cells = []
        for day in range(0, 366, every_days):
            leaf, senescence, bloom, fruit, killed, growth = (
                float(getattr(almanac, column)[day, at])
                for column in ("leaf", "senescence", "bloom", "fruit", "killed", "growth")
            )
            one = np.ones(1)
            colour = foliage_rgb(
                palette, np.array([s]), leaf=leaf * one, senescence=senescence * one, killed=killed * one,
                wilt=0 * one, winter=float(almanac.tmean_c[day] < 4) * one, jitter=np.zeros((1, 3)),
            )[0]  # fmt: skip
            snow = min(1.0, almanac.swe_mm[day] / 8)
            small = picture(
                atlas.codes[atlas.sprite_id(s, day % 3, 0)], SPECIES[name], colour, leaf, bloom, fruit, snow
            )
            cell = np.broadcast_to(GROUND, (zoom_px, zoom_px, 3)).copy()
            size = max(1, round(zoom_px * growth))
            cell[zoom_px - size :, (zoom_px - size) // 2 : (zoom_px - size) // 2 + size] = cv2.resize(
                small, (size, size), interpolation=cv2.INTER_NEAREST
            )
            cells.append(cell)
        lines.append(np.concatenate(cells, 1))
    return (np.clip(np.concatenate(lines, 0), 0, 1) * 255).astype(np.uint8)


def props(atlas: Atlas, zoom_px: int = SIZE_PX) -> np.ndarray:
    """All props, bare and snowed on."""
    cells = []
    for snow in (0.0, 0.9):
        for kind, prop in enumerate(PROPS.values()):
            codes = atlas.codes[atlas.prop_id(kind)]
            small = picture(codes, prop, np.array(prop.leaf_rgb) / 255, 1, 1, 1, snow)  # pyright: ignore[reportArgumentType]
            cells.append(cv2.resize(small, (zoom_px, zoom_px), interpolation=cv2.INTER_NEAREST))
    return (np.clip(np.concatenate(cells, 1), 0, 1) * 255).astype(np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("sprites.png"))
    parser.add_argument("--species", nargs="*", default=[name for name in SPECIES if name != "lawn"])
    parser.add_argument("--zoom", type=int, default=SIZE_PX)
    parser.add_argument("--level", type=int, default=0)
    parser.add_argument("--variant", type=int, default=None)
    parser.add_argument("--climate", default="humid_continental")
    args = parser.parse_args()
    build_atlas(tuple(args.species[:1]))
    begin = time.perf_counter()
    build_atlas.cache_clear()
    atlas = build_atlas(tuple(args.species))
    print(f"{len(atlas.codes)} sprites, {atlas.nbytes / 1e6:.1f} MB, {time.perf_counter() - begin:.2f} s")
    picture_rgb = sheet(atlas, args.zoom, args.level, args.variant)
    cv2.imwrite(str(args.out), picture_rgb[..., ::-1])
    year_rgb = year(atlas, args.climate, args.zoom)
    cv2.imwrite(str(args.out.with_stem(args.out.stem + "-year")), year_rgb[..., ::-1])
    cv2.imwrite(str(args.out.with_stem(args.out.stem + "-props")), props(atlas, args.zoom)[..., ::-1])


if __name__ == "__main__":
    main()
