"""The closed loop: what the robot recognises decides what it does, and so what it sees next.

A life begins with the owner's round, as on patrol: commissioning. Then a gardener takes the wheel. Blocks come out as from
`agent.stream.PatrolStream`, so that a learner lives here by the same loop; but here every driver has a stream of its
own, and two of them must not be compared frame by frame.

Who may know what: the gardener is handed the senses, the classes that its eyes recognise, and a count of steps. The
world, its date, masks and depth stay here; masks go into the blocks, for teacher and monitor.
"""

from collections.abc import Callable, Iterator

import numpy as np

from agent.gardener import Gardener
from agent.minds import MapMind, Mind, TimetableMind, TrueMind, hand_over
from agent.patrol import Patrol
from agent.stream import LABELS_PER_BLOCK, Block
from agent.task_score import Ledger
from agent.teacher import answer
from garden_env.garden import Garden, dock_pose
from garden_env.world import World

Eyes = Callable[[np.ndarray], np.ndarray]
"""A frame (3, H, W) uint8 to the class of every output pixel, (h, w) uint8."""

MINDS: dict[str, Callable[[World], Mind]] = {
    "ideal": TrueMind,
    "blind": TimetableMind,
}


class GardenerStream:
    """One robot's life as a gardener, lived once: what it did is kept here.

    Args:
        garden: where it lives; of mortal plants, or nothing is at stake.
        eyes: what recognises; None for somebody who does not look.
        mind: 'map' for the robot, else a name in `MINDS`.
        first_step: when the owner lets go of the wheel.
        learn_every: frames of a block.
        labels_per_block: how many of them a teacher who answers all is asked.

    Attributes:
        world: lived in.
        gardener: who drives.
        ledger: what became of the plants.
    """

    def __init__(
        self,
        garden: Garden,
        *,
        eyes: Eyes | None,
        mind: str = "map",
        first_step: int = 0,
        learn_every: int = 12,
        labels_per_block: int = LABELS_PER_BLOCK,
    ) -> None:
        self.garden, self.learn_every, self.labels_per_block = garden, learn_every, labels_per_block
        self.world = World([garden])
        told = hand_over(garden)
        self.mind = MINDS[mind](self.world) if mind in MINDS else MapMind(told)
        self.gardener = Gardener(told, self.mind, np.random.default_rng([garden.seed, 7]))
        self.ledger = Ledger(self.world, 0)
        self._eyes, self._first_step = eyes, first_step

    @property
    def ends(self) -> list[int]:
        """Control steps lived at the end of each block."""
        steps = self.garden.scenario.life_steps
        return [*range(self.learn_every, steps, self.learn_every), steps]

    def __iter__(self) -> Iterator[Block]:
        if self.world.steps:
            raise RuntimeError("this life has been lived; make another stream for another")
        world, garden = self.world, self.garden
        patrol = Patrol(garden.layout.route, garden.scenario.robot, np.random.default_rng([garden.seed, 3]))
        dock, begin = dock_pose(garden.layout), 0
        round_: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []  # the owner's: frames, senses and manoeuvres
        for end in self.ends:
            rows, day = [], world.day
            for step in range(begin, end):
                frame, senses, day = world.frame(0), world.state(0), world.day
                if step < self._first_step:
                    action = patrol.act(world.odometry(0) + dock)
                    round_.append((frame.rgb.copy(), senses, action))
                else:
                    if round_:
                        self._recollect(round_)
                        round_ = []
                    action = self.gardener.act(senses, self._see(frame.rgb), step)
                rows.append((frame.rgb, frame.mask, world.pose[0].copy(), world.hour(0), senses, action))
                self.ledger.after(world.advance(action[None]))
            rgb, masks, poses, hours, senses, actions = (np.stack(column) for column in zip(*rows, strict=True))
            yield Block(
                step=end,
                day=day,
                images=np.ascontiguousarray(rgb.transpose(0, 3, 1, 2)),
                truth=answer(masks),
                labelled=(rgb[:0], masks[:0]),
                asked=self.labels_per_block,
                poses=poses,
                hours=hours,
                senses=senses,
                actions=actions,
            )
            begin = end

    def _see(self, rgb: np.ndarray) -> np.ndarray | None:
        return None if self._eyes is None else self._eyes(np.ascontiguousarray(rgb.transpose(2, 0, 1)))

    def _recollect(self, round_: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> None:
        """Now that it can recognise, go through what was seen on the owner's round once more."""
        for step, (rgb, senses, action) in enumerate(round_):
            self.gardener.feel(senses, self._see(rgb), step)
            self.gardener.drove(action)
