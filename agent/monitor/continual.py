"""The continual-learning measures of a life, out of its matrix: the part `continual` of a learner's summary.

All on the bank of headlines. docs/monitor.md says how to read each of them.
"""

from dataclasses import asdict
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.monitor.anytime import (
    average_anytime,
    backward_transfer_by_phase,
    forward_transfer_by_phase,
    worst_case_by_tick,
)
from agent.monitor.frames import drawn_again
from agent.monitor.gaps import Gap, stability_gap
from agent.monitor.life import Visit
from agent.monitor.log import MINI, Log, Tick, bank_info, headline_bank
from agent.monitor.matrix import (
    CEILING,
    days_stood_for,
    first_best,
    lived,
    number,
    numbers,
    past,
    phases_of,
    reference_scores,
    scores,
)
from agent.monitor.metrics import counted
from agent.monitor.recovery import recover, restricted_mean_days
from agent.monitor.recurrence import phase_regret, savings
from agent.monitor.stability import SMOOTH_TICKS, forgetting_over_life, smooth
from agent.monitor.windows import windowed_forgetting, windowed_plasticity

Floats = NDArray[np.float64]
WINDOWS_TICKS, WINDOWS_DAYS = (10, 100), (45, 365)
BOOTSTRAP_SEED = 20300402  # fixed, so that a log has one summary


def told(log: Log, name: str) -> dict[str, Any] | None:
    """All of it; None where the learner was never examined, None inside where the life was too short to say."""
    bank = headline_bank(log)
    days, matrix = scores(log, name, bank)
    if not len(days):
        return None
    now = log.life.phase_of_day[np.minimum(days, log.life.days)]
    weights = days_stood_for(log, days)
    behind = past(log, days)
    low, worst = worst_case_by_tick(matrix, behind, now)
    backward = backward_transfer_by_phase(matrix, _left(log, days, behind[-1]))
    forward = forward_transfer_by_phase(matrix, _before(log, days), matrix[0])
    ahead = matrix[np.arange(len(days)), _next_phases(log, days)]
    ceiling = reference_scores(log, CEILING, bank)
    regret = (np.nan, np.nan) if ceiling is None else phase_regret(days, present(log, days, matrix), ceiling[now])
    return {
        "aaa": number(average_anytime(matrix, lived(log, days), weights)),
        "bwt": _mean(backward),
        "bwt_by_phase": numbers(backward),
        "fwt": _mean(forward),
        "fwt_by_phase": numbers(forward),
        "near_future": number(np.average(ahead, weights=weights)),
        "min_acc": number(low[-1]),
        "min_acc_anytime": _mean(low),
        "wc_acc": number(worst[-1]),
        "wc_acc_anytime": number(np.average(worst, weights=weights)),
        **_windows(days, matrix),
        "gaps": [_gap_row(gap) for gap in gaps(log, name)],
        "changes": changes(log, days, matrix),
        "savings": _savings(log, days, matrix),
        "regret": number(regret[1]),
        "regret_days": number(regret[0]),
        "forgotten": forgotten(log, name),
    }


def present(log: Log, days: NDArray[np.int64], matrix: Floats) -> Floats:
    """(T,) the mark on the phase at hand."""
    return matrix[np.arange(len(days)), log.life.phase_of_day[np.minimum(days, log.life.days)]]


def gaps(log: Log, name: str) -> list[Gap]:
    """What every burst did to the mean mark of the phases that were past when it began."""
    found = []
    days, matrix = scores(log, name, MINI)
    bursts = [tick.burst_day for tick in log.probes.get((name, MINI), [])]
    for begun in sorted({day for day in bursts if day is not None}):
        rows = [t for t, day in enumerate(bursts) if day == begun]
        behind = past(log, days[rows[:1]])[0] & np.isfinite(matrix[rows]).all(axis=0)
        if len(rows) > 1 and behind.any():
            found.append(stability_gap(days[rows], matrix[rows][:, behind].mean(axis=1)))
    return found


def changes(log: Log, days: NDArray[np.int64], matrix: Floats) -> dict[str, Any] | None:
    """How the mark on the season at hand took every abrupt change of the script; None where there was none.

    A change is followed until the next one, at most for 180 days. Back is who has 95 % of the mark before for three
    ticks in a row.
    """
    abrupt = sorted({change["first_day"] for change in log.changes if change.get("abrupt")})
    marks, found = present(log, days, matrix), []
    for i, day in enumerate(abrupt):
        until = min([day + 180, *abrupt[i + 1 : i + 2]])
        before, after = np.flatnonzero(days <= day), np.flatnonzero((days > day) & (days <= until))
        if len(before) and len(after):
            level = float(marks[before[-1]])
            found.append((day, recover(days[after] - day, marks[after], level=level)))
    if not found:
        return None
    waits, unknown = [r.days for _, r in found], [r.censored for _, r in found]
    return {
        "each": [{"day": int(day), **asdict(r), "told": str(r)} for day, r in found],
        "mean_days": number(restricted_mean_days(waits, unknown, max(waits))),
        "mean_depth": float(np.mean([r.depth for _, r in found])),
        "mean_area": float(np.mean([r.area for _, r in found])),
    }


