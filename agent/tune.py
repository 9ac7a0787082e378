"""The command `tune`: the same number of trials for every recipe, in worlds of which no reported figure is made.

A trial is a life with settings of `learners.search`; its score is mIoU in gardens never visited, averaged over the life
and then over the tuning worlds. The best goes into the table of recipes, with the hash of the search.

A tuning life is short, so that hundreds fit into an hour: fifteen months at three steps a day, an update every four
days, about 110 of them where a default life has 870, and pictures of 32 by 32 pixels. It cannot tell what needs many
updates to show: how a channel wears out, what the tenth consolidation adds to the second, how small a learning rate
may be that is given more time, or how much of a regime may be pruned, which comes after 200 updates. It favours
settings that learn fast. With one net and one stream a world, differences between trials of less than a point of mIoU
are within what another seed would change.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from agent.brief import Brief
from agent.crew import Crew, Send, Stop
from agent.garden_place import GardenPlace
from agent.options import Pace
from agent.trial import Row, brief_of, settle, trial
from learners.recipes import find_recipe
from learners.search import search_hash, trials_of
from scenarios.spec import CameraSpec, GardenSpec, Scenario

CAMERA = CameraSpec(width_px=32, height_px=32)
LEARN_EVERY = 12
EXAM_EVERY_DAYS = 40
PACE = Pace(commission_updates=120, home_frames=1, away_frames=12, next_year_frames=1)
MEMORY_FRAMES = 109  # as many as a default life keeps


def _scenario(name: str, climate: str, start: date, garden: GardenSpec) -> Scenario:
    return Scenario(
        name=name, start=start, steps_per_day=3, commissioning_days=42, climate=climate, garden=garden, camera=CAMERA
    )


WORLDS: tuple[tuple[Scenario, int], ...] = (
    (_scenario("tuning_north", "subarctic", date(2034, 5, 10), GardenSpec(width_m=11.0, beds=5)), 501),
    (_scenario("tuning_dry", "mediterranean", date(2036, 9, 20), GardenSpec(width_m=9.0, beds=7)), 502),
    (_scenario("tuning_late", "subarctic", date(2038, 8, 1), GardenSpec(depth_m=9.0, trees=4)), 503),
    (_scenario("tuning_spring", "mediterranean", date(2040, 3, 1), GardenSpec(depth_m=10.0, trees=2)), 504),
)
"""Scenarios and seeds; no table that is reported has these climates, dates, gardens or seeds."""


@dataclass(frozen=True)
class TuneOptions:
    """Options of a search."""

    trials: int = 16
    """How many settings are tried for each recipe; the first are the defaults."""
    worlds: int = 2
    """In how many tuning worlds each is tried."""
    workers: int = 2
    """Processes, of one torch thread each; 0 runs everything in this one."""
    out: Path = field(default_factory=lambda: Path("runs/tune"))
    """Where each trial's row is kept: what was lived is not lived again."""

    def check(self) -> None:
        """See that the options make sense.

        Raises:
            ValueError: one does not.
        """
        if self.trials < 1:
            raise ValueError(f"trials is {self.trials}; give at least 1")
        if not 1 <= self.worlds <= len(WORLDS):
            raise ValueError(f"worlds is {self.worlds}; there are 1 to {len(WORLDS)} tuning worlds")


@dataclass(frozen=True)
class Tried:
    """A trial has ended: mIoU over the life, world by world."""

    recipe: str
    number: int
    settings: dict[str, Any]
    scores: tuple[float, ...]

    @property
    def score(self) -> float:
        return float(np.mean(self.scores))


@dataclass(frozen=True)
class Found:
    """What a search has found.

    Attributes:
        recipe: searched for.
        best: the trial with the highest score; of equal ones the first.
        default: the first trial.
        spread: the lowest, the middle and the highest score of all trials.
        search: the hash of it.
    """

    recipe: str
    best: Tried
    default: Tried
    spread: tuple[float, float, float]
    search: str

    @property
    def told(self) -> str:
        """For people: how much there was to gain."""
        low, middle, high = (100 * score for score in self.spread)
        gained = f"best {100 * self.best.score:.1f}, default {100 * self.default.score:.1f}"
        return f"{self.recipe}: mIoU {gained}; all trials {low:.1f} to {high:.1f}, half of them above {middle:.1f}"

    @property
    def line(self) -> str:
        """Ready for the table in `learners.recipes`."""
        return f'"{self.recipe}": ({json.dumps(self.best.settings)}, "{self.search}"),'


