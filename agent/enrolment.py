"""How a learner leaves commissioning: with its weights, what it may keep of those frames, and a policy."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import takewhile

import numpy as np
from torch import Tensor, nn

from agent.brief import Brief
from agent.commission import drill, labelled_frames, shuffled_rows
from agent.desk import make_desk
from agent.live import Student
from agent.nets import load_weights
from agent.perception import as_batch
from agent.place import Place
from agent.policies import make_policy
from agent.realtime import Hurried
from agent.references import BATCH, LEARNING_RATES, joint
from agent.schedules import Answering, Cumulative
from agent.students import Plan, read_plan
from learners.base import IGNORE, Learner
from learners.cost import Cost
from learners.frozen import Frozen
from learners.gate import Gate
from learners.handover import carry_guard, carry_memory, carry_moments
from learners.memory import Reservoir
from learners.online import Online
from learners.plasticity.renewing import Renewing
from learners.recipes import FRAMES_PER_UPDATE, Recipe, make_learner
from learners.terms.heads import weights_that_predict
from learners.weight_files import put_weights

GUARD_FRAMES = 32  # of the set that a gate asks


@dataclass(frozen=True)
class Admission:
    """The frames of commissioning.

    Attributes:
        images: (n, 3, H, W) uint8, those that were answered,
        labels: (n, h, w) uint8, with their answers.
        seen: (m, 3, H, W) uint8, all that the camera saw.
    """

    images: np.ndarray
    labels: np.ndarray
    seen: np.ndarray


def admission(place: Place) -> Admission:
    """Live through commissioning."""
    blocks = list(takewhile(lambda block: block.step <= place.commissioning_steps, place.stream()))
    return Admission(
        *labelled_frames(blocks, classes=len(place.classes)), np.concatenate([block.images for block in blocks])
    )


def enrol(
    brief: Brief,
    name: str,
    frames: Admission,
    *,
    weights: str = "commissioned",
    before: Student | None = None,
    day: int | None = None,
) -> Student:
    """A learner as it leaves commissioning, or as it takes over from another.

    Args:
        brief: of the run; its commissioned weights have been written.
        name: of the recipe, the mixture or the schedule, with its policy: `er+ewc@season`.
        frames: of commissioning, which are offered to its memory.
        weights: name of those with which a recipe begins; they have been written. Schedules begin as commissioned.
        before: from whom it takes over: then it begins with that one's weights, goes on with its memory and the moments
            of its optimizer where both have them of a kind, and with what is on its way from the teacher.
        day: of the life, when it takes over; not given, the life begins.

    Where pictures of the past may be kept, who learns by steps of an optimizer fills an update up with frames that were
    answered before, if the scenario's teacher answers few; who counts every frame once (a closed form, a schedule) does
    not, nor who learns from unanswered frames anyway.

    Raises:
        ValueError: there is nothing of that name.
        RuntimeError: the weights are of another net.
    """
    plan = read_plan(name)
    season = brief.place.season(brief.place.commissioning_days if day is None else day)
    spent = Cost()
    if plan.schedule == "joint":
        learner = _joint(brief)
    elif plan.schedule == "cumulative":
        learner = _cumulative(brief)
    else:
        begun = weights if before is None else weights_that_predict(before.learner.net)
        learner, spent = _composed(brief, plan, frames, begun)
    for i in range(0, len(frames.images), BATCH):
        learner.remember(as_batch(frames.images[i : i + BATCH], frames.labels[i : i + BATCH]))
    if before is not None:
        carry_memory(before.learner, learner)
        carry_moments(before.learner, learner)
    if plan.policy != "never" or plan.recipe.consolidate_every_updates:
        learner.consolidate(f"season:{season}" if plan.regime_source == "oracle season" else "commissioning")
    learns_without_labels = plan.schedule == "online" and plan.recipe.learns_without_labels
    idle = isinstance(learner, Frozen | Answering)  # who learns nothing has nobody to ask
    reuses = isinstance(learner, Online | Renewing) and not learns_without_labels and brief.keeps_pictures
    if brief.gate_every and plan.schedule == "online":
        learner = _gated(brief, learner, frames)
        if before is not None:
            carry_guard(before.learner, learner)
    new_frames = FRAMES_PER_UPDATE - recalled_frames(brief, plan.recipe)
    if plan.schedule == "cumulative" or not brief.keeps_pictures:  # each frame once
        new_frames = brief.place.labels_per_block
    if brief.realtime is not None:
        if isinstance(learner, Gate):
            raise ValueError("a gate decides after so many updates, and real time misses some; choose one of the two")
        learner = Hurried(
            learner, brief.realtime, frame_shape=(3, *brief.place.frame_px), block_frames=brief.place.learn_every
        )
    desk = None if idle else make_desk(brief.place, new_frames=new_frames, reuses=reuses)
    if desk is not None and before is not None and before.desk is not None:
        desk.follow(before.desk)
    return Student(
        plan.name,
        learner,
        new_frames,
        make_policy(plan.policy, season=season, usual=plan.usual),
        learns_without_labels=learns_without_labels,
        spent_before=spent,
        still=idle,
        desk=desk,
    )


def recalled_frames(brief: Brief, recipe: Recipe) -> int:
    """Past frames of an update: the recipe's number, or the share that the brief wants where a recipe recalls any."""
    if brief.replay_share is None or not recipe.needs_past_data:
        return recipe.recalled_frames_per_update
    return round(brief.replay_share * FRAMES_PER_UPDATE)


