"""A run: commission a robot, let learners live through its year, examine them, and leave a folder that tells it all."""

import json
import platform
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from agent import tasks
from agent.brief import Brief
from agent.checkpoint import COMMISSIONED, KINDS, Checkpoint, Saved, forget, keep, path_of, write_about
from agent.claim import claimed
from agent.crew import Crew, Task
from agent.faults import telling
from agent.garden_place import GardenPlace
from agent.keepsakes import nearest, worth_keeping
from agent.live import Decided, Picture, showpieces
from agent.memento import take
from agent.monitor.journal import FIRST, Counts
from agent.monitor.log import Log
from agent.monitor.loss_alarm import LossAlarm
from agent.monitor.monitor import Monitor
from agent.monitor.scores import BankInfo
from agent.monitor.summary import summarise
from agent.monitor.truth import changes_of
from agent.nets import fresh_net
from agent.onlooker import Onlooker
from agent.options import LEARN_EVERY, QUICK_PACE, Pace, RunOptions, paced
from agent.perception import EXAM_BATCH
from agent.place import Place
from agent.report.plans import DECISIONS, gates
from agent.report.report import write_report
from agent.report.strips import Strips, joined, load_strips, save_strips
from agent.sources import code_hash
from agent.students import Plan, read_plan
from agent.tasks import Commissioned, Referred, Spent
from agent.watching import plan_for
from garden_env.whole import write_whole
from learners.computing import Computing, refuse_hooks
from learners.recipes import FRAMES_PER_UPDATE
from scenarios.files import load
from scenarios.spec import Scenario

REFERENCES = ("joint@converged", "joint")
NET_SIDES = 8  # the default net halves a picture three times
ASKED_AGAIN = 4  # phases, those passed longest ago, that the report's pictures come back to at the end
VERSIONS_OF = ("evergreen", "torch", "numpy", "numba", "gymnasium", "opencv-python", "opencv-python-headless")


class RunError(ValueError):
    """A run that cannot begin; the message says what was given and what would do."""


class Watcher:
    """What a run tells while it goes on; the command line's progress display is one, this one is silent."""

    def reading(self, done: int, total: int) -> None:
        """So many images of a folder have been read."""

    def begin(self, brief: Brief, tasks: list[str]) -> None: ...

    def trouble(self, said: str) -> None:
        """Something has failed that the run can do without."""

    def may_end(self, end: Callable[[], None]) -> None:
        """Calling it, from `message` or another thread, ends the run as Ctrl-C does."""

    def done(self, task: str) -> None:
        """One of the tasks, or commissioning, was done before this process began."""

    def message(self, message: Any, monitor: Monitor | None) -> None: ...

    def end(self, folder: Path, summary: dict[str, Any]) -> None: ...


def run(
    options: RunOptions,
    watcher: Watcher | None = None,
    *,
    scenario: Scenario | None = None,
    place: Place | None = None,
    pace: Pace | None = None,
    make_net: Callable[[int, int], nn.Module] = fresh_net,
    onlooker: Onlooker | None = None,
    name: str | None = None,
) -> Path:
    """Carry out a run.

    Args:
        options: what to do.
        watcher: is told what happens.
        scenario: a scenario made in Python, in place of `options.scenario`.
        place: where to live, in place of a garden or a folder that the options name.
        pace: how much is done, in place of what `options.quick` means.
        make_net: seed and number of classes to a net with its first weights, in place of the default one; it returns
            `Seen`, and is a function that other processes can import.
        onlooker: sits beside the run, which then must have no other processes.
        name: of the run's folder within `options.out`, in place of time and scenario; there is none of that name.

    Returns:
        The run's folder: config.json, metrics.jsonl, summary.json, weights/, strips.npz, report.html.

    Raises:
        ValueError: an option makes no sense.
        ScenarioError: the scenario does not exist or is not valid.
        RunError: the output folder cannot be written, or there is an onlooker and there are workers.
        CutShort: the disk is full, memory is short or a process was killed; what there is, is kept.
    """
    watcher = watcher or Watcher()
    options.check()
    if onlooker is not None and options.workers:
        raise RunError(f"somebody looks on, so all has to be done in one process: workers is {options.workers}, give 0")
    if place is not None or options.frames is not None:
        pace = pace or (QUICK_PACE if options.quick else Pace())
        place = place or _folder_place(options, watcher)
    else:
        options, scenario, usual_pace = paced(options, scenario or load(options.scenario))
        pace = pace or usual_pace
        place = garden_place(options, scenario, pace)
    _check_fit(place, make_net)
    if options.compile:
        refuse_hooks(make_net(options.seed, len(place.classes)))
    folder = make_folder(options.out, place.name) if name is None else _named_folder(options.out, name)
    brief = brief_for(options, place, pace, folder, make_net)
    if onlooker is not None:  # what a hand does beside a run is no part of what it could be gone on with
        brief = replace(brief, onlooker=onlooker, checkpoint_every_days=0)
    plans = [read_plan(name) for name in options.learners]
    with claimed(folder), telling(folder, path_of(folder, COMMISSIONED)):
        write_json(folder / "config.json", as_config(options, brief, plans))
        if brief.checkpoint_every_days:
            write_about(brief, options.frames)
        return carry_out(options, brief, plans, watcher)


