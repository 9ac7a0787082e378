"""The log of a run, `metrics.jsonl`: one JSON object a line, and enough to rebuild a report. Whoever reads it, reads it
here, for what was read from a clock lies beside it (`timing.jsonl`). `agent.monitor.journal` writes both."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from agent.monitor.frames import unpack
from agent.monitor.journal import METRICS, TIMING, Row
from agent.monitor.life import Life
from agent.monitor.rows import MINI, Begin, Seconds, check, check_in
from agent.monitor.scores import BankInfo, ClassInfo, Phase
from agent.monitor.thinning import LIMIT_TICKS, PIXELS, thinned
from scenarios.untrusted import MEGA, UntrustedError, check_file

FILE_NAME = METRICS
FORMAT = 1
MOST_BYTES = 2000 * MEGA  # of a file; a year of eight learners has some ten


@dataclass(frozen=True)
class Tick:
    """One examination of one learner on one bank.

    Attributes:
        day: day of the life.
        step: control step.
        confusion: (S, C, C) int64, pooled over the frames of each phase.
        burst_day: the day on which the burst began that it belongs to; None outside one.
        packed: single frames, as `agent.monitor.frames.pack` keeps them; None where they were not kept.
    """

    day: int
    step: int
    confusion: NDArray[np.int64]
    burst_day: int | None = None
    packed: Row | None = None

    @property
    def frames(self) -> NDArray[np.int64] | None:
        """(S, n, C, 2) hits and unions of single frames, or None."""
        return None if self.packed is None else unpack(self.packed)


@dataclass
class Log:
    """Everything that the rows of a log say, by learner.

    Attributes:
        life: the calendar.
        classes: the semantic classes in the order of their ids.
        banks: by name.
        learners: in the order of the run.
        stream: by learner, one row a day, or every few days of a long life (`agent.monitor.thinning`).
        probes: by (learner, bank), one tick after the other; of the bank 'mini' also the ticks of bursts.
        references: by (name, bank), (S, C, C) int64.
        costs: by learner or reference.
        checkups: by learner, one row a checkup: `day`, `step`, `numbers` by name.
        inputs: of the stream that all learners share, in as many rows: what it looked like to one who learns nothing.
        alarms: of the stream monitor, one row each, in the order in which they came.
        changes: what the script truly did, one row each: `name`, `axes`, `first_day`, `last_day`, `abrupt`.
        causes: what a loss on the probes was made of, one row a learner and pair of phases.
        nature: by name, what the garden itself did, one value a day.
        fork: where it was forked from another life, as `agent.branches.Fork.as_log`; empty where it was not.
        plan: when what was examined, as `agent.monitor.plan.MonitorPlan.as_row`; empty where nobody wrote it.
        ended: 'finished' or 'interrupted'.
    """

    life: Life
    classes: tuple[ClassInfo, ...]
    banks: dict[str, BankInfo]
    learners: tuple[str, ...]
    stream: dict[str, list[Row]] = field(default_factory=dict)
    probes: dict[tuple[str, str], list[Tick]] = field(default_factory=dict)
    references: dict[tuple[str, str], NDArray[np.int64]] = field(default_factory=dict)
    costs: dict[str, dict[str, float]] = field(default_factory=dict)
    checkups: dict[str, list[Row]] = field(default_factory=dict)
    inputs: list[Row] = field(default_factory=list)
    alarms: list[Row] = field(default_factory=list)
    changes: list[Row] = field(default_factory=list)
    causes: list[Row] = field(default_factory=list)
    nature: dict[str, list[float]] = field(default_factory=dict)
    plan: Row = field(default_factory=dict)
    fork: Row = field(default_factory=dict)
    ended: str = "interrupted"

    @classmethod
    def begin(cls, row: Row) -> Self:
        """Start from the first row of a log.

        Raises:
            ValueError: the row is no beginning, or of another format.
        """
        if row.get("kind") != "begin" or row.get("format") != FORMAT:
            raise ValueError(
                f"{FILE_NAME} begins with kind={row.get('kind')!r}, format={row.get('format')!r}; "
                f"expected kind='begin', format={FORMAT}: it was written by another version, so run again"
            )
        try:
            check(row, Begin)
        except ValueError as error:
            raise ValueError(f"{FILE_NAME}: its first row: {error}") from None
        phases = tuple(Phase(p["name"], tuple(date.fromisoformat(d) for d in p["dates"])) for p in row["phases"])
        names = [c["name"] for c in row["classes"]]
        return cls(
            life=Life(date.fromisoformat(row["start"]), row["days"], row["commissioning_days"], phases),
            classes=tuple(ClassInfo(c["name"], tuple(c["rgb"])) for c in row["classes"]),
            banks={
                b["name"]: BankInfo(b["name"], _flags(names, b["class_set"]), _flags(names, b["known"]))
                for b in row["banks"]
            },
            learners=tuple(row["learners"]),
            plan=row.get("monitor") or {},
            fork=row.get("fork") or {},
        )

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the log in a run's folder, also while the run goes on or after it died.

        A last line that was cut off while being written is left out.

        Raises:
            FileNotFoundError: there is no log.
            ValueError: it does not begin as a log of this format does, or a row is not one of such a log.
        """
        path = folder / FILE_NAME
        if not path.is_file():
            raise FileNotFoundError(f"{path} does not exist; give the folder of a run, runs/<time>-<scenario>")
        rows = rows_of(folder)
        log, last = cls.begin(next(rows, {})), {}
        for number, row in enumerate(rows, start=2):
            try:
                check_in(
                    row, days=log.life.days, classes=log.classes, phases=len(log.life.phases), banks=log.banks,
                    learners=log.learners,
                )  # fmt: skip
                who = row["kind"], row.get("learner"), row.get("bank")
                if row["kind"] in ("stream", "probe", "checkup") and row["day"] < last.get(who, 0):
                    raise ValueError(f"day: {row['day']} comes after day {last[who]}")
            except ValueError as error:
                raise ValueError(f"{path}:{number}: {error}") from None
            last[who] = row.get("day", 0)
            log.add(row)
        return log

    def add(self, row: Row) -> None:
        """Take in one row."""
        match row["kind"]:
            case "stream":
                self.stream.setdefault(row["learner"], []).append(_compact(row))
            case "probe":
                tick = Tick(
                    row["day"],
                    row["step"],
                    np.asarray(row["confusion"], dtype=np.int64),
                    row["burst_day"] if row.get("burst") else None,
                    row.get("single_frames"),
                )
                ticks = self.probes.setdefault((row["learner"], row["bank"]), [])
                ticks.append(tick)
                if len(ticks) > LIMIT_TICKS:
                    right = [np.trace(t.confusion, axis1=-2, axis2=-1).sum() for t in ticks]
                    ticks[:] = [ticks[t] for t in thinned(right, LIMIT_TICKS)]
            case "reference":
                self.references[row["name"], row["bank"]] = np.asarray(row["confusion"], dtype=np.int64)
            case "cost":
                self.costs[row["learner"]] = {k: v for k, v in row.items() if k not in ("kind", "learner")}
            case "checkup":
                self.checkups.setdefault(row["learner"], []).append(row)
            case "inputs":
                self.inputs.append(row)
            case "alarm":
                self.alarms.append(row)
            case "truth":
                self.changes.extend(row["changes"])
            case "causes":
                self.causes.append(row)
            case "nature":
                self.nature = row["days"]
            case "end":
                self.ended = row["ended"]
            case other:
                raise ValueError(f"{FILE_NAME} holds a row of unknown kind {other!r}; it is of another version")


