"""A life of the past, lived anew: same garden, same seed, same deeds, so the same bits; snapshots lead back.

Driving and watering take a fraction of a millisecond a step, drawing is what takes time. So the life is lived ahead
without a look, a little at a time, and every so many steps it is set aside: to go anywhere is to take up the snapshot
before it and to live the few steps that are left.
"""

import copy
import math
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator

import numpy as np

from agent.stream import owners_round
from agent.view.deeds import Deeds
from agent.view.events import drop
from agent.view.wheel import Wheel
from garden_env.garden import Garden
from garden_env.snapshot import Snapshot
from garden_env.world import World
from scenarios.spec import Scenario

KEPT_EVERY = 24  # control steps from one snapshot to the next: a day of most lives


class Relived:
    """One life that was lived before.

    Args:
        garden: in which it was lived.
        deeds: what a person did meanwhile.

    Attributes:
        world: as it was when the step at hand was about to be taken, after what a hand did then.
        wheel: who drove.
        known: the life has been lived ahead so far [control steps].
    """

    def __init__(self, garden: Garden, deeds: Deeds | None = None) -> None:
        self._deeds = deeds or Deeds()
        self.life_steps = garden.scenario.life_steps
        self._kept: list[tuple[Snapshot, Wheel]] = []  # the n-th of step n * KEPT_EVERY, before that step's deeds
        self._front = _Life(garden, self._deeds)
        self._keep()
        self._front.obey()
        self._shown, self._side = _Life(garden, self._deeds), _Life(garden, self._deeds)
        self._shown.obey()
        self._side.obey()

    @property
    def world(self) -> World:
        return self._shown.world

    @property
    def wheel(self) -> Wheel:
        return self._shown.wheel

    @property
    def known(self) -> int:
        return max(self._front.world.steps, self.world.steps)

    def first_step(self, day: int) -> int:
        """See `first_step_of`."""
        return first_step_of(self.world.gardens[0].scenario, day)

    def step(self) -> None:
        """Live one step."""
        self._shown.step()

    def ahead(self, budget_s: float = math.inf, *, until: int | None = None) -> int:
        """Live ahead for so long, or until a step is known.

        Args:
            budget_s: about how long it may take [s].
            until: a step; the end of the life if not given.

        Returns:
            How many steps are known now.
        """
        ends_s = time.perf_counter() + budget_s
        last = self.life_steps if until is None else min(until, self.life_steps)
        while self._front.world.steps < last:
            self._front.advance()
            if self._front.world.steps % KEPT_EVERY == 0:
                self._keep()
            self._front.obey()
            if time.perf_counter() >= ends_s:
                break
        return self.known

    def go(self, step: int, *, trail: int = 0, see: Callable[[World], None] = lambda world: None) -> None:
        """Be where it was at a step; what is not known yet is lived first.

        Args:
            step: of the life.
            trail: so many steps before it are lived again, at least, if there are as many.
            see: is shown the world at each of them, and at the step itself.
        """
        self.ahead(until=step)
        self._shown.take_up(*self._kept[max(step - trail, 0) // KEPT_EVERY])
        see(self.world)
        while self.world.steps < step:
            self._shown.step()
            see(self.world)

    def between(self, first: int, last: int) -> Iterator[World]:
        """The world at each of these steps, the last one included; what is shown stays where it is."""
        self.ahead(until=last)
        side = self._side
        if not 0 <= first - side.world.steps < KEPT_EVERY:
            side.take_up(*self._kept[first // KEPT_EVERY])
        while side.world.steps < first:
            side.step()
        for step in range(first, last + 1):
            yield side.world
            if step < last:
                side.step()

    def _keep(self) -> None:
        self._kept.append((self._front.world.snapshot(), copy.deepcopy(self._front.wheel)))


def first_step_of(scenario: Scenario, day: int) -> int:
    """The control step with which a day of a life begins; that of the life's end for days after it.

    >>> [first_step_of(Scenario(name="x", days=30), day) for day in (0, 3, 99)]
    [0, 72, 720]
    """
    return bisect_left(range(scenario.life_steps), day, key=lambda step: scenario.moment(step)[0])


class _Life:
    """A world, who drives in it, and what is done to it."""

    def __init__(self, garden: Garden, deeds: Deeds) -> None:
        self._deeds = deeds
        self.world = World([garden])
        self.wheel = Wheel(owners_round(garden), garden.scenario.robot.turn_deg_per_step)

    def take_up(self, snapshot: Snapshot, wheel: Wheel) -> None:
        self.world.restore(snapshot)
        self.wheel = copy.deepcopy(wheel)
        self.obey()

    def step(self) -> None:
        self.advance()
        self.obey()

    def advance(self) -> None:
        """Take the step at hand."""
        held = self._deeds.held.get(self.world.steps, ())
        self.world.advance(np.atleast_2d(self.wheel.act(self.world, held)))

    def obey(self) -> None:
        """What a hand did before the step at hand."""
        step = self.world.steps
        for name in self._deeds.drops.get(step, ()):
            drop(self.world, name)
        self.wheel.by_hand = self._deeds.stood("wheel", step, False)
