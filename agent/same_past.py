"""Whether two scenarios are one until a day: the same garden, and the same days in it."""

from dataclasses import fields
from typing import Any

import numpy as np

from garden_env.almanac import Almanac
from garden_env.garden import Garden
from scenarios.axes import AXES
from scenarios.difference import differences
from scenarios.drift import Course
from scenarios.spec import Scenario

MAY_DIFFER = ("name", "summary", "drift", "off", "freeze", "crosses_equator")
"""What says how things go on; all else says what there is from the first day on."""


def differing_fields(first: Scenario, second: Scenario) -> list[str]:
    """The fields that make two scenarios two gardens, or two lives from the first day on, a phrase each."""
    return [
        f"{row.field} is {row.first or 'nothing'} and would be {row.second or 'nothing'}"
        for row in differences(first, second)
        if row.field.split(".")[0].split("[")[0] not in MAY_DIFFER
    ]


def differing_days(first: Garden, second: Garden, until: int) -> list[str]:
    """What is another in two gardens of one seed before a day of the life, a phrase each, scripted axes first.

    Args:
        first, second: gardens whose scenarios have no `differing_fields`.
        until: the first day on which they may differ.
    """
    ours, theirs = first.almanac, second.almanac
    told = []
    for axis in AXES:
        day = _first_other(*(_lived(almanac.course, axis, until) for almanac in (ours, theirs)))
        if day is not None:
            told.append(f"{axis} is another from {ours.date_of(day - ours.course.before)} on")
    if told:  # what they bring about need not be told, too
        return told
    for name, (a, b) in _columns(ours, theirs).items():
        day = _first_other(a[:until], b[:until])
        if day is not None:
            told.append(f"{name} is another from {ours.date_of(day)} on")
    return told


def _lived(course: Course, axis: str, until: int) -> np.ndarray:
    return course.rows(axis)[: course.before + until]


def _columns(first: Almanac, second: Almanac) -> dict[str, tuple[Any, Any]]:
    """The columns of two almanacs, side by side."""
    pairs = {entry.name: (getattr(first, entry.name), getattr(second, entry.name)) for entry in fields(Almanac)}
    return {name: pair for name, pair in pairs.items() if isinstance(pair[0], np.ndarray)}


def _first_other(first: np.ndarray, second: np.ndarray) -> int | None:
    """The first row in which two columns differ; None if none does."""
    other = (first != second).reshape(len(first), -1).any(axis=1)
    return int(other.argmax()) if other.any() else None
