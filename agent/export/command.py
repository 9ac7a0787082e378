"""The command `export`."""

from collections.abc import Sequence
from pathlib import Path

from agent.arguments import parsed
from agent.export.options import ExportOptions


def main(arguments: Sequence[str]) -> int:
    """Write something out; returns the exit status."""
    options = parsed(
        ExportOptions,
        list(arguments),
        "export",
        "Write the log of a run as tables or scalars, or a stream as a dataset. Nothing is written over.",
    )
    print(export(options))
    return 0


def export(options: ExportOptions) -> str:
    """Write something out; each library is loaded only by who needs it.

    Returns:
        One line on what was written.

    Raises:
        ExportError: it cannot be; the message says what would do.
        FileNotFoundError: there is no such run.
    """
    out = options.target
    if options.to == "parquet":
        from agent.export.parquet import to_parquet

        files = to_parquet(Path(options.what), out)
        return f"{out}: {len(files)} tables: {', '.join(path.stem for path in files)}"
    if options.to == "tensorboard":
        from agent.export.tensorboard import to_tensorboard

        to_tensorboard(Path(options.what), out)
        return f"{out}: show it with tensorboard --logdir {out}"
    if options.to == "folder":
        from agent.export.folder import to_folder

        return f"{out}: {to_folder(Path(options.what), out)} images; live there with run_sim.py --frames {out}"
    from agent.export.reading import read_index
    from agent.export.shards import write_shards
    from agent.export.source import place_of

    place = place_of(options.what, seed=options.seed, quick=options.quick)
    index = read_index(write_shards(place, out, frames_per_shard=options.frames_per_shard).parent)
    return f"{out}: {index['frames']} frames in {len(index['shards'])} shards"
