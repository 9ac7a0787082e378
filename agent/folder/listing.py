"""What lies in a folder: images in the order of time, the mask of each, if it has one, and the class table."""

import math
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from agent.folder.class_table import read_classes
from agent.folder.error import FolderError
from agent.monitor.scores import ClassInfo

IMAGES, MASKS = "images", "masks"
READABLE = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")
LEFT_BEHIND = ("thumbs.db", "desktop.ini")  # by file managers; so are names that begin with a dot
EXAMPLES = "2025-04-20.jpg or 2025-04-20T10-15-00_0001.png"
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?!\d)|(\d{4})(\d\d)(\d\d)(?!\d)")
_TIME = re.compile(r"[Tt](\d\d)[-:.]?(\d\d)(?:[-:.]?(\d\d))?(?!\d)")


@dataclass(frozen=True)
class Listing:
    """The N images of a folder in the order of time.

    Attributes:
        root: the folder.
        images: (N) paths.
        masks: (N) paths, None where nobody answered.
        dates: (N).
        hours: (N) the clock's time [h]; NaN where the name does not tell it.
        classes: in the order of their ids.
    """

    root: Path
    images: tuple[Path, ...]
    masks: tuple[Path | None, ...]
    dates: tuple[date, ...]
    hours: tuple[float, ...]
    classes: tuple[ClassInfo, ...]

    @property
    def days(self) -> tuple[int, ...]:
        """(N) the day of every image since that of the first."""
        return tuple((day - self.dates[0]).days for day in self.dates)


def survey(root: Path) -> Listing:
    """Look through a folder by the names of its files; none is opened but the class table.

    Raises:
        FolderError: what is there is not laid out as `docs/own_data.md` has it.
    """
    if not root.is_dir():
        raise FolderError(f"{root}: no such folder; give one that holds {IMAGES}/, {MASKS}/ and classes.yaml")
    classes = read_classes(root)
    images, masks = (_by_stem(root / name) for name in (IMAGES, MASKS))
    if not images:
        raise FolderError(
            f"{root / IMAGES}: there is no image; put some there whose names begin with a date: {EXAMPLES}"
        )
    for stem, path in masks.items():
        if stem not in images:
            raise FolderError(f"{path}: {IMAGES}/ holds no image of that name; name it like its image, or take it away")
        if path.suffix.lower() != ".png":
            raise FolderError(f"{path}: a mask is a .png file, for what {path.suffix} files lose is the answer")
    when = {stem: _moment(path) for stem, path in images.items()}
    order = sorted(images, key=lambda stem: (when[stem][0], _natural(stem)))
    return Listing(
        root=root,
        images=tuple(images[stem] for stem in order),
        masks=tuple(masks.get(stem) for stem in order),
        dates=tuple(when[stem][0] for stem in order),
        hours=tuple(when[stem][1] for stem in order),
        classes=classes,
    )


def _by_stem(folder: Path) -> dict[str, Path]:
    """The files of a folder by their names without the ending."""
    if not folder.is_dir():
        raise FolderError(f"{folder}: no such folder; images belong into {IMAGES}/, their masks into {MASKS}/")
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name.lower() in LEFT_BEHIND:
            continue
        if path.suffix.lower() not in READABLE or path.is_dir():
            kind = "is a folder" if path.is_dir() else "is no image that can be read"
            raise FolderError(f"{path}: {kind}; put files here that end in {', '.join(READABLE)}, and nothing else")
        if path.stem in found:
            raise FolderError(f"{path}: {found[path.stem].name} has the same name but for its ending; rename one")
        found[path.stem] = path
    return found


def _moment(path: Path) -> tuple[date, float]:
    """Date and hour that a name begins with."""
    found = _DATE.match(path.name)
    if found is None:
        raise FolderError(f"{path}: the name begins with no date; rename it so that it does, as in {EXAMPLES}")
    try:
        day = date(*(int(part) for part in found.groups() if part is not None))
    except ValueError as error:
        raise FolderError(f"{path}: {found.group()} is no date ({error}); rename it, as in {EXAMPLES}") from error
    clock = _TIME.match(path.name, found.end())
    if clock is None:
        return day, math.nan
    hour, minute, second = (int(part or 0) for part in clock.groups())
    if hour > 23 or minute > 59 or second > 59:
        raise FolderError(f"{path}: {clock.group()} is no time of day; rename it, as in {EXAMPLES}")
    return day, hour + minute / 60 + second / 3600


def _natural(stem: str) -> tuple[tuple[str, int, str], ...]:
    """A key that sorts names as people do: numbers in them by their value.

    >>> sorted(["2025-04-20_10", "2025-04-20_9"], key=_natural)
    ['2025-04-20_9', '2025-04-20_10']
    """
    words = re.findall(r"(\D*)(\d*)", stem)
    return tuple((word, int(digits or -1), digits) for word, digits in words)
