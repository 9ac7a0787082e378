"""The trials of a sweep, in a fixed order: each is one run, whose folder is named by what decides it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from agent.garden_place import GardenPlace
from agent.options import Pace, RunOptions, paced
from agent.run import VERSIONS_OF, garden_place, version_of
from agent.sources import code_hash
from agent.students import read_plan
from agent.sweep.spec import Sweep
from scenarios.spec import Scenario

TRIALS, ROWS, ATTEMPTS, PROGRESS = "trials", "rows", "attempts", "progress"  # folders within a sweep's own
LONGEST_NAME = 120  # characters of a folder's name, without the key


@dataclass(frozen=True)
class Trial:
    """One run of a sweep; small, for it travels between machines.

    Attributes:
        learners: who live in it, side by side.
        scenario: where.
        options: of the run, apart from the folder that it is made in.
        varied: what tells it from trials of the same learners, scenario and seed: option and value.
        pace: how much is done, in place of what `options.quick` means.
        code: hash of the sources that are to carry it out.
        versions: of the libraries that are to.
    """

    learners: tuple[str, ...]
    scenario: Scenario
    options: RunOptions
    varied: tuple[tuple[str, Any], ...]
    pace: Pace | None
    code: str
    versions: tuple[tuple[str, str], ...]

    @cached_property
    def name(self) -> str:
        """Of its folder: for people who, where, which seed and options; then eight digits over all that decides it."""
        parts = [",".join(self.learners), self.scenario.name]
        parts += [f"s{self.options.seed}", *(f"{key}={value}" for key, value in self.varied)]
        return f"{'-'.join(parts)[:LONGEST_NAME]}-{self.key}"

    @cached_property
    def key(self) -> str:
        """Eight hexadecimal digits over everything that decides what it comes to."""
        chosen = {key: value for key, value in vars(self.options).items() if key not in ("out", "workers", "frames")}
        decided = {
            "options": chosen,
            "learners": [read_plan(name).as_config() for name in self.learners],
            "scenario": self.scenario.hash,
            "pace": None if self.pace is None else vars(self.pace),
            "code": self.code,
            "versions": self.versions,
        }
        return hashlib.sha256(json.dumps(decided, sort_keys=True).encode()).hexdigest()[:8]

    @cached_property
    def place(self) -> GardenPlace:
        """Where it is lived; nothing is planted yet."""
        options, scenario, pace = paced(self.options, self.scenario)
        return garden_place(options, scenario, self.pace or pace)

    @property
    def world(self) -> str:
        """Scenario and seed: what trials have in common that are compared in pairs."""
        return f"{self.scenario.name} {self.options.seed}"

    def folder(self, sweep: Path) -> Path:
        """Of its run, within the sweep's own."""
        return sweep / TRIALS / self.name

    def row_file(self, sweep: Path) -> Path:
        """Where it is kept what it came to; it is there once the trial is over."""
        return sweep / ROWS / f"{self.name}.json"

    def label(self, learner: str) -> str:
        """Who is compared: a learner, with what was varied."""
        return " ".join([learner, *(f"{key}={value}" for key, value in self.varied)])


def trials_of(sweep: Sweep, pace: Pace | None = None) -> list[Trial]:
    """All trials; learners change slowest, so that different worlds come first and their references are there for all.

    Args:
        sweep: which.
        pace: how much each does, in place of what the option `quick` means.
    """
    code, versions = code_hash(), versions_here()
    return [
        Trial(
            learners=group,
            scenario=scenario,
            options=RunOptions(scenario=scenario.name, learners=group, seed=seed, workers=0, **chosen),
            varied=tuple((name, chosen[name]) for name in sweep.varied),
            pace=pace,
            code=code,
            versions=versions,
        )
        for group in sweep.learners
        for chosen in sweep.variants()
        for scenario in sweep.scenarios
        for seed in sweep.seeds
    ]


def versions_here() -> tuple[tuple[str, str], ...]:
    """Of the libraries on which the bits of a run depend."""
    return tuple((name, found) for name in VERSIONS_OF if (found := version_of(name)))


def labels_of(trials: Sequence[Trial]) -> list[str]:
    """All who are compared, in the order of the trials."""
    return list(dict.fromkeys(trial.label(learner) for trial in trials for learner in trial.learners))
