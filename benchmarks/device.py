"""Updates and predictions a second on each device, in float32, in bfloat16, and compiled.

    python benchmarks/device.py [--recipe er+ewc] [--rounds 20] [--threads 1]

The default net, frames of 64x64. An update is one of the recipe, with a full memory: 8 new frames and 8 remembered ones
where it remembers any, else 16 new ones. A prediction is of a block of 12 frames, as bytes go in and logits come out on
the processor. All ways of computing are learners of their own with equal weights, and take turns: in a round each makes
five updates and five predictions, in one order and in the next round in the other. Printed are medians of the rounds,
and the median of the rounds' ratios to the processor in float32, with quartiles.

On the processor times are the processor's, of all threads, divided by their number; on a GPU those of the clock, taken
when it has done all that it was given. What the first update and the first prediction take longer is printed apart, by
the clock: with an empty cache, as whoever compiles for the first time has it.
"""

import argparse
import copy
import os
import shutil
import tempfile
import time
from dataclasses import dataclass, field

import numpy as np
import torch

from agent.crew import steady
from agent.device import prepare_device
from learners.base import Batch, Learner
from learners.computing import Computing, check_compiler, computed
from learners.nets import SegNet
from learners.recipes import FRAMES_PER_UPDATE, find_recipe, make_learner

BLOCK = 12  # frames of a prediction
CALLS = 5  # of each kind in a round
MEMORY_FRAMES = 100
SIDE = 64
COMPILED = (BLOCK, FRAMES_PER_UPDATE)
WAYS = (
    ("float32", Computing()),
    ("bfloat16", Computing("bfloat16")),
    ("compiled", Computing(compiled=COMPILED)),
)
HEAD = "| device | passes | updates/s | ratio | predicted frames/s | ratio | first update [s] | first prediction [s] |"


@dataclass
class Way:
    """A learner on a device, and what was measured of it [s]."""

    device: str
    name: str
    learner: Learner
    first_update_s: float = 0.0
    first_prediction_s: float = 0.0
    update_s: list[float] = field(default_factory=list)
    prediction_s: list[float] = field(default_factory=list)


def main(recipe_name: str, rounds: int, threads: int) -> None:
    steady(threads)
    devices = ["cpu"]
    if torch.cuda.is_available():
        prepare_device("cuda")
        devices.append("cuda")
        print(f"GPU: {torch.cuda.get_device_name()}")
    else:
        print("No GPU here: only the processor is measured.")
    print(
        f"Vector instructions {torch.backends.cpu.get_cpu_capability()}, threads {threads}, torch {torch.__version__}\n"
    )
    generator = torch.Generator().manual_seed(0)
    net, recipe = SegNet(12, generator=generator), find_recipe(recipe_name)
    images = torch.randint(0, 256, (MEMORY_FRAMES, 3, SIDE, SIDE), dtype=torch.uint8, generator=generator)
    labels = torch.randint(0, 12, (MEMORY_FRAMES, SIDE // 2, SIDE // 2), dtype=torch.uint8, generator=generator)
    batch = Batch(images[: recipe.new_frames_per_update], labels[: recipe.new_frames_per_update])
    ways = []
    for device in devices:
        try:
            check_compiler(device)
            chosen = WAYS
        except ValueError as reason:
            print(f"{device}, nothing compiled: {reason}")
            chosen = [way for way in WAYS if not way[1].compiled]
        for name, computing in chosen:
            learner = make_learner(
                recipe.name, computed(copy.deepcopy(net).to(device), computing), seed=0,
                memory_bytes=images.nbytes + labels.nbytes,
            )  # fmt: skip
            learner.remember(Batch(images, labels))
            way = Way(device, name, learner)
            way.first_update_s = clocked(lambda way=way: way.learner.learn(batch), way, time.perf_counter)
            way.first_prediction_s = clocked(lambda way=way: predict(way, images), way, time.perf_counter)
            ways.append(way)
    for turn in range(rounds + 1):
        for way in reversed(ways) if turn % 2 else ways:
            update_s = clocked(lambda way=way: way.learner.learn(batch), way, calls=CALLS, threads=threads)
            prediction_s = clocked(lambda way=way: predict(way, images), way, calls=CALLS, threads=threads)
            if turn:  # the first round does not count
                way.update_s.append(update_s)
                way.prediction_s.append(prediction_s)
    print(HEAD + "\n|" + " --- |" * (HEAD.count("|") - 1))
    for way in ways:
        print(row(way, ways[0]))


def predict(way: Way, images: torch.Tensor) -> None:
    way.learner.predict(images[:BLOCK]).cpu()


def clocked(do, way: Way, clock=None, *, calls: int = 1, threads: int = 1) -> float:
    """Seconds of one call, in the mean of several."""
    gpu = way.device == "cuda"
    clock = clock or (time.perf_counter if gpu else lambda: time.process_time() / threads)
    if gpu:
        torch.cuda.synchronize()
    start = clock()
    for _ in range(calls):
        do()
    if gpu:
        torch.cuda.synchronize()
    return (clock() - start) / calls


def row(way: Way, usual: Way) -> str:
    """A row of a Markdown table."""
    cells = [way.device, way.name]
    for frames, ours, theirs in ((1, way.update_s, usual.update_s), (BLOCK, way.prediction_s, usual.prediction_s)):
        low, middle, high = np.quantile(np.array(theirs) / np.array(ours), (0.25, 0.5, 0.75))
        cells += [f"{frames / np.median(ours):.1f}", f"{middle:.2f} ({low:.2f}-{high:.2f})"]
    later = np.median(way.update_s), np.median(way.prediction_s)
    cells += [f"{way.first_update_s - later[0]:.1f}", f"{way.first_prediction_s - later[1]:.1f}"]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--recipe", default="er+ewc")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--threads", type=int, default=1, help="of torch")
    arguments = parser.parse_args()
    cache = tempfile.mkdtemp()
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = cache
    try:
        main(arguments.recipe, arguments.rounds, arguments.threads)
    finally:
        shutil.rmtree(cache, ignore_errors=True)
