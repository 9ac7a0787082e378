"""Films: H.264 in MP4, which browsers play; written frame by frame, never over a file that is there."""

from pathlib import Path
from typing import Any

import numpy as np


class Film:
    """A film in the making; also a context manager.

    Args:
        path: ends in .mp4; its folder is made.
        fps: frames a second.

    Raises:
        ValueError: the path does not end in .mp4.
        FileExistsError: there is a file of that name.
    """

    def __init__(self, path: Path, fps: float = 24.0) -> None:
        if path.suffix != ".mp4":
            raise ValueError(f"a film's name ends in .mp4, given {path}")
        if path.exists():
            raise FileExistsError(f"{path} exists already; name another file, or move it away")
        import imageio.v2 as imageio  # only who films needs it

        path.parent.mkdir(parents=True, exist_ok=True)
        self.path, self.frames = path, 0
        self._size: tuple[int, int] | None = None
        self._writer: Any = imageio.get_writer(path, fps=fps, codec="libx264", quality=7, macro_block_size=2)

    def add(self, rgb: np.ndarray) -> None:
        """Add a frame (H, W, 3) uint8; all have the size of the first, cut to even sides, as the codec asks.

        Raises:
            ValueError: another size; a window that changes its size begins another film.
        """
        even = rgb[: rgb.shape[0] // 2 * 2, : rgb.shape[1] // 2 * 2]
        if self._size is None:
            self._size = even.shape[:2]
        if even.shape[:2] != self._size:
            raise ValueError(f"a frame of {even.shape[:2]} px in a film of {self._size}")
        self._writer.append_data(np.ascontiguousarray(even))
        self.frames += 1

    def fits(self, rgb: np.ndarray) -> bool:
        """Whether a frame has the size of those before."""
        return self._size in (None, (rgb.shape[0] // 2 * 2, rgb.shape[1] // 2 * 2))

    def close(self) -> None:
        """Finish it; may be called twice."""
        self._writer.close()

    def __enter__(self) -> "Film":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def free_name(folder: Path, stem: str, suffix: str) -> Path:
    """A name in a folder that nothing has yet: stem, stem-2, stem-3 and so on."""
    number = 1
    while (path := folder / f"{stem}{f'-{number}' if number > 1 else ''}{suffix}").exists():
        number += 1
    return path
