"""A trial: one learner lives through one world, and a row says how it fared.

A world is a recorded place with a net that was commissioned there and, if wanted, the references between which gaps
are measured. All learners of a world begin with the same weights and see the same bits; only so can they be compared
in pairs. Worlds and rows lie on disk, so that what was interrupted goes on.
"""

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from agent import tasks
from agent.brief import Brief
from agent.live import grade, sit
from agent.monitor.summary import CEILING, FLOOR, headline_bank, scores
from agent.monitor.triangle import first_year, triangle
from agent.nets import load_weights
from agent.options import Pace
from agent.place import Place
from agent.recording import record
from agent.run import begin_monitor
from agent.sources import code_hash
from agent.students import read_plan
from agent.tasks import Commissioned, Looked, Referred, Spent
from learners.cost import count_flops
from learners.frozen import Frozen
from learners.settings import Settings

Row = dict[str, Any]
Stop = Callable[[], bool]
KNOWN, REFERENCES = "known.npy", "references.npz"


def brief_of(place: Place, folder: Path, *, pace: Pace, exam_every_days: int, memory_bytes: int) -> Brief:
    """What trials in a world need to know; nothing is made yet.

    Args:
        place: where the world is.
        folder: holds worlds, and recordings of their places.
        pace: how long to commission and to converge; the place says how many frames the exam has.
        exam_every_days: days between two exams.
        memory_bytes: bound of a replay memory; 0 where no picture of the past may be kept.
    """
    return Brief(
        place=place,
        folder=folder / f"{place.name}-{place.fingerprint}-{pace.commission_updates}",
        exam_every_days=exam_every_days,
        memory_bytes=memory_bytes,
        pace=pace,
        cache=folder / "references",
        code=code_hash(),
    )


def settle(brief: Brief, *, references: bool, stop: Stop = lambda: False) -> Brief | None:
    """Make a world ready: record its place, commission a net there, train the references.

    Args:
        brief: of the world.
        references: whether gaps are to be measured.
        stop: asked now and then.

    Returns:
        The brief of the recorded place; None if stopped before all was ready. What is ready stays so.
    """
    home = brief.folder
    brief = replace(brief, place=record(brief.place, home.parent / "places"))
    if not (home / KNOWN).exists():

        def commissioned(message: Any) -> None:
            if isinstance(message, Commissioned):
                np.save(home / KNOWN, message.known)

        tasks.commission(brief, commissioned, stop)
    if references and not (home / REFERENCES).exists() and not stop():
        confusions = {}

        def referred(message: Any) -> None:
            if isinstance(message, Referred):
                confusions[f"{message.name} {message.bank}"] = message.confusion
            elif isinstance(message, Spent):
                confusions["flops"] = np.array(message.cost["flops"])

        tasks.reference(brief, CEILING, referred, stop)
        if not stop():
            floor = Frozen(load_weights(brief.weights("commissioned"), brief.first_net()))
            for name, bank in brief.place.banks().items():
                confusions[f"{FLOOR} {name}"] = grade(bank, sit(floor, bank), len(brief.place.classes))
            np.savez_compressed(home / REFERENCES, **confusions)
    ready = (home / KNOWN).exists() and ((home / REFERENCES).exists() or not references)
    return brief if ready else None


def key_of(brief: Brief, name: str) -> str:
    """Twelve hexadecimal digits over what decides a trial, apart from the sources of the learners."""
    plan = read_plan(name).as_config()
    decided: tuple[Any, ...] = (
        plan | {"settings": plan["settings"] | dict(brief.changes)},
        brief.place.fingerprint,
        brief.exam_every_days,
        brief.memory_bytes,
        brief.pace.commission_updates,
    )
    if brief.replay_share is not None:
        decided += (("replay_share", brief.replay_share),)
    if brief.realtime is not None:
        decided += (asdict(brief.realtime),)
    return hashlib.sha256(json.dumps(decided, sort_keys=True).encode()).hexdigest()[:12]


def row_file(folder: Path, brief: Brief, name: str) -> Path:
    """Where the row of a trial is kept."""
    place = brief.place
    return folder / f"{read_plan(name).name}-{place.name}-{place.seed}-{key_of(brief, name)}.json"


def kept_row(folder: Path, brief: Brief, name: str) -> Row | None:
    """The row of a trial that was lived before, or None."""
    file = row_file(folder, brief, name)
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None


