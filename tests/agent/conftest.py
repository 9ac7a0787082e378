"""A made-up run folder: learners that forget as one would expect, without a garden or a net."""

import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from agent import tasks
from agent.monitor.monitor import Monitor
from agent.monitor.scores import BankInfo, ClassInfo, Phase, ProbeScore, StreamScore
from agent.report.strips import Strips, save_strips
from scenarios.tables import CLASSES

START = date(2030, 4, 1)
MIDDLES = (
    ("early spring", 4, 8),
    ("late spring", 5, 15),
    ("early summer", 6, 25),
    ("high summer", 8, 5),
    ("early autumn", 9, 20),
    ("late autumn", 11, 1),
    ("early winter", 12, 15),
    ("deep winter", 2, 1),
)
PHASES = tuple(Phase(name, (date(2030, month, day),)) for name, month, day in MIDDLES)
CLASS_INFOS = tuple(ClassInfo(row.name, row.rgb) for row in CLASSES.values())
C = len(CLASS_INFOS)
WINTERY = np.array([0.2, 0.0, 0.0, 0.0, 0.05, 0.35, 0.8, 1.0])
# sky lawn soil path water foliage blossom wilted wood obstacle snow litter
SUMMER_PIXELS = np.array([0.28, 0.24, 0.07, 0.12, 0.03, 0.14, 0.03, 0.02, 0.03, 0.04, 0.0, 0.0])
WINTER_PIXELS = np.array([0.30, 0.05, 0.02, 0.03, 0.02, 0.05, 0.0, 0.0, 0.09, 0.05, 0.37, 0.02])


def truth_pixels(phase: int, pixels: int = 6000) -> np.ndarray:
    """(C,) how many pixels of every class a frame of a phase holds."""
    return np.round(pixels * (SUMMER_PIXELS * (1 - WINTERY[phase]) + WINTER_PIXELS * WINTERY[phase])).astype(int)


def confusion(phase: int, right: float, rng: np.random.Generator) -> np.ndarray:
    """(C, C) with a share of right pixels, the others spread evenly over the classes."""
    shares = np.full((C, C), max(1 - right, 0.0) / (C - 1))
    np.fill_diagonal(shares, min(right, 1.0))
    return rng.multinomial(truth_pixels(phase), shares)


@cache
def phase_now(day: int) -> float:
    """Where in 0..8 the year stands."""
    doy = (START + timedelta(days=day)).timetuple().tm_yday
    middles = [date(2030, month, d).timetuple().tm_yday for _, month, d in MIDDLES]
    turned = sorted((m, s) for s, m in enumerate(middles))
    xs = [m for m, _ in turned]
    ys = np.unwrap([s for _, s in turned], period=8)
    return float(np.interp(doy, [xs[-1] - 365, *xs, xs[0] + 365], [ys[-1] - 8, *ys, ys[0] + 8]) % 8)


def competence(learner: str, phase: int, day: int) -> float:
    """The share of pixels that a learner gets right."""
    now = phase_now(day)
    away_now = abs((phase - now + 4) % 8 - 4)
    from_first = abs((phase + 4) % 8 - 4)
    ceiling = 0.97
    if learner == "frozen":
        return 0.95 - 0.13 * from_first
    if learner == "finetune":
        return ceiling - 0.02 - 0.075 * away_now
    lived = min(day / 365 * 8, 8)
    keeps = {"er": 0.03, "ewc": 0.11, "er+ewc": 0.022}.get(learner, 0.05)
    return ceiling - keeps * (1 if phase <= lived else min(1 + phase - lived, 5)) - 0.004 * away_now


