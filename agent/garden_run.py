"""In the loop: gardeners that each drive a life of their own, and what became of the plants.

This is never mixed with a run in which learners shadow one driver (`agent.run`): there, frames are the same for all and
accuracies are compared; here every gardener meets what its own deeds led to, and only the task's score is compared.
"""

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from agent import tasks
from agent.brief import Brief
from agent.crew import Crew
from agent.garden_options import BASELINES, GardenOptions, at_stake
from agent.garden_place import GardenPlace
from agent.garden_sheet import save_sheet
from agent.garden_tasks import Gardened, garden_life
from agent.options import QUICK_PACE, Pace, RunOptions
from agent.run import brief_for, make_folder
from agent.task_score import SeasonScore, pooled, regret, task_score
from scenarios.files import load
from scenarios.spec import Scenario


class Listener:
    """Is told what happens; does nothing by itself."""

    def begin(self, brief: Brief, names: list[str]) -> None:
        """These are going to live."""

    def message(self, message: Any) -> None:
        """A task said something."""


def run_garden(
    options: GardenOptions, listener: Listener | None = None, *, scenario: Scenario | None = None,
    pace: Pace | None = None,
) -> Path:  # fmt: skip
    """Let gardeners live, each in a life of its own in the same garden.

    Args:
        options: what to do.
        listener: is told what happens.
        scenario: a scenario made in Python, in place of `options.scenario`.
        pace: how much is done before the life, in place of what `options.quick` means.

    Returns:
        The folder: config.json, garden.json (scores), deeds/<gardener>.jsonl, garden.png, weights/.

    Raises:
        ValueError: an option makes no sense.
        ScenarioError: the scenario does not exist or is not valid.
        KeyboardInterrupt: interrupted before any gardener had lived.
    """
    options.check()
    listener = listener or Listener()
    scenario = at_stake(options, scenario or load(options.scenario))
    place = GardenPlace(scenario, options.seed, options.learn_every)
    pace = pace or (QUICK_PACE if options.quick else Pace())
    shared = RunOptions(seed=options.seed, memory_share=options.memory_share, learn_every=options.learn_every)
    folder = make_folder(options.out, f"{place.name}-garden")
    brief = brief_for(shared, place, pace, folder)
    _write(folder / "config.json", {**place.as_config(), "options": _plain(options), "place": place.fingerprint})
    learners = [name for name in options.gardeners if name not in BASELINES]
    listener.begin(brief, [*(["commissioning"] if learners else []), *options.gardeners])
    lived: dict[str, Gardened] = {}

    def handle(message: Any) -> None:
        if isinstance(message, Gardened):
            lived[message.name] = message
            _keep(folder, message)
        listener.message(message)

    with Crew(options.workers) as crew:
        early = [partial(garden_life, brief, name) for name in options.gardeners if name in BASELINES]
        try:
            if learners:
                crew.run([partial(tasks.commission, brief), *early], handle)
            elif early:
                crew.run(early, handle)
            if learners and not crew.interrupted:
                crew.run([partial(garden_life, brief, name) for name in reversed(learners)], handle)
        except KeyboardInterrupt:
            crew.interrupted = True
        interrupted = crew.interrupted
    if not lived:
        raise KeyboardInterrupt
    _write(folder / "garden.json", {"interrupted": interrupted, **told(options.gardeners, lived)})
    save_sheet(folder / "garden.png", place.garden, [lived[name] for name in options.gardeners if name in lived])
    return folder


def told(names: tuple[str, ...], lived: dict[str, Gardened]) -> dict[str, Any]:
    """The scores of all gardeners side by side.

    Where the ideal lived, the robot's regret by season; where the blind one did too, its place between them.
    """
    gardeners: dict[str, Any] = {}
    seasons = {name: [SeasonScore.from_json(one) for one in lived[name].seasons] for name in names if name in lived}
    for name, scores in seasons.items():
        row: dict[str, Any] = {
            "whole": lived[name].whole, "seasons": lived[name].seasons, "cost": lived[name].cost,
            "died": sum(one.sums.deaths for one in scores), "plants": scores[0].plants if scores else 0,
        }  # fmt: skip
        if any(one.parts is not None for one in scores):
            parts = pooled(scores)
            row["score"] = parts.score
            row["parts"] = vars(parts)
        comparable = {other for other in ("ideal", "blind") if other in seasons and lived[other].whole}
        if lived[name].whole and "ideal" in comparable:
            row["regret"] = regret(scores, seasons["ideal"])
            if "blind" in comparable and "score" in row:
                row["task_score"] = task_score(scores, seasons["blind"], seasons["ideal"]).to_json()
        gardeners[name] = row
    return {"gardeners": gardeners}


def _keep(folder: Path, lived: Gardened) -> None:
    """Write a gardener's log as soon as it has lived."""
    path = folder / "deeds" / f"{lived.name}.jsonl"
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(deed) + "\n" for deed in lived.deeds), encoding="utf-8")
    np.save(folder / "deeds" / f"{lived.name}_track_m.npy", lived.track.astype(np.float32))


def _plain(options: GardenOptions) -> dict[str, Any]:
    return {key: value for key, value in vars(options).items() if key != "out"}


def _write(path: Path, data: dict[str, Any]) -> None:
    path.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