def begin_row(
    life: Life,
    classes: tuple[ClassInfo, ...],
    banks: tuple[BankInfo, ...],
    learners: tuple[str, ...],
    plan: Row | None = None,
    fork: Row | None = None,
) -> Row:
    """The first row of a log: all that the others are read against."""
    names = np.array([c.name for c in classes])
    return {
        "kind": "begin",
        "format": FORMAT,
        "start": life.start.isoformat(),
        "days": life.days,
        "commissioning_days": life.commissioning_days,
        "classes": [{"name": c.name, "rgb": list(c.rgb)} for c in classes],
        "phases": [{"name": p.name, "dates": [d.isoformat() for d in p.dates]} for p in life.phases],
        "banks": [
            {"name": b.name, "class_set": names[b.class_set].tolist(), "known": names[b.known].tolist()} for b in banks
        ],
        "learners": list(learners),
        "monitor": plan or {},
    } | ({"fork": fork} if fork else {})


def headline_bank(log: Log) -> str:
    """The bank that headlines use: gardens never visited, if they were examined."""
    return "away" if "away" in log.banks else next(iter(log.banks))


def bank_info(log: Log, bank: str) -> BankInfo:
    """What a bank's marks are taken over; the small bank's are those of the bank that it is a part of."""
    return log.banks[headline_bank(log) if bank == MINI else bank]


def _compact(row: Row) -> Row:
    """The row of a day with its counts as arrays, an eighth of the memory."""
    told = dict(row)
    for key in PIXELS:
        if told.get(key) is not None:
            told[key] = np.asarray(told[key], dtype=np.int64)
    if told.get("reliability") is not None:
        told["reliability"] = np.asarray(told["reliability"], dtype=np.float32)
    return told


def _flags(names: list[str], chosen: list[str]) -> NDArray[np.bool_]:
    return np.array([name in chosen for name in names], dtype=bool)


def rows_of(folder: Path) -> Iterator[Row]:
    """The rows of a run's log, with their seconds.

    Raises:
        ValueError: a line that is not the last one is no JSON, or is no object; or a row of seconds makes no sense.
    """
    timing, seconds = folder / TIMING, {}
    if timing.is_file():
        for number, row in enumerate(read_rows(timing), start=1):
            try:
                check(row, Seconds)
            except ValueError as error:
                raise ValueError(f"{timing}:{number}: {error}") from None
            seconds[row["kind"], row["learner"], row.get("day")] = row["seconds"]
    for number, row in enumerate(read_rows(folder / FILE_NAME), start=1):
        if not isinstance(row, dict):
            raise ValueError(f"{folder / FILE_NAME}:{number}: expected an object, given a {type(row).__name__}")
        if "seconds" not in row and row.get("kind") in ("stream", "cost"):  # a day without any still has none
            day = row.get("day")
            who = row["kind"], str(row.get("learner")), day if isinstance(day, int) else None
            known = seconds.get(who, {} if row["kind"] == "stream" else None)
            row |= {} if known is None else {"seconds": known}
        yield row


def read_rows(path: Path) -> Iterator[Row]:
    """The rows of a log as they were written; a last line that was cut off while being written is left out.

    Raises:
        ValueError: the file cannot be read, is no text or too large; or another line is no JSON.
    """
    check_file(path, most_bytes=MOST_BYTES)
    with path.open(encoding="utf-8") as lines:  # one at a time: a long log is larger than what is made of it
        try:
            for number, line in enumerate(lines, start=1):
                try:
                    yield json.loads(line)
                except (ValueError, RecursionError) as error:
                    if not any(lines):
                        return
                    raise ValueError(
                        f"{path}:{number}: not JSON ({error}); only the last line of a log may be cut off"
                    ) from None
        except UnicodeDecodeError as error:
            raise UntrustedError(f"{path}: it is not text in UTF-8") from error
