"""Where to go and what for: ways over the map, stands to water from, places to look at.

The planner knows nothing but `Beliefs`, whoever holds them: the robot's own map, the truth, or a timetable. Ways are
shortest paths (Dijkstra, scipy's csgraph) over a grid of nodes whose edges cost what the map says. A stand is a node
and an aim; its worth is the plants that it helps, less the water lost, over the control steps that it takes.
"""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from garden_env.garden import wrap_rad
from scenarios.spec import RobotSpec

NODE_M = 0.2  # side of the planner's grid
AIMS = 24  # headings that are considered at a node,
FINE_AIMS = 72  # and where it then stands
SURELY = 0.85  # of the spray's reach and width, within which leaves belong to roots that surely get their share
REACH_SHARE = 0.95  # of that: the robot does not stop exactly where it meant to
WASTE_PER_L = 0.03  # what a litre that nobody has room for costs: some 30 of them are worth a thirsty plant
LEAST_L = 8.0  # less water than this wets no root: what is seen of a plant is less than its roots
LEAST_PLANTS = 0.3  # less than this is not worth the way
ROOM_MARKS_MM = np.array([5.0, 10.0, 20.0, 30.0, 45.0, 60.0, 90.0])  # amounts for which the loss is looked up
LOOK_FROM_M, LOOK_TO_M = 0.4, 3.0  # at what distance the camera sees a place well
LOOKOUT_NODES = 3  # it is looked from every so many nodes
LOOK_STEPS = 2.0  # what a look costs, however near
LOOK_HALF_RAD = math.radians(40.0)
SURE_FROM_M, SURE_TO_M = 0.9, 2.85  # it arrives only about where it meant to look from, and must see it even so,
SURE_HALF_BINS = 2  # or it would look there for ever


@dataclass(frozen=True)
class Beliefs:
    """What a gardener acts upon.

    Attributes:
        cost: (R, C) float64, what a metre costs in each cell of the garden; inf where it must not drive.
        cell_m: side of a cell [m].
        x_m, y_m: (K,) float64, pieces of ground on which plants grow.
        area_m2: (K,) float64, of their roots.
        wanted_mm: (K,) float64, water that each should get now; 0 for none.
        room_mm: (K,) float64, water that each could take up without loss.
        worth: (K,) float64, of watering each, in plants.
        watch_x_m, watch_y_m: (V,) float64, places to keep an eye on.
        unseen_d: (V,) float64, worth of a look at each: days since the last, by how much it matters.
    """

    cost: np.ndarray
    cell_m: float
    x_m: np.ndarray
    y_m: np.ndarray
    area_m2: np.ndarray
    wanted_mm: np.ndarray
    room_mm: np.ndarray
    worth: np.ndarray
    watch_x_m: np.ndarray
    watch_y_m: np.ndarray
    unseen_d: np.ndarray


@dataclass(frozen=True)
class Target:
    """A place to be at, and what for.

    Attributes:
        x_m, y_m: where.
        heading_rad: where to turn to, once there; None for no matter.
        litres: to spray there; 0 for none.
        worth: of the target, in its own unit: thirsty plants, or days unseen.
        way: (L, 2) float64, places passed on the way there, the first one after the start [m].
    """

    x_m: float
    y_m: float
    heading_rad: float | None
    litres: float
    worth: float
    way: np.ndarray


@njit(cache=True)
def _sum_in_cones(x_m, y_m, places_x, places_y, amounts, near_m, far_m, aims, half_bins):  # pragma: no cover
    """Sums of amounts (K, A), each in its cone of far_m and half_bins (A,), of every aim and node, (N, aims, A).

    Where the first of them is 0, so are the others.
    """
    nodes, kinds = x_m.shape[0], amounts.shape[1]
    farthest_m = far_m.max()
    total = np.zeros((nodes, aims, kinds))
    bins = np.zeros((aims, kinds))
    width = 2.0 * math.pi / aims
    for n in range(nodes):
        bins[:] = 0.0
        for k in range(places_x.shape[0]):
            east, north = places_x[k] - x_m[n], places_y[k] - y_m[n]
            squared = east * east + north * north
            if near_m * near_m <= squared <= farthest_m * farthest_m:
                index = math.floor((math.atan2(north, east) + math.pi) / width) % aims
                for a in range(kinds):
                    if squared <= far_m[a] * far_m[a]:
                        bins[index, a] += amounts[k, a]
        # an aim points between two bins: as many of them lie to its left as to its right
        for aim in range(aims):
            for a in range(kinds):
                for offset in range(-half_bins[a], half_bins[a]):
                    total[n, aim, a] += bins[(aim + offset) % aims, a]
                if a == 0 and total[n, aim, 0] <= 0.0:  # where there is nothing to gain, nobody asks for the rest
                    break
    return total