def _composed(brief: Brief, plan: Plan, frames: Admission, weights: str | Mapping[str, Tensor]) -> tuple[Learner, Cost]:
    """A recipe's learner, and what its pre-training has cost."""
    recipe, settings = plan.recipe, replace(plan.recipe.settings, **dict(brief.changes))
    if not brief.keeps_pictures:  # consolidation looks at the frames of the latest update and at no older ones
        latest = brief.place.labels_per_block
        settings = replace(settings, fisher_frames=latest, kept_frames=latest)
    net = brief.first_net()
    if isinstance(weights, str):
        load_weights(brief.weights(weights), net)
    else:
        put_weights(net, weights)
    spent = Cost()
    for part in recipe.parts:
        if part.pretrain:
            pupil = _pretrained(brief, part.name, net, frames, updates=part.pretrain)
            net = brief.first_net()  # without the heads that only helped the pupil to learn
            net.load_state_dict(weights_that_predict(pupil.net))
            spent += pupil.cost
    learner = make_learner(
        recipe.name, net, seed=brief.seed, memory_bytes=brief.memory_bytes, settings=settings,
        recalled_frames=recalled_frames(brief, recipe),
    )  # fmt: skip
    return learner, spent


def _pretrained(brief: Brief, part: str, net: nn.Module, frames: Admission, *, updates: int) -> Learner:
    """A learner of one part alone, after so many updates on all that was seen in commissioning, answered or not."""
    pupil = make_learner(part, net, seed=brief.seed)
    nothing = np.full((len(frames.seen), *frames.labels.shape[1:]), IGNORE, np.uint8)
    images, labels = np.concatenate([frames.images, frames.seen]), np.concatenate([frames.labels, nothing])
    rows = shuffled_rows(len(images), BATCH, np.random.default_rng([brief.seed, 23]))
    drill(pupil, images, labels, rows, updates=updates)
    return pupil


def _joint(brief: Brief) -> Learner:
    net = load_weights(brief.weights("commissioned"), brief.first_net())
    images, labels = labelled_frames(brief.place.stream(), classes=len(brief.place.classes))
    return Answering(joint(net, images, labels, updates=brief.updates, seed=brief.seed).learner)


def _cumulative(brief: Brief) -> Learner:
    return Cumulative(
        partial(_beginner, brief),
        load_weights(brief.weights("commissioned"), brief.first_net()).state_dict(),
        commission_updates=brief.pace.commission_updates,
        rng=np.random.default_rng([brief.seed, 24]),
    )


def _beginner(brief: Brief) -> Learner:
    return make_learner("finetune", brief.first_net(), seed=brief.seed, learning_rate=LEARNING_RATES[0])


def _gated(brief: Brief, learner: Learner, frames: Admission) -> Gate:
    """The learner behind a gate, whose guard set begins with the frames of commissioning."""
    frame_bytes = frames.images[:1].nbytes + frames.labels[:1].nbytes
    guard = Reservoir(GUARD_FRAMES * frame_bytes, frames=GUARD_FRAMES, rng=np.random.default_rng([brief.seed, 25]))
    guard.remember(as_batch(frames.images, frames.labels))
    return Gate(learner, guard, every=brief.gate_every)
