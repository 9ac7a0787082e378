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


def refuse_claimed(folder: Path) -> None:
    """See that nobody is writing to a folder, and leave no trace in it.

    Raises:
        ClaimError: somebody is.
    """
    path = folder / FILE_NAME
    if fcntl is None or not path.is_file():
        return
    with path.open(encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError as error:
            raise ClaimError(_said(folder, file)) from error


def _hold(path: Path) -> IO[str]:
    while True:
        file = path.open("a+", encoding="utf-8")
        try:
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            with file:
                raise ClaimError(_said(path.parent, file)) from error
        if fcntl is None or _is_still(path, file):
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
            return file
        file.close()


def _said(folder: Path, file: IO[str]) -> str:
    """Who holds a folder, from its lock."""
    file.seek(0)
    holder = file.read().strip() or "of a number not yet written"
    return f"{folder} is being written by process {holder}; wait until it has ended, or end it"


def _is_still(path: Path, file: IO[str]) -> bool:
    """Whether the file that was opened is the one that lies there now."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False
