"""Whether a learner's loss on the stream has changed for good: drift that costs something, seen through its labels.

The losses are those of frames before they were learned from, a mean a day. A learner that learns lowers its own loss,
which is a change too; the alarm says by the sign of its value which way it went.
"""

import numpy as np

from agent.monitor.detectors import Adwin, Detector, PageHinkley, Thresholds
from agent.monitor.scores import Alarm

REFERENCE_DAYS = 21  # days whose losses are the reference
TINY = 1e-9
SIGNAL = "loss of "  # what the alarms of learners are told apart by


class LossAlarm:
    """Page-Hinkley, and ADWIN for a second opinion, on the daily loss of one learner against a frozen reference.

    After an alarm the reference is taken anew, from the next days.

    Args:
        learner: whose loss it is.
        thresholds: where the detectors are set.
    """

    def __init__(self, learner: str, thresholds: Thresholds | None = None) -> None:
        self._signal = SIGNAL + learner
        self._thresholds = thresholds or Thresholds()
        self._begin()

    def of_another(self, learner: str) -> "LossAlarm":
        """This one as it stands, as that of a learner of another name; it becomes that one's own."""
        alarm = LossAlarm(learner, self._thresholds)
        alarm._reference, alarm._detectors = self._reference, self._detectors
        return alarm

    def hear(self, loss: float, *, day: int, step: int) -> list[Alarm]:
        """Take in the mean loss of a day; the alarms that it raises, at most one of each detector."""
        if len(self._reference) < REFERENCE_DAYS:
            self._reference.append(loss)
            return []
        z = float((loss - np.mean(self._reference)) / (np.std(self._reference, ddof=1) + TINY))
        raised = [
            Alarm(step, day, name, self._signal, z, detector.threshold)
            for name, detector in self._detectors.items()
            if detector.hear(z)
        ]
        if raised:
            self._begin()
        return raised

    def _begin(self) -> None:
        at = self._thresholds
        self._reference: list[float] = []
        self._detectors: dict[str, Detector] = {
            "page-hinkley": PageHinkley(delta=at.loss_delta, threshold=at.loss),
            "adwin": Adwin(threshold=at.loss_adwin),
        }
