"""From the folder of a run to that of its fork: what lies before the fork is copied, so that it can be gone on with."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.brief import Brief
from agent.checkpoint import COMMISSIONED, Checkpoint, path_of
from agent.history import history_days, history_path
from agent.inherited import by_speaker, inherited, over, renamed
from agent.kept_weights import days_kept, weights_path
from agent.monitor.journal import FIRST, METRICS, STREAM, TIMING, Row
from agent.monitor.log import read_rows
from agent.past import PastRun
from agent.report.plans import DECISIONS
from agent.report.strips import FILE_NAME as STRIPS
from agent.run import REFERENCES, RunError, groups_of
from garden_env.container import ContainerError
from garden_env.whole import write_whole

Rows = dict[str, dict[str, list[Row]]]
"""Of the log, by file and speaker."""


@dataclass(frozen=True)
class Parent:
    """A run that is forked.

    Attributes:
        past: its folder and configuration.
        finished: whether it came to its end.
    """

    past: PastRun
    finished: bool

    @property
    def folder(self) -> Path:
        return self.past.folder

    @property
    def config(self) -> dict[str, Any]:
        return self.past.config

    def group(self, learner: str) -> list[str]:
        """Who lived side by side with a learner, itself among them; their checkpoint has the name of the last."""
        return next(group for group in groups_of(self.past.learners) if learner in group)

    def stem(self, learner: str) -> list[str]:
        """Who of it stands in the report of a fork: the learner, and who never learned as the floor."""
        return [name for name in self.past.learners if name in ("frozen", learner)]

    def latest(self, learner: str) -> Checkpoint | None:
        """What its life had come to when it was stopped; None if it was not, or nothing was set aside.

        Raises:
            ContainerError: it is damaged.
        """
        path = path_of(self.folder, self.group(learner)[-1])
        return Checkpoint.load(path) if path.is_file() else None

    def before(self, learner: str, day: int, *, force: bool) -> Checkpoint | None:
        """The last checkpoint of its life that was made before a day; None if there is none.

        Raises:
            RunError: it is damaged; with `force` the one before it is taken.
        """
        name = self.group(learner)[-1]
        paths = [path_of(self.folder, name)] if path_of(self.folder, name).is_file() else []
        paths += [history_path(self.folder, name, kept) for kept in reversed(history_days(self.folder, name))]
        best = None
        for path in paths:
            try:
                found = Checkpoint.load(path)
            except ContainerError as error:
                if not force:
                    raise RunError(f"{error}; give --force to go on from an earlier one") from error
                continue
            if found.life is not None and found.day < day and (best is None or found.day > best.day):
                best = found
        return best


def prepare(brief: Brief, parent: Parent, learners: Sequence[str], *, force: bool) -> int | None:
    """Fill the folder of a fork with all that is known already.

    Args:
        brief: of the fork; its folder is there.
        parent: the run that is forked.
        learners: of the fork, in their order.
        force: whether a damaged checkpoint is passed over.

    Returns:
        The day of the checkpoint from which the branches go on; None for the beginning of the life.

    Raises:
        RunError: a checkpoint or the log is damaged.
    """
    assert brief.fork is not None, "the run is no fork"
    folder, of = brief.folder, brief.fork.learner
    try:
        rows: Rows = {
            name: by_speaker(read_rows(parent.folder / name))
            for name in (METRICS, TIMING)
            if (parent.folder / name).is_file()
        }
        decisions = list(read_rows(parent.folder / DECISIONS)) if (parent.folder / DECISIONS).is_file() else []
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(f"{parent.folder}: its log is damaged: {error}") from error
    checkpoints = _ended(parent, of, rows, decisions)
    found = parent.before(of, brief.fork.day, force=force)
    for name in brief.fork.branches:
        if found is not None:
            checkpoints[name] = inherited(found, parent.group(of), of, name, run=parent.folder)
    kept: Rows = {file: {} for file in rows}
    for name, checkpoint in checkpoints.items():
        for file, counts in checkpoint.counts.items():
            for who, count in counts.items():
                said = rows[file].get(of if name in brief.fork.branches else who, [])
                if len(said) < count:
                    raise RunError(
                        f"{parent.folder / file} holds {len(said)} rows of {who}, fewer than the {count} that were "
                        "saved"
                    )
                kept[file][who] = [renamed(row, who) if name in brief.fork.branches else row for row in said[:count]]
    first = kept[METRICS][FIRST]
    first[0] = first[0] | {"learners": list(learners), "fork": brief.fork.as_log()}
    _copy_weights(brief, parent, found)
    for file, said in kept.items():
        text = "".join(json.dumps(row, separators=(",", ":")) + "\n" for each in said.values() for row in each)
        write_whole(folder / file, text.encode())
    if (parent.folder / STRIPS).is_file():
        shutil.copyfile(parent.folder / STRIPS, folder / STRIPS)
    for name, checkpoint in sorted(checkpoints.items(), key=lambda item: item[0] == COMMISSIONED):  # that one last
        checkpoint.save(path_of(folder, name))
    return None if found is None else found.day


def _ended(parent: Parent, of: str, rows: Rows, decisions: Sequence[Row]) -> dict[str, Checkpoint]:
    """By name, the checkpoints of all that need not be lived again: commissioning, references, the old learner."""
    checkpoints = {COMMISSIONED: over(rows, [FIRST], [])}
    stem = parent.stem(of)
    if parent.finished:
        told = [row for row in decisions if row.get("learner") in stem]
        checkpoints[groups_of(tuple(stem))[-1][-1]] = over(rows, [*stem, STREAM], told)
        done = [name for name in REFERENCES if name in rows[METRICS]]
    else:
        latest = parent.latest(of)
        if latest is not None and parent.group(of) == stem:  # else it is lived from its beginning
            checkpoints[stem[-1]] = latest
        done = [name for name in REFERENCES if path_of(parent.folder, name).is_file()]
    return checkpoints | {name: over(rows, [name], []) for name in done}


def _copy_weights(brief: Brief, parent: Parent, found: Checkpoint | None) -> None:
    """Those of commissioning, of the references and of the old learner, whose earlier ones are each branch's, too."""
    assert brief.fork is not None, "the run is no fork"
    of, stem = brief.fork.learner, parent.stem(brief.fork.learner)
    ended = stem if parent.finished else []
    copies = [(weights_path(parent.folder, name), name, None) for name in ("commissioned", *REFERENCES, *ended)]
    copies += [
        (weights_path(parent.folder, name, day), name, day) for name in stem for day in days_kept(parent.folder, name)
    ]
    for name in brief.fork.branches if found is not None else ():
        lived = [day for day in days_kept(parent.folder, of) if found is not None and day <= found.day]
        copies += [(weights_path(parent.folder, of, day), name, day) for day in lived]
    for path, name, day in copies:
        if path.is_file():
            to = weights_path(brief.folder, name, day)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, to)
