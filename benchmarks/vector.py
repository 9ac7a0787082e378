"""Steps a second, one garden at a time and many at once, with RGB, both labels and depth, on one core.

Run: OMP_NUM_THREADS=1 python benchmarks/vector.py [--rounds 9] [--days 2]

Every case steps whole days with actions drawn at random, one case after the other, round after round; before each block
the same bytes are copied as many times as its steps hand out. Times are processor time of this process, so that a busy
machine disturbs less; of the rounds the median is printed, and how far the middle half of them lies apart. `bound` is
the time of copying over the time of stepping: 1 would be gardens that cost nothing. `vs single` is over
`gymnasium.make` in the same rounds, `linear` the cost of a garden over its cost in the smallest vector.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import gymnasium
import numpy as np
import tyro

import garden_env  # noqa: F401  (registers the environment)
from scenarios.files import load

ID = "evergreen/Garden-v0"
SIZES = ((64, 64), (160, 120))
GARDENS = (1, 4, 16)
SEEN = ("rgb", "mask", "mask_under", "depth")


@dataclass
class Options:
    """How long to measure.

    Attributes:
        rounds: over all cases.
        days: of the calendar in a block.
        scenario: where.
    """

    rounds: int = 9
    days: int = 2
    scenario: str = "four_seasons"


@dataclass
class Case:
    """One way to step gardens; times are of a garden's step [us]."""

    name: str
    gardens: int
    step: Callable[[np.ndarray], object]
    arrays: dict[str, np.ndarray]
    us: list[float]
    copy_us: list[float]


def cases(scenario, width_px: int, height_px: int) -> list[Case]:
    """All of one size, begun and warm."""
    camera = scenario.camera.model_copy(update={"width_px": width_px, "height_px": height_px})
    telling = {"scenario": scenario.model_copy(update={"camera": camera}), "labels": True, "depth": True}
    single = gymnasium.make(ID, **telling)
    seen, _ = single.reset(seed=0)
    out = [Case("single", 1, lambda actions: single.step(actions[0]), seen, [], [])]
    for count in GARDENS:
        env = gymnasium.make_vec(ID, num_envs=count, copy=False, threads=1, **telling)
        seen, _ = env.reset(seed=0)
        out.append(Case(f"vector of {count}", count, env.step, seen, [], []))
    for case in out:
        case.step(np.zeros((case.gardens, 3), np.float32))
    return out


def block(case: Case, steps: int, rng: np.random.Generator) -> None:
    """Copy and step, and note the times."""
    actions = rng.uniform(-1, 1, (steps, case.gardens, 3)).astype(np.float32)
    into = {key: np.empty_like(case.arrays[key]) for key in SEEN}
    began_s = time.process_time()
    for _ in range(20 * steps):
        for key, array in into.items():
            np.copyto(array, case.arrays[key])
    copied_s = (time.process_time() - began_s) / 20
    began_s = time.process_time()
    for action in actions:
        case.step(action)
    stepped_s = time.process_time() - began_s
    case.us.append(1e6 * stepped_s / steps / case.gardens)
    case.copy_us.append(1e6 * copied_s / steps / case.gardens)


def main(options: Options) -> None:
    """Measure, and print a table a size."""
    scenario, rng = load(options.scenario), np.random.default_rng(0)
    steps = options.days * scenario.steps_per_day
    for width_px, height_px in SIZES:
        measured = cases(scenario, width_px, height_px)
        for _ in range(options.rounds):
            for case in measured:
                block(case, steps, rng)
        print(f"\n{width_px}x{height_px}, RGB + mask + mask under + depth, {options.rounds} blocks of {steps} steps")
        print(f"{'':<14}{'us a step':>10}{'spread':>8}{'steps/s/core':>14}{'vs single':>11}{'linear':>8}{'bound':>8}")
        single = np.array(measured[0].us)
        smallest = np.array(measured[1].us)
        for case in measured:
            us = np.array(case.us)
            low, middle, high = np.percentile(us, (25, 50, 75))
            ratio, line = np.median(single / us), np.median(us / smallest)
            bound = np.median(np.array(case.copy_us) / us)
            print(
                f"{case.name:<14}{middle:10.0f}{(high - low) / middle:8.0%}{1e6 / middle:14.0f}{ratio:11.2f}"
                f"{line:8.2f}{bound:8.3f}"
            )


if __name__ == "__main__":
    main(tyro.cli(Options, config=(tyro.conf.OmitArgPrefixes,)))
