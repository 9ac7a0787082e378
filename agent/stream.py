"""The stream: what the robot on patrol sees, in blocks, one block between two updates."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from agent.patrol import Patrol
from agent.teacher import Teacher, answer, pick
from garden_env.garden import Garden, dock_pose
from garden_env.world import World

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
        self._teacher = Teacher(garden.scenario, garden.almanac.course, garden.seed)

    @property
    def ends(self) -> list[int]:
        """Control steps lived at the end of each block; the last is short where blocks do not divide the life."""
        steps = self.garden.scenario.life_steps
        return [*range(self.learn_every, steps, self.learn_every), steps]

    def arrivals(self) -> Iterator[list[int]]:
        """By block, the steps of the frames whose answers come with it; nobody is asked in a short last block."""
        chosen = pick(self.learn_every, self.labels_per_block)
        ends = self.ends
        shown = [end - self.learn_every + chosen for end in ends]
        at_most = [len(chosen)] * len(ends)
        if self.garden.scenario.life_steps % self.learn_every:
            shown[-1], at_most[-1] = chosen[:0], 0
        return self._teacher.arrivals(shown, ends, at_most)

    def __iter__(self) -> Iterator[Block]:
        scenario = self.garden.scenario
        world = World([self.garden])
        patrol = Patrol(self.garden.layout.route, scenario.robot, np.random.default_rng([self.garden.seed, 3]))
        dock = dock_pose(self.garden.layout)
        chosen = pick(self.learn_every, self.labels_per_block)
        kept: dict[int, tuple[np.ndarray, np.ndarray]] = {}  # frames shown to the teacher, and answers to come
        begin = 0
        for end, arrived in zip(self.ends, self.arrivals(), strict=True):
            frames, day = [], world.day
            for _ in range(begin, end):
                frame, day = world.frame(0), world.day
                action = patrol.act(world.odometry(0) + dock)
                frames.append((frame.rgb, frame.mask, world.pose[0].copy(), world.hour(0), world.state(0), action))
                world.advance(action[None])
            rgb, masks, poses, hours, senses, actions = (np.stack(column) for column in zip(*frames, strict=True))
            images, truth = np.ascontiguousarray(rgb.transpose(0, 3, 1, 2)), answer(masks)
            if len(frames) == self.learn_every:
                for i, step in zip(chosen, begin + chosen, strict=True):
                    if self._teacher.answers(int(step)):
                        kept[int(step)] = images[i], self._teacher.say(truth[i], int(step))
            yield Block(
                step=end,
                day=day,
                images=images,
                truth=truth,
                labelled=_together([kept.pop(step) for step in arrived], images, truth),
                asked=len(chosen),
                poses=poses,
                hours=hours,
                senses=senses,
                actions=actions,
            )
            begin = end


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
