"""The frames of a folder at the size of the net: decoded once, and kept where all processes of a run can read them.

A photograph of twelve megapixels takes half a second to decode, and a run needs it in every process; at 64 x 64 it has
13 kB with its answer. So what is decoded is written to a cache, named by the hash of all files, and mapped into memory
from there: a folder of any length takes no more memory than what is looked at.
"""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from agent.folder.error import FolderError
from agent.folder.listing import Listing
from agent.folder.pixels import label_map, read_image, read_mask, shrink
from agent.teacher import STRIDE
from scenarios.tables import IGNORE

FORMAT = 1  # of what is kept; where frames are shrunk in another way, it is another
IMAGES_FILE, TRUTH_FILE = "images.npy", "truth.npy"
Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class Frames:
    """N frames in the order of time.

    Attributes:
        images: (N, 3, H, W) uint8.
        truth: (N, h, w) uint8, 255 is no answer.
    """

    images: np.ndarray
    truth: np.ndarray


def content_hash(listing: Listing) -> str:
    """Sixteen hexadecimal digits over class table, names and contents of all files; not over where they lie.

    Raises:
        FolderError: a file cannot be read.
    """
    digest = hashlib.sha256(repr(listing.classes).encode())
    for image, mask in zip(listing.images, listing.masks, strict=True):
        for path in (image, mask):
            content = b"" if path is None else read(path)
            digest.update(f"{path and path.name} {len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()[:16]


def keep_frames(
    listing: Listing, frame_px: tuple[int, int], cache: Path, tell: Tell = lambda done, total: None
) -> tuple[str, Path]:
    """Read and check every file, and write the frames to the cache, unless they are there.

    Args:
        listing: what is to be read.
        frame_px: height and width of a frame.
        cache: a folder, made if it does not exist.
        tell: is told how many frames are decoded, and of how many.

    Returns:
        The content hash, and where the frames are kept, for `map_frames`.

    Raises:
        FolderError: a file cannot be used, or the cache cannot be written.
    """
    contents = content_hash(listing)
    height, width = frame_px
    kept = cache / f"{contents}-{height}x{width}-{FORMAT}-{cv2.__version__}"
    if kept.is_dir():
        return contents, kept
    try:
        cache.mkdir(parents=True, exist_ok=True)
        _check_room(listing, frame_px, cache)
        with TemporaryDirectory(dir=cache, prefix=".") as made:  # what breaks off leaves nothing that looks whole
            _decode_all(listing, frame_px, Path(made) / "frames", tell)
            if not kept.is_dir():  # nobody was faster
                (Path(made) / "frames").rename(kept)
    except OSError as error:
        raise FolderError(f"{cache}: frames cannot be kept there ({error}); name another folder") from error
    return contents, kept


def map_frames(kept: Path) -> Frames:
    """The frames that `keep_frames` has left, read-only and read from disk as they are needed.

    Raises:
        FolderError: they are gone.
    """
    try:
        images, truth = (np.asarray(np.load(kept / name, mmap_mode="r")) for name in (IMAGES_FILE, TRUTH_FILE))
    except OSError as error:
        raise FolderError(f"{kept}: the frames are gone ({error.strerror}); begin anew") from error
    return Frames(images, truth)


def bytes_of(frames: int, frame_px: tuple[int, int]) -> int:
    """What so many frames take with their answers [bytes].

    >>> bytes_of(1, (64, 64))
    13312
    """
    height, width = frame_px
    return frames * (3 * height * width + (height // STRIDE) * (width // STRIDE))


def read(path: Path) -> bytes:
    """The content of a file.

    Raises:
        FolderError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise FolderError(f"{path}: cannot be read ({error.strerror or error})") from error


def _decode_all(listing: Listing, frame_px: tuple[int, int], made: Path, tell: Tell) -> None:
    """Decode, check and shrink all files into two arrays on disk."""
    made.mkdir()
    height, width = frame_px
    label_px, total = (height // STRIDE, width // STRIDE), len(listing.images)
    images = np.lib.format.open_memmap(made / IMAGES_FILE, "w+", np.uint8, (total, 3, height, width))
    truth = np.lib.format.open_memmap(made / TRUTH_FILE, "w+", np.uint8, (total, *label_px))
    for row, (path, mask_path) in enumerate(zip(listing.images, listing.masks, strict=True)):
        image = read_image(path, read(path))
        images[row] = shrink(image, frame_px).transpose(2, 0, 1)
        truth[row] = IGNORE
        if mask_path is not None:
            mask = read_mask(mask_path, read(mask_path), listing.classes, image.shape[:2])
            truth[row] = label_map(mask, label_px)
        tell(row + 1, total)
    images.flush()
    truth.flush()


def _check_room(listing: Listing, frame_px: tuple[int, int], cache: Path) -> None:
    needed, free = bytes_of(len(listing.images), frame_px), shutil.disk_usage(cache).free
    if needed > free:
        height, width = frame_px
        raise FolderError(
            f"{cache}: {len(listing.images)} frames of {width} x {height} px need {needed / 1e6:.0f} MB and "
            f"{free / 1e6:.0f} MB are free, enough for {free // bytes_of(1, frame_px)}; "
            "name another folder, or choose smaller frames"
        )
