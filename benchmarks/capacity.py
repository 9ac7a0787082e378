"""Can one robot look after the garden? For every scenario that ships, over several gardens.

Two robots are timed, neither of which looks at a picture. The *patrol* drives its round: how many days pass, at most,
before every bed has been in view again? The *ideal visitor* knows where everything is, drives shortest paths over path
and lawn, stops where its nozzle reaches plants that are due, turns to them and opens the valve, and refills at the
shed: what share of four days' steps does it need to water every bedded plant once? A third should be left.

    python benchmarks/capacity.py
"""

import math
from dataclasses import dataclass

import numpy as np
import tyro
from rich.console import Console
from rich.table import Table
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from agent.patrol import Patrol
from garden_env.garden import Garden, dock_pose, plant_garden, wrap_rad
from garden_env.world import World
from scenarios.files import library, load
from scenarios.tables import MATERIALS, SPECIES

ROUND_DAYS = 4  # the ideal visitor waters every plant once in this time
SEEN_M = 4.0  # a bed counts as seen when one of its plants is in the field of view and as near as this
PATROL_DAYS = 30
LITRES_A_SQUARE_METRE = 20.0  # what a visit gives: 20 mm, a typical readily available water
NODE_CELLS = 3  # the visitor plans on a grid this much coarser than the ground's


@dataclass(frozen=True)
class CapacityOptions:
    """Options of the benchmark."""

    gardens: int = 5
    """Gardens for every scenario."""
    first: int = 0
    """Seed of the first."""


def main(options: CapacityOptions) -> None:
    """Print one row a scenario; the worst of the gardens in each."""
    table = Table(
        "scenario",
        "garden [m]",
        "plants",
        "longest without seeing a bed [d]",
        "visitor's steps of 4 days",
        "left over",
        title=f"Worst of {options.gardens} gardens, seeds from {options.first}",
    )
    for name in library():
        scenario = load(name)
        gardens = [plant_garden(scenario, options.first + i) for i in range(options.gardens)]
        unseen_days = max(longest_unseen_days(garden) for garden in gardens)
        steps = max(visiting_steps(garden) for garden in gardens)
        budget = ROUND_DAYS * scenario.steps_per_day
        spec = scenario.garden
        table.add_row(
            name,
            f"{spec.width_m:g} x {spec.depth_m:g}",
            str(max(len(garden.layout.plant_species) for garden in gardens)),
            f"{unseen_days:.1f}",
            f"{steps} of {budget}",
            f"{1 - steps / budget:.0%}",
        )
    Console().print(table)


def bedded(garden: Garden) -> np.ndarray:
    """Indices of the plants that stand in beds: trees look after themselves."""
    return np.flatnonzero(garden.layout.plant_radius_m == 0.0)


def longest_unseen_days(garden: Garden) -> float:
    """The longest time for which some bedded plant is out of view of the patrol [d]."""
    scenario, layout = garden.scenario, garden.layout
    patrol = Patrol(layout.route, scenario.robot, np.random.default_rng([garden.seed, 3]))
    world, plants = World([garden]), bedded(garden)
    last_seen = np.zeros(len(plants))
    longest = 0.0
    half_view_rad = math.radians(scenario.camera.fov_deg) / 2
    for step in range(PATROL_DAYS * scenario.steps_per_day):
        east_m = layout.plant_x_m[plants] - world.pose[0, 0]
        north_m = layout.plant_y_m[plants] - world.pose[0, 1]
        bearing = np.angle(np.exp(1j * (np.arctan2(north_m, east_m) - world.pose[0, 2])))
        seen = (np.hypot(east_m, north_m) < SEEN_M) & (np.abs(bearing) < half_view_rad)
        longest = max(longest, float((step - last_seen).max()))
        last_seen[seen] = step
        world.advance(patrol.act(world.pose[0])[None])
    return longest / scenario.steps_per_day


def visiting_steps(garden: Garden) -> int:
    """Control steps in which an ideal visitor waters every bedded plant once and is back at the shed, refills included.

    It chooses few stands from which all plants are reached (greedy set cover), drives them in a short tour (nearest
    neighbour, then 2-opt, each stand moved to where it lies best on the way), and goes
    to the shed whenever the next stand needs more than the tank holds.
    """
    scenario, layout = garden.scenario, garden.layout
    robot, plants = scenario.robot, bedded(garden)
    sizes = np.array([SPECIES[layout.species[layout.plant_species[p]]].spread_m for p in plants])
    need_l = LITRES_A_SQUARE_METRE * np.pi / 4 * (0.8 * sizes * layout.plant_size[plants]) ** 2
    nodes, graph = roads(garden)
    dock = _nearest(nodes, dock_pose(layout)[:2])
    stands = shorten(graph, dock, *cover(garden, plants, nodes, np.isfinite(dijkstra(graph, indices=dock))))
    stops = [dock, *(node for node, _, _ in stands)]
    _, before = dijkstra(graph, indices=stops, return_predecessors=True)
    pose, tank_l, steps = dock_pose(layout), robot.tank_l, 0
    at = 0
    for stop, (node, aim, hit) in enumerate(stands, start=1):
        wanted_l = need_l[hit].sum()
        if wanted_l > tank_l:
            pose, used = follow(garden, pose, [*path(before[0], dock, stops[at])[-2::-1], dock], nodes)
            steps, tank_l, at = steps + used, robot.tank_l, 0
        pose, used = follow(garden, pose, path(before[at], stops[at], node), nodes)
        steps += used + turning_steps(pose[2], aim, robot.turn_deg_per_step)
        steps += max(1, math.ceil(wanted_l / robot.flow_l_per_step))  # the last turn is made in a step that sprays
        pose[2], tank_l, at = aim, tank_l - min(wanted_l, tank_l), stop
    _, used = follow(garden, pose, [*path(before[0], dock, stops[at])[-2::-1], dock], nodes)
    return steps + used