def carry_out(
    options: RunOptions,
    brief: Brief,
    plans: Sequence[Plan],
    watcher: Watcher,
    kept: Mapping[str, Checkpoint] | None = None,
) -> Path:
    """Do what is left to do of a run whose folder is made and held, and tell it.

    Args:
        options: of the run.
        brief: of the run.
        plans: of its learners.
        watcher: is told what happens.
        kept: checkpoints to go on from, by name; none for a run that begins.

    Returns:
        The run's folder.

    Raises:
        CutShort: the machine has ended it; what there is, is kept.
    """
    with telling(brief.folder, path_of(brief.folder, COMMISSIONED)):
        return _carry_out(options, brief, plans, watcher, kept or {})


def _carry_out(
    options: RunOptions, brief: Brief, plans: Sequence[Plan], watcher: Watcher, kept: Mapping[str, Checkpoint]
) -> Path:
    folder = brief.folder
    learners = tuple(plan.name for plan in plans)
    references = tuple(name for name in REFERENCES if options.references and name not in learners)
    branches = () if brief.fork is None else tuple(brief.fork.branches)
    groups = groups_of(learners, branches)
    names = [*(" ".join(group) for group in groups), *references]
    watcher.begin(brief, names)
    chronicle = _Chronicle(brief, plans, watcher, kept)
    with Crew(options.workers, options.threads) as crew:
        watcher.may_end(crew.stop)
        if brief.onlooker is not None:
            brief.onlooker.may_end(crew.stop)
        try:
            if chronicle.monitor is None:
                crew.run([partial(tasks.commission, brief), partial(tasks.prepare, brief)], chronicle.handle)
            if chronicle.monitor is not None and not crew.interrupted:
                crew.run([*_lives(brief, groups, kept), *_references(brief, references, kept)], chronicle.handle)
        except KeyboardInterrupt:  # a second Ctrl-C, or one between two batches of tasks: an end like any other
            crew.interrupted = True
        except BaseException as error:
            chronicle.salvage(error)
            raise
    if chronicle.monitor is None:
        raise KeyboardInterrupt  # nothing was learned yet: there is nothing to report
    summary = chronicle.close("interrupted" if crew.interrupted else "finished")
    if not crew.interrupted:
        forget(folder)
    watcher.end(folder, summary)
    return folder


def _lives(brief: Brief, groups: list[list[str]], kept: Mapping[str, Checkpoint]) -> list[Task]:
    """The lives that are not over, each from where it was set aside."""
    return [
        partial(
            tasks.life, brief, tuple(group),
            watched=group is groups[-1], saved=path_of(brief.folder, group[-1]) if group[-1] in kept else None,
        )
        for group in groups
        if group[-1] not in kept or kept[group[-1]].life is not None
    ]  # fmt: skip


def _references(brief: Brief, names: Sequence[str], kept: Mapping[str, Checkpoint]) -> list[Task]:
    return [partial(tasks.reference, brief, name) for name in names if name not in kept]


def garden_place(options: RunOptions, scenario: Scenario, pace: Pace) -> GardenPlace:
    """The garden of a run."""
    exam = pace.home_frames, pace.away_frames, pace.next_year_frames
    return GardenPlace(scenario, options.seed, options.learn_every or LEARN_EVERY, *exam)


def brief_for(
    options: RunOptions,
    place: Place,
    pace: Pace,
    folder: Path,
    make_net: Callable[[int, int], nn.Module] = fresh_net,
) -> Brief:
    """What the tasks of a run need to know."""
    plan = plan_for(options, place, pace)
    return Brief(
        place=place,
        folder=folder,
        exam_every_days=plan.every_days,
        memory_bytes=memory_bytes(place, options.memory_share) if options.past_data else 0,
        pace=pace,
        cache=options.out / ".references",
        code=code_hash(),
        gate_every=options.gate,
        make_net=make_net,
        plan=plan,
        keep_weights=options.keep_weights,
        checkpoint_every_days=options.checkpoint_every_days,
        keep_checkpoints=options.keep_checkpoints,
        device=options.device,
        computing=computing_for(options, place),
        threads=options.threads,
    )


