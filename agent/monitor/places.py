"""What is usual where: a robot on patrol sees other things at other places, and that is no drift.

A fixed round shows the same places again and again, but not the same ones every day, so that the place beats into daily
means and hides everything else. What the robot knows of its own motion (odometry and heading, no map and no truth)
says where it believes to be; what it usually sees there is taken away, and what is left is news.
"""

from collections.abc import Sequence
from functools import cache
from typing import Self

import numpy as np
from numpy.typing import NDArray

from garden_env.env import STATE

Floats = NDArray[np.float64]
WAVES = 100  # random waves over the places that a reference tells apart
REACH_M = 1.0  # about how far apart two places are that have nothing to do with each other
TURN_WEIGHT = 1.5  # metres for which a radian of turning counts
RIDGE = 1.0
DRAWN = 7041  # seed of the waves: the same for all robots, as the detectors are
WHERE = tuple(STATE.index(name) for name in ("odometry_x_m", "odometry_y_m", "heading_cos", "heading_sin"))


class Places:
    """Ridge regression on random Fourier features of the believed pose (Rahimi & Recht 2007).

    Args:
        weights: (WAVES + 1, p) float64, of the waves and of a constant.
    """

    def __init__(self, weights: Floats) -> None:
        self._weights = weights

    @classmethod
    def learn(cls, senses: NDArray[np.floating] | None, values: Floats) -> Self:
        """Learn from a reference.

        Args:
            senses: (n, 9), named by `garden_env.env.STATE`; None where there is no robot: then all places are one.
            values: (n, p) float64, what was seen.
        """
        waves = _waves(senses, len(values))
        pull = RIDGE * np.eye(waves.shape[1])
        pull[0, 0] = 1e-9  # the level itself is not pulled to nothing
        return cls(np.asarray(np.linalg.solve(waves.T @ waves + pull, waves.T @ values), np.float64))

    def news(self, senses: NDArray[np.floating] | None, values: Floats) -> Floats:
        """What was seen, less what is usual there: (n, p)."""
        return values - _waves(senses, len(values)) @ self._weights


def learn_places(days: Sequence[tuple[Floats, NDArray[np.floating] | None]]) -> tuple[Places, list[Floats]]:
    """Learn what is usual where from the days of a reference, and what was news on each of them.

    The news of a day is by what the *other* days say. By its own it would be too small, and all later days would look
    as if something had happened.

    Args:
        days: values (n, p) and senses (n, 9), or None, of each.
    """

    def learned(chosen: Sequence[tuple[Floats, NDArray[np.floating] | None]]) -> Places:
        felt = [senses for _, senses in chosen if senses is not None]
        return Places.learn(np.concatenate(felt) if felt else None, np.concatenate([seen for seen, _ in chosen]))

    news = [
        learned([*days[:i], *days[i + 1 :]]).news(senses, values) if len(days) > 1 else values - values.mean(0)
        for i, (values, senses) in enumerate(days)
    ]
    return learned(days), news


def _waves(senses: NDArray[np.floating] | None, count: int) -> Floats:
    """A constant and waves of the pose, (n, 1) without a robot, else (n, WAVES + 1)."""
    if senses is None:
        return np.ones((count, 1))
    pose = np.asarray(senses, np.float64)[:, WHERE] / REACH_M
    pose[:, 2:] *= TURN_WEIGHT * REACH_M
    directions, phases = _drawn()
    return np.hstack([np.ones((count, 1)), np.cos(pose @ directions + phases)])


@cache
def _drawn() -> tuple[Floats, Floats]:
    """Directions (4, WAVES) and phases (WAVES,) of the waves."""
    rng = np.random.default_rng(DRAWN)
    return rng.standard_normal((len(WHERE), WAVES)), rng.uniform(0.0, 2 * np.pi, WAVES)
