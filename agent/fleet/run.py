"""A fleet: robots in gardens of different climates that feed one learner, beside robots that live alone."""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from agent.claim import claimed
from agent.compare.run import finite
from agent.crew import Crew
from agent.fleet import results
from agent.fleet.brief import FleetBrief
from agent.fleet.gardens import as_config, fingerprint, grounds_of
from agent.fleet.life import Lived, pupil_life, settle
from agent.fleet.observer import InGarden, Remembered, Visited
from agent.fleet.options import FleetOptions
from agent.fleet.page import write_page
from agent.fleet.pupils import KINDS, Pupil, roster
from agent.monitor.log import Log
from agent.monitor.monitor import Monitor
from agent.monitor.summary import summarise
from agent.options import Pace
from agent.run import begin_monitor, new_folder
from agent.sources import code_hash
from agent.students import read_plan
from agent.tasks import Commissioned
from garden_env.whole import write_whole
from scenarios.spec import Scenario

FORMAT = 1
RESULT, LOG = "fleet.json", "fleet.jsonl"
Told = dict[str, Any]


class Listener:
    """Is told what happens; does nothing by itself."""

    def begin(self, brief: FleetBrief, names: list[str]) -> None:
        """These are going to live."""

    def message(self, message: Any, brief: FleetBrief) -> None:
        """A task said something."""


def run_fleet(
    options: FleetOptions, listener: Listener | None = None, *, scenarios: Mapping[str, Scenario] | None = None,
    pace: Pace | None = None,
) -> Path:  # fmt: skip
    """Let a fleet live.

    Args:
        options: what to do.
        listener: is told what happens.
        scenarios: made in Python, by garden, in place of `options.gardens`.
        pace: how much is done, in place of what `options.quick` means.

    Returns:
        A new folder: fleet.json (all numbers), fleet.jsonl (memories and visits through the life), fleet.html,
        config.json, gardens/<name>/ (a log each, as of a run), pupils/<name>/weights/. Interrupted, it tells of what
        was lived.

    Raises:
        ValueError: an option makes no sense, or gardens do not go together.
        ScenarioError: a scenario does not exist or is not valid.
        KeyboardInterrupt: interrupted before anything was learned.
    """
    options.check()
    listener = listener or Listener()
    grounds = grounds_of(options, scenarios, pace)
    folder = new_folder(options.out, "fleet")
    brief = FleetBrief(
        grounds, read_plan(options.learner).name, options.seed, options.memory_share, folder, code_hash()
    )
    pupils = roster(len(grounds.homes), others=options.others and len(grounds.homes) > 1, drilled=options.drilled)
    with claimed(folder):
        _write(folder / "config.json", _config(options, brief, pupils))
        chronicle = _Chronicle(brief, pupils, listener)
        with Crew(options.workers) as crew:
            try:
                crew.run([partial(settle, brief, i) for i in range(len(grounds.homes))], chronicle.handle)
                listener.begin(brief, [pupil.name(grounds.names) for pupil in pupils])
                if not crew.interrupted:
                    work = sorted(pupils, key=lambda pupil: -pupil.robots)  # the longest first; equal ones in order
                    crew.run([partial(pupil_life, brief, pupil) for pupil in work], chronicle.handle)
            except KeyboardInterrupt:  # a second Ctrl-C: an end like any other
                crew.interrupted = True
            except BaseException:
                if chronicle.lived_anything:  # what there is, is kept, whatever went wrong
                    chronicle.close(options, interrupted=True)
                raise
            interrupted = crew.interrupted
        if not chronicle.lived_anything:
            raise KeyboardInterrupt
        data = chronicle.close(options, interrupted=interrupted)
        write_page(folder, data)
    return folder


