"""The closed loop: what the robot recognises decides what it does, and so what it sees next.

A life begins with the owner's round, as on patrol: commissioning. Then a gardener takes the wheel. Blocks come out as
from `agent.stream.PatrolStream`, so that a learner lives here by the same loop; but here every driver has a stream of
its own, and two of them must not be compared frame by frame.

Who may know what: the gardener is handed the senses, the classes that its eyes recognise, and a count of steps. The
world, its date, masks and depth stay here; masks go into the blocks, for teacher and monitor.
"""

from collections.abc import Callable, Iterator

import numpy as np

from agent.gardener import Gardener
from agent.map_mind import MapMind
from agent.minds import Mind, TimetableMind, TrueMind, hand_over
from agent.stream import LABELS_PER_BLOCK, Answers, Block, Moment, block_of, owners_round
from agent.task_score import Ledger
from agent.teacher import answer
from garden_env.garden import Garden, dock_pose
from garden_env.world import World
from scenarios.tables import IGNORE, SKY

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
        true_eyes: see what is there, without mistakes, instead; the sky where the label has no answer.
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
        true_eyes: bool = False,
        first_step: int = 0,
        learn_every: int = 12,
        labels_per_block: int = LABELS_PER_BLOCK,
    ) -> None:
        self.garden, self.learn_every, self.labels_per_block = garden, learn_every, labels_per_block
        self._answers = Answers(garden, learn_every, labels_per_block)
        self.world = World([garden])
        told = hand_over(garden)
        self.mind = MINDS[mind](self.world) if mind in MINDS else MapMind(told)
        self.gardener = Gardener(told, self.mind, np.random.default_rng([garden.seed, 7]))
        self.ledger = Ledger(self.world, 0)
        self._eyes, self._true_eyes, self._first_step = eyes, true_eyes, first_step

    @property
    def ends(self) -> list[int]:
        """Control steps lived at the end of each block."""
        return self._answers.ends

    def arrivals(self) -> Iterator[list[int]]:
        """By block, the steps of the frames whose answers come with it."""
        return self._answers.arrivals()

    def __iter__(self) -> Iterator[Block]:
        if self.world.steps:
            raise RuntimeError("this life has been lived; make another stream for another")
        world, patrol, dock = self.world, owners_round(self.garden), dock_pose(self.garden.layout)
        post = self._answers.post()
        begin = 0
        round_: list[Moment] = []
        for end in self.ends:
            moments, day = [], world.day
            for step in range(begin, end):
                day = world.day
                if step < self._first_step:
                    action = patrol.act(world.odometry(0) + dock)
                else:
                    self._recollect(round_)
                    round_ = []
                    frame = world.frame(0)
                    action = self.gardener.act(world.state(0), self._see(frame.rgb, frame.mask), step)
                moments.append(Moment.now(world, action))
                self.ledger.after(world.advance(action[None]))
            if end <= self._first_step:
                round_ += moments
            yield block_of(moments, post, step=end, day=day, asked=self._answers.asked)
            begin = end

    def _see(self, rgb: np.ndarray, mask: np.ndarray) -> np.ndarray | None:
        """The classes recognised in a frame; its mask is for true eyes alone."""
        if self._true_eyes:
            truth = answer(mask[None])[0]
            return np.where(truth == IGNORE, SKY, truth).astype(np.uint8)
        return None if self._eyes is None else self._eyes(np.ascontiguousarray(rgb.transpose(2, 0, 1)))

    def _recollect(self, round_: list[Moment]) -> None:
        """Now that it can recognise, go through what was seen and felt on the owner's round once more."""
        for step, moment in enumerate(round_):
            self.gardener.feel(moment.senses, self._see(moment.rgb, moment.mask), step)
            self.gardener.drove(moment.action)
