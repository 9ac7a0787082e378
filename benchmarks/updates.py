"""What an update of the plain recipes costs, against a bare loop that makes the same passes.

    python benchmarks/updates.py [--rounds 60]

The bare loop has its frames ready as floats: forward, cross-entropy, backward, the same fused AdamW. The learner gets
bytes, counts, recalls, converts, checks, penalises and remembers besides. `passes` is the learner against that loop;
`plain` is the learner against that loop with the recipe's penalty written as anybody would. All are timed in turn, on
one thread; printed are medians of the rounds' ratios, for the default net (8 + 8 frames of 64x64) and for a perceptron
of 90k parameters (10 + 10 images of 28x28). Other work on the machine spreads the ratios; run it on an idle one.
"""

import argparse
import copy
import statistics
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import nn

from learners.base import Batch, to_float
from learners.cost import count_flops
from learners.nets import Perceptron, SegNet
from learners.recipes import RECIPES, Recipe, make_learner

SAME_PASSES = ("finetune", "er", "ewc", "er+ewc")  # recipes that make just the passes of the bare loop
MEMORY_FRAMES = 100
LEARNING_RATE = 1e-5  # so low that the same frames are not learned by heart: vanishing numbers would be timed instead
HEAD = f"{'recipe':>10} {'passes':>7} {'plain':>7} {'learner':>10} {'bare':>10} {'MFLOP':>8} {'kept':>9}"


def main(rounds: int) -> None:
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    generator = torch.Generator().manual_seed(0)
    segnet = SegNet(12, generator=generator)
    perceptron = Perceptron((784, 100, 100, 10), generator=generator)
    for title, net, frames, times in (
        ("SegNet, 16 frames of 64x64", segnet, draw(16, 64, 3, 32, generator), rounds),
        ("perceptron 784-100-100-10, 20 images", perceptron, draw(20, 28, 1, 1, generator), 20 * rounds),
    ):
        print(f"\n{title}\n{HEAD}")
        for name in SAME_PASSES:
            print(row(RECIPES[name], net, frames, times))


def draw(frames: int, side: int, channels: int, label_side: int, generator: torch.Generator) -> Batch:
    """Noise, laid out as a camera's pictures are."""
    images = torch.randint(0, 256, (frames, side, side, channels), dtype=torch.uint8, generator=generator)
    labels = torch.randint(0, 10, (frames, label_side, label_side), dtype=torch.uint8, generator=generator)
    return Batch(images.permute(0, 3, 1, 2), labels)


def row(recipe: Recipe, net: nn.Module, frames: Batch, times: int) -> str:
    """Time one recipe against the bare loops and return a line of the table."""
    new = len(frames) // 2 if recipe.needs_memory else len(frames)
    row_bytes = frames.images[:1].nbytes + frames.labels[:1].nbytes
    learner = make_learner(
        recipe.name,
        copy.deepcopy(net),
        seed=0,
        memory_bytes=MEMORY_FRAMES * row_bytes,
        recalled_frames=new,
        learning_rate=LEARNING_RATE,
    )
    for _ in range(10 * MEMORY_FRAMES // new):  # well into a life: most new frames are no longer kept
        learner.remember(frames[:new])
    learner.consolidate("benchmark")
    loops: dict[str, Callable[[], object]] = {
        "learner": lambda: learner.learn(Batch(frames.images[:new], frames.labels[:new])),
        "passes": bare_loop(copy.deepcopy(net), frames, penalty=False),
        "plain": bare_loop(copy.deepcopy(net), frames, penalty="ewc" in recipe.name),
    }
    seconds: dict[str, list[float]] = {name: [] for name in loops}
    for turn in range(times + 3):
        for name in sorted(loops, reverse=bool(turn % 2)):
            start = time.perf_counter()
            loops[name]()
            seconds[name].append(time.perf_counter() - start)
    settled = {name: each[3:] for name, each in seconds.items()}
    ratios = {
        name: statistics.median(a / b for a, b in zip(settled["learner"], settled[name], strict=True))
        for name in ("passes", "plain")
    }
    flops = len(frames) * sum(count_flops(net, tuple(frames.images.shape[1:])))
    return (
        f"{recipe.name:>10} {ratios['passes']:7.3f} {ratios['plain']:7.3f} "
        f"{statistics.median(settled['learner']) * 1e3:7.2f} ms {statistics.median(settled['passes']) * 1e3:7.2f} ms "
        f"{flops / 1e6:8.1f} {learner.cost.bytes_kept / 1e3:6.0f} kB"
    )


def bare_loop(net: nn.Module, frames: Batch, *, penalty: bool) -> Callable[[], float]:
    """What anybody would write down first, with or without a quadratic penalty."""
    parameters = list(net.train().parameters())
    optimizer = torch.optim.AdamW(parameters, LEARNING_RATE, weight_decay=1e-4, fused=True)
    anchors = [parameter.detach().clone() for parameter in parameters]
    importances = [torch.ones_like(anchor) for anchor in anchors]
    images, labels = to_float(frames.images), frames.labels.long()

    def learn() -> float:
        loss = F.cross_entropy(net(images).logits, labels, ignore_index=255)
        if penalty:
            terms = zip(parameters, anchors, importances, strict=True)
            loss = loss + 0.5 * sum((f * (p - a) ** 2).sum() for p, a, f in terms)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return learn


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="What an update of the plain recipes costs, against a bare loop.")
    parser.add_argument("--rounds", type=int, default=60, help="rounds with the default net")
    main(parser.parse_args().rounds)
