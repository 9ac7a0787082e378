"""What a learner of a finished run had in mind on a day: from the run's log, and seen with weights that were kept."""

from datetime import timedelta
from functools import lru_cache

from agent.past import PastError, PastRun
from agent.students import read_plan
from agent.view.counts import Counts
from agent.view.deeds import Deeds
from agent.view.diary import PRESENT, Diary
from agent.view.eyes import sight_of
from agent.view.relived import first_step_of
from garden_env.camera import Frame
from garden_env.viewer.months import MONTHS
from garden_env.viewer.state import Curve, Mind, Sight, Span
from learners.base import Learner

SETS_OPEN = 8  # nets that are kept in memory
DAYS_OPEN = 64


class Remembered:
    """The learners of a run, as they were; one is looked through at a time.

    Args:
        past: the run.
        deeds: what a person did meanwhile.
        learner: whom to begin with, if it is among them; else the last that learns.

    Attributes:
        learner: who is looked through.

    Raises:
        PastError: the log cannot be read.
    """

    def __init__(self, past: PastRun, deeds: Deeds, learner: str | None = None) -> None:
        self._past, self._deeds = past, deeds
        names = past.learners
        learning = [name for name in names if not self._never_learns(name)]
        self.learner = learner if learner in names else (learning or list(names))[-1]
        self._days = {name: past.days_kept(name) for name in names}
        self._diary = Diary(past.log)
        self._told = lru_cache(DAYS_OPEN)(self._tell)
        self._open = lru_cache(SETS_OPEN)(self._eyes)
        self._seen: tuple[object, Sight | None] = None, None
        self._counts = Counts(past, self.last_step)

    def next(self) -> str:
        """Look through the next learner of the run; returns its name."""
        names = self._past.learners
        self.learner = names[(names.index(self.learner) + 1) % len(names)]
        return self.learner

    @property
    def last_step(self) -> int:
        """The last control step of which the log knows: where the run was broken off, or the life's last."""
        log, place = self._past.log, self._past.place
        logged = [row["step"] for rows in log.stream.values() for row in rows]
        lived = place.life_steps if log.ended == "finished" else max([place.commissioning_steps, *logged])
        return min(lived, place.life_steps) - 1

    def mind(self, frame: Frame, day: int, step: int) -> Mind:
        """What the learner had in mind.

        Args:
            frame: what the robot's camera saw at this step.
            day: of the life.
            step: control step.
        """
        curves, alarms, diagnosis = self._told(self.learner, day)
        present = next((curve.values[-1] for curve in curves if curve.name == PRESENT and len(curve.values)), None)
        updates, labels = self._counts.until(step, self.learner)
        name = self._recipe(step)
        return Mind(
            learner=name if name == self.learner else f"{self.learner} as {name}",
            learning=self.learns(step),
            doing=self._doing(step, day),
            sight=self._sight(frame, day, step),
            present=float("nan") if present is None else float(present),
            curves=curves,
            alarms=alarms,
            updates=updates,
            labels=labels,
            diagnosis=diagnosis,
        )

    def learns(self, step: int) -> bool:
        """Whether the learner learned at a step."""
        return (
            step >= self._past.place.commissioning_steps
            and not self._never_learns(self._recipe(step))
            and bool(self._deeds.stood("learning", step, True))
        )

    def eyes(self, step: int, day: int) -> Learner | None:
        """Who sees as the learner saw, by the latest weights that were kept by then.

        None while nobody did, and where the weights cannot be read.
        """
        if step < self._past.place.commissioning_steps:
            return None
        found = self._opened(self._set(day))
        return None if isinstance(found, PastError) else found

    def _sight(self, frame: Frame, day: int, step: int) -> Sight | None:
        """What it saw and said."""
        key = self.learner, step
        if self._seen[0] != key:
            eyes = self.eyes(step, day)
            self._seen = key, None if eyes is None else sight_of(eyes, frame, step)
        return self._seen[1]

    def _doing(self, step: int, day: int) -> str:
        """With which weights it is seen, in words."""
        if step < self._past.place.commissioning_steps:
            return "commissioning"
        kept = self._set(day)
        found = self._opened(kept)
        if isinstance(found, PastError):
            return f"nothing to see with: {found}"
        if kept is not None:
            return f"weights of {self._date(kept)}"
        never = not self._deeds and self._never_learns(self.learner)
        return "its weights never change" if never else "the weights that it ended with"

    def _set(self, day: int) -> int | None:
        """The latest day, by this one, whose weights were kept; None where only those of the end are there."""
        days = self._days[self.learner]
        return max((kept for kept in days if kept <= day), default=days[0] if days else None)

    def _opened(self, kept: int | None) -> Learner | PastError:
        """Who sees with a set, as the recipe that learned by then."""
        step = self.last_step if kept is None else first_step_of(self._past.place.scenario, kept)
        return self._open(self.learner, kept, self._recipe(step))

    def _eyes(self, learner: str, day: int | None, recipe: str) -> Learner | PastError:
        try:
            return self._past.eyes(learner, day, recipe=recipe)
        except PastError as error:
            return error

    def _recipe(self, step: int) -> str:
        """Who stood in the learner's place by then."""
        return str(self._deeds.stood("swap", step, self.learner))

    def _tell(self, learner: str, day: int) -> tuple[tuple[Curve, ...], tuple[Span, ...], str]:
        diary = self._diary
        return diary.curves(learner, day), diary.alarms(learner, day), diary.diagnosis(learner, day)

    def _date(self, day: int) -> str:
        when = self._past.place.start + timedelta(days=day)
        return f"{when.day} {MONTHS[when.month - 1][:3]} {when.year}"

    def _never_learns(self, name: str) -> bool:
        plan = read_plan(self._past.learner_of(name))
        return plan.recipe.name == "frozen" or plan.schedule == "joint"
