"""The rows of a sweep as a Parquet table; what the clock said is another, for that is never the same."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from garden_env.whole import write_whole

TABLE, CLOCK = "sweep.parquet", "clock.parquet"


def write_table(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows, in their order; columns in the order in which they first appear, lists of numbers as lists.

    Args:
        path: of the file; one that is there is replaced.
        rows: with single values or lists of numbers; what a row does not have is null.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = list(dict.fromkeys(name for row in rows for name in row))
    table = pa.table({name: [row.get(name) for row in rows] for name in columns})
    content = io.BytesIO()
    pq.write_table(table, content)
    write_whole(path, content.getvalue())
