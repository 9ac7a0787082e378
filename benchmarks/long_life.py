"""How long a life of 100 years takes to begin, and whether it grows with the years lived.

Prints seconds to plant the garden and wake the world, after imports and with kernels compiled, then memory after every
few years at 100 days a step, with every frame and all of `info["drift"]` asked for.

    python benchmarks/long_life.py
"""

import argparse
import resource
import time
import tracemalloc

import numpy as np

from garden_env.garden import plant_garden
from garden_env.world import World
from scenarios.files import load

YEARS = 100
ACTION = np.array([[0.4, 0.2, 0.3]])


def wake(days: int, speed: float) -> World:
    """A world that has seen its first frame and its first truth."""
    scenario = load("four_seasons").model_copy(update={"days": days, "speed": speed})
    world = World([plant_garden(scenario, 1)])
    world.frame(0)
    world.drift(0)
    return world


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years-lived", type=int, default=40, help="how many of the years to live")
    lived = parser.parse_args().years_lived
    wake(40, 1.0)  # compiles
    started_s = time.perf_counter()
    scenario = load("four_seasons").model_copy(update={"days": int(YEARS * 365.25), "speed": 100.0})
    world = World([plant_garden(scenario, 2)])
    woken_s = time.perf_counter()
    world.frame(0)
    world.drift(0)
    seen_s = time.perf_counter()
    print(f"a life of {YEARS} years: {woken_s - started_s:.2f} s to begin, {seen_s - woken_s:.2f} s to the first frame")
    tracemalloc.start()
    for goal in range(4, lived + 1, 4):
        while world.day < goal * 365.25:
            world.advance(ACTION)
            world.frame(0)
            world.drift(0)
        grown_mb = tracemalloc.get_traced_memory()[0] / 1e6
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        print(f"{goal:3d} years lived: {grown_mb:6.2f} MB more than at the start, {peak_mb:.0f} MB resident at most")


if __name__ == "__main__":
    main()
