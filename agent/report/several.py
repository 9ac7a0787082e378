"""Several runs beside each other: the same learner's numbers over them, with an interval."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.monitor.log import Log
from agent.monitor.summary import headline_bank, scores
from agent.past import read_config
from agent.ranking import half_interval
from agent.report.report import told_by


@dataclass(frozen=True)
class Run:
    """A run as its folder tells it.

    Attributes:
        name: of the folder.
        log: its log.
        config: its configuration; empty without one.
        summary: worked out from the log.
    """

    name: str
    log: Log
    config: Mapping[str, Any]
    summary: Mapping[str, Any]

    @classmethod
    def read(cls, folder: Path) -> "Run":
        """From a folder.

        Raises:
            FileNotFoundError: there is no run in it.
            ValueError: its log is damaged or of another version.
        """
        log, config = Log.read(folder), read_config(folder)
        return cls(folder.resolve().name, log, config, told_by(log, config, folder))

    @property
    def scenario(self) -> Mapping[str, Any]:
        """What was lived through, as configured."""
        return self.config.get("scenario") or self.config.get("frames") or {}

    @property
    def world(self) -> str:
        """A scenario and a seed, for people."""
        seed = self.config.get("options", {}).get("seed")
        return str(self.scenario.get("name", "unknown")) + ("" if seed is None else f", seed {seed}")


@dataclass(frozen=True)
class Spread:
    """A number over several runs.

    Attributes:
        values: one a run that has it.
        mean: of them.
        half: half of the 95 % interval of the mean (Student's t, runs as independent draws); None for a single run.
    """

    values: tuple[float, ...]
    mean: float
    half: float | None


@dataclass(frozen=True)
class Measure:
    """A number of a learner that is compared.

    Attributes:
        heading: its name.
        unit: as printed; shares are printed times 100.
        of: from what a summary says of a learner, and the headline bank; None where it is not known.
        more_is_better: which way is good.
    """

    heading: str
    unit: str
    of: Callable[[Mapping[str, Any], str], float | None]
    more_is_better: bool = True


def _part(part: str, key: str) -> Callable[[Mapping[str, Any], str], float | None]:
    return lambda told, _: (told[part] or {}).get(key)


MEASURES = (
    Measure("whole year, at the end", "% mIoU", lambda told, bank: told["miou"][bank]["end"]),
    Measure("season at hand", "% mIoU", _part("present", "mean")),
    Measure("gap closed", "%", _part("gap_closed", "end")),
    Measure("forgotten", "points", _part("stability", "mean"), more_is_better=False),
    Measure("plasticity gap", "points", _part("plasticity", "gap"), more_is_better=False),
    Measure("memorised", "points", _part("memorisation", "end"), more_is_better=False),
)


def spread(values: Sequence[float]) -> Spread | None:
    """Mean and half of its 95 % interval; None of nothing.

    >>> told = spread([0.50, 0.54, 0.58])
    >>> round(told.mean, 4), round(told.half, 4)
    (0.54, 0.0994)
    """
    if not len(values):
        return None
    given = np.asarray(values, dtype=np.float64)
    half = float(half_interval(given)) if len(given) > 1 else None
    return Spread(tuple(given.tolist()), float(given.mean()), half)


def learners_of(runs: Sequence[Run]) -> tuple[str, ...]:
    """All learners, in the order in which they first appear."""
    return tuple(dict.fromkeys(name for run in runs for name in run.log.learners))


def over_runs(runs: Sequence[Run], learner: str, measure: Measure) -> Spread | None:
    """A learner's number over all runs that have it."""
    told = [(run.summary["learners"][learner], run) for run in runs if learner in run.summary["learners"]]
    values = [measure.of(entry, run.summary["headline_bank"]) for entry, run in told]
    return spread([value for value in values if value is not None])


def costs_over(runs: Sequence[Run], learner: str, key: str) -> Spread | None:
    """What a learner paid, over all runs that logged it."""
    costs = [run.summary["learners"].get(learner, {}).get("cost", {}).get(key) for run in runs]
    return spread([cost for cost in costs if cost is not None])


def ahead(runs: Sequence[Run], learner: str, other: str, measure: Measure) -> Spread | None:
    """A learner's number minus another's, within each run that has both: what the runs share cancels out."""
    apart = []
    for run in runs:
        told, bank = run.summary["learners"], run.summary["headline_bank"]
        if learner in told and other in told:
            own, others = (measure.of(told[name], bank) for name in (learner, other))
            if own is not None and others is not None:
                apart.append(own - others)
    return spread(apart)


def curves(
    runs: Sequence[Run], learner: str, *, at_hand: bool
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64] | None]:
    """A learner's marks over the life, mean over runs, at the exams that all of them have.

    Args:
        runs: of one calendar.
        learner: whose; runs without it are left out.
        at_hand: the season at hand alone, else the mean over all seasons.

    Returns:
        days (T,), mean (T,) in shares of 1, half of its 95 % interval (T,) or None for a single run.
    """
    found = []
    for run in runs:
        days, matrix = scores(run.log, learner, headline_bank(run.log))
        if len(days):
            now = matrix[np.arange(len(days)), run.log.life.phase_of_day[days]]
            found.append(dict(zip(days.tolist(), now if at_hand else np.nanmean(matrix, axis=1), strict=True)))
    if not found:
        return np.zeros(0, np.int64), np.zeros(0), None
    shared = sorted(set.intersection(*(set(curve) for curve in found)))
    table = np.array([[curve[day] for day in shared] for curve in found])
    half = half_interval(table) if len(found) > 1 else None
    return np.array(shared, dtype=np.int64), table.mean(axis=0), half


def one_calendar(runs: Sequence[Run]) -> list[Run]:
    """The largest group of runs that begin on the same date and are as long, the first such group if there are two."""
    groups: dict[Any, list[Run]] = {}
    for run in runs:
        groups.setdefault((run.log.life.start, run.log.life.days), []).append(run)
    return max(groups.values(), key=len)
