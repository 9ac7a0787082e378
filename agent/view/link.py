"""What goes between a window's process and that of the run: wishes and commands there, glimpses back when asked for."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from garden_env.injection import Injection
from garden_env.snapshot import BY_GARDEN
from garden_env.viewer.state import Curve, Sight, Span
from garden_env.world import World


class Pipe(Protocol):
    """One end of a `multiprocessing.Pipe`."""

    def poll(self, timeout: float | None = 0.0) -> bool: ...
    def recv(self) -> Any: ...
    def send(self, obj: Any) -> None: ...


@dataclass(frozen=True)
class Ask:
    """The window wants a glimpse; it sends no other before it has come."""


@dataclass(frozen=True)
class End:
    """The run is to end, in order and with a report."""


@dataclass(frozen=True)
class Told:
    """What came of a command, to be shown."""

    message: str


@dataclass(frozen=True)
class Ended:
    """The last of a run; `folder` is None if it was over before there was anything to report."""

    folder: Path | None


@dataclass(frozen=True)
class Failed:
    """The last of a run that something went wrong in; what there was by then is in the folder, if there is one."""

    error: str
    folder: Path | None


@dataclass(frozen=True, eq=False)
class Body:
    """A world's first robot and its garden, as arrays.

    Attributes:
        steps: control steps done.
        arrays: by the names of `garden_env.snapshot.BY_GARDEN`.
        trace: (n, 4) float64, x [m], y [m], heading [rad] and tank [l] at each of the last n steps, this one the last.
        dropped: what has been dropped into the script since the last glimpse.
        odometry: (3,) float64, where the robot believes to be: x [m], y [m], heading [rad].
    """

    steps: int
    arrays: dict[str, np.ndarray]
    trace: np.ndarray
    dropped: tuple[Injection, ...]
    odometry: np.ndarray


@dataclass(frozen=True, eq=False)
class Notes:
    """What the diary says; sent when it has changed.

    Attributes:
        curves, alarms, diagnosis: as `garden_env.viewer.state.Mind` has them.
    """

    curves: tuple[Curve, ...]
    alarms: tuple[Span, ...]
    diagnosis: str


@dataclass(frozen=True, eq=False)
class Glimpse:
    """A run at a moment.

    Attributes:
        doing: what it is at, in words.
        learner: who learns.
        learning: whether it does.
        body: None before the life begins, and while it has not moved.
        sight: the latest; None where it is that of the last glimpse.
        notes: None where they are those of the last glimpse.
        memory: share of the memory's frames by season; None as above.
        present: mIoU on the frames of late; NaN where not known yet.
        updates, labels: so far.
        by_hand: whether a person drives.
        resting: whether it waits for a wish to go on.
        done: whether all steps that were asked for have been lived.
    """

    doing: str
    learner: str
    learning: bool = True
    body: Body | None = None
    sight: Sight | None = None
    notes: Notes | None = None
    memory: tuple[tuple[str, float], ...] | None = None
    present: float = float("nan")
    updates: int = 0
    labels: int = 0
    by_hand: bool = False
    resting: bool = False
    done: bool = False


@dataclass
class Tracker:
    """Where a robot was since it was last asked about.

    Args:
        most: steps that are kept.
    """

    most: int
    _rows: list[tuple[float, float, float, float]] = field(default_factory=list)

    def note(self, world: World) -> None:
        """Take down where it is; once a step."""
        x_m, y_m, heading_rad = world.pose[0]
        self._rows.append((x_m, y_m, heading_rad, world.tank_l[0]))
        if len(self._rows) > 2 * self.most:
            del self._rows[: -self.most]

    def taken(self) -> np.ndarray:
        """(n, 4), and begin anew."""
        rows, self._rows = self._rows[-self.most :], []
        return np.array(rows, float).reshape(-1, 4)


def body_of(world: World, tracker: Tracker, dropped_before: int) -> Body:
    """A world's first robot and garden as they are now.

    Args:
        world: only read.
        tracker: of its robot.
        dropped_before: how many of the events dropped into it were told before.
    """
    arrays = {name: getattr(world, name).copy() for name in BY_GARDEN}
    dropped = tuple(world.injected[dropped_before:])
    return Body(world.steps, arrays, tracker.taken(), dropped, world.odometry(0))


def put_on(world: World, body: Body) -> None:
    """Let another world, of the same garden, look as the one that the body is of; far cheaper than `World.restore`."""
    for injection in body.dropped:
        world.steps = injection.step
        world.inject(0, injection.event)
    world.steps = body.steps
    for name, array in body.arrays.items():
        getattr(world, name)[...] = array
