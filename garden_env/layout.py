"""Where things stand: a garden planned from a seed.

A garden is a ring path with beds on both sides of it, lawn, a pond, trees, a shed to refill at, and something around
it all. World frame: x to the right, y up, metres; heading 0 looks along +x and turns counter-clockwise, radians.
"""

import copy
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from garden_env.arrivals import Arrivals, foresee
from garden_env.plants import PROP_NAMES
from scenarios.spec import GardenSpec
from scenarios.tables import MATERIALS, SPECIES

CELL_M = 0.05
LAWN, SOIL, PATH, WATER, STONE = (MATERIALS[name].id for name in ("lawn", "soil", "path", "water", "stone"))

WALL_KINDS = ("fence", "hedge", "brick", "boards", "door")
FENCE, HEDGE, BRICK, BOARDS, DOOR = range(5)
PROP_SIZES_M = {  # of what `garden_env.plants.PROPS` can draw: heights [m], and width over height
    "pot": (0.28, 0.5, 0.8), "stone": (0.18, 0.42, 1.0), "can": (0.26, 0.32, 0.8), "bucket": (0.25, 0.34, 0.8),
    "gnome": (0.35, 0.5, 0.5), "lantern": (0.4, 0.7, 0.45),
}  # fmt: skip
OFTEN = {"pot": 3.0, "stone": 3.0}  # how often a kind is chosen; the others 1

PATH_HALF_M = 0.38  # half the width of the ring path
BED_FROM_M, BED_TO_M = 0.5, 1.3  # beds lie this far from the middle of the path
SOLID_FROM_ROUTE_M = 0.4  # nothing solid comes closer to the patrol's line than this
TREE_FORMS = ("tree", "conifer")
NOT_BEDDED_FORMS = ("grass", *TREE_FORMS)


@dataclass(frozen=True, eq=False)
class Layout:
    """A garden's plan. P plants, W wall faces, Q props, (R, C) cells: row = y / cell, column = x / cell.

    Attributes:
        material: (R, C) uint8, a code of `scenarios.tables.MATERIALS`.
        zone: (R, C) int16, the plant whose root zone holds the cell's soil, else -1.
        species: names; `plant_species` (P,) int16 indexes them.
        plant_x_m, plant_y_m: (P,) float64, where the stem stands.
        plant_size: (P,) float64, share of the species' height and spread.
        plant_shift_days: (P,) int64, days by which the plant is early (positive) or late.
        plant_variant, plant_seed: (P,) int64, which sprite, and a number of its own for mirrored looks and tints.
        plant_radius_m: (P,) float64, what cannot be driven over; 0 for everything but trees.
        wall_x0_m .. wall_y1_m: (W,) float64, a face's ends; `wall_height_m` (W,) at the first end, `wall_rise_m`
            (W,) how much higher it is at the second.
        wall_kind: (W,) int64, index of `WALL_KINDS`; `wall_seed` (W,) int64 tints it.
        prop_x_m .. prop_radius_m: (Q,) pots and stones; `prop_kind` (Q,) int64 indexes `garden_env.plants.PROP_NAMES`,
            whose first are those of `PROP_SIZES_M`.
        dock_x_m, dock_y_m, dock_heading_rad: where the robot refills, facing the shed's door.
        route: (K, 2) float64 [m], a closed patrol (the last point joins the first) that passes every bed.
        blocked: (R, C) bool, where the robot's centre cannot be. Beds are not blocked: driving over them costs.
        arrivals: what a script may bring in later.
    """

    width_m: float
    depth_m: float
    cell_m: float
    material: np.ndarray
    zone: np.ndarray
    species: tuple[str, ...]
    plant_species: np.ndarray
    plant_x_m: np.ndarray
    plant_y_m: np.ndarray
    plant_size: np.ndarray
    plant_shift_days: np.ndarray
    plant_variant: np.ndarray
    plant_seed: np.ndarray
    plant_radius_m: np.ndarray
    wall_x0_m: np.ndarray
    wall_y0_m: np.ndarray
    wall_x1_m: np.ndarray
    wall_y1_m: np.ndarray
    wall_height_m: np.ndarray
    wall_rise_m: np.ndarray
    wall_kind: np.ndarray
    wall_seed: np.ndarray
    prop_x_m: np.ndarray
    prop_y_m: np.ndarray
    prop_kind: np.ndarray
    prop_height_m: np.ndarray
    prop_radius_m: np.ndarray
    dock_x_m: float
    dock_y_m: float
    dock_heading_rad: float
    route: np.ndarray
    blocked: np.ndarray
    arrivals: Arrivals

    @property
    def drawn_species(self) -> tuple[str, ...]:
        """Species of which sprites are needed: those planted, then the newcomers'."""
        return (*self.species, self.arrivals.species)


