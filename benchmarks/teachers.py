"""What answers are worth: one learner under teachers who answer much, little, by request, by contact or not at all.

A world is a garden with its climate and weather, and a net commissioned there. All lives of a world begin with the
same weights and see the same frames; they differ in the teacher after commissioning, and make as many updates (but for
those that learn without labels or not at all). A life leaves a row in `--rows`; what has a row is not lived again, so
that an interrupted benchmark goes on where it stopped. Worlds come one after the other.

What counts is how much of the gain of the oracle (`er+ewc`, eight of twelve frames answered) over the frozen net is
kept, by mIoU in gardens never visited, over the life and at its end: the mean gain over worlds, divided by the
oracle's, which can be small in a single world. Intervals are 95 %, over worlds: Student's for means, and for shares
the usual ones of a ratio estimator (Cochran 1977, section 6.4).

    python benchmarks/teachers.py               # live what is missing, print the table
    python benchmarks/teachers.py --no-live     # print the table of docs/teachers.md
"""

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import tyro

from agent import tasks
from agent.brief import Brief
from agent.garden_place import GardenPlace
from agent.monitor.scores import ProbeScore, StreamScore
from agent.options import Pace
from agent.place import Place, Stream
from agent.ranking import mean_interval
from agent.run import begin_monitor
from agent.tasks import Commissioned, Spent
from agent.trial import KNOWN, brief_of, settle
from scenarios.files import load
from scenarios.spec import TeacherSpec
from scenarios.tables import CHOOSERS

WORLDS: tuple[tuple[str, int], ...] = (
    ("humid_continental", 301),
    ("temperate_oceanic", 302),
    ("humid_continental", 303),
    ("temperate_oceanic", 304),
    ("humid_continental", 305),
)
STEPS_PER_DAY = 8  # control steps; 24 in a default life
PACE = Pace(commission_updates=300, converge_updates=1, home_frames=2, away_frames=16, next_year_frames=2)
EXAM_EVERY_DAYS = 55
MEMORY_FRAMES = 109  # as many as a default life keeps
BEST = "er+ewc"
BUDGETS = (0.05, 0.01, 0.002)
SILENT = TeacherSpec(budget=0.0)
NO_ANSWER = TeacherSpec(budget=1e-9)  # updates as ever, from what was answered in commissioning
PAIRS = (
    ("5 % evenly", "oracle"),
    ("5 % evenly", "nobody, rehearses"),
    *((f"{share} % {asks}", f"{share} % evenly") for share in ("5", "1", "0.2") for asks in list(CHOOSERS)[1:]),
    *(("contact", beside) for beside in ("frozen", "adabn", "tent", "nobody, rehearses")),
)
Row = dict[str, Any]


@dataclass(frozen=True)
class Life:
    """What a row of the table is called, who learns, and from whom."""

    name: str
    learner: str
    teacher: TeacherSpec


LIVES: tuple[Life, ...] = (
    Life("frozen", "frozen", SILENT),
    Life("oracle", BEST, TeacherSpec()),
    Life("5 % evenly", BEST, TeacherSpec(budget=0.05)),
    Life("contact", BEST, TeacherSpec(budget=0.0, contact=True)),
    Life("nobody, rehearses", BEST, NO_ANSWER),
    Life("1 % evenly", BEST, TeacherSpec(budget=0.01)),
    Life("0.2 % evenly", BEST, TeacherSpec(budget=0.002)),
    Life("adabn", "adabn", SILENT),
    Life("tent", "tent", SILENT),
    *(
        Life(f"{100 * budget:g} % {asks}", BEST, TeacherSpec(budget=budget, asks=asks))
        for asks in ("entropy", "random", "disagreement")
        for budget in BUDGETS
    ),
)


@dataclass(frozen=True)
class TeacherOptions:
    """Options of the benchmark."""

    worlds: int = len(WORLDS)
    """How many of the test worlds."""
    live: bool = True
    """False: live nothing, print what there is."""
    out: Path = field(default_factory=lambda: Path("runs/teachers"))
    """Where worlds are kept."""
    rows: Path = field(default_factory=lambda: Path("benchmarks/rows/teachers.jsonl"))
    """Where rows are read from and appended to."""
    names: tuple[str, ...] = ()
    """Which lives, by name; all if none is named."""
    markdown: Path | None = None
    """Write the table into this file."""
    worlds_of: tuple[int, ...] = ()
    """Other seeds than the test worlds', for choosing settings: 500 and above."""


