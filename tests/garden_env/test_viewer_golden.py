"""The window looks as it was when somebody last looked at it; see `tests.garden_env.window_golden`."""

import cv2
import numpy as np
import pytest

from tests.garden_env.window_golden import LOOKS, SIZES, path, picture, wanted

MEAN, TILE_MEAN = 0.5, 5.0  # grey levels, of the picture and of its worst tile: letters may differ a little
TILE_PX = 10


def apart(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Mean difference of two pictures, and that of the tile that differs most."""
    away = np.abs(one.astype(int) - other.astype(int)).mean(-1)
    rows, columns = (side // TILE_PX for side in away.shape)
    tiles = away[: rows * TILE_PX, : columns * TILE_PX].reshape(rows, TILE_PX, columns, TILE_PX).mean((1, 3))
    return float(away.mean()), float(tiles.max())


@pytest.mark.parametrize(
    ("name", "size"), wanted(), ids=lambda value: value if isinstance(value, str) else str(value[0])
)
def test_the_window_looks_as_it_did(name, size):
    kept = cv2.imread(str(path(name, size)))
    assert kept is not None, f"{path(name, size)} is missing: python -m tests.garden_env.window_golden"
    mean, worst = apart(picture(name, size), kept[..., ::-1])
    assert mean <= MEAN and worst <= TILE_MEAN, f"{name} at {size}: off by {mean:.2f}, in one place by {worst:.1f}"


def test_the_tolerance_tells_overlays_and_layouts_apart():
    kept = {name: picture(name, SIZES[1]) for name in LOOKS}
    for one in kept:
        for other in kept:
            if one != other:
                mean, worst = apart(kept[one], kept[other])
                assert mean > MEAN or worst > TILE_MEAN, f"{one} and {other} pass for each other"