class DoesNotFit(Exception):
    """This draw of a plan has no room for something; another draw may."""


def plan_garden(spec: GardenSpec, rng: np.random.Generator, *, clearance_m: float = 0.2, attempts: int = 60) -> Layout:
    """Plan a garden.

    Args:
        spec: what is planted and built, and how large it is.
        rng: draws the plan; the same state gives the same garden, bit for bit.
        clearance_m: radius of the robot, by which solid things are widened in `blocked` [m].
        attempts: plans to try before giving up.

    Returns:
        The plan.

    Raises:
        ValueError: nothing fits into so small a garden.
    """
    trouble = ""
    for _ in range(attempts):
        try:
            return _Plan(spec, rng, clearance_m).finish()
        except DoesNotFit as error:
            trouble = str(error)
    raise ValueError(
        f"a garden of {spec.width_m:g} x {spec.depth_m:g} m has no room for {trouble} (beds={spec.beds}, "
        f"plants_per_bed={spec.plants_per_bed}, trees={spec.trees}, props={spec.props}); ask for less or enlarge it"
    )


def sample_pose(layout: Layout, rng: np.random.Generator) -> tuple[float, float, float]:
    """Draw a place on drivable ground, outside the beds, and a heading.

    Returns:
        x [m], y [m], heading [rad].
    """
    rows, cols = np.nonzero(~layout.blocked & (layout.material != SOIL))
    pick = rng.integers(len(rows))
    along, up = rng.random(2)
    x_m, y_m = (cols[pick] + along) * layout.cell_m, (rows[pick] + up) * layout.cell_m
    return float(x_m), float(y_m), float(rng.uniform(-np.pi, np.pi))


def ring(width_m: float, depth_m: float, rng: np.random.Generator) -> np.ndarray:
    """Draw a closed, smooth path: a superellipse with dents.

    Returns:
        (K, 2) float64, points 0.1 m apart or so [m].
    """
    half = np.array([width_m, depth_m]) / 2 - rng.uniform(1.5, 1.75)
    angle = np.linspace(0, 2 * np.pi, 721)[:-1]
    power = 2.0 / rng.uniform(2.0, 3.6)
    dent = np.zeros_like(angle)
    for lobes in (1, 2, 3, 4):
        dent += rng.uniform(0, 0.14 / lobes**0.5) * (1 + np.cos(lobes * angle + rng.uniform(0, 2 * np.pi))) / 2
    cos, sin = np.cos(angle), np.sin(angle)
    unit = np.stack([np.sign(cos) * np.abs(cos) ** power, np.sign(sin) * np.abs(sin) ** power], 1)
    loop = np.array([width_m, depth_m]) / 2 + half * unit * (1 - dent)[:, None]
    loop = ndimage.gaussian_filter1d(loop, 18, axis=0, mode="wrap")
    return resample(loop, 0.1)


def resample(loop: np.ndarray, step_m: float) -> np.ndarray:
    """Space the points of a closed line evenly, about `step_m` apart."""
    closed = np.vstack([loop, loop[:1]])
    arc = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    at = np.linspace(0, arc[-1], max(8, round(arc[-1] / step_m)) + 1)[:-1]
    return np.stack([np.interp(at, arc, closed[:, 0]), np.interp(at, arc, closed[:, 1])], 1)


def away_m(mask: np.ndarray) -> np.ndarray:
    """Distance of every cell to the nearest marked one [m]; a mask without marks is far from everything."""
    if not mask.any():
        return np.full(mask.shape, np.inf)
    return np.asarray(ndimage.distance_transform_edt(~mask)) * CELL_M


