"""A trial's rows, one a learner, from its run's files: what was chosen, what came of it, and hashes; no clock.

The same trial has the same rows wherever and however it was lived.
"""

from pathlib import Path
from typing import Any

from agent.sweep.trials import Trial
from agent.trial import measures
from scenarios.untrusted import read_json

Row = dict[str, Any]
NAMED = ("scenario", "learners", "seed")  # options that have columns of their own


def rows_of(trial: Trial, folder: Path) -> list[Row]:
    """The rows of a trial that is over.

    Args:
        trial: which.
        folder: of its run.
    """
    summary, config = (read_json(folder / name) for name in ("summary.json", "config.json"))
    return [
        {
            "trial": trial.name,
            "label": trial.label(learner),
            "learner": learner,
            "scenario": trial.scenario.name,
            "climate": trial.scenario.climate_name,
            "seed": trial.options.seed,
            "world": trial.world,
            "days": summary["days"],
            **measures(summary, learner),
            **{f"option.{key}": value for key, value in config["options"].items() if key not in NAMED},
            "hash.scenario": trial.scenario.hash,
            "hash.place": config["hashes"]["place"],
            "hash.code": config["hashes"]["code"],
            **{f"version.{name}": found for name, found in config["versions"].items()},
        }
        for learner in trial.learners
    ]


def clock_of(trial: Trial, folder: Path) -> list[Row]:
    """What the learners of a trial have taken by the clock, a row each."""
    told = read_json(folder / "summary.json")["learners"]
    return [{"trial": trial.name, "learner": name, "life_seconds": told[name]["cost"]["seconds"]}
            for name in trial.learners]  # fmt: skip
