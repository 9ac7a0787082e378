"""The learner of a life that somebody watches: put to sleep, woken, or followed by another with the same weights."""

from dataclasses import replace

from agent.enrolment import Admission
from agent.live import Student
from agent.onlooker import Enrol
from agent.schedules import Answering
from agent.succession import followed, refuse_schedule
from learners.weight_files import WeightsError


class Asleep(Answering):
    """Any learner while it does not learn: it predicts as it did, and forgets what it is offered."""


class Pupil:
    """Who stands in the only place of a life's list of students. As long as nobody asks for anything, nothing is done.

    The name under which it is examined stays that of the first, whoever follows.

    Args:
        students: the list; one is in it.
        frames: of commissioning, with which the memory of whoever follows begins.
        enrol: makes another student.

    Attributes:
        recipe: of whoever stands there now.
    """

    def __init__(self, students: list[Student], frames: Admission, enrol: Enrol) -> None:
        assert len(students) == 1, f"one learner is watched at a time, not {len(students)}"
        self._students, self._frames, self._enrol = students, frames, enrol
        self.recipe = students[0].name

    @property
    def student(self) -> Student:
        """Whoever stands there now."""
        return self._students[0]

    @property
    def learning(self) -> bool:
        """Whether it is awake."""
        return not isinstance(self.student.learner, Asleep)

    @property
    def updates(self) -> int:
        """Made so far, by all who stood there."""
        return self.student.spent_before.updates + self.student.learner.cost.updates

    @property
    def labels(self) -> int:
        """Answered frames that all who stood there have been shown since commissioning."""
        return self.student.spent_before.labelled_frames + self.student.learner.cost.labelled_frames

    def set_learning(self, learning: bool) -> None:
        """Wake it, or put it to sleep."""
        if learning == self.learning:
            return
        inner = self.student.learner
        self._students[0] = replace(self.student, learner=inner.trained if isinstance(inner, Asleep) else Asleep(inner))

    def follow(self, recipe: str, weights: str) -> None:
        """Let another take over, with weights that have been written; its memory begins with the frames of
        commissioning, and it is awake. What was spent stays on the account.

        Raises:
            ValueError: there is no such recipe, or its net has no place for these weights.
        """
        refuse_schedule(recipe)
        before = self.student
        try:
            after = self._enrol(recipe, self._frames, weights=weights)
        except WeightsError as error:
            raise ValueError(
                f"{recipe} cannot go on from {self.recipe}: their nets are not of one shape; try another learner"
            ) from error
        self._students[0] = followed(before, after)
        self.recipe = after.name
