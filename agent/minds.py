"""What a gardener believes: its own map, the truth, or a timetable. The same planner and the same body act on each.

`MapMind` is the robot: it knows its frames' recognised classes, its own senses, its clock, and what its owner told it
on the first day (how large the garden is, where the shed stands). `TrueMind` is the ideal that it is measured against,
and `TimetableMind` the blind one: a true map, and water for all at fixed intervals.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import ndimage

from agent.mapping import SemanticMap
from agent.planner import SURELY, Beliefs, in_cone, in_view
from garden_env import soil
from garden_env.garden import Garden, dock_pose
from garden_env.mortality import bedded, in_leaf
from garden_env.world import NOSE_M, World, root_area_m2
from scenarios.spec import CameraSpec, RobotSpec
from scenarios.tables import (
    BLOSSOM,
    CLASS_NAMES,
    FOLIAGE,
    LAWN,
    LITTER,
    MATERIALS,
    OBSTACLE,
    PATH,
    SNOW,
    SOIL,
    WATER,
    WILTED,
    WOOD,
)  # fmt: skip

BLOCK = 2  # cells a side of a piece of bed that is watered or not
WATCH = 4  # cells a side of a place that is kept an eye on
HALF_LIFE_D = 3.0  # of the map's evidence
MOST_MM = 60.0  # that a bed is taken to lack, however long ago it rained
WILT_MM = 35.0  # what ground with wilted plants gets, and the most that any gets at once
SKIN_MM = 23.0  # water in the ground's skin that evaporates,
READY = 0.62  # and its wetness from which on it does so at the full rate (FAO-56 table 19 and eq. 74)
TOO_DRY = 0.05  # ground that is drier than this loses nothing that could be measured
BRIMFUL, BRIMFUL_SHARE = 0.97, 2.0  # ground as wet as this holds no more: so many times the rain has fallen
SPLASHED_D, BESIDE, TREE_M = (
    5.0,
    2,
    1.5,
)  # ground beside what was watered is no rain gauge: days, blocks; metres of a tree
CROP = 0.8  # what plants in beds drink, as a share of what the air takes from wet ground
GAP = 1  # blocks between pieces of bed that belong to it, though nobody saw them: plants stand before them
LEAST_BED = 6  # blocks that hang together; less is no bed
NEAR = 3  # blocks from leaves that were seen to roots that may be theirs
ROOTS = 0.5  # share of what is taken for bed that is rooted
TREAD_COST = 30.0
CREDIT = 0.93  # of the same, within which ground is taken to have got it: in between, nobody knows
OVERHANG = 2  # blocks by which leaves hide the earth in which they grow
DEMAND_MM, DEMAND_SHARE = 2.0, 0.2  # what a day costs before anybody has watched the ground dry; weight of a newer day
STANDS_MM = 16.0  # how much a bed is let lack before anybody saw it wilt
DUE_SHARE, LEAST_MM = 0.5, 10.0  # of what it lacked when it wilted, at which it is watered from then on; and at least
MOST_STANDS_MM = 40.0
DOSE = 1.0  # times what it is believed to lack
WILT_SHARE = 0.5
TRUST = 1.05  # so much more it is trusted to stand after every time that it had not wilted
WILTED_WORTH, DUE_WORTH = 0.5, 0.05  # of watering a piece of bed, in plants: so much of a plant stands on it
MOST_URGENT = 4.0  # times that, the longer it has been due
TREE_M2 = 4.0  # ground under a tree's roots, which drink of what is sprayed near the trunk
REST_D, LONGEST_REST_D = 1.5, 60.0  # how long watered ground is left alone ...
PATIENCE = 3  # ... and twice as long each time after so many times in vain: what does not recover is dead, or no plant
STEP_UP = 1.0  # before that, each time in vain means that other roots drank of it: so many times the water
SURE = 0.6  # counts of plants without which a piece of ground has none
UNSEEN_D, LONGEST_UNSEEN_D = 1.0, 10.0  # a look is due after so long, and after this it is no more urgent
HIDDEN = 0.3  # of the worth of a look at what was looked at and not seen: something stands before it
LEAF_VOTE, TREE_BLOCKS = (
    0.25,
    4,
)  # what leaves say of the ground below them, but for those of trees, so far from the wood
LEAVES_STAY_D = 21.0  # a plant seen so long ago is still there, and thirsty
VOTE_STEPS = 6  # between two votes
BED_VOTES, MOST_VOTES = 2.0, 12.0  # looks that make ground a bed, and the most that are remembered
IDLE_WEIGHT = 0.03  # of a look at what is no bed
NEW_WEIGHT = 0.3  # of one at what may be bed or not: beds are so much of a garden
WEEKLY_MM, WEEK_D = 25.0, 7  # the blind one's rule: an inch a week

UNKNOWN_COST = 2.0  # of driving a metre over ground of which nothing is known,
METRE_COST = np.full(len(CLASS_NAMES), UNKNOWN_COST)  # and by class
METRE_COST[[PATH, LAWN, LITTER, SNOW, SOIL]] = 1.0, 1.2, 1.3, 1.5, 12.0
METRE_COST[[FOLIAGE, BLOSSOM, WILTED]] = 20.0
SOLID = [WATER, WOOD, OBSTACLE]
METRE_COST[SOLID] = 25.0
DANGER_COST = 40.0  # of ground that most likely bears something solid, or water
BED_COST, PLANT_COST = 12.0, 20.0


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


class MapMind:
    """The robot's own beliefs: a semantic map, and a memory of where it watered.

    Args:
        told: by the owner.
    """

    def __init__(self, told: Handover) -> None:
        self._robot = told.robot
        self._steps_per_day = told.steps_per_day
        half_life_steps = HALF_LIFE_D * self._steps_per_day
        self.map = SemanticMap(told.width_m, told.depth_m, told.camera, half_life_steps=half_life_steps)
        rows, columns = self.map.evidence.shape[:2]
        x_m, y_m = self.map.center_m
        self._x_m, self._y_m = _coarse(x_m, BLOCK), _coarse(y_m, BLOCK)
        self._watch_x_m, self._watch_y_m = _coarse(x_m, WATCH), _coarse(y_m, WATCH)
        self._looked_step = np.full(self._watch_x_m.shape, -math.inf)
        self._rest_until = np.zeros(self._x_m.shape)
        self._votes = np.zeros(self._x_m.shape)
        self._leafy_d = np.full(self._x_m.shape, -math.inf)
        self._voted_step = -1
        self._planted_votes: np.ndarray | None = None
        self._splashed_until = np.zeros(self._x_m.shape)
        self._lacks_mm = np.zeros(self._x_m.shape)
        self._stands_mm = np.full(self._x_m.shape, STANDS_MM)
        self._demand_mm, self._felt_d, self._gauge, self._gauge_d = DEMAND_MM, 0.0, 1.0, 0.0
        self._in_vain = np.zeros(self._x_m.shape, int)
        self._inside = np.zeros((rows, columns), bool)
        rim = math.ceil(self._robot.radius_m / self.map.cell_m)
        self._inside[rim:-rim, rim:-rim] = True
        reach = math.ceil(self._robot.radius_m / self.map.cell_m)
        r, c = np.mgrid[-reach : reach + 1, -reach : reach + 1]
        self._body = np.hypot(r, c) * self.map.cell_m <= self._robot.radius_m + self.map.cell_m / 2

    def look(self, guess: np.ndarray | None, pose: np.ndarray, step: int) -> None:
        """See `Mind.look`."""
        if guess is not None:
            self.map.look(guess, pose, step)
            self._looked_step[in_view(self._watch_x_m, self._watch_y_m, pose)] = step
            if step - self._voted_step >= VOTE_STEPS:
                self._vote(step)

    def feel(self, wetness: float, pose: np.ndarray, step: int) -> None:
        """See `Mind.feel`: open ground beside the beds, which nobody waters, is rain gauge and evaporation pan."""
        now_d = step / self._steps_per_day
        self._lacks_mm = np.minimum(self._lacks_mm + CROP * self._demand_mm * max(now_d - self._felt_d, 0.0), MOST_MM)
        self._felt_d = now_d
        x_m, y_m = pose[0] + NOSE_M * math.cos(pose[2]), pose[1] + NOSE_M * math.sin(pose[2])
        row, column = (index // BLOCK for index in self.map.cell(x_m, y_m))
        rows, columns = self._x_m.shape[0], self._x_m.shape[1]
        if not (0 <= row < rows and 0 <= column < columns):
            return
        if self._is_bed[row, column] or now_d < self._splashed_until[row, column]:
            return
        passed_d, change = now_d - self._gauge_d, wetness - self._gauge
        if passed_d < 1.0 and change == 0.0:
            return
        dried_mm = _air_took_mm(self._gauge, wetness)
        kept = _wetness_after(self._gauge, self._demand_mm * passed_d)
        rain_mm = SKIN_MM * max(wetness - kept, 0.0)
        rain_mm *= BRIMFUL_SHARE if wetness > BRIMFUL - self._demand_mm / SKIN_MM else 1.0
        self._lacks_mm = np.maximum(self._lacks_mm - rain_mm, 0.0)
        if change < 0.0 and passed_d < 2.0 and wetness > TOO_DRY:
            self._demand_mm += DEMAND_SHARE * (dried_mm / max(passed_d, 1.0) - self._demand_mm)
        self._gauge, self._gauge_d = wetness, now_d

    def bump(self, pose: np.ndarray) -> None:
        """See `Mind.bump`; what was met stands for the map as seen many times."""
        reach_m = self._robot.radius_m + self.map.cell_m
        x_m, y_m = pose[0] + reach_m * math.cos(pose[2]), pose[1] + reach_m * math.sin(pose[2])
        self.map.touch(x_m, y_m, OBSTACLE, 30.0)

    def watered(self, pose: np.ndarray, litres: float, step: int) -> None:
        """See `Mind.watered`; ground that was thirsty rests, the longer the more often in vain."""
        inside = in_cone(self._x_m, self._y_m, pose, self._robot)
        counts = self._counts()
        surely = in_cone(self._x_m, self._y_m, pose, self._robot, wider=SURELY)
        thirsty = surely & self._planted & (_thirst(counts)[0] > WILT_SHARE)
        now_d = step / self._steps_per_day
        beside = ndimage.binary_dilation(self._is_bed, np.ones((3, 3)), iterations=BESIDE)
        for y_m, x_m in zip(*self._trees(counts), strict=True):
            beside |= np.hypot(self._x_m - x_m, self._y_m - y_m) < TREE_M
        self._splashed_until[inside & beside] = now_d + SPLASHED_D
        self._rest_until[inside] = np.maximum(self._rest_until[inside], now_d + 1.0)
        rest_d = np.minimum(REST_D * 2.0 ** np.maximum(self._in_vain - PATIENCE, 0), LONGEST_REST_D)
        self._rest_until[thirsty] = now_d + rest_d[thirsty]
        bed = inside & self._planted
        drunk_m2 = ROOTS * bed.sum() * (BLOCK * self.map.cell_m) ** 2
        trees_y_m, trees_x_m = self._trees(counts)
        drunk_m2 += TREE_M2 * in_cone(trees_x_m, trees_y_m, pose, self._robot).sum()
        got_mm = litres / max(drunk_m2, 1e-9)
        bed &= in_cone(self._x_m, self._y_m, pose, self._robot, wider=CREDIT)
        due = bed & (self._lacks_mm > self._stands_mm) & ~thirsty
        self._stands_mm[due] = np.minimum(TRUST * self._stands_mm[due], MOST_STANDS_MM)
        self._lacks_mm[bed] = np.maximum(self._lacks_mm[bed] - got_mm, 0.0)
        self._in_vain[thirsty] += 1
        fine = np.kron(thirsty, np.ones((BLOCK, BLOCK), bool))[: len(self.map.evidence), : self.map.evidence.shape[1]]
        self.map.evidence[fine, WILTED] *= 0.1  # what was seen before the water tells nothing of after it

    def refused(self, pose: np.ndarray, step: int) -> None:
        """See `Mind.refused`; what is there is left alone for a day."""
        inside = in_cone(self._x_m, self._y_m, pose, self._robot, wider=1.3)
        self._rest_until[inside] = np.maximum(self._rest_until[inside], step / self._steps_per_day + 1.0)

    def free_m(self, pose: np.ndarray, most_m: float) -> float:
        """See `Mind.free_m`."""
        solid = self._solid(self.map.probabilities())
        for far_m in np.arange(0.0, most_m, self.map.cell_m / 2):
            row, column = self.map.cell(pose[0] + far_m * math.cos(pose[2]), pose[1] + far_m * math.sin(pose[2]))
            if not (0 <= row < solid.shape[0] and 0 <= column < solid.shape[1]) or solid[row, column]:
                return float(far_m)
        return most_m

    def beliefs(self, step: int) -> Beliefs:
        """See `Mind.beliefs`."""
        self.map.fade(step)
        share = self.map.probabilities()
        known = self.map.known()
        cost = known * (self.map.evidence @ METRE_COST / np.maximum(self.map.evidence.sum(2), 1e-9))
        cost += (1.0 - known) * UNKNOWN_COST
        fine = np.kron(self._planted, np.ones((BLOCK, BLOCK), bool))[: cost.shape[0], : cost.shape[1]]
        cost = np.where(fine, np.maximum(cost, TREAD_COST), cost)
        cost = np.where(self._solid(share), DANGER_COST, np.where(self._inside, cost, np.inf))
        counts = self._counts()
        thirst, _ = _thirst(counts)
        bed = self._planted & (counts[..., SOLID].sum(-1) < 0.3 * counts.sum(-1))  # in whatever stands on it today
        now_d = step / self._steps_per_day
        rested = self._rest_until <= now_d
        healthy, wilted = bed & (thirst >= 0.0) & (thirst < 0.3), bed & (thirst > WILT_SHARE) & rested
        self._in_vain[healthy & rested] = 0
        lacks_mm, stands_mm = self._lacks_mm, self._stands_mm
        stands_mm[wilted] = np.minimum(stands_mm, np.maximum(DUE_SHARE * lacks_mm, LEAST_MM))[wilted]
        self._leafy_d[thirst >= 0.0] = now_d
        leafy = ndimage.binary_dilation(bed & (now_d - self._leafy_d <= LEAVES_STAY_D), np.ones((3, 3)), iterations=NEAR)
        due = bed & leafy & rested & (lacks_mm > stands_mm)
        wanted = wilted | due
        dose_mm = WILT_MM * STEP_UP ** np.minimum(self._in_vain, PATIENCE)
        dose_mm = np.where(wilted, dose_mm, np.minimum(DOSE * lacks_mm, WILT_MM))
        urgency = np.clip(lacks_mm / stands_mm, 1.0, MOST_URGENT)
        looked_d = (step - self._looked_step) / self._steps_per_day
        seen_d = (step - _coarse(self.map.seen_step, WATCH)) / self._steps_per_day
        unseen_d = np.minimum(looked_d, LONGEST_UNSEEN_D) + HIDDEN * np.minimum(seen_d, LONGEST_UNSEEN_D)
        unseen_d = np.where(looked_d >= UNSEEN_D, unseen_d, 0.0)
        matters = np.where(self._is_bed, 1.0, np.where(np.abs(self._votes) < BED_VOTES, NEW_WEIGHT, 0.0))
        matters = _coarse(matters, WATCH // BLOCK)
        trees_y_m, trees_x_m = self._trees(counts)
        none, all_m2 = np.zeros(len(trees_x_m)), np.full(int(bed.sum()), ROOTS * (BLOCK * self.map.cell_m) ** 2)
        room_mm = np.where(wanted, dose_mm, np.minimum(lacks_mm, WILT_MM))
        return Beliefs(
            cost=cost,
            cell_m=self.map.cell_m,
            x_m=np.r_[self._x_m[bed], trees_x_m],
            y_m=np.r_[self._y_m[bed], trees_y_m],
            area_m2=np.r_[all_m2, none + TREE_M2],
            wanted_mm=np.r_[np.where(wanted, dose_mm, 0.0)[bed], none],
            room_mm=np.r_[room_mm[bed], none],
            worth=np.r_[np.where(wilted, WILTED_WORTH, DUE_WORTH * urgency)[bed], none],
            watch_x_m=self._watch_x_m.ravel(),
            watch_y_m=self._watch_y_m.ravel(),
            unseen_d=(unseen_d * np.maximum(matters, IDLE_WEIGHT)).ravel(),
        )

    @property
    def _is_bed(self) -> np.ndarray:
        """Where the ground was found to be bed more often than not, by block, bool."""
        return self._votes >= BED_VOTES

    @property
    def _planted(self) -> np.ndarray:
        """Ground of beds, with what was not seen between its pieces, by block, bool."""
        if self._planted_votes is None:
            bed = ndimage.binary_closing(np.pad(self._is_bed, GAP), np.ones((3, 3)), iterations=GAP)[GAP:-GAP, GAP:-GAP]
            labels, _ = ndimage.label(bed, np.ones((3, 3)))
            self._planted_votes = bed & (np.bincount(labels.ravel())[labels] >= LEAST_BED)
        return self._planted_votes

    def _vote(self, step: int) -> None:
        """Blocks seen since the last vote speak for bed or against it; under leaves and snow they say nothing."""
        counts = self._counts()
        thirst, bed = _thirst(counts)
        seen = _coarse(self.map.seen_step > self._voted_step, BLOCK) > 0.0
        other = counts[..., [PATH, LAWN, *SOLID]].sum(-1) > 0.6 * counts.sum(-1)
        wood = ndimage.binary_dilation(counts[..., WOOD] > SURE / BLOCK**2, np.ones((3, 3)), iterations=TREE_BLOCKS)
        leafy = (counts[..., [FOLIAGE, BLOSSOM]].sum(-1) > 0.5 * counts.sum(-1)) & np.logical_not(wood | bed)
        self._votes[seen & bed] += 1.0
        self._votes[seen & leafy] += LEAF_VOTE
        self._votes[seen & (thirst > 0.5)] += 1.0
        self._votes[seen & other & ~bed] -= 1.0
        self._votes = np.clip(self._votes, -MOST_VOTES, MOST_VOTES)
        self._voted_step, self._planted_votes = step, None

    def _counts(self) -> np.ndarray:
        """The evidence by block, a mean over its cells."""
        return _coarse(self.map.evidence, BLOCK)

    def _trees(self, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where trunks seem to stand, y and x [m]: the middles of what hangs together as wood."""
        wood = (counts[..., WOOD] > 0.5 * counts.sum(-1)) & (counts[..., WOOD] > SURE / BLOCK**2)
        wood = np.where(self._is_bed, False, wood)  # stakes and bare shrubs look like it
        labels = np.zeros(wood.shape, np.int32)
        trees = int(ndimage.label(wood, np.ones((3, 3)), output=labels))  # pyright: ignore[reportArgumentType]
        middles = np.array(ndimage.center_of_mass(wood, labels, range(1, trees + 1))).reshape(-1, 2)
        return (middles[:, 0] + 0.5) * BLOCK * self.map.cell_m, (middles[:, 1] + 0.5) * BLOCK * self.map.cell_m

    def _solid(self, share: np.ndarray) -> np.ndarray:
        """Where the robot's centre most likely cannot be, (R, C) bool."""
        solid = share[..., SOLID].sum(2) > 0.5
        return ndimage.binary_dilation(solid, self._body)


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


