"""Taking over: in the middle of a life another learner goes on where the one before stood.

It begins with the weights of the one before. A memory of the same kind is carried on as it is, and so are the moments
of the optimizer and what is on its way from the teacher; everything else it has as it would have after commissioning.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from agent.brief import Brief
from agent.enrolment import Admission, enrol
from agent.live import Student
from agent.stream import Block
from agent.students import read_plan
from learners.cost import Cost


def followed(before: Student, after: Student) -> Student:
    """Who follows, under the name of the one before; what was spent stays on the account."""
    spent = before.spent_before + before.learner.cost + after.spent_before
    return replace(after, name=before.name, spent_before=replace(spent, bytes_kept=0))


def refuse_schedule(recipe: str) -> None:
    """See that a learner can take over from another in the middle of a life.

    Raises:
        ValueError: there is no such learner, or it needs all of the life.
    """
    plan = read_plan(recipe)
    if plan.schedule != "online":
        raise ValueError(f"{plan.name} learns from all of a life at once and cannot take over in the middle of it")


class Succession:
    """One student of a fork: the old learner until the day of the fork, from then on the one that the branch is of.

    Where both are of one name nothing is done on that day: the life goes on as it would have.

    Args:
        brief: of a run that is a fork.
        name: of the branch.
        frames: of commissioning.
        lived_days: the day of the checkpoint from which it goes on; None for the beginning of the life.
    """

    def __init__(self, brief: Brief, name: str, frames: Admission, lived_days: int | None) -> None:
        assert brief.fork is not None, "the run is no fork"
        self._brief, self._name, self._frames = brief, name, frames
        self._day = brief.fork.day
        before, after = read_plan(brief.fork.learner).name, read_plan(brief.fork.branches[name]).name
        self._after = after
        self._over = before == after or (lived_days is not None and lived_days >= self._day)
        stands = after if self._over else before
        self.students = [replace(enrol(brief, stands, frames), name=name)]
        self.spent: dict[str, Any] | None = None  # by those before, once somebody has followed

    def along(self, stream: Iterable[Block]) -> Iterator[Block]:
        """Pass the blocks of the life on; before the first of the fork's day the one takes the other's place."""
        if self.spent is not None:  # set aside after the fork, and gone on with
            self.students[0] = replace(self.students[0], spent_before=Cost(**self.spent))
        for block in stream:
            if not self._over and block.day >= self._day:
                self._follow()
            yield block

    def _follow(self) -> None:
        self._over, before = True, self.students[0]
        after = enrol(self._brief, self._after, self._frames, before=before, day=self._day)
        self.students[0] = followed(before, after)
        self.spent = vars(self.students[0].spent_before).copy()
