"""What a machine does to a run: its disk is full or read-only, memory is short, a process is killed.

Each ends the run, and is told in one sentence that says what would help and how to go on; `docs/reliability.md` has the
table. Whatever else goes wrong is a mistake in somebody's program, and keeps its traceback.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOM = "make room there"
HELPS = {
    errno.ENOSPC: ROOM,
    errno.EDQUOT: ROOM,
    errno.EFBIG: "let files be larger there",
    errno.EROFS: "make it writable",
    errno.EACCES: "make it writable",
    errno.EPERM: "make it writable",
}
LESS_MEMORY = "close other programs, or give fewer --workers"


class CutShort(OSError):
    """A run that the machine has ended; the message says what happened, what would help, and how to go on."""


@contextmanager
def telling(folder: Path, begun: Path) -> Iterator[None]:
    """What ends a run within this is told as `CutShort`, if it was the machine's doing.

    Args:
        folder: of the run.
        begun: the file without which there is nothing to go on from.

    Raises:
        CutShort: the machine has ended it.
    """
    try:
        yield
    except BaseException as error:
        told = None if isinstance(error, CutShort) else cut_short(error, folder, goes_on=begun.exists())
        if told is None:
            raise
        raise told from error


def cut_short(error: BaseException, folder: Path, *, goes_on: bool) -> CutShort | None:
    """The sentence for an error that ended a run; None if that was not the machine's doing.

    Args:
        error: that ended it.
        folder: of the run.
        goes_on: whether there is a checkpoint to go on from.

    >>> full = OSError(errno.ENOSPC, "No space left on device", "runs/a/metrics.jsonl")
    >>> print(cut_short(full, Path("runs/a"), goes_on=True))
    runs/a/metrics.jsonl: No space left on device. Make room there, then: python run_sim.py resume runs/a
    """
    if out_of_memory(error):
        said, helps = (
            f"{folder}: out of memory ({' '.join(str(error).split())[:200] or 'it did not say where'})",
            LESS_MEMORY,
        )
    elif isinstance(error, ChildProcessError):
        said, _, helps = str(error).partition(": ")
        said = f"{folder}: {said}"
    elif isinstance(error, OSError):
        said = f"{error.filename or folder}: {error.strerror or error}"
        helps = HELPS.get(error.errno or 0, "see to that")
    else:
        return None
    how = f"python run_sim.py resume {folder}" if goes_on else "begin the run anew, for it has no checkpoint yet"
    return CutShort(f"{said}. {helps[:1].upper()}{helps[1:]}, then: {how}")


def out_of_memory(error: BaseException) -> bool:
    """Whether there was too little memory; PyTorch and OpenCV have errors of their own for that."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    said = str(error)
    return isinstance(error, Exception) and ("DefaultCPUAllocator" in said or "(-4:Insufficient memory)" in said)
