"""The monitor: it takes scores, keeps the log, and says how much is still known. It reads, and changes nothing."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from agent.monitor.frames import hits_and_unions, pack
from agent.monitor.journal import Counts, Journal
from agent.monitor.life import Life
from agent.monitor.log import MINI, Log, Row, bank_info, begin_row, headline_bank, rows_of
from agent.monitor.loss_alarm import LossAlarm
from agent.monitor.metrics import mean_iou
from agent.monitor.prequential import FADING, FadedMean
from agent.monitor.scores import (
    Alarm,
    BankInfo,
    Causes,
    Checkup,
    ClassInfo,
    Inputs,
    Phase,
    ProbeScore,
    StreamScore,
)
from agent.monitor.summary import summarise
from agent.monitor.truth import Change
from scenarios.names import nearest


class Monitor:
    """Collect the scores of a run in `metrics.jsonl`, and what was read from a clock in `timing.jsonl`.

    with Monitor(folder, start=..., ...) as monitor:
        monitor.probe(score)                        # at every tick
        monitor.checkup(checkup)                    # at some of them
        monitor.stream(score)                       # after every block of predictions
        monitor.truth(changes)                      # what the script will change, once
        monitor.inputs(day)                         # what a day of the stream looked like
        monitor.alarm(alarm)                        # of the stream monitor
        monitor.now("er+ewc")                       # for the progress display
        monitor.reference("joint@converged", "away", confusion)
        monitor.cost("er+ewc", {"flops": ..., "seconds": ...})
        monitor.end("finished")
        monitor.summary()

    Args:
        folder: where the log is begun; it must exist and hold no log yet.
        start: date of day 0 of the life.
        days: length of the life [days].
        commissioning_days: days at its start on which the owner trains the robot.
        classes: the semantic classes in the order of their ids.
        phases: the stations of the year, in the order of the probes.
        banks: the probe banks.
        learners: all that will be scored, in the order of the report.
        plan: when what is examined, for the record.

    Raises:
        FileExistsError: the folder holds a log.
    """

    def __init__(
        self,
        folder: Path,
        *,
        start: date,
        days: int,
        commissioning_days: int,
        classes: Sequence[ClassInfo],
        phases: Sequence[Phase],
        banks: Sequence[BankInfo],
        learners: Sequence[str],
        plan: Row | None = None,
    ) -> None:
        life = Life(start, days, commissioning_days, tuple(phases))
        first = begin_row(life, tuple(classes), tuple(banks), tuple(learners), plan)
        self._begin(Log.begin(first), Journal(folder, learners))
        self._journal.write(first)

    @classmethod
    def go_on(cls, folder: Path, kept: Counts) -> Self:
        """The monitor of a log that is there already, to be written on.

        Args:
            folder: where it is.
            kept: rows of every speaker that stay; what came after them is cut off.

        Raises:
            ValueError: the log is damaged, or has fewer rows than should be kept.
        """
        begun = Log.begin(next(rows_of(folder), {}))
        journal = Journal(folder, begun.learners, kept=kept)
        monitor = object.__new__(cls)
        monitor._begin(Log.read(folder), journal)
        return monitor

    def _begin(self, log: Log, journal: Journal) -> None:
        self.log, self._journal = log, journal
        self._today: dict[str, Row] = {}
        self._faded: dict[str, NDArray[np.float64]] = {}  # own and copied, and the blind guesser's if there is one
        self._faded_loss: dict[str, FadedMean] = {}
        self._truth: dict[str, NDArray[np.int64]] = {}
        self._losses: dict[str, LossAlarm] = {}

    def counts(self, speakers: Collection[str]) -> Counts:
        """How many rows of the log come from these so far; all of them will outlast a power cut."""
        self._journal.sync()
        return {
            file: {who: rows for who, rows in counts.items() if who in speakers}
            for file, counts in self._journal.counts.items()
        }

    def part_of(self, learners: Sequence[str]) -> Row:
        """What is kept of learners beside their rows: days that go on, faded marks, reference losses."""
        tables = {
            "today": self._today,
            "faded": self._faded,
            "faded_loss": self._faded_loss,
            "losses": self._losses,
        }
        return {key: {name: table[name] for name in learners if name in table} for key, table in tables.items()}

    def take_over(self, part: Row) -> None:
        """Go on with what `part_of` has told."""
        self._today |= part["today"]
        self._faded |= part["faded"]
        self._faded_loss |= part["faded_loss"]
        self._losses |= part["losses"]

    def take(self, event: object) -> None:
        """Take in whatever a life tells, each kind by its own method; what is not for a monitor is passed over."""
        match event:
            case StreamScore():
                self.stream(event)
            case ProbeScore():
                self.probe(event)
            case Checkup():
                self.checkup(event)
            case Inputs():
                self.inputs(event)
            case Alarm():
                self.alarm(event)
            case Causes():
                self.causes(event)

    def stream(self, score: StreamScore) -> None:
        """Take in a block of the stream; a row is written when its day is over."""
        self._check(score.learner, self.log.learners, "learner")
        guessed = score.confusion, score.copy_confusion, score.prior_confusion
        pixels = np.stack([self._square(each) for each in guessed if each is not None])
        faded = self._faded.get(score.learner, np.zeros(pixels.shape)) * FADING**score.frames + pixels
        self._faded[score.learner] = faded
        self._faded_loss.setdefault(score.learner, FadedMean()).take(float(score.loss), score.frames)
        today = self._today.get(score.learner)
        if today is not None and today["day"] != score.day:
            self._close_day(score.learner)
            today = None
        if today is None:
            today = {
                "step": 0,
                "day": score.day,
                "frames": 0,
                "pixels": np.zeros_like(pixels),
                "loss": 0.0,
                "seconds": {},
                "reliability": None,
                "entropy": 0.0,
            }
            self._today[score.learner] = today
        today["step"] = score.step
        today["frames"] += score.frames
        today["pixels"] += pixels
        today["loss"] += score.loss * score.frames
        if score.reliability is not None:
            counted = np.asarray(score.reliability, dtype=np.float64)
            today["reliability"] = counted if today["reliability"] is None else today["reliability"] + counted
            today["entropy"] += float(score.entropy or 0.0) * counted[..., 0].sum()
        for part, seconds in score.seconds.items():
            today["seconds"][part] = today["seconds"].get(part, 0.0) + float(seconds)

    def probe(self, score: ProbeScore) -> None:
        """Take in an examination.

        Raises:
            ValueError: unknown names, a wrong shape, or a bank whose true labels are not what they were.
        """
        self._check(score.learner, self.log.learners, "learner")
        confusion = self._pooled(score.bank, score.confusion)
        row: Row = {
            "kind": "probe",
            "learner": score.learner,
            "bank": score.bank,
            "day": int(score.day),
            "step": int(score.step),
            "frames": int(np.prod(np.shape(score.confusion)[:-2])),
            "miou": _rounded(mean_iou(confusion, bank_info(self.log, score.bank).class_set)),
            "confusion": confusion.tolist(),
        }
        if score.burst_day is not None:
            row |= {"burst": True, "burst_day": int(score.burst_day)}
        if score.bank == headline_bank(self.log):
            row["single_frames"] = pack(hits_and_unions(score.confusion))
        self._record(row)

    def checkup(self, checkup: Checkup) -> None:
        """Take in a checkup; a number that is not finite is written as null."""
        self._check(checkup.learner, self.log.learners, "learner")
        numbers = {
            name: None if value is None or not np.isfinite(value) else float(value)
            for name, value in checkup.numbers.items()
        }
        self._record(
            {
                "kind": "checkup",
                "learner": checkup.learner,
                "day": int(checkup.day),
                "step": int(checkup.step),
                "numbers": numbers,
            }
        )

    def truth(self, changes: Sequence[Change]) -> None:
        """Take in what the script changes, and when; alarms are scored against it, and nothing else may look at it."""
        self._record({"kind": "truth", "changes": [change.as_row() for change in changes]})

    def inputs(self, inputs: Inputs) -> None:
        """Take in what a day of the stream looked like."""
        self._record(
            {
                "kind": "inputs",
                "day": int(inputs.day),
                "step": int(inputs.step),
                "frames": int(inputs.frames),
                "statistics": {name: _finite(value, 4) for name, value in inputs.statistics.items()},
                "signals": {name: _finite(value, 3) for name, value in inputs.signals.items()},
                "block_frames": int(inputs.block_frames),
                "tau_frames": _finite(inputs.tau_frames, 2),
            }
        )

    def alarm(self, alarm: Alarm) -> None:
        """Take in an alarm."""
        self._record(
            {
                "kind": "alarm",
                "day": int(alarm.day),
                "step": int(alarm.step),
                "detector": alarm.detector,
                "signal": alarm.signal,
                "value": _finite(alarm.value, 3),
                "threshold": float(alarm.threshold),
            }
        )

    def reference(self, name: str, bank: str, confusion: NDArray[np.integer]) -> None:
        """Take in the examination of a reference, such as 'joint' or 'joint@converged'.

        Args:
            name: the reference's name.
            bank: the bank's name.
            confusion: (S, n, C, C) integers as in `ProbeScore`.
        """
        pooled = self._pooled(bank, confusion)
        self._record({"kind": "reference", "name": name, "bank": bank, "confusion": pooled.tolist()})

    def cost(self, learner: str, cost: Mapping[str, float]) -> None:
        """Take in what a learner or a reference has cost so far; the latest word counts.

        Args:
            learner: its name.
            cost: any of seconds [s], flops, memory_bytes, labels, updates, skipped, and others by name.
        """
        self._record({"kind": "cost", "learner": learner, **{key: float(value) for key, value in cost.items()}})

    def nature(self, days: Mapping[str, Sequence[float]]) -> None:
        """Take in what the place itself does through the life; nothing is written where nobody knows.

        Args:
            days: by name, one finite value a day of the life, see `agent.nature`.

        Raises:
            ValueError: a list is not as long as the life, or holds what is no number.
        """
        for name, values in days.items():
            if len(values) != self.log.life.days or not np.isfinite(values).all():
                raise ValueError(
                    f"nature's '{name}' has {len(values)} values, {int(np.sum(~np.isfinite(values)))} of them not "
                    f"finite; expected {self.log.life.days} finite ones, one a day of the life"
                )
        if days:
            told = {name: [float(value) for value in values] for name, values in days.items()}
            self._record({"kind": "nature", "days": told})

    def causes(self, found: Causes) -> None:
        """Take in what a loss was made of.

        Raises:
            ValueError: an unknown learner, bank or phase.
        """
        self._check(found.learner, self.log.learners, "learner")
        self._check(found.bank, self.log.banks, "probe bank")
        for phase in (found.from_phase, found.to_phase):
            self._check(phase, [known.name for known in self.log.life.phases], "phase")
        row = {**vars(found), "shares": dict(found.shares), "lost": found.lost}
        row["interval"] = {name: list(ends) for name, ends in found.interval.items()}
        self._record({"kind": "causes", **row})

    def now(self, learner: str) -> dict[str, float]:
        """How the stream goes at this moment, for a progress display.

        Returns:
            'miou' and 'copy_miou' of about the last 100 frames, and 'probe_miou', the mean over phases of the last
            examination on the headline bank; NaN before there is any.
        """
        self._check(learner, self.log.learners, "learner")
        faded = self._faded.get(learner)
        own, copied = (float("nan"),) * 2 if faded is None else mean_iou(faded)[:2]
        ticks = self.log.probes.get((learner, headline_bank(self.log)), [])
        class_set = self.log.banks[headline_bank(self.log)].class_set
        probed = float(np.nanmean(mean_iou(ticks[-1].confusion, class_set))) if ticks else float("nan")
        return {"miou": float(own), "copy_miou": float(copied), "probe_miou": probed}

    def end(self, ended: str) -> None:
        """Write what is pending and how the run ended.

        Args:
            ended: 'finished' or 'interrupted'.
        """
        if ended not in ("finished", "interrupted"):
            raise ValueError(f"a run ends 'finished' or 'interrupted', not {ended!r}")
        self._close_days()
        self._record({"kind": "end", "ended": ended})

    def summary(self) -> dict[str, Any]:
        """All numbers of the run so far, ready for `summary.json`; the days in progress are closed first."""
        self._close_days()
        return summarise(self.log)

    def close(self) -> None:
        """Write what is pending and close the log; a run that was not ended by then counts as interrupted."""
        if not self._journal.closed:
            self._close_days()
            self._journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _close_days(self) -> None:
        for learner in list(self._today):
            self._close_day(learner)

    def _close_day(self, learner: str) -> None:
        today = self._today.pop(learner)
        own, copied, *prior = today["pixels"]
        if today["frames"]:
            heard = self._losses.setdefault(learner, LossAlarm(learner))
            for alarm in heard.hear(today["loss"] / today["frames"], day=today["day"], step=today["step"]):
                self.alarm(alarm)
        faded, faded_loss = _rounded(mean_iou(self._faded[learner])), self._faded_loss[learner]
        row: Row = {
            "kind": "stream",
            "learner": learner,
            "day": int(today["day"]),
            "step": int(today["step"]),
            "frames": int(today["frames"]),
            "miou": faded[0],
            "copy_miou": faded[1],
            "loss": round(today["loss"] / max(today["frames"], 1), 6),
            "faded_loss": round(faded_loss.total / faded_loss.weight, 6) if faded_loss.weight else None,
            "seconds": {part: round(seconds, 4) for part, seconds in today["seconds"].items()},
            "confusion": own.tolist(),
            "copy_confusion": copied.tolist(),
        }
        if prior:
            row |= {"prior_miou": faded[2], "prior_confusion": prior[0].tolist()}
        if today["reliability"] is not None:
            pixels = float(today["reliability"][..., 0].sum())
            row["entropy"] = round(today["entropy"] / max(pixels, 1.0), 5)
            row["reliability"] = [[_bin(*each) for each in bins] for bins in today["reliability"].tolist()]
        self._record(row)

    def _pooled(self, bank: str, confusion: NDArray[np.integer]) -> NDArray[np.int64]:
        if bank != MINI:
            self._check(bank, self.log.banks, "probe bank")
        phases, classes = len(self.log.life.phases), len(self.log.classes)
        given = np.asarray(confusion)
        if given.ndim != 4 or given.shape[0] != phases or given.shape[2:] != (classes, classes):
            raise ValueError(
                f"a probe's confusion has shape {given.shape}; expected ({phases}, n, {classes}, {classes})"
            )
        pooled = given.sum(axis=1, dtype=np.int64)
        truth = self._truth.setdefault(bank, pooled.sum(axis=-1))
        if not np.array_equal(truth, pooled.sum(axis=-1)):
            raise ValueError(f"the true labels of bank '{bank}' have changed since it was first used; probes are fixed")
        return pooled

    def _square(self, confusion: NDArray[np.integer]) -> NDArray[np.int64]:
        classes = len(self.log.classes)
        given = np.asarray(confusion)
        if given.shape != (classes, classes):
            raise ValueError(f"a confusion matrix has shape {given.shape}; expected ({classes}, {classes})")
        return given.astype(np.int64)

    def _check(self, given: str, valid: Any, kind: str) -> None:
        if given not in valid:
            raise ValueError(nearest(given, valid, kind=kind))

    def _record(self, row: Row) -> None:
        self.log.add(row)
        self._journal.write(row)


def _bin(pixels: float, sure: float, right: float) -> list[float]:
    """A bin of a reliability diagram as the log has it: counts as whole numbers."""
    return [int(pixels), round(sure, 2), int(right)] if pixels else [0, 0, 0]


def _finite(value: float | None, digits: int) -> float | None:
    return round(float(value), digits) if value is not None and np.isfinite(value) else None


def _rounded(values: NDArray[np.float64]) -> list[float | None]:
    return [round(float(value), 5) if np.isfinite(value) else None for value in np.atleast_1d(values)]
