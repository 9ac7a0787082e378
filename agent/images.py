"""Decoding of images that a stranger may have made."""

import os
import struct

MOST_PIXELS = 2**27  # 134 megapixels; the largest cameras have 150, and nobody trains a small net on them
# read when OpenCV is first loaded: without it a file of a few kB may unfold to three gigabytes
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(MOST_PIXELS))

import cv2  # noqa: E402
import numpy as np  # noqa: E402

_PNG_SIZE = struct.Struct(">16x2I")


def decoded(content: bytes, how: int) -> np.ndarray | None:
    """The pixels of an image file, uint8.

    Args:
        content: of the file.
        how: one of `cv2.IMREAD_*`.

    Returns:
        The pixels; None if it is no whole image, or one of more than `MOST_PIXELS`.
    """
    if content[1:4] == b"PNG" and len(content) >= _PNG_SIZE.size:
        width, height = _PNG_SIZE.unpack_from(content)
        if width * height > MOST_PIXELS:
            return None
    try:
        pixels = cv2.imdecode(np.frombuffer(content, np.uint8), how)
    except cv2.error:  # empty, or larger than OpenCV takes
        return None
    return None if pixels is None else np.asarray(pixels, np.uint8)
