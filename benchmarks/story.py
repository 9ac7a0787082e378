"""What the world does to learners, without anybody tuning it: six claims over ten worlds. About an hour on two cores.

A world is a garden, its weather and the net's first weights, all drawn from one seed. Everything is examined in gardens
never visited. Every world leaves a JSON file, so that an interrupted benchmark goes on where it stopped; the table is
means over worlds with 95 % intervals (Student's t).

    python benchmarks/story.py                 # the ten worlds reported in docs/results.md
    python benchmarks/story.py --first 500     # other worlds, for choosing settings
"""

import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import tyro
from rich.console import Console
from rich.table import Table

from agent import tasks
from agent.brief import Brief
from agent.commission import drill, labelled_frames, shuffled_rows
from agent.crew import Crew, Send, Stop
from agent.live import Student, grade, live, sit
from agent.monitor.metrics import mean_iou, only_truth
from agent.monitor.monitor import Monitor
from agent.monitor.scores import MIN_SHARE, ProbeScore, StreamScore
from agent.options import RunOptions, paced
from agent.ranking import mean_interval
from agent.references import BATCH
from agent.run import begin_monitor, brief_for, garden_place
from agent.stream import Block
from agent.tasks import Commissioned, Referred
from learners.recipes import make_learner
from scenarios.files import load

LEARNERS = ("frozen", "finetune", "er", "ewc", "er+ewc")
SEASONS = {"summer": 2, "autumn": 4, "winter": 6}  # the phase at each season's middle
EXPERT_DAYS = 91  # days that an expert's frames are taken from, around its phase
EXPERT_UPDATES = 500
DISPLAY = "{:.1f} [{:.1f}, {:.1f}]"


@dataclass(frozen=True)
class StoryOptions:
    """Options of the story."""

    worlds: int = 10
    """How many worlds."""
    first: int = 100
    """Seed of the first; the others follow."""
    learn_every: int = 12
    """Control steps between two updates."""
    exam_every_days: int = 20
    """Days between two exams."""
    workers: int = 2
    """Worlds lived through at once."""
    out: Path = Path("runs/story")
    """Where each world's row is kept."""
    scenario: str = "four_seasons"
    """The scenario that tells the story."""


def main(options: StoryOptions) -> None:
    """Live through the worlds that are still missing, then print the table."""
    options.out.mkdir(parents=True, exist_ok=True)
    seeds = range(options.first, options.first + options.worlds)
    missing = [seed for seed in seeds if not _row_file(options, seed).exists()]
    with Crew(options.workers) as crew:
        crew.run([partial(tell, options, seed) for seed in missing], lambda message: print(message, flush=True))
    rows = [json.loads(_row_file(options, seed).read_text()) for seed in seeds if _row_file(options, seed).exists()]
    if rows:
        Console(width=118).print(tabulate(rows, options))


def tell(options: StoryOptions, seed: int, send: Send, stop: Stop) -> None:
    """One world: all learners, references, experts and controls; writes its row."""
    started_s = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        seasons = _life(options, options.scenario, LEARNERS, seed, Path(scratch) / "seasons", stop)
        send(f"world {seed}: seasons lived ({time.perf_counter() - started_s:.0f} s)")
        row = {"seed": seed, "seasons": seasons["summary"], "experts": experts(seasons["brief"], stop)}
        row["shuffled"] = shuffled(seasons["brief"], seasons["commissioned"], stop)
        send(f"world {seed}: experts and shuffled control done ({time.perf_counter() - started_s:.0f} s)")
        constant = _life(options, "constant", ("frozen", "finetune"), seed, Path(scratch) / "constant", stop, False)
        row["constant"] = constant["summary"]
    if not stop():
        row["seconds"] = time.perf_counter() - started_s
        _row_file(options, seed).write_text(json.dumps(row))
        send(f"world {seed}: done ({row['seconds']:.0f} s)")