@njit(cache=True)
def _near_any(x_m, y_m, places_x, places_y, far_m):  # pragma: no cover
    """Which nodes have one of the places within reach, (N,) bool."""
    near = np.zeros(x_m.shape[0], np.bool_)
    for n in range(x_m.shape[0]):
        for k in range(places_x.shape[0]):
            if (places_x[k] - x_m[n]) ** 2 + (places_y[k] - y_m[n]) ** 2 < far_m * far_m:
                near[n] = True
                break
    return near


class Planner:
    """Plans over one garden's grid.

    Args:
        width_m, depth_m: of the garden.
        robot: its step, its spray.
    """

    def __init__(self, width_m: float, depth_m: float, robot: RobotSpec) -> None:
        self._robot = robot
        self._shape = math.ceil(depth_m / NODE_M - 1e-9), math.ceil(width_m / NODE_M - 1e-9)
        rows, columns = self._shape
        r, c = np.mgrid[:rows, :columns]
        self._x_m, self._y_m = ((c + 0.5) * NODE_M).ravel(), ((r + 0.5) * NODE_M).ravel()
        self._lookouts = np.flatnonzero(((r % LOOKOUT_NODES == 1) & (c % LOOKOUT_NODES == 1)).ravel())
        number, ends = np.arange(rows * columns).reshape(rows, columns), []
        for dr, dc in ((0, 1), (1, 0), (1, 1), (1, -1)):
            a = number[: rows - dr, max(0, -dc) : columns - max(0, dc)]
            b = number[dr:, max(0, dc) : columns + min(0, dc)]
            ends.append((a.ravel(), b.ravel(), np.full(a.size, NODE_M * math.hypot(dr, dc))))
        a, b, length_m = (np.concatenate(column) for column in zip(*ends, strict=True))
        self._from, self._to, self._length_m = np.r_[a, b], np.r_[b, a], np.r_[length_m, length_m]

    def ways(self, beliefs: Beliefs, x_m: float, y_m: float) -> "Ways":
        """The cheapest ways from a place to everywhere; from a place that must not be driven on, out of it first."""
        node_cost = self._node_cost(beliefs)
        start = self.nearest(x_m, y_m)
        weight = self._length_m * (node_cost[self._from] + node_cost[self._to]) / 2
        leaving = (self._from == start) & ~np.isfinite(node_cost[start])
        weight[leaving] = (self._length_m * node_cost[self._to])[leaving]
        open_ = np.isfinite(weight)
        graph = csr_array((weight[open_], (self._from[open_], self._to[open_])), shape=(len(node_cost),) * 2)
        far, before = dijkstra(graph, indices=start, return_predecessors=True)
        return Ways(start, far, before, np.stack([self._x_m, self._y_m], 1))

    def nearest(self, x_m: float, y_m: float) -> int:
        """The node of a place; of one outside, the nearest."""
        rows, columns = self._shape
        row, column = min(max(int(y_m / NODE_M), 0), rows - 1), min(max(int(x_m / NODE_M), 0), columns - 1)
        return row * columns + column

    def stand(self, beliefs: Beliefs, ways: "Ways", *, at_most_l: float) -> Target | None:
        """The stand at which most thirsty plants are served for the steps it takes; None if none is worth the way.

        What a cone sprays is shared by all roots in it, so all of them get what the thirsty ones want, on average.
        """
        thirsty = beliefs.wanted_mm > 0.0
        if not thirsty.any():
            return None
        robot = self._robot
        reach_m = REACH_SHARE * SURELY * robot.spray_reach_m
        open_ = np.flatnonzero(np.isfinite(ways.cost))
        near = open_[_near_any(self._x_m[open_], self._y_m[open_], beliefs.x_m[thirsty], beliefs.y_m[thirsty], reach_m)]
        if not len(near):
            return None
        thirsty_m2 = np.where(thirsty, beliefs.area_m2, 0.0)
        sums_of = [np.where(thirsty, beliefs.worth, 0.0), thirsty_m2 * beliefs.wanted_mm, thirsty_m2, beliefs.area_m2]
        sums_of += [np.minimum(beliefs.room_mm, mark_mm) * beliefs.area_m2 for mark_mm in ROOM_MARKS_MM]
        bins = AIMS * robot.spray_half_angle_deg / 360.0
        x_m, y_m, amounts = self._x_m[near], self._y_m[near], np.stack(sums_of, 1)
        others = len(sums_of) - 3  # sums in which all count that get something; in the first three those that surely do
        far_m = np.array([reach_m] * 3 + [robot.spray_reach_m] * others)
        half_bins = np.array([max(1, math.floor(SURELY * bins))] * 3 + [max(1, round(bins))] * others)
        sums = _sum_in_cones(x_m, y_m, beliefs.x_m, beliefs.y_m, amounts, 0.0, far_m, AIMS, half_bins)
        plants, wanted_l, thirsty_m2, all_m2 = np.moveaxis(sums[..., :4], -1, 0)
        mm = np.divide(wanted_l, thirsty_m2, out=np.zeros_like(wanted_l), where=thirsty_m2 > 0.0)
        given_l = np.clip(mm * all_m2, LEAST_L, at_most_l)
        taken = sums[..., 4:]
        at = np.clip(np.searchsorted(ROOM_MARKS_MM, mm), 0, len(ROOM_MARKS_MM) - 1)
        useful_l = np.take_along_axis(taken, at[..., None], 2)[..., 0]
        steps = 2.0 + ways.cost[near, None] / robot.metres_per_step + given_l / robot.flow_l_per_step
        worth = (plants - WASTE_PER_L * np.maximum(given_l - useful_l, 0.0)) / steps
        best, aim = np.unravel_index(int(worth.argmax()), worth.shape)
        if worth[best, aim] <= 0.0 or plants[best, aim] < LEAST_PLANTS:
            return None
        heading_rad = 2.0 * math.pi * int(aim) / AIMS - math.pi
        node = int(near[best])
        return ways.target(node, heading_rad, litres=float(given_l[best, aim]), worth=float(plants[best, aim]))

    def outlook(self, beliefs: Beliefs, ways: "Ways") -> Target | None:
        """The place and heading from which most is seen again that was not seen for long; None if all has been."""
        if not (beliefs.unseen_d > 0.0).any():
            return None
        open_ = self._lookouts[np.isfinite(ways.cost[self._lookouts])]
        if not len(open_):
            return None
        due = beliefs.unseen_d > 0.0
        sums = _sum_in_cones(
            self._x_m[open_], self._y_m[open_], beliefs.watch_x_m[due], beliefs.watch_y_m[due],
            beliefs.unseen_d[due, None], SURE_FROM_M, np.array([SURE_TO_M]), AIMS, np.array([SURE_HALF_BINS]),
        )[..., 0]  # fmt: skip
        worth = sums / (LOOK_STEPS + ways.cost[open_, None] / self._robot.metres_per_step)
        best, aim = np.unravel_index(int(worth.argmax()), worth.shape)
        if sums[best, aim] <= 0.0:
            return None
        return ways.target(int(open_[best]), 2.0 * math.pi * int(aim) / AIMS - math.pi, worth=float(sums[best, aim]))

    def _node_cost(self, beliefs: Beliefs) -> np.ndarray:
        """What a metre costs at every node, (N,): the mean of its cells, inf if the robot may not be in one of them."""
        fine = round(NODE_M / beliefs.cell_m)
        rows, columns = self._shape
        padded = np.full((rows * fine, columns * fine), np.inf)
        given = beliefs.cost[: rows * fine, : columns * fine]
        padded[: given.shape[0], : given.shape[1]] = given
        return padded.reshape(rows, fine, columns, fine).mean((1, 3)).ravel()


