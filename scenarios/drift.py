"""Change over time: events on axes, and the course that every axis takes through a life.

An event moves one axis by a shape: how much of it is in force, by day. `set` blends the axis to a value, `add` and
`scale` act on what is there. On one axis `set` events come first, in the order of their dates, then `add` and `scale`
in the order of the file; the result is held to the axis's range.
"""

import zlib
from datetime import date
from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator, model_validator

from scenarios.axes import AXES, Axis
from scenarios.names import nearest
from scenarios.part import Day, Part, problem

Days = NDArray[np.float64]
Shape = Literal["step", "ramp", "sigmoid", "window", "pulse", "cycle", "walk"]

LASTING = ("step", "ramp", "sigmoid")  # what they brought about stays
STEEPNESS = 10.0  # of a sigmoid: logistic over +-5, then stretched to reach 0 and 1


class DriftEvent(Part):
    """One change of one axis.

    Attributes:
        axis: a name of `scenarios.axes.AXES`.
        set, add, scale: exactly one: the value to go to, to add, or to multiply by.
        shape: how it comes: 'step' at once; 'ramp' in a line, 'sigmoid' gently, over `days`, all three to stay;
            'window' from `at` for `days`; 'pulse' up and down again over `days`; 'cycle' as a sine of `period_days`;
            'walk' at random about nothing (Ornstein-Uhlenbeck, unit spread, memory of `relax_days`).
        at: date on which it begins; without it, it has been so since before the life began.
        days: how long it takes or lasts.
        edge_days: of a window: days over which it opens, and closes [days].
        period_days: of a cycle.
        relax_days: of a walk.
        draw: of a walk: another number is another walk. A script walks the same way in every garden and every run.
    """

    axis: str
    set: float | None = None
    add: float | None = None
    scale: float | None = None
    shape: Shape = "step"
    at: Day | None = None
    days: Annotated[float, Field(gt=0, le=36_600)] | None = None
    edge_days: Annotated[float, Field(ge=0, le=3660)] = 0.0
    period_days: Annotated[float, Field(gt=0, le=36_600)] | None = None
    relax_days: Annotated[float, Field(gt=0, le=3660)] | None = None
    draw: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0

    @field_validator("axis")
    @classmethod
    def _known_axis(cls, name: str) -> str:
        if name not in AXES:
            raise ValueError(nearest(name, AXES, kind="axis"))
        return name

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        given = [verb for verb in ("set", "add", "scale") if getattr(self, verb) is not None]
        if len(given) != 1:
            raise ValueError(f"give exactly one of set, add, scale; given {', '.join(given) or 'none'}")
        axis = AXES[self.axis]
        if self.set is not None and not axis.low <= self.set <= axis.high:
            limits = f"{axis.low:g} to {axis.high:g} {axis.unit}".rstrip()
            raise problem(f"{self.set:g} is out of range: {axis.name} runs from {limits}", "set")
        if self.shape in ("ramp", "sigmoid", "window", "pulse") and self.days is None:
            raise ValueError(f"a {self.shape} needs days: how long it {'lasts' if self.shape == 'window' else 'takes'}")
        if self.draw and self.shape != "walk":
            raise problem(f"a {self.shape} draws nothing; only a walk has another draw", "draw")
        if self.shape == "step" and self.days is not None:
            raise problem("a step has no days: it stays; for a change that ends, use shape: window", "days")
        if self.shape in ("ramp", "sigmoid", "pulse") and self.at is None:
            raise ValueError(f"a {self.shape} needs at: the date on which it begins")
        for field, shape in (("period_days", "cycle"), ("relax_days", "walk")):
            if (getattr(self, field) is not None) != (self.shape == shape):
                wants = "needs" if self.shape == shape else "has no"
                raise ValueError(f"a {self.shape} {wants} {field}")
        if self.edge_days and self.shape != "window":
            raise problem(f"a {self.shape} has no edge_days; only a window has edges", "edge_days")
        if self.shape == "window" and self.days is not None and 2 * self.edge_days > self.days:
            fits = f"edges of {self.edge_days:g} days do not fit twice into a window of {self.days:g} days"
            raise problem(fits, "edge_days")
        if self.days is not None and self.at is None:
            raise problem("days need at: the date from which they are counted", "days")
        return self

    def begins(self, start: date) -> float:
        """The day of the life on which it begins; minus infinity if it always has been so."""
        return -np.inf if self.at is None else float((self.at - start).days)

    def moving(self, start: date) -> tuple[float, float]:
        """The days from the first on which it moves its axis to where it has done so; [begin, end)."""
        begin = self.begins(start)
        if self.shape in LASTING:
            return begin, begin + (self.days or 0.0)
        return begin, np.inf if self.days is None else begin + self.days

    def share(self, day: Days, start: date, rng: np.random.Generator) -> Days:
        """How much of the event is in force, by day.

        Args:
            day: (D,) float64, days of the life, one apart; negative before it begins.
            start: the life's first date.
            rng: for a walk.

        Returns:
            (D,) float64: 0..1; -1..1 for a cycle; without bound, spread 1, for a walk.

        >>> event = DriftEvent(axis="climate.warming_c", add=2, shape="ramp", at=date(2030, 1, 3), days=4)
        >>> event.share(np.arange(8.0), date(2030, 1, 1), np.random.default_rng(0)).tolist()
        [0.0, 0.0, 0.0, 0.25, 0.5, 0.75, 1.0, 1.0]
        """
        begin, end = self.begins(start), self.moving(start)[1]
        within = (day >= begin) & (day < end)
        if self.shape == "step":
            return (day >= begin).astype(float)
        if self.shape == "cycle":
            phase = day if np.isinf(begin) else day - begin
            return np.where(within, np.sin(2 * np.pi * phase / float(self.period_days or 1)), 0.0)
        if self.shape == "walk":
            return np.where(within, _walk(day, begin, float(self.relax_days or 1), rng), 0.0)
        if self.shape == "window" and self.days is None:
            return np.ones_like(day)
        length = float(self.days or 1)
        part = np.clip((day - begin) / length, 0.0, 1.0)
        if self.shape == "ramp":
            return part
        if self.shape == "sigmoid":
            low, high = (1 / (1 + np.exp(-STEEPNESS * (edge - 0.5))) for edge in (0.0, 1.0))
            return (1 / (1 + np.exp(-STEEPNESS * (part - 0.5))) - low) / (high - low)
        if self.shape == "pulse":
            return np.where(within, (1 - np.cos(2 * np.pi * part)) / 2, 0.0)
        if self.edge_days == 0:
            return within.astype(float)
        opened = np.clip((day - begin) / self.edge_days, 0.0, 1.0)
        return np.where(within, np.minimum(opened, np.clip((end - day) / self.edge_days, 0.0, 1.0)), 0.0)


