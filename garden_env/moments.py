"""Of when a look is: one day and hour for all that it shows, or one for each group of causes.

A garden on another date differs from itself in many ways at once. A look reads every group of them on a day of the
group's own, so that what changed between two dates can be switched one group at a time: `garden_env.causes`.
"""

from typing import NamedTuple, Self


class Days(NamedTuple):
    """The row of the almanac that each group is read from; the groups are those of `garden_env.causes.GROUPS`.

    A group that looks back (the cold of two weeks, the snow of six days) looks back from its own day.
    """

    light: int
    weather: int
    leaf_colour: int
    bloom: int
    cover: int
    geometry: int
    camera: int

    @classmethod
    def same(cls, day: int) -> Self:
        """All groups on one day.

        >>> Days.same(5).cover
        5
        """
        return cls(day, day, day, day, day, day, day)


class Hours(NamedTuple):
    """Solar time [h] of the groups that change within a day: where the sun stands, and what passes before it."""

    light: float
    weather: float

    @classmethod
    def same(cls, hour: float) -> Self:
        """Both at one hour."""
        return cls(hour, hour)