def _life(
    options: StoryOptions,
    scenario: str,
    learners: tuple[str, ...],
    seed: int,
    folder: Path,
    stop: Stop,
    references: bool = True,
) -> dict[str, Any]:
    """A run without its report."""
    run_options = RunOptions(
        scenario=scenario,
        learners=learners,
        seed=seed,
        learn_every=options.learn_every,
        exam_every_days=options.exam_every_days,
    )
    run_options, spec, pace = paced(run_options, load(scenario))
    (folder / "weights").mkdir(parents=True)
    brief = replace(
        brief_for(run_options, garden_place(run_options, spec, pace), pace, folder), cache=options.out / ".references"
    )
    kept: dict[str, Any] = {"brief": brief}

    def handle(message: Any) -> None:
        if isinstance(message, Commissioned):
            kept["commissioned"] = message
            kept["monitor"] = begin_monitor(brief, message, learners)
        elif isinstance(message, StreamScore):
            kept["monitor"].stream(message)
        elif isinstance(message, ProbeScore):
            kept["monitor"].probe(message)
        elif isinstance(message, Referred):
            kept["monitor"].reference(message.name, message.bank, message.confusion)

    tasks.commission(brief, handle, stop)
    if stop():
        raise KeyboardInterrupt
    if references:
        tasks.reference(brief, "joint@converged", handle, stop)
    tasks.life(brief, learners, handle, stop)
    monitor: Monitor = kept["monitor"]
    monitor.end("finished")
    kept["summary"] = monitor.summary()
    monitor.close()
    return kept