def make_run(
    folder: Path,
    *,
    learners: Sequence[str] = ("frozen", "finetune", "er+ewc"),
    days: int = 456,
    until: int | None = None,
    references: bool = True,
    every: int = 10,
    world: int = 0,
) -> Path:
    """Write a run folder as `agent/run.py` would; `until` stops it early, as Ctrl-C does; `world` is another garden."""
    rng = np.random.default_rng(5 + world)
    ease = 0.0 if world == 0 else rng.normal(0, 0.03)  # what makes a garden easier or harder for everybody
    folder.mkdir(parents=True, exist_ok=True)
    everything = np.array([c.name not in ("snow", "litter") for c in CLASS_INFOS])
    banks = [BankInfo(name, np.ones(C, dtype=bool), everything) for name in ("home", "away", "next_year")]
    bonus = {"home": 0.02, "away": 0.0, "next_year": 0.01}
    frames = {b.name: np.stack([confusion(s, 0.0, np.random.default_rng(9)) for s in range(8)]) for b in banks}
    config = {
        "scenario": {"name": "four_seasons", "summary": "a year of weather", "start": START.isoformat(), "days": days,
                     "climate": "humid_continental", "southern": False, "commissioning_days": 28},
        "options": {"seed": world, "learn_every": 12, "memory_share": 0.01, "learners": list(learners)},
        "versions": {"evergreen": "0.1.0", "python": "3.11", "numpy": "2.4", "torch": "2.13"},
        "hashes": {"place": f"0123456789ab{world:04x}", "code": "ba9876543210"},
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with Monitor(
        folder,
        start=START,
        days=days,
        commissioning_days=28,
        classes=CLASS_INFOS,
        phases=PHASES,
        banks=banks,
        learners=learners,
    ) as monitor:
        for day in range(28, days if until is None else until):
            phase = round(phase_now(day)) % 8
            for learner in learners:
                if (day - 28) % every == 0:
                    for bank in frames:
                        wobble = 0.0 if learner == "frozen" else rng.normal(0, 0.004)
                        right = [competence(learner, s, day) + bonus[bank] + wobble + ease for s in range(8)]
                        fixed = np.random.default_rng(9)
                        cells = np.stack([[confusion(s, r, fixed)] for s, r in enumerate(right)])
                        monitor.probe(ProbeScore(learner, day * 24, day, bank, cells))
                monitor.stream(
                    StreamScore(
                        learner,
                        day * 24 + 23,
                        day,
                        24,
                        confusion(phase, competence(learner, phase, day) - rng.uniform(0, 0.1), rng),
                        confusion(phase, 0.55, rng),
                        0.6,
                        {"predict": 0.01, "learn": 0.07},
                    )
                )
        if references and until is None:
            for name, right in (("joint", 0.955), ("joint@converged", 0.965)):
                for bank in frames:
                    cells = np.stack([[confusion(s, right, np.random.default_rng(9))] for s in range(8)])
                    monitor.reference(name, bank, cells)
                monitor.cost(name, {"seconds": 62.0, "flops": 3e13, "labels": 10300, "updates": 856})
        for learner in learners:
            busy = learner != "frozen"
            monitor.cost(
                learner,
                {
                    "seconds": 31.0 if busy else 6.5,
                    "flops": 2.4e13 if busy else 4e12,
                    "memory_bytes": 1.31e6 if "er" in learner else 0,
                    "labels": 6848 if busy else 0,
                    "updates": 856 if busy else 0,
                    "skipped": 0,
                },
            )
        if until is None:
            monitor.end("finished")
        summary = monitor.summary()
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    save_strips(folder, made_up_strips(learners))
    return folder


def made_up_strips(learners: Sequence[str]) -> Strips:
    """A horizon, a path and a bush per phase, with mistakes in the predictions."""
    rng = np.random.default_rng(2)
    rgb = np.zeros((8, 64, 64, 3), dtype=np.uint8)
    truth = np.zeros((8, 32, 32), dtype=np.uint8)
    predicted = {name: np.zeros_like(truth) for name in learners}
    rows, columns = np.mgrid[0:32, 0:32]
    for s in range(8):
        ground = 10 if WINTERY[s] > 0.6 else 1
        truth[s] = np.where(rows < 12, 0, ground)
        truth[s][(rows > 12) & (np.abs(columns - 16) < (rows - 10) / 3)] = 3
        truth[s][(rows - 12) ** 2 + (columns - 25) ** 2 < 36] = 5 if WINTERY[s] < 0.5 else 8
        truth[s][(rows - 11) ** 2 + (columns - 25) ** 2 < 4] = 6 if s in (1, 2, 3) else 255
        colours = np.array([c.rgb for c in CLASS_INFOS] + [(90, 90, 90)])
        picture = colours[np.minimum(truth[s], C)].repeat(2, 0).repeat(2, 1) * (1 - 0.25 * WINTERY[s])
        rgb[s] = np.clip(picture + rng.normal(0, 9, picture.shape), 0, 255).astype(np.uint8)
        for name in learners:
            wrong = rng.random((32, 32)) > competence(name, s, 440)
            predicted[name][s] = np.where(wrong, 5, np.where(truth[s] == 255, 5, truth[s]))
    titles = tuple(f"{name}|{day} {date(2030, month, day):%B}" for name, month, day in MIDDLES)
    return Strips(rgb, truth, predicted, titles)


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished life of 15 months with three learners."""
    return make_run(tmp_path_factory.mktemp("finished") / "run")


TINY = """
name: tiny
days: 40
steps_per_day: 4
commissioning_days: 12
camera: {width_px: 32, height_px: 32}
garden: {beds: 3, trees: 1, props: 1}
"""


@pytest.fixture(scope="session")
def lived_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A true run of 40 days: one who never changes, one whose net keeps more than weights; two sets of these kept."""
    from agent.options import Pace, RunOptions
    from agent.run import run
    from scenarios.files import parse

    options = RunOptions(
        learners=("frozen", "adabn"), references=False, workers=0, burst_days=0, checkups=False, keep_weights=2,
        seed=5, out=tmp_path_factory.mktemp("lived"),
    )  # fmt: skip
    pace = Pace(commission_updates=3, home_frames=1, away_frames=1, next_year_frames=1)
    return run(options, scenario=parse(TINY), pace=pace)


@pytest.fixture(scope="session")
def run_maker() -> Callable[..., Path]:
    """`make_run`, for other lives."""
    return make_run


@pytest.fixture(scope="module")
def unexplained():
    """Lives of this module end without a look at why they went as they did, which takes long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks, "explain", lambda *given: None)
        yield