def forgotten(log: Log, name: str) -> list[dict[str, Any]]:
    """By past phase what was lost from the best three ticks to the last three, with its interval over probe frames.

    `flagged` is what is hardly chance: the interval lies above 0, and the loss above what the jitter of the marks shows
    in the worst phase of 39 of 40 lives without forgetting (`noise`).
    """
    bank = headline_bank(log)
    days, matrix = scores(log, name, bank)
    ticks = log.probes.get((name, bank), [])
    behind = past(log, days) & np.isfinite(matrix).all(axis=0) if len(days) else np.zeros((0, 0), dtype=bool)
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    since = first_best(log, days)
    measured = forgetting_over_life(np.nan_to_num(matrix), since, behind, rng) if len(days) else None
    if measured is None or any(tick.packed is None for tick in ticks):
        return []
    level, class_set, rows = smooth(matrix), bank_info(log, bank).class_set, []
    kept: dict[int, NDArray[np.int64]] = {}
    for phase in np.flatnonzero(behind[-1]):
        best = int(since[phase] + level[since[phase] :, phase].argmax())
        spans = [range(max(0, end + 1 - SMOOTH_TICKS), end + 1) for end in (best, len(ticks) - 1)]
        earlier, later = (np.stack([_frames(ticks, t, kept)[phase] for t in span]) for span in spans)
        takes_part = counted(ticks[-1].confusion[phase], class_set)
        low, high = drawn_again(earlier, later, takes_part, rng)
        lost = float(measured.by_phase[phase])
        rows.append(
            {
                "phase": log.life.phases[phase].name,
                "lost": lost,
                "low": low,
                "high": high,
                "noise": measured.noise_bound,
                "flagged": bool(low > 0.0 and lost > measured.noise_bound),
            }
        )
    return rows


def _frames(ticks: list[Tick], t: int, kept: dict[int, NDArray[np.int64]]) -> NDArray[np.int64]:
    """(S, n, C, 2), unpacked once."""
    if t not in kept:
        frames = ticks[t].frames
        assert frames is not None, "the tick keeps no single frames"
        kept[t] = frames
    return kept[t]


def _windows(days: NDArray[np.int64], matrix: Floats) -> dict[str, dict[str, float | None]]:
    """WF and WP of the phase in which they are largest, by window."""
    number_of = np.arange(len(days))
    spans = [(f"ticks_{w}", number_of, w - 1) for w in WINDOWS_TICKS] + [(f"days_{w}", days, w) for w in WINDOWS_DAYS]
    both = {"wf": windowed_forgetting, "wp": windowed_plasticity}
    return {
        key: {name: _largest(measure(matrix, when, width)) for name, when, width in spans}
        for key, measure in both.items()
    }


def _savings(log: Log, days: NDArray[np.int64], matrix: Floats) -> list[dict[str, Any]]:
    """Of every phase that came again: its first complete visit beside the latest one."""
    rows = []
    for phase in phases_of(log):
        visits = [visit for visit in log.life.visits if visit.phase == phase and visit.first_day <= days[-1]]
        first = log.life.first_lived(phase)
        if first is None or not visits or visits[-1] == first:
            continue
        told = savings(*_visit(days, matrix[:, phase], first), *_visit(days, matrix[:, phase], visits[-1]))
        if told is not None:
            rows.append(
                {
                    "phase": log.life.phases[phase].name,
                    "share": told.share,
                    "first_days": str(told.first),
                    "again_days": str(told.again),
                    "first_mark": told.first_mark,
                    "again_mark": told.again_mark,
                }
            )
    return rows


def _visit(days: NDArray[np.int64], marks: Floats, visit: Visit) -> tuple[NDArray[np.int64], Floats]:
    """The ticks of a visit, from its first one on."""
    inside = np.flatnonzero((days >= visit.first_day) & (days <= visit.last_day + 1))
    return days[inside] - (days[inside[0]] if len(inside) else 0), marks[inside]


def _left(log: Log, days: NDArray[np.int64], behind: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(S,) the tick at the end of the last visit to every past phase; -1 where there is none."""
    left = np.full(len(behind), -1, dtype=np.int64)
    for phase in np.flatnonzero(behind):
        ended = [v for v in log.life.visits if v.phase == phase and v.complete and v.last_day < days[-1]]
        inside = np.flatnonzero((days >= ended[-1].first_day) & (days <= ended[-1].last_day + 1)) if ended else []
        left[phase] = inside[-1] if len(inside) else -1
    return left


def _before(log: Log, days: NDArray[np.int64]) -> NDArray[np.int64]:
    """(S,) the last tick before the first visit to every phase; -1 where it was met in commissioning, or never."""
    before = np.full(len(log.life.phases), -1, dtype=np.int64)
    for phase in phases_of(log):
        first = next((visit for visit in log.life.visits if visit.phase == phase), None)
        if first is not None and log.life.commissioning_days < first.first_day <= days[-1]:
            earlier = np.flatnonzero(days <= first.first_day)
            before[phase] = earlier[-1] if len(earlier) else -1
    return before


def _next_phases(log: Log, days: NDArray[np.int64]) -> NDArray[np.int64]:
    """(T,) the phase that follows the one at hand, in the order of the year."""
    order = [visit.phase for visit in log.life.visits]
    follows = dict(pairwise(order))
    now = log.life.phase_of_day[np.minimum(days, log.life.days)]
    return np.array([follows.get(int(phase), (int(phase) + 1) % len(log.life.phases)) for phase in now])


def _gap_row(gap: Gap) -> dict[str, Any]:
    return {**asdict(gap), "is_gap": gap.is_gap}


def _mean(values: Floats) -> float | None:
    return number(np.nanmean(values)) if np.isfinite(values).any() else None


def _largest(values: Floats) -> float | None:
    return number(np.nanmax(values)) if np.isfinite(values).any() else None