class _Chronicle:
    """Keeps the logs of a fleet from the messages of its tasks."""

    def __init__(self, brief: FleetBrief, pupils: list[Pupil], listener: Listener) -> None:
        self._brief, self._pupils, self._listener = brief, pupils, listener
        self._kinds = tuple(kind for kind in KINDS if any(pupil.kind == kind for pupil in pupils))
        self._monitors: dict[int, Monitor] = {}
        self._looks: list[Remembered] = []
        self._visits: list[Visited] = []
        self._lives: dict[str, Lived] = {}

    @property
    def lived_anything(self) -> bool:
        """Whether any exam was sat."""
        return any(monitor.log.probes for monitor in self._monitors.values())

    def handle(self, message: Any) -> None:
        """Take in one message of a task."""
        match message:
            case InGarden(garden, Commissioned() as commissioned):
                self._begin(garden, commissioned)
            case InGarden(garden, event):
                self._monitors[garden].take(event)
            case Remembered():
                self._looks.append(message)
            case Visited():
                self._visits.append(message)
            case Lived():
                self._lives[self._name(message.pupil)] = message
                self._charge(message)
        self._listener.message(message, self._brief)

    def close(self, options: FleetOptions, *, interrupted: bool) -> Told:
        """Write what is left to write: logs in their order, and all numbers."""
        gardens: dict[str, Told] = {}
        logs: list[Log] = []
        for number, home in enumerate(self._brief.homes):
            monitor = self._monitors[number]
            monitor.end("interrupted" if interrupted else "finished")
            monitor.close()
            folder = self._brief.garden_folder(number)
            log = Log.read(folder)  # from the file, whose order is not one of chance
            logs.append(log)
            summary = summarise(log)
            _write(folder / "summary.json", summary)
            gardens[home.name] = results.garden_marks(log, summary)
        data = finite(self._told(options, gardens, logs, interrupted=interrupted))
        rows = [*self._memory_rows(data["memory"]), *({"kind": "transfer", **row} for row in data["transfer"])]
        write_whole(self._brief.folder / LOG, "".join(json.dumps(row) + "\n" for row in rows).encode())
        _write(self._brief.folder / RESULT, data)
        return data

    def _told(self, options: FleetOptions, gardens: Told, logs: list[Log], *, interrupted: bool) -> Told:
        names, order = self._brief.grounds.names, [self._name(pupil) for pupil in self._pupils]
        first = self._brief.homes[0].place
        bounds = {self._name(pupil): self._brief.bound_bytes(pupil) for pupil in self._pupils}
        whole = [name for name, life in self._lives.items() if life.whole]
        rows = results.contrasts(results.whole_only(gardens, whole))
        return {
            "format": FORMAT,
            "interrupted": interrupted,
            "quick": options.quick,
            "learner": self._brief.learner,
            "seed": options.seed,
            "start": first.start.isoformat(),
            "days": first.days,
            "exam_every_days": self._brief.grounds.exam_every_days,
            "climates": {home.name: home.place.told for home in self._brief.homes},
            "kinds": list(self._kinds),
            "answer": results.answer(rows, names),
            "gardens": gardens,
            "contrasts": rows,
            "transfer": results.transfer(self._visits, logs, names),
            "memory": results.memory(self._looks, bounds, names),
            "costs": results.costs([self._lives[name] for name in order if name in self._lives], names),
            "config": _config(options, self._brief, self._pupils),
        }

    def _memory_rows(self, memory: Mapping[str, Told]) -> list[Told]:
        """A row a learner and look, for the log."""
        return [
            {
                "kind": "memory", "learner": name, "day": day, "bytes": told["bytes"][i],
                "bound_bytes": told["bound_bytes"],
                "held": None if told["held"] is None else {g: counts[i] for g, counts in told["held"].items()},
            }
            for name, told in memory.items()
            for i, day in enumerate(told["days"])
        ]  # fmt: skip

    def _begin(self, garden: int, commissioned: Commissioned) -> None:
        """Begin the log of a garden."""
        own = self._brief.of_garden(garden)
        own.folder.mkdir(parents=True)
        plan = read_plan(self._brief.learner).as_config()
        told = {
            **own.place.as_config(),
            "options": {"seed": own.place.seed, "learners": list(self._kinds)},
            "learners": {kind: plan | {"summary": f"{plan['recipe']}: {KINDS[kind]}"} for kind in self._kinds},
            "hashes": {"place": own.place.fingerprint, "code": own.code},
        }
        _write(own.folder / "config.json", told)
        self._monitors[garden] = begin_monitor(own, commissioned, self._kinds)
        self._monitors[garden].nature(own.place.nature())

    def _charge(self, life: Lived) -> None:
        """Write down in every garden that heard of a learner what one robot's share of it took."""
        robots = len(life.pupil.fed)
        for garden in life.pupil.examined:
            share = {key: value / robots for key, value in life.cost.items()}
            self._monitors[garden].cost(life.pupil.kind, share)

    def _name(self, pupil: Pupil) -> str:
        return pupil.name(self._brief.grounds.names)


def _config(options: FleetOptions, brief: FleetBrief, pupils: list[Pupil]) -> Told:
    """Everything that decides what the fleet computes."""
    return {
        "gardens": as_config(brief.homes),
        "options": {
            **{key: value for key, value in vars(options).items() if key not in ("out", "workers", "gardens")},
            "gardens": list(brief.grounds.names),
            "exam_every_days": brief.grounds.exam_every_days,
            **vars(brief.grounds.pace),
        },
        "learners": {
            pupil.name(brief.grounds.names): {
                "fed": [brief.grounds.names[i] for i in pupil.fed],
                "steps_a_block": pupil.steps,
                "memory_bytes": brief.bound_bytes(pupil),
            }
            for pupil in pupils
        },
        "recipe": read_plan(brief.learner).as_config(),
        "hashes": {"place": fingerprint(brief.homes), "code": brief.code},
    }


def _write(path: Path, data: Told) -> None:
    write_whole(path, (json.dumps(data, indent=1) + "\n").encode())
