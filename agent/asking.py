"""Who chooses the frames that a teacher answers: the order of wishes over the frames of a window.

A chooser is shown pictures and the student's own net; never an answer, a pose or a date. It returns a number a frame:
of a window the teacher answers those with the highest. `evenly` is not among them: it needs nobody's opinion.
"""

from collections.abc import Callable

import numpy as np
import torch

from learners.base import Learner
from learners.cost import Meter

Chooser = Callable[[Learner, np.ndarray, np.ndarray, Meter], np.ndarray]
"""Student, control steps (n,), images (n, 3, H, W) uint8, account of what is spent -> (n,) float64 wishes."""


def random(seed: int) -> Chooser:
    """By lot: a function of the seed and of a frame's step, so that all students ask about the same frames."""

    def wish(learner: Learner, steps: np.ndarray, images: np.ndarray, meter: Meter) -> np.ndarray:
        return np.array([np.random.default_rng([seed, 8, int(step)]).random() for step in steps])

    return wish


def entropy(learner: Learner, steps: np.ndarray, images: np.ndarray, meter: Meter) -> np.ndarray:
    """The mean entropy of the net's answer over a frame's pixels [nats]; one pass a frame (Settles 2009, eq. 3)."""
    shares = predicted(learner, images, meter)
    return -(shares * shares.clamp_min(1e-12).log()).sum(1).mean((1, 2)).numpy().astype(np.float64)


def disagreement(learner: Learner, steps: np.ndarray, images: np.ndarray, meter: Meter) -> np.ndarray:
    """How far the answers to a frame and to its mirror image differ; two passes a frame.

    The mean Jensen-Shannon divergence between the two over the pixels [nats]: a committee of two views of one net
    (McCallum & Nigam 1998 have a committee of nets).
    """
    shares = predicted(learner, images, meter)
    mirrored = predicted(learner, np.ascontiguousarray(images[..., ::-1]), meter).flip(-1)
    middle = (shares + mirrored) / 2
    apart = sum(view * (view.clamp_min(1e-12).log() - middle.clamp_min(1e-12).log()) for view in (shares, mirrored))
    assert isinstance(apart, torch.Tensor)
    return (apart / 2).sum(1).mean((1, 2)).numpy().astype(np.float64)


def predicted(learner: Learner, images: np.ndarray, meter: Meter) -> torch.Tensor:
    """The net's probabilities (n, C, h, w) float32; the pass is put on the account."""
    frames = torch.from_numpy(images)
    meter.passes(learner.net, frames, backward=0)
    return learner.predict(frames).softmax(1).cpu()


def make_chooser(name: str, seed: int) -> Chooser | None:
    """The chooser of a name of `scenarios.tables.CHOOSERS`; None for `evenly`."""
    return {"random": random(seed), "entropy": entropy, "disagreement": disagreement}.get(name)
