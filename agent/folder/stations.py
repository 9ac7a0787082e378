"""The phases of a folder: stations of the year where it covers most of one, equal stretches of it where it does not."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

from agent.monitor.life import Life
from agent.monitor.probes import PHASES, phase_dates
from agent.monitor.scores import Phase

MOST_OF_A_YEAR_DAYS = 300
ANSWERED_FRAMES = 8  # that a stretch has at least, on average
FEWEST_ANSWERED = 4  # of a phase: one in four may be held out, and one at least is
FEWEST_SHARE = 0.25  # of what the others have on average; a phase with less would make the exam of all of them short


def phases_of(start: date, days: int, day_of_answered: Sequence[int], *, southern: bool) -> tuple[Phase, ...]:
    """The phases of a life that have answered frames.

    Args:
        start: date of its first day.
        days: its length.
        day_of_answered: of every answered frame, the day since the start.
        southern: whether summer is in January.

    Returns:
        One to eight phases, in the order in which the exam has them. A station or stretch with hardly any answered
        frames is none; its days belong to its neighbours.
    """
    if days >= MOST_OF_A_YEAR_DAYS:
        phases = _stations(start, southern=southern)
    else:
        phases = _stretches(start, days, len(day_of_answered))
    answered = np.bincount(phase_of_days(start, days, phases)[list(day_of_answered)], minlength=len(phases))
    enough = np.maximum(FEWEST_ANSWERED, FEWEST_SHARE * len(day_of_answered) / len(phases))
    kept = tuple(phase for phase, frames in zip(phases, answered, strict=True) if frames >= enough)
    return kept or (phases[int(answered.argmax())],)


def phase_of_days(start: date, days: int, phases: tuple[Phase, ...]) -> np.ndarray:
    """(days + 1,) int, the phase that each day belongs to, as the monitor has it."""
    return Life(start, days, 0, phases).phase_of_day


def _stations(start: date, *, southern: bool) -> tuple[Phase, ...]:
    """The eight stations of the year, each with the date on which it is first at its middle."""
    dates = phase_dates(start, southern=southern)
    return tuple(Phase(name, (middle,)) for (name, _, _), middle in zip(PHASES, dates, strict=True))


def _stretches(start: date, days: int, answered: int) -> tuple[Phase, ...]:
    """Up to eight equal stretches, named by their first and last days."""
    number = max(1, min(len(PHASES), days, answered // ANSWERED_FRAMES))
    edges = [start + timedelta(days=days * i // number) for i in range(number + 1)]
    found = []
    for first, after in pairwise(edges):
        last = after - timedelta(days=1)
        name = _short(first) if first == last else f"{_short(first)} – {_short(last)}"
        found.append(Phase(name, (first + (last - first) // 2,)))
    return tuple(found)


def _short(day: date) -> str:
    """
    >>> _short(date(2025, 4, 3))
    '3 Apr'
    """
    return f"{day.day} {day:%b}"
