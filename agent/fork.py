"""`run_sim.py fork RUN --at 10-20 --learner er`: what if, from that day on, another had learned, or the script had gone
otherwise?

The branches live the life of the old learner until that day, from the last checkpoint before it that was kept, and then
go on in their own way. The outcome is a run of its own; of the one that was forked nothing is changed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import tyro
from torch import nn

from agent.branches import Fork, branch_name, day_of
from agent.brief import Brief
from agent.checkpoint import ABOUT, FOLDER, write_about
from agent.claim import claimed, refuse_claimed
from agent.fork_folder import Parent, prepare
from agent.garden_place import GardenPlace
from agent.history import FOLDER as HISTORY
from agent.nets import fresh_net
from agent.options import RunOptions, paced
from agent.past import PastRun
from agent.place import Place
from agent.report.words import long_date
from agent.resume import (
    SHOWN,
    checkpoints_of,
    differences,
    json_of,
    now_of,
    options_of,
    pace_of,
    place_of,
    watching_of,
)
from agent.run import RunError, Watcher, as_config, brief_for, carry_out, new_folder, write_json
from agent.same_past import differing_days, differing_fields
from agent.students import check_past_data, read_plan
from agent.succession import refuse_schedule
from agent.view.deeds import FILE_NAME as DEEDS
from learners.recipes import DEFAULT_RECIPE, make_learner
from learners.terms.heads import weights_that_predict
from scenarios.files import load
from scenarios.names import nearest

Row = dict[str, Any]


@dataclass(frozen=True)
class ForkOptions:
    """What to fork, when, and who goes on."""

    run: Annotated[Path, tyro.conf.Positional]
    """Folder of a run, runs/<time>-<scenario>; it need not have come to its end. Nothing in it is changed."""
    at: str
    """When: month and day (10-20, the first after commissioning), a date (2030-10-20), or a day of the life (193)."""
    learner: tuple[str, ...] = ()
    """Who goes on from then with the old learner's weights, one branch each. The old learner's own name goes on as if
    nothing had been. Needed unless --scenario is given."""
    of: str | None = None
    """Whose life is forked; needed where several learned and none of them is the default."""
    scenario: str | None = None
    """The script from then on: one that ships, or a .yaml file. What was until then must be the same in it."""
    workers: int = 2
    """Processes; 0 runs everything in this one. It changes nothing in the outcome."""
    out: Path | None = None
    """Folder in which the fork's own folder is made; by default the one in which the run lies."""
    force: bool = False
    """Fork although sources, libraries or machine are others, or a checkpoint is damaged."""


def fork(
    options: ForkOptions,
    watcher: Watcher | None = None,
    *,
    place: Place | None = None,
    make_net: Callable[[int, int], nn.Module] = fresh_net,
    tell: Callable[[str], None] = lambda line: None,
) -> Path:
    """Fork a life.

    Args:
        options: of which run, when, and who goes on.
        watcher: is told what happens.
        place: as it was given to `run`, if one was.
        make_net: likewise.
        tell: takes a sentence on what is gone on from.

    Returns:
        The folder of the fork, a run like any other.

    Raises:
        ClaimError: the run is being written.
        PastError: it is none.
        RunError: it cannot be forked so; the message says why, and what would do.
        ValueError: there is no such learner, day or scenario.
    """
    if options.workers < 0:
        raise RunError(f"workers is {options.workers}; give at least 0")
    parent, about = _open(options.run)
    config, out = parent.config, options.run.parent if options.out is None else options.out
    try:
        given = options_of(config, about, options.run, workers=options.workers)
        kept_before, given = given.keep_checkpoints, replace(given, out=out, keep_checkpoints=0)  # nobody forks a fork
        place = place or place_of(given, config, about, options.run, watcher)
        pace, watching = pace_of(config), watching_of(config)
    except RunError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise RunError(f"{options.run / 'config.json'}: is not what a run has written: {error!r}") from error
    of, day = _of(options, parent), day_of(options.at, place)
    learners = _learners(options, of, given)
    brief = brief_for(given, place, pace, options.run, make_net)
    _check_nets(brief, of, learners)
    _check_same(options, about, config, as_config(given, brief, []), now_of(make_net))
    own_script = options.scenario is not None
    if own_script:
        given = replace(given, scenario=str(options.scenario))
        brief = brief_for(given, _under(given, place, day), pace, options.run, make_net)
    at = (place.start + timedelta(days=day)).isoformat()
    forked = Fork(
        options.run.resolve().name, config["hashes"], of, at, day, _step(place, day),
        {branch_name(name, at): name for name in learners}, own_script,
    )  # fmt: skip
    names = [*(() if own_script else parent.stem(of)), *forked.branches]
    brief = replace(
        brief, plan=watching, exam_every_days=watching.every_days, fork=forked,
        folder=new_folder(out, f"{place.name}-fork"),
    )  # fmt: skip
    plans = [forked.plan(name) for name in names]
    with claimed(brief.folder):
        write_json(brief.folder / "config.json", as_config(given, brief, plans))
        write_about(brief, given.frames)
        found = None if own_script else prepare(brief, parent, names, force=options.force)
        tell(_from(forked, place, found, history=kept_before))
        return carry_out(given, brief, plans, watcher or Watcher(), checkpoints_of(brief.folder, force=False))


