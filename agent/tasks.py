"""The pieces of a run that can be done in processes of their own: commissioning, a life, a reference.

A task is a function of a `Brief` and of where to send what happens. Each builds its garden anew from the seed, which
is cheaper than sending frames between processes and gives the same bits.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from agent.commission import TELL_EVERY, drill, labelled_frames, shuffled_rows
from agent.live import Event, Student, grade, live, sit
from agent.monitor.probes import Bank, build_banks
from agent.monitor.scores import MIN_SHARE, StreamScore
from agent.options import LABELS_PER_BLOCK, Pace
from agent.perception import as_batch
from agent.references import BATCH, converge, joint
from agent.stream import PatrolStream
from garden_env.garden import Garden, plant_garden
from learners.base import State
from learners.cost import count_flops
from learners.disk import load_state, save_state
from learners.frozen import Frozen
from learners.nets import SegNet
from learners.recipes import find_recipe, make_learner
from learners.terms.heads import weights_that_predict
from scenarios.spec import Scenario
from scenarios.tables import CLASS_NAMES, IGNORE

Send = Callable[[Any], None]
Stop = Callable[[], bool]
COMMISSION_LEARNING_RATE = 2e-3


@dataclass(frozen=True)
class Brief:
    """What every task of a run knows."""

    scenario: Scenario = field(hash=False)  # it holds a dict; equal briefs still have equal scenarios
    seed: int
    folder: Path
    learn_every: int
    exam_every_days: int
    memory_bytes: int
    pace: Pace
    cache: Path
    code: str  # hash of the sources, taken once at the start: they may be edited while a run goes on

    @property
    def commissioning_steps(self) -> int:
        """Control steps of commissioning, in whole blocks."""
        commissioning = self.scenario.model_copy(update={"days": self.scenario.commissioning_days})
        return commissioning.life_steps // self.learn_every * self.learn_every

    @property
    def updates(self) -> int:
        """Updates of a learner in its life, if its teacher always answers."""
        return self.scenario.life_steps // self.learn_every - self.commissioning_steps // self.learn_every

    def weights(self, name: str) -> Path:
        """Where the weights of that name are kept."""
        return self.folder / "weights" / f"{name}.safetensors"


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
class Referred:
    """A reference sat an exam: (S, n, C, C) confusions of a bank."""

    name: str
    bank: str
    confusion: np.ndarray


def commission(brief: Brief, send: Send, stop: Stop) -> None:
    """Train the net on the frames of commissioning and write its weights."""
    images, labels = enrolment_frames(brief)
    net = fresh_net(brief.seed)
    learner = make_learner("finetune", net, seed=brief.seed, learning_rate=COMMISSION_LEARNING_RATE)
    rows = shuffled_rows(len(images), BATCH, np.random.default_rng([brief.seed, 20]))
    total = brief.pace.commission_updates
    for done in range(0, total, TELL_EVERY):
        drill(learner, images, labels, rows, updates=min(TELL_EVERY, total - done), stop=stop)
        send(Advanced("commissioning", min(done + TELL_EVERY, total), total))
    if stop():
        return
    save_weights(brief.weights("commissioned"), net)
    answered = labels[labels != IGNORE]
    known = np.bincount(answered, minlength=len(CLASS_NAMES)) >= MIN_SHARE * answered.size
    send(Commissioned({name: bank.truth for name, bank in banks_of(brief).items()}, known))


def prepare(brief: Brief, send: Send, stop: Stop) -> None:
    """Load the libraries and set the exam while another process commissions; nothing depends on it."""
    fresh_net(0)
    if not stop():
        banks_of(brief)


def life(brief: Brief, names: tuple[str, ...], send: Send, stop: Stop) -> None:
    """Live through the year with these learners, side by side."""
    images, labels = enrolment_frames(brief)
    students = [enrol(brief, name, images, labels) for name in names]
    seconds = dict.fromkeys(names, 0.0)
    predicted = dict.fromkeys(names, 0)
    last_step = brief.commissioning_steps

    def emit(event: Event) -> None:
        nonlocal last_step
        if isinstance(event, StreamScore):
            last_step = event.step
            seconds[event.learner] += sum(event.seconds.values())
            predicted[event.learner] += event.frames
        send(event)

    live(
        stream_of(brief),
        students,
        banks_of(brief),
        emit,
        first_step=brief.commissioning_steps,
        exam_every_days=brief.exam_every_days,
        stop=stop,
    )
    camera = brief.scenario.camera
    for student in students:
        save_weights(brief.weights(student.name), student.learner.net)
        cost = student.learner.cost
        forward_flops, _ = count_flops(student.learner.net, (3, camera.height_px, camera.width_px))
        learned = cost.updates + cost.skipped_updates > 0
        spent = {
            "seconds": seconds[student.name],
            "flops": cost.flops + forward_flops * predicted[student.name],
            "memory_bytes": cost.bytes_kept,
            "labels": labels_until(brief, last_step if learned else brief.commissioning_steps),
            "updates": cost.updates,
            "skipped": cost.skipped_updates,
        }
        send(Spent(student.name, spent))


def reference(brief: Brief, name: str, send: Send, stop: Stop) -> None:
    """Train `joint` or `joint@converged`, or fetch it from the cache, and let it sit the exam."""
    net = load_net(brief.weights("commissioned"))
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
    for bank_name, bank in banks_of(brief).items():
        send(Referred(name, bank_name, grade(bank, sit(learner, bank))))
    save_weights(brief.weights(name), net)
    send(Spent(name, {**kept["spent"], "labels": labels_until(brief), "memory_bytes": 0, "skipped": 0}))


def _train(brief: Brief, name: str, net: nn.Module, send: Send, stop: Stop) -> State:
    """Train a reference: its weights, and what it took."""
    started_s = time.perf_counter()
    images, labels = labelled_frames(stream_of(brief))

    def count(updates: int) -> None:
        send(Advanced(name, updates, brief.updates))

    def tell(updates: int, miou: float) -> None:
        send(Advanced(name, updates, None, f"{updates} updates, mIoU {miou:.3f} on held-out frames"))

    if name == "joint":
        trained = joint(net, images, labels, updates=brief.updates, seed=brief.seed, stop=stop, tell=count)
    else:
        limit = brief.pace.converge_updates
        trained = converge(net, images, labels, limit_updates=limit, seed=brief.seed, stop=stop, tell=tell)
    spent = {
        "seconds": time.perf_counter() - started_s,
        "flops": trained.flops,
        "updates": trained.updates,
        "converged": float(trained.converged),
    }
    return {"net": dict(net.state_dict()), "spent": spent}


def enrolment_frames(brief: Brief) -> tuple[np.ndarray, np.ndarray]:
    """The labelled frames of commissioning: images (n, 3, H, W) and labels (n, h, w), both uint8."""
    return labelled_frames(stream_of(brief), until_step=brief.commissioning_steps)


def enrol(brief: Brief, name: str, images: np.ndarray, labels: np.ndarray) -> Student:
    """A learner as it leaves commissioning: its weights, and those frames (n, ...) offered to its memory."""
    recipe = find_recipe(name)
    net = load_net(brief.weights("commissioned"))
    learner = make_learner(name, net, seed=brief.seed, memory_bytes=brief.memory_bytes)
    for i in range(0, len(images), BATCH):
        learner.remember(as_batch(images[i : i + BATCH], labels[i : i + BATCH]))
    if recipe.consolidate_every_updates:
        learner.consolidate("commissioning")
    return Student(name, learner, recipe.new_frames_per_update, recipe.consolidate_every_updates)


@lru_cache(maxsize=2)
def garden_of(brief: Brief) -> Garden:
    """The robot's own garden."""
    return plant_garden(brief.scenario, brief.seed)


