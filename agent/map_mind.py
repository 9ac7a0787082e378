"""The robot's mind: its own map, a water balance of every piece of bed, and what driving costs.

Every piece of bed lacks what the air has taken since it was full, less rain and what it was given. One on which leaves
were seen is watered when it lacks what it is let lack; that becomes less where a plant was seen to wilt, and more each
time that none had. What wilts is watered at once; what does not recover from it is left alone for longer and longer.
"""

import math

import numpy as np
from scipy import ndimage

from agent.bed_map import BED_VOTES, BLOCK, SOLID, BedMap, coarse, thirst
from agent.mapping import SemanticMap
from agent.minds import Handover
from agent.planner import SURELY, Beliefs, in_cone, in_view
from agent.rain_gauge import RainGauge
from garden_env.pace import NOSE_M
from scenarios.tables import BLOSSOM, CLASS_NAMES, FOLIAGE, LAWN, LITTER, OBSTACLE, PATH, SNOW, SOIL, WILTED

HALF_LIFE_D = 3.0  # of the map's evidence

CROP = 0.8  # what plants in beds are taken to drink, as a share of what the air takes from wet ground
MOST_MM = 60.0  # that a bed is taken to lack, however long ago it rained
STANDS_MM, MOST_STANDS_MM = 16.0, 40.0  # that a bed is let lack: before anybody saw it wilt or not, and at most
WILTED_STANDS, LEAST_MM = 0.5, 10.0  # share of what it lacked when it wilted that it is let lack then; and at least
TRUST = 1.05  # so much more it is let lack each time that it had not wilted
WILT_MM = 35.0  # what ground with wilted plants gets, and the most that any gets at once
WILT_SHARE = 0.5  # of the plants on a piece of bed
CREDIT = 0.93  # of the spray, within which ground is taken to have got it: in between, nobody knows
TREE_M2 = 4.0  # ground under a tree's roots, which drink of what is sprayed near the trunk
REST_D, LONGEST_REST_D = 1.5, 60.0  # how long watered ground is left alone ...
PATIENCE = 3  # ... and twice as long each time after so many times in vain: what does not recover is dead, or no plant
SPLASHED_D, BESIDE, TREE_M = 5.0, 2, 1.5  # near what was watered is no rain gauge: days, blocks; metres from a tree
WILTED_WORTH, DUE_WORTH = 0.5, 0.05  # of watering a piece of bed, in plants: so much of a plant stands on it
MOST_URGENT = 4.0  # times that, the longer it has been due

WATCH = 4  # cells a side of a place that is kept an eye on
UNSEEN_D, LONGEST_UNSEEN_D = 1.0, 10.0  # a look is due after so long, and after this it is no more urgent
HIDDEN = 0.3  # of the worth of a look at what was looked at and not seen: something stands before it
IDLE_WEIGHT = 0.03  # of a look at what is no bed
NEW_WEIGHT = 0.3  # of one at what may be bed or not: beds are so much of a garden