def _open(folder: Path) -> tuple[Parent, Row]:
    """The run, and what was noted beside its configuration."""
    past = PastRun.open(folder)
    config = past.config
    if past.of_gardeners:
        raise RunError(f"{folder} was lived by gardeners; what can be forked is a `run_sim.py run`")
    if "fork" in config:
        raise RunError(f"{folder} is a fork itself; fork the run that it is of, {config['fork'].get('run')}")
    if (folder / DEEDS).is_file():
        raise RunError(f"{folder} was lived under a window, and what a hand did there ({DEEDS}) is no part of a script")
    for key in ("options", "hashes", "monitor", "versions"):
        if key not in config:
            raise RunError(f"{folder / 'config.json'}: has no '{key}'; it is damaged, or no file of a run of learners")
    refuse_claimed(folder)
    noted = [path for path in (folder / FOLDER / ABOUT, folder / HISTORY / ABOUT) if path.is_file()]
    if not noted and not past.had_garden:
        raise RunError(
            f"{folder} lived in a folder of frames and kept no checkpoints, so nobody knows where that is; run it "
            "again with --keep-checkpoints"
        )
    about = json_of(noted[0]) if noted else {"place": "GardenPlace"}
    return Parent(past, past.log.ended == "finished"), about


def _of(options: ForkOptions, parent: Parent) -> str:
    """Whose life is forked."""
    there = parent.past.learners
    if options.of is not None:
        name = read_plan(options.of).name
        if name not in there:
            raise RunError(f"--of {nearest(name, there, kind='learner of this run')}")
        return name
    learned = [name for name in there if name != "frozen"] or list(there)
    if len(learned) > 1 and DEFAULT_RECIPE not in learned:
        raise RunError(f"several have learned in {parent.folder}: say --of which, {', '.join(learned)}")
    return learned[0] if len(learned) == 1 else DEFAULT_RECIPE


def _learners(options: ForkOptions, of: str, given: RunOptions) -> list[str]:
    """Who goes on."""
    if not options.learner and options.scenario is None:
        raise RunError(f"say who goes on: --learner NAME, or {of} itself under another script, --scenario FILE")
    names = [read_plan(name).name for name in options.learner] or [of]
    if len(set(names)) < len(names):
        raise RunError(f"learner: one is named twice in {' '.join(options.learner)}")
    for name in names:
        if name != of:
            refuse_schedule(name)
        if not given.past_data:
            check_past_data(name)
    return names


def _check_nets(brief: Brief, of: str, learners: Sequence[str]) -> None:
    """See that the old learner's weights fit into the net that others begin with."""
    plan = read_plan(of)
    if plan.schedule != "online" or all(name == of for name in learners):
        return
    own = make_learner(plan.recipe.name, brief.first_net(), seed=brief.seed, memory_bytes=max(brief.memory_bytes, 1))
    if list(weights_that_predict(own.net)) != list(weights_that_predict(brief.first_net())):
        raise RunError(
            f"{of} has a net of another shape than other learners, so none can go on with its weights; "
            f"give --learner {of}"
        )


def _check_same(options: ForkOptions, about: Row, before: Row, now: Row, here: Row) -> None:
    """See that this program lives the life as the run did."""
    told = ("hashes", "versions")
    noted = {key: about[key] for key in ("machine", "net") if key in about}
    found = differences(
        {key: before[key] for key in told} | {"run": noted},
        {key: now[key] for key in told} | {"run": {key: here[key] for key in noted}},
    )
    if found and not options.force:
        raise RunError(
            f"{options.run} cannot be gone on with as it was: {'; '.join(found[:SHOWN])}"
            f"{f'; and {len(found) - SHOWN} more' if len(found) > SHOWN else ''}. Put that back, or give --force: then "
            "the branches go on from what only resembles the old life"
        )


def _under(given: RunOptions, place: Place, day: int) -> GardenPlace:
    """The garden under another script, which must be the same until a day."""
    if not isinstance(place, GardenPlace):
        raise RunError("--scenario: only a garden has a script; this run lived in a folder of frames")
    _, scenario, _ = paced(given, load(given.scenario))
    until = long_date(place.start + timedelta(days=day))
    other = replace(place, scenario=scenario)
    found = differing_fields(place.scenario, scenario) or differing_days(place.garden, other.garden, day)
    if found:
        raise RunError(
            f"{given.scenario} is not what the run lived until {until}: {'; '.join(found[:SHOWN])}"
            f"{f'; and {len(found) - SHOWN} more' if len(found) > SHOWN else ''}. Change only what happens from then on"
        )
    return other


def _step(place: Place, day: int) -> int | None:
    """Control steps lived before the first block of a day; None where steps have no days."""
    if not isinstance(place, GardenPlace):
        return None
    return max((end for end in place.stream().ends if place.scenario.moment(end - 1)[0] < day), default=0)


def _from(forked: Fork, place: Place, found: int | None, *, history: int) -> str:
    """What is gone on from, in a sentence."""
    when = long_date(place.start + timedelta(days=forked.day))
    lead = f"fork of {forked.run}: the life of {forked.learner} until {when}, day {forked.day}"
    if forked.own_script:
        return f"{lead}; it is lived from the beginning, for the exam is that of another script"
    if found is not None:
        return f"{lead}; it goes on from the checkpoint of day {found}"
    why = "none was kept before that day" if history else "the run kept no checkpoints (--keep-checkpoints 0)"
    return f"{lead}; it is lived from the beginning, for {why}"