class _Plan:
    """A plan in the making, on a raster; each step marks what it has taken."""

    def __init__(self, spec: GardenSpec, rng: np.random.Generator, clearance_m: float) -> None:
        self.spec, self.rng, self.clearance_m = spec, rng, clearance_m
        rows, cols = round(spec.depth_m / CELL_M), round(spec.width_m / CELL_M)
        self.x_m, self.y_m = np.meshgrid((np.arange(cols) + 0.5) * CELL_M, (np.arange(rows) + 0.5) * CELL_M)
        self.material = np.full((rows, cols), LAWN, np.uint8)
        self.zone = np.full((rows, cols), -1, np.int16)
        self.solid = np.zeros((rows, cols), bool)
        self.taken = np.zeros((rows, cols), bool)  # solid things, water, beds: no room for more
        self.from_edge_m = np.minimum(
            np.minimum(self.x_m, spec.width_m - self.x_m), np.minimum(self.y_m, spec.depth_m - self.y_m)
        )
        self.plants: list[tuple[int, float, float, float]] = []  # species, x, y, solid radius
        self.walls: list[tuple[float, float, float, float, float, float, int, int]] = []
        self.props: list[tuple[float, float, int, float, float]] = []

    def finish(self) -> Layout:
        self.lay_path()
        self.build_boundary()
        self.build_shed()
        if self.spec.pond:
            self.dig_pond()
        self.dig_beds()
        self.plant_trees()
        self.put_props()
        return self.freeze()

    def lay_path(self) -> None:
        self.loop = ring(self.spec.width_m, self.spec.depth_m, self.rng)
        self.path_material = (PATH, STONE)[int(self.rng.random() < 0.3)]
        mark = np.ones_like(self.solid)
        index = (self.loop / CELL_M).astype(int)
        mark[index[:, 1], index[:, 0]] = False
        nearest = np.asarray(ndimage.distance_transform_edt(mark, return_distances=False, return_indices=True))
        order = np.zeros(mark.shape, int)
        order[index[:, 1], index[:, 0]] = np.arange(len(index))
        self.arc = order[nearest[0], nearest[1]]  # which point of the loop is nearest
        self.from_route_m = np.hypot(self.x_m - self.loop[self.arc, 0], self.y_m - self.loop[self.arc, 1])
        ahead, here = np.roll(self.loop, -1, 0)[self.arc], self.loop[self.arc]
        turn = (ahead - here)[..., 0] * (self.y_m - here[..., 1]) - (ahead - here)[..., 1] * (self.x_m - here[..., 0])
        self.inside = turn > 0
        half_m = PATH_HALF_M + self.rng.uniform(-0.06, 0.06)
        self.material[self.from_route_m < half_m] = self.path_material

    def build_boundary(self) -> None:
        width, depth = self.spec.width_m, self.spec.depth_m
        corners = [(0.0, 0.0), (width, 0.0), (width, depth), (0.0, depth)]
        main, other = self.rng.permutation([FENCE, HEDGE, BRICK])[:2]
        height = {
            FENCE: self.rng.uniform(1.2, 1.8),
            HEDGE: self.rng.uniform(1.1, 1.7),
            BRICK: self.rng.uniform(1.2, 1.7),
        }
        seed = int(self.rng.integers(1 << 16))
        for side in range(4):
            kind = int(other if self.rng.random() < 0.35 else main)
            (x0, y0), (x1, y1) = corners[side], corners[(side + 1) % 4]
            self.walls.append((x0, y0, x1, y1, height[kind], 0.0, kind, seed + kind))
        self.taken |= self.from_edge_m < 0.1
        self.solid |= self.from_edge_m < CELL_M

    def build_shed(self) -> None:
        """Put a shed with a pent roof into a corner, its door towards the path, and pave the way to it."""
        width, depth = self.spec.width_m, self.spec.depth_m
        for corner in self.rng.permutation(4):
            size = self.rng.uniform((1.3, 1.1), (1.8, 1.4))
            left, low = corner % 2 == 0, corner // 2 == 0
            x0 = 0.12 if left else width - 0.12 - size[0]
            y0 = 0.12 if low else depth - 0.12 - size[1]
            x1, y1 = x0 + size[0], y0 + size[1]
            covered = (self.x_m > x0) & (self.x_m < x1) & (self.y_m > y0) & (self.y_m < y1)
            if self.from_route_m[covered].min() > SOLID_FROM_ROUTE_M + 0.1:
                break
        else:
            raise DoesNotFit("a shed")
        back, front, seed = self.rng.uniform(1.75, 1.9), self.rng.uniform(2.0, 2.25), int(self.rng.integers(1 << 16))
        ends = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
        side = (2 if low else 0) if self.rng.random() < 0.5 else (1 if left else 3)  # the face with the door
        tall = {side, (side + 1) % 4}
        for face in range(4):
            h0, h1 = (front if end % 4 in tall else back for end in (face, face + 1))
            kind = DOOR if face == side else BOARDS
            (wx0, wy0), (wx1, wy1) = ends[face], ends[(face + 1) % 4]
            self.walls.append((wx0, wy0, wx1, wy1, h0, h1 - h0, kind, seed))
        self.solid |= covered
        self.taken |= (self.x_m > x0 - 0.15) & (self.x_m < x1 + 0.15) & (self.y_m > y0 - 0.15) & (self.y_m < y1 + 0.15)
        outward = np.array([(0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)][side])
        door = (np.array(ends[side]) + np.array(ends[(side + 1) % 4])) / 2
        self.dock = door + 0.55 * outward
        self.dock_heading_rad = float(np.arctan2(-outward[1], -outward[0]))
        self._pave_to_dock()

    def _pave_to_dock(self) -> None:
        goal = self.loop[np.argmin(np.hypot(*(self.loop - self.dock).T))]
        along = goal - self.dock
        length = max(float(np.hypot(*along)), 1e-6)
        t = ((self.x_m - self.dock[0]) * along[0] + (self.y_m - self.dock[1]) * along[1]) / length**2
        t = np.clip(t, 0, 1)
        off_m = np.hypot(self.x_m - self.dock[0] - t * along[0], self.y_m - self.dock[1] - t * along[1])
        patio_m = np.maximum(np.abs(self.x_m - self.dock[0]), np.abs(self.y_m - self.dock[1]))
        spur = ((off_m < 0.34) | (patio_m < 0.5)) & ~self.solid
        self.material[spur & (self.material == LAWN)] = STONE if self.path_material == PATH else PATH
        self.taken |= (off_m < 0.42) | (patio_m < 0.55)

    def _free_spot(self, radius_m: float, from_route_m: float, what: str, near: np.ndarray | None = None) -> np.ndarray:
        """Draw a cell whose disc of `radius_m` is free and keeps its distance from the patrol's line."""
        room_m = away_m(self.taken)
        fits = (room_m > radius_m) & (self.from_route_m > from_route_m + radius_m) & (self.from_edge_m > radius_m + 0.1)
        if near is not None:
            fits &= near
        rows, cols = np.nonzero(fits)
        if not len(rows):
            raise DoesNotFit(what)
        pick = self.rng.integers(len(rows))
        return np.array([self.x_m[rows[pick], cols[pick]], self.y_m[rows[pick], cols[pick]]])

    def dig_pond(self) -> None:
        for radius_m in (self.rng.uniform(0.6, 0.95), 0.55, 0.45):
            try:
                spot = self._free_spot(radius_m, SOLID_FROM_ROUTE_M + 0.1, "a pond")
                break
            except DoesNotFit:
                continue
        else:
            raise DoesNotFit("a pond")
        angle = np.arctan2(self.y_m - spot[1], self.x_m - spot[0])
        edge_m = radius_m * (1 - 0.12 * (1 + np.cos(2 * angle + self.rng.uniform(0, 7))) / 2
                             - 0.1 * (1 + np.cos(3 * angle + self.rng.uniform(0, 7))) / 2)  # fmt: skip
        from_middle_m = np.hypot(self.x_m - spot[0], self.y_m - spot[1])
        water = from_middle_m < edge_m
        rim = (from_middle_m < edge_m + 0.12) & ~water
        self.material[rim & (self.material == LAWN)] = STONE
        self.material[water] = WATER
        self.solid |= water
        self.taken |= from_middle_m < edge_m + 0.3

    def dig_beds(self) -> None:
        """Dig beds along both sides of the path and plant them, low plants in front."""
        names = [i for i, name in enumerate(self.spec.species) if SPECIES[name].form not in NOT_BEDDED_FORMS]
        if not names:
            return
        beds, loop = self.spec.beds, len(self.loop)
        kinds_each = min(len(names), max(2, -(-len(names) // beds)))
        cycle = np.concatenate([self.rng.permutation(names) for _ in range(beds * kinds_each // len(names) + 2)])
        offset = self.rng.integers(loop)
        for bed in range(beds):
            kinds = list(dict.fromkeys(cycle[bed * kinds_each : (bed + 1) * kinds_each].tolist()))
            middle = int(offset + loop * (bed + self.rng.uniform(-0.15, 0.15)) / beds)
            self._dig_bed(middle, kinds, spread=max(beds, 2))

    def _dig_bed(self, middle: int, kinds: list[int], spread: int) -> None:
        loop = len(self.loop)
        half_m = self.rng.uniform(0.6, 0.95)
        round_end = self.rng.random() < 0.5
        inside_first = bool(self.rng.random() < 0.5)
        for shift in (0, 6, -6, 12, -12, 18, -18, 24, -24):
            for inner in (inside_first, not inside_first):
                away = (self.arc - middle - shift + loop // 2) % loop - loop // 2
                along_m = np.abs(away) * 0.1
                deep_m = self.from_route_m - BED_FROM_M
                depth_m = BED_TO_M - BED_FROM_M
                if round_end:
                    region = (along_m / half_m) ** 2 + ((deep_m - depth_m / 2) / (depth_m / 2)) ** 2 < 1
                else:
                    region = (along_m < half_m) & (deep_m > 0) & (deep_m < depth_m)
                region &= (self.inside == inner) & ~self.taken
                spots = self._scatter(region)
                if spots is None:
                    continue
                self._plant(region, spots, kinds)
                return
        raise DoesNotFit("a bed")

    def _scatter(self, region: np.ndarray) -> np.ndarray | None:
        """Draw well-spaced places in a bed, or None when it is too small."""
        count = self.spec.plants_per_bed
        rows, cols = np.nonzero(ndimage.binary_erosion(region, iterations=3))
        if len(rows) < 20 * count:
            return None
        places = np.stack([self.x_m[rows, cols], self.y_m[rows, cols]], 1)
        for spacing_m in np.arange(0.6, 0.2, -0.04):
            chosen: list[np.ndarray] = []
            for place in places[self.rng.permutation(len(places))[:300]]:
                if all(np.hypot(*(place - other)) > spacing_m for other in chosen):
                    chosen.append(place)
                if len(chosen) == count:
                    return np.array(chosen)
        return None

    def _plant(self, region: np.ndarray, spots: np.ndarray, kinds: list[int]) -> None:
        self.material[region] = SOIL
        self.taken |= ndimage.binary_dilation(region, iterations=3)
        cells = (spots / CELL_M).astype(int)
        back_first = np.argsort(-self.from_route_m[cells[:, 1], cells[:, 0]], kind="stable")
        tall_first = sorted(kinds, key=lambda kind: -SPECIES[self.spec.species[kind]].height_m)
        first = len(self.plants)
        for place, spot in enumerate(back_first):
            kind = tall_first[place * len(tall_first) // len(spots)]
            self.plants.append((kind, float(spots[spot, 0]), float(spots[spot, 1]), 0.0))
        stood = np.array([plant[1:3] for plant in self.plants[first:]])
        distance = np.hypot(self.x_m[region][:, None] - stood[:, 0], self.y_m[region][:, None] - stood[:, 1])
        self.zone[region] = first + np.argmin(distance, axis=1)

    def plant_trees(self) -> None:
        kinds = [i for i, name in enumerate(self.spec.species) if SPECIES[name].form in TREE_FORMS]
        if not kinds:
            return
        for tree in range(self.spec.trees):
            kind = kinds[tree % len(kinds)]
            conifer = SPECIES[self.spec.species[kind]].form == "conifer"
            radius_m = 0.3 if conifer else float(self.rng.uniform(0.1, 0.15))
            spot = self._free_spot(radius_m + 0.2, SOLID_FROM_ROUTE_M - 0.1, "a tree")
            away_m = np.hypot(self.x_m - spot[0], self.y_m - spot[1])
            disc = (away_m < radius_m + 0.18) & (self.material == LAWN)
            self.material[disc] = SOIL
            self.zone[disc] = len(self.plants)
            self.solid |= away_m < radius_m
            self.taken |= away_m < 1.0
            self.plants.append((kind, float(spot[0]), float(spot[1]), radius_m))

    def put_props(self) -> None:
        weight = np.array([OFTEN.get(name, 1.0) for name in PROP_SIZES_M])
        for _ in range(self.spec.props):
            kind = int(self.rng.choice(len(weight), p=weight / weight.sum()))
            low, high, slim = PROP_SIZES_M[PROP_NAMES[kind]]
            height_m = float(self.rng.uniform(low, high))
            radius_m = height_m * slim / 2
            spot = self._free_spot(radius_m, SOLID_FROM_ROUTE_M, "pots and stones")
            away_m = np.hypot(self.x_m - spot[0], self.y_m - spot[1])
            self.solid |= away_m < radius_m
            self.taken |= away_m < radius_m + 0.25
            self.props.append((float(spot[0]), float(spot[1]), kind, height_m, radius_m))

    def freeze(self) -> Layout:
        count = len(self.plants)
        plants = np.array(self.plants, float).reshape(-1, 4)
        walls = np.array(self.walls, float).reshape(-1, 8)
        props = np.array(self.props, float).reshape(-1, 5)
        blocked = away_m(self.solid) <= self.clearance_m
        sizes, shifts = self.rng.uniform(0.8, 1.2, count), self.rng.integers(-5, 6, count)
        variants, seeds = self.rng.integers(0, 3, count), self.rng.integers(0, 1 << 16, count)
        return Layout(
            width_m=self.spec.width_m, depth_m=self.spec.depth_m, cell_m=CELL_M,
            material=self.material, zone=self.zone, species=self.spec.species,
            plant_species=plants[:, 0].astype(np.int16), plant_x_m=plants[:, 1], plant_y_m=plants[:, 2],
            plant_size=sizes, plant_shift_days=shifts, plant_variant=variants, plant_seed=seeds,
            plant_radius_m=plants[:, 3],
            wall_x0_m=walls[:, 0], wall_y0_m=walls[:, 1], wall_x1_m=walls[:, 2], wall_y1_m=walls[:, 3],
            wall_height_m=walls[:, 4], wall_rise_m=walls[:, 5],
            wall_kind=walls[:, 6].astype(np.int64), wall_seed=walls[:, 7].astype(np.int64),
            prop_x_m=props[:, 0], prop_y_m=props[:, 1], prop_kind=props[:, 2].astype(np.int64),
            prop_height_m=props[:, 3], prop_radius_m=props[:, 4],
            dock_x_m=float(self.dock[0]), dock_y_m=float(self.dock[1]), dock_heading_rad=self.dock_heading_rad,
            route=resample(self.loop, 0.25), blocked=blocked, arrivals=self.foresee(plants[:, 1:3]),
        )  # fmt: skip

    def foresee(self, stems_m: np.ndarray) -> Arrivals:
        """Plan what may come later, with a generator that takes nothing from the plan's."""
        rng = np.random.default_rng([int(copy.deepcopy(self.rng).integers(1 << 62)), 3])
        trees = [k for k, plant in enumerate(self.plants) if plant[3] > 0]
        lawn = (self.material == LAWN) & ~self.taken
        return foresee(
            rng, self.spec.species, stems_m, x_m=self.x_m, y_m=self.y_m,
            beds=(self.zone >= 0) & ~np.isin(self.zone, trees), lawn=lawn,
            room_m=np.minimum(away_m(~lawn), self.from_edge_m), from_route_m=self.from_route_m,
        )  # fmt: skip
