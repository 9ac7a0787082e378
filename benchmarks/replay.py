"""How long it takes to live a life anew, and to go to a day of it: `python benchmarks/replay.py [SCENARIO]`.

Seconds of processor time of this process, so that neighbours count little; the whole life once, then jumps to and fro.
"""

import sys
import time

import numpy as np

from agent.view.relived import Relived
from agent.view.replay import TRAIL_STEPS
from garden_env.garden import plant_garden
from scenarios.files import load

JUMPS = 40


def main(scenario: str = "four_seasons") -> None:
    """Measure, and print a table."""
    garden = plant_garden(load(scenario), 0)
    life = Relived(garden)
    life.ahead(until=1)  # kernels are compiled
    began_s = time.process_time()
    life.ahead()
    lived_s = time.process_time() - began_s
    rng, jumps_s = np.random.default_rng(0), []
    for step in rng.integers(0, life.life_steps, JUMPS).tolist():
        began_s = time.process_time()
        life.go(step, trail=TRAIL_STEPS)
        jumps_s.append(time.process_time() - began_s)
    print(f"{scenario}, {life.life_steps} control steps, processor time of one core")
    print(f"  the whole life ahead  {lived_s:8.2f} s, {1e6 * lived_s / life.life_steps:.0f} us a step")
    median_s, most_s = float(np.median(jumps_s)), max(jumps_s)
    print(f"  a jump                {1e3 * median_s:8.1f} ms in the median of {JUMPS}, {1e3 * most_s:.1f} ms at most")


if __name__ == "__main__":
    main(*sys.argv[1:2])
