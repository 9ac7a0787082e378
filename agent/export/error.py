"""What goes wrong when something is written out or read back."""

from pathlib import Path


class ExportError(ValueError):
    """Something cannot be exported or read back; the message says what was given and what would do."""


def refuse_existing(out: Path) -> None:
    """See that nothing would be written over.

    Raises:
        ExportError: there is something already.
    """
    if out.exists():
        raise ExportError(f"{out} exists already, and nothing is written over; name another folder with --out")
