"""Looks at another day: a click on the calendar and the keys for seasons and weeks go there, and life goes on."""

from garden_env.viewer.keys import Command
from garden_env.viewer.state import Course

BY_DAY = ("jump", "season_back", "season_on", "day_back", "day_on")
NUDGE_DAYS = 7


def day_of(command: Command, course: Course, day: int) -> int:
    """Which day one of the commands `BY_DAY` means.

    Args:
        command: a jump says the day itself; a season back goes to the first day of this one, or else of the one before.
        course: the life.
        day: from where.

    >>> from garden_env.viewer.state import Span
    >>> import types
    >>> course = types.SimpleNamespace(days=100, seasons=(Span("spring", 0, 49), Span("summer", 50, 99)))
    >>> [day_of(Command(name), course, 60) for name in BY_DAY[1:]]
    [50, 99, 53, 67]
    """
    if command.name == "jump":
        assert isinstance(command.value, int), "a jump goes to a day"
        return command.value
    firsts = [span.first_day for span in course.seasons]
    if command.name == "season_back":
        return max((first for first in firsts if first < day), default=0)
    if command.name == "season_on":
        return min((first for first in firsts if first > day), default=course.days - 1)
    nudged = day + (NUDGE_DAYS if command.name == "day_on" else -NUDGE_DAYS)
    return min(max(nudged, 0), course.days - 1)