@dataclass(frozen=True)
class Ways:
    """The cheapest ways from one node to all others.

    Attributes:
        start: the node they begin at.
        cost: (N,) float64, what they cost, inf for those that cannot be reached.
        before: (N,) int, the node before each on its way.
        places_m: (N, 2) float64.
    """

    start: int
    cost: np.ndarray
    before: np.ndarray
    places_m: np.ndarray

    def target(self, node: int, heading_rad: float | None, *, litres: float = 0.0, worth: float = 0.0) -> Target:
        """A node as a target; the way to one that cannot be reached is the straight one."""
        nodes, at = [node], int(self.before[node])
        while at >= 0:
            nodes.append(at)
            at = int(self.before[at])
        way = self.places_m[nodes[::-1][1:] or nodes]
        x_m, y_m = self.places_m[node]
        return Target(float(x_m), float(y_m), heading_rad, litres, worth, way)


def dose(beliefs: Beliefs, pose: np.ndarray, robot: RobotSpec) -> tuple[float, float]:
    """What spraying from a pose would do.

    Returns:
        Litres to open the valve for, so that the thirsty in the cone get what they want, on average; and what it would
        be worth, in plants, less what would be lost.
    """
    inside = in_cone(beliefs.x_m, beliefs.y_m, pose, robot)
    thirsty = in_cone(beliefs.x_m, beliefs.y_m, pose, robot, wider=SURELY) & (beliefs.wanted_mm > 0.0)
    if not thirsty.any():
        return 0.0, 0.0
    area_m2 = beliefs.area_m2
    mm = float((beliefs.wanted_mm * area_m2)[thirsty].sum() / area_m2[thirsty].sum())
    lost_l = float((np.maximum(mm - beliefs.room_mm, 0.0) * area_m2)[inside].sum())
    return max(mm * float(area_m2[inside].sum()), LEAST_L), float(beliefs.worth[thirsty].sum()) - WASTE_PER_L * lost_l