def _air_took_mm(before: float, after: float) -> float:
    """What the air asked for while ground that nobody waters dried from one wetness to another [mm].

    Wet ground gives all that is asked for; below `READY` it gives the less the drier it is (FAO-56 eq. 74), so that it
    falls exponentially.
    """
    ready = max(before - max(after, READY), 0.0)
    return SKIN_MM * (ready + READY * math.log(min(before, READY) / min(after, READY))) if after > 0.0 else math.inf


def _wetness_after(before: float, asked_mm: float) -> float:
    """How wet the same ground is after the air has asked for so much, without rain; the inverse of `_air_took_mm`."""
    ready = max(before - READY, 0.0)
    asked = asked_mm / SKIN_MM
    return before - asked if asked <= ready else (before - ready) * math.exp(-(asked - ready) / READY)


def _thirst(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """By block: the share of its plants that look wilted, -1 where there are none; and whether it is bed."""
    plants = counts[..., [FOLIAGE, BLOSSOM, WILTED]].sum(-1)
    grown = plants > SURE / BLOCK**2
    thirst = np.where(grown, counts[..., WILTED] / np.maximum(plants, 1e-9), -1.0)
    total = counts.sum(-1)
    near = np.ones((3, 3)) / 9.0
    earth = ndimage.convolve(counts[..., SOIL], near, mode="constant")
    around = ndimage.convolve(total, near, mode="constant")
    solid = counts[..., SOLID].sum(-1)
    bed = (total > 0.0) & (earth > 0.15 * around) & (counts[..., SOIL] + plants > 0.5 * total) & (solid < 0.3 * total)
    leafy = grown & (solid < 0.3 * total)
    return thirst, ndimage.binary_dilation(bed, np.ones((3, 3)), iterations=OVERHANG, mask=bed | leafy)


def _coarse(fine: np.ndarray, cells: int) -> np.ndarray:
    """The mean of every square of so many cells a side, of (R, C) or (R, C, K); squares at the rim may be smaller."""
    rows, columns, *rest = fine.shape
    pad = ((0, -rows % cells), (0, -columns % cells), *((0, 0) for _ in rest))
    padded = np.pad(fine, pad, mode="edge") if any(after for _, after in pad) else fine
    parts = [padded[i::cells, j::cells] for i in range(cells) for j in range(cells)]
    return sum(parts[1:], parts[0].astype(float)) / cells**2
