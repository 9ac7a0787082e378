"""The stream: what the robot on patrol sees, in blocks, one block between two updates."""

import hashlib
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import numpy as np

from agent.patrol import Patrol
from agent.teacher import Teacher, answer, pick
from garden_env.garden import Garden, dock_pose
from garden_env.world import World

Labelled = tuple[np.ndarray, np.ndarray]
"""Images (m, 3, H, W) and answers (m, h, w), both uint8."""
LABELS_PER_BLOCK = 8  # frames of a block that the teacher answers: what an update with replay takes in


@dataclass(frozen=True)
class Block:
    """The frames between two updates.

    Attributes:
        step: control steps lived when the block ends.
        day: the day on which it ends, since the scenario's start.
        images: (n, 3, H, W) uint8, what the camera saw.
        truth: (n, h, w) uint8, what was there, at the net's output size; for the monitor, which may see all of it.
        labelled: images (m, 3, H, W) and answers (m, h, w), both uint8, that come with this block; usually some of its
            own frames, but a scripted teacher may be late, wrong or silent.
        asked: how many answers there are where the teacher is neither late nor silent; m is at most that.
        poses: (n, 3) float64, x [m], y [m], heading [rad].
        hours: (n,) float64, solar time [h].
        senses: (n, 9) float32, what the robot knew of itself at each frame (`garden_env.env.STATE`), or None where
            there is no robot.
        actions: (n, 3) float64, what it then did: speed, turn, valve.
    """

    step: int
    day: int
    images: np.ndarray
    truth: np.ndarray
    labelled: tuple[np.ndarray, np.ndarray]
    asked: int
    poses: np.ndarray
    hours: np.ndarray
    senses: np.ndarray | None = None
    actions: np.ndarray | None = None


class Answers:
    """The answers that a stream brings with it: some frames of every whole block are shown to the scenario's teacher.

    Args:
        garden: whose scenario it is.
        learn_every: control steps between two updates; the frames of a block.
        labels_per_block: how many of them are shown.
    """

    def __init__(self, garden: Garden, learn_every: int, labels_per_block: int) -> None:
        self._life_steps = garden.scenario.life_steps
        self._learn_every = learn_every
        self._chosen = pick(learn_every, labels_per_block)
        self._teacher = Teacher(garden.scenario, garden.almanac.course, garden.seed)

    @property
    def asked(self) -> int:
        """How many answers a block brings where the teacher is neither late nor silent."""
        return len(self._chosen)

    @property
    def ends(self) -> list[int]:
        """Control steps lived at the end of each block; the last is short where blocks do not divide the life."""
        return [*range(self._learn_every, self._life_steps, self._learn_every), self._life_steps]

    def arrivals(self) -> Iterator[list[int]]:
        """By block, the steps of the frames whose answers come with it; nobody is asked in a short last block."""
        ends = self.ends
        shown = [end - self._learn_every + self._chosen for end in ends]
        at_most = [self.asked] * len(ends)
        if self._life_steps % self._learn_every:
            shown[-1], at_most[-1] = self._chosen[:0], 0
        return self._teacher.arrivals(shown, ends, at_most)

    def collect(self) -> Generator[Labelled, tuple[np.ndarray, np.ndarray]]:
        """Take in what each block saw, and say what answers come with it.

        Sent images (n, 3, H, W) and what was there (n, h, w), block by block, it yields images and answers.
        """
        kept: dict[int, tuple[np.ndarray, np.ndarray]] = {}  # frames shown to the teacher, and answers to come
        labelled: Labelled = np.zeros(0, np.uint8), np.zeros(0, np.uint8)
        for end, arrived in zip(self.ends, self.arrivals(), strict=True):
            images, truth = yield labelled
            if len(images) == self._learn_every:
                for i in self._chosen:
                    step = end - self._learn_every + int(i)
                    if self._teacher.answers(step):
                        kept[step] = images[i], self._teacher.say(truth[i], step)
            labelled = _together([kept.pop(step) for step in arrived], images, truth)
        yield labelled


