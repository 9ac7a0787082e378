"""The stream: what the robot on patrol sees, in blocks, one block between two updates."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

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

    def post(self) -> "Post":
        """Their way from the first block on."""
        return Post(self, self._learn_every, self._chosen, self._teacher)


class Post:
    """Answers on their way: it takes in what each block saw, and hands out what answers come with it.

    Args:
        answers: when they come.
        learn_every: frames of a whole block.
        chosen: which of them are shown to the teacher.
        teacher: says whether and what is answered.
    """

    def __init__(self, answers: Answers, learn_every: int, chosen: np.ndarray, teacher: Teacher) -> None:
        self._due = list(zip(answers.ends, answers.arrivals(), strict=True))  # by block: its end, and whose come
        self._learn_every, self._chosen, self._teacher = learn_every, chosen, teacher
        self._blocks = 0
        self._kept: dict[int, Labelled] = {}  # frames shown to the teacher, and answers to come

    def take(self, images: np.ndarray, truth: np.ndarray) -> Labelled:
        """The answers that come with the next block, which saw images (n, 3, H, W) where `truth` (n, h, w) was."""
        end, arrived = self._due[self._blocks]
        self._blocks += 1
        if len(images) == self._learn_every:
            for i in self._chosen:
                step = end - self._learn_every + int(i)
                if self._teacher.answers(step):
                    self._kept[step] = images[i], self._teacher.say(truth[i], step)
        return _together([self._kept.pop(step) for step in arrived], images, truth)


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
        life = PatrolLife(self.garden, self._answers)
        for _ in range(self.garden.scenario.life_steps):
            yield life.moment()

    def __iter__(self) -> "PatrolLife":
        return PatrolLife(self.garden, self._answers)


class PatrolLife:
    """A life on patrol, block by block; it can be set aside and gone on with, see `agent.memento.SelfKept`.

    Args:
        garden: where it is lived.
        answers: that come with the blocks.
    """

    def __init__(self, garden: Garden, answers: Answers) -> None:
        self._world, self._patrol, self._dock = World([garden]), owners_round(garden), dock_pose(garden.layout)
        self._asked, self._ends, self._post = answers.asked, answers.ends, answers.post()
        self._blocks = 0

    def __iter__(self) -> "PatrolLife":
        return self

    def __next__(self) -> Block:
        if self._blocks == len(self._ends):
            raise StopIteration
        end = self._ends[self._blocks]
        days, lived = zip(*(self.moment() for _ in range(end - self._world.steps)), strict=True)
        self._blocks += 1
        return block_of(lived, self._post, step=end, day=days[-1], asked=self._asked)

    def moment(self) -> tuple[int, "Moment"]:
        """Live through a control step: the day, and what there was."""
        action = self._act()
        now = self._world.day, Moment.now(self._world, action)
        self._world.advance(action[None])
        return now

    def _act(self) -> np.ndarray:
        """The next manoeuvre."""
        return self._patrol.act(self._world.odometry(0) + self._dock)

    def kept(self) -> dict[str, Any]:
        """What makes it between two blocks: the world but for the garden, which is planted anew, and who is in it."""
        taken = self._world.snapshot()
        return {
            "blocks": self._blocks,
            "steps": taken.steps,
            "world": taken.arrays,
            "patrol": self._patrol,
            "post": self._post,
        }

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from what was kept; patrol and post are those that it has already."""
        self._blocks, self._patrol, self._post = int(kept["blocks"]), kept["patrol"], kept["post"]
        self._world.restore(replace(self._world.snapshot(), steps=int(kept["steps"]), arrays=kept["world"]))


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
    moments: Sequence[Moment], post: Post, *, step: int, day: int, asked: int
) -> Block:  # fmt: skip
    """The moments between two updates as a block, with the answers that come with it."""
    rgb, masks, poses, hours, senses, actions = (np.stack(column) for column in zip(*moments, strict=True))
    images, truth = rgb.transpose(0, 3, 1, 2), answer(masks)  # channels lie last in memory, where nets want them
    return Block(
        step=step,
        day=day,
        images=images,
        truth=truth,
        labelled=post.take(images, truth),
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


class Fingerprint:
    """A digest of what was looked at, block by block: each is digested with what was before it.

    Attributes:
        whole: over all blocks so far, hexadecimal.
    """

    def __init__(self) -> None:
        self.whole = ""

    @property
    def short(self) -> str:
        """Its first twelve digits."""
        return self.whole[:12]

    def see(self, block: Block) -> None:
        """Take in the pixels and the truth of a block."""
        digest = hashlib.sha256(self.whole.encode())
        digest.update(block.images.tobytes())
        digest.update(block.truth.tobytes())
        self.whole = digest.hexdigest()


def fingerprint(blocks: Iterator[Block]) -> str:
    """Twelve hexadecimal digits over all pixels and answers of a stream: equal for equal lives."""
    seen = Fingerprint()
    for block in blocks:
        seen.see(block)
    return seen.short
