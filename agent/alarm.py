"""The agent's own drift alarm: it hears only the losses that its learner reports, no season and no truth."""

import math


class Alarm:
    """Page's cumulative sum (Page 1954), on losses measured against a frozen reference.

    The first `reference` losses give a mean and a standard deviation. From then on, each is taken in units of these,
    z, and two sums run: up = max(0, up + z - delta) and down = max(0, down - z - delta). Where `up` passes `limit`
    it is an alarm. Where `down` does, the learner has become better, which is no drift, but the old measure no longer
    fits. After either a new reference is taken.

    The sums are those of the two-sided Page-Hinkley test with a known mean. With independent normal losses, one delta
    of 0.5 and a limit of 8 stay silent for some 19,000 losses in the mean (Siegmund 1985, eq. 2.56) if the reference is
    exact. One of 50 losses is not: one run in nine has raised a false alarm after 400 losses (one in four, if the
    reference has 20), measured on 60 runs.

    Args:
        reference: losses that make a reference.
        delta: change that is not worth an alarm [standard deviations].
        limit: sum at which it is one [standard deviations].
    """

    def __init__(self, *, reference: int = 50, delta: float = 0.5, limit: float = 8.0) -> None:
        if reference < 2 or delta < 0 or limit <= 0:
            raise ValueError(f"reference {reference}, delta {delta}, limit {limit}: expected >= 2, >= 0 and > 0")
        self.reference, self.delta, self.limit = reference, delta, limit
        self._begin()

    def hear(self, loss: float) -> bool:
        """Take in a loss; true if it raises the alarm. One that is not finite is not heard: it would drown the rest."""
        if not math.isfinite(loss):
            return False
        if self._heard < self.reference:
            self._heard += 1  # Welford's running mean and sum of squares
            step = loss - self._mean
            self._mean += step / self._heard
            self._squares += step * (loss - self._mean)
            return False
        spread = math.sqrt(self._squares / (self.reference - 1)) or 1e-12  # equal losses: any change is a large one
        z = (loss - self._mean) / spread
        self._up, self._down = max(0.0, self._up + z - self.delta), max(0.0, self._down - z - self.delta)
        raised = self._up > self.limit
        if raised or self._down > self.limit:
            self._begin()
        return raised

    def _begin(self) -> None:
        self._heard, self._mean, self._squares = 0, 0.0, 0.0
        self._up = self._down = 0.0
