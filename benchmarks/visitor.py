"""The ideal visitor: it knows where every plant stands, plans a tour that waters them all, and drives it in the world.

The plan is made on paper: few stands from which all bedded plants are reached (greedy set cover), a short tour through
them over path and lawn (nearest neighbour, then 2-opt, each stand moved to where it lies best on the way). The drive is
real: manoeuvres in a `World`, with its bumps, its spray that is shared by all plants in the cone, and its tank.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from garden_env.garden import Garden, dock_pose, wrap_rad
from garden_env.world import World
from scenarios.tables import MATERIALS

WATERED_MM = 20.0  # what a visit gives to every bedded plant: a typical readily available water
NODE_CELLS = 3  # the visitor plans on a grid this much coarser than the ground's
LONGEST_STEPS = 200  # a visit that takes longer than a day of so many steps is given up
NEARLY_MM, ARRIVED_M = 1e-6, 1e-6
DRIVE_STEPS = (1.0, 2.0, 4.0, 8.0, 1e6)  # what a stand may cost in driving, when a plan weighs it against its water


@dataclass(frozen=True)
class Visit:
    """What it took to water every bedded plant once and be back at the shed.

    Attributes:
        steps: control steps, refills included.
        bumps: manoeuvres that something stopped.
        run_over: plants driven over.
        given_l, wasted_l: water sprayed, and how much of it no plant needed [l].
    """

    steps: int
    bumps: int
    run_over: int
    given_l: float
    wasted_l: float


def visit(garden: Garden) -> Visit:
    """Water every bedded plant of a garden once: the shortest of a few plans, each driven.

    Raises:
        RuntimeError: a plant is out of every reach, or no visit ends within `LONGEST_STEPS`.
    """
    visits, trouble = [], None
    for weight in DRIVE_STEPS:
        try:
            visits.append(drive(garden, weight))
        except RuntimeError as error:  # this plan does not work out; another may
            trouble = error
    if not visits:
        raise trouble or RuntimeError("no plan was tried")
    return min(visits, key=lambda done: done.steps)


def drive(garden: Garden, drive_steps: float) -> Visit:
    """Plan and drive one visit; `drive_steps` is what the plan takes a stand to cost in driving.

    The world's day is made so long that no night falls during the visit: neither rain nor thirst come in between.
    """
    scenario = garden.scenario.model_copy(update={"steps_per_day": LONGEST_STEPS})
    world = World([replace(garden, scenario=scenario)])
    plants = bedded(garden)
    world.depletion_mm[:] = 0.0
    world.depletion_mm[0, plants] = WATERED_MM
    nodes, graph = roads(garden)
    dock = _nearest(nodes, dock_pose(garden.layout)[:2])
    reachable = np.isfinite(dijkstra(graph, indices=dock))
    driver = _Driver(world, nodes, graph)
    stands, choice = cover(world, nodes, reachable, drive_steps)
    for node, aim_rad, due in shorten(graph, dock, stands, choice, scenario.robot.metres_per_step):
        while (world.depletion_mm[0, plants[due]] > NEARLY_MM).any():
            wanted_l = _wanted_l(world, nodes[node], aim_rad, plants[due])
            if world.tank_l[0] < min(wanted_l, scenario.robot.tank_l):
                driver.go(dock)
            driver.go(node)
            driver.spray(aim_rad, plants[due])
    driver.go(dock)
    return Visit(world.steps, int(driver.bumps), int(driver.run_over), driver.given_l, driver.wasted_l)


class _Driver:
    """Drives along planned ways, manoeuvre by manoeuvre, and keeps the accounts."""

    def __init__(self, world: World, nodes: np.ndarray, graph: coo_array) -> None:
        self._world, self._nodes, self._graph = world, nodes, graph
        self._garden = world.gardens[0]
        self.bumps = self.run_over = self.given_l = self.wasted_l = 0.0

    def go(self, node: int) -> None:
        """Drive to a node, cutting corners where nothing is in between; after a bump, to the nearest node first."""
        world, robot = self._world, self._garden.scenario.robot
        start = _nearest(self._nodes, world.pose[0, :2])
        _, before = dijkstra(self._graph, indices=start, return_predecessors=True)
        way = [start, *path(before, start, node)]
        while way:
            clear = [j for j in range(len(way)) if is_clear(self._garden, world.pose[0], self._nodes[way[j]])]
            goal = max(clear, default=0)
            east_m, north_m = self._nodes[way[goal]] - world.pose[0, :2]
            distance_m = math.hypot(east_m, north_m)
            if distance_m > ARRIVED_M:
                turn_rad = wrap_rad(math.atan2(north_m, east_m) - world.pose[0, 2])
                self._act(distance_m / robot.metres_per_step, turn_rad)
            arrived = math.hypot(*(self._nodes[way[goal]] - world.pose[0, :2])) <= ARRIVED_M
            way = way[goal + 1 :] if arrived else way[max(0, goal - 1) :]

    def spray(self, aim_rad: float, due: np.ndarray) -> None:
        """Turn and spray until no due plant lacks water, or the tank is empty."""
        world, robot = self._world, self._garden.scenario.robot
        while world.tank_l[0] > NEARLY_MM and (world.depletion_mm[0, due] > NEARLY_MM).any():
            wanted_l = _wanted_l(world, world.pose[0, :2], aim_rad, due)
            turn_rad, limit_rad = wrap_rad(aim_rad - world.pose[0, 2]), math.radians(robot.turn_deg_per_step)
            turned = abs(turn_rad) <= limit_rad + 1e-9
            before_l = world.tank_l[0]
            self._act(0.0, turn_rad, wanted_l / robot.flow_l_per_step if turned else -1.0)
            self.given_l += before_l - world.tank_l[0]

    def _act(self, speed: float, turn_rad: float, valve: float = -1.0) -> bool:
        """One manoeuvre; a turn that is too wide for one is begun on the spot. Returns whether something was bumped."""
        if self._world.steps + 1 >= LONGEST_STEPS:
            raise RuntimeError(f"garden {self._garden.seed} is not watered within {LONGEST_STEPS} steps")
        turn = turn_rad / math.radians(self._garden.scenario.robot.turn_deg_per_step)
        speed = speed if abs(turn) <= 1.0 + 1e-9 else 0.0
        terms = self._world.advance(np.array([[min(speed, 1.0), np.clip(turn, -1.0, 1.0), min(valve, 1.0)]]))
        self.bumps += terms["bumps"][0]
        self.run_over += terms["plants_run_over"][0]
        self.wasted_l += terms["wasted_l"][0]
        return bool(terms["bumps"][0])


def bedded(garden: Garden) -> np.ndarray:
    """Indices of the plants that stand in beds: trees look after themselves."""
    return np.flatnonzero(garden.layout.plant_radius_m == 0.0)


def _wanted_l(world: World, place_m: np.ndarray, aim_rad: float, due: np.ndarray) -> float:
    """Litres to spray from here until the thirstiest due plant has enough: all plants in the cone take their share."""
    inside = _in_cone(world.gardens[0], place_m[None], np.array([aim_rad]))[0]
    return float(world.depletion_mm[0, due].max() * world.root_area_m2(0)[inside].sum())


def _in_cone(garden: Garden, places_m: np.ndarray, aims_rad: np.ndarray) -> np.ndarray:
    """(K, P) bool, which of all plants stand in the spray cone at K places."""
    robot, layout = garden.scenario.robot, garden.layout
    east_m, north_m = layout.plant_x_m - places_m[:, :1], layout.plant_y_m - places_m[:, 1:]
    off_rad = np.abs(np.angle(np.exp(1j * (np.arctan2(north_m, east_m) - aims_rad[:, None]))))
    return (np.hypot(east_m, north_m) <= robot.spray_reach_m) & (off_rad <= math.radians(robot.spray_half_angle_deg))


Stand = tuple[int, float, np.ndarray]  # node, aim [rad], which plants (bool) it is for


@dataclass(frozen=True)
class Choice:
    """All K places and aims that a stand can be chosen from.

    Attributes:
        node: (K,) int, where.
        aim_rad: (K,) float64, heading of the spray.
        hits: (K, B) bool, which bedded plants are in it.
        spray_steps: (K,) float64, steps of full flow until all in it have enough, those that need none included.
    """

    node: np.ndarray
    aim_rad: np.ndarray
    hits: np.ndarray
    spray_steps: np.ndarray


def cover(world: World, nodes: np.ndarray, reachable: np.ndarray, drive_steps: float) -> tuple[list[Stand], Choice]:
    """Few stands, sparing with water, from which every plant is in the spray; and all that there are to choose from."""
    garden = world.gardens[0]
    robot, layout, plants = garden.scenario.robot, garden.layout, bedded(garden)
    east_m = layout.plant_x_m[plants][None] - nodes[:, :1]
    north_m = layout.plant_y_m[plants][None] - nodes[:, 1:]
    near = (np.hypot(east_m, north_m) < 0.95 * robot.spray_reach_m) & reachable[:, None]
    bearing, half_rad = np.arctan2(north_m, east_m), math.radians(robot.spray_half_angle_deg)
    at, rim = (np.tile(found, 2) for found in np.nonzero(near))
    side = np.repeat((1.0, -1.0), len(at) // 2)
    aim_rad = bearing[at, rim] + side * 0.98 * half_rad  # with one plant near either rim of the cone
    hits = near[at] & (np.abs(np.angle(np.exp(1j * (bearing[at] - aim_rad[:, None])))) <= 0.99 * half_rad)
    water_l = (
        WATERED_MM * _in_cone(garden, nodes[at], aim_rad) @ world.root_area_m2(0)
    )  # all in the cone take their share
    spray_steps = water_l / robot.flow_l_per_step
    due, stands = np.ones(len(plants), bool), []
    while due.any():
        gains = (hits & due).sum(1)
        best = int((gains / (drive_steps + spray_steps)).argmax())
        if not gains[best]:
            raise RuntimeError(f"{due.sum()} plants of garden {garden.seed} are out of every reach")
        stands.append((int(at[best]), float(aim_rad[best]), hits[best] & due))
        due &= ~hits[best]
    return stands, Choice(at, aim_rad, hits, spray_steps)


def shorten(graph: coo_array, dock: int, stands: list[Stand], choice: Choice, metres_per_step: float) -> list[Stand]:
    """Order the stands into a short round trip, each stand moved to where it costs least, in drive and water."""
    for _ in range(3):
        stops = [dock, *(node for node, _, _ in stands)]
        stands = [stands[stop - 1] for stop in tour(dijkstra(graph, indices=stops)[:, stops])]
        for i, (_, _, due) in enumerate(stands):
            last = stands[i - 1][0] if i else dock
            following = stands[i + 1][0] if i + 1 < len(stands) else dock
            detour_m = dijkstra(graph, indices=[last, following]).sum(0)[choice.node]
            cost_steps = detour_m / metres_per_step + choice.spray_steps
            best = int(np.where((choice.hits | ~due).all(1), cost_steps, np.inf).argmin())
            stands[i] = (int(choice.node[best]), float(choice.aim_rad[best]), due)
    return stands


def tour(far_m: np.ndarray) -> list[int]:
    """A short round trip from 0 through all other rows of a matrix of distances; the order of the others."""
    order, left = [0], list(range(1, len(far_m)))
    while left:
        order.append(left.pop(int(np.argmin([far_m[order[-1], stop] for stop in left]))))
    improved = True
    while improved:
        improved = False
        for i in range(1, len(order) - 1):
            for j in range(i + 1, len(order)):
                after = order[(j + 1) % len(order)]
                gain = far_m[order[i - 1], order[i]] + far_m[order[j], after]
                gain -= far_m[order[i - 1], order[j]] + far_m[order[i], after]
                if gain > 1e-9:
                    order[i : j + 1] = order[i : j + 1][::-1]
                    improved = True
    return order[1:]


def roads(garden: Garden) -> tuple[np.ndarray, coo_array]:
    """Where the visitor may stand (K, 2) [m], on path and lawn, and the lengths of the ways between neighbours."""
    layout = garden.layout
    free = ~layout.blocked & (layout.material != MATERIALS["soil"].id)
    standing = free[NODE_CELLS // 2 :: NODE_CELLS, NODE_CELLS // 2 :: NODE_CELLS]
    number = np.full(standing.shape, -1)
    number[standing] = np.arange(standing.sum())
    r, c = np.nonzero(standing)
    nodes = (np.stack([c, r], 1) * NODE_CELLS + NODE_CELLS // 2 + 0.5) * layout.cell_m
    starts, ends, lengths = [], [], []
    for dr, dc in ((0, 1), (1, 0), (1, 1), (1, -1)):
        to_r, to_c = r + dr, c + dc
        ok = (to_r < standing.shape[0]) & (to_c >= 0) & (to_c < standing.shape[1])
        ok[ok] &= standing[to_r[ok], to_c[ok]]
        for part in range(1, 4 * NODE_CELLS):  # nothing stands between two neighbours either
            cells = [at * NODE_CELLS + NODE_CELLS // 2 + 0.5 + part * d / 4 for at, d in ((r[ok], dr), (c[ok], dc))]
            ok[ok] &= free[cells[0].astype(int), cells[1].astype(int)]
        starts.append(number[r[ok], c[ok]])
        ends.append(number[to_r[ok], to_c[ok]])
        lengths.append(np.full(ok.sum(), math.hypot(dr, dc) * NODE_CELLS * layout.cell_m))
    a, b, m = np.concatenate(starts), np.concatenate(ends), np.concatenate(lengths)
    size = len(nodes)
    return nodes, coo_array((np.r_[m, m], (np.r_[a, b], np.r_[b, a])), shape=(size, size)).tocsr()


def path(before: np.ndarray, start: int, end: int) -> list[int]:
    """The nodes from start to end, start left out."""
    nodes = []
    while end != start:
        nodes.append(end)
        end = int(before[end])
    return nodes[::-1]


def is_clear(garden: Garden, pose: np.ndarray, place: np.ndarray) -> bool:
    """Whether the straight line to a place leads over path and lawn only."""
    layout = garden.layout
    points = np.linspace(pose[:2], place, 2 + int(4 * np.hypot(*(place - pose[:2])) / layout.cell_m))
    rows, columns = (points[:, ::-1] / layout.cell_m).astype(int).T
    return not (layout.blocked[rows, columns] | (layout.material[rows, columns] == MATERIALS["soil"].id)).any()


def _nearest(nodes: np.ndarray, place: np.ndarray) -> int:
    return int(np.hypot(*(nodes - place).T).argmin())
