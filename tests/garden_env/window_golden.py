"""Small pictures of the window as it should look; `python -m tests.garden_env.window_golden` draws them anew.

Whoever draws them anew looks at every one of them before they are kept.
"""

from pathlib import Path

import cv2
import numpy as np

from garden_env.viewer.drawing import draw
from garden_env.viewer.keys import told_keys, usual_keys
from garden_env.viewer.layout import lay_out, scale_of
from garden_env.viewer.state import OVERLAYS, Hand
from tests.garden_env.window_state import mind_of, state_of

FOLDER = Path(__file__).parent / "golden"
SIZES = ((640, 400), (1280, 720), (1920, 1080))
WIDTH_PX = 320  # to which they are made smaller
KEYS = told_keys(usual_keys())
LOOKS = {overlay: Hand(overlay=overlay, steps_s=7.9, beliefs=overlay == "error") for overlay in OVERLAYS}
OTHERS = {"help": Hand(help=True, keys=KEYS), "alone": Hand(steps_s=7.9), "compact": Hand(hud="compact", solo=1)}


def picture(name: str, size: tuple[int, int]) -> np.ndarray:
    """The window of a size, small, (H, W, 3) uint8; 'alone' is without a learner."""
    hand, mind = (LOOKS | OTHERS)[name], None if name == "alone" else mind_of()
    layout = lay_out(*size, camera_aspect=4 / 3, plan_aspect=1.25, hud=hand.hud, mind=mind is not None)
    camera = layout.camera.pixels(scale_of(*size))
    state = state_of(camera.width, camera.height, mind=mind, seasons=hand.overlay == "seasons")
    small = WIDTH_PX, round(WIDTH_PX * size[1] / size[0])
    return cv2.resize(draw(state, hand, *size), small, interpolation=cv2.INTER_AREA)


def path(name: str, size: tuple[int, int]) -> Path:
    """Where it is kept."""
    return FOLDER / f"window-{name}-{size[0]}.png"


def wanted() -> list[tuple[str, tuple[int, int]]]:
    """All that are kept: overlays at three sizes, and others at the least."""
    return [(name, size) for size in SIZES for name in LOOKS] + [(name, SIZES[0]) for name in OTHERS]


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, size in wanted():
        cv2.imwrite(str(path(name, size)), picture(name, size)[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])
