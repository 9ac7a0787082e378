"""The log of a run as TensorBoard scalars: a run of its own for each learner, steps are days."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from agent.export.error import ExportError, refuse_existing
from agent.export.tables import tables

SHARED = "stream"
"""The run that holds what all learners share: inputs and alarms."""
Scalar = tuple[str, str, int, date, float]


def to_tensorboard(run: Path, out: Path) -> list[Path]:
    """Write the scalars of a run.

    Tags: `stream/miou`, `stream/copy_miou`, `stream/loss`; `probe/<bank>/mean` and `probe/<bank>/<phase>`, mIoU as a
    share of 1; `checkup/<name>`; for what all share `inputs/<name>` and `alarms/<detector>` (1 where one was raised).
    A step is a day of the life, and the wall time of a point is the date in the garden.

    Args:
        run: its folder.
        out: a folder that does not exist yet; `tensorboard --logdir OUT` shows it.

    Returns:
        The files of events.

    Raises:
        ExportError: `out` exists, or TensorBoard is not installed.
        FileNotFoundError: the run has no log.
    """
    refuse_existing(out)
    found = tables(run)
    try:
        from torch.utils.tensorboard.writer import SummaryWriter
    except ImportError as error:
        raise ExportError(
            "TensorBoard is not installed; install it (python -m pip install tensorboard), or export --to parquet"
        ) from error
    writers: dict[str, Any] = {}
    try:
        for who, tag, day, when, value in scalars(found):
            if who not in writers:
                writers[who] = SummaryWriter(str(out / who))
            writers[who].add_scalar(tag, value, day, walltime=_noon(when))
    finally:
        for writer in writers.values():
            writer.close()
    return sorted(path for path in out.rglob("*") if path.is_file())


def scalars(found: dict[str, list[dict[str, Any]]]) -> Iterator[Scalar]:
    """Who, tag, day, date and value of every scalar of a run's tables."""
    for row in found.get("stream", []):
        for name in ("miou", "copy_miou", "loss"):
            yield from _scalar(row, row["learner"], f"stream/{name}", row[name])
    marks: dict[tuple[str, str, int], list[dict[str, Any]]] = {}
    for row in found.get("probes", []):
        yield from _scalar(row, row["learner"], f"probe/{row['bank']}/{row['phase']}", row["miou"])
        marks.setdefault((row["learner"], row["bank"], row["step"]), []).append(row)
    for (learner, bank, _), rows in marks.items():
        known = [row["miou"] for row in rows if row["miou"] is not None]
        yield from _scalar(rows[0], learner, f"probe/{bank}/mean", sum(known) / len(known) if known else None)
    for row in found.get("checkups", []):
        yield from _scalar(row, row["learner"], f"checkup/{row['name']}", row["value"])
    for row in found.get("inputs", []):
        for name, value in row.items():
            if name.startswith(("statistics.", "signals.")):
                yield from _scalar(row, SHARED, f"inputs/{name}", value)
    for row in found.get("alarms", []):
        yield from _scalar(row, SHARED, f"alarms/{row['detector']}", 1.0)


def _scalar(row: dict[str, Any], who: str, tag: str, value: float | None) -> Iterator[Scalar]:
    if value is not None:
        yield who, tag.replace(" ", "_"), int(row["day"]), row["date"], float(value)


def _noon(day: date) -> float:
    """Seconds since 1970 of noon of a date."""
    return datetime.combine(day, time(12), tzinfo=UTC).timestamp()