def trial(folder: Path, brief: Brief, name: str, stop: Stop = lambda: False) -> Row | None:
    """Let one learner live through a world that is settled, unless it has already; keeps its row.

    Args:
        folder: of the rows.
        brief: of the world.
        name: of the learner, with its policy: `er+ewc@season`.
        stop: asked before every block.

    Returns:
        The row; None if stopped. Shares of 1 for mIoU; None where a life was too short to say.
    """
    kept = kept_row(folder, brief, name)
    if kept is not None or stop():
        return kept
    started_s = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        own = replace(brief, folder=Path(scratch))
        own.weights("commissioned").parent.mkdir(parents=True)
        shutil.copy(brief.weights("commissioned"), own.weights("commissioned"))
        truth = {bank.name: bank.truth for bank in brief.place.banks().values()}
        with begin_monitor(own, Commissioned(truth, np.load(brief.folder / KNOWN)), (name,)) as monitor:
            ceiling_flops, looked = None, ""
            if (brief.folder / REFERENCES).exists():
                with np.load(brief.folder / REFERENCES) as references:
                    ceiling_flops = float(references["flops"])
                    for key in references.files:
                        if key != "flops":
                            reference, bank = key.split(" ")
                            monitor.reference(reference, bank, references[key])

            def handle(message: Any) -> None:
                nonlocal looked
                monitor.take(message)
                if isinstance(message, Looked):
                    looked = message.frames
                elif isinstance(message, Spent):
                    monitor.cost(message.name, message.cost)

            tasks.life(own, (name,), handle, stop)
            if stop():
                return None
            summary = monitor.summary()
            days, by_phase = scores(monitor.log, name, headline_bank(monitor.log))
            corners = triangle(*first_year(monitor.log.life, days, by_phase))
    row = _row(brief, name, summary) | {
        "ceiling_flops": ceiling_flops,
        "frames_seen": looked,
        "triangle": corners,
        "days": days.tolist(),
        "curve": [round(float(level), 4) for level in np.nanmean(by_phase, axis=1)],
        "seconds": round(time.perf_counter() - started_s, 1),
    }
    file = row_file(folder, brief, name)
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(row), encoding="utf-8")
    unfinished.rename(file)
    return row


def _row(brief: Brief, name: str, summary: dict[str, Any]) -> Row:
    """What a table needs to know of a life."""
    plan, told = read_plan(name), measures(summary, name)
    settings = vars(plan.recipe.settings) | dict(brief.changes)
    cost = summary["learners"][name]["cost"]
    return {
        "key": key_of(brief, name),
        "recipe": plan.name,
        "world": f"{brief.place.name}-{brief.place.seed}",
        "climate": brief.place.told,
        "place": brief.place.fingerprint,
        "past_data": brief.keeps_pictures,
        "policy": plan.policy,
        "settings": {key: value for key, value in settings.items() if value != getattr(Settings(), key)},
        "changes": dict(brief.changes) | ({} if brief.replay_share is None else {"replay_share": brief.replay_share}),
        "realtime": None if brief.realtime is None else asdict(brief.realtime),
        "seed": brief.seed,
        "code": brief.code,
        **told,
        "life_seconds": round(cost["seconds"], 2),
        "looking_flops": _looking_flops(brief),
        "missed_blocks": cost.get("missed_blocks"),
        "stale_blocks": cost.get("stale_blocks"),
        "blocks": blocks_of(brief.place),
    }


def measures(summary: dict[str, Any], name: str) -> Row:
    """The figures of a learner's life for a table, clocks aside.

    Args:
        summary: as `agent.monitor.summary.summarise` returns it.
        name: of the learner.

    Returns:
        Shares of 1 for mIoU; None where a life was too short to say.
    """
    told, bank = summary["learners"][name], summary["headline_bank"]
    levels, cost = told["miou"][bank], told["cost"]
    gap, stability, plasticity = (told[key] or {} for key in ("gap_closed", "stability", "plasticity"))
    reference = summary["references"].get(CEILING, {"miou": {bank: {"mean": None}}})
    return {
        "miou_life": levels["anytime"],
        "miou_end": levels["end"],
        "by_phase_end": [None if level is None else round(level, 4) for level in levels["by_phase"]],
        "gap_life": gap.get("anytime"),
        "gap_end": gap.get("end"),
        "forgetting": stability.get("mean"),
        "forgetting_life": stability.get("anytime"),
        "forgetting_noise": stability.get("noise_mean"),
        "plasticity_gap": plasticity.get("gap"),
        "present": (told["present"] or {}).get("mean"),
        "ceiling": reference["miou"][bank]["mean"],
        "flops": cost["flops"],
        "memory_bytes": cost["memory_bytes"],
        "updates": cost["updates"],
        "skipped": cost["skipped"],
        "labels": cost["labels"],
    }


def blocks_of(place: Place) -> int:
    """Blocks of a life after commissioning, a short last one included."""
    return sum(end > place.commissioning_steps for end in place.stream().ends)


def _looking_flops(brief: Brief) -> float:
    """What it takes the plain net to look at every frame of a life once."""
    place = brief.place
    forward, _ = count_flops(brief.first_net(), (3, *place.frame_px))
    return float(forward * (place.life_steps - place.commissioning_steps))
