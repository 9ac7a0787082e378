"""The log of a run as Parquet files, a file a table."""

import tempfile
from pathlib import Path

from agent.export.error import refuse_existing
from agent.export.tables import tables


def to_parquet(run: Path, out: Path) -> list[Path]:
    """Write the tables of a run, see `agent.export.tables`.

    Args:
        run: its folder.
        out: a folder that does not exist yet.

    Returns:
        The files, `<table>.parquet`.

    Raises:
        ExportError: `out` exists.
        FileNotFoundError: the run has no log.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    refuse_existing(out)
    found = tables(run)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".unfinished-") as scratch:
        whole = Path(scratch) / "tables"
        whole.mkdir()
        for name, rows in found.items():
            columns = list(dict.fromkeys(key for row in rows for key in row))
            table = pa.table({key: [row.get(key) for row in rows] for key in columns})
            pq.write_table(table, whole / f"{name}.parquet")
        whole.rename(out)
    return sorted(out.iterdir())