UNKNOWN_COST = 2.0  # of driving a metre over ground of which nothing is known,
METRE_COST = np.full(len(CLASS_NAMES), UNKNOWN_COST)  # and by class
METRE_COST[[PATH, LAWN, LITTER, SNOW, SOIL]] = 1.0, 1.2, 1.3, 1.5, 12.0
METRE_COST[[FOLIAGE, BLOSSOM, WILTED]] = 20.0
METRE_COST[SOLID] = 25.0
TREAD_COST = 30.0  # of a bed at least: what grows there may be too small to be seen
DANGER_COST = 40.0  # of ground that most likely bears something solid, or water


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
        self._x_m, self._y_m = coarse(x_m, BLOCK), coarse(y_m, BLOCK)
        self._watch_x_m, self._watch_y_m = coarse(x_m, WATCH), coarse(y_m, WATCH)
        self._looked_step = np.full(self._watch_x_m.shape, -math.inf)
        self._rest_until = np.zeros(self._x_m.shape)
        self._beds, self._gauge, self._felt_d = BedMap(self.map), RainGauge(), 0.0
        self._splashed_until = np.zeros(self._x_m.shape)
        self._lacks_mm = np.zeros(self._x_m.shape)
        self._stands_mm = np.full(self._x_m.shape, STANDS_MM)
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
            self._beds.vote(step)

    def feel(self, wetness: float, pose: np.ndarray, step: int) -> None:
        """See `Mind.feel`: open ground beside the beds, which nobody waters, is rain gauge and evaporation pan."""
        now_d = step / self._steps_per_day
        self._lacks_mm = np.minimum(
            self._lacks_mm + CROP * self._gauge.demand_mm * max(now_d - self._felt_d, 0.0), MOST_MM
        )
        self._felt_d = now_d
        x_m, y_m = pose[0] + NOSE_M * math.cos(pose[2]), pose[1] + NOSE_M * math.sin(pose[2])
        row, column = (index // BLOCK for index in self.map.cell(x_m, y_m))
        rows, columns = self._x_m.shape[0], self._x_m.shape[1]
        if not (0 <= row < rows and 0 <= column < columns):
            return
        if self._beds.is_bed[row, column] or now_d < self._splashed_until[row, column]:
            return
        rain_mm = self._gauge.read(wetness, now_d)
        self._lacks_mm = np.maximum(self._lacks_mm - rain_mm, 0.0)

    def bump(self, pose: np.ndarray) -> None:
        """See `Mind.bump`; what was met stands for the map as seen many times."""
        reach_m = self._robot.radius_m + self.map.cell_m
        x_m, y_m = pose[0] + reach_m * math.cos(pose[2]), pose[1] + reach_m * math.sin(pose[2])
        self.map.touch(x_m, y_m, OBSTACLE, 30.0)

    def watered(self, pose: np.ndarray, litres: float, step: int) -> None:
        """See `Mind.watered`; ground that was thirsty rests, the longer the more often in vain."""
        inside = in_cone(self._x_m, self._y_m, pose, self._robot)
        counts = self._beds.counts()
        surely = in_cone(self._x_m, self._y_m, pose, self._robot, wider=SURELY)
        thirsty = surely & self._beds.planted & (thirst(counts)[0] > WILT_SHARE)
        now_d = step / self._steps_per_day
        beside = ndimage.binary_dilation(self._beds.is_bed, np.ones((3, 3)), iterations=BESIDE)
        for y_m, x_m in zip(*self._beds.trees(counts), strict=True):
            beside |= np.hypot(self._x_m - x_m, self._y_m - y_m) < TREE_M
        self._splashed_until[inside & beside] = now_d + SPLASHED_D
        self._rest_until[inside] = np.maximum(self._rest_until[inside], now_d + 1.0)
        rest_d = np.minimum(REST_D * 2.0 ** np.maximum(self._in_vain - PATIENCE, 0), LONGEST_REST_D)
        self._rest_until[thirsty] = now_d + rest_d[thirsty]
        bed = inside & self._beds.planted
        drunk_m2 = self._beds.roots_m2(now_d)[bed].sum()
        trees_y_m, trees_x_m = self._beds.trees(counts)
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
        fine = np.kron(self._beds.planted, np.ones((BLOCK, BLOCK), bool))[: cost.shape[0], : cost.shape[1]]
        cost = np.where(fine, np.maximum(cost, TREAD_COST), cost)
        cost = np.where(self._solid(share), DANGER_COST, np.where(self._inside, cost, np.inf))
        counts = self._beds.counts()
        wilts, _ = thirst(counts)
        bed = self._beds.planted & (counts[..., SOLID].sum(-1) < 0.3 * counts.sum(-1))  # in whatever stands on it today
        now_d = step / self._steps_per_day
        rested = self._rest_until <= now_d
        healthy, wilted = bed & (wilts >= 0.0) & (wilts < 0.3), bed & (wilts > WILT_SHARE) & rested
        self._in_vain[healthy & rested] = 0
        lacks_mm, stands_mm = self._lacks_mm, self._stands_mm
        stands_mm[wilted] = np.minimum(stands_mm, np.maximum(WILTED_STANDS * lacks_mm, LEAST_MM))[wilted]
        self._beds.leafy_d[wilts >= 0.0] = now_d
        leafy = self._beds.leafy_about(now_d)
        due = bed & leafy & rested & (lacks_mm > stands_mm)
        wanted = wilted | due
        roots_m2 = self._beds.roots_m2(now_d)
        rooted = roots_m2 / roots_m2.max()
        dose_mm = np.where(wilted, WILT_MM, np.minimum(lacks_mm, WILT_MM))
        urgency = np.clip(lacks_mm / stands_mm, 1.0, MOST_URGENT)
        looked_d = (step - self._looked_step) / self._steps_per_day
        seen_d = (step - coarse(self.map.seen_step, WATCH)) / self._steps_per_day
        unseen_d = np.minimum(looked_d, LONGEST_UNSEEN_D) + HIDDEN * np.minimum(seen_d, LONGEST_UNSEEN_D)
        unseen_d = np.where(looked_d >= UNSEEN_D, unseen_d, 0.0)
        matters = np.where(self._beds.is_bed, 1.0, np.where(np.abs(self._beds.votes) < BED_VOTES, NEW_WEIGHT, 0.0))
        matters = coarse(matters, WATCH // BLOCK)
        trees_y_m, trees_x_m = self._beds.trees(counts)
        none, all_m2 = np.zeros(len(trees_x_m)), roots_m2[bed]
        room_mm = np.where(wanted, dose_mm, np.minimum(lacks_mm, WILT_MM))
        return Beliefs(
            cost=cost,
            cell_m=self.map.cell_m,
            x_m=np.r_[self._x_m[bed], trees_x_m],
            y_m=np.r_[self._y_m[bed], trees_y_m],
            area_m2=np.r_[all_m2, none + TREE_M2],
            wanted_mm=np.r_[np.where(wanted, dose_mm, 0.0)[bed], none],
            room_mm=np.r_[room_mm[bed], none],
            worth=np.r_[np.where(wilted, WILTED_WORTH, DUE_WORTH * urgency * rooted)[bed], none],
            watch_x_m=self._watch_x_m.ravel(),
            watch_y_m=self._watch_y_m.ravel(),
            unseen_d=(unseen_d * np.maximum(matters, IDLE_WEIGHT)).ravel(),
        )

    def _solid(self, share: np.ndarray) -> np.ndarray:
        """Where the robot's centre most likely cannot be, (R, C) bool."""
        solid = share[..., SOLID].sum(2) > 0.5
        return ndimage.binary_dilation(solid, self._body)
