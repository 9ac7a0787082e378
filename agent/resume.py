"""`run_sim.py resume RUN`: go on with a run that was stopped, or died, to the bits of one that never was.

The folder says what the run was to be. What it would be now is worked out again and compared, so that nobody goes on
unknowingly with other sources, other libraries or another machine. Whatever has no checkpoint is begun anew.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any

import tyro
from torch import nn

from agent.branches import Fork
from agent.checkpoint import ABOUT, COMMISSIONED, FOLDER, Checkpoint, machine, write_about
from agent.claim import claimed
from agent.monitor.journal import METRICS, TIMING
from agent.monitor.log import Log
from agent.monitor.plan import MonitorPlan
from agent.nets import fresh_net
from agent.options import Pace, RunOptions
from agent.past import PastRun
from agent.place import Place
from agent.run import RunError, Watcher, as_config, brief_for, carry_out
from agent.students import read_plan
from garden_env.container import ContainerError
from garden_env.whole import write_whole
from scenarios.untrusted import UntrustedError, read_json

Row = dict[str, Any]
SHOWN = 8  # differences that a message names


@dataclass(frozen=True)
class ResumeOptions:
    """What to go on with."""

    run: Annotated[Path, tyro.conf.Positional]
    """Folder of a run that did not come to its end, runs/<time>-<scenario>."""
    force: bool = False
    """Go on although sources, libraries or machine are others, or a checkpoint is damaged: the outcome is then one of
    its own."""
    workers: int = 2
    """Processes; 0 runs everything in this one. It changes nothing in the outcome."""


def resume(
    options: ResumeOptions,
    watcher: Watcher | None = None,
    *,
    place: Place | None = None,
    make_net: Callable[[int, int], nn.Module] = fresh_net,
) -> Path:
    """Go on with a run.

    Args:
        options: which one, and how.
        watcher: is told what happens.
        place: as it was given to `run`, if one was.
        make_net: likewise.

    Returns:
        The run's folder.

    Raises:
        ClaimError: another process writes to the folder.
        RunError: there is nothing to go on with, or something differs and `force` is not given; the message says what.
    """
    folder = options.run
    if options.workers < 0:
        raise RunError(f"workers is {options.workers}; give at least 0")
    if not folder.is_dir():
        raise RunError(f"{folder} does not exist; give the folder of a run, runs/<time>-<scenario>")
    with claimed(folder):
        config, about = read_kept(folder)
        try:
            run_options = options_of(config, about, folder, workers=options.workers)
            place = place or place_of(run_options, config, about, folder, watcher)
            pace = pace_of(config)
            fork = Fork.of_row(config["fork"]) if "fork" in config else None
            watching = watching_of(config) if fork else None
        except RunError:
            raise
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise RunError(f"{folder / 'config.json'}: is not what a run has written: {error!r}") from error
        brief = brief_for(run_options, place, pace, folder, make_net)
        if watching is not None:
            brief = replace(brief, fork=fork, plan=watching, exam_every_days=watching.every_days)
        plans = [read_plan(name) if fork is None else fork.plan(name) for name in config["options"]["learners"]]
        now = json.loads(json.dumps(as_config(run_options, brief, plans)))
        before = {key: value for key, value in config.items() if key != "resumed"}
        found = differences(before | {"run": about}, now | {"run": about | now_of(make_net)})
        if found and not options.force:
            raise RunError(
                f"{folder} cannot be gone on with as it was: {'; '.join(found[:SHOWN])}"
                f"{f'; and {len(found) - SHOWN} more' if len(found) > SHOWN else ''}. Put that back, or give --force: "
                "then the outcome is that of no run that was never stopped"
            )
        kept = checkpoints_of(folder, force=options.force)
        if found:
            told = [*config.get("resumed", {}).get("with other", []), *found]
            text = json.dumps(now | {"resumed": {"with other": told}}, indent=2)
            write_whole(folder / "config.json", f"{text}\n".encode())
            write_about(brief, run_options.frames)
        return carry_out(run_options, brief, plans, watcher or Watcher(), kept)


def differences(before: Mapping[str, Any], now: Mapping[str, Any], within: str = "") -> list[str]:
    """What differs between two configurations, a phrase each.

    >>> differences({"versions": {"torch": "2.1"}, "x": 1}, {"versions": {"torch": "2.2"}, "x": 1})
    ['versions.torch was 2.1 and is 2.2']
    """
    found = []
    for key in dict.fromkeys((*before, *now)):
        was, is_, name = before.get(key), now.get(key), f"{within}{key}"
        if isinstance(was, Mapping) and isinstance(is_, Mapping):
            found += differences(was, is_, f"{name}.")
        elif was != is_:
            found.append(f"{name} was {'nothing' if was is None else was} and is {'nothing' if is_ is None else is_}")
    return found


def read_kept(folder: Path) -> tuple[Row, Row]:
    """The configuration of a run that can be gone on with, and what was noted beside it.

    Raises:
        RunError: there is nothing to go on with, or a file is damaged.
    """
    path, about = folder / "config.json", folder / FOLDER / ABOUT
    if not path.is_file():
        raise RunError(f"{folder} holds no config.json: its run died before it began, or it is none; begin a run anew")
    if not about.is_file():
        ended = Log.read(folder).ended if (folder / METRICS).is_file() else "interrupted"
        if ended == "finished":
            raise RunError(f"{folder} has finished; there is nothing left to do")
        raise RunError(
            f"{folder} holds no checkpoints: its run died before it began, or was made with --checkpoint-every-days 0; "
            "begin a run anew"
        )
    config, noted = (json_of(file) for file in (path, about))
    for file, told, wanted in ((path, config, ("options", "hashes")), (about, noted, ("machine", "net", "place"))):
        for key in wanted:
            if key not in told:
                raise RunError(f"{file}: has no '{key}'; it is damaged, or no file of a run of learners")
    return config, noted


def json_of(path: Path) -> Row:
    """What a file of a run says; a `RunError` where it is damaged."""
    try:
        return read_json(path)
    except UntrustedError as error:
        raise RunError(str(error)) from error


def pace_of(config: Row) -> Pace:
    """How much the run does."""
    return Pace(**{entry.name: config["options"][entry.name] for entry in fields(Pace)})


def watching_of(config: Row) -> MonitorPlan:
    """When what is examined."""
    return MonitorPlan(**config["monitor"])


def options_of(config: Row, about: Row, folder: Path, *, workers: int) -> RunOptions:
    """The options that the run was begun with; of a fork, with the learner that was forked in its branches' place."""
    chosen = {entry.name: config["options"].get(entry.name, entry.default) for entry in fields(RunOptions)}
    frames = about.get("frames")
    options = RunOptions(
        **chosen
        | {
            "learners": _stem(config),
            "frames": None if frames is None else Path(frames),
            "workers": workers,
            "out": folder.parent,
        }
    )
    options.check()
    return options


