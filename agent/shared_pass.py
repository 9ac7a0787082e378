"""One pass for two: who never changes says what the stream monitor's net has just found out anyway."""

from dataclasses import replace

import torch
from torch import Tensor

from agent.live import Student
from agent.monitor.fixed_features import FixedFeatures
from learners.computing import computing_of
from learners.frozen import Frozen


class Echo(Frozen):
    """A frozen learner that does not look a second time at frames that the monitor has looked at with equal weights.

    Args:
        frozen: the learner, whose net it takes over.
        features: of the monitor.
    """

    def __init__(self, frozen: Frozen, features: FixedFeatures) -> None:
        super().__init__(frozen.net)
        self.meter, self._features = frozen.meter, features

    def predict(self, images: Tensor) -> Tensor:
        """Logits (B, K, H', W') float32; the same bits whoever has looked."""
        known = self._features.logits_of(images)
        return super().predict(images) if known is None else known.clone()


def share_pass(student: Student, features: FixedFeatures) -> Student:
    """The student, asked through the monitor's passes if it is frozen with the very weights of the monitor's net."""
    learner = student.learner
    if type(learner) is not Frozen or not _same(learner.net, features.net):
        return student
    if computing_of(learner.net).compiled:  # the monitor listens to a layer, so its passes are not, and round otherwise
        return student
    return replace(student, learner=Echo(learner, features))


def _same(net: torch.nn.Module, other: torch.nn.Module) -> bool:
    ours, theirs = net.state_dict(), other.state_dict()
    return ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)
