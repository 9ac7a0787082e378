"""What an update of every recipe costs, against a bare loop that makes the same passes.

    python benchmarks/updates.py [--rounds 3] [--recipes er ewc er+ewc]

The bare loop has its frames ready as floats. It makes the forward and backward passes that the recipe's meter counts,
as many and of as many frames, each with a cross-entropy, and one step of torch's fused AdamW. The learner does besides
whatever the recipe is: it gets bytes, counts, recalls, converts, checks, penalises, bends, remembers. So the ratio is
what learning by that recipe costs beyond its passes. `plain` is for recipes with EWC: the same against a bare loop with
that penalty written as anybody would.

Where there is nothing to compare: `frozen` and `adabn` make no pass and have no ratio. `slda` and `ncm` only look and
are compared with looking. `tent` and `feature-replay` have no gradients for what they do not move, and nor has the bare
loop. Heads of `ssl` and `cassle`, masks and adapters are the recipe's own and not in the bare loop.

Learner and bare loop take turns, update by update, on one thread. A round is ten updates of each; printed are the
median of the rounds' ratios and its quartiles. Times are the processor's, not the clock's: other work on the machine
still spoils caches, which spreads the ratios. What a recipe does more rarely than every tenth update is not in them;
consolidations have a table of their own.

Two nets: the default one (8 + 8 frames of 64x64; recipes without past frames, 16 + 0) and a perceptron of 90k
parameters (10 + 10 images of 28x28; 20 + 0). MFLOP are those of the meter, of an update; kB is what is kept beside the
net and its optimizer's moments, with a memory of 100 frames.
"""

import argparse
import copy
import itertools
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from learners.base import Batch, Learner, Seen, to_float
from learners.label_free.tent import train_only_normalisation
from learners.nets import Perceptron, SegNet
from learners.recipes import RECIPES, Recipe, find_recipe, make_learner

MIXTURES = ("er+agem", "der+++lwf", "er+ewc+shrink", "er-ace+hat+cassle+l2init")
MEMORY_FRAMES = 100
OFFERED_FRAMES = 1000  # well into a life: most new frames are no longer kept
UPDATES_A_ROUND = 10
CONSOLIDATIONS = 3
HEAD = "| recipe | frames in, back | ratio | plain | ms | MFLOP | kB | MLP: ratio | plain | ms | MFLOP | kB |"
LEARNING_RATE = 1e-5  # so low that the same frames are not learned by heart: vanishing numbers would be timed instead

Loop = Callable[[], object]
Pass = tuple[int, int, int]
"""Frames, forward passes of them, and backward passes."""


@dataclass(frozen=True)
class Subject:
    """A net and what it learns from: `frames` has more rows than an update, for those who look at candidates."""

    net: nn.Module
    frames: Batch
    frames_an_update: int
    rounds: int


@dataclass(frozen=True)
class Figures:
    """What was measured of a recipe with one net."""

    ratios: list[float]  # one a round, in order of size; empty where there is no pass
    plain: float | None  # median ratio to a loop with the penalty written out
    update_ms: float
    update_mflop: float
    frames: tuple[float, float]  # forward and backward, an update
    kept_kb: float
    consolidation: tuple[float, float] | None  # ms and MFLOP of one


