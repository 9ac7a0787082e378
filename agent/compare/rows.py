"""The rows of a comparison as one Parquet table, a row a life."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agent.compare.intervals import measure
from agent.trial import Row

FLAT = ("stability", "in_time", "backward", "forward", "missed", "stale")
"""Measures that a table should not have to work out of a row's parts."""
NESTED = ("triangle", "settings", "changes", "realtime", "parts", "seasons")
"""Parts of a row that are no single value: JSON in a text column."""


def write_rows(path: Path, rows: Sequence[Row]) -> None:
    """Write all rows; lists of numbers stay lists, nested parts are JSON.

    Args:
        path: of the file, which must not exist.
        rows: of all lives, each with its `label`.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = list(dict.fromkeys(name for row in rows for name in row))
    table = pa.Table.from_pylist([_flat(row, names) for row in rows])
    with path.open("xb") as file:
        pq.write_table(table, file)


def _flat(row: Row, names: Sequence[str]) -> dict[str, Any]:
    flat = {name: json.dumps(row.get(name)) if name in NESTED else row.get(name) for name in names}
    return flat | {name: measure(row, name) for name in FLAT}
