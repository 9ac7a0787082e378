"""How good the stream monitor's alarms are: false ones where nothing drifts, delays and misses where something does.

Lives are patrols of 24 steps a day through scenarios of the library, each with a net that was commissioned there. Every
frame becomes a few numbers (statistics, fixed features), which are kept, so that detectors can be tried on them without
living again. What is kept is all that the monitor sees. Drift-free lives are those of `constant`: weather, the course
of the day and the round through the garden are in them, seasons are not. Thresholds are chosen on such lives of seeds
500 and above (`--tune`) and stand in `agent.monitor.detectors.Thresholds`; the table to believe is of seeds 300 and
above, and beside it stands that of the gardens in which the detectors were designed.

Some lives are cut short behind a change, to save time; which, and where, is in `LIVES`.

    python benchmarks/drift.py                # live what is missing, print the tables
    python benchmarks/drift.py --no-live      # the tables, from benchmarks/rows/drift.jsonl
    python benchmarks/drift.py --tune         # false alarms and finds by threshold, on the tuning lives
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import tyro

from agent.crew import steady
from agent.garden_place import GardenPlace
from agent.hardness import commissioned, hardness
from agent.monitor import detection
from agent.monitor.detectors import Thresholds
from agent.monitor.fixed_features import FixedFeatures
from agent.monitor.inputs import pixel_statistics
from agent.monitor.scores import Alarm
from agent.monitor.truth import EQUATOR, Change, changes_of
from agent.monitor.watch import FAMILIES, Judge, parts_on_ground
from garden_env.garden import Garden, plant_garden
from scenarios.files import load
from scenarios.spec import Scenario

Row = dict[str, Any]
DRIFT_FREE = "constant"
LIVES: tuple[tuple[str, int | None], ...] = (  # scenario, and days after which it is cut short
    (DRIFT_FREE, None),
    ("resurfaced_garden", 300),
    ("lens_replaced", 121),
    ("overnight_bloom", 180),
    ("moved_south", 100),
    ("early_frost", 300),
    ("ageing_camera", 250),
    ("first_snow", 320),
    ("night_shifts", 150),
    ("many_small_drifts", 300),
)
TUNING_SEEDS, SEEDS = (500, 501, 502, 503), (300, 301)
TUNED_ON = ("resurfaced_garden", "lens_replaced", "overnight_bloom", "early_frost", "first_snow")
COLUMNS = ("day", "looks", "senses", "answers", "poses")  # of a life that is kept
LOOK_EVERY_DAYS = 10  # of the frozen net, for the day on which it has lost a fifth of its home mIoU
LOST = 0.2
IN_VIEW, DIFFERENT = 0.01, 16  # share of pixels, and levels of 255, from which a frame shows a change
SOUGHT_DAYS = 30  # for the first such frame
GRIDS: dict[str, list[dict[str, float]]] = {
    "page-hinkley": [
        {"page_hinkley_delta": d, "page_hinkley": h} for d in (0.5, 1.0, 1.5) for h in (10.0, 15.0, 20.0, 30.0)
    ],
    "adwin": [{"adwin": a} for a in (1e-2, 1e-3, 1e-4, 1e-6, 1e-9)],
    "location": [{"distance_drift": k, "location": h} for k in (0.75, 1.5) for h in (8.0, 20.0, 30.0, 45.0)],
    "shape": [{"distance_drift": k, "shape": h} for k in (0.75, 1.5) for h in (8.0, 20.0, 30.0, 45.0)],
    "step": [{"step": h} for h in (30.0, 40.0, 50.0, 60.0, 80.0)],
    "local": [{"local": h} for h in (1.7, 2.0, 2.35, 2.7, 3.0, 3.4, 4.0, 5.0)],
}


@dataclass(frozen=True)
class DriftOptions:
    """Options of the benchmark."""

    seeds: tuple[int, ...] = SEEDS
    """Of gardens and weather."""
    scenarios: tuple[str, ...] = tuple(name for name, _ in LIVES)
    """That are lived and judged."""
    live: bool = True
    """False: live nothing, print what there is."""
    tune: bool = False
    """Instead of the tables: what each threshold does on the tuning lives."""
    families: tuple[str, ...] = FAMILIES
    """Detectors."""
    out: Path = field(default_factory=lambda: Path("runs/drift"))
    """Where lives are kept, as numbers."""
    rows: Path = Path("benchmarks/rows/drift.jsonl")
    """Where rows are kept."""


def main(options: DriftOptions) -> None:
    """Live what is missing, judge it, print the tables."""
    steady()
    if options.tune:
        _tune(options)
        return
    rows = {_key(row): row for row in _read(options.rows)}
    if options.live:
        for seed in options.seeds:
            for name, days in ((name, days) for name, days in LIVES if name in options.scenarios):
                life, scenario = watch(name, days, seed, options.out), _scenario(name, days)
                gradual = any(change.visible and not change.abrupt for change in changes_of(scenario))
                lost = _lost_day(scenario, seed, options.out) if gradual else None
                in_view = _in_view_days(life, scenario, seed)
                for families in (*((family,) for family in options.families), options.families):
                    row = judge(life, scenario, seed, families) | {"lost_day": lost, "in_view": in_view}
                    rows[_key(row)] = row
                _write(options.rows, list(rows.values()))
                print(f"{name} {seed}: done", flush=True)
    for title, seeds in (("other gardens", range(500)), ("gardens of the design", range(500, 1000))):
        print("\n".join(["", title, "", *tables([row for row in rows.values() if row["seed"] in seeds])]))


@dataclass(frozen=True)
class SeenDay:
    """A day as the stream monitor sees it, and beside it what only the benchmark may know.

    Attributes:
        day: of the life.
        looks: (n, 8 + d) float64, statistics and features.
        senses: (n, 9) float32.
        answers: (n, R, C, K) uint8, what the frozen net took the parts of each frame for [1/255].
        poses: (n, 3) float64, where the robot truly was; no detector is shown it.
    """

    day: int
    looks: np.ndarray
    senses: np.ndarray
    answers: np.ndarray
    poses: np.ndarray


def watch(name: str, days: int | None, seed: int, folder: Path) -> list[SeenDay]:
    """A life as the stream monitor sees it, day by day; lived if it was not yet."""
    kept = folder / "lives" / f"{name}-{seed}.npz"
    if not kept.exists():
        scenario = _scenario(name, days)
        features = FixedFeatures(commissioned(_at_home(load(name)), seed, cache=folder / "nets").net, (64, 64))
        parts = parts_on_ground(scenario.camera)
        lived: dict[str, list[Any]] = {name: [] for name in COLUMNS}
        for block in GardenPlace(scenario, seed).stream():
            seen, answers = features.look(block.images, (len(parts), len(parts[0])))
            norm = np.linalg.norm(seen, axis=1, keepdims=True)
            looks = np.hstack([pixel_statistics(block.images), norm, seen])
            day = np.full(len(looks), block.day)
            for name, rows in zip(COLUMNS, (day, looks, block.senses, answers, block.poses), strict=True):
                lived[name].append(rows)
        kept.parent.mkdir(parents=True, exist_ok=True)
        arrays: dict[str, Any] = {name: np.concatenate(rows) for name, rows in lived.items()}
        np.savez_compressed(kept, **arrays)
    with np.load(kept) as life:
        columns = {name: life[name] for name in COLUMNS}
    ends = np.flatnonzero(np.diff(columns["day"])) + 1
    days_of = zip(*(np.split(columns[name], ends) for name in COLUMNS), strict=True)
    return [SeenDay(int(day[0]), *rest) for day, *rest in days_of]


def judge(
    life: Sequence[SeenDay],
    scenario: Scenario,
    seed: int,
    families: tuple[str, ...],
    thresholds: Thresholds | None = None,
) -> Row:
    """Let detectors look at a life; a row says when they raised the alarm, and what truly changed."""
    judged = Judge(families, thresholds or Thresholds(), parts_on_ground(scenario.camera))
    alarms: list[list[Any]] = []
    watched: list[int] = []
    frames = 0
    for seen in life:
        for event in judged.day(seen.day, 0, seen.looks, seen.senses, seen.answers):
            if isinstance(event, Alarm):
                alarms.append([event.day, event.detector, event.signal])
            elif any(value is not None for value in event.signals.values()):
                watched.append(event.day)
                frames += event.frames
    return {
        "scenario": scenario.name,
        "seed": seed,
        "detectors": families[0] if len(families) == 1 else "all",
        "watched": [watched[0], watched[-1] + 1],
        "frames": frames,
        "alarms": alarms,
        "changes": [change.as_row() for change in changes_of(scenario)],
    }


def tables(rows: Sequence[Row]) -> list[str]:
    """The tables of docs/drift.md, as lines."""
    free = [row for row in rows if row["scenario"] == DRIFT_FREE]
    moving = [row for row in rows if row["scenario"] != DRIFT_FREE]
    names = [*dict.fromkeys(row["detectors"] for row in rows)]
    lines = [
        "| detectors | drift-free lives | frames | false alarms | per 10,000 frames "
        "| abrupt found | by chance | delay | gradual found | by chance |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name in (*names, *VACUOUS):
        lines.append(_line(name, _of(free, name), _of(moving, name)))
    lines += ["", *_by_change(*(_of(moving, name) for name in ("all", "step", "local")))]
    return lines


VACUOUS = ("never fires", "always fires", "knows the calendar")


def _of(rows: Sequence[Row], name: str) -> list[Row]:
    """The rows of a detector; for a vacuous one the lives, with its alarms."""
    if name not in VACUOUS:
        return [row for row in rows if row["detectors"] == name]
    return [_as(row, name) for row in rows if row["detectors"] == "all"]


def _as(row: Row, name: str) -> Row:
    """The life of a row, with the alarms of a vacuous detector in place of its own."""
    watched = range(*row["watched"])
    days = {
        "never fires": detection.never(watched),
        "always fires": detection.always(watched),
        "knows the calendar": detection.by_calendar(watched, len(_days(row))),
    }[name]
    return row | {"alarms": [[day, name, name] for day in days]}


def _line(name: str, free: Sequence[Row], moving: Sequence[Row]) -> str:
    frames, false = sum(row["frames"] for row in free), sum(len(_days(row)) for row in free)
    abrupt = [found for row in moving for found in _finds(row) if found.change.abrupt]
    gradual = [found for row in moving for found in _finds(row) if not found.change.abrupt]
    delays = [found.delay_days for found in abrupt if found.delay_days is not None]
    rate = f"{detection.false_alarms_per_10_000(false, frames):.2f}" if frames else "-"
    cells = [
        name, len(free), f"{frames:,}", false, rate,
        _share(abrupt), _chance(abrupt), f"{np.mean(delays):.1f} d" if delays else "-",
        _share(gradual), _chance(gradual),
    ]  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


def _finds(row: Row) -> list[detection.Found]:
    """What became of each visible change of a life."""
    watched = range(*row["watched"])
    found = []
    for change in map(Change.of_row, row["changes"]):
        if change.visible:
            lost = row["lost_day"] if row["lost_day"] is not None else watched.stop
            late = max(lost, change.first_day) if not change.abrupt else 0
            deadline = detection.abrupt_deadline(change) if change.abrupt else min(late, change.last_day)
            found.append(detection.find(change, _days(row), deadline_day=deadline, watched=watched))
    return found


def _by_change(alls: Sequence[Row], steps: Sequence[Row], locals_: Sequence[Row]) -> list[str]:
    """What became of every change, by all detectors together and by the two that find most; `in view`: on which of its
    days a frame first showed it."""
    lines = [
        "| scenario | seed | change | day | | in view | all: delay [d] | step: delay [d] | local: delay [d] |",
        "|---|---:|---|---:|---|---:|---:|---:|---:|",
    ]
    for rows in zip(alls, steps, locals_, strict=True):
        views = [day for day, change in zip(rows[0]["in_view"], rows[0]["changes"], strict=True) if _visible(change)]
        for view, *founds in zip(views, *map(_finds, rows), strict=True):
            change = founds[0].change
            kind = "abrupt" if change.abrupt else "gradual"
            shown = "never" if view is None else str(view - change.first_day + 1)
            delays = " | ".join("missed" if found.delay_days is None else str(found.delay_days) for found in founds)
            told = f"`{change.name}` | {change.first_day} | {kind} | {shown} | {delays}"
            lines.append(f"| {rows[0]['scenario']} | {rows[0]['seed']} | {told} |")
    return lines


def _visible(change: Row) -> bool:
    return Change.of_row(change).visible


def _tune(options: DriftOptions) -> None:
    """Print, by family and threshold, false alarms in each drift-free tuning life, and finds in the others."""
    constant = _scenario(DRIFT_FREE, None)
    free = [(seed, watch(DRIFT_FREE, None, seed, options.out)) for seed in TUNING_SEEDS]
    tuned_on = [(name, dict(LIVES)[name]) for name in TUNED_ON]
    lives = [(_scenario(name, days), watch(name, days, TUNING_SEEDS[0], options.out)) for name, days in tuned_on]
    for family in options.families:
        for setting in GRIDS[family]:
            at = replace(Thresholds(), **setting)
            false = [len(_days(judge(life, constant, seed, (family,), at))) for seed, life in free]
            rows = [judge(life, where, TUNING_SEEDS[0], (family,), at) | {"lost_day": None} for where, life in lives]
            found = [found for row in rows for found in _finds(row) if found.change.abrupt]
            raised = sum(len(_days(row)) for row in rows)
            print(f"{family:<13} {setting} false {false}, abrupt {_share(found)}, alarms {raised}", flush=True)


def _in_view_days(life: Sequence[SeenDay], scenario: Scenario, seed: int) -> list[int | None]:
    """By change, the first day on which a frame showed it; None: not within `SOUGHT_DAYS`, or no camera sees it.

    The garden is drawn with and without it, from where the robot truly was, and a frame shows it if a share of
    `IN_VIEW` of its pixels differ by `DIFFERENT` levels.
    """
    garden, found = plant_garden(scenario, seed), []
    for change in changes_of(scenario):
        first = None
        if change.visible:
            other = plant_garden(_without(scenario, change), seed)
            for seen in life[change.first_day : change.first_day + SOUGHT_DAYS]:
                if any(_differs(garden, other, scenario, seen, i) for i in range(len(seen.poses))):
                    first = seen.day
                    break
        found.append(first)
    return found


def _differs(garden: Garden, other: Garden, scenario: Scenario, seen: SeenDay, i: int) -> bool:
    """Whether a frame of a day shows what one garden has and the other has not; without noise, in equal water state."""
    hour = garden.hour_at(*scenario.moment(seen.day * scenario.steps_per_day + i))
    one, two = (place.view(seen.day, hour, seen.poses[i]).rgb.astype(int) for place in (garden, other))
    return bool((np.abs(one - two).max(-1) >= DIFFERENT).mean() >= IN_VIEW)


def _without(scenario: Scenario, change: Change) -> Scenario:
    """The scenario in which a change does not come: its axes stand still from the day before."""
    day = scenario.start + timedelta(days=change.first_day - 1)
    still = {axis: day for axis in change.axes if axis != EQUATOR}
    crosses = None if EQUATOR in change.axes else scenario.crosses_equator
    return scenario.model_copy(update={"freeze": scenario.freeze | still, "crosses_equator": crosses})


def _lost_day(scenario: Scenario, seed: int, folder: Path) -> int | None:
    """The day from which the frozen net has lost a fifth of its home mIoU (median of three looks); None: never."""
    kept = folder / "lost" / f"{scenario.name}-{seed}.json"
    if not kept.exists():
        days = np.arange(scenario.commissioning_days // 2, scenario.days, LOOK_EVERY_DAYS)
        net = commissioned(_at_home(load(scenario.name)), seed, cache=folder / "nets")
        seen = hardness(scenario, seed, days, net=net)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps({"days": days.tolist(), "miou": seen.miou.tolist()}), encoding="utf-8")
    told = json.loads(kept.read_text(encoding="utf-8"))
    days, miou = np.array(told["days"]), np.array(told["miou"])
    home = miou[days < scenario.commissioning_days + LOOK_EVERY_DAYS].mean()
    smooth = np.median(np.stack([np.roll(miou, shift)[1:-1] for shift in (-1, 0, 1)]), axis=0)
    low = np.flatnonzero(smooth < (1 - LOST) * home)
    return int(days[1:-1][low[0]]) if len(low) else None


def _scenario(name: str, days: int | None) -> Scenario:
    scenario = load(name)
    return scenario if days is None else scenario.model_copy(update={"days": days})


def _at_home(scenario: Scenario) -> Scenario:
    """The scenario without what comes after commissioning, so that lives that begin alike share a net."""
    end = scenario.start + timedelta(days=scenario.commissioning_days)
    before = tuple(event for event in scenario.drift if event.at is None or event.at < end)
    return scenario.model_copy(
        update={"drift": before, "crosses_equator": None, "name": "home", "summary": "", "days": 456}
    )


def _days(row: Row) -> list[int]:
    """Days on whose evening an alarm was raised; several detectors on one evening are one alarm."""
    return sorted({int(alarm[0]) for alarm in row["alarms"]})


def _share(found: Sequence[detection.Found]) -> str:
    return f"{sum(f.delay_days is not None for f in found)} of {len(found)}"


def _chance(found: Sequence[detection.Found]) -> str:
    return f"{sum(f.by_chance for f in found):.1f}"


def _key(row: Row) -> tuple[str, int, str]:
    return row["scenario"], row["seed"], row["detectors"]


def _read(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def _write(path: Path, rows: Sequence[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main(tyro.cli(DriftOptions, config=(tyro.conf.OmitArgPrefixes,)))