class PatrolStream:
    """One robot's life on patrol, lived anew at every iteration: same garden and seed, same bits.

    Args:
        garden: where it lives.
        learn_every: control steps between two updates; the frames of a block.
        labels_per_block: how many of them the teacher answers.
    """

    def __init__(self, garden: Garden, *, learn_every: int = 12, labels_per_block: int = LABELS_PER_BLOCK) -> None:
        self.garden = garden
        self.learn_every = learn_every
        self.labels_per_block = labels_per_block
        self._answers = Answers(garden, learn_every, labels_per_block)

    @property
    def ends(self) -> list[int]:
        """Control steps lived at the end of each block; the last is short where blocks do not divide the life."""
        return self._answers.ends

    def arrivals(self) -> Iterator[list[int]]:
        """By block, the steps of the frames whose answers come with it; nobody is asked in a short last block."""
        return self._answers.arrivals()

    def moments(self) -> Iterator[tuple[int, "Moment"]]:
        """The life control step by control step, as the camera has it: the day, and what there was."""
        world = World([self.garden])
        patrol = owners_round(self.garden)
        dock = dock_pose(self.garden.layout)
        for _ in range(self.garden.scenario.life_steps):
            action = patrol.act(world.odometry(0) + dock)
            yield world.day, Moment.now(world, action)
            world.advance(action[None])

    def __iter__(self) -> Iterator[Block]:
        moments = self.moments()
        answers = self._answers.collect()
        next(answers)
        begin = 0
        for end in self.ends:
            days, lived = zip(*islice(moments, end - begin), strict=True)
            yield block_of(lived, answers, step=end, day=days[-1], asked=self._answers.asked)
            begin = end


def owners_round(garden: Garden) -> Patrol:
    """The round trip that the owner teaches."""
    return Patrol(garden.layout.route, garden.scenario.robot, np.random.default_rng([garden.seed, 3]))


class Moment(NamedTuple):
    """What there is of a control step: the columns of a block, one row of each."""

    rgb: np.ndarray
    mask: np.ndarray
    pose: np.ndarray
    hour: float
    senses: np.ndarray
    action: np.ndarray

    @classmethod
    def now(cls, world: World, action: np.ndarray) -> "Moment":
        """A world's only robot, now, about to do something."""
        frame = world.frame(0)
        return cls(frame.rgb, frame.mask, world.pose[0].copy(), world.hour(0), world.state(0), action)


def block_of(
    moments: Sequence[Moment], answers: Generator[Labelled, tuple[np.ndarray, np.ndarray]], *,
    step: int, day: int, asked: int,
) -> Block:  # fmt: skip
    """The moments between two updates as a block, with the answers that come with it."""
    rgb, masks, poses, hours, senses, actions = (np.stack(column) for column in zip(*moments, strict=True))
    images, truth = np.ascontiguousarray(rgb.transpose(0, 3, 1, 2)), answer(masks)
    return Block(
        step=step,
        day=day,
        images=images,
        truth=truth,
        labelled=answers.send((images, truth)),
        asked=asked,
        poses=poses,
        hours=hours,
        senses=senses,
        actions=actions,
    )


def _together(
    pairs: list[tuple[np.ndarray, np.ndarray]], images: np.ndarray, truth: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Images and answers as two arrays; without any, empty ones like `images` and `truth`."""
    if not pairs:
        return images[:0], truth[:0]
    return np.stack([image for image, _ in pairs]), np.stack([label for _, label in pairs])


def fingerprint(blocks: Iterator[Block]) -> str:
    """Twelve hexadecimal digits over all pixels and answers of a stream: equal for equal lives."""
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block.images.tobytes())
        digest.update(block.truth.tobytes())
    return digest.hexdigest()[:12]