def computing_for(options: RunOptions, place: Place) -> Computing:
    """How the nets of a run compute. Compiled are updates, a block's predictions and exams, each as large as usual."""
    usual = {FRAMES_PER_UPDATE, place.learn_every, EXAM_BATCH}
    return Computing(options.precision, tuple(sorted(usual)) if options.compile else ())


def begin_monitor(
    brief: Brief, commissioned: Commissioned, learners: tuple[str, ...], *, remembers: bool = True
) -> Monitor:
    """A monitor for a life that is about to begin; its log goes to the run's folder."""
    place = brief.place
    monitor = Monitor(
        brief.folder,
        start=place.start,
        days=place.days,
        commissioning_days=place.commissioning_days,
        classes=place.classes,
        phases=place.phases,
        banks=[
            BankInfo.of(name, truth, classes=len(place.classes), known=commissioned.known)
            for name, truth in commissioned.banks.items()
        ],
        learners=learners,
        plan=None if brief.plan is None else brief.plan.as_row(),
        remembers=remembers,
        fork=None if brief.fork is None else brief.fork.as_log(),
    )
    script = place.as_config().get("scenario")
    monitor.truth(changes_of(Scenario.model_validate(script)) if script is not None else [])
    return monitor


def memory_bytes(place: Place, share: float) -> int:
    """Bytes of a replay memory that holds that share of a life's frames with their answers."""
    height, width = place.frame_px
    frame_bytes = width * height * 3 + (width // 2) * (height // 2)
    return max(place.labels_per_block, round(share * place.life_steps)) * frame_bytes


class _Chronicle:
    """Keeps the log of a run from the messages of its tasks."""

    def __init__(self, brief: Brief, plans: Sequence[Plan], watcher: Watcher, kept: Mapping[str, Checkpoint]) -> None:
        self.monitor: Monitor | None = None
        self._brief, self._plans, self._watcher = brief, {plan.name: plan for plan in plans}, watcher
        self._pictures: dict[str, list[Picture]] = {name: [] for name in self._plans}
        self._decisions: list[dict[str, Any]] = []
        if kept:
            self._go_on(kept)

    def handle(self, message: Any) -> None:
        """Take in one message of a task."""
        if isinstance(message, Commissioned):
            looked_at = self._brief.onlooker is not None  # who watches a run reads its log while it goes on
            self.monitor = begin_monitor(self._brief, message, tuple(self._plans), remembers=looked_at)
            self.monitor.nature(self._brief.place.nature())
            self._save(Saved(COMMISSIONED, (FIRST,), False, 0, 0, None))
        elif self.monitor is not None:
            self.monitor.take(message)
            if isinstance(message, Referred):
                self.monitor.reference(message.name, message.bank, message.confusion)
            elif isinstance(message, Spent):
                self.monitor.cost(message.name, message.cost)
                if message.name not in self._plans:  # a reference, whose last word this is
                    self._save(Saved(message.name, (message.name,), False, 0, 0, None))
            elif isinstance(message, Saved):
                self._save(message)
            elif isinstance(message, Picture):
                self._pictures[message.learner] = worth_keeping(
                    [*self._pictures[message.learner], message], self._brief.place.phase_days
                )
            elif isinstance(message, Decided):
                self._decide(message)
        self._watcher.message(message, self.monitor)

    def close(self, ended: str) -> dict[str, Any]:
        """Write what is left to write: summary, pictures, report."""
        assert self.monitor is not None, "closed before it began"
        try:
            self.monitor.end(ended)
        finally:
            self.monitor.close()
        return self._tell()

    def salvage(self, error: BaseException) -> None:
        """Write what can still be written; what fails on the way is noted with the error that ended the run."""
        if self.monitor is None:
            return
        for do in (partial(self.monitor.end, "interrupted"), self.monitor.close, self._tell):
            try:
                do()
            except Exception as another:  # the first one is the reason, whatever it was
                error.add_note(f"and then, on closing the run: {type(another).__name__}: {another}")

    def _tell(self) -> dict[str, Any]:
        """Write what is made of the log."""
        self._order_decisions()
        summary = summarise(Log.read(self._brief.folder))  # from the file, whose order is not one of chance
        counted = gates(self._decisions)
        for name, told in summary["learners"].items():
            told["plan"] = self._plans[name].as_config()
            if name in counted:
                told["gate"] = counted[name]
        write_json(self._brief.folder / "summary.json", summary)
        strips = self._strips()
        if strips is not None:
            others = (
                None if self._brief.fork is None else load_strips(self._brief.folder)
            )  # of the life that was forked
            save_strips(self._brief.folder, strips if others is None else joined(strips, others))
        write_report(self._brief.folder)
        return summary

    def _save(self, saved: Saved) -> None:
        """Write a checkpoint: what a task has come to, and what was made here of its messages so far."""
        if not self._brief.checkpoint_every_days:
            return
        assert self.monitor is not None, "there is no log yet"
        told = {
            "monitor": self.monitor.part_of(saved.speakers),
            "pictures": {name: self._pictures[name] for name in saved.names if name in self._pictures},
            "decisions": [row for row in self._decisions if row["learner"] in saved.names],
        }
        counts = self.monitor.counts(saved.speakers)
        checkpoint = Checkpoint(saved.step, saved.day, saved.life, take(told, KINDS), counts)
        path = path_of(self._brief.folder, saved.name)
        try:
            checkpoint.save(path)
            if saved.stays:
                keep(checkpoint, self._brief.folder, saved.name)
        except OSError as error:
            if saved.name == COMMISSIONED:  # a folder that cannot hold any is found out before anything is lived
                raise
            self._watcher.trouble(
                f"{path}: not written ({error.strerror or error}): a run that dies now is gone on with from the "
                "checkpoint before; it is tried again at the next"
            )

    def _go_on(self, kept: Mapping[str, Checkpoint]) -> None:
        """Take up the log where the checkpoints were made; what came after them is cut off."""
        counts: Counts = {}
        for checkpoint in kept.values():
            for file, rows in checkpoint.counts.items():
                counts.setdefault(file, {}).update(rows)
        folder = self._brief.folder
        self.monitor = Monitor.go_on(folder, counts, remembers=False)
        for name, checkpoint in kept.items():
            losses = {"losses": {learner: LossAlarm(learner) for learner in self._plans}}
            told = checkpoint.remember({"monitor": losses}, path_of(folder, name))
            self.monitor.take_over(told["monitor"])
            self._pictures |= told["pictures"]
            self._decisions += told["decisions"]
            if checkpoint.life is None:
                self._watcher.done(name)
        (folder / DECISIONS).unlink(missing_ok=True)
        self._order_decisions()

    def _decide(self, message: Decided) -> None:
        """Keep a gate's decision, at once."""
        row = {"learner": message.learner, "step": message.step, "day": message.day, **message.decision}
        self._decisions.append(row)
        with (self._brief.folder / DECISIONS).open("a", encoding="utf-8") as log:
            log.write(json.dumps(row) + "\n")

    def _order_decisions(self) -> None:
        """Put the gates' decisions in the order of the learners, as the log is."""
        if self._decisions:
            names = list(self._plans)
            rows = sorted(self._decisions, key=lambda row: names.index(row["learner"]))
            write_whole(self._brief.folder / DECISIONS, "".join(json.dumps(row) + "\n" for row in rows).encode())

    def _strips(self) -> Strips | None:
        """What was seen, true and said at each phase's first passing, and what is said of the past at the end."""
        taken = {name: pictures for name, pictures in self._pictures.items() if pictures}
        if not taken:
            return None
        place = self._brief.place
        bank = next(iter(place.banks().values()))
        pieces, days, names = showpieces(bank), place.phase_days, [phase.name for phase in place.phases]
        last_day = min(pictures[-1].day for pictures in taken.values())
        order = [phase for phase in np.argsort(days) if days[phase] <= last_day]
        if not order:
            return None
        moments = [(int(phase), days[phase], "") for phase in order]
        longest_ago = sorted(order, key=lambda phase: _last_passed(days[phase], last_day))[:ASKED_AGAIN]
        moments += [(int(phase), last_day, "asked again at the end") for phase in longest_ago]
        rgb, titles = [], []
        for phase, _, note in moments:
            piece = int(pieces[phase])
            when = place.start + timedelta(days=int(bank.days[phase, piece]))
            rgb.append(place.picture(bank, phase, piece))
            titles.append(f"{names[phase]}|{when.day} {when:%B}" + (f", {note}" if note else ""))
        return Strips(
            np.stack(rgb),
            np.stack([bank.truth[phase, pieces[phase]] for phase, _, _ in moments]),
            {
                name: np.stack([nearest(pictures, day).guess[phase] for phase, day, _ in moments])
                for name, pictures in taken.items()
            },
            tuple(titles),
        )


def _last_passed(first_day: int, last_day: int) -> int:
    """The last day of a life on which the year stood where it stood on `first_day`."""
    return last_day - (last_day - first_day) % 365


def groups_of(learners: tuple[str, ...], branches: Collection[str] = ()) -> list[list[str]]:
    """Which learners live side by side in one process: those that cost nothing go with the first that does.

    The branches of a fork live alone. The last group is the one that the stream monitor looks on.
    """
    costly = [name for name in learners if name != "frozen" and name not in branches]
    groups = [[name] for name in (*reversed(tuple(branches)), *reversed(costly))]
    if "frozen" in learners:
        if costly:
            groups[-1].insert(0, "frozen")
        else:
            groups.append(["frozen"])
    return groups


def _folder_place(options: RunOptions, watcher: Watcher) -> Place:
    """The folder of frames that the options name."""
    from agent.folder.place import FolderPlace  # only who brings frames needs it

    assert options.frames is not None, "there is no folder to live in"
    return FolderPlace(
        options.frames,
        seed=options.seed,
        learn_every=options.learn_every,
        cache=options.out / ".frames",
        tell=watcher.reading,
    )


def _check_fit(place: Place, make_net: Callable[[int, int], nn.Module]) -> None:
    """See that place and net go together, before anything is done."""
    height, width = place.frame_px
    if make_net is fresh_net and (width % NET_SIDES or height % NET_SIDES):
        raise RunError(f"the camera is {width} x {height} px; the net needs sides that are multiples of {NET_SIDES}")
    if not place.commissioning_steps:
        raise RunError(
            f"learn_every ({place.learn_every}) is longer than commissioning ({place.commissioning_days} days); "
            "learn more often, or lengthen commissioning_days"
        )
    if not tasks.labels_until(place, place.commissioning_steps):
        raise RunError(
            "the teacher answers nothing during commissioning, so there is nothing to begin with; see what the "
            "scenario does to teacher.answered and teacher.delay_d, or lengthen commissioning_days"
        )


def make_folder(out: Path, name: str) -> Path:
    """A new folder for the run, with one for weights in it."""
    folder = new_folder(out, name)
    (folder / "weights").mkdir()
    return folder


def _named_folder(out: Path, name: str) -> Path:
    """As `make_folder`, by a name of the caller's."""
    folder = out / name
    try:
        folder.mkdir(parents=True)
        (folder / "weights").mkdir()
    except OSError as error:
        raise RunError(f"the folder {folder} cannot be made ({error}); give another name, or move it away") from error
    return folder


def new_folder(out: Path, name: str) -> Path:
    """A new folder named by the time, with a test that it can be written to.

    Raises:
        RunError: it cannot be made; the message says why, and what would do.
    """
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    for attempt in range(100):
        folder = out / (f"{stamp}-{name}" if not attempt else f"{stamp}-{name}-{attempt}")
        try:
            folder.mkdir(parents=True, exist_ok=False)
            return folder
        except FileExistsError:
            if out.exists() and not out.is_dir():
                raise RunError(f"the output folder {out} is a file; name a folder with --out") from None
        except OSError as error:
            raise RunError(f"the output folder {out} cannot be written ({error}); name another with --out") from error
    raise RunError(f"the output folder {out} holds a hundred runs of this second; try again")


def as_config(options: RunOptions, brief: Brief, plans: Sequence[Plan]) -> dict[str, Any]:
    """Everything that decides what the run computes."""
    return {
        **brief.place.as_config(),
        "options": {
            **{key: value for key, value in vars(options).items() if key not in ("out", "frames", "workers")},
            "learn_every": brief.place.learn_every,
            "learners": [plan.name for plan in plans],
            "labels_per_block": brief.place.labels_per_block,
            "memory_bytes": brief.memory_bytes,
            "updates": brief.updates,
            **vars(brief.pace),
        },
        "monitor": {} if brief.plan is None else brief.plan.as_row(),
        "learners": {plan.name: plan.as_config() for plan in plans},
        "versions": {"python": platform.python_version()}
        | {name: found for name in VERSIONS_OF if (found := version_of(name)) is not None},
        "hashes": {"place": brief.place.fingerprint, "code": brief.code},
    } | ({} if brief.fork is None else {"fork": brief.fork.as_row()})


def version_of(package: str) -> str | None:
    """Of an installed package; None without it."""
    try:
        return version(package)
    except ImportError:
        return None


def write_json(path: Path, data: dict[str, Any]) -> None:
    write_whole(path, (json.dumps(data, indent=2) + "\n").encode())
