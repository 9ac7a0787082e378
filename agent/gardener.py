"""The gardener looks, plans, drives and waters by what its mind believes. Its states are words that people can read.

survey    on the way to see again what has not been seen for long
approach  on the way to a stand from which thirsty plants are in reach
aim       turned to them, the valve shut, to look once more before it opens
water     the valve is open
refill    on the way to the shed
search    the shed is not where it believed, and it strolls about until its tank fills
back out  something stood in the way
stuck     it has tried for long to get away, and cannot; it goes on trying
wait      there is nothing to do
"""

import math
from dataclasses import dataclass

import numpy as np

from agent.minds import Handover, Mind
from agent.odometry import BUMP, COS, SIN, TANK, WETNESS, Odometry
from agent.planner import Beliefs, Planner, Target, best_aim, dose
from garden_env.garden import wrap_rad

ARRIVED_M = 0.15
AIMED_RAD = math.radians(3.0)
REPLAN_STEPS = 8  # a plan is thought over after so many steps; new ground has been seen by then
LOW_L = 40.0  # with less in the tank it refills when there is nothing to water
OPEN_COST = 3.0  # of a metre, up to which it cuts corners
BACK_M = 0.3  # how far it backs out after a bump
STUCK_STEPS, STUCK_M = 24, 0.4  # so many steps of wanting to drive, without having got so far: it is stuck
PATIENT_BUMPS, LONGEST_STROLL = (
    3,
    12,
)  # from so many bumps without getting anywhere it strolls off, so many steps at most
SEARCH_STEPS = 2  # that it strolls when the shed was not where it should be, times how often that has been so
STROLL_TURN = 0.4  # share of the largest turn, either way, at each step of a stroll


@dataclass(frozen=True)
class Deed:
    """A change of the gardener's state, for its log.

    Attributes:
        step: control step from which on it is in this state.
        state: one of those at the head of this file.
        note: why, in words.
        x_m, y_m: where it then believed to be.
        litres: sprayed in this step.
    """

    step: int
    state: str
    note: str
    x_m: float
    y_m: float
    litres: float = 0.0


