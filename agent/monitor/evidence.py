"""From a log to a diagnosis: gathers the evidence of a life, the part `diagnosis` of a learner's summary."""

from dataclasses import asdict
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.monitor.continual import forgotten, gaps, present
from agent.monitor.diagnosis import Estimate, Evidence, Lost, diagnose
from agent.monitor.health import change
from agent.monitor.log import Log, headline_bank
from agent.monitor.matrix import CEILING, reference_scores, scores
from agent.monitor.metrics import mean_iou
from agent.monitor.stability import resample_blocks

Floats = NDArray[np.float64]
BOOTSTRAP_SEED, DRAWS = 20300403, 1000  # fixed, so that a log has one summary


def told(log: Log, name: str) -> list[dict[str, Any]] | None:
    """The findings, as JSON; None where the learner was never examined."""
    if not log.probes.get((name, headline_bank(log))):
        return None
    return [asdict(finding) for finding in diagnose(gather(log, name))]


def gather(log: Log, name: str) -> Evidence:
    """The evidence of a life so far."""
    number, source = _changes(log)
    fall, behind, at_first = _present(log, name)
    lost = [
        Lost(row["phase"], Estimate(row["lost"], row["low"], row["high"]), row["flagged"])
        for row in forgotten(log, name)
    ]
    found = gaps(log, name)
    return Evidence(
        changes=number,
        changes_from=source,
        fall=fall,
        left_behind=behind,
        behind_at_first=at_first,
        behind_whom="its own best" if (CEILING, headline_bank(log)) not in log.references else "the reference",
        lost=tuple(lost) if lost else None,
        gaps=tuple(found) if found else None,
        trainability=_both(log, name, "trainability"),
        dormant=_both(log, name, "units.dormant"),
        rank=_both(log, name, "features.effective_rank"),
        entropy=_entropy(log, name),
        cka=change(log, name, "features.cka")[1],
        above_copy=_above_copy(log, name),
    )


def _changes(log: Log) -> tuple[int, str]:
    """How often the input changed: by the monitor's alarms, or else the script, or else the turns of phases."""
    if log.alarms:
        return len({row["day"] for row in log.alarms}), "alarms"
    if log.changes:
        return len(log.changes), "script"
    last = max((row["day"] for rows in log.stream.values() for row in rows), default=log.life.days)
    lived = log.life.phase_of_day[log.life.commissioning_days : last + 1]
    return sum(a != b for a, b in pairwise(lived.tolist())), "seasons"


def _present(log: Log, name: str) -> tuple[float | None, Estimate | None, float]:
    """How far the season at hand fell beyond the first tick, how far it was behind at the ends of visits, and at first.

    Behind the converged reference on the same phase, for phases differ in how hard they are; without one, behind its
    own best mark so far.
    """
    bank = headline_bank(log)
    days, matrix = scores(log, name, bank)
    if len(days) < 3:
        return None, None, 0.0
    marks = present(log, days, matrix)
    phase = log.life.phase_of_day[np.minimum(days, log.life.days)]
    ceiling = reference_scores(log, CEILING, bank)
    short = np.fmax.accumulate(marks) - marks if ceiling is None else ceiling[phase] - marks
    known = np.isfinite(short)  # a phase in which nothing counts has no mark
    if known.sum() < 3:
        return None, None, 0.0
    short, phase = short[known], phase[known]
    ends = [t for t in range(1, len(short)) if t + 1 == len(short) or phase[t + 1] != phase[t]]
    left = short[ends]
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    draws = left[rng.integers(0, len(left), (DRAWS, len(left)))].mean(axis=1)
    low, high = np.quantile(draws, (0.025, 0.975)) if len(left) > 2 else (None, None)
    estimate = Estimate(float(left.mean()), *(None if end is None else float(end) for end in (low, high)))
    return float(max(0.0, (short[1:] - short[0]).max())), estimate, float(max(0.0, short[0]))


def _both(log: Log, name: str, number: str) -> tuple[float, float] | None:
    first, last = change(log, name, number)
    return None if first is None or last is None else (first, last)


def _entropy(log: Log, name: str) -> tuple[float, float] | None:
    """Mean entropy of the stream's first and last tenth of days."""
    days = [row["entropy"] for row in log.stream.get(name, []) if row.get("entropy") is not None]
    tenth = max(1, len(days) // 10)
    return (float(np.mean(days[:tenth])), float(np.mean(days[-tenth:]))) if len(days) > 1 else None


def _above_copy(log: Log, name: str) -> Estimate | None:
    """The mIoU of the whole stream over that of repeating the last answer; interval by blocks of consecutive days."""
    rows = log.stream.get(name, [])
    if len(rows) < 10:
        return None
    days = np.stack([np.stack([row["confusion"], row["copy_confusion"]]) for row in rows]).astype(np.float64)
    own, copied = mean_iou(days.sum(axis=0))
    if not np.isfinite(own - copied):
        return None
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    drawn = resample_blocks(np.arange(len(days), dtype=np.float64)[:, None], rng, 200)[..., 0].astype(np.int64)
    apart = [np.subtract(*mean_iou(days[chosen].sum(axis=0))) for chosen in drawn]
    low, high = np.nanquantile(apart, (0.025, 0.975))
    return Estimate(float(own - copied), float(low), float(high))
