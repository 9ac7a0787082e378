"""What a net makes of the robot's own frame, for people to look at. It looks, and changes nothing."""

import math
from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from agent.teacher import answer
from garden_env.viewer.state import Sight
from learners.base import Learner
from learners.frozen import Frozen


class Picture(Protocol):
    """A frame as the robot's camera took it; `garden_env.camera.Frame` and `agent.stream.Moment` are two."""

    @property
    def rgb(self) -> np.ndarray:
        """(H, W, 3) uint8."""
        ...

    @property
    def mask(self) -> np.ndarray:
        """(H, W) uint8, class of every pixel, 255 is no answer."""
        ...


def sight_of(seer: Learner | nn.Module, frame: Picture, step: int) -> Sight:
    """What a learner says of a frame.

    Args:
        seer: a learner, which is only asked to predict; or a bare net, which is put into evaluation mode.
        frame: of the robot's own camera.
        step: control step of the frame.
    """
    learner = Frozen(seer) if isinstance(seer, nn.Module) else seer
    images = torch.from_numpy(np.ascontiguousarray(frame.rgb.transpose(2, 0, 1))[None])
    return sight_from(learner.predict(images)[0], frame.rgb, answer(frame.mask[None])[0], step)


def sight_from(logits: Tensor, rgb: np.ndarray, truth: np.ndarray, step: int) -> Sight:
    """What has been said of a frame already.

    Args:
        logits: (C, h', w') float32.
        rgb: (H, W, 3) uint8, the frame.
        truth: (h', w') uint8, what was there, 255 is no answer.
        step: control step of the frame.
    """
    log_p = F.log_softmax(logits.float(), dim=0)
    entropy = -(log_p.exp() * log_p).sum(0) / math.log(len(log_p))
    guess = log_p.argmax(0).to(torch.uint8).numpy()
    return Sight(step, rgb, truth, guess, entropy.clamp(0.0, 1.0).numpy())
