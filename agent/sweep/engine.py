"""How trials are carried out: what an engine is, and the one that needs nothing, one trial after another."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from agent.crew import Send, Stop
from agent.sweep.life import Outcome, live
from agent.sweep.trials import Trial
from agent.sweep.watch import STOP


@dataclass(frozen=True)
class Began:
    """An attempt at a trial has been handed out."""

    name: str


@dataclass(frozen=True)
class Lost:
    """The worker of a trial has died; the trial is tried again."""

    name: str
    attempt: int
    said: str


class Engine(Protocol):
    """Carries out trials; sends `Began`, `Lost` and, once a trial is settled, its `Outcome`."""

    @property
    def told(self) -> str:
        """How many at a time, and where, in words."""
        ...

    def carry_out(self, trials: Sequence[Trial], sweep: Path, send: Send, stop: Stop) -> None:
        """Carry trials out until all are settled, or `stop` is true and those under way have stopped.

        Args:
            trials: which, in the order in which they should begin.
            sweep: the sweep's folder, an absolute path.
            send: takes what happens.
            stop: asked now and then.
        """
        ...


class InOrder:
    """One trial after another in this process."""

    told = "one after another"

    def carry_out(self, trials: Sequence[Trial], sweep: Path, send: Send, stop: Stop) -> None:
        for trial in trials:
            if stop():
                return
            send(Began(trial.name))
            outcome = live(trial, sweep)
            send(outcome)
            if outcome.ended == "stopped":  # by Ctrl-C, which the run has heard
                return


def ask_to_stop(sweep: Path) -> None:
    """Ask all trials of a sweep to stop, wherever they are lived; they set themselves aside."""
    (sweep / STOP).touch()


class Gate:
    """Which trials may begin: of those that train the same references, one first, and the others find them trained.

    Args:
        trials: that are left.
        settled: fingerprints of the places whose references are there.
    """

    def __init__(self, trials: Sequence[Trial], settled: Sequence[str] = ()) -> None:
        self._waiting = list(trials)
        self._settled, self._busy = dict.fromkeys(settled), dict[str, None]()

    def open(self) -> list[Trial]:
        """Those that may begin now and have not, in order."""
        found, kept = [], []
        for trial in self._waiting:
            place = trial.place.fingerprint
            if not trial.options.references or place in self._settled:
                found.append(trial)
            elif place not in self._busy:
                self._busy[place] = None
                found.append(trial)
            else:
                kept.append(trial)
        self._waiting = kept
        return found

    def ended(self, trial: Trial, outcome: Outcome) -> None:
        """A trial is settled."""
        place = trial.place.fingerprint
        self._busy.pop(place, None)
        if outcome.ended == "finished":
            self._settled[place] = None
