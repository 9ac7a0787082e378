"""Branches of a life: who goes on from which day of another run, and under which name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Self

from agent.place import Place
from agent.students import Plan, read_plan

SINCE = "-since-"  # in the name of a branch, between the learner and the month and day of the fork


@dataclass(frozen=True)
class Fork:
    """Where a life was forked, and who goes on.

    Attributes:
        run: name of the folder of the run that was forked.
        hashes: its place and sources.
        learner: who lived until then.
        at: ISO date of the fork.
        day: day of the life on whose first block the branches part.
        step: control steps lived by then; None where days have no steps.
        branches: by name, the learners that go on.
        own_script: whether they live by another script from that day on.
    """

    run: str
    hashes: Mapping[str, str]
    learner: str
    at: str
    day: int
    step: int | None
    branches: Mapping[str, str]
    own_script: bool = False

    def plan(self, name: str) -> Plan:
        """Of a branch, under its name here; of any other learner as ever."""
        if name not in self.branches:
            return read_plan(name)
        plan = read_plan(self.branches[name])
        same = plan.name == read_plan(self.learner).name
        says = (
            f"{self.learner}, lived again from {self.at} on."
            if same
            else f"{self.learner} until {self.at}, then {plan.name}."
        )
        return replace(plan, name=name, recipe=replace(plan.recipe, summary=says))

    def as_row(self) -> dict[str, Any]:
        """For the configuration of a run."""
        return vars(self) | {"hashes": dict(self.hashes), "branches": dict(self.branches)}

    def as_log(self) -> dict[str, Any]:
        """For the first row of the log."""
        return {key: value for key, value in self.as_row().items() if key not in ("hashes", "step")}

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Self:
        """From the configuration of a run.

        Raises:
            ValueError, TypeError: it is none, or names a learner that there is not.
        """
        fork = cls(**row)
        for name in fork.branches:
            fork.plan(name)
        return fork


def branch_name(learner: str, at: str) -> str:
    """What a branch is called: the learner, and the month and day from which it goes on.

    >>> branch_name("er+ewc@alarm", "2030-10-20")
    'er+ewc@alarm-since-10-20'
    """
    return f"{read_plan(learner).name}{SINCE}{at[-5:]}"


def day_of(text: str, place: Place) -> int:
    """The day of a life that somebody names.

    Args:
        text: month and day (the first such day after commissioning), a date, or the number of the day.
        place: where it is lived.

    Raises:
        ValueError: it is none of these, or no day of the life after its commissioning.
    """
    first, last = place.commissioning_days, place.days - 1
    begins, ends = (place.start + timedelta(days=day) for day in (first, last))
    if text.isascii() and text.isdecimal():
        day = int(text[:9])
    else:
        day = (_date(text, begins, ends) - place.start).days
    if day < first:
        raise ValueError(
            f"--at {text} is before {begins} (day {first}), when commissioning ends and lives begin to part"
        )
    if day > last:
        raise ValueError(f"--at {text} is after the last day of the life, {ends} (day {last})")
    return day


def _date(text: str, begins: date, ends: date) -> date:
    """The date that a text names; of a month and a day the first from `begins` on."""
    month_and_day = re.fullmatch(r"(\d{1,2})-(\d{1,2})", text)
    years = range(begins.year, ends.year + 2) if month_and_day else [None]
    for year in years:
        try:
            when = date.fromisoformat(text) if year is None else date(year, *map(int, text.split("-")))
        except ValueError:
            continue  # no such day in that year, or at all
        if year is None or when >= begins:
            return when
    raise ValueError(
        f"--at {text!r} is no day between {begins} and {ends}; give month and day as 10-20, a date as {ends}, or the "
        "number of a day of the life"
    )
