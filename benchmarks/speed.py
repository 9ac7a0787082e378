"""Frames and updates a second beside others, every one measured in the same run: a table of ratios.

    make bench                                                # installs the peers into build/peers first
    python benchmarks/speed.py [--peers build/peers] [--rounds 9]

A peer and we take turns, a fifth of a second each, in processes that are held to one and the same core. What counts
is processor time, that of engines which a world starts included. Before and after every turn a fixed loop is timed;
where a peer's and ours differ by more than 15 %, the machine has changed its pace in between and the pair is repeated.
Printed are the median ratio of the pairs and its quartiles. `bytes` writes what a frame of ours consists of and does
nothing else: the bound of every renderer.

Ours always has RGB, mask, the mask below snow and leaves, depth and senses. ViZDoom has RGB, labels and depth;
procgen's maze and CarRacing-v3 (of 96 x 96) have RGB alone. Updates of learners are compared with those of Avalanche's
plugins for the same method, net and batch (`peers/learning.py`), in microseconds an update.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import tyro

WORKER = Path(__file__).parent / "peers" / "worker.py"
ROOT = Path(__file__).parents[1]
TURN_S = 0.2
APART = 0.15  # calibrations of a pair that differ by more make it void
TRIES = 8  # for every pair that is wanted
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True)
class Options:
    """What to measure."""

    peers: Path = Path("build/peers")
    """The peers' environment; `make bench` makes it from benchmarks/peers.txt."""
    rounds: int = 9
    """Pairs that count, of each comparison."""
    only: Literal["all", "worlds", "learning"] = "all"
    """Frames of worlds, updates of learners, or both."""
    envs: int = 16
    """Gardens side by side in the vector API, and mazes."""


@dataclass(frozen=True)
class Race:
    """Ours against a peer's.

    Attributes:
        ours, theirs: cases of the worker.
        width_px, height_px: of our frames.
        bar: the ratio wanted; None where there is none.
    """

    ours: str
    theirs: str
    width_px: int
    height_px: int
    bar: float | None


RACES = (
    Race("garden_vector", "vizdoom", 160, 120, 4.0),
    Race("garden", "vizdoom", 160, 120, 2.5),
    Race("garden_vector", "procgen", 64, 64, 2.5),
    Race("garden", "procgen", 64, 64, None),
    Race("garden_vector", "car_racing", 64, 64, 200.0),
    Race("garden", "car_racing", 64, 64, None),
    Race("bytes", "garden_vector", 160, 120, None),
    Race("bytes", "garden_vector", 64, 64, None),
    Race("bytes", "garden", 160, 120, None),
    Race("bytes", "garden", 64, 64, None),
)
LEARNING = tuple(
    Race(f"learner {method}", f"avalanche {form}{method}", 28, 28, None)
    for method in ("finetune", "er", "ewc", "lwf")
    for form in ("", "online ")
)
"""Updates, beside Avalanche's plugins: given 500 images a call, and in its online form 10."""
PEERS = ("vizdoom", "procgen", "car_racing", "avalanche")


class Absent(RuntimeError):
    """A world that cannot be started; the message is its last word."""


class Worker:
    """A world in a process of its own; see `benchmarks/peers/worker.py`."""

    def __init__(self, case: str, race: Race, options: Options) -> None:
        python = str(options.peers.absolute() / "bin" / "python") if case.startswith(PEERS) else sys.executable
        core = min(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
        number = options.envs if case in ("garden_vector", "procgen") else 1
        arguments = (case, race.width_px, race.height_px, number, core)
        environment = os.environ | dict.fromkeys(THREADS, "1") | {"PYTHONPATH": str(ROOT)}
        self._folder = tempfile.TemporaryDirectory()  # ViZDoom leaves its settings where it is started
        self._said = tempfile.TemporaryFile("w+")  # noqa: SIM115  a pipe that nobody reads would fill
        try:
            self._process = subprocess.Popen(
                [python, str(WORKER), *map(str, arguments)], env=environment, text=True, cwd=self._folder.name,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said,
            )  # fmt: skip
        except FileNotFoundError:
            raise Absent(f"{python} is not there; `make bench` installs the peers") from None
        assert self._process.stdout is not None
        while (line := self._process.stdout.readline()).strip() != "ready":  # some greet first
            if not line:
                self._said.seek(0)
                raise Absent((self._said.read().strip() or "no word").splitlines()[-1])
        self.steps, told = 1, {"cpu_s": 0.0}
        while told["cpu_s"] < TURN_S / 4:  # a few steps would be timed by the grain of the kernel's own clock
            self.steps *= 2
            told = self.turn()
        self.steps = max(1, round(self.steps * TURN_S / told["cpu_s"]))

    def turn(self) -> dict[str, float]:
        """Make the steps of a turn: frames, and seconds."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{self.steps}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._folder.cleanup()


def main(options: Options) -> None:
    print(f"{'ours':>16} {'px':>8} {'us':>8}   {'beside':>25} {'us':>8}   ratio of frames, or updates, a second")
    chosen = {"worlds": RACES, "learning": LEARNING, "all": (*RACES, *LEARNING)}[options.only]
    for race in chosen:
        name = f"{race.ours:>16} {race.width_px:>4}x{race.height_px:<3}"
        try:
            print(f"{name} {run(race, options)}", flush=True)
        except Absent as reason:
            print(f"{name} {'':>8}   {race.theirs:>25} not measured: {reason}", flush=True)


def run(race: Race, options: Options) -> str:
    """The rest of a row of the table."""
    ours, theirs = Worker(race.ours, race, options), None
    try:
        theirs = Worker(race.theirs, race, options)
        us, void = pairs(ours, theirs, options.rounds)
    finally:
        ours.close()
        if theirs is not None:
            theirs.close()
    if not len(us):
        return f"{'':>8}   {race.theirs:>25} not measured: all {void} pairs void"
    low, middle, high = np.quantile(us[:, 1] / us[:, 0], (0.25, 0.5, 0.75))
    ours_us, theirs_us = np.median(us, axis=0)
    verdict = "" if race.bar is None else f"   bar {race.bar:g}: {'reached' if middle >= race.bar else 'NOT reached'}"
    return (
        f"{ours_us:8.1f}   {race.theirs:>25} {theirs_us:8.1f}   "
        f"{middle:.3g} ({low:.3g}-{high:.3g}), {len(us)} pairs, {void} void{verdict}"
    )


def pairs(ours: Worker, theirs: Worker, wanted: int) -> tuple[np.ndarray, int]:
    """Microseconds a frame (n, 2), ours and theirs, in turns; and how many pairs were void."""
    kept: list[tuple[float, float]] = []
    void = 0
    while len(kept) < wanted and len(kept) + void < TRIES * wanted:
        order = (ours, theirs) if len(kept) % 2 else (theirs, ours)
        told = {worker: worker.turn() for worker in order}
        a, b = (told[worker]["calibration_s"] for worker in (ours, theirs))
        if max(a, b) > (1 + APART) * min(a, b):
            void += 1
            continue
        kept.append(tuple(1e6 * told[w]["cpu_s"] / told[w]["frames"] for w in (ours, theirs)))
    return np.array(kept).reshape(-1, 2), void


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
