"""Decoding of images that a stranger may have made."""

import struct
import zlib

import cv2
import numpy as np

MOST_PIXELS = 2**27  # 134 megapixels; the largest cameras have 150, and nobody trains a small net on them
DEFLATE_RATIO = 1032  # bytes that a byte of a PNG unfolds to, at most; a pixel has at least a bit
BLOCK_PX = 64  # of a JPEG, for which it has at least a bit
SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_SIZE = struct.Struct(">16x2I")


def decoded(content: bytes, how: int) -> np.ndarray | None:
    """The pixels of an image file, uint8.

    Args:
        content: of the file.
        how: one of `cv2.IMREAD_*`.

    Returns:
        The pixels; None if it is no whole image, or a PNG or JPEG of more than `MOST_PIXELS`, or than so few bytes can
        hold. Of other kinds OpenCV takes 2**30 pixels, and on the command line as many as here (`run_sim.py`).
    """
    for size_px, pixels_a_byte in ((png_size_px(content), 8 * DEFLATE_RATIO), (_jpeg_size_px(content), 8 * BLOCK_PX)):
        if size_px is not None and size_px[0] * size_px[1] > min(MOST_PIXELS, pixels_a_byte * len(content)):
            return None
    if content.startswith(SIGNATURE) and not _chunks_are_whole(content):
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


def _jpeg_size_px(content: bytes) -> tuple[int, int] | None:
    """Height and width by the first frame header of a JPEG file (ITU-T T.81, B.2.2); None if it has none."""
    at = 2
    while content.startswith(b"\xff\xd8") and at + 9 <= len(content) and content[at] == 0xFF:
        kind = content[at + 1]
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(content[at + 5 : at + 7]), int.from_bytes(content[at + 7 : at + 9])
        at += 1 if kind == 0xFF else 2 + int.from_bytes(content[at + 2 : at + 4])
    return None


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
