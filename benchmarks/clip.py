"""A film as a moving picture that any page shows: `python benchmarks/clip.py FILM.mp4 CLIP.webp`."""

from pathlib import Path

import cv2
import numpy as np
import tyro


def main(film: tyro.conf.Positional[Path], clip: tyro.conf.Positional[Path], /, width_px: int = 720, quality: int = 55,
         hold_s: float = 2.0) -> None:  # fmt: skip
    """Write a film as an animated WebP.

    Args:
        film: an .mp4 file of `run_sim.py view --record`.
        clip: the file to write.
        width_px: of the clip; the film is made smaller to it.
        quality: of the pictures, 1 to 100.
        hold_s: how long the last one stays [s].
    """
    reader = cv2.VideoCapture(str(film))
    every_ms = round(1000.0 / reader.get(cv2.CAP_PROP_FPS)) if reader.isOpened() else 0
    frames: list[np.ndarray] = []
    while True:
        there, picture = reader.read()
        if not there:
            break
        size = (width_px, round(width_px * picture.shape[0] / picture.shape[1]))
        frames.append(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
    reader.release()
    if not frames:
        raise SystemExit(f"{film} is no film that can be read")
    moving = cv2.Animation()
    moving.frames, moving.durations = frames, [every_ms] * (len(frames) - 1) + [round(1000.0 * hold_s)]
    if not cv2.imwriteanimation(str(clip), moving, [cv2.IMWRITE_WEBP_QUALITY, quality]):
        raise SystemExit(f"{clip} cannot be written")
    print(f"wrote {clip}: {len(frames)} pictures, {clip.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    tyro.cli(main)
