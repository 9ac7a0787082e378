"""The pieces of a fleet that can be done in processes of their own: to settle a garden, and the life of a learner."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from agent import tasks
from agent.enrolment import Admission, admission, enrol
from agent.exams import HEADLINE
from agent.fleet.brief import FleetBrief
from agent.fleet.observer import InGarden, Observer
from agent.fleet.pupils import Pupil
from agent.live import Student, live
from agent.monitor.probes import Bank
from agent.monitor.scores import MIN_SHARE
from agent.nets import save_weights
from agent.place import Place
from agent.policies import Moment, Policy
from agent.tasks import Advanced, Commissioned
from learners.cost import count_flops
from scenarios.tables import IGNORE

Send = Callable[[Any], None]
Stop = Callable[[], bool]
TELL_EVERY_BLOCKS = 16


@dataclass(frozen=True)
class Lived:
    """A learner's life is over.

    Attributes:
        pupil: who.
        whole: whether it was lived to its end.
        cost: seconds of the processor, FLOPs, bytes kept, labels, updates.
        labels: answered frames that came, by garden, commissioning included.
    """

    pupil: Pupil
    whole: bool
    cost: dict[str, float]
    labels: tuple[int, ...]


class Drilled:
    """Another policy, and after every occasion to learn so many more updates.

    Args:
        policy: says when it consolidates.
        extra: updates beside the usual one.
    """

    def __init__(self, policy: Policy, extra: int) -> None:
        self._policy, self._extra = policy, extra

    @property
    def name(self) -> str:
        return self._policy.name

    def due(self, moment: Moment) -> str | None:
        return self._policy.due(moment)

    @property
    def extra_updates(self) -> int:
        return self._policy.extra_updates + self._extra


def settle(brief: FleetBrief, garden: int, send: Send, stop: Stop) -> None:
    """Set the exams of a garden, and see which classes its owner has shown the robot."""
    if stop():
        return
    place = brief.homes[garden].place
    labels = admission(place).labels
    answered = labels[labels != IGNORE]
    known = np.bincount(answered, minlength=len(place.classes)) >= MIN_SHARE * answered.size
    send(InGarden(garden, Commissioned({name: bank.truth for name, bank in place.banks().items()}, known)))


def pupil_life(brief: FleetBrief, pupil: Pupil, send: Send, stop: Stop) -> None:
    """Train a net on what the owners show, let it live, and tell how it fares in every garden."""
    own, name, began_s = brief.of(pupil), pupil.name(brief.grounds.names), time.process_time()
    place = own.place
    frames = tasks.train_first(own, lambda message: send(replace(message, task=name, note="commissioning")), stop)
    if frames is None:
        return
    student = _enrolled(brief, pupil, frames)
    observer = Observer(
        pupil, student, _banks(brief, pupil), classes=len(place.classes), first_step=place.commissioning_steps,
        every_days=own.exam_every_days, send=send,
    )  # fmt: skip
    blocks = len(place.stream().ends)

    def told():
        for number, block in enumerate(observer.along(place.stream())):
            if number % TELL_EVERY_BLOCKS == 0:
                send(Advanced(name, number, blocks, f"day {block.day}"))
            yield block

    live(
        told(), [student], {}, lambda event: None,
        first_step=place.commissioning_steps, exam_every_days=place.days, classes=len(place.classes),
        season=place.season, stop=stop, scored=False,
    )  # fmt: skip
    observer.end()
    save_weights(own.weights(student.name), student.learner.net)
    labels = tuple(observer.provenance.labels.tolist())
    cost = _cost(student, place, observer) | {"seconds": time.process_time() - began_s, "labels": float(sum(labels))}
    send(Lived(pupil, not stop(), cost, labels))


def _enrolled(brief: FleetBrief, pupil: Pupil, frames: Admission) -> Student:
    """The learner as it leaves commissioning."""
    student = enrol(brief.of(pupil), brief.learner, frames)
    return student if pupil.steps == 1 else replace(student, policy=Drilled(student.policy, pupil.steps - 1))


def _banks(brief: FleetBrief, pupil: Pupil) -> dict[int, dict[str, Bank]]:
    """The exams of all gardens; the headline's comes first."""
    banks = {garden: home.place.banks() for garden, home in enumerate(brief.homes)}
    return {garden: {HEADLINE: found[HEADLINE], **found} for garden, found in banks.items()}


def _cost(student: Student, place: Place, observer: Observer) -> dict[str, float]:
    """What a life took besides commissioning and exams, as in a run."""
    cost = student.spent_before + student.learner.cost
    forward_flops, _ = count_flops(student.learner.net, (3, *place.frame_px))
    return {
        "flops": float(cost.flops + forward_flops * observer.frames),
        "memory_bytes": float(cost.bytes_kept),
        "updates": float(cost.updates),
        "skipped": float(cost.skipped_updates),
    }