def experts(brief: Brief, stop: Stop) -> dict[str, Any]:
    """Train a net on the frames of one season alone, for every season; mIoU on its own phase of the away bank."""
    blocks = list(brief.place.stream())
    images, labels = labelled_frames(blocks, classes=len(brief.place.classes))
    days = np.repeat([block.day for block in blocks], [len(block.labelled[1]) for block in blocks])
    bank = brief.place.banks()["away"]
    middles = brief.place.phase_days
    found = {}
    for name, phase in {"home": 0, **SEASONS}.items():
        middle = max(middles[phase], EXPERT_DAYS // 2)
        own = np.abs(days - middle) <= EXPERT_DAYS / 2
        net = brief.first_net()
        learner = make_learner("finetune", net, seed=brief.seed, learning_rate=tasks.COMMISSION_LEARNING_RATE)
        rows = shuffled_rows(int(own.sum()), BATCH, np.random.default_rng([brief.seed, 31, phase]))
        drill(learner, images[own], labels[own], rows, updates=EXPERT_UPDATES, stop=stop)
        found[name] = grade(bank, sit(learner, bank))[phase].sum(0)
    home = found.pop("home")
    ratios = {}
    for name, confusion in found.items():
        shared = (_share(confusion) >= MIN_SHARE) & (_share(home) >= MIN_SHARE)
        own, homely = (float(mean_iou(only_truth(each, shared), shared)) for each in (confusion, home))
        ratios[name] = {"expert": own, "home": homely, "ratio": own / homely}
    return ratios


def shuffled(brief: Brief, commissioned: Commissioned, stop: Stop) -> dict[str, Any]:
    """Fine-tune on the same year's frames in random order, examined as often."""
    folder = brief.folder / "shuffled"
    (folder / "weights").mkdir(parents=True)
    images, labels = tasks.enrolment_frames(brief)
    student = tasks.enrol(brief, "finetune", images, labels)
    monitor = begin_monitor(replace(brief, folder=folder), commissioned, ("finetune",))

    def emit(event: Any) -> None:
        if isinstance(event, ProbeScore):
            monitor.probe(event)

    live(
        _in_random_order(brief),
        [Student("finetune", student.learner, student.new_frames)],
        brief.place.banks(),
        emit,
        first_step=brief.place.commissioning_steps,
        exam_every_days=brief.exam_every_days,
        stop=stop,
    )
    summary = monitor.summary()
    monitor.close()
    return summary


def _in_random_order(brief: Brief) -> Iterator[Block]:
    """The stream with the frames after commissioning shuffled over the year; the calendar stays."""
    blocks = list(brief.place.stream())
    lived = [block for block in blocks if block.step > brief.place.commissioning_steps]
    images = np.concatenate([block.images for block in lived])
    truth = np.concatenate([block.truth for block in lived])
    order = np.random.default_rng([brief.seed, 32]).permutation(len(images))
    yield from blocks[: len(blocks) - len(lived)]
    for i, block in enumerate(lived):
        rows = order[i * len(block.images) : (i + 1) * len(block.images)]
        yield replace(block, images=images[rows], truth=truth[rows])


def _share(confusion: np.ndarray) -> np.ndarray:
    return confusion.sum(1) / confusion.sum()


def tabulate(rows: list[dict[str, Any]], options: StoryOptions) -> Table:
    """The claims, with what came out."""
    title = f"{len(rows)} worlds, seeds {rows[0]['seed']} to {rows[-1]['seed']}, learn_every {options.learn_every}"
    table = Table("claim", "measured [%] or points", "mean [95 %]", "wanted", "worlds", title=title)

    def add(claim: str, measured: str, values: list[float | None], wanted: str, holds: Any) -> None:
        numbers = [100 * value for value in values if value is not None]
        table.add_row(claim, measured, interval(numbers), wanted, f"{sum(map(holds, numbers))}/{len(numbers)}")

    for season in SEASONS:
        ratios = [row["experts"][season]["ratio"] for row in rows]
        add("(i)", f"expert of {season} / expert of home season", ratios, ">= 80", lambda v: v >= 80)
    for key, text in (("known_by_phase", "known classes"), ("by_phase", "all classes")):
        losses = [_lost(row["seasons"], "frozen", key) for row in rows]
        wanted = ">= 25" if key == "known_by_phase" else ""
        add("(ii)", f"frozen loses of its home mIoU, {text}", losses, wanted, lambda v: v >= 25)
    for key, text in (("mean", "at the end"), ("anytime", "over the life")):
        forgotten = [_stability(row["seasons"], "finetune")[key] for row in rows]
        add("(iii)", f"finetune forgets, mean over past seasons, {text}", forgotten, ">= 10", lambda v: v >= 10)
    for name, text in (("shuffled", "the same frames shuffled"), ("constant", "the constant climate")):
        for key, when in (("mean", "at the end"), ("noise_mean", "of which noise alone")):
            values = [_stability(row[name], "finetune")[key] for row in rows]
            add(
                "(iv)", f"finetune forgets in {text}, {when}", values, "<= 2" if key == "mean" else "", lambda v: v <= 2
            )
    lost = [_drop(row["constant"], "frozen") for row in rows]
    add("(iv)", "frozen loses in the constant climate", lost, "<= 3", lambda v: v <= 3)
    for name in ("er+ewc", "er", "ewc", "finetune"):
        wanted = ">= 85" if name == "er+ewc" else ""
        for key, text in (("end", "at the end"), ("anytime", "over the life")):
            closed = [row["seasons"]["learners"][name]["gap_closed"][key] for row in rows]
            add("(v)" if wanted else "(vi)", f"{name} closes of the gap, {text}", closed, wanted, lambda v: v >= 85)
    for name in ("er+ewc", "er", "ewc"):
        wanted = "<= 4" if name == "er+ewc" else ""
        for key, text in (("worst", "in its worst season"), ("noise_worst", "of which noise alone")):
            values = [_stability(row["seasons"], name).get(key) for row in rows]
            shown = wanted if key == "worst" else ""
            add("(v)" if wanted else "(vi)", f"{name} forgets {text}", values, shown, lambda v: v <= 4)
    for one, other in (("er+ewc", "er"), ("er+ewc", "ewc"), ("ewc", "finetune")):
        for key in ("anytime", "end"):
            values = [_level(row, one, key) - _level(row, other, key) for row in rows]
            add("(vi)", f"mIoU of {one} minus {other}, {key}", values, "", lambda v: v > 0)
    for name in LEARNERS:
        add("", f"mIoU of {name}, at the end", [_level(row, name, "end") for row in rows], "", lambda v: True)
    ceiling = [row["seasons"]["references"]["joint@converged"]["miou"]["away"]["mean"] for row in rows]
    add("", "mIoU of joint@converged", ceiling, "", lambda v: True)
    return table


def interval(values: list[float]) -> str:
    """Mean and 95 % interval of the mean.

    >>> interval([1.0, 2.0, 3.0])
    '2.0 [-0.5, 4.5]'
    """
    if len(values) < 2:
        return " ".join(f"{value:.1f}" for value in values)
    return DISPLAY.format(*mean_interval(np.array(values)))


def _lost(summary: dict[str, Any], name: str, key: str) -> float:
    """Share of the first phase's mIoU that the other phases fall short of it, on average."""
    home, *others = summary["learners"][name]["miou"]["away"][key]
    return 1 - float(np.mean([score for score in others if score is not None])) / home


def _drop(summary: dict[str, Any], name: str) -> float:
    home, *others = summary["learners"][name]["miou"]["away"]["by_phase"]
    return home - float(np.mean([score for score in others if score is not None]))


def _stability(summary: dict[str, Any], name: str) -> dict[str, Any]:
    return summary["learners"][name]["stability"] or {}


def _level(row: dict[str, Any], name: str, key: str) -> float:
    return row["seasons"]["learners"][name]["miou"]["away"][key]


def _row_file(options: StoryOptions, seed: int) -> Path:
    settings = f"{options.learn_every}-{options.exam_every_days}-{tasks.code_hash()}"
    return options.out / f"{options.scenario}-{settings}-{seed}.json"


if __name__ == "__main__":
    main(tyro.cli(StoryOptions))
