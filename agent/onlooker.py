"""Who sits beside a run while it goes on: a window, and the hands at it. A run without one is the same, bit for bit."""

from collections.abc import Callable
from typing import Protocol

from agent.enrolment import Admission
from agent.live import Student
from agent.place import Stream

Stop = Callable[[], bool]


class Onlooker(Protocol):
    """Sees a run from within. As long as it touches nothing, it changes nothing.

    It lives in the run's own process, so a run with one has no others (`workers` = 0). What the tasks tell it hears
    like everybody, as the run's `Watcher`.
    """

    def may_end(self, end: Callable[[], None]) -> None:
        """Take a way to end the run in order, with a report, as the first Ctrl-C would."""
        ...

    def stream(self, stream: Stream) -> Stream:
        """The life, as it is to be lived: the same, but that the onlooker is asked before every control step."""
        ...

    def students(self, students: list[Student], frames: Admission, enrol: "Enrol", stop: Stop) -> None:
        """Those who live it. Whoever is put in another's place in the list learns from the next block on.

        Args:
            students: the list that the life goes by.
            frames: of commissioning.
            enrol: makes another student out of the name of a recipe, and of that of the weights to begin with.
            stop: whether the run is to end.
        """
        ...


class Enrol(Protocol):
    """`agent.enrolment.enrol`, for one run."""

    def __call__(self, name: str, frames: Admission, *, weights: str = "commissioned") -> Student: ...
