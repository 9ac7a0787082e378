"""The window looks as it was when somebody last looked at it; see `tests.garden_env.window_golden`."""

import cv2
import numpy as np
import pytest

from tests.garden_env.window_golden import LOOKS, SIZES, path, picture, wanted

MEAN, FAR, SHARE_FAR = 1.0, 40, 0.01  # grey levels: letters differ a little from one FreeType to the next


def apart(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Mean difference of two pictures, and the share of pixels that differ much."""
    away = np.abs(one.astype(int) - other.astype(int))
    return float(away.mean()), float((away.max(-1) > FAR).mean())


@pytest.mark.parametrize(
    ("name", "size"), wanted(), ids=lambda value: value if isinstance(value, str) else str(value[0])
)
def test_the_window_looks_as_it_did(name, size):
    kept = cv2.imread(str(path(name, size)))
    assert kept is not None, f"{path(name, size)} is missing: python -m tests.garden_env.window_golden"
    mean, far = apart(picture(name, size), kept[..., ::-1])
    assert mean <= MEAN and far <= SHARE_FAR, f"{name} at {size}: mean {mean:.2f}, {100 * far:.1f} % of pixels far off"


def test_the_tolerance_tells_overlays_and_layouts_apart():
    kept = {name: picture(name, SIZES[1]) for name in LOOKS}
    for one in kept:
        for other in kept:
            if one != other:
                mean, far = apart(kept[one], kept[other])
                assert mean > MEAN or far > SHARE_FAR, f"{one} and {other} pass for each other"
