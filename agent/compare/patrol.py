"""Shadow lives: all learners of a seed look at the same frames, so their marks can be compared in pairs."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from agent.brief import Brief
from agent.compare.options import CompareOptions
from agent.compare.variants import SHARE, Variant, as_named, varied
from agent.crew import Crew, Send, Stop
from agent.options import Pace, RunOptions, paced
from agent.run import garden_place, memory_bytes
from agent.trial import Row, brief_of, kept_row, settle, trial
from scenarios.spec import Scenario

Tell = Callable[[str], None]


class FramesDiffer(RuntimeError):
    """Learners of one world have not looked at the same frames, so nothing can be compared."""


def variants_of(options: CompareOptions) -> list[Variant]:
    """Who lives: the learners as they are, then what --vary adds."""
    more = varied(options.learners, options.vary_strengths, options.vary_shares) if options.vary else []
    return [*as_named(options.learners), *more]


def briefs_of(options: CompareOptions, scenario: Scenario, pace: Pace | None = None) -> list[Brief]:
    """A world for each seed; nothing is made yet."""
    briefs = []
    for seed in options.seeds:
        asked = RunOptions(
            seed=seed, quick=options.quick, learn_every=options.learn_every, exam_every_days=options.exam_every_days
        )
        asked, lived, usual = paced(asked, scenario)
        place = garden_place(asked, lived, pace or usual)
        kept_bytes = memory_bytes(place, options.memory_share) if options.past_data else 0
        brief = brief_of(
            place,
            options.kept / "worlds",
            pace=pace or usual,
            exam_every_days=asked.exam_every_days,
            memory_bytes=kept_bytes,
        )
        briefs.append(replace(brief, realtime=options.real_time))
    return briefs


def live_all(options: CompareOptions, briefs: Sequence[Brief], crew: Crew, tell: Tell) -> list[Row]:
    """Let everybody live in every world, unless they have; seed by seed, so that fewer seeds still have everybody.

    Returns:
        The rows that there are, by seed and in the order of the learners, each with the `label` of who lived; of all of
        them unless the crew was interrupted.

    Raises:
        FramesDiffer: see `check_frames`.
    """
    variants, folder = variants_of(options), options.kept / "rows"
    wanted = [(number, variant) for number in range(len(briefs)) for variant in variants]
    rows = {(number, variant): kept_row(folder, changed(briefs[number], variant), variant.name)
            for number, variant in wanted}  # fmt: skip
    missing = [pair for pair in wanted if rows[pair] is None]
    tell(f"{len(wanted) - len(missing)} of {len(wanted)} lives have been lived")
    ready: dict[int, Brief] = {}

    def handle(message: Any) -> None:
        match message:
            case (int() as number, Brief() as brief):
                ready[number] = brief
                tell(f"seed {brief.seed}: the world is ready")
            case (int() as number, Variant() as variant, dict() as row):
                rows[number, variant] = row
                done = sum(row is not None for row in rows.values())
                missed = "" if not row["missed_blocks"] else f", missed {row['missed_blocks']:.0f} blocks"
                told = f"mIoU {100 * row['miou_life']:.1f}{missed} ({row['seconds']:.0f} s)"
                tell(f"{done}/{len(wanted)} seed {row['seed']} {variant.label}: {told}")

    begun = dict.fromkeys(number for number, _ in missing)
    crew.run([partial(_settle, number, briefs[number], options.references) for number in begun], handle)
    if not crew.interrupted:
        work = [partial(_live, number, variant, ready[number], folder) for number, variant in missing]
        crew.run(work, handle)
    lived = [row | {"label": variant.label} for (_, variant), row in rows.items() if row is not None]
    check_frames(lived)
    return lived


def changed(brief: Brief, variant: Variant) -> Brief:
    """The brief of a learner that lives with something changed."""
    if variant.setting == SHARE:
        return replace(brief, replay_share=variant.value)
    return replace(brief, changes=((variant.setting, variant.value),)) if variant.setting else brief


def check_frames(rows: Sequence[Row]) -> None:
    """See that all learners of a world have looked at the same frames, by the hash of what each has looked at.

    Raises:
        FramesDiffer: they have not.
    """
    first: dict[str, Row] = {}
    for row in rows:
        other = first.setdefault(row["place"], row)
        if row["frames_seen"] != other["frames_seen"]:
            raise FramesDiffer(
                f"seed {row['seed']}: {row['label']} has looked at frames {row['frames_seen']}, {other['label']} at "
                f"{other['frames_seen']}; a recording was changed in between. Compare into another folder with --out"
            )


def _settle(number: int, brief: Brief, references: bool, send: Send, stop: Stop) -> None:
    settled = settle(brief, references=references, stop=stop)
    if settled is not None:
        send((number, settled))


def _live(number: int, variant: Variant, brief: Brief, folder: Any, send: Send, stop: Stop) -> None:
    row = trial(folder, changed(brief, variant), variant.name, stop)
    if row is not None:
        send((number, variant, row))
