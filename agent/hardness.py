"""How hard a script is: what a net that was commissioned in its first days still sees of the days that follow."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from agent import tasks
from agent.brief import Brief
from agent.commission import drill, shuffled_rows
from agent.enrolment import admission
from agent.monitor.metrics import mean_iou
from agent.options import Pace, RunOptions
from agent.perception import confusions, recognise_and_loss
from agent.references import BATCH
from agent.run import brief_for, garden_place
from agent.teacher import answer
from garden_env.garden import plant_garden
from garden_env.layout import sample_pose
from learners.disk import load_state, save_state
from learners.frozen import Frozen
from learners.recipes import make_learner
from scenarios.spec import Scenario

UPDATES = 250  # of commissioning: half of what a run makes
POSES = 12
SHARES = (0.2, 0.5, 0.8)  # of a day's working hours; poses take them in turn
CACHE = Path("runs") / ".references"


@dataclass(frozen=True)
class Hardness:
    """What a frozen net makes of a life, at poses that stay the same.

    Attributes:
        days: (K,) int, days since the scenario's start.
        miou: (K,) float64, over the classes that fill at least 0.5 % of the day's true pixels.
        loss: (K,) float64, mean cross-entropy [nats a pixel].
    """

    days: np.ndarray
    miou: np.ndarray
    loss: np.ndarray


def hardness(
    scenario: Scenario, seed: int, days: np.ndarray, *, cache: Path = CACHE, net: Frozen | None = None
) -> Hardness:
    """Commission a net as a run does, only for fewer updates, and let it look at other days without learning.

    Args:
        scenario: the script.
        seed: of garden, weather and first weights.
        days: (K,) int, when it looks.
        cache: folder in which commissioned weights are kept.
        net: that looks, if one was commissioned already.
    """
    net = net or commissioned(scenario, seed, cache=cache)
    garden = plant_garden(scenario, seed)
    rng = np.random.default_rng([seed, 51])
    poses = [np.array(sample_pose(garden.layout, rng)) for _ in range(POSES)]
    mious, losses = np.empty(len(days)), np.empty(len(days))
    for k, day in enumerate(int(day) for day in days):
        hours = [garden.hour_at(day, SHARES[i % len(SHARES)]) for i in range(POSES)]
        frames = [
            garden.view(day, hour, pose, moment=k * POSES + i)
            for i, (hour, pose) in enumerate(zip(hours, poses, strict=True))
        ]
        images = np.ascontiguousarray(np.stack([frame.rgb for frame in frames]).transpose(0, 3, 1, 2))
        truth = answer(np.stack([frame.mask for frame in frames]))
        guess, losses[k] = recognise_and_loss(net, images, truth)
        counted = confusions(truth, guess).sum(0)
        shares = counted.sum(1) / max(1, counted.sum())
        mious[k] = float(mean_iou(counted, shares >= tasks.MIN_SHARE))
    return Hardness(np.asarray(days), mious, losses)


def commissioned(scenario: Scenario, seed: int, *, cache: Path = CACHE) -> Frozen:
    """A net as it is after commissioning, never to learn again."""
    options, pace = RunOptions(seed=seed), Pace(commission_updates=UPDATES)
    brief = brief_for(options, garden_place(options, scenario, pace), pace, cache)
    return Frozen(_net(brief, cache))


def _net(brief: Brief, cache: Path) -> nn.Module:
    """The weights; fetched where the same was commissioned before."""
    parts = brief.place.fingerprint, UPDATES, brief.code, torch.__version__
    path = cache / f"preview-{hashlib.sha256(repr(parts).encode()).hexdigest()[:16]}.safetensors"
    net = brief.first_net()
    if path.exists():
        net.load_state_dict(load_state(path)["net"])
        return net
    frames = admission(brief.place)
    learner = make_learner("finetune", net, seed=brief.seed, learning_rate=tasks.COMMISSION_LEARNING_RATE)
    rows = shuffled_rows(len(frames.images), BATCH, np.random.default_rng([brief.seed, 20]))
    drill(learner, frames.images, frames.labels, rows, updates=UPDATES)
    cache.mkdir(parents=True, exist_ok=True)
    save_state(path, {"net": dict(net.state_dict())})
    return net