def _stem(config: Row) -> tuple[str, ...]:
    fork = config.get("fork", {"branches": {}})
    stem = tuple(name for name in config["options"]["learners"] if name not in fork["branches"])
    return stem or (fork["learner"],)


def place_of(options: RunOptions, config: Row, about: Row, folder: Path, watcher: Watcher | None) -> Place:
    """The garden or the folder that the run was made in."""
    if options.frames is not None:
        from agent.folder.place import FolderPlace  # only who brings frames needs it

        tell = (watcher or Watcher()).reading
        return FolderPlace(
            options.frames, seed=options.seed, learn_every=options.learn_every, cache=options.out / ".frames", tell=tell
        )
    if about["place"] != "GardenPlace":
        raise RunError(f"{folder} was made in a {about['place']} of its caller's; call agent.resume.resume with it")
    return PastRun(folder, config).place


def now_of(make_net: Callable[[int, int], nn.Module]) -> Row:
    """What must be the same beside the configuration."""
    return {"machine": machine(), "net": f"{make_net.__module__}.{make_net.__qualname__}"}


def checkpoints_of(folder: Path, *, force: bool) -> dict[str, Checkpoint]:
    """All checkpoints by name; none if the log had not begun, whose files then make way for a new one."""
    kept = {}
    for path in sorted((folder / FOLDER).glob("*.ckpt")):
        try:
            kept[path.name.removesuffix(".ckpt")] = Checkpoint.load(path)
        except ContainerError as error:
            if not force:
                raise RunError(f"{error}; give --force to live that part again from its beginning") from error
    for unfinished in folder.rglob("*.part"):  # of a file that was being written when its process died
        unfinished.unlink()
    if COMMISSIONED in kept:
        return kept
    for name in (METRICS, TIMING):
        (folder / name).unlink(missing_ok=True)
    return {}
