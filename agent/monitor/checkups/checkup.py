"""A checkup: what marks cannot show of a net, looked at on probe frames, on copies.

Everything here works on deep copies of the net and draws from generators of its own. The learner's weights, its
gradients, its optimizer, its statistics of normalisation and its mode stay bit for bit as they are.
"""

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from agent.monitor.calibration import of_tensors
from agent.monitor.checkups import gradients, overlap, representation, trainability, units
from agent.monitor.checkups.drift import moved
from agent.monitor.life import Life
from agent.monitor.plan import MINI_FRAMES
from agent.monitor.probes import Bank
from learners.base import Batch, Learner
from learners.cost import Meter

PLACES = 2  # features are averaged over a grid of so many places along either side
GROUP = 4  # frames of one gradient
NEW_GROUPS, PAST_GROUPS = 3, 5
FISHER_FRAMES = 8
NAMES = (
    "weights.moved",
    "weights.size",
    "units.dormant",
    "units.dead",
    "features.effective_rank",
    "features.srank",
    "features.cka",
    "features.shift",
    "features.cosine",
    "gradients.cosine",
    "gradients.negative",
    "gradients.null_low",
    "gradients.null_high",
    "trainability",
    "fisher.overlap",
    "calibration.ece",
    "calibration.entropy",
    "cost.forwards",
)
"""All numbers of a checkup; docs/monitor.md says how to read them."""

Numbers = dict[str, float | None]


@dataclass(frozen=True)
class First:
    """A net as it was at its first checkup."""

    weights: dict[str, Tensor]
    features: NDArray[np.float64]
    effective_rank: float
    srank: int