def best_aim(beliefs: Beliefs, pose: np.ndarray, robot: RobotSpec) -> tuple[float, float]:
    """From where the robot stands, the heading to spray in [rad], and what that would be worth, as of `dose`."""
    headings_rad = pose[2] + np.linspace(-math.pi, math.pi, FINE_AIMS, endpoint=False)
    worth = [dose(beliefs, np.array([pose[0], pose[1], heading]), robot)[1] for heading in headings_rad]
    best = int(np.argmax(worth))
    return float(wrap_rad(headings_rad[best])), worth[best]


def in_cone(x_m: np.ndarray, y_m: np.ndarray, pose: np.ndarray, robot: RobotSpec, wider: float = 1.0) -> np.ndarray:
    """Which places the spray reaches from a pose, bool in their shape; `wider` by a factor than it is."""
    east_m, north_m = x_m - pose[0], y_m - pose[1]
    off_rad = np.abs((np.arctan2(north_m, east_m) - pose[2] + math.pi) % (2 * math.pi) - math.pi)
    near = np.hypot(east_m, north_m) <= wider * robot.spray_reach_m
    return near & (off_rad <= wider * math.radians(robot.spray_half_angle_deg))


def in_view(x_m: np.ndarray, y_m: np.ndarray, pose: np.ndarray) -> np.ndarray:
    """Which places the camera sees well from a pose if nothing stands before them, bool in their shape."""
    ahead_m = (x_m - pose[0]) * math.cos(pose[2]) + (y_m - pose[1]) * math.sin(pose[2])
    aside_m = (y_m - pose[1]) * math.cos(pose[2]) - (x_m - pose[0]) * math.sin(pose[2])
    far_m = np.hypot(ahead_m, aside_m)
    return (far_m >= LOOK_FROM_M) & (far_m <= LOOK_TO_M) & (np.abs(np.arctan2(aside_m, ahead_m)) <= LOOK_HALF_RAD)
