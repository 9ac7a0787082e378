"""Pictures of the life as a run leaves them: what was seen, what was true, what each learner thought."""

import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from garden_env.whole import write_whole
from scenarios.untrusted import read_arrays

FILE_NAME = "strips.npz"
_PREDICTED = "pred_"
MOST_BYTES = 256_000_000  # unfolded; a default run has one million


@dataclass(frozen=True)
class Strips:
    """K moments of the life.

    Attributes:
        rgb: (K, H, W, 3) uint8, what the camera saw.
        truth: (K, h, w) uint8 classes, 255 = no answer.
        predicted: by learner, (K, h, w) uint8 classes.
        titles: K titles; what follows a '|' is printed smaller ('deep winter|1 February').
    """

    rgb: NDArray[np.uint8]
    truth: NDArray[np.uint8]
    predicted: dict[str, NDArray[np.uint8]]
    titles: tuple[str, ...]

    def __post_init__(self) -> None:
        for name, mask in {"truth": self.truth, **self.predicted}.items():
            if mask.shape != self.truth.shape or len(mask) != len(self.titles) or len(mask) != len(self.rgb):
                raise ValueError(
                    f"'{name}' has shape {mask.shape} beside {len(self.titles)} titles and rgb {self.rgb.shape}; "
                    f"expected ({len(self.titles)}, {self.truth.shape[1]}, {self.truth.shape[2]})"
                )


def joined(strips: Strips, others: Strips) -> Strips:
    """Pictures, and those of learners beside them that others have of the same moments.

    Args:
        strips: they stay as they are.
        others: of which those of further learners are added, if all moments are the same.
    """
    if others.titles != strips.titles or not np.array_equal(others.rgb, strips.rgb):
        return strips
    more = {name: mask for name, mask in others.predicted.items() if name not in strips.predicted}
    return replace(strips, predicted={**more, **strips.predicted})


def save_strips(folder: Path, strips: Strips) -> None:
    """Write `strips.npz` into a run's folder; plain arrays, no pickle."""
    arrays: dict[str, Any] = {_PREDICTED + name: mask for name, mask in strips.predicted.items()}
    arrays |= {"rgb": strips.rgb, "truth": strips.truth, "titles": np.array(strips.titles, dtype=np.str_)}
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    write_whole(folder / FILE_NAME, content.getvalue())


def load_strips(folder: Path) -> Strips | None:
    """Read `strips.npz` from a run's folder, or None if the run left none.

    Raises:
        ValueError: it is damaged, too large, or holds something else.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return None
    arrays = read_arrays(path, most_bytes=MOST_BYTES)
    predicted = {key.removeprefix(_PREDICTED): array for key, array in arrays.items() if key.startswith(_PREDICTED)}
    try:
        rgb, truth, titles = arrays["rgb"], arrays["truth"], arrays["titles"]
        whole = rgb.ndim == 4 and rgb.shape[3] == 3 and truth.ndim == 3 and titles.ndim == 1
        if not whole or {rgb.dtype, truth.dtype, *(mask.dtype for mask in predicted.values())} != {np.dtype(np.uint8)}:
            raise ValueError(f"rgb is {rgb.shape} {rgb.dtype}, truth {truth.shape} {truth.dtype}")
        return Strips(rgb, truth, predicted, tuple(str(title) for title in titles))
    except (KeyError, ValueError) as error:
        raise ValueError(f"{path}: holds no pictures of a run ({error}); take it away, or run again") from error
