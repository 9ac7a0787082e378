"""What the scenarios of the library do to a net that never learns again; no two should do the same.

Each net is commissioned in the first days of its scenario and then looks at the rest of it from poses that stay the
same. Printed are its mIoU in commissioning, at its worst and at the end, how far its loss rises (depth), and which
scenarios' loss curves go together. Curves are compared over the share of the life that has passed, from commissioning
on, each divided by its own depth. Exit status 1 if two correlate above `ALIKE` that are not declared in `CONTROLS`.

Run: python benchmarks/library.py [NAME ...] [--seed 0] [--looks 40]
"""

import argparse
import sys
from itertools import combinations

import numpy as np

from agent.crew import steady
from agent.hardness import hardness
from scenarios.files import library, load

ALIKE = 0.95
SHALLOW = 0.05  # a loss that rises by less [nats] is noise, and its curve has no shape
# Pairs that are meant to do the same to a net, and why.
CONTROLS: dict[frozenset[str], str] = {
    frozenset({"four_seasons", "sloppy_teacher"}): "a teacher changes what is learned, not what is seen",
    frozenset({"constant", "tired_robot"}): "a robot's motion changes where it looks from, not what is there",
    frozenset({"four_seasons", "southern_seasons"}): "the same seasons half a year later",
    frozenset({"sloppy_teacher", "southern_seasons"}): "the same seasons half a year later, and another teacher",
}


def curves(names: list[str], seed: int, looks: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Loss and mIoU of every scenario's frozen net, (looks,) each, evenly over what follows commissioning."""
    found = {}
    for name in names:
        scenario = load(name)
        days = np.linspace(scenario.commissioning_days // 2, scenario.days - 1, looks).astype(int)
        measured = hardness(scenario, seed, days)
        found[name] = measured.loss, measured.miou
        depth = np.ptp(measured.loss)
        print(
            f"{name:<20} {measured.miou[0]:9.2f} {measured.miou.min():7.2f} {measured.miou[-1]:6.2f} {depth:7.2f}",
            flush=True,
        )
    return found


def correlations(losses: dict[str, np.ndarray]) -> dict[frozenset[str], float]:
    """Pearson's correlation of every two curves, brought to equal depth; without those that have none."""
    level = {name: (loss - loss.min()) / np.ptp(loss) for name, loss in losses.items() if np.ptp(loss) >= SHALLOW}
    return {
        frozenset(pair): float(np.corrcoef(*(level[name] for name in pair))[0, 1]) for pair in combinations(level, 2)
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="scenarios; all that ship if none is named")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--looks", type=int, default=40, help="days on which each net looks")
    options = parser.parse_args()
    steady()
    names = options.names or list(library())
    print(f"{'scenario':<20} {'mIoU first':>9} {'lowest':>6} {'last':>6} {'depth':>7}")
    found = curves(names, options.seed, options.looks)
    pairs = correlations({name: loss for name, (loss, _) in found.items()})
    print("\nmost alike")
    ordered = sorted(pairs.items(), key=lambda item: -item[1])
    bad = [pair for pair, value in ordered if value > ALIKE and pair not in CONTROLS]
    for pair, value in ordered[: max(10, len(bad))]:
        first, second = sorted(pair)
        told = f"control: {CONTROLS[pair]}" if pair in CONTROLS else ("TOO ALIKE" if pair in bad else "")
        print(f"{value:6.3f}  {first} | {second}  {told}")
    print(f"\n{len(bad)} of {len(pairs)} pairs above {ALIKE} that are not declared as controls")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
