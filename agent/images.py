"""Decoding of images that a stranger may have made."""

import os
import struct
import zlib

MOST_PIXELS = 2**27  # 134 megapixels; the largest cameras have 150, and nobody trains a small net on them
# read when OpenCV is first loaded: without it a file of a few kB may unfold to three gigabytes
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(MOST_PIXELS))

import cv2  # noqa: E402
import numpy as np  # noqa: E402

DEFLATE_RATIO = 1032  # bytes that a byte of a PNG unfolds to, at most; a pixel has at least a bit
SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_SIZE = struct.Struct(">16x2I")


def decoded(content: bytes, how: int) -> np.ndarray | None:
    """The pixels of an image file, uint8.

    Args:
        content: of the file.
        how: one of `cv2.IMREAD_*`.

    Returns:
        The pixels; None if it is no whole image, or one of more than `MOST_PIXELS`.
    """
    size_px = png_size_px(content)
    if size_px is not None:
        most = min(MOST_PIXELS, 8 * DEFLATE_RATIO * len(content))
        if size_px[0] * size_px[1] > most or not _chunks_are_whole(content):
            return None
    try:
        pixels = cv2.imdecode(np.frombuffer(content, np.uint8), how)
    except cv2.error:  # empty, or larger than OpenCV takes
        return None
    return None if pixels is None else np.asarray(pixels, np.uint8)


def png_size_px(content: bytes) -> tuple[int, int] | None:
    """Height and width that a PNG file claims to have; None if it is no PNG."""
    if not content.startswith(SIGNATURE) or len(content) < _PNG_SIZE.size:
        return None
    width, height = _PNG_SIZE.unpack_from(content)
    return height, width


def _chunks_are_whole(content: bytes) -> bool:
    """Whether a PNG file is a row of whole chunks up to its end; OpenCV makes room for as much as a chunk claims."""
    at = len(SIGNATURE)
    while at + 12 <= len(content):
        length = int.from_bytes(content[at : at + 4])
        end = at + 12 + length
        if end > len(content) or zlib.crc32(content[at + 4 : end - 4]) != int.from_bytes(content[end - 4 : end]):
            return False
        if content[at + 4 : at + 8] == b"IEND":
            return True
        at = end
    return False
