"""Which loss of a learner to explain, and from where it is seen: probes of the worst phase, and the same poses then.

The pictures of now are those of the exam itself, noise included: with all frames of a bank, the mIoU of now is the one
in the log. Those of then are taken from the same poses, in the same gardens, at the same share of the day's work.
"""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from agent.causes import NothingCounts, Recognise, Scene, shares
from agent.garden_place import GardenPlace
from agent.monitor.life import Life
from agent.monitor.metrics import mean_iou
from agent.monitor.probes import Bank, bank_gardens, bank_noise
from agent.monitor.scores import BankInfo, Causes
from agent.perception import recognise
from agent.place import Place
from garden_env.causes import Instant
from garden_env.garden import Garden
from learners.base import Learner

SEED = 26  # of the generators of this module, with that of the place


def explain(learner: Learner, name: str, place: Place, examined: Mapping[str, NDArray[np.integer]]) -> Causes | None:
    """Say why a learner is worst where it is worst, beside the season in which it was commissioned.

    Args:
        learner: as it is at the end of its life; it is only asked.
        name: its name.
        place: where it lived.
        examined: by bank, the confusions (S, n, C, C) of its last exam.

    Returns:
        None where nothing can be switched, for the place is no garden; where no phase is worse than the home phase;
        or where so few frames show too little.
    """
    if not isinstance(place, GardenPlace) or not examined:
        return None
    bank = "away" if "away" in examined else next(iter(examined))
    then = home_phase(place)
    now = worst_phase(mean_iou(np.asarray(examined[bank]).sum(1), class_set_of(place, bank)), then)
    if now is None:
        return None
    try:
        return explain_between(lambda images: recognise(learner, images), name, place, bank, then=then, now=now)
    except NothingCounts:
        return None


def explain_between(
    recognises: Recognise, name: str, place: GardenPlace, bank: str, *,
    then: int, now: int, frames: int | None = None, pairs: int | None = None,
) -> Causes:  # fmt: skip
    """Share the loss between two phases among its causes.

    Args:
        recognises: images to classes, see `agent.causes.shares`.
        name: of who recognises.
        place: where.
        bank: whose poses, gardens and class set.
        then, now: numbers of phases.
        frames: of the bank's phase to look at, the first so many; all if not given.
        pairs: see `agent.causes.shares`.
    """
    scenes = probe_scenes(place, bank, then=then, now=now)[:frames]
    rng = np.random.default_rng([place.seed, SEED, then, now])
    found = shares(recognises, scenes, class_set_of(place, bank), rng=rng, pairs=pairs)
    return Causes(
        learner=name, bank=bank, from_phase=place.phases[then].name, to_phase=place.phases[now].name,
        then=found.then, now=found.now, shares=found.points, interval=found.interval,
        scenes=found.scenes, renders=found.renders, forwards=found.forwards,
    )  # fmt: skip


def probe_scenes(place: GardenPlace, bank: str, *, then: int, now: int) -> list[Scene]:
    """The frames of a phase of a bank, each beside the same pose in another phase."""
    taken, gardens, noise = place.banks()[bank], _gardens(place, bank), bank_noise(place.seed, bank)
    scenes = []
    for frame in range(taken.poses.shape[1]):
        garden, moment = gardens[frame % len(gardens)], now * taken.poses.shape[1] + frame
        before, after = _instants(garden, taken, then, now, frame)
        marks = place.garden.marks
        scenes.append(Scene(garden, taken.poses[now, frame], before, after, moment, noise, marks))
    return scenes


def home_phase(place: Place) -> int:
    """The phase in which commissioning has its middle."""
    life = Life(place.start, place.days, place.commissioning_days, place.phases)
    return int(life.phase_of_day[place.commissioning_days // 2])


def worst_phase(by_phase: NDArray[np.float64], home: int) -> int | None:
    """The phase with the lowest mIoU (S,), if it is lower than that of the home phase.

    >>> worst_phase(np.array([0.6, 0.3, np.nan, 0.5]), 0), worst_phase(np.array([0.2, 0.3]), 0)
    (1, None)
    """
    lowest = int(np.argmin(np.where(np.isnan(by_phase), np.inf, by_phase)))
    return lowest if by_phase[lowest] < by_phase[home] else None


def class_set_of(place: Place, bank: str) -> NDArray[np.bool_]:
    """(C,) the classes that a bank's mIoU is taken over."""
    classes = len(place.classes)
    truth = place.banks()[bank].truth
    return BankInfo.of(bank, truth, classes=classes, known=np.ones(classes, bool)).class_set


@lru_cache(maxsize=2)
def _gardens(place: GardenPlace, bank: str) -> list[Garden]:
    return bank_gardens(place.garden, bank)


def _instants(garden: Garden, bank: Bank, then: int, now: int, frame: int) -> tuple[Instant, Instant]:
    """When a frame was taken, and the same share of the working hours on the day of its fellow in the other phase."""
    after = Instant(int(bank.days[now, frame]), float(bank.hours[now, frame]))
    first_h, last_h = garden.shift(after.day)
    share = ((after.hour - first_h) % 24.0) / (last_h - first_h) if last_h > first_h else 0.5
    day = int(bank.days[then, frame])
    return Instant(day, garden.hour_at(day, share)), after
