"""The command `sweep`."""

import json
from collections.abc import Sequence

from agent.arguments import parsed
from agent.sweep.on_ray import INSTALL, is_installed
from agent.sweep.options import SweepOptions
from agent.sweep.page import RESULT
from agent.sweep.progress import Progress
from agent.sweep.run import sweep
from agent.sweep.terminal import print_sweep


def main(arguments: Sequence[str]) -> int:
    """Carry out a sweep; returns the exit status: 0 done, 1 if a trial failed, 130 interrupted."""
    options = parsed(
        SweepOptions,
        arguments,
        "sweep",
        "Learners x scenarios x seeds x options, a run each: on this machine, or on a Ray cluster. What is "
        "done is not done again, so the same command goes on with a sweep that was interrupted.",
    )
    progress = Progress()
    if not is_installed() and options.address is None and options.workers != 1:
        progress.console.print(
            f"Without Ray trials go one after another; several at a time: {INSTALL}", highlight=False
        )
    folder = sweep(options, progress)
    data = json.loads((folder / RESULT).read_text(encoding="utf-8"))
    print_sweep(data, folder, progress.console)
    return 130 if data["interrupted"] else 1 if data["failed"] else 0
