"""Who learns in a fleet: learners that differ in whose frames they are fed."""

from collections.abc import Sequence
from dataclasses import dataclass

SHARED, ALONE, OTHERS, DRILLED = "shared", "alone", "others", "drilled"
KINDS = {
    SHARED: "one learner, fed by all robots",
    ALONE: "every robot has a learner of its own",
    OTHERS: "one learner, fed by all robots but the one whose exam it sits",
    DRILLED: "alone, with as many steps of its weights as the shared learner makes",
}
"""The kinds of learners, in the order of tables."""


@dataclass(frozen=True)
class Pupil:
    """A learner of a fleet.

    Attributes:
        kind: one of `KINDS`.
        garden: the number of the garden whose log speaks of it; None for that of all.
        fed: numbers of the gardens whose frames it learns from, in their order.
        examined: numbers of the gardens whose exams it sits all through its life.
        steps: updates that it makes of a block.
    """

    kind: str
    garden: int | None
    fed: tuple[int, ...]
    examined: tuple[int, ...]
    steps: int = 1

    def name(self, gardens: Sequence[str]) -> str:
        """What to call it: `shared`, `alone madrid`."""
        return self.kind if self.garden is None else f"{self.kind} {gardens[self.garden]}"

    @property
    def robots(self) -> int:
        """As many robots' updates it makes in a round."""
        return max(len(self.fed), self.steps)


def roster(gardens: int, *, others: bool, drilled: bool) -> list[Pupil]:
    """All learners of a fleet, kind by kind.

    Args:
        gardens: how many there are.
        others: whether learners that miss a garden are among them.
        drilled: whether learners that make more steps are among them.

    >>> [(pupil.kind, pupil.fed) for pupil in roster(2, others=True, drilled=False)]
    [('shared', (0, 1)), ('alone', (0,)), ('alone', (1,)), ('others', (1,)), ('others', (0,))]
    """
    every = tuple(range(gardens))
    pupils = [Pupil(SHARED, None, every, every)]
    pupils += [Pupil(ALONE, i, (i,), (i,)) for i in every]
    if others:
        pupils += [Pupil(OTHERS, i, tuple(j for j in every if j != i), (i,)) for i in every]
    if drilled:
        pupils += [Pupil(DRILLED, i, (i,), (i,), steps=gardens) for i in every]
    return pupils
