"""The pieces of a run that can be done in processes of their own: commissioning, a life, a reference.

A task is a function of a `Brief` and of where to send what happens. Each makes its place anew from the seed, which is
cheaper than sending frames between processes and gives the same bits.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from agent.brief import Brief
from agent.checkpoint import Account, Checkpoint, LifeKeeper
from agent.commission import TELL_EVERY, drill, labelled_frames, shuffled_rows
from agent.device import prepare_device
from agent.enrolment import Admission, admission, enrol
from agent.garden_place import GardenPlace
from agent.kept_weights import KeptWeights
from agent.live import Event, Student, grade, live, sit
from agent.monitor.checkups.checkup import Examiner
from agent.monitor.fixed_features import FixedFeatures
from agent.monitor.life import Life
from agent.monitor.plan import MonitorPlan
from agent.monitor.scores import MIN_SHARE, ProbeScore, StreamScore
from agent.monitor.timetable import Timetable
from agent.monitor.watch import StreamMonitor
from agent.nets import load_weights, save_weights
from agent.passage import Passage
from agent.place import Place
from agent.realtime import Hurried
from agent.references import BATCH, converge, joint
from agent.shared_pass import share_pass
from agent.stream import Block, Fingerprint
from agent.succession import Succession
from agent.why import explain
from learners.base import State
from learners.computing import PLAIN
from learners.cost import Cost, count_flops
from learners.disk import load_state, save_state
from learners.frozen import Frozen
from learners.recipes import make_learner
from scenarios.tables import IGNORE

Send = Callable[[Any], None]
Stop = Callable[[], bool]
COMMISSION_LEARNING_RATE = 2e-3


@dataclass(frozen=True)
class Advanced:
    """A task made a step forward: for the progress display."""

    task: str
    done: int
    total: int | None  # None where nobody knows when it will end
    note: str = ""


@dataclass(frozen=True)
class Commissioned:
    """Commissioning is over."""

    banks: dict[str, np.ndarray]  # truth of every bank
    known: np.ndarray  # (C,) bool, the classes met


@dataclass(frozen=True)
class Spent:
    """What a learner or a reference has cost."""

    name: str
    cost: dict[str, float]


@dataclass(frozen=True)
class Looked:
    """What the learners of a life have looked at: twelve hexadecimal digits, equal where all frames were equal."""

    names: tuple[str, ...]
    frames: str


@dataclass(frozen=True)
class Referred:
    """A reference sat an exam: (S, n, C, C) confusions of a bank."""

    name: str
    bank: str
    confusion: np.ndarray


def commission(brief: Brief, send: Send, stop: Stop) -> None:
    """Train the net on the frames of commissioning, write its weights, and set the exam."""
    frames = train_first(brief, send, stop)
    if frames is None:
        return
    answered = frames.labels[frames.labels != IGNORE]
    known = np.bincount(answered, minlength=len(brief.place.classes)) >= MIN_SHARE * answered.size
    send(Commissioned({name: bank.truth for name, bank in brief.place.banks().items()}, known))


def train_first(brief: Brief, send: Send, stop: Stop) -> Admission | None:
    """Train the net on the frames of commissioning and write its weights; these frames, or None if stopped."""
    prepare_device(brief.device)
    frames, net = admission(brief.place), brief.first_net()
    learner = make_learner("finetune", net, seed=brief.seed, learning_rate=COMMISSION_LEARNING_RATE)
    rows = shuffled_rows(len(frames.images), BATCH, np.random.default_rng([brief.seed, 20]))
    total = brief.pace.commission_updates
    for done in range(0, total, TELL_EVERY):
        drill(learner, frames.images, frames.labels, rows, updates=min(TELL_EVERY, total - done), stop=stop)
        send(Advanced("commissioning", min(done + TELL_EVERY, total), total))
    if stop():
        return None
    if learner.cost.skipped_updates and not learner.cost.updates:
        raise ValueError(
            "the net answers with what is no number (NaN or infinite), so it could learn nothing in commissioning; "
            "see to what makes it"
        )
    save_weights(brief.weights("commissioned"), net)
    return frames


def prepare(brief: Brief, send: Send, stop: Stop) -> None:
    """Load the libraries and set the exam while another process commissions; nothing depends on it."""
    brief.first_net()
    if not stop():
        brief.place.banks()


def life(
    brief: Brief, names: tuple[str, ...], send: Send, stop: Stop, *, watched: bool = False, saved: Path | None = None
) -> None:
    """Live through the year with these learners, side by side.

    Args:
        brief: of the run.
        names: of the learners; a branch of a fork is alone.
        send: takes what happens.
        stop: asked before every block.
        watched: whether the stream monitor looks on; in one process of a run, for all see the same stream.
        saved: checkpoint of this life to go on from.
    """
    place = brief.place
    prepare_device(brief.device)
    frames = admission(place)
    watch = _watch(brief) if watched else None
    succession = _succession(brief, names, frames, saved)
    students = [enrol(brief, name, frames) for name in names] if succession is None else succession.students
    if watch is not None:
        students[:] = [share_pass(student, watch.features) for student in students]
    if brief.onlooker is not None:
        brief.onlooker.students(students, frames, partial(enrol, brief), stop)
    plan = brief.plan or MonitorPlan(brief.exam_every_days)
    account = Account(dict.fromkeys(names, 0.0), place.commissioning_steps)
    examined: dict[str, dict[str, np.ndarray]] = {name: {} for name in names}
    stream = place.stream() if brief.onlooker is None else brief.onlooker.stream(place.stream())
    passage = Passage(stream)
    seen = _Seen(passage if watch is None else watch.passing(passage, send))
    weights = KeptWeights(brief.folder, sets=brief.keep_weights, first_step=place.commissioning_steps, days=place.days)
    checks = None if plan.checkups == "never" else examiner(brief)
    keeper = None
    if brief.checkpoint_every_days:
        others = {
            "passage": passage, "watch": watch, "seen": seen.fingerprint, "weights": weights,
            "examiner": checks, "account": account,
        } | ({} if succession is None else {"succession": succession})  # fmt: skip
        keeper = LifeKeeper(
            names[-1], students, others, send,
            every_days=brief.checkpoint_every_days, first_day=place.commissioning_days, days=place.days,
            sets=brief.keep_checkpoints, watched=watched, saved=saved,
        )  # fmt: skip

    def emit(event: Event) -> None:
        if isinstance(event, ProbeScore):
            examined[event.learner][event.bank] = event.confusion
        if isinstance(event, StreamScore):
            account.last_step = event.step
            account.seconds[event.learner] += sum(event.seconds.values())
        send(event)

    blocks = weights.along(seen, students)
    live(
        blocks if succession is None else succession.along(blocks),
        students,
        place.banks(),
        emit,
        first_step=place.commissioning_steps,
        exam_every_days=plan.every_days,
        timetable=Timetable(
            plan.every_days,
            others=plan.others,
            burst_days=plan.burst_days,
            burst_sittings=plan.burst_sittings,
            season=place.season,
        ),
        examiner=checks,
        checkups="ends" if plan.checkups == "ends" else "season",
        classes=len(place.classes),
        season=place.season,
        stop=stop,
        keeper=keeper,
    )
    last_step = account.last_step
    for student in students:
        save_weights(brief.weights(student.name), student.learner.net)
        cost = student.spent_before + student.learner.cost
        asking = student.desk.cost if student.desk is not None else Cost()
        forward_flops, _ = count_flops(student.learner.net, (3, *place.frame_px))
        learned = cost.updates + cost.skipped_updates > 0
        spent = {
            "seconds": account.seconds[student.name],
            "flops": cost.flops + asking.flops + forward_flops * (last_step - place.commissioning_steps),
            "memory_bytes": cost.bytes_kept + asking.bytes_kept,
            "labels": _labels(place, student, last_step if learned else place.commissioning_steps),
            "updates": cost.updates,
            "skipped": cost.skipped_updates,
        }
        if isinstance(student.learner, Hurried):
            spent |= {"missed_blocks": student.learner.missed, "stale_blocks": student.learner.stale}
        send(Spent(student.name, spent))
        if not stop():
            found = explain(student.learner, student.name, place, examined[student.name])
            if found is not None:
                send(found)
    send(Looked(names, seen.fingerprint.short))
    if keeper is not None and keeper.whole and not stop():
        keeper.done(last_step)


def _succession(brief: Brief, names: tuple[str, ...], frames: Admission, saved: Path | None) -> Succession | None:
    """Who lives a branch of a fork; None for any other life."""
    if brief.fork is None or names[-1] not in brief.fork.branches:
        return None
    return Succession(brief, names[-1], frames, None if saved is None else Checkpoint.load(saved).day)


def examiner(brief: Brief) -> Examiner:
    """Who makes the checkups of a life, on the probes that headlines are taken from."""
    place, banks = brief.place, brief.place.banks()
    bank = banks.get("away") or next(iter(banks.values()))
    calendar = Life(place.start, place.days, place.commissioning_days, place.phases)
    return Examiner(bank, calendar, brief.first_net().cpu(), classes=len(place.classes), seed=brief.seed)


class _Seen:
    """A stream that keeps account of what was looked at."""

    def __init__(self, stream: Iterable[Block]) -> None:
        self._stream, self.fingerprint = stream, Fingerprint()

    def __iter__(self) -> Iterator[Block]:
        for block in self._stream:
            self.fingerprint.see(block)
            yield block


def _watch(brief: Brief) -> StreamMonitor:
    """A stream monitor, which looks through the net as it was commissioned."""
    net = load_weights(brief.weights("commissioned"), brief.first_net())
    place = brief.place
    camera = place.scenario.camera if isinstance(place, GardenPlace) else None
    return StreamMonitor(FixedFeatures(net, place.frame_px), camera=camera)


def reference(brief: Brief, name: str, send: Send, stop: Stop) -> None:
    """Train `joint` or `joint@converged`, or fetch it from the cache, and let it sit the exam."""
    prepare_device(brief.device)
    net = load_weights(brief.weights("commissioned"), brief.first_net())
    cached = brief.cache / f"{_key(brief, name)}.safetensors"
    if cached.exists():
        kept = load_state(cached)
        net.load_state_dict(kept["net"])
    else:
        kept = _train(brief, name, net, send, stop)
        if stop():
            return  # half a reference would be a wrong one
        brief.cache.mkdir(parents=True, exist_ok=True)
        save_state(cached, kept)
    learner = Frozen(net)
    for bank_name, bank in brief.place.banks().items():
        send(Referred(name, bank_name, grade(bank, sit(learner, bank), len(brief.place.classes))))
    save_weights(brief.weights(name), net)
    send(Spent(name, {**kept["spent"], "labels": labels_until(brief.place), "memory_bytes": 0, "skipped": 0}))


def _train(brief: Brief, name: str, net: nn.Module, send: Send, stop: Stop) -> State:
    """Train a reference: its weights, and what it took."""
    started_s = time.perf_counter()
    images, labels = labelled_frames(brief.place.stream(), classes=len(brief.place.classes))

    def count(updates: int) -> None:
        send(Advanced(name, updates, brief.updates))

    def tell(updates: int, miou: float) -> None:
        send(Advanced(name, updates, None, f"{updates} updates, mIoU {miou:.3f} on held-out frames"))

    if name == "joint":
        trained = joint(net, images, labels, updates=brief.updates, seed=brief.seed, stop=stop, tell=count)
    else:
        limit, classes = brief.pace.converge_updates, len(brief.place.classes)
        trained = converge(
            net, images, labels, limit_updates=limit, seed=brief.seed, classes=classes, stop=stop, tell=tell
        )
    spent = {
        "seconds": time.perf_counter() - started_s,
        "flops": trained.flops,
        "updates": trained.updates,
        "converged": float(trained.converged),
    }
    return {"net": dict(net.state_dict()), "spent": spent}


def labels_until(place: Place, step: int | None = None) -> int:
    """Labelled frames that have come by a control step, commissioning included; None for the whole life."""
    stream = place.stream()
    last = place.life_steps if step is None else step
    return sum(len(came) for end, came in zip(stream.ends, stream.arrivals(), strict=True) if end <= last)


def _labels(place: Place, student: Student, last_step: int) -> float:
    """Labelled frames that came to a student, commissioning included; by contact also parts of frames."""
    if student.desk is None or last_step <= place.commissioning_steps:
        return labels_until(place, last_step)
    return labels_until(place, place.commissioning_steps) + round(student.desk.labels, 1)


def _key(brief: Brief, name: str) -> str:
    """What a reference depends on, as a file name."""
    weights = hashlib.sha256(brief.weights("commissioned").read_bytes()).hexdigest()
    parts = (brief.place.fingerprint, brief.updates, brief.pace, weights, brief.code, torch.__version__)
    if brief.device != "cpu":
        parts = (*parts, brief.device)
    if (brief.computing, brief.threads) != (PLAIN, 1):
        parts = (*parts, brief.computing, brief.threads)
    return f"{name.replace('@', '-')}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:16]}"
