"""What a gardener asks of its mind, and the two minds that the robot is measured against.

`agent.map_mind.MapMind` is the robot: it knows its frames' recognised classes, its own senses, its clock, and what its
owner told it on the first day (how large the garden is, where the shed stands). `TrueMind` is the ideal, and
`TimetableMind` the blind one: a true map, and water for all at fixed intervals.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from agent.planner import Beliefs, in_cone
from garden_env import soil
from garden_env.garden import Garden, dock_pose
from garden_env.mortality import bedded, in_leaf
from garden_env.world import World, root_area_m2
from scenarios.spec import CameraSpec, RobotSpec
from scenarios.tables import MATERIALS

WEEKLY_MM, WEEK_D = 25.0, 7  # the blind one's rule: an inch a week
BED_COST, PLANT_COST = 12.0, 20.0  # of driving a metre over them


@dataclass(frozen=True)
class Handover:
    """All that the owner tells the robot on the first day; what it knows beyond this it has seen or felt itself.

    Attributes:
        width_m, depth_m: how large the garden is.
        dock: (3,) float64, where the shed's dock is: x [m], y [m], heading [rad].
        camera: how it is mounted, to the owner's knowledge.
        robot: what it can do.
        steps_per_day: control steps between two nights, on average.
    """

    width_m: float
    depth_m: float
    dock: np.ndarray
    camera: CameraSpec
    robot: RobotSpec
    steps_per_day: float


def hand_over(garden: Garden) -> Handover:
    """What the owner of a garden tells."""
    scenario = garden.scenario
    steps_per_day = scenario.steps_per_day / scenario.speed
    size = scenario.garden.width_m, scenario.garden.depth_m
    return Handover(*size, dock_pose(garden.layout), scenario.camera, scenario.robot, steps_per_day)


class Mind(Protocol):
    """What a gardener asks of whoever tells it about the garden."""

    def look(self, guess: np.ndarray | None, pose: np.ndarray, step: int) -> None:
        """Take in a frame, (h, w) uint8 classes or None for somebody blind, seen from the pose believed in."""
        ...

    def feel(self, wetness: float, pose: np.ndarray, step: int) -> None:
        """The probe in the nose feels how wet the ground is just ahead of the pose, 0 dry to 1 wet."""
        ...

    def bump(self, pose: np.ndarray) -> None:
        """Something stood in the way, just ahead of the pose."""
        ...

    def watered(self, pose: np.ndarray, litres: float, step: int) -> None:
        """So much was sprayed from there."""
        ...

    def refused(self, pose: np.ndarray, step: int) -> None:
        """A second look from there showed that nothing is thirsty after all."""
        ...

    def free_m(self, pose: np.ndarray, most_m: float) -> float:
        """How far one could drive straight on before something is in the way, `most_m` at most."""
        ...

    def beliefs(self, step: int) -> Beliefs:
        """What to act upon now."""
        ...


class TrueMind:
    """The ideal: where everything stands, and what every plant lacks, as it is.

    Args:
        world: lived in.
        due_share: of the readily available water, beyond which a plant is watered.
    """

    def __init__(self, world: World, *, due_share: float = 0.9) -> None:
        self._world, self._due_share = world, due_share
        self._ground = TrueGround(world.gardens[0])
        garden = world.gardens[0]
        zone = soil.root_zone([garden.layout.species[s] for s in garden.layout.plant_species], garden.scenario.soil)
        self._easy_mm = zone.taw_mm * zone.p_table

    def look(self, guess: np.ndarray | None, pose: np.ndarray, step: int) -> None:
        """It knows."""

    def feel(self, wetness: float, pose: np.ndarray, step: int) -> None:
        """It knows that, too."""

    def bump(self, pose: np.ndarray) -> None:
        """It knew."""

    def watered(self, pose: np.ndarray, litres: float, step: int) -> None:
        """It sees."""

    def refused(self, pose: np.ndarray, step: int) -> None:
        """It was right."""

    def free_m(self, pose: np.ndarray, most_m: float) -> float:
        """See `Mind.free_m`."""
        return most_m

    def beliefs(self, step: int) -> Beliefs:
        """See `Mind.beliefs`."""
        world, garden = self._world, self._world.gardens[0]
        lacking_mm = world.depletion_mm[0, : len(self._easy_mm)]
        due = (lacking_mm > self._due_share * self._easy_mm) & world.alive[0, : len(self._easy_mm)]
        due &= self._ground.bedded & in_leaf(garden.almanac, garden.layout, world.day)
        return self._ground.beliefs(np.where(due, lacking_mm, 0.0), lacking_mm)


class TimetableMind:
    """The blind one: it knows where everything stands and gives every plant an inch of water a week, all year round.

    Args:
        world: of which it reads the plan of the garden alone.
    """

    def __init__(self, world: World) -> None:
        garden = world.gardens[0]
        self._robot, self._ground = garden.scenario.robot, TrueGround(garden)
        self._steps_per_day = garden.scenario.steps_per_day / garden.scenario.speed
        self._lacking_mm = np.zeros(len(self._ground.x_m))
        self._weeks = 0

    def look(self, guess: np.ndarray | None, pose: np.ndarray, step: int) -> None:
        """It is blind."""

    def feel(self, wetness: float, pose: np.ndarray, step: int) -> None:
        """It waters in the rain as well."""

    def bump(self, pose: np.ndarray) -> None:
        """It does not mind."""

    def watered(self, pose: np.ndarray, litres: float, step: int) -> None:
        """See `Mind.watered`: all in the cone share it."""
        ground = self._ground
        inside = in_cone(ground.x_m, ground.y_m, pose, self._robot)
        got_mm = litres / max(ground.area_m2[inside].sum(), 1e-9)
        self._lacking_mm[inside] = np.maximum(self._lacking_mm[inside] - got_mm, 0.0)

    def refused(self, pose: np.ndarray, step: int) -> None:
        """It goes by its list."""
        inside = in_cone(self._ground.x_m, self._ground.y_m, pose, self._robot, wider=1.3)
        self._lacking_mm[inside] = 0.0

    def free_m(self, pose: np.ndarray, most_m: float) -> float:
        """See `Mind.free_m`."""
        return most_m

    def beliefs(self, step: int) -> Beliefs:
        """See `Mind.beliefs`; a new week begins a new round."""
        weeks = int(step / self._steps_per_day) // WEEK_D
        if weeks > self._weeks:
            self._weeks = weeks
            self._lacking_mm[:] = np.where(self._ground.bedded, WEEKLY_MM, 0.0)
        wanted_mm = np.where(self._lacking_mm > 0.2 * WEEKLY_MM, self._lacking_mm, 0.0)
        return self._ground.beliefs(wanted_mm, self._lacking_mm)


class TrueGround:
    """A garden's plan as ground to drive on and plants to water.

    Attributes:
        bedded: (P,) bool, which plants stand in beds: trees look after themselves, but drink of what they are given.
        x_m, y_m: (P,) float64, where plants stand.
        area_m2: (P,) float64, of their roots.
        cost: (R, C) float64, of a metre in every cell.
    """

    def __init__(self, garden: Garden) -> None:
        layout = garden.layout
        self.bedded = bedded(layout)
        self.x_m, self.y_m, self.area_m2 = layout.plant_x_m, layout.plant_y_m, root_area_m2(garden)
        self.cost = np.where(layout.material == MATERIALS["soil"].id, BED_COST, 1.0)
        rows, columns = layout.material.shape
        y_m, x_m = (np.mgrid[:rows, :columns] + 0.5) * layout.cell_m
        for plant_x_m, plant_y_m in zip(self.x_m[self.bedded], self.y_m[self.bedded], strict=True):
            self.cost[np.hypot(x_m - plant_x_m, y_m - plant_y_m) < 0.2] = PLANT_COST
        self.cost[layout.blocked] = np.inf
        self._cell_m = layout.cell_m

    def beliefs(self, wanted_mm: np.ndarray, room_mm: np.ndarray) -> Beliefs:
        """Beliefs about these plants; nothing needs to be looked at."""
        nowhere, worth = np.zeros(0), np.ones(len(self.x_m))
        plants = self.x_m, self.y_m, self.area_m2, wanted_mm, room_mm, worth
        return Beliefs(self.cost, self._cell_m, *plants, nowhere, nowhere, nowhere)