def main(rounds: int, names: Sequence[str]) -> None:
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    generator = torch.Generator().manual_seed(0)
    segnet, perceptron = SegNet(12, generator=generator), Perceptron((784, 100, 100, 10), generator=generator)
    subjects = (
        Subject(segnet, draw(64, 64, 3, 32, generator), 16, rounds),
        Subject(perceptron, draw(64, 28, 1, 1, generator), 20, 10 * rounds),
    )
    print(HEAD + "\n|" + " --- |" * (HEAD.count("|") - 1))
    consolidations, refused = [], []
    for name in names:
        cells = []
        for subject in subjects:
            try:
                figures = measure(find_recipe(name), subject)
            except ValueError as reason:  # not every method goes with every net
                refused.append(f"{name}: {reason}")
                cells.append("| | | | ")
                continue
            if not cells:
                cells.append("{:.0f}, {:.0f}".format(*figures.frames))
            cells.append(row(figures))
            if figures.consolidation:
                consolidations.append((name, type(subject.net).__name__, *figures.consolidation))
        print(f"| `{name}` | {' | '.join(cells)} |", flush=True)
    print("\n| one consolidation of | net | ms | MFLOP |\n| --- | --- | --- | --- |")
    for name, net, ms, mflop in consolidations:
        print(f"| `{name}` | {net} | {ms:.0f} | {mflop:.0f} |")
    if refused:
        print("\nNot measured:", *refused, sep="\n* ")


def row(figures: Figures) -> str:
    """Five cells of a Markdown table."""
    ratio = ""
    if figures.ratios:
        low, middle, high = np.quantile(figures.ratios, (0.25, 0.5, 0.75))
        ratio = f"{middle:.2f} ({low:.2f}-{high:.2f})"
    plain = "" if figures.plain is None else f"{figures.plain:.2f}"
    return f"{ratio} | {plain} | {figures.update_ms:.2f} | {figures.update_mflop:.1f} | {figures.kept_kb:.0f}"


def draw(frames: int, side: int, channels: int, label_side: int, generator: torch.Generator) -> Batch:
    """Noise, laid out as a camera's pictures are."""
    images = torch.randint(0, 256, (frames, side, side, channels), dtype=torch.uint8, generator=generator)
    labels = torch.randint(0, 10, (frames, label_side, label_side), dtype=torch.uint8, generator=generator)
    return Batch(images.permute(0, 3, 1, 2), labels)


def measure(recipe: Recipe, subject: Subject) -> Figures:
    """Raises ValueError where the recipe does not go with the net."""
    new = subject.frames_an_update // (2 if recipe.needs_past_data else 1)
    images, labels = subject.frames.images[:new], subject.frames.labels[:new]
    learner, net = well_into_a_life(recipe, subject, Batch(images, labels))
    before = learner.cost
    plan = passes_of(learner, Batch(images, labels))
    after = learner.cost
    loops: dict[str, Loop] = {"learner": lambda: learner.learn(Batch(images, labels))}
    if any(plan):
        loops["bare"] = bare_loop(net, subject, plan, penalty=False)
    if any(part.name == "ewc" for part in recipe.parts):
        loops["plain"] = bare_loop(net, subject, plan, penalty=True)
    seconds = take_turns(loops, subject.rounds)
    ratios = {
        name: sorted(ours / theirs for ours, theirs in zip(seconds["learner"], seconds[name], strict=True))
        for name in loops
    }
    spent = {
        name: (getattr(after, name) - getattr(before, name)) / UPDATES_A_ROUND
        for name in ("flops", "forward_frames", "backward_frames")
    }
    return Figures(
        ratios=ratios.get("bare", []),
        plain=statistics.median(ratios["plain"]) if "plain" in ratios else None,
        update_ms=1e3 * statistics.median(seconds["learner"]) / UPDATES_A_ROUND,
        update_mflop=spent["flops"] / 1e6,
        frames=(spent["forward_frames"], spent["backward_frames"]),
        kept_kb=learner.cost.bytes_kept / 1e3,
        consolidation=consolidation(learner) if recipe.consolidate_every_updates else None,
    )