@dataclass(frozen=True)
class Taught:
    """A place with another teacher after commissioning; implements `agent.place.Place`, whose attributes it has."""

    place: Place
    teacher: TeacherSpec

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.place, name)

    @property
    def fingerprint(self) -> str:
        parts = self.place.fingerprint, self.teacher.model_dump_json()
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

    def as_config(self) -> dict[str, Any]:
        config = self.place.as_config()
        return config | {"scenario": config["scenario"] | {"teacher": self.teacher.model_dump(mode="json")}}

    def stream(self) -> Stream:
        return self.place.stream()


def main(options: TeacherOptions) -> None:
    """Live what is missing, then print the table."""
    worlds = [(WORLDS[i % 2][0], seed) for i, seed in enumerate(options.worlds_of)] or WORLDS[: options.worlds]
    lives = [life for life in LIVES if not options.names or life.name in options.names]
    if options.live:
        _live(options, lives, worlds)
    rows = [row for row in _rows(options.rows) if any(row["world"] == _world(*world) for world in worlds)]
    if not rows:
        print("no row yet")
        return
    text = "".join(_table(rows, lives))
    print(text)
    if options.markdown is not None:
        options.markdown.write_text(text, encoding="utf-8")


def _rows(file: Path) -> list[Row]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


def _world(climate: str, seed: int) -> str:
    return f"{climate}-{seed}"


def _live(options: TeacherOptions, lives: Sequence[Life], worlds: Sequence[tuple[str, int]]) -> None:
    """Live all that has no row; each row is on disk before the next life begins."""
    done = {(row["world"], row["name"]) for row in _rows(options.rows)}
    options.rows.parent.mkdir(parents=True, exist_ok=True)
    for climate, seed in worlds:
        missing = [life for life in lives if (_world(climate, seed), life.name) not in done]
        if not missing:
            continue
        brief = settle(_brief(options, climate, seed), references=False)
        assert brief is not None, "nobody stops this benchmark but by ending it"
        for life in missing:
            row = {"world": _world(climate, seed), "climate": climate, "seed": seed} | _lived(brief, life)
            with options.rows.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
            print(f"{row['world']} {life.name}: {100 * row['miou_life']:.1f} ({row['seconds']:.0f} s)", flush=True)


def _brief(options: TeacherOptions, climate: str, seed: int) -> Brief:
    changed = {"steps_per_day": STEPS_PER_DAY, "name": climate, "climate": climate}
    scenario = load("four_seasons").model_copy(update=changed)
    place = GardenPlace(scenario, seed, 12, PACE.home_frames, PACE.away_frames, PACE.next_year_frames)
    height, width = place.frame_px
    frame_bytes = 3 * height * width + height // 2 * (width // 2)
    return brief_of(
        place,
        options.out,
        pace=PACE,
        exam_every_days=EXAM_EVERY_DAYS,
        memory_bytes=MEMORY_FRAMES * frame_bytes,
    )


def _lived(brief: Brief, life: Life) -> Row:
    """One life, from the commissioned weights on."""
    started_s = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        own = replace(brief, folder=Path(scratch), place=Taught(brief.place, life.teacher))
        own.weights("commissioned").parent.mkdir(parents=True)
        shutil.copy(brief.weights("commissioned"), own.weights("commissioned"))
        truth = {bank.name: bank.truth for bank in brief.place.banks().values()}
        with begin_monitor(own, Commissioned(truth, np.load(brief.folder / KNOWN)), (life.learner,)) as monitor:

            def handle(message: Any) -> None:
                if isinstance(message, StreamScore):
                    monitor.stream(message)
                elif isinstance(message, ProbeScore):
                    monitor.probe(message)
                elif isinstance(message, Spent):
                    monitor.cost(message.name, message.cost)

            tasks.life(own, (life.learner,), handle, lambda: False)
            summary = monitor.summary()
    told = summary["learners"][life.learner]
    levels, cost = told["miou"][summary["headline_bank"]], told["cost"]
    commissioned = tasks.labels_until(brief.place, brief.place.commissioning_steps)
    return {
        "name": life.name,
        "learner": life.learner,
        "teacher": life.teacher.model_dump(mode="json", exclude_defaults=True),
        "miou_life": levels["anytime"],
        "miou_end": levels["end"],
        "by_phase_end": [None if level is None else round(level, 4) for level in levels["by_phase"]],
        "labels": cost["labels"] - commissioned,
        "updates": cost["updates"],
        "flops": cost["flops"],
        "code": brief.code,
        "seconds": round(time.perf_counter() - started_s, 1),
    }