Stand = tuple[int, float, np.ndarray]  # node, aim [rad], which plants (bool) it is for


def cover(
    garden: Garden, plants: np.ndarray, nodes: np.ndarray, reachable: np.ndarray
) -> tuple[list[Stand], list[tuple[int, float]], np.ndarray]:
    """Few stands from which every plant is in the spray; with all aims there are, and what each of them hits."""
    robot, layout = garden.scenario.robot, garden.layout
    east_m = layout.plant_x_m[plants][None] - nodes[:, :1]
    north_m = layout.plant_y_m[plants][None] - nodes[:, 1:]
    near = (np.hypot(east_m, north_m) < 0.95 * robot.spray_reach_m) & reachable[:, None]
    bearing, half_rad = np.arctan2(north_m, east_m), math.radians(robot.spray_half_angle_deg)
    at, rim = np.nonzero(near)
    aim_rad = bearing[at, rim] + half_rad  # with one plant at the rim of the cone
    hits = near[at] & (np.abs(np.angle(np.exp(1j * (bearing[at] - aim_rad[:, None])))) <= half_rad + 1e-9)
    due, stands = np.ones(len(plants), bool), []
    while due.any():
        gains = (hits & due).sum(1)
        best = int(gains.argmax())
        if not gains[best]:
            raise RuntimeError(f"{due.sum()} plants of garden {garden.seed} are out of every reach")
        stands.append((int(at[best]), float(aim_rad[best]), hits[best] & due))
        due &= ~hits[best]
    return stands, list(zip(at.tolist(), aim_rad.tolist(), strict=True)), hits


def shorten(
    graph: coo_array, dock: int, stands: list[Stand], aims: list[tuple[int, float]], hits: np.ndarray
) -> list[Stand]:
    """Order the stands into a short round trip, and move each to where it lies best on the way."""
    at = np.array([node for node, _ in aims])
    for _ in range(3):
        stops = [dock, *(node for node, _, _ in stands)]
        stands = [stands[stop - 1] for stop in tour(dijkstra(graph, indices=stops)[:, stops])]
        for i, (_, _, due) in enumerate(stands):
            last = stands[i - 1][0] if i else dock
            following = stands[i + 1][0] if i + 1 < len(stands) else dock
            detour_m = dijkstra(graph, indices=[last, following]).sum(0)[at]
            best = int(np.where((hits | ~due).all(1), detour_m, np.inf).argmin())
            stands[i] = (aims[best][0], aims[best][1], due)
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


def follow(garden: Garden, pose: np.ndarray, way: list[int], nodes: np.ndarray) -> tuple[np.ndarray, int]:
    """Drive along the way, cutting corners where nothing is in between; returns the pose at its end, and the steps."""
    robot = garden.scenario.robot
    steps, i = 0, 0
    while i < len(way):
        seen = max(j for j in range(i, len(way)) if j == i or _free(garden, pose, nodes[way[j]]))
        east_m, north_m = nodes[way[seen]] - pose[:2]
        heading, distance_m = math.atan2(north_m, east_m), math.hypot(east_m, north_m)
        steps += 1 + turning_steps(pose[2], heading, robot.turn_deg_per_step)
        if distance_m <= robot.metres_per_step:
            pose, i = np.array([*nodes[way[seen]], heading]), seen + 1
        else:
            stride_m = robot.metres_per_step * np.array([math.cos(heading), math.sin(heading)])
            pose = np.array([*(pose[:2] + stride_m), heading])
            i = max(i, seen - 1)
    return pose, steps


def _free(garden: Garden, pose: np.ndarray, place: np.ndarray) -> bool:
    """Whether the straight line to a place leads over path and lawn only."""
    layout = garden.layout
    points = np.linspace(pose[:2], place, 2 + int(np.hypot(*(place - pose[:2])) / layout.cell_m))
    rows, columns = (points[:, ::-1] / layout.cell_m).astype(int).T
    return not (layout.blocked[rows, columns] | (layout.material[rows, columns] == MATERIALS["soil"].id)).any()


def turning_steps(heading_rad: float, wanted_rad: float, turn_deg_per_step: float) -> int:
    """Steps that only turn, before the step whose own turn does the rest."""
    return max(0, math.ceil(abs(math.degrees(wrap_rad(wanted_rad - heading_rad))) / turn_deg_per_step - 1e-9) - 1)


def _nearest(nodes: np.ndarray, place: np.ndarray) -> int:
    return int(np.hypot(*(nodes - place).T).argmin())


if __name__ == "__main__":
    main(tyro.cli(CapacityOptions))
