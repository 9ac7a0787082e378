"""Updates and labels of a learner by any step of a finished run, as far as its log's totals tell how they came."""

from itertools import accumulate

from agent.past import PastRun


class Counts:
    """Who learned from every block that brought answers, or from none, had so many by each; of others nobody knows.

    Args:
        past: the run.
        last_step: the last control step that it lived.
    """

    def __init__(self, past: PastRun, last_step: int) -> None:
        place = past.place
        self._every, self._costs = place.learn_every, past.log.costs
        came = [len(steps) for steps in place.stream().arrivals()]
        self._first = place.commissioning_steps // self._every  # the first block from which learners learn
        self._labels = [0, *accumulate(came)]
        self._updates = [0, *accumulate(int(n >= self._first and count > 0) for n, count in enumerate(came))]
        self._last = self._block(last_step + 1)

    def until(self, step: int, learner: str) -> tuple[int | None, int | None]:
        """Updates made and labels received by a control step, those of commissioning included; None for not known."""
        cost, block = self._costs.get(learner, {}), self._block(step)
        return (
            self._so_far(self._updates, block, cost.get("updates")),
            self._so_far(self._labels, block, cost.get("labels")),
        )

    def _block(self, step: int) -> int:
        """Blocks that had ended by a step."""
        return min(step // self._every, len(self._labels) - 1)

    def _so_far(self, counted: list[int], block: int, total: float | None) -> int | None:
        """What was counted by a block, if the total is that of the whole life, or of commissioning alone."""
        if total not in (counted[self._last], counted[self._first]):
            return None
        return min(counted[block], int(total))
