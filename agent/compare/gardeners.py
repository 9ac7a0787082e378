"""Lives of their own: each learner drives in the same garden, almanac and seed, and only the plants are compared.

What a gardener sees follows from what it did, so no two see the same frames, and no mark on frames is comparable: rows
of these lives have none. Beside the learners live an ideal gardener and a blind one, between whom a score is placed.
"""

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from agent import tasks
from agent.brief import Brief
from agent.compare.options import CompareOptions
from agent.compare.patrol import Tell
from agent.crew import Crew, Send, Stop
from agent.garden_options import BASELINES, GardenOptions, at_stake
from agent.garden_place import GardenPlace
from agent.garden_tasks import Gardened, garden_life
from agent.options import QUICK_PACE, Pace
from agent.run import memory_bytes
from agent.students import read_plan
from agent.task_score import SeasonScore, pooled, task_score
from agent.tasks import Commissioned
from agent.trial import KNOWN, Row, blocks_of, brief_of
from scenarios.spec import Scenario

BETWEEN = ("blind", "ideal")
"""The gardeners between whom a score is placed."""


def names_of(options: CompareOptions) -> list[str]:
    """Who drives: the two between whom scores are placed first, then those that were named."""
    named = [name if name in BASELINES else read_plan(name).name for name in options.learners]
    return [*(name for name in BETWEEN if name not in named), *named]


def garden_briefs(options: CompareOptions, scenario: Scenario, pace: Pace | None = None) -> list[Brief]:
    """A world with plants that can die for each seed; nothing is made yet."""
    scenario = at_stake(GardenOptions(quick=options.quick, days=scenario.days if pace else None), scenario)
    pace = pace or (QUICK_PACE if options.quick else Pace())
    briefs = []
    for seed in options.seeds:
        place = GardenPlace(scenario, seed, options.learn_every, 1, 1, 1)  # nobody sits an exam here
        kept_bytes = memory_bytes(place, options.memory_share)
        brief = brief_of(
            place, options.kept / "worlds", pace=pace, exam_every_days=place.days, memory_bytes=kept_bytes
        )  # fmt: skip
        briefs.append(replace(brief, realtime=options.real_time))
    return briefs


def drive_all(options: CompareOptions, briefs: Sequence[Brief], crew: Crew, tell: Tell) -> list[Row]:
    """Let everybody drive in every garden, unless they have.

    Returns:
        The rows that there are, by seed and in order; those of whole lives have `share`, their place between blind
        (0) and ideal (1), where both of these have lived.
    """
    names, folder = names_of(options), options.kept / "rows"
    wanted = [(number, name) for number in range(len(briefs)) for name in names]
    rows = {(number, name): kept(folder, briefs[number], name) for number, name in wanted}
    missing = [pair for pair in wanted if rows[pair] is None]
    tell(f"{len(wanted) - len(missing)} of {len(wanted)} lives have been lived")

    def handle(message: Any) -> None:
        match message:
            case (int() as number, str() as name, dict() as row):
                rows[number, name] = row
                done = sum(row is not None for row in rows.values())
                score = "no season had need" if row["score"] is None else f"{row['score']:.1f} points"
                tell(f"{done}/{len(wanted)} seed {row['seed']} {name}: {score} ({row['seconds']:.0f} s)")

    learned = dict.fromkeys(number for number, name in missing if name not in BASELINES)
    crew.run([partial(_commission, briefs[number]) for number in learned], handle)
    if not crew.interrupted:
        crew.run([partial(_drive, number, name, briefs[number], folder) for number, name in missing], handle)
    return _placed([row for row in rows.values() if row is not None])


def row_path(folder: Path, brief: Brief, name: str) -> Path:
    """Where the row of a gardener's life is kept."""
    place, decided = brief.place, (name, brief.place.fingerprint, brief.memory_bytes, brief.pace.commission_updates)
    if name not in BASELINES:
        decided += (json.dumps(read_plan(name).as_config(), sort_keys=True),)
        decided += () if brief.realtime is None else (str(sorted(asdict(brief.realtime).items())),)
    key = hashlib.sha256(repr(decided).encode()).hexdigest()[:12]
    return folder / f"gardener-{name}-{place.name}-{place.seed}-{key}.json"


def kept(folder: Path, brief: Brief, name: str) -> Row | None:
    """The row of a life that was lived before, or None."""
    path = row_path(folder, brief, name)
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _commission(brief: Brief, send: Send, stop: Stop) -> None:
    """Train the weights with which all learners of a garden begin, unless that was done."""

    def commissioned(message: Any) -> None:
        if isinstance(message, Commissioned):
            np.save(brief.folder / KNOWN, message.known)

    if not (brief.folder / KNOWN).exists():
        tasks.commission(brief, commissioned, stop)


def _drive(number: int, name: str, brief: Brief, folder: Path, send: Send, stop: Stop) -> None:
    """One life; it leaves a row if it is lived to its end."""
    started_s = time.perf_counter()
    lives: list[Gardened] = []

    def handle(message: Any) -> None:
        if isinstance(message, Gardened):
            lives.append(message)

    with tempfile.TemporaryDirectory() as scratch:
        own = replace(brief, folder=Path(scratch))
        if name not in BASELINES:
            own.weights("commissioned").parent.mkdir(parents=True)
            shutil.copy(brief.weights("commissioned"), own.weights("commissioned"))
        garden_life(own, name, handle, stop)
    if stop() or not lives or not lives[0].whole:
        return
    row = _row(brief, name, lives[0]) | {"seconds": round(time.perf_counter() - started_s, 1)}
    path = row_path(folder, brief, name)
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(row), encoding="utf-8")
    unfinished.rename(path)
    send((number, name, row))


def _row(brief: Brief, name: str, lived: Gardened) -> Row:
    scores = [SeasonScore.from_json(season) for season in lived.seasons]
    parts = pooled(scores) if any(score.parts is not None for score in scores) else None
    return {
        "recipe": name,
        "label": name,
        "seed": brief.seed,
        "world": f"{brief.place.name}-{brief.place.seed}",
        "climate": brief.place.told,
        "place": brief.place.fingerprint,
        "realtime": None if brief.realtime is None else asdict(brief.realtime),
        "code": brief.code,
        "score": None if parts is None else parts.score,
        "parts": None if parts is None else asdict(parts),
        "died": sum(score.sums.deaths for score in scores),
        "plants": scores[0].plants if scores else 0,
        "litres": sum(score.sums.litres for score in scores),
        "seasons": lived.seasons,
        "flops": lived.cost["flops"],
        "memory_bytes": lived.cost["memory_bytes"],
        "labels": lived.cost["labels"],
        "updates": lived.cost["updates"],
        "missed_blocks": lived.cost.get("missed_blocks"),
        "stale_blocks": lived.cost.get("stale_blocks"),
        "blocks": blocks_of(brief.place),
        "life_seconds": lived.cost["seconds"],
    }


def _placed(rows: list[Row]) -> list[Row]:
    """Rows with their place between the blind and the ideal gardener of the same garden."""
    by_who = {(row["place"], row["recipe"]): row for row in rows}

    def seasons(row: Row) -> list[SeasonScore]:
        return [SeasonScore.from_json(season) for season in row["seasons"]]

    placed = []
    for row in rows:
        ends = [by_who.get((row["place"], name)) for name in BETWEEN]
        share = None
        if row["score"] is not None and all(ends):
            share = task_score(seasons(row), *(seasons(end) for end in ends if end is not None)).share
        placed.append(row | {"share": share})
    return placed
