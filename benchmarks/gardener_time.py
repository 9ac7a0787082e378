"""How much longer a year takes when the robot gardens than when it patrols, with the default learner in both.

Both lives are lived in this process, in turns; time is the processor's, not the clock's. The learner begins with first
weights, so a gardener that goes by its eyes has little to do but look and plan; the one `at work` has the teacher's
eyes, and the same learner beside them.

    python benchmarks/gardener_time.py [--days 60] [--rounds 3]
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import torch
import tyro

from agent.gardening import GardenerStream
from agent.live import Student, live
from agent.nets import fresh_net
from agent.perception import recognise
from agent.stream import PatrolStream
from agent.teacher import answer
from garden_env.garden import plant_garden
from learners.base import Learner
from learners.recipes import DEFAULT_RECIPE, make_learner
from scenarios.files import load
from scenarios.tables import CLASS_NAMES, IGNORE, SKY

FIRST_STEP = 24


@dataclass(frozen=True)
class Options:
    """What to measure."""

    days: int = 60
    """Of a summer."""
    rounds: int = 3
    """Turns that each life has."""
    seed: int = 502
    """Of the garden."""


class AtWork(GardenerStream):
    """A gardener that recognises every frame and then acts on what there is, so that there is work to do."""

    def _see(self, rgb: np.ndarray, mask: np.ndarray) -> np.ndarray | None:
        super()._see(rgb, mask)
        truth = answer(mask[None])[0]
        return np.where(truth == IGNORE, SKY, truth).astype(np.uint8)


def main(options: Options) -> None:
    """Live in turns and print the ratios."""
    torch.set_num_threads(1)
    scenario = load("four_seasons")
    mortal = scenario.garden.model_copy(update={"mortal": True})
    changes = {"garden": mortal, "days": options.days, "start": date(2030, 6, 1)}
    garden = plant_garden(scenario.model_copy(update=changes), options.seed)

    def patrol(learner: Learner):
        return PatrolStream(garden)

    def gardener(learner: Learner):
        return GardenerStream(garden, eyes=lambda image: recognise(learner, image[None])[0], first_step=FIRST_STEP)

    def at_work(learner: Learner):
        return AtWork(garden, eyes=lambda image: recognise(learner, image[None])[0], first_step=FIRST_STEP)

    lives: dict[str, Callable] = {"patrol": patrol, "gardener": gardener, "gardener at work": at_work}
    for make in lives.values():
        spent_s(make, 1)  # what is compiled is compiled here
    spent = {name: [] for name in lives}
    for _ in range(options.rounds):
        for name, make in lives.items():
            spent[name].append(spent_s(make, options.days))
    for name, seconds in spent.items():
        ratios = np.array(seconds) / np.array(spent["patrol"])
        year_s, low, high = np.median(seconds) * 365 / options.days, ratios.min(), ratios.max()
        print(f"{name:<17} {year_s:6.0f} s a year, {np.median(ratios):.2f} ({low:.2f}-{high:.2f}) times a patrol's")


def spent_s(make: Callable, days: int) -> float:
    """Processor time of a life, its exams left out [s]."""
    learner = make_learner(DEFAULT_RECIPE, fresh_net(0, len(CLASS_NAMES)), seed=0, memory_bytes=2_000_000)
    stream = make(learner)
    last = 24 * days
    began_s = time.process_time()
    live(
        (block for block in stream if block.step <= last), [Student(DEFAULT_RECIPE, learner, new_frames=8)], {},
        lambda event: None, first_step=FIRST_STEP, exam_every_days=10_000,
        scored=isinstance(stream, PatrolStream),
    )  # fmt: skip
    return time.process_time() - began_s


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
