"""A sweep: carry out what is left of its trials, and tell of all of them in one table and one page."""

import json
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from agent.claim import FILE_NAME as CLAIM
from agent.claim import claimed
from agent.crew import Crew
from agent.options import Pace
from agent.sweep.engine import Engine, InOrder
from agent.sweep.life import Outcome, attempts_of
from agent.sweep.on_ray import OnRay, is_installed
from agent.sweep.options import SweepOptions
from agent.sweep.page import RESULT, write_page
from agent.sweep.rows import Row, clock_of
from agent.sweep.spec import Sweep, SweepError, read_sweep
from agent.sweep.table import CLOCK, TABLE, write_table
from agent.sweep.told import FORMAT, told
from agent.sweep.trials import PROGRESS, Trial, trials_of
from agent.sweep.watch import STOP
from garden_env.whole import write_whole
from scenarios.untrusted import UntrustedError, read_json

HOME = Path("runs/sweep")


class SweepWatcher:
    """What a sweep tells while it goes on; this one is silent, the command's display is another."""

    def begin(self, folder: Path, trials: Sequence[Trial], done: Sequence[str], engine: str) -> None:
        """Trials are about to be carried out, but for those that are done; how, in words."""

    def tell(self, message: Any) -> None:
        """`Began`, `Lost` or an `Outcome`."""

    def end(self) -> None:
        """No trial is under way any more."""


def sweep(
    options: SweepOptions,
    watcher: SweepWatcher | None = None,
    *,
    given: Sweep | None = None,
    pace: Pace | None = None,
    engine: Engine | None = None,
) -> Path:
    """Carry out a sweep, or go on with one: trials that are over are not lived again, half-lived ones are resumed.

    Args:
        options: which, and how.
        watcher: is told what happens.
        given: a sweep made in Python, in place of the file `options.sweep`.
        pace: how much each run does, in place of what its option `quick` means.
        engine: carries the trials out, in place of what the options name.

    Returns:
        The sweep's folder: sweep.parquet, clock.parquet, sweep.json, sweep.html, and a run's folder for each trial in
        trials/.

    Raises:
        SweepError: the sweep, an option or the folder makes no sense.
        ClaimError: another process carries out a sweep in that folder.
    """
    options.check()
    watcher = watcher or SweepWatcher()
    meant = given or read_sweep(options.sweep)
    trials = trials_of(meant, pace)
    folder = _folder(options, meant)
    with claimed(folder):
        for left in (folder / STOP, *(folder / PROGRESS).glob("*")):
            left.unlink(missing_ok=True)
        waiting = [trial for trial in trials if not trial.row_file(folder).exists()]
        interrupted, outcomes = False, dict[str, Outcome]()

        def handle(message: Any) -> None:
            if isinstance(message, Outcome):
                outcomes[message.name] = message
            watcher.tell(message)

        if waiting:
            with _engine(options, engine, waiting) as doing, Crew(0) as crew:
                done = [trial.name for trial in trials if trial not in waiting]
                watcher.begin(folder, trials, done, doing.told)
                try:  # the engine is a crew's one task, for that is what hears Ctrl-C
                    crew.run([lambda send, stop: doing.carry_out(waiting, folder, send, stop)], handle)
                except KeyboardInterrupt:
                    crew.stop()
                finally:
                    watcher.end()
                interrupted = crew.interrupted or any(out.ended == "stopped" for out in outcomes.values())
        (folder / STOP).unlink(missing_ok=True)
        conclude(folder, meant, trials, outcomes, interrupted=interrupted)
    return folder


def conclude(
    folder: Path, meant: Sweep, trials: Sequence[Trial], outcomes: dict[str, Outcome], *, interrupted: bool
) -> None:
    """Write tables and page from what the trials have come to.

    Args:
        folder: of the sweep.
        meant: the sweep.
        trials: all of its trials.
        outcomes: of this time's, by trial.
        interrupted: whether it was stopped.
    """
    rows: list[Row] = []
    clock: list[Row] = []
    for trial in trials:
        if trial.row_file(folder).exists():
            rows += read_json(trial.row_file(folder))["rows"]
            attempts = attempts_of(folder, trial.name)
            tried = {"attempts": len(attempts), "resumed": sum(row["begun"] == "resumed" for row in attempts),
                     "host": attempts[-1]["host"], "began": attempts[0]["began"]}  # fmt: skip
            clock += [row | tried for row in clock_of(trial, trial.folder(folder))]
    failed = {name: outcome for name, outcome in outcomes.items() if outcome.ended == "failed"}
    data = told(meant, trials, rows, failed, interrupted=interrupted)
    write_table(folder / TABLE, rows)
    write_table(folder / CLOCK, clock)
    write_whole(folder / RESULT, (json.dumps(data, indent=1, allow_nan=False) + "\n").encode())
    write_page(folder)


def _engine(options: SweepOptions, engine: Engine | None, waiting: Sequence[Trial]) -> Any:
    """What carries the trials out, as a context; Ray only where it is worth its start."""
    if engine is not None:
        return nullcontext(engine)
    many = options.at_a_time > 1 and len(waiting) > 1 and is_installed()
    if options.address is None and not many:
        return nullcontext(InOrder())
    workers = min(options.at_a_time, len(waiting))
    return OnRay(workers=workers, address=options.address, retries=options.retries)


def _folder(options: SweepOptions, meant: Sweep) -> Path:
    """The sweep's folder: a new one, or one of a sweep before.

    Raises:
        SweepError: it holds something else, or cannot be made.
    """
    folder = (options.out or HOME / meant.name).resolve()
    mark = folder / RESULT
    try:
        folder.mkdir(parents=True, exist_ok=True)
        others = [path.name for path in folder.iterdir() if path.name != CLAIM]
    except OSError as error:
        raise SweepError(f"{folder} cannot be made or read ({error}); name another folder with --out") from error
    if others and not mark.is_file():
        raise SweepError(f"{folder} holds {sorted(others)[0]!r} and no {RESULT}, so it is no sweep's; name another "
                         "folder with --out")  # fmt: skip
    if not others:
        write_whole(mark, (json.dumps({"format": FORMAT, "name": meant.name}) + "\n").encode())
        return folder
    try:
        found = read_json(mark)
    except UntrustedError as error:
        raise SweepError(f"{error}; remove it if the folder is a sweep's, or name another with --out") from error
    if found.get("format") != FORMAT:
        raise SweepError(
            f"{mark} has format {found.get('format')!r}; expected {FORMAT}: name another folder with --out"
        )
    return folder
