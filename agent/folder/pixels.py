"""From a file of any size to what a net takes in and answers."""

import struct
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from agent.folder.error import FolderError
from agent.images import MOST_PIXELS, decoded, png_size_px
from agent.monitor.scores import ClassInfo
from agent.teacher import AGREEING, STRIDE
from scenarios.tables import IGNORE

MAJORITY = AGREEING / STRIDE**2  # of the area under an output pixel, as where four camera pixels lie under it
_ROUNDING = 1e-5  # of a share of an area
_PNG_HEAD = struct.Struct(">8s4s4sIIBB")  # signature, length and name of the first chunk; width, height, depth, kind
_PNG_KINDS = {0: "grey", 2: "RGB", 3: "palette", 4: "grey with transparency", 6: "RGB with transparency"}
SINGLE_CHANNEL = 0


def read_image(path: Path, content: bytes) -> np.ndarray:
    """Decode an image, upright if its file says which way is up.

    Args:
        path: for errors.
        content: of the file.

    Returns:
        (H, W, 3) uint8.

    Raises:
        FolderError: it cannot be decoded.
    """
    return _decode(path, content, cv2.IMREAD_COLOR_RGB)


def read_mask(path: Path, content: bytes, classes: Sequence[ClassInfo], size_px: tuple[int, int]) -> np.ndarray:
    """Decode a mask of class ids.

    Args:
        path: for errors.
        content: of the file.
        classes: in the order of their ids.
        size_px: height and width of its image.

    Returns:
        (H, W) uint8, class ids and 255.

    Raises:
        FolderError: it is no single-channel 8-bit PNG, has another size, or holds an id that is not in the table.
    """
    wanted = "a mask is a PNG with one channel of 8 bits, whose values are class ids"
    if len(content) < _PNG_HEAD.size or content[1:4] != b"PNG":
        raise FolderError(f"{path}: not a PNG file; {wanted}")
    *_, depth, kind = _PNG_HEAD.unpack_from(content)
    if kind != SINGLE_CHANNEL or depth != 8:
        found = f"{_PNG_KINDS.get(kind, 'unknown')} of {depth} bits"
        raise FolderError(f"{path}: {found}; {wanted}: turn its colours into ids, docs/own_data.md shows how")
    claimed_px = png_size_px(content)
    if claimed_px is not None and claimed_px != size_px:  # before anything is unfolded
        (height, width), (rows, columns) = claimed_px, size_px
        raise FolderError(f"{path}: {width} x {height} px beside an image of {columns} x {rows}; give both one size")
    mask = _decode(path, content, cv2.IMREAD_GRAYSCALE)
    met = np.flatnonzero(np.bincount(mask.ravel(), minlength=IGNORE + 1))
    unknown = met[(met >= len(classes)) & (met != IGNORE)]
    if len(unknown):
        known = ", ".join(f"{number} {info.name}" for number, info in enumerate(classes[:4]))
        more = ", ..." if len(classes) > 4 else ""
        raise FolderError(
            f"{path}: the value {unknown[0]} is no class; classes.yaml has the ids 0 to {len(classes) - 1} "
            f"({known}{more}), and {IGNORE} is no answer"
        )
    return mask


def shrink(image: np.ndarray, frame_px: tuple[int, int]) -> np.ndarray:
    """An image (H0, W0, 3) uint8 at another size (height, width), every pixel the mean of the area that it covers."""
    height, width = frame_px
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8)


def label_map(mask: np.ndarray, label_px: tuple[int, int]) -> np.ndarray:
    """The answer at a net's output size, by the rule of `agent.teacher.answer` for masks of any size.

    The answer is the class that fills at least three quarters of the area under an output pixel; where none does,
    the pixel is a mixture and there is no answer.

    Args:
        mask: (H0, W0) uint8, class ids, 255 is no answer.
        label_px: height and width of the answer.

    Returns:
        (height, width) uint8.

    >>> label_map(np.array([[1, 1, 2, 3], [1, 4, 2, 3]], np.uint8), (1, 2))
    array([[  1, 255]], dtype=uint8)
    """
    height, width = label_px
    answer = np.full(label_px, IGNORE, np.uint8)
    for value in np.flatnonzero(np.bincount(mask.ravel(), minlength=IGNORE)[:IGNORE]):
        share = cv2.resize((mask == value).astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
        answer[share >= MAJORITY - _ROUNDING] = value
    return answer


def _decode(path: Path, content: bytes, how: int) -> np.ndarray:
    pixels = decoded(content, how)
    if pixels is None:
        most = f"no whole image of at most {MOST_PIXELS / 1e6:.0f} megapixels"
        state = f"{len(content)} bytes that are {most}" if content else "the file is empty"
        raise FolderError(f"{path}: {state}; save it anew, or take it away")
    return pixels
