"""What a life was like on earlier days: a few checkpoints along it, which stay when the run has finished.

`resume` needs the latest checkpoint alone. `fork` wants one before any day, so that what comes after need not be lived
from the beginning: at most so many of every life, evenly spread, `history/<learner>/day-NNNN.ckpt`. They are copies of
what is set aside anyway (`agent.checkpoint`), so keeping them changes nothing in a run.
"""

import re
from pathlib import Path

FOLDER = "history"
_NAMED = re.compile(r"day-(\d{4,})\.ckpt")


def history_path(folder: Path, name: str, day: int) -> Path:
    """Where a run keeps the checkpoint of a life that was made on a day.

    >>> history_path(Path("run"), "er+ewc", 111).as_posix()
    'run/history/er+ewc/day-0111.ckpt'
    """
    return folder / FOLDER / name / f"day-{day:04d}.ckpt"


def history_days(folder: Path, name: str) -> tuple[int, ...]:
    """The days of which a checkpoint of a life was kept, the first one first; none where nothing was kept."""
    named = (_NAMED.fullmatch(path.name) for path in (folder / FOLDER / name).glob("*"))
    return tuple(sorted(int(match[1]) for match in named if match))


def stays(days: int, last_days: int, *, sets: int, of_days: int) -> bool:
    """Whether a checkpoint is one of those that stay: the first at or after each of `sets` even parts of a life.

    Args:
        days: lived at this checkpoint, since commissioning.
        last_days: lived at the one before it; 0 for none.
        sets: how many stay of a life, at most.
        of_days: of the life, since commissioning.

    >>> [day for day in range(30, 435, 30) if stays(day, day - 30, sets=4, of_days=435)]
    [90, 180, 270, 360]
    """
    return days * (sets + 1) // of_days > last_days * (sets + 1) // of_days and days < of_days
