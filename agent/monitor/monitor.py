"""The monitor: it takes scores, keeps the log, and says how much is still known. It reads, and changes nothing."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from agent.monitor.frames import hits_and_unions, pack
from agent.monitor.journal import STREAM, Counts, Journal
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
from agent.monitor.thinning import days_a_row, inputs_as_one, stream_as_one
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
        remembers: whether `log` holds all rows; if not, only what they are read against, and
            a life of any length takes as much memory as a short one. The files hold them all in any case.
        fork: where it was forked from another life, likewise.

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
        remembers: bool = True,
        fork: Row | None = None,
    ) -> None:
        life = Life(start, days, commissioning_days, tuple(phases))
        first = begin_row(life, tuple(classes), tuple(banks), tuple(learners), plan, fork)
        self._begin(folder, Log.begin(first), Journal(folder, learners), remembers)
        self._journal.write(first)

    @classmethod
    def go_on(cls, folder: Path, kept: Counts, *, remembers: bool = True) -> Self:
        """The monitor of a log that is there already, to be written on.

        Args:
            folder: where it is.
            kept: rows of every speaker that stay; what came after them is cut off.
            remembers: as above.

        Raises:
            ValueError: the log is damaged, or has fewer rows than should be kept.
        """
        log = Log.begin(next(rows_of(folder), {}))
        journal = Journal(folder, log.learners, kept=kept)
        monitor = object.__new__(cls)
        monitor._begin(folder, log, journal, remembers)
        for row in islice(rows_of(folder), 1, None):
            monitor._hold(row)
        return monitor

    def _begin(self, folder: Path, log: Log, journal: Journal, remembers: bool) -> None:
        self.log, self._folder, self._journal, self._remembers = log, folder, journal, remembers
        self._days_a_row = days_a_row(log.life.days)
        self._probed: dict[str, NDArray[np.int64]] = {}  # the last tick on the headline's bank, by learner
        self._today: dict[str, Row] = {}
        self._waiting: dict[str, list[Row]] = {}  # days that will be told together, by speaker
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

    def part_of(self, speakers: Collection[str]) -> Row:
        """What is kept of speakers beside their rows: days that go on or wait, faded marks, reference losses."""
        tables = {
            "today": self._today,
            "waiting": self._waiting,
            "faded": self._faded,
            "faded_loss": self._faded_loss,
            "losses": self._losses,
        }
        return {key: {name: table[name] for name in speakers if name in table} for key, table in tables.items()}

    def take_over(self, part: Row) -> None:
        """Go on with what `part_of` has told."""
        self._today |= part["today"]
        self._waiting |= part["waiting"]
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
        """Take in a block of the stream; a row is written when its day is over, or the last of its days."""
        self._check(score.learner, self.log.learners, "learner")
        guessed = score.confusion, score.copy_confusion, score.prior_confusion
        pixels = np.stack([self._square(each) for each in guessed if each is not None])
        faded = self._faded.get(score.learner, np.zeros(pixels.shape)) * FADING**score.frames + pixels
        self._faded[score.learner] = faded
        known = bool(np.isfinite(score.loss))  # not so where a net answers with what is no number
        self._faded_loss.setdefault(score.learner, FadedMean()).take(float(score.loss), score.frames * known)
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
                "not_finite": 0,
                "seconds": {},
                "reliability": None,
                "entropy": 0.0,
            }
            self._today[score.learner] = today
        today["step"] = score.step
        today["frames"] += score.frames
        today["pixels"] += pixels
        if known:
            today["loss"] += score.loss * score.frames
        else:
            today["not_finite"] += score.frames
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
        row: Row = {
            "kind": "inputs",
            "day": int(inputs.day),
            "step": int(inputs.step),
            "frames": int(inputs.frames),
            "statistics": {name: _finite(value, 4) for name, value in inputs.statistics.items()},
            "signals": {name: _finite(value, 3) for name, value in inputs.signals.items()},
            "block_frames": int(inputs.block_frames),
            "tau_frames": _finite(inputs.tau_frames, 2),
        }
        self._wait(STREAM, row)

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
        class_set = self.log.banks[headline_bank(self.log)].class_set
        tick = self._probed.get(learner)
        probed = float("nan") if tick is None else float(np.nanmean(mean_iou(tick, class_set)))
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
        return summarise(self.log if self._remembers else Log.read(self._folder))

    def close(self) -> None:
        """Write what is pending and close the log; a run that was not ended by then counts as interrupted."""
        if not self._journal.closed:
            try:
                self._close_days()
            finally:
                self._journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _close_days(self) -> None:
        for learner in list(self._today):
            self._close_day(learner)
        for speaker in list(self._waiting):
            self._write_waiting(speaker)

    def _close_day(self, learner: str) -> None:
        today = self._today.pop(learner)
        own, copied, *prior = today["pixels"]
        counted = today["frames"] - today["not_finite"]
        if counted:
            heard = self._losses.get(learner) or self._losses.setdefault(learner, LossAlarm(learner))
            for alarm in heard.hear(today["loss"] / counted, day=today["day"], step=today["step"]):
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
            "loss": None if today["not_finite"] and not counted else round(today["loss"] / max(counted, 1), 6),
            "faded_loss": round(faded_loss.total / faded_loss.weight, 6) if faded_loss.weight else None,
            "seconds": {part: round(seconds, 4) for part, seconds in today["seconds"].items()},
            "confusion": own.tolist(),
            "copy_confusion": copied.tolist(),
        }
        if today["not_finite"]:
            row["not_finite"] = int(today["not_finite"])
        if prior:
            row |= {"prior_miou": faded[2], "prior_confusion": prior[0].tolist()}
        if today["reliability"] is not None:
            pixels = float(today["reliability"][..., 0].sum())
            row["entropy"] = round(today["entropy"] / max(pixels, 1.0), 5)
            row["reliability"] = [[_bin(*each) for each in bins] for bins in today["reliability"].tolist()]
        self._wait(learner, row)

    def _wait(self, speaker: str, row: Row) -> None:
        """Keep the row of a day until all days that are told with it have come."""
        waiting = self._waiting.setdefault(speaker, [])
        if waiting and self._row_of(waiting[-1]["day"]) != self._row_of(row["day"]):
            self._write_waiting(speaker)
            waiting = self._waiting.setdefault(speaker, [])
        waiting.append(row)
        if self._row_of(row["day"] + 1) != self._row_of(row["day"]):
            self._write_waiting(speaker)

    def _write_waiting(self, speaker: str) -> None:
        rows, as_one = self._waiting.pop(speaker), inputs_as_one if speaker == STREAM else stream_as_one
        self._record(rows[0] if self._days_a_row == 1 else as_one(rows))

    def _row_of(self, day: int) -> int:
        """Which row of the stream, counted from the first lived day on, a day is told in."""
        return (day - self.log.life.commissioning_days) // self._days_a_row

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
        self._hold(row)
        self._journal.write(row)

    def _hold(self, row: Row) -> None:
        """Keep what is needed of a row while the life goes on."""
        if row["kind"] == "probe" and row["bank"] == headline_bank(self.log):
            self._probed[row["learner"]] = np.asarray(row["confusion"], dtype=np.int64)
        if self._remembers:
            self.log.add(row)


def _bin(pixels: float, sure: float, right: float) -> list[float]:
    """A bin of a reliability diagram as the log has it: counts as whole numbers."""
    return [int(pixels), round(sure, 2), int(right)] if pixels else [0, 0, 0]


def _finite(value: float | None, digits: int) -> float | None:
    return round(float(value), digits) if value is not None and np.isfinite(value) else None


def _rounded(values: NDArray[np.float64]) -> list[float | None]:
    return [round(float(value), 5) if np.isfinite(value) else None for value in np.atleast_1d(values)]
