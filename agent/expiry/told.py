"""What a run's own probes say of the shelf life of its learners: a part of `summary.json`.

Competence is mIoU on a bank's frames of the season at hand, tick by tick; the home value is the first of these, taken
before the first update. The bank is the robot's own garden, or another where that was examined more often.
"""

from typing import Any

import numpy as np

from agent.expiry.definition import Terms, expiry, smooth
from agent.monitor.log import Log
from agent.monitor.metrics import mean_iou

HOME = "home"
FEWEST_TICKS = 3  # of which a median can be taken


def told(log: Log, name: str, terms: Terms | None = None) -> dict[str, Any] | None:
    """When a learner of a run expired.

    Args:
        log: of the run, finished or not.
        name: of the learner.
        terms: what "expired" means.

    Returns:
        JSON-able: `expired`; `day` of the life and `date` on which it did, or to which it is known not to have;
        `lasted_days` from the end of commissioning to then; `returned_day` and `returned`, from when it was above the
        line again, or None; `below_since`, the day of a spell that goes on at the end and is too short to count, or
        None; `home`, `lowest` and `now`, shares of 1; `share`, `stays_days`, `bank`. None where it was examined too
        seldom, or saw nothing at home.
    """
    terms = terms or Terms()
    counts = {bank: len(log.probes.get((name, bank), [])) for bank in sorted(log.banks, key=lambda bank: bank != HOME)}
    bank = max(counts, key=lambda bank: counts[bank])  # home, where it is one of several
    ticks = log.probes.get((name, bank), [])
    if len(ticks) < FEWEST_TICKS:
        return None
    days = np.array([tick.day for tick in ticks])
    phase = log.life.phase_of_day[np.minimum(days, log.life.days)]
    levels = mean_iou(np.stack([tick.confusion[p] for tick, p in zip(ticks, phase, strict=True)]),
                      log.banks[bank].class_set)  # fmt: skip
    usable = np.isfinite(levels) & (np.diff(days, prepend=-1) > 0)
    days, levels = days[usable], levels[usable]
    if len(days) < FEWEST_TICKS or levels[0] <= 0.0:
        return None
    home = float(levels[0])
    found = expiry(days, levels, home, terms)
    level = smooth(levels, terms.smooth_ticks)
    return {
        "expired": found.expired,
        "day": found.day,
        "date": log.life.date_of(found.day).isoformat(),
        "lasted_days": found.day - log.life.commissioning_days,
        "returned_day": found.returned_day,
        "returned": None if found.returned_day is None else log.life.date_of(found.returned_day).isoformat(),
        "below_since": None if found.expired or level[-1] >= terms.share * home else found.day,
        "home": home,
        "lowest": float(level.min()),
        "now": float(level[-1]),
        "share": terms.share,
        "stays_days": terms.stays_days,
        "bank": bank,
    }
