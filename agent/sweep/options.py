"""What can be chosen for a sweep beside its file."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from agent.sweep.spec import SweepError


@dataclass(frozen=True)
class SweepOptions:
    """Options of a sweep."""

    sweep: Annotated[Path, tyro.conf.Positional]
    """What to do: a YAML file as examples/sweep.yaml is one; docs/sweep.md explains it."""
    address: str | None = None
    """Use the Ray cluster at this address, HOST:PORT or auto, from one of its nodes; all nodes need these sources, and
    the sweep's folder at the same path."""
    workers: int | None = None
    """Trials at a time on this machine, by Ray; all its cores by default. 1, or without Ray: one after another."""
    retries: int = 3
    """How often a trial is taken up again whose worker died."""
    out: Path | None = None
    """The sweep's folder; runs/sweep/<name> by default. What is done in it is not done again."""

    def check(self) -> None:
        """See that the options make sense.

        Raises:
            SweepError: one does not.
        """
        if self.workers is not None and self.workers < 1:
            raise SweepError(f"--workers is {self.workers}; give at least 1")
        if self.workers is not None and self.address is not None:
            raise SweepError("--workers is of this machine, and --address names a cluster with workers of its own; "
                             "give one of them")  # fmt: skip
        if self.retries < 0:
            raise SweepError(f"--retries is {self.retries}; give at least 0")

    @property
    def at_a_time(self) -> int:
        """Trials at a time on this machine."""
        return self.workers or cores()


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
