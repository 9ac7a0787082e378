"""The stream: what the robot on patrol sees, in blocks, one block between two updates."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from agent.patrol import Patrol
from agent.teacher import answer, pick
from garden_env.garden import Garden, dock_pose
from garden_env.world import World


@dataclass(frozen=True)
class Block:
    """The frames between two updates.

    Attributes:
        step: control steps lived when the block ends.
        day: the day on which it ends, since the scenario's start.
        images: (n, 3, H, W) uint8, what the camera saw.
        truth: (n, h, w) uint8, what was there, at the net's output size; for the monitor, which may see all of it.
        answered: (m,) int, which of the n frames the teacher answers.
        poses: (n, 3) float64, x [m], y [m], heading [rad].
        hours: (n,) float64, solar time [h].
    """

    step: int
    day: int
    images: np.ndarray
    truth: np.ndarray
    answered: np.ndarray
    poses: np.ndarray
    hours: np.ndarray

    @property
    def labelled(self) -> tuple[np.ndarray, np.ndarray]:
        """The images that come with an answer, and the answers."""
        return self.images[self.answered], self.truth[self.answered]


class PatrolStream:
    """One robot's life on patrol, lived anew at every iteration: same garden and seed, same bits.

    Args:
        garden: where it lives.
        learn_every: control steps between two updates; the frames of a block.
        labels_per_block: how many of them the teacher answers.
    """

    def __init__(self, garden: Garden, *, learn_every: int = 12, labels_per_block: int = 8) -> None:
        self.garden = garden
        self.learn_every = learn_every
        self.labels_per_block = labels_per_block

    def __iter__(self) -> Iterator[Block]:
        scenario = self.garden.scenario
        world = World([self.garden])
        patrol = Patrol(self.garden.layout.route, scenario.robot, np.random.default_rng([self.garden.seed, 3]))
        height_px, width_px = scenario.camera.height_px, scenario.camera.width_px
        dock = dock_pose(self.garden.layout)
        for end in range(self.learn_every, scenario.days * scenario.steps_per_day + 1, self.learn_every):
            images = np.empty((self.learn_every, height_px, width_px, 3), np.uint8)
            masks = np.empty((self.learn_every, height_px, width_px), np.uint8)
            poses, hours = np.empty((self.learn_every, 3)), np.empty(self.learn_every)
            for i in range(self.learn_every):
                frame = world.frame(0)
                images[i], masks[i], poses[i], hours[i] = frame.rgb, frame.mask, world.pose[0], world.hour(0)
                day = world.day
                world.advance(patrol.act(world.odometry(0) + dock)[None])
            yield Block(
                step=end,
                day=day,
                images=np.ascontiguousarray(images.transpose(0, 3, 1, 2)),
                truth=answer(masks),
                answered=pick(self.learn_every, self.labels_per_block),
                poses=poses,
                hours=hours,
            )


def fingerprint(blocks: Iterator[Block]) -> str:
    """Twelve hexadecimal digits over all pixels and answers of a stream: equal for equal lives."""
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block.images.tobytes())
        digest.update(block.truth.tobytes())
    return digest.hexdigest()[:12]
