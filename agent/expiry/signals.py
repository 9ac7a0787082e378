"""What a model can notice about itself without a label or a date, against how it was at commissioning.

Entropy and doubt ask the model as it is now; the distance of features asks the net as it was commissioned, whose
features stay fixed; colours ask no net at all.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from garden_env.colour import lab
from learners.base import Learner, to_float

SIGNALS = {
    "entropy": "mean entropy of the answers, minus that at commissioning [nats]",
    "doubt": "1 minus the mean of the largest probability, minus that at commissioning",
    "answers": "half the L1 distance of the classes that are answered from those answered at commissioning, 0 to 1",
    "features": "root mean square distance of the commissioned net's mean features from those of commissioning, "
    "in standard deviations between frames there",
    "colours": "the same for mean and spread of L*, a*, b*",
}
LEAST_SPREAD = 1e-6  # of a feature that is the same in all frames of commissioning


@dataclass(frozen=True)
class Reference:
    """How it was at commissioning.

    Attributes:
        net: as commissioned; its features are looked at.
        entropy, doubt: of its answers then.
        answers: (C,) share of each class in them.
        features, colours: (2, F) mean and standard deviation over frames.
    """

    net: nn.Module
    entropy: float
    doubt: float
    answers: np.ndarray
    features: np.ndarray
    colours: np.ndarray

    @classmethod
    def of(cls, learner: Learner, net: nn.Module, images: np.ndarray) -> "Reference":
        """Look at frames of commissioning.

        Args:
            learner: as it leaves commissioning.
            net: as commissioned; never changed, and must not be the one that goes on learning.
            images: (n, 3, H, W) uint8, at least two.
        """
        entropy, doubt, answers = _answers(learner, images)
        spread = [
            np.stack([rows.mean(0), np.maximum(rows.std(0), LEAST_SPREAD)])
            for rows in (_features(net, images), _colours(images))
        ]
        return cls(net, entropy, doubt, answers, *spread)


def signals(reference: Reference, learner: Learner, images: np.ndarray) -> dict[str, float]:
    """What is noticed on some frames; every signal is about 0 where nothing has changed.

    Args:
        reference: of commissioning.
        learner: as it is now.
        images: (n, 3, H, W) uint8, without answers.

    Returns:
        By the names of `SIGNALS`.
    """
    entropy, doubt, answers = _answers(learner, images)
    return {
        "entropy": entropy - reference.entropy,
        "doubt": doubt - reference.doubt,
        "answers": float(np.abs(answers - reference.answers).sum() / 2),
        "features": _apart(_features(reference.net, images), reference.features),
        "colours": _apart(_colours(images), reference.colours),
    }


def _answers(learner: Learner, images: np.ndarray) -> tuple[float, float, np.ndarray]:
    """Mean entropy [nats], mean doubt, and the share (C,) of each class, over all pixels."""
    log = torch.log_softmax(learner.predict(torch.from_numpy(images)), dim=1)
    chances = log.exp()
    most, guess = chances.max(1)
    shares = torch.bincount(guess.flatten(), minlength=chances.shape[1]).double() / guess.numel()
    return float(-(chances * log).sum(1).mean()), float(1.0 - most.mean()), shares.numpy()


@torch.no_grad()
def _features(net: nn.Module, images: np.ndarray) -> np.ndarray:
    """(n, 2 F) mean and spread of each feature over a frame."""
    seen = net(to_float(torch.from_numpy(images), next(net.parameters()).device)).features.flatten(2)
    return torch.cat([seen.mean(2), seen.std(2, correction=0)], 1).double().numpy()


def _colours(images: np.ndarray) -> np.ndarray:
    """(n, 6) mean and standard deviation of L*, a*, b* over a frame."""
    seen = np.stack([lab(np.ascontiguousarray(image.transpose(1, 2, 0))) for image in images]).reshape(
        len(images), -1, 3
    )
    return np.concatenate([seen.mean(1), seen.std(1)], axis=1).astype(np.float64)


def _apart(rows: np.ndarray, reference: np.ndarray) -> float:
    mean, spread = reference
    return float(np.sqrt((((rows.mean(0) - mean) / spread) ** 2).mean()))