def well_into_a_life(recipe: Recipe, subject: Subject, batch: Batch) -> tuple[Learner, nn.Module]:
    """A learner that has a full memory and has been consolidated, and a net that learns in the same places."""
    net, row_bytes = copy.deepcopy(subject.net), subject.frames[:1].images.nbytes + subject.frames[:1].labels.nbytes
    learner = make_learner(
        recipe.name,
        net,
        seed=0,
        memory_bytes=MEMORY_FRAMES * row_bytes,
        recalled_frames=subject.frames_an_update - len(batch),
        learning_rate=LEARNING_RATE,
    )
    learner.remember(batch)
    with torch.no_grad():
        seen: Seen = subject.net(to_float(batch.images))
    if hasattr(learner, "memory"):
        for _ in range(OFFERED_FRAMES // len(batch)):
            learner.memory.remember(batch, seen)
    for _ in range(2):
        learner.learn(batch)
        learner.consolidate("benchmark")
    bare = copy.deepcopy(subject.net)
    if recipe.name == "tent":
        train_only_normalisation(bare)
    for ours, theirs in zip(bare.parameters(), net.parameters(), strict=False):  # heads that were added come last
        ours.requires_grad_(theirs.requires_grad)
    return learner, bare


def passes_of(learner: Learner, batch: Batch) -> list[list[Pass]]:
    """What the meter is told in each update of a round."""
    made: list[Pass] = []
    meter = learner.meter
    count = meter.passes

    def note(net, images, *, forward=1, backward=1):
        made.append((len(images), forward, backward))
        count(net, images, forward=forward, backward=backward)

    meter.passes = note
    plan = []
    for _ in range(UPDATES_A_ROUND):
        learner.learn(batch)
        plan.append(made.copy())
        made.clear()
    del meter.passes
    return plan


def bare_loop(net: nn.Module, subject: Subject, plan: list[list[Pass]], *, penalty: bool) -> Loop:
    """What anybody would write down first, with or without a quadratic penalty; its updates follow the plan."""
    net = copy.deepcopy(net).train()
    parameters = [parameter for parameter in net.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(parameters, LEARNING_RATE, weight_decay=1e-4, fused=True)
    anchors = [parameter.detach().clone() for parameter in parameters]
    importances = [torch.ones_like(anchor) for anchor in anchors]
    images, labels = to_float(subject.frames.images), subject.frames.labels.long()
    updates = itertools.cycle(plan)

    def learn() -> float:
        loss = torch.zeros(())
        optimizer.zero_grad()
        for frames, forward, backward in next(updates):
            for _ in range(forward - backward):
                with torch.no_grad():
                    loss = F.cross_entropy(net(images[:frames]).logits, labels[:frames], ignore_index=255)
            if backward:
                loss = F.cross_entropy(net(images[:frames]).logits, labels[:frames], ignore_index=255)
                if penalty:
                    terms = zip(parameters, anchors, importances, strict=True)
                    loss = loss + 0.5 * sum((f * (p - a) ** 2).sum() for p, a, f in terms)
                loss.backward()
        if loss.requires_grad:
            optimizer.step()
        return loss.item()

    return learn


def take_turns(loops: dict[str, Loop], rounds: int) -> dict[str, list[float]]:
    """Processor seconds of each loop's rounds, after one round that does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in loops}
    for _ in range(rounds + 1):
        spent = dict.fromkeys(loops, 0.0)
        for update in range(UPDATES_A_ROUND):
            for name in sorted(loops, reverse=bool(update % 2)):
                start = time.thread_time()
                loops[name]()
                spent[name] += time.thread_time() - start
        for name in loops:
            seconds[name].append(spent[name])
    return {name: each[1:] for name, each in seconds.items()}


def consolidation(learner: Learner) -> tuple[float, float]:
    """Processor milliseconds (median) and MFLOP of a consolidation."""
    spent, before = [], learner.cost.flops
    for _ in range(CONSOLIDATIONS):
        start = time.thread_time()
        learner.consolidate("benchmark")
        spent.append(time.thread_time() - start)
    return 1e3 * statistics.median(spent), (learner.cost.flops - before) / CONSOLIDATIONS / 1e6


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--rounds", type=int, default=3, help="of ten updates with the default net; ten times as many with the other"
    )
    parser.add_argument("--recipes", nargs="*", default=[*RECIPES, *MIXTURES], help="all, and four mixtures")
    arguments = parser.parse_args()
    main(arguments.rounds, arguments.recipes)
