"""One trial: begun, gone on with where its last worker left it, or begun anew where that cannot be; its rows are kept.

A trial that is over has a file of rows, written whole as the last thing; until then its folder is that of a run which
may be gone on with from its checkpoints (`agent.resume`), to the same bits as if nothing had happened.
"""

import json
import os
import platform
import time
import traceback
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from agent.checkpoint import ABOUT
from agent.checkpoint import FOLDER as CHECKPOINTS
from agent.claim import ClaimError
from agent.crew import steady
from agent.resume import ResumeOptions, resume
from agent.run import RunError, run
from agent.sources import code_hash
from agent.sweep.rows import rows_of
from agent.sweep.trials import ATTEMPTS, TRIALS, Trial, versions_here
from agent.sweep.watch import STOP, TrialWatcher
from garden_env.whole import write_whole
from scenarios.untrusted import read_json

SUMMARY = "summary.json"
PATIENCE_S = 60.0  # for a worker that is thought dead to let go of the folder
Begun = Literal["begun", "resumed", "begun anew", "read"]


@dataclass(frozen=True)
class Outcome:
    """What became of an attempt at a trial.

    Attributes:
        name: of the trial.
        ended: finished; stopped, and to be gone on with; or failed, of itself.
        begun: how the attempt began; read: all was done but for the rows.
        said: why it was begun anew, or why it failed.
        host: where it was lived.
        seconds: that the attempt took by the clock,
        cpu_seconds: and of the processor.
    """

    name: str
    ended: Literal["finished", "stopped", "failed"]
    begun: Begun = "begun"
    said: str = ""
    host: str = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0


class SourcesDiffer(ValueError):
    """A worker that has other sources than who started the sweep, or another folder."""


def live(trial: Trial, sweep: Path) -> Outcome:
    """Carry a trial out, or go on with it; whatever goes wrong within it is told in the outcome.

    Args:
        trial: which.
        sweep: the sweep's folder.
    """
    host, started_s, started_cpu_s = platform.node(), time.perf_counter(), time.process_time()
    attempt = _Attempt(trial, sweep, host)
    try:
        attempt.check()
        if (sweep / STOP).exists():
            return Outcome(trial.name, "stopped", host=host)
        ended = attempt.carry_out()
        took_s, cpu_s = time.perf_counter() - started_s, time.process_time() - started_cpu_s
        return Outcome(trial.name, ended, attempt.begun, attempt.said, host, round(took_s, 1), round(cpu_s, 2))
    except KeyboardInterrupt:  # before there was anything to report
        return Outcome(trial.name, "stopped", attempt.begun, host=host)
    except Exception as error:  # one trial that cannot be lived must not take the others with it
        write_whole(sweep / ATTEMPTS / f"{trial.name}.error.txt", traceback.format_exc().encode())
        return Outcome(trial.name, "failed", attempt.begun, f"{type(error).__name__}: {error}", host)
    finally:
        attempt.watcher.close()


class _Attempt:
    """One attempt at a trial."""

    def __init__(self, trial: Trial, sweep: Path, host: str) -> None:
        self.begun: Begun = "begun"
        self.said = ""
        self.watcher = TrialWatcher(sweep, trial.name, host, self._note)
        self._trial, self._sweep, self._host = trial, sweep, host
        self._folder = trial.folder(sweep)

    def check(self) -> None:
        """See that here is what the sweep was started with."""
        if not self._sweep.is_dir():
            raise SourcesDiffer(f"{self._host} does not see {self._sweep}; all nodes need it at the same path")
        if code_hash() != self._trial.code:
            raise SourcesDiffer(
                f"{self._host} has other sources ({code_hash()}) than who started the sweep ({self._trial.code}); "
                "install the same ones on all nodes"
            )
        if versions_here() != self._trial.versions:
            apart = sorted(dict(set(versions_here()) ^ set(self._trial.versions)))
            raise SourcesDiffer(
                f"{self._host} has another {', '.join(apart)} than who started the sweep; install the same on all nodes"
            )

    def carry_out(self) -> Literal["finished", "stopped"]:
        """Live what is left of the trial, and keep its rows if it comes to its end."""
        steady()
        if not self._folder.exists():
            self._begin()
        elif not _is_over(self._folder):
            self._go_on()
        else:
            self.begun = "read"
        if read_json(self._folder / SUMMARY)["ended"] != "finished":
            return "stopped"
        kept = json.dumps({"trial": self._trial.name, "rows": rows_of(self._trial, self._folder)}, indent=1)
        write_whole(self._trial.row_file(self._sweep), f"{kept}\n".encode())
        return "finished"

    def _begin(self) -> None:
        trial = self._trial
        options = replace(trial.options, out=self._sweep / TRIALS)
        run(options, self.watcher, scenario=trial.scenario, pace=trial.pace, name=trial.name)

    def _go_on(self) -> None:
        self.begun = "resumed"
        late_s = time.monotonic() + PATIENCE_S
        while True:
            try:
                resume(ResumeOptions(self._folder, workers=0), self.watcher)
                return
            except ClaimError:  # its last worker is not quite dead
                if time.monotonic() > late_s:
                    raise
                time.sleep(0.5)
            except RunError as error:  # it died too early, or here is another kind of machine
                aside = _set_aside(self._folder)
                self.begun, self.said = "begun anew", f"{error} (what there was is in {aside.name})"
                self._begin()
                return

    def _note(self) -> None:
        """Write down that an attempt begins."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        row = {"began": now, "host": self._host, "pid": os.getpid(), "begun": self.begun, "said": self.said}
        path = attempts_file(self._sweep, self._trial.name)
        path.parent.mkdir(exist_ok=True)
        with path.open("a", encoding="utf-8") as log:
            log.write(json.dumps(row) + "\n")


def attempts_file(sweep: Path, name: str) -> Path:
    """Where the attempts at a trial are noted, a line each."""
    return sweep / ATTEMPTS / f"{name}.jsonl"


def attempts_of(sweep: Path, name: str) -> list[dict[str, Any]]:
    """The attempts at a trial, in order."""
    path = attempts_file(sweep, name)
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def _is_over(folder: Path) -> bool:
    """Whether a run has come to its end and needs nothing more."""
    if not (folder / SUMMARY).is_file() or (folder / CHECKPOINTS / ABOUT).exists():
        return False
    return read_json(folder / SUMMARY).get("ended") == "finished"


def _set_aside(folder: Path) -> Path:
    """Move what cannot be gone on with out of the way; nothing is removed."""
    for number in range(1, 1000):
        aside = folder.with_name(f"{folder.name}.left-{number}")
        if not aside.exists():
            return folder.rename(aside)
    raise RunError(f"{folder} has been begun a thousand times; see why, and move it away")
