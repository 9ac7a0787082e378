"""What can be chosen for an export."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import tyro

from agent.export.shards import FRAMES_PER_SHARD


@dataclass(frozen=True)
class ExportOptions:
    """Options of an export."""

    what: tyro.conf.Positional[str]
    """The folder of a run; with --to frames also a scenario; with --to folder a dataset of frames."""
    to: Literal["parquet", "tensorboard", "frames", "folder"]
    """parquet: the log as tables. tensorboard: the log as scalars. frames: the stream as sharded images, masks and
    dates. folder: such a dataset as a folder for `run_sim.py --frames`."""
    out: Path | None = None
    """Where to; a folder that does not exist yet. By default beside the run, named by the kind."""
    seed: int | None = None
    """Of a scenario's stream; 0 if not given."""
    quick: bool = False
    """Of a scenario: the coarse year of `run_sim.py --quick`."""
    frames_per_shard: int = FRAMES_PER_SHARD
    """Frames of a shard."""

    @property
    def target(self) -> Path:
        """Where to: what was named, else a folder within a run's, or one in `runs/` for a scenario's frames."""
        if self.out is not None:
            return self.out
        given = Path(self.what)
        if self.to == "folder":
            return given.with_name(f"{given.name}-folder")
        if given.is_dir():
            return given / self.to
        return Path("runs") / f"{given.stem}-{self.seed or 0}-frames"