def tuning_places(worlds: int) -> list[GardenPlace]:
    """The places of the first tuning worlds."""
    frames = (PACE.home_frames, PACE.away_frames, PACE.next_year_frames)
    return [GardenPlace(scenario, seed, LEARN_EVERY, *frames) for scenario, seed in WORLDS[:worlds]]


def settled(options: TuneOptions, number: int, stop: Stop = lambda: False) -> Brief | None:
    """A tuning world, ready for trials."""
    [place] = tuning_places(number + 1)[number:]
    height, width = place.frame_px
    memory_bytes = MEMORY_FRAMES * (3 * height * width + height // 2 * (width // 2))
    brief = brief_of(
        place, options.out / "worlds", pace=PACE, exam_every_days=EXAM_EVERY_DAYS, memory_bytes=memory_bytes
    )
    return settle(brief, references=False, stop=stop)


def tune(options: TuneOptions, recipes: Sequence[str], tell=print) -> list[Found]:
    """Search for the settings of recipes, trial by trial of all of them, so that all have had as many at any time.

    Args:
        options: how much is tried, and where it is kept.
        recipes: names; order does not matter.
        tell: is told a line a trial as it ends, and the best at the end.

    Returns:
        What was found, for the recipes whose trials were all lived.
    """
    options.check()
    recipes = [find_recipe(name).name for name in recipes]
    tried: dict[tuple[str, int], Tried] = {}

    def handle(message: Any) -> None:
        if isinstance(message, Tried):
            tried[message.recipe, message.number] = message
            told = " ".join(f"{name}={value:g}" for name, value in message.settings.items())
            levels = " ".join(f"{100 * score:.1f}" for score in message.scores)
            name = f"{message.recipe} {message.number + 1}/{options.trials}"
            tell(f"{name:<24} {100 * message.score:5.1f}  ({levels})  {told}")

    with Crew(options.workers) as crew:
        crew.run([partial(_settle, options, number) for number in range(options.worlds)], handle)
        work = [
            partial(_try, options, name, number)
            for number in range(options.trials)
            for name in recipes
            if number < len(trials_of(name, options.trials))
        ]
        if not crew.interrupted:
            crew.run(work, handle)
    found = [_found(options, name, tried) for name in recipes]
    complete = [result for result in found if result is not None]
    for result in complete:
        tell(result.told)
    for result in complete:
        tell(result.line)
    return complete


def _settle(options: TuneOptions, number: int, send: Send, stop: Stop) -> None:
    settled(options, number, stop)


def _try(options: TuneOptions, name: str, number: int, send: Send, stop: Stop) -> None:
    """One trial, in all worlds."""
    settings = trials_of(name, options.trials)[number]
    levels = []
    for world in range(options.worlds):
        row = _lived(options, name, settings, world, stop)
        if row is None:
            return
        levels.append(row["miou_life"])
    send(Tried(name, number, settings, tuple(levels)))


def _lived(options: TuneOptions, name: str, settings: dict[str, Any], world: int, stop: Stop) -> Row | None:
    brief = settled(options, world, stop)
    if brief is None:
        return None
    brief = replace(brief, changes=tuple(settings.items()))
    return trial(options.out / "rows", brief, name, stop)


def _found(options: TuneOptions, name: str, tried: dict[tuple[str, int], Tried]) -> Found | None:
    trials = [tried.get((name, number)) for number in range(len(trials_of(name, options.trials)))]
    ended = [trial for trial in trials if trial is not None]
    if len(ended) < len(trials):
        return None
    levels = np.array([trial.score for trial in ended])
    best = ended[int(levels.argmax())]
    spread = (float(levels.min()), float(np.median(levels)), float(levels.max()))
    return Found(name, best, ended[0], spread, search_of(name, options))


def search_of(name: str, options: TuneOptions) -> str:
    """The hash of a search."""
    worlds = [f"{scenario.hash}-{seed}" for scenario, seed in WORLDS[: options.worlds]]
    pace = asdict(PACE) | {
        "learn_every": LEARN_EVERY,
        "exam_every_days": EXAM_EVERY_DAYS,
        "memory_frames": MEMORY_FRAMES,
    }
    return search_hash(name, options.trials, worlds, pace)


def main(arguments: list[str]) -> int:
    """The command `tune`."""
    import tyro

    def command(recipes: tuple[str, ...], /, options: TuneOptions) -> None:
        """Search for the settings of recipes in the tuning worlds, and print the best.

        Args:
            recipes: their names.
        """
        if not recipes:
            raise ValueError("name at least one recipe: run_sim.py tune RECIPE [RECIPE ...]")
        tune(options, recipes)

    tyro.cli(command, prog="run_sim.py tune", args=arguments, config=(tyro.conf.OmitArgPrefixes,))
    return 0