def _walk(day: Days, begin: float, relax_days: float, rng: np.random.Generator) -> Days:
    """Ornstein-Uhlenbeck, exact at daily steps, started at 0; a longer life walks the same way at first."""
    keep = np.exp(-1.0 / relax_days)
    shocks = np.sqrt(1 - keep**2) * rng.standard_normal(len(day))
    out, value = np.zeros(len(day)), 0.0
    for i in np.flatnonzero(day > begin):
        value = keep * value + shocks[i]
        out[i] = value
    return out


class Course:
    """What every scripted axis does, day by day.

    Args:
        events: in the order of the file.
        frozen: axis name -> day of the life from which it stands still.
        start: the life's first date.
        days: rows from the first day of the life on.
        before: rows before it.

    Attributes:
        active: names of the axes that events move, in the order of `AXES`.
    """

    def __init__(
        self, events: tuple[DriftEvent, ...], frozen: dict[str, int], start: date, *, days: int, before: int
    ) -> None:
        self.days, self.before = days, before
        day = np.arange(-before, days, dtype=np.float64)
        self._columns: dict[str, Days] = {}
        for name, axis in AXES.items():
            mine = [event for event in events if event.axis == name]
            if mine:
                column = _compose(axis, mine, day, start)
                if name in frozen:
                    column[before + max(frozen[name], 0) :] = column[before + max(frozen[name], 0)]
                self._columns[name] = column
        self.active = tuple(self._columns)

    def at(self, axis: str, day: int) -> float:
        """The value of an axis on a day of the life; its default if nothing moves it.

        Raises:
            KeyError: no such axis.
        """
        column = self._columns.get(axis)
        if column is None:
            return AXES[axis].default
        return float(column[min(max(day + self.before, 0), len(column) - 1)])

    def rows(self, axis: str) -> Days:
        """The axis by day, (before + days,) float64; `before` rows come before the life's first day."""
        column = self._columns.get(axis)
        return np.full(self.before + self.days, AXES[axis].default) if column is None else column

    def moves(self, axis: str) -> bool:
        """Whether any event moves the axis."""
        return axis in self._columns


def _compose(axis: Axis, events: list[DriftEvent], day: Days, start: date) -> Days:
    value = np.full(len(day), float(axis.default))
    shares = [
        event.share(day, start, np.random.default_rng([event.draw, zlib.crc32(axis.name.encode()), k]))
        for k, event in enumerate(events)
    ]
    order = sorted((k for k, e in enumerate(events) if e.set is not None), key=lambda k: events[k].begins(start))
    for k in [*order, *(k for k, e in enumerate(events) if e.set is None)]:
        event, share = events[k], shares[k]
        if event.set is not None:
            value += share * (event.set - value)
        elif event.add is not None:
            value += share * event.add
        else:
            value *= 1 + share * (float(event.scale or 0.0) - 1)
    return np.clip(value, axis.low, axis.high)


def clash(events: tuple[DriftEvent, ...], start: date) -> tuple[int, int] | None:
    """The first two `set` events that move one axis at the same time, by their places in the file; None if none do.

    >>> a, b = (DriftEvent(axis="camera.blur_px", set=v, shape="window", at=date(2030, 5, d), days=9)
    ...         for v, d in ((1, 1), (2, 5)))
    >>> clash((a, b), date(2030, 4, 1))
    (0, 1)
    """
    for j, second in enumerate(events):
        for i, first in enumerate(events[:j]):
            if first.axis == second.axis and first.set is not None and second.set is not None:
                (a, b), (c, d) = first.moving(start), second.moving(start)
                if (a < d and c < b) or a == c:
                    return i, j
    return None
