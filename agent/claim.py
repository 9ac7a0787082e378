"""One writer: a process that writes to a run's folder holds it, and a second one is refused."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows has no such lock; there, nothing is held
    fcntl = None

FILE_NAME = "writer.lock"


class ClaimError(ValueError):
    """A folder that somebody else is writing to."""


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Hold a folder. The system lets go of it when the process ends, however it ends, so nothing stays locked.

    Raises:
        ClaimError: another process holds it.
    """
    path = folder / FILE_NAME
    file = _hold(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)  # while it is held: whoever opened it meanwhile finds it gone and opens another
        file.close()


def _hold(path: Path) -> IO[str]:
    while True:
        file = path.open("a+", encoding="utf-8")
        try:
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            holder = file.read().strip() or "of a number not yet written"
            file.close()
            raise ClaimError(
                f"{path.parent} is being written by process {holder}; wait until it has ended, or end it"
            ) from error
        if fcntl is None or _is_still(path, file):
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
            return file
        file.close()


def _is_still(path: Path, file: IO[str]) -> bool:
    """Whether the file that was opened is the one that lies there now."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False