class Examiner:
    """Makes checkups of learners of one life; the first one of each is what the later ones are measured against.

    Args:
        bank: the probes that are looked at.
        life: the calendar: which phase is at hand, and which are past.
        fresh: a net with first weights, of the same kind as the learners'; stays as it is.
        classes: C, how many there are.
        seed: of everything that is drawn.
    """

    def __init__(self, bank: Bank, life: Life, fresh: nn.Module, *, classes: int, seed: int) -> None:
        self._bank, self._life, self._fresh, self._classes, self._seed = bank, life, fresh, classes, seed
        self._first: dict[str, First] = {}
        self._meter = Meter()
        self._cost: dict[str, float] = {}
        phases, frames = bank.images.shape[:2]
        self._mini = self._frames([(s, i) for s in range(phases) for i in range(min(MINI_FRAMES, frames))])
        self._task = self._frames([(s, 0) for s in range(phases)])
        self._of_fresh: tuple[float, float] | None = None

    def check(self, name: str, learner: Learner, day: int, *, probed: float = 0.0) -> Numbers:
        """Look at a learner.

        Args:
            name: by which its first checkup is remembered.
            learner: is asked to predict; its net is copied, to the processor.
            day: of the life: the season at hand is that of this day.
            probed: frames that it was shown in exams so far, for `cost.forwards`.

        Returns:
            A number for each of `NAMES`, None where there is nothing to measure.
        """
        net = copy.deepcopy(learner.net).cpu()
        net.zero_grad(set_to_none=True)
        net.requires_grad_(True)
        spent = self._spent()
        rng = np.random.default_rng([self._seed, 41, day])
        numbers = {
            **self._weights_and_features(name, net),
            **self._units(net),
            **self._gradients(net, day, rng),
            "trainability": self._trainability(net),
            **self._calibration(learner, day),
        }
        self._cost[name] = self._cost.get(name, 0.0) + self._spent() - spent
        numbers["cost.forwards"] = probed + self._cost[name]
        return {key: value if math.isfinite(value := numbers[key]) else None for key in NAMES}

    def _weights_and_features(self, name: str, net: nn.Module) -> dict[str, float]:
        weights = {key: value.detach().clone() for key, value in net.named_parameters()}
        features = self._features(net)
        first = self._first.setdefault(
            name,
            First(weights, features, representation.effective_rank(features), representation.srank(features)),
        )
        apart, size = moved(weights, first.weights)
        comparable = features.shape == first.features.shape
        return {
            "weights.moved": apart,
            "weights.size": size,
            "features.effective_rank": _ratio(representation.effective_rank(features), first.effective_rank),
            "features.srank": _ratio(representation.srank(features), first.srank),
            "features.cka": representation.cka(features, first.features),
            "features.shift": representation.shift(features, first.features) if comparable else float("nan"),
            "features.cosine": representation.cosine(features, first.features) if comparable else float("nan"),
        }

    @torch.no_grad()
    def _features(self, net: nn.Module) -> NDArray[np.float64]:
        """(frames x places, d) of the small bank."""
        net.eval()
        self._meter.passes(net, self._mini.images, backward=0)
        seen = net(self._mini.images).features
        size = (min(PLACES, seen.shape[2]), min(PLACES, seen.shape[3]))
        return F.adaptive_avg_pool2d(seen, size).movedim(1, -1).flatten(0, 2).double().numpy()

    def _units(self, net: nn.Module) -> dict[str, float]:
        dormant, dead = units.shares(net, self._mini.images, self._meter)
        return {"units.dormant": dormant, "units.dead": dead}

    def _gradients(self, net: nn.Module, day: int, rng: np.random.Generator) -> dict[str, float]:
        """Of the season at hand beside those that are past: their angle, and whether they need the same weights."""
        here, past = self._present(day), self._past(day, rng)
        new_groups = _groups(here, NEW_GROUPS)
        old_groups = _groups(past, PAST_GROUPS)
        angles = gradients.interference(
            [gradients.gradient(net, self._frames(rows), self._meter) for rows in new_groups],
            [gradients.gradient(net, self._frames(rows), self._meter) for rows in old_groups],
        )
        shared = float("nan")
        if past and here:
            number = min(FISHER_FRAMES, len(here), len(past))
            ours, theirs = self._frames(here[:number]), self._frames(past[:number])
            shared = overlap.between(net, ours, theirs, rng, self._meter)
        return {**{f"gradients.{key}": value for key, value in angles.items()}, "fisher.overlap": shared}

    def _trainability(self, net: nn.Module) -> float:
        if self._of_fresh is None:
            beginner = copy.deepcopy(self._fresh).requires_grad_(True)
            self._of_fresh = trainability.levels(beginner, self._task, self._classes, self._meter)
        return trainability.trainability(
            net, self._fresh, self._task, self._classes, self._meter, of_fresh=self._of_fresh
        )

    def _calibration(self, learner: Learner, day: int) -> dict[str, float]:
        here = self._frames(self._present(day)[: NEW_GROUPS * GROUP])
        if not len(here):
            return {"calibration.ece": float("nan"), "calibration.entropy": float("nan")}
        self._meter.passes(self._fresh, here.images, backward=0)
        ece, entropy = of_tensors(learner.predict(here.images).cpu(), here.labels)
        return {"calibration.ece": ece, "calibration.entropy": entropy}

    def _present(self, day: int) -> list[tuple[int, int]]:
        """Answered frames of the phase at hand."""
        phase = int(self._life.phase_of_day[min(day, self._life.days)])
        return [(phase, i) for i in range(self._bank.images.shape[1]) if self._answered[phase, i]]

    def _past(self, day: int, rng: np.random.Generator) -> list[tuple[int, int]]:
        """Answered frames of the phases lived through and not at hand, in an order of their own."""
        now = int(self._life.phase_of_day[min(day, self._life.days)])
        visits = [self._life.first_lived(s) for s in range(len(self._life.phases))]
        behind = [s for s, visit in enumerate(visits) if visit is not None and visit.last_day < day and s != now]
        rows = [(s, i) for s in behind for i in range(self._bank.images.shape[1]) if self._answered[s, i]]
        return [rows[i] for i in rng.permutation(len(rows))]

    @property
    def _answered(self) -> NDArray[np.bool_]:
        """(S, n) frames with an answer anywhere."""
        return np.asarray((self._bank.truth < self._classes).any(axis=(2, 3)), dtype=bool)

    def _frames(self, rows: Sequence[tuple[int, int]]) -> Batch:
        """Frames of the bank, given as (phase, number), as float images."""
        phases, numbers = np.array(rows, dtype=np.int64).reshape(-1, 2).T
        images, truth = self._bank.images[phases, numbers], self._bank.truth[phases, numbers]
        return Batch(torch.from_numpy(images), torch.from_numpy(truth)).as_float()

    def _spent(self) -> float:
        """Forward-equivalents so far; backward counts twice."""
        counts = self._meter.counts
        return float(counts["forward_frames"] + 2 * counts["backward_frames"])


def _groups(rows: list[tuple[int, int]], most: int) -> list[list[tuple[int, int]]]:
    """Groups of frames of one size; what is left over is left out, unless there is less than one group."""
    if 0 < len(rows) < GROUP:
        return [rows]
    return [rows[start : start + GROUP] for start in range(0, len(rows) - GROUP + 1, GROUP)][:most]


def _ratio(now: float, first: float) -> float:
    return now / first if first > 0 else float("nan")
