"""How long the years take: milliseconds for one year of almanac, once compiled.

python benchmarks/almanac.py
"""

import time

import numpy as np

from garden_env.almanac import EXTRA_DAYS, SPIN_UP_DAYS, make_almanac
from scenarios.spec import Scenario
from scenarios.tables import CLIMATES

REPEATS = 30


def fastest_ms(scenario: Scenario, extra_days: int) -> tuple[float, float]:
    """Smallest and median time of one almanac [ms], another seed each time."""
    make_almanac(scenario, 0, extra_days=extra_days)
    times = []
    for seed in range(REPEATS):
        start = time.perf_counter()
        make_almanac(scenario, seed, extra_days=extra_days)
        times.append(1e3 * (time.perf_counter() - start))
    return min(times), float(np.median(times))


def main() -> None:
    """Print one line per climate and life."""
    print(f"{SPIN_UP_DAYS} days of spin-up are part of every figure")
    print(f"{'climate':20s} {'rows':>5s} {'fastest':>9s} {'median':>9s}")
    for climate in CLIMATES:
        for days, extra in ((365, 0), (456, EXTRA_DAYS), (3650, EXTRA_DAYS)):
            best, median = fastest_ms(Scenario(name="speed", climate=climate, days=days), extra)
            print(f"{climate:20s} {days + extra:5d} {best:6.2f} ms {median:6.2f} ms")


if __name__ == "__main__":
    main()