def stream_of(brief: Brief) -> PatrolStream:
    """The life that every learner of the run sees."""
    return PatrolStream(garden_of(brief), learn_every=brief.learn_every, labels_per_block=LABELS_PER_BLOCK)


def labels_until(brief: Brief, step: int | None = None) -> int:
    """Labelled frames that have come by a control step, commissioning included; None for the whole life."""
    stream = stream_of(brief)
    last = brief.scenario.life_steps if step is None else step
    return sum(len(came) for end, came in zip(stream.ends, stream.arrivals(), strict=True) if end <= last)


@lru_cache(maxsize=2)
def banks_of(brief: Brief) -> dict[str, Bank]:
    """The exam of the run."""
    commissioning = takewhile(lambda block: block.step <= brief.commissioning_steps, stream_of(brief))
    pace = brief.pace
    return build_banks(
        garden_of(brief),
        home_frames=pace.home_frames,
        away_frames=pace.away_frames,
        next_year_frames=pace.next_year_frames,
        avoid=np.concatenate([block.poses for block in commissioning]),
    )


def fresh_net(seed: int) -> SegNet:
    """The default net with its first weights."""
    return SegNet(len(CLASS_NAMES), generator=torch.Generator().manual_seed(seed))


def load_net(path: Path) -> SegNet:
    """A net with the weights of a file."""
    net = fresh_net(0)
    net.load_state_dict(load_file(path))
    return net


def save_weights(path: Path, net: nn.Module) -> None:
    """Write the weights with which a net predicts as plain safetensors: without heads that only helped it to learn."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: value.detach().contiguous() for name, value in weights_that_predict(net).items()}, path)


@lru_cache(maxsize=1)
def code_hash() -> str:
    """Twelve hexadecimal digits over all sources that decide what a run computes."""
    digest = hashlib.sha256()
    root = Path(__file__).parent.parent
    for package in ("agent", "garden_env", "learners", "scenarios"):
        for path in sorted((root / package).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _key(brief: Brief, name: str) -> str:
    """What a reference depends on, as a file name."""
    weights = hashlib.sha256(brief.weights("commissioned").read_bytes()).hexdigest()
    parts = (brief.scenario.hash, brief.seed, brief.learn_every, brief.pace, weights, brief.code, torch.__version__)
    return f"{name.replace('@', '-')}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:16]}"