def kept(rows: Sequence[Row], name: str, key: str) -> tuple[float, float, float]:
    """The share of the frozen-to-oracle gap that a life kept, over the worlds that have all three, and its interval.

    Returns:
        share, low, high; nan where there is no world, and interval nan for fewer than two.
    """
    by = {(row["world"], row["name"]): row[key] for row in rows}
    worlds = dict.fromkeys(row["world"] for row in rows)
    whole = [world for world in worlds if all((world, other) in by for other in ("frozen", "oracle", name))]
    gained, gap = (np.array([by[w, who] - by[w, "frozen"] for w in whole]) for who in (name, "oracle"))
    if not whole:
        return float("nan"), float("nan"), float("nan")
    share = float(gained.mean() / gap.mean())
    _, low, high = interval((gained - share * gap) / gap.mean())
    return share, share + low, share + high


def interval(values: np.ndarray) -> tuple[float, float, float]:
    """Mean and Student's 95 % interval; that is nan for fewer than two values."""
    mean, low, high = mean_interval(values)
    return (mean, low, high) if len(values) > 1 else (mean, float("nan"), float("nan"))


def gained(rows: Sequence[Row], name: str, beside: str, key: str) -> np.ndarray:
    """How much better a life was than another one of the same world, by world, over the worlds that have both."""
    by = {(row["world"], row["name"]): row[key] for row in rows}
    worlds = dict.fromkeys(row["world"] for row in rows)
    whole = [world for world in worlds if (world, name) in by and (world, beside) in by]
    return np.array([by[world, name] - by[world, beside] for world in whole])


def _table(rows: Sequence[Row], lives: Sequence[Life]) -> Iterator[str]:
    """The table in Markdown, line by line."""
    worlds = dict.fromkeys(row["world"] for row in rows)
    headings = (
        "teacher", "learner", "worlds", "labels", "mIoU, life", "gain, life", "gap kept", "gain, end", "gap kept",
        "GFLOP",
    )  # fmt: skip
    yield f"{len(worlds)} worlds ({', '.join(worlds)}); sources {', '.join(dict.fromkeys(r['code'] for r in rows))}\n\n"
    yield f"| {' | '.join(headings)} |\n|---|---|{'---:|' * (len(headings) - 2)}\n"
    for life in lives:
        own = [row for row in rows if row["name"] == life.name]
        if not own:
            continue
        labels, flops, level = (float(np.mean([row[key] for row in own])) for key in ("labels", "flops", "miou_life"))
        cells = [life.name, f"`{life.learner}`", str(len(own)), f"{labels:,.0f}", f"{100 * level:.1f}"]
        for key in ("miou_life", "miou_end"):
            cells.append(_said(interval(gained(rows, life.name, "frozen", key)), 1) if life.name != "frozen" else "")
            cells.append(_said(kept(rows, life.name, key), 0) if life.name not in ("frozen", "oracle") else "")
        yield f"| {' | '.join(cells)} | {flops / 1e9:,.0f} |\n"
    yield "\n| paired difference in points | worlds | life | end |\n|---|---:|---:|---:|\n"
    for name, beside in PAIRS:
        of_life, of_end = (gained(rows, name, beside, key) for key in ("miou_life", "miou_end"))
        if len(of_life):
            said = _said(interval(of_life), 1), _said(interval(of_end), 1)
            yield f"| {name} − {beside} | {len(of_life)} | {said[0]} | {said[1]} |\n"


def _said(values: tuple[float, float, float], digits: int) -> str:
    """Mean and interval in percent or points."""
    mean, low, high = (100 * value for value in values)
    if not np.isfinite(mean):
        return "-"
    return f"{mean:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]" if np.isfinite(low) else f"{mean:.{digits}f}"


if __name__ == "__main__":
    main(tyro.cli(TeacherOptions, config=(tyro.conf.OmitArgPrefixes,)))
