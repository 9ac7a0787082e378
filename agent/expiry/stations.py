"""Day stations: what is asked on a day, and what the robot sees on its rounds that day.

The question is fixed frames at random poses in the robot's own garden, the same poses on every day, with exact answers:
one season is asked as another is. The rounds come without answers. Both are drawn from the seed alone; no life need be
lived to look at a day.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from agent.monitor.metrics import mean_iou
from agent.patrol import GLANCE_RAD, STRIDES_A_GLANCE
from agent.perception import confusions, recognise
from agent.teacher import answer
from garden_env.camera import SensorNoise
from garden_env.garden import Garden
from garden_env.layout import sample_pose
from learners.base import Learner

HOURS = (0.2, 0.5, 0.8)  # shares of a day's working hours; frames take them in turn


@dataclass(frozen=True)
class Question:
    """The frames of a day with their answers.

    Attributes:
        images: (n, 3, H, W) uint8.
        truth: (n, h, w) uint8, at the net's output size; 255 is no answer.
    """

    images: np.ndarray
    truth: np.ndarray


class Stations:
    """The day stations of a garden.

    Args:
        garden: the robot's own.
        frames: of a question.
        round_frames: of a day's rounds.
    """

    def __init__(self, garden: Garden, *, frames: int, round_frames: int) -> None:
        self.garden, self.frames, self.round_frames = garden, frames, round_frames
        self._noise = SensorNoise(np.random.default_rng([garden.seed, 62]))

    @cached_property
    def poses(self) -> np.ndarray:
        """(n, 3) float64, x [m], y [m], heading [rad]."""
        rng = np.random.default_rng([self.garden.seed, 61])
        return np.array([sample_pose(self.garden.layout, rng) for _ in range(self.frames)])

    def question(self, day: int) -> Question:
        """What is asked on a day, in the exam's water state."""
        frames = [
            self.garden.view(day, self.garden.hour_at(day, HOURS[i % 3]), pose, moment=self._moment(day, i),
                             noise=self._noise)
            for i, pose in enumerate(self.poses)
        ]  # fmt: skip
        return Question(_images([frame.rgb for frame in frames]), answer(np.stack([frame.mask for frame in frames])))

    def rounds(self, day: int) -> np.ndarray:
        """What the robot sees on its round trip that day, with the water that nature gave; (m, 3, H, W) uint8."""
        garden, water = self.garden, self.garden.unwatered(day)
        pictures = []
        for i, pose in enumerate(self._on_route(day)):
            frame = garden.draw(garden.look(day, garden.hour_at(day, HOURS[i % 3]), *water), pose)
            garden.expose(frame, day, self._moment(day, self.frames + i), noise=self._noise)
            pictures.append(frame.rgb.copy())
        return _images(pictures)

    def _on_route(self, day: int) -> np.ndarray:
        """(m, 3) places along the owner's round, headed along it; now and then a glance aside, as a patrol takes."""
        rng = np.random.default_rng([self.garden.seed, 63, day])
        route = self.garden.layout.route
        at = (np.arange(self.round_frames) + rng.random()) * len(route) / self.round_frames
        here = at.astype(int) % len(route)
        east_m, north_m = (route[(here + 1) % len(route)] - route[here]).T
        glance = rng.uniform(*GLANCE_RAD, len(here)) * rng.choice([-1.0, 1.0], len(here))
        aside = np.arange(len(here)) % (STRIDES_A_GLANCE + 1) == STRIDES_A_GLANCE
        return np.column_stack([route[here], np.arctan2(north_m, east_m) + np.where(aside, glance, 0.0)])

    def _moment(self, day: int, frame: int) -> int:
        """The number of a picture, for its noise."""
        return day * (self.frames + self.round_frames) + frame


def competence(learner: Learner, question: Question, *, classes: int) -> float:
    """mIoU over the classes that fill at least 0.5 % of the day's true pixels, one matrix for all frames.

    Args:
        learner: is asked, and learns nothing.
        question: of the day.
        classes: how many there are.
    """
    counted = confusions(question.truth, recognise(learner, question.images), classes).sum(0)
    return float(mean_iou(counted))


def _images(pictures: list[np.ndarray]) -> np.ndarray:
    return np.ascontiguousarray(np.stack(pictures).transpose(0, 3, 1, 2))