class Gardener:
    """Chooses manoeuvres from senses and recognised classes alone.

    Args:
        told: by the owner.
        mind: what it believes.
        rng: draws ways out where nothing else helps.

    Attributes:
        pose: (3,) float64, where it believes to be.
        deeds: what it did, a line for every change of state.
    """

    def __init__(self, told: Handover, mind: Mind, rng: np.random.Generator) -> None:
        self._told, self._mind, self._rng = told, mind, rng
        self._planner = Planner(told.width_m, told.depth_m, told.robot)
        self._odometry = Odometry(told.dock)
        self.pose = told.dock.copy()
        self.deeds: list[Deed] = []
        self._state, self._planned_step = "", -REPLAN_STEPS
        self._target: Target | None = None
        self._beliefs: Beliefs | None = None
        self._action = np.array([0.0, 0.0, -1.0])
        self._wanted_m, self._anchor, self._tries = 0.0, self.pose[:2].copy(), 0
        self._backing, self._stuck = 0, False
        self._bumps, self._stroll = 0, 0  # bumps since it last got anywhere, and steps still to stroll
        self._misses = 0  # how often the shed was not where it believed, since it last was there
        self._aim_rad, self._left_l = 0.0, 0.0

    def feel(self, senses: np.ndarray, guess: np.ndarray | None, step: int) -> None:
        """Take in a moment without acting on it, as on the owner's round.

        Args:
            senses: (9,) float32, see `garden_env.env.STATE`.
            guess: (h, w) uint8, the classes recognised; None for somebody who sees nothing.
            step: control steps lived.
        """
        drive_m = abs(float(self._action[0])) * self._told.robot.metres_per_step
        free_m = math.inf
        if senses[BUMP] > 0.5 and drive_m > 0.0:
            course = self.pose.copy()
            course[2] = math.atan2(senses[SIN], senses[COS]) + (math.pi if self._action[0] < 0.0 else 0.0)
            free_m = self._mind.free_m(course, drive_m)
        self.pose = self._odometry.update(senses, free_m)
        if senses[BUMP] > 0.5:
            ahead = self.pose.copy()
            ahead[2] += math.pi if self._action[0] < 0.0 else 0.0
            self._mind.bump(ahead)
        self._mind.feel(float(senses[WETNESS]), self.pose, step)
        self._mind.look(guess, self.pose, step)

    def act(self, senses: np.ndarray, guess: np.ndarray | None, step: int) -> np.ndarray:
        """Choose the next manoeuvre; arguments as of `feel`.

        Returns:
            (3,) float64: speed, turn, valve, each in [-1, 1].
        """
        self.feel(senses, guess, step)
        self._action = self._choose(senses, step)
        return self._action

    @property
    def state(self) -> str:
        """What it is doing; one of the words at the head of this file."""
        return "stuck" if self._stuck else self._state

    def drove(self, action: np.ndarray) -> None:
        """Somebody else chose this manoeuvre, as the owner does on the first round."""
        self._action = action

    def _choose(self, senses: np.ndarray, step: int) -> np.ndarray:
        tank_l = float(senses[TANK]) * self._told.robot.tank_l
        self._notice_progress(step)
        if senses[BUMP] > 0.5 or self._backing:
            return self._back_out(senses, step)
        if tank_l >= LOW_L and self._misses:  # found
            self._stroll, self._misses, self._target = 0, 0, None
        if self._stroll:
            return self._strolled(STROLL_TURN)
        if self._state == "aim":
            if abs(wrap_rad(self._aim_rad - self.pose[2])) > AIMED_RAD:
                return self._turned(self._aim_rad)
            return self._water(tank_l, step)
        thought = step - self._planned_step < REPLAN_STEPS
        if self._state == "wait" and thought:
            return np.array([0.0, 0.0, -1.0])
        if self._target is None or not thought or self._arrived():
            if self._arrived() and self._state == "approach":
                self._aim_rad, plants = best_aim(self._mind.beliefs(step), self.pose, self._told.robot)
                self._enter("aim", f"{plants:.1f} plants or so seem thirsty", step)
                return self._turned(self._aim_rad)
            if self._arrived() and self._state == "survey":
                assert self._target is not None and self._target.heading_rad is not None
                heading_rad, self._target = self._target.heading_rad, None
                return self._turned(heading_rad)
            if self._arrived() and self._state == "refill" and tank_l < LOW_L:
                return self._search(step)
            self._plan(tank_l, step)
        return self._follow(step)

    def _search(self, step: int) -> np.ndarray:
        """Look for the shed by going about, the farther the longer it was not found: odometry must be wrong."""
        self._misses += 1
        self._stroll, self._target = min(SEARCH_STEPS * self._misses, LONGEST_STROLL), None
        self._enter("search", "the shed is not here", step)
        return self._strolled(1.0)

    def _plan(self, tank_l: float, step: int) -> None:
        """Choose what to do next, and the way there."""
        beliefs = self._mind.beliefs(step)
        ways = self._planner.ways(beliefs, *self.pose[:2])
        self._planned_step, self._beliefs = step, beliefs
        robot = self._told.robot
        stand = self._planner.stand(beliefs, ways, at_most_l=robot.tank_l)
        if stand is not None and tank_l >= min(stand.litres, LOW_L):
            self._target = stand
            self._enter(
                "approach", f"{stand.worth:.1f} thirsty plants or so, from {stand.x_m:.1f}, {stand.y_m:.1f}", step
            )
            return
        if stand is not None or tank_l < LOW_L:
            self._target = ways.target(self._planner.nearest(*self._told.dock[:2]), None)
            self._enter("refill", f"{tank_l:.0f} l are left", step)
            return
        self._target = self._planner.outlook(beliefs, ways)
        if self._target is None:
            self._enter("wait", "nothing is thirsty, and all has been seen", step)
        else:
            self._enter("survey", f"to look from {self._target.x_m:.1f}, {self._target.y_m:.1f}", step)

    def _follow(self, step: int) -> np.ndarray:
        """Drive along the way, cutting corners that one manoeuvre reaches."""
        if self._target is None or not len(self._target.way):
            self._target = None
            return np.array([0.0, 0.0, -1.0])
        robot, way = self._told.robot, self._target.way
        far_m = np.hypot(*(way - self.pose[:2]).T)
        nearest = int(far_m.argmin())
        ahead = nearest
        while ahead + 1 < len(way) and far_m[ahead + 1] <= robot.metres_per_step and self._is_open(way[ahead + 1]):
            ahead += 1
        east_m, north_m = way[ahead] - self.pose[:2]
        turn_rad = wrap_rad(math.atan2(north_m, east_m) - self.pose[2])
        limit_rad = math.radians(robot.turn_deg_per_step)
        drive_m = math.hypot(east_m, north_m) if abs(turn_rad) <= limit_rad else 0.0
        self._wanted_m += min(drive_m, robot.metres_per_step)
        return np.array([min(1.0, drive_m / robot.metres_per_step), self._turn(turn_rad), -1.0])

    def _is_open(self, place_m: np.ndarray) -> bool:
        """Whether the straight line to a place costs nowhere more than its ends do, or than a bed does."""
        assert self._beliefs is not None, "asked before there was a plan"
        cost, cell_m = self._beliefs.cost, self._beliefs.cell_m
        points = np.linspace(self.pose[:2], place_m, 2 + int(2 * np.hypot(*(place_m - self.pose[:2])) / cell_m))
        rows = np.clip((points[:, 1] / cell_m).astype(int), 0, cost.shape[0] - 1)
        columns = np.clip((points[:, 0] / cell_m).astype(int), 0, cost.shape[1] - 1)
        passed = cost[rows, columns]
        return bool(passed[1:].max() <= max(passed[-1], OPEN_COST))

    def _water(self, tank_l: float, step: int) -> np.ndarray:
        """Open the valve for what the map says; shut it where a second look shows that little is wanted."""
        robot = self._told.robot
        self._target = None
        if self._left_l > 0.0 and tank_l > 0.0:  # of what it had decided on; the valve gives only so much in a step
            return self._spray(min(self._left_l, tank_l), step, "the rest of it")
        beliefs: Beliefs = self._mind.beliefs(step)
        litres, plants = dose(beliefs, self.pose, robot)
        if plants <= 0.0 or tank_l <= 0.0:
            self._mind.refused(self.pose, step)
            self._enter("survey", "a second look shows nothing thirsty", step)
            self._plan(tank_l, step)
            return self._follow(step)
        litres = min(litres, tank_l)
        self._mind.watered(self.pose, litres, step)
        return self._spray(litres, step, f"{litres:.0f} l for {plants:.1f} thirsty plants or so")

    def _spray(self, litres: float, step: int, note: str) -> np.ndarray:
        """Open the valve for so much, or for as much of it as flows in a step."""
        flow_l = self._told.robot.flow_l_per_step
        now_l = min(litres, flow_l)
        self._left_l = litres - now_l
        self._enter("water", note, step, now_l)
        self._state = "aim" if self._left_l > 0.0 else "water"
        return np.array([0.0, 0.0, now_l / flow_l])

    def _back_out(self, senses: np.ndarray, step: int) -> np.ndarray:
        """Back out of what was bumped into; where that fails too, try any direction."""
        self._target, self._left_l = None, 0.0
        bumped = senses[BUMP] > 0.5
        if bumped:
            self._tries += 1
            self._bumps += 1
            self._stroll = min(max(self._bumps - PATIENT_BUMPS, 0), LONGEST_STROLL)
            self._enter("back out", "bumped into something", step)
        back = BACK_M / self._told.robot.metres_per_step
        if bumped and self._tries > 1:  # not the first bump of this trouble
            self._backing = 0
            turn = float(self._rng.uniform(-1.0, 1.0))
            return np.array([min(1.0, back), turn, -1.0])
        if bumped:
            self._backing = 1
            return np.array([-min(1.0, back) if self._action[0] >= 0.0 else min(1.0, back), 0.0, -1.0])
        self._backing, self._tries = 0, 0
        if self._stroll:
            return self._strolled(1.0)
        tank_l = float(senses[TANK]) * self._told.robot.tank_l
        self._plan(tank_l, step)
        return self._follow(step)

    def _strolled(self, most_turn: float) -> np.ndarray:
        """A step in about any direction: what it would plan here has failed again and again."""
        self._stroll -= 1
        self._wanted_m += self._told.robot.metres_per_step
        return np.array([1.0, float(self._rng.uniform(-most_turn, most_turn)), -1.0])

    def _notice_progress(self, step: int) -> None:
        """Say so when it has wanted to drive for long and got nowhere, and when it has got away after all."""
        if math.hypot(*(self.pose[:2] - self._anchor)) >= STUCK_M:
            self._anchor, self._wanted_m, self._bumps = self.pose[:2].copy(), 0.0, 0
            if self._stuck:
                self._stuck, self._tries, self._state = False, 0, ""
                self._enter("survey", "free again", step)
        elif self._wanted_m >= STUCK_STEPS * self._told.robot.metres_per_step and not self._stuck:
            self._enter("stuck", f"{STUCK_STEPS} tries to drive led nowhere", step)
            self._stuck, self._target = True, None

    def _arrived(self) -> bool:
        target = self._target
        return target is not None and math.hypot(target.x_m - self.pose[0], target.y_m - self.pose[1]) <= ARRIVED_M

    def _turned(self, heading_rad: float) -> np.ndarray:
        return np.array([0.0, self._turn(wrap_rad(heading_rad - self.pose[2])), -1.0])

    def _turn(self, turn_rad: float) -> float:
        return float(np.clip(turn_rad / math.radians(self._told.robot.turn_deg_per_step), -1.0, 1.0))

    def _enter(self, state: str, note: str, step: int, litres: float = 0.0) -> None:
        """Log a change of state; one that only goes on is not told again, nor what it tries while it is stuck."""
        if (state != self._state and not self._stuck) or litres:
            self.deeds.append(Deed(step, state, note, float(self.pose[0]), float(self.pose[1]), litres))
        self._state = state
